"""Arithmetic on a column in a condition keeps the planner from using the column's index.

What is added to the column can be taken from the constant that it is compared with: that is computed once,
and the index on the column finds the rows. Months and divisions cannot be moved so.

Instead of:
    SELECT id FROM orders WHERE created_at + INTERVAL '30 days' > LOCALTIMESTAMP;
Use:
    SELECT id FROM orders WHERE created_at > LOCALTIMESTAMP - INTERVAL '30 days';

Ignore when: an index on the expression exists.
Source: https://www.postgresql.org/docs/current/indexes-expressional.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import INTEGERS, TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants
from pgtune.parse.sql.shifted_columns import Shifted, shifted_column
from pgtune.parse.sql.shifted_numbers import number_alone, number_assumptions
from pgtune.parse.sql.shifted_times import DATE, LOCAL, ZONED, time_alone, time_assumptions
from pgtune.parse.sql.statement import SqlStatement

_NUMBERS = (*INTEGERS, "numeric")  # binary fractions are rounded at each step
_TIMES = (DATE, LOCAL, ZONED)


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with the column alone on its side, for each sum that it compares."""
    for compared in compared_with_constants(statement):
        shifted = shifted_column(compared.operand)
        column = None if shifted is None else typed_column(statement, shifted.column)
        change = None if shifted is None or column is None else _change(statement, compared, shifted, column)
        if change is not None:
            yield change


def _change(
    statement: SqlStatement, compared: Compared, shifted: Shifted, column: TypedColumn
) -> Change | None:
    arguments = (shifted, compared, column.type)
    if column.type in _NUMBERS:
        alone, assumptions = number_alone(*arguments), number_assumptions(*arguments, str(column))
    elif column.type in _TIMES:
        alone, assumptions = time_alone(*arguments), [*time_assumptions(*arguments, str(column))]
    else:
        return None
    if alone is None:
        return None
    return Change(
        sql=statement.rewritten((compared.node, alone)),
        message=f"arithmetic hides {column} from its index",
        detail="The constant is computed once, and the index on the column finds the rows.",
        facts=(column.fact,),
        assumptions=tuple(assumptions),
        object=str(column),
    )
