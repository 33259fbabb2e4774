"""An index as it would be created: its algebra, its name and its SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from pgtune.model.action import Action
from pgtune.model.names import RelationName, quote_ident

MAX_NAME_BYTES = 63  # NAMEDATALEN - 1
DEFAULT_METHOD = "btree"
_EXTENSION_OPCLASSES = {"gin_trgm_ops": "pg_trgm", "gist_trgm_ops": "pg_trgm"}


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One key column: a column, or an expression."""

    text: str  # a column's name without quotes, or an expression as SQL
    is_expression: bool = False
    label: str | None = None  # what the server calls an expression in names: "lower", "expr"
    descending: bool = False
    nulls_first: bool = False  # True also for a plain DESC
    opclass: str | None = None
    collation: str | None = None  # as SQL spells it

    @property
    def sql(self) -> str:
        """The part as it stands between the parentheses of CREATE INDEX."""
        words = [f"({self.text})" if self.is_expression else quote_ident(self.text)]
        if self.collation is not None:
            words.append(f"COLLATE {self.collation}")
        if self.opclass is not None:
            words.append(self.opclass)
        if self.descending:
            words.append("DESC")
        if self.nulls_first != self.descending:
            words.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(words)

    @property
    def name_part(self) -> str:
        """What the server's default name says of this part."""
        return (self.label or "expr") if self.is_expression else self.text


@dataclass(frozen=True, slots=True)
class Index:
    """An index that does not exist yet."""

    relation: RelationName
    key: tuple[IndexPart, ...]
    include: tuple[str, ...] = ()  # column names without quotes
    predicate: str | None = None
    access_method: str = DEFAULT_METHOD
    partitioned: bool = False  # the relation is a partitioned table

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that an index-only scan can return."""
        return frozenset((*(part.text for part in self.key if not part.is_expression), *self.include))

    @property
    def extensions(self) -> tuple[str, ...]:
        """Extensions that the operator classes come from."""
        names = (_EXTENSION_OPCLASSES.get(part.opclass or "") for part in self.key)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def covers(self, other: Index) -> bool:
        """True when every use of *other* can be made of this index."""
        return (
            self.relation == other.relation
            and self.access_method == other.access_method
            and self.key[: len(other.key)] == other.key
            and other.columns <= self.columns
            and self.predicate in (None, other.predicate)
        )

    def with_include(self, columns: Collection[str]) -> Index:
        """The index with the columns it does not have yet in INCLUDE."""
        more = tuple(dict.fromkeys(column for column in columns if column not in self.columns))
        return replace(self, include=self.include + more)

    def default_name(self, taken: Collection[str] = ()) -> str:
        """The name that CREATE INDEX without one would choose; *taken* are the schema's relation names."""
        columns = "_".join(_distinct([*(part.name_part for part in self.key), *self.include]))
        for number in range(len(taken) + 1):
            name = _object_name(self.relation.name, columns, f"idx{number or ''}")
            if name not in taken:
                break
        return name

    def create_sql(self, name: str) -> str:
        """One statement, ended by a semicolon."""
        words = ["CREATE INDEX"] if self.partitioned else ["CREATE INDEX CONCURRENTLY"]
        words.append(f"{quote_ident(name)} ON {self.relation}")
        if self.access_method != DEFAULT_METHOD:
            words.append(f"USING {self.access_method}")
        words.append(f"({', '.join(part.sql for part in self.key)})")
        if self.include:
            words.append(f"INCLUDE ({', '.join(map(quote_ident, self.include))})")
        if self.predicate is not None:
            words.append(f"WHERE {self.predicate}")
        return " ".join(words) + ";"

    @property
    def definition(self) -> str:
        """The index without its name: "public.orders (user_id) INCLUDE (total)"."""
        return self.create_sql("i").partition(" ON ")[2].removesuffix(";")

    def drop_sql(self, name: str) -> str:
        """The statement that takes the index away again."""
        command = "DROP INDEX" if self.partitioned else "DROP INDEX CONCURRENTLY"
        return f"{command} {RelationName(self.relation.schema, name)};"

    @property
    def lock(self) -> str:
        """The lock that CREATE INDEX takes and what it blocks."""
        if self.partitioned:
            return (
                f"SHARE on {self.relation} and its partitions: writes wait until the index is built "
                "(CONCURRENTLY is not possible on a partitioned table)"
            )
        return shared_lock(self.relation)

    def action(self, name: str) -> Action:
        """The statements to create and to undo."""
        return Action(sql=self.create_sql(name), undo=self.drop_sql(name), lock=self.lock)


def shared_lock(relation: RelationName) -> str:
    """The lock that CONCURRENTLY takes and what it blocks."""
    return f"SHARE UPDATE EXCLUSIVE on {relation}: reads and writes go on"


def _distinct(names: list[str]) -> Iterator[str]:
    """Repeated names numbered, and cut off where they fill a name (ChooseIndexColumnNames in indexcmds.c)."""
    used: set[str] = set()
    length = 0
    for original in names:
        if length > MAX_NAME_BYTES:
            return
        name, number = original, 0
        while name in used:
            number += 1
            digits = str(number)
            name = _clip(original, MAX_NAME_BYTES - len(digits)) + digits
        used.add(name)
        yield name
        length += len(name.encode()) + 1


def _object_name(relation: str, columns: str, label: str) -> str:
    """Relation, columns and label in 63 bytes: the longer of the first two is cut (makeObjectName)."""
    available = MAX_NAME_BYTES - len(label) - 2
    relation_bytes, columns_bytes = len(relation.encode()), len(columns.encode())
    while relation_bytes + columns_bytes > available:
        if relation_bytes > columns_bytes:
            relation_bytes -= 1
        else:
            columns_bytes -= 1
    return f"{_clip(relation, relation_bytes)}_{_clip(columns, columns_bytes)}_{label}"


def _clip(text: str, max_bytes: int) -> str:
    return text.encode()[:max_bytes].decode(errors="ignore")
