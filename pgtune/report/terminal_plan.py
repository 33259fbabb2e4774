"""A plan as a tree with time bars, for the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Finding
from pgtune.model.plan import PlanNode
from pgtune.report.outline import OutlineLine, outline, role_prefix
from pgtune.report.quantities import format_blocks, format_count, format_factor, format_ms, format_share
from pgtune.report.visible import visible_line

WIDE_COLUMNS = 110  # from here the estimate and the share have columns of their own
BAR_CELLS = 8
HOT_SHARE, WARM_SHARE = 0.4, 0.1  # of the statement; as explain.dalibo.com colours them
BAD_FACTOR = 10  # estimates off by more are marked
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def plan_table(plan: ChargedPlan, findings: tuple[Finding, ...], width: int) -> Table:
    """Lay the plan out for a terminal of ``width`` columns; findings are marked by their number."""
    wide = width >= WIDE_COLUMNS
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("own time" if plan.total_ms is not None else "own cost", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, width=BAR_CELLS)
    if wide:
        table.add_column("share", justify="right", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    if wide:
        table.add_column("estimated", justify="right", no_wrap=True)
    table.add_column("vs est.", justify="right", no_wrap=True)
    table.add_column("read", justify="right", no_wrap=True)
    table.add_column("plan", overflow="fold", ratio=1)
    marks = _marks(findings)
    for line in outline(plan, frozenset(marks)):
        table.add_row(*_cells(plan, line, marks, wide=wide))
    return table


def _marks(findings: tuple[Finding, ...]) -> dict[int, list[int]]:
    """Map node numbers to the numbers of the findings about them."""
    marks: dict[int, list[int]] = {}
    for position, finding in enumerate(findings, 1):
        if finding.node is not None:
            marks.setdefault(finding.node, []).append(position)
    return marks


def _cells(plan: ChargedPlan, line: OutlineLine, marks: dict[int, list[int]], *, wide: bool) -> list[Text]:
    node = line.node
    if node is None:
        nodes = "node" if line.left_out == 1 else "nodes"
        rest = Text(
            f"{line.guides}… {line.left_out:,} more {nodes}, {format_share(line.left_out_share)}", "dim"
        )
        return [Text()] * (7 if wide else 5) + [rest]
    share = plan.share(node)
    style = _heat(share)
    cells = [Text(_own(plan, node), style), Text(_bar(share), style)]
    if wide:
        cells.append(Text(format_share(share), style))
    cells.append(_rows(node))
    if wide:
        cells.append(Text(format_count(node.estimate.rows) if node.estimate else "", "dim"))
    cells.append(_factor(node))
    cells.append(Text(format_blocks(plan.charge(node).own_buffers.accessed_blocks), "dim"))
    cells.append(_label(node, line.guides, marks.get(node.number, [])))
    return cells


def _own(plan: ChargedPlan, node: PlanNode) -> str:
    charge = plan.charge(node)
    if charge.own_ms is None:
        return format_count(charge.own_cost) if node.estimate is not None else ""
    return format_ms(charge.own_ms) if node.executed else "never run"


def _rows(node: PlanNode) -> Text:
    if node.actual is None:
        return Text(format_count(node.estimate.rows) if node.estimate else "", "dim")
    return Text(format_count(node.actual.total_rows))


def _factor(node: PlanNode) -> Text:
    if not node.executed or node.actual is None or node.estimate is None:
        return Text()
    factor = format_factor(node.estimate.rows, node.actual.rows)
    size = max(node.actual.rows, 1.0) / max(node.estimate.rows, 1.0)
    return Text(factor, "yellow" if max(size, 1 / size) >= BAD_FACTOR else "dim")


def _label(node: PlanNode, guides: str, marks: list[int]) -> Text:
    label = Text(guides, "dim")
    label.append(visible_line(role_prefix(node)), "cyan")
    label.append(visible_line(node.label), "bold" if marks else "")
    if node.actual is not None and node.actual.loops > 1:
        label.append(f" ×{format_count(node.actual.loops)}", "dim")
    for mark in marks:
        label.append(f" [{mark}]", "bold yellow")
    return label


def _heat(share: float) -> str:
    if share >= HOT_SHARE:
        return "bold red"
    return "yellow" if share >= WARM_SHARE else ""


def _bar(share: float) -> str:
    eighths = round(share * BAR_CELLS * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
