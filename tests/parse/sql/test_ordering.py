"""Which ORDER BY is that of the result, and what its keys are."""

from __future__ import annotations

import pytest

from pgtune.parse.sql.ordering import SortKey, top_level_order


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        ("SELECT a FROM t", ()),
        (
            "SELECT a FROM t ORDER BY a DESC NULLS LAST, 2, lower(b) LIMIT 3",
            (SortKey(name="a"), SortKey(2), SortKey(expression="lower(b)")),
        ),
        ('SELECT a FROM t ORDER BY t."A b" FETCH FIRST 1 ROW ONLY', (SortKey(expression='t."A b"'),)),
        ('SELECT a FROM t ORDER BY "A b", A', (SortKey(name="A b"), SortKey(name="a"))),
        ("SELECT a FROM t ORDER BY (a) DESC, ((2))", (SortKey(name="a"), SortKey(2))),
        (
            "SELECT a FROM t ORDER BY (SELECT b FROM u ORDER BY c DESC LIMIT 1) ASC NULLS FIRST",
            (SortKey(expression="SELECT b FROM u ORDER BY c DESC LIMIT 1"),),
        ),
        ("(SELECT a FROM t ORDER BY a)", (SortKey(name="a"),)),
        ("SELECT * FROM (SELECT a FROM t ORDER BY a) AS s", ()),
        ("SELECT array_agg(a ORDER BY a), rank() OVER (ORDER BY b) FROM t", ()),
        ("WITH s AS (SELECT 1 ORDER BY 1) SELECT a FROM s ORDER BY a USING <", (SortKey(name="a"),)),
        ("SELECT a FROM t ORDER BY a + 1, b FOR UPDATE", (SortKey(expression="a + 1"), SortKey(name="b"))),
        ("SELECT 'no end", ()),
    ],
)
def test_the_keys_of_the_result(statement: str, keys: tuple[SortKey, ...]) -> None:
    assert top_level_order(statement) == keys


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (SortKey(2), 1),
        (SortKey(4), None),
        (SortKey(name="b"), 1),
        (SortKey(name="c"), None),
        (SortKey(expression="t.b"), None),
    ],
)
def test_the_output_column_that_a_key_is(key: SortKey, place: int | None) -> None:
    assert key.output_place(("a", "b", "b")) == place
