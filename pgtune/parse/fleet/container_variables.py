"""``env`` and ``envFrom`` of a container in, its variables out; with the ConfigMaps and Secrets at hand."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.references import resolve_pod
from pgtune.parse.fleet.yaml_nodes import YamlNode

_KIND_BY_REFERENCE = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
_KIND_BY_KEY_REFERENCE = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}

Source = tuple[str, str]  # kind and name


@dataclass(frozen=True, slots=True)
class VariableSources:
    """The members of each ConfigMap and Secret of the files."""

    members: Mapping[Source, Mapping[str, Variable]] = field(default_factory=dict)

    def variables(self, container: YamlNode) -> tuple[Variable, ...]:
        """All variables; those whose value comes from what is not at hand have none. ``env`` goes last."""
        found = [each for source, _ in _whole(container) for each in self.members.get(source, {}).values()]
        known = {each.name: each.value for each in found if each.value is not None}
        for name, node in _listed(container.at("env")):
            text = node.at("value").text
            variable = Variable(
                name, None if text is None else resolve_pod(text, known), node.at("name").place
            )
            variable = self._referred(node.at("valueFrom"), name) or variable
            if variable.value is not None:
                known[name] = variable.value
            found.append(variable)
        return tuple(found)

    def remarks(self, container: YamlNode) -> tuple[str, ...]:
        """What ``envFrom`` takes from elsewhere."""
        return tuple(
            f'{node.place}: {kind} "{name}" is in none of the files; its variables are not heeded'
            for (kind, name), node in _whole(container)
            if (kind, name) not in self.members
        )

    def _referred(self, node: YamlNode, name: str) -> Variable | None:
        for reference, kind in _KIND_BY_KEY_REFERENCE.items():
            members = self.members.get((kind, node.at(reference, "name").text or ""), {})
            member = members.get(node.at(reference, "key").text or "")
            if member is not None:
                return Variable(name, member.value, member.place)
        return None


def read_variable_sources(documents: Sequence[YamlNode]) -> VariableSources:
    """Read the ConfigMaps and Secrets; other kinds are passed over."""
    return VariableSources(
        {
            (kind, document.at("metadata", "name").text or ""): dict(_members(document))
            for document in documents
            if (kind := document.at("kind").text) in {"ConfigMap", "Secret"}
        }
    )


def read_variable_list(env: YamlNode) -> Iterator[Variable]:
    """Yield the variables of an ``env`` list; those with valueFrom have no known value."""
    for name, node in _listed(env):
        yield Variable(name, node.at("value").text, node.at("name").place)


def _members(document: YamlNode) -> Iterator[tuple[str, Variable]]:
    is_encoded = document.at("kind").text == "Secret"
    for name, node in document.at("data").entries.items():
        yield name, Variable(name, _decoded(node.text) if is_encoded else node.text, node.place)
    for name, node in document.at("stringData").entries.items():
        yield name, Variable(name, node.text, node.place)


def _decoded(text: str | None) -> str | None:
    try:
        return base64.b64decode(text or "", validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _whole(container: YamlNode) -> Iterator[tuple[Source, YamlNode]]:
    """The sources that ``envFrom`` names."""
    for each in container.at("envFrom").elements:
        for reference, kind in _KIND_BY_REFERENCE.items():
            name = each.at(reference, "name")
            if name.text:
                yield (kind, name.text), name


def _listed(env: YamlNode) -> Iterator[tuple[str, YamlNode]]:
    for node in env.elements:
        name = node.at("name").text
        if name:
            yield name, node
