"""Paths of settings, manifests, values, Compose and .env files in, the fleet that they declare out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pgtune.errors import InputError
from pgtune.model.place import Place
from pgtune.model.pools.fleet import Autoscaler, Fleet
from pgtune.parse.fleet.drafts import FleetDraft, ServiceDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.toml_fleet import read_toml_fleet
from pgtune.sources.files import read_input
from pgtune.sources.project_file import find_settings_file

_MANIFEST_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class FleetFiles:
    """Paths as the user gave them."""

    values: tuple[str, ...] = ()
    hpa: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    compose: tuple[str, ...] = ()
    env: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every path."""
        return (*self.values, *self.hpa, *self.manifests, *self.compose, *self.env)


def read_fleet(
    start: Path, explicit: str | None = None, files: FleetFiles = FleetFiles()
) -> tuple[Fleet | None, tuple[str, ...]]:
    """Return the fleet and what the user should know of it; None where nothing is declared.

    The settings are those that read_project_settings finds with *start* and *explicit*; what they
    declare of a service goes before what *files* say of it, field by field.

    Raises:
        SettingsError: the settings are wrong.
        InputError: a file is missing or no YAML, or no file declares anything that connects.
    """
    from pgtune.parse.fleet.build_fleet import build_fleet
    from pgtune.parse.fleet.merge import merge_fleets

    settings = _settings_fleet(start, explicit)
    if settings is None and not files.all:
        return None, ()
    found = _files_fleet(files, settings) if files.all else FleetDraft()
    merged = merge_fleets([found, settings or FleetDraft()])
    place = Place(files.all[0]) if files.all else Place("settings")
    named = [service.name for service in settings.services] if settings else []
    fleet, remarks = build_fleet(merged, place, named)
    if files.all and not (fleet.services or fleet.clients or fleet.poolers):
        raise InputError(
            f"{', '.join(files.all)}: no pool and no connection string in it; declare services in [fleet]"
        )
    return fleet, remarks


def _settings_fleet(start: Path, explicit: str | None) -> FleetDraft | None:
    path = find_settings_file(start, explicit)
    if path is None:
        return None
    return read_toml_fleet(path.read_text(encoding="utf-8"), explicit or _shown(path, start))


def _shown(path: Path, start: Path) -> str:
    """Relative to the working directory, as reports of CI name files."""
    return os.path.relpath(path, start.absolute())


def _files_fleet(files: FleetFiles, settings: FleetDraft | None) -> FleetDraft:
    """Unite what the files declare; the weaker kinds of file come first."""
    from pgtune.parse.fleet.compose import read_compose
    from pgtune.parse.fleet.kubernetes import read_manifests
    from pgtune.parse.fleet.merge import merge_fleets
    from pgtune.parse.fleet.yaml_nodes import read_documents

    compose = [document for path in files.compose for document in read_documents(read_input(path).text, path)]
    manifests = [
        document
        for path in _manifest_paths(files.manifests)
        for document in read_documents(read_input(path).text, path)
    ]
    merged = merge_fleets(
        [read_compose(compose, _variables(files.env)), *_values(files.values), read_manifests(manifests)]
    )
    known = [service.name for service in (*merged.services, *(settings.services if settings else ()))]
    return merge_fleets([*_env_files(files, known), merged, _autoscalers(files.hpa, manifests, known)])


def _variables(paths: Sequence[str]) -> Mapping[str, tuple[Variable, ...]]:
    from pgtune.parse.fleet.env_file import read_variables

    return {Path(path).name: read_variables(read_input(path).text, path) for path in paths}


def _manifest_paths(paths: Sequence[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        folder = Path(path)
        if not folder.is_dir():
            found.append(path)
            continue
        inside = sorted(
            str(each)
            for each in folder.rglob("*")
            if each.suffix in _MANIFEST_SUFFIXES and each.is_file() and not each.name.startswith(".")
        )
        if not inside:
            raise InputError(f"{path}: no .yaml, .yml or .json file in this directory; name another")
        found += inside
    return found


def _values(paths: Sequence[str]) -> list[FleetDraft]:
    """The values of one chart, which is named by the first file; later files go before earlier ones."""
    from pgtune.parse.fleet.helm_values import read_values
    from pgtune.parse.fleet.yaml_nodes import YamlNode, read_documents

    merged: YamlNode | None = None
    for path in paths:
        for document in read_documents(read_input(path).text, path):
            merged = document if merged is None else document.over(merged)
    return [] if merged is None else [read_values(merged, _chart(paths[0]))]


def _chart(path: str) -> str:
    return Path(path).absolute().parent.name or Path(path).stem


def _env_files(files: FleetFiles, known: Sequence[str]) -> list[FleetDraft]:
    """What .env files declare by themselves; beside Compose files, which say where they belong, nothing."""
    from pgtune.parse.fleet.env_file import read_env_file

    if files.compose:
        return []
    return [read_env_file(read_input(path).text, path, _service_of(path, known)) for path in files.env]


def _service_of(path: str, known: Sequence[str]) -> str:
    """The service that a .env file is of: .env.api and api.env name it; else the only one, or the folder."""
    words = [word for word in Path(path).name.split(".") if word not in {"", "env"}]
    named = next((word for word in words if word in known), None)
    if named or len(set(known)) == 1:
        return named or known[0]
    return words[0] if words else Path(path).absolute().parent.name


def _autoscalers(paths: Sequence[str], manifests: Sequence[object], known: Sequence[str]) -> FleetDraft:
    from pgtune.parse.fleet.autoscalers import read_autoscalers, unbounded_remarks
    from pgtune.parse.fleet.yaml_nodes import YamlNode, read_documents

    own = [document for path in paths for document in read_documents(read_input(path).text, path)]
    inside = [each for each in manifests if isinstance(each, YamlNode)]
    if paths and not read_autoscalers(own):
        raise InputError(f"{paths[0]}: no HorizontalPodAutoscaler in it; name another file")
    found = read_autoscalers((*inside, *own))
    targets = [_scaled(target, known, len(found)) for target in found]
    services = [
        ServiceDraft(name, autoscaler.place, {"autoscaler": autoscaler})
        for (name, _), autoscaler in zip(targets, found.values(), strict=True)
        if name in known
    ]
    remarks = (*_renamed(found, targets), *_of_nothing(found, targets, known))
    return FleetDraft(services=tuple(services), remarks=(*remarks, *unbounded_remarks((*inside, *own))))


def _scaled(target: str, known: Sequence[str], targets: int) -> tuple[str, bool]:
    """The service that an autoscaler's target is, and whether it is a guess: RELEASE-api stands for api."""
    if target in known:
        return target, False
    ends = [name for name in known if target.endswith(f"-{name}")]
    if len(ends) == 1:
        return ends[0], True
    only = set(known)
    return (known[0], True) if len(only) == 1 and targets == 1 else (target, False)


def _renamed(found: Mapping[str, Autoscaler], targets: Sequence[tuple[str, bool]]) -> tuple[str, ...]:
    return tuple(
        f'{autoscaler.place}: autoscaler of "{target}" taken for that of {name}'
        for (target, autoscaler), (name, is_guess) in zip(found.items(), targets, strict=True)
        if is_guess
    )


def _of_nothing(
    found: Mapping[str, Autoscaler], targets: Sequence[tuple[str, bool]], known: Sequence[str]
) -> tuple[str, ...]:
    return tuple(
        f'{autoscaler.place}: autoscaler of "{target}", which no file declares; not heeded'
        for (target, autoscaler), (name, _) in zip(found.items(), targets, strict=True)
        if name not in known
    )
