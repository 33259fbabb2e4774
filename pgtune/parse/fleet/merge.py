"""Drafts of several files in, the weaker first; one draft with each service once out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pgtune.parse.fleet.drafts import FleetDraft, PoolDraft, PoolerDraft, ServiceDraft

_Named = TypeVar("_Named", ServiceDraft, PoolDraft, PoolerDraft)


def merge_fleets(drafts: Sequence[FleetDraft]) -> FleetDraft:
    """Unite *drafts*; what a later one declares of the same service goes before, field by field."""
    merged = FleetDraft()
    for draft in drafts:
        merged = FleetDraft(
            services=_united(merged.services, draft.services, _service_over),
            clients=tuple({each.name: each for each in (*merged.clients, *draft.clients)}.values()),
            poolers=_united(merged.poolers, draft.poolers, _pooler_over),
            server=draft.server or merged.server,
            network=draft.network or merged.network,
            reserve=merged.reserve if draft.reserve is None else draft.reserve,
            place=draft.place or merged.place,
            remarks=(*merged.remarks, *draft.remarks),
        )
    return merged


def _united(lower: Iterable[_Named], upper: Iterable[_Named], over: Any) -> tuple[_Named, ...]:
    by_name = {each.name: each for each in lower}
    for each in upper:
        by_name[each.name] = over(each, by_name[each.name]) if each.name in by_name else each
    return tuple(by_name.values())


def _service_over(upper: ServiceDraft, lower: ServiceDraft) -> ServiceDraft:
    values = {**lower.values, **upper.values}
    if "replicas" in upper.values:
        values.pop("autoscaler", None)
    elif "autoscaler" in upper.values:
        values.pop("replicas", None)
    return ServiceDraft(upper.name, upper.place, values, _united(lower.pools, upper.pools, _pool_over))


def _pool_over(upper: PoolDraft, lower: PoolDraft) -> PoolDraft:
    is_size_above = "max_size" in upper.values or "max_size" not in lower.values
    return PoolDraft(
        upper.name,
        upper.place if is_size_above else lower.place,
        {**lower.values, **upper.values},
        upper.host or lower.host,
        upper.port or lower.port,
        upper.is_pooled or lower.is_pooled,
    )


def _pooler_over(upper: PoolerDraft, lower: PoolerDraft) -> PoolerDraft:
    values = {**lower.values, **upper.values}
    return PoolerDraft(upper.name, upper.place, values, upper.pods_of or lower.pods_of)
