"""A statement in; the tables and columns that it writes out, judged by its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.names import RelationName
from pgtune.model.workload import WriteKind
from pgtune.parse.named_relations import identifier, read_relation_name
from pgtune.parse.sql_tokens import Token, read_words

SET_LIST_ENDS = frozenset({"WHERE", "FROM", "RETURNING", "WHEN"})


@dataclass(frozen=True, slots=True)
class Written:
    """One table that a statement writes to."""

    relation: RelationName  # schema None where the statement gives none
    kind: WriteKind
    columns: frozenset[str] = frozenset()  # of SET lists; those of ON CONFLICT and MERGE among them


_TARGETS = {
    ("INSERT", "INTO"): WriteKind.INSERT,
    ("DELETE", "FROM"): WriteKind.DELETE,
    ("MERGE", "INTO"): WriteKind.MERGE,
}


@dataclass(slots=True)
class _Open:
    """A target whose SET lists may still come; `depth` is that of its parentheses."""

    relation: RelationName
    kind: WriteKind
    depth: int
    columns: set[str]


def written(text: str) -> tuple[Written, ...]:
    """Return what the statement writes, one item for each target; several where WITH holds data changes.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    return written_by(read_words(text))


def written_by(tokens: Sequence[Token]) -> tuple[Written, ...]:
    """Return what the statement of these *tokens*, blanks left out, writes."""
    if tokens and tokens[0].keyword == "SELECT":  # most are; only a WITH in front can hold data changes
        return ()
    return tuple(
        Written(target.relation, target.kind, frozenset(target.columns)) for target in _targets(tokens)
    )


def _targets(tokens: Sequence[Token]) -> Sequence[_Open]:
    found: list[_Open] = []
    depth = 0
    for index, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        word = token.keyword
        if word == "SET":
            target = _target_of_set(found, depth)
            if target is not None:
                target.columns.update(_set_columns(tokens, index + 1))
        elif word in ("INSERT", "DELETE", "MERGE", "UPDATE", "COPY"):
            opened = _open_target(tokens, index, depth)
            if opened is not None:
                found.append(opened)
    return found


def _open_target(tokens: Sequence[Token], index: int, depth: int) -> _Open | None:
    kind = _kind_at(tokens, index)
    if kind is None:
        return None
    start = index + (1 if kind in (WriteKind.UPDATE, WriteKind.COPY) else 2)
    if start < len(tokens) and tokens[start].keyword == "ONLY":
        start += 1
    relation, end = read_relation_name(tokens, start)
    if relation is None or (kind is WriteKind.COPY and not _copies_from(tokens, end)):
        return None
    return _Open(relation, kind, depth, set())


def _kind_at(tokens: Sequence[Token], index: int) -> WriteKind | None:
    word = tokens[index].keyword
    before = tokens[index - 1] if index else None
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or following.text in (")", ","):
        return None
    if word == "COPY":
        return WriteKind.COPY if before is None else None
    if word == "UPDATE":
        begins = before is None or before.text in ("(", ")")
        return WriteKind.UPDATE if begins and following.keyword != "SET" else None
    return _TARGETS.get((word, following.keyword))


def _copies_from(tokens: Sequence[Token], index: int) -> bool:
    while index < len(tokens) and tokens[index].keyword not in ("FROM", "TO"):
        index += 1
    return index < len(tokens) and tokens[index].keyword == "FROM"


def _target_of_set(found: Sequence[_Open], depth: int) -> _Open | None:
    """Return the last target at this depth: a SET belongs to it."""
    return next((target for target in reversed(found) if target.depth == depth), None)


def _set_columns(tokens: Sequence[Token], start: int) -> Iterator[str]:
    """Yield the columns of the SET list at *start*: a = 1, (b, c) = (2, 3), d[1] = 4."""
    depth = cases = 0
    begins = True  # a column, or a list of columns, comes next
    in_list = False
    for index in range(start, len(tokens)):
        token = tokens[index]
        if begins or (in_list and depth == 1):
            name = identifier(token)
            if name is not None:
                yield name
            in_list = in_list or token.text == "("
            begins = False
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(token.text, 0)
        cases += {"CASE": 1, "END": -1}.get(token.keyword, 0)
        if depth == 0:
            in_list = False
            begins = token.text == ","
        if depth < 0 or (not depth and not cases and _ends_set_list(tokens, index)):
            return


def _ends_set_list(tokens: Sequence[Token], index: int) -> bool:
    return tokens[index].keyword in SET_LIST_ENDS and tokens[index - 1].keyword != "DISTINCT"
