"""Every rule on existing indexes against its case file, and its SQL run on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule, index_rule_book, rule_book
from pgtune.model.action import Action
from pgtune.model.evidence import Evidence
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Finding, Severity
from pgtune.model.names import RelationName
from pgtune.model.policy import Policy
from pgtune.model.review import Review
from pgtune.model.rule import Rule
from pgtune.sources.catalog import read_catalog
from tests.cli.program import pgtune
from tests.conftest import Database
from tests.existing_indexes_yaml import read_existing_indexes
from tests.golden import Case, Golden, read_cases

CASES = Path(__file__).parent / "index"
_ALL = read_cases(CASES)
STORED = [case for case in _ALL if case.fence("indexes")]
LIVE = [case for case in _ALL if case.fence("live")]
_CANNOT_BE_UNDONE = {"invalid-index", "bloated-index"}


def run_rule(name: str, existing: ExistingIndexes) -> Review:
    return review([find_rule(name)], Evidence((existing,)), Policy())


def described(findings: Sequence[Finding]) -> str:
    return "".join(
        f"{finding.severity}: {finding.at}: {finding.message}\n"
        f"  {finding.detail}\n  {finding.hint}\n" + _sql(finding.action)
        for finding in findings
    )


def _sql(action: Action | None) -> str:
    return "".join(f"  > {line}\n" for line in (action.sql if action else "nothing to paste").splitlines())


@pytest.mark.parametrize("case", STORED, ids=lambda case: case.id)
def test_rule_says_what_its_case_file_says(case: Case, golden: Golden) -> None:
    found = run_rule(case.path.stem, read_existing_indexes(case.text("indexes") or ""))
    golden.check(case, "findings", described(found.findings))
    if case.fence("notes"):
        golden.check(case, "notes", "".join(f"{note.message}\n" for note in found.notes))


@pytest.mark.parametrize("case", LIVE, ids=lambda case: case.id)
def test_the_sql_of_a_finding_removes_it_and_the_undo_brings_the_index_back(
    case: Case, database: Database, golden: Golden
) -> None:
    name = case.path.stem
    with database.connect() as connection:
        connection.execute("CREATE SCHEMA shop; SET search_path = shop")
        connection.execute((case.text("setup") or "").encode())
        if case.fence("failing"):
            with pytest.raises(psycopg.Error):
                connection.execute((case.text("failing") or "").encode())
        before = read_live(connection)
        found = run_rule(name, before).findings
        golden.check(case, "live", "".join(f"{finding.at}\n" for finding in found))
        connection.execute((case.text("mend") or "").encode())
        for finding in found:
            execute(connection, finding.action.sql if finding.action else None)
        assert run_rule(name, read_live(connection)).findings == ()
        if name in _CANNOT_BE_UNDONE:
            return
        for finding in found:
            execute(connection, finding.action.undo if finding.action else None)
        assert shapes(read_live(connection)) == shapes(before)


def execute(connection: psycopg.Connection[Any], script: str | None) -> None:
    assert script is not None
    for statement in script.splitlines():
        connection.execute(statement.encode())


def shapes(existing: ExistingIndexes) -> set[tuple[str, bool, str | None]]:
    return {(index.definition, index.valid, index.constraint) for index in existing.indexes}


def read_live(connection: psycopg.Connection[Any]) -> ExistingIndexes:
    """The schema's indexes, as if 90 days had been counted."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    catalog = read_catalog(connection, [RelationName("shop", name) for (name,) in rows])
    now = datetime.now(UTC)
    indexes = [index for relation in catalog.relations.values() for index in relation.indexes]
    return ExistingIndexes(
        catalog=catalog,
        taken_at=now,
        counted_since=now - timedelta(days=90),
        standbys=0,
        fresh_bytes={
            index.name: fresh_bytes(connection, index.name)
            for index in indexes
            if index.valid and not index.partitioned
        },
    )


def fresh_bytes(connection: psycopg.Connection[Any], index: RelationName) -> int:
    with connection.transaction(force_rollback=True):
        connection.execute(f"REINDEX INDEX {index}".encode())
        row = connection.execute("SELECT pg_relation_size(%s::regclass)", [str(index)]).fetchone()
    assert row is not None
    size_bytes: int = row[0]
    return size_bytes


