"""The directory of --out: numbered as the report, and nothing of the user's is written over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pgtune.cli.rewrite_files import write_rewrites
from pgtune.errors import UsageError
from tests.report.rewrite_advices import HOSTILE, LOOPS, NOTHING, PROVEN_REWRITE, TYPICAL, advice


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_rewrite_and_each_loop_gets_its_file(tmp_path: Path) -> None:
    write_rewrites(tmp_path / "new" / "rewrites", TYPICAL)
    assert names(tmp_path / "new" / "rewrites") == [
        "01-not-in-subquery-queries-never.sql",
        "02-function-of-timestamp-queries-reports-12.sql",
        "03-row-by-row-insert.md",
        "03-row-by-row-insert.sql",
    ]


def test_what_is_not_verified_gets_none(tmp_path: Path) -> None:
    write_rewrites(tmp_path, LOOPS)
    assert names(tmp_path) == [
        "01-n-plus-one.md",
        "01-n-plus-one.sql",
        "02-row-by-row-select.md",
        "02-row-by-row-select.sql",
    ]


def test_a_second_run_writes_over_the_first(tmp_path: Path) -> None:
    write_rewrites(tmp_path, TYPICAL)
    write_rewrites(tmp_path, replace(TYPICAL, version="9.9"))
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert all("Made by pgtune 9.9" in text.partition("\n")[0] for text in texts)


def test_a_file_of_the_user_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    own = tmp_path / "03-row-by-row-insert.sql"
    own.write_text("SELECT 1;\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"03-row-by-row-insert\.sql: not written by pgtune; name another"):
        write_rewrites(tmp_path, TYPICAL)
    assert names(tmp_path) == [own.name]
    assert own.read_text(encoding="utf-8") == "SELECT 1;\n"


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"--out .*not a directory; name another directory"):
        write_rewrites(tmp_path / "file" / "rewrites", TYPICAL)


def test_names_of_queries_cannot_lead_out_of_the_directory(tmp_path: Path) -> None:
    odd = replace(PROVEN_REWRITE, query=replace(PROVEN_REWRITE.query, name="../../etc/Größe \x1b.sql"))
    write_rewrites(tmp_path / "out", replace(HOSTILE, rewrites=(odd,), loops=()))
    assert names(tmp_path / "out") == ["01-not-in-subquery-etc-gr-e.sql"]
    assert names(tmp_path) == ["out"]


def test_nothing_to_write_leaves_an_empty_directory(tmp_path: Path) -> None:
    write_rewrites(tmp_path / "out", NOTHING)
    write_rewrites(tmp_path / "out", advice())
    assert names(tmp_path / "out") == []
