"""The loop of an INSERT with ON CONFLICT in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches import insert_forms
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.inserted_columns import insert_obstacles, inserted_columns
from pgtune.advice.batches.returned_rows import returning_obstacles
from pgtune.advice.batches.upsert_batch import upsert_batch
from pgtune.advice.batches.upsert_plan import upsert_plan
from pgtune.model.batch import Batch
from pgtune.parse.sql.insert_turn import Conflict, InsertTurn


def batches(draft: Draft[InsertTurn], conflict: Conflict) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place, the better first; or why nothing does."""
    if not conflict.sets:  # DO NOTHING: the first of equal keys stays, as in a loop
        return insert_forms.batches(draft)
    turn, relation = draft.turn, draft.relation
    obstacle = next(insert_obstacles(turn, relation, draft.catalog), draft.array_obstacle)
    if obstacle is not None:
        return obstacle
    plan = upsert_plan(turn, conflict, relation, inserted_columns(turn, relation))
    if isinstance(plan, str):
        return plan
    key = plan.arbiter.key
    obstacle = next(returning_obstacles(turn.returning, relation, set(plan.kinds) - set(key), key), None)
    return obstacle or (upsert_batch(draft, plan),)
