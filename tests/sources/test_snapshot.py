"""A snapshot holds what the planner of a real server knows, and says what the role could not see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import StatementCancelled, StatementRefused
from pgtune.model.names import RelationName
from pgtune.model.snapshot import ColumnStatistics, RelationState, Snapshot
from pgtune.sources.postgres import open_server
from pgtune.sources.transaction import Timeouts
from tests.conftest import Database
from tests.postgres_server import PostgresServer, embedded_binaries, wait_for

ORDERS, USERS = RelationName("public", "orders"), RelationName("public", "users")
READER = "pgtune_snapshot_reader"


def take(conninfo: str, programs: Path | None = None) -> Snapshot:
    with open_server(conninfo) as server:
        return server.snapshot(programs or embedded_binaries())


def state(snapshot: Snapshot, name: RelationName) -> RelationState:
    (found,) = [relation for relation in snapshot.relations if relation.name == name]
    return found


def statistics(snapshot: Snapshot, relation: RelationName, column: str) -> ColumnStatistics:
    (found,) = [one for one in snapshot.statistics if one.relation == relation and one.column == column]
    return found


@contextmanager
def role(database: Database, grants: str) -> Iterator[str]:
    """Connection string of a role that may do nothing but *grants*."""
    database.execute(f"DROP ROLE IF EXISTS {READER}; CREATE ROLE {READER} LOGIN PASSWORD 'reader'; {grants}")
    try:
        yield make_conninfo(database.conninfo, user=READER, password="reader")
    finally:
        database.execute(f"DROP OWNED BY {READER}; DROP ROLE {READER}")


def test_sizes_and_counts_are_those_of_catalog_and_file(database: Database) -> None:
    with database.connect() as connection:  # the file grows, the catalog does not know yet
        connection.execute("INSERT INTO orders SELECT i, 1, 'new', 0 FROM generate_series(20000, 30000) AS i")
    orders = state(take(database.conninfo), ORDERS)
    assert orders.file_blocks == database.scalar("SELECT pg_relation_size('orders') / 8192")
    assert orders.file_blocks > orders.relpages == orders.relallvisible > 0
    assert (orders.kind, orders.reltuples) == ("r", 10_000)


def test_statistics_are_exact_to_the_last_digit(database: Database) -> None:
    status = statistics(take(database.conninfo), ORDERS, "status")
    seen = "FROM pg_stats WHERE tablename = 'orders' AND attname = 'status'"
    assert status.most_common_values == "{delivered,pending}"
    assert status.most_common_frequencies is not None
    written = "{" + ",".join(map(str, status.most_common_frequencies)) + "}"
    assert written == database.scalar(f"SELECT most_common_freqs::text {seen}") == "{0.99,0.01}"
    assert status.correlation == database.scalar(f"SELECT correlation {seen}")
    assert (status.type, status.type_category) == ("text", "S")


def test_values_do_not_depend_on_the_settings_of_the_session(database: Database) -> None:
    database.execute(
        "CREATE TABLE days AS"
        " SELECT date '2024-02-01' + i AS day, i::money AS cost FROM generate_series(1, 3) AS i;"
        "ANALYZE days;"
        f"ALTER DATABASE {database.name} SET datestyle = 'SQL, DMY'; SELECT pg_stat_reset();"
        f"ALTER DATABASE {database.name} SET extra_float_digits = -3"
    )
    snapshot = take(database.conninfo)
    day = statistics(snapshot, RelationName("public", "days"), "day")
    assert day.histogram_bounds == "{2024-02-02,2024-02-03,2024-02-04}"
    assert snapshot.settings["DateStyle"] == "SQL, DMY"
    assert wait_for(lambda: take(database.conninfo).counted_since is not None, timeout_s=5)  # 12 is late


def test_every_kind_of_relation_and_any_name(database: Database) -> None:
    database.execute(
        'CREATE SCHEMA "We""ird"; CREATE TABLE "We""ird"."Ünï ""x" ("a.B" int, n int);'
        'CREATE INDEX "i x" ON "We""ird"."Ünï ""x" ((n % 10));'
        'CREATE STATISTICS "We""ird".both ON "a.B", n FROM "We""ird"."Ünï ""x";'
        'INSERT INTO "We""ird"."Ünï ""x" SELECT i, i FROM generate_series(1, 1000) AS i;'
        "CREATE TABLE parts (n int PRIMARY KEY) PARTITION BY RANGE (n);"
        "CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);"
        "CREATE MATERIALIZED VIEW summary AS SELECT status, count(*) FROM orders GROUP BY 1;"
        "CREATE EXTENSION postgres_fdw;"
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h-secret');"
        "CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (password 's3cr3t');"
        "CREATE FOREIGN TABLE remote (n int) SERVER far; ANALYZE"
    )
    snapshot = take(database.conninfo)
    odd = RelationName('We"ird', 'Ünï "x')
    public = {
        relation.name.name: relation.kind
        for relation in snapshot.relations
        if relation.name.schema == "public"
    }
    assert {
        "parts": "p",
        "parts_pkey": "I",
        "part_1": "r",
        "summary": "m",
        "remote": "f",
    }.items() <= public.items()
    assert state(snapshot, odd).reltuples == 1000
    assert statistics(snapshot, odd, "a.B").n_distinct == -1
    assert statistics(snapshot, RelationName('We"ird', "i x"), "expr").n_distinct == 10
    (both,) = snapshot.extended_statistics
    assert (both.name, both.n_distinct) == (RelationName('We"ird', "both"), '{"1, 2": 1000}')
    ddl = "\n".join(snapshot.ddl)
    assert 'CREATE TABLE "We""ird"."Ünï ""x"' in ddl
    assert "postgres_fdw" in ddl
    assert "s3cr3t" not in ddl
    assert "h-secret" not in ddl


def test_the_ddl_makes_the_schema_again(database: Database) -> None:
    ddl = take(database.conninfo).ddl
    assert not any(statement.startswith("\\") or "_timeout" in statement for statement in ddl)
    with database.connect() as connection:
        connection.execute("DROP TABLE orders, users")
        for statement in ddl:
            connection.execute(statement.encode())
        keys = connection.execute("SELECT conname::text FROM pg_constraint WHERE contype = 'f'").fetchall()
    assert keys == [("orders_user_id_fkey",)]


def test_a_role_without_privileges_names_what_it_cannot_see(database: Database) -> None:
    database.execute(
        "CREATE SCHEMA shut; CREATE TABLE shut.away (n int); CREATE INDEX ON orders ((total + 1))"
    )
    with role(database, f"GRANT SELECT ON orders TO {READER}") as conninfo:
        snapshot = take(conninfo)
    assert {str(unseen.object): unseen.reason.partition(";")[0] for unseen in snapshot.unseen} == {
        "public.users": "no SELECT on it",
        "shut.away": "no USAGE on its schema",
        "public.orders_expr_idx": "statistics of its expressions are for the owner",
    }
    assert f"GRANT SELECT ON public.users TO {READER}" in " ".join(
        unseen.reason for unseen in snapshot.unseen
    )
    tables = {relation.name for relation in snapshot.relations if relation.kind == "r"}
    assert tables == {ORDERS} == {one.relation for one in snapshot.statistics}
    ddl = "\n".join(snapshot.ddl)
    assert 'CREATE TABLE "public"."orders"' in ddl
    assert "away" not in ddl
    assert snapshot.standbys == 0


def test_row_level_security_hides_statistics_and_is_named(database: Database) -> None:
    database.execute(
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;CREATE POLICY own ON orders USING (user_id = 1)"
    )
    with role(database, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}") as conninfo:
        snapshot = take(conninfo)
    assert [(unseen.object, unseen.table) for unseen in snapshot.unseen] == [("public.orders", None)]
    assert snapshot.unseen[0].reason.startswith("row-level security hides its statistics")
    assert {one.relation for one in snapshot.statistics} == {USERS}
    assert 'CREATE POLICY "own"' in "\n".join(snapshot.ddl)


def test_settings_locale_extensions_and_search_path(database: Database) -> None:
    database.execute("CREATE EXTENSION pageinspect; CREATE SCHEMA postgres")
    snapshot = take(make_conninfo(database.conninfo, options="-c work_mem=7MB -c random_page_cost=1.1"))
    assert (snapshot.settings["work_mem"], snapshot.settings["random_page_cost"]) == ("7MB", "1.1")
    assert snapshot.settings["search_path"] == "postgres, public"
    assert snapshot.locale.encoding == "UTF8"
    assert ("pageinspect", "public") in {(one.name, one.schema) for one in snapshot.extensions}
    assert snapshot.database == database.name
    assert not snapshot.in_recovery


def test_heights_of_btrees_are_read_where_pageinspect_is(database: Database) -> None:
    index = RelationName("public", "orders_pkey")
    assert state(take(database.conninfo), index).height is None
    database.execute("CREATE SCHEMA tools; CREATE EXTENSION pageinspect SCHEMA tools")
    assert state(take(database.conninfo), index).height == 1
    with role(database, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}") as conninfo:
        assert state(take(conninfo), index).height is None


def test_activity_of_tables_and_indexes(database: Database) -> None:
    database.execute(
        "ALTER TABLE users REPLICA IDENTITY USING INDEX users_email_key;"
        "ALTER TABLE orders REPLICA IDENTITY FULL"
    )
    snapshot = take(database.conninfo)
    tables = {usage.relation: usage for usage in snapshot.table_usage}
    assert tables[USERS].replica_identity == "i"
    assert tables[USERS].replica_identity_index == RelationName("public", "users_email_key")
    assert (tables[ORDERS].replica_identity, tables[ORDERS].replica_identity_index) == ("f", None)
    usage = {index.name.name: index for index in snapshot.index_usage}
    assert usage["users_email_key"].relation == USERS
    assert usage["users_email_key"].size_bytes == database.scalar(
        "SELECT pg_relation_size('users_email_key')"
    )


def test_text_that_is_no_utf_8_is_refused_in_one_line(server: str, database: Database) -> None:
    name = f"{database.name}_ascii"
    database.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    conninfo = make_conninfo(server, dbname=name)
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                r"CREATE TABLE t AS SELECT E'caf\xe9' AS word FROM generate_series(1, 9); ANALYZE t"
            )
        with pytest.raises(
            StatementRefused, match=r"has encoding SQL_ASCII and values that are no UTF-8; convert"
        ):
            take(conninfo)
    finally:
        database.execute(f"DROP DATABASE {name}")


def test_a_locked_table_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgtune.sources.snapshot._TIMEOUTS", Timeouts(statement_ms=10_000, lock_ms=100))
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StatementCancelled, match="no lock"):
            take(database.conninfo)


def test_nothing_is_left_changed_on_the_connection(database: Database) -> None:
    with open_server(database.conninfo) as server:
        server.snapshot(embedded_binaries())
        plan = server.explain("SELECT * FROM orders WHERE total > 1")  # search_path is the session's again
    assert plan.executed
    assert database.scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 2


@pytest.mark.other_major
def test_a_server_of_another_major_is_dumped_by_the_embedded_programs(other_major: PostgresServer) -> None:
    snapshot = take(other_major.conninfo())
    assert snapshot.version_num // 10000 != 18
    assert state(snapshot, ORDERS).reltuples == 10_000
    assert statistics(snapshot, ORDERS, "status").most_common_values == "{delivered,pending}"
    with psycopg.connect(other_major.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    with psycopg.connect(other_major.conninfo("restored"), autocommit=True) as connection:
        for statement in snapshot.ddl:
            connection.execute(statement.encode())
        keys = connection.execute("SELECT conname::text FROM pg_constraint WHERE contype = 'f'").fetchall()
    assert keys == [("orders_user_id_fkey",)]
