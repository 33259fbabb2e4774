"""CASE around a condition hides it from the planner: no index is used, and its rows cannot be estimated.

A CASE that gives one constant where the condition is true and another where it is not, compared with the
first, is the condition.

Instead of:
    SELECT id FROM orders WHERE CASE WHEN status = 'open' THEN true ELSE false END;
Use:
    SELECT id FROM orders WHERE status = 'open';

Ignore when: never.
Source: https://www.postgresql.org/docs/current/functions-conditional.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.constant_comparisons import decides_row, drops_null
from pgtune.parse.sql.literals import number, string
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.statement import SqlStatement, unparenthesised


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with the bare condition for each CASE that only says whether it holds."""
    for case in statement.tree.find_all(exp.Case):
        branches = _branches(case)
        node, wanted = _asked(case)
        if branches is None or wanted is None or not decides_row(node):
            continue
        condition, if_true, otherwise = branches
        bare = _bare(condition, if_true == wanted, otherwise == wanted, keeps_null=not drops_null(node))
        # Without the CASE the planner may compute the parts of the condition for more rows.
        if bare is None or can_raise(statement, condition):
            continue
        yield Change(
            sql=statement.rewritten((node, bare)),
            message="CASE hides a condition from the planner",
            detail="The condition alone can be looked up in an index and estimated.",
            facts=("the CASE gives the value asked for " + _when(negated=otherwise == wanted),),
        )


def _bare(condition: exp.Expr, is_true: bool, is_else: bool, *, keeps_null: bool) -> exp.Expr | None:
    """The condition itself, or that it is not true; None where the CASE always or never gives the value."""
    if is_true == is_else or (is_true and keeps_null):
        return None
    inner = condition.copy()
    needs = isinstance(unparenthesised(condition), exp.And | exp.Or)
    wrapped = exp.Paren(this=inner) if needs or is_else else inner
    return wrapped if is_true else exp.Not(this=exp.Is(this=wrapped, expression=exp.Boolean(this=True)))


def _branches(case: exp.Case) -> tuple[exp.Expr, object, object] | None:
    """The condition, the constant where it is true and the one where it is not, which may be NULL."""
    ifs = case.args["ifs"]
    if case.this is not None or len(ifs) != 1:
        return None
    default = case.args.get("default")
    given = _constant(ifs[0].args["true"])
    otherwise = "NULL" if default is None or isinstance(default, exp.Null) else _constant(default)
    return None if given is None or otherwise is None else (ifs[0].this, given, otherwise)


def _asked(case: exp.Case) -> tuple[exp.Expr, object]:
    """The condition that the CASE is, or is compared in, and the value for which it holds."""
    outer: exp.Expr = case
    while isinstance(outer.parent, exp.Paren):
        outer = outer.parent
    parent = outer.parent
    if isinstance(parent, exp.EQ):
        other = parent.expression if parent.this is outer else parent.this
        return parent, _constant(other)
    return outer, _constant(exp.Boolean(this=True))


def _constant(node: exp.Expr) -> object:
    """A value that equals another just when the constants do; None for anything but plain ones."""
    if isinstance(node, exp.Boolean):
        return ("boolean", bool(node.this))
    value, text = number(node), string(node)
    if value is not None:
        return "number", value
    return None if text is None else ("text", text)


def _when(*, negated: bool) -> str:
    return "just where its condition is not true" if negated else "just where its condition is true"
