"""The tokens of an INSERT with one row of VALUES in, its parts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.model.names import RelationName
from pgtune.parse.sql.clauses_of_turn import (
    clauses,
    closing,
    column_list,
    inside_parentheses,
    list_items,
    returning_list,
    target,
)
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql.update_turn import Assignment, assignments
from pgtune.parse.sql_tokens import Token

_CLAUSES = ("OVERRIDING", "VALUES", "SELECT", "WITH", "DEFAULT", "ON", "RETURNING")


@dataclass(frozen=True, slots=True)
class Conflict:
    """ON CONFLICT and what follows."""

    target: Expression  # "(id)", "ON CONSTRAINT logs_pkey", or nothing
    columns: (
        tuple[str, ...] | None
    )  # of the target; None: a constraint, an expression, a condition, or nothing
    constraint: str | None
    sets: tuple[Assignment, ...]  # of DO UPDATE; empty: DO NOTHING
    where: Expression  # of DO UPDATE


@dataclass(frozen=True, slots=True)
class InsertTurn:
    """``INSERT INTO relation (columns) VALUES (values) ...``."""

    text: str
    tokens: tuple[Token, ...]
    relation: RelationName
    qualifier: str  # what stands before the table's columns: its alias or name
    target: str  # as written, alias included
    columns: tuple[str, ...]  # empty: not written, the table's in their order
    values: tuple[Expression, ...]
    overriding: str  # "OVERRIDING SYSTEM VALUE" or empty
    conflict: Conflict | None
    conflict_text: str  # the whole clause
    returning: Expression  # behind RETURNING


def read_insert(text: str, tokens: Sequence[Token]) -> InsertTurn:
    """Return the parts of an INSERT.

    Raises:
        StatementError: it inserts anything but one row of VALUES.
    """
    parts = clauses(tokens, _CLAUSES)
    if "SELECT" in parts or "WITH" in parts or "DEFAULT" in parts:
        raise StatementError("it is not an INSERT of one row of VALUES")
    rows = list_items(parts.get("VALUES", []))
    row = inside_parentheses(rows[0]) if len(rows) == 1 else None
    if row is None:
        raise StatementError("it does not insert exactly one row")
    head, columns = _head(parts[""][2:])
    relation, qualifier = target(head)
    conflict = parts.get("ON")
    overriding = parts.get("OVERRIDING", [])
    return InsertTurn(
        text=text,
        tokens=tuple(tokens),
        relation=relation,
        qualifier=qualifier,
        target=expression(text, head).text,
        columns=columns,
        values=tuple(expression(text, item) for item in list_items(row)),
        overriding=f"OVERRIDING {expression(text, overriding).text}" if overriding else "",
        conflict=_conflict(text, conflict) if conflict is not None else None,
        conflict_text=f"ON {expression(text, conflict).text}" if conflict is not None else "",
        returning=returning_list(text, parts.get("RETURNING", [])),
    )


def _head(tokens: list[Token]) -> tuple[list[Token], tuple[str, ...]]:
    """Split ``name AS alias (columns)``."""
    opening = next((index for index, token in enumerate(tokens) if token.text == "("), None)
    if opening is None:
        return tokens, ()
    columns = column_list(tokens[opening + 1 : -1])
    if columns is None:
        raise StatementError("it inserts into a part of a column")
    return tokens[:opening], columns


def _conflict(text: str, tokens: Sequence[Token]) -> Conflict:
    """*tokens* begin with CONFLICT."""
    parts = clauses(tokens[1:], ("DO",))
    action = parts.get("DO", [])
    arbiter = parts[""]
    sets: tuple[Assignment, ...] = ()
    where: Sequence[Token] = ()
    if action and action[0].keyword == "UPDATE":
        updates = clauses(action, ("SET", "WHERE"))
        sets, where = assignments(text, updates.get("SET", [])), updates.get("WHERE", [])
    return Conflict(
        target=expression(text, arbiter),
        columns=_arbiter_columns(arbiter),
        constraint=_constraint(arbiter),
        sets=sets,
        where=expression(text, where),
    )


def _arbiter_columns(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    if not tokens or tokens[0].text != "(" or closing(tokens, 0) != len(tokens):
        return None
    return column_list(tokens[1:-1])


def _constraint(tokens: Sequence[Token]) -> str | None:
    if len(tokens) != 3 or tokens[1].keyword != "CONSTRAINT":
        return None
    names = column_list(tokens[2:])
    return names[0] if names else None
