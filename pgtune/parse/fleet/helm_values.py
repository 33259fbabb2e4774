"""Values of a Helm chart in, the workloads that they describe out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pgtune.model.pools.fleet import Autoscaler
from pgtune.parse.fleet.container_variables import read_variable_list
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.kubernetes import readiness_of
from pgtune.parse.fleet.references import resolve_template
from pgtune.parse.fleet.surges import surge_of
from pgtune.parse.fleet.yaml_nodes import YamlNode

_REPLICAS = ("replicaCount", "replicas")
_ENVIRONMENTS = (
    *("env", "envVars", "extraEnv", "extraEnvVars", "environment", "envs"),
    *("config", "configMap", "secrets", "secret", "secretEnv"),
)
_WORKERS = (("workers",), ("webConcurrency",), ("gunicorn", "workers"), ("uvicorn", "workers"))
_STRATEGIES = ("strategy", "updateStrategy", "deploymentStrategy")
_SCALERS = (("autoscaling", "hpa"), ("autoscaling",), ("hpa",), ("horizontalPodAutoscaler",))
_DEEPEST = 6  # levels of sections; chosen: aliases can repeat sections without end
_LEAST, _MOST = ("minReplicas", "min"), ("maxReplicas", "max")
_CPU = ("targetCPUUtilizationPercentage", "targetCPU")
_MEMORY = ("targetMemoryUtilizationPercentage", "targetMemory")


def read_values(values: YamlNode, chart: str) -> FleetDraft:
    """Read the values of *chart*: the top level is the service of that name, a section below is its own.

    *values* are all files of values merged, as YamlNode.over does.
    """
    components: dict[str, YamlNode] = {}
    for path, node in _components((chart,), values):
        name = path[-1] if path[-1] not in components else ".".join(path[1:])
        components[name] = node
    return fleet_of_workloads(tuple(_workload(name, node) for name, node in components.items()))


def _components(path: tuple[str, ...], node: YamlNode) -> Iterator[tuple[tuple[str, ...], YamlNode]]:
    """Sections at any depth that have replicas, with the keys that lead to them."""
    if any(node.at(key).number is not None for key in _REPLICAS) or _autoscaler(node) is not None:
        yield path, node
    switches = {keys[0] for keys in _SCALERS}
    for key, each in node.entries.items():
        if key not in switches and len(path) < _DEEPEST:
            yield from _components((*path, key), each)


def _workload(name: str, node: YamlNode) -> Workload:
    fields: dict[str, Any] = {}
    if autoscaler := _autoscaler(node):
        fields["autoscaler"] = autoscaler
    else:
        fields["replicas"] = next(count for key in _REPLICAS if (count := node.at(key).number) is not None)
    surges = (surge_of(node.at(key, "rollingUpdate", "maxSurge")) for key in _STRATEGIES)
    if surge := next((each for each in surges if each is not None), None):
        fields["surge"] = surge
    if workers := next((count for keys in _WORKERS if (count := node.at(*keys).number)), None):
        fields["processes"] = workers
    fields |= readiness_of([node.at("readinessProbe")])
    container = Container(name, node.place, _image(node), _command(node), tuple(_variables(node)))
    place = next((node.at(key).place for key in _REPLICAS if node.at(key).value is not None), node.place)
    return Workload(name, place, (container,), fields, tuple(_without_maximum(name, node)))


def _without_maximum(name: str, node: YamlNode) -> Iterator[str]:
    for keys in _SCALERS:
        switch = node.at(*keys, "enabled")
        if switch.text == "true" and _first(node.at(*keys), _MOST).number is None:
            yield f"{switch.place}: {name} is scaled without a known maximum; counted as it starts"


def _autoscaler(node: YamlNode) -> Autoscaler | None:
    """The bounds, unless they are switched off."""
    for keys in _SCALERS:
        scaling = node.at(*keys)
        most = _first(scaling, _MOST)
        if most.number is None or scaling.at("enabled").text == "false":
            continue
        least, percent = _first(scaling, _LEAST).number, _first(scaling, _CPU).number
        others = ("memory",) if _first(scaling, _MEMORY).number is not None else ()
        cpu = None if percent is None else percent / 100
        return Autoscaler(1 if least is None else least, most.number, most.place, cpu, others)
    return None


def _first(node: YamlNode, keys: tuple[str, ...]) -> YamlNode:
    """The node below the first of the *keys* that is there."""
    found = (node.at(key) for key in keys if node.at(key).value is not None)
    return next(found, YamlNode(None, node.place))


def _image(node: YamlNode) -> str:
    image = node.at("image")
    return image.text or image.at("repository").text or ""


def _command(node: YamlNode) -> tuple[str, ...]:
    words = (*node.at("command").elements, *node.at("args").elements)
    return tuple(word.text or "" for word in words)


def _variables(node: YamlNode) -> Iterator[Variable]:
    for key in _ENVIRONMENTS:
        for env in (node.at(key), node.at(key, "data"), node.at(key, "env")):
            for each in (*read_variable_list(env), *_mapped(env)):
                yield replace(each, value=each.value and resolve_template(each.value))


def _mapped(env: YamlNode) -> Iterator[Variable]:
    for name, each in env.entries.items():
        yield Variable(name, each.text if each.text is not None else each.at("value").text, each.place)
