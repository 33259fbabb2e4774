"""A number of nodes in, a plan as large as that out, as JSON and as text."""

from __future__ import annotations

import json

_SCAN_FIGURES = "(cost=0.00..35.50 rows=10 width=16) (actual time=0.010..0.200 rows=9 loops=1)"
_OF_A_SCAN_ALONE = (
    "Relation Name",
    "Schema",
    "Alias",
    "Filter",
    "Rows Removed by Filter",
    "Parent Relationship",
)


def json_plan(nodes: int) -> str:
    """An Append over scans of partitions."""
    root = _scan(0) | {
        "Node Type": "Append",
        "Actual Total Time": 0.21 * nodes,
        "Actual Rows": 9.0 * nodes,
        "Shared Hit Blocks": 10 * (nodes - 1),
        "Plans": [_scan(number) for number in range(1, nodes)],
    }
    for key in _OF_A_SCAN_ALONE:
        del root[key]
    return json.dumps([{"Plan": root, "Planning Time": 1.0, "Execution Time": 0.22 * nodes}])


def _scan(number: int) -> dict[str, object]:
    return {
        "Node Type": "Seq Scan",
        "Parent Relationship": "Member",
        "Relation Name": f"events_{number}",
        "Schema": "public",
        "Alias": f"e_{number}",
        "Startup Cost": 0.0,
        "Total Cost": 35.5,
        "Plan Rows": 10,
        "Plan Width": 16,
        "Actual Startup Time": 0.01,
        "Actual Total Time": 0.2,
        "Actual Rows": 9.0,
        "Actual Loops": 1,
        "Output": [f"e_{number}.id", f"e_{number}.at"],
        "Filter": f"(e_{number}.id = {number})",
        "Rows Removed by Filter": 991,
        "Shared Hit Blocks": 10,
    }


def text_plan(nodes: int) -> str:
    """The same as text."""
    lines = [
        f"Append  {_SCAN_FIGURES}".replace("0.200", f"{0.21 * nodes:.3f}"),
        f"  Buffers: shared hit={10 * (nodes - 1)}",
    ]
    for number in range(1, nodes):
        lines += [
            f"  ->  Seq Scan on public.events_{number} e_{number}  {_SCAN_FIGURES}",
            f"        Output: e_{number}.id, e_{number}.at",
            f"        Filter: (e_{number}.id = {number})",
            "        Rows Removed by Filter: 991",
            "        Buffers: shared hit=10",
        ]
    return "\n".join([*lines, "Planning Time: 1.000 ms", f"Execution Time: {0.22 * nodes:.3f} ms"])
