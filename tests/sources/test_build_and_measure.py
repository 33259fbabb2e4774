"""What --verify measures is real, and nothing that it built is left, however it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import StatementCancelled, StatementRefused
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_actions import drop_action
from pgtune.model.index_advice import Drop, Recommendation, Verification
from pgtune.model.names import RelationName
from pgtune.model.workload import Query
from pgtune.sources.build_and_measure import verify
from tests.conftest import Database
from tests.postgres_server import PostgresServer, wait_for
from tests.sources.recommended_indexes import ORDERS, on, query, recommendation

OF_A_USER = query("SELECT * FROM orders WHERE user_id = $1", ("8",))
INDEXES = (
    "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class AS c WHERE c.relkind IN ('i', 'I')"
)
OURS = f"{INDEXES} AND c.relnamespace = 'public'::regnamespace"
BEFORE = "orders_pkey users_email_key users_pkey"


def measured(
    conninfo: str,
    recommendations: Sequence[Recommendation],
    queries: Sequence[Query] = (OF_A_USER,),
    drops: Sequence[Drop] = (),
    timeout_ms: int = 60_000,
) -> Verification:
    return verify(
        conninfo, "here", recommendations, drops, queries, lambda _doing, _fraction: None, timeout_ms
    )


def test_a_useful_index_reads_fewer_blocks_and_is_gone_afterwards(database: Database) -> None:
    verification = measured(database.conninfo, [on(ORDERS, "user_id")])
    (measurement,) = verification.measurements
    assert measurement.query == OF_A_USER
    assert measurement.before_blocks == database.scalar("SELECT pg_relation_size('orders') / 8192")
    assert measurement.after_blocks < measurement.before_blocks / 4
    assert measurement.before_ms > measurement.after_ms > 0
    assert (verification.place, verification.unmeasured) == ("here", ())
    assert database.scalar(OURS) == BEFORE


def test_the_size_is_that_of_the_real_index_next_to_the_estimate(database: Database) -> None:
    verification = measured(database.conninfo, [on(ORDERS, "user_id"), on(ORDERS, "total")])
    database.execute("CREATE INDEX a ON orders (user_id); CREATE INDEX b ON orders (total)")
    assert verification.built_bytes == database.scalar("SELECT pg_relation_size('a') + pg_relation_size('b')")
    assert verification.estimated_bytes == 2_000_000


def test_a_partitioned_index_weighs_what_its_partitions_weigh(database: Database) -> None:
    database.execute(
        "CREATE TABLE parts (n int, m int) PARTITION BY RANGE (n);"
        "CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (5000);"
        "CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (5000) TO (10000);"
        "INSERT INTO parts SELECT i, i FROM generate_series(0, 9999) AS i"
    )
    index = Index(RelationName("public", "parts"), (IndexPart("m"),), partitioned=True)
    verification = measured(
        database.conninfo, [recommendation(index)], [query("SELECT * FROM parts WHERE m = 7")]
    )
    assert verification.measurements[0].after_blocks < verification.measurements[0].before_blocks / 4
    assert database.scalar(OURS) == BEFORE
    database.execute("CREATE INDEX i ON parts (m)")
    sizes = "SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree('i')"
    assert verification.built_bytes == database.scalar(sizes)


def test_an_index_only_scan_is_measured_with_a_visibility_map(database: Database) -> None:
    database.execute("UPDATE orders SET total = total + 1")  # the pages are no longer all-visible
    covering = Index(ORDERS, (IndexPart("user_id"),), include=("total",))
    (measurement,) = measured(
        database.conninfo, [recommendation(covering)], [query("SELECT total FROM orders WHERE user_id = 8")]
    ).measurements
    assert measurement.after_blocks <= 4  # index pages and the visibility map; the ten rows lie on ten pages


def test_an_expression_has_statistics_when_it_is_measured(database: Database) -> None:
    lower = Index(RelationName("public", "users"), (IndexPart("lower(email)", is_expression=True),))
    (measurement,) = measured(
        database.conninfo,
        [recommendation(lower)],
        [query("SELECT id FROM users WHERE lower(email) = 'user7@example.com'")],
    ).measurements
    assert measurement.after_blocks == 3  # root, leaf and heap: a bitmap of five guessed rows reads as many
    assert database.scalar("SELECT count(*) FROM pg_stats WHERE tablename LIKE 'users_lower%'") == 0


def test_an_extension_that_an_index_needs_comes_and_goes_with_it(database: Database) -> None:
    trigrams = Index(
        RelationName("public", "users"), (IndexPart("email", opclass="gin_trgm_ops"),), access_method="gin"
    )
    verification = measured(
        database.conninfo,
        [recommendation(trigrams, "pg_trgm")],
        [query("SELECT id FROM users WHERE email LIKE '%r777@%'")],
    )
    assert verification.built_bytes > 0
    assert database.scalar("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'") == 0


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        ("SELECT * FROM orders WHERE id = $1", None, "its parameters have no values"),
        ("SELECT * FROM orders WHERE id = $1", (), "the statement has 1 parameters, 0 values are given"),
        ("UPDATE orders SET total = 0", (), "it writes"),
        ("SELECT * FROM orders FOR UPDATE", (), "it writes"),
        ("SELECT nextval('numbers')", (), "it writes"),
        ("SELECT * FROM nowhere", (), 'relation "nowhere" does not exist'),
        ("SELECT 1 / (id - 1) FROM orders", (), "division by zero"),
    ],
)
def test_what_cannot_be_measured_says_why(
    database: Database, text: str, values: tuple[str, ...] | None, reason: str
) -> None:
    database.execute("CREATE SEQUENCE numbers")
    other = query(text, values, number=1)
    verification = measured(database.conninfo, [on(ORDERS, "user_id")], [OF_A_USER, other])
    assert [measurement.query for measurement in verification.measurements] == [OF_A_USER]
    (unmeasured,) = verification.unmeasured
    assert unmeasured.startswith(f"query 1: {reason}")
    assert "\n" not in unmeasured
    assert database.scalar("SELECT sum(total) > 0 FROM orders")


def test_a_query_that_is_too_slow_without_the_index_is_run_with_it(database: Database) -> None:
    # So cheap that it is called before user_id is compared.
    database.execute(
        "CREATE FUNCTION slow(int) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS"
        " $$ BEGIN PERFORM pg_sleep(0.001); RETURN true; END $$"
    )
    slow = query("SELECT * FROM orders WHERE user_id = 8 AND slow(id)")
    verification = measured(database.conninfo, [on(ORDERS, "user_id")], [slow], timeout_ms=1000)
    assert verification.measurements == ()
    (said,) = verification.unmeasured
    assert re.fullmatch(r"query 0: over 1 s before the indexes, [0-9.]+ ms after", said)


def test_nothing_is_left_after_a_build_that_failed(database: Database) -> None:
    broken = on(ORDERS, "status")
    broken = replace(
        broken, action=replace(broken.action, sql="CREATE INDEX orders_status_idx ON orders (no)")
    )
    with pytest.raises(
        StatementRefused, match=r'^index public.orders_status_idx: column "no" does not exist'
    ):
        measured(database.conninfo, [on(ORDERS, "user_id"), broken])
    assert database.scalar(OURS) == BEFORE


def test_an_invalid_index_of_a_build_that_failed_is_dropped(database: Database) -> None:
    unique = on(ORDERS, "user_id")
    sql = unique.action.sql.replace("CREATE INDEX", "CREATE UNIQUE INDEX")
    with pytest.raises(StatementRefused, match="could not create unique index"):
        measured(database.conninfo, [replace(unique, action=replace(unique.action, sql=sql))])
    assert database.scalar(OURS) == BEFORE


def test_nothing_is_left_after_a_keyboard_interrupt(database: Database) -> None:
    def interrupt(doing: str, _fraction: float) -> None:
        if "after" in doing:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(database.conninfo, "here", [on(ORDERS, "user_id")], (), [OF_A_USER], interrupt, 60_000)
    assert database.scalar(OURS) == BEFORE


SCRIPT = """
import sys
from pgtune.sources.build_and_measure import verify
from pgtune.sources.interrupt import cancel_on_signal
from tests.sources.recommended_indexes import ORDERS, on, recommendation
from pgtune.model.index import Index, IndexPart

