"""A snapshot comes back from its file as it was, and any other file is refused in one line."""

from __future__ import annotations

import hashlib
import json
import stat
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pgtune.errors import InputError, UsageError
from pgtune.model.names import RelationName
from pgtune.model.snapshot import (
    ColumnStatistics,
    DatabaseLocale,
    ExtendedStatistics,
    Extension,
    IndexUsage,
    RelationState,
    Snapshot,
    StatementStatistics,
    TableUsage,
    Unseen,
)
from pgtune.sources.postgres import open_server
from pgtune.sources.snapshot_file import read_snapshot, write_snapshot
from tests.conftest import Database
from tests.postgres_server import embedded_binaries

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
TABLE = RelationName("s\u00e9", 'Odd "name"')
FULL = Snapshot(
    pgtune_version="0.2.0",
    taken_at=NOW,
    version_num=180006,
    database="shop, one",
    settings={"work_mem": "4MB"},
    extensions=(Extension("pg_trgm", "public", "1.6"),),
    ddl=("CREATE TABLE t ()", "\u2028"),
    relations=(RelationState(TABLE, "r", 3, 2, -1.0, 0, 0, 1), RelationState(TABLE, "i", 0, 0, 1.5, 0)),
    statistics=(ColumnStatistics(TABLE, "c", False, 0.1, 4, -0.5, "{a}", (0.25,), correlation=0.9999999),),
    extended_statistics=(ExtendedStatistics(TABLE, True, '{"1, 2": 3}'),),
    index_usage=(IndexUsage(TABLE, TABLE, 0, None, 8192),),
    table_usage=(TableUsage(TABLE, 1, 2, 3, 4, 5, 6, 7, 8, 9, NOW, None, "i", TABLE),),
    counted_since=NOW,
    standbys=0,
    in_recovery=True,
    statements=(StatementStatistics(-(2**63), "SELECT $1", 1, 0.5, 1),),
    statements_since=NOW,
    unseen=(Unseen("t", "no SELECT", TABLE),),
    redacted=True,
    locale=DatabaseLocale(provider="i", locale="de-DE"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a good snapshot in it."""
    path = tmp_path / "s.pgtune"
    write_snapshot(path, FULL)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_snapshot(path)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "; " in message
    return message.removeprefix(f"{path}: ")


def rewritten(path: Path, body: bytes) -> Path:
    """The file with another body, whose checksum is right."""
    first = path.read_bytes().split(b"\n", 1)[0] + b"\n"
    sum_of_both = hashlib.sha256(first + body).hexdigest()
    path.write_bytes(first + f"{len(body)} bytes, sha256 {sum_of_both}\n".encode() + body)
    return path


def with_content(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The file with JSON that *change* has changed, whose checksum is right."""
    content = json.loads(zlib.decompress(path.read_bytes().split(b"\n", 2)[2]))
    change(content)
    return rewritten(path, zlib.compress(json.dumps(content).encode()))


def test_everything_comes_back(file: Path) -> None:
    assert read_snapshot(file) == FULL


def test_a_real_snapshot_comes_back(database: Database, tmp_path: Path) -> None:
    with open_server(database.conninfo) as server:
        snapshot = server.snapshot(embedded_binaries())
    path = tmp_path / "real"
    assert write_snapshot(path, snapshot) == path.stat().st_size < 30_000
    assert read_snapshot(path) == snapshot


def test_the_first_line_is_for_people_and_the_file_for_its_owner(file: Path) -> None:
    assert file.read_bytes().split(b"\n")[0].decode() == (
        "pgtune snapshot, format 1, pgtune 0.2.0, PostgreSQL 18.6, database shop, one, "
        "taken 2026-11-20 08:30 UTC, redacted yes"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_database_name_cannot_break_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "s"
    odd = replace(FULL, database="a\nb\x1b[31m")
    write_snapshot(path, odd)
    assert b"database a?b?[31m, taken" in path.read_bytes().split(b"\n")[0]
    assert read_snapshot(path) == odd


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none/s: no such file or directory; "):
        write_snapshot(tmp_path / "none" / "s", FULL)


@pytest.mark.parametrize(
    "content", [b"", b"SELECT 1;\n", b"PGDMP\x01\x0e", b"\x80\x04\x95cos\nsystem\n(S'id'\ntR."]
)
def test_what_is_no_snapshot_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s"
    path.write_bytes(content)
    assert refusal(path).startswith("no pgtune snapshot; make one with ")


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").startswith("no such file or directory; ")
    assert refusal(tmp_path).startswith("is a directory; ")


@pytest.mark.parametrize(("number", "age"), [(0, "older"), (2, "newer"), (999_999_999, "newer")])
def test_another_format_names_the_pgtune_that_wrote_it(file: Path, number: int, age: str) -> None:
    file.write_bytes(file.read_bytes().replace(b"format 1", f"format {number}".encode(), 1))
    message = refusal(file)
    assert message.startswith(f"snapshot of format {number}, {age} than format 1 ")
    assert "use pgtune 0.2.0, which wrote it" in message


def test_every_cut_is_noticed(file: Path) -> None:
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        refusal(file)
    file.write_bytes(content[:-1])
    body = len(content.split(b"\n", 2)[2])
    assert refusal(file) == f"cut short, {body - 1} of {body} bytes are there; copy it again"


def test_every_changed_byte_is_noticed(file: Path) -> None:
    content = file.read_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1
        file.write_bytes(changed)
        refusal(file)
    file.write_bytes(content + b"\n")
    assert refusal(file).startswith("changed since it was written")


def remove(*path: str | int) -> Callable[[Any], object]:
    *parents, last = path

    def change(content: Any) -> None:
        for key in parents:
            content = content[key]
        del content[last]

    return change


def put(value: object, *path: str | int) -> Callable[[Any], object]:
    *parents, last = path

    def change(content: Any) -> None:
        for key in parents:
            content = content[key]
        content[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (remove("database"), "database is missing"),
        (remove("statistics", 0, "n_distinct"), "statistics[0].n_distinct is missing"),
        (put(1, "planet"), "planet is not known"),
        (put("1", "version_num"), "version_num is no whole number"),
        (put(True, "version_num"), "version_num is no whole number"),
        (put(1.5, "version_num"), "version_num is no whole number"),
        (put(None, "database"), "database is no text"),
        (put({}, "ddl"), "ddl is no list"),
        (put([1], "ddl"), "ddl[0] is no text"),
        (put("x", "relations", 0, "reltuples"), "relations[0].reltuples is no number"),
        (put(1, "in_recovery"), "in_recovery is no true or false"),
        (put("yesterday", "taken_at"), "taken_at is no time"),
        (put(5, "settings", "work_mem"), "settings.work_mem is no text"),
        (put([], "relations", 1, "name"), "relations[1].name is no object"),
    ],
)
def test_a_field_of_the_wrong_shape_is_named(file: Path, change: Callable[[Any], object], cause: str) -> None:
    assert refusal(with_content(file, change)).startswith(f"{cause}; take the snapshot anew")


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b'"\xff"', b"[" * 100_000, b'{"version_num": NaN}', b"1" * 5000]
)
def test_json_of_any_other_kind_is_refused(file: Path, text: bytes) -> None:
    assert "take the snapshot anew" in refusal(rewritten(file, zlib.compress(text)))


def test_what_cannot_be_unpacked_is_refused(file: Path) -> None:
    assert refusal(rewritten(file, b"not compressed")).startswith("its content cannot be unpacked; ")


def test_a_file_that_would_fill_the_memory_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgtune.sources.snapshot_file._MAX_BYTES", 2**20)
    bomb = zlib.compress(b" " * (2**20 + 1))
    assert refusal(rewritten(file, bomb)).startswith("more than 1 MB when unpacked; ")
