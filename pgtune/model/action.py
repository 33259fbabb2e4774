"""SQL that a finding proposes, and how it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Proof(Enum):
    """How a proposal was checked; never more than was done."""

    UNCHECKED = "unchecked"  # derived from the plan and the catalog only
    PLANNED = "planned"  # the planner was asked, on a copy of schema and statistics
    MEASURED = "measured"  # really built or really run on a disposable database
    TESTED = "tested"  # a rewrite compared with the original on generated data


@dataclass(frozen=True, slots=True)
class Action:
    """Statements to run, and to undo them. ``sql`` ends without a newline and can be pasted."""

    sql: str
    undo: str | None = None
    lock: str | None = None  # lock taken and what it blocks, as a phrase
    proof: Proof = Proof.UNCHECKED
    planned_cost_before: float | None = None  # of the statement, in planner units; None: not asked
    planned_cost_after: float | None = None
    index_bytes: int | None = None  # of fresh builds, all new indexes together
