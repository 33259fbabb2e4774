"""Every rule against its case file: what it says of a plan, and that PostgreSQL makes such plans."""

from __future__ import annotations

import json
import re
from pathlib import Path

import psycopg
import pytest

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule, plan_rule_book, rule_book
from pgtune.model.catalog import Catalog
from pgtune.model.evidence import Evidence
from pgtune.model.plan import Plan
from pgtune.model.policy import Policy
from pgtune.model.review import Review
from pgtune.model.rule import Rule
from pgtune.parse.plans import parse_plans
from pgtune.sources.catalog import read_catalog as read_live_catalog
from tests.catalog_yaml import read_catalog
from tests.conftest import Database
from tests.golden import Case, Golden, read_cases

Connection = psycopg.Connection[tuple[object, ...]]
CASES = Path(__file__).parent / "rules" / "plan"
_ALL = read_cases(CASES)
STORED = [case for case in _ALL if case.fence("plan")]
LIVE = [case for case in _ALL if case.fence("live")]
EVERYTHING = Policy(min_share=0.0)


def run_rule(name: str, plan: Plan, *more: object) -> Review:
    return review([find_rule(name)], Evidence((attribute(plan), *more)), EVERYTHING)


def described(found: Review) -> str:
    return "".join(f"{f'node {f.node}' if f.node else 'statement'}: {f.message}\n" for f in found.findings)


@pytest.mark.parametrize("case", STORED, ids=lambda case: case.id)
def test_rule_says_what_its_case_file_says(case: Case, golden: Golden) -> None:
    (plan,) = parse_plans(case.text("plan") or "")
    catalog = case.text("catalog")
    found = run_rule(case.path.stem, plan, *([read_catalog(catalog)] if catalog else []))
    golden.check(case, "findings", described(found))
    if case.fence("notes"):
        golden.check(case, "notes", "".join(f"node {note.node}: {note.message}\n" for note in found.notes))


@pytest.mark.parametrize("case", LIVE, ids=lambda case: case.id)
def test_postgresql_makes_the_smell(case: Case, database: Database, golden: Golden) -> None:
    with database.connect() as connection:
        connection.execute("CREATE SCHEMA smell; SET search_path = smell, public")
        needed = re.search(r"min=(\d+)", (case.fence("query") or case.fences[0]).info)
        if needed and connection.info.server_version < int(needed.group(1)) * 10000:
            pytest.skip(f"needs PostgreSQL {needed.group(1)} or later")
        if "needs=jit" in (case.fence("query") or case.fences[0]).info and not has_jit(connection):
            pytest.skip("needs a server that was built with JIT; PGTUNE_TEST_DSN can name one")
        connection.execute((case.text("setup") or "SELECT 1").encode())
        plan = explain(connection, case.text("query") or "")
        catalog = live_catalog(connection, plan)
    found = run_rule(case.path.stem, plan, catalog)
    places = {f.at.split(": ", 1)[-1] for f in found.findings}
    golden.check(case, "live", "".join(f"{place}\n" for place in sorted(places)))
    assert places


def has_jit(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_jit_available()").fetchone()
    return row is not None and row[0] is True


def explain(connection: Connection, query: str) -> Plan:
    modern = ", MEMORY, SERIALIZE" if connection.info.server_version >= 170000 else ""
    with connection.transaction(force_rollback=True):
        text = f"EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, WAL{modern}, FORMAT JSON) {query}"
        row = connection.execute(text.encode(), prepare=True).fetchone()
    assert row is not None
    return parse_plans(json.dumps(row[0]))[0]


def live_catalog(connection: Connection, plan: Plan) -> Catalog:
    return read_live_catalog(
        connection, {node.relation for node in plan.nodes() if node.relation is not None}
    )


@pytest.mark.parametrize("rule", plan_rule_book(), ids=lambda rule: rule.name)
def test_rule_has_a_case_that_fires_one_that_is_silent_and_one_live(rule: Rule) -> None:
    name = rule.name
    stored = [case for case in STORED if case.path.stem == name]
    assert any(case.text("findings") for case in stored), "no case fires"
    assert any(not case.text("findings") for case in stored), "no case stays silent"
    assert any(case.path.stem == name for case in LIVE), "no live case"


@pytest.mark.parametrize("rule", rule_book(), ids=lambda rule: rule.name)
def test_rule_documentation_has_its_parts_in_order(rule: Rule) -> None:
    doc = rule.doc
    places = [doc.find(f"\n{heading}") for heading in ("Instead of:", "Use:", "Ignore when:", "Source:")]
    assert -1 not in places
    assert places == sorted(places)


def test_case_files_and_rules_are_the_same_set() -> None:
    assert {path.stem for path in CASES.glob("*.md")} == {rule.name for rule in plan_rule_book()}
