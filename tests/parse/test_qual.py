"""Predicates of real plans and of a generator are taken apart, and lose nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.model.names import quote_ident
from pgtune.model.qual import Clause, ClauseKind, ColumnRef
from pgtune.parse.qual import read_cast_column, read_clauses, read_columns, without_aliases
from pgtune.parse.sort_key import read_sort_key

MATRIX = Path(__file__).parents[1] / "corpus" / "matrix"
QUAL_KEYS = ("Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond", "TID Cond")


def only(text: str) -> Clause:
    (clause,) = read_clauses(text)
    return clause


KINDS = [
    ("(o.user_id = 42)", ClauseKind.EQUALITY),
    ("(status = ANY ('{a,b}'::text[]))", ClauseKind.IN_LIST),
    ("(status <> ALL ('{a,b}'::text[]))", ClauseKind.OTHER),
    ("(b > 2)", ClauseKind.RANGE),
    ("(2 < b)", ClauseKind.RANGE),
    ("(b <> 2)", ClauseKind.OTHER),
    ("(ROW(a, b) > ROW(1, 2))", ClauseKind.RANGE),
    ("(x IS NULL)", ClauseKind.IS_NULL),
    ("(x IS NOT NULL)", ClauseKind.IS_NOT_NULL),
    ("(x IS DISTINCT FROM 5)", ClauseKind.OTHER),
    ("(NOT deleted)", ClauseKind.BOOLEAN),
    ("deleted", ClauseKind.BOOLEAN),
    ("(deleted IS TRUE)", ClauseKind.BOOLEAN),
    ("(NOT (a = 1))", ClauseKind.OTHER),
    ("(name ~~ 'abc%'::text)", ClauseKind.PREFIX),
    ("(name ~~ '%abc'::text)", ClauseKind.PATTERN),
    ("(name ~~ $1)", ClauseKind.PATTERN),
    ("(name ~~* 'abc%'::text)", ClauseKind.PATTERN),
    ("(name !~~ 'abc%'::text)", ClauseKind.OTHER),
    ("(name ~ '^abc'::text)", ClauseKind.PREFIX),
    ("(name ~ 'abc$'::text)", ClauseKind.PATTERN),
    ("""(data @> '{"a": 1}'::jsonb)""", ClauseKind.CONTAINS),
    ("(data ? 'k'::text)", ClauseKind.CONTAINS),
    ("(tags && '{a}'::text[])", ClauseKind.CONTAINS),
    ("((a = 1) OR (b = 2))", ClauseKind.OR),
    ("(hashed SubPlan 1)", ClauseKind.OTHER),
    ("(alternatives: SubPlan 1 or hashed SubPlan 2)", ClauseKind.OTHER),
    ("(NOT (ANY (c.id = (hashed SubPlan 1).col1)))", ClauseKind.OTHER),
    ("(count(*) > 5)", ClauseKind.OTHER),
    ("(row_number() OVER (?) < 10)", ClauseKind.OTHER),
    ("(CASE WHEN (a > 1) THEN b ELSE c END = 3)", ClauseKind.EQUALITY),
    ("CASE WHEN ((a > 1) AND b) THEN c ELSE d END", ClauseKind.BOOLEAN),
    ("(a.x OPERATOR(public.=) 5)", ClauseKind.EQUALITY),
    ("(a = (InitPlan 1).col1)", ClauseKind.EQUALITY),
    ("((a = 1", ClauseKind.OTHER),
    ("(a = 'unclosed", ClauseKind.OTHER),
]


@pytest.mark.parametrize(("text", "kind"), KINDS, ids=[text for text, _ in KINDS])
def test_kind_of_a_clause(text: str, kind: ClauseKind) -> None:
    assert only(text).kind is kind


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("(o.user_id = 42)", ColumnRef("o", "user_id")),
        ('("Ünï ""x""" = 1)', ColumnRef(None, 'Ünï "x"')),
        ("((email)::text = 'x'::text)", ColumnRef(None, "email")),
        ("(5 < x)", ColumnRef(None, "x")),
        ("(pt.ts = (InitPlan 1).col1)", ColumnRef("pt", "ts")),
        ("(NOT t.deleted)", ColumnRef("t", "deleted")),
        ('("*VALUES*".column1 = 1)', ColumnRef("*VALUES*", "column1")),
        ("((created_at)::date = '2024-01-01'::date)", None),
        ("(lower(email) = 'x'::text)", None),
    ],
)
def test_indexable_column(text: str, column: ColumnRef | None) -> None:
    assert only(text).column == column


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("(lower((u.email)::text) = 'x'::text)", "lower((email)::text)"),
        ("((data ->> 'k'::text) = 'v'::text)", "data ->> 'k'::text"),
        ("((o.created_at)::date >= '2024-01-01'::date)", "(created_at)::date"),
        ("((t.v)::numeric(10,2) > 5.0)", "(v)::numeric(10,2)"),
        ("(EXTRACT(year FROM o.at) = '2024'::numeric)", "EXTRACT(year FROM at)"),
        (
            "((ts AT TIME ZONE 'UTC'::text) < '2024-01-01'::timestamp without time zone)",
            "ts AT TIME ZONE 'UTC'::text",
        ),
        ("(((t.name)::text COLLATE \"C\") = 'x'::text)", '(name)::text COLLATE "C"'),
        ("((o.addr).city = 'x'::text)", "(addr).city"),
    ],
)
def test_indexable_expression_without_aliases(text: str, expression: str) -> None:
    clause = only(text)
    assert clause.column is None
    assert without_aliases(clause.expression or "") == expression


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("(a = 1)", True),
        ("(a = (- 1))", True),
        ("(a = '{1}'::integer[])", True),
        ("(a = NULL::text)", True),
        ("(a = $1)", False),
        ("(a = now())", False),
        ("(a = b)", False),
        ("(a = (InitPlan 1).col1)", False),
    ],
)
def test_literal_is_what_the_statement_spells_out(text: str, *, literal: bool) -> None:
    assert only(text).literal is literal


