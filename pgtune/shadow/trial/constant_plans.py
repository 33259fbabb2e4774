"""Statements in, whether their plans read any table out: those that do not always return the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pgtune.parse.shared_parameters import used_numbers
from pgtune.shadow.trial.exchange import Exchange, Request

# Conditions that contradict each other are found under this setting, not under its default.
_CONTRADICTIONS = Request("SET LOCAL constraint_exclusion = on")


def read_no_table(exchange: Exchange, statements: Sequence[str]) -> bool:
    """Tell whether no plan of *statements* reads a table or calls a function that returns rows.

    False where that cannot be told: with parameters, or where a statement cannot be planned.

    Raises:
        ConnectionLost: the server ended, or does not answer.
    """
    if any(used_numbers(statement) for statement in statements):
        return False
    explains = [Request(f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement}") for statement in statements]
    begun, *plans, _ = exchange.run(
        [Request("BEGIN"), _CONTRADICTIONS], *([each] for each in explains), [Request("ROLLBACK")]
    )
    answers = [answer for group in (begun, *plans) for answer in group]
    if any(answer.failure for answer in answers):
        return False
    nodes = [node for (answer,) in plans for node in _nodes(json.loads(answer.rows[0][0] or "")[0]["Plan"])]
    return not any("Relation Name" in node or node["Node Type"].endswith("Function Scan") for node in nodes)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
