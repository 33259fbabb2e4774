"""Kubernetes manifests in, the workloads and autoscalers that they declare out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pgtune.errors import InputError
from pgtune.model.pools.fleet import DEFAULT_SURGE_FRACTION, Readiness, Surge
from pgtune.parse.fleet.container_variables import VariableSources, read_variable_sources
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.operators import read_operators
from pgtune.parse.fleet.references import resolve_pod, resolve_shell
from pgtune.parse.fleet.surges import surge_of
from pgtune.parse.fleet.yaml_nodes import YamlNode

_RUNNING = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "DeploymentConfig", "Pod"}
)
_JOBS = frozenset({"Job", "CronJob"})
_BLUE_GREEN = Surge(1.0)  # argo-rollouts: both revisions run in full
_DATABASE_WORD = re.compile(r"(?:^|[^a-z])(?:db|database|postgres|postgresql)(?:[^a-z]|$)")


def read_manifests(documents: Sequence[YamlNode]) -> FleetDraft:
    """Read the workloads of all documents, those that always run first; other kinds are passed over.

    Raises:
        InputError: two workloads of one kind and namespace have one name.
    """
    sources = read_variable_sources(documents)
    found: dict[str, tuple[YamlNode, Workload]] = {}
    for kinds in (_RUNNING, _JOBS):
        for document in documents:
            if document.at("kind").text in kinds:
                workload = _workload(document, sources)
                name = _free_name(document, workload, found)
                found[name] = (document, replace(workload, name=name))
    draft = fleet_of_workloads([workload for _, workload in found.values()])
    operated = read_operators(documents)
    return replace(
        draft,
        poolers=(*draft.poolers, *operated.poolers),
        server=operated.server or draft.server,
        remarks=(*draft.remarks, *_not_read(documents)),
    )


def _not_read(documents: Sequence[YamlNode]) -> Iterator[str]:
    for document in documents:
        kind = document.at("kind").text
        if kind not in _RUNNING | _JOBS and document.at("spec", "template", "spec", "containers").elements:
            name = document.at("metadata", "name").text
            yield f"{document.at('kind').place}: {kind} {name} is of a kind that is not read; not counted"


def _free_name(document: YamlNode, workload: Workload, taken: Mapping[str, tuple[YamlNode, Workload]]) -> str:
    """The name; before it the kind or the namespace where another workload has it already."""
    if workload.name not in taken:
        return workload.name
    other, earlier = taken[workload.name]
    for keys in (("kind",), ("metadata", "namespace")):
        mark = document.at(*keys).text
        if mark is not None and mark != other.at(*keys).text:
            name = f"{mark.lower()}/{workload.name}"
            if name not in taken:
                return name
    raise InputError(
        f'{workload.place}: a second workload "{workload.name}", the first is at {earlier.place}; '
        "give rendered manifests, for example of kustomize build"
    )


def _workload(document: YamlNode, sources: VariableSources) -> Workload:
    kind = document.at("kind").text or ""
    name = document.at("metadata", "name").text or kind
    pod = _pod(kind, document)
    remarks: tuple[str, ...] = ()
    if kind == "DaemonSet":
        remarks = (f"{document.place}: {name} runs a pod on each node, how many is not known; counted as 1",)
    containers = tuple(_containers(pod, sources))
    values = {**_replicas(kind, document), **_surge(kind, document), **readiness_of(_of_pod(pod))}
    return Workload(name, document.at("kind").place, containers, values, remarks)


def _pod(kind: str, document: YamlNode) -> YamlNode:
    if kind == "CronJob":
        return document.at("spec", "jobTemplate", "spec", "template", "spec")
    return document.at("spec") if kind == "Pod" else document.at("spec", "template", "spec")


def _replicas(kind: str, document: YamlNode) -> dict[str, Any]:
    spec = document.at("spec")
    if kind in _JOBS:
        parallel = (spec.at("jobTemplate", "spec") if kind == "CronJob" else spec).at("parallelism").number
        is_suspended = spec.at("suspend").value is True
        return {"replicas": 0 if is_suspended else 1 if parallel is None else parallel}
    if kind == "Pod":
        return {"replicas": 1}
    replicas = spec.at("replicas").number
    return {} if replicas is None else {"replicas": replicas}


def _surge(kind: str, document: YamlNode) -> dict[str, Surge]:
    """A Deployment adds a quarter unless told otherwise, a DaemonSet what it is told, others none."""
    strategy = document.at("spec", "updateStrategy" if kind == "DaemonSet" else "strategy")
    if kind == "DaemonSet":
        return {"surge": surge_of(strategy.at("rollingUpdate", "maxSurge")) or Surge()}
    section = {
        "Deployment": "rollingUpdate",
        "DeploymentConfig": "rollingParams",
        "Rollout": "canary",
    }.get(kind)
    if section is None or strategy.at("type").text == "Recreate":
        return {"surge": Surge()}
    if kind == "Rollout" and strategy.at("blueGreen").value is not None:
        return {"surge": _BLUE_GREEN}
    return {"surge": surge_of(strategy.at(section, "maxSurge")) or Surge(DEFAULT_SURGE_FRACTION)}


def _containers(pod: YamlNode, sources: VariableSources) -> Iterator[Container]:
    sidecars = [
        each for each in pod.at("initContainers").elements if each.at("restartPolicy").text == "Always"
    ]
    for node in (*pod.at("containers").elements, *sidecars):
        variables = sources.variables(node)
        known = {each.name: each.value for each in variables if each.value is not None}
        words = (word.text or "" for word in (*node.at("command").elements, *node.at("args").elements))
        yield Container(
            node.at("name").text or "container",
            node.at("name").place,
            node.at("image").text or "",
            tuple(_resolved(word, known) for word in words),
            variables,
            sources.remarks(node),
        )


def _resolved(word: str, known: Mapping[str, str]) -> str:
    """A word of the command, as Kubernetes and then a shell see it; unchanged where a part is unknown."""
    for resolve in (resolve_pod, resolve_shell):
        word = resolve(word, known) or word
    return word


def _of_pod(pod: YamlNode) -> Iterator[YamlNode]:
    return (container.at("readinessProbe") for container in pod.at("containers").elements)


def readiness_of(probes: Iterable[YamlNode]) -> dict[str, Readiness]:
    """Whether one of the readiness probes goes through the pool, where its path or its command tells."""
    for probe in probes:
        path = probe.at("httpGet", "path")
        if path.text and _DATABASE_WORD.search(path.text.lower()):
            return {"readiness": Readiness(path.place, uses_pool=True)}
        words = " ".join(word.text or "" for word in probe.at("exec", "command").elements)
        if "psql" in words or "pg_isready" in words:
            return {"readiness": Readiness(probe.at("exec").place, uses_pool=False)}
    return {}
