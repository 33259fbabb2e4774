"""What may be asked of more rows than before, which types share an equality, where a join can be added."""

from __future__ import annotations

import pytest
from sqlglot import exp

from pgtune.model.catalog import Column
from pgtune.parse.sql.added_join import add_join, takes_join
from pgtune.parse.sql.correlation import correlated
from pgtune.parse.sql.draft import Draft
from pgtune.parse.sql.equal_types import same_equality
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.statement import SqlStatement, condition
from pgtune.parse.sql.tree import print_tree
from tests.catalog_yaml import read_catalog

CATALOG = read_catalog("""
relations:
  public.a:
    columns: {id: bigint not null, n: integer, price: "numeric(10,2)", weight: double precision, name: text}
  public.b:
    columns: {id: bigint not null, a_id: bigint, ratio: double precision}
""")


def select(text: str) -> tuple[SqlStatement, exp.Select]:
    statement = SqlStatement.read(text, CATALOG)
    assert isinstance(statement.tree, exp.Select)
    return statement, statement.tree


@pytest.mark.parametrize(
    "harmless",
    [
        "n > 1 AND name LIKE 'a%' OR price IS NULL",
        "price * (1 - price) < 2",
        "coalesce(n, 0) IN (1, 2)",
        "id = 1 / 0",  # fails whatever the row
        "sum(n) > 2",
    ],
)
def test_a_condition_that_no_row_makes_fail(harmless: str) -> None:
    statement, tree = select(f"SELECT id FROM a WHERE {harmless}")
    assert not can_raise(statement, tree.args["where"])


@pytest.mark.parametrize(
    "failing",
    [
        "1 / n > 1",
        "n + 1 > 2",  # overflows
        "name::integer = 1",
        "name LIKE name",
        "sum(weight) > 1",  # overflows, and depends on the order
        "lower(name) = (SELECT 'x')",
        "my_function(n)",
    ],
)
def test_a_condition_that_some_row_may_make_fail(failing: str) -> None:
    statement, tree = select(f"SELECT id FROM a WHERE {failing}")
    assert can_raise(statement, tree.args["where"])


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("bigint", "numeric(10,2)", True),
        ("text", "character varying(20)", True),
        ("date", "timestamp(3) without time zone", True),
        ("bigint", "double precision", False),  # 2^53 and 2^53 + 1 are one number there
        ("text", "character(2)", False),
        ("timestamp without time zone", "timestamp with time zone", False),  # an hour is repeated in autumn
        ("box", "box", False),  # equal areas
    ],
)
def test_types_of_one_equality(one: str, other: str, *, wanted: bool) -> None:
    columns = Column("x", one, not_null=False), Column("y", other, not_null=False)
    assert same_equality(*columns) is wanted
    assert same_equality(*reversed(columns)) is wanted


def test_a_nondeterministic_collation_has_another_equality_than_the_usual_one() -> None:
    usual = Column("x", "text", not_null=False)
    loose = Column("y", "text", not_null=False, is_nondeterministic=True)
    assert same_equality(loose, loose)
    assert not same_equality(usual, loose)


@pytest.mark.parametrize(
    ("inner", "ties"),
    [
        ("SELECT 1 FROM b WHERE b.a_id = a.id AND b.id > 3", 1),
        ("SELECT 1 FROM b WHERE a_id = a.id AND b.id = n", 2),
        ("SELECT 1 FROM b WHERE b.a_id > a.id", None),
        ("SELECT 1 FROM b WHERE b.a_id = a.id OR b.id = 1", None),
        ("SELECT 1 FROM b WHERE b.ratio = a.id", None),
        ("SELECT 1 FROM b WHERE b.a_id = a.id LIMIT 1", None),
        ("SELECT 1 FROM b WHERE b.a_id = 3", None),
        ("SELECT 1 FROM b TABLESAMPLE BERNOULLI (10) WHERE b.a_id = a.id", None),
        ("SELECT 1 FROM (SELECT * FROM b) b WHERE b.a_id = a.id", None),
    ],
)
def test_what_ties_a_sub_query_to_the_row_around_it(inner: str, ties: int | None) -> None:
    statement, tree = select(f"SELECT id FROM a WHERE EXISTS ({inner})")
    found = correlated(statement, statement.selects[1], tree)
    assert (None if found is None else len(found.correlations)) == ties


def test_a_row_from_further_out_is_no_tie_to_the_select_in_between() -> None:
    statement, _ = select("SELECT (SELECT (SELECT 1 FROM b WHERE b.a_id = x.id) FROM b y) FROM a x")
    assert correlated(statement, statement.selects[2], statement.selects[1]) is None


@pytest.mark.parametrize(
    ("source", "at", "side", "wanted"),
    [
        ("a", "a", "LEFT", "a LEFT JOIN g ON g.k = 1"),
        ("a, b", "a", "LEFT", "a LEFT JOIN g ON g.k = 1, b"),
        ("a, b JOIN a AS c ON TRUE", "b", "LEFT", "a, b JOIN a AS c ON TRUE LEFT JOIN g ON g.k = 1"),
        ("a, b", "a b", "", "a, b, g WHERE g.k = 1"),
        ("a, b", "a b", "LEFT", None),
    ],
)
def test_on_sees_the_items_on_its_side_of_a_comma_only(
    source: str, at: str, side: str, wanted: str | None
) -> None:
    statement, tree = select(f"SELECT a.id FROM {source}")
    items = {each.alias: each.node for each in statement.sources(tree)}
    draft: Draft[exp.Select] = Draft(tree)
    places = [draft.twin(items[name]) for name in at.split()]
    added = add_join(draft.tree, places, exp.to_table("g"), condition("g.k = 1"), side=side)
    assert added is (wanted is not None)
    assert print_tree(draft.tree) == f"SELECT a.id FROM {wanted or source}"


@pytest.mark.parametrize(
    "refusing",
    [
        "SELECT id FROM a LIMIT 3",
        "SELECT id FROM a FOR UPDATE",
        "SELECT DISTINCT ON (n) id FROM a",
        "SELECT id FROM a NATURAL JOIN b",
        "SELECT * FROM a JOIN b USING (id)",
        "SELECT 1",
    ],
)
def test_a_select_in_which_one_more_table_would_show(refusing: str) -> None:
    assert not takes_join(*select(refusing))


def test_names_inside_parentheses_around_a_join_are_not_taken_for_outer_ones() -> None:
    statement = SqlStatement.read(
        "SELECT 1 FROM b WHERE EXISTS (SELECT b.id FROM (b JOIN a ON a.id = b.a_id) WHERE b.id = 1)", CATALOG
    )
    inner = statement.selects[1].expressions[0]
    assert statement.origin(inner) is None
