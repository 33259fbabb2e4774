"""A plan as a tree with time bars, for the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.model.charge import ChargedPlan, MeasuredPlan
from pgtune.model.finding import Finding
from pgtune.model.plan import PlanNode
from pgtune.report.outline import OutlineLine, left_out, outline, role_prefix
from pgtune.report.quantities import format_blocks, format_count, format_factor, format_ms, format_share
from pgtune.report.visible import visible_line

NARROW_COLUMNS, WIDE_COLUMNS = 70, 110  # of the terminal; below and above, other figures are shown; chosen
BAR_CELLS = 8
GAP = 2  # blanks between columns
MIN_NAME_CELLS = 20  # for a node's name behind its guides; chosen
HOT_SHARE, WARM_SHARE = 0.4, 0.1  # of the statement; as explain.dalibo.com colours them
BAD_FACTOR = 10  # estimates off by more are marked
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MEASURE = Console(width=1000, color_system=None)  # Text.wrap wants one; it draws nothing


@dataclass(frozen=True, slots=True)
class _Column:
    """One figure of a node."""

    title: str
    cell: Callable[[ChargedPlan, PlanNode], Text]
    justify: Literal["left", "right"] = "right"


def plan_table(plan: ChargedPlan, findings: tuple[Finding, ...], width: int) -> Table:
    """Lay the plan out for a terminal of ``width`` columns; findings are marked by their number."""
    columns = _columns(plan, width)
    marks = _marks(findings)
    lines = list(outline(plan, frozenset(marks)))
    rows = [[c.cell(plan, line.node) if line.node else Text() for c in columns] for line in lines]
    taken = sum(
        max(cell_len(column.title), *(row[position].cell_len for row in rows)) + GAP
        for position, column in enumerate(columns)
    )
    left = max(MIN_NAME_CELLS, width - taken)
    indent = 3 if max(len(line.lasts) for line in lines) * 3 + MIN_NAME_CELLS <= left else 1
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_edge=False)
    for column in columns:
        table.add_column(column.title, justify=column.justify, no_wrap=True)
    table.add_column("plan", no_wrap=True)
    for line, row in zip(lines, rows, strict=True):
        table.add_row(*row, _label(line, marks, indent, left))
    return table


def _columns(plan: ChargedPlan, width: int) -> tuple[_Column, ...]:
    own = _Column("own time" if plan.total_ms is not None else "own cost", _own)
    measured = isinstance(plan, MeasuredPlan)
    rows = _Column("rows" if measured else "est. rows", _rows)
    if width < NARROW_COLUMNS:
        return own, rows
    bar = (_Column("", _bar, "left"), *((_Column("share", _share),) if width >= WIDE_COLUMNS else ()))
    if not measured:
        return own, *bar, rows
    estimated = (_Column("estimated", _estimated),) if width >= WIDE_COLUMNS else ()
    return own, *bar, rows, *estimated, _Column("vs est.", _factor), _Column("read", _read)


def _marks(findings: tuple[Finding, ...]) -> dict[int, list[int]]:
    """Map node numbers to the numbers of the findings about them."""
    marks: dict[int, list[int]] = {}
    for position, finding in enumerate(findings, 1):
        if finding.node is not None:
            marks.setdefault(finding.node, []).append(position)
    return marks


def _own(plan: ChargedPlan, node: PlanNode) -> Text:
    charge = plan.charge(node)
    if charge.own_ms is not None:
        own = format_ms(charge.own_ms) if node.executed else "never run"
    else:
        own = format_count(charge.own_cost) if node.estimate is not None else ""
    return Text(own, _heat(charge.share))


def _bar(plan: ChargedPlan, node: PlanNode) -> Text:
    share = plan.share(node)
    full, rest = divmod(round(share * BAR_CELLS * 8), 8)
    bar = "█" * full + (_EIGHTHS[rest] if rest else "")
    return Text(bar.ljust(BAR_CELLS), _heat(share))


def _share(plan: ChargedPlan, node: PlanNode) -> Text:
    share = plan.share(node)
    return Text(format_share(share), _heat(share))


def _rows(_plan: ChargedPlan, node: PlanNode) -> Text:
    if node.actual is not None:
        return Text(format_count(node.actual.total_rows))
    return Text(format_count(node.estimate.rows) if node.estimate else "", "dim")


def _estimated(_plan: ChargedPlan, node: PlanNode) -> Text:
    """Estimated rows over as many loops as there were, so that they compare with the rows returned."""
    if node.estimate is None:
        return Text()
    loops = node.actual.loops if node.actual is not None else 1
    return Text(format_count(node.estimate.rows * max(1, loops)), "dim")


def _factor(_plan: ChargedPlan, node: PlanNode) -> Text:
    if not node.executed or node.actual is None or node.estimate is None:
        return Text()
    factor = format_factor(node.estimate.rows, node.actual.rows)
    ratio = max(node.actual.rows, 1.0) / max(node.estimate.rows, 1.0)
    return Text(factor, "yellow" if max(ratio, 1 / ratio) >= BAD_FACTOR else "dim")


def _read(plan: ChargedPlan, node: PlanNode) -> Text:
    return Text(format_blocks(plan.charge(node).own_buffers.accessed_blocks), "dim")


def _label(line: OutlineLine, marks: dict[int, list[int]], indent: int, width: int) -> Text:
    """The node behind its guides; what does not fit goes on below, behind the guides of what follows."""
    guides, guides_below = line.guides(indent), line.guides_below(indent)
    room = max(MIN_NAME_CELLS, width - cell_len(guides))
    label = Text()
    for position, part in enumerate(_name(line, marks).wrap(_MEASURE, room, overflow="fold")):
        part.rstrip()
        kept = part[1:] if part.plain.startswith(" ") else part  # behind a word that was longer than a line
        start = (guides, "dim") if position == 0 else (f"\n{guides_below}", "dim")
        label.append_text(Text.assemble(start, kept))
    return label


def _name(line: OutlineLine, marks: dict[int, list[int]]) -> Text:
    node = line.node
    if node is None:
        return Text(f"{left_out(line)}, {format_share(line.left_out_share)}", "dim")
    numbers = marks.get(node.number, [])
    name = Text()
    name.append(visible_line(role_prefix(node)), "cyan")
    name.append(visible_line(node.label), "bold" if numbers else "")
    if node.actual is not None and node.actual.loops > 1:
        name.append(f" ×{format_count(node.actual.loops)}", "dim")
    for number in numbers:
        name.append(f" [{number}]", "bold yellow")
    return name


def _heat(share: float) -> str:
    if share >= HOT_SHARE:
        return "bold red"
    return "yellow" if share >= WARM_SHARE else ""
