"""Candidate indexes against their case files: a plan and a catalog in, definitions out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgtune.advice.accesses.accesses import accesses
from pgtune.advice.candidates.candidate_indexes import candidates
from pgtune.model.catalog import Catalog
from pgtune.model.index import Index
from pgtune.model.plan import Plan
from pgtune.parse.plans import parse_plans
from tests.catalog_yaml import read_catalog
from tests.golden import Case, Golden, read_cases

FOLDER = Path(__file__).parent / "candidates"
CASES = read_cases(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_candidates_are_those_of_the_case_file(case: Case, golden: Golden) -> None:
    golden.check(case, "candidates", "\n".join(described(case)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_candidate_comes_twice_or_exists(case: Case) -> None:
    catalog = catalog_of(case)
    for access in accesses(plan_of(case), catalog):
        found = list(candidates(access))
        assert len(found) == len(set(found)) == len({index.create_sql("i") for index in found})
        existing = {(index.key, index.include, index.predicate) for index in access.table.indexes}
        assert not existing & {(tuple(part.text for part in i.key), i.include, i.predicate) for i in found}


def described(case: Case) -> Iterator[str]:
    """For each access its table and, indented, the definitions of its candidates."""
    for access in accesses(plan_of(case), catalog_of(case)):
        yield str(access.relation)
        yield from (f"  {definition(index)}" for index in candidates(access))


def definition(index: Index) -> str:
    """What stands behind the table's name in CREATE INDEX."""
    return index.create_sql("i").split(f" ON {index.relation} ", 1)[1].removesuffix(";")


def plan_of(case: Case) -> Plan:
    (plan,) = parse_plans(case.text("plan") or "")
    return plan


def catalog_of(case: Case) -> Catalog:
    """The catalog that lies beside the case file."""
    return read_catalog(case.path.with_name(f"{case.path.stem}_catalog.yaml").read_text(encoding="utf-8"))
