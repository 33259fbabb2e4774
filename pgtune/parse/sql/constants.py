"""Statements in, the constants and columns that their conditions compare out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from pgtune.errors import StatementError
from pgtune.parse.sql.compared_columns import merged_classes
from pgtune.parse.sql.mined_constants import ColumnCondition, MinedConstants
from pgtune.parse.sql.token_constants import token_constants

_Key = TypeVar("_Key", bound=Hashable)


def mined_constants(statements: Sequence[str]) -> MinedConstants:
    """Return what values make the conditions of *statements* true, false and borderline.

    Never raises: of a statement that does not parse, every literal is loose.
    """
    mined = [_of_one(statement) for statement in statements]
    return MinedConstants(
        by_column=_united(each.by_column for each in mined),
        patterns=_united(each.patterns for each in mined),
        regular_expressions=_united(each.regular_expressions for each in mined),
        ambiguous=_united(each.ambiguous for each in mined),
        conditions=tuple(dict.fromkeys(_numbered(mined))),
        json_members=tuple(sorted({member for each in mined for member in each.json_members})),
        loose_numbers=frozenset[str]().union(*(each.loose_numbers for each in mined)),
        loose_strings=frozenset[str]().union(*(each.loose_strings for each in mined)),
        same=merged_classes(names for each in mined for names in each.same),
        grouped=frozenset[str]().union(*(each.grouped for each in mined)),
        parameters=_united(each.parameters for each in mined),
        thresholds=frozenset[int]().union(*(each.thresholds for each in mined)),
    )


def _of_one(statement: str) -> MinedConstants:
    # sqlglot takes a quarter of a second to import.
    from pgtune.parse.sql.tree import parse_tree
    from pgtune.parse.sql.tree_constants import tree_constants

    try:
        return tree_constants(parse_tree(statement))
    except (StatementError, RecursionError):
        return token_constants(statement)


def _united(mappings: Iterable[Mapping[_Key, frozenset[str]]]) -> dict[_Key, frozenset[str]]:
    united: defaultdict[_Key, frozenset[str]] = defaultdict(frozenset)
    for mapping in mappings:
        for key, values in mapping.items():
            united[key] |= values
    return dict(united)


def _numbered(mined: Sequence[MinedConstants]) -> Iterable[ColumnCondition]:
    """Yield all conditions; groups of different statements stay apart."""
    for number, each in enumerate(mined):
        for condition in each.conditions:
            yield ColumnCondition(
                f"{number}.{condition.group}",
                condition.column,
                condition.comparison,
                condition.values,
                condition.negated,
                condition.is_certain,
            )
