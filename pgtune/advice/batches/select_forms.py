"""The loop of a SELECT by key in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.select_batch import any_batch, any_fits, lateral_batch
from pgtune.model.batch import Batch
from pgtune.parse.sql.select_turn import SelectTurn


def batches(draft: Draft[SelectTurn]) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place, the better first; or why nothing does."""
    if draft.array_obstacle is not None:
        return draft.array_obstacle
    lateral = lateral_batch(draft)
    return (any_batch(draft), lateral) if any_fits(draft) else (lateral,)
