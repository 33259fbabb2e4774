"""What `pgtune explain` found out: an Explained per statement or plan, a Failure per input not checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Finding
from pgtune.model.place import Place
from pgtune.model.review import Review
from pgtune.model.rewrite import AppliedRule


class Origin(Enum):
    """Where the plan came from, which says how far its figures can be trusted."""

    ANALYZED = "analyzed"  # the statement was run, and rolled back
    PLANNED = "planned"  # the planner's estimates only
    GENERIC = "generic"  # planned without parameter values (GENERIC_PLAN, 16 and later)
    READ = "read"  # a plan that the user had, from a file or standard input
    LOGGED = "logged"  # a plan out of a server log


@dataclass(frozen=True, slots=True)
class Repeats:
    """Execution times of several runs of one statement."""

    cold_ms: float  # the first run
    warm_ms: tuple[float, ...]  # the others, in order
    median_ms: float  # of the warm runs

    @property
    def spread_ms(self) -> float:
        """Difference between the slowest and the fastest warm run."""
        return max(self.warm_ms) - min(self.warm_ms)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """How often a log held plans of the same query; the slowest is shown."""

    count: int
    total_ms: float


@dataclass(frozen=True, slots=True)
class RewritePointer:
    """A replacement that is planned cheaper; whether it means the same is not tested."""

    sql: str  # with $1, $2, ...
    applied: tuple[AppliedRule, ...]  # in their order; at least one
    cost_before: float  # planned total, in planner units
    cost_after: float

    def beats(self, finding: Finding) -> bool:
        """True when the planner likes it better than the indexes that the finding proposes."""
        cost = finding.action.planned_cost_after if finding.action is not None else None
        return cost is not None and self.cost_after < cost


@dataclass(frozen=True, slots=True)
class Explained:
    """One plan with what was found in it."""

    source: Place
    origin: Origin
    plan: ChargedPlan
    review: Review
    query: str | None = None
    remarks: tuple[str, ...] = ()  # sentences about how it was run: not run because it writes, ...
    notices: tuple[str, ...] = ()  # of the server, while it ran
    repeats: Repeats | None = None
    occurrences: Occurrences | None = None
    rewrite: RewritePointer | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be checked, with the line that says why."""

    source: Place
    message: str
    exit_code: int
    context: str = ""  # the offending line of SQL and a caret


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run of pgtune found out."""

    version: str  # pgtune's
    server: str | None  # "PostgreSQL 18.6 (embedded)"; None when no server was asked
    explained: tuple[Explained, ...]
    failures: tuple[Failure, ...] = ()
    remarks: tuple[str, ...] = ()  # about the run: entries of a log that were skipped

    def exit_code(self, *, fails: bool) -> int:
        """The worst failure's code, else 1 where findings fail the run, else 0."""
        return max((failure.exit_code for failure in self.failures), default=int(fails))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings that are not minor, of all statements."""
        return tuple(finding for explained in self.explained for finding in explained.review.findings)
