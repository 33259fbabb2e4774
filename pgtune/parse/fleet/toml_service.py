"""The table of one service in, its draft with its pools out."""

from __future__ import annotations

from typing import Any

from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.fleet import Autoscaler, Readiness
from pgtune.parse.fleet.drafts import PoolDraft, ServiceDraft
from pgtune.parse.fleet.toml_table import TomlTable
from pgtune.parse.fleet.toml_values import (
    Field,
    Fields,
    count,
    duration_s,
    flag,
    member_of,
    positive,
    share,
    surge,
    word_list,
    words,
)

_MAIN_POOL = "main"  # of the table "pool"

_POOL: Fields = {
    "kind": Field("kind", member_of(PoolKind)),
    "max_size": Field("max_size", positive),
    "min_size": Field("min_size", count),
    "overflow": Field("overflow", count),
    "idle_timeout": Field("idle_timeout_s", duration_s),
    "connect_timeout": Field("connect_timeout_s", duration_s),
    "timeout": Field("acquire_timeout_s", duration_s),
    "max_lifetime": Field("max_lifetime_s", duration_s),
    "check": Field("check", flag),
    "max_waiting": Field("max_waiting", count),
    "prepares": Field("prepares", flag),
    "keepalives_idle": Field("keepalives_idle_s", duration_s),
    "open_in_constructor": Field("opened_in_constructor", flag),
    "statement_timeout": Field("statement_timeout_s", duration_s),
    "role": Field("role", words),
    "database": Field("database", words),
    "application_name": Field("application_name", words),
    "pooler": Field("pooler", words),
    "processes": Field("processes", positive),
}
_SERVICE: Fields = {
    "replicas": Field("replicas", count),
    "surge": Field("surge", surge),
    "terminating": Field("terminating", count),
    "processes": Field("processes", positive),
    "listeners": Field("listeners", count),
    "request_timeout": Field("request_timeout_s", duration_s),
    "waits_for_database": Field("is_waiting_for_database", flag),
}
_READINESS: Fields = {"readiness_uses_pool": Field("uses_pool", flag)}
_AUTOSCALER: Fields = {
    "min": Field("min_replicas", count),
    "max": Field("max_replicas", positive),
    "target_cpu": Field("cpu_target", share),
    "metrics": Field("other_metrics", word_list),
}


def read_service(name: str, table: TomlTable) -> ServiceDraft:
    """Read [fleet.services.NAME].

    Raises:
        SettingsError: a key is unknown, or a value impossible.
    """
    table.check_keys((*_SERVICE, *_READINESS, "autoscaler", "pool", "pools"))
    values = table.values(_SERVICE)
    if "replicas" in values and "autoscaler" in table.content:
        raise table.error(f"{table.name} has replicas and an autoscaler; keep one of them", "replicas")
    if scaler := table.table("autoscaler"):
        values["autoscaler"] = _read_autoscaler(scaler)
    if readiness := table.values(_READINESS):
        values["readiness"] = Readiness(table.place(*_READINESS), **readiness)
    return ServiceDraft(name, table.place(), values, _read_pools(table))


def _read_autoscaler(table: TomlTable) -> Autoscaler:
    table.check_keys(tuple(_AUTOSCALER))
    values: dict[str, Any] = {"min_replicas": 1, **table.values(_AUTOSCALER)}
    if "max_replicas" not in values:
        raise table.error(f"{table.name} has no max; say how many replicas there can be")
    if values["min_replicas"] > values["max_replicas"]:
        raise table.error(
            f"{table.name}: min {values['min_replicas']} is above max {values['max_replicas']}; correct one",
            "min",
        )
    return Autoscaler(place=table.place("max"), **values)


def _read_pools(table: TomlTable) -> tuple[PoolDraft, ...]:
    pools = [_read_pool(name, each) for name, each in table.tables("pools")]
    if main := table.table("pool"):
        if any(pool.name == _MAIN_POOL for pool in pools):
            raise table.error(f'{table.name} has two pools named "{_MAIN_POOL}"; name one otherwise', "pool")
        pools.insert(0, _read_pool(_MAIN_POOL, main))
    return tuple(pools)


def _read_pool(name: str, table: TomlTable) -> PoolDraft:
    table.check_keys(tuple(_POOL))
    values = table.values(_POOL)
    smallest, largest = values.get("min_size", 0), values.get("max_size")
    if largest is not None and smallest > largest:
        raise table.error(
            f"{table.name}: min_size {smallest} is above max_size {largest}; correct one", "min_size"
        )
    return PoolDraft(name, table.place("max_size"), values)
