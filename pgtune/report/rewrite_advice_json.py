"""RewriteAdvice as JSON, for programs. The schema is published in docs/rewrite-advice-schema.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from pgtune.model.equivalence import TestReport
from pgtune.model.plan import PlanNode
from pgtune.model.rewrite import AppliedRule, DataCheck, Idea, Planned, Rewrite, RunTimes
from pgtune.model.rewrite_advice import Examined, RefutedRewrite, RewriteAdvice
from pgtune.model.workload import Query
from pgtune.report.equivalence_phrases import inserts
from pgtune.report.rewrite_advice_json_loops import loop_to_json
from pgtune.report.rewrite_advice_plans import node_name
from pgtune.report.rewrite_advice_where import where_of_query

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning; new fields do not raise it
COST_DIGITS = 2  # EXPLAIN prints costs to the hundredth
FACTOR_DIGITS = 3
MS_DIGITS = 3


def render_json(advice: RewriteAdvice) -> str:
    """Return the advice as one JSON document, keys in a stable order, ending in a newline."""
    return json.dumps(to_json(advice), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_json(advice: RewriteAdvice) -> Mapping[str, Any]:
    """Return the advice as JSON values. Costs are planner units, the rest as the names say."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgtune", "version": advice.version},
        "server": advice.server,
        "seed": advice.seed,
        "examined": _examined(advice.examined),
        "rewrites": [_rewrite(rewrite) for rewrite in advice.rewrites],
        "loops": [loop_to_json(loop, report_of_test(loop.test)) for loop in advice.loops],
        "ideas": [_idea(idea) for idea in advice.ideas],
        "refuted": [_refuted(refuted) for refuted in advice.refuted],
        "allowed": list(advice.allowed),
        "remarks": list(advice.remarks),
    }


def _examined(examined: Examined) -> Mapping[str, Any]:
    return {
        "origin": examined.origin.value,
        "seen_statements": examined.statements,
        "examined_statements": examined.examined,
        "seen_loops": examined.loops_seen,
        "skipped": [
            {
                "name": statement.name,
                "reason": statement.reason,
                "text": statement.text,
                "total_ms": None if statement.total_ms is None else round(statement.total_ms, MS_DIGITS),
            }
            for statement in examined.skipped
        ],
    }


def _rewrite(rewrite: Rewrite) -> Mapping[str, Any]:
    factor = rewrite.cost_factor
    return {
        "key": rewrite.key,
        "where": where_of_query(rewrite.query.name, rewrite.line),
        "query": _query(rewrite.query),
        "rules": [_rule(each) for each in rewrite.applied],
        "label": rewrite.label.value,
        "sql": rewrite.sql,
        "before": _planned(rewrite.before),
        "after": _planned(rewrite.after),
        "cost_factor": round(factor, FACTOR_DIGITS) if math.isfinite(factor) else None,
        "test": report_of_test(rewrite.test),
        "data": None if rewrite.data is None else _data(rewrite.data),
        "times": None if rewrite.times is None else _times(rewrite.times),
    }


def _query(query: Query) -> Mapping[str, Any]:
    return {
        "name": query.name,
        "fingerprint": query.fingerprint,
        "text": query.text,
        "calls": query.calls,
        "total_ms": None if query.total_ms is None else round(query.total_ms, MS_DIGITS),
    }


def _rule(applied: AppliedRule) -> Mapping[str, Any]:
    change = applied.change
    return {
        "rule": applied.rule,
        "severity": str(applied.severity),
        "message": change.message,
        "detail": change.detail,
        "facts": list(change.facts),
        "assumptions": list(change.assumptions),
        "changes_contract": change.changes_contract,
        "object": change.object,
    }


def _planned(planned: Planned) -> Mapping[str, Any]:
    return {"cost": round(planned.cost, COST_DIGITS), "plan": _nodes(planned.plan.root)}


def _nodes(root: PlanNode) -> list[Mapping[str, Any]]:
    """The nodes in the order of EXPLAIN's output, each with its depth: a nested tree has no limit."""
    nodes: list[Mapping[str, Any]] = []
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        estimate = node.estimate
        nodes.append(
            {
                "depth": depth,
                "node": node_name(node),
                "cost": None if estimate is None else round(estimate.total_cost, COST_DIGITS),
                "rows": None if estimate is None else estimate.rows,
            }
        )
        stack += [(child, depth + 1) for child in reversed(node.children)]
    return nodes


def report_of_test(test: TestReport | None) -> Mapping[str, Any] | None:
    """Return what the test on generated databases found; None when there was none."""
    if test is None:
        return None
    example = test.counterexample
    return {
        "outcome": test.outcome.value,
        "is_tested": test.is_tested,
        "databases": test.databases,
        "not_empty": test.not_empty,
        "failed": test.failed,
        "original_failed": test.original_failed,
        "seed": test.seed,
        "elapsed_ms": round(test.elapsed_ms, MS_DIGITS),
        "reason": test.reason,
        "remarks": list(test.remarks),
        "counterexample": None
        if example is None
        else {"difference": example.difference, "inserts": list(inserts(example))},
    }


def _data(data: DataCheck) -> Mapping[str, Any]:
    return {
        "is_equal": data.is_equal,
        "rows": data.rows,
        "reason": data.reason,
        "only_original": list(data.only_original),
        "only_rewritten": list(data.only_rewritten),
    }


def _times(times: RunTimes) -> Mapping[str, Any]:
    return {
        "before_ms": round(times.before_ms, MS_DIGITS),
        "after_ms": round(times.after_ms, MS_DIGITS),
        "before_blocks": times.before_blocks,
        "after_blocks": times.after_blocks,
        "reason": times.reason,
    }


def _idea(idea: Idea) -> Mapping[str, Any]:
    return {
        "key": idea.key,
        "where": where_of_query(idea.query.name, idea.line),
        "query": _query(idea.query),
        "rule": _rule(idea.applied),
        "sql": idea.applied.change.sql,
        "why": idea.why,
        "test": report_of_test(idea.test),
    }


def _refuted(refuted: RefutedRewrite) -> Mapping[str, Any]:
    return {
        "name": refuted.name,
        "rule": refuted.rule,
        "sql": refuted.sql,
        "difference": refuted.difference,
    }
