"""Symptoms in, one per cause out.

Different rules may see the same thing at the same node or index: the one whose remedy saves most speaks for
all. The scans of the partitions of one table are one thing as well, and what they cost adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import Role
from pgtune.model.rule import Rule

Seen = tuple[Rule, Symptom]
# The server calls the partitions of "events" (or its alias) events_1, events_2, ... (13 and later).
_NUMBERED_ALIAS = re.compile(r"(?P<stem>.+)_\d+")


def one_per_cause(
    seen: Sequence[Seen], plan: ChargedPlan | None
) -> Iterator[tuple[Rule, Symptom, tuple[str, ...]]]:
    """Yield the symptom that speaks for each cause, with the names of the other rules that saw it."""
    by_cause: dict[object, list[Seen]] = {}
    for rule, symptom in seen:
        by_cause.setdefault(_cause_key(rule, symptom, plan), []).append((rule, symptom))
    for group in by_cause.values():
        rule, symptom = max(_one_per_rule(group), key=_weight)
        yield rule, symptom, tuple(sorted({other.name for other, _ in group} - {rule.name}))


def _weight(seen: Seen) -> tuple[float, int, int]:
    rule, symptom = seen
    return symptom.saves, min(rule.severity, symptom.max_severity), symptom.frees_bytes


def _one_per_rule(group: Sequence[Seen]) -> Iterator[Seen]:
    """Of the symptoms of one rule yield the gravest; the scans of several partitions add up."""
    by_rule: dict[str, list[Seen]] = {}
    for rule, symptom in group:
        by_rule.setdefault(rule.name, []).append((rule, symptom))
    for pairs in by_rule.values():
        rule, gravest = max(pairs, key=lambda pair: pair[1].saves)
        nodes = {symptom.node for _, symptom in pairs}
        if gravest.cause is Cause.ACCESS_PATH and len(nodes) > 1:
            others = f"{len(nodes) - 1} more {'partition' if len(nodes) == 2 else 'partitions'}"
            gravest = replace(
                gravest,
                saves=min(1.0, sum(symptom.saves for _, symptom in pairs)),
                detail=f"{gravest.detail} {others} of the table are read the same way.".lstrip(),
            )
        yield rule, gravest


def _cause_key(rule: Rule, symptom: Symptom, plan: ChargedPlan | None) -> object:
    number = symptom.cause_node if symptom.cause_node is not None else symptom.node
    if symptom.cause is Cause.INDEX:
        return symptom.cause, symptom.object
    if number is None:
        return symptom.cause, rule.name, symptom.object
    if plan is not None and symptom.cause is Cause.ACCESS_PATH:
        return symptom.cause, _partitions_key(plan, number) or number
    return symptom.cause, number


def _partitions_key(plan: ChargedPlan, number: int) -> tuple[int, str] | None:
    """The Append above and the table's alias, for the scan of a partition; None for any other node."""
    node = plan.nodes[number - 1]
    above = plan.parent(node)
    if node.role is not Role.MEMBER or above is None or node.alias is None:
        return None
    numbered = _NUMBERED_ALIAS.fullmatch(node.alias)
    return (above.number, numbered["stem"]) if numbered else None
