"""IndexAdvice as JSON, for programs. The versioned schema is published in docs/index-advice-schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pgtune.model.action import Action
from pgtune.model.catalog import CatalogIndex
from pgtune.model.finding import Finding
from pgtune.model.index import Index
from pgtune.model.index_advice import (
    Certificate,
    Coverage,
    Drop,
    IndexAdvice,
    Measurement,
    QueryEffect,
    Recommendation,
    Rejection,
    ShadowNote,
    Verification,
    WriteCost,
)
from pgtune.model.rewrite_choice import RewriteChoice

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning; new fields do not raise it
SHARE_DIGITS = 6
COST_DIGITS = 2  # EXPLAIN prints costs to the hundredth
MS_DIGITS = 3


def render_json(advice: IndexAdvice) -> str:
    """Return the advice as one JSON document, keys in a stable order, ending in a newline."""
    return json.dumps(to_json(advice), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_json(advice: IndexAdvice) -> Mapping[str, Any]:
    """Return the advice as JSON values. Costs are planner units, shares 0..1, the rest as the names say."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgtune", "version": advice.version},
        "shadow": _shadow(advice.shadow),
        "coverage": _coverage(advice.coverage),
        "limits": {"budget_bytes": advice.budget_bytes, "max_indexes": advice.max_indexes},
        "workload": {
            "cost_before": round(advice.base_cost, COST_DIGITS),
            "cost_after": round(advice.cost, COST_DIGITS),
            "cost_share": round(advice.cost_share, SHARE_DIGITS),
            "write_cost": _rounded(advice.write_cost, COST_DIGITS),
        },
        "size_bytes": advice.size_bytes,
        "certificate": None if advice.certificate is None else _certificate(advice.certificate),
        "indexes": [_recommendation(recommendation) for recommendation in advice.recommendations],
        "drops": [_drop(drop) for drop in advice.drops],
        "rejections": [_rejection(rejection) for rejection in advice.rejections],
        "existing_findings": [_finding(finding) for finding in advice.existing],
        "queries": [_query(effect) for effect in advice.effects],
        "rewrites": [_rewrite(choice) for choice in advice.rewrites],
        "verification": None if advice.verification is None else _verification(advice.verification),
        "effort": {
            "asked": advice.effort.asked,
            "saved_by_cache": advice.effort.saved_by_cache,
            "saved_by_bounds": advice.effort.saved_by_bounds,
            "elapsed_s": round(advice.effort.elapsed_s, MS_DIGITS),
            "workers": advice.effort.workers,
        },
        "remarks": list(advice.remarks),
    }


def _shadow(shadow: ShadowNote) -> Mapping[str, Any]:
    return {
        "server": shadow.server,
        "planned_by": shadow.shadow,
        "same_major": shadow.same_major,
        "left_out": list(shadow.left_out),
        "unseen": list(shadow.unseen),
    }


def _coverage(coverage: Coverage) -> Mapping[str, Any]:
    return {
        "origin": coverage.origin.value,
        "planned_statements": coverage.planned,
        "seen_statements": coverage.seen,
        "planned_ms": _rounded(coverage.planned_ms, MS_DIGITS),
        "seen_ms": _rounded(coverage.seen_ms, MS_DIGITS),
        "skipped": [
            {
                "name": statement.name,
                "reason": statement.reason,
                "text": statement.text,
                "total_ms": _rounded(statement.total_ms, MS_DIGITS),
            }
            for statement in coverage.skipped
        ],
    }


def _certificate(certificate: Certificate) -> Mapping[str, Any]:
    return {
        "candidates": certificate.candidates,
        "bound_share": round(certificate.bound_share, SHARE_DIGITS),
        "cost_share": round(certificate.cost_share, SHARE_DIGITS),
        "gap_share": round(certificate.gap, SHARE_DIGITS),
        "complete": certificate.complete,
        "stopped_by": certificate.stopped_by,
    }


def _recommendation(recommendation: Recommendation) -> Mapping[str, Any]:
    return {
        "name": recommendation.name,
        **_index(recommendation.index),
        "size_bytes": recommendation.size_bytes,
        "height": recommendation.height,
        "saving_share": round(recommendation.saving_share, SHARE_DIGITS),
        "action": _action(recommendation.action),
        "effects": _effects(recommendation.effects),
        "write_cost": _write_cost(recommendation.write_cost),
        "replaces": [_existing(index) for index in recommendation.replaces],
        "ties": list(recommendation.ties),
        "notes": list(recommendation.notes),
    }


