"""The loop of a SELECT for each row of another query in, the statements that can take its place out."""

from __future__ import annotations

from pgtune.advice.batches import select_forms
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.parent_join import parent_batch
from pgtune.model.batch import Batch
from pgtune.model.loop import Parent
from pgtune.parse.sql.select_turn import SelectTurn


def batches(draft: Draft[SelectTurn], parent: Parent) -> tuple[Batch, ...] | str:
    """Return what takes the loop's place, the better first; or why nothing does."""
    by_keys = select_forms.batches(draft)
    if isinstance(by_keys, str):
        return by_keys
    joined = parent_batch(draft, parent)
    return by_keys if joined is None else (joined, *by_keys)
