"""A pointer to a rewrite, in every report of `pgtune explain`."""

from __future__ import annotations

import json
from dataclasses import replace

from pgtune.model.finding import Finding
from pgtune.model.place import Place
from pgtune.report.json_report import render_json
from pgtune.report.markdown import render_markdown
from pgtune.report.rewrite_pointer_phrases import pointer_line
from pgtune.report.terminal import Detail
from tests.report.reports import PLAN, REWRITE, SLOW_SCAN, drawn, explained, report


def asked(cost: float, key: str) -> Finding:
    """The finding with an index that the planner was asked about."""
    assert SLOW_SCAN.action is not None
    action = replace(SLOW_SCAN.action, planned_cost_before=12345.0, planned_cost_after=cost)
    return replace(SLOW_SCAN, key=key, action=action)


CHEAPER, DEARER = asked(600.0, "large-offset:orders"), asked(700.0, "disk-sort:orders")
POINTED = replace(explained(PLAN, SLOW_SCAN, CHEAPER, DEARER), rewrite=REWRITE)
EVIL = "\x1b[31m\n```\n@everyone <b>"


def test_the_line_has_the_reasons_the_gain_and_what_to_run() -> None:
    assert pointer_line(REWRITE, Place("a b.sql", 3), ("[1]", "[3]")) == (
        "rewrite: NOT IN cannot be joined; VALUES is a sub-query; planned cost 12,345 → 678 (÷18), "
        "cheaper than the index of [1], [3]; `pgtune suggest-rewrites 'a b.sql'` writes and tests it"
    )


def test_only_indexes_that_were_planned_dearer_are_outdone() -> None:
    """The first was not planned, the second is cheaper."""
    assert [REWRITE.beats(finding) for finding in POINTED.review.findings] == [False, False, True]
    shown = " ".join(drawn(report(POINTED), 140).split())
    assert "[4] rewrite: NOT IN cannot be joined" in shown
    assert "cheaper than the index of [3];" in shown
    (written,) = json.loads(render_json(report(POINTED)))["statements"]
    assert written["rewrite"]["cheaper_than_index_of"] == [DEARER.key]


def test_the_number_follows_those_of_the_findings_that_are_shown() -> None:
    assert "[2] rewrite:" in drawn(report(POINTED), 140, Detail(findings=1))
    assert "[1] rewrite:" in drawn(report(replace(explained(), rewrite=REWRITE)), 140)


def test_the_replacement_is_shown_with_all_findings_only() -> None:
    assert REWRITE.sql not in drawn(report(POINTED), 140)
    assert f"-- [4] unverified here\n{REWRITE.sql}\n" in drawn(report(POINTED), 140, Detail(findings=None))


def test_nothing_in_it_is_obeyed() -> None:
    applied = replace(REWRITE.applied[0], change=replace(REWRITE.applied[0].change, message=EVIL))
    made = replace(explained(), source=Place(EVIL), rewrite=replace(REWRITE, sql=EVIL, applied=(applied,)))
    assert "\x1b" not in drawn(report(made), 140, Detail(findings=None))
    markdown = render_markdown(report(made))
    assert "\x1b" not in markdown
    assert "<b>" not in markdown.replace(r"\<b\>", "")
    assert "@everyone" not in markdown
