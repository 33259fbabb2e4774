"""A Report as JSON, for programs. The schema is versioned and published in docs/report-schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pgtune.model.action import Action
from pgtune.model.buffers import COUNTERS, Buffers
from pgtune.model.charge import ChargedPlan
from pgtune.model.diagnosis import Explained, Failure, Report, RewritePointer
from pgtune.model.finding import Finding
from pgtune.model.place import Place
from pgtune.model.plan import PlanNode
from pgtune.report.rewrite_pointer_phrases import UNVERIFIED_HERE

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning; new fields do not raise it


def render_json(report: Report) -> str:
    """Return the report as one JSON document, keys in a stable order, ending in a newline."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n"


def to_json(report: Report) -> Mapping[str, Any]:
    """Return the report as JSON values. Times are milliseconds, shares 0..1, sizes as their names say."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgtune", "version": report.version},
        "server": report.server,
        "statements": [_explained(explained) for explained in report.explained],
        "failures": [_failure(failure) for failure in report.failures],
        "remarks": list(report.remarks),
    }


def _explained(explained: Explained) -> Mapping[str, Any]:
    plan, review = explained.plan.plan, explained.review
    return {
        "source": _source(explained.source),
        "origin": explained.origin.value,
        "query": explained.query,
        "query_id": plan.query_id,
        "planning_ms": plan.planning_ms,
        "execution_ms": plan.execution_ms,
        "total_ms": explained.plan.total_ms,
        "repeats": _repeats(explained),
        "occurrences": None
        if explained.occurrences is None
        else {"count": explained.occurrences.count, "total_ms": explained.occurrences.total_ms},
        "settings": dict(plan.settings),
        "remarks": list(explained.remarks),
        "notices": list(explained.notices),
        "findings": [_finding(finding) for finding in review.findings],
        "minor_findings": [_finding(finding) for finding in review.minor],
        "allowed_findings": [_finding(finding) for finding in review.allowed],
        "fine": [{"node": note.node, "message": note.message} for note in review.notes],
        "rewrite": None if explained.rewrite is None else _rewrite(explained.rewrite, review.findings),
        "not_checked": [{"rule": s.rule, "missing": list(s.missing)} for s in review.skipped],
        "nodes": [_node(explained.plan, node) for node in explained.plan.nodes],
    }


def _source(source: Place) -> Mapping[str, Any]:
    return {"name": source.name, "line": source.line}


def _failure(failure: Failure) -> Mapping[str, Any]:
    return {
        "source": _source(failure.source),
        "message": failure.message,
        "context": failure.context,
        "exit_code": failure.exit_code,
    }


def _repeats(explained: Explained) -> Mapping[str, Any] | None:
    repeats = explained.repeats
    if repeats is None:
        return None
    return {
        "cold_ms": repeats.cold_ms,
        "warm_ms": list(repeats.warm_ms),
        "median_ms": repeats.median_ms,
        "spread_ms": repeats.spread_ms,
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "key": finding.key,
        "at": finding.at,
        "node": finding.node,
        "message": finding.message,
        "detail": finding.detail,
        "hint": finding.hint,
        "saving_ms": _rounded(finding.saving_ms, 3),
        "share": _rounded(finding.share, 4),
        "also": list(finding.also),
        "action": None if finding.action is None else _action(finding.action),
    }


def _action(action: Action) -> Mapping[str, Any]:
    return {
        "sql": action.sql,
        "undo": action.undo,
        "lock": action.lock,
        "proof": action.proof.value,
        "planned_cost_before": _rounded(action.planned_cost_before, 2),
        "planned_cost_after": _rounded(action.planned_cost_after, 2),
        "index_bytes": action.index_bytes,
    }


def _rewrite(pointer: RewritePointer, findings: Iterable[Finding]) -> Mapping[str, Any]:
    return {
        "label": UNVERIFIED_HERE,
        "rules": [each.rule for each in pointer.applied],
        "messages": [each.change.message for each in pointer.applied],
        "sql": pointer.sql,
        "planned_cost_before": _rounded(pointer.cost_before, 2),
        "planned_cost_after": _rounded(pointer.cost_after, 2),
        "cheaper_than_index_of": [finding.key for finding in findings if pointer.beats(finding)],
    }


def _node(plan: ChargedPlan, node: PlanNode) -> Mapping[str, Any]:
    charge, parent = plan.charge(node), plan.parent(node)
    return {
        "number": node.number,
        "parent": None if parent is None else parent.number,
        "role": node.role.value,
        "node_type": node.node_type,
        "label": node.label,
        "relation": None if node.relation is None else str(node.relation),
        "index_name": node.index_name,
        "own_ms": _rounded(charge.own_ms, 3),
        "wall_ms": _rounded(charge.wall_ms, 3),
        "share": _rounded(charge.share, 4),
        "own_cost": _rounded(charge.own_cost, 2),
        "own_buffers": _buffers(charge.own_buffers),
        "buffers": _buffers(node.buffers),
        "estimate": None
        if node.estimate is None
        else {
            "startup_cost": node.estimate.startup_cost,
            "total_cost": node.estimate.total_cost,
            "rows": node.estimate.rows,
            "width": node.estimate.width,
        },
        "actual": None
        if node.actual is None
        else {
            "rows": node.actual.rows,
            "loops": node.actual.loops,
            "startup_ms": node.actual.startup_ms,
            "total_ms": node.actual.total_ms,
        },
    }


def _buffers(buffers: Buffers) -> Mapping[str, int | float]:
    """Counters that are not zero."""
    values = {counter: getattr(buffers, counter) for counter in COUNTERS}
    return {counter: _rounded(value, 3) or 0 for counter, value in values.items() if value}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
