"""OR between conditions on different tables keeps the planner from using the indexes of either.

A row has to be joined before the server can tell whether one of the conditions holds. Split into two
queries, each condition is an access path of its own. UNION drops the rows found twice; where the SELECT list
does not tell all joined rows apart, the later part leaves out what the earlier part has found.

Instead of:
    SELECT o.id, u.id FROM orders o JOIN users u ON u.id = o.user_id WHERE o.total > 900 OR u.email = 'a@b.c';
Use:
    SELECT o.id, u.id FROM orders o JOIN users u ON u.id = o.user_id WHERE o.total > 900
    UNION
    SELECT o.id, u.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = 'a@b.c';

Ignore when: most rows fulfil one of the conditions.
Source: https://wiki.postgresql.org/wiki/Slow_Query_Questions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.asked_of_more import may_be_asked_of_more
from pgtune.parse.sql.facts import Facts
from pgtune.parse.sql.named_columns import named
from pgtune.parse.sql.output_columns import OutputColumn, output_columns, place_in_output
from pgtune.parse.sql.repeatable import is_repeatable
from pgtune.parse.sql.row_conditions import row_conditions
from pgtune.parse.sql.row_identity import told_apart
from pgtune.parse.sql.select_shape import is_made_of, returns_row_for_row
from pgtune.parse.sql.source_uses import sources_read
from pgtune.parse.sql.statement import SqlStatement

MAX_PARTS = 3  # queries in place of one; chosen

# UNION compares these by the default equality of their type.
_COMPARABLE = (
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "text",
    "character",
    "date",
    "timestamp",
    "boolean",
)


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement as a UNION for each OR over more than one table of a plain SELECT."""
    for select in statement.selects:
        if not _is_splittable(select) or not is_repeatable(statement, select):
            continue
        for condition in row_conditions(select):
            parts = _parts(statement, select, condition)
            if parts is not None:
                yield from _split(statement, select, condition, parts)


def _is_splittable(select: exp.Select) -> bool:
    """Return True for a SELECT of plain rows at a place where a UNION may stand."""
    stands = select.parent is None or isinstance(select.parent, exp.Subquery | exp.CTE | exp.Insert)
    if isinstance(select.parent, exp.Subquery):
        stands = isinstance(select.parent.parent, exp.From | exp.Join)
    typed = not any(_is_untyped(projection.unalias()) for projection in select.expressions)
    return (
        stands
        and typed
        and is_made_of(select, "order", "limit", "offset", "with_")
        and returns_row_for_row(select)
        and not any(with_.args.get("recursive") for with_ in select.root().find_all(exp.With))
    )


def _is_untyped(node: exp.Expr) -> bool:
    """A string takes the type of INSERT's column, and text in a UNION."""
    return isinstance(node, exp.Null | exp.Parameter | exp.Placeholder) or (
        isinstance(node, exp.Literal) and node.is_string
    )


def _parts(statement: SqlStatement, select: exp.Select, condition: exp.Expr) -> Sequence[exp.Expr] | None:
    """The arms of an OR, those about one and the same table together; None where the server can do it."""
    if not isinstance(condition, exp.Or):
        return None
    groups: dict[object, list[exp.Expr]] = {}
    for arm in condition.flatten():
        read = sources_read(statement, select, arm)
        if not read or not may_be_asked_of_more(statement, arm):
            return None
        has_query = arm.find(exp.Query) is not None
        groups.setdefault(id(arm) if has_query or len(read) > 1 else read, []).append(arm)
    if not 2 <= len(groups) <= MAX_PARTS:
        return None
    parts = [exp.or_(*arms, copy=True) if len(arms) > 1 else arms[0] for arms in groups.values()]
    return sorted(parts, key=lambda part: part.find(exp.Query) is not None)


def _split(
    statement: SqlStatement, select: exp.Select, condition: exp.Expr, parts: Sequence[exp.Expr]
) -> Iterator[Change]:
    outputs = output_columns(statement, select)
    facts = _told_apart(statement, select, outputs)
    branches = [
        _branch(select, condition, part if facts is not None else _and_not_before(parts, number))
        for number, part in enumerate(parts)
    ]
    union: exp.Query = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=facts is not None)
    if not _take_over(statement, select, union, outputs):
        return
    yield Change(
        sql=statement.rewritten((select, union)),
        message="OR between tables cannot use their indexes",
        detail="Each part of the UNION has one of the conditions, and finds its rows by that alone.",
        facts=facts or ("the later part leaves out the rows for which an earlier condition is true",),
    )


def _told_apart(
    statement: SqlStatement, select: exp.Select, outputs: Sequence[OutputColumn] | None
) -> Facts | None:
    if outputs is None or not all((each.type or "").startswith(_COMPARABLE) for each in outputs):
        return None
    return told_apart(statement, select, select.expressions)


def _and_not_before(parts: Sequence[exp.Expr], number: int) -> exp.Expr:
    """The condition of a part, and that none of the earlier ones is true: NULL is not true."""
    before = [
        exp.Not(this=exp.Is(this=exp.Paren(this=part.copy()), expression=exp.true()))
        for part in parts[:number]
    ]
    return exp.and_(parts[number], *before, copy=True) if before else parts[number]


def _branch(select: exp.Select, condition: exp.Expr, part: exp.Expr) -> exp.Select:
    """The SELECT with *part* in place of the OR; ORDER BY, LIMIT and WITH belong to the whole."""
    branch = select.copy()
    twin = next(new for old, new in zip(select.walk(), branch.walk(), strict=True) if old is condition)
    twin.replace(part.copy())
    for name in ("order", "limit", "offset", "with_"):
        branch.set(name, None)
    return branch


def _take_over(
    statement: SqlStatement,
    select: exp.Select,
    union: exp.Query,
    outputs: Sequence[OutputColumn] | None,
) -> bool:
    """Give ORDER BY, LIMIT and WITH to the UNION; False where it cannot be ordered so."""
    for name in ("limit", "offset", "with_"):
        if select.args.get(name):
            union.set(name, select.args[name].copy())
    order = select.args.get("order")
    if order is None:
        return True
    order = order.copy()
    for key, original in zip(order.expressions, select.args["order"].expressions, strict=True):
        place = place_in_output(statement, outputs or (), original.this)
        if place is None:
            return False
        if not isinstance(original.this, exp.Literal):
            key.set("this", _key(outputs or (), place))
    union.set("order", order)
    return True


def _key(outputs: Sequence[OutputColumn], place: int) -> exp.Expr:
    """What ORDER BY of a UNION may name: a column of the result, by place where the name is not enough."""
    name = outputs[place - 1].name if place <= len(outputs) else ""
    if name and [each.name for each in outputs].count(name) == 1:
        return exp.Column(this=named(name))
    return exp.Literal.number(place)
