"""Two types in, whether = between them agrees with the keys and groups of each out."""

from __future__ import annotations

import re

# Within one line, = casts neither side, or casts so that different values stay different. bigint = double
# precision does not: two keys can equal one number. Source: src/include/catalog/pg_amop.dat, btree families.
_FAMILIES = (
    frozenset({"smallint", "integer", "bigint", "numeric"}),
    frozenset({"text", "character varying"}),
    frozenset({"character"}),
    frozenset({"date", "timestamp without time zone"}),
    frozenset({"timestamp with time zone"}),
    frozenset({"uuid"}),
    frozenset({"boolean"}),
    frozenset({"bytea"}),
)
_MODIFIER = re.compile(r"\([^)]*\)")


def same_equality(one: str, other: str) -> bool:
    """True when = between the two types, as format_type() prints them, finds at most one group or key."""
    types = {_MODIFIER.sub("", one), _MODIFIER.sub("", other)}
    return any(types <= family for family in _FAMILIES)
