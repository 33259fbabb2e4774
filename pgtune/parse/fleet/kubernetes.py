"""Kubernetes manifests in, the workloads and autoscalers that they declare out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pgtune.errors import InputError
from pgtune.model.pools.fleet import DEFAULT_SURGE_FRACTION, Readiness, Surge
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.surges import surge_of
from pgtune.parse.fleet.yaml_nodes import YamlNode

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})
_DATABASE_WORD = re.compile(r"(?:^|[^a-z])(?:db|database|postgres|postgresql)(?:[^a-z]|$)")


def read_manifests(documents: Sequence[YamlNode]) -> FleetDraft:
    """Read the workloads of all documents; other kinds are passed over.

    Raises:
        InputError: two workloads have one name.
    """
    workloads: dict[str, Workload] = {}
    for document in documents:
        if document.at("kind").text not in _WORKLOADS:
            continue
        workload = _workload(document)
        earlier = workloads.setdefault(workload.name, workload)
        if earlier is not workload:
            raise InputError(
                f'{workload.place}: a second workload "{workload.name}", the first is at {earlier.place}; '
                "give rendered manifests, for example of kustomize build"
            )
    return fleet_of_workloads(tuple(workloads.values()))


def _workload(document: YamlNode) -> Workload:
    kind = document.at("kind").text or ""
    name = document.at("metadata", "name").text or kind
    pod = _pod(kind, document)
    remarks: tuple[str, ...] = ()
    if kind == "DaemonSet":
        remarks = (f"{document.place}: {name} runs a pod on each node, how many is not known; counted as 1",)
    containers = tuple(_containers(pod))
    values = {**_replicas(kind, document), **_surge(kind, document), **_readiness(pod)}
    return Workload(name, document.at("kind").place, containers, values, remarks)


def _pod(kind: str, document: YamlNode) -> YamlNode:
    if kind == "CronJob":
        return document.at("spec", "jobTemplate", "spec", "template", "spec")
    return document.at("spec") if kind == "Pod" else document.at("spec", "template", "spec")


def _replicas(kind: str, document: YamlNode) -> dict[str, Any]:
    spec = document.at("spec")
    if kind in {"Job", "CronJob"}:
        parallel = (spec.at("jobTemplate", "spec") if kind == "CronJob" else spec).at("parallelism").number
        return {"replicas": 1 if parallel is None else parallel}
    if kind == "Pod":
        return {"replicas": 1}
    replicas = spec.at("replicas").number
    return {} if replicas is None else {"replicas": replicas}


def _surge(kind: str, document: YamlNode) -> dict[str, Surge]:
    """A Deployment adds a quarter unless told otherwise, a DaemonSet what it is told, others none."""
    if kind == "Deployment":
        strategy = document.at("spec", "strategy")
        if strategy.at("type").text == "Recreate":
            return {"surge": Surge()}
        return {"surge": surge_of(strategy.at("rollingUpdate", "maxSurge")) or Surge(DEFAULT_SURGE_FRACTION)}
    if kind == "DaemonSet":
        return {
            "surge": surge_of(document.at("spec", "updateStrategy", "rollingUpdate", "maxSurge")) or Surge()
        }
    return {"surge": Surge()}


def _containers(pod: YamlNode) -> Iterator[Container]:
    sidecars = [
        each for each in pod.at("initContainers").elements if each.at("restartPolicy").text == "Always"
    ]
    for node in (*pod.at("containers").elements, *sidecars):
        command = (*node.at("command").elements, *node.at("args").elements)
        yield Container(
            node.at("name").text or "container",
            node.at("name").place,
            node.at("image").text or "",
            tuple(word.text or "" for word in command),
            tuple(read_variable_list(node.at("env"))),
        )


def read_variable_list(env: YamlNode) -> Iterator[Variable]:
    """Yield the variables of an ``env`` list; those with valueFrom have no known value."""
    for node in env.elements:
        name = node.at("name").text
        if name:
            yield Variable(name, node.at("value").text, node.at("name").place)


def _readiness(pod: YamlNode) -> dict[str, Readiness]:
    """Whether the probe goes through the pool, where its path or its command tells."""
    for container in pod.at("containers").elements:
        probe = container.at("readinessProbe")
        path = probe.at("httpGet", "path")
        if path.text and _DATABASE_WORD.search(path.text.lower()):
            return {"readiness": Readiness(path.place, uses_pool=True)}
        words = " ".join(word.text or "" for word in probe.at("exec", "command").elements)
        if "psql" in words or "pg_isready" in words:
            return {"readiness": Readiness(probe.at("exec").place, uses_pool=False)}
    return {}
