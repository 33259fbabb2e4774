"""Markdown in, the summary of a GitHub Actions step out, where one is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from pgtune.cli.standard_output import encode_document
from pgtune.errors import UsageError, system_cause

VARIABLE = "GITHUB_STEP_SUMMARY"
MAX_BYTES = 1024 * 1024  # of a step; GitHub drops the whole summary of more
_CUT = b"\n\nThe rest does not fit into the summary; --report markdown=FILE has it.\n"


def append_step_summary(markdown: str) -> None:
    """Append to the file that GitHub names, cut at a line where there is too much; else do nothing.

    Raises:
        UsageError: the file cannot be written.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return
    path = Path(name)
    try:
        taken = path.stat().st_size if path.exists() else 0
        with path.open("ab") as summary:
            summary.write(_fitting(encode_document(markdown), MAX_BYTES - taken))
    except OSError as error:
        raise UsageError(f"{VARIABLE}: {path}: {system_cause(error)}; unset it or mend the path") from error


def _fitting(content: bytes, room_bytes: int) -> bytes:
    """As many whole lines as there is room for."""
    if len(content) <= room_bytes:
        return content
    kept = content[: max(0, room_bytes - len(_CUT))].rpartition(b"\n")[0]
    return kept + _CUT if kept else b""
