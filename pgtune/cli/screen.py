"""Standard error: notices, errors and progress bars; results never come here."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pgtune.report.visible import visible, visible_line

_quiet = False
_DEBUG_VARIABLE = "PGTUNE_DEBUG"


def be_quiet() -> None:
    """Print only errors from now on."""
    global _quiet  # noqa: PLW0603 - one process, one standard error
    _quiet = True


def say(line: str) -> None:
    """Print one line on standard error, unless quiet."""
    if not _quiet:
        _print(f"pgtune: {visible_line(line)}")


def say_error(place: str | None, message: str, context: str = "") -> None:
    """Print an error as one line, with the offending SQL below it where there is any."""
    where = f"{place}: " if place else ""
    _print(f"pgtune: error: {visible_line(where + message)}")
    if context:
        _print(visible(context))


def show_tracebacks() -> None:
    """Print the traceback of each error from now on."""
    os.environ[_DEBUG_VARIABLE] = "1"


def say_traceback(error: BaseException) -> None:
    """Print where the error came from, if that was asked for."""
    if os.environ.get(_DEBUG_VARIABLE):
        traceback.print_exception(error)


def _print(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the one place for it


@contextmanager
def bar_on_terminal() -> Iterator[Callable[[str, float], None]]:
    """Yield ``report(doing, fraction)``: a bar on a terminal, nothing elsewhere."""
    if _quiet or not sys.stderr.isatty():
        yield lambda _doing, _fraction: None
        return
    with _bar() as report:
        yield report


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Yield ``report(doing, fraction)``: a bar on a terminal, plain lines elsewhere."""
    if _quiet or not sys.stderr.isatty():
        yield _PlainProgress()
        return
    with _bar() as report:
        yield report


class _PlainProgress:
    """Says each new step once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, doing: str, fraction: float) -> None:
        del fraction
        if doing not in self._said:
            self._said.add(doing)
            say(doing)


@contextmanager
def _bar() -> Iterator[Callable[[str, float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=1.0)

    def report(doing: str, fraction: float) -> None:
        bar.start()
        bar.update(task, description=doing, completed=fraction)

    try:
        yield report
    finally:
        bar.stop()
