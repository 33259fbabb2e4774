"""Declared poolers and what their consoles say in, poolers as they are configured out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolMode
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers, PoolerState

Version = tuple[int, ...]


def configured_pooler(fleet: Fleet, name: str, poolers: Poolers | None) -> DeclaredPooler | None:
    """The pooler of that name; what SHOW CONFIG says wins over the declaration."""
    declared = fleet.pooler(name)
    state = live_pooler(poolers, name)
    return _merge(declared, state) if declared is not None and state is not None else declared


def live_pooler(poolers: Poolers | None, name: str) -> PoolerState | None:
    """What the console of the pooler of that name said."""
    return next((state for state in poolers.all if state.name == name), None) if poolers else None


def mode_of(pool: DeclaredPool, pooler: DeclaredPooler, poolers: Poolers | None) -> PoolMode:
    """The mode in which *pooler* serves *pool*: a database may have one of its own (SHOW DATABASES)."""
    state = live_pooler(poolers, pooler.name)
    databases = state.databases if state is not None else ()
    own = (each.mode for each in databases if each.name == pool.database and each.mode is not None)
    return next(own, pooler.mode)


def version_of(pooler: DeclaredPooler) -> Version | None:
    """(1, 25, 2) of "1.25.2"; None when it is not known."""
    parts = (pooler.version or "").split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else None


def _merge(declared: DeclaredPooler, state: PoolerState) -> DeclaredPooler:
    config = state.config
    prepared = config.get("max_prepared_statements")
    return replace(
        declared,
        version=".".join(str(part) for part in state.version),
        mode=PoolMode(config.get("pool_mode", declared.mode.value)),
        default_pool_size=_count(config, "default_pool_size", declared.default_pool_size),
        reserve_pool_size=_count(config, "reserve_pool_size", declared.reserve_pool_size),
        max_client_conn=_count(config, "max_client_conn", declared.max_client_conn),
        max_db_connections=_count(config, "max_db_connections", declared.max_db_connections),
        max_user_connections=_count(config, "max_user_connections", declared.max_user_connections),
        max_prepared_statements=declared.max_prepared_statements if prepared is None else int(prepared),
        server_idle_timeout_s=_seconds(config, "server_idle_timeout", declared.server_idle_timeout_s),
        client_idle_timeout_s=_seconds(config, "client_idle_timeout", declared.client_idle_timeout_s),
    )


def _count(config: Mapping[str, str], name: str, otherwise: int) -> int:
    return int(config.get(name, otherwise))


def _seconds(config: Mapping[str, str], name: str, otherwise: float) -> float:
    return float(config.get(name, otherwise))
