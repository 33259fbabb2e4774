"""The first line of a node in the text format in, the keys that FORMAT JSON has for it out."""

from __future__ import annotations

import re

from pgtune.parse.raw_shape import RawNode
from pgtune.parse.scalar_values import number_or_text

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_COST = re.compile(rf"\(cost=({_NUMBER})\.\.({_NUMBER}) rows=(\d+) width=(\d+)\)")
_ACTUAL = re.compile(rf"\(actual (?:time=({_NUMBER})\.\.({_NUMBER}) )?rows=({_NUMBER}) loops=(\d+)\)")
_WORKER_ACTUAL = re.compile(rf"actual (?:time=({_NUMBER})\.\.({_NUMBER}) )?rows=({_NUMBER}) loops=(\d+)")
_NEVER = "(never executed)"

_IDENTIFIER = r'(?:"(?:[^"]|"")*"|[^\s".]+)'
_OBJECT = re.compile(rf"(?:({_IDENTIFIER})\.)?({_IDENTIFIER})(?: ({_IDENTIFIER}))?")
_USING = re.compile(rf"(.+?) using ({_IDENTIFIER})(?: on (.*))?", re.DOTALL)
_JOIN = re.compile(r"(Hash|Merge|Nested Loop)(?: (Left|Right|Full|Semi|Anti|Right Semi|Right Anti))? Join")
_AGGREGATE = re.compile(r"(?:(Partial|Finalize) )?(Hash|Group|Mixed)?Aggregate")
_SET_OPERATION = re.compile(r"(Hash)?SetOp(?: ((?:Except|Intersect)(?: All)?))?")
_FOREIGN = re.compile(r"Foreign (Scan|Insert|Update|Delete)")
_CUSTOM = re.compile(r"Custom Scan \((.*)\)")
# Greenplum: senders:receivers, then the slice that the motion ends.
_MOTION = re.compile(r"(\w+(?: \w+)* Motion) (\d+):(\d+) +\(slice(\d+)(?:; segments: (\d+))?\)")

_AGGREGATE_STRATEGY = {None: "Plain", "Hash": "Hashed", "Group": "Sorted", "Mixed": "Mixed"}
MODIFICATIONS = frozenset({"Insert", "Update", "Delete", "Merge"})
_OBJECT_KEY = {
    "Function Scan": "Function Name",
    "Table Function Scan": "Table Function Name",
    "CTE Scan": "CTE Name",
    "WorkTable Scan": "CTE Name",
    "Named Tuplestore Scan": "Tuplestore Name",
}
_ALIAS_ONLY = frozenset({"Values Scan", "Subquery Scan"})

# Node names that stand alone on the line under COSTS OFF, so that nothing else tells them from prose.
_BARE_NAMES = frozenset(
    {
        "Aggregate",
        "Append",
        "BitmapAnd",
        "BitmapOr",
        "Gather",
        "Gather Merge",
        "Group",
        "GroupAggregate",
        "Hash",
    }
    | {"HashAggregate", "Incremental Sort", "Limit", "LockRows", "Materialize", "Memoize", "Merge Append"}
    | {
        "MixedAggregate",
        "Nested Loop",
        "ProjectSet",
        "Recursive Union",
        "Result",
        "Sort",
        "Unique",
        "WindowAgg",
    }
    | {"SetOp", "HashSetOp", "Hash Join", "Merge Join", "Foreign Scan"}
)
_SCAN_ON = re.compile(
    r"(?:YB |XN )?(?:Seq|Index|Index Only|Bitmap Heap|Bitmap Index|Tid|Tid Range|Subquery|Function|Sample"
    r"|Table Function|Values|CTE|Named Tuplestore|WorkTable|Foreign) Scan (?:Backward )?(?:on|using) \S"
)
_MODIFY_ON = re.compile(
    r'(?:Foreign )?(?:Insert|Update|Delete|Merge) on (?:[^\s"]|"[^"]*")+(?: (?:[^\s"]|"[^"]*")+)?'
)


def read_header(header: str) -> RawNode:
    """Return the node's keys: type, what it acts on, estimates and, if it was run, actuals per loop."""
    name, numbers = _split_numbers(header.rstrip())
    node = read_name(name)
    node.update(numbers)
    return node


def is_header(line: str) -> bool:
    """Tell whether the line, stripped, is the first line of a node: by its numbers, or by a name alone."""
    return has_numbers(line) or looks_like_node(line)


def has_numbers(line: str) -> bool:
    """Tell whether the line has the costs or actuals of a node."""
    return "(" in line and bool(_COST.search(line) or _ACTUAL.search(line) or line.endswith(_NEVER))


def numbers_are_whole(line: str) -> bool:
    """Tell whether the costs and actuals of the line can be read to its end."""
    name, numbers = _split_numbers(line)
    return bool(numbers) and "=" not in name


def looks_like_node(line: str) -> bool:
    """Tell whether the line, stripped, begins as only a node of PostgreSQL does, whatever follows."""
    name = line.removeprefix("Parallel ").removeprefix("Async ").partition("  (")[0].partition(" (actual ")[0]
    if name in _BARE_NAMES or _SCAN_ON.match(name) or _MODIFY_ON.fullmatch(name):
        return True
    return any(pattern.fullmatch(name) for pattern in (_JOIN, _AGGREGATE, _SET_OPERATION, _CUSTOM))


