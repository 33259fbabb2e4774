"""The sentences that open a statement's report, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.buffers import BLOCK_BYTES
from pgtune.model.charge import MeasuredPlan
from pgtune.model.diagnosis import Explained, Origin, Report
from pgtune.report.quantities import format_bytes, format_ms

_ORIGINS = {
    Origin.ANALYZED: "executed",
    Origin.PLANNED: "planned, not executed: shares are of the estimated cost",
    Origin.GENERIC: "generic plan, not executed: shares are of the estimated cost",
    Origin.READ: "plan as given",
    Origin.LOGGED: "plan from the log",
}
_NOT_EXECUTED = ", not executed: shares are of the estimated cost"  # for a plan that came without times
TOP_FINDINGS = 3  # more than a reader takes in; --all shows the rest; chosen


def headline(explained: Explained) -> str:
    """How long the statement took, and how that is known."""
    return ", ".join(_parts(explained))


def _parts(explained: Explained) -> Iterator[str]:
    plan = explained.plan.plan
    executed_ms = plan.execution_ms if plan.execution_ms is not None else explained.plan.charges[0].wall_ms
    if executed_ms is None:
        read = explained.origin in (Origin.READ, Origin.LOGGED) and not isinstance(
            explained.plan, MeasuredPlan
        )
        yield _ORIGINS[explained.origin] + (_NOT_EXECUTED if read else "")
    else:
        yield (
            f"{_ORIGINS[explained.origin]} in {format_ms(executed_ms)}"
            if explained.origin is Origin.ANALYZED
            else (f"{_ORIGINS[explained.origin]}: executed in {format_ms(executed_ms)}")
        )
    if plan.planning_ms is not None:
        yield f"planned in {format_ms(plan.planning_ms)}"
    if plan.root.buffers.accessed_blocks:
        yield f"{format_bytes(plan.root.buffers.accessed_blocks * BLOCK_BYTES)} read"
    if plan.root.buffers.temp_written_blocks:
        yield f"{format_bytes(plan.root.buffers.temp_written_blocks * BLOCK_BYTES)} spilled"
    if explained.occurrences is not None and explained.occurrences.count > 1:
        yield (
            f"the slowest of {explained.occurrences.count:,} in the log,"
            f" {format_ms(explained.occurrences.total_ms)} together"
        )


def repeats_line(explained: Explained) -> str | None:
    """Median and spread of several runs; None when the statement ran once."""
    repeats = explained.repeats
    if repeats is None:
        return None
    return (
        f"median {format_ms(repeats.median_ms)} of {len(repeats.warm_ms)} warm runs,"
        f" spread {format_ms(repeats.spread_ms)}; first run (cold) {format_ms(repeats.cold_ms)}"
    )


def summary(report: Report) -> str:
    """One line for the whole run: what was checked, what was found."""
    count = len(report.findings)
    words = []
    if report.explained or not report.failures:
        words.append(f"{len(report.explained)} {'plan' if len(report.explained) == 1 else 'plans'} checked")
        words.append("no findings" if count == 0 else f"{count} {'finding' if count == 1 else 'findings'}")
    if report.failures:
        words.append(f"{len(report.failures)} could not be checked")
    return ", ".join(words)
