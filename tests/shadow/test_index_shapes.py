"""Sizes read off a real database's statistics against the same indexes really built."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.advice.sizes.btree_size import existing_btree_height
from pgtune.advice.sizes.index_size import index_size
from pgtune.errors import StatementRefused
from pgtune.model.index import Index
from pgtune.shadow.shapes.index_shapes import existing_key_shapes, read_shapes
from tests.bench_sizes import index
from tests.conftest import Database
from tests.postgres_server import PostgresServer

# ANALYZE reads 30,000 rows: all, so that its statistics are the same in every run.
THINGS = """
CREATE TABLE things (
    id int PRIMARY KEY, owner int NOT NULL, code text NOT NULL, "Kind" char(8) NOT NULL, price numeric(10, 2),
    note varchar(60), made timestamptz NOT NULL, open bool NOT NULL, small smallint, ratio float8, key uuid,
    tags int[] NOT NULL, words text[] NOT NULL, doc jsonb NOT NULL, body tsvector NOT NULL
);
INSERT INTO things
SELECT i, 1 + (h % 500), 'code-' || i, 'kind ' || h % 3, CASE WHEN h % 5 > 0 THEN (h % 9000000) / 100.0 END,
       CASE WHEN h % 10 > 3 THEN repeat('x', h % 40) || h % 20000 END,
       '2024-01-01'::timestamptz + i * interval '1 min',
       h % 2 = 0, h % 100, h / 7.0, md5(i::text)::uuid,
       ARRAY[h % 50, h % 400, h % 7], ARRAY['tag ' || h % 90, 'tag ' || h % 30],
       jsonb_build_object('user', h % 3000, 'state', h % 4),
       to_tsvector('simple', 'word' || h % 800 || ' also ' || h % 60)
FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series(1, 30000) AS i) AS hashed;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS pageinspect;
ANALYZE things;
"""

BTREES = (
    index("things", "owner"),
    index("things", "owner desc"),
    index("things", "code"),
    index("things", "Kind"),
    index("things", "price"),
    index("things", "note"),
    index("things", "made"),
    index("things", "open", "small"),
    index("things", "ratio"),
    index("things", "key"),
    index("things", "owner", "made"),
    index("things", "owner", "note", "price"),
    index("things", "code text_pattern_ops"),
    index("things", "owner", include="price note"),
    index("things", "owner", where="open"),
    index("things", "code", where="note IS NOT NULL"),
    index("things", "note", where="note IS NOT NULL"),
    index("things", "price", where="price > 100 AND open"),
    index("things", "code", where="open AND small % 7 < 3"),
    index("things", "(lower(code))"),
    index("things", "(small % 7)"),
    index("things", "(CASE WHEN note LIKE '%1%' THEN 'one' ELSE 'other' END)"),
    index("things", "(doc -> 'state')"),
    index("things", "(date_trunc('day', made AT TIME ZONE 'UTC'))"),
)
OTHERS = (
    index("things", "tags", method="gin"),
    index("things", "words", method="gin"),
    index("things", "doc", method="gin"),
    index("things", "doc jsonb_path_ops", method="gin"),
    index("things", "body", method="gin"),
    index("things", "code gin_trgm_ops", method="gin"),
    index("things", "made", method="brin"),
)


def test_btrees_are_as_large_and_as_high_as_they_were_estimated(database: Database) -> None:
    database.execute(THINGS)
    with database.connect() as connection:
        for wanted, shape in zip(BTREES, read_shapes(connection, BTREES), strict=True):
            size = index_size(shape)
            blocks, level = _built(connection, wanted)
            assert size.blocks == pytest.approx(blocks, rel=0.1), wanted
            assert size.height == level, wanted


def test_other_indexes_are_about_as_large_as_they_were_estimated(database: Database) -> None:
    database.execute(THINGS)
    with database.connect() as connection:
        for wanted, shape in zip(OTHERS, read_shapes(connection, OTHERS), strict=True):
            blocks, _ = _built(connection, wanted)
            assert blocks / 1.3 <= index_size(shape).blocks <= blocks * 1.3, wanted


def test_another_major_merges_the_same_types(other_major: PostgresServer) -> None:
    wanted = (
        index("orders", "status"),
        index("orders", "total"),
        index("users", "email"),
        index("flags", "flag"),
    )
    with psycopg.connect(other_major.conninfo(), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE flags AS SELECT (i % 3)::text::char(8) AS flag FROM generate_series(1, 20000) AS i"
        )
        try:
            connection.execute("ANALYZE flags")
            for one, shape in zip(wanted, read_shapes(connection, wanted), strict=True):
                blocks, _ = _built(connection, one, pageinspect=False)
                assert index_size(shape).blocks == pytest.approx(blocks, rel=0.1), one
        finally:
            connection.execute("DROP TABLE flags")


def test_heights_of_indexes_that_exist(database: Database) -> None:
    database.execute(THINGS)
    database.execute(
        "CREATE INDEX by_code ON things (code, owner); CREATE INDEX by_lower ON things (lower(code)); ANALYZE"
    )
    with database.connect() as connection:
        keys = existing_key_shapes(connection)
        names = set()
        for oid, key in keys.items():
            name, blocks, rows, level = _row(
                connection,
                "SELECT c.relname, pg_relation_size(c.oid) / 8192, c.reltuples,"
                " (SELECT level FROM bt_metap(c.oid::regclass::text))"
                f" FROM pg_class AS c WHERE c.oid = {oid}",
            )
            names.add(name)
            assert existing_btree_height(int(str(blocks)), key, float(str(rows))) == level, name
    assert {"things_pkey", "by_code", "by_lower", "users_email_key"} <= names
    assert [column.type for column in keys[_oid(database, "by_code")]] == ["text", "integer"]


def test_a_unique_key_makes_every_row_differ(database: Database) -> None:
    wanted = index("orders", "user_id", "id")
    with database.connect() as connection:
        (shape,) = read_shapes(connection, [wanted])
    assert shape.key_distinct == shape.rows == 10_000


def test_a_partial_index_holds_what_the_predicate_keeps(database: Database) -> None:
    wanted = index("orders", "user_id", where="status = 'pending'")
    with database.connect() as connection:
        (shape,) = read_shapes(connection, [wanted])
    assert shape.rows == pytest.approx(100, rel=0.2)


def test_a_partitioned_table_counts_its_partitions(database: Database) -> None:
    database.execute(
        "CREATE TABLE log (at int NOT NULL) PARTITION BY RANGE (at);"
        "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (5000);"
        "CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (5000) TO (20001);"
        "INSERT INTO log SELECT generate_series(1, 20000); ANALYZE log"
    )
    with database.connect() as connection:
        whole, part = read_shapes(connection, [index("log", "at"), index("log_1", "at")])
    assert whole.rows == pytest.approx(20_000, rel=0.01)
    assert part.rows == pytest.approx(4_999, rel=0.01)
    assert whole.heap_blocks > part.heap_blocks > 0


def test_a_table_that_was_never_analyzed_is_taken_to_hold_different_values(database: Database) -> None:
    database.execute(
        "CREATE TABLE fresh (a int, b text); INSERT INTO fresh SELECT i, i FROM generate_series(1, 5000) i"
    )
    with database.connect() as connection:
        (shape,) = read_shapes(connection, [index("fresh", "a", "b")])
    assert shape.key_distinct == shape.rows > 0


def test_statistics_of_combinations_are_believed(database: Database) -> None:
    database.execute(
        "CREATE TABLE pairs AS SELECT i % 300 AS a, i % 300 AS b FROM generate_series(1, 30000) AS i;"
        "ANALYZE pairs"
    )
    wanted = [index("pairs", "a", "b")]
    with database.connect() as connection:
        (before,) = read_shapes(connection, wanted)
        connection.execute("CREATE STATISTICS ab (ndistinct) ON a, b FROM pairs")
        connection.execute("ANALYZE pairs")
        (after,) = read_shapes(connection, wanted)
    assert before.key_distinct > 20_000
    assert after.key_distinct == pytest.approx(300, rel=0.01)


def test_what_is_not_there_is_named(database: Database) -> None:
    with database.connect() as connection:
        with pytest.raises(StatementRefused, match="nowhere: no such table"):
            read_shapes(connection, [index("nowhere", "a")])
        with pytest.raises(StatementRefused, match="missing: no such column"):
            read_shapes(connection, [index("orders", "missing")])


def _built(
    connection: psycopg.Connection[tuple[object, ...]], wanted: Index, pageinspect: bool = True
) -> tuple[int, int]:
    """Blocks and height of the index; it is gone again afterwards."""
    connection.execute(wanted.create_sql("built").replace(" CONCURRENTLY", "").encode())
    (blocks,) = _row(connection, "SELECT pg_relation_size('built') / 8192")
    level: object = 0
    if pageinspect and wanted.access_method == "btree":
        (level,) = _row(connection, "SELECT level FROM bt_metap('built')")
    connection.execute("DROP INDEX built")
    return int(str(blocks)), int(str(level))


def _row(connection: psycopg.Connection[tuple[object, ...]], query: str) -> tuple[object, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def _oid(database: Database, name: str) -> int:
    return int(str(database.scalar(f"SELECT '{name}'::regclass::oid::bigint")))
