"""A SELECT in, the columns of its result out, and which of them an ORDER BY means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pgtune.parse.sql.sources import Source, column_name, name_of, output_names
from pgtune.parse.sql.statement import SqlStatement


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a result."""

    name: str  # empty: the server names it
    expression: exp.Expr | None  # None: behind a star
    source: str | None = None  # alias of the FROM item, of a plain column
    column: str | None = None  # its name there
    type: str | None = None  # as the catalog prints it, of a table's plain column


def output_columns(statement: SqlStatement, select: exp.Select) -> tuple[OutputColumn, ...] | None:
    """Return the columns of the result, stars written out; None where a star hides some."""
    found: list[OutputColumn] = []
    for projection in select.expressions:
        if not projection.is_star or isinstance(projection, exp.Count):
            found.append(_written(statement, projection))
            continue
        behind = _behind_star(statement, select, projection)
        if behind is None:
            return None
        found += behind
    return tuple(found)


def place_in_output(statement: SqlStatement, outputs: Sequence[OutputColumn], wanted: exp.Expr) -> int | None:
    """Return the place, from 1, of the output column that a key of ORDER BY means; None: not one of them."""
    if isinstance(wanted, exp.Literal) and wanted.is_int:
        return int(wanted.this)
    if isinstance(wanted, exp.Column) and wanted.args.get("table") is None:
        named = [place for place, each in enumerate(outputs, 1) if each.name == column_name(wanted)]
        if named:
            return named[0] if len(named) == 1 else None
    origin = statement.origin(wanted)
    for place, each in enumerate(outputs, 1):
        if origin is not None and (each.source, each.column) == (origin.source.alias, origin.name):
            return place
        if each.expression is not None and each.expression.unalias() == wanted:
            return place
    return None


def _written(statement: SqlStatement, projection: exp.Expr) -> OutputColumn:
    origin = statement.origin(projection.unalias())
    name = name_of(projection.args.get("alias")) if isinstance(projection, exp.Alias) else ""
    if origin is None or origin.is_outer:
        return OutputColumn(name, projection)
    type_ = origin.column.type if origin.column is not None else None
    return OutputColumn(name or origin.name, projection, origin.source.alias, origin.name, type_)


def _behind_star(
    statement: SqlStatement, select: exp.Select, star: exp.Expr
) -> Sequence[OutputColumn] | None:
    joins = select.args.get("joins") or ()
    if any(join.args.get("using") or join.args.get("method") for join in joins):
        return None  # equal names are merged
    wanted = name_of(star.args.get("table")) if isinstance(star, exp.Column) else None
    found: list[OutputColumn] = []
    for source in statement.sources(select):
        if wanted in (None, source.alias):
            columns = list(_columns_of(source))
            if not columns:
                return None
            found += columns
    return found


def _columns_of(source: Source) -> Iterator[OutputColumn]:
    if source.relation is not None:
        for column in source.relation.columns:
            yield OutputColumn(column.name, None, source.alias, column.name, column.type)
    elif source.query is not None:
        for name in output_names(source.query) or ():
            yield OutputColumn(name, None, source.alias, name)
