"""Two columns in, whether = between them agrees with the keys and groups of each out."""

from __future__ import annotations

import re

from pgtune.model.catalog import Column

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


def same_equality(one: Column, other: Column) -> bool:
    """True when = between the two finds at most one group or key of each.

    A nondeterministic collation wins over the default one: a text then equals several of the other column.
    """
    types = {_MODIFIER.sub("", one.type), _MODIFIER.sub("", other.type)}
    same_collation = one.is_nondeterministic == other.is_nondeterministic
    return same_collation and any(types <= family for family in _FAMILIES)
