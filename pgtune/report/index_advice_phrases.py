"""Parts of index advice as people read them: an index, a change of cost, the price of writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.catalog import CatalogIndex
from pgtune.model.index_advice import Drop, IndexAdvice, QueryEffect, Recommendation, WriteCost
from pgtune.model.workload import Query, WorkloadOrigin
from pgtune.report.action_phrases import safety
from pgtune.report.quantities import count_of, format_bytes, format_count, format_share

MIN_CHANGE = 0.0005  # of a query's cost, below which it stays as it is: rounds to 0.0 %; chosen
MIN_COST = 0.01  # EXPLAIN prints costs to the hundredth
MAX_QUERY_CHARACTERS = 60  # of a query's text beside its name; chosen
MAX_LABEL_CHARACTERS = 40  # of a query's text instead of its name; chosen


@dataclass(frozen=True, slots=True)
class Effects:
    """Queries by what happens to them, each in the order given."""

    gaining: tuple[QueryEffect, ...]
    losing: tuple[QueryEffect, ...]
    unchanged: tuple[QueryEffect, ...]


def sort_effects(effects: Iterable[QueryEffect]) -> Effects:
    """Tell queries that get cheaper from those that get dearer and those that stay as they are."""
    effects = tuple(effects)
    return Effects(
        gaining=tuple(effect for effect in effects if effect.change <= -MIN_CHANGE),
        losing=tuple(effect for effect in effects if effect.change >= MIN_CHANGE),
        unchanged=tuple(effect for effect in effects if abs(effect.change) < MIN_CHANGE),
    )


def format_change(before: float, after: float) -> str:
    """How a figure changes: "÷120", "÷3.2", "-12.0 %", "×2.5"; "same" below a twentieth of a percent."""
    before, after = max(before, MIN_COST), max(after, MIN_COST)
    factor = max(before / after, after / before)
    if factor >= 2:
        sign = "÷" if after < before else "×"
        return f"{sign}{factor:,.0f}" if factor >= 10 else f"{sign}{factor:.1f}"
    change = after / before - 1
    return f"{change * 100:+.1f} %" if abs(change) >= MIN_CHANGE else "same"


def effect_line(effect: QueryEffect) -> str:
    """A query with its costs: "a.sql: cost 12,345 → 103 (÷120), Index Scan using a_idx on a"."""
    before, after = effect.cost_before, effect.cost_after
    node = f", {effect.node}" if effect.node else ""
    costs = f"{format_count(before)} → {format_count(after)}"
    return f"{effect.query.name}: cost {costs} ({format_change(before, after)}){node}"


def effects_in_short(effects: Sequence[QueryEffect], origin: WorkloadOrigin, shown: int) -> str:
    """The first queries and their factors: "a.sql ÷120, b.sql ÷3.2, 4 more"."""
    parts = [
        f"{_label(effect.query, origin)} {format_change(effect.cost_before, effect.cost_after)}"
        for effect in effects[:shown]
    ]
    if len(effects) > shown:
        parts.append(f"{len(effects) - shown} more")
    return ", ".join(parts)


def _label(query: Query, origin: WorkloadOrigin) -> str:
    """What people know a query by: its file, else how it begins."""
    beginning = query_text(query, origin)
    if len(beginning) > MAX_LABEL_CHARACTERS:
        beginning = beginning[: MAX_LABEL_CHARACTERS - 1].rstrip() + "…"
    return beginning or query.name


def query_text(query: Query, origin: WorkloadOrigin) -> str:
    """The beginning of a query that its name does not tell; empty for one from a file."""
    if origin is WorkloadOrigin.FILES:
        return ""
    text = " ".join(query.text.split())
    return text if len(text) <= MAX_QUERY_CHARACTERS else text[: MAX_QUERY_CHARACTERS - 1] + "…"


def write_cost_line(write_cost: WriteCost, base_cost: float) -> str:
    """What writes pay for an index, against the cost of the workload's queries."""
    parts = [
        count_of(write_cost.entries, "entry", "entries"),
        f"{format_share(write_cost.bytes_per_table_byte)} of a row's bytes each",
    ]
    if write_cost.hot_updates_lost:
        columns = f" ({', '.join(write_cost.updates)})" if write_cost.updates else ""
        lost = count_of(write_cost.hot_updates_lost, "update", "updates")
        parts.append(f"{lost} no longer HOT{columns}")
    return f"{format_write_share(write_cost.cost, base_cost)}: {', '.join(parts)}"


def format_write_share(cost: float, base_cost: float) -> str:
    """The price of writes as a share of the workload's cost: "0.4 % of the workload's cost"."""
    if not base_cost:
        return f"cost {format_count(cost)}"
    return f"{format_share(cost / base_cost)} of the workload's cost"


def write_share(write_cost: WriteCost | None, base_cost: float) -> str:
    """The price of writes in the unit of the saving beside it: "0.4 %"; a dash where it is not known."""
    return "–" if write_cost is None or not base_cost else format_share(write_cost.cost / base_cost)


def recommendation_facts(recommendation: Recommendation, base_cost: float) -> Iterator[tuple[str, str]]:
    """What there is to know of an index besides its statement and its queries, each under a word."""
    yield from safety(recommendation.action)
    if recommendation.write_cost is not None:
        yield "writes", write_cost_line(recommendation.write_cost, base_cost)
    if recommendation.replaces:
        yield "makes redundant", ", ".join(map(existing_in_short, recommendation.replaces))
    for tie in recommendation.ties:
        yield "as good", tie
    for note in recommendation.notes:
        yield "note", note


def drop_facts(drop: Drop, base_cost: float) -> Iterator[tuple[str, str]]:
    """What there is to know of a drop besides its statement, its reason and its queries."""
    yield from safety(drop.action)
    if drop.write_cost is not None:
        yield "writes saved", write_cost_line(drop.write_cost, base_cost)


def existing_in_short(index: CatalogIndex) -> str:
    """An existing index with its size: "public.orders_user_id_idx (12 MB)"."""
    return str(index.name) if index.size_bytes is None else f"{index.name} ({format_bytes(index.size_bytes)})"


def reasons(advice: IndexAdvice) -> str:
    """Why favourites were not taken, counted: "budget (3), write cost (2)"."""
    counts = Counter(rejection.reason.value for rejection in advice.rejections)
    return ", ".join(f"{reason} ({count:,})" for reason, count in counts.most_common())