def _index(index: Index) -> Mapping[str, Any]:
    return {
        "relation": str(index.relation),
        "access_method": index.access_method,
        "key": [part.sql for part in index.key],
        "include": list(index.include),
        "predicate": index.predicate,
    }


def _existing(index: CatalogIndex) -> Mapping[str, Any]:
    return {
        "name": str(index.name),
        "relation": str(index.relation),
        "definition": index.definition,
        "size_bytes": index.size_bytes,
        "scans": index.scans,
    }


def _drop(drop: Drop) -> Mapping[str, Any]:
    return {
        **_existing(drop.index),
        "reason": drop.reason,
        "action": _action(drop.action),
        "effects": _effects(drop.effects),
        "write_cost": _write_cost(drop.write_cost),
    }


def _rejection(rejection: Rejection) -> Mapping[str, Any]:
    return {
        **_index(rejection.index),
        "size_bytes": rejection.size_bytes,
        "reason": rejection.reason.value,
        "detail": rejection.detail,
        "saving_share": round(rejection.saving_share, SHARE_DIGITS),
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "key": finding.key,
        "at": finding.at,
        "message": finding.message,
        "detail": finding.detail,
        "hint": finding.hint,
        "frees_bytes": finding.frees_bytes,
        "action": None if finding.action is None else _action(finding.action),
    }


def _action(action: Action) -> Mapping[str, Any]:
    return {"sql": action.sql, "undo": action.undo, "lock": action.lock, "proof": action.proof.value}


def _effects(effects: Iterable[QueryEffect]) -> list[Mapping[str, Any]]:
    """What happens to some queries, each by the number that it has among all."""
    return [
        {
            "query": effect.query.number,
            "name": effect.query.name,
            **_costs(effect),
        }
        for effect in effects
    ]


def _query(effect: QueryEffect) -> Mapping[str, Any]:
    query = effect.query
    return {
        "query": query.number,
        "name": query.name,
        "fingerprint": query.fingerprint,
        "text": query.text,
        "calls": query.calls,
        "total_ms": _rounded(query.total_ms, MS_DIGITS),
        **_costs(effect),
    }


def _rewrite(choice: RewriteChoice) -> Mapping[str, Any]:
    return {
        "query": choice.query.number,
        "name": choice.query.name,
        "take": choice.cure.value,
        "rules": [each.rule for each in choice.applied],
        "messages": [each.change.message for each in choice.applied],
        "facts": list(dict.fromkeys(fact for each in choice.applied for fact in each.change.facts)),
        "sql": choice.sql,
        "cost_now": round(choice.cost_now, COST_DIGITS),
        "cost_index": round(choice.cost_index, COST_DIGITS),
        "cost_rewrite": round(choice.cost_rewrite, COST_DIGITS),
        "cost_both": round(choice.cost_both, COST_DIGITS),
    }


def _costs(effect: QueryEffect) -> Mapping[str, Any]:
    return {
        "cost_before": round(effect.cost_before, COST_DIGITS),
        "cost_after": round(effect.cost_after, COST_DIGITS),
        "node": effect.node,
    }


def _write_cost(write_cost: WriteCost | None) -> Mapping[str, Any] | None:
    if write_cost is None:
        return None
    return {
        "cost": round(write_cost.cost, COST_DIGITS),
        "entries": write_cost.entries,
        "bytes_per_table_byte": round(write_cost.bytes_per_table_byte, SHARE_DIGITS),
        "hot_updates_lost": write_cost.hot_updates_lost,
        "updated_columns": list(write_cost.updates),
    }


def _verification(verification: Verification) -> Mapping[str, Any]:
    return {
        "place": verification.place,
        "built_bytes": verification.built_bytes,
        "estimated_bytes": verification.estimated_bytes,
        "measurements": [_measurement(measurement) for measurement in verification.measurements],
        "unmeasured": list(verification.unmeasured),
    }


def _measurement(measurement: Measurement) -> Mapping[str, Any]:
    return {
        "query": measurement.query.number,
        "name": measurement.query.name,
        "before_ms": round(measurement.before_ms, MS_DIGITS),
        "after_ms": round(measurement.after_ms, MS_DIGITS),
        "before_blocks": measurement.before_blocks,
        "after_blocks": measurement.after_blocks,
        "values": list(measurement.query.values or ()),
        "values_from_statistics": measurement.values_from_statistics,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
