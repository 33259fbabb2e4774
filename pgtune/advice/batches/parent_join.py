"""A query that feeds a loop of queries in, one query in place of both out."""

from __future__ import annotations

from pgtune.advice.batches.batch_size import ROWS_PER_CALL
from pgtune.advice.batches.cautions import read_cautions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.select_batch import indented, lateral_pair, lateral_rows
from pgtune.errors import StatementError
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.loop import Parent
from pgtune.model.names import quote_ident
from pgtune.parse.sql.clauses_of_turn import placeholders
from pgtune.parse.sql.expression_of_turn import expression
from pgtune.parse.sql.select_turn import SelectTurn
from pgtune.parse.sql.turn import read_query


def parent_batch(draft: Draft[SelectTurn], parent: Parent) -> Batch | None:
    """Return the join; None where it is not known which column feeds which parameter.

    The planner pulls a plain child up and may hash it (pull_up_subqueries in prepjointree.c); one with LIMIT
    or aggregates runs for each parent row, as before, but without round trips.
    """
    if parent.column is None or parent.parameter is None:
        return None
    try:
        query = read_query(parent.text)
    except StatementError:
        return None
    sql = _sql(draft.turn, query, parent.column, parent.parameter)
    rows = lateral_rows(draft)
    call = Call(BatchForm.JOIN, sql, rows, ROWS_PER_CALL, returns_rows=True)
    return Batch(
        form=BatchForm.JOIN,
        sql=sql,
        rows_per_call=ROWS_PER_CALL,
        conditions=(f"{parent.column} of the query at {parent.place} becomes ${parent.parameter}",),
        cautions=tuple(_cautions(draft, query, parent)),
        pair=lateral_pair(draft.turn, rows),
        calls=calls_for(call),
    )


def _sql(turn: SelectTurn, query: SelectTurn, column: str, parameter: int) -> str:
    name = "parent" if "parent" not in expression(turn.text, turn.tokens).names else "parent_query"
    child = _child(turn, query, f"{name}.{quote_ident(column)}", parameter)
    parent = query.text
    order: list[str] = []
    if query.is_ordered:
        parent = f"SELECT row_number() OVER () AS parent_row, p.*\nFROM (\n{indented(parent)}\n) AS p"
        order.append(f"{name}.parent_row")
    if turn.is_ordered:
        child = f"SELECT row_number() OVER () AS child_row, c.*\nFROM (\n{indented(child)}\n) AS c"
        order.append("child.child_row")
    lines = [
        f"WITH {name} AS (\n{indented(parent)}\n)",
        f"SELECT {name}.*, child.*",
        f"FROM {name}",
        f"LEFT JOIN LATERAL (\n{indented(child)}\n) AS child ON true",
    ]
    if order:
        lines.append(f"ORDER BY {', '.join(order)}")
    return "\n".join(lines)


def _child(turn: SelectTurn, query: SelectTurn, column: str, parameter: int) -> str:
    """The child with the parent's *column*; its other parameters are numbered behind the parent's."""
    texts = {parameter: column}
    last = max(placeholders(query.tokens), default=0)
    for number in placeholders(turn.tokens):
        if number != parameter:
            last += 1
            texts[number] = f"${last}"
    return expression(turn.text, turn.tokens).with_parameters(texts)


def _cautions(draft: Draft[SelectTurn], query: SelectTurn, parent: Parent) -> list[str]:
    cautions = [
        "a parent's columns come again with each child; without children it has NULLs in their place",
        "columns of both that have the same name need an alias where a program reads them by name",
    ]
    own, child = placeholders(query.tokens), placeholders(draft.turn.tokens)
    if len(child) > 1:
        cautions.append(
            f"the child's parameters but ${parent.parameter} come behind the parent's {len(own)},"
            " and must be the same for all rows"
        )
    if draft.turn.is_ordered and not query.is_ordered:
        cautions.append("the parents come in no order: group by their key")
    return [*cautions, *read_cautions(draft.loop)]
