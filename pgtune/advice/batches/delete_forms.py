"""The loop of a DELETE by key in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches.delete_batch import delete_batch
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.keys import read_keys
from pgtune.advice.batches.update_plan import key_obstacles
from pgtune.model.batch import Batch
from pgtune.parse.sql.update_turn import ChangeTurn


def batches(draft: Draft[ChangeTurn]) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place; or why nothing does."""
    keys = read_keys(draft.turn.conditions)
    obstacle = next(key_obstacles(draft.turn, draft.relation, keys), draft.array_obstacle)
    return obstacle or (delete_batch(draft),)
