"""An index of one shadow database under the number that questions call it by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgtune.sources.connect import ServerConnection

_EXISTING = """
WITH RECURSIVE tree AS (
    SELECT name, pg_catalog.to_regclass(name)::oid AS oid FROM pg_catalog.unnest(%s::text[]) AS name
    UNION ALL
    SELECT tree.name, inhrelid FROM tree JOIN pg_catalog.pg_inherits ON inhparent = tree.oid
)
SELECT tree.name, tree.oid::int8, relname FROM tree JOIN pg_catalog.pg_class USING (oid)
"""


@dataclass(frozen=True, slots=True)
class NumberedIndex:
    """A hypothetical or an existing index; a partitioned one together with those on the partitions."""

    number: int
    exists: bool  # visible unless a question leaves it out; else hidden unless a question names it
    oids: tuple[int, ...]  # empty where the shadow could not restore it
    names: tuple[str, ...]  # as plans show them


def existing_indexes(superuser: ServerConnection, numbers: Mapping[str, int]) -> Iterator[NumberedIndex]:
    """Yield the indexes under *numbers*, by qualified name, each with those on partitions."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, oid, relname in superuser.execute(_EXISTING, [list(numbers)]):
        found[name].append((oid, relname))
    for name, number in numbers.items():
        oids, names = zip(*found[name], strict=True) if found[name] else ((), ())
        yield NumberedIndex(number, True, oids, names)
