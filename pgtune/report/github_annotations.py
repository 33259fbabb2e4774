"""Outcomes in, workflow commands out, which GitHub Actions shows beside the lines of a pull request.

GitHub shows ten annotations of a kind in a step and drops the others without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pgtune.model.diagnosis import Failure
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes
from pgtune.model.place import Place
from pgtune.report.outcome_phrases import body, location
from pgtune.report.quantities import count_of
from pgtune.report.visible import visible, visible_line

MAX_ANNOTATIONS = 10  # GitHub's, of a kind and step
_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(outcomes: Outcomes) -> str:
    """Return a line for each of the worst, failed inputs first, and a count of the rest."""
    failures = (_failure(failure, outcomes) for failure in outcomes.failures)
    found = (_outcome(outcome, outcomes) for outcome in outcomes.found)
    lines = [*chain(failures, found)]
    return "".join(f"{line}\n" for line in (*lines[:MAX_ANNOTATIONS], *_rest(len(lines) - MAX_ANNOTATIONS)))


def _rest(count: int) -> Iterator[str]:
    if count > 0:
        yield f"pgtune: {count_of(count, 'more finding', 'more findings')}; the summary of the job lists them"


def _failure(failure: Failure, outcomes: Outcomes) -> str:
    return _command("error", failure.source, "could not check", visible(failure.message), outcomes)


def _outcome(outcome: Outcome, outcomes: Outcomes) -> str:
    return _command(_COMMANDS[outcome.severity], outcome.place, outcome.rule, body(outcome), outcomes)


def _command(kind: str, place: Place | None, title: str, text: str, outcomes: Outcomes) -> str:
    path, line = location(place, outcomes)
    properties = {"file": path, "line": str(line), "title": f"pgtune {title}"}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{visible(text).translate(_IN_DATA)}"


def _property(text: str) -> str:
    return visible_line(text).translate(_IN_PROPERTY)
