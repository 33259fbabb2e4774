"""EXPLAIN output in any format and frame in, plans in the shape of EXPLAIN (FORMAT JSON) out.

What a plan from text lacks, because EXPLAIN prints it in the other formats only:
counters, lists and flags that are zero, empty or false; the relation of a trigger when the statement has one
target; ``Inner Unique`` unless VERBOSE. JSON's second ``Workers`` list (up to 12) is merged into the first.
``Parent Relationship`` is derived from the tree: the child of a ModifyTable is Outer, as from 14 on.
``Total Runtime`` (up to 9.3) is given as ``Execution Time`` in every format.
Lines that mean nothing to pgtune are kept in ``Extra Lines`` of their node, worker or plan.
"""

from __future__ import annotations

import re

from pgtune.errors import PlanError
from pgtune.parse.explain_json import find_json, read_json, text_rows
from pgtune.parse.explain_text import find_arrow, find_first_node, read_text
from pgtune.parse.explain_xml import find_xml, read_xml
from pgtune.parse.explain_yaml import find_yaml, read_yaml
from pgtune.parse.framing import Block, unframe
from pgtune.parse.raw_shape import NO_PLAN, RawNode, RawPlan

__all__ = ["RawNode", "RawPlan", "read_raw_plans"]

_JSON_VALUE = re.compile(r"\s*[\[{]")


def read_raw_plans(text: str) -> list[RawPlan]:
    """Return every plan in *text*, at least one.

    Raises:
        PlanError: the input is empty, holds no plan, or holds one that is cut off.
    """
    if not text.strip("\ufeff \t\r\n"):
        raise PlanError("input is empty; expected EXPLAIN output in text, JSON, YAML or XML")
    plans: list[RawPlan] = []
    blocks = [Block(1, [text])] if _is_bare_json(text) else unframe(text)
    for block in blocks:
        plans.extend(_read_block(block, required=len(blocks) == 1))
    if not plans:
        raise PlanError(NO_PLAN)
    for plan in plans:
        if "Total Runtime" in plan:
            plan.setdefault("Execution Time", plan.pop("Total Runtime"))
    return plans


def _is_bare_json(text: str) -> bool:
    """Tell whether the input is JSON with nothing before it, so that no frame needs to be looked for."""
    start = find_json(text[:2000])
    return start is not None and not text[:start].strip() and not text[start:].split("\n", 1)[0].endswith("+")


def _read_block(block: Block, *, required: bool) -> list[RawPlan]:
    """Return the plans in the format that begins first; none is an error only if *required*."""
    text = "\n".join(block.lines)
    starts = [
        (offset, reader)
        for find, reader in ((find_json, read_json), (find_xml, read_xml), (find_yaml, read_yaml))
        if (offset := find(text)) is not None
    ]
    offset, reader = min(starts, key=lambda start: start[0]) if starts else (len(text) + 1, None)
    if reader is None or _text_begins_before(block.lines, offset):
        return _read_text_block(block, required=required)
    if reader is read_json and (rows := text_rows(text, offset)):
        return read_text(rows.split("\n"), block.first_number)
    return reader(text, offset, block.first_number)


def _text_begins_before(lines: list[str], offset: int) -> bool:
    index = find_first_node(lines)
    return index is not None and sum(len(line) + 1 for line in lines[:index]) < offset


def _read_text_block(block: Block, *, required: bool) -> list[RawPlan]:
    if find_first_node(block.lines) is not None:
        return read_text(block.lines, block.first_number)
    if not required:
        return []
    if _JSON_VALUE.match("\n".join(block.lines)):
        return read_json("\n".join(block.lines).strip(), 0, block.first_number)
    arrow = find_arrow(block.lines)
    if arrow is not None:
        raise PlanError(
            f"the text plan begins with an arrow at line {block.first_number + arrow}; its root is missing;"
            " paste it again from its first line"
        )
    raise PlanError(NO_PLAN)
