"""HorizontalPodAutoscaler and ScaledObject manifests in, autoscalers by the name of their target out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pgtune.errors import InputError
from pgtune.model.pools.fleet import Autoscaler
from pgtune.parse.fleet.yaml_nodes import YamlNode

_DEFAULT_CPU_TARGET = 0.8  # of an autoscaler without metrics; kubernetes.io, HorizontalPodAutoscalerSpec
_KEDA_MAX_REPLICAS = 100  # maxReplicaCount; keda.sh, ScaledObject specification


def read_autoscalers(documents: Sequence[YamlNode]) -> Mapping[str, Autoscaler]:
    """Read every autoscaler of any API version; other kinds are passed over.

    Raises:
        InputError: an autoscaler has no target or no maximum, or the maximum is below the minimum.
    """
    found = {}
    for document in documents:
        kind = document.at("kind").text
        spec = document.at("spec")
        if kind in {"HorizontalPodAutoscaler", "ScaledObject"}:
            target = spec.at("scaleTargetRef", "name").text
            if target is None:
                raise InputError(f"{document.place}: {kind} without a target; add scaleTargetRef.name")
            found[target] = _of_pods(spec) if kind == "HorizontalPodAutoscaler" else _of_keda(spec)
            _check_bounds(found[target])
    return found


def unbounded_remarks(documents: Sequence[YamlNode]) -> tuple[str, ...]:
    """What the user should know of those that have no maximum of their own."""
    return tuple(
        f"{document.place}: ScaledObject without maxReplicaCount; counted with KEDA's {_KEDA_MAX_REPLICAS}"
        for document in documents
        if document.at("kind").text == "ScaledObject"
        if document.at("spec", "maxReplicaCount").number is None
    )


def _check_bounds(scaler: Autoscaler) -> None:
    if scaler.min_replicas > scaler.max_replicas:
        raise InputError(
            f"{scaler.place}: {scaler.min_replicas} replicas at least are more than the "
            f"{scaler.max_replicas} at most; correct one"
        )


def _of_pods(spec: YamlNode) -> Autoscaler:
    most = spec.at("maxReplicas")
    if most.number is None:
        raise InputError(f"{spec.place}: autoscaler without maxReplicas; say how many replicas there can be")
    cpu, others = _metrics(spec)
    least = spec.at("minReplicas").number
    return Autoscaler(1 if least is None else least, most.number, most.place, cpu, others)


def _of_keda(spec: YamlNode) -> Autoscaler:
    most, least = spec.at("maxReplicaCount"), spec.at("minReplicaCount").number
    triggers = spec.at("triggers").elements
    kinds = [each.at("type").text or "trigger" for each in triggers]
    cpu = next(
        (each.at("metadata", "value").number for each in triggers if each.at("type").text == "cpu"), None
    )
    return Autoscaler(
        0 if least is None else least,
        _KEDA_MAX_REPLICAS if most.number is None else most.number,
        most.place,
        None if cpu is None else cpu / 100,
        tuple(kind for kind in kinds if kind != "cpu"),
    )


def _metrics(spec: YamlNode) -> tuple[float | None, tuple[str, ...]]:
    """The target of CPU, and the names of all other metrics."""
    metrics = spec.at("metrics").elements
    if not metrics:
        percent = spec.at("targetCPUUtilizationPercentage").number
        return (_DEFAULT_CPU_TARGET if percent is None else percent / 100), ()
    cpu = None
    others = []
    for metric in metrics:
        kind = metric.at("type").text or ""
        body = metric.at(kind[:1].lower() + kind[1:])
        name = body.at("name").text or body.at("metric", "name").text or kind
        percent = body.at("target", "averageUtilization").number
        percent = body.at("targetAverageUtilization").number if percent is None else percent
        if name == "cpu" and percent is not None:
            cpu = percent / 100
        else:
            others.append(name)
    return cpu, tuple(others)
