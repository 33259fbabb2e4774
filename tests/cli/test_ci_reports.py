"""Reports for CI systems from the command line: several at once, the step summary, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pgtune.cli.step_summary import MAX_BYTES
from tests.cli.program import pgtune
from tests.cli.test_baseline import PLAN
from tests.sarif_schema import sarif_schema


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "plan.txt").write_text(PLAN)
    return tmp_path


def test_several_reports_at_once_and_the_run_still_fails(project: Path) -> None:
    files = ("--report", "sarif=o.sarif", "--report", "junit=o.xml", "--report", "gitlab=o.json")
    done = pgtune(
        "explain",
        "plan.txt",
        "--fail-on",
        "warning",
        "--report",
        "terminal",
        *files,
        "--report",
        "github",
        cwd=project,
    )
    assert done.code == 1
    log = json.loads((project / "o.sarif").read_text())
    sarif_schema().validate(log)
    assert ET.parse(project / "o.xml").getroot()[0].get("failures") == "1"
    (finding,) = json.loads((project / "o.json").read_text())
    assert finding["location"] == {"path": "plan.txt", "lines": {"begin": 1}}
    assert done.out.splitlines()[-1].startswith("::warning file=plan.txt,line=1,title=pgtune disk-sort::")


@pytest.mark.parametrize("report", ["terminal", "json", "markdown", "sarif", "junit", "github", "gitlab"])
def test_the_format_never_changes_the_exit_code(project: Path, report: str) -> None:
    assert pgtune("explain", "plan.txt", "--fail-on", "warning", "--report", report, cwd=project).code == 1
    assert pgtune("explain", "plan.txt", "--fail-on", "error", "--report", report, cwd=project).code == 0
    assert pgtune("explain", "plan.txt", "missing.txt", "--report", report, cwd=project).code == 2


def test_an_input_that_could_not_be_checked_is_in_the_reports(project: Path) -> None:
    reports = ("--report", "sarif=o.sarif", "--report", "junit=o.xml", "--report", "github")
    done = pgtune("explain", "plan.txt", "missing.sql", *reports, cwd=project)
    (run,) = json.loads((project / "o.sarif").read_text())["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert ET.parse(project / "o.xml").getroot()[0].get("errors") == "1"
    assert done.out.startswith("::error file=missing.sql,line=1,title=pgtune could not check::")


def summarised(project: Path, before: str = "", *reports: str) -> str:
    summary = project / "summary.md"
    summary.write_text(before)
    options = [word for report in reports or ("github",) for word in ("--report", report)]
    done = pgtune("explain", "plan.txt", *options, cwd=project, env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.code == 0, done.err
    return summary.read_text()


def test_the_step_summary_gets_the_markdown_report(project: Path) -> None:
    summary = summarised(project, "before\n")
    assert summary.startswith("before\n")
    assert "disk-sort" in summary
    assert summarised(project, "", "json") == ""


def test_the_step_summary_keeps_within_what_github_takes(project: Path) -> None:
    before = "x" * (MAX_BYTES - 300)
    summary = summarised(project, before)
    assert len(summary.encode()) <= MAX_BYTES
    assert summary.endswith("The rest does not fit into the summary; --report markdown=FILE has it.\n")
    full = "x" * MAX_BYTES
    assert summarised(project, full) == full


def test_annotations_and_another_document_do_not_share_standard_output(project: Path) -> None:
    done = pgtune("explain", "plan.txt", "--report", "json", "--report", "github", cwd=project)
    assert done.code == 2
    assert "two reports go to standard output" in done.err


def test_the_other_commands_report_alike(tmp_path: Path) -> None:
    (tmp_path / "s.sql").write_text("CREATE TABLE t (a int)")
    (tmp_path / "a.sql").write_text("SELECT a FROM t")
    (tmp_path / "b.sql").write_text("SELECT DISTINCT a FROM t")
    done = pgtune("equivalent", "a.sql", "b.sql", "--schema", "s.sql", "--report", "github", cwd=tmp_path)
    assert done.code == 1
    assert done.out.startswith("::error file=b.sql,line=1,title=pgtune different-results::Different: ")
