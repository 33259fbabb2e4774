"""New indexes with their names in, the one action that makes them all out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.model.action import Action
from pgtune.model.index import Index, shared_lock
from pgtune.model.names import RelationName


def create_action(
    named: Sequence[tuple[Index, str]], rebuilt: Sequence[RelationName], relation: RelationName
) -> Action:
    """All statements in one action, to be run in order and undone in reverse.

    Extensions that operator classes come from are created first, then invalid indexes *rebuilt*.
    """
    actions = [index.action(name) for index, name in named]
    extensions = dict.fromkeys(extension for index, _ in named for extension in index.extensions)
    create = [
        *(f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in extensions),
        *(f"REINDEX INDEX CONCURRENTLY {name};" for name in rebuilt),
        *(action.sql for action in actions),
    ]
    undo = [action.undo for action in reversed(actions) if action.undo is not None]
    lock = actions[0].lock if actions else shared_lock(relation)
    return Action(sql="\n".join(create), undo="\n".join(undo) or None, lock=lock)
