"""Text with EXPLAIN plans in XML in, plans in the shape of JSON out.

XML has neither numbers nor booleans nor blanks in its tags, so types and keys are restored from what is known
of EXPLAIN's keys. Document types and entities are refused: EXPLAIN writes none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from pgtune.errors import PlanError
from pgtune.parse.raw_shape import RawNode, RawPlan, raw_object
from pgtune.parse.scalar_values import LIST_KEYS, scalar_value

_START = re.compile(r"<explain\b")
_END = "</explain>"
_START_OR_END = re.compile(rf"{_START.pattern}|{_END}")
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# EXPLAIN escapes only markup; XML 1.0 allows few control characters, so they travel in a private-use area.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PRIVATE = re.compile(r"[\ue000-\ue01f]")
_PRIVATE_BASE = 0xE000

# EXPLAIN writes "-" for every character that a tag cannot hold.
_IRREGULAR_KEYS = {"One-Time-Filter": "One-Time Filter"}
_GROUP_NAMES = {
    "Incremental Sort Groups": ("Full-sort Groups", "Pre-sorted Groups"),
    "Sort Space": ("Sort Space Memory", "Sort Space Disk"),
}
_OBJECT_LISTS = frozenset(
    {"Plans", "Workers", "Triggers", "Target Tables", "Grouping Sets", "Group Keys", "Hash Keys"}
    | {"Tasks", "Range Table"}  # of Citus and of pg_overexplain
)
_OBJECTS = frozenset({"Plan", "Planning", "Settings", "JIT", "Serialization", "Options", "Timing"})


def find_xml(text: str) -> int | None:
    """Return the offset at which a plan in XML begins, or None."""
    match = _START.search(text)
    return match.start() if match else None


def read_xml(text: str, start: int, first_number: int = 1) -> list[RawPlan]:
    """Return the plans from offset *start* on; *first_number* is the line number of the text's first line.

    Raises:
        PlanError: the XML breaks off, is not XML, declares entities, or holds no plan.
    """
    if _DECLARATION.search(text):
        raise PlanError(
            "XML plan: a document type or entity is declared; expected the output of EXPLAIN (FORMAT XML)"
        )
    plans: list[RawPlan] = []
    at = start
    while at >= 0:
        end = _end_of_document(text, at)
        if end is None:
            last = first_number + text.rstrip().count("\n")
            raise PlanError(f"the XML plan is cut off at line {last}; paste it again up to {_END}")
        plans.extend(_document(text[at:end], first_number + text.count("\n", 0, at)))
        following = _START.search(text, end)
        at = following.start() if following else -1
    if not plans:
        raise PlanError("XML, but not a plan: no <Plan> element; expected the output of EXPLAIN (FORMAT XML)")
    return plans


def _end_of_document(text: str, start: int) -> int | None:
    """Return the offset behind the end tag; Citus puts whole documents of its workers inside."""
    depth = 0
    for tag in _START_OR_END.finditer(text, start):
        depth += -1 if tag[0] == _END else 1
        if depth == 0:
            return tag.end()
    return None


def _document(text: str, first_number: int) -> list[RawPlan]:
    held = _CONTROL.sub(lambda match: chr(_PRIVATE_BASE + ord(match[0])), text)
    restore = held != text
    try:
        document = ET.fromstring(held)  # noqa: S314 - declarations were refused by read_xml
        # auto_explain leaves <Query> out.
        queries = [document] if any(_key(child) == "Plan" for child in document) else list(document)
        return [plan for query in queries if "Plan" in (plan := _object(query, restore))]
    except ET.ParseError as error:
        number = first_number + error.position[0] - 1
        raise PlanError(f"the XML plan is broken at line {number}; paste it again in full") from error
    except RecursionError as error:
        raise PlanError(
            "XML plan: nested too deeply to read; give it to pgtune in the text format"
        ) from error


def _key(element: ET.Element) -> str:
    tag = element.tag.rpartition("}")[2]
    key = _IRREGULAR_KEYS.get(tag) or tag.replace("-", " ")
    return key.replace("I O ", "I/O ").replace("I Os ", "I/Os ")


def _object(element: ET.Element, restore: bool) -> RawNode:
    pairs = [(_key(child), _value(child, restore)) for child in element]
    if any(key in _GROUP_NAMES for key, _ in pairs):
        pairs = list(_with_json_names(pairs))
    return raw_object(pairs)


def _with_json_names(pairs: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Rename the groups of an Incremental Sort: XML names their kind only, but in JSON's order."""
    met: Counter[str] = Counter()
    spaces = sum(key == "Sort Space" for key, _ in pairs)
    methods: list[str] = next((value for key, value in pairs if key == "Sort Methods Used"), [])
    on_disk_only = spaces == 1 and bool(methods) and all(method.startswith("external") for method in methods)
    for key, value in pairs:
        names = _GROUP_NAMES.get(key)
        if names is None:
            yield key, value
            continue
        first, second = names
        is_second = met[key] > 0 or (key == "Sort Space" and on_disk_only)
        met[key] += 1
        yield (second if is_second else first), value


def _value(element: ET.Element, restore: bool) -> Any:
    key = _key(element)
    if key in LIST_KEYS or (len(element) and all(_key(child) == "Item" for child in element)):
        return [_text(child, restore) for child in element]
    if key in _OBJECT_LISTS:
        return [_value(child, restore) for child in element]
    if key == "Settings":
        return {child.tag.rpartition("}")[2]: _text(child, restore) for child in element}
    if len(element) or key in _OBJECTS:
        return _object(element, restore)
    return scalar_value(key, _text(element, restore))


def _text(element: ET.Element, restore: bool) -> str:
    text = element.text or ""
    return _PRIVATE.sub(lambda match: chr(ord(match[0]) - _PRIVATE_BASE), text) if restore else text
