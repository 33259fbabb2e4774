"""A selection in, what to tell of each index out: name, SQL, which queries gain, what keeping it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.index_naming import IndexNames
from pgtune.advice.selection.selection import Selection
from pgtune.model.action import Action, Proof
from pgtune.model.catalog import Catalog, CatalogIndex
from pgtune.model.index import DEFAULT_METHOD, Index
from pgtune.model.index_actions import drop_action
from pgtune.model.index_advice import Drop, QueryEffect, Recommendation, WriteCost
from pgtune.model.index_duty import duties
from pgtune.model.plan import PlanNode
from pgtune.model.planner import Hypothetical, Planner, Question
from pgtune.model.workload import Query
from pgtune.parse.qual import read_clauses

MIN_CHANGE = 0.005  # of a query's cost, to be worth a word; chosen
_CONSTANT_NOTE = (
    "Its predicate is spelled out in the statements: with other values or parameters they cannot use it."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selection with all that is known around it."""

    selection: Selection
    queries: Sequence[Query]
    weights: Mapping[int, float]
    relevant: Mapping[int, frozenset[int]]
    write_costs: Mapping[int, WriteCost]
    catalog: Catalog
    extensions: Collection[str]  # that production has
    droppable: frozenset[int]  # existing indexes that the selection might have left out

    @property
    def numbers(self) -> frozenset[int]:
        """New indexes."""
        return frozenset(each.number for each in self.selection.chosen)

    @property
    def weighted_base(self) -> float:
        """Cost of the workload as things are."""
        return sum(self.weights[query] * cost for query, cost in self.selection.base_costs.items())


def query_effects(chosen: Chosen) -> tuple[QueryEffect, ...]:
    """Every planned query before and after, in the order of the workload."""
    before, after = chosen.selection.base_costs, chosen.selection.costs
    return tuple(
        QueryEffect(query, before[query.number], after[query.number])
        for query in chosen.queries
        if query.number in before
    )


def recommendations(chosen: Chosen, planner: Planner) -> tuple[Recommendation, ...]:
    """Return one Recommendation for each chosen index, the biggest saving first.

    Raises:
        ServerError: the planner is gone.
    """
    names = IndexNames(chosen.catalog)
    named = {each.number: names.choose(each.index) for each in chosen.selection.chosen}
    uses = _uses(chosen, planner, named)
    savings = _savings(chosen, planner)
    found = [
        _recommendation(each, named[each.number], chosen, uses[each.number], savings[each.number])
        for each in chosen.selection.chosen
    ]
    return tuple(sorted(found, key=lambda each: (-each.saving_share, each.name)))


def drops(chosen: Chosen) -> tuple[Drop, ...]:
    """Return one Drop for each existing index that the selection leaves out."""
    losing = [effect for effect in query_effects(chosen) if effect.change > MIN_CHANGE]
    found = []
    for existing in chosen.selection.dropped:
        effects = tuple(
            effect for effect in losing if existing.number in chosen.relevant.get(effect.query.number, ())
        )
        action = replace(drop_action(existing.index), proof=Proof.PLANNED)
        write_cost = chosen.write_costs.get(existing.number)
        found.append(Drop(existing.index, action, _reason(existing.index), effects, write_cost))
    return tuple(found)


def _reason(index: CatalogIndex) -> str:
    if index.scans:
        return "With the chosen set, the queries of the workload cost no more without it."
    return "It was not used since counting began, and no query of the workload needs it."


def _recommendation(
    each: Hypothetical, name: str, chosen: Chosen, effects: Sequence[QueryEffect], saving: float
) -> Recommendation:
    index = each.index
    ties = chosen.selection.ties.get(each.number, ())
    return Recommendation(
        index=index,
        name=name,
        size_bytes=each.size.size_bytes,
        height=each.size.height,
        action=_action(index, name, chosen.extensions),
        saving_share=saving / chosen.weighted_base if chosen.weighted_base else 0.0,
        effects=tuple(sorted(effects, key=lambda effect: _gain(effect, chosen), reverse=True)),
        write_cost=chosen.write_costs.get(each.number),
        replaces=tuple(_replaced(index, chosen.catalog)),
        ties=tuple(tie.index.definition for tie in ties),
        notes=tuple(_notes(index)),
    )


