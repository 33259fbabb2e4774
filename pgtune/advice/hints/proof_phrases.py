"""What the planner said to a proposed index, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.advice.hints.index_trial import Trial
from pgtune.model.index import Index
from pgtune.model.memory import format_kb


def say_used(trial: Trial, scan: str | None) -> str:
    """That the plan reads what is proposed, and what that saves."""
    them = "it" if len(trial.used) == 1 else "them"
    node = f" ({scan})" if scan is not None else ""
    return f"The planner uses {them}{node}: {_costs(trial)}, {format_kb(trial.size_bytes / 1024)}."


def say_instead(wanted: Sequence[Index]) -> str:
    """That another index is proposed than the plan alone would suggest."""
    return f"By {_named(wanted)} the planner would hardly gain; by the proposed one it does."


def say_dropped(wanted: Sequence[Index], trial: Trial) -> str:
    """That nothing is proposed, for what was tried does not pay."""
    tried = f"No new index: {_named(wanted)} was tried on the planner"
    if not trial.used:
        return f"{tried}, which would not use it: the cost stays {_cost(trial.cost_before)}."
    return f"{tried} and saves next to nothing: {_costs(trial)}."


def say_refused(wanted: Sequence[Index]) -> str:
    """That the server of the shadow could not make the index."""
    return f"Not tried on the planner: the shadow cannot make {_named(wanted)}."


def say_unplannable(reason: str) -> str:
    """That the statement cannot be planned on the shadow."""
    return f"Not tried on the planner: the shadow refuses the statement ({reason})."


def _named(indexes: Sequence[Index]) -> str:
    """The indexes with their relations: "an index on public.orders (user_id) INCLUDE (total)"."""
    return " and ".join(f"an index on {index.definition}" for index in indexes)


def _costs(trial: Trial) -> str:
    before, after = trial.cost_before, trial.cost_after
    factor = before / after if after else 0.0
    change = f" (÷{factor:,.0f})" if factor >= 10 else f" (÷{factor:.1f})" if factor >= 1.1 else ""
    return f"cost {_cost(before)} -> {_cost(after)}{change}"


def _cost(cost: float) -> str:
    return f"{cost:,.0f}" if cost >= 10 else f"{cost:.2f}"
