"""The statements of a pair in, the tables that they need, as the scratch server's catalogs have them, out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from psycopg.rows import dict_row

from pgtune.errors import StatementError
from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestColumn, TestForeignKey, TestSchema, TestTable
from pgtune.parse.sql_tokens import TokenKind, read_words
from pgtune.sources.connect import ServerConnection

_ANY_WORD = re.compile(r"\w+")
_INSERT_WORDS = frozenset({"insert", "merge", "copy"})
_WRITE_WORDS = _INSERT_WORDS | {"update", "delete", "truncate"}
_TABLES = frozenset({"r", "p"})
# Not told apart from others by pg_proc: what they return is the same within the test of a pair.
_REPEATED = frozenset({"nextval", "currval", "lastval", "setval", "set_config"})

CatalogRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """A sequence that ids come from, and the value that it starts at in each run."""

    name: str  # qualified and quoted
    first: int


@dataclass(frozen=True, slots=True)
class PairSchema:
    """The tables of a pair, and what of them matters to its runs."""

    tests: TestSchema
    writes: bool  # either side can change rows
    inserts: bool  # either side, or a trigger, can add rows
    triggers: Mapping[RelationName, tuple[str, ...]]  # enabled ones; tables without any are left out
    sequences: tuple[Sequenced, ...]
    given_by_sequence: Mapping[RelationName, frozenset[str]]  # columns whose default is a sequence's next


@dataclass(frozen=True, slots=True)
class Locked:
    """A relation that a statement names, directly or through a view."""

    oid: int
    kind: str  # pg_class.relkind
    is_written: bool


class SchemaReader:
    """Reads by the session of a superuser whose search_path is pg_catalog alone."""

    def __init__(self, observer: ServerConnection) -> None:
        self._observer = observer
        self.volatile = frozenset(row["name"] for row in self.rows("volatile_functions")) - _REPEATED
        functions: defaultdict[str, set[str]] = defaultdict(set)
        for row in self.rows("functions"):
            functions[row["name"]].update(words_of(row["body"]))
        self.function_words: Mapping[str, Collection[str]] = functions

    def rows(self, query: str, **parameters: object) -> Sequence[CatalogRow]:
        """Return the rows of one of the package's queries."""
        text = files("pgtune.shadow.trial").joinpath("queries", f"{query}.sql").read_bytes()
        with self._observer.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(text, parameters).fetchall()

    def locked_by(self, backend_pid: int) -> Sequence[Locked]:
        """Return what the session of that process has locked of the users' tables and views."""
        return [Locked(**row) for row in self.rows("locked", pid=backend_pid)]

    def called(self, words: Collection[str]) -> frozenset[str]:
        """Return the users' functions among *words*, and those that these call."""
        found: set[str] = set()
        new = set(words) & set(self.function_words)
        while new:
            found |= new
            new = {word for name in new for word in self.function_words[name]} & set(self.function_words)
            new -= found
        return frozenset(found)

    def volatile_within(self, words: Collection[str]) -> frozenset[str]:
        """Return the functions with another value at each call: the server's, and users' that call them."""
        own = {name for name in self.called(words) if self._calls_volatile(name)}
        return self.volatile | own

    def _may_insert(self, words: Collection[str], reached: Sequence[CatalogRow]) -> bool:
        functions = self.called(words) | self._trigger_functions(reached)
        return bool(_INSERT_WORDS & set(words)) or self._do(functions, _INSERT_WORDS)

    def _do(self, functions: Iterable[str], words: Collection[str]) -> bool:
        return any(set(words) & set(self.function_words[name]) for name in functions)

    def _calls_volatile(self, name: str) -> bool:
        within = self.called({name})
        return any(self.volatile & set(self.function_words[each]) for each in within)

    def read(self, statements: Sequence[str], locked: Sequence[Locked]) -> PairSchema:
        """Return the tables that *statements* need, and those that constraints and functions need."""
        words = {word for statement in statements for word in words_of(statement)}
        functions = self.called(words)
        writes = any(one.is_written for one in locked) or self._do(functions, _WRITE_WORDS)
        views = {one.oid for one in locked if one.kind == "v"}
        wanted = {one.oid for one in locked if one.kind in _TABLES} | self._named_in(functions)
        reached = self._reached(wanted, writes)
        by_triggers = self._named_in(self._trigger_functions(reached)) if writes else set()
        if not by_triggers <= {row["oid"] for row in reached}:
            reached = self._reached(wanted | by_triggers, writes)
        in_strings = {word for statement in statements for word in _words_in_strings(statement)}
        return self._pair_schema(reached, views, words | in_strings, writes)

    def _reached(self, oids: Iterable[int], writes: bool) -> Sequence[CatalogRow]:
        return self.rows("reached", oids=list(oids), writes=writes)

    def _trigger_functions(self, reached: Sequence[CatalogRow]) -> frozenset[str]:
        rows = self.rows("trigger_functions", oids=[row["oid"] for row in reached])
        return self.called({row["name"] for row in rows})

    def _named_in(self, functions: Collection[str]) -> set[int]:
        """Return the tables that the bodies of *functions* name, as far as their words tell."""
        words = {word for name in functions for word in self.function_words[name]}
        return {row["oid"] for row in self.rows("tables_called", names=list(words)) if row["kind"] in _TABLES}

    def _pair_schema(
        self, reached: Sequence[CatalogRow], views: Collection[int], words: Collection[str], writes: bool
    ) -> PairSchema:
        tables = [self._table(row, parts) for row, parts in self._with_parts(reached)]
        oids = [row["oid"] for row in reached]
        sequences = self.rows("sequences", oids=oids, names=list(words))
        return PairSchema(
            tests=TestSchema(_referenced_first(tables), self._views(views)),
            writes=writes,
            inserts=writes and self._may_insert(words, reached),
            triggers={_name(row): tuple(row["triggers"]) for row in reached if row["triggers"]},
            sequences=tuple(Sequenced(row["name"], int(row["first"])) for row in sequences),
            given_by_sequence={
                table.name: frozenset(column.name for column in table.columns if _is_sequenced(column))
                for table in tables
            },
        )

    def _with_parts(self, reached: Sequence[CatalogRow]) -> Iterable[tuple[CatalogRow, _Parts]]:
        oids = [row["oid"] for row in reached]
        names = {row["oid"]: _name(row) for row in reached}
        found = {
            query: _by_relation(self.rows(query, oids=oids))
            for query in ("columns", "keys", "checks", "foreign_keys")
        }
        for row in reached:
            rows = {query: groups[row["oid"]] for query, groups in found.items()}
            keys = [key for key in rows["foreign_keys"] if key["referenced_oid"] in names]
            foreign_keys = tuple(
                TestForeignKey(
                    tuple(key["columns"]), names[key["referenced_oid"]], tuple(key["referenced_columns"])
                )
                for key in keys
            )
            yield row, _Parts(rows["columns"], rows["keys"], rows["checks"], foreign_keys)

    def _table(self, row: CatalogRow, parts: _Parts) -> TestTable:
        plain_keys = [tuple(key["columns"]) for key in parts.keys if key["columns"]]
        return TestTable(
            name=_name(row),
            columns=tuple(self._column(column) for column in parts.columns),
            unique_keys=tuple(plain_keys),
            other_unique=len(plain_keys) < len(parts.keys),
            has_deferrable_key=any(key["is_deferrable"] for key in parts.keys),
            checks=tuple(check["condition"] for check in parts.checks),
            foreign_keys=parts.foreign_keys,
            partition_bounds=row["partition_bounds"],
        )

    def _column(self, row: CatalogRow) -> TestColumn:
        default = row["default"]
        called = words_of(default) if default else frozenset()
        is_sequence = "nextval" in called or row["is_identity"]
        return TestColumn(
            name=row["name"],
            type=row["type"],
            category=row["category"],
            not_null=row["not_null"],
            enum_labels=tuple(row["enum_labels"]),
            is_generated=row["is_generated"],
            is_identity_always=row["is_identity_always"],
            default="nextval" if is_sequence and not default else default,
            has_volatile_default=bool(called & self.volatile),
            checks=tuple(row["checks"]),
        )

    def _views(self, oids: Collection[int]) -> Mapping[RelationName, tuple[RelationName, ...]]:
        below: defaultdict[RelationName, list[RelationName]] = defaultdict(list)
        for row in self.rows("views", oids=list(oids)):
            below[_name(row)].append(RelationName(row["table_schema"], row["table_name"]))
        return {view: tuple(tables) for view, tables in below.items()}


