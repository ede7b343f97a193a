"""Reconciliation: our moves, charges, accounts and books beside what the provider lists, and how they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min, Q, QuerySet, Sum

from core.product import rules
from events.models import Event
from events.queries import history_of
from ledger.queries import balance
from payments.gateway import ProviderBalances, ProviderRecord
from payments.models import (
    Charge,
    Chargeback,
    Difference,
    GatewayAccount,
    MoneyMove,
    OperatorCash,
    Refund,
    WebhookEvent,
    Withdrawal,
)
from payments.queries.explanations import Explained, explain

Kind, Status, Verb = Difference.Kind, MoneyMove.Status, MoneyMove.Verb
#: What the provider is asked to list.
LISTED = ("charge", "refund", "transfer", "reversal", "payout", "topup", "cashout", "dispute")
#: States of a dispute in which it has taken money, now or once.
DISPUTED = frozenset({"needs_response", "under_review", "won", "lost"})
#: How long after the time for it an answer may still come; a clock that has stopped is found by what it leaves.
GRACE = timedelta(minutes=10)


#: Kinds that compare sums instead of objects.
SUMS = frozenset({Kind.PLATFORM_BALANCE, Kind.ACCOUNT_BALANCE, Kind.WITHHELD, Kind.EQUATION})


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference as it is now; `subject` names it as long as it lasts. Amounts are in minor units."""

    kind: str
    subject: str
    verb: str = ""
    move_id: int | None = None
    provider_id: str = ""
    ours: str = ""
    theirs: str = ""
    our_amount: int | None = None
    their_amount: int | None = None
    currency: str = ""
    made_at: datetime | None = None

    @property
    def core(self) -> tuple[object, ...]:
        """Return what stays the same while a difference lasts: of a sum, which moves all day, how far it is off."""
        return core_of(self)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider says: its objects made since a moment, its balances, and the accounts that it was asked about.

    `balances` is None where they could not be read at rest.
    """

    gateway: str
    since: datetime
    at: datetime
    records: Sequence[ProviderRecord]
    balances: ProviderBalances | None
    accounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OurMove:
    """A move as our books have it: `state` is in the gateway's words, `fee` the provider's fee of a charge."""

    move: MoneyMove
    state: str
    fee: int | None = None

    @property
    def account(self) -> str:
        """Return the party's own account that it was for; empty for most verbs."""
        return str(self.move.body.get("account") or "")

    @property
    def parent(self) -> str:
        """Return the payment of a refund, the transfer of a reversal; empty for the others."""
        name = {Verb.REFUND: "payment", Verb.REVERSAL: "transfer"}.get(Verb(self.move.verb), "")
        return str(self.move.body.get(name) or "")

    @property
    def is_open(self) -> bool:
        """Test whether the books wait for its answer."""
        return self.state == "waiting"


def core_of(row: Finding | Difference) -> tuple[object, ...]:
    """Return the core of a finding, or of the row that it was kept in."""
    if row.kind in SUMS:
        return row.kind, row.subject, (row.our_amount or 0) - (row.their_amount or 0)
    amounts = row.our_amount, row.their_amount
    return row.kind, row.subject, row.move_id, row.provider_id, row.ours, row.theirs, *amounts, row.currency


def accounts_of(gateway: str) -> dict[str, int]:
    """Return the parties by their own accounts at a provider."""
    rows = GatewayAccount.objects.filter(gateway=gateway)
    return {account: party for account, party in rows.values_list("provider_id", "party_id") if account}


def oldest_open(gateway: str) -> datetime | None:
    """Return since when something waits for the provider's or the bank's answer, for which its lists must reach.

    A chargeback that was found to differ while it ran stays in sight until it is put right or explained.
    """
    waiting = MoneyMove.objects.filter(gateway=gateway, sent_at__isnull=False).exclude(status__in=MoneyMove.FINAL)
    payouts = MoneyMove.objects.filter(gateway=gateway, verb=Verb.PAYOUT, source__in=_open_withdrawals())
    sent = (waiting | payouts).aggregate(first=Min("sent_at"))["first"]
    running = Chargeback.objects.filter(gateway=gateway, status__in=Chargeback.RUNNING)
    contested = running.aggregate(first=Min("contested_at"))["first"]
    differing = Difference.objects.filter(gateway=gateway, kind=Kind.DISPUTE_DIFFERS, status__in=Difference.UNEXPLAINED)
    made = differing.aggregate(first=Min("made_at"))["first"]
    return min((each for each in (sent, contested, made) if each is not None), default=None)


