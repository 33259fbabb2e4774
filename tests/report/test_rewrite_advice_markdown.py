"""Rewrite advice for a comment on a pull request: text from servers stays text, tables stay tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.rewrite_advice_markdown import render_markdown
from tests.report.rewrite_advices import (
    BY_TITLE,
    HOSTILE,
    NOT_EXISTS,
    PROVEN_REWRITE,
    REFUTED,
    TYPICAL,
    UNNEST,
    advice,
)
from tests.report.test_index_advice_markdown import tables

_FENCED = re.compile(r"^(?P<fence>`{3,})\w+\n.*?^(?P=fence)$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("made", [*BY_TITLE.values(), HOSTILE], ids=[*BY_TITLE, "hostile"])
def test_tables_and_folds_are_whole(made: RewriteAdvice) -> None:
    out = _FENCED.sub("", render_markdown(made))
    for table in tables(out):
        assert {len(row) for row in table} == {len(table[0])}
    assert out.count("<details>") == out.count("</details>")


def test_a_rewrite_is_a_row_a_diff_and_a_folded_statement() -> None:
    out = render_markdown(TYPICAL)
    assert [cell.strip() for cell in tables(out)[0][2]] == [
        "1",
        "÷18",
        "proven",
        "NOT IN a sub-query cannot be joined",
        "queries/never.sql:1",
    ]
    assert "- WHERE id NOT IN (SELECT user_id FROM orders)\n+ WHERE NOT EXISTS (SELECT" in out
    assert f"```sql\n{NOT_EXISTS};\n```" in out
    assert "- proven: orders.user\\_id is NOT NULL" in out


def test_a_rewrite_without_a_diff_shows_both_statements() -> None:
    out = render_markdown(advice(rewrites=(replace(PROVEN_REWRITE, diff=()),)))
    assert "\n- WHERE id NOT IN" in out
    assert "\n+ WHERE NOT EXISTS" in out


def test_a_loop_comes_with_its_statement_and_the_code_of_every_driver() -> None:
    out = render_markdown(TYPICAL)
    assert f"```sql\n{UNNEST};\n```" in out
    assert "<summary>Code for psycopg, JDBC</summary>" in out
    assert "```java\nvoid insertAll" in out
    assert "| unnest, 1,000 rows | 88,120 | 0.001 |" in out


def test_a_refuted_rule_is_a_warning() -> None:
    assert "> ⚠️ **a.sql: pgtune's own rule union-of-disjoint was refuted" in render_markdown(REFUTED)


def test_hostile_text_is_shown_not_obeyed() -> None:
    out = render_markdown(HOSTILE)
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(out)
    outside = _FENCED.sub("", out)
    assert "```" not in outside
    assert "*/; DROP" not in outside.replace(r"\*/; DROP", "")
