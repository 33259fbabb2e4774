"""Reports made by hand: a plan in text, findings in words, without rules or a server."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from pgtune.analysis.attribution import attribute
from pgtune.model.action import Action
from pgtune.model.diagnosis import Explained, Origin, Report, RewritePointer
from pgtune.model.finding import Finding, Severity
from pgtune.model.place import Place
from pgtune.model.review import Review
from pgtune.model.rewrite import AppliedRule, Change
from pgtune.parse.plans import parse_plans
from pgtune.report.terminal import Detail, render_terminal

PLAN = """
Limit  (cost=10.0..100.0 rows=10 width=8) (actual time=90.000..90.100 rows=10 loops=1)
  Buffers: shared hit=100 read=28
  ->  Nested Loop  (cost=10.0..100.0 rows=1000 width=8) (actual time=90.000..90.090 rows=10 loops=1)
        Buffers: shared hit=100 read=28
        ->  Seq Scan on orders o  (cost=0.0..5.0 rows=10 width=8) (actual time=80.0..85.000 rows=120 loops=1)
              Buffers: shared hit=90 read=28
        ->  Index Scan using users_pkey on users u  (cost=0.0..5.0 rows=1 width=8) (never executed)
Planning Time: 0.250 ms
Execution Time: 90.500 ms
"""

SLOW_SCAN = Finding(
    rule="seq-scan-discards",
    severity=Severity.WARNING,
    at="node 3: Seq Scan on orders o",
    node=3,
    message="Seq Scan on orders o reads 10,000 rows to keep 120",
    detail="The filter (status = 'pending') removes 98.8% of the rows after reading them.",
    hint="The index finds status by equality.",
    action=Action("CREATE INDEX orders_status_idx ON orders (status);", "DROP INDEX orders_status_idx;"),
    saving_ms=80.0,
    share=0.88,
    key="seq-scan-discards:orders",
)

REWRITE = RewritePointer(
    sql="SELECT id FROM orders WHERE id = 1",
    applied=(
        AppliedRule("not-in-subquery", Severity.WARNING, Change("SELECT 1", "NOT IN cannot be joined")),
        AppliedRule("in-values", Severity.INFO, Change("SELECT 2", "VALUES is a sub-query")),
    ),
    cost_before=12345.0,
    cost_after=678.0,
)


def explained(plan: str = PLAN, *findings: Finding, name: str = "q.sql") -> Explained:
    charged = attribute(parse_plans(plan)[0])
    return Explained(Place(name), Origin.READ, charged, Review(findings))


def report(*parts: Explained, **more: object) -> Report:
    return replace(Report("0.0", None, parts), **more)  # type: ignore[arg-type] # each field has a type of its own


def drawn(what: Report, width: int, detail: Detail | None = None, *, terminal: bool = False) -> str:
    """The report as text of that width; on a terminal in boxes and colours."""
    paper = io.StringIO()
    console = Console(
        file=paper,
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    render_terminal(what, console, detail or Detail())
    return "".join(f"{line.rstrip()}\n" for line in paper.getvalue().rstrip().splitlines())
