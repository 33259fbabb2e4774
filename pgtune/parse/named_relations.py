"""The tokens of a statement in; the relations and table functions that it names out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.names import RelationName
from pgtune.parse.sql_tokens import Token, TokenKind

QUERY_STARTS = frozenset({"SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"})
FROM_LIST_ENDS = frozenset(
    {"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT"}
    | {"EXCEPT", "RETURNING", "SET", "SELECT", "VALUES"}
)
BEFORE_NAME = frozenset({"ONLY", "LATERAL"})
NO_TARGET_BEFORE_UPDATE = frozenset({"FOR", "KEY", "DO", "THEN"})
SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
BUILT_IN_SERIES = frozenset({"generate_series", "unnest"})


@dataclass(frozen=True, slots=True)
class NamedRelation:
    """What stands where a relation can stand."""

    name: RelationName  # schema None where the statement gives none
    is_function: bool = False

    @property
    def is_system(self) -> bool:
        """True for the server's own catalogs, views and functions, and for the views of its extensions."""
        return self.name.schema in SYSTEM_SCHEMAS or self.name.name.startswith("pg_")

    @property
    def may_have_indexes(self) -> bool:
        """False for functions that are known to read no table."""
        return not (self.is_function and (self.is_system or self.name.name in BUILT_IN_SERIES))


@dataclass(slots=True)
class _Level:
    """One pair of parentheses."""

    is_query: bool
    expects_name: bool = False
    in_from_list: bool = False


def identifier(token: Token) -> str | None:
    """Return the name that a token stands for, as the catalog stores it; None when it is no name."""
    if token.kind is TokenKind.WORD:
        return token.text.lower()
    if token.kind is TokenKind.QUOTED_NAME and token.text.startswith('"'):
        return token.text[1:-1].replace('""', '"')
    return None


def read_relation_name(tokens: Sequence[Token], index: int) -> tuple[RelationName | None, int]:
    """Return the possibly qualified name at *index* and the index behind it."""
    parts: list[str] = []
    while index < len(tokens) and (part := identifier(tokens[index])) is not None:
        parts.append(part)
        index += 1
        if index >= len(tokens) or tokens[index].text != ".":
            break
        index += 1
    if not parts:
        return None, index
    return RelationName(parts[-2] if len(parts) > 1 else None, parts[-1]), index


def named_relations(tokens: Sequence[Token]) -> tuple[NamedRelation, ...]:
    """Return what the statement reads or writes by name, once each; the names of its WITH list are left out.

    *tokens* hold no blanks.
    """
    with_names = frozenset(_with_names(tokens))
    found = dict.fromkeys(_Reader(tokens).read())
    return tuple(
        one for one in found if one.is_function or one.name.schema or one.name.name not in with_names
    )


class _Reader:
    """Walks over the tokens and knows, for each pair of parentheses, whether a relation may come next."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._levels = [_Level(is_query=True)]

    def read(self) -> Iterator[NamedRelation]:
        index = 0
        while index < len(self._tokens):
            token, level = self._tokens[index], self._levels[-1]
            if token.text == "(":
                self._open(index, level)
            elif token.text == ")":
                self._close()
            elif token.text == ",":
                level.expects_name = level.in_from_list
            elif level.expects_name and token.keyword not in BEFORE_NAME:
                level.expects_name = False
                is_target = self._keyword(index - 1) == "INTO"  # parentheses then hold its columns
                name, index = read_relation_name(self._tokens, index)
                if name is not None:
                    yield NamedRelation(name, is_function=self._text(index) == "(" and not is_target)
                    continue
            elif token.kind is TokenKind.WORD:
                self._take_word(index, level)
            index += 1

    def _open(self, index: int, level: _Level) -> None:
        begins_query = self._keyword(index + 1) in QUERY_STARTS
        inside_list = level.expects_name and not begins_query
        level.expects_name = False
        self._levels.append(_Level(begins_query or inside_list, inside_list, inside_list))

    def _close(self) -> None:
        if len(self._levels) > 1:
            self._levels.pop()

    def _take_word(self, index: int, level: _Level) -> None:
        word = self._tokens[index].keyword
        if not level.is_query:
            return
        if word == "FROM" and self._keyword(index - 1) != "DISTINCT":
            level.expects_name = level.in_from_list = True
        elif word == "JOIN" or (word == "USING" and self._text(index + 1) != "("):
            level.expects_name = True
        elif word == "UPDATE":
            level.expects_name = self._keyword(index - 1) not in NO_TARGET_BEFORE_UPDATE
        elif word == "INTO" or (word == "TABLE" and self._keyword(index - 1) != "INTO"):
            level.expects_name = True
        elif word in FROM_LIST_ENDS:
            level.in_from_list = False

    def _keyword(self, index: int) -> str:
        return self._tokens[index].keyword if 0 <= index < len(self._tokens) else ""

    def _text(self, index: int) -> str:
        return self._tokens[index].text if index < len(self._tokens) else ""


def _with_names(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the names before "AS (", "AS MATERIALIZED (" and "(columns) AS (", which only WITH gives."""
    if not any(token.keyword == "WITH" for token in tokens):
        return
    for index, token in enumerate(tokens):
        if token.keyword != "AS" or not index:
            continue
        following = index + 1
        while following < len(tokens) and tokens[following].keyword in ("NOT", "MATERIALIZED"):
            following += 1
        if following < len(tokens) and tokens[following].text == "(":
            name = identifier(tokens[_before_parentheses(tokens, index - 1)])
            if name is not None:
                yield name


def _before_parentheses(tokens: Sequence[Token], index: int) -> int:
    """Return *index*, or where a parenthesis closes there, the index of the token before it opens."""
    if tokens[index].text != ")":
        return index
    depth = 0
    while index > 0:
        depth += {")": 1, "(": -1}.get(tokens[index].text, 0)
        index -= 1
        if depth == 0:
            break
    return index