def rest_mark(gateway: str) -> tuple[object, ...]:
    """Return what stays the same as long as no call is made and no answer is booked."""
    moves = MoneyMove.objects.filter(gateway=gateway)
    totals = moves.aggregate(tries=Sum("tries"))
    final = moves.filter(status__in=MoneyMove.FINAL).count()
    currency = rules().currency
    hot = balance("gateway", currency), balance("withheld", currency)
    return totals["tries"], final, hot, Withdrawal.objects.filter(status__in=Withdrawal.OPEN).count()


def find_differences(listing: Listing) -> list[Finding]:
    """Return every difference between our rows and a provider's, each once."""
    moves = _moves(listing)
    matched, found = _match(moves, listing)
    for each in moves.values():
        found.extend(_about_move(each, matched.get(each.move.pk, []), listing))
    found.extend(_over_parents(moves.values(), listing))
    found.extend(_about_disputes(listing))
    if listing.balances is not None:
        found.extend(_about_balances(listing.balances, moves, matched, listing))
    found.extend(_about_equation())
    return sorted({(each.kind, each.subject): each for each in found}.values(), key=str)


# Our side


def _open_withdrawals() -> list[str]:
    rows = Withdrawal.objects.filter(status__in=Withdrawal.OPEN)
    return [f"payout-{pk}" for pk in rows.values_list("pk", flat=True)]


def _moves(listing: Listing) -> dict[int, OurMove]:
    """Return the moves that were sent in the time of the listing, that wait, or that its objects name."""
    named = {record.move_id for record in listing.records if record.move_id and record.move_id < 2**62}
    ids = [record.provider_id for record in listing.records]
    rows = MoneyMove.objects.filter(gateway=listing.gateway).exclude(verb=Verb.CANCEL)
    chosen = rows.filter(
        Q(sent_at__gte=listing.since) | ~Q(status__in=MoneyMove.FINAL) | Q(pk__in=named) | Q(provider_id__in=ids)
    )
    moves = {move.pk: move for move in chosen}
    charges = Charge.objects.filter(pk__in=[each.intent_id for each in moves.values() if each.verb == Verb.CHARGE])
    fees = dict(charges.values_list("pk", "provider_fee"))
    payouts = Withdrawal.objects.filter(pk__in=[each.intent_id for each in moves.values() if each.verb == Verb.PAYOUT])
    withdrawals = dict(payouts.values_list("pk", "status"))
    undone = _undone(moves.values())
    return {
        pk: OurMove(
            move,
            state="denied" if pk in undone else _state(move, withdrawals.get(move.intent_id, "")),
            fee=fees.get(move.intent_id) if move.verb == Verb.CHARGE else None,
        )
        for pk, move in moves.items()
    }


def _undone(moves: Iterable[MoneyMove]) -> set[int]:
    """Return the moves that were confirmed and that the bank has taken back since, which the books know."""
    final = [move for move in moves if move.status == Status.CONFIRMED]
    refunds = {move.intent_id: move.pk for move in final if move.verb == Verb.REFUND}
    cash = {move.intent_id: move.pk for move in final if move.verb in {Verb.TOPUP, Verb.CASHOUT}}
    gone = {Refund.Status.DENIED, Refund.Status.DROPPED}
    returned = Refund.objects.filter(pk__in=refunds, status__in=gone).values_list("pk", flat=True)
    reversed_ = OperatorCash.objects.filter(pk__in=cash, status=OperatorCash.Status.DENIED).values_list("pk", flat=True)
    return {refunds[pk] for pk in returned} | {cash[pk] for pk in reversed_}


def _state(move: MoneyMove, withdrawal: str) -> str:
    if move.verb == Verb.PAYOUT and move.is_final:  # the bank may send one back after it was paid
        returned = {Withdrawal.Status.RETURNED, Withdrawal.Status.CANCELLED}
        return "denied" if move.status == Status.DENIED or withdrawal in returned else "confirmed"
    return str(move.status) if move.is_final else "waiting"


