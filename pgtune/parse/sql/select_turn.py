"""The tokens of a SELECT in, what a batch of it depends on out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.model.names import RelationName
from pgtune.parse.named_relations import named_relations
from pgtune.parse.sql.clauses_of_turn import clauses, conjuncts, list_items
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql_tokens import Token, TokenKind

_CLAUSES = frozenset(
    {"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION"}
    | {"INTERSECT", "EXCEPT", "INTO"}
)
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
# With any of these the rows of several turns cannot simply be put together.
_PER_TURN = _CLAUSES - {"FROM", "WHERE", "FOR"}
# Functions of one row, which therefore are no aggregate; others may be one.
_ROW_FUNCTIONS = frozenset(
    """
    abs ceil char_length coalesce concat concat_ws date_part date_trunc extract floor format greatest initcap
    least left length lower ltrim nullif now replace right round rtrim split_part strpos substr substring
    to_char to_date to_timestamp trim upper
    """.split()  # noqa: SIM905 - one word a line is harder to read
)


@dataclass(frozen=True, slots=True)
class SelectTurn:
    """A query that is run for one tuple of values at a time."""

    text: str
    tokens: tuple[Token, ...]
    relations: tuple[RelationName, ...]  # in the order of the text
    items: tuple[Expression, ...]  # of the SELECT list
    conditions: tuple[Expression, ...]  # of WHERE, joined by AND
    words: frozenset[str]  # the clauses that it has

    @property
    def adds_up(self) -> bool:
        """True where the rows of several turns are those of one query with a list of keys."""
        functions = frozenset[str]().union(*(item.functions for item in self.items))
        plain = not self.words & _PER_TURN and functions <= _ROW_FUNCTIONS
        return plain and not any(token.keyword in ("DISTINCT", "OVER", "WITH") for token in self.tokens)

    @property
    def has_star(self) -> bool:
        """True where a * stands among the columns."""
        return any(item.tokens[-1].text == "*" for item in self.items if item.tokens)

    @property
    def is_ordered(self) -> bool:
        """True where rows come in an order."""
        return "ORDER" in self.words


def read_select(text: str, tokens: Sequence[Token]) -> SelectTurn:
    """Return the parts of a query.

    Raises:
        StatementError: it writes.
    """
    if any(token.keyword in _WRITES and not _locks(tokens, index) for index, token in enumerate(tokens)):
        raise StatementError("it changes data")
    parts = clauses(tokens, _CLAUSES)
    if "INTO" in parts:
        raise StatementError("it makes a table")
    begins_plain = tokens[0].keyword == "SELECT"
    return SelectTurn(
        text=text,
        tokens=tuple(tokens),
        relations=tuple(one.name for one in named_relations(tokens) if not one.is_function),
        items=tuple(expression(text, item) for item in list_items(parts[""][1:])) if begins_plain else (),
        conditions=conjuncts(text, parts.get("WHERE", [])),
        words=frozenset(parts) - {""} if begins_plain else frozenset({"WITH", "UNION"}),
    )


def _locks(tokens: Sequence[Token], index: int) -> bool:
    """True for the UPDATE of FOR UPDATE and FOR NO KEY UPDATE, and for a column of that name."""
    before = tokens[index - 1] if index else None
    if before is None or tokens[index].kind is not TokenKind.WORD:
        return False
    return before.text not in ("(", ")", ",")
