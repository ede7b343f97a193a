"""What the database itself keeps true: the one way in, the balances, and that nothing is taken back."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

KIND = """
ALTER TABLE ledger_account
    SET (fillfactor = 50);                          -- room for the next balance on the same page
ALTER TABLE ledger_account
    ADD CONSTRAINT ledger_account_kind_sign FOREIGN KEY (kind, sign) REFERENCES ledger_accountkind (name, sign);
"""

# Every refusal carries the name of its rule in the field that names a violated constraint, like those of real ones.
REFUSE = """
CREATE FUNCTION ledger_refuse(p_rule text, p_message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = p_rule;
END $$;
"""

# A name is a kind of the chart, alone or followed by a colon and an owner; of the kinds that fit, the longest is
# meant, so that a kind may hold a colon itself ("rev:service") and so may an owner ("milestone:7").
OPEN = """
CREATE FUNCTION ledger_open(p_accounts text[], p_currency text, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_unknown text;
BEGIN
    -- in the order of names, so that two transfers that open the same accounts wait for each other and not crosswise
    INSERT INTO ledger_account (kind, owner, currency, sign, balance, opened_at)
    SELECT kind.name, substr(given.name, length(kind.name) + 2), p_currency, kind.sign, 0, p_at
    FROM unnest(p_accounts) AS given (name)
    CROSS JOIN LATERAL (
        SELECT k.name, k.sign, k.is_owned FROM ledger_accountkind k
        WHERE given.name = k.name OR starts_with(given.name, k.name || ':')
        ORDER BY length(k.name) DESC LIMIT 1
    ) AS kind
    WHERE kind.is_owned = (given.name <> kind.name) AND given.name ~ '^[a-z_]+(:[A-Za-z0-9_.-]+)*$'
    ORDER BY given.name COLLATE "C"
    ON CONFLICT DO NOTHING;

    SELECT given.name INTO v_unknown FROM unnest(p_accounts) AS given (name)
    WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.name = given.name AND a.currency = p_currency) LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_refuse('ledger_unknown_account', format('the chart of accounts has no %L', v_unknown));
    END IF;
END $$;
"""

# Sequential scans are off inside: a plan made while the books were small is kept and used when they have grown.
POST = """
CREATE FUNCTION ledger_post(
    p_key text, p_kind text, p_at timestamptz, p_currency text, p_accounts text[], p_amounts bigint[],
    p_reverses bigint DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_transfer bigint;
    v_ids bigint[];
    v_signs smallint[];
BEGIN
    IF coalesce(cardinality(p_accounts), 0) = 0 OR cardinality(p_accounts) <> coalesce(cardinality(p_amounts), 0) THEN
        PERFORM ledger_refuse('ledger_bad_legs', format('transfer %L needs one amount for each account', p_key));
    END IF;

    INSERT INTO ledger_transfer (key, kind, at, currency, reverses_id, created_at)
    VALUES (p_key, p_kind, p_at, p_currency, p_reverses, clock_timestamp())
    ON CONFLICT (key) DO NOTHING RETURNING id INTO v_transfer;
    IF v_transfer IS NULL THEN
        RETURN ledger_known(p_key, p_kind, p_currency, p_accounts, p_amounts, p_reverses);
    END IF;

    FOR v_turn IN 1..2 LOOP
        SELECT array_agg(a.id ORDER BY leg.place), array_agg(a.sign ORDER BY leg.place) INTO v_ids, v_signs
        FROM unnest(p_accounts) WITH ORDINALITY AS leg (account, place)
        LEFT JOIN ledger_account a ON a.name = leg.account AND a.currency = p_currency;
        EXIT WHEN array_position(v_ids, NULL) IS NULL;
        PERFORM ledger_open(p_accounts, p_currency, p_at);
    END LOOP;

    -- One order for everybody, so that crossing transfers wait and never deadlock. Hot rows are not touched.
    PERFORM FROM ledger_account WHERE id = ANY (v_ids) AND sign <> 0 ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO ledger_entry (transfer_id, account_id, amount, written_by)
    SELECT v_transfer, leg.id, leg.amount, CASE WHEN leg.sign = 0 THEN pg_current_xact_id()::text::bigint END
    FROM unnest(v_ids, p_amounts, v_signs) AS leg (id, amount, sign);
    RETURN v_transfer;
END $$;

CREATE FUNCTION ledger_known(
    p_key text, p_kind text, p_currency text, p_accounts text[], p_amounts bigint[], p_reverses bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_transfer ledger_transfer;
    v_is_same boolean;
BEGIN
    SELECT * INTO v_transfer FROM ledger_transfer WHERE key = p_key;
    SELECT array_agg(concat(a.name, ' ', e.amount) ORDER BY a.name COLLATE "C")
           = (SELECT array_agg(concat(leg.account, ' ', leg.amount) ORDER BY leg.account COLLATE "C")
              FROM unnest(p_accounts, p_amounts) AS leg (account, amount))
    INTO v_is_same
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id WHERE e.transfer_id = v_transfer.id;
    IF v_is_same IS NOT TRUE OR (v_transfer.kind, v_transfer.currency) <> (p_kind, p_currency)
        OR v_transfer.reverses_id IS DISTINCT FROM p_reverses THEN
        PERFORM ledger_refuse('ledger_key_clash', format('transfer %L is already posted as another event', p_key));
    END IF;
    RETURN v_transfer.id;
END $$;
"""

# Whoever writes entries, in whatever way: one statement writes all those of one transfer, in its currency, to accounts
# that exist, with sum 0, and thereby moves the balances. This stands in for foreign keys, whose checks would lock, and
# so write to, the row of every hot account; transfers and accounts cannot be deleted.
ENTRIES = """
CREATE FUNCTION ledger_entries_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v record;
BEGIN
    SELECT count(*) AS lines, min(w.transfer_id) AS transfer_id, max(w.transfer_id) AS other_id,
           sum(w.amount) AS amount,
           count(*) FILTER (WHERE a.currency = t.currency AND w.written_by IS NOT DISTINCT FROM
                            CASE WHEN a.sign = 0 THEN pg_current_xact_id()::text::bigint END) AS good_lines
    INTO v FROM written w
    LEFT JOIN ledger_account a ON a.id = w.account_id
    LEFT JOIN ledger_transfer t ON t.id = w.transfer_id;
    IF v.lines = 0 THEN
        RETURN NULL;
    ELSIF v.amount <> 0 OR v.transfer_id <> v.other_id THEN
        PERFORM ledger_refuse('ledger_unbalanced', 'the entries do not sum to 0 in one transfer');
    ELSIF v.good_lines <> v.lines THEN
        PERFORM ledger_refuse('ledger_one_currency', 'an entry is not in the currency of its transfer');
    ELSIF v.lines <> (SELECT count(*) FROM ledger_entry WHERE transfer_id = v.transfer_id) THEN
        PERFORM ledger_refuse('ledger_append_only', 'the transfer has its entries already');
    END IF;
    UPDATE ledger_account a SET balance = a.balance + w.amount
    FROM written w WHERE a.id = w.account_id AND a.sign <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entries_written AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_written();
"""

# Tests empty all tables between them, and only they set jalon.may_truncate (see the top conftest.py).
APPEND_ONLY = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jalon.may_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    PERFORM ledger_refuse('ledger_append_only', format('%s of %s: the books are only added to', TG_OP, TG_TABLE_NAME));
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR TRUNCATE OR UPDATE OF id, kind, owner, currency, sign
    ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_moved_by_entries BEFORE UPDATE OF balance ON ledger_account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_append_only();
"""

# Below the horizon every database transaction has ended, so what it wrote is there to be read or never will be, and
# every later one gets a higher number. Taken first, summed after. Those seen at work in another database of the
# cluster cannot write here; one that cannot be seen counts as at work here. Numbers mean something in one cluster only.
ROLL_UP = """
CREATE FUNCTION ledger_cluster() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT system_identifier FROM pg_control_system()
$$;
CREATE FUNCTION ledger_horizon() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_snapshot pg_snapshot := pg_current_snapshot();
BEGIN
    RETURN (
        SELECT least(
            coalesce(min(running.id::text::bigint), pg_snapshot_xmax(v_snapshot)::text::bigint),
            pg_current_xact_id_if_assigned()::text::bigint)
        FROM pg_snapshot_xip(v_snapshot) AS running (id)
        WHERE NOT EXISTS (
            SELECT FROM pg_stat_activity WHERE datname <> current_database() AND backend_xid = running.id::xid)
    );
END $$;
CREATE FUNCTION ledger_roll_up(p_at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_cluster bigint := ledger_cluster();
    v_horizon bigint;
    v_count integer;
BEGIN
    LOCK TABLE ledger_rollup IN SHARE ROW EXCLUSIVE MODE;   -- one at a time; readers go on
    v_horizon := ledger_horizon();
    DELETE FROM ledger_rollup WHERE cluster <> v_cluster;
    INSERT INTO ledger_rollup AS r (account_id, amount, horizon, cluster, rolled_at)
    SELECT a.id, sum(e.amount), v_horizon, v_cluster, p_at
    FROM ledger_account a
    LEFT JOIN ledger_rollup old ON old.account_id = a.id
    JOIN ledger_entry e
        ON e.account_id = a.id AND e.written_by >= coalesce(old.horizon, 0) AND e.written_by < v_horizon
    WHERE a.sign = 0
    GROUP BY a.id
    ON CONFLICT (account_id) DO UPDATE
        SET amount = r.amount + excluded.amount, horizon = excluded.horizon, rolled_at = excluded.rolled_at;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;
"""

DROP = """
DROP FUNCTION ledger_roll_up(timestamptz);
DROP FUNCTION ledger_horizon();
DROP FUNCTION ledger_cluster();
DROP TRIGGER ledger_moved_by_entries ON ledger_account;
DROP TRIGGER ledger_append_only ON ledger_account;
DROP TRIGGER ledger_append_only ON ledger_entry;
DROP TRIGGER ledger_append_only ON ledger_transfer;
DROP FUNCTION ledger_append_only();
DROP TRIGGER ledger_entries_written ON ledger_entry;
DROP FUNCTION ledger_entries_written();
DROP FUNCTION ledger_post(text, text, timestamptz, text, text[], bigint[], bigint);
DROP FUNCTION ledger_open(text[], text, timestamptz);
DROP FUNCTION ledger_known(text, text, text, text[], bigint[], bigint);
DROP FUNCTION ledger_refuse(text, text);
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_kind_sign;
ALTER TABLE ledger_account RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(f"{KIND}{REFUSE}{OPEN}{POST}{ENTRIES}{APPEND_ONLY}{ROLL_UP}", DROP),
    ]
