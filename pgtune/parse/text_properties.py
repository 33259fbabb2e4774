"""One ``Key: value`` line of the text format in, the keys that FORMAT JSON has for it out.

Sizes stay in kB and times in ms, as EXPLAIN prints them in both formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pgtune.parse.raw_shape import RawNode
from pgtune.parse.scalar_values import LIST_KEYS, number_or_text, scalar_value, split_list

_ASSIGNMENT = re.compile(r"([a-zA-Z][\w/-]{0,30}(?: [a-z][\w/-]{0,30}){0,2})=(-?[\d.]+)")
_SIZED = re.compile(r"(-?\d+)(?:kB|%)?(?: \(originally (\d+)\))?")
_SETTING = re.compile(r"([^\s=,;]+) ?= ?(?:'((?:[^']|'')*)'|NULL|([^\s,;']+))")  # bare: Greenplum
_JIT_TIME = re.compile(r"(\w+) ([\d.]+) ms(?: \(Deform ([\d.]+) ms\))?")
_SAMPLING = re.compile(r"([^\s(]+) \((.*?)\)(?: REPEATABLE \((.*)\))?", re.DOTALL)

_IO_TIME_PREFIX = {"": "", "shared/local": "", "shared": "Shared ", "local": "Local ", "temp": "Temp "}
_WAL_KEYS = {
    "records": "WAL Records",
    "fpi": "WAL FPI",
    "bytes": "WAL Bytes",
    "fpi bytes": "WAL FPI Bytes",
    "buffers full": "WAL Buffers Full",
}
_PREFETCH_KEYS = {
    "avg": "Average Prefetch Distance",
    "max": "Max Prefetch Distance",
    "capacity": "Prefetch Capacity",
}
_IO_KEYS = {
    "count": "I/O Count",
    "waits": "I/O Waits",
    "size": "Average I/O Size",
    "in-progress": "Average I/Os In Progress",
}
_ESTIMATE_KEYS = {
    "capacity": "Estimated Capacity",
    "distinct keys": "Estimated Distinct Lookup Keys",
    "lookups": "Estimated Lookups",
    "hit percent": "Estimated Hit Percent",
}
_MEMORY_KEYS = {"used": "Memory Used", "allocated": "Memory Allocated"}
_SERIALIZATION_KEYS = {"time": "Time", "output": "Output Volume"}
_CACHE_KEYS = {
    "Hits": "Cache Hits",
    "Misses": "Cache Misses",
    "Evictions": "Cache Evictions",
    "Overflows": "Cache Overflows",
    "Memory Usage": "Peak Memory Usage",
}
_AGGREGATE_KEYS = {
    "Planned Partitions": "Planned Partitions",
    "Batches": "HashAgg Batches",
    "Memory Usage": "Peak Memory Usage",
    "Disk Usage": "Disk Usage",
}
_HASH_KEYS = {"Buckets": "Hash Buckets", "Batches": "Hash Batches"}


def add_property(target: RawNode, key: str, printed: str) -> None:
    """Store what the line ``key: printed`` says under JSON's keys; an unknown key is kept as it is."""
    reader = _READERS.get(key)
    if reader is not None:
        reader(target, printed)
    elif key in LIST_KEYS:
        target[key] = split_list(printed)
    else:
        target[key] = scalar_value(key, printed)


def read_serialization(printed: str) -> RawNode:
    """Return Time (ms), Output Volume (kB) and Format out of ``time=0.1 ms  output=2kB  format=text``."""
    values = _assigned(printed, _SERIALIZATION_KEYS)
    _, _, output_format = printed.partition("format=")
    return {**values, "Format": output_format.strip()}


def read_settings(printed: str) -> dict[str, str | None]:
    """Return {name: value} out of ``work_mem = '4MB', search_path = 'a, b'``."""
    return {name: quoted.replace("''", "'") or bare for name, quoted, bare in _SETTING.findall(printed)}


def read_trigger(words: str, printed: str) -> RawNode:
    """Return the trigger out of ``for constraint x on t`` or ``x on t`` and ``time=1.2 calls=3``; ms."""
    words, on, relation = words.rpartition(" on ") if " on " in words else (words, "", "")
    name, constraint_given, constraint = f" {words}".partition(" for constraint ")
    trigger: RawNode = {}
    if name.strip():
        trigger["Trigger Name"] = name.strip()
    if constraint_given:
        trigger["Constraint Name"] = constraint
    if on:
        trigger["Relation"] = relation
    trigger.update(_assigned(printed, {"time": "Time", "calls": "Calls"}))
    return trigger


def _assigned(printed: str, keys: dict[str, str]) -> RawNode:
    # "time" prints three decimals, counters none, so that the spelling tells float from int.
    return {
        keys.get(name, name): number_or_text(value.rstrip("."))
        for name, value in _ASSIGNMENT.findall(printed)
    }


def _assignments(keys: dict[str, str]) -> Callable[[RawNode, str], None]:
    def read(target: RawNode, printed: str) -> None:
        target.update(_assigned(printed, keys))

    return read


def _pairs(printed: str) -> Iterator[tuple[str, str]]:
    # "Key: value" pairs of one line stand two spaces apart.
    for part in printed.split("  "):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _buffers(target: RawNode, printed: str) -> None:
    for part in printed.split(","):
        kind, _, counters = part.strip().partition(" ")
        for action, blocks in _ASSIGNMENT.findall(counters):
            target[f"{kind.capitalize()} {action.capitalize()} Blocks"] = int(blocks)


