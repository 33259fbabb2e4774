"""[fleet] of a settings file: what it declares, and what it is refused for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgtune.errors import SettingsError
from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.declared_pooler import PoolMode
from pgtune.model.pools.fleet import Fleet, Surge
from pgtune.parse.fleet.build_fleet import build_fleet
from pgtune.parse.fleet.toml_fleet import read_toml_fleet

FILE = "pgtune.toml"


def fleet_of(text: str) -> Fleet:
    draft = read_toml_fleet(text, FILE)
    assert draft is not None
    fleet, _ = build_fleet(draft, Place(FILE), [service.name for service in draft.services])
    return fleet


EXAMPLE = """\
[fleet]
reserve = 10

[fleet.services.api]
autoscaler = {min = 2, max = 10, target_cpu = "70%", metrics = ["queue_depth"]}
request_timeout = "10s"

[fleet.services.api.pools.main]
kind = "psycopg_pool"
min_size = 5
max_size = 20
idle_timeout = "30s"
connect_timeout = 5
"""


def test_the_example_has_its_figures_and_lines() -> None:
    fleet = fleet_of(EXAMPLE)
    (service,) = fleet.services
    (pool,) = service.pools
    assert fleet.reserve == 10
    assert fleet.place == Place(FILE, 1)
    assert service.place == Place(FILE, 4)
    assert service.autoscaler is not None
    assert service.autoscaler.place == Place(FILE, 5)
    assert (service.autoscaler.cpu_target, service.autoscaler.other_metrics) == (0.7, ("queue_depth",))
    assert service.peak_pods == 13
    assert pool.place == Place(FILE, 11)  # of max_size
    assert (pool.min_size, pool.most, pool.idle_timeout_s, pool.connect_timeout_s) == (5, 20, 30.0, 5.0)
    assert (pool.acquire_timeout_s, pool.max_lifetime_s, pool.max_waiting) == (30.0, 3600.0, 0)
    assert service.request_timeout_s == 10.0


def test_multipliers_that_nobody_declared_are_listed() -> None:
    (api,) = fleet_of(EXAMPLE).services
    assert api.assumed == {"surge", "terminating", "processes", "listeners"}
    (told,) = fleet_of(
        "[fleet.services.a]\nreplicas = 2\nsurge = 3\nterminating = 1\nprocesses = 4\nlisteners = 0\n"
    ).services
    assert told.assumed == frozenset()
    assert (told.surge, told.peak_pods) == (Surge(count=3), 6)
    (silent,) = fleet_of("[fleet.services.a]\npool = {max_size = 2}\n").services
    assert "replicas" in silent.assumed


def test_pyproject_and_an_inline_pool_read_alike() -> None:
    (service,) = fleet_of('[tool.pgtune.fleet.services.api]\npool = {max_size = 5}\nsurge = "50%"\n').services
    assert [(pool.name, pool.max_size, pool.place.line) for pool in service.pools] == [("main", 5, 2)]
    assert service.surge == Surge(0.5)
    assert read_toml_fleet('[tool.pgtune]\nfail-on = "error"\n', FILE) is None


def test_clients_poolers_server_and_network() -> None:
    fleet = fleet_of("""\
