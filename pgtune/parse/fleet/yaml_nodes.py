"""YAML text in, its documents with the line of each value out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pgtune.errors import InputError
from pgtune.model.place import Place

_LEADING_TABS = re.compile(r"^[ \t]*\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A value and where it is; ``value`` of a mapping is a dict of nodes, of a sequence a tuple of them."""

    value: Any
    place: Place

    def at(self, *keys: str) -> YamlNode:
        """The node below the *keys*; where one is missing, a node whose value is None."""
        node = self
        for key in keys:
            found = node.value.get(key) if isinstance(node.value, dict) else None
            if found is None:
                return YamlNode(None, node.place)
            node = found
        return node

    @property
    def entries(self) -> Mapping[str, YamlNode]:
        """The members of a mapping; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def elements(self) -> tuple[YamlNode, ...]:
        """The elements of a sequence; none of anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        """The scalar as a string; None for null, mappings and sequences."""
        if self.value is None or isinstance(self.value, dict | tuple):
            return None
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)

    @property
    def number(self) -> int | None:
        """The scalar as a whole number of at least 0, also where it is quoted; else None."""
        text = self.text or ""
        return int(text) if text.isascii() and text.isdigit() else None

    def over(self, lower: YamlNode) -> YamlNode:
        """Both merged as helm merges values: mappings key by key, everything else replaced."""
        if not isinstance(self.value, dict) or not isinstance(lower.value, dict):
            return self
        merged = dict(lower.value)
        for key, node in self.value.items():
            merged[key] = node.over(merged[key]) if key in merged else node
        return YamlNode(merged, self.place)


def read_documents(text: str, file: str) -> tuple[YamlNode, ...]:
    """Return the documents that hold a mapping; of a kind ending in List, or a list, its elements.

    Raises:
        InputError: it is no YAML.
    """
    import yaml  # 0.02 s

    try:
        # JSON may be indented with tabs, YAML may not.
        loader = yaml.SafeLoader(_LEADING_TABS.sub(_as_spaces, text) if text.lstrip()[:1] in "{[" else text)
    except yaml.YAMLError as error:  # a character that no YAML may hold
        raise InputError(_no_yaml(file, text, error)) from None
    try:
        nodes = []
        while loader.check_node():
            nodes.append(_Converter(loader, file).node(loader.get_node()))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(_no_yaml(file, text, error)) from None
    finally:
        loader.dispose()
    return tuple(document for node in nodes for document in _unlisted(node))


def _as_spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _unlisted(node: YamlNode) -> Iterator[YamlNode]:
    listed = node.elements or (
        node.at("items").elements if (node.at("kind").text or "").endswith("List") else ()
    )
    for each in listed:
        yield from _unlisted(each)
    if not listed and node.entries:
        yield node


def _no_yaml(file: str, text: str, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    place = Place(file, mark.line + 1 if mark else None)
    cure = "indent with spaces" if "'\\t'" in problem else "correct it"
    if "{{" in text:
        cure = "render the chart first, for example with helm template"
    return f"{place}: no YAML ({problem}); {cure}"


class _Converter:
    """Turns the nodes of one document; what an alias repeats is turned once."""

    def __init__(self, loader: Any, file: str) -> None:
        self.loader = loader
        self.file = file
        self.done: dict[int, YamlNode] = {}

    def node(self, raw: Any) -> YamlNode:
        known = self.done.get(id(raw))
        if known is None:
            place = Place(self.file, raw.start_mark.line + 1)
            self.done[id(raw)] = YamlNode(None, place)  # what an alias inside of itself sees
            known = self.done[id(raw)] = YamlNode(self._value(raw), place)
        return known

    def _value(self, raw: Any) -> Any:
        if raw.id == "mapping":
            self.loader.flatten_mapping(raw)  # the merge key <<
            return {str(key.value): self._member(key, value) for key, value in raw.value}
        if raw.id == "sequence":
            return tuple(self.node(each) for each in raw.value)
        from yaml.constructor import ConstructorError

        try:
            return self.loader.construct_object(raw)
        except ConstructorError:
            return raw.value  # a tag of the program that the file is for

    def _member(self, key: Any, value: Any) -> YamlNode:
        """A value under a key: the key's line is the one to show."""
        return YamlNode(self.node(value).value, Place(self.file, key.start_mark.line + 1))
