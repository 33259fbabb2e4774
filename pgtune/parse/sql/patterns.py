"""A LIKE or a search for a text in, the column and what is looked for out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.constant_comparisons import must_hold
from pgtune.parse.sql.literals import number, string
from pgtune.parse.sql.statement import SqlStatement, unparenthesised

_WILDCARDS = "%_"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A condition ``operand LIKE prefix...``."""

    operand: exp.Expr
    prefix: str  # before the first wildcard
    longest: str  # run of plain characters
    ignores_case: bool


def patterns(statement: SqlStatement) -> Iterator[Pattern]:
    """Yield each condition that a row has to fulfil of LIKE, ILIKE or position() with a constant."""
    for node in statement.tree.find_all(exp.Like, exp.ILike, exp.StrPosition):
        found = _searched(node) if isinstance(node, exp.StrPosition) else _liked(node)
        if found is not None:
            yield found


def _liked(node: exp.Expr) -> Pattern | None:
    text = string(node.expression)
    if text is None or node.args.get("negate") or isinstance(node.parent, exp.Escape) or not must_hold(node):
        return None
    runs = _runs(text)
    return Pattern(unparenthesised(node.this), runs[0], max(runs, key=len), isinstance(node, exp.ILike))


def _searched(node: exp.Expr) -> Pattern | None:
    """strpos(column, text) > 0, where the constant is to the right."""
    text = string(node.args["substr"])
    parent = node.parent
    is_found = isinstance(parent, exp.GT | exp.NEQ) and number(parent.expression) == 0 and must_hold(parent)
    return Pattern(unparenthesised(node.this), "", text, ignores_case=False) if text and is_found else None


def _runs(pattern: str) -> list[str]:
    """Plain characters between wildcards; a backslash makes the next character plain."""
    runs, escaped = [""], False
    for character in pattern:
        if character == "\\" and not escaped:
            escaped = True
        elif character in _WILDCARDS and not escaped:
            runs.append("")
        else:
            runs[-1] += character
            escaped = False
    return runs
