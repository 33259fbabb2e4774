"""A batch that writes one row for each key in, a statement that returns a row for each turn out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pgtune.advice.batches.arrays import Array, Rows
from pgtune.model.catalog import Relation
from pgtune.model.names import quote_ident
from pgtune.parse.sql.clauses_of_turn import column_reference, list_items
from pgtune.parse.sql.expression_of_turn import Expression


def returning_obstacles(
    returning: Expression, relation: Relation, written: Collection[str], keys: Collection[str]
) -> Iterator[str]:
    """Yield why the rows that the turns returned cannot be had afterwards.

    *written* are the columns that a later turn may have changed; *keys* those that tell the rows.
    """
    if not returning.tokens:
        return
    names = returned_columns(returning)
    if names is None or len(set(names)) < len(names):
        yield "RETURNING lists more than columns, each once: what a turn saw cannot be told afterwards"
        return
    unknown = next((name for name in names if relation.column(name) is None), None)
    if unknown is not None:
        yield f'RETURNING names "{unknown}", which is no column of {relation.name}'
    changed = next((name for name in names if name in written), None)
    if changed is not None:
        yield f"RETURNING shows {changed} as each turn left it, a batch only as the last one did"
    for name in keys:
        column = relation.column(name)
        if column is None or not column.not_null:
            yield f"RETURNING needs rows to be told by {name}, which may be NULL"


def returned_columns(returning: Expression) -> tuple[str, ...] | None:
    """Return the columns of a RETURNING list; None where anything else is in it."""
    names = []
    for item in list_items(returning.tokens):
        reference = column_reference(item)
        if reference is None:
            return None
        names.append(reference[1])
    return tuple(names)


def returned_rows(
    rows: Rows, write: str, returning: Expression, matched: Mapping[str, Array], qualifier: str
) -> str:
    """Write WITH arrays, the write, and a join that gives each turn its row.

    *write* reads the arrays as the CTE that is called like ``rows.alias``. *qualifier* stands before the
    columns of RETURNING where they alone would be ambiguous.
    """
    names = returned_columns(returning) or ()
    columns = [f"{qualifier}{quote_ident(name)}" for name in names]
    columns += [f"{qualifier}{quote_ident(name)} AS key_{n}" for n, name in enumerate(matched, 1)]
    joined = (
        f"written.key_{n} = {rows.alias}.{quote_ident(array.name)}"
        for n, array in enumerate(matched.values(), 1)
    )
    return "\n".join(
        (
            f"WITH {rows.alias} AS (",
            f"    SELECT * FROM {rows.sql(numbered=True)}",
            "), written AS (",
            _indented(write),
            f"    RETURNING {', '.join(columns)}",
            ")",
            f"SELECT {', '.join(f'written.{quote_ident(name)}' for name in names)}",
            f"FROM {rows.alias}",
            f"JOIN written ON {' AND '.join(joined)}",
            f"ORDER BY {rows.alias}.{rows.ord}",
        )
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
