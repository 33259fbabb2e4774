"""The file of earlier runs: nothing in it is lost, and it does not grow for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pgtune.errors import InputError
from pgtune.model.pools.counters import Sample, SessionCounters
from pgtune.sources.pools.history import MAX_SAMPLES, append_sample, read_history

TAKEN_AT = datetime(2026, 6, 1, 12, 30, 0, 250000, tzinfo=UTC)
COUNTERS = SessionCounters(TAKEN_AT, TAKEN_AT, 1.5, 2.5, 3.5, 4, 5, 6, 7, 8)
SAMPLE = Sample(TAKEN_AT, "7", 12, 1, 3, (("app", 'a "b"\n', 12, 3), ("zoë", "", 1, 0)), COUNTERS)


def test_what_is_written_is_read_back_oldest_first(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    before = replace(SAMPLE, taken_at=TAKEN_AT - timedelta(days=1), counters=None)
    for sample in (SAMPLE, replace(SAMPLE, server="8"), before):
        append_sample(path, sample)
    assert read_history(path, "7") == (before, SAMPLE)
    assert len(read_history(path, "8")) == 1
    assert len(path.read_text().splitlines()) == 3
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_is_no_history(tmp_path: Path) -> None:
    assert read_history(tmp_path / "none.jsonl", "7") == ()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{"taken_at": "2026-', "no JSON"),
        ("[1]", "the whole is no object"),
        ('{"server": "7"}', "by_client is missing"),
        ("null", "the whole is no object"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_lost(
    tmp_path: Path, line: str, cause: str
) -> None:
    path = tmp_path / "pool.jsonl"
    append_sample(path, SAMPLE)
    content = path.read_text() + line
    path.write_text(content)
    for use in (lambda: read_history(path, "7"), lambda: append_sample(path, SAMPLE)):
        with pytest.raises(InputError) as raised:
            use()
        assert str(raised.value).startswith(f"{path}:2: no sample of pgtune's ({cause}); ")
    assert path.read_text() == content


def test_a_line_of_bytes_that_are_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    append_sample(path, SAMPLE)
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(InputError, match=r"pool\.jsonl:2: .*not UTF-8"):
        read_history(path, "7")


def test_the_oldest_of_a_server_go_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    append_sample(path, replace(SAMPLE, server="8"))
    append_sample(path, SAMPLE)
    (other, own) = path.read_text().splitlines()
    many = [own.replace('"sessions": 12', f'"sessions": {number}', 1) for number in range(MAX_SAMPLES)]
    path.write_text("\n".join([other, *many]))
    append_sample(path, SAMPLE)
    kept = read_history(path, "7")
    assert len(kept) == MAX_SAMPLES
    assert kept[0].sessions == 1
    assert kept[-1] == SAMPLE
    assert path.read_text().splitlines()[0] == other


def test_no_address_of_a_client_is_written(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    append_sample(path, SAMPLE)
    (client, _) = json.loads(path.read_text())["by_client"]
    assert client.keys() == {"role", "application_name", "sessions", "idle_over_an_hour"}
