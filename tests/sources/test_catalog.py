"""What the catalog of a real server says."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgtune.errors import StatementCancelled
from pgtune.model.catalog import CatalogIndex, Relation
from pgtune.model.names import RelationName
from pgtune.sources.postgres import Server, open_server
from tests.conftest import Database
from tests.postgres_server import PostgresServer, wait_for

ORDERS, USERS = RelationName("public", "orders"), RelationName("public", "users")


def relation(server: Server, name: RelationName) -> Relation:
    found = server.catalog([name]).find(name)
    assert found is not None
    return found


def index(server: Server, name: str) -> CatalogIndex:
    (found,) = [index for index in relation(server, ORDERS).indexes if index.name.name == name]
    return found


def test_columns_come_in_table_order_with_their_statistics(opened: Server) -> None:
    orders = relation(opened, ORDERS)
    assert [(column.name, column.type, column.not_null) for column in orders.columns] == [
        ("id", "integer", True),
        ("user_id", "integer", True),
        ("status", "text", True),
        ("total", "numeric", True),
    ]
    status = orders.column("status")
    assert status is not None
    assert status.n_distinct == 2
    assert status.avg_width in (9, 10)  # rounded down from 18 on
    assert orders.column("no_such") is None


def test_a_column_of_a_domain_has_the_type_below_it(database: Database, opened: Server) -> None:
    database.execute(
        "CREATE DOMAIN amount AS numeric(10, 2); CREATE DOMAIN price AS amount;"
        "CREATE TABLE items (cost price)"
    )
    (cost,) = relation(opened, RelationName("public", "items")).columns
    assert cost.type == "numeric(10,2)"


def test_activity_and_size_of_a_table(database: Database, opened: Server) -> None:
    orders = relation(opened, ORDERS)
    assert orders.kind == "r"
    assert orders.activity.reltuples == 10_000
    assert orders.size_bytes == orders.activity.relpages * 8192
    assert orders.activity.relallvisible == orders.activity.relpages


def test_times_are_read_whatever_the_role_sets_as_date_style(database: Database) -> None:
    database.execute("ANALYZE orders")
    with open_server(make_conninfo(database.conninfo, options="-c DateStyle=German")) as server:
        assert wait_for(lambda: relation(server, ORDERS).activity.last_analyze is not None, 5.0)


def test_statistics_of_changes_arrive(database: Database, opened: Server) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE orders SET total = total + 1 WHERE id <= 100")
        connection.execute("ANALYZE users")
    # A backend reports its counts when it exits, which is after its client has gone.
    assert wait_for(lambda: relation(opened, ORDERS).activity.n_mod_since_analyze == 100, timeout_s=5)
    assert relation(opened, ORDERS).activity.n_dead_tup == 100
    assert relation(opened, USERS).activity.last_analyze is not None


def test_every_part_of_an_index_is_read(database: Database, opened: Server) -> None:
    database.execute(
        "CREATE INDEX parts ON orders (user_id, lower(status) DESC, status text_pattern_ops NULLS FIRST)"
        " INCLUDE (total) WHERE total > 10"
    )
    parts = index(opened, "parts")
    assert parts.key == ("user_id", "lower(status)", "status")
    assert parts.include == ("total",)
    assert parts.predicate == "total > 10::numeric"
    assert parts.access_method == "btree"
    assert [key.is_expression for key in parts.keys] == [False, True, False]
    assert [key.descending for key in parts.keys] == [False, True, False]
    assert [key.nulls_first for key in parts.keys] == [False, True, True]
    assert [key.opclass for key in parts.keys] == [None, None, "text_pattern_ops"]
    assert (parts.unique, parts.primary, parts.valid, parts.constraint) == (False, False, True, None)
    assert parts.size_bytes is not None
    assert parts.size_bytes > 8192
    assert parts.definition.startswith("CREATE INDEX parts ON public.orders USING btree (user_id, ")


def test_what_an_index_does_besides_being_read(database: Database, opened: Server) -> None:
    database.execute(
        "ALTER TABLE users ADD COLUMN code text NOT NULL DEFAULT gen_random_uuid()::text;"
        "CREATE UNIQUE INDEX codes ON users (code); ALTER TABLE users REPLICA IDENTITY USING INDEX codes;"
        "ALTER TABLE orders ADD COLUMN code text REFERENCES users (code), ADD UNIQUE (code) DEFERRABLE;"
        "CREATE INDEX by_user ON orders (user_id); CLUSTER orders USING by_user"
    )
    catalog = opened.catalog([ORDERS, USERS])
    found = {index.name.name: index for relation in catalog.relations.values() for index in relation.indexes}
    assert found["codes"].replica_identity
    assert found["codes"].foreign_key == "orders_code_fkey"
    assert found["users_email_key"].foreign_key is None
    assert [index.name.name for index in found.values() if index.clustered] == ["by_user"]
    assert [index.name.name for index in found.values() if not index.immediate] == ["orders_code_key"]
    assert not any(index.partitioned or index.parent or not index.nulls_distinct for index in found.values())


def test_the_collation_of_a_key_is_named_where_it_is_not_the_columns_own(
    database: Database, opened: Server
) -> None:
    database.execute(
        'CREATE COLLATION "My own" FROM "C"; CREATE SCHEMA hidden; CREATE COLLATION hidden.odd FROM "C";'
        'CREATE INDEX collated ON orders (status, status COLLATE "C", status COLLATE "My own",'
        " (status || status) COLLATE hidden.odd, lower(status), total)"
    )
    collations = [key.collation for key in index(opened, "collated").keys]
    assert collations == [None, '"C"', '"My own"', "hidden.odd", None, None]


def test_indexes_of_partitions_know_the_one_that_they_are_a_part_of(
    database: Database, opened: Server
) -> None:
    database.execute(
        "CREATE TABLE events (at date, n int) PARTITION BY RANGE (at);"
        "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
        "CREATE INDEX ON events (n); CREATE INDEX own ON events_2024 (at)"
    )
    events, partition = (
        relation(opened, RelationName(None, name)).indexes for name in ("events", "events_2024")
    )
    assert [(each.name.name, each.partitioned, each.parent) for each in events] == [
        ("events_n_idx", True, None)
    ]
    assert [(each.name.name, each.partitioned, each.parent) for each in partition] == [
        ("events_2024_n_idx", False, RelationName("public", "events_n_idx")),
        ("own", False, None),
    ]


def test_nulls_that_count_as_equal(database: Database, opened: Server) -> None:
    if opened.version_num < 150000:
        pytest.skip("NULLS NOT DISTINCT came with 15")
    database.execute("CREATE UNIQUE INDEX one_null ON orders (id) NULLS NOT DISTINCT")
    assert not index(opened, "one_null").nulls_distinct


def test_a_primary_key_names_its_constraint_even_where_foreign_keys_use_it(opened: Server) -> None:
    (primary,) = [index for index in relation(opened, USERS).indexes if index.primary]
    assert primary.constraint == "users_pkey"
    assert primary.unique


def test_an_index_that_failed_to_build_is_not_valid(database: Database, opened: Server) -> None:
    with database.connect() as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (status)")
    assert not index(opened, "broken").valid


@pytest.mark.parametrize(
    ("create", "indexed"),
    [
        ("SELECT 1", False),
        ("CREATE INDEX ON orders (user_id)", True),
        ("CREATE INDEX ON orders (user_id, status)", True),
        ("CREATE INDEX ON orders (status, user_id)", False),
        ("CREATE INDEX ON orders (status) INCLUDE (user_id)", False),
        ("CREATE INDEX ON orders (user_id) WHERE status = 'pending'", False),
    ],
)
def test_a_foreign_key_knows_whether_an_index_serves_it(
    database: Database,
    opened: Server,
    create: str,
    indexed: bool,
) -> None:
    database.execute(create)
    catalog = opened.catalog([ORDERS, USERS])
    orders, users = catalog.relations[ORDERS], catalog.relations[USERS]
    (key,) = orders.foreign_keys
    assert (key.columns, key.referenced, key.referenced_columns) == (("user_id",), USERS, ("id",))
    assert key.indexed is indexed
    assert users.referenced_by == (key,)
    assert orders.referenced_by == ()


def test_partitions_know_their_parent_and_the_parent_its_key(database: Database, opened: Server) -> None:
    database.execute(
        "CREATE TABLE events (at date, n int) PARTITION BY RANGE (at);"
        "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
    )
    parent, partition = (
        relation(opened, RelationName(None, "events")),
        relation(opened, RelationName(None, "events_2024")),
    )
    assert (parent.kind, parent.partition_key, parent.is_partition) == ("p", "RANGE (at)", False)
    assert partition.parent == parent.name == RelationName("public", "events")


def test_any_name_is_found_and_unknown_ones_are_left_out(database: Database, opened: Server) -> None:
    odd = RelationName('We"ird', 'Ünï "x"')
    database.execute(f'CREATE SCHEMA "We""ird"; CREATE TABLE {odd} ("a.B" int)')
    catalog = opened.catalog(
        [odd, ORDERS, RelationName("public", "no_such"), RelationName("public", "orders'; --")]
    )
    assert set(catalog.relations) == {odd, ORDERS}
    assert [column.name for column in catalog.relations[odd].columns] == ["a.B"]
    assert catalog.find(RelationName(None, "orders")) is catalog.relations[ORDERS]
    assert catalog.find(RelationName(None, "no_such")) is None


def test_a_name_without_schema_that_two_schemas_bear_is_not_guessed(
    database: Database, opened: Server
) -> None:
    database.execute("CREATE SCHEMA other; CREATE TABLE other.orders (id int)")
    catalog = opened.catalog([ORDERS, RelationName("other", "orders")])
    assert catalog.find(RelationName(None, "orders")) is None


def test_settings_are_as_show_prints_them(opened: Server) -> None:
    catalog = opened.catalog([])
    assert catalog.settings["work_mem"] == "4MB"
    assert catalog.settings["random_page_cost"] == "4"
    assert catalog.version_num == opened.version_num


def test_a_role_without_privileges_gets_all_but_the_column_statistics(database: Database) -> None:
    database.execute("DROP ROLE IF EXISTS pgtune_reader; CREATE ROLE pgtune_reader LOGIN PASSWORD 'reader'")
    try:
        with open_server(make_conninfo(database.conninfo, user="pgtune_reader", password="reader")) as server:
            orders = relation(server, ORDERS)
    finally:
        database.execute("DROP ROLE pgtune_reader")
    assert [column.n_distinct for column in orders.columns] == [None] * 4
    assert [index.name.name for index in orders.indexes] == ["orders_pkey"]
    assert orders.activity.reltuples == 10_000


def test_a_catalog_that_may_not_be_read_is_empty(database: Database, opened: Server) -> None:
    database.execute(
        "DROP ROLE IF EXISTS pgtune_blind; CREATE ROLE pgtune_blind LOGIN PASSWORD 'blind';"
        "REVOKE SELECT ON pg_catalog.pg_index FROM PUBLIC"
    )
    try:
        with open_server(make_conninfo(database.conninfo, user="pgtune_blind", password="blind")) as server:
            assert server.catalog([ORDERS]).find(ORDERS) is None
    finally:
        database.execute("DROP ROLE pgtune_blind")


def test_a_locked_table_is_given_up(database: Database, opened: Server) -> None:
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StatementCancelled, match="no lock within"):
            opened.catalog([ORDERS])


@pytest.mark.other_major
def test_the_catalog_of_another_major_is_read(other_major: PostgresServer) -> None:
    with open_server(other_major.conninfo()) as server:
        orders = relation(server, ORDERS)
    assert orders.activity.reltuples == 10_000
    assert [index.key for index in orders.indexes] == [("id",)]
