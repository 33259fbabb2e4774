"""A condition in, whether it may be asked of rows that it was not asked of before out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.statement import SqlStatement

_TESTS = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Exists, exp.In)
_QUERIES = (exp.Select, exp.From, exp.Join, exp.Where, exp.Subquery, exp.Alias, exp.Table, exp.TableAlias)


def may_be_asked_of_more(statement: SqlStatement, condition: exp.Expr) -> bool:
    """True unless some row can make *condition* end in an error, in sub-queries under IN and EXISTS too.

    A sub-query for a value is refused: it fails when it finds two rows.
    """
    if isinstance(condition, exp.Subquery) and not isinstance(condition.parent, exp.From | exp.Join | exp.In):
        return False
    if isinstance(condition, (*_TESTS, *_QUERIES)):
        return all(may_be_asked_of_more(statement, part) for part in condition.iter_expressions())
    return condition.find(exp.Query) is None and not can_raise(statement, condition)
