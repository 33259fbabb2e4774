"""What a statement writes is told by its SET lists and targets: they decide which updates stay HOT."""

from __future__ import annotations

import pytest

from pgtune.model.names import RelationName
from pgtune.model.workload import WriteKind
from pgtune.parse.written_columns import Written, written

T = RelationName(None, "t")


def columns(text: str) -> set[str]:
    (one,) = written(text)
    return set(one.columns)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE t SET a = 1", {"a"}),
        ("UPDATE ONLY t AS x SET a = 1, b = x.c WHERE d = 2", {"a", "b"}),
        ("UPDATE t SET (a, b) = (1, 2), c = 3", {"a", "b", "c"}),
        ("UPDATE t SET (a, b) = (SELECT c, d FROM u WHERE e = 1) FROM v WHERE f = 1", {"a", "b"}),
        ("UPDATE t SET a[1] = 4, b.part = 5", {"a", "b"}),
        ('UPDATE t SET "A b" = 1, Total = 2', {"A b", "total"}),
        ("UPDATE t SET a = CASE WHEN b THEN c ELSE d END, e = 1 WHERE g = 1", {"a", "e"}),
        ("UPDATE t SET a = b IS DISTINCT FROM c, d = 1 RETURNING e, f", {"a", "d"}),
        ("UPDATE t SET a = f(b, c), d = ARRAY[e, f]", {"a", "d"}),
        ("INSERT INTO t (a, b) VALUES (1, 2)", set()),
        ("INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a) DO NOTHING", set()),
        (
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = 1 WHERE t.d > 2",
            {"b", "c"},
        ),
        (
            (
                "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED AND u.x > 1 THEN UPDATE SET a = 1, b = 2 "
                "WHEN MATCHED THEN UPDATE SET c = 3 WHEN NOT MATCHED THEN INSERT (d) VALUES (1)"
            ),
            {"a", "b", "c"},
        ),
        ("DELETE FROM t USING u WHERE t.set = u.id", set()),
    ],
)
def test_the_columns_are_those_of_the_set_lists(statement: str, expected: set[str]) -> None:
    assert columns(statement) == expected
    assert written(statement)[0].relation == T


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO t VALUES (1)", WriteKind.INSERT),
        ("update only t set a = 1", WriteKind.UPDATE),
        ("DELETE FROM ONLY t", WriteKind.DELETE),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", WriteKind.MERGE),
        ("COPY t (a, b) FROM STDIN", WriteKind.COPY),
        ("WITH a AS (SELECT 1) DELETE FROM t", WriteKind.DELETE),
    ],
)
def test_the_kind_is_that_of_the_statement(statement: str, kind: WriteKind) -> None:
    (one,) = written(statement)
    assert (one.relation, one.kind) == (T, kind)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM t FOR UPDATE OF t",
        "SELECT * FROM t FOR NO KEY UPDATE",
        "SELECT max(update), 'UPDATE t SET a = 1' FROM t -- UPDATE t SET a = 1",
        "COPY t TO STDOUT",
        "SET work_mem = '64MB'",
        "",
    ],
)
def test_what_only_reads_writes_nothing(statement: str) -> None:
    assert written(statement) == ()


def test_data_changes_in_a_with_list_count_each() -> None:
    found = written(
        "WITH x AS (UPDATE a.t SET b = 1 RETURNING *), y AS (DELETE FROM u) INSERT INTO v SELECT * FROM x"
    )
    assert found == (
        Written(RelationName("a", "t"), WriteKind.UPDATE, frozenset({"b"})),
        Written(RelationName(None, "u"), WriteKind.DELETE),
        Written(RelationName(None, "v"), WriteKind.INSERT),
    )


def test_a_qualified_and_quoted_target() -> None:
    (one,) = written('UPDATE "My Schema"."T""x" SET a = 1')
    assert one.relation == RelationName("My Schema", 'T"x')
