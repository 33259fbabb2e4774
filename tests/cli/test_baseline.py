"""--baseline and pgtune baseline update, as a project uses them, on plans that need no server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import Result, pgtune

PLAN = """
Sort  (cost=10.0..20.0 rows=50000 width=8) (actual time=80.0..90.0 rows=50000 loops=1)
  Sort Key: name
  Sort Method: external merge  Disk: 4300kB
  ->  Seq Scan on users  (cost=0.0..5.0 rows=50000 width=8) (actual time=0.1..5.0 rows=50000 loops=1)
Planning Time: 0.1 ms
Execution Time: 95.0 ms
"""
FILE = ".pgtune-baseline.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "plan.txt").write_text(PLAN)
    return tmp_path


def explain(project: Path, *options: str) -> Result:
    return pgtune("explain", "plan.txt", "--fail-on", "info", *options, cwd=project)


def entries(project: Path) -> list[dict[str, str]]:
    document = json.loads((project / FILE).read_text())
    assert document["schema_version"] == 1
    return list(document["entries"])


def accept(project: Path, *options: str) -> Result:
    return pgtune("baseline", "update", *options, "explain", "plan.txt", cwd=project)


def test_today_is_accepted_and_tomorrow_fails(project: Path) -> None:
    assert explain(project).code == 1
    done = accept(project, "--reason", "nightly report", "--expires", "never")
    assert done.code == 0, done.err
    assert "+ plan.txt:disk-sort:" in done.out
    (entry,) = entries(project)
    assert entry["rule"] == "disk-sort"
    assert entry["reason"] == "nightly report"
    assert entry["expires"] is None

    accepted = explain(project, "--baseline", FILE)
    assert accepted.code == 0
    assert f"pgtune: 1 finding accepted by {FILE}" in accepted.err

    shutil.copy(project / "plan.txt", project / "new.txt")
    again = pgtune("explain", "plan.txt", "new.txt", "--fail-on", "info", "--baseline", FILE, cwd=project)
    assert again.code == 1


def test_what_is_accepted_is_suppressed_in_reports(project: Path) -> None:
    accept(project)
    reports = ("--report", "sarif=o.sarif", "--report", "junit=o.xml", "--report", "gitlab=o.json")
    assert explain(project, "--baseline", FILE, *reports, "--report", "github").out == ""
    (result,) = json.loads((project / "o.sarif").read_text())["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"
    assert 'failures="0" errors="0" skipped="1"' in (project / "o.xml").read_text()
    assert json.loads((project / "o.json").read_text()) == []


def test_what_has_expired_fails_and_is_said(project: Path) -> None:
    accept(project)
    text = (project / FILE).read_text()
    (entry,) = entries(project)
    (project / FILE).write_text(text.replace(entry["expires"], "2026-01-02"))
    done = explain(project, "--baseline", FILE)
    assert done.code == 1
    assert "was accepted until 2026-01-02" in done.err
    renewed = accept(project)
    assert "0 added, 1 renewed" in renewed.out
    assert explain(project, "--baseline", FILE).code == 0


def test_what_is_gone_is_reported_and_dropped(project: Path) -> None:
    accept(project)
    (project / "plan.txt").write_text(PLAN.replace("external merge  Disk", "quicksort  Memory"))
    done = explain(project, "--baseline", FILE)
    assert "1 entry matches nothing any more" in done.err
    assert f"pgtune baseline update --baseline {FILE} explain ..." in done.err
    assert "1 dropped" in accept(project).out
    assert entries(project) == []
    (project / "plan.txt").write_text(PLAN)  # fixed once, it must not come back
    assert explain(project, "--baseline", FILE).code == 1


def test_a_run_that_could_not_check_leaves_the_file_as_it_was(project: Path) -> None:
    accept(project)
    before = (project / FILE).read_bytes()
    done = pgtune("baseline", "update", "explain", "missing.sql", cwd=project)
    assert done.code == 2
    assert "the baseline is as it was" in done.err
    unreachable = pgtune(
        "baseline", "update", "explain", "--dsn", "host=/nowhere", "-", stdin="SELECT 1", cwd=project
    )
    assert unreachable.code == 3
    assert (project / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rules",), "rules: no command that has findings"),
        (("explain", "plan.txt", "--baseline", "x"), "--baseline: behind the command"),
        (("--expires", "soon", "explain", "plan.txt"), "--expires soon: no date"),
        (("--expires", "2020-01-01", "explain", "plan.txt"), "2020-01-01 is not after today"),
    ],
)
def test_wrong_usage_is_told(project: Path, arguments: tuple[str, ...], message: str) -> None:
    done = pgtune("baseline", "update", *arguments, cwd=project)
    assert done.code == 2
    assert message in done.err
    assert not (project / FILE).exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("{", "no baseline"),
        ("[]", "no baseline"),
        ('{"schema_version": 2, "entries": []}', "version 2 of the format"),
        ('{"schema_version": 1, "entries": [{"command": "explain"}]}', "no baseline (KeyError: 'rule')"),
    ],
)
def test_a_file_that_is_no_baseline_is_told_before_anything_runs(
    project: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (project / FILE).write_text(content)
    done = explain(project, "--baseline", FILE)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_the_setting_names_the_file_from_where_the_settings_stand(project: Path) -> None:
    (project / "pgtune.toml").write_text('baseline = "accepted.json"\nfail-on = "info"\n')
    below = project / "below"
    below.mkdir()
    assert pgtune("baseline", "update", "explain", "plan.txt", cwd=project).code == 0
    assert (project / "accepted.json").exists()
    assert pgtune("explain", "plan.txt", cwd=project).code == 0
    other = pgtune("explain", "../plan.txt", cwd=below)  # another path from here, so another key
    assert other.code == 1
    assert "no such file" not in other.err


def test_a_difference_can_be_accepted(project: Path) -> None:
    (project / "s.sql").write_text("CREATE TABLE t (a int)")
    (project / "a.sql").write_text("SELECT a FROM t")
    (project / "b.sql").write_text("SELECT DISTINCT a FROM t")
    words = ("equivalent", "a.sql", "b.sql", "--schema", "s.sql")
    assert pgtune(*words, cwd=project).code == 1
    assert pgtune("baseline", "update", *words, cwd=project).code == 0
    assert pgtune(*words, "--baseline", FILE, cwd=project).code == 0
    assert (
        pgtune("equivalent", "b.sql", "a.sql", "--schema", "s.sql", "--baseline", FILE, cwd=project).code == 1
    )
