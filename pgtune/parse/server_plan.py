"""The server's own answer to EXPLAIN (FORMAT JSON) in, its Plan out: no frame, no other format."""

from __future__ import annotations

from pgtune.model.plan import Plan
from pgtune.parse.build_plan import build_plan
from pgtune.parse.explain_json import read_json


def read_server_plan(json_text: str) -> Plan:
    """Return the plan of one statement.

    Raises:
        PlanError: the answer holds no plan: the statement has none.
    """
    return build_plan(read_json(json_text, 0)[0])
