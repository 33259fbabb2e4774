"""Every rule about pools against its case file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule, pool_rule_book
from pgtune.model.policy import Policy
from pgtune.model.review import Review
from pgtune.model.rule import Rule
from tests.golden import Case, Golden, read_cases
from tests.pool_evidence import read_pool_evidence

CASES = Path(__file__).parent / "pool"
STORED = read_cases(CASES)


def described(found: Review) -> str:
    """Findings, then what is fine, then what could not be checked."""
    lines = []
    for finding in found.findings:
        place = f" ({finding.place})" if finding.place else ""
        lines.append(f"{finding.severity}: {finding.at}{place}: {finding.message} [{finding.key}]")
        lines += [f"  {text}" for text in (finding.detail, finding.hint) if text]
    lines += [f"ok: {note.message}" for note in found.notes]
    lines += [f"unknown: {', '.join(skipped.missing)}" for skipped in found.skipped]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("case", STORED, ids=lambda case: case.id)
def test_rule_says_what_its_case_file_says(case: Case, golden: Golden) -> None:
    evidence = read_pool_evidence(case.text("evidence") or "")
    golden.check(case, "result", described(review([find_rule(case.path.stem)], evidence, Policy())))


@pytest.mark.parametrize("rule", pool_rule_book(), ids=lambda rule: rule.name)
def test_rule_has_cases_that_fire_and_one_that_does_not(rule: Rule) -> None:
    results = [case.text("result") or "" for case in STORED if case.path.stem == rule.name]
    assert any(result.startswith(("info", "warning", "error")) for result in results)
    assert any(not result.startswith(("info", "warning", "error")) for result in results)


def test_every_case_file_is_of_a_rule() -> None:
    assert {path.stem for path in CASES.glob("*.md")} == {rule.name for rule in pool_rule_book()}
