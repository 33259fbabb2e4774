"""A baseline file in, a Baseline out, and back: JSON, sorted, so that a change is a few lines of a diff."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pgtune.errors import InputError, system_cause
from pgtune.model.baseline import Baseline, BaselineEntry
from pgtune.sources.whole_file import write_whole

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning


def read_baseline(path: Path) -> Baseline:
    """Return what the file accepts; an empty file accepts nothing.

    Raises:
        InputError: it is missing, cannot be read, or is no baseline of this version.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; pgtune baseline update writes it") from error
    except OSError as error:
        raise InputError(f"{path}: {system_cause(error)}; check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: no UTF-8; name a file of pgtune baseline update") from error
    return _parse(path, content) if content.strip() else Baseline()


def _parse(path: Path, content: str) -> Baseline:
    try:
        document = json.loads(content)
        if document["schema_version"] != SCHEMA_VERSION:
            raise InputError(
                f"{path}: version {document['schema_version']} of the format, not {SCHEMA_VERSION};"
                " use the pgtune that wrote it"
            )
        return Baseline(tuple(_entry(entry) for entry in document["entries"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: no baseline ({type(error).__name__}: {error}); name a file of pgtune baseline update"
        ) from error


def _entry(entry: Mapping[str, Any]) -> BaselineEntry:
    expires = entry.get("expires")
    return BaselineEntry(
        command=str(entry["command"]),
        rule=str(entry["rule"]),
        key=str(entry["key"]),
        accepted=date.fromisoformat(entry["accepted"]),
        expires=None if expires is None else date.fromisoformat(expires),
        message=str(entry.get("message", "")),
        file=entry.get("file"),
        reason=str(entry.get("reason", "")),
    )


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write the file, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "entries": [_to_json(entry) for entry in baseline.entries],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def _to_json(entry: BaselineEntry) -> Mapping[str, Any]:
    return {
        "command": entry.command,
        "rule": entry.rule,
        "key": entry.key,
        "file": entry.file,
        "accepted": entry.accepted.isoformat(),
        "expires": None if entry.expires is None else entry.expires.isoformat(),
        "message": entry.message,
        "reason": entry.reason,
    }
