"""`pgtune snapshot` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from pgtune.sources.snapshot_file import read_snapshot
from tests.cli.program import pgtune
from tests.conftest import Database
from tests.postgres_server import embedded_binaries

SAMPLE_LIMIT_BYTES = 1_000_000


def test_the_sample_needs_no_options_and_is_small(sample_cache: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "sample.pgtune"
    result = pgtune("snapshot", "--out", str(out), env=sample_cache)
    assert result.code == 0, result.err
    (line,) = result.out.splitlines()
    assert line.startswith(f"{out}: ")
    assert ", database sample, " in line
    assert out.stat().st_size < SAMPLE_LIMIT_BYTES
    assert f"{out} holds most common values of columns; --redact makes up those that are text" in result.err
    snapshot = read_snapshot(out)
    assert f"{len(snapshot.statements)} statements" in line
    assert not snapshot.redacted


def test_a_redacted_snapshot_has_no_text_of_a_row(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "s"
    result = pgtune("snapshot", "--dsn", database.conninfo, "--out", str(out), "--redact")
    assert result.code == 0, result.err
    snapshot = read_snapshot(out)
    assert snapshot.redacted
    assert not any("example.com" in (one.histogram_bounds or "") for one in snapshot.statistics)
    assert not any("delivered" in (one.most_common_values or "") for one in snapshot.statistics)
    assert "most common values" not in result.err


def test_what_was_not_seen_is_listed_on_standard_error(database: Database, tmp_path: Path) -> None:
    database.execute(
        "DROP ROLE IF EXISTS pgtune_partly; CREATE ROLE pgtune_partly LOGIN PASSWORD 'reader-password';"
        "GRANT SELECT ON users TO pgtune_partly"
    )
    dsn = make_conninfo(database.conninfo, user="pgtune_partly", password="reader-password")
    try:
        result = pgtune("snapshot", "--dsn", dsn, "--out", str(tmp_path / "s"))
        quiet = pgtune("snapshot", "--dsn", dsn, "--out", str(tmp_path / "s"), "--quiet")
    finally:
        database.execute("DROP OWNED BY pgtune_partly; DROP ROLE pgtune_partly")
    assert result.code == quiet.code == 0, result.err
    assert (
        "pgtune: not seen: public.orders: no SELECT on it; GRANT SELECT ON public.orders TO pgtune_partly\n"
        in result.err
    )
    assert "pgtune: no workload: pg_stat_statements is not installed in this database; " in result.err
    assert ", 1 table, " in result.out
    assert (quiet.err, quiet.out) == ("", result.out)
    assert "reader-password" not in result.out + result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--postgres-bin", "/nowhere"], "/nowhere/pg_dump: no such file or directory; give --postgres-bin"),
        (["--out", "-"], "--out -: a snapshot is no text for standard output; name a file"),
        (["--out", "/nowhere/s"], "/nowhere/s: no such file or directory; name a file in a directory"),
    ],
)
def test_wrong_usage_is_one_line(
    database: Database, tmp_path: Path, arguments: list[str], message: str
) -> None:
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "s")]
    result = pgtune("snapshot", "--dsn", database.conninfo, *arguments, *out, "--quiet")
    assert result.code == 2
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith(f"pgtune: error: {message}")
    assert list(tmp_path.iterdir()) == []


def test_without_out_nothing_is_done() -> None:
    result = pgtune("snapshot")
    assert result.code == 2
    assert "--out" in result.err


def test_another_pg_dump_can_be_named(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "s"
    options = ["--postgres-bin", str(embedded_binaries()), "--out", str(out)]
    assert pgtune("snapshot", "--dsn", database.conninfo, *options).code == 0
    assert any('CREATE TABLE "public"."orders"' in statement for statement in read_snapshot(out).ddl)
