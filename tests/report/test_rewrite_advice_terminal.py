"""What people read about rewrites on a terminal, and what a pipe gets."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from pgtune.model.rewrite import Label
from pgtune.model.rewrite_advice import RewriteAdvice
from tests.golden import Case, Golden, read_cases
from tests.report.rewrite_advices import (
    BY_TITLE,
    HOSTILE,
    INSERT_LOOP,
    LOOPS,
    NO_GAIN,
    NOT_EXISTS,
    PROVEN_REWRITE,
    RANGE,
    TESTED_REWRITE,
    TYPICAL,
    UNNEST,
    VACUOUS,
    advice,
    drawn,
)

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
CASES = read_cases(Path(__file__).parent / "rewrite_advice")


def test_each_advice_has_a_layout() -> None:
    assert [case.title for case in CASES] == list(BY_TITLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_layout(case: Case, golden: Golden) -> None:
    made = BY_TITLE[case.title]
    golden.check(case, "terminal", drawn(made))
    if case.fence("terminal-80"):
        golden.check(case, "terminal-80", drawn(made, 80))
    if case.fence("everything-80"):
        golden.check(case, "everything-80", drawn(made, 80, everything=True))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_replacement_stands_whole_and_plain_for_the_clipboard(width: int) -> None:
    out = drawn(TYPICAL, width)
    for sql in (NOT_EXISTS, RANGE, UNNEST):
        assert f"\n{sql};\n" in out


def test_a_replacement_that_ends_in_a_comment_gets_its_semicolon_below() -> None:
    made = advice(rewrites=(replace(PROVEN_REWRITE, sql="SELECT 1 -- one", diff=()),))
    assert "\nSELECT 1 -- one\n;\n" in drawn(made)


def test_wide_consoles_show_both_statements_beside_each_other() -> None:
    wide = drawn(TYPICAL, 160)
    assert any("- WHERE id NOT IN" in line and "+ WHERE NOT EXISTS" in line for line in wide.splitlines())
    narrow = drawn(TYPICAL, 99)
    assert "\n- WHERE id NOT IN (SELECT user_id FROM orders)\n+ WHERE NOT EXISTS" in narrow


def test_where_no_line_stays_a_narrow_diff_does_not_say_the_replacement_twice() -> None:
    assert drawn(advice(rewrites=(TESTED_REWRITE,)), 80).count(RANGE) == 1


def test_changed_words_stand_out_and_unchanged_lines_do_not() -> None:
    out = drawn(TYPICAL, 160, terminal=True)
    assert "\x1b[1;31mIN\x1b[0m" in out
    assert "\x1b[1;32mEXISTS\x1b[0m" in out
    assert "\x1b[2mORDER BY id" in out


def test_unchanged_lines_far_from_a_change_are_counted() -> None:
    same = [(f"line {number}", f"line {number}") for number in range(20)]
    out = drawn(advice(rewrites=(replace(PROVEN_REWRITE, diff=(*same, ("old", "new"))),)), 80)
    assert "  … 17 unchanged lines\n  line 17\n" in out


@pytest.mark.parametrize("made", BY_TITLE.values(), ids=list(BY_TITLE))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_tables_and_diffs_fit_the_terminal(made: RewriteAdvice, width: int) -> None:
    lines = _COLOURS.sub("", drawn(made, width, terminal=True)).splitlines()
    framed = [line for line in lines if line.startswith(("╭", "│", "├", "╰"))]
    assert all(cell_len(line) <= width for line in framed)


def test_a_pipe_gets_no_boxes_and_no_colours() -> None:
    assert not set("╭│├╰\x1b") & set(drawn(TYPICAL))


def test_a_proof_shows_its_facts_and_a_test_its_databases() -> None:
    out = drawn(TYPICAL)
    assert "-- proven: users.id is NOT NULL\n-- proven: orders.user_id is NOT NULL\n" in out
    assert "-- tested: no difference on 400 databases, 312 with rows (seed 0)" in out
    assert "-- your data: the same 12,345 rows" in out
    assert "-- assumes: $1 is a midnight" in out


def test_what_was_not_tested_is_not_called_tested() -> None:
    out = drawn(advice(rewrites=(replace(PROVEN_REWRITE, test=VACUOUS, data=None, times=None),)))
    assert "-- tested:" not in out
    assert "-- not decided: no database gave a row; no difference on 400 databases, 0 with rows" in out


def test_a_batch_that_is_not_verified_comes_without_code_and_its_round_trips_do_not_count() -> None:
    loop = replace(INSERT_LOOP, label=Label.UNVERIFIED, test=VACUOUS)
    out = drawn(advice(loops=(loop,)))
    assert "import psycopg" not in out
    assert "-- unverified: do not use it as it is" in out
    assert out.splitlines()[0] == "1 loop: 1 unverified"


def test_a_candidate_is_not_called_a_loop() -> None:
    out = drawn(LOOPS, 160)
    assert out.startswith("3 loops, 1 candidate for a loop: ")
    assert out.count("candidate: counters do not show in which order statements were sent") == 1


def test_a_test_of_another_form_says_so() -> None:
    out = drawn(LOOPS)
    assert "-- tested form: SELECT turn.n, child.* FROM unnest($1::bigint[]) ..., which takes" in out
    assert "tested form" not in drawn(TYPICAL)


def test_all_shows_plans_code_ideas_and_skipped_statements() -> None:
    few, everything = drawn(TYPICAL), drawn(TYPICAL, everything=True)
    hidden = (
        "Plan before",
        "void insertAll",
        NO_GAIN.applied.change.message,
        'b.sql:1: cannot be planned: relation "gone"',
        "COPY logs (data) FROM STDIN;",
    )
    assert [text for text in hidden if text in few] == []
    assert [text for text in hidden if text not in everything] == []
    assert "--all" not in everything


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("width", [80, 120])
def test_nothing_from_a_server_reaches_the_terminal_as_a_control(width: int, everything: bool) -> None:
    out = drawn(HOSTILE, width, everything=everything)
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\r"} & set(out)
    assert "\\x1b]0;owned\\x07" in out.replace("\n", "")


def test_of_many_all_are_named_and_the_first_shown() -> None:
    made = advice(rewrites=(PROVEN_REWRITE,) * 25, loops=(INSERT_LOOP,) * 12)
    out = drawn(made, 80)
    assert (out.count(f"{NOT_EXISTS};"), out.count("[25]"), out.count("[37]")) == (20, 1, 1)
    assert "5 more replacements: --all shows them" in out
    assert "2 more loops: --all shows what to use" in out
    assert drawn(made, 80, everything=True).count(f"{NOT_EXISTS};") == 25
