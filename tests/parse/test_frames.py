"""Whatever a client draws around a plan, the plan inside reads the same."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgtune.parse.raw_plan import read_raw_plans

CORPUS = Path(__file__).parents[1] / "corpus"
# Printed by psql 18 itself: format.linestyle.border.expanded, or format.kind-of-output.
FRAMED = sorted(path for path in (CORPUS / "frames").glob("*.txt") if ".plain." not in path.name)
TEXT_PLANS = [path.read_text() for path in sorted((CORPUS / "matrix").glob("*.1[268].txt"))]


@pytest.mark.parametrize("path", FRAMED, ids=lambda path: path.stem)
def test_psql_output_reads_like_the_bare_plan(path: Path) -> None:
    bare = path.with_name(f"{path.name.partition('.')[0]}.plain.txt")
    assert read_raw_plans(path.read_text()) == read_raw_plans(bare.read_text())


def _aligned(plan: str) -> str:
    lines = plan.rstrip("\n").split("\n")
    width = max(len(line) for line in lines) + 2
    rows = "\n".join(f" {line}" for line in lines)
    return f"{'QUERY PLAN'.center(width)}\n{'-' * width}\n{rows}\n({len(lines)} Zeilen)\n\n"


def _boxed(plan: str, bar: str = "|", rule: str = "-") -> str:
    lines = plan.rstrip("\n").split("\n")
    width = max(len(line) for line in lines)
    edge = f"+{rule * (width + 2)}+"
    rows = "\n".join(f"{bar} {line.ljust(width)} {bar}" for line in lines)
    return f"{edge}\n{bar} {'QUERY PLAN'.center(width)} {bar}\n{edge}\n{rows}\n{edge}\nEXPLAIN {len(lines)}\n"


def _markdown(plan: str) -> str:
    rows = "\n".join(f"| {line} |" for line in plan.rstrip("\n").split("\n"))
    return f"| QUERY PLAN |\n|:---|\n{rows}\n"


def _right_bar(plan: str) -> str:
    lines = plan.rstrip("\n").split("\n")
    width = max(len(line) for line in lines)
    rows = "\n".join(f"{line.ljust(width)}|" for line in lines)
    return f"{'QUERY PLAN'.ljust(width)}|\n{'-' * width}+\n{rows}\n"


def _quoted(plan: str) -> str:
    cells = "\n".join('"' + line.replace('"', '""') + '"' for line in plan.rstrip("\n").split("\n"))
    return f'"QUERY PLAN"\n{cells}\n'


def _numbered_cells(plan: str) -> str:
    lines = plan.rstrip("\n").split("\n")
    return "\n".join(f'{number},"' + line.replace('"', '""') + '"' for number, line in enumerate(lines, 1))


def _numbered(plan: str) -> str:
    return "\n".join(f"{number}\t{line}" for number, line in enumerate(plan.rstrip("\n").split("\n"), 1))


def _mailed(plan: str) -> str:
    return "\n".join(f"> {line}" for line in plan.rstrip("\n").split("\n"))


def _pasted_with_prompt(plan: str) -> str:
    above = "shop=# EXPLAIN SELECT 'it''s' FROM t -- a (comment\n;\n"
    return f"{above}{_aligned(plan)}Time: 3.210 ms\nshop=# select 'x\n"


def _windows(plan: str) -> str:
    return "\ufeff" + plan.replace("\n", "\r\n")


def _indented(plan: str) -> str:
    return textwrap.indent(plan, "    ")


def _first_blank_lost(plan: str) -> str:
    return textwrap.indent(plan, " ")[1:]


def _api_rows(plan: str) -> str:
    return json.dumps([{"QUERY PLAN": line} for line in plan.rstrip("\n").split("\n")], indent=1)


FRAMES: list[Callable[[str], str]] = [
    _aligned,
    _boxed,
    _markdown,
    _right_bar,
    _quoted,
    _numbered_cells,
    _numbered,
    _mailed,
    _pasted_with_prompt,
    _windows,
    _indented,
    _first_blank_lost,
    _api_rows,
]


@settings(deadline=None, max_examples=150)
@given(plan=st.sampled_from(TEXT_PLANS), frame=st.sampled_from(FRAMES))
def test_a_framed_plan_is_the_plan(plan: str, frame: Callable[[str], str]) -> None:
    assert read_raw_plans(frame(plan)) == read_raw_plans(plan)


def _cut_at(plan: str, width: int) -> str:
    return "\n".join(
        line[start : start + width]
        for line in plan.split("\n")
        for start in range(0, max(len(line), 1), width)
    )


def _cut_at_and_trimmed(plan: str, width: int) -> str:
    return "\n".join(line.rstrip() for line in _cut_at(plan, width).split("\n"))


def _wrapped_between_words(plan: str, width: int) -> str:
    lines = []
    for line in plan.split("\n"):
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("wrap", [_cut_at, _cut_at_and_trimmed, _wrapped_between_words])
@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
def test_a_plan_wrapped_by_a_mail_client_or_terminal_is_the_plan(
    wrap: Callable[[str, int], str], width: int
) -> None:
    assert [read_raw_plans(wrap(plan, width)) for plan in TEXT_PLANS] == [
        read_raw_plans(plan) for plan in TEXT_PLANS
    ]


def test_every_framed_plan_of_a_session_is_read() -> None:
    session = "".join(_pasted_with_prompt(plan).replace("select 'x", "") for plan in TEXT_PLANS[:5])
    assert read_raw_plans(session) == [plan for text in TEXT_PLANS[:5] for plan in read_raw_plans(text)]