slow = recommendation(Index(ORDERS, (IndexPart("slow(id)", is_expression=True),)))
with cancel_on_signal():
    verify(sys.argv[1], "here", [on(ORDERS, "user_id"), slow], (), (), lambda _doing, _fraction: None, 1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
def test_a_signal_in_the_middle_of_a_build_leaves_nothing(database: Database) -> None:
    database.execute(
        "CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS"
        " $$ BEGIN PERFORM pg_sleep(0.01); RETURN $1; END $$"
    )
    building = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        f" AND query LIKE 'CREATE INDEX%slow%' AND datname = '{database.name}'"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, database.conninfo], stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_for(lambda: database.scalar(building) == 1, timeout_s=20)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, stderr) == (130, "")
    assert database.scalar(OURS) == BEFORE


def test_a_name_that_is_taken_is_refused_before_anything_is_built(database: Database) -> None:
    database.execute("CREATE INDEX orders_total_idx ON orders (total)")
    with pytest.raises(StatementRefused) as refused:
        measured(database.conninfo, [on(ORDERS, "user_id"), on(ORDERS, "total")])
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("run DROP INDEX public.orders_total_idx")
    assert database.scalar(OURS) == "orders_pkey orders_total_idx users_email_key users_pkey"


def test_a_table_that_is_missing_is_named(database: Database) -> None:
    with pytest.raises(StatementRefused, match=r"^table public\.nowhere: the disposable database does not"):
        measured(database.conninfo, [on(RelationName("public", "nowhere"), "n")])


