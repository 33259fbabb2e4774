"""What `pgtune suggest-indexes` found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.action import Action
from pgtune.model.catalog import CatalogIndex
from pgtune.model.finding import Finding
from pgtune.model.index import Index
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.model.workload import Query, SkippedStatement, WorkloadOrigin


@dataclass(frozen=True, slots=True)
class QueryEffect:
    """What a change does to one query, in planner units of one call."""

    query: Query
    cost_before: float
    cost_after: float
    node: str | None = None  # plan node that uses the index: "Index Only Scan using a_idx on a"

    @property
    def change(self) -> float:
        """-0.9: nine tenths of the cost are gone; 0.05: it got worse by a twentieth."""
        return self.cost_after / self.cost_before - 1 if self.cost_before else 0.0


@dataclass(frozen=True, slots=True)
class WriteCost:
    """What keeping an index up to date costs, over the period of the workload."""

    cost: float  # planner units, of the whole workload
    entries: float  # index entries inserted, those of updates among them
    bytes_per_table_byte: float  # size of an entry over the size of a row
    hot_updates_lost: float  # updates that touched no index before
    updates: tuple[str, ...] = ()  # columns that statements of the workload write, and the index has


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One index to create."""

    index: Index
    name: str
    size_bytes: int  # of a fresh build
    height: int
    action: Action
    saving_share: float  # of the workload's cost that returns when this index alone is left out, 0..1
    effects: tuple[QueryEffect, ...]  # every query that gains or loses by the index, biggest first
    write_cost: WriteCost | None  # None: nothing is known about writes
    replaces: tuple[CatalogIndex, ...] = ()  # existing indexes that it makes redundant
    ties: tuple[str, ...] = ()  # equally good: index definitions that were not taken
    notes: tuple[str, ...] = ()  # sentences


@dataclass(frozen=True, slots=True)
class Drop:
    """One existing index to drop."""

    index: CatalogIndex
    action: Action
    reason: str  # a sentence
    effects: tuple[QueryEffect, ...]  # queries that lose by it
    write_cost: WriteCost | None = None  # that goes away


class Rejected(Enum):
    """Why an index that helps some query was not taken."""

    BUDGET = "budget"
    MAX_INDEXES = "max indexes"
    WRITE_COST = "write cost"
    SUBSUMED = "subsumed"  # what was taken does the same
    NO_GAIN = "no gain"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A favourite that was not taken."""

    index: Index
    size_bytes: int
    reason: Rejected
    detail: str  # a sentence with the figures
    saving_share: float  # of the workload's cost, if it were the only new index


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good the set is among all sets of candidates within the limits."""

    candidates: int
    # Shares of the workload's cost before; both count writes, and a little for each new index, too.
    bound_share: float  # no set costs less
    cost_share: float  # what the chosen set costs
    complete: bool  # the search ended by itself: the bound is as good as it gets
    stopped_by: str | None = None  # "time limit", "interrupt"; None when complete

    @property
    def gap(self) -> float:
        """How much of the chosen set's cost could be gone at most; 0: proven best."""
        return max(0.0, 1.0 - self.bound_share / self.cost_share) if self.cost_share else 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """What the search did."""

    asked: int  # questions that the planner was asked
    saved_by_cache: int  # answered from what it said before
    saved_by_bounds: int  # not asked because no answer could matter
    elapsed_s: float
    workers: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what the server did was looked at."""

    origin: WorkloadOrigin
    planned: int  # statements
    seen: int
    planned_ms: float | None
    seen_ms: float | None
    skipped: tuple[SkippedStatement, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Time and buffers of one query, really run before and after the indexes were really built."""

    query: Query  # with the values that it was run with
    before_ms: float  # median of warm runs
    after_ms: float
    before_blocks: int  # shared hit and read
    after_blocks: int
    values_from_statistics: bool = False  # the workload has none


@dataclass(frozen=True, slots=True)
class Verification:
    """What `--verify` measured."""

    place: str  # "PostgreSQL 18.6 (embedded)"
    measurements: tuple[Measurement, ...]
    built_bytes: int
    estimated_bytes: int
    unmeasured: tuple[str, ...] = ()  # queries and why


@dataclass(frozen=True, slots=True)
class ShadowNote:
    """How the shadow differs from the server that it stands for."""

    server: str  # "PostgreSQL 15.18"
    shadow: str  # "PostgreSQL 18.6"
    same_major: bool
    left_out: tuple[str, ...] = ()  # objects of the snapshot that could not be made, and why
    unseen: tuple[str, ...] = ()  # what the role may not see


@dataclass(frozen=True, slots=True)
class IndexAdvice:
    """The whole answer."""

    version: str  # pgtune's
    shadow: ShadowNote
    coverage: Coverage
    budget_bytes: int | None
    max_indexes: int | None
    recommendations: tuple[Recommendation, ...]  # biggest saving first
    drops: tuple[Drop, ...]
    rejections: tuple[Rejection, ...]
    existing: tuple[Finding, ...]  # about indexes that are there
    effects: tuple[QueryEffect, ...]  # every query, in the order of the workload
    base_cost: float  # of the workload, weighted
    cost: float  # with the set, without write cost
    write_cost: float | None
    certificate: Certificate | None  # None: there was nothing to choose from
    effort: Effort
    verification: Verification | None = None
    remarks: tuple[str, ...] = ()
    rewrites: tuple[RewriteChoice, ...] = ()  # heaviest query first

    @property
    def size_bytes(self) -> int:
        """All recommended indexes together, as pgtune expects them to be built."""
        return sum(recommendation.size_bytes for recommendation in self.recommendations)

    @property
    def cost_share(self) -> float:
        """Cost of the workload with the set over its cost without, 0..1."""
        return self.cost / self.base_cost if self.base_cost else 1.0

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to run, in this order: indexes are created before others are dropped."""
        creations = (recommendation.action for recommendation in self.recommendations)
        return (*creations, *(drop.action for drop in self.drops))
