"""A statement in; the query in it that has a plan, or the reason why it has none worth asking for, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.parse.named_relations import named_relations
from pgtune.parse.sql_tokens import Token, read_words

QUERIES = frozenset({"SELECT", "VALUES", "TABLE", "WITH"})
PLANNED = QUERIES | {"INSERT", "UPDATE", "DELETE", "MERGE", "("}
TRANSACTION = frozenset(
    {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "LOCK"}
)
SESSION = frozenset({"SET", "RESET", "SHOW", "DISCARD", "LISTEN", "UNLISTEN", "NOTIFY", "LOAD"})
# The other commands of PostgreSQL 18, by their first word.
UTILITY_WORDS = frozenset(
    """
    ALTER ANALYSE ANALYZE CALL CHECKPOINT CLUSTER COMMENT COPY CREATE DECLARE DO DROP GRANT IMPORT PREPARE
    REASSIGN REFRESH REINDEX REVOKE SECURITY TRUNCATE VACUUM
    """.split()  # noqa: SIM905 - a list of 21 literals is unreadable
)
HIDDEN_TEXT = "<insufficient privilege>"  # src: contrib/pg_stat_statements/pg_stat_statements.c
INTO_WORDS = frozenset({"TEMP", "TEMPORARY", "UNLOGGED", "LOCAL", "GLOBAL", "TABLE"})

TRANSACTION_CONTROL = "transaction control"
SESSION_COMMAND = "session setting"
EXPLAIN = "EXPLAIN"
INSERT_OF_VALUES = "INSERT of values: a write that looks nothing up"
COPY_IN = "COPY FROM: a write that looks nothing up"
EXECUTED = "EXECUTE: the prepared statement is counted by itself"
CURSOR_COMMAND = "cursor command: its DECLARE is planned"
SYSTEM_CATALOG = "system catalog"
NO_TABLE = "reads no table"
UTILITY = "utility statement"
HIDDEN = "text hidden from this role; grant pg_read_all_stats"
NO_TEXT = "text is not kept by the server"

_BY_FIRST_WORD = {
    **dict.fromkeys(TRANSACTION, TRANSACTION_CONTROL),
    **dict.fromkeys(SESSION, SESSION_COMMAND),
    **dict.fromkeys(("FETCH", "MOVE", "CLOSE"), CURSOR_COMMAND),
    "EXPLAIN": EXPLAIN,
    "EXECUTE": EXECUTED,
    "DEALLOCATE": SESSION_COMMAND,
}


@dataclass(frozen=True, slots=True)
class PlannableQuery:
    """What EXPLAIN is to get."""

    text: str
    tokens: tuple[Token, ...]  # of `text`, without blanks
    parameter_types: tuple[str, ...] = ()  # of $1, $2, ... as PREPARE declares them


@dataclass(frozen=True, slots=True)
class NotPlanned:
    """Why a statement is no part of the workload."""

    reason: str
    tokens: tuple[Token, ...] = ()  # without blanks, where it writes all the same


def plannable_query(statement: str) -> PlannableQuery | NotPlanned:
    """Return the query of *statement*: itself, or what a cursor, PREPARE, COPY or CREATE TABLE AS wraps.

    Left out is what has no plan, and what no index of a table can help.
    """
    if not statement.strip():
        return NotPlanned(NO_TEXT)
    if statement.strip() == HIDDEN_TEXT:
        return NotPlanned(HIDDEN)
    try:
        found = _unwrapped(statement)
    except StatementError as error:
        return NotPlanned(f"cannot be read: {error}")
    if isinstance(found, NotPlanned):
        return found
    return _judged(found)


def _unwrapped(statement: str) -> PlannableQuery | NotPlanned:
    tokens = _words(statement)
    first = tokens[0].keyword or tokens[0].text if tokens else ""
    if first in PLANNED:
        return _without_into(statement, tokens)
    start = _start_of_wrapped(tokens, first)
    if start is None:
        return NotPlanned(_reason(tokens, first))
    end = tokens[_closing(tokens, start - 1)].start if first == "COPY" else tokens[-1].end
    text = statement[tokens[start].start : end]
    wrapped = _words(text)
    inner = wrapped[0].keyword or wrapped[0].text
    if inner not in PLANNED:
        return NotPlanned(_BY_FIRST_WORD.get(inner, UTILITY))
    types = _declared_types(statement, tokens) if first == "PREPARE" else ()
    return PlannableQuery(text, wrapped, types)


def _words(text: str) -> tuple[Token, ...]:
    """Return the tokens without blanks and final semicolons."""
    tokens = read_words(text)
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    return tuple(tokens)


def _reason(tokens: Sequence[Token], first: str) -> str:
    if not tokens:
        return NO_TEXT
    if first == "COPY" and any(token.keyword == "FROM" for token in tokens):
        return COPY_IN
    if first not in _BY_FIRST_WORD and first not in UTILITY_WORDS:
        return f'no SQL command begins with "{tokens[0].text}"'
    return _BY_FIRST_WORD.get(first, UTILITY)


def _start_of_wrapped(tokens: Sequence[Token], first: str) -> int | None:
    """Return the index at which the query inside another statement begins."""
    if first == "DECLARE":
        return _behind(tokens, ("FOR",))
    if first == "PREPARE" and tokens[1].keyword != "TRANSACTION":
        return _behind(tokens, ("AS",))
    if first == "CREATE" and any(token.keyword in ("TABLE", "MATERIALIZED") for token in tokens[1:4]):
        return _behind(tokens, ("AS",))
    if first == "COPY" and len(tokens) > 2 and tokens[1].text == "(":
        return 2
    return None


def _behind(tokens: Sequence[Token], words: tuple[str, ...]) -> int | None:
    """Return the index behind the first of *words* that stands outside parentheses."""
    depth = 0
    for index, token in enumerate(tokens[:-1]):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.keyword in words:
            return index + 1
    return None


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the parenthesis that closes the one at *opening*, or of the last token."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[index].text, 0)
        if depth == 0:
            return index
    return len(tokens) - 1


def _declared_types(statement: str, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the types in PREPARE name (type, ...) AS."""
    if tokens[2].text != "(":
        return ()
    end = _closing(tokens, 2)
    types, depth, start = [], 0, tokens[2].end
    for token in tokens[3 : end + 1]:
        if depth == 0 and token.text in (",", ")"):
            types.append(statement[start : token.start].strip())
            start = token.end
        depth += {"(": 1, ")": -1}.get(token.text, 0)
    return tuple(types)