CASTS = [
    ("((o.cost)::numeric)", (ColumnRef("o", "cost"), "numeric")),
    ("(at)::timestamp without time zone", (ColumnRef(None, "at"), "timestamp without time zone")),
    ("cost", None),
    ("((data ->> 'k'::text))::integer", None),
    ("((cost)::numeric + '1'::numeric)", None),
    ("((a)::text || (b)::text)", None),
    ("((cost", None),
]


@pytest.mark.parametrize(("text", "found"), CASTS)
def test_a_cast_of_a_column_and_nothing_else(text: str, found: tuple[ColumnRef, str] | None) -> None:
    assert read_cast_column(text) == found


def test_no_column_hides_in_types_functions_collations_and_windows() -> None:
    text = (
        "(f(a)::character varying(20) || EXTRACT(year FROM b)::double precision || "
        '(c COLLATE "de_DE") || row_number() OVER w1 || d[1]::timestamp(3) without time zone[] || g(x => e))'
    )
    assert [ref.name for ref in read_columns(text)] == ["a", "b", "c", "d", "e"]


def test_join_clause_is_seen_from_either_side() -> None:
    clause = only("(o.user_id > u.id)")
    outer, inner = clause.seen_from("o"), clause.seen_from("u")
    assert outer is not None
    assert inner is not None
    assert (outer.column, outer.operator, outer.operand) == (ColumnRef("o", "user_id"), ">", "u.id")
    assert (inner.column, inner.operator, inner.operand) == (ColumnRef("u", "id"), "<", "o.user_id")
    assert clause.seen_from("x") is None


def test_clause_between_columns_of_one_relation_is_no_condition_for_an_index() -> None:
    assert only("(a = b)").seen_from(None) is None
    assert only("(t.a = (t.b + 1))").seen_from("t") is None


def test_arms_of_or_are_and_lists() -> None:
    clause = only("((a = 1) OR ((b = 2) AND (c > 3)))")
    assert [[c.text for c in arm] for arm in clause.alternatives] == [["a = 1"], ["b = 2", "c > 3"]]


