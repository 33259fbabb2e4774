"""The table of one pooler in, its draft out."""

from __future__ import annotations

import re
from typing import Any

from pgtune.model.pools.declared_pooler import PoolerKind, PoolMode
from pgtune.parse.fleet.drafts import PoolerDraft
from pgtune.parse.fleet.toml_table import TomlTable
from pgtune.parse.fleet.toml_values import (
    Field,
    Fields,
    Unfit,
    count,
    duration_s,
    member_of,
    positive,
    words,
)

_PASSWORD = re.compile(r"://[^/@:]*:|password\s*=", re.IGNORECASE)


def _dsn_without_password(value: Any) -> str:
    dsn = words(value)
    if _PASSWORD.search(dsn):
        raise Unfit("without a password: put that into ~/.pgpass", is_value_shown=False)
    return dsn


POOLER_FIELDS: Fields = {
    "kind": Field("kind", member_of(PoolerKind)),
    "version": Field("version", words),
    "instances": Field("instances", positive),
    "mode": Field("mode", member_of(PoolMode)),
    "default_pool_size": Field("default_pool_size", count),
    "reserve_pool_size": Field("reserve_pool_size", count),
    "max_client_conn": Field("max_client_conn", positive),
    "databases": Field("databases", positive),
    "users": Field("users", positive),
    "max_db_connections": Field("max_db_connections", count),
    "max_user_connections": Field("max_user_connections", count),
    "max_prepared_statements": Field("max_prepared_statements", count),
    "server_idle_timeout": Field("server_idle_timeout_s", duration_s),
    "server_lifetime": Field("server_lifetime_s", duration_s),
    "client_idle_timeout": Field("client_idle_timeout_s", duration_s),
    "query_wait_timeout": Field("query_wait_timeout_s", duration_s),
    "admin_dsn": Field("admin_dsn", _dsn_without_password),
}


def read_pooler(name: str, table: TomlTable) -> PoolerDraft:
    """Read [fleet.poolers.NAME].

    Raises:
        SettingsError: a key is unknown, or a value impossible.
    """
    table.check_keys(tuple(POOLER_FIELDS))
    return PoolerDraft(name, table.place("default_pool_size"), table.values(POOLER_FIELDS))