def _io_timings(target: RawNode, printed: str) -> None:
    for part in printed.split(","):
        first, _, times = part.strip().partition(" ")
        kind, times = ("", part) if "=" in first else (first, times)
        for action, ms in _ASSIGNMENT.findall(times):
            target[f"{_IO_TIME_PREFIX.get(kind, kind)}I/O {action.capitalize()} Time"] = float(ms)


def _heap_blocks(target: RawNode, printed: str) -> None:
    for kind, blocks in _ASSIGNMENT.findall(printed):
        target[f"{kind.capitalize()} Heap Blocks"] = int(blocks)


def _tuples(target: RawNode, printed: str) -> None:
    for action, count in _ASSIGNMENT.findall(printed):
        target[f"Tuples {action.capitalize()}"] = int(count)


def _sort_method(target: RawNode, printed: str) -> None:
    method, *spaces = [part for part in printed.strip().split("  ") if part]
    target["Sort Method"] = method
    for space in spaces:
        space_type, _, size = space.strip().partition(": ")
        target["Sort Space Type"] = space_type
        target["Sort Space Used"] = number_or_text(size.removesuffix("kB"))


def _sort_groups(key: str) -> Callable[[RawNode, str], None]:
    def read(target: RawNode, printed: str) -> None:
        groups: RawNode = {}
        for name, value in _pairs(f"Group Count: {printed}"):
            measure, _, space_type = name.partition(" ")
            if name == "Group Count":
                groups[name] = int(value)
            elif name.startswith("Sort Method"):
                groups["Sort Methods Used"] = value.split(", ")
            else:
                space = groups.setdefault(f"Sort Space {space_type}", {})
                space[f"{measure} Sort Space Used"] = number_or_text(value.removesuffix("kB"))
        target[key] = groups

    return read


def _sized(key: str, keys: dict[str, str]) -> Callable[[RawNode, str], None]:
    def read(target: RawNode, printed: str) -> None:
        for name, value in _pairs(f"{key}: {printed}"):
            match = _SIZED.fullmatch(value)
            target[keys.get(name, name)] = int(match[1]) if match else value

    return read


def _hash_table(target: RawNode, printed: str) -> None:
    for name, value in _pairs(f"Buckets: {printed}"):
        match = _SIZED.fullmatch(value)
        if match is None:
            target[name] = value
        elif name in _HASH_KEYS:
            target[_HASH_KEYS[name]] = int(match[1])
            # JSON always has the original number; text prints it only where it changed.
            target[f"Original {_HASH_KEYS[name]}"] = int(match[2] or match[1])
        else:
            target["Peak Memory Usage" if name == "Memory Usage" else name] = int(match[1])


def _sampling(target: RawNode, printed: str) -> None:
    match = _SAMPLING.fullmatch(printed)
    if match is None:
        target["Sampling Method"] = printed
        return
    target["Sampling Method"] = match[1]
    target["Sampling Parameters"] = split_list(match[2])
    if match[3] is not None:
        target["Repeatable Seed"] = match[3]


def _jit_options(target: RawNode, printed: str) -> None:
    options = (part.strip().rpartition(" ") for part in printed.split(","))
    target["Options"] = {name: state == "true" for name, _, state in options}


def _jit_timing(target: RawNode, printed: str) -> None:
    timing: RawNode = {}
    for phase, ms, deform_ms in _JIT_TIME.findall(printed):
        # 17 and later split the deforming off.
        timing[phase] = {"Deform": float(deform_ms), "Total": float(ms)} if deform_ms else float(ms)
    target["Timing"] = timing


def _milliseconds(key: str) -> Callable[[RawNode, str], None]:
    def read(target: RawNode, printed: str) -> None:
        target[key] = number_or_text(printed.removesuffix(" ms"))

    return read


_READERS: dict[str, Callable[[RawNode, str], None]] = {
    "Buffers": _buffers,
    "I/O Timings": _io_timings,
    "Heap Blocks": _heap_blocks,
    "Tuples": _tuples,
    "WAL": _assignments(_WAL_KEYS),
    "Prefetch": _assignments(_PREFETCH_KEYS),
    "I/O": _assignments(_IO_KEYS),
    "Estimates": _assignments(_ESTIMATE_KEYS),
    "Memory": _assignments(_MEMORY_KEYS),
    "Sort Method": _sort_method,
    "Full-sort Groups": _sort_groups("Full-sort Groups"),
    "Pre-sorted Groups": _sort_groups("Pre-sorted Groups"),
    "Buckets": _hash_table,
    "Planned Partitions": _sized("Planned Partitions", _AGGREGATE_KEYS),
    "Batches": _sized("Batches", _AGGREGATE_KEYS),
    "Hits": _sized("Hits", _CACHE_KEYS),
    "Storage": _sized("Storage", {}),
    "Sampling": _sampling,
    # Of a task of Citus; the plan's own are read by plan_lines.
    "Planning Time": _milliseconds("Planning Time"),
    "Execution Time": _milliseconds("Execution Time"),
    "Options": _jit_options,
    "Timing": _jit_timing,
}
