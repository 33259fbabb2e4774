"""A function around a time keeps the planner from using the column's index.

The day, month or year of a time is a range of times: from its first moment up to, but without, the first
moment of the next. Compared so, the column's index finds the rows, and its statistics count them. BETWEEN is
no such range, since it includes its end.

Instead of:
    SELECT id FROM orders WHERE created_at::date = '2024-01-31';
Use:
    SELECT id FROM orders WHERE created_at >= DATE '2024-01-31' AND created_at < DATE '2024-02-01';

Ignore when: an index on the expression exists.
Source: https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_BETWEEN_.28especially_with_timestamps.29
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.time_parts import TimePart, asked_spans, time_part
from pgtune.parse.sql.time_ranges import in_spans

MAX_RANGES = 5  # of an IN list; chosen
_LOCAL, _ZONED = "timestamp without time zone", "timestamp with time zone"


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with a range for each day, month or year of a column that it compares."""
    for compared in compared_with_constants(statement):
        part = time_part(compared.operand)
        column = None if part is None else typed_column(statement, part.column)
        if part is None or column is None or not _fits(part, column):
            continue
        spans = asked_spans(part, compared)
        if spans is None or len(spans) > MAX_RANGES:
            continue
        written = in_spans(part.column, compared.operator, spans)
        if written is None:
            continue
        is_inside = isinstance(written, exp.And) and not isinstance(compared.node.parent, exp.Where | exp.And)
        yield Change(
            sql=statement.rewritten((compared.node, exp.Paren(this=written) if is_inside else written)),
            message=f"a function hides {column} from its index",
            detail=f"Each {part.unit.lower()} is a range of times, its end not included.",
            facts=(column.fact,),
            assumptions=tuple(_assumptions(part, column, compared)),
            object=str(column),
        )


def _fits(part: TimePart, column: TypedColumn) -> bool:
    return column.type in (_LOCAL, _ZONED) or (column.type == "date" and part.written != "date")


def _assumptions(part: TimePart, column: TypedColumn, compared: Compared) -> Iterator[str]:
    is_local = column.type == _LOCAL or (column.type == "date" and part.written == "year")
    values = [node for value in compared.values for node in value.walk()]
    if not is_local or any(isinstance(node, exp.TimestampTrunc) for node in values):
        yield "no midnight comes twice or not at all in the session's TimeZone, as in America/Havana"
    if part.is_text:
        yield f"{column} has neither infinity nor years before Christ"
