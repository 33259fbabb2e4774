"""The loop of an UPDATE by key in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.update_batch import update_batch
from pgtune.advice.batches.update_plan import update_obstacles, update_plan
from pgtune.model.batch import Batch
from pgtune.parse.sql.update_turn import ChangeTurn


def batches(draft: Draft[ChangeTurn]) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place; or why nothing does."""
    plan = update_plan(draft.turn, draft.relation)
    obstacle = next(update_obstacles(plan), draft.array_obstacle)
    return obstacle or (update_batch(draft, plan),)
