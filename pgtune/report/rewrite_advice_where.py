"""The name of a statement or the place of a loop in; file and lines out, as annotations want them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pgtune.model.loop import Loop, LoopOrigin

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?:-(?P<end>\d+))?(?: \(.*\))?")


def where_of_query(name: str, line: int | None) -> Mapping[str, Any]:
    """Return file and 1-based line; both None for a statement that stands in no file."""
    file = None if line is None else name.removesuffix(f":{line}")
    return {"place": name, "file": file, "line": line, "end_line": None}


def where_of_loop(loop: Loop) -> Mapping[str, Any]:
    """Return file, first and last line; None for what counters show."""
    found = None if loop.origin is LoopOrigin.STATEMENTS else _PLACE.fullmatch(loop.place)
    if found is None:
        return {"place": loop.place, "file": None, "line": None, "end_line": None}
    end = found["end"]
    return {
        "place": loop.place,
        "file": found["file"],
        "line": int(found["line"]),
        "end_line": None if end is None else int(end),
    }