# Object by object


def _match(moves: Mapping[int, OurMove], listing: Listing) -> tuple[dict[int, list[ProviderRecord]], list[Finding]]:
    """Return the objects of each move, and those that belong to none."""
    by_object = {each.move.provider_id: each for each in moves.values() if each.move.provider_id}
    matched: dict[int, list[ProviderRecord]] = defaultdict(list)
    stray = []
    for record in listing.records:
        if record.verb == "dispute":
            continue
        named = moves.get(record.move_id) if record.move_id else by_object.get(record.provider_id)
        if named is not None and named.move.verb == record.verb:
            matched[named.move.pk].append(record)
        elif record.state != "denied":
            kind = Kind.ORPHAN if record.move_id is None else Kind.FOREIGN if named is None else Kind.WRONG_VERB
            stray.append(_of_record(kind, record, ours=named.move.verb if named else ""))
    return matched, stray


def _about_move(our: OurMove, records: list[ProviderRecord], listing: Listing) -> Iterator[Finding]:
    move = our.move
    if not records:
        yield from _about_nothing(our, listing)
        return
    own = [record for record in records if record.provider_id == move.provider_id]
    live = [record for record in records if record.state != "denied"]
    main = (own or live or records)[0]
    for other in live:
        if other is not main:
            yield _of_record(Kind.DOUBLE, other, ours=move.provider_id or "")
    if move.status == Status.PLANNED:
        yield _of_move(Kind.NOT_SENT, our, main, ours=move.status, theirs=main.state)
    if move.provider_id and not own:
        yield _of_move(Kind.WRONG_OBJECT, our, main, ours=move.provider_id, theirs=main.provider_id)
    if main.currency != move.currency:
        yield _of_move(Kind.WRONG_CURRENCY, our, main, ours=move.currency, theirs=main.currency)
    elif main.amount != move.amount:
        yield _of_move(Kind.WRONG_AMOUNT, our, main)
    if our.account and main.account != our.account:
        yield _of_move(Kind.WRONG_ACCOUNT, our, main, ours=our.account, theirs=main.account)
    if our.parent and main.parent != our.parent:
        yield _of_move(Kind.WRONG_PARENT, our, main, ours=our.parent, theirs=main.parent)
    yield from _about_state(our, main, listing)
    yield from _about_fee(our, main)


def _about_nothing(our: OurMove, listing: Listing) -> Iterator[Finding]:
    """Look at a move without an object; one that was sent before the listing begins is not judged."""
    move = our.move
    if move.sent_at is None or move.sent_at < listing.since:
        return
    if our.account and listing.balances is not None and our.account not in listing.balances.accounts:
        return  # nothing of it is listed any more, which is a difference of its own
    is_known = our.state == "confirmed" or bool(our.is_open and move.provider_id)
    if is_known and (move.settled_at or move.sent_at) <= listing.at:
        yield _of_move(Kind.MISSING, our, None, ours=our.state)
    elif our.is_open and not move.provider_id and move.status != Status.PLANNED:
        by = move.sent_at + timedelta(hours=rules().unknown_move_hours) + timedelta(hours=1)
        if listing.at > by and move.next_at < listing.at - GRACE:
            yield _of_move(Kind.LOST, our, None, ours=move.status)


def _about_state(our: OurMove, main: ProviderRecord, listing: Listing) -> Iterator[Finding]:
    states = {"ours": our.state, "theirs": main.state}
    match our.state, main.state:
        case "denied", "confirmed":
            yield _of_move(Kind.DENIED_BUT_MOVED, our, main, **states)
        case "confirmed", "denied":
            yield _of_move(Kind.CONFIRMED_BUT_FAILED, our, main, **states)
        case "confirmed", "waiting":
            yield _of_move(Kind.CONFIRMED_TOO_EARLY, our, main, **states)
        case "waiting", "confirmed" | "denied" if our.move.next_at < listing.at - GRACE:
            yield _of_move(Kind.UNSETTLED, our, main, **states)


def _about_fee(our: OurMove, main: ProviderRecord) -> Iterator[Finding]:
    if our.move.verb != Verb.CHARGE or our.state != "confirmed" or main.fee is None or main.fee == our.fee:
        return
    kind = Kind.FEE_MISSING if our.fee is None else Kind.WRONG_FEE
    yield _of_move(kind, our, main, our_amount=our.fee, their_amount=main.fee)


