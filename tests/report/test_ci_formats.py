"""SARIF, JUnit, GitHub annotations and GitLab code quality, as each system takes them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes
from pgtune.model.place import Place
from pgtune.report.github_annotations import render_github
from pgtune.report.gitlab_quality import render_gitlab
from pgtune.report.junit import render_junit
from pgtune.report.sarif import MAX_RESULTS, render_sarif
from tests.golden import Case, Golden, read_cases
from tests.report.some_outcomes import ACCEPTED, CASES, OVER_BUDGET, PASSED, SORT, UNKNOWN, outcomes
from tests.sarif_schema import sarif_schema

FOLDER = Path(__file__).parent / "outcomes"
RENDERERS = {"sarif": render_sarif, "junit": render_junit, "github": render_github, "gitlab": render_gitlab}
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]")


def without_rules(log: str) -> str:
    """What a run says, without what stays the same in each: the documentation of rules."""
    run = json.loads(log)["runs"][0]
    return json.dumps({part: run[part] for part in ("invocations", "results")}, indent=2, ensure_ascii=False)


def run_of(what: Outcomes) -> dict[str, Any]:
    log = json.loads(render_sarif(what))
    sarif_schema().validate(log)
    return dict(log["runs"][0])


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("case", read_cases(FOLDER), ids=lambda case: case.title)
def test_outcomes_in_each_format(case: Case, name: str, golden: Golden) -> None:
    text = RENDERERS[name](CASES[case.title])
    assert _UNSAFE.search(text) is None
    golden.check(case, name, without_rules(text) if name == "sarif" else text)


def test_every_case_is_stored() -> None:
    assert {case.title for case in read_cases(FOLDER)} == set(CASES)


@pytest.mark.parametrize("title", CASES)
def test_sarif_is_valid_and_each_result_has_a_place(title: str) -> None:
    for result in run_of(CASES[title])["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:", ".."))
        assert place["region"]["startLine"] >= 1


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(render_sarif(CASES["Nothing was found"]))
    log["runs"][0]["results"] = [{"message": "text"}]
    with pytest.raises(jsonschema.ValidationError):
        sarif_schema().validate(log)


def test_sarif_rules_are_those_of_the_results_with_their_documentation() -> None:
    run = run_of(outcomes(OVER_BUDGET, SORT, PASSED))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["disk-sort", "fleet-over-budget"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert "work_mem" in rules[0]["help"]["markdown"]
    assert "helpUri" not in rules[0]


def test_sarif_fingerprints_do_not_move_with_the_line() -> None:
    before, after = (
        run_of(outcomes(replace(SORT, place=Place("q/a.sql", line))))["results"][0] for line in (4, 40)
    )
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


def test_sarif_suppresses_what_is_accepted() -> None:
    run = run_of(outcomes(ACCEPTED, OVER_BUDGET))
    suppressed = {result["ruleId"]: result["suppressions"] for result in run["results"]}
    assert suppressed["fleet-over-budget"] == []
    assert suppressed["disk-sort"][0]["justification"] == "nightly report"


def test_sarif_holds_no_more_results_than_github_takes() -> None:
    many = [replace(SORT, key=str(number)) for number in range(MAX_RESULTS)]
    log = json.loads(render_sarif(outcomes(*many, OVER_BUDGET)))
    run = log["runs"][0]
    assert len(run["results"]) == MAX_RESULTS
    assert run["results"][0]["ruleId"] == "fleet-over-budget"  # the gravest is not what is left out
    assert (
        "Left out: 1 finding beyond 25,000"
        in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    )


@pytest.mark.parametrize("name", ["/etc/passwd", "../other/a.sql", "standard input", "server"])
def test_what_lies_outside_is_placed_in_the_settings_file(name: str) -> None:
    what = outcomes(replace(SORT, place=Place(name, 3)))
    uri = run_of(what)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "pyproject.toml"
    assert json.loads(render_gitlab(what))[0]["location"]["path"] == "pyproject.toml"


def test_a_path_below_the_working_directory_is_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    what = outcomes(replace(SORT, place=Place(str(tmp_path / "a b" / "ü.sql"), 3)))
    uri = run_of(what)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%C3%BC.sql"
    assert json.loads(render_gitlab(what))[0]["location"]["path"] == "a b/ü.sql"


@pytest.mark.parametrize("fail_on", [None, Severity.ERROR, Severity.WARNING])
def test_junit_fails_where_the_run_fails(fail_on: Severity | None) -> None:
    what = outcomes(SORT, ACCEPTED, PASSED, UNKNOWN, fail_on=fail_on)
    suite = ET.fromstring(render_junit(what))[0]
    assert (int(suite.get("failures", "")) > 0) is what.fails
    assert suite.get("tests") == "4"
    assert suite.get("skipped") == "2"


def test_junit_says_class_and_text_where_gitlab_reads_them() -> None:
    case = ET.fromstring(render_junit(outcomes(OVER_BUDGET)))[0][0]
    assert case.get("classname") == "fleet-over-budget"
    assert "deploy/pgtune.toml:12\nthe fleet can ask for 260 connections" in (case[0].text or "")


def annotated(*some: Outcome) -> list[str]:
    return render_github(outcomes(*some)).splitlines()


def test_github_gets_the_worst_ten_and_the_count_of_the_rest() -> None:
    lines = annotated(*[replace(SORT, key=str(number)) for number in range(12)], OVER_BUDGET)
    assert len(lines) == 11
    assert lines[0].startswith("::error file=deploy/pgtune.toml,line=12,")
    assert lines[10].startswith("pgtune: 3 more findings;")


def test_github_gets_no_line_for_what_is_accepted_or_not_known() -> None:
    assert annotated(ACCEPTED, PASSED, UNKNOWN) == []


def test_gitlab_tells_findings_apart_by_key_alone() -> None:
    other = replace(SORT, key="q/a.sql:disk-sort:Sort:2")
    moved = replace(SORT, place=Place("q/a.sql", 99), message="Sort of 50,001 rows takes 4.2 MB on disk")
    prints = [
        each["fingerprint"] for each in json.loads(render_gitlab(outcomes(SORT, other, moved, OVER_BUDGET)))
    ]
    by_severity = dict(zip(("budget", "sort", "other", "moved"), prints, strict=True))
    assert by_severity["sort"] == by_severity["moved"]
    assert len(set(prints)) == 3
