"""The lines that follow the tree in the text format in, the keys beside ``Plan`` in FORMAT JSON out."""

from __future__ import annotations

import re

from pgtune.parse.raw_shape import RawNode, RawPlan
from pgtune.parse.scalar_values import number_or_text
from pgtune.parse.text_properties import add_property, read_serialization, read_settings, read_trigger

# Small "t" up to 10; "Total runtime" up to 9.3, which had no other name for it.
_TIMES = {
    "planning time": "Planning Time",
    "execution time": "Execution Time",
    "total runtime": "Execution Time",
}
_BEGINNINGS = (
    *("Planning", "Execution ", "Total runtime", "Settings: ", "JIT:", "Trigger ", "Serialization: "),
    *("Query Identifier: ", "Query Text: "),
    *("Optimizer", "Slice statistics:", "Statement statistics:", "Memory used: "),  # Greenplum
    *("Storage ", "Catalog ", "Peak Memory Usage: "),  # YugabyteDB
)
_MILLISECONDS = re.compile(r"(\d+(?:\.\d+)?) ?ms\b")
_TRIGGER = re.compile(r"Trigger (.*?): ((?:time=[\d.]+ )?calls=\d+)")
_KEY = re.compile(r"([A-Za-z][\w /-]{0,60}): (.*)", re.DOTALL)
# What stands below a result: a row count in any language, \timing, a prompt, a command tag, the end of a
# block in Markdown.
_CLIENT_LINE = re.compile(
    r"\(\d+ \w+.*\)|Time: [\d.]+ ?m?s.*|[\w.@:/\[\]-]+[=-][#>*!^(].*|(?:SELECT|EXPLAIN) ?\d*|\[/?\w+\]"
    r"|`{3}"
)


def is_plan_line(text: str) -> bool:
    """Tell whether the line, stripped, stands below the tree: EXPLAIN's own or the client's."""
    return text.startswith(_BEGINNINGS) or _CLIENT_LINE.fullmatch(text) is not None


def add_plan_line(plan: RawPlan, text: str) -> RawNode | None:
    """Store one line; return the group that it opens for the lines indented below it, if it does."""
    if text.endswith(":") and text[0].isupper():
        opened: RawNode = plan.setdefault(text[:-1], {})
        return opened if isinstance(opened, dict) else None
    if trigger := _TRIGGER.fullmatch(text):
        plan.setdefault("Triggers", []).append(read_trigger(trigger[1], trigger[2]))
        return None
    match = _KEY.fullmatch(text)
    if match is None:
        if not _CLIENT_LINE.fullmatch(text):
            plan.setdefault("Extra Lines", []).append(text)
        return None
    return _add_key(plan, match[1], match[2])


def _add_key(plan: RawPlan, key: str, printed: str) -> RawNode | None:
    time_key = _TIMES.get(key.lower())
    milliseconds = _MILLISECONDS.match(printed)  # a remark may follow
    if time_key and milliseconds:
        plan[time_key] = float(milliseconds[1])
    elif key == "Settings":
        plan[key] = read_settings(printed)
    elif key == "Serialization":
        serialization = read_serialization(printed)
        plan[key] = serialization
        return serialization  # its Buffers line is indented below it
    elif key == "Query Identifier":
        plan[key] = number_or_text(printed)
    elif not _CLIENT_LINE.fullmatch(f"{key}: {printed}"):
        add_property(plan, key, printed)
    return None
