"""RewriteAdvice in, Outcomes out: rewrites and loops, as --fail-on counts them; ideas are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pgtune.model.batch import LoopAdvice
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.model.rewrite import Rewrite
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.outcome_keys import join_key, with_unique_keys
from pgtune.report.rewrite_advice_phrases import change_lines, saving
from pgtune.report.rewrite_advice_where import where_of_loop, where_of_query
from pgtune.report.source_path import source_path

COMMAND = "suggest-rewrites"


def outcomes_of_rewrite_advice(
    advice: RewriteAdvice, default_place: Place, fail_on: Severity | None, inputs: Sequence[str]
) -> Outcomes:
    """Return what is advised; else one that has passed."""
    return Outcomes(
        command=COMMAND,
        version=advice.version,
        outcomes=tuple(with_unique_keys(_outcomes(advice))) or (_nothing(advice),),
        default_place=default_place,
        fail_on=fail_on,
        inputs=tuple(source_path(name) or name for name in inputs),
    )


def _outcomes(advice: RewriteAdvice) -> Iterator[Outcome]:
    for rewrite in advice.rewrites:
        yield _rewrite(rewrite)
    for loop in advice.loops:
        yield _loop(loop)


def _nothing(advice: RewriteAdvice) -> Outcome:
    message = f"no rewrite pays ({advice.examined.examined:,} statements examined)"
    return Outcome(COMMAND, Severity.INFO, OutcomeStatus.PASSED, message, key=COMMAND)


def _rewrite(rewrite: Rewrite) -> Outcome:
    place = _place(where_of_query(rewrite.query.name, rewrite.line))
    file = _file(place)
    lines = tuple(change_lines(rewrite))
    return Outcome(
        rule=rewrite.applied[0].rule,
        severity=max(each.severity for each in rewrite.applied),
        status=OutcomeStatus.FOUND,
        message="; ".join(message for message, _ in lines),
        key=join_key(file, rewrite.key),
        place=place,
        file=file,
        detail=" ".join(detail for _, detail in lines if detail),
        hint=f"Planned {saving(rewrite)}, {rewrite.label.value}: {rewrite.sql}",
    )


def _loop(loop: LoopAdvice) -> Outcome:
    place = _place(where_of_loop(loop.loop))
    file = _file(place)
    return Outcome(
        rule=loop.rule,
        severity=loop.severity,
        status=OutcomeStatus.FOUND,
        message=loop.message,
        key=join_key(file, loop.key),
        place=place,
        file=file,
        hint=f"No batch: {loop.refused}" if loop.batch is None else f"Use instead: {loop.batch.sql}",
    )


def _place(where: Mapping[str, Any]) -> Place | None:
    return None if where["file"] is None else Place(where["file"], where["line"])


def _file(place: Place | None) -> str | None:
    return None if place is None else source_path(place.name) or place.name
