"""SQL files of any size in, the loops in them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from pgtune.cli.log_progress import counted_lines
from pgtune.errors import InputError, StatementError
from pgtune.model.loop import Loop
from pgtune.parse.input_kind import HEAD_CHARS, InputKind, classify
from pgtune.parse.loops.file_loops import loops_of_script
from pgtune.parse.loops.limits import DEFAULT_LIMITS, LoopLimits
from pgtune.parse.loops.statement_stream import stream_statements
from pgtune.parse.sql_split import Statement
from pgtune.sources.files import find_inputs, open_lines


@dataclass(frozen=True, slots=True)
class FoundLoops:
    """What files held."""

    loops: tuple[Loop, ...]
    statements: int  # read


def read_loops_of_files(
    files: Sequence[str],
    limits: LoopLimits = DEFAULT_LIMITS,
    on_progress: Callable[[str, float], None] = lambda _doing, _fraction: None,
) -> FoundLoops:
    """Return the loops in *files*, SQL files and directories of them; memory does not grow with their size.

    *on_progress* gets what is read and the fraction of it.

    Raises:
        InputError: a file that cannot be read, or that is no SQL.
    """
    loops: list[Loop] = []
    count = 0
    for path in (path for given in files for path in find_inputs(given)):
        counter = _Counter(_statements(path, on_progress))
        try:
            loops += loops_of_script(path, counter, limits)
        except StatementError as error:
            raise InputError(f"{path}: {str(error).removeprefix(path + ': ')}") from error
        count += counter.count
    return FoundLoops(tuple(loops), count)


class _Counter:
    """Counts statements on their way."""

    def __init__(self, statements: Iterator[Statement]) -> None:
        self._statements = statements
        self.count = 0

    def __iter__(self) -> Iterator[Statement]:
        for statement in self._statements:
            self.count += 1
            yield statement


def _statements(path: str, on_progress: Callable[[str, float], None]) -> Iterator[Statement]:
    lines = counted_lines(open_lines(path), path, on_progress)
    head: list[str] = []
    read = 0
    while read < HEAD_CHARS and (line := next(lines, None)) is not None:
        head.append(line)
        read += len(line)
    kind = classify(path, "".join(head)[:HEAD_CHARS])
    if kind is InputKind.LOG:
        raise InputError(f"{path}: a server log; give it with --logs")
    if kind is InputKind.PLAN:
        raise InputError(f"{path}: a plan, or no SQL; give the statements themselves")
    return stream_statements(chain(head, lines))
