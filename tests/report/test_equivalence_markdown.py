"""A verdict as Markdown."""

from __future__ import annotations

from pgtune.report.equivalence_markdown import render_markdown
from tests.report.verdicts import DIFFERENT, DIFFERENT_ON_DATA, DIFFERENT_WRITES, EQUAL, HOSTILE_VALUES


def test_the_verdict_stands_first() -> None:
    assert render_markdown(EQUAL).startswith(
        "# pgtune equivalent\n\n**Equal on 400 test databases, 312 of them with rows (seed 7, 1.90 s)**\n"
    )


def test_the_rows_are_sql_and_the_results_tables() -> None:
    text = render_markdown(DIFFERENT)
    assert '```sql\nINSERT INTO public.t (id, a, "select") VALUES' in text
    assert "- :limit = 5\n" in text
    assert "a.sql returns 2 rows\n\n| id |\n| --- |\n| 1 |\n| NULL |\n" in text


def test_what_writes_leave_behind_is_a_table() -> None:
    assert "a.sql leaves in public.t\n\n| id |\n| --- |\n| 1 |\n" in render_markdown(DIFFERENT_WRITES)


def test_rows_of_the_database_are_fenced() -> None:
    assert "```text\n(2,x)\n```" in render_markdown(DIFFERENT_ON_DATA)


def test_values_are_no_markup() -> None:
    text = render_markdown(HOSTILE_VALUES)
    assert "\x1b" not in text
    assert "<b>" not in text.replace(text[text.index("```sql") : text.rindex("```")], "")
