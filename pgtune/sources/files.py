"""A path or standard input in, text out; says at which byte a file stops being text."""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from pgtune.errors import InputError, system_cause

STDIN = "-"
_STDIN_NAME = "standard input"

# A PowerShell redirect writes UTF-16; the byte order mark tells.
_ENCODING_BY_MARK = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP_MARK = b"\x1f\x8b"
_SQL_ITSELF = re.compile(r"\s*(select|with|insert|update|delete|merge|explain)\s", re.IGNORECASE)
_CHUNK_BYTES = 1 << 18  # chosen: some 20 MB of line objects per 1 MiB would be the price of more


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that has been read."""

    name: str  # the path as given, or "standard input"
    text: str


def find_inputs(path: str) -> tuple[str, ...]:
    """Return *path* itself, or for a directory its visible ``.sql`` files at any depth, sorted.

    Raises:
        InputError: an empty name, or a directory that holds no SQL or a part that cannot be read.
    """
    if not path:
        raise InputError("empty file name; name a file, a directory, or - for standard input")
    if path == STDIN or not os.path.isdir(path):  # noqa: PTH112 - see _is_file
        return (path,)
    found = sorted(_sql_files(path))
    if not found:
        raise InputError(f"{path}: no .sql file in this directory; name a file, or another directory")
    return tuple(str(file) for file in found)


def is_regular_file(path: str) -> bool:
    """True for what can be read twice: a file, or a link to one; False for standard input, pipes, devices."""
    return path != STDIN and _is_file(path)


def read_input(path: str) -> InputFile:
    """Read *path*, or standard input for ``-``, as a whole.

    Raises:
        InputError: missing, unreadable, a directory, empty, binary, or not UTF-8 nor UTF-16 with its mark.
    """
    name = _STDIN_NAME if path == STDIN else path
    with _opened(path) as stream:
        content = stream.read()
    text = _decode(content, name)
    if not text.strip():
        raise InputError(f"{name}: nothing in it; give SQL, a plan or a server log")
    return InputFile(name, text)


def open_lines(path: str) -> Iterator[str]:
    """Yield the lines of *path*, or standard input for ``-``, with their line feeds, never holding it all.

    Logs may mix encodings, one per database: a byte that is not UTF-8 becomes U+FFFD.

    Raises:
        InputError: missing, unreadable, or a directory.
    """
    with _opened(path) as stream:
        head = stream.read(_CHUNK_BYTES)
        decoder = codecs.getincrementaldecoder(_encoding(head))(errors="replace")
        begun: list[str] = []  # pieces of the line that the last chunk ended in: joined once, however long
        while head:
            first, *others = decoder.decode(head).split("\n")
            begun.append(first)
            if others:
                yield "".join(begun) + "\n"
                yield from (line + "\n" for line in others[:-1])
                begun = others[-1:]
            head = stream.read(_CHUNK_BYTES)
        if last := "".join(begun) + decoder.decode(b"", final=True):
            yield last


def _sql_files(directory: str) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if file.suffix.lower() == ".sql" and not name.startswith(".") and _is_file(file):
                yield file


def _is_file(path: str | Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - False where we may not look; Path.is_file raises there


def _refuse(error: OSError) -> NoReturn:
    """A part that cannot be read is not passed over: its queries would seem to be checked."""
    raise InputError(f"{error.filename}: {system_cause(error)}; check its permissions") from error


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == STDIN:
        if sys.stdin is None:
            raise InputError("standard input: closed; name a file")
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except IsADirectoryError:
        raise InputError(f"{path}: a directory; name a file in it") from None
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_next_step(path)}") from None
    except PermissionError as error:
        raise InputError(f"{path}: {system_cause(error)}; check its permissions") from error
    except OSError as error:
        raise InputError(f"{path}: {system_cause(error)}; {_next_step(path)}") from error


def _next_step(path: str) -> str:
    if _SQL_ITSELF.match(path):
        return "to explain SQL itself, pipe it: echo 'SELECT ...' | pgtune explain -"
    return "check the path"


def _encoding(head: bytes) -> str:
    return next((encoding for mark, encoding in _ENCODING_BY_MARK if head.startswith(mark)), "utf-8")


def _decode(content: bytes, name: str) -> str:
    encoding = _encoding(content)
    if content.startswith(_GZIP_MARK):
        raise InputError(f"{name}: compressed; unpack it, for example with zcat FILE | pgtune explain -")
    if encoding != "utf-16" and (offset := content.find(0)) >= 0:
        raise InputError(f"{name}: binary, NUL at byte {offset}; give SQL, a plan or a server log as text")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not {error.encoding.upper()}, byte {error.start} is 0x{content[error.start]:02x}; "
            "convert it, for example with iconv -t UTF-8"
        ) from None
