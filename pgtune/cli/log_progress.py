"""The lines of a log in, the same lines out, while a bar is told how much of the log has been read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pgtune.sources.files import is_regular_file

_PROGRESS_CHARS = 8_000_000  # between two steps of the bar: some tenths of a second


def counted_lines(
    lines: Iterator[str], path: str, on_progress: Callable[[str, float], None]
) -> Iterator[str]:
    """Yield *lines* of the file *path*; *on_progress* gets what is read and the fraction done, 0 to 1.

    Of standard input and pipes no size is known: nothing is told.
    """
    if not is_regular_file(path):
        yield from lines
        return
    size, done, told = max(1, Path(path).stat().st_size), 0, 0
    for line in lines:
        yield line
        done += len(line)
        if done - told >= _PROGRESS_CHARS:
            told = done
            on_progress(f"reading {path}", min(1.0, done / size))
