"""Files and standard input: what is read, and what is refused in which words."""

from __future__ import annotations

import io
import os
import sys
import tracemalloc
from pathlib import Path

import pytest

from pgtune.errors import InputError
from pgtune.sources.files import find_inputs, open_lines, read_input


def written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "nothing in it"),
        (b" \n\t", "nothing in it"),
        (b"\xef\xbb\xbf", "nothing in it"),
        (b"SELECT 1\x00", "binary, NUL at byte 8"),
        (b"SELECT '\xe9'", "not UTF-8, byte 8 is 0xe9"),
    ],
)
def test_a_file_that_is_no_text_says_where(tmp_path: Path, content: bytes, cause: str) -> None:
    path = written(tmp_path / "q.sql", content)
    with pytest.raises(InputError, match=cause) as caught:
        read_input(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    for read in (read_input, lambda path: next(open_lines(path))):
        with pytest.raises(InputError, match="no such file"):
            read(str(tmp_path / "no_such.sql"))
        with pytest.raises(InputError, match="a directory"):
            read(str(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_a_powershell_redirect_read_alike(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "q.sql", "SELECT 'ä€'\n".encode(encoding))
    assert read_input(path).text == "SELECT 'ä€'\n"
    assert list(open_lines(path)) == ["SELECT 'ä€'\n"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT 1")))
    read = read_input("-")
    assert (read.name, read.text) == ("standard input", "SELECT 1")


def test_closed_standard_input_is_an_error_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input: closed"):
        read_input("-")


def test_a_directory_gives_its_sql_files_sorted_and_no_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("z.sql", "b/a.sql", "notes.md", ".hidden.sql", ".git/x.sql"):
        written(tmp_path / name, b"SELECT 1")
    assert find_inputs(str(tmp_path)) == (str(tmp_path / "b" / "a.sql"), str(tmp_path / "z.sql"))
    assert find_inputs("any.sql") == ("any.sql",)
    assert find_inputs("-") == ("-",)


def test_a_directory_without_sql_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.sql file"):
        find_inputs(str(tmp_path))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="no file is unreadable here")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "q.sql", b"SELECT 1")
    Path(path).chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        read_input(path)


def test_a_large_log_is_never_held_whole(tmp_path: Path) -> None:
    path, line = tmp_path / "server.log", "2024-01-01 LOG:  duration: 1 ms ä\n"
    with path.open("w", encoding="utf-8") as log:
        for _ in range(50):
            log.write(line * 10_000)  # 18 MB in all
    tracemalloc.start()
    try:
        assert sum(read == line for read in open_lines(str(path))) == 500_000
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < path.stat().st_size / 2


def test_a_line_without_end_is_read_in_linear_time(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"x" * 40_000_000 + b"\nend")
    assert [len(line) for line in open_lines(path)] == [40_000_001, 3]


def test_lines_keep_what_is_not_a_line_feed_and_mark_foreign_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"a\r\nb\x0bc\x85\xe2\x80\xa8d\nlast")
    assert list(open_lines(path)) == ["a\r\n", "b\x0bc\ufffd\u2028d\n", "last"]
