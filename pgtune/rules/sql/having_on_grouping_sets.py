"""HAVING on a key of every grouping set throws groups away that need not have been made.

A condition on a column that all sets group by holds for a row just when it holds for the row's groups. In
WHERE it keeps rows from being read; an index finds the others. On a column that one of the sets leaves out
it is another question: there the column is NULL.

From PostgreSQL 18 on the planner does this itself, and for a plain GROUP BY in every version.

Instead of:
    SELECT kind, day, count(*) FROM events GROUP BY GROUPING SETS ((kind, day), (kind)) HAVING kind = 'a';
Use:
    SELECT kind, day, count(*) FROM events WHERE kind = 'a' GROUP BY GROUPING SETS ((kind, day), (kind));

Ignore when: the condition keeps nearly all groups.
Source: https://www.postgresql.org/docs/18/release-18.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.sources import ColumnOrigin
from pgtune.parse.sql.statement import SqlStatement, conjuncts

PLANNER_DOES_IT_FROM = 180000  # server_version_num; release notes of 18
_SEVERAL = (exp.GroupingSets, exp.Rollup, exp.Cube)
_NOT_OF_ROWS = (exp.AggFunc, exp.Window, exp.Query, exp.Anonymous, exp.Grouping)


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with what HAVING asks of the rows in WHERE, where all grouping sets allow it."""
    if statement.version_num >= PLANNER_DOES_IT_FROM:
        return
    for select in statement.selects:
        group, having = select.args.get("group"), select.args.get("having")
        if (
            group is None
            or having is None
            or not any(isinstance(each, _SEVERAL) for each in group.expressions)
        ):
            continue
        keys = _keys_of_all_sets(statement, group)
        moved = [part for part in conjuncts(having) if _is_about(statement, part, keys)]
        if not moved or any(can_raise(statement, part) for part in moved):
            continue
        yield Change(
            sql=_moved_to_where(statement, select, moved),
            message="HAVING asks for columns that every grouping set has",
            detail="In WHERE the rows are never read.",
            facts=tuple(f"all grouping sets group by {key.name}" for key in keys),
        )


def _moved_to_where(statement: SqlStatement, select: exp.Select, moved: list[exp.Expr]) -> str:
    left = [part.copy() for part in conjuncts(select.args["having"]) if part not in moved]
    after = select.copy()
    after.set("having", exp.Having(this=exp.and_(*left, copy=False)) if left else None)
    after.where(*(part.copy() for part in moved), copy=False)
    return statement.rewritten((select, after))


def _keys_of_all_sets(statement: SqlStatement, group: exp.Group) -> list[ColumnOrigin]:
    """Columns that each of the sets has; each item of GROUP BY is combined with all others."""
    found: list[ColumnOrigin] = []
    for item in group.expressions:
        if isinstance(item, exp.GroupingSets):
            sets = [_columns(statement, each) for each in item.expressions]
            found += [key for key in sets[0] if all(key in each for each in sets)]
        elif not isinstance(item, exp.Rollup | exp.Cube):
            found += _columns(statement, item)
    return found


def _columns(statement: SqlStatement, item: exp.Expr) -> list[ColumnOrigin]:
    """The plain columns of one set; a set that is several itself has none that all of them share."""
    if isinstance(item, _SEVERAL):
        return []
    parts = (
        item.expressions
        if isinstance(item, exp.Tuple)
        else [item.this if isinstance(item, exp.Paren) else item]
    )
    origins = [statement.origin(part) for part in parts]
    return [origin for origin in origins if origin is not None and _has_one_text(origin)]


def _has_one_text(origin: ColumnOrigin) -> bool:
    """False where a group may hold different texts, of which HAVING sees one."""
    return origin.column is None or not origin.column.is_nondeterministic


def _is_about(statement: SqlStatement, part: exp.Expr, keys: list[ColumnOrigin]) -> bool:
    """True for a condition on keys alone, with at least one."""
    columns = [statement.origin(column) for column in part.find_all(exp.Column)]
    return bool(columns) and all(key in keys for key in columns) and not part.find(*_NOT_OF_ROWS)