@dataclass(frozen=True, slots=True)
class _Parts:
    columns: Sequence[CatalogRow]
    keys: Sequence[CatalogRow]
    checks: Sequence[CatalogRow]
    foreign_keys: tuple[TestForeignKey, ...]


def words_of(text: str) -> frozenset[str]:
    """Return the names in *text*, as the catalog stores them, of whatever they are."""
    try:
        tokens = read_words(text)
    except StatementError:  # the body of a function is only looked at
        return frozenset(_ANY_WORD.findall(text.lower()))
    plain = {token.text.lower() for token in tokens if token.kind is TokenKind.WORD}
    quoted = {token.text[1:-1].replace('""', '"') for token in tokens if token.kind is TokenKind.QUOTED_NAME}
    return frozenset(plain | quoted)


def _words_in_strings(text: str) -> frozenset[str]:
    """Return the names in strings: of sequences, as in nextval('public.ids')."""
    strings = (token.text for token in read_words(text) if token.kind is TokenKind.STRING)
    return frozenset(word for string in strings for word in _ANY_WORD.findall(string))


def _name(row: CatalogRow) -> RelationName:
    return RelationName(row["schema"], row["name"])


def _by_relation(rows: Iterable[CatalogRow]) -> Mapping[int, Sequence[CatalogRow]]:
    groups: defaultdict[int, list[CatalogRow]] = defaultdict(list)
    for row in rows:
        groups[row["relation_oid"]].append(row)
    return groups


def _is_sequenced(column: TestColumn) -> bool:
    return column.default is not None and column.default.startswith("nextval")


def _referenced_first(tables: Sequence[TestTable]) -> tuple[TestTable, ...]:
    """Order *tables* so that each comes behind those it refers to; a circle is cut anywhere."""
    ordered: dict[RelationName, TestTable] = {}
    by_name = {table.name: table for table in tables}
    visiting: set[RelationName] = set()

    def visit(table: TestTable) -> None:
        if table.name in ordered or table.name in visiting:
            return
        visiting.add(table.name)
        for key in table.foreign_keys:
            visit(by_name[key.referenced])
        ordered[table.name] = table

    for table in tables:
        visit(table)
    return tuple(ordered.values())
