"""IndexAdvice in, Outcomes out: an index to create or to drop is a warning, as --fail-on counts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgtune.model.finding import Finding, Severity
from pgtune.model.index_advice import Drop, IndexAdvice, QueryEffect, Recommendation
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.model.workload import WorkloadOrigin
from pgtune.report.outcome_keys import join_key, with_unique_keys
from pgtune.report.quantities import format_bytes, format_share

COMMAND = "suggest-indexes"
MISSING_INDEX = "missing-index"
DISPENSABLE_INDEX = "dispensable-index"
_LINE = re.compile(r"(?P<name>.+):(?P<line>\d+)")


def outcomes_of_index_advice(advice: IndexAdvice, default_place: Place, fail_on: Severity | None) -> Outcomes:
    """Return what is advised and what is found about existing indexes; else one that has passed."""
    return Outcomes(
        command=COMMAND,
        version=advice.version,
        outcomes=tuple(with_unique_keys(_outcomes(advice))) or (_nothing(),),
        default_place=default_place,
        fail_on=fail_on,
    )


def _outcomes(advice: IndexAdvice) -> Iterator[Outcome]:
    origin = advice.coverage.origin
    for recommendation in advice.recommendations:
        yield _to_create(recommendation, origin)
    for drop in advice.drops:
        yield _to_drop(drop)
    for finding in advice.existing:
        yield _existing(finding)


def _nothing() -> Outcome:
    return Outcome(MISSING_INDEX, Severity.INFO, OutcomeStatus.PASSED, "no index pays", key=MISSING_INDEX)


def _to_create(recommendation: Recommendation, origin: WorkloadOrigin) -> Outcome:
    index = recommendation.index
    return Outcome(
        rule=MISSING_INDEX,
        severity=Severity.WARNING,
        status=OutcomeStatus.FOUND,
        message=f"an index on {index.relation} saves {format_share(recommendation.saving_share)}"
        f" of the workload's cost ({format_bytes(recommendation.size_bytes)})",
        key=join_key(MISSING_INDEX, index.definition),
        place=_place(recommendation.effects, origin),
        hint=f"Run: {recommendation.action.sql}",
    )


def _to_drop(drop: Drop) -> Outcome:
    return Outcome(
        rule=DISPENSABLE_INDEX,
        severity=Severity.WARNING,
        status=OutcomeStatus.FOUND,
        message=f"{drop.index.name} does not pay",
        key=join_key(DISPENSABLE_INDEX, str(drop.index.name)),
        detail=drop.reason,
        hint=f"Run: {drop.action.sql}",
    )


def _existing(finding: Finding) -> Outcome:
    return Outcome(
        rule=finding.rule,
        severity=finding.severity,
        status=OutcomeStatus.FOUND,
        message=finding.message,
        key=finding.key,
        place=finding.place,
        detail=finding.detail,
        hint=finding.hint,
    )


def _place(effects: Iterable[QueryEffect], origin: WorkloadOrigin) -> Place | None:
    """The statement in a file that gains most."""
    if origin is not WorkloadOrigin.FILES:
        return None
    for effect in effects:
        found = _LINE.fullmatch(effect.query.name)
        return Place(effect.query.name) if found is None else Place(found["name"], int(found["line"]))
    return None
