"""A query that could be written otherwise, next to the indexes that were chosen: which of the two pays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.rewrite import MIN_COST_FACTOR, AppliedRule
from pgtune.model.workload import Query


class Cure(Enum):
    """What makes a query cheap."""

    INDEX = "this index"
    REWRITE = "this rewrite"
    EITHER = "either"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class RewriteChoice:
    """The planned cost of one call, with and without the rewrite and the recommended indexes."""

    query: Query
    sql: str  # the replacement; each change of it is proven from the catalog
    applied: tuple[AppliedRule, ...]  # in their order; at least one
    cost_now: float
    cost_index: float  # as written, with the recommended indexes
    cost_rewrite: float  # rewritten, with the indexes that are there
    cost_both: float

    @property
    def cure(self) -> Cure:
        """The one that is cheaper by the factor that counts; both where they help each other."""
        if self.cost_both * MIN_COST_FACTOR <= min(self.cost_index, self.cost_rewrite):
            return Cure.BOTH
        if self.cost_rewrite * MIN_COST_FACTOR <= self.cost_index:
            return Cure.REWRITE
        if self.cost_index * MIN_COST_FACTOR <= self.cost_rewrite:
            return Cure.INDEX
        return Cure.EITHER

    @property
    def cost_least(self) -> float:
        """Of what the rewrite can do."""
        return min(self.cost_rewrite, self.cost_both)
