"""The command of a container in, the processes and threads that it starts out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_SERVERS = re.compile(r"\b(gunicorn|uvicorn|hypercorn|granian|puma)\b")
_PROCESSES = ("--workers", "-w")
_THREADS = ("--threads",)


def split_command(words: Sequence[str]) -> tuple[str, ...]:
    """Return single words, also of a command that a shell is to run ("sh", "-c", "gunicorn -w 4")."""
    text = " ".join(words)
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def starts_workers(command: Sequence[str]) -> bool:
    """True for a server whose options tell its processes."""
    return _SERVERS.search(" ".join(command)) is not None


def processes_of(command: Sequence[str]) -> int | None:
    """Processes that the options ask for; None where they say nothing, or name a variable."""
    return _option(command, _PROCESSES)


def threads_of(command: Sequence[str]) -> int | None:
    """Threads of each process that the options ask for."""
    return _option(command, _THREADS)


def _option(command: Sequence[str], names: tuple[str, ...]) -> int | None:
    for position, word in enumerate(command):
        name, _, value = word.partition("=")
        if name not in names:
            continue
        text = value or (command[position + 1] if position + 1 < len(command) else "")
        if text.isascii() and text.isdigit() and int(text):
            return int(text)
    return None
