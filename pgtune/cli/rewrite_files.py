"""Rewrite advice in, a directory of scripts out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pgtune.cli.output import write_file
from pgtune.cli.screen import say
from pgtune.errors import UsageError, system_cause
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.quantities import count_of
from pgtune.report.rewrite_advice_loops import is_offered
from pgtune.report.rewrite_advice_sql import (
    MARKDOWN_MARK,
    SQL_MARK,
    loop_code,
    loop_script,
    rewrite_script,
)

MAX_SLUG_CHARACTERS = 60  # of a query's name in a file's; chosen


def write_rewrites(directory: Path, advice: RewriteAdvice) -> None:
    """Write a script for each rewrite and each loop that is offered, and the code that calls a batch.

    They are numbered as in the report. What an earlier run wrote is written over; other files are left alone.

    Raises:
        UsageError: a file of that name is not pgtune's, or the directory cannot be written.
    """
    files = {directory / name: text for name, text in _files(advice)}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        foreign = [path for path in files if path.exists() and not _is_ours(path)]
    except OSError as error:
        raise UsageError(f"--out {directory}: {system_cause(error)}; name another directory") from error
    if foreign:
        raise UsageError(f"{foreign[0]}: not written by pgtune; name another directory with --out")
    for path, text in files.items():
        write_file(path, text)
    say(f"{count_of(len(files), 'file', 'files')} written to {directory}")


def _files(advice: RewriteAdvice) -> Iterator[tuple[str, str]]:
    for number, rewrite in enumerate(advice.rewrites, 1):
        name = f"{number:02}-{rewrite.applied[0].rule}-{_slug(rewrite.query.name)}.sql"
        yield name, rewrite_script(rewrite, advice)
    for number, loop in enumerate(advice.loops, len(advice.rewrites) + 1):
        if loop.batch is None or not is_offered(loop):
            continue
        stem = f"{number:02}-{loop.rule}"
        yield f"{stem}.sql", loop_script(loop, loop.batch, advice)
        if loop.batch.calls:
            yield f"{stem}.md", loop_code(loop, loop.batch, advice)


def _slug(name: str) -> str:
    """Letters, digits and dashes: "queries/a.sql:12" becomes "queries-a-12"."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower().replace(".sql", "")).strip("-")
    return words[-MAX_SLUG_CHARACTERS:].strip("-") or "query"


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline().startswith((SQL_MARK, MARKDOWN_MARK))