def read_worker_actuals(printed: str) -> RawNode | None:
    """Return the numbers after ``Worker n:``, or None when something else stands there."""
    match = _WORKER_ACTUAL.fullmatch(printed)
    return _actuals(match) if match else None


def read_name(name: str) -> RawNode:
    """Return the keys told by the words before the numbers."""
    node: RawNode = {"Parallel Aware": name.startswith("Parallel ")}
    name = name.removeprefix("Parallel ")
    if name.startswith("Async "):
        node["Async Capable"] = True
        name = name.removeprefix("Async ")
    using = _USING.fullmatch(name) if " using " in name else None
    if using:
        _read_index_scan(node, using)
        return node
    label, on, target = name.partition(" on ")
    _read_label(node, label)
    if on:
        _read_target(node, target)
    return node


def unquote(identifier: str) -> str:
    """Return the name that quote_identifier() printed."""
    if len(identifier) > 1 and identifier[0] == identifier[-1] == '"':
        return identifier[1:-1].replace('""', '"')
    return identifier


def _split_numbers(header: str) -> tuple[str, RawNode]:
    numbers: RawNode = {}
    if header.endswith(_NEVER):
        numbers = {"Actual Rows": 0, "Actual Loops": 0}
        header = header[: -len(_NEVER)].rstrip()
    else:
        header, match = _cut_tail(header, "(actual ", _ACTUAL)
        numbers = _actuals(match) if match else {}
    header, match = _cut_tail(header, "(cost=", _COST)
    if match:
        startup_cost, total_cost, rows, width = match.groups()
        numbers["Startup Cost"] = float(startup_cost)
        numbers["Total Cost"] = float(total_cost)
        numbers["Plan Rows"] = int(rows)
        numbers["Plan Width"] = int(width)
    return header, numbers


def _cut_tail(header: str, opening: str, pattern: re.Pattern[str]) -> tuple[str, re.Match[str] | None]:
    # The last occurrence: a quoted name further left may hold the same words.
    at = header.rfind(opening)
    match = pattern.fullmatch(header, at) if at >= 0 else None
    return (header[:at].rstrip(), match) if match else (header, None)


def _actuals(match: re.Match[str]) -> RawNode:
    startup_ms, total_ms, rows, loops = match.groups()
    actuals: RawNode = {"Actual Rows": number_or_text(rows), "Actual Loops": int(loops)}
    if startup_ms is not None:
        actuals["Actual Startup Time"] = float(startup_ms)
        actuals["Actual Total Time"] = float(total_ms)
    return actuals


def _read_index_scan(node: RawNode, using: re.Match[str]) -> None:
    label, index, target = using.groups()
    node["Node Type"] = label.removesuffix(" Backward")
    node["Scan Direction"] = "Backward" if label.endswith(" Backward") else "Forward"
    node["Index Name"] = unquote(index)
    if target:
        _read_target(node, target)


def _read_label(node: RawNode, label: str) -> None:
    if join := _JOIN.fullmatch(label):
        node["Node Type"] = join[1] if join[1] == "Nested Loop" else f"{join[1]} Join"
        node["Join Type"] = join[2] or "Inner"
    elif label == "Nested Loop":
        node.update({"Node Type": label, "Join Type": "Inner"})
    elif aggregate := _AGGREGATE.fullmatch(label):
        node.update({"Node Type": "Aggregate", "Strategy": _AGGREGATE_STRATEGY[aggregate[2]]})
        node["Partial Mode"] = aggregate[1] or "Simple"
    elif operation := _SET_OPERATION.fullmatch(label):
        node.update({"Node Type": "SetOp", "Strategy": "Hashed" if operation[1] else "Sorted"})
        if operation[2]:
            node["Command"] = operation[2]
    elif label in MODIFICATIONS:
        node.update({"Node Type": "ModifyTable", "Operation": label})
    else:
        _read_provider(node, label)


def _read_provider(node: RawNode, label: str) -> None:
    if foreign := _FOREIGN.fullmatch(label):
        node["Node Type"] = "Foreign Scan"
        node["Operation"] = "Select" if foreign[1] == "Scan" else foreign[1]
    elif custom := _CUSTOM.fullmatch(label):
        node.update({"Node Type": "Custom Scan", "Custom Plan Provider": custom[1]})
    elif motion := _MOTION.fullmatch(label):
        node.update({"Node Type": motion[1], "Senders": int(motion[2]), "Receivers": int(motion[3])})
        node["Slice"] = int(motion[4])
        if motion[5]:
            node["Segments"] = int(motion[5])
    else:
        node["Node Type"] = label.strip()


def _read_target(node: RawNode, target: str) -> None:
    node_type = node["Node Type"]
    match = _OBJECT.fullmatch(target)
    if node_type == "Bitmap Index Scan":
        node["Index Name"] = unquote(target)
    elif match is None or node_type in _ALIAS_ONLY:
        node["Alias"] = unquote(target)
    else:
        schema, name, alias = match.groups()
        if schema:
            node["Schema"] = unquote(schema)
        node[_OBJECT_KEY.get(node_type, "Relation Name")] = unquote(name)
        node["Alias"] = unquote(alias or name)
