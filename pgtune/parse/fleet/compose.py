"""A Compose file in, the workloads that its services are out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pgtune.model.pools.fleet import Surge
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.yaml_nodes import YamlNode

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_]\w*)|\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<default>[^}]*))?\})"
)


EnvFiles = Mapping[str, tuple[Variable, ...]]  # the variables of .env files by the files' names


def read_compose(documents: Sequence[YamlNode], env_files: EnvFiles) -> FleetDraft:
    """Read the services of Compose files, of which later ones go before earlier ones.

    ``${NAME}`` refers to the variables of *env_files*; a service has those of its ``env_file`` as well.
    """
    services: dict[str, YamlNode] = {}
    for document in documents:
        for name, node in document.at("services").entries.items():
            mapped = _with_mapped_environment(node)
            services[name] = mapped.over(services[name]) if name in services else mapped
    variables = {each.name: each.value or "" for file in env_files.values() for each in file}
    return fleet_of_workloads(
        tuple(_workload(name, node, variables, env_files) for name, node in services.items())
    )


def _with_mapped_environment(node: YamlNode) -> YamlNode:
    """The list NAME=value as a mapping, so that the files of a project merge; a bare NAME has no value."""
    listed = node.at("environment").elements
    if not listed:
        return node
    pairs = [((each.text or "").partition("="), each.place) for each in listed]
    mapping = {name: YamlNode(text if sign else None, place) for (name, sign, text), place in pairs}
    return YamlNode(
        {**node.entries, "environment": YamlNode(mapping, node.at("environment").place)}, node.place
    )


def _workload(name: str, node: YamlNode, variables: Mapping[str, str], env_files: EnvFiles) -> Workload:
    deploy = node.at("deploy")
    values: dict[str, Any] = {"surge": _surge(deploy)}
    counts = (deploy.at("replicas"), node.at("scale"))
    replicas = next((each.number for each in counts if each.number is not None), None)
    if replicas is not None:
        values["replicas"] = replicas
    remarks: tuple[str, ...] = ()
    if deploy.at("mode").text == "global":
        remarks = (f"{node.place}: {name} runs on each node, how many is not known; counted as 1",)
    image = _resolved(node.at("image").text or "", variables) or ""
    command = tuple(_command(node.at("command")))
    own = (*_of_env_files(node.at("env_file"), env_files), *_variables(node, variables))
    container = Container(name, node.place, image, command, own)
    return Workload(name, node.place, (container,), values, remarks)


def _surge(deploy: YamlNode) -> Surge:
    """Old containers stop first unless ``order: start-first``; parallelism 0 is all at once."""
    update = deploy.at("update_config")
    if update.at("order").text != "start-first":
        return Surge()
    parallel = update.at("parallelism").number
    return Surge(fraction=1.0) if parallel == 0 else Surge(count=1 if parallel is None else parallel)


def _command(node: YamlNode) -> Iterator[str]:
    if node.text is not None:
        yield node.text
    for word in node.elements:
        yield word.text or ""


def _variables(node: YamlNode, variables: Mapping[str, str]) -> Iterator[Variable]:
    for name, each in node.at("environment").entries.items():
        value = variables.get(name) if each.text is None else _resolved(each.text, variables)
        yield Variable(name, value, each.place)


def _of_env_files(node: YamlNode, env_files: EnvFiles) -> Iterator[Variable]:
    for each in node.elements or (node,):
        path = each.text or each.at("path").text or ""
        yield from env_files.get(PurePosixPath(path).name, ())


def _resolved(text: str | None, variables: Mapping[str, str]) -> str | None:
    """Replace references to variables; None where one is neither known nor has a default."""
    if text is None:
        return None
    unknown = False

    def replacement(match: re.Match[str]) -> str:
        nonlocal unknown
        if match["escaped"]:
            return "$"
        value = variables.get(match["name"] or match["bare"])
        if value is None and (match["sign"] or "").endswith("-"):
            value = match["default"]
        unknown = unknown or value is None
        return value or ""

    resolved = _REFERENCE.sub(replacement, text)
    return None if unknown else resolved