def _action(index: Index, name: str, present: Collection[str]) -> Action:
    action = index.action(name)
    missing = [extension for extension in index.extensions if extension not in present]
    create = [f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in missing]
    return replace(action, sql="\n".join([*create, action.sql]), proof=Proof.PLANNED)


def _gain(effect: QueryEffect, chosen: Chosen) -> float:
    return (effect.cost_before - effect.cost_after) * chosen.weights[effect.query.number]


def _uses(chosen: Chosen, planner: Planner, named: Mapping[int, str]) -> Mapping[int, Sequence[QueryEffect]]:
    """For each chosen index, the queries whose plan has it, with the node that does."""
    uses: dict[int, list[QueryEffect]] = {number: [] for number in named}
    for effect in query_effects(chosen):
        visible = _visible(effect.query.number, chosen)
        if not visible & chosen.numbers or abs(effect.change) < MIN_CHANGE:
            continue
        plan = planner.plan(Question(effect.query.number, visible))
        for number, node in _index_nodes(plan.nodes(), planner, named):
            uses[number].append(replace(effect, node=node.label))
    return uses


def _index_nodes(
    nodes: Iterable[PlanNode], planner: Planner, named: Mapping[int, str]
) -> Iterator[tuple[int, PlanNode]]:
    """The first node of each chosen index, under the name that the index is to have."""
    seen = set()
    for node in nodes:
        for number in planner.index_numbers.get(node.index_name or "", frozenset()):
            if number in named and number not in seen:
                seen.add(number)
                yield number, replace(node, index_name=named[number])


def _visible(query: int, chosen: Chosen) -> frozenset[int]:
    """Indexes that are there in the end: the new ones, and the existing ones that stay."""
    gone = frozenset(existing.number for existing in chosen.selection.dropped)
    relevant = chosen.relevant.get(query, frozenset())
    return relevant & (chosen.numbers | chosen.droppable - gone)


def _savings(chosen: Chosen, planner: Planner) -> Mapping[int, float]:
    """What returns when each index alone is left out of the set, weighted."""
    costs = chosen.selection.costs
    questions = {
        (number, query): Question(query, _visible(query, chosen) - {number})
        for number in chosen.numbers
        for query in costs
        if number in chosen.relevant.get(query, ())
    }
    answers = zip(questions, planner.answer(list(questions.values())), strict=True)
    savings = dict.fromkeys(chosen.numbers, 0.0)
    for (number, query), answer in answers:
        savings[number] += max(0.0, answer.cost - costs[query]) * chosen.weights[query]
    return savings


def _replaced(index: Index, catalog: Catalog) -> Iterator[CatalogIndex]:
    """Existing B-trees, with no other duty, that the new one can stand in for."""
    relation = catalog.find(index.relation)
    if relation is None or index.access_method != DEFAULT_METHOD:
        return
    key = [(part.text, part.descending, part.nulls_first, part.opclass) for part in index.key]
    for existing in relation.indexes:
        own = [(part.text, part.descending, part.nulls_first, part.opclass) for part in existing.keys]
        same_rows = existing.predicate == index.predicate
        if existing.access_method != DEFAULT_METHOD or duties(existing) or not existing.valid:
            continue
        if same_rows and key[: len(own)] == own and existing.columns <= index.columns:
            yield existing


def _notes(index: Index) -> Iterator[str]:
    clauses = read_clauses(index.predicate) if index.predicate is not None else ()
    if any(clause.literal and clause.operand is not None for clause in clauses):
        yield _CONSTANT_NOTE
