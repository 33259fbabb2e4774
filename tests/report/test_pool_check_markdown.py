"""A pool check as Markdown: safe in a comment on a pull request."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.model.pools.pool_check import PoolCheck
from pgtune.report.pool_check_markdown import render_markdown
from tests.golden import Case, Golden, read_cases
from tests.report.pool_checks import ACCEPTED, BY_TITLE, HOSTILE_NAMES, OVER_BUDGET, WITHOUT_SERVER

CASES = read_cases(Path(__file__).parent / "pool_check")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_layout(case: Case, golden: Golden) -> None:
    golden.check(case, "markdown", render_markdown(BY_TITLE[case.title]))


@pytest.mark.parametrize("check", BY_TITLE.values(), ids=BY_TITLE.keys())
def test_every_row_of_a_table_has_as_many_cells_as_its_head(check: PoolCheck) -> None:
    cells = 0
    for line in render_markdown(check).splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        counted = line.replace("\\|", "").count("|")
        cells = cells or counted
        assert counted == cells, line


def test_infos_are_folded_and_errors_are_not() -> None:
    text = render_markdown(OVER_BUDGET)
    before, folded = text.split("<details><summary>Infos</summary>")
    assert "### 263 connections at the peak" in before
    assert "### api.main: any number of requests may wait" in folded


def test_every_check_that_was_not_made_is_named() -> None:
    text = render_markdown(WITHOUT_SERVER)
    assert "| abandoned-sessions, connection-churn, idle-connections, idle-in-transaction | no server" in text


def test_what_the_baseline_accepts_is_in_the_table_alone() -> None:
    text = render_markdown(ACCEPTED)
    assert "| accepted | fleet-over-budget |" in text
    assert "###" not in text


def test_no_name_becomes_markup_or_a_mention() -> None:
    text = render_markdown(HOSTILE_NAMES)
    assert "\x1b" not in text
    assert "\u202e" not in text
    for live in ("[red]", "<b>", "@me", " `<"):
        assert live not in text