def _over_parents(moves: Iterable[OurMove], listing: Listing) -> Iterator[Finding]:
    """Look whether more went back than came in, by the provider's own objects."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for record in listing.records:
        if record.verb in {"refund", "reversal"} and record.state != "denied":
            sums[record.verb, record.parent] += record.amount
    whole = {each.move.provider_id: each.move for each in moves}
    for (verb, parent), taken in sums.items():
        source = whole.get(parent)
        if source is not None and taken > source.amount:
            kind = Kind.OVER_REFUNDED if verb == "refund" else Kind.OVER_REVERSED
            yield Finding(
                kind,
                f"object:{parent}",
                verb=verb,
                move_id=source.pk,
                provider_id=parent,
                our_amount=source.amount,
                their_amount=taken,
                currency=source.currency,
                made_at=source.sent_at,
            )


def _about_disputes(listing: Listing) -> Iterator[Finding]:
    """Look at the provider's disputes beside our chargebacks; a warning has moved nothing."""
    contested, rows = _contested(listing), _chargebacks(listing)
    news = _in_the_post(contested, rows, listing)
    known = set(
        Charge.objects.filter(provider_id__in=[each.parent for each in contested]).values_list("provider_id", flat=True)
    )
    for record in contested:
        row = rows.pop(record.provider_id, None)
        if record.provider_id in news:
            continue
        if row is not None:
            yield from _about_chargeback(row, record)
            continue
        kind = Kind.DISPUTE_NOT_BOOKED if record.parent in known else Kind.DISPUTE_ORPHAN
        yield _of_record(kind, record, ours="")
    for row in rows.values():
        if row.contested_at >= listing.since and row.created_at <= listing.at:
            yield from _about_chargeback(row, None)


def _contested(listing: Listing) -> list[ProviderRecord]:
    return [each for each in listing.records if each.verb == "dispute" and each.state in DISPUTED]


def _chargebacks(listing: Listing) -> dict[str, Chargeback]:
    return {row.provider_id: row for row in Chargeback.objects.filter(gateway=listing.gateway)}


def _in_the_post(contested: Iterable[ProviderRecord], rows: Mapping[str, Chargeback], listing: Listing) -> set[str]:
    """Return the disputes of which there is news that the books had no time for: it came minutes ago, or comes yet."""
    recent = listing.at - GRACE
    young = {each.provider_id for each in contested if each.created_at > recent and each.provider_id not in rows}
    waiting = WebhookEvent.objects.filter(gateway=listing.gateway, processed_at=None, received_at__gt=recent)
    named = waiting.filter(object_id__in=[each.provider_id for each in contested])
    return young | set(named.values_list("object_id", flat=True))


def _about_chargeback(row: Chargeback, record: ProviderRecord | None) -> Iterator[Finding]:
    """Compare a chargeback with the provider's dispute: its sum, and how the bank decided."""
    ours, theirs = row.status if not row.is_running else "open", ""
    if record is not None:
        theirs = record.state if record.state in {"won", "lost"} else "open"
        if (ours, row.amount, row.currency) == (theirs, record.amount, record.currency):
            return
    yield Finding(
        Kind.DISPUTE_DIFFERS,
        f"object:{row.provider_id}",
        verb="dispute",
        provider_id=row.provider_id,
        ours=ours,
        theirs=theirs,
        our_amount=row.amount,
        their_amount=record.amount if record else None,
        currency=row.currency,
        made_at=row.contested_at,
    )


def _of_move(kind: str, our: OurMove, record: ProviderRecord | None, **more: object) -> Finding:
    facts: dict[str, object] = {
        "our_amount": our.move.amount,
        "their_amount": record.amount if record else None,
        **more,
    }
    return Finding(
        kind,
        f"move:{our.move.pk}",
        verb=our.move.verb,
        move_id=our.move.pk,
        provider_id=record.provider_id if record else our.move.provider_id or "",
        currency=our.move.currency,
        made_at=our.move.sent_at or (record.created_at if record else None),
        **facts,  # type: ignore[arg-type]  # sums and words
    )


