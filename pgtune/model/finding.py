"""What a rule saw, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from pgtune.model.action import Action
from pgtune.model.index import Index
from pgtune.model.index_need import IndexNeed
from pgtune.model.place import Place


class Severity(IntEnum):
    """How bad a finding is; the name in lower case is what users write."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Cause(Enum):
    """What lies behind a symptom. Symptoms with the same cause at the same node are one finding."""

    ACCESS_PATH = "access path"  # the relation is read in a wasteful way
    ESTIMATE = "estimate"  # the planner expected another number of rows
    MEMORY = "memory"  # work_mem did not suffice
    JOIN = "join"  # how two inputs are joined
    ORDER = "order"  # rows are sorted
    SUBQUERY = "subquery"  # how a sub-query is run
    STATEMENT = "statement"  # a cost outside the plan tree: planning, JIT, triggers
    INDEX = "index"  # an index that is there, or one that a constraint lacks; no plan is looked at
    CONNECTIONS = "connections"  # pools, sessions and limits; no plan is looked at


@dataclass(frozen=True, slots=True)
class Symptom:
    """What one rule saw at one place. ``message`` is a short fact; ``detail`` and ``hint`` are sentences."""

    message: str
    cause: Cause
    node: int | None = None  # number of the plan node; None = the statement, or no plan at all
    saves: float = 0.0  # share of the statement that could go, 0..1; an estimate
    frees_bytes: int = 0  # disk space that the action gives back
    max_severity: Severity = Severity.ERROR  # below the rule's own where something speaks against the finding
    cause_node: int | None = None  # where the cause lies, if not at ``node``
    object: str | None = None  # what the finding's key names; default: the node's relation, index or type
    at: str | None = None  # the place, where that is neither a node nor the statement
    place: Place | None = None  # the line of a file that declares it
    detail: str = ""
    hint: str = ""
    action: Action | None = None
    index_need: IndexNeed | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that people worry about and that is fine here."""

    message: str
    node: int | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a rule could not check, though all evidence that it requires is there: that is not ok."""

    message: str  # what is not known, as a phrase


@dataclass(frozen=True, slots=True)
class Finding:
    """A symptom with its rule's name, its weight and its place, ready to be shown."""

    rule: str
    severity: Severity
    at: str  # "node 4: Seq Scan on orders", or "statement"
    node: int | None
    message: str
    detail: str
    hint: str
    action: Action | None
    saving_ms: float | None  # None when nothing was timed
    share: float  # of the whole statement, 0..1
    key: str  # names the object, stable from run to run: "disk-sort:public.orders"
    index_need: IndexNeed | None = None
    frees_bytes: int = 0  # disk space that the action gives back
    also: tuple[str, ...] = ()  # rules that saw the same cause
    indexes: tuple[Index, ...] = ()  # that the action creates; empty where it also rebuilds one
    place: Place | None = None  # the line of a file that declares it
