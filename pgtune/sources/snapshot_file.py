"""A Snapshot in, one file out, and back.

The first line is for people: ``pgtune snapshot, format 1, pgtune 0.1, PostgreSQL 18.6, ...``.
The second holds the number of bytes that follow and the SHA-256 of the first line and these bytes; they are
JSON, compressed by zlib. The sum tells accidents; it is no signature, so the reader trusts nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import NoReturn

from pgtune.errors import InputError, system_cause
from pgtune.model.snapshot import Snapshot
from pgtune.sources.typed_json import WrongShape, from_json, to_json
from pgtune.sources.whole_file import write_whole

FORMAT = 1
_MAX_BYTES = 2**30  # chosen: 1 GiB of JSON is a million columns; more is a trap for whoever reads it
_LEVEL = 9
_FIRST_LINE = re.compile(rb"pgtune snapshot, format (\d{1,9}), pgtune ([^,\n]+), [^\n]*\n")
_SECOND_LINE = re.compile(rb"(\d{1,18}) bytes, sha256 ([0-9a-f]{64})\n")
_ANEW = "take the snapshot anew: pgtune snapshot"


def write_snapshot(path: Path, snapshot: Snapshot) -> int:
    """Write *snapshot* to *path*, whole or not at all, for its owner alone; return its size in bytes.

    Raises:
        UsageError: it cannot be written.
    """
    text = json.dumps(to_json(snapshot), separators=(",", ":"), allow_nan=False)
    first = _first_line(snapshot)
    body = zlib.compress(text.encode("ascii"), _LEVEL)
    second = f"{len(body)} bytes, sha256 {_checksum(first, body)}\n".encode()
    content = first + second + body
    write_whole(path, content, private=True)
    return len(content)


def read_snapshot(path: Path) -> Snapshot:
    """Return the snapshot that *path* holds.

    Raises:
        InputError: unreadable, no snapshot, of another format, cut short, changed, or not in its shape.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {system_cause(error)}; check the path") from error
    first = _FIRST_LINE.match(content)
    if first is None:
        _refuse(path, "no pgtune snapshot", "make one with pgtune snapshot --out FILE")
    _require_format(path, int(first[1]), first[2].decode(errors="replace"))
    return _parse(path, _unpacked(path, content, first.end()))


def _require_format(path: Path, number: int, writer: str) -> None:
    if number != FORMAT:
        age = "newer" if number > FORMAT else "older"
        _refuse(
            path,
            f"snapshot of format {number}, {age} than format {FORMAT} that this pgtune reads",
            f"use pgtune {writer}, which wrote it, or {_ANEW}",
        )


def _unpacked(path: Path, content: bytes, begin: int) -> str:
    second = _SECOND_LINE.match(content, begin)
    if second is None:
        _refuse(path, "changed or cut short since it was written (no checksum)", "copy it again")
    body = content[second.end() :]
    if len(body) < int(second[1]):
        _refuse(path, f"cut short, {len(body)} of {int(second[1])} bytes are there", "copy it again")
    if len(body) > int(second[1]) or _checksum(content[:begin], body) != second[2].decode():
        _refuse(path, "changed since it was written (its checksum is another)", "copy it again")
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(body, _MAX_BYTES)
    except zlib.error:
        _refuse(path, "its content cannot be unpacked", _ANEW)
    if not unpacker.eof:
        _refuse(path, f"more than {_MAX_BYTES // 2**20} MB when unpacked", _ANEW)
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        _refuse(path, "its content is no JSON", _ANEW)


def _parse(path: Path, text: str) -> Snapshot:
    try:
        return from_json(Snapshot, json.loads(text, parse_constant=_no_number))
    except WrongShape as error:
        _refuse(path, str(error), _ANEW)
    except (ValueError, RecursionError):
        _refuse(path, "its content is no JSON", _ANEW)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _refuse(path: Path, cause: str, remedy: str) -> NoReturn:
    raise InputError(f"{path}: {cause}; {remedy}")


def _first_line(snapshot: Snapshot) -> bytes:
    major, minor = divmod(snapshot.version_num, 10000)
    database = "".join(char if char.isprintable() else "?" for char in snapshot.database)
    parts = (
        "pgtune snapshot",
        f"format {FORMAT}",
        f"pgtune {snapshot.pgtune_version}",
        f"PostgreSQL {major}.{minor}",
        f"database {database}",
        f"taken {snapshot.taken_at:%Y-%m-%d %H:%M} UTC",
        f"redacted {'yes' if snapshot.redacted else 'no'}",
    )
    return (", ".join(parts) + "\n").encode()


def _checksum(first_line: bytes, body: bytes) -> str:
    return hashlib.sha256(first_line + body).hexdigest()
