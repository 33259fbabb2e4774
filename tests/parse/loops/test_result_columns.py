"""Which column of a query's result a lookup takes its value from: by foreign key, else by name."""

from __future__ import annotations

import pytest

from pgtune.model.catalog import Catalog
from pgtune.parse.loops.log_loops import loops_of_log
from pgtune.parse.loops.result_columns import Tie, lookups, tie_of
from pgtune.parse.sql_tokens import read_words
from tests.catalog_yaml import read_catalog

CATALOG = read_catalog(
    """
relations:
  public.people:
    columns: {id: integer not null, boss: integer, name: text}
    indexes: [{name: people_pkey, key: [id], unique: true, primary: true}]
  public.bills:
    columns: {id: integer not null, payer: integer}
    indexes: [{name: bills_pkey, key: [id], unique: true, primary: true}]
    foreign_keys:
      - {name: bills_payer, columns: [payer], references: public.people, referenced: [id], indexed: false}
"""
)
BY_KEY = "SELECT name FROM people WHERE id = $1"


def tie(lookup: str, query: str, catalog: Catalog | None = None) -> Tie | None:
    (found,) = lookups(read_words(lookup))
    return tie_of(found, read_words(query), catalog)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("SELECT id, payer FROM bills", "payer"),
        ("SELECT b.payer AS who FROM bills b", "who"),
        ("SELECT * FROM bills", "payer"),
        ("SELECT id FROM bills", None),
        ("SELECT count(payer) FROM bills", None),
    ],
)
def test_a_foreign_key_ties_columns_whose_names_differ(query: str, column: str | None) -> None:
    assert tie(BY_KEY, query, CATALOG) == (None if column is None else Tie(column, is_foreign_key=True))
    assert tie(BY_KEY, query) is None


def test_a_foreign_key_is_followed_to_the_children_too() -> None:
    assert tie("SELECT * FROM bills WHERE payer = $1", "SELECT p.* FROM people p", CATALOG) == Tie("id", True)


@pytest.mark.parametrize(
    ("lookup", "query", "column"),
    [
        ("SELECT * FROM users WHERE id = $1", "SELECT id, user_id FROM orders", "user_id"),
        ("SELECT * FROM users WHERE id = $1", 'SELECT "userId" FROM orders', "userId"),
        ("SELECT * FROM users u WHERE $1::int = u.id", "SELECT id, user_id FROM orders", "user_id"),
        ("SELECT * FROM orders WHERE user_id = $1", "SELECT id, name FROM users", "id"),
        ("SELECT * FROM orders WHERE user_id = $1", "SELECT * FROM users", "id"),
        ("SELECT * FROM orders WHERE user_id IN ($1)", "SELECT user_id FROM carts", "user_id"),
        ("SELECT * FROM cities WHERE id = $1", "SELECT city_id FROM homes", "city_id"),
        ("SELECT * FROM users WHERE id = $1", "SELECT id, shop_id FROM orders", None),
        ("SELECT * FROM users WHERE id = $1", "SELECT id FROM orders", None),
        ("SELECT * FROM orders WHERE user_id = $1", "SELECT id FROM shops", None),
    ],
)
def test_names_that_follow_each_other(lookup: str, query: str, column: str | None) -> None:
    assert tie(lookup, query) == (None if column is None else Tie(column, is_foreign_key=False))


def test_of_several_queries_the_one_with_the_foreign_key_is_the_parent() -> None:
    texts = ["SELECT payer FROM bills", "SELECT id AS people_id FROM pets"]
    texts += [f"SELECT name FROM people WHERE id = {number}" for number in range(6)]
    lines = [
        f"2026-11-21 03:00:01.{20 * number:03d} UTC [7] LOG:  duration: 1.0 ms  statement: {text}\n"
        for number, text in enumerate(texts)
    ]
    (loop,) = loops_of_log("a.log", lines, CATALOG).loops
    assert loop.parent is not None
    assert (loop.parent.text, loop.parent.column) == ("SELECT payer FROM bills", "payer")
