"""The shape that every reader in this folder produces: EXPLAIN (FORMAT JSON), as Python values.

What differs from the server's JSON when the plan came in another format is listed in ``raw_plan``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

# Also the answer to mistyped SQL on standard input, so it names all that pgtune reads.
NO_PLAN = "no plan found in the input; give SQL, a server log, or EXPLAIN output in text, JSON, YAML or XML"

RawNode: TypeAlias = dict[str, Any]
"""One plan node: EXPLAIN's keys; children in ``Plans``, per-worker numbers in ``Workers``."""

RawPlan: TypeAlias = dict[str, Any]
"""One element of EXPLAIN's JSON array: ``Plan`` holds the root, beside it ``Planning Time`` and so on."""


def raw_object(pairs: Iterable[tuple[str, Any]]) -> RawNode:
    """Return the pairs as a dict, with a second ``Workers`` list merged into the first.

    Up to 12 a Sort in a parallel plan has ``Workers`` twice: once for the sort space, once for the actuals.
    """
    raw: RawNode = {}
    for key, value in pairs:
        if key == "Workers" and isinstance(raw.get(key), list):
            raw[key] = _merged_workers(raw[key], value)
        else:
            raw[key] = value
    return raw


def _merged_workers(first: list[RawNode], second: list[RawNode]) -> list[RawNode]:
    by_number: dict[Any, RawNode] = {}
    for worker in [*first, *second]:
        by_number.setdefault(worker.get("Worker Number"), {}).update(worker)
    return list(by_number.values())