def test_a_role_that_may_not_create_is_refused(database: Database) -> None:
    role = "pgtune_verify_reader"
    database.execute(
        f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'reader';"
        f" GRANT SELECT ON orders TO {role}"
    )
    try:
        with pytest.raises(StatementRefused, match=r"the role is not the owner of public\.orders"):
            measured(make_conninfo(database.conninfo, user=role, password="reader"), [on(ORDERS, "user_id")])
    finally:
        database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_database_that_is_read_only_is_refused(database: Database) -> None:
    read_only = make_conninfo(database.conninfo, options="-c default_transaction_read_only=on")
    with pytest.raises(StatementRefused, match="its transactions are read-only, so nothing can be built"):
        measured(read_only, [on(ORDERS, "user_id")])


def test_a_standby_is_refused(private_server: PostgresServer) -> None:
    private_server.shut_down()
    (private_server.directory / "data" / "standby.signal").touch()
    private_server.start()
    with pytest.raises(StatementRefused, match="it is a standby, so nothing can be built"):
        measured(private_server.conninfo(), [on(ORDERS, "user_id")])


def test_a_table_that_another_session_locks_is_not_waited_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgtune.sources.disposable_session.LOCK_TIMEOUT_MS", 50)
    with database.connect() as other, other.transaction():
        other.execute("LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE")
        with pytest.raises(StatementCancelled, match=r"^table public\.orders: no lock within 50 ms"):
            measured(database.conninfo, [on(ORDERS, "user_id")])


def test_what_cannot_be_dropped_again_is_told_with_the_statements(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgtune.sources.disposable_session.LOCK_TIMEOUT_MS", 50)
    with database.connect() as other, other.transaction():

        def lock(doing: str, _fraction: float) -> None:
            if "after" in doing:
                other.execute("LOCK TABLE orders IN ACCESS SHARE MODE")

        with pytest.raises(StatementRefused) as refused:
            verify(database.conninfo, "here", [on(ORDERS, "user_id")], (), [OF_A_USER], lock, 60_000)
    assert "no lock within 50 ms" in str(refused.value)
    _, _, statements = str(refused.value).partition("still there: run ")
    database.execute(statements)
    assert database.scalar(OURS) == BEFORE


def test_names_are_quoted(database: Database) -> None:
    database.execute('CREATE SCHEMA "Sch%s ""x"; CREATE TABLE "Sch%s ""x"."Ta ble" ("c.d" int)')
    odd = RelationName('Sch%s "x', "Ta ble")
    verification = measured(database.conninfo, [on(odd, "c.d")], [])
    assert verification.built_bytes == 8192
    assert database.scalar(f"{INDEXES} AND c.relname LIKE 'Ta%'") is None


def test_a_drop_is_said_not_to_be_measured(database: Database) -> None:
    name = RelationName("public", "users_email_key")
    definition = f"CREATE UNIQUE INDEX {name.name} ON public.users USING btree (email)"
    users = RelationName("public", "users")
    index = CatalogIndex(
        name, users, "btree", (), (), None, True, False, None, True, 8192, 0, definition=definition
    )
    drop = Drop(index, drop_action(index), "nothing reads it", ())
    (said,) = measured(database.conninfo, [on(ORDERS, "user_id")], drops=[drop]).unmeasured
    assert said.startswith("public.users_email_key: it was there in both measurements")
    assert database.scalar(OURS) == BEFORE


def test_progress_goes_from_nothing_to_nearly_everything(database: Database) -> None:
    steps: list[tuple[str, float]] = []
    verify(
        database.conninfo,
        "here",
        [on(ORDERS, "user_id")],
        (),
        [OF_A_USER],
        lambda doing, fraction: steps.append((doing, fraction)),
        60_000,
    )
    assert steps == [
        ("measuring before the indexes: query 0", 0),
        ("building public.orders_user_id_idx", pytest.approx(1 / 3)),
        ("measuring after the indexes: query 0", pytest.approx(2 / 3)),
    ]
