"""What a benchmark measured, as a table of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MIB = 2**20
_END = "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Options:
    """Databases to measure on."""

    tpch: str | None = None  # connection string of TPC-H, scale 1; indexes are built in it and dropped again
    elder: str | None = None  # of the same on an older major; it is only read


Row = Sequence[str]
Measure = Callable[[Options], Iterator[Row]]


class Section(NamedTuple):
    """One table and how its rows are measured; ``python -m tests.bench NAME`` runs it alone."""

    name: str
    columns: Row
    measure: Measure


def figure(what: str, result: str, goal: str = "") -> Row:
    """A row of FIGURE_COLUMNS."""
    return (what, result, goal)


FIGURE_COLUMNS = ("what", "result", "goal")


def markdown(section: Section, rows: Iterator[Row]) -> Iterator[str]:
    """Yield the lines of the table as they are measured; all columns but the first are to the right."""
    yield f"On {machine()}:"
    yield ""
    yield _line(section.columns)
    yield _line(["---", *("---:" for _ in section.columns[1:])])
    yield from map(_line, rows)


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def write_results(page: Path, section: Section, lines: Sequence[str]) -> None:
    """Put the lines between the marks of the section.

    Raises:
        ValueError: the page has no such marks.
    """
    begin = f"<!-- results of {section.name} -->\n"
    text = page.read_text(encoding="utf-8")
    marks = re.compile(f"{re.escape(begin)}.*?{re.escape(_END)}", re.DOTALL)
    body = "\n".join(lines)
    written, count = marks.subn(lambda _match: f"{begin}{body}\n{_END}", text)
    if count != 1:
        raise ValueError(f"{page}: {count} places for the results of {section.name}")
    page.write_text(written, encoding="utf-8")


def machine() -> str:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{os.cpu_count()} cores, {memory_bytes / 2**30:.0f} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {time.strftime('%Y-%m-%d', time.gmtime())}"
    )
