"""A pool check drawn for people, and what a pipe gets."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from pgtune.model.finding import Severity
from pgtune.model.pools.pool_check import CheckResult, PoolCheck
from pgtune.report.pool_check_terminal import render_terminal
from tests.golden import Case, Golden, read_cases
from tests.report.pool_checks import (
    ACCEPTED,
    BUDGET,
    BY_TITLE,
    EXAMPLE,
    HEALTHY,
    HOSTILE_NAMES,
    NO_FLEET,
    OVER_BUDGET,
    REFUSED_SESSION,
    SHARE,
    UNBOUNDED,
    WITHOUT_SERVER,
    check,
    of,
    unknown,
)

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
CASES = read_cases(Path(__file__).parent / "pool_check")


def drawn(checked: PoolCheck, *, everything: bool = False, width: int = 100, colours: bool = False) -> str:
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="standard" if colours else None,
        force_terminal=colours,
        legacy_windows=False,
    )
    render_terminal(checked, console, everything=everything)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def last_line(checked: PoolCheck) -> str:
    return drawn(checked, width=200).splitlines()[-1]


def test_each_check_has_a_layout() -> None:
    assert [case.title for case in CASES] == list(BY_TITLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_layout(case: Case, golden: Golden) -> None:
    golden.check(case, "terminal", drawn(BY_TITLE[case.title]))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("checked", BY_TITLE.values(), ids=BY_TITLE.keys())
def test_no_line_is_longer_than_the_terminal(checked: PoolCheck, width: int) -> None:
    lines = _COLOURS.sub("", drawn(checked, width=width, colours=True, everything=True)).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []


def test_colours_say_how_grave_it_is() -> None:
    text = drawn(OVER_BUDGET, colours=True, width=120)
    assert "\x1b[1;31merror" in text
    assert re.search(r"\x1b\[1;31m *273\x1b", text)
    assert "\x1b[34minfo" in text
    assert text.splitlines()[-1].startswith("\x1b[1;31mFailed")
    assert drawn(HEALTHY, colours=True).splitlines()[-1].startswith("\x1b[1;32mPassed")


def test_colours_change_no_word() -> None:
    plain = set(drawn(OVER_BUDGET, width=120).split())
    coloured = set(_COLOURS.sub("", drawn(OVER_BUDGET, colours=True, width=120)).split())
    assert plain <= coloured


def test_the_breakdown_is_said_once() -> None:
    assert "13 pods × 1 process × 20 = 260" not in drawn(OVER_BUDGET)
    assert "13 pods × 1 process × 20 = 260" in drawn(replace(OVER_BUDGET, demand=None))


def test_details_of_infos_are_shown_when_everything_is_asked_for() -> None:
    assert "Mend api.main." not in drawn(OVER_BUDGET)
    assert "Mend api.main." in drawn(OVER_BUDGET, everything=True)


def test_many_checks_with_one_reason_are_counted_and_named_when_everything_is_asked_for() -> None:
    assert re.search(r"^4 checks +no server was asked", drawn(WITHOUT_SERVER), re.MULTILINE)
    assert "connection-churn" in drawn(WITHOUT_SERVER, everything=True)
    assert "Nothing to check: double-pooling." in drawn(WITHOUT_SERVER, everything=True)


def test_a_check_that_lacks_two_things_stands_at_both() -> None:
    text = drawn(NO_FLEET)
    assert re.search(r"^pool-too-small +needs two samples", text, re.MULTILINE)
    assert re.search(r"^fleet-over-budget, pool-too-small +no fleet is declared", text, re.MULTILINE)


def test_a_part_that_was_not_checked_is_said_beside_a_finding() -> None:
    partly = replace(of(UNBOUNDED), missing=("max_size of api.reports",))
    assert "not checked: max_size of api.reports" in drawn(check(EXAMPLE, partly))


@pytest.mark.parametrize(
    ("checked", "verdict"),
    [
        (
            OVER_BUDGET,
            "Failed: 1 error, 2 infos; 2 checks ok, 3 unknown. The largest max_size that passes: 6.",
        ),
        (HEALTHY, "Passed: 3 checks ok."),
        (REFUSED_SESSION, "Failed: 1 error; 0 checks ok, 1 unknown. To mend: slots-exhausted."),
        (ACCEPTED, "Passed: 2 accepted; 2 checks ok."),
        (replace(OVER_BUDGET, fail_on=None), "Passed: 1 error, 2 infos; 2 checks ok, 3 unknown."),
        (
            replace(OVER_BUDGET, fail_on=Severity.INFO, largest_pool=None),
            (
                "Failed: 1 error, 2 infos; 2 checks ok, 3 unknown. No max_size passes: put a pooler in front "
                "of the server, or run fewer replicas. Then mend: unbounded-queue, unchecked-connections."
            ),
        ),
        (
            check(EXAMPLE, of(BUDGET), of(SHARE), largest_pool=None),
            (
                "Failed: 2 errors; 0 checks ok. No max_size passes: put a pooler in front of the server, "
                "or run fewer replicas."
            ),
        ),
        (check(None, unknown("slots-nearly-used", "needs pg_monitor")), "Passed: 0 checks ok, 1 unknown."),
    ],
)
def test_the_last_line_is_the_verdict_and_says_what_to_do(checked: PoolCheck, verdict: str) -> None:
    assert last_line(checked) == verdict


def test_a_finding_that_is_not_accepted_keeps_its_check_open() -> None:
    two = of(replace(UNBOUNDED, key="old"), replace(UNBOUNDED, key="new", severity=Severity.WARNING))
    rows = {
        accepted: drawn(check(None, two, accepted=frozenset({accepted}))).splitlines()[2].split()[0]
        for accepted in ("old", "new")
    }
    assert rows == {"old": "warning", "new": "info"}


def test_nothing_in_a_name_moves_the_cursor_or_is_taken_for_markup() -> None:
    text = drawn(HOSTILE_NAMES, everything=True, width=200)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]a|b[/] `<b>`\\x1b[2J\\u202e @me" in text


def test_a_check_without_results_is_a_verdict_alone() -> None:
    nothing = check(None, CheckResult("double-pooling", "What it looks for."))
    assert drawn(nothing).splitlines() == ["PostgreSQL 18.6 (embedded)", "Passed: 0 checks ok."]
