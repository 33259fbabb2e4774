"""Plans in EXPLAIN's text format in, plans in the shape of its JSON out.

The tree is told by the column of each arrow alone, so a plan that was moved to the right or lost its first
blank still reads, and there is no recursion: depth is limited by memory only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pgtune.errors import PlanError
from pgtune.parse.indentation import without_tabs
from pgtune.parse.node_header import is_header, read_header, read_name, read_worker_actuals
from pgtune.parse.plan_lines import add_plan_line
from pgtune.parse.raw_shape import NO_PLAN, RawNode, RawPlan
from pgtune.parse.scalar_values import split_list
from pgtune.parse.text_properties import add_property
from pgtune.parse.wrapped_lines import Line, whole_lines

_SUBPLAN = re.compile(r"(?:InitPlan|SubPlan)(?: \S+(?: \(returns .*\))?)?|CTE .+")  # no number up to 8.3
_WORKER = re.compile(r"Worker (\d+):(?: +(.*))?", re.DOTALL)
_TARGET = re.compile(r"(?:Foreign )?(?:Insert|Update|Delete|Merge) on ")
_NO_PROPERTIES = (
    "InitPlan",
    "SubPlan",
    "CTE ",
    "Worker ",
    "Insert ",
    "Update ",
    "Delete ",
    "Merge ",
    "Foreign ",
)
_KEY = re.compile(r"[A-Za-z][\w /.()'-]{0,80}")
_QUERY_TEXT = re.compile(r"\s*Query Text: ?")
_MEMBERS = frozenset({"Append", "Merge Append", "BitmapAnd", "BitmapOr"})


@dataclass(slots=True)
class _OpenNode:
    """A node whose lines are still coming; ``inputs`` counts children that are no subplans."""

    column: int
    raw: RawNode
    inputs: int = 0
    grouping: list[RawNode] = field(default_factory=list)


def find_first_node(lines: Sequence[str], start: int = 0) -> int | None:
    """Return the index of the line on which a plan begins, or None."""
    for index in range(start, len(lines)):
        line = lines[index].strip()
        if line and not line.startswith("->") and (is_header(line) or _leads_to_arrow(lines, index)):
            return index
    return None


def find_arrow(lines: Sequence[str]) -> int | None:
    """Return the index of the first line that is a node below another, or None."""
    for index, line in enumerate(lines):
        text = line.strip()
        if text.startswith("->") and is_header(text.removeprefix("->").lstrip()):
            return index
    return None


def read_text(lines: Sequence[str], first_number: int = 1) -> list[RawPlan]:
    """Return the plans in *lines*; what stands before the first node is skipped, but ``Query Text`` kept.

    Raises:
        PlanError: no plan is found, or the last line breaks off inside a bracket or a literal.
    """
    start = find_first_node(lines)
    if start is None:
        raise PlanError(NO_PLAN)
    reader = _TextReader(_query_text(lines[:start]))
    whole = whole_lines(without_tabs(lines[start:]), first_number + start)
    for line in whole:
        reader.read(line)
    if not whole[-1].complete:
        raise PlanError(
            f"the text plan is cut off at line {whole[-1].number}; paste it again up to its last line"
        )
    return reader.finish()


def _leads_to_arrow(lines: Sequence[str], index: int) -> bool:
    """Tell whether the next line is an arrow further right: an unknown node under COSTS OFF."""
    following = lines[index + 1] if index + 1 < len(lines) else ""
    arrow = following.lstrip()
    return arrow.startswith("->  ") and len(following) - len(arrow) > len(lines[index]) - len(
        lines[index].lstrip()
    )


def _query_text(lines: Sequence[str]) -> str | None:
    for index, line in enumerate(lines):
        if _QUERY_TEXT.match(line):
            return "\n".join([_QUERY_TEXT.sub("", line), *lines[index + 1 :]]).strip()
    return None


class _TextReader:
    """Takes whole lines in order; holds the nodes and groups that the next line may belong to."""

    def __init__(self, query_text: str | None) -> None:
        self._plans: list[RawPlan] = []
        self._query_text = query_text
        self._nodes: list[_OpenNode] = []
        self._groups: list[tuple[int, RawNode]] = []  # (column, what a heading or worker opened)
        self._subplan: str | None = None
        self._root_column = 0

    def read(self, line: Line) -> None:
        while self._groups and self._groups[-1][0] >= line.column:
            self._groups.pop()
        if line.text.startswith("->") and self._nodes:
            self._open_child(line)
        elif not self._nodes or (line.column <= self._root_column + 1 and is_header(line.text)):
            self._open_root(line)
        elif self._groups:
            self._read_property(self._groups[-1][1], line)
        elif line.column <= self._root_column + 1:
            self._read_plan_line(line)
        else:
            self._read_node_line(line)

    def finish(self) -> list[RawPlan]:
        while self._nodes:
            self._close_node()
        for plan in self._plans:
            _settle(plan)
        return self._plans

    def _open_root(self, line: Line) -> None:
        while self._nodes:
            self._close_node()
        self._groups.clear()
        self._subplan = None
        self._root_column = line.column
        root = read_header(line.text)
        plan: RawPlan = {"Plan": root}
        if self._query_text is not None:
            plan["Query Text"], self._query_text = self._query_text, None
        self._plans.append(plan)
        self._nodes.append(_OpenNode(line.column, root))

    def _open_child(self, line: Line) -> None:
        if line.column <= self._root_column + 1:
            raise PlanError(
                f"the text plan has lost the indentation of line {line.number}, which tells the tree;"
                " paste it again as EXPLAIN printed it"
            )
        self._groups.clear()
        self._close_down_to(line.column)
        parent = self._nodes[-1]
        child = read_header(line.text.removeprefix("->").lstrip())
        if self._subplan is None:
            child["Parent Relationship"] = _relationship(parent)
            parent.inputs += 1
        else:
            child["Parent Relationship"] = "SubPlan" if self._subplan.startswith("SubPlan") else "InitPlan"
            child["Subplan Name"], self._subplan = self._subplan, None
        parent.raw.setdefault("Plans", []).append(child)
        self._nodes.append(_OpenNode(line.column, child))

    def _read_node_line(self, line: Line) -> None:
        self._close_down_to(line.column)
        node = self._nodes[-1]
        # Most lines are properties, and the look at their first word is the cheapest test.
        if line.text.startswith(_NO_PROPERTIES) and self._read_beginning(node, line):
            return
        if node.raw["Node Type"] != "Aggregate" or not self._read_grouping(node, line):
            self._read_property(node.raw, line)

    def _read_beginning(self, node: _OpenNode, line: Line) -> bool:
        """Read a line that begins a subplan or a worker, or names a target; tell whether it was one."""
        if _SUBPLAN.fullmatch(line.text):
            self._subplan = line.text
        elif worker := _WORKER.fullmatch(line.text):
            self._read_worker(node.raw, line.column, worker)
        elif _TARGET.match(line.text):
            target = read_name(line.text)
            node.raw.setdefault("Target Tables", []).append(
                {key: target[key] for key in ("Relation Name", "Schema", "Alias") if key in target}
            )
        else:
            return False
        return True

    def _read_grouping(self, node: _OpenNode, line: Line) -> bool:
        """Collect the keys of an Aggregate; their shape in JSON is known when all have been read."""
        key, _, printed = line.text.partition(": ")
        if key not in {"Group Key", "Hash Key", "Sort Key"}:
            return False
        keys = [] if printed == "()" else split_list(printed)
        if key == "Sort Key":
            node.grouping.append({"Sort Key": keys, "Group Keys": []})
            # Its "Group Key" lines are indented below it.
            self._groups.append((line.column, node.grouping[-1]))
        elif key == "Hash Key":
            node.grouping.append({"Hash Keys": [keys]})
        elif node.grouping and "Group Keys" in node.grouping[-1]:
            node.grouping[-1]["Group Keys"].append(keys)
        else:
            node.grouping.append({"Group Keys": [keys]})
        return True

    def _read_worker(self, node: RawNode, column: int, match: re.Match[str]) -> None:
        number = int(match[1])
        workers: list[RawNode] = node.setdefault("Workers", [])
        worker = next((known for known in workers if known["Worker Number"] == number), None)
        if worker is None:
            worker = {"Worker Number": number}
            workers.append(worker)
        printed = match[2] or ""
        actuals = read_worker_actuals(printed)
        if actuals is not None:
            worker.update(actuals)
        elif printed:
            _add_line(worker, printed)
        self._groups.append((column, worker))

    def _read_property(self, target: RawNode, line: Line) -> None:
        if "Group Keys" in target and line.text.startswith("Group Key: "):
            printed = line.text.removeprefix("Group Key: ")
            target["Group Keys"].append([] if printed == "()" else split_list(printed))
        elif line.text.endswith(":"):
            group: RawNode = target.setdefault(line.text[:-1], {})
            self._groups.append((line.column, group))
        else:
            _add_line(target, line.text)

    def _read_plan_line(self, line: Line) -> None:
        group = add_plan_line(self._plans[-1], line.text)
        if group is not None:
            self._groups.append((line.column, group))

    def _close_down_to(self, column: int) -> None:
        while len(self._nodes) > 1 and self._nodes[-1].column >= column:
            self._close_node()

    def _close_node(self) -> None:
        node = self._nodes.pop()
        match node.grouping:
            case []:
                pass
            case [{"Group Keys": [keys]} as only] if keys and "Sort Key" not in only:
                node.raw["Group Key"] = keys
            case sets:
                node.raw["Grouping Sets"] = sets
        if node.raw["Node Type"] == "Custom Scan":
            _name_custom_children(node)
        if (
            node.raw["Node Type"] == "Function Scan"
            and "Function Call" in node.raw
            and "Schema" not in node.raw
        ):
            node.raw.pop("Function Name", None)  # VERBOSE prints a schema, so this was the alias of ROWS FROM


def _relationship(parent: _OpenNode) -> str:
    node_type = parent.raw["Node Type"]
    if node_type in _MEMBERS:
        return "Member"
    if node_type == "Subquery Scan":
        return "Subquery"
    return "Inner" if parent.inputs else "Outer"


def _name_custom_children(node: _OpenNode) -> None:
    relationship = "child" if node.inputs == 1 else "children"
    for child in node.raw.get("Plans", ()):
        if "Subplan Name" not in child:
            child["Parent Relationship"] = relationship


def _add_line(target: RawNode, text: str) -> None:
    key, colon, printed = text.partition(":")
    if colon and (not printed or printed[0] == " ") and _is_key(key) and key not in target:
        add_property(target, key, printed.lstrip(" "))
    else:
        target.setdefault("Extra Lines", []).append(text)


@lru_cache(maxsize=1000)
def _is_key(words: str) -> bool:
    return _KEY.fullmatch(words) is not None


def _settle(plan: RawPlan) -> None:
    """Give never executed nodes their zero times, as JSON has them where the plan was timed at all."""
    if "Actual Total Time" not in plan["Plan"]:
        return
    pending: list[dict[str, Any]] = [plan["Plan"]]
    while pending:
        node = pending.pop()
        pending.extend(node.get("Plans", ()))
        if node.get("Actual Loops") == 0 and "Actual Total Time" not in node:
            node["Actual Startup Time"] = node["Actual Total Time"] = 0.0
