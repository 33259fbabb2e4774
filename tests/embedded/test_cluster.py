"""One throw-away cluster, as the sample and others use it."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from sample_process import cluster_in

from pgtune.embedded import directories
from pgtune.embedded.cluster import THROW_AWAY_SETTINGS
from pgtune.errors import EmbeddedError


def show(conninfo: str, setting: str) -> str:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def test_it_listens_on_a_private_socket_and_on_no_port(cache: Path) -> None:
    cluster = cluster_in(cache)
    cluster.create()
    cluster.start(THROW_AWAY_SETTINGS)
    host = cluster.connection("postgres")["host"]
    assert Path(host).stat().st_mode & 0o777 == 0o700
    assert show(cluster.conninfo("postgres"), "listen_addresses") == ""


def test_settings_are_those_of_the_last_start(cache: Path) -> None:
    cluster = cluster_in(cache)
    cluster.create()
    for work_mem in ("1MB", "2MB"):
        cluster.start({**THROW_AWAY_SETTINGS, "work_mem": work_mem})
        assert show(cluster.conninfo("postgres"), "work_mem") == work_mem
        cluster.stop()


def test_two_clusters_run_side_by_side(cache: Path) -> None:
    clusters = [cluster_in(cache, "sample"), cluster_in(cache, "unfinished")]
    for cluster in clusters:
        cluster.create()
        cluster.start(THROW_AWAY_SETTINGS)
    data = [show(cluster.conninfo("postgres"), "data_directory") for cluster in clusters]
    assert data == [str(cluster.data) for cluster in clusters]


def test_without_sockets_it_asks_for_a_password_on_localhost(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directories, "MAX_SOCKET_PATH_BYTES", 1)
    cluster = cluster_in(cache)
    cluster.create()
    cluster.start(THROW_AWAY_SETTINGS)
    parameters = cluster.connection("postgres")
    assert parameters["host"] == "127.0.0.1"
    assert show(cluster.conninfo("postgres"), "listen_addresses") == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**parameters, "password": "wrong"})  # type: ignore[arg-type] # keywords of libpq
    assert (cluster.data.parent / "sample.password").stat().st_mode & 0o777 == 0o600


def test_a_setting_that_the_server_refuses_is_shown_in_its_words(cache: Path) -> None:
    cluster = cluster_in(cache)
    cluster.create()
    with pytest.raises(EmbeddedError, match='FATAL:  could not access file "no_such_library"'):
        cluster.start({"shared_preload_libraries": "no_such_library"})


def test_a_stopped_cluster_has_no_connection_string(cache: Path) -> None:
    cluster = cluster_in(cache)
    cluster.create()
    with pytest.raises(EmbeddedError, match="not running"):
        cluster.conninfo("postgres")


def test_variables_of_libpq_do_not_reach_the_server(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    cluster = cluster_in(cache)
    cluster.create()
    cluster.start(THROW_AWAY_SETTINGS)
    assert show(cluster.conninfo("postgres"), "port") == "5432"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root switches to another account")
def test_for_root_the_server_runs_as_an_unprivileged_account(cache: Path) -> None:
    cluster = cluster_in(cache)
    cluster.create()
    cluster.start(THROW_AWAY_SETTINGS)
    postmaster = cluster.postmaster()
    assert postmaster is not None
    assert cluster.account is not None
    assert Path(f"/proc/{postmaster.pid}").stat().st_uid == cluster.account.uid != 0
