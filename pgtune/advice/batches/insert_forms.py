"""The loop of an INSERT of values in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches.batch_size import COPY_PAYS_ROWS
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.insert_batch import can_copy, insert_batch
from pgtune.advice.batches.inserted_columns import insert_obstacles
from pgtune.model.batch import Batch, BatchForm
from pgtune.parse.sql.insert_turn import InsertTurn


def batches(draft: Draft[InsertTurn]) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place, the better first; or why nothing does."""
    obstacle = next(insert_obstacles(draft.turn, draft.relation, draft.catalog), None)
    if obstacle is not None:
        return obstacle
    return tuple(insert_batch(draft, form) for form in _forms(draft))


def _forms(draft: Draft[InsertTurn]) -> tuple[BatchForm, ...]:
    flattens = any(type_.endswith("[]") for type_ in draft.types.values())
    arrays = BatchForm.VALUES if flattens else BatchForm.UNNEST
    if not can_copy(draft.turn, draft.relation):
        return (arrays,)
    # Of a candidate nobody knows how many turns come together.
    is_long = draft.loop.is_sure and draft.loop.turns / max(draft.loop.runs, 1) >= COPY_PAYS_ROWS
    return (BatchForm.COPY, arrays) if is_long else (arrays, BatchForm.COPY)
