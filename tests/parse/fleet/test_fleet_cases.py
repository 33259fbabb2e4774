"""Files as projects have them, and the fleet that is read out of each: the cases are in cases/*.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from pgtune.errors import PgtuneError
from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import DeclaredPool
from pgtune.model.pools.declared_pooler import DeclaredPooler
from pgtune.model.pools.demand import demand
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.sources.fleet_files import FleetFiles, read_fleet
from tests.golden import Case, Golden, read_cases

CASES = read_cases(Path(__file__).parent / "cases")
NAMES = {"values": "shop/values.yaml", "env": "app/.env"}
KINDS = ("values", "hpa", "manifests", "compose", "env")
NOT_SHOWN = {"name", "place", "max_size", "overflow"}


def read(case: Case, folder: Path) -> tuple[Fleet | None, tuple[str, ...]]:
    """Read the blocks of *case* as the files that their words name."""
    paths: dict[str, tuple[str, ...]] = {}
    settings = None
    for fence in case.fences:
        kind = fence.info
        path = folder / (NAMES.get(kind) or f"{kind}.yaml")
        if kind == "settings":
            path = folder / "pgtune.toml"
            settings = str(path)
        elif kind in KINDS:
            paths[kind] = (*paths.get(kind, ()), str(path))
        path.parent.mkdir(exist_ok=True)
        path.write_text(fence.text, encoding="utf-8")
    return read_fleet(folder if settings else Path("/"), settings, FleetFiles(**paths))


def described(fleet: Fleet, remarks: tuple[str, ...]) -> Iterator[str]:
    for service in fleet.services:
        yield from service_lines(service)
    yield from (f"client {each.name} ({each.place}): {each.connections}" for each in fleet.clients)
    yield from (pooler_line(each) for each in fleet.poolers)
    if fleet.server:
        slots = fleet.server.slots
        yield f"server ({fleet.server.place}): {slots.max_connections if slots else 'unknown'} slots"
    reckoned = demand(fleet)
    unknown = f", unknown: {', '.join(reckoned.unknown)}" if reckoned.unknown else ""
    yield f"demand: {reckoned.connections}{unknown}"
    yield from (f"remark: {remark}" for remark in remarks)


def service_lines(service: Service) -> Iterator[str]:
    scaler = service.autoscaler
    pods = f"{service.peak_replicas} replicas, {service.peak_pods} pods, {service.processes} processes"
    yield f"{service.name} ({service.place}): {pods}"
    if scaler:
        target = f"cpu {scaler.cpu_target:.0%}" if scaler.cpu_target else "no cpu"
        metrics = " ".join((target, *scaler.other_metrics))
        yield f"  scales {scaler.min_replicas} to {scaler.max_replicas} ({scaler.place}) on {metrics}"
    if service.readiness:
        uses = "uses the pool" if service.readiness.uses_pool else "does not use the pool"
        yield f"  readiness ({service.readiness.place}) {uses}"
    yield from (pool_line(pool) for pool in service.pools)


def pool_line(pool: DeclaredPool) -> str:
    unset = DeclaredPool(pool.name, pool.place)
    more = [
        f"{field.name}={getattr(value, 'value', value)}"
        for field in fields(pool)
        if field.name not in NOT_SHOWN
        if (value := getattr(pool, field.name)) != getattr(unset, field.name)
    ]
    size = "?" if pool.max_size is None else f"{pool.max_size}"
    size += f"+{pool.overflow}" if pool.overflow else ""
    return f"  {pool.name} ({pool.place}): {size} " + " ".join(more)


def pooler_line(pooler: DeclaredPooler) -> str:
    figures = f"{pooler.kind.value} {pooler.mode.value}, {pooler.instances} instances"
    return f"pooler {pooler.name} ({pooler.place}): {figures}, {pooler.server_connections} server connections"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_fleet_of_these_files_is_this(case: Case, golden: Golden, tmp_path: Path) -> None:
    try:
        fleet, remarks = read(case, tmp_path)
        assert fleet is not None
        text = "\n".join(described(fleet, remarks))
    except PgtuneError as error:
        text = f"error: {error}"
    golden.check(case, "fleet", text.replace(f"{tmp_path}/", ""))


def test_no_case_shows_a_password() -> None:
    shown = [case.text("fleet") or "" for case in CASES]
    assert any("hush" in fence.text for case in CASES for fence in case.fences)
    assert not any("hush" in text for text in shown)


def test_every_place_of_a_fleet_is_a_line_of_a_file(tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            fleet, _ = read(case, folder)
        except PgtuneError:
            continue
        assert fleet is not None
        for place in places(fleet):
            assert place.line is not None
            assert place.line <= len(Path(place.name).read_text(encoding="utf-8").splitlines()), case.id


def places(fleet: Fleet) -> Iterator[Place]:
    for service in fleet.services:
        yield service.place
        yield from (pool.place for pool in service.pools)
    yield from (each.place for each in (*fleet.clients, *fleet.poolers))
