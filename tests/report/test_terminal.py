"""What people read on a terminal, and what a pipe gets."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from pgtune.model.diagnosis import Failure, Report
from pgtune.model.finding import Finding, Note
from pgtune.model.place import Place
from pgtune.model.review import Review, Skipped
from pgtune.report.terminal import Detail
from tests.golden import Case, Golden, read_cases
from tests.report.reports import PLAN, SLOW_SCAN, drawn, explained, report

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
WIDTHS = (60, 80, 140)
CASES = read_cases(Path(__file__).parent)
DEEP = "\n".join(
    f"{'  ' * depth}{'->  ' if depth else ''}Nested Loop  (cost=0.0..{200 - depth}.0 rows=1 width=8)"
    for depth in range(100)
)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_layout(case: Case, width: int, golden: Golden) -> None:
    plan = case.text("plan")
    assert plan is not None
    shown = explained(plan, *([SLOW_SCAN] if "with a finding" in case.title else []))
    golden.check(case, f"terminal-{width}", drawn(report(shown), width))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize("plan", [PLAN, DEEP], ids=["small", "deep"])
@pytest.mark.parametrize("terminal", [False, True])
def test_the_tree_and_the_findings_keep_to_the_width(width: int, plan: str, terminal: bool) -> None:
    proposed = "CREATE INDEX", "-- "  # stays on one line, to be copied
    made = report(explained(plan, replace(SLOW_SCAN, node=1)))
    lines = _COLOURS.sub("", drawn(made, width, terminal=terminal)).splitlines()
    assert [line for line in lines if cell_len(line) > width and not line.startswith(proposed)] == []


def test_a_wide_terminal_does_not_make_wide_sentences() -> None:
    long = replace(SLOW_SCAN, detail="word " * 100)
    lines = _COLOURS.sub("", drawn(report(explained(PLAN, long)), 300, terminal=True)).splitlines()
    assert max(cell_len(line) for line in lines if "word" in line) <= 120


def test_bars_start_at_one_column() -> None:
    lines = drawn(report(explained()), 80).splitlines()
    bars = [line for line in lines if "▏" in line or "█" in line]
    assert len(bars) > 0
    assert {min(line.index(cell) for cell in "▏▎▍▌▋▊▉█" if cell in line) for line in bars} == {
        len("  85.00 ms ")
    }


def test_a_pipe_gets_no_boxes_and_no_colours_and_a_terminal_does() -> None:
    made = report(explained(PLAN, SLOW_SCAN))
    assert not set("╭│\x1b") & set(drawn(made, 80).replace("│  ", ""))
    assert {"╭", "\x1b"} <= set(drawn(made, 80, terminal=True))


def test_the_colour_of_a_finding_ends_with_its_message() -> None:
    lines = drawn(report(explained(PLAN, SLOW_SCAN)), 100, terminal=True).splitlines()
    yellow = "\x1b[33m"
    assert [line for line in lines if yellow in line and "The index finds" in line] == []
    assert any(yellow in line and "reads 10,000 rows" in line for line in lines)


def test_a_plan_without_findings_says_so() -> None:
    assert "No findings." in drawn(report(explained()), 80)


def test_the_proposed_statement_stands_on_one_line_whatever_the_width() -> None:
    assert "CREATE INDEX orders_status_idx ON orders (status);\n" in drawn(
        report(explained(PLAN, SLOW_SCAN)), 40
    )


def test_one_statement_proposed_twice_is_shown_once() -> None:
    other = replace(SLOW_SCAN, rule="inner-seq-scan")
    assert drawn(report(explained(PLAN, SLOW_SCAN, other)), 80).count("CREATE INDEX") == 1


def four_findings() -> Report:
    findings = tuple(replace(SLOW_SCAN, message=f"finding {number}") for number in range(1, 5))
    minor = (replace(SLOW_SCAN, message="a minor one", share=0.001),)
    return report(replace(explained(), review=Review(findings, minor)))


def test_three_findings_are_shown_and_the_rest_counted() -> None:
    out = drawn(four_findings(), 80)
    assert "finding 3" in out
    assert "finding 4" not in out
    assert "2 more findings of less weight: --all shows them" in out


def test_all_shows_minor_findings_too() -> None:
    out = drawn(four_findings(), 80, Detail(findings=None))
    assert "finding 4" in out
    assert "a minor one" in out
    assert "more findings" not in out


def test_what_is_fine_allowed_or_unchecked_is_told() -> None:
    told = Review(
        (),
        notes=(Note("sorted in memory, 1.2 MB", 2),),
        skipped=(Skipped("disk-sort", ("EXPLAIN ANALYZE",)),),
        allowed=(SLOW_SCAN,),
    )
    made = report(replace(explained(), review=told))
    out = drawn(made, 80)
    assert "Fine as it is: sorted in memory, 1.2 MB (node 2)" in out
    assert "1 rule was not checked: --all says why" in out
    assert "Allowed: seq-scan-discards at node 3" in out
    assert "Not checked for want of EXPLAIN ANALYZE: disk-sort" in drawn(made, 80, Detail(findings=None))


def hostile(finding: Finding) -> Report:
    evil = "\x1b]0;owned\x07\x1b[31m\u202e\udcff\r\n"
    plan = PLAN.replace("users_pkey", '"\x1b[31mkey"')
    made = explained(plan, replace(finding, message=evil, detail=evil, hint=evil, at=evil), name=evil)
    return report(replace(made, remarks=(evil,), notices=(evil,)), remarks=(evil,))


def test_nothing_from_a_plan_or_server_reaches_the_terminal_as_a_control() -> None:
    out = drawn(hostile(SLOW_SCAN), 80)
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(out)
    assert "\\x1b]0;owned\\x07" in out
    assert '"\\x1b[31mkey"' in out


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (report(explained(PLAN, SLOW_SCAN), explained()), "2 plans checked, 1 finding"),
        (report(failures=(Failure(Place("a.sql"), "no such file", 2),) * 2), "2 could not be checked"),
        (
            report(explained(), failures=(Failure(Place("a.sql"), "no such file", 2),)),
            "1 plan checked, no findings, 1 could not be checked",
        ),
    ],
)
def test_several_inputs_end_in_a_summary(made: Report, line: str) -> None:
    assert drawn(made, 80).splitlines()[-1] == line