def _of_record(kind: str, record: ProviderRecord, *, ours: str) -> Finding:
    return Finding(
        kind,
        f"object:{record.provider_id}",
        verb=record.verb,
        provider_id=record.provider_id,
        ours=ours,
        theirs=record.account or record.parent or record.state,
        their_amount=record.amount,
        currency=record.currency,
        made_at=record.created_at,
    )


# Sums


def _about_balances(
    theirs: ProviderBalances,
    moves: Mapping[int, OurMove],
    matched: Mapping[int, list[ProviderRecord]],
    listing: Listing,
) -> Iterator[Finding]:
    """Compare balances, once what the provider has moved and our books still wait for is counted in."""
    currency = rules().currency
    (platform, kept), accounts = _of_disputes_in_the_post(listing, currency), dict.fromkeys(listing.accounts, 0)
    for pk, records in matched.items():
        for record in records if moves[pk].is_open else ():
            platform += _on_platform(record)
            if record.account in accounts:
                accounts[record.account] += _on_account(record)
            elif record.verb == Verb.REVERSAL and moves[pk].move.body.get("transfer"):
                owner = _account_of_transfer(str(moves[pk].move.body["transfer"]))
                accounts[owner] = accounts.get(owner, 0) + _on_account(record)
    ours = -balance("gateway", currency) - _at_other_gateways(listing.gateway, currency) + platform
    if ours != theirs.platform:
        yield _of_sum(Kind.PLATFORM_BALANCE, "sum:platform", ours, theirs.platform)
    others = Chargeback.objects.filter(status__in=Chargeback.RUNNING, currency=currency)
    elsewhere = others.exclude(gateway=listing.gateway).aggregate(total=Sum("amount"))["total"] or 0
    withheld = -balance("withheld", currency) - elsewhere + kept
    if withheld != theirs.withheld:
        yield _of_sum(Kind.WITHHELD, "sum:withheld", withheld, theirs.withheld)
    for account, party_id in listing.accounts.items():
        subject = f"account:{account}"
        ours = -balance(f"connected:party:{party_id}", currency) + accounts[account]
        if account not in theirs.accounts:
            yield _of_sum(Kind.ACCOUNT_GONE, subject, ours, None, account=account)
        elif ours != theirs.accounts[account]:
            yield _of_sum(Kind.ACCOUNT_BALANCE, subject, ours, theirs.accounts[account], account=account)


def _of_sum(kind: str, subject: str, ours: int, theirs: int | None, *, account: str = "") -> Finding:
    currency = rules().currency
    return Finding(kind, subject, provider_id=account, our_amount=ours, their_amount=theirs, currency=currency)


def _on_platform(record: ProviderRecord) -> int:
    """Return what an object has done to the platform's balance."""
    is_there, is_left = record.state == "confirmed", record.state != "denied"
    match record.verb:
        case "charge":
            return record.amount - (record.fee or 0) if is_there else 0
        case "reversal" | "topup":
            return record.amount if is_there else 0
        case "transfer":
            return -record.amount if is_there else 0
        case "refund" | "cashout":
            return -record.amount if is_left else 0
    return 0


def _of_disputes_in_the_post(listing: Listing, currency: str) -> tuple[int, int]:
    """Return what disputes have done, of which the books do not know yet: to the platform's balance, to what is kept.

    Both in minor units.
    """
    contested, rows = _contested(listing), _chargebacks(listing)
    news = _in_the_post(contested, rows, listing)
    platform = kept = 0
    for record in contested:
        if record.provider_id not in news or record.currency != currency:
            continue
        theirs = _of_dispute(record.state, record.amount, record.fee or 0)
        row = rows.get(record.provider_id)
        ours = _of_dispute(row.status, row.amount, row.fee) if row else (0, 0)
        platform += theirs[0] - ours[0]
        kept += theirs[1] - ours[1]
    return platform, kept


def _of_dispute(state: str, amount: int, fee: int) -> tuple[int, int]:
    """Return what a dispute has done in a state, ours or theirs: to the platform's balance, to what is kept."""
    return -fee - (0 if state == "won" else amount), 0 if state in {"won", "lost"} else amount


