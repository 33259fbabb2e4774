"""A loop of DELETEs by key in, one DELETE of arrays out."""

from __future__ import annotations

from pgtune.advice.batches.arrays import Rows
from pgtune.advice.batches.batch_size import rows_per_call
from pgtune.advice.batches.cautions import lock_caution, write_cautions
from pgtune.advice.batches.conditions import write_conditions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.keys import Keys, any_condition, read_keys, with_conditions
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.equivalence import LoopPair
from pgtune.model.names import quote_ident
from pgtune.parse.sql.update_turn import ChangeTurn


def delete_batch(draft: Draft[ChangeTurn]) -> Batch:
    """Return the batch; the caller knows that it leaves what the loop leaves."""
    turn, relation = draft.turn, draft.relation
    keys = read_keys(turn.conditions)
    rows = draft.rows(keys.wanted, [*keys.others, turn.returning])
    form = BatchForm.ANY if keys.is_single() and not keys.other_parameters else BatchForm.UNNEST
    sql = _sql(turn, keys, rows)
    size = rows_per_call(form, draft.sent_columns(keys.wanted))
    call = Call(form, sql, rows, size, bool(turn.returning.tokens))
    return Batch(
        form=form,
        sql=sql,
        rows_per_call=size,
        conditions=tuple(write_conditions(relation, ("DELETE",), (), is_insert=False)),
        cautions=(
            *write_cautions(draft.loop, turn, relation, draft.catalog),
            lock_caution(keys.names, is_sorted=False),
            "the row count is that of the whole batch; a key that finds no row is not told",
        ),
        pair=LoopPair(turn.text, sql),
        calls=calls_for(call),
    )


def _sql(turn: ChangeTurn, keys: Keys, rows: Rows) -> str:
    if not keys.other_parameters:
        return with_conditions(turn.text, turn.conditions, any_condition(keys, rows), keys.others)
    texts, own = rows.texts(), quote_ident(turn.qualifier)
    conditions = [f"{own}.{quote_ident(key.column)} = {texts[key.number]}" for key in keys.keys]
    conditions += [condition.with_parameters(texts) for condition in keys.others]
    lines = [
        f"DELETE FROM {turn.target}",
        f"USING {rows.sql()}",
        f"WHERE {' AND '.join(conditions)}",
    ]
    if turn.returning.tokens:
        returned = f"{own}.*" if turn.returning.text == "*" else turn.returning.text
        lines.append(f"RETURNING {returned}")
    return "\n".join(lines)
