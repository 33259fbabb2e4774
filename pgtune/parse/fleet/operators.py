"""Manifests of CloudNativePG in, the server and the poolers that it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pgtune.model.pools.declared_pooler import PoolMode
from pgtune.model.pools.fleet import DeclaredServer
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin
from pgtune.parse.fleet.drafts import FleetDraft, PoolerDraft
from pgtune.parse.fleet.yaml_nodes import YamlNode

_GROUP = "postgresql.cnpg.io/"
_FIGURES = (
    "default_pool_size",
    "reserve_pool_size",
    "max_client_conn",
    "max_db_connections",
    "max_user_connections",
    "max_prepared_statements",
)


def read_operators(documents: Sequence[YamlNode]) -> FleetDraft:
    """Read clusters and poolers; of several clusters the first is the server."""
    own = [each for each in documents if (each.at("apiVersion").text or "").startswith(_GROUP)]
    return FleetDraft(
        poolers=tuple(_pooler(each) for each in own if each.at("kind").text == "Pooler"),
        server=next((_server(each) for each in own if each.at("kind").text == "Cluster"), None),
    )


def _server(cluster: YamlNode) -> DeclaredServer:
    most = cluster.at("spec", "postgresql", "parameters", "max_connections")
    slots = ConnectionSlots(SlotsOrigin.DECLARED, most.number) if most.number else None
    return DeclaredServer(most.place if slots else cluster.place, slots)


def _pooler(document: YamlNode) -> PoolerDraft:
    spec = document.at("spec")
    bouncer = spec.at("pgbouncer")
    values: dict[str, Any] = {
        name: number for name in _FIGURES if (number := bouncer.at("parameters", name).number) is not None
    }
    values["instances"] = spec.at("instances").number or 1
    modes = {mode.value: mode for mode in PoolMode}
    values["mode"] = modes.get(bouncer.at("poolMode").text or "", PoolMode.SESSION)
    name = document.at("metadata", "name").text or "pooler"
    place = bouncer.at("parameters", "default_pool_size").place
    return PoolerDraft(name, place, values)
