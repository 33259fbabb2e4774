"""A statement in; what EXPLAIN can do with it, judged by its keywords, out.

This serves the wording of messages. What a statement may do to a server is decided by that server,
in a READ ONLY transaction: a SELECT can call a function that writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

from pgtune.parse.sql_tokens import Token, read_words, statement_error


class StatementKind(Enum):
    """What EXPLAIN can do with a statement."""

    READ = "read"  # EXPLAIN can run it in a READ ONLY transaction
    WRITE = "write"  # EXPLAIN accepts it; running it changes or locks rows, or its effect is not in its text
    EXPLAIN = "explain"  # an EXPLAIN itself; explained_statement has what it explains
    UTILITY = "utility"  # it has no plan: SET, BEGIN, COPY, CREATE INDEX


READING = frozenset({"SELECT", "VALUES", "TABLE"})
MODIFYING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
PREPARED = frozenset({"DECLARE", "EXECUTE"})
EXPLAIN_FLAGS = frozenset({"ANALYZE", "ANALYSE", "VERBOSE"})
# FOR UPDATE and its weaker forms write to the rows they lock: a READ ONLY transaction refuses them.
ROW_LOCKS = (("FOR", "UPDATE"), ("FOR", "SHARE"), ("FOR", "NO", "KEY", "UPDATE"), ("FOR", "KEY", "SHARE"))
AS_QUERY = frozenset({"SELECT", "VALUES", "TABLE", "WITH", "EXECUTE", "("})


def statement_kind(statement: str) -> StatementKind:
    """Return the kind of one statement, as read_script gives it.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    tokens = read_words(statement)
    words = [token.keyword or token.text for token in tokens]
    while words and words[0] == "(":
        words = words[1:]
    first = words[0] if words else ""
    if first == "EXPLAIN":
        return StatementKind.EXPLAIN
    if first == "WITH" or first in READING:
        return StatementKind.WRITE if _query_writes(words) else StatementKind.READ
    if first in MODIFYING or first in PREPARED or _fills_a_relation(words):
        return StatementKind.WRITE
    return StatementKind.UTILITY


def explained_statement(statement: str) -> str:
    """Return the statement that an EXPLAIN *statement* explains, without EXPLAIN and its options.

    Raises:
        StatementError: *statement* is no EXPLAIN, or explains nothing.
    """
    tokens = read_words(statement)
    if not tokens or tokens[0].keyword != "EXPLAIN":
        raise statement_error(statement, 0, "the statement is no EXPLAIN; give the statement itself")
    position = _options_end(tokens)
    if position >= len(tokens):
        raise statement_error(statement, tokens[-1].start, "EXPLAIN has no statement; add the query")
    return statement[tokens[position].start : tokens[-1].end]


def _options_end(tokens: Sequence[Token]) -> int:
    """Return the index of the first token behind EXPLAIN and its options."""
    opens_list = len(tokens) > 2 and tokens[1].text == "("
    if opens_list and tokens[2].text != "(" and tokens[2].keyword not in (*READING, "WITH"):
        closing = (index for index, token in enumerate(tokens) if token.text == ")")
        return next(closing, len(tokens)) + 1
    position = 1
    while position < len(tokens) and tokens[position].keyword in EXPLAIN_FLAGS:
        position += 1
    return position


def _query_writes(words: Sequence[str]) -> bool:
    """Tell whether a query locks rows, writes in a WITH, ends in a data change, or is a SELECT INTO."""
    if any(_has_sequence(words, lock) for lock in ROW_LOCKS):
        return True
    depth = 0
    for before, previous, word in zip(("", "", *words), ("", *words), words, strict=False):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "INTO" and depth == 0:
            return True
        if word not in MODIFYING:
            continue
        if (previous == "(" and before in ("AS", "MATERIALIZED")) or (previous == ")" and depth == 0):
            return True  # "AS (DELETE ..." or "WITH ... ) DELETE ..."
    return False


def _has_sequence(words: Sequence[str], wanted: tuple[str, ...]) -> bool:
    starts = (index for index, word in enumerate(words) if word == wanted[0])
    return any(tuple(words[index : index + len(wanted)]) == wanted for index in starts)


def _fills_a_relation(words: Sequence[str]) -> bool:
    """Tell whether the statement is CREATE TABLE AS or CREATE MATERIALIZED VIEW."""
    if words[:2] == ["CREATE", "MATERIALIZED"]:
        return True
    if words[:1] != ["CREATE"] or "TABLE" not in words[1:4]:
        return False
    depth = 0
    for word, following in pairwise(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "AS" and following in AS_QUERY:
            return True
    return False
