"""IndexAdvice as a script for psql: each statement below the reason for it, the undo at the end.

Only comments that start with two dashes are written, and no semicolon inside of them but those of the undo
below the last statement, so that a splitter at semicolons finds the statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.action import Action
from pgtune.model.index_advice import Drop, IndexAdvice, QueryEffect, Recommendation
from pgtune.report.action_phrases import PROOFS
from pgtune.report.index_advice_headline import (
    coverage_line,
    headline,
    limits_line,
    nothing_lines,
    shadow_line,
    writes_line,
)
from pgtune.report.index_advice_phrases import (
    drop_facts,
    effect_line,
    existing_in_short,
    recommendation_facts,
    sort_effects,
)
from pgtune.report.quantities import format_bytes, format_share
from pgtune.report.visible import visible, visible_line

MAX_QUERIES = 10  # named above a statement; chosen
# A server whose encoding lacks these would refuse a statement that psql sends with such a comment.
_PLAIN = str.maketrans({"→": "->", "÷": "/", "×": "x", "–": "-", "…": "...", ";": ","})
_HOW_TO_RUN = (
    "Run outside a transaction and stop at the first error: psql -X -v ON_ERROR_STOP=1 -f FILE",
    "A build that fails or is cancelled leaves an invalid index: run its undo before you try again.",
)


def render_sql(advice: IndexAdvice) -> str:
    """Return the statements to create, then those to drop, then how to undo all; it holds no time of day."""
    lines = list(_header(advice))
    for recommendation in advice.recommendations:
        lines += ["", *_creation(recommendation, advice.base_cost)]
    for drop in advice.drops:
        lines += ["", *_drop(drop, advice.base_cost)]
    lines += _undo(advice.actions)
    return "\n".join(lines) + "\n"


def _header(advice: IndexAdvice) -> Iterator[str]:
    yield from _comment(f"Made by pgtune {advice.version} for {advice.shadow.server}")
    yield from _comment(headline(advice))
    yield from _comment(f"Workload: {coverage_line(advice.coverage)}")
    yield from _comment(shadow_line(advice.shadow))
    if not advice.actions:
        for line in nothing_lines(advice):
            yield from _comment(line)
        return
    for sentence in (limits_line(advice), writes_line(advice), *_HOW_TO_RUN):
        if sentence:
            yield from _comment(sentence)


def _creation(recommendation: Recommendation, base_cost: float) -> Iterator[str]:
    action = recommendation.action
    size, saving = format_bytes(recommendation.size_bytes), format_share(recommendation.saving_share)
    yield from _comment(f"{recommendation.index.definition}: {size}, saves {saving} of the workload's cost")
    yield from _queries(recommendation.effects)
    yield from _statement(action, recommendation_facts(recommendation, base_cost))


def _drop(drop: Drop, base_cost: float) -> Iterator[str]:
    yield from _comment(f"{existing_in_short(drop.index)}: {drop.reason}")
    yield from _queries(drop.effects)
    yield from _statement(drop.action, drop_facts(drop, base_cost))


def _queries(effects: Iterable[QueryEffect]) -> Iterator[str]:
    sorted_effects = sort_effects(effects)
    for word, some in (("gains", sorted_effects.gaining), ("loses", sorted_effects.losing)):
        for effect in some[:MAX_QUERIES]:
            yield from _comment(f"{word}: {effect_line(effect)}")
        if len(some) > MAX_QUERIES:
            yield from _comment(f"{word}: {len(some) - MAX_QUERIES} more queries")


def _statement(action: Action, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The statement below its facts; its undo stands at the end of the script."""
    for word, fact in facts:
        if word != "undo":
            yield from _comment(f"{word}: {fact}")
    yield from _comment(f"proof: {PROOFS[action.proof]}")
    if visible(action.sql) != action.sql:
        yield from _comment(
            "Control characters stand in a name of the next statement: look at it with cat -v"
        )
    yield action.sql


def _undo(actions: Sequence[Action]) -> Iterator[str]:
    """What takes it all back, last first, as comments: without the dashes it can be run."""
    if not actions:
        return
    yield ""
    yield from _comment("Undo, without the dashes:")
    for action in reversed(actions):
        for line in (action.undo or "").split("\n"):
            yield f"-- {visible_line(line)}"


def _comment(text: str) -> Iterator[str]:
    """One line of comment that nothing in the text can end."""
    yield f"-- {visible_line(text.translate(_PLAIN))}"
