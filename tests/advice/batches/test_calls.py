"""The code that is shown for each driver runs, and does what the loop does."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.loop import Parent
from tests.advice.batches.loop_and_batch import live_catalog, loop_of
from tests.conftest import Database

Rows = Sequence[Sequence[object]]
Run = Callable[[Database, str, Rows], list[tuple[object, ...]]]

SCHEMA = """
CREATE TABLE notes (
    id int PRIMARY KEY, title text, tags text[], "Rank" int, doc jsonb, at text DEFAULT '10:30 % :x'
);
INSERT INTO notes (id, title, "Rank") SELECT n, 't' || n, n FROM generate_series(1, 20) AS n;
"""
STATEMENTS = {
    'INSERT INTO notes (id, title, "Rank") VALUES ($1, $2, $3)': [
        (n, f"t\t{n}\\", None) for n in range(100, 1300)
    ],
    "INSERT INTO notes (id, title, at) VALUES ($1, $2, '50 % :x {y} $1 \\') RETURNING id": [
        (101, "a"),
        (102, None),
    ],
    "INSERT INTO notes (id, doc) VALUES ($1, $2) RETURNING id": [(101, '{"a": 1}'), (102, None)],
    "INSERT INTO notes (id, tags, at) VALUES ($1, $2, '{}') RETURNING id": [(101, ["a", "b"]), (102, [])],
    "INSERT INTO notes (id, title) VALUES ($2, $1) ON CONFLICT (id) DO UPDATE SET title = excluded.title"
    " RETURNING id": [("a", 1), ("b", 1), ("c", 200)],
    "UPDATE notes SET title = $1 WHERE id = $2": [("x", 1), ("y", 2), ("z", 1)],
    'UPDATE notes SET "Rank" = "Rank" + $1 WHERE id = $2': [(1, 3), (5, 3)],
    "DELETE FROM notes WHERE id = $1 RETURNING title": [(1,), (1,), (2,)],
    "SELECT id, title FROM notes WHERE id = $1": [(4,), (5,)],
    "SELECT id, title FROM notes WHERE id = $1 AND title LIKE 't%' AND \"Rank\" > $2": [(4, 1), (5, 100)],
}


def _psycopg(database: Database, code: str, rows: Rows) -> list[tuple[object, ...]]:
    scope: dict[str, Any] = {}
    exec(code, scope)
    with psycopg.connect(database.conninfo) as connection:
        return scope["run_batch"](connection, rows) or []


def _asyncpg(database: Database, code: str, rows: Rows) -> list[tuple[object, ...]]:
    import asyncpg

    scope: dict[str, Any] = {}
    exec(code, scope)

    async def run() -> list[Any]:
        connection = await asyncpg.connect(**_connection(database))
        try:
            found = await scope["run_batch"](connection, rows)
            return found if isinstance(found, list) else []
        finally:
            await connection.close()

    return [tuple(row) for row in asyncio.run(run())]


def _sqlalchemy(database: Database, code: str, rows: Rows) -> list[tuple[object, ...]]:
    from sqlalchemy import create_engine

    scope: dict[str, Any] = {}
    exec(code, scope)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database.conninfo))
    try:
        with engine.begin() as connection:
            return [tuple(row) for row in scope["run_batch"](connection, rows) or []]
    finally:
        engine.dispose()


def _django(database: Database, code: str, rows: Rows) -> list[tuple[object, ...]]:
    import django
    from django.conf import settings
    from django.db import connections

    made = _connection(database)
    options = {"ENGINE": "django.db.backends.postgresql", "HOST": made["host"], "PORT": made["port"]}
    options |= {"NAME": made["database"], "USER": made["user"]}
    if not settings.configured:
        settings.configure(DATABASES={"default": options}, USE_TZ=True)
        django.setup()
    connections["default"].settings_dict.update(options)  # other tests have databases of their own
    scope: dict[str, Any] = {}
    exec(code, scope)
    try:
        return scope["run_batch"](rows) or []
    finally:
        connections["default"].close()


def _connection(database: Database) -> dict[str, Any]:
    with psycopg.connect(database.conninfo) as connection:
        info = connection.info
        return {"host": info.host, "port": info.port, "user": info.user, "database": info.dbname}


DRIVERS: dict[str, Run] = {
    "psycopg": _psycopg,
    "asyncpg": _asyncpg,
    "SQLAlchemy": _sqlalchemy,
    "Django": _django,
}


def _batches(database: Database, statement: str, parent: Parent | None = None) -> list[Batch]:
    with database.connect() as connection:
        advice = batch_advice(loop_of(statement, parent=parent), live_catalog(connection))
    assert advice.batch is not None, advice.refused
    return [advice.batch, *advice.others]


def _state(database: Database) -> Counter[str]:
    with database.connect() as connection:
        return Counter(str(row) for row in connection.execute("SELECT * FROM notes"))


def _loop(database: Database, statement: str, rows: Rows) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    with database.connect() as connection, psycopg.RawCursor(connection) as cursor:
        for row in rows:
            cursor.execute(statement.encode(), row)
            found += cursor.fetchall() if cursor.description else []
    return found


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_code_leaves_what_the_loop_leaves(database: Database, statement: str) -> None:
    rows = STATEMENTS[statement]
    database.execute(SCHEMA)
    batches = _batches(database, statement)
    _loop(database, statement, rows)
    expected = _state(database)
    runs = 0
    for batch in batches:
        assert batch.calls is not None
        for driver, run in DRIVERS.items():
            code = batch.calls.get(driver)
            if code is None:
                continue
            database.execute(f"DROP TABLE notes; {SCHEMA}")
            run(database, code, rows)
            assert _state(database) == expected, f"{driver}, {batch.form.value}:\n{code}"
            runs += 1
    assert runs >= 2 * len(DRIVERS) - 1


def test_the_code_returns_the_rows(database: Database) -> None:
    database.execute(SCHEMA)
    (batch, *_) = _batches(database, "SELECT id, title FROM notes WHERE id = $1")

    assert batch.calls is not None
    for driver, run in DRIVERS.items():
        assert sorted(run(database, batch.calls[driver], [(4,), (5,)])) == [(4, "t4"), (5, "t5")]


def test_the_code_of_a_join_takes_the_parameters_of_both_queries(database: Database) -> None:
    parent = Parent('SELECT id FROM notes WHERE "Rank" > $1', "postgresql.log:1", "id", 1)
    database.execute(SCHEMA)
    (batch, *_) = _batches(database, 'SELECT title FROM notes WHERE id = $1 AND "Rank" < $2', parent)

    assert batch.form is BatchForm.JOIN
    assert batch.calls is not None
    for driver, run in DRIVERS.items():
        assert sorted(run(database, batch.calls[driver], (18, 20))) == [(19, "t19"), (20, None)]


@pytest.fixture(scope="module")
def javac(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[str]], str]:
    """Compiles Java, with the one interface of pgjdbc that the code names."""
    compiler = shutil.which("javac")
    if compiler is None:
        pytest.skip("no javac here")
    folder = tmp_path_factory.mktemp("java")
    driver = folder / "org/postgresql"
    (driver / "copy").mkdir(parents=True)
    (driver / "PGConnection.java").write_text(
        "package org.postgresql; public interface PGConnection {"
        " org.postgresql.copy.CopyManager getCopyAPI(); }"
    )
    (driver / "copy/CopyManager.java").write_text(
        "package org.postgresql.copy; public interface CopyManager {"
        " long copyIn(String sql, java.io.Reader from) throws java.sql.SQLException, java.io.IOException; }"
    )

    def compile_(codes: Sequence[str]) -> str:
        files = []
        for number, code in enumerate(codes):
            file = folder / f"batch{number}/Batch.java"
            file.parent.mkdir()
            file.write_text(f"package batch{number};\n{code}")
            files.append(file)
        command = [compiler, "-Xlint:all", "-Werror", "-cp", folder, "-d", folder / "out", *files]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    return compile_


def _every_form(database: Database) -> list[Batch]:
    database.execute(SCHEMA)
    chosen = [
        statement
        for statement in STATEMENTS
        if "LIKE" in statement or statement.startswith(("INSERT", "DEL"))
    ]
    parent = Parent("SELECT id FROM notes", "postgresql.log:1", "id", 1)
    joined = _batches(database, "SELECT title FROM notes WHERE id = $1", parent)
    batches = [*(batch for statement in chosen for batch in _batches(database, statement)), *joined]
    assert {batch.form for batch in batches} == set(BatchForm)
    return batches


def test_the_code_for_jdbc_compiles(database: Database, javac: Callable[[Sequence[str]], str]) -> None:
    assert javac([batch.calls["JDBC"] for batch in _every_form(database) if batch.calls is not None]) == ""


def test_the_code_for_node_is_javascript(database: Database, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    seen = {
        batch.form: batch.calls.get("node-postgres")
        for batch in _every_form(database)
        if batch.calls is not None
    }
    assert seen.pop(BatchForm.PIPELINE) is None  # node-postgres has none
    for form, code in seen.items():
        assert code is not None
        file = tmp_path / f"{form.name}.cjs"
        file.write_text(code)
        done = subprocess.run([node, "--check", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
