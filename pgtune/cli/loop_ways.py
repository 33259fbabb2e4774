"""A loop with its batches and the catalog in; the ways to do its work, and a source of values, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgtune.advice.batches.batch_size import ROWS_PER_CALL
from pgtune.advice.batches.insert_sql import values_list
from pgtune.advice.batches.inserted_columns import inserted_columns, sole_parameters
from pgtune.errors import StatementError
from pgtune.model.batch import MAX_PARAMETERS, Batch, BatchForm, LoopAdvice
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.names import RelationName
from pgtune.parse.sql.compared_parameters import aliases, neighbours
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql.select_turn import SelectTurn
from pgtune.parse.sql.turn import Turn, read_turn
from pgtune.parse.sql.update_turn import ChangeTurn
from pgtune.sources.time_batch import Sending, Way
from pgtune.sources.turn_values import TurnSource

AUTOCOMMIT = "row by row, autocommit"
ONE_TRANSACTION = "row by row, one transaction"
# Of forms that take arrays; a join takes the parent's parameters instead of values of turns.
_ARRAY_FORMS = {BatchForm.UNNEST: "unnest", BatchForm.ANY: "= ANY", BatchForm.LATERAL: "LATERAL"}


@dataclass(frozen=True, slots=True)
class LoopWork:
    """What there is to measure of a loop."""

    ways: tuple[Way, ...]
    source: TurnSource


def relations_of(advice: LoopAdvice) -> tuple[RelationName, ...]:
    """Return what the loop's statement names.

    Raises:
        StatementError: it cannot be read.
    """
    turn = read_turn(advice.loop.text)
    return turn.relations if isinstance(turn, SelectTurn) else (turn.relation,)


def loop_work(advice: LoopAdvice, catalog: Catalog) -> LoopWork:
    """Return the loop's ways, row by row first.

    Raises:
        StatementError: its statement cannot be read, or its table is not in *catalog*.
    """
    turn = read_turn(advice.loop.text)
    relation = _relation(advice, catalog)
    adds_rows = isinstance(turn, InsertTurn) and not (turn.conflict and turn.conflict.sets)
    source = TurnSource(turn.text, relation, _columns(turn, relation), advice.loop.values, adds_rows)
    return LoopWork(tuple(_ways(advice, turn, relation, adds_rows=adds_rows)), source)


def name_of(batch: Batch) -> str | None:
    """Return what the way of a batch is called; None where it is not measured."""
    if batch.form in _ARRAY_FORMS:
        return f"{_ARRAY_FORMS[batch.form]}, {batch.rows_per_call:,} rows"
    named = {BatchForm.PIPELINE: "pipeline", BatchForm.COPY: "COPY"}
    return (
        f"VALUES list, {batch.rows_per_call:,} rows"
        if batch.form is BatchForm.VALUES
        else named.get(batch.form)
    )


def _relation(advice: LoopAdvice, catalog: Catalog) -> Relation:
    """The table that the parameters belong to: of a query the first that is there."""
    found = (catalog.find(name) for name in relations_of(advice))
    relation = next((each for each in found if each is not None), None)
    if relation is None:
        raise StatementError("the database does not have its table")
    return relation


def _columns(turn: Turn, relation: Relation) -> Mapping[int, str]:
    """The columns of *relation* that parameters are written to or compared with."""
    if isinstance(turn, InsertTurn):
        return sole_parameters(inserted_columns(turn, relation))
    sets = turn.sets if isinstance(turn, ChangeTurn) else ()
    written = {item.value.parameter: item.column for item in sets if item.value.parameter is not None}
    named = aliases(turn.tokens)
    compared = {
        number: near.column
        for number, near in neighbours(turn.text, turn.tokens).items()
        if near.column is not None
        and relation.column(near.column) is not None
        and named.get(near.qualifier or "", near.qualifier) in (None, relation.name.name)
    }
    return {**compared, **written}


def _ways(advice: LoopAdvice, turn: Turn, relation: Relation, *, adds_rows: bool) -> Iterator[Way]:
    yield Way(AUTOCOMMIT, turn.text, Sending.AUTOCOMMIT)
    yield Way(ONE_TRANSACTION, turn.text, Sending.TURN)
    yield Way("pipeline", turn.text, Sending.PIPELINE, ROWS_PER_CALL)
    if isinstance(turn, InsertTurn) and adds_rows:
        yield _values_way(turn, relation)
    for batch in (advice.batch, *advice.others):
        if batch is not None and batch.form in _ARRAY_FORMS:
            yield Way(name_of(batch) or "", batch.sql, Sending.ARRAYS, batch.rows_per_call)
        if batch is not None and batch.form is BatchForm.COPY and isinstance(turn, InsertTurn):
            numbers = (value.parameter for value in inserted_columns(turn, relation).values())
            order = tuple(number for number in numbers if number is not None)
            yield Way("COPY", batch.sql, Sending.COPY, batch.rows_per_call, order)


def _values_way(turn: InsertTurn, relation: Relation) -> Way:
    inserted = inserted_columns(turn, relation)
    width = len(frozenset().union(*(value.parameters for value in inserted.values())))
    rows = min(ROWS_PER_CALL, MAX_PARAMETERS // max(width, 1))
    return Way(f"VALUES list, {rows:,} rows", values_list(turn, inserted).sql(rows), Sending.FLAT, rows)
