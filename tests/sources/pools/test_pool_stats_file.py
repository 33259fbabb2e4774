"""Counters of live pools are read as psycopg's own get_stats() gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from psycopg_pool import ConnectionPool

from pgtune.errors import InputError
from pgtune.model.place import Place
from pgtune.sources.pools.stats_file import read_pool_stats
from tests.postgres_server import PostgresServer


def test_stats_of_a_real_pool(small_server: PostgresServer, tmp_path: Path) -> None:
    with ConnectionPool(small_server.conninfo(), min_size=1, max_size=2, open=True) as pool:
        for _ in range(3):
            with pool.connection() as connection:
                connection.execute("SELECT 1")
        path = tmp_path / "api.json"
        path.write_text(json.dumps(pool.get_stats()))
    (stats,) = read_pool_stats(str(path)).all
    assert stats.name == "api"
    assert stats.place == Place(str(path))
    assert (stats.pool_min, stats.pool_max) == (1, 2)
    assert stats.requests_num == 3
    assert stats.returns_bad == stats.connections_lost == 0


def test_pools_by_name_and_in_a_list(tmp_path: Path) -> None:
    named = tmp_path / "named.json"
    named.write_text('{\n "main": {"pool_max": 5, "new_counter": 1.5},\n "jobs": {"pool_max": 2}\n}')
    assert [(each.name, each.pool_max, each.place.line) for each in read_pool_stats(str(named)).all] == [
        ("main", 5, 2),
        ("jobs", 2, 3),
    ]
    listed = tmp_path / "list.json"
    listed.write_text('[{"pool_max": 5}, {"name": "jobs", "pool_max": 2}]')
    assert [each.name for each in read_pool_stats(str(listed)).all] == ["pool 1", "jobs"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "no JSON"),
        ("3", "neither an object nor a list"),
        ("[]", "no pool in it"),
        ("{}", "no pool in it"),
        ('{"main": {"size": 1}}', '"main" has no pool_max'),
        ('[{"pool_max": 2, "requests_num": "7"}]', 'requests_num of "pool 1" is no count'),
        ('[{"pool_max": 2, "requests_num": -1}]', 'requests_num of "pool 1" is no count'),
        ('[{"pool_max": true}]', 'pool_max of "pool 1" is no count'),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "stats.json"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_pool_stats(str(path))
    assert str(raised.value).startswith(f"{path}: {cause}; ")
    assert "\n" not in str(raised.value)
