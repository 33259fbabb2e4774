"""The tokens of an UPDATE or DELETE of one table in, its parts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.model.names import RelationName
from pgtune.parse.sql.clauses_of_turn import (
    clauses,
    column_list,
    column_reference,
    conjuncts,
    inside_parentheses,
    list_items,
    returning_list,
    target,
)
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql_tokens import Token


@dataclass(frozen=True, slots=True)
class Assignment:
    """``column = value``."""

    column: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Increment:
    """``column + amount``, or ``column - amount``."""

    amount: Expression  # a parameter, a constant or a column of EXCLUDED
    operator: str  # + or -


@dataclass(frozen=True, slots=True)
class ChangeTurn:
    """``UPDATE relation SET sets WHERE conditions``; a DELETE has no sets."""

    text: str
    tokens: tuple[Token, ...]
    relation: RelationName
    qualifier: str  # what stands before the table's columns: its alias or name
    target: str  # as written, alias included
    sets: tuple[Assignment, ...]
    conditions: tuple[Expression, ...]  # joined by AND
    returning: Expression  # behind RETURNING

    @property
    def is_delete(self) -> bool:
        """True for DELETE."""
        return not self.sets


def read_update(text: str, tokens: Sequence[Token]) -> ChangeTurn:
    """Return the parts of an UPDATE.

    Raises:
        StatementError: it reads a second table, or writes a part of a column.
    """
    parts = clauses(tokens, ("SET", "FROM", "WHERE", "RETURNING"))
    if "FROM" in parts:
        raise StatementError("the UPDATE has a FROM list")
    return _change(text, tokens, parts[""][1:], assignments(text, parts.get("SET", [])))


def read_delete(text: str, tokens: Sequence[Token]) -> ChangeTurn:
    """Return the parts of a DELETE.

    Raises:
        StatementError: it reads a second table.
    """
    parts = clauses(tokens, ("USING", "WHERE", "RETURNING"))
    if "USING" in parts:
        raise StatementError("the DELETE has a USING list")
    return _change(text, tokens, parts[""][2:], ())


def assignments(text: str, tokens: Sequence[Token]) -> tuple[Assignment, ...]:
    """Return the items of a SET list; ``(a, b) = (1, 2)`` gives two.

    Raises:
        StatementError: a part of a column is set, or columns are set by a query.
    """
    return tuple(each for item in list_items(tokens) for each in _assigned(text, item))


def increment(value: Expression, column: str, qualifiers: Sequence[str]) -> Increment | None:
    """Return what *value* adds to its own *column*; None where it is anything else."""
    tokens = value.tokens
    middle = next((index for index, token in enumerate(tokens) if token.text in ("+", "-")), None)
    if middle is None:
        return None
    left, right = tokens[:middle], tokens[middle + 1 :]
    operator = tokens[middle].text
    if _is_column(left, column, qualifiers):
        amount = right
    elif operator == "+" and _is_column(right, column, qualifiers):
        amount = left
    else:
        return None
    found = _cut(value, amount)
    is_single = found.parameter is not None or found.constant is not None or _is_excluded(amount)
    return Increment(found, operator) if is_single else None


def excluded_column(value: Expression) -> str | None:
    """Return the column of ``excluded.column``."""
    reference = column_reference(value.tokens)
    return reference[1] if reference is not None and reference[0] == "excluded" else None


def _change(
    text: str, tokens: Sequence[Token], head: Sequence[Token], sets: tuple[Assignment, ...]
) -> ChangeTurn:
    parts = clauses(tokens, ("WHERE", "RETURNING"))
    relation, qualifier = target(head)
    return ChangeTurn(
        text=text,
        tokens=tuple(tokens),
        relation=relation,
        qualifier=qualifier,
        target=expression(text, head).text,
        sets=sets,
        conditions=conjuncts(text, parts.get("WHERE", [])),
        returning=returning_list(text, parts.get("RETURNING", [])),
    )


def _assigned(text: str, item: list[Token]) -> Iterator[Assignment]:
    equals = next((index for index, token in enumerate(item) if token.text == "="), len(item))
    left, right = item[:equals], item[equals + 1 :]
    listed = inside_parentheses(left)
    columns = column_list(left if listed is None else listed)
    if columns is None or not right:
        raise StatementError("SET writes a part of a column")
    if listed is None:
        yield Assignment(columns[0], expression(text, right))
        return
    row = inside_parentheses(right[1:] if right[0].keyword == "ROW" else right)
    values = list_items(row or [])
    if len(values) != len(columns):
        raise StatementError("SET writes several columns at once by a query")
    for column, value in zip(columns, values, strict=True):
        yield Assignment(column, expression(text, value))


def _is_column(tokens: Sequence[Token], column: str, qualifiers: Sequence[str]) -> bool:
    reference = column_reference(tokens)
    if reference is None or reference[1] != column:
        return False
    return reference[0] is None or reference[0] in qualifiers


def _is_excluded(tokens: Sequence[Token]) -> bool:
    reference = column_reference(tokens)
    return reference is not None and reference[0] == "excluded"


def _cut(value: Expression, tokens: Sequence[Token]) -> Expression:
    begin = value.tokens[0].start
    if not tokens:
        return Expression("", ())
    return Expression(value.text[tokens[0].start - begin : tokens[-1].end - begin], tuple(tokens))


def key_condition(condition: Expression) -> tuple[str | None, str, int, str | None] | None:
    """Return (qualifier, column, parameter, cast) of ``column = $1`` or ``$1 = column``; None for others."""
    tokens = condition.tokens
    middle = next((index for index, token in enumerate(tokens) if token.text == "="), None)
    if middle is None:
        return None
    for column, value in ((tokens[:middle], tokens[middle + 1 :]), (tokens[middle + 1 :], tokens[:middle])):
        reference = column_reference(column)
        given = _cut(condition, value)
        if reference is not None and given.parameter is not None:
            return (*reference, given.parameter, given.cast)
    return None