@pytest.mark.parametrize(
    ("text", "name", "descending", "nulls_first"),
    [
        ("o.created_at DESC NULLS LAST", "created_at", True, False),
        ("created_at DESC", "created_at", True, True),
        ('name COLLATE "C" NULLS FIRST', "name", False, True),
        ("((o.cust % 3))", None, False, False),
    ],
)
def test_sort_key(text: str, name: str | None, *, descending: bool, nulls_first: bool) -> None:
    key = read_sort_key(text)
    assert (key.column.name if key.column else None) == name
    assert (key.descending, key.nulls_first) == (descending, nulls_first)


def corpus_quals() -> Iterator[str]:
    seen = set()
    for path in sorted(MATRIX.glob("*.json")):
        pending = [json.loads(path.read_text(encoding="utf-8"))[0]["Plan"]]
        while pending:
            node: dict[str, Any] = pending.pop()
            pending.extend(node.get("Plans", []))
            seen.update(node[key] for key in QUAL_KEYS if key in node)
    yield from sorted(seen)


def squeezed(text: str) -> str:
    return text.replace("(", "").replace(")", "").replace(" ", "")


@pytest.mark.parametrize("text", list(corpus_quals()))
def test_clauses_of_the_corpus_rejoin_to_the_text(text: str) -> None:
    clauses = read_clauses(text)
    assert squeezed(" AND ".join(clause.text for clause in clauses)) == squeezed(text)
    for clause in clauses:
        assert clause.kind is not ClauseKind.OTHER or any(
            word in clause.text for word in ("SubPlan", "count(", "row_number()")
        )


NAMES = st.one_of(
    st.sampled_from(["a", "user_id", "or", "year", "Order", 'x"y', "Ünï x"]), st.text(min_size=1, max_size=4)
)
STRINGS = st.text(max_size=6).map(lambda value: "'" + value.replace("'", "''") + "'::text")


def spelled(name: str) -> str:
    return quote_ident(name) if name.isascii() and name.islower() else '"' + name.replace('"', '""') + '"'


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, list[ColumnRef]]:
    alias = draw(st.sampled_from(["t", "Tbl", None]))
    ref = ColumnRef(alias, draw(NAMES))
    column = ".".join(spelled(part) for part in (alias, ref.name) if part is not None)
    side = draw(
        st.sampled_from(["{}", "lower(({})::text)", "({})::character varying(10)", '({} COLLATE "C")'])
    )
    operator = draw(st.sampled_from(["=", ">", "<=", "~~", "@>"]))
    return f"({side.format(column)} {operator} {draw(STRINGS)})", [ref]


Expression = tuple[str, list[ColumnRef]]
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    comparisons(),
    lambda inner: st.tuples(st.sampled_from([" AND ", " OR "]), st.lists(inner, min_size=2, max_size=4)).map(
        lambda pair: (
            "(" + pair[0].join(text for text, _ in pair[1]) + ")",
            [ref for _, refs in pair[1] for ref in refs],
        )
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_generated_expression_gives_back_every_leaf_and_column(expression: Expression) -> None:
    text, refs = expression
    clauses = read_clauses(text)
    leaves = [leaf for clause in clauses for leaf in clause.everything() if leaf.kind is not ClauseKind.OR]
    assert [column for leaf in leaves for column in leaf.columns] == refs
    assert all(leaf.kind is not ClauseKind.OTHER for leaf in leaves)
    assert read_columns(text) == tuple(dict.fromkeys(refs))


@given(st.text(alphabet="ab1 .:'\"()[],=<>~@?$\\EANDORNOTIS%-", max_size=60))
def test_any_text_is_read_without_raising(text: str) -> None:
    read_clauses(text)
    read_sort_key(text)
    without_aliases(text)


@pytest.mark.parametrize(
    "text", ["(" * 50_000 + "a" + ")" * 50_000, "(" * 100_000, "'" * 99_999, "a." * 50_000]
)
def test_long_text_is_read_in_linear_time(text: str) -> None:
    start = time.perf_counter()
    read_clauses(text)
    assert time.perf_counter() - start < 5


def test_list_of_ten_thousand_members_is_read() -> None:
    clauses = read_clauses("(" + " AND ".join(f"(a{i} = {i})" for i in range(10_000)) + ")")
    assert len(clauses) == 10_000
