"""A user's statement in, what the scratch server says of it before it is run out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError, StatementRefused
from pgtune.model.equivalence import ResultColumn
from pgtune.model.test_schema import ParameterType
from pgtune.parse.named_relations import QUERY_STARTS
from pgtune.parse.shared_parameters import used_numbers
from pgtune.parse.sql_tokens import read_words
from pgtune.shadow.trial.exchange import Exchange, Failure, Request, TypeKey
from pgtune.shadow.trial.read_schema import Locked, SchemaReader
from pgtune.sources.server_errors import caret

_SEVERAL = "cannot insert multiple commands"  # it has the SQLSTATE of a syntax error
_UNDEFINED_TABLE = "42P01"
_NOT_SQL = frozenset({"42601", "42P02", "42P18"})


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """One statement as the server understands it."""

    columns: tuple[ResultColumn, ...]
    parameters: tuple[ParameterType, ...]  # of $1, $2, ...
    used: frozenset[int]  # n of each $n that it has
    locked: tuple[Locked, ...]


class StatementReader:
    """Has statements parsed, and reads what the server makes of them."""

    def __init__(self, exchange: Exchange, catalogs: SchemaReader) -> None:
        self._exchange = exchange
        self._catalogs = catalogs

    def read(self, statement: str) -> StatementFacts:
        """Return the facts; nothing is run.

        Raises:
            StatementError: it is not valid SQL.
            StatementRefused: an unknown table or column, or no statement that reads or writes rows.
            ConnectionLost: the server ended.
        """
        self._exchange.run([Request("BEGIN")])
        try:
            described = self._exchange.prepare("", statement)
            if isinstance(described, Failure):
                raise refusal(described, statement)
            locked = tuple(self._catalogs.locked_by(self._exchange.backend_pid))
        finally:
            self._exchange.run([Request("ROLLBACK")])
        _refuse_others(statement)
        types = self._types([*described.types, *((oid, -1) for oid in described.parameters)])
        return StatementFacts(
            columns=_columns(described.names, described.types, types),
            parameters=tuple(types[oid, -1] for oid in described.parameters),
            used=used_numbers(statement),
            locked=locked,
        )

    def columns(self, names: Sequence[str], keys: Sequence[TypeKey]) -> tuple[ResultColumn, ...]:
        """Return the columns of a result with their types by name."""
        return _columns(names, keys, self._types(keys))

    def _types(self, keys: Iterable[TypeKey]) -> Mapping[TypeKey, ParameterType]:
        wanted = sorted(set(keys))
        rows = self._catalogs.rows(
            "type_names", oids=[oid for oid, _ in wanted], modifiers=[modifier for _, modifier in wanted]
        )
        return {
            (row["oid"], row["modifier"]): ParameterType(
                row["type"], row["category"], tuple(row["enum_labels"])
            )
            for row in rows
        }


def refusal(failure: Failure, statement: str) -> StatementError | StatementRefused:
    """Return the error to show for a statement that the server does not take."""
    context = caret(statement, failure.position - 1) if failure.position else ""
    if failure.message.startswith(_SEVERAL):
        return StatementError("several statements in one; give one at a time")
    if failure.sqlstate in _NOT_SQL:
        return StatementError(failure.message, context)
    missing = "; the schema to test on has no such table" if failure.sqlstate == _UNDEFINED_TABLE else ""
    return StatementRefused(f"{failure.message}{missing}", context)


def _refuse_others(statement: str) -> None:
    words = [token for token in read_words(statement) if token.text != "("]
    if not words:
        raise StatementError("empty statement; give a SELECT, INSERT, UPDATE, DELETE or MERGE")
    if words[0].keyword not in QUERY_STARTS:
        raise StatementRefused(
            f"{words[0].text}: no statement that can be compared; give SELECT, VALUES, TABLE, WITH, INSERT, "
            "UPDATE, DELETE or MERGE"
        )


def _columns(
    names: Sequence[str], keys: Sequence[TypeKey], types: Mapping[TypeKey, ParameterType]
) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(name, types[key].type) for name, key in zip(names, keys, strict=True))
