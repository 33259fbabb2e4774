"""From any text that holds EXPLAIN output to Plans."""

from __future__ import annotations

from pgtune.model.plan import Plan
from pgtune.parse.build_plan import build_plan
from pgtune.parse.raw_plan import read_raw_plans


def parse_plans(text: str) -> tuple[Plan, ...]:
    """Read every plan in ``text``, whatever the format.

    Raises:
        PlanError: the text is empty, cut off, or holds no plan.
    """
    return tuple(build_plan(raw) for raw in read_raw_plans(text))
