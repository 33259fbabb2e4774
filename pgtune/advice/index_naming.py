"""The names of a project's indexes in, a name in the same manner for a new one out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from pgtune.model.catalog import Catalog, CatalogIndex
from pgtune.model.index import MAX_NAME_BYTES, Index

MIN_FOLLOWED_SHARE = 0.5  # of the indexes that no constraint named, for a manner to be the project's; chosen

# A manner is a name with {table} and {columns}, and what stands between columns. The server's own is not
# among them: Index.default_name() makes it, cut to length as the server does.
_MANNERS: tuple[tuple[str, str], ...] = (
    ("idx_{table}_{columns}", "_"),
    ("ix_{table}_{columns}", "_"),  # SQLAlchemy
    ("index_{table}_on_{columns}", "_and_"),  # Rails
    ("{table}_{columns}_index", "_"),  # Laravel, Ecto
    ("i_{table}_{columns}", "_"),
    ("ndx_{table}_{columns}", "_"),
)
_NOT_IN_NAMES = re.compile(r"\W+")


class IndexNames:
    """Gives out names that are free; one object for all indexes of an answer."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._taken: dict[str | None, set[str]] = {}
        indexes: list[CatalogIndex] = []
        for relation in catalog.relations.values() if catalog is not None else ():
            taken = self._taken.setdefault(relation.name.schema, set())
            taken.add(relation.name.name)
            taken.update(index.name.name for index in relation.indexes)
            indexes += [index for index in relation.indexes if index.constraint is None]
        self._make = _manner_of(indexes)

    def choose(self, index: Index) -> str:
        """A name for *index* that nothing in its schema has; it is taken from now on."""
        taken = self._taken.setdefault(index.relation.schema, set())
        name = self._make(index, taken)
        taken.add(name)
        return name


def _manner_of(indexes: Iterable[CatalogIndex]) -> Callable[[Index, Collection[str]], str]:
    """The manner that most of the indexes follow, else the server's."""
    named = [index for index in indexes if index.parent is None]
    followed = Counter(manner for index in named for manner in _MANNERS if _follows(index, manner))
    if followed:
        manner, count = followed.most_common(1)[0]
        if count >= MIN_FOLLOWED_SHARE * len(named):
            return lambda index, taken: _free_name(_filled(manner, index), taken)
    return lambda index, taken: index.default_name(taken)


def _follows(index: CatalogIndex, manner: tuple[str, str]) -> bool:
    """True when the name begins as the manner says: what comes behind the first column varies."""
    pattern, _ = manner
    before, _, after = pattern.partition("{columns}")
    first = index.keys[0].text if not index.keys[0].is_expression else ""
    name = index.name.name
    begins = name.startswith(before.format(table=index.relation.name) + first)
    return begins and name.endswith(after) and bool(before.replace("{table}", "").strip("_") or after)


def _filled(manner: tuple[str, str], index: Index) -> str:
    pattern, between = manner
    parts = [_NOT_IN_NAMES.sub("_", part.name_part).strip("_") for part in index.key]
    columns = between.join(dict.fromkeys([*parts, *index.include]))
    return pattern.format(table=index.relation.name, columns=columns)


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name, cut to 63 bytes and numbered where it is taken."""
    for number in range(len(taken) + 1):
        suffix = str(number or "")
        free = name.encode()[: MAX_NAME_BYTES - len(suffix)].decode(errors="ignore") + suffix
        if free not in taken:
            break
    return free
