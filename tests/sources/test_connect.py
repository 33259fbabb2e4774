"""What the user reads when there is no connection; and that the pool opens late and closes."""

from __future__ import annotations

import os
import socket

import psycopg
import pytest

from pgtune.errors import ConnectError, UsageError
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.connect import connect_sqlstate
from pgtune.sources.postgres import open_server
from tests.conftest import Database
from tests.postgres_server import SCRAM_ROLE, PostgresServer, wait_for

SECRET = "s3cr3t/p@ss w%rd"  # every character that a URL must escape
ENCODED = "s3cr3t%2Fp%40ss%20w%25rd"


def connect_error(dsn: str) -> str:
    with pytest.raises(ConnectError) as caught, open_server(dsn, PoolSettings(connect_timeout_s=3)):
        pass
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unknown_database_is_named(server: str) -> None:
    message = connect_error(f"{server} dbname=no_such")
    assert message.startswith('database "no_such" does not exist on ')


def test_an_unknown_host_is_named() -> None:
    assert "nowhere.invalid" in connect_error("postgresql://user@nowhere.invalid/db")


def test_a_port_without_a_server_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert connect_error(f"host=127.0.0.1 port={port}").startswith(
        f"127.0.0.1:{port} does not accept connections; "
    )


def test_a_host_that_never_answers_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "timeout" in connect_error(f"host=127.0.0.1 port={port} connect_timeout=2")


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://u:{SECRET}@localhost/db",
        "postgresql://u:p@ss@localhost/db",
        "postgresql://u:pass/word@localhost/db",
        "nonsense",
        "host=localhost passwrd=s3cr3t",
    ],
)
def test_a_connection_string_that_cannot_be_read_is_not_repeated(dsn: str) -> None:
    with pytest.raises(UsageError, match="percent-encode special characters") as caught, open_server(dsn):
        pass
    assert caught.value.exit_code == 2
    assert not any(part in str(caught.value) for part in ("s3cr3t", "ss@", "word@", "nonsense"))


@pytest.fixture
def scram(private_server: PostgresServer) -> PostgresServer:
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {SCRAM_ROLE} LOGIN PASSWORD '{SECRET}'".encode())
    return private_server


def test_a_password_is_taken_from_any_form_and_a_wrong_one_is_never_shown(
    scram: PostgresServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"postgresql://{SCRAM_ROLE}:{{}}@/postgres?host={scram.directory}"
    keywords = scram.conninfo(user=SCRAM_ROLE)
    with (
        open_server(url.format(ENCODED)) as by_url,
        open_server(f"{keywords} password='{SECRET}'") as by_keyword,
    ):
        assert by_url.explain("SELECT 1").executed
        assert by_keyword.explain("SELECT 1").executed
    messages = [
        connect_error(url.format(ENCODED + "no")),
        connect_error(f"{keywords} password='{SECRET}no'"),
    ]
    missing = connect_error(keywords)
    assert missing.startswith(f'no password for user "{SCRAM_ROLE}" was given to {scram.directory}:5432; ')
    monkeypatch.setenv("PGPASSWORD", SECRET + "no")
    messages.append(connect_error(keywords))
    for message in messages:
        assert message.startswith(
            f'password for user "{SCRAM_ROLE}" was not accepted by {scram.directory}:5432; '
        )
        assert "s3cr3t" not in message
    assert capfd.readouterr() == ("", "")  # neither the pool nor the retries print


def test_a_password_that_strayed_into_another_parameter_is_not_shown(server: str) -> None:
    message = connect_error(f"{server} dbname='postgres password=s3cr3t'")
    assert message.startswith('database "postgres password=***')
    assert "s3cr3t" not in message


def test_libpqs_environment_is_used_without_a_connection_string(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = psycopg.conninfo.conninfo_to_dict(database.conninfo)
    for variable, keyword in (
        ("PGHOST", "host"),
        ("PGPORT", "port"),
        ("PGUSER", "user"),
        ("PGDATABASE", "dbname"),
    ):
        monkeypatch.setenv(variable, str(parameters[keyword]))
    if "password" in parameters:
        monkeypatch.setenv("PGPASSWORD", str(parameters["password"]))
    with open_server() as server:
        assert server.explain("SELECT * FROM orders").executed
    assert os.environ["PGDATABASE"] == database.name


def test_a_server_without_free_slots_is_tried_again_and_the_user_told(private_server: PostgresServer) -> None:
    notices: list[str] = []
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    holder = psycopg.connect(private_server.conninfo(user="narrow"))

    def on_notice(notice: str) -> None:
        notices.append(notice)
        holder.close()

    with open_server(private_server.conninfo(user="narrow"), on_notice=on_notice) as server:
        assert server.explain("SELECT 1").executed
    assert "has no free connection slots; trying again (1 of 5)" in notices[0]


@pytest.mark.parametrize(
    ("message", "sqlstate"),
    [
        ("connection failed: FATAL:  the database system is starting up", "57P03"),
        ("connection failed: FATAL:  sorry, too many clients already", "53300"),
        ("connection failed: FATAL:  no pg_hba.conf entry for host", ""),
        ("connection failed: FATAL:  das Datenbanksystem startet", ""),
    ],
)
def test_failures_without_a_sqlstate_are_told_by_the_servers_words(message: str, sqlstate: str) -> None:
    assert connect_sqlstate(psycopg.OperationalError(message)) == sqlstate


def test_an_unknown_service_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'definition of service "nowhere" not found; check' in connect_error("service=nowhere")


def test_a_pool_that_cannot_be_filled_names_its_setting(private_server: PostgresServer) -> None:
    with psycopg.connect(private_server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    with (
        pytest.raises(ConnectError, match=r"no 2 connections within 1 s; lower min_size"),
        open_server(private_server.conninfo(user="narrow"), PoolSettings(min_size=2, connect_timeout_s=1)),
    ):
        pass


def test_a_wrong_database_is_not_tried_again(server: str) -> None:
    notices: list[str] = []
    with pytest.raises(ConnectError), open_server(f"{server} dbname=no_such", on_notice=notices.append):
        pass
    assert notices == []


def test_one_connection_serves_and_none_is_left(database: Database) -> None:
    count = (
        "SELECT count(*) FROM pg_stat_activity"
        f" WHERE application_name = 'pgtune' AND datname = '{database.name}'"
    )
    with open_server(database.conninfo) as server:
        for _ in range(3):
            server.explain("SELECT 1")
        assert database.scalar(count) == 1
    assert wait_for(lambda: database.scalar(count) == 0, timeout_s=2)


@pytest.mark.parametrize("settings", [{"min_size": 0}, {"min_size": 5}, {"connect_timeout_s": 0.0}])
def test_impossible_pool_settings_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        PoolSettings(**settings)