[fleet.server]
max_connections = 200
memory = "8GB"
[fleet.network]
idle_timeout = "350s"
[fleet.clients]
cron = 2
[fleet.clients.etl]
connections = 3
role = "etl"
[fleet.poolers.pgbouncer]
mode = "transaction"
default_pool_size = 10
databases = 2
[fleet.services.api]
pool = {max_size = 5, pooler = "pgbouncer"}
""")
    assert fleet.server is not None
    assert fleet.server.slots is not None
    assert (fleet.server.slots.ordinary, fleet.server.memory_bytes) == (197, 8 * 2**30)
    assert fleet.network is not None
    assert fleet.network.idle_timeout_s == 350.0
    assert [(each.name, each.connections, each.role, each.place.line) for each in fleet.clients] == [
        ("cron", 2, None, 7),
        ("etl", 3, "etl", 9),
    ]
    assert [(each.mode, each.server_connections, each.place.line) for each in fleet.poolers] == [
        (PoolMode.TRANSACTION, 20, 13)
    ]
    assert fleet.services[0].pools[0].pooler == "pgbouncer"


@pytest.mark.parametrize(
    ("kind", "most", "smallest", "lifetime_s"),
    [
        ("psycopg_pool", 4, 4, 3600.0),
        ("sqlalchemy", 15, 0, None),
        ("django", 1, 0, 0.0),
        ("prisma", None, None, None),
        ("node-postgres", 10, 0, None),
        ("hikaricp", 10, 10, 1800.0),
        ("other", None, None, None),
    ],
)
def test_what_is_not_declared_is_as_the_library_has_it(
    kind: str, most: int | None, smallest: int | None, lifetime_s: float | None
) -> None:
    (service,) = fleet_of(f'[fleet.services.a]\npool = {{kind = "{kind}"}}\n').services
    (pool,) = service.pools
    assert pool.kind is PoolKind(kind)
    assert (pool.most, pool.min_size, pool.max_lifetime_s) == (most, smallest, lifetime_s)


def test_the_defaults_of_psycopg_pool_are_those_of_the_installed_one() -> None:
    import inspect

    import psycopg_pool

    installed = inspect.signature(psycopg_pool.ConnectionPool).parameters
    (service,) = fleet_of('[fleet.services.a]\npool = {kind = "psycopg_pool"}\n').services
    (pool,) = service.pools
    assert (pool.min_size, pool.acquire_timeout_s, pool.idle_timeout_s, pool.max_lifetime_s) == tuple(
        installed[name].default for name in ("min_size", "timeout", "max_idle", "max_lifetime")
    )
    assert installed["max_size"].default is None
    assert installed["check"].default is None
    assert pool.max_waiting == installed["max_waiting"].default


def test_the_example_of_the_documentation_reads() -> None:
    documented = Path(__file__).parents[3].joinpath("docs/settings.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", documented, re.DOTALL)
    fleet = fleet_of(next(block for block in blocks if "[fleet]" in block))
    assert fleet.services[0].peak_pods == 13
    assert isinstance(hash(fleet), int)  # nothing in it can change


POOL = "[fleet.services.api.pools.main]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            POOL + "max_sise = 3\n",
            '2: unknown key "max_sise" in fleet.services.api.pools.main; did you mean "max_size"?',
        ),
        ("[fleet]\nqqq = 1\n", '2: unknown key "qqq" in fleet; known are'),
        (POOL + 'max_size = "6"\n', "2: fleet.services.api.pools.main.max_size must be a whole number of"),
        (POOL + "max_size = 0\n", "at least 1, not 0"),
        (POOL + "max_size = true\n", "at least 1, not true"),
        (POOL + "min_size = -1\n", "at least 0, not -1"),
        (POOL + "min_size = 5\nmax_size = 4\n", "2: fleet.services.api.pools.main: min_size 5 is above"),
        (POOL + 'idle_timeout = "soon"\n', 'must be a duration like "30s", "5min" or "1h", not "soon"'),
        (POOL + 'kind = "c3p0"\n', "must be one of psycopg_pool, sqlalchemy"),
        (POOL + 'pooler = "nope"\n', '1: pooler "nope" is not declared; none is declared'),
        (POOL + 'kind = "node-postgres"\nmin_size = 11\n', "api.main keeps 11 connections, but opens 10"),
        ("[fleet.services]\napi = 3\n", "2: fleet.services.api must be a table, not 3"),
        (
            "[fleet.services.api]\npool = {}\npools.main = {}\n",
            '2: fleet.services.api has two pools named "main"',
        ),
        (
            "[fleet.services.api]\nreplicas = 1\nautoscaler = {max = 2}\n",
            "2: fleet.services.api has replicas and",
        ),
        ("[fleet.services.api]\nautoscaler = {min = 2}\n", "2: fleet.services.api.autoscaler has no max"),
        ("[fleet.services.api]\nautoscaler = {min = 3, max = 2}\n", "min 3 is above max 2"),
        (
            "[fleet.services.api]\nautoscaler = {max = 2, target_cpu = 70}\n",
            'must be a share like "70%", not 70',
        ),
        ('[fleet.services.api]\nsurge = "lots"\n', 'must be a share like "25%" or a number of pods'),
        (
            "[fleet.clients]\ncron = -1\n",
            "2: fleet.clients.cron must be a whole number of at least 0, not -1",
        ),
        ('[fleet.server]\nmemory = "much"\n', '2: fleet.server.memory must be a size like "8GB"'),
        ("[fleet.server]\nmax_connections = 3\n", "all of max_connections is reserved"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        fleet_of(text)
    said = str(caught.value)
    assert said.startswith(f"{FILE}:")
    assert message in said
    assert "\n" not in said


def test_a_password_in_the_address_of_a_console_is_refused_and_not_repeated() -> None:
    for dsn in ("postgres://u:hush@h:6432/pgbouncer", "host=h password=hush"):
        with pytest.raises(SettingsError, match=r"admin_dsn must be without a password") as caught:
            fleet_of(f'[fleet.poolers.p]\nadmin_dsn = "{dsn}"\n')
        assert "hush" not in str(caught.value)
