"""The sentences about the whole of index advice, the same in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pgtune.model.index_advice import Certificate, Coverage, IndexAdvice, ShadowNote, Verification
from pgtune.report.index_advice_phrases import format_change, format_write_share, reasons, sort_effects
from pgtune.report.quantities import count_of, format_bytes, format_ms, format_share

PROVEN_GAP = 0.0005  # a gap that rounds to 0.0 %; chosen
NEARLY_ALL = 0.995  # shares from here on would round to 100 %


def headline(advice: IndexAdvice) -> str:
    """What to do and what it brings: "2 indexes, 204 MB: workload cost 100 → 64.5 (-35.5 %), ..."."""
    if not advice.actions:
        return "No index to suggest."
    cost = advice.cost_share * 100
    after = f"{cost:.1f}" if cost >= 1 else f"{cost:.2g}"
    change = f"workload cost 100 → {after} ({cost - 100:+.1f} %)"
    gap = f", {_gap(advice.certificate)}" if advice.certificate is not None else ""
    return f"{', and '.join(_what(advice))}: {change}{gap}"


def _what(advice: IndexAdvice) -> Iterator[str]:
    if count := len(advice.recommendations):
        yield f"{count_of(count, 'index', 'indexes')}, {format_bytes(advice.size_bytes)}"
    if advice.drops:
        freed = sum(drop.index.size_bytes or 0 for drop in advice.drops)
        yield f"{len(advice.drops):,} to drop, {format_bytes(freed)}"


def _gap(certificate: Certificate) -> str:
    stopped = f" (search ended by {certificate.stopped_by})" if certificate.stopped_by else ""
    if certificate.gap < PROVEN_GAP:
        return f"the best possible set{stopped}"
    return f"gap to the best possible set at most {certificate.gap * 100:.1f} %{stopped}"


def nothing_lines(advice: IndexAdvice) -> Iterator[str]:
    """What was tried, when there is nothing to suggest, and why none of it was taken."""
    certificate = advice.certificate
    if not advice.coverage.planned:
        yield "No statement of the workload could be planned."
    elif certificate is None:
        yield "There was no candidate to try: existing indexes do what indexes can do for these queries."
    else:
        tried = count_of(certificate.candidates, "candidate was", "candidates were")
        asked = count_of(advice.effort.asked, "question", "questions")
        yield f"{tried} tried in {asked} to the planner; {_no_set(certificate)}."
        if certificate.stopped_by:
            yield (
                f"The search was ended by {certificate.stopped_by}: "
                f"at most {format_share(certificate.gap)} of the cost may be left to save."
            )
    if advice.rejections:
        yield f"Favourites that were not taken: {reasons(advice)}."


def _no_set(certificate: Certificate) -> str:
    proven = certificate.stopped_by is None and certificate.gap < PROVEN_GAP
    return "no set of them within the limits pays" + (", which is proven" if proven else "")


def coverage_line(coverage: Coverage) -> str:
    """How much of the workload was planned: "38 of 412 statements, 94 % of the time (pg_stat_statements)"."""
    parts = [f"{coverage.planned:,} of {count_of(coverage.seen, 'statement', 'statements')}"]
    if coverage.planned_ms is not None and coverage.seen_ms:
        parts.append(f"{_share_of_all(coverage.planned_ms, coverage.seen_ms)} of the time")
    return f"{', '.join(parts)} ({coverage.origin.value})"


def _share_of_all(part: float, whole: float) -> str:
    """A share that says 100 % only when nothing is left."""
    share = part / whole
    return ">99 %" if NEARLY_ALL <= share < 1 else format_share(min(share, 1.0))


def skipped_line(coverage: Coverage) -> str | None:
    """Statements that are no part of the workload, counted by reason; None when there are none."""
    if not coverage.skipped:
        return None
    counts = Counter(statement.reason.partition(":")[0] for statement in coverage.skipped)
    listed = ", ".join(f"{reason} ({count:,})" for reason, count in counts.most_common())
    return f"Left out: {listed}"


def shadow_line(shadow: ShadowNote) -> str:
    """Whose planner answered; loud where it is not the one of the server."""
    if shadow.same_major:
        return f"Planned by {shadow.shadow} on a copy of the statistics of {shadow.server}"
    return (
        f"MAJORS DIFFER: planned by {shadow.shadow}, the server is {shadow.server}. Its planner may choose "
        "other plans; --postgres-bin names programs of the server's own major."
    )


def limits_line(advice: IndexAdvice) -> str | None:
    """What the set had to keep to; None without limits."""
    parts = []
    if advice.budget_bytes is not None:
        parts.append(f"budget {format_bytes(advice.budget_bytes)}")
    if advice.max_indexes is not None:
        parts.append(f"at most {count_of(advice.max_indexes, 'index', 'indexes')}")
    return f"Within {', '.join(parts)}" if parts else None


def writes_line(advice: IndexAdvice) -> str:
    """What the set costs those who write."""
    if advice.write_cost is None:
        return "Writes are not known: their cost is not counted"
    verb = "cheaper" if advice.write_cost < 0 else "dearer"
    return f"Writes get {verb} by {format_write_share(abs(advice.write_cost), advice.base_cost)}"


def queries_line(advice: IndexAdvice) -> str:
    """What happens to the queries, counted."""
    effects = sort_effects(advice.effects)
    return (
        f"{len(effects.gaining):,} of {count_of(len(advice.effects), 'query', 'queries')} cheaper, "
        f"{len(effects.losing):,} dearer, {len(effects.unchanged):,} as before"
    )


def effort_line(advice: IndexAdvice) -> str:
    """What the search did: "2,341 questions asked, 11,020 answered from cache, 3.20 s"."""
    effort = advice.effort
    parts = [f"{count_of(effort.asked, 'question', 'questions')} asked"]
    if advice.certificate is not None:
        parts.insert(0, count_of(advice.certificate.candidates, "candidate", "candidates"))
    parts.append(f"{effort.saved_by_cache:,} answered from cache")
    if effort.saved_by_bounds:
        parts.append(f"{effort.saved_by_bounds:,} not needed")
    parts.append(format_ms(effort.elapsed_s * 1000))
    if effort.workers > 1:
        parts.append(f"{effort.workers} workers")
    return ", ".join(parts)


def verification_line(verification: Verification) -> str:
    """What was really built and measured, and how far the estimated size was off."""
    built, estimated = verification.built_bytes, verification.estimated_bytes
    off = f" ({(built / estimated - 1) * 100:+.1f} %)" if estimated else ""
    measured = verification.measurements
    before_ms, after_ms = (
        sum(measurement.before_ms for measurement in measured),
        sum(measurement.after_ms for measurement in measured),
    )
    times = f", {format_ms(before_ms)} → {format_ms(after_ms)} ({format_change(before_ms, after_ms)})"
    return (
        f"Measured on {verification.place}: {count_of(len(measured), 'query', 'queries')}"
        f"{times if measured else ''}; built {format_bytes(built)}, estimated {format_bytes(estimated)}{off}"
    )


def values_line(verification: Verification) -> str | None:
    """How many queries were run with values that pgtune chose; None when none was."""
    measured = verification.measurements
    chosen = sum(measurement.values_from_statistics for measurement in measured)
    if not chosen:
        return None
    whose = "all queries" if chosen == len(measured) else f"{chosen:,} of {len(measured):,} queries"
    return (
        f"The workload has no values for the parameters of {whose}: "
        "they were run with typical values from the statistics, which --report json names"
    )
