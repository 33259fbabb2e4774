"""What one run of any command comes to, finding by finding, as CI systems take it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pgtune.model.finding import Severity
from pgtune.model.place import Place

if TYPE_CHECKING:
    from pgtune.model.diagnosis import Failure  # its imports take 0.02 s


class OutcomeStatus(Enum):
    """What became of one check; only what was looked at has passed."""

    FOUND = "found"
    ACCEPTED = "accepted"  # found, and in the baseline
    PASSED = "passed"
    UNKNOWN = "unknown"  # could not be checked


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finding, or one check that found nothing. ``message`` is a short fact, the others sentences."""

    rule: str
    severity: Severity
    status: OutcomeStatus
    message: str
    key: str  # stable from run to run: names rule and object, never a line
    place: Place | None = None
    file: str | None = None  # the input that the key belongs to; None: of the database or the whole run
    detail: str = ""
    hint: str = ""
    reason: str = ""  # why it is accepted, or no longer

    @property
    def is_finding(self) -> bool:
        """True where something was found, accepted or not."""
        return self.status in (OutcomeStatus.FOUND, OutcomeStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All of one run."""

    command: str  # "explain"
    version: str  # pgtune's
    outcomes: tuple[Outcome, ...]
    default_place: Place  # of what no file declares
    fail_on: Severity | None  # None = never
    inputs: tuple[str, ...] = ()  # files and directories that keys are about; empty: the database
    failures: tuple[Failure, ...] = ()  # inputs that could not be checked

    @property
    def found(self) -> tuple[Outcome, ...]:
        """What is found and not accepted, the gravest first."""
        found = (outcome for outcome in self.outcomes if outcome.status is OutcomeStatus.FOUND)
        return tuple(sorted(found, key=lambda outcome: -outcome.severity))

    @property
    def accepted_keys(self) -> frozenset[str]:
        """Keys of findings that the baseline accepts."""
        return frozenset(each.key for each in self.outcomes if each.status is OutcomeStatus.ACCEPTED)

    @property
    def fails(self) -> bool:
        """True when a finding at or above ``fail_on`` is not accepted."""
        return any(self.is_failing(outcome) for outcome in self.outcomes)

    def is_failing(self, outcome: Outcome) -> bool:
        """True when this one makes the run fail."""
        is_new = outcome.status is OutcomeStatus.FOUND
        return is_new and self.fail_on is not None and outcome.severity >= self.fail_on
