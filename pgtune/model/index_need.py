"""What a rule wants of an index; advice turns it into columns and checks what exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pgtune.model.names import RelationName


class Purpose(Enum):
    """What the index is to do for the node."""

    FILTER = "filter"  # find the rows that the node's quals keep
    COMBINE = "combine"  # one composite index instead of a BitmapAnd of several
    JOIN = "join"  # look up the inner rows of a join
    ORDER = "order"  # deliver rows in the order of a sort (and find them by the quals below it)
    COVER = "cover"  # make the scan index-only
    REFERENCE = "reference"  # find the rows that refer to a key (foreign key check)


@dataclass(frozen=True, slots=True)
class IndexNeed:
    """The node whose quals, order and output decide the columns, or the columns themselves."""

    purpose: Purpose
    node: int | None = None  # the scan (FILTER, COVER, COMBINE), the join (JOIN) or the sort (ORDER)
    relation: RelationName | None = None  # given with ``columns`` when no node says it
    columns: tuple[str, ...] = ()
