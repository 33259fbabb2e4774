"""What is told of a proposed statement, the same in every report."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action, Proof

PROOFS = {
    Proof.UNCHECKED: "unchecked: derived from the plan or the catalog, not tried",
    Proof.PLANNED: "planned: the planner was asked on a copy of the statistics",
    Proof.MEASURED: "measured: really run on a disposable database",
    Proof.TESTED: "tested: compared on generated data",
}


def safety(action: Action) -> Iterator[tuple[str, str]]:
    """The lock that the statement takes and how to undo it, as far as they are known, each under its word."""
    if action.lock:
        yield "lock", action.lock
    if action.undo:
        yield "undo", action.undo
