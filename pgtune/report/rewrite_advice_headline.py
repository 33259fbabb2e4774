"""The sentences about the whole of rewrite advice, the same in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pgtune.model.rewrite import MIN_COST_FACTOR, Idea
from pgtune.model.rewrite_advice import Examined, RefutedRewrite, RewriteAdvice
from pgtune.model.workload import SkippedStatement
from pgtune.report.index_advice_phrases import format_change
from pgtune.report.quantities import count_of
from pgtune.report.rewrite_advice_loops import has_label, is_offered


def headline(advice: RewriteAdvice) -> str:
    """What there is and what it brings: "2 rewrites, 1 loop: 1 proven, 2 tested; up to ÷18, ..."."""
    if not advice.rewrites and not advice.loops:
        return "No rewrite to suggest."
    gains = ", ".join(_gains(advice))
    labels = ", ".join(_labels(advice))
    return f"{', '.join(_what(advice))}: {'; '.join(part for part in (labels, gains) if part)}"


def _what(advice: RewriteAdvice) -> Iterator[str]:
    sure = sum(each.loop.is_sure for each in advice.loops)
    for count, one, several in (
        (len(advice.rewrites), "rewrite", "rewrites"),
        (sure, "loop", "loops"),
        (len(advice.loops) - sure, "candidate for a loop", "candidates for loops"),
    ):
        if count:
            yield count_of(count, one, several)


def _labels(advice: RewriteAdvice) -> Iterator[str]:
    """How sure they are, counted; loops for which there is no batch are counted as such."""
    counts = Counter(each.label.value for each in advice.rewrites)
    counts.update(each.label.value for each in advice.loops if has_label(each))
    for label in ("proven", "tested", "unverified"):
        if counts[label]:
            yield f"{counts[label]:,} {label}"
    if without := sum(each.batch is None for each in advice.loops):
        yield f"{without:,} without a batch"


def _gains(advice: RewriteAdvice) -> Iterator[str]:
    if advice.rewrites:
        best = max(advice.rewrites, key=lambda each: each.cost_factor)
        yield f"planned cost up to {format_change(best.before.cost, best.after.cost)}"
    sure = [each for each in advice.loops if each.loop.is_sure and is_offered(each)]
    if trips := sum(each.saved_round_trips or 0 for each in sure):
        yield f"{count_of(trips, 'round trip', 'round trips')} saved"


def examined_line(examined: Examined) -> str:
    """How much was looked at: "12 of 14 statements examined (SQL files), 2 loops seen"."""
    of = f"{examined.examined:,} of {count_of(examined.statements, 'statement', 'statements')} examined"
    loops = count_of(examined.loops_seen, "loop", "loops") if examined.loops_seen else "no loop"
    return f"{of} ({examined.origin.value}), {loops} seen"


def server_line(advice: RewriteAdvice) -> str:
    """Whose schema and statistics the plans are of."""
    return f"Planned and tested with the schema of {advice.server}"


def nothing_lines(advice: RewriteAdvice) -> Iterator[str]:
    """What was looked for, when there is nothing to suggest."""
    if not advice.examined.examined and not advice.examined.loops_seen:
        yield "No statement could be examined."
        return
    yield (
        f"No rewrite makes a statement at least {MIN_COST_FACTOR} times cheaper for the planner "
        "and stands its test."
    )
    if not advice.examined.loops_seen:
        yield "No statement is run row by row."


def refuted_line(refuted: RefutedRewrite) -> str:
    """A bug of pgtune: the rule was refuted, and what it wrote is not offered."""
    return (
        f"{refuted.name}: pgtune's own rule {refuted.rule} was refuted by its test and is not offered; "
        f"please report it: {refuted.difference}"
    )


def skipped_line(skipped: Sequence[SkippedStatement]) -> str | None:
    """Statements that were not examined, counted by reason; None when there are none."""
    if not skipped:
        return None
    counts = Counter(statement.reason.partition(":")[0] for statement in skipped)
    listed = ", ".join(f"{reason} ({count:,})" for reason, count in counts.most_common())
    return f"Left out: {listed}"


def ideas_line(ideas: Sequence[Idea]) -> str:
    """Ideas that are not shown, counted by why."""
    counts = Counter(idea.why for idea in ideas)
    listed = ", ".join(f"{why} ({count:,})" for why, count in counts.most_common())
    return f"{count_of(len(ideas), 'more idea', 'more ideas')}: {listed}"


def allowed_line(allowed: Sequence[str]) -> str | None:
    """What a comment in the SQL silences; None without any."""
    if not allowed:
        return None
    return f"Silenced by -- pgtune: allow: {', '.join(allowed)}"
