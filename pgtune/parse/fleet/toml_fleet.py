"""The text of a settings file in, the fleet that its [fleet] table declares out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pgtune.model.pools.fleet import DeclaredServer, FixedClient, NetworkPath
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.toml_lines import key_lines
from pgtune.parse.fleet.toml_pooler import read_pooler
from pgtune.parse.fleet.toml_service import read_service
from pgtune.parse.fleet.toml_table import TomlTable
from pgtune.parse.fleet.toml_values import (
    Field,
    Fields,
    count,
    duration_s,
    positive,
    size_bytes,
    words,
)

_FLEET: Fields = {"reserve": Field("reserve", count)}
_SLOTS: Fields = {
    "max_connections": Field("max_connections", positive),
    "superuser_reserved_connections": Field("superuser_reserved", count),
    "reserved_connections": Field("reserved", count),
}
_SERVER: Fields = {"memory": Field("memory_bytes", size_bytes), "cores": Field("cores", positive)}
_NETWORK: Fields = {
    "idle_timeout": Field("idle_timeout_s", duration_s),
    "max_lifetime": Field("max_lifetime_s", duration_s),
}
_CLIENT: Fields = {
    "connections": Field("connections", count),
    "role": Field("role", words),
    "application_name": Field("application_name", words),
}


def read_toml_fleet(text: str, file: str) -> FleetDraft | None:
    """Read [fleet] of pgtune.toml, or [tool.pgtune.fleet] of either file; None when there is none.

    *text* has passed tomllib already; *file* is the name for places.

    Raises:
        SettingsError: a key is unknown, or a value impossible.
    """
    content = tomllib.loads(text)
    own = content.get("tool", {}).get("pgtune", {})
    outer = ("tool", "pgtune") if "fleet" in own else ()
    root = own if outer else content
    if "fleet" not in root:
        return None
    table = TomlTable(root, file, key_lines(text), outer, len(outer)).table("fleet")
    assert table is not None
    return _read_fleet(table)


def _read_fleet(table: TomlTable) -> FleetDraft:
    table.check_keys((*_FLEET, "server", "network", "services", "clients", "poolers"))
    return FleetDraft(
        services=tuple(read_service(name, each) for name, each in table.tables("services")),
        clients=tuple(_read_clients(table.table("clients"))),
        poolers=tuple(read_pooler(name, each) for name, each in table.tables("poolers")),
        server=_read_server(table.table("server")),
        network=_read_network(table.table("network")),
        place=table.place(),
        **table.values(_FLEET),
    )


def _read_clients(table: TomlTable | None) -> Iterator[FixedClient]:
    for name, written in table.content.items() if table else ():
        assert table is not None
        if isinstance(written, Mapping):
            yield _read_client(name, table)
        else:
            values = table.values({name: Field("connections", count)})
            yield FixedClient(name, place=table.place(name), **values)


def _read_client(name: str, clients: TomlTable) -> FixedClient:
    table = clients.table(name)
    assert table is not None
    table.check_keys(tuple(_CLIENT))
    values: dict[str, Any] = {"connections": 1, **table.values(_CLIENT)}
    return FixedClient(name, place=table.place("connections"), **values)


def _read_server(table: TomlTable | None) -> DeclaredServer | None:
    if table is None:
        return None
    table.check_keys((*_SLOTS, *_SERVER))
    given = table.values(_SLOTS)
    slots = ConnectionSlots(SlotsOrigin.DECLARED, **given) if given else None
    if slots is not None and slots.superuser_reserved + slots.reserved >= slots.max_connections:
        raise table.error(f"{table.name}: all of max_connections is reserved; correct one", *_SLOTS)
    return DeclaredServer(table.place("max_connections"), slots, **table.values(_SERVER))


def _read_network(table: TomlTable | None) -> NetworkPath | None:
    if table is None:
        return None
    table.check_keys(tuple(_NETWORK))
    return NetworkPath(table.place("idle_timeout", "max_lifetime"), **table.values(_NETWORK))
