"""A loop of INSERTs in; one INSERT of arrays, COPY, or a VALUES list out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pgtune.advice.batches.batch_size import rows_per_call
from pgtune.advice.batches.cautions import write_cautions
from pgtune.advice.batches.conditions import describe_key, unique_key, write_conditions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.insert_sql import copy_sql, unnest_sql, values_list
from pgtune.advice.batches.inserted_columns import inserted_columns, sole_parameters
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.catalog import Relation
from pgtune.model.equivalence import LoopPair
from pgtune.parse.sql.expression_of_turn import Expression
from pgtune.parse.sql.insert_turn import InsertTurn


def insert_batch(draft: Draft[InsertTurn], form: BatchForm) -> Batch:
    """Return the batch as UNNEST, COPY or VALUES; the caller knows that it does the same."""
    turn, relation = draft.turn, draft.relation
    inserted = inserted_columns(turn, relation)
    wanted = sole_parameters(inserted)
    rows = draft.rows(wanted)
    twin = unnest_sql(turn, inserted, rows)
    values = values_list(turn, inserted)
    sql = {BatchForm.COPY: copy_sql(turn, inserted), BatchForm.VALUES: values.sql()}.get(form, twin)
    size = rows_per_call(form, draft.sent_columns(wanted))
    call = Call(form, sql, rows, size, bool(turn.returning.tokens), relation.name, tuple(inserted), values)
    return Batch(
        form=form,
        sql=sql,
        rows_per_call=size,
        conditions=tuple(write_conditions(relation, ("INSERT",), inserted, is_insert=True)),
        cautions=(
            *write_cautions(draft.loop, turn, relation, draft.catalog),
            *_cautions(turn, relation, inserted),
        ),
        pair=LoopPair(turn.text, twin),
        calls=calls_for(call),
    )


def can_copy(turn: InsertTurn, relation: Relation) -> bool:
    """True where COPY takes the values as they are: no expression, no RETURNING, no ON CONFLICT."""
    inserted = inserted_columns(turn, relation)
    columns = [relation.column(name) for name in inserted]
    numbers = [value.parameter for value in inserted.values()]
    plain = None not in numbers and len(set(numbers)) == len(numbers)
    own_numbers = any(column is not None and column.identity == "a" for column in columns)
    free = not turn.returning.tokens and turn.conflict is None and not turn.overriding
    return plain and free and not own_numbers and relation.kind in ("r", "p")


def _cautions(turn: InsertTurn, relation: Relation, inserted: Mapping[str, Expression]) -> Iterator[str]:
    if turn.returning.tokens:
        yield f"the order of the rows returned is not promised: {_match(relation, inserted)}"


def _match(relation: Relation, columns: Collection[str]) -> str:
    key = unique_key(relation, columns)
    if key is not None:
        return f"return the columns of {describe_key(key)} too, and match by them"
    return "no unique key is among the columns inserted, so that nothing tells rows of equal values apart"
