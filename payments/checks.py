"""What must be true of the money rows and of the provider's own figures; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from ledger.checks import Check, Difference, register_check

#: The balances of one kind of live account, by owner.
_ACCOUNTS = "SELECT owner, currency, balance FROM ledger_account WHERE kind = '{kind}'"

#: {name: (rows that say what the accounts should hold, kind of account)}; owners without rows should hold nothing.
_BALANCES = {
    "payments.holdings_equal_held": (
        "SELECT holder AS owner, currency, sum(gross_left + vat_left) AS due FROM payments_holding GROUP BY 1, 2",
        "held",
    ),
    "payments.holdings_equal_held_fee": (
        "SELECT holder AS owner, currency, sum(fee_left + fee_vat_left) AS due FROM payments_holding GROUP BY 1, 2",
        "held_fee",
    ),
    "payments.frozen_parts_equal_frozen": (
        """SELECT "case" AS owner, currency, sum(gross + vat + client_fee + client_fee_vat) AS due
           FROM (SELECT "case", currency, gross, vat, client_fee, client_fee_vat
                 FROM payments_frozenpart WHERE closed_at IS NULL
                 UNION ALL SELECT "case", currency, frozen, 0, 0, 0
                 FROM payments_frozenrelease WHERE closed_at IS NULL) AS parts GROUP BY 1, 2""",
        "frozen",
    ),
    "payments.unmatured_releases_equal_pending": (
        """SELECT 'party:' || payee_id AS owner, currency, sum(remaining) AS due FROM payments_release
           WHERE matured_at IS NULL GROUP BY 1, 2""",
        "pending",
    ),
    "payments.refunds_under_way_equal_refunding": (
        """SELECT 'move:' || m.id AS owner, r.currency, r.amount AS due
           FROM payments_refund r JOIN payments_moneymove m ON m.verb = 'refund' AND m.source = 'refund-' || r.id
           WHERE r.status = 'reserved' AND m.status NOT IN ('confirmed', 'denied')
           UNION ALL SELECT 'move:' || m.id, c.currency, c.amount
           FROM payments_operatorcash c JOIN payments_moneymove m ON m.verb = 'cashout' AND m.source = 'cash-' || c.id
           WHERE c.kind = 'credit' AND c.status = 'planned'""",
        "refunding",
    ),
    "payments.credits_equal_credit": (
        "SELECT 'party:' || party_id AS owner, currency, sum(\"left\") AS due FROM payments_credit GROUP BY 1, 2",
        "credit",
    ),
    # What payees owe: what they lacked when money was given back or lost at the bank, less what they repaid.
    "payments.debts_equal_receivable": (
        """SELECT 'party:' || party_id AS owner, currency, -sum(amount) AS due FROM (
               SELECT r.payee_id AS party_id, r.currency, b.owed AS amount
               FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
               UNION ALL SELECT payee_id, currency, missing FROM payments_frozenrelease WHERE is_lost
               UNION ALL SELECT party_id, currency, -amount FROM payments_repayment) AS debts
           GROUP BY 1, 2""",
        "receivable",
    ),
    "payments.withdrawals_under_way_equal_transit": (
        """SELECT 'withdrawal:' || id AS owner, currency, amount AS due FROM payments_withdrawal
           WHERE status IN ('reserved', 'sent', 'reconciling')""",
        "transit",
    ),
    "payments.transfers_less_payouts_equal_connected": (
        """SELECT 'party:' || party_id AS owner, currency, -sum(amount) AS due FROM (
               SELECT party_id, currency, amount FROM payments_providertransfer WHERE status = 'confirmed'
               UNION ALL SELECT party_id, currency, -amount FROM payments_transferreversal WHERE status = 'confirmed'
               UNION ALL SELECT party_id, currency, -amount FROM payments_withdrawal WHERE status = 'paid') AS moved
           GROUP BY 1, 2""",
        "connected",
    ),
}

#: Each finds rows of (subject, message).
_RULES = {
    # What a charge brought in is somewhere: still held, frozen, released or on its way back, to the cent, each part of
    # it by itself.
    "payments.charges_are_accounted_for": """
        SELECT 'charge ' || c.id, format('%%s + %%s for the work and %%s + %%s for the fee came in, %%s + %%s and '
                                         '%%s + %%s are accounted for', c.gross, c.vat, c.client_fee, c.client_fee_vat,
                                         sum(p.gross), sum(p.vat), sum(p.fee), sum(p.fee_vat))
        FROM payments_charge c JOIN (
            SELECT charge_id, gross_left AS gross, vat_left AS vat, fee_left AS fee, fee_vat_left AS fee_vat
            FROM payments_holding
            UNION ALL SELECT charge_id, gross, vat, client_fee, client_fee_vat FROM payments_release
            UNION ALL SELECT charge_id, gross, vat, client_fee, client_fee_vat FROM payments_refund
            WHERE status <> 'dropped'
            UNION ALL SELECT charge_id, gross, vat, client_fee, client_fee_vat FROM payments_frozenpart
            WHERE (closed_at IS NULL OR is_lost) AND NOT starts_with(taken_from, 'credit:') -- its refund counts
            UNION ALL SELECT r.charge_id, -b.gross, -b.vat, -b.client_fee, -b.client_fee_vat
            FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
        ) AS p ON p.charge_id = c.id
        GROUP BY c.id
        HAVING sum(p.gross) <> c.gross OR sum(p.vat) <> c.vat OR sum(p.fee) <> c.client_fee
            OR sum(p.fee_vat) <> c.client_fee_vat OR c.status <> 'confirmed'""",
    # The same of what was paid from credit, some of which may be credit again.
    "payments.credit_payments_are_accounted_for": """
        SELECT 'payment from credit ' || c.id, format('%%s was paid, %%s is accounted for', c.amount,
                                                      coalesce(sum(p.gross + p.vat + p.fee + p.fee_vat), 0))
        FROM payments_creditpayment c LEFT JOIN (
            SELECT credit_payment_id AS id, gross_left AS gross, vat_left AS vat, fee_left AS fee,
                   fee_vat_left AS fee_vat
            FROM payments_holding
            UNION ALL SELECT credit_payment_id, gross, vat, client_fee, client_fee_vat FROM payments_release
            UNION ALL SELECT payment_id, gross, vat, client_fee, client_fee_vat FROM payments_credit
            UNION ALL SELECT credit_payment_id, gross, vat, client_fee, client_fee_vat FROM payments_frozenpart
            WHERE closed_at IS NULL
            UNION ALL SELECT r.credit_payment_id, -b.gross, -b.vat, -b.client_fee, -b.client_fee_vat
            FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
        ) AS p ON p.id = c.id
        GROUP BY c.id
        HAVING coalesce(sum(p.gross), 0) <> c.gross OR coalesce(sum(p.vat), 0) <> c.vat
            OR coalesce(sum(p.fee), 0) <> c.client_fee OR coalesce(sum(p.fee_vat), 0) <> c.client_fee_vat""",
    # Each credit is left, was used or is a chargeback's, and each use took just what it says; no refused refund is
    # forgotten.
    "payments.credits_are_used_once": """
        SELECT 'credit ' || c.id, format('%%s came in, %%s is left and %%s was used', c.amount, c."left",
                                         coalesce(sum(u.amount), 0))
        FROM payments_credit c LEFT JOIN (
            SELECT credit_id, amount FROM payments_credituse
            UNION ALL SELECT split_part(taken_from, ':', 2)::bigint, gross + vat + client_fee + client_fee_vat
            FROM payments_frozenpart
            WHERE (closed_at IS NULL OR is_lost) AND starts_with(taken_from, 'credit:')
        ) AS u ON u.credit_id = c.id
        GROUP BY c.id HAVING c.amount <> c."left" + coalesce(sum(u.amount), 0)
        UNION ALL
        SELECT e.name, format('it is of %%s, but took %%s of credit', e.amount, e.used) FROM (
            SELECT 'payment from credit ' || p.id AS name, p.amount, coalesce(sum(u.amount), 0) AS used
            FROM payments_creditpayment p LEFT JOIN payments_credituse u ON u.payment_id = p.id GROUP BY p.id
            UNION ALL SELECT 'refund ' || r.id, r.credit, coalesce(sum(u.amount), 0)
            FROM payments_refund r LEFT JOIN payments_credituse u ON u.refund_id = r.id GROUP BY r.id
            UNION ALL SELECT 'cash ' || o.id, o.amount, coalesce(sum(u.amount), 0)
            FROM payments_operatorcash o LEFT JOIN payments_credituse u ON u.cash_id = o.id
            WHERE o.kind = 'credit' GROUP BY o.id
        ) AS e WHERE e.amount <> e.used
        UNION ALL
        SELECT 'refund ' || r.id, format('%%s, but its credit is %%s', r.status, coalesce(c.amount::text, 'missing'))
        FROM payments_refund r LEFT JOIN payments_credit c ON c.refund_id = r.id
        WHERE (r.status = 'denied') <> (c.id IS NOT NULL) OR c.amount <> r.amount""",
    # What a payee holds of a release is its net less what was given back, is frozen, was lost or repaid a debt.
    "payments.releases_remain_or_went_back": """
        SELECT 'release ' || r.id, format('the net was %%s, %%s remains and %%s went back', r.net, r.remaining,
                                          coalesce(sum(p.net), 0))
        FROM payments_release r LEFT JOIN (
            SELECT release_id, net, gross, fee, client_fee FROM payments_giveback
            UNION ALL SELECT release_id, from_remaining, gross, fee, client_fee FROM payments_frozenrelease
            WHERE closed_at IS NULL OR is_lost
            UNION ALL SELECT release_id, from_remaining, 0, 0, 0 FROM payments_repayment
        ) AS p ON p.release_id = r.id
        GROUP BY r.id
        HAVING r.net <> r.remaining + coalesce(sum(p.net), 0) OR coalesce(sum(p.gross), 0) > r.gross
            OR coalesce(sum(p.fee), 0) > r.fee OR coalesce(sum(p.client_fee), 0) > r.client_fee""",
    # What the banks keep back is what the running chargebacks say.
    "payments.withheld_equals_chargebacks": """
        SELECT 'withheld', format('%%s is in question, the books say %%s', asked, booked) FROM (
            SELECT (SELECT coalesce(sum(amount), 0) FROM payments_chargeback WHERE settled_at IS NULL) AS asked,
                   (SELECT -coalesce(sum(e.amount), 0) FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                    WHERE a.kind = 'withheld') AS booked) AS sums
        WHERE asked <> booked""",
    # Every cent of a chargeback has somebody who answers for it: frozen, missing, or nobody, and then it says so.
    "payments.chargebacks_are_answered_for": """
        SELECT 'chargeback ' || c.id, format('%%s is in question, %%s is answered for, %%s not; %%s or %%s is missing',
                                             c.amount, coalesce(sum(p.amount), 0), c.uncovered, c.missing,
                                             coalesce(sum(p.missing), 0))
        FROM payments_chargeback c LEFT JOIN (
            SELECT "case", gross + vat + client_fee + client_fee_vat AS amount, 0 AS missing FROM payments_frozenpart
            UNION ALL SELECT "case", gross + vat + client_fee + client_fee_vat, missing FROM payments_frozenrelease
        ) AS p ON p."case" = 'chargeback:' || c.id
        GROUP BY c.id
        HAVING c.amount <> coalesce(sum(p.amount), 0) + c.uncovered OR c.missing <> coalesce(sum(p.missing), 0)""",
    # What chargebacks cost the operator: the provider's fees, and what was lost and nobody answered for.
    "payments.chargeback_costs_equal_expense": """
        SELECT 'exp:chargeback', format('the rows say %%s, the books %%s', cost, booked) FROM (
            SELECT (SELECT coalesce(sum(b.fee + CASE WHEN b.status = 'lost' AND EXISTS (
                               SELECT FROM payments_holding h WHERE h.charge_id = b.charge_id)
                           THEN b.uncovered ELSE 0 END), 0) FROM payments_chargeback b) AS cost,
                   (SELECT -coalesce(sum(e.amount), 0) FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                    WHERE a.kind = 'exp:chargeback') AS booked) AS sums
        WHERE cost <> booked""",
    "payments.give_backs_reach_the_client": """
        SELECT 'give-back ' || b.id, format('%%s went back, its refund or credit is of %%s',
                                            b.gross + b.vat + b.client_fee + b.client_fee_vat,
                                            coalesce(r.amount, c.amount))
        FROM payments_giveback b LEFT JOIN payments_refund r ON r.id = b.refund_id
        LEFT JOIN payments_credit c ON c.id = b.credit_id
        WHERE b.gross + b.vat + b.client_fee + b.client_fee_vat <> coalesce(r.amount, c.amount)""",
    "payments.reversals_fit_their_transfer": """
        SELECT 'transfer ' || t.id, format('%%s was transferred, %%s is taken back', t.amount, sum(v.amount))
        FROM payments_providertransfer t JOIN payments_transferreversal v ON v.transfer_id = t.id
        WHERE v.status <> 'dropped'
        GROUP BY t.id HAVING sum(v.amount) > t.amount OR bool_or(v.status IN ('confirmed', 'denied')
                                                                 AND t.status <> 'confirmed')""",
    # What a payee may withdraw is on the own account, on its way there, or still to be transferred: otherwise it would
    # wait there for ever. What is on its way to the bank, or taken back, is neither.
    "payments.available_money_arrives": """
        SELECT 'party ' || owner, format('%%s is available, %%s is or will be on the own account', sum(available),
                                         sum(arrives))
        FROM (
            SELECT substr(owner, 7)::bigint AS owner, balance AS available, 0 AS arrives
            FROM ledger_account WHERE kind = 'available'
            UNION ALL SELECT substr(owner, 7)::bigint, 0, -balance FROM ledger_account WHERE kind = 'connected'
            UNION ALL SELECT party_id, 0, -amount FROM payments_withdrawal
            WHERE status IN ('reserved', 'sent', 'reconciling')
            UNION ALL SELECT party_id, 0, amount FROM payments_providertransfer WHERE status = 'planned'
            UNION ALL SELECT party_id, 0, -amount FROM payments_transferreversal WHERE status IN ('planned', 'denied')
            UNION ALL SELECT r.payee_id, 0, greatest(r.remaining - coalesce(sent.amount, 0), 0)
            FROM payments_release r LEFT JOIN (
                SELECT t.release_id, sum(t.amount - coalesce(back.amount, 0)) AS amount
                FROM payments_providertransfer t LEFT JOIN (
                    SELECT transfer_id, sum(amount) AS amount FROM payments_transferreversal
                    WHERE status <> 'dropped' GROUP BY transfer_id
                ) AS back ON back.transfer_id = t.id
                WHERE t.status <> 'denied' GROUP BY t.release_id
            ) AS sent ON sent.release_id = r.id
            WHERE r.matured_at IS NOT NULL AND ( -- a rest follows the answer to what is under way, or was refused
                sent.release_id IS NULL OR EXISTS (
                    SELECT FROM payments_providertransfer t WHERE t.release_id = r.id AND t.status <> 'confirmed'))
        ) AS sums
        GROUP BY owner HAVING sum(available) > sum(arrives)""",
    "payments.operator_equals_cash": """
        SELECT 'operator', format('the rows say %%s, the books %%s', rows, booked) FROM (
            SELECT (SELECT coalesce(sum(CASE kind WHEN 'topup' THEN amount ELSE -amount END), 0)
                    FROM payments_operatorcash WHERE kind <> 'credit' AND status = 'confirmed') AS rows,
                   (SELECT coalesce(sum(e.amount), 0) FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                    WHERE a.kind = 'operator') AS booked) AS cash
        WHERE rows <> booked""",
    # The VAT of a charge is its rate of what it is on, rounded half up once.
    "payments.vat_follows_its_rate": """
        SELECT 'charge ' || id, format('%%s on %%s at %%s, %%s on %%s at %%s', vat, gross, vat_bps,
                                       client_fee_vat, client_fee, fee_vat_bps)
        FROM payments_charge
        WHERE vat <> (gross * vat_bps * 2 + 10000) / 20000
           OR client_fee_vat <> (client_fee * fee_vat_bps * 2 + 10000) / 20000""",
    # What was taken back counts from when it was planned, what a payee lacked of it is the operator's loss for now.
    "payments.refunds_and_transfers_fit_their_charge": """
        SELECT 'charge ' || c.id, format('%%s was charged, %%s went back or on', c.amount, sum(p.amount))
        FROM payments_charge c JOIN (
            SELECT charge_id, amount FROM payments_refund WHERE status NOT IN ('denied', 'dropped')
            UNION ALL SELECT r.charge_id, t.amount
            FROM payments_providertransfer t JOIN payments_release r ON r.id = t.release_id WHERE t.status <> 'denied'
            UNION ALL SELECT r.charge_id, -v.amount
            FROM payments_transferreversal v JOIN payments_providertransfer t ON t.id = v.transfer_id
            JOIN payments_release r ON r.id = t.release_id WHERE v.status <> 'dropped'
            UNION ALL SELECT r.charge_id, -b.owed
            FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
        ) AS p ON p.charge_id = c.id
        GROUP BY c.id HAVING sum(p.amount) > c.amount""",
    "payments.fees_equal_revenue": """
        SELECT kind, format('releases took %%s, the books say %%s', taken, booked) FROM (
            SELECT a.kind, coalesce(sum(e.amount), 0) AS booked,
                   CASE a.kind WHEN 'rev:service' THEN (SELECT coalesce(sum(fee), 0) FROM payments_release)
                                             - (SELECT coalesce(sum(fee), 0) FROM payments_giveback)
                                             - (SELECT coalesce(sum(fee), 0) FROM payments_frozenrelease WHERE is_lost)
                   ELSE (SELECT coalesce(sum(client_fee), 0) FROM payments_release)
                        - (SELECT coalesce(sum(client_fee), 0) FROM payments_giveback)
                        - (SELECT coalesce(sum(client_fee), 0) FROM payments_frozenrelease WHERE is_lost) END AS taken
            FROM ledger_account a LEFT JOIN ledger_entry e ON e.account_id = a.id
            WHERE a.kind IN ('rev:service', 'rev:client_fee') GROUP BY a.kind) AS fees
        WHERE booked <> taken""",
    # What the operator owes the state: the VAT of the fees that releases took, and of what it sold itself (a confirmed
    # charge that was never held for anybody). The freelancers' own VAT is theirs, and never on this account.
    "payments.tax_equals_rows": """
        SELECT 'tax:payable', format('the rows say %%s, the books say %%s', taken, booked) FROM (
            SELECT (SELECT coalesce(sum(fee_vat + client_fee_vat), 0) FROM payments_release)
                 - (SELECT coalesce(sum(fee_vat + client_fee_vat), 0) FROM payments_giveback)
                 - (SELECT coalesce(sum(fee_vat + client_fee_vat), 0) FROM payments_frozenrelease WHERE is_lost)
                 - (SELECT coalesce(sum(sale_vat), 0) FROM payments_chargeback WHERE status = 'lost')
                 + (SELECT coalesce(sum(c.vat), 0) FROM payments_charge c WHERE c.status = 'confirmed'
                    AND NOT EXISTS (SELECT FROM payments_holding h WHERE h.charge_id = c.id)) AS taken,
                   (SELECT coalesce(sum(e.amount), 0) FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                    WHERE a.name = 'tax:payable') AS booked) AS tax
        WHERE booked <> taken""",
    "payments.confirmed_moves_are_posted_once": """
        SELECT m.key, format('%%s, but its transfer is %%s', m.status,
                             CASE WHEN t.id IS NULL THEN 'missing' ELSE 'there' END)
        FROM payments_moneymove m
        LEFT JOIN ledger_transfer t ON t.key = CASE m.verb
            WHEN 'charge' THEN 'charge:' WHEN 'refund' THEN 'refund_paid:' WHEN 'transfer' THEN 'transfer:'
            WHEN 'reversal' THEN 'transfer_reversed:' WHEN 'topup' THEN 'cash:' WHEN 'cashout' THEN 'cash:'
            ELSE 'withdrawal_paid:' END || split_part(m.source, '-', 2)
        WHERE m.verb <> 'cancel' AND (m.status = 'confirmed') <> (t.id IS NOT NULL)
          AND NOT EXISTS (SELECT FROM payments_moneymove later
                          WHERE later.verb = m.verb AND later.source = m.source AND later.attempt > m.attempt)""",
    "payments.intents_and_moves_agree": """
        SELECT m.key, format('%%s, but its row is %%s', m.status, coalesce(i.status, 'missing'))
        FROM payments_moneymove m
        LEFT JOIN (
            SELECT 'charge' AS verb, 'charge-' || id AS source, status FROM payments_charge
            UNION ALL SELECT 'refund', 'refund-' || id, status FROM payments_refund
            UNION ALL SELECT 'transfer', 'transfer-' || id, status FROM payments_providertransfer
            UNION ALL SELECT 'payout', 'payout-' || id, status FROM payments_withdrawal
            UNION ALL SELECT 'reversal', 'reversal-' || id, status FROM payments_transferreversal
            UNION ALL SELECT CASE kind WHEN 'topup' THEN 'topup' ELSE 'cashout' END, 'cash-' || id, status
            FROM payments_operatorcash
        ) AS i ON i.verb = m.verb AND i.source = m.source
        WHERE m.verb <> 'cancel'
          AND NOT EXISTS (SELECT FROM payments_moneymove later
                          WHERE later.verb = m.verb AND later.source = m.source AND later.attempt > m.attempt)
          AND NOT coalesce(CASE
              WHEN m.status = 'confirmed' THEN i.status IN ('confirmed', 'paid', 'returned')
                  OR m.verb = 'refund' AND i.status = 'dropped' AND EXISTS (SELECT FROM ledger_transfer t
                      WHERE t.key = 'refund_charged_back:' || split_part(m.source, '-', 2))
                  OR i.status = 'denied' AND EXISTS (SELECT FROM ledger_transfer t WHERE t.key = CASE m.verb
                      WHEN 'refund' THEN 'refund_returned:' WHEN 'topup' THEN 'cash_returned:'
                      WHEN 'cashout' THEN 'cash_returned:' END || split_part(m.source, '-', 2))
              WHEN m.status = 'denied' THEN i.status IN ('denied', 'returned', 'cancelled', 'dropped')
              ELSE i.status IN ('planned', 'waiting', 'reserved', 'sent', 'reconciling') END, false)""",
    "payments.invoices_have_no_gaps": """
        SELECT s.issuer || ' ' || s.year, format('%%s numbers were given, %%s documents are there up to %%s',
                                                 s.last, count(i.id), max(i.sequence))
        FROM payments_invoiceseries s LEFT JOIN payments_invoice i ON i.issuer = s.issuer AND i.year = s.year
        GROUP BY s.id HAVING count(i.id) <> s.last OR coalesce(max(i.sequence), 0) <> s.last""",
    "payments.invoices_equal_releases": """
        SELECT 'invoice ' || i.number, format('it says %%s + %%s', i.net, i.vat)
        FROM payments_invoice i JOIN payments_release r ON r.id = i.release_id
        WHERE i.credits_id IS NULL AND (i.net, i.vat) <> (
            CASE i.kind WHEN 'work' THEN r.gross WHEN 'client_fee' THEN r.client_fee ELSE r.fee END,
            CASE i.kind WHEN 'work' THEN r.vat WHEN 'client_fee' THEN r.client_fee_vat ELSE r.fee_vat END)""",
    "payments.credit_notes_fit_their_invoice": """
        SELECT 'invoice ' || i.number, format('%%s + %%s, credited %%s + %%s', i.net, i.vat, sum(n.net), sum(n.vat))
        FROM payments_invoice i JOIN payments_invoice n ON n.credits_id = i.id
        GROUP BY i.id HAVING sum(n.net) > i.net OR sum(n.vat) > i.vat""",
    # Once the news of a give-back was heard, each invoice of its release has a credit note for its part of it.
    "payments.give_backs_are_credited": """
        SELECT 'give-back ' || b.id, format('invoice %%s has no credit note for it', i.number)
        FROM payments_giveback b
        JOIN events_event e ON e.subject = 'give_back:' || b.id AND e.kind = 'payments.release_given_back'
        JOIN events_delivery d ON d.event_id = e.id AND d.state = 'done'
            AND d.handler = 'payments.handlers.credit_the_return'
        JOIN payments_invoice i ON i.release_id = b.release_id AND i.credits_id IS NULL
        LEFT JOIN payments_invoice n ON n.credits_id = i.id AND n.source = 'give_back:' || b.id
        WHERE n.id IS NULL AND CASE i.kind WHEN 'work' THEN b.gross + b.vat
            WHEN 'client_fee' THEN b.client_fee + b.client_fee_vat ELSE b.fee + b.fee_vat END > 0""",
    # Once the news of a loss was heard, the operator's invoices of what it lost are credited, and those alone.
    "payments.losses_are_credited": """
        WITH lost AS (
            SELECT c.id, i.id AS invoice, 'chargeback:' || c.id || ':' || f.release_id AS source, i.number,
                   CASE i.kind WHEN 'client_fee' THEN f.client_fee + f.client_fee_vat
                               WHEN 'freelancer_fee' THEN f.fee + f.fee_vat ELSE 0 END AS amount
            FROM payments_chargeback c
            JOIN payments_frozenrelease f ON f.case = 'chargeback:' || c.id AND f.is_lost
            JOIN payments_invoice i ON i.release_id = f.release_id AND i.credits_id IS NULL
            UNION ALL
            SELECT c.id, i.id, 'chargeback:' || c.id, i.number, c.uncovered
            FROM payments_chargeback c
            JOIN payments_invoice i ON i.charge_id = c.charge_id AND i.kind = 'sale' AND i.credits_id IS NULL
            WHERE c.status = 'lost'
        )
        SELECT 'chargeback ' || l.id, format('invoice %%s is credited with %%s of %%s', l.number,
                                             coalesce(n.net + n.vat, 0), l.amount)
        FROM lost l
        JOIN events_event e ON e.subject = 'chargeback:' || l.id AND e.kind = 'payments.chargeback_lost'
        JOIN events_delivery d ON d.event_id = e.id AND d.state = 'done'
            AND d.handler = 'payments.handlers.credit_the_loss'
        LEFT JOIN payments_invoice n ON n.credits_id = l.invoice AND n.source = l.source
        WHERE coalesce(n.net + n.vat, 0) <> l.amount""",
    "payments.keys_have_one_body": """
        SELECT m.key, 'it was sent without its body being stored'
        FROM payments_moneymove m WHERE m.sent_at IS NOT NULL AND m.request_hash = ''""",
    # Our books and the sandbox's own rows, once what is not settled yet is taken into account.
    "payments.gateway_equals_sandbox": """
        WITH ours AS (
            SELECT -coalesce(sum(e.amount), 0) AS amount
            FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id WHERE a.kind = 'gateway'
        ), moved AS (
            SELECT o.move, CASE o.kind WHEN 'payment' THEN (o.data->>'amount')::bigint - (o.data->>'fee')::bigint
                           WHEN 'reversal' THEN (o.data->>'amount')::bigint
                           WHEN 'topup' THEN (o.data->>'amount')::bigint
                           ELSE -(o.data->>'amount')::bigint END AS amount
            FROM payments_sandboxobject o
            WHERE o.kind IN ('payment', 'transfer', 'reversal', 'topup') AND o.data->>'status' = 'succeeded'
               OR o.kind = 'refund' AND o.data->>'status' IN ('succeeded', 'pending')
               OR o.kind = 'cashout' AND o.data->>'status' IN ('paid', 'pending')
            UNION ALL SELECT o.id, CASE o.data->>'status' WHEN 'won' THEN 0 ELSE -(o.data->>'amount')::bigint END
                                   - (o.data->>'fee')::bigint
            FROM payments_sandboxobject o WHERE o.kind = 'dispute' AND o.data->>'status' <> 'expected'
        ), theirs AS (SELECT coalesce(sum(amount), 0) AS amount FROM moved
        ), unsettled AS (
            SELECT coalesce(sum(amount), 0) AS amount FROM (
                SELECT moved.amount FROM moved JOIN payments_moneymove m ON m.id::text = moved.move
                WHERE m.status NOT IN ('confirmed', 'denied')
                UNION ALL SELECT moved.amount + coalesce(CASE b.status WHEN 'won' THEN 0 ELSE b.amount END + b.fee, 0)
                FROM moved JOIN payments_sandboxobject d ON d.id = moved.move AND d.kind = 'dispute'
                LEFT JOIN payments_chargeback b ON b.provider_id = d.id
            ) AS each
        ), undone AS ( -- what came back, and was not heard of yet
            SELECT coalesce(sum(CASE o.kind WHEN 'topup' THEN -1 ELSE 1 END * (o.data->>'amount')::bigint), 0) AS amount
            FROM payments_sandboxobject o JOIN payments_moneymove m ON m.id::text = o.move
            LEFT JOIN payments_refund r ON m.verb = 'refund' AND m.source = 'refund-' || r.id
            LEFT JOIN payments_operatorcash c ON m.verb IN ('topup', 'cashout') AND m.source = 'cash-' || c.id
            WHERE o.data->>'status' = 'failed' AND m.status = 'confirmed'
              AND (r.status = 'confirmed' OR c.status = 'confirmed')
        )
        SELECT 'gateway', format('ours is %%s with %%s not settled yet, the sandbox says %%s', ours.amount,
                                 unsettled.amount + undone.amount, theirs.amount)
        FROM ours, unsettled, undone, theirs WHERE ours.amount + unsettled.amount + undone.amount <> theirs.amount
          AND NOT EXISTS (SELECT FROM payments_moneymove WHERE gateway <> 'sandbox')""",
    "payments.connected_equals_sandbox": """
        SELECT 'party ' || g.party_id, format('ours is %%s with %%s not settled yet, the sandbox says %%s',
            -coalesce(a.balance, 0), coalesce(u.amount, 0), o.data->>'balance')
        FROM payments_gatewayaccount g
        JOIN payments_sandboxobject o ON o.id = g.provider_id
        LEFT JOIN ledger_account a ON a.kind = 'connected' AND a.owner = 'party:' || g.party_id
        LEFT JOIN (
            SELECT x.data->>'account' AS account, sum((x.data->>'amount')::bigint * CASE
                WHEN x.kind = 'transfer' THEN CASE WHEN m.status IN ('confirmed', 'denied') THEN 0 ELSE 1 END
                WHEN x.kind = 'reversal' THEN CASE WHEN m.status IN ('confirmed', 'denied') THEN 0 ELSE -1 END
                WHEN w.status = 'paid' THEN CASE x.data->>'status' WHEN 'failed' THEN 1 ELSE 0 END
                WHEN w.status IN ('returned', 'cancelled') THEN CASE x.data->>'status' WHEN 'failed' THEN 0 ELSE -1 END
                ELSE CASE x.data->>'status' WHEN 'failed' THEN 0 ELSE -1 END END) AS amount
            FROM payments_sandboxobject x
            JOIN payments_moneymove m ON m.id::text = x.move
            LEFT JOIN payments_withdrawal w ON m.verb = 'payout' AND m.source = 'payout-' || w.id
            WHERE x.kind IN ('transfer', 'reversal', 'payout') GROUP BY 1
        ) AS u ON u.account = o.id
        WHERE -coalesce(a.balance, 0) + coalesce(u.amount, 0) <> (o.data->>'balance')::bigint""",
}


def _balance_rule(name: str) -> Check:
    due, kind = _BALANCES[name]
    sql = f"""
        SELECT coalesce(d.owner, a.owner), coalesce(d.due, 0), coalesce(a.balance, 0)
        FROM ({due}) AS d
        FULL JOIN ({_ACCOUNTS.format(kind=kind)}) AS a ON a.owner = d.owner AND a.currency = d.currency
        WHERE coalesce(d.due, 0) <> coalesce(a.balance, 0) ORDER BY 1"""  # noqa: S608  (both are constants above)

    def look() -> Iterator[Difference]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            for owner, rows, booked in cursor.fetchall():
                yield Difference(name, f"{kind}:{owner}", f"the rows say {rows}, the ledger {booked}")

    return look


def _rule(name: str) -> Check:
    def look() -> Iterator[Difference]:
        with connection.cursor() as cursor:
            cursor.execute(_RULES[name], [])
            for subject, message in cursor.fetchall():
                yield Difference(name, subject, message)

    return look


def register_own() -> None:
    """Register the checks of this app."""
    for name in _BALANCES:
        register_check(name, _balance_rule(name))
    for name in _RULES:
        register_check(name, _rule(name))
