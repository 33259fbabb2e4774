"""A PoolCheck as JSON, for programs. The versioned schema is published in docs/pool-check-schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pgtune.model.finding import Finding
from pgtune.model.place import Place
from pgtune.model.pools.demand import Demand
from pgtune.model.pools.pool_check import CheckResult, PoolCheck
from pgtune.model.pools.slots import ConnectionSlots
from pgtune.report.pool_check_exercise import exercise_json
from pgtune.report.pool_check_phrases import headline

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning; new fields do not raise it


def render_json(check: PoolCheck) -> str:
    """Return the check as one JSON document, keys in a stable order, ending in a newline."""
    return json.dumps(to_json(check), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_json(check: PoolCheck) -> Mapping[str, Any]:
    """Return the check as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgtune", "version": check.version},
        "server": check.server,
        "fails": check.fails,
        "verdict": headline(check),
        "slots": None if check.slots is None else _slots(check.slots),
        "demand": None if check.demand is None else _demand(check.demand),
        "reserve": check.reserve,
        "largest_pool": check.largest_pool,
        "checks": [_result(result, check.accepted) for result in check.results],
        "exercise": None if check.exercise is None else exercise_json(check.exercise),
        "remarks": list(check.remarks),
    }


def _slots(slots: ConnectionSlots) -> Mapping[str, Any]:
    return {
        "origin": slots.origin.value,
        "max_connections": slots.max_connections,
        "superuser_reserved": slots.superuser_reserved,
        "reserved": slots.reserved,
        "ordinary": slots.ordinary,
    }


def _demand(demand: Demand) -> Mapping[str, Any]:
    return {
        "connections": demand.connections,
        "lines": [
            {
                "name": line.name,
                "place": _place(line.place),
                "connections": line.connections,
                "reckoned": line.reckoned,
                "per_process": line.per_process,
            }
            for line in demand.lines
        ],
        "unknown": list(demand.unknown),
    }


def _result(result: CheckResult, accepted: frozenset[str]) -> Mapping[str, Any]:
    return {
        "rule": result.rule,
        "status": result.status.value,
        "findings": [_finding(finding, accepted) for finding in result.findings],
        "fine": list(result.fine),
        "missing": list(result.missing),
    }


def _finding(finding: Finding, accepted: frozenset[str]) -> Mapping[str, Any]:
    return {
        "severity": str(finding.severity),
        "at": finding.at,
        "place": _place(finding.place),
        "message": finding.message,
        "detail": finding.detail,
        "hint": finding.hint,
        "sql": None if finding.action is None else finding.action.sql,
        "key": finding.key,
        "accepted": finding.key in accepted,
    }


def _place(place: Place | None) -> Mapping[str, Any] | None:
    return None if place is None else {"file": place.name, "line": place.line}
