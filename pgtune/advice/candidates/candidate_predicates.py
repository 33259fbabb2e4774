"""What a query wants of a table in, predicates of partial indexes that would still serve it out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.advice.accesses.accesses import Access
from pgtune.advice.accesses.index_keys import STRICT, is_immutable
from pgtune.advice.candidates.candidate_keys import Key, distinct_values
from pgtune.advice.hints.index_candidates import MIN_NULL_FRACTION
from pgtune.model.index import IndexPart
from pgtune.model.names import quote_ident
from pgtune.model.planner import Hypothetical
from pgtune.model.qual import COMMUTED, Clause, ClauseKind
from pgtune.parse.qual import read_clauses, without_aliases

MAX_DISTINCT_VALUES = 50  # of a column, for an index of some of its values alone to be of lasting use; chosen
MAX_CLAUSES = 4  # of a predicate, and as many more that are ranges; chosen
MAX_RANGE_SHARE = 0.5  # of the rows that a predicate with a range keeps; chosen

# With these in the predicate, there is nothing left to search the column for.
_SETTLING = frozenset({ClauseKind.EQUALITY, ClauseKind.IS_NULL, ClauseKind.BOOLEAN, ClauseKind.RANGE})
_TESTS = frozenset({ClauseKind.BOOLEAN, ClauseKind.IS_NULL})
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
# Of these a limit may be lasting: a price, a size, a grade. Dates and times move on.
_MEASURES = re.compile(r"(smallint|integer|bigint|numeric|real|double precision|text|character)\b")

Predicate = tuple[Clause, ...]


def predicates(access: Access) -> tuple[Predicate, ...]:
    """Return AND lists of the access's own filters: none, all that are fit, those of one kind, each alone.

    Fit are conditions that stay as they are: flags, NULL tests, columns with few values compared with
    constants, columns compared with each other. Limits of a quantity come last, those of one column together.
    ``$1`` is not known.
    """
    filters = sorted(access.filters, key=lambda clause: clause.text)
    fit = tuple(clause for clause in filters if _is_fit(clause, access))[:MAX_CLAUSES]
    among_columns = tuple(clause for clause in fit if clause.operand_column is not None)
    with_constants = tuple(clause for clause in fit if clause.operand_column is None)
    ranges = tuple(clause for clause in filters if _is_lasting_range(clause, access))[:MAX_CLAUSES]
    by_column = [
        tuple(each for each in ranges if each.column == column)
        for column in dict.fromkeys(clause.column for clause in ranges)
    ]
    alone = ((clause,) for clause in fit)
    return tuple(
        dict.fromkeys(((), fit, (*fit, *ranges), ranges, among_columns, with_constants, *alone, *by_column))
    )


def keeps_too_much(candidate: Hypothetical, rows: float) -> bool:
    """True when limits in the predicate leave most of the table's *rows* in the index."""
    clauses = read_clauses(candidate.index.predicate) if candidate.index.predicate else ()
    limited = any(clause.kind is ClauseKind.RANGE and clause.operand_column is None for clause in clauses)
    return limited and candidate.size.entries > rows * MAX_RANGE_SHARE


def predicate_sql(predicate: Predicate) -> str | None:
    """The predicate as CREATE INDEX spells it, None for an empty one."""
    return conjunction(*map(_spelling, predicate))


def _spelling(clause: Clause) -> str:
    """``a < b`` for ``b > a``: the planner knows that they are the same."""
    one, other = clause.column, clause.operand_column
    if one is None or other is None or clause.operator not in COMMUTED or one.name < other.name:
        return without_aliases(clause.text)
    return f"{quote_ident(other.name)} {COMMUTED[clause.operator]} {quote_ident(one.name)}"


def conjunction(*conditions: str | None) -> str | None:
    """The conditions that are there, joined by AND, each once and in alphabetical order; None without any."""
    clauses = {clause.text for text in conditions if text for clause in read_clauses(text)}
    return " AND ".join(sorted(clauses)) or None


def fixed_by(predicate: Predicate) -> Iterator[IndexPart]:
    """Columns that have one value in all rows that the predicate keeps, or all the values that are wanted."""
    for clause in predicate:
        if clause.kind in _SETTLING and clause.column is not None and clause.operand_column is None:
            yield IndexPart(clause.column.name)


def not_null(key: Key, access: Access) -> str | None:
    """``a IS NOT NULL`` for the first key column that is often NULL and of which the query wants no NULL."""
    compared = (clause for clause in (*access.clauses, *access.joins) if clause.kind in STRICT)
    strict = {clause.column.name for clause in compared if clause.column is not None}
    for part in key:
        if part.text in strict and _is_often_null(part.text, access):
            return f"{quote_ident(part.text)} IS NOT NULL"
    return None


def _is_fit(clause: Clause, access: Access) -> bool:
    if not is_immutable(clause.text, access):
        return False
    if clause.kind in _TESTS:
        return clause.column is not None
    if clause.kind is ClauseKind.IS_NOT_NULL:
        return clause.column is not None and _is_often_null(clause.column.name, access)
    if clause.operand_column is not None:
        return clause.operator in _COMPARISONS and clause.column is not None
    return _picks_values(clause) and _has_few_values(clause, access)


def _is_often_null(name: str, access: Access) -> bool:
    column = access.table.column(name)
    return column is not None and (column.null_fraction or 0.0) >= MIN_NULL_FRACTION


def _is_lasting_range(clause: Clause, access: Access) -> bool:
    """True for ``quantity < 24``: a limit of a measured value, neither of a time nor of a key."""
    if clause.kind is not ClauseKind.RANGE or not clause.literal or clause.column is None:
        return False
    name = clause.column.name
    measured = _MEASURES.match(access.type_of(name) or "") is not None
    return measured and not _is_of_key(name, access) and is_immutable(clause.text, access)


def _is_of_key(name: str, access: Access) -> bool:
    """True for a column by which rows are identified, here or in another table."""
    unique = (index.key for index in access.table.indexes if index.unique)
    return any(name in columns for columns in (*unique, *(key.columns for key in access.table.foreign_keys)))


def _picks_values(clause: Clause) -> bool:
    """True for ``a = 'x'``, ``a IN ('x', 'y')`` and ``a <> 'x'``."""
    if clause.operator == "<>":  # an index cannot search it, so that its sides were not told apart
        (clause,) = read_clauses(clause.text.replace(" <> ", " = ", 1))
    listed = clause.kind in (ClauseKind.EQUALITY, ClauseKind.IN_LIST)
    return listed and clause.literal and clause.column is not None


def _has_few_values(clause: Clause, access: Access) -> bool:
    (column,) = clause.columns
    return 0 < distinct_values(IndexPart(column.name), access.table) <= MAX_DISTINCT_VALUES
