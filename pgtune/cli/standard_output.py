"""Standard output: text in any alphabet in, bytes that the terminal, pipe or disk behind it takes out."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pgtune.errors import UsageError, system_cause

SIGPIPE_EXIT = 141  # 128 + SIGPIPE: the reader of our output went away
_IN_ASCII = "pgtune-in-ascii"
# What trees and figures are drawn with, one cell for one cell.
_GROUPS = {
    "-": "─–",
    "|": "│├┤",
    "+": "╭╮╰╯┬┴┼",
    "`": "└",
    "~": "…⋯",
    "x": "×",
    "/": "÷",
    ".": "▏▎▍",
    ":": "▌▋▊▉",
    "#": "█",
}
_DRAWN = {ord(drawn): ascii_cell for ascii_cell, group in _GROUPS.items() for drawn in group}


def take_any_text() -> None:
    """Keep an encoding that lacks a character from ending the program (LC_ALL=C, PYTHONIOENCODING=ascii)."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_IN_ASCII)


def print_result(text: str) -> None:
    """Write text for people, in the encoding of the locale.

    Raises:
        UsageError: standard output is closed, or its disk full.
    """
    with _standard_output() as stream:
        _write_all(stream, text.encode(stream.encoding, _IN_ASCII))


def write_document(text: str) -> None:
    """Write text for programs: UTF-8 whatever the locale, as it would be in a file.

    Raises:
        UsageError: standard output is closed, or its disk full.
    """
    with _standard_output() as stream:
        _write_all(stream, encode_document(text))


def encode_document(text: str) -> bytes:
    r"""Return UTF-8; a byte of a file name that was none stands as ``\udcff``, which JSON reads back."""
    return text.encode("utf-8", "backslashreplace")


@contextmanager
def printing() -> Iterator[None]:
    """Let the body print to standard output by itself, as rich does on a terminal.

    Raises:
        UsageError: standard output is closed, or its disk full.
    """
    with _standard_output():
        yield


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    if sys.stdout is None:
        raise UsageError("standard output: closed; give the report a file: --report FORMAT=FILE")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
        raise SystemExit(SIGPIPE_EXIT) from None
    except OSError as error:
        _discard_the_rest()
        raise UsageError(
            f"standard output: {system_cause(error)}; give the report a file: --report FORMAT=FILE"
        ) from error


def _write_all(stream: TextIO, content: bytes) -> None:
    """Unbuffered (PYTHONUNBUFFERED), one write may take a part only, and the next one says why."""
    stream.flush()
    rest = memoryview(content)
    while rest:
        rest = rest[stream.buffer.write(rest) :]


def _discard_the_rest() -> None:
    """Python writes its buffer once more at exit, which would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    drawn = error.object[error.start : error.end].translate(_DRAWN)
    return drawn.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error(_IN_ASCII, _in_ascii)