def _without_into(statement: str, tokens: tuple[Token, ...]) -> PlannableQuery:
    """Leave out the INTO of SELECT ... INTO: its table may exist by now, which EXPLAIN refuses."""
    may_have_one = tokens[0].keyword in ("SELECT", "WITH") and "into" in statement.lower()
    span = _into_clause(tokens) if may_have_one else None
    if span is None:
        return PlannableQuery(statement[tokens[0].start : tokens[-1].end], _shifted(tokens))
    text = statement[tokens[0].start : tokens[span[0]].start] + statement[_end(tokens, span) : tokens[-1].end]
    return PlannableQuery(text, _words(text))


def _end(tokens: Sequence[Token], span: tuple[int, int]) -> int:
    return tokens[span[1]].start if span[1] < len(tokens) else tokens[-1].end


def _shifted(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Count offsets from the first token."""
    offset = tokens[0].start
    return tuple(token._replace(start=token.start - offset) for token in tokens) if offset else tokens


def _into_clause(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return the first index of INTO name outside parentheses, and the index behind it."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth or token.keyword != "INTO" or tokens[index - 1].keyword in ("INSERT", "MERGE"):
            continue
        end = index + 1
        while end < len(tokens) and tokens[end].keyword in INTO_WORDS:
            end += 1
        end += 1
        while end + 1 < len(tokens) and tokens[end].text == ".":
            end += 2
        return index, end
    return None


def _judged(query: PlannableQuery) -> PlannableQuery | NotPlanned:
    if query.tokens[0].keyword == "INSERT" and not _reads(query.tokens):
        return NotPlanned(INSERT_OF_VALUES, query.tokens)
    tables = [relation for relation in named_relations(query.tokens) if relation.may_have_indexes]
    if not tables:
        return NotPlanned(NO_TABLE)
    if all(relation.is_system for relation in tables):
        return NotPlanned(SYSTEM_CATALOG)
    return query


def _reads(tokens: Sequence[Token]) -> bool:
    """Tell whether an INSERT holds a query; the VALUES list of its own is none."""
    return any(token.keyword in ("SELECT", "TABLE", "WITH") for token in tokens)
