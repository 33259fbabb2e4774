"""The statements of a SQL file in; runs of like statements, each as a loop, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pgtune.errors import StatementError
from pgtune.model.loop import Loop, LoopOrigin
from pgtune.parse.directives import read_directives
from pgtune.parse.loops.gathered import GatheredRuns, RunPlace
from pgtune.parse.loops.limits import DEFAULT_LIMITS, LoopLimits
from pgtune.parse.loops.prepared import PreparedStatements
from pgtune.parse.loops.runs import Run, TurnSequence
from pgtune.parse.loops.transaction_count import TransactionCount
from pgtune.parse.loops.turns import Turn, split_literals
from pgtune.parse.sql_split import Comment, Statement

ADDRESS = "pgtune:"  # in comments that are for pgtune
PREPARING = frozenset({"PREPARE", "EXECUTE", "DEALLOCATE"})


def loops_of_script(
    name: str, statements: Iterable[Statement], limits: LoopLimits = DEFAULT_LIMITS
) -> tuple[Loop, ...]:
    """Return the loops of the SQL file *name*, in their order.

    Comments and transaction control between like statements do not end a run; any other statement does,
    unless statements take turns. Memory is bounded by the samples of the loops.

    Raises:
        StatementError: a ``-- pgtune:`` comment above a loop is wrong.
    """
    reader = _ScriptReader(name, limits)
    for statement in statements:
        reader.add(statement)
    return reader.finish()


class _ScriptReader:
    def __init__(self, name: str, limits: LoopLimits) -> None:
        self._name = name
        self._found: list[Loop] = []
        self._limits = limits
        self._sequence = TurnSequence(self._take, limits.min_turns)
        self._prepared = PreparedStatements()
        self._comments: dict[int, Sequence[Comment]] = {}  # {line of a statement: those above it}
        self._transaction = TransactionCount()

    def add(self, statement: Statement) -> None:
        turn = self._turn(statement)
        if turn is None:
            self._sequence.close()
            return
        if turn.shape.control is not None:
            self._transaction.take(turn.shape.control)
            return
        if statement.comments and any(ADDRESS in comment.text for comment in statement.comments):
            self._comments[statement.line] = statement.comments
        self._sequence.add(turn)

    def finish(self) -> tuple[Loop, ...]:
        self._sequence.close()
        return tuple(self._found)

    def _turn(self, statement: Statement) -> Turn | None:
        found = split_literals(statement.text)
        if found is None:
            return None
        shape, literals = found
        turn = Turn(shape, literals, statement.line, transaction=self._transaction.current)
        return self._prepared.take(statement.text, turn) if shape.command in PREPARING else turn

    def _take(self, run: Run) -> None:
        """Make the loops of one run: like statements elsewhere in the file are another loop."""
        comments = [
            comment for member in run.members for comment in self._comments.get(member.first.line, ())
        ]
        self._comments.clear()
        try:
            allows = read_directives(comments).allows
        except StatementError as error:
            raise StatementError(f"{self._name}: {error}") from error
        gathered = GatheredRuns(LoopOrigin.FILES, replace(self._limits, min_run_ms=0.0))
        gathered.add(run, RunPlace(self._name, allows=allows))
        self._found += gathered.loops()
