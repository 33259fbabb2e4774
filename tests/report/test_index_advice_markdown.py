"""Index advice for a comment on a pull request: text from servers stays text, tables stay tables."""

from __future__ import annotations

import re
from itertools import groupby

import pytest

from pgtune.model.index_advice import IndexAdvice
from pgtune.report.index_advice_markdown import render_markdown
from tests.report.index_advices import BY_TITLE, DROPS, HOSTILE, MEASURED, NOTHING, OTHER_MAJOR, TYPICAL


def tables(markdown: str) -> list[list[list[str]]]:
    """Every table as rows of cells, split where GitHub splits them."""
    groups = groupby(markdown.splitlines(), key=lambda line: line.startswith("|"))
    return [[re.split(r"(?<!\\)\|", row)[1:-1] for row in rows] for is_table, rows in groups if is_table]


@pytest.mark.parametrize("made", [*BY_TITLE.values(), HOSTILE], ids=[*BY_TITLE, "hostile"])
def test_every_row_has_the_cells_of_its_header(made: IndexAdvice) -> None:
    out = render_markdown(made)
    for table in tables(out):
        assert {len(row) for row in table} == {len(table[0])}
    assert out.count("<details>") == out.count("</details>")


def test_an_index_is_a_row_and_its_statement_a_block_of_sql() -> None:
    out = render_markdown(TYPICAL)
    assert "**2 indexes, 121 MB: workload cost 100 → 64.5 (-35.5 %), gap" in out
    assert [cell.strip() for cell in tables(out)[0][2]] == [
        "1",
        "120 MB",
        "30 %",
        "0.1 %",
        r"public.orders (user\_id) INCLUDE (status, total)",
        (
            r"for SELECT status, total FROM orders WHERE… ÷120"
            r"<br>against INSERT INTO orders SELECT \* FROM new\_or… +2.1 %"
        ),
    ]
    statements = "\n".join(action.sql for action in TYPICAL.actions)
    assert f"```sql\n{statements}\n```" in out


def test_every_query_is_in_the_last_table_with_its_costs() -> None:
    rows = [[cell.strip() for cell in row] for row in tables(render_markdown(TYPICAL))[-1][2:]]
    assert [row[0] for row in rows] == [f"query {number}" for number in range(1000, 1005)]
    assert rows[0][1:4] == ["12,345", "103", "÷120"]


def test_another_major_is_a_warning() -> None:
    assert "> ⚠️ **MAJORS DIFFER: planned by PostgreSQL 18.6" in render_markdown(OTHER_MAJOR)
    assert "⚠️" not in render_markdown(TYPICAL)


def test_nothing_to_suggest_tells_what_was_tried() -> None:
    out = render_markdown(NOTHING)
    assert "**No index to suggest.**" in out
    assert "38 candidates were tried in 120 questions" in out
    assert "<summary>2 favourites not taken</summary>" in out


def test_a_statement_is_proposed_once() -> None:
    assert render_markdown(DROPS).count("\nDROP INDEX CONCURRENTLY public.orders_total_idx;") == 1


def test_measurements_are_told_with_times_and_buffers() -> None:
    out = render_markdown(MEASURED)
    assert "built 125 MB, estimated 122 MB (+2.5 %)" in out
    assert "| query 1000 | 25.8 ms | 0.210 ms | ÷123 | 55 MB | 40 kB |" in out
    assert out.count("typical values from the statistics") == 1


def test_hostile_text_is_shown_not_obeyed() -> None:
    out = render_markdown(HOSTILE)
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(out)
    outside = re.sub(r"^```sql\n.*?^```$", "", out, flags=re.MULTILINE | re.DOTALL)
    assert "*/; DROP" not in outside.replace(r"\*/; DROP", "")
