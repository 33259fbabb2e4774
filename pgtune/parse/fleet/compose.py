"""A Compose file in, the workloads that its services are out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from pgtune.model.pools.fleet import Surge
from pgtune.parse.fleet.connection_string import whole_number
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.references import resolve_shell
from pgtune.parse.fleet.yaml_nodes import YamlNode

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
    always = {name: node for name, node in services.items() if not node.at("profiles").elements}
    draft = fleet_of_workloads(
        tuple(_workload(name, node, variables, env_files) for name, node in always.items())
    )
    remarks = tuple(
        f"{node.place}: {name} runs only with its profile; not counted"
        for name, node in services.items()
        if name not in always
    )
    return replace(draft, remarks=(*draft.remarks, *remarks))


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
    remarks = list(_files_not_given(node.at("env_file"), env_files))
    counts = [each for each in (deploy.at("replicas"), node.at("scale")) if each.value is not None]
    if counts:
        replicas = whole_number(resolve_shell(counts[0].text or "", variables) or "")
        values |= {} if replicas is None else {"replicas": replicas}
        remarks += [f"{counts[0].place}: replicas of {name} are not known here; counted as 1"] * (
            replicas is None
        )
    if deploy.at("mode").text == "global":
        remarks.append(f"{node.place}: {name} runs on each node, how many is not known; counted as 1")
    image = resolve_shell(node.at("image").text or "", variables) or ""
    words = (*_command(node.at("entrypoint")), *_command(node.at("command")))
    command = tuple(resolve_shell(word, variables) or word for word in words)
    own = (*_of_env_files(node.at("env_file"), env_files), *_variables(node, variables))
    container = Container(name, node.place, image, command, own)
    return Workload(name, node.place, (container,), values, tuple(remarks))


def _files_not_given(node: YamlNode, env_files: EnvFiles) -> Iterator[str]:
    for each in node.elements or (node,):
        path = each.text or each.at("path").text
        if path and PurePosixPath(path).name not in env_files:
            yield f"{each.place}: {path} is not read; name it with --env"


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
        text = each.text
        value = variables.get(name) if text is None else resolve_shell(text, variables)
        yield Variable(name, value, each.place)


def _of_env_files(node: YamlNode, env_files: EnvFiles) -> Iterator[Variable]:
    for each in node.elements or (node,):
        path = each.text or each.at("path").text or ""
        yield from env_files.get(PurePosixPath(path).name, ())
