"""``maxSurge`` of Kubernetes in, Surge out."""

from __future__ import annotations

from pgtune.model.pools.fleet import Surge
from pgtune.parse.fleet.yaml_nodes import YamlNode


def surge_of(node: YamlNode) -> Surge | None:
    """Read "25%" or a number of pods; None where there is neither."""
    text = node.text or ""
    if text.endswith("%") and text[:-1].isdigit():
        return Surge(int(text[:-1]) / 100)
    return None if node.number is None else Surge(count=node.number)
