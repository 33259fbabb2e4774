"""Statistics of columns in, values of expressions out: computed on what pg_stats keeps of the columns."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from pgtune.model.index_shape import Width
from pgtune.model.names import quote_ident
from pgtune.parse.sql_tokens import TokenKind, read_tokens
from pgtune.shadow.shapes.relation_facts import ColumnFacts, RelationFacts

if TYPE_CHECKING:
    from psycopg import Connection

JOINT_ROWS = (
    200  # made up for an expression of several columns, as if these did not depend on each other; chosen
)
STEPS = (0.6180339887, 0.4142135624, 0.7320508076, 0.2360679775)  # irrational: they spread evenly over 0..1
ROW_HEADER_BYTES = (
    24  # of a row of one column; in a row, values have the short headers that a table gives them
)
AS_TEXT = "{}::text"


class SampledValue(NamedTuple):
    """What an expression gave for one row of the sample."""

    share: float  # of the table's rows that this row stands for
    result: Any  # None is NULL
    width_bytes: int  # as a table stores it
    inputs: tuple[str | None, ...]  # values of the columns used
    is_common: bool  # known to stand for itself alone: a most common value, or NULL


class _Row(NamedTuple):
    share: float
    is_common: bool
    values: tuple[str | None, ...]


def sample(
    connection: Connection[Any],
    relation: RelationFacts,
    expression: str,
    computed: str = AS_TEXT,
) -> Sequence[SampledValue]:
    """Return the expression's values, *computed* of ``{}``; none where a column has no statistics.

    An expression that fails on a made-up row has no values either.
    """
    import psycopg

    columns = used_columns(expression, relation)
    rows = _sampled_rows(columns)
    if not rows:
        return ()
    arrays = ", ".join(f"%s::text[]::{column.type_name}[]" for column in columns)
    names = ", ".join(quote_ident(column.name) for column in columns)
    source = f"unnest({arrays}) AS {relation.alias} ({names})"
    query = (
        f"SELECT {computed.format('e')}, pg_column_size(ROW(e)) - {ROW_HEADER_BYTES} "
        f"FROM (SELECT {expression.replace('%', '%%')} AS e FROM {source}) AS v"
    )
    parameters = [[row.values[i] for row in rows] for i in range(len(columns))]
    try:
        with connection.transaction():
            found = connection.execute(query.encode(), parameters).fetchall()
    except psycopg.Error:
        return ()
    return [
        SampledValue(row.share, result, width_bytes, row.values, row.is_common)
        for row, (result, width_bytes) in zip(rows, found, strict=True)
    ]


def used_columns(text: str, relation: RelationFacts) -> Sequence[ColumnFacts]:
    """Return the columns whose names an expression over this one relation mentions."""
    names = set()
    for token in read_tokens(text):
        if token.kind is TokenKind.WORD:
            names.add(token.text.lower())
        elif token.kind is TokenKind.QUOTED_NAME:
            names.add(token.text[1:-1].replace('""', '"'))
    return [column for name, column in relation.columns.items() if name in names]


def widths(values: Sequence[SampledValue], avg_width: int | None = None) -> tuple[Width, ...]:
    """Return the widths of the values that are not NULL; ANALYZE's average, rounded down, is believed."""
    shares: Counter[int] = Counter()
    for value in values:
        if value.result is not None:
            shares[value.width_bytes] += value.share  # type: ignore[assignment]
    total = sum(shares.values())
    if not total:
        return ()
    scale = _drift(sum(width * share for width, share in shares.items()) / total, avg_width)
    return tuple(
        Width(max(1, round(width * scale)), share / total) for width, share in sorted(shares.items())
    )


def _drift(sampled: float, avg_width: int | None) -> float:
    """What to multiply widths by: the sample is small and without values of more than 1 kB."""
    if avg_width is None or avg_width <= sampled < avg_width + 1:
        return 1.0
    return (avg_width + 0.5) / sampled


def _sampled_rows(columns: Sequence[ColumnFacts]) -> Sequence[_Row]:
    single = [_weighted_values(column) for column in columns]
    if not single or not all(single):
        return ()
    if len(single) == 1:
        sampled = set(columns[0].bounds)
        return [_Row(share, value not in sampled, (value,)) for share, value in single[0]]
    bounds = [list(accumulate(share for share, _ in values)) for values in single]
    rows = []
    for number in range(JOINT_ROWS):
        chosen = []
        for position, values in enumerate(single):
            place = (number + 0.5) * STEPS[position % len(STEPS)] * (1 + position // len(STEPS)) % 1.0
            chosen.append(
                values[min(bisect_left(bounds[position], place * bounds[position][-1]), len(values) - 1)]
            )
        rows.append(_Row(1 / JOINT_ROWS, False, tuple(value for _, value in chosen)))
    return rows


def _weighted_values(column: ColumnFacts) -> Sequence[tuple[float, str | None]]:
    """The column's known values with the share of the rows that each stands for."""
    weighted: list[tuple[float, str | None]] = list(
        zip(column.common_frequencies, column.common, strict=False)
    )
    rest = max(0.0, 1 - sum(column.common_frequencies) - column.null_fraction)
    weighted += [(rest / len(column.bounds), value) for value in column.bounds]
    if weighted and column.null_fraction > 0:
        weighted.append((column.null_fraction, None))
    return weighted
