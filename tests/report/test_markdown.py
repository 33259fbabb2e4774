"""Markdown for a comment on a pull request: text from plans stays text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pgtune.model.action import Action
from pgtune.model.diagnosis import Failure
from pgtune.model.place import Place
from pgtune.model.review import Review, Skipped
from pgtune.report.markdown import render_markdown
from tests.report.reports import PLAN, SLOW_SCAN, explained, report


def table_rows(markdown: str) -> list[list[str]]:
    """Cells of the rows of findings, split where GitHub splits them."""
    rows = [line for line in markdown.splitlines() if line.startswith("| ") and "---" not in line]
    return [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]


def test_a_finding_is_a_row_and_its_statement_a_block_of_sql() -> None:
    out = render_markdown(report(explained(PLAN, SLOW_SCAN)))
    assert [len(row) for row in table_rows(out)] == [4, 4]
    assert "80.0 ms (88 %)" in out
    assert "```sql\nCREATE INDEX orders_status_idx ON orders (status);\n```" in out


def test_a_plan_without_findings_says_so() -> None:
    out = render_markdown(report(explained()))
    assert "No findings." in out
    assert "1 plan checked, no findings" in out


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a | b", r"a \| b"),
        ("`code`", r"\`code\`"),
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("*bold* _it_ ~~no~~", r"\*bold\* \_it\_ \~\~no\~\~"),
        ("[a](http://evil)", r"\[a\](http://evil)"),
        ("costs $0 or $1", r"costs \$0 or \$1"),
        ("&lt;", r"\&lt;"),
        ("back\\slash", r"back\\slash"),
        ("@everyone in #12", "@<!-- -->everyone in #<!-- -->12"),
        ("\x1b[31m", r"\\x1b\[31m"),
        ("two\nlines", r"two\\nlines"),
    ],
)
def test_markup_in_a_message_is_shown_not_obeyed(text: str, written: str) -> None:
    out = render_markdown(report(explained(PLAN, replace(SLOW_SCAN, message=text))))
    assert table_rows(out)[1][2].startswith(f" {written}<br>")


def test_a_fence_inside_a_query_or_plan_does_not_end_the_block() -> None:
    query = "SELECT '\n```\n</details>\n````'"
    out = render_markdown(report(replace(explained(), query=query)))
    assert f"`````sql\n{query}\n`````\n" in out


def test_a_proposed_statement_with_backticks_stays_in_its_block() -> None:
    finding = replace(SLOW_SCAN, action=Action('CREATE INDEX ON t ("```");'))
    assert '````sql\nCREATE INDEX ON t ("```");\n````' in render_markdown(report(explained(PLAN, finding)))


def test_what_could_not_be_checked_was_allowed_or_skipped_is_told() -> None:
    review = Review((), skipped=(Skipped("disk-sort", ("EXPLAIN ANALYZE",)),), allowed=(SLOW_SCAN,))
    failure = Failure(Place("bad_name.sql", 3), "syntax error", 2, "LINE 1: FORM\n        ^")
    made = replace(explained(), review=review, notices=("WARNING: mind the gap",))
    out = render_markdown(report(made, failures=(failure,)))
    assert r"**bad\_name.sql:3** could not be checked: syntax error" in out
    assert "```\nLINE 1: FORM\n        ^\n```" in out
    assert "1 rule was not checked for want of EXPLAIN ANALYZE." in out
    assert "Allowed: seq-scan-discards at node 3" in out
    assert "> server: WARNING: mind the gap" in out
