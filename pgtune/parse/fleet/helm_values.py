"""Values of a Helm chart in, the workloads that they describe out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgtune.model.pools.fleet import Autoscaler
from pgtune.parse.fleet.containers import Container, Workload, fleet_of_workloads
from pgtune.parse.fleet.drafts import FleetDraft
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.kubernetes import read_variable_list
from pgtune.parse.fleet.surges import surge_of
from pgtune.parse.fleet.yaml_nodes import YamlNode

_REPLICAS = ("replicaCount", "replicas")
_ENVIRONMENTS = ("env", "envVars", "extraEnv", "extraEnvVars")
_WORKERS = (("workers",), ("webConcurrency",), ("gunicorn", "workers"), ("uvicorn", "workers"))
_STRATEGIES = ("strategy", "updateStrategy", "deploymentStrategy")


def read_values(values: YamlNode, chart: str) -> FleetDraft:
    """Read the values of *chart*: the top level is the service of that name, a section below is its own.

    *values* are all files of values merged, as YamlNode.over does.
    """
    sections = ((chart, values), *values.entries.items())
    return fleet_of_workloads(tuple(_workload(name, node) for name, node in sections if _is_component(node)))


def _is_component(node: YamlNode) -> bool:
    return any(node.at(key).number is not None for key in _REPLICAS) or _autoscaler(node) is not None


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
    container = Container(name, node.place, _image(node), _command(node), tuple(_variables(node)))
    place = next((node.at(key).place for key in _REPLICAS if node.at(key).value is not None), node.place)
    return Workload(name, place, (container,), fields)


def _autoscaler(node: YamlNode) -> Autoscaler | None:
    scaling = node.at("autoscaling")
    most = scaling.at("maxReplicas")
    if scaling.at("enabled").value is not True or most.number is None:
        return None
    least = scaling.at("minReplicas").number
    percent = scaling.at("targetCPUUtilizationPercentage").number
    others = ("memory",) if scaling.at("targetMemoryUtilizationPercentage").number is not None else ()
    cpu = None if percent is None else percent / 100
    return Autoscaler(1 if least is None else least, most.number, most.place, cpu, others)


def _image(node: YamlNode) -> str:
    image = node.at("image")
    return image.text or image.at("repository").text or ""


def _command(node: YamlNode) -> tuple[str, ...]:
    words = (*node.at("command").elements, *node.at("args").elements)
    return tuple(word.text or "" for word in words)


def _variables(node: YamlNode) -> Iterator[Variable]:
    for key in _ENVIRONMENTS:
        env = node.at(key)
        yield from read_variable_list(env)
        for name, each in env.entries.items():
            text = each.text if each.text is not None else each.at("value").text
            yield Variable(name, text, each.place)
