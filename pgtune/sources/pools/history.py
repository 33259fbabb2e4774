"""A file of earlier runs, one JSON object a line, in; one server's samples out. One more can be appended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from pgtune.errors import InputError, system_cause
from pgtune.model.pools.counters import Sample, SessionCounters
from pgtune.sources.typed_json import WrongShape, from_json, to_json
from pgtune.sources.whole_file import write_whole

MAX_SAMPLES = 1000  # of one server; chosen: a run an hour for six weeks, some 300 kB


@dataclass(frozen=True, slots=True)
class _Client:
    role: str
    application_name: str
    sessions: int
    idle_over_an_hour: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A Sample as it is written."""

    taken_at: datetime
    server: str
    sessions: int
    idle_in_transaction: int
    idle_over_an_hour: int
    by_client: tuple[_Client, ...]
    counters: SessionCounters | None


def read_history(path: Path, server: str) -> tuple[Sample, ...]:
    """Return the samples of *server*, the oldest first; none when there is no such file yet.

    Raises:
        InputError: the file or a line of it cannot be read.
    """
    samples = (_sample(line) for _, line in _read(path) if line.server == server)
    return tuple(sorted(samples, key=lambda sample: sample.taken_at))


def append_sample(path: Path, sample: Sample) -> None:
    """Add *sample* to the file, whole or not at all; the server's oldest go where it has too many.

    Raises:
        InputError: the file or a line of it cannot be read; nothing is written then.
        UsageError: it cannot be written.
    """
    written = _read(path)
    own = [number for number, (_, line) in enumerate(written) if line.server == sample.server]
    dropped = set(own[: max(0, len(own) + 1 - MAX_SAMPLES)])
    kept = [text for number, (text, _) in enumerate(written) if number not in dropped]
    content = "".join(f"{text}\n" for text in (*kept, _text(sample)))
    write_whole(path, content.encode(), private=True)  # it names roles


def _read(path: Path) -> Sequence[tuple[str, _Line]]:
    """Each line as written, and what it says; blank lines are passed over."""
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        _refuse(path, content_line=1 + error.object[: error.start].count(b"\n"), cause="not UTF-8")
    except OSError as error:
        raise InputError(f"{path}: {system_cause(error)}; check the path and its permissions") from error
    lines = enumerate(content.split("\n"), start=1)
    return [(text, _parse(path, number, text)) for number, text in lines if text.strip()]


def _parse(path: Path, number: int, text: str) -> _Line:
    try:
        line = from_json(_Line, json.loads(text))
    except WrongShape as error:
        _refuse(path, number, str(error))
    except (ValueError, RecursionError):
        _refuse(path, number, "no JSON")
    if line.taken_at.tzinfo is None:
        _refuse(path, number, "taken_at has no time zone")
    return line


def _refuse(path: Path, content_line: int, cause: str) -> NoReturn:
    raise InputError(
        f"{path}:{content_line}: no sample of pgtune's ({cause}); "
        "correct or remove the line, or name another history file"
    )


def _text(sample: Sample) -> str:
    line = _Line(
        taken_at=sample.taken_at,
        server=sample.server,
        sessions=sample.sessions,
        idle_in_transaction=sample.idle_in_transaction,
        idle_over_an_hour=sample.idle_over_an_hour,
        by_client=tuple(_Client(*client) for client in sample.by_client),
        counters=sample.counters,
    )
    return json.dumps(to_json(line), allow_nan=False)


def _sample(line: _Line) -> Sample:
    return Sample(
        taken_at=line.taken_at,
        server=line.server,
        sessions=line.sessions,
        idle_in_transaction=line.idle_in_transaction,
        idle_over_an_hour=line.idle_over_an_hour,
        by_client=tuple(
            (each.role, each.application_name, each.sessions, each.idle_over_an_hour)
            for each in line.by_client
        ),
        counters=line.counters,
    )
