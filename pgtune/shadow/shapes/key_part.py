"""One column or expression of an index, resolved on a server."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.shadow.shapes.relation_facts import ColumnFacts, TypeFacts


@dataclass(frozen=True, slots=True)
class KeyPart:
    """What an index stores at one position."""

    sql: str  # the column, quoted, or the expression
    type: TypeFacts
    column: ColumnFacts | None  # None: an expression
    equal_image: bool
    opclass: str  # as written; empty: the default
