"""The catalogs of types and operators in; how ANALYZE stores and compares the values of a type out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

TSVECTOR, TEXT, DEFAULT_COLLATION = 3614, 25, 100  # src/include/catalog/pg_type.dat, pg_collation.dat
_PSEUDO_TYPES = {"e": "anyenum", "r": "anyrange", "m": "anymultirange", "c": "record"}

_TYPES = """
SELECT t.oid, t.typname, t.typtype::text, t.typbasetype,
       CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END, t.typarray,
       t.typispreferred, COALESCE(r.rngtypid, 0), COALESCE(r.rngsubtype, 0)
FROM pg_type AS t LEFT JOIN pg_range AS r ON t.oid IN (r.rngtypid, r.rngmultitypid)
"""
# B-tree: strategy 1 is less, 3 is equal; hash: 1 is equal.
_OPERATORS = """
SELECT m.amname, o.opcintype, p.amopstrategy, p.amopopr
FROM pg_opclass AS o
JOIN pg_am AS m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')
JOIN pg_amop AS p ON p.amopfamily = o.opcfamily AND p.amoplefttype = o.opcintype
WHERE o.opcdefault AND p.amoprighttype = o.opcintype AND p.amopstrategy IN (1, 3)
"""
_COERCIONS = "SELECT castsource, casttarget FROM pg_cast WHERE castmethod = 'b' AND castcontext = 'i'"


class _Type(NamedTuple):
    oid: int
    name: str
    kind: str  # pg_type.typtype
    base: int  # of a domain; 0 for others
    element: int  # of an array; 0 for others
    array: int  # the array type over it; 0: none
    preferred: bool
    range: int  # of a range or multirange: the range type; 0 for others
    range_subtype: int


@dataclass(frozen=True, slots=True)
class Operators:
    """Operators of a type's default operator class; 0: it has none."""

    equal: int = 0
    less: int = 0


@dataclass(frozen=True, slots=True)
class ValueType:
    """How the values of a column are stored in pg_statistic; a type of None: they cannot be restored."""

    values: int | None
    elements: int | None  # of an array or tsvector
    operators: Operators
    element_operators: Operators


class ValueTypes:
    """All types of one database."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        rows = connection.execute(_TYPES.encode()).fetchall()
        self._types = {row.oid: row for row in map(_Type._make, rows)}
        self._by_name = {row.name: row.oid for row in self._types.values() if row.kind == "p"}
        self._operators = _read_operators(connection)
        self._coercions: dict[int, list[int]] = {}
        for source, target in connection.execute(_COERCIONS).fetchall():
            self._coercions.setdefault(int(str(source)), []).append(int(str(target)))

    def of(self, oid: int) -> ValueType:
        """What ANALYZE stores for a column of this type.

        Only input functions of built-in types may read values: a domain's would run its CHECK constraints,
        code of the snapshot, as superuser. So a domain stands for what it is stored as, and the type of what
        holds a composite type or a domain further inside is None.
        """
        stored = self._stored(oid)
        if oid == TSVECTOR:
            return ValueType(oid, TEXT, self._operators_of(stored), self._operators_of(self._types[TEXT]))
        if not stored.element:
            return ValueType(self._readable(stored), None, self._operators_of(stored), Operators())
        element = self._stored(stored.element)
        elements = self._readable(element)
        # An array of a domain compares with its like only.
        is_plain = elements == stored.element
        return ValueType(
            stored.oid if is_plain else None,
            elements,
            self._operators_of(stored),
            self._operators_of(element),
        )

    def _stored(self, oid: int) -> _Type:
        """The type that a domain is stored as; any other type itself."""
        found = self._types[oid]
        while found.kind == "d":
            found = self._types[found.base]
        return found

    def _readable(self, found: _Type) -> int | None:
        if found.kind in ("b", "e") and not found.element:
            return found.oid
        if found.range and self._types[found.range_subtype].kind == "b":
            return found.range  # ranges are stored for a multirange too (rangetypes_typanalyze.c)
        return None

    def _operators_of(self, found: _Type) -> Operators:
        """Those of the operator class that GetDefaultOpClass finds (indexcmds.c)."""
        for oid in self._candidates(found):
            if oid in self._operators:
                return self._operators[oid]
        return Operators()

    def _candidates(self, found: _Type) -> Iterator[int]:
        yield found.oid
        pseudo_type = "anyarray" if found.element else _PSEUDO_TYPES.get(found.kind)
        if pseudo_type is not None:
            yield self._by_name[pseudo_type]
        yield from sorted(
            self._coercions.get(found.oid, ()), key=lambda oid: (not self._types[oid].preferred, oid)
        )


def _read_operators(connection: psycopg.Connection[tuple[object, ...]]) -> Mapping[int, Operators]:
    found = {
        (method, int(str(oid)), strategy): int(str(operator))
        for method, oid, strategy, operator in connection.execute(_OPERATORS.encode()).fetchall()
    }
    return {
        oid: Operators(
            equal=found.get(("btree", oid, 3)) or found.get(("hash", oid, 1), 0),
            less=found.get(("btree", oid, 1), 0),
        )
        for _, oid, _ in found
    }
