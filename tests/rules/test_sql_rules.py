"""Every rule about SQL against its case file: what it writes, and that PostgreSQL finds no difference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgtune.analysis.rule_book import find_rule, sql_rule_book
from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import Outcome, QueryPair, TestLimits
from pgtune.model.names import RelationName
from pgtune.model.rewrite import Change
from pgtune.parse.sql.statement import SqlStatement
from pgtune.shadow.trial.open_trial import open_trial
from pgtune.shadow.trial.schema_script import SchemaScript
from pgtune.shadow.trial.trial import Trial
from tests.golden import Case, Golden, read_cases

CASES = Path(__file__).parent / "sql"
SCHEMA = (CASES / "schema.sql").read_text(encoding="utf-8")
ALL = read_cases(CASES)
LIMITS = TestLimits(databases=200)
_VERSION = re.compile(r"version=(\d+)")


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with open_trial(SchemaScript("schema.sql", SCHEMA), None, lambda *_: None) as opened:
        yield opened


@pytest.fixture(scope="module")
def catalog(trial: Trial) -> Catalog:
    names = re.findall(r"CREATE (?:TABLE|VIEW) (\w+)", SCHEMA)
    return trial.catalog([RelationName("public", name) for name in names])


def changes(case: Case, catalog: Catalog) -> list[Change]:
    fence = case.fence("query")
    assert fence is not None
    version = _VERSION.search(fence.info)
    if version is not None:
        catalog = replace(catalog, version_num=int(version[1]))
    statement = SqlStatement.read(fence.text.rstrip("\n"), catalog)
    return [each for each in find_rule(case.path.stem).check(statement) if isinstance(each, Change)]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_rule_writes_what_its_case_file_says(case: Case, catalog: Catalog, golden: Golden) -> None:
    found = changes(case, catalog)
    golden.check(case, "rewritten", "\n\n".join(each.sql or f"-- {each.message}" for each in found))
    if case.fence("facts"):
        relied = [*(each.facts for each in found), *(each.assumptions for each in found)]
        golden.check(case, "facts", "\n".join(text for texts in relied for text in texts))


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_postgresql_finds_no_difference(case: Case, catalog: Catalog, trial: Trial) -> None:
    for change in changes(case, catalog):
        if change.sql is None or change.changes_contract:
            continue
        fence = case.fence("query")
        assert fence is not None
        trial.check(change.sql)
        report = trial.test(QueryPair((fence.text,), (change.sql,)), LIMITS)
        assert report.outcome is Outcome.EQUAL, (report, change.sql)
        assert report.is_tested


@pytest.mark.parametrize("rule", sql_rule_book(), ids=lambda rule: rule.name)
def test_every_rule_has_cases_that_fire_and_cases_that_do_not(rule, catalog: Catalog) -> None:  # type: ignore[no-untyped-def]
    fired = {bool(changes(case, catalog)) for case in ALL if case.path.stem == rule.name}
    assert fired == {True, False}