def _on_account(record: ProviderRecord) -> int:
    """Return what an object has done to the balance of a party's own account."""
    match record.verb:
        case "transfer":
            return record.amount if record.state == "confirmed" else 0
        case "reversal":
            return -record.amount if record.state == "confirmed" else 0
        case "payout":
            return -record.amount if record.state != "denied" else 0
    return 0


def _account_of_transfer(provider_id: str) -> str:
    move = MoneyMove.objects.filter(verb=Verb.TRANSFER, provider_id=provider_id).first()
    return str(move.body.get("account", "")) if move else ""


#: What rows say of the platform's balance at the other providers: by verb, what a confirmed move has brought in unless
#: the bank undid it later, less what chargebacks took.
_BROUGHT_IN = """
SELECT coalesce(sum(CASE m.verb WHEN 'charge' THEN m.amount - coalesce(c.provider_fee, 0)
                                WHEN 'reversal' THEN m.amount WHEN 'topup' THEN m.amount
                                WHEN 'payout' THEN 0 WHEN 'cancel' THEN 0 ELSE -m.amount END), 0)
       - (SELECT coalesce(sum(b.fee + CASE b.status WHEN 'won' THEN 0 ELSE b.amount END), 0)
          FROM payments_chargeback b WHERE b.gateway <> %(gateway)s AND b.currency = %(currency)s)
FROM payments_moneymove m
LEFT JOIN payments_charge c ON m.verb = 'charge' AND m.source = 'charge-' || c.id
LEFT JOIN payments_refund r ON m.verb = 'refund' AND m.source = 'refund-' || r.id
LEFT JOIN payments_operatorcash o ON m.verb IN ('topup', 'cashout') AND m.source = 'cash-' || o.id
WHERE m.status = 'confirmed' AND m.gateway <> %(gateway)s AND m.currency = %(currency)s
  AND coalesce(r.status, o.status, '') <> 'denied'
"""


def _at_other_gateways(gateway: str, currency: str) -> int:
    """Return what the books count as being at other providers, such as play money of before."""
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT_IN, {"gateway": gateway, "currency": currency})
        return int(cursor.fetchone()[0])


def _about_equation() -> Iterator[Finding]:
    """Compare what is at the provider by the ledger with what came in and went out by the rows."""
    currency = rules().currency
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(-sum(e.amount), 0) FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
               WHERE a.kind IN ('gateway', 'withheld', 'connected') AND a.currency = %s""",
            [currency],
        )
        there = int(cursor.fetchone()[0])

    def total(rows: QuerySet[Any], of: str) -> int:
        return int(rows.filter(currency=currency).aggregate(total=Sum(of))["total"] or 0)

    charges = Charge.objects.filter(status=Charge.Status.CONFIRMED)
    cash = OperatorCash.objects.filter(status=OperatorCash.Status.CONFIRMED)
    came = total(charges, "amount") + total(cash.filter(kind=OperatorCash.Kind.TOPUP), "amount")
    chargebacks = Chargeback.objects.all()
    went = (
        total(charges, "provider_fee")
        + total(chargebacks, "fee")
        + total(chargebacks.filter(status=Chargeback.Status.LOST), "amount")
        + total(Refund.objects.filter(status=Refund.Status.CONFIRMED), "amount")
        + total(cash.exclude(kind=OperatorCash.Kind.TOPUP), "amount")
        + total(Withdrawal.objects.filter(status=Withdrawal.Status.PAID), "amount")
    )
    if there != came - went:
        yield _of_sum(Kind.EQUATION, "sum:equation", came - went, there)


# For staff


def lasting_differences(gateway: str = "") -> QuerySet[Difference]:
    """Return the differences that have not gone, the oldest first."""
    rows = Difference.objects.exclude(status=Difference.Status.GONE).select_related("move", "case")
    return (rows.filter(gateway=gateway) if gateway else rows).order_by("first_seen_at", "pk")


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """A difference on its own screen: in words, with what happened to it."""

    row: Difference
    said: Explained
    history: tuple[Event, ...]


def difference_page(difference_id: int) -> DifferencePage | None:
    """Return a difference with everything on its screen, for finance staff; None for one that does not exist."""
    row = Difference.objects.select_related("move", "case").filter(pk=difference_id).first()
    if row is None:
        return None
    return DifferencePage(row, explain(row), tuple(history_of(f"difference:{row.pk}", limit=100)))
