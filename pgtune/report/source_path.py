"""The name of an input in, its path as CI systems take it out: POSIX, relative to the working directory."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath

_PLAN = re.compile(r" \(plan \d+\)$")  # of a file with several plans
_NO_FILES = frozenset({"standard input", "server", "-", ""})


def source_path(name: str) -> str | None:
    """Return "queries/a.sql" for what the user named; None for what is no file below the directory."""
    if name in _NO_FILES:
        return None
    path = PurePath(_PLAN.sub("", name))
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return None
    normal = PurePath(os.path.normpath(path))
    return None if normal.parts[:1] == ("..",) else normal.as_posix()
