"""What `pgtune pool-check` found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.finding import Finding, Severity
from pgtune.model.pools.demand import Demand
from pgtune.model.pools.exercise import Exercise
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.slots import ConnectionSlots


class Status(Enum):
    """The outcome of one check; only what was looked at is ok."""

    OK = "ok"
    IDLE = "nothing to check"  # no pool, pooler or session that it is about
    UNKNOWN = "unknown"  # evidence is missing: that is not ok
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One rule, run once."""

    rule: str
    summary: str  # the first line of the rule's documentation
    findings: tuple[Finding, ...] = ()  # the gravest first
    fine: tuple[str, ...] = ()  # what was looked at and found in order
    missing: tuple[str, ...] = ()  # why it could not be checked

    @property
    def status(self) -> Status:
        """The gravest finding decides."""
        if self.findings:
            return Status[max(finding.severity for finding in self.findings).name]
        if self.missing:
            return Status.UNKNOWN
        return Status.OK if self.fine else Status.IDLE


@dataclass(frozen=True, slots=True)
class PoolCheck:
    """Everything that one run found out."""

    version: str  # pgtune's
    server: str | None  # "PostgreSQL 18.6 (embedded)"; None when no server was asked
    fleet: Fleet | None
    slots: ConnectionSlots | None
    demand: Demand | None  # None without a fleet
    reserve: int | None
    largest_pool: int | None  # the largest size of each pool with which the fleet fits
    results: tuple[CheckResult, ...]  # by rule name
    fail_on: Severity | None  # None = never
    exercise: Exercise | None = None
    remarks: tuple[str, ...] = ()
    accepted: frozenset[str] = frozenset()  # keys of findings that the baseline accepts

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the gravest first."""
        found = (finding for result in self.results for finding in result.findings)
        return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.key)))

    @property
    def fails(self) -> bool:
        """True when a finding at or above ``fail_on`` is not accepted."""
        return self.fail_on is not None and any(
            finding.severity >= self.fail_on and finding.key not in self.accepted for finding in self.findings
        )
