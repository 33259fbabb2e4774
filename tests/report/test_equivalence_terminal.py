"""A verdict drawn for people."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pgtune.model.equivalence_verdict import Verdict
from pgtune.report.equivalence_terminal import render_terminal
from tests.report.verdicts import (
    ALL,
    DIFFERENT,
    DIFFERENT_ON_DATA,
    DIFFERENT_WRITES,
    EQUAL,
    EQUAL_ON_DATA,
    HOSTILE_VALUES,
    NOT_ON_DATA,
    UNDECIDED,
)


def drawn(verdict: Verdict, *, terminal: bool = False, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, color_system=None, force_terminal=terminal, highlight=False, markup=False
    )
    render_terminal(verdict, console)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (EQUAL, "Equal on 400 test databases, 312 of them with rows (seed 7, 1.90 s)"),
        (
            EQUAL_ON_DATA,
            (
                "Equal on 400 test databases, 312 of them with rows, and on 50,000 rows of the database "
                "(seed 7, 1.90 s)"
            ),
        ),
        (DIFFERENT, "Different: the original returns 2 rows, the other 1"),
        (
            DIFFERENT_ON_DATA,
            "Different: on the database's rows, the original returns 3 rows, the other 4",
        ),
        (UNDECIDED, "Undecided: no database gave a row (seed 7, 1.90 s)"),
        (NOT_ON_DATA, "Undecided: not compared on the database's rows: it writes (seed 7, 1.90 s)"),
    ],
)
def test_the_first_line_is_the_verdict(verdict: Verdict, line: str) -> None:
    assert drawn(verdict, width=150).splitlines()[0] == line


def test_equal_never_claims_a_proof() -> None:
    assert "no proof" in drawn(EQUAL)


def test_a_counterexample_is_shown_with_both_results() -> None:
    assert drawn(DIFFERENT).split("\n\n", 1)[1] == (
        "With these rows in the tables of schema.sql, else empty:\n"
        "  INSERT INTO public.t (id, a, \"select\") VALUES ('1', NULL, 'it''s'), ('2', '', 'NULL');\n"
        "with :limit = 5\n"
        "\n"
        "a.sql returns 2 rows\n"
        "  id\n"
        "  1\n"
        "  NULL\n"
        "\n"
        "b.sql returns 1 row\n"
        "  id\n"
        "  ''\n"
        "\n"
        "Remark: column 2 is numeric, was bigint\n"
        "Remark: schema.sql:9: INSERT INTO t: no definition of an object"
    )


def test_an_insert_is_not_broken_into_lines_that_cannot_be_pasted() -> None:
    assert "('1', NULL, 'it''s'), ('2', '', 'NULL');" in drawn(DIFFERENT, width=40)


def test_writes_show_what_they_leave() -> None:
    text = drawn(DIFFERENT_WRITES)
    assert "With the tables of schema.sql empty." in text
    assert "a.sql writes 1 row\n\na.sql leaves in public.t\n  id\n  1\n" in text
    assert "b.sql fails: 22012 division by zero" in text


def test_rows_of_the_database_that_only_one_returns_are_shown() -> None:
    assert "Only b.sql returns, on the database's rows:\n  (2,x)\n" in drawn(DIFFERENT_ON_DATA)


def test_values_cannot_move_the_cursor() -> None:
    assert "\x1b" not in drawn(HOSTILE_VALUES)
    assert "\u202e" not in drawn(HOSTILE_VALUES)


@pytest.mark.parametrize("verdict", ALL.values(), ids=ALL.keys())
def test_every_verdict_can_be_drawn_on_a_narrow_terminal(verdict: Verdict) -> None:
    assert drawn(verdict, terminal=True, width=30)
