"""Parts of outcomes that several formats show: their words and their place in a file."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes
from pgtune.model.place import Place
from pgtune.report.source_path import source_path
from pgtune.report.visible import visible

UNPLACED = "pgtune.toml"  # where a project declares what pgtune checks, also before it exists
LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def body(outcome: Outcome) -> str:
    """What there is to say, a line for each part, safe to show."""
    parts = (outcome.message, outcome.detail, outcome.hint, outcome.reason)
    return visible("\n".join(part for part in parts if part))


def location(place: Place | None, outcomes: Outcomes) -> tuple[str, int]:
    """Return path and 1-based line: of what declares it, else of the run's own place."""
    for each in _places(place, outcomes):
        path = source_path(each.name)
        if path is not None:
            return path, each.line or 1
    return UNPLACED, 1


def _places(place: Place | None, outcomes: Outcomes) -> Iterator[Place]:
    if place is not None:
        yield place
    yield outcomes.default_place
