"""Index advice against its case files: a plan and a catalog in, SQL and hint out; and its algebra."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.advice.hints.index_hints import advise
from pgtune.analysis.attribution import attribute
from pgtune.model.finding import Finding, Severity
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.names import RelationName
from pgtune.parse.plans import parse_plans
from tests.catalog_yaml import read_catalog
from tests.golden import Case, Golden, read_cases

MATRIX = Path(__file__).parent / "corpus" / "matrix"
CASES = read_cases(Path(__file__).parent / "advice")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_advice_says_what_its_case_file_says(case: Case, golden: Golden) -> None:
    (plan,) = parse_plans(case.text("plan") or "")
    catalog = case.text("catalog")
    wanting = [finding(line) for line in (case.text("need") or "").splitlines()]
    found = advise(wanting, attribute(plan), read_catalog(catalog) if catalog else None)
    golden.check(case, "advice", "\n".join(map(described, found)))


def finding(line: str) -> Finding:
    """``filter 2``: a need of node 2; ``reference public.orders user_id``: of a relation's columns."""
    purpose, place, *columns = line.split()
    need = (
        IndexNeed(
            Purpose(purpose),
            relation=RelationName(*place.replace('"', "").split(".")),
            columns=tuple(columns),
        )
        if columns
        else IndexNeed(Purpose(purpose), node=int(place))
    )
    return Finding(
        rule=f"wants-{purpose}",
        severity=Severity.WARNING,
        at=f"node {place}",
        node=need.node,
        message="",
        detail="",
        hint="the rule's own hint",
        action=None,
        saving_ms=None,
        share=0.5,
        key=line,
        index_need=need,
    )


def described(found: Finding) -> str:
    lines = [f"{found.rule}, {found.at}"]
    if found.action is not None:
        lines += [found.action.sql, f"undo: {found.action.undo}", f"lock: {found.action.lock}"]
    return "\n".join([*lines, f"hint: {found.hint}"]) + "\n"


@pytest.mark.parametrize("path", sorted(MATRIX.glob("*.json")), ids=lambda path: path.name)
def test_every_need_at_every_node_of_the_corpus_gives_sound_sql(path: Path) -> None:
    (plan,) = parse_plans(path.read_text(encoding="utf-8"))
    needs = [f"{purpose.value} {node.number}" for node in plan.nodes() for purpose in Purpose]
    for found in advise([finding(need) for need in needs], attribute(plan), None):
        if found.action is not None:
            statements = found.action.sql.splitlines()
            assert all(statement.startswith("CREATE ") for statement in statements)
            assert all("$" not in statement and "SubPlan" not in statement for statement in statements)


PARTS = st.builds(IndexPart, st.sampled_from("abc"), descending=st.booleans())
INDEXES = st.builds(
    Index,
    relation=st.just(RelationName("public", "t")),
    key=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    include=st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple),
    predicate=st.sampled_from([None, "d IS NULL"]),
)


@given(INDEXES)
def test_an_index_covers_itself(index: Index) -> None:
    assert index.covers(index)


@given(INDEXES, INDEXES, INDEXES)
def test_covering_is_transitive(first: Index, second: Index, third: Index) -> None:
    if first.covers(second) and second.covers(third):
        assert first.covers(third)


@given(INDEXES, st.lists(st.sampled_from("abcdef")))
def test_a_wider_index_covers_the_narrower(index: Index, columns: list[str]) -> None:
    wider = index.with_include(columns)
    assert wider.covers(index)
    assert set(columns) <= wider.columns
    assert len(wider.include) == len(set(wider.include))


@given(st.text(min_size=1, max_size=70), st.lists(st.text(min_size=1, max_size=70), min_size=1, max_size=5))
def test_a_name_fits_and_avoids_those_taken(table: str, columns: list[str]) -> None:
    index = Index(RelationName(None, table), tuple(map(IndexPart, columns)))
    first = index.default_name()
    second = index.default_name({first})
    assert first != second
    assert max(len(first.encode()), len(second.encode())) <= 63
