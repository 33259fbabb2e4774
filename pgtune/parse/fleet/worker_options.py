"""The command of a container in, the processes and threads that it starts out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

_SHELL_OPERATORS = frozenset({"&&", "||", ";", "|", "&"})
_CELERY_WORKER = "worker"


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of one server; ``elsewhere`` names those that say where the figures are instead."""

    processes: tuple[str, ...]
    threads: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


_GUNICORN = _Options(("--workers", "-w"), ("--threads",), ("--config", "-c"))
_CELERY = _Options(("--concurrency", "-c"))
_SERVERS: Mapping[str, _Options] = {
    "gunicorn": _GUNICORN,
    "uvicorn": _Options(("--workers",)),
    "fastapi": _Options(("--workers",)),
    "hypercorn": _Options(("--workers", "-w"), (), ("--config", "-c")),
    "granian": _Options(("--workers",)),
    "puma": _Options(("--workers", "-w")),
    "uwsgi": _Options(("--processes", "--workers", "-p"), ("--threads",), ("--ini",)),
    "celery": _CELERY,
    "pm2": _Options(("--instances", "-i")),
    "pm2-runtime": _Options(("--instances", "-i")),
}
_POOLS_OF_THREADS = frozenset({"threads", "gevent", "eventlet", "solo"})  # of celery --pool


@dataclass(frozen=True, slots=True)
class Workers:
    """What a command starts; None where it does not say. ``unknown``: why it is hidden."""

    processes: int | None = None
    threads: int | None = None
    unknown: str | None = None


def split_command(words: Sequence[str]) -> tuple[str, ...]:
    """Return single words, also of a command that a shell is to run ("sh", "-c", "gunicorn -w 4")."""
    text = " ".join(words)
    try:
        split = shlex.split(text)
    except ValueError:
        split = text.split()
    return tuple(part for word in split for part in word.split())


def read_workers(command: Sequence[str]) -> Workers:
    """Read the options of the first server among single words; of anything else nothing is known."""
    for position, word in enumerate(command):
        server = PurePosixPath(word).name
        if server in _SERVERS:
            return _workers(server, tuple(_until_operator(command[position + 1 :])))
    return Workers()


def _until_operator(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word in _SHELL_OPERATORS:
            return
        yield word.rstrip(";")


def _workers(server: str, words: tuple[str, ...]) -> Workers:
    options = _SERVERS[server]
    if options is _CELERY:
        return _celery(words)
    threads = _number(_option(words, options.threads))
    asked = _option(words, options.processes)
    if asked is not None and _number(asked) is None:
        return Workers(None, threads, f"{server} takes its number of processes from elsewhere")
    if asked is None and _option(words, options.elsewhere) is not None:
        return Workers(None, threads, f"{server} has a file of settings, which is not read")
    return Workers(_number(asked), threads)


def _celery(words: tuple[str, ...]) -> Workers:
    if _CELERY_WORKER not in words:
        return Workers()
    asked = _option(words, _CELERY.processes)
    count = _number(asked)
    if _option(words, ("--pool", "-P")) in _POOLS_OF_THREADS:
        return Workers(1, count)
    if count is None:
        return Workers(None, None, "celery starts a process for each CPU unless --concurrency is a number")
    return Workers(count)


def _option(words: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    """The text behind one of the options, also in the forms --workers=4 and -w4; None without any of them."""
    for position, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name in names:
            return value if sign else next(iter(words[position + 1 : position + 2]), "")
        short = word[:2]
        if short in names and word[2:].isdigit():
            return word[2:]
    return None


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text or "") or None if is_number else None
