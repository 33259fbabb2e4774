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
            (SortKey(name="a"), SortKey(2), SortKey()),
        ),
        ('SELECT a FROM t ORDER BY t."A b" FETCH FIRST 1 ROW ONLY', (SortKey(name="A b"),)),
        ("(SELECT a FROM t ORDER BY a)", (SortKey(name="a"),)),
        ("SELECT * FROM (SELECT a FROM t ORDER BY a) AS s", ()),
        ("SELECT array_agg(a ORDER BY a), rank() OVER (ORDER BY b) FROM t", ()),
        ("WITH s AS (SELECT 1 ORDER BY 1) SELECT a FROM s ORDER BY a USING <", (SortKey(name="a"),)),
        ("SELECT a FROM t ORDER BY a + 1, b FOR UPDATE", (SortKey(), SortKey(name="b"))),
        ("SELECT 'no end", ()),
    ],
)
def test_the_keys_of_the_result(statement: str, keys: tuple[SortKey, ...]) -> None:
    assert top_level_order(statement) == keys
