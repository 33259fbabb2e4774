"""Findings that a project has accepted: they are shown and do not fail the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One accepted finding."""

    command: str
    rule: str
    key: str
    accepted: date
    expires: date | None  # the first day on which it fails again; None = never
    message: str  # for who reads the file
    file: str | None = None  # the input that the key belongs to; None: of the database or the whole run
    reason: str = ""

    def has_expired(self, today: date) -> bool:
        """True from the day of expiry on."""
        return self.expires is not None and today >= self.expires


@dataclass(frozen=True, slots=True)
class Baseline:
    """All accepted findings, of all commands."""

    entries: tuple[BaselineEntry, ...] = ()

    def of(self, command: str) -> dict[str, BaselineEntry]:
        """Entries of one command, by key."""
        return {entry.key: entry for entry in self.entries if entry.command == command}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A run's outcomes seen through a baseline."""

    outcomes: Outcomes
    accepted: tuple[BaselineEntry, ...]
    expired: tuple[BaselineEntry, ...]  # found again, and no longer accepted
    stale: tuple[BaselineEntry, ...]  # about what was looked at, and not found


def accept(outcomes: Outcomes, baseline: Baseline, today: date) -> Acceptance:
    """Mark findings that are in the baseline and have not expired."""
    entries = baseline.of(outcomes.command)
    marked = tuple(_marked(outcome, entries.get(outcome.key), today) for outcome in outcomes.outcomes)
    met = {outcome.key for outcome in outcomes.outcomes if outcome.is_finding}
    known = [entry for entry in entries.values() if entry.key in met]
    return Acceptance(
        outcomes=replace(outcomes, outcomes=marked),
        accepted=tuple(entry for entry in known if not entry.has_expired(today)),
        expired=tuple(entry for entry in known if entry.has_expired(today)),
        stale=tuple(
            entry for entry in entries.values() if entry.key not in met and was_looked_at(entry, outcomes)
        ),
    )


def _marked(outcome: Outcome, entry: BaselineEntry | None, today: date) -> Outcome:
    if entry is None or outcome.status is not OutcomeStatus.FOUND:
        return outcome
    if entry.has_expired(today):
        return replace(outcome, reason=f"Was accepted until {entry.expires}.")
    until = "" if entry.expires is None else f" until {entry.expires}"
    return replace(
        outcome,
        status=OutcomeStatus.ACCEPTED,
        reason=entry.reason or f"Accepted on {entry.accepted}{until}.",
    )


def was_looked_at(entry: BaselineEntry, outcomes: Outcomes) -> bool:
    """True when the run would have met the finding, were it still there."""
    if outcomes.failures:
        return False
    unknown = {outcome.rule for outcome in outcomes.outcomes if outcome.status is OutcomeStatus.UNKNOWN}
    return entry.rule not in unknown and _covers(outcomes.inputs, entry.file)


def _covers(inputs: Iterable[str], file: str | None) -> bool:
    inputs = tuple(inputs)
    if file is None or not inputs:
        return file is None and not inputs
    return any(path in (".", file) or file.startswith(f"{path.rstrip('/')}/") for path in inputs)


@dataclass(frozen=True, slots=True)
class BaselineUpdate:
    """A baseline after a run, and what has changed in it."""

    baseline: Baseline
    added: tuple[BaselineEntry, ...]
    renewed: tuple[BaselineEntry, ...]  # they had expired
    kept: tuple[BaselineEntry, ...]
    dropped: tuple[BaselineEntry, ...]  # no longer found


def update(
    baseline: Baseline, outcomes: Outcomes, today: date, expires: date | None, reason: str
) -> BaselineUpdate:
    """Accept what is found, keep what was accepted, drop what was looked at and is gone."""
    known = baseline.of(outcomes.command)
    found = {each.key: each for each in outcomes.outcomes if each.is_finding}
    fresh = {key: _entry(outcomes.command, outcome, today, expires, reason) for key, outcome in found.items()}
    kept = {key: entry for key, entry in known.items() if key in found and not entry.has_expired(today)}
    dropped = {
        key: entry for key, entry in known.items() if key not in found and was_looked_at(entry, outcomes)
    }
    entries = {**known, **fresh, **kept}
    others = [entry for entry in baseline.entries if entry.command != outcomes.command]
    own = [entry for key, entry in entries.items() if key not in dropped]
    return BaselineUpdate(
        baseline=Baseline(tuple(sorted((*others, *own), key=lambda entry: (entry.command, entry.key)))),
        added=tuple(entry for key, entry in fresh.items() if key not in known),
        renewed=tuple(entry for key, entry in fresh.items() if key in known and key not in kept),
        kept=tuple(kept.values()),
        dropped=tuple(dropped.values()),
    )


def _entry(command: str, outcome: Outcome, today: date, expires: date | None, reason: str) -> BaselineEntry:
    return BaselineEntry(
        command=command,
        rule=outcome.rule,
        key=outcome.key,
        accepted=today,
        expires=expires,
        message=outcome.message,
        file=outcome.file,
        reason=reason,
    )
