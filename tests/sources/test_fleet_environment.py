"""Environment variables and connection strings of frameworks: the pools that they declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.errors import InputError
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.declared_pooler import PoolerKind, PoolMode
from pgtune.model.pools.demand import demand
from pgtune.model.pools.fleet import Fleet
from pgtune.sources.fleet_files import FleetFiles, read_fleet


def read(folder: Path, *, env: str, settings: str = "") -> tuple[Fleet, tuple[str, ...]]:
    """Read the fleet that a .env file declares, together with the settings."""
    (folder / ".env").write_text(env)
    (folder / "pgtune.toml").write_text(settings)
    fleet, remarks = read_fleet(folder, str(folder / "pgtune.toml"), FleetFiles(env=(str(folder / ".env"),)))
    assert fleet is not None
    return fleet, remarks


@pytest.mark.parametrize(
    ("text", "kind", "most", "more"),
    [
        (
            "DB_POOL_SIZE=5\nDB_MAX_OVERFLOW=3\nDB_POOL_RECYCLE=1800\n",
            PoolKind.SQLALCHEMY,
            8,
            ("max_lifetime_s", 1800),
        ),
        ("DATABASE_URL=postgresql+psycopg2://a:hush@db/x\n", PoolKind.SQLALCHEMY, 15, ("prepares", False)),
        ("CONN_MAX_AGE=60\nDATABASE_URL=postgres://a@db/x\n", PoolKind.DJANGO, 1, ("max_lifetime_s", 60)),
        (
            'DATABASE_URL="postgresql://a:hu/s?h@db/x?schema=public&connection_limit=9&pgbouncer=false"\n',
            PoolKind.PRISMA,
            9,
            ("database", "x"),
        ),
        ("PGPOOL_MAX=20\nPGHOST=db\n", PoolKind.NODE_POSTGRES, 20, ("idle_timeout_s", 10)),
        (
            (
                "SPRING_DATASOURCE_URL=jdbc:postgresql://db/x?user=u&password=hush\n"
                "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE=12\nSPRING_DATASOURCE_HIKARI_MAX_LIFETIME=600000\n"
            ),
            PoolKind.HIKARI,
            12,
            ("max_lifetime_s", 600),
        ),
        ("RAILS_MAX_THREADS=5\nDATABASE_URL=postgres://db/x\n", PoolKind.OTHER, 5, ("database", "x")),
        (
            "DATABASE_URL=postgres://db/x?options=-c%20statement_timeout%3D5s&connect_timeout=4\n",
            PoolKind.OTHER,
            None,
            ("statement_timeout_s", 5),
        ),
        ("DATABASE_URL=host=db password=hush keepalives=0\n", PoolKind.OTHER, None, ("keepalives_idle_s", 0)),
    ],
)
def test_variables_of_frameworks_are_pools(
    tmp_path: Path, text: str, kind: PoolKind, most: int | None, more: tuple[str, object]
) -> None:
    fleet, remarks = read(tmp_path, env=text)
    (pool,) = fleet.services[0].pools
    assert (pool.kind, pool.most, getattr(pool, more[0])) == (kind, most, more[1])
    assert "hush" not in f"{fleet}{remarks}"
    assert fleet.services[0].name == tmp_path.name


@pytest.mark.parametrize(
    ("host", "kind", "mode"),
    [
        ("ep-x-pooler.eu-central-1.aws.neon.tech", PoolerKind.PGBOUNCER, PoolMode.TRANSACTION),
        ("aws-0-eu.pooler.supabase.com:6543", PoolerKind.SUPAVISOR, PoolMode.TRANSACTION),
        ("aws-0-eu.pooler.supabase.com:5432", PoolerKind.SUPAVISOR, PoolMode.SESSION),
        ("app.proxy-abc.eu-west-1.rds.amazonaws.com", PoolerKind.RDS_PROXY, PoolMode.SESSION),
        ("pgbouncer.svc:6432", PoolerKind.PGBOUNCER, PoolMode.SESSION),
    ],
)
def test_a_host_that_is_a_pooler_by_its_name_is_one(
    tmp_path: Path, host: str, kind: PoolerKind, mode: PoolMode
) -> None:
    fleet, remarks = read(tmp_path, env=f"DATABASE_URL=postgres://a:hush@{host}/x\nDB_POOL_SIZE=5\n")
    (pooler,) = fleet.poolers
    assert (pooler.kind, pooler.mode) == (kind, mode)
    assert fleet.services[0].pools[0].pooler == pooler.name
    assert any("is a pooler that is not declared" in remark for remark in remarks)


def test_a_pooler_that_is_declared_is_not_inferred_again(tmp_path: Path) -> None:
    settings = '[fleet.poolers.proxy]\nkind = "rds-proxy"\nmax_db_connections = 30\n'
    url = "DATABASE_URL=postgres://app.proxy-abc.eu-west-1.rds.amazonaws.com/x\nDB_POOL_SIZE=5\n"
    fleet, remarks = read(tmp_path, settings=settings, env=url)
    assert [pooler.name for pooler in fleet.poolers] == ["proxy"]
    assert fleet.services[0].pools[0].pooler == "proxy"
    assert remarks == ()


def test_a_plain_host_needs_no_pooler(tmp_path: Path) -> None:
    fleet, remarks = read(tmp_path, env="DATABASE_URL=postgres://db.internal/x\nDB_POOL_SIZE=5\n")
    assert (fleet.poolers, remarks) == ((), ())


@pytest.mark.parametrize(
    "text", ["DB_POOL_SIZE=many\n", "SQLALCHEMY_POOL_SIZE=5\nSQLALCHEMY_MAX_OVERFLOW=-1\n"]
)
def test_a_size_that_is_no_number_is_not_known_rather_than_the_default(tmp_path: Path, text: str) -> None:
    fleet, remarks = read(tmp_path, env=text)
    assert fleet.services[0].pools[0].most is None
    assert len(remarks) == 1
    assert demand(fleet).unknown == (f"{tmp_path.name}.main",)


@pytest.mark.parametrize(
    "text", ["DATABASE_URL=mysql://a@h/x?host=h\n", "OPTIONS=host=h\n", "CACHE=redis://h/1\n"]
)
def test_a_connection_to_something_else_is_no_pool(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="no pool and no connection string"):
        read(tmp_path, env=text)


def test_a_connection_string_goes_before_the_variables_of_libpq(tmp_path: Path) -> None:
    fleet, _ = read(tmp_path, env="PGUSER=weak\nPGDATABASE=d\nDATABASE_URL=postgres://strong@db\n")
    (pool,) = fleet.services[0].pools
    assert (pool.role, pool.database) == ("strong", "d")


def test_a_second_connection_string_is_mentioned_without_its_password(tmp_path: Path) -> None:
    text = "DATABASE_URL=postgres://a:hush@db/x\nREPLICA_URL=postgres://a:hush@r/x\nDIRECT_URL=postgres://a@db/x\n"
    _, remarks = read(tmp_path, env=text)
    (remark,) = remarks
    assert "REPLICA_URL is a second connection string" in remark
    assert "hush" not in remark