def test_what_several_rules_see_of_one_index_is_one_finding() -> None:
    found = review_all(
        """
        relations:
          public.orders:
            indexes:
              - {name: copy, key: [a], mb: 90, scans: 0}
              - {name: used, key: [a], mb: 30, scans: 70}
              - {name: longer, key: [a, b], mb: 60, scans: 5}
        fresh_mb: {public.copy: 30, public.used: 30, public.longer: 30}
        """
    )
    assert [(finding.key, finding.also) for finding in found] == [
        ("duplicate-index:public.copy", ("bloated-index", "redundant-index", "unused-index")),
        ("bloated-index:public.longer", ()),
        ("redundant-index:public.used", ()),
    ]


@pytest.mark.parametrize(
    "scans",
    [(0, 0, 0, 0), (9, 0, 0, 0), (0, 9, 0, 0), (0, 0, 9, 0), (0, 0, 0, 9), (9, 0, 9, 0), (9, 9, 9, 9)],
)
def test_an_index_that_is_used_is_dropped_only_where_one_that_stays_covers_it(
    scans: tuple[int, ...],
) -> None:
    reach = {"one": 0, "same": 0, "covering": 1, "longer": 2}  # covers all of the same or a lower number
    counts = dict(zip(reach, scans, strict=True))
    found = review_all(
        f"""
        relations:
          public.orders:
            indexes:
              - {{name: one, key: [a], mb: 10, scans: {counts["one"]}}}
              - {{name: same, key: [a], mb: 10, scans: {counts["same"]}}}
              - {{name: covering, key: [a], include: [c], mb: 20, scans: {counts["covering"]}}}
              - {{name: longer, key: [a, b], include: [c], mb: 30, scans: {counts["longer"]}}}
        """
    )
    left = reach.keys() - {finding.at.removeprefix("index public.") for finding in found}
    furthest = max((reach[name] for name in left), default=-1)
    assert furthest == max((reach[name] for name in reach if counts[name]), default=-1)
    assert len(left) <= 1


def review_all(text: str) -> tuple[Finding, ...]:
    return review(index_rule_book(), Evidence((read_existing_indexes(text),)), Policy()).findings


def test_settings_never_raise_a_finding_that_something_speaks_against() -> None:
    text = "{days: 3, relations: {t: {indexes: [{name: i, key: [a], mb: 9, scans: 0}]}}}"
    policy = Policy(severities={"unused-index": Severity.ERROR})
    young = review([find_rule("unused-index")], Evidence((read_existing_indexes(text),)), policy)
    old = read_existing_indexes(text.replace("days: 3", "days: 300"))
    assert [finding.severity for finding in young.findings] == [Severity.INFO]
    assert [
        finding.severity for finding in review([find_rule("unused-index")], Evidence((old,)), policy).findings
    ] == [Severity.ERROR]


def test_pgtune_rules_lists_rules_on_plans_and_on_indexes_and_explains_each() -> None:
    listed = pgtune("rules").out.splitlines()
    assert [line.split()[0] for line in listed] == sorted(rule.name for rule in rule_book())
    assert "min_days = 35" in pgtune("rules", "unused-index").out


def test_what_is_gravest_and_frees_most_comes_first() -> None:
    found = review_all(
        """
        relations:
          t:
            indexes:
              - {name: small, key: [a], mb: 2, scans: 0}
              - {name: large, key: [b], mb: 9, scans: 0}
              - {name: doubtful, key: [{text: lower(c), is_expression: true}], mb: 90, scans: 0}
        """
    )
    assert [finding.key for finding in found] == [
        f"unused-index:{name}" for name in ("large", "small", "doubtful")
    ]


@pytest.mark.parametrize("rule", index_rule_book(), ids=lambda rule: rule.name)
def test_rule_has_a_case_that_fires_one_that_is_silent_and_one_live(rule: Rule) -> None:
    stored = [case for case in STORED if case.path.stem == rule.name]
    assert any(case.text("findings") for case in stored), "no case fires"
    assert any(not case.text("findings") for case in stored), "no case stays silent"
    assert any(case.path.stem == rule.name and case.text("live") for case in LIVE), "no live case"


def test_case_files_and_rules_are_the_same_set() -> None:
    assert {path.stem for path in CASES.glob("*.md")} == {rule.name for rule in index_rule_book()}
