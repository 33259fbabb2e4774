"""Files written by hand are ones that the server reads, and of the length that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgtune.embedded.account import server_account
from pgtune.model.index_shape import BLOCK_BYTES, IndexSize
from pgtune.shadow.files import btree_file, gin_file, hollow_files
from tests.postgres_server import PostgresServer
from tests.shadow.hollow_copies import connect, unchecked_server

Session = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def unchecked() -> Iterator[PostgresServer]:
    with unchecked_server() as server:
        yield server


@pytest.fixture
def session(unchecked: PostgresServer) -> Iterator[Session]:
    with connect(unchecked.conninfo()) as connection:
        connection.execute(
            "CREATE EXTENSION IF NOT EXISTS amcheck; CREATE EXTENSION IF NOT EXISTS pageinspect"
        )
        connection.execute("CREATE TABLE things (id int, tags text[])")
        yield connection
        connection.execute("DROP TABLE things")


def _file(unchecked: PostgresServer, session: Session, relation: str) -> Path:
    row = session.execute("SELECT pg_relation_filepath(%s::regclass)", [relation]).fetchone()
    assert row is not None
    return unchecked.directory / "data" / str(row[0])


@pytest.mark.parametrize("height", range(5))
def test_the_server_finds_a_hollow_btree_valid(
    height: int, unchecked: PostgresServer, session: Session
) -> None:
    session.execute("CREATE INDEX things_id ON things (id)")
    file = _file(unchecked, session, "things_id")
    owner, mode = file.stat().st_uid, file.stat().st_mode
    btree_file.write_tree(file, 50, height, server_account())
    assert session.execute(
        "SELECT fastlevel, level, allequalimage FROM bt_metap('things_id')"
    ).fetchone() == (
        height,
        height,
        True,
    )
    session.execute("SELECT bt_index_parent_check('things_id', true, true)")
    session.execute("SET enable_seqscan = off")
    assert session.execute("SELECT count(*) FROM things WHERE id BETWEEN 3 AND 9").fetchone() == (0,)
    session.execute("EXPLAIN SELECT FROM things WHERE id > 10 ORDER BY id DESC")
    assert session.execute("SELECT pg_relation_size('things_id') / 8192").fetchone() == (50,)
    assert (file.stat().st_uid, file.stat().st_mode) == (owner, mode)


def test_a_btree_is_never_shorter_than_its_levels(unchecked: PostgresServer, session: Session) -> None:
    session.execute("CREATE INDEX things_id ON things (id)")
    btree_file.write_tree(_file(unchecked, session, "things_id"), 1, 3, server_account())
    assert session.execute("SELECT pg_relation_size('things_id') / 8192").fetchone() == (5,)


def test_what_is_no_btree_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "16384"
    file.write_bytes(b"\1" * BLOCK_BYTES)
    with pytest.raises(ValueError, match="no B-tree of version 4"):
        btree_file.write_tree(file, 10, 1, None)
    with pytest.raises(ValueError, match="no GIN index of version 2"):
        gin_file.write_meta(file, IndexSize(10, 0, 1.0), None)
    assert file.read_bytes() == b"\1" * BLOCK_BYTES


def test_the_server_reads_the_counts_of_a_gin_metapage(unchecked: PostgresServer, session: Session) -> None:
    session.execute("CREATE INDEX things_tags ON things USING gin (tags)")
    session.execute("CHECKPOINT")
    file = _file(unchecked, session, "things_tags")
    gin_file.write_meta(file, IndexSize(90, 0, 1e6, entry_blocks=60, data_blocks=29, items=4_000), None)
    page = file.read_bytes()[:BLOCK_BYTES]
    counts = session.execute(
        "SELECT n_pending_pages, n_total_pages, n_entry_pages, n_data_pages, n_entries, version "
        "FROM gin_metapage_info(%s)",
        [page],
    ).fetchone()
    assert counts == (0, 90, 60, 29, 4_000, 2)


def test_segments_grow_shrink_and_take_no_disk(tmp_path: Path) -> None:
    file = tmp_path / "16384"
    file.write_bytes(b"")
    second = tmp_path / "16384.1"
    hollow_files.extend(file, hollow_files.SEGMENT_BLOCKS + 7, None)
    assert file.stat().st_size == 1 << 30
    assert second.stat().st_size == 7 * BLOCK_BYTES
    assert file.stat().st_blocks == second.stat().st_blocks == 0
    hollow_files.extend(file, 3, None)
    assert (file.stat().st_size, second.stat().st_size) == (3 * BLOCK_BYTES, 0)


def test_the_server_counts_the_blocks_of_three_segments(unchecked: PostgresServer, session: Session) -> None:
    file = _file(unchecked, session, "things")
    blocks = 2 * hollow_files.SEGMENT_BLOCKS
    hollow_files.extend(file, blocks, server_account())
    assert file.with_name(f"{file.name}.1").stat().st_uid == file.stat().st_uid
    plan = session.execute("EXPLAIN (FORMAT JSON) SELECT FROM things").fetchone()
    with connect(unchecked.conninfo()) as fresh:
        assert fresh.execute("EXPLAIN (FORMAT JSON) SELECT FROM things").fetchone() == plan
        assert fresh.execute("SELECT pg_relation_size('things') / 8192").fetchone() == (blocks,)
    hollow_files.empty(file)
    with connect(unchecked.conninfo()) as fresh:
        assert fresh.execute("SELECT count(*) FROM things").fetchone() == (0,)
