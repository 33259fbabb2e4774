"""A scan in a plan in, the orders out that would spare the nodes above it a sort or a hash table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.accesses.equal_columns import EqualColumns
from pgtune.model.charge import ChargedPlan
from pgtune.model.plan import PlanNode
from pgtune.model.qual import SortKey
from pgtune.parse.sort_key import read_sort_key

_SORTS = frozenset({"Sort", "Incremental Sort"})
# Behind these an expression may be of their own results: sum(x), rank().
_COMPUTES = frozenset({"Aggregate", "Group", "WindowAgg", "ProjectSet"})
_MIN_MAX = re.compile(r"\(?(?:PARTIAL )?(?:min|max)\((?P<argument>.*)\)\)?", re.DOTALL)

Order = tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """What a plan calls one relation, and which columns of others equal its own."""

    aliases: Collection[str]
    equal: EqualColumns


def wanted_orders(plan: ChargedPlan, scan: PlanNode, naming: Naming) -> tuple[Order, ...]:
    """Return the leading keys of each sort and grouping above the scan that are the relation's own.

    The order by min(x) and max(x) is that of x. A key that equals a column of the relation counts as that.
    """
    return tuple(dict.fromkeys(order for order in _orders(plan, scan, naming) if order))


def _orders(plan: ChargedPlan, scan: PlanNode, naming: Naming) -> Iterator[Order]:
    below = scan
    computed = False
    for node in plan.ancestors(scan):
        if below.is_subplan:
            return
        yield from (_leading(texts, naming, computed=computed) for texts in _key_texts(node))
        computed = computed or node.node_type in _COMPUTES
        below = node


def _key_texts(node: PlanNode) -> Iterator[Sequence[str]]:
    if node.node_type in _SORTS:
        yield node.sort_key
    elif node.group_key:
        yield node.group_key
    elif node.node_type == "Aggregate":
        yield from ((match["argument"],) for text in node.output if (match := _MIN_MAX.fullmatch(text)))


def _leading(texts: Sequence[str], naming: Naming, *, computed: bool) -> Order:
    keys: list[SortKey] = []
    for text in texts:
        key = _own(read_sort_key(text), naming, computed=computed)
        if key is None:
            break
        keys.append(key)
    return tuple(keys)


def _own(key: SortKey, naming: Naming, *, computed: bool) -> SortKey | None:
    """The key in terms of the relation; None when it is not of it alone."""
    if key.operator is not None:
        return None
    if key.column is not None:
        equal = (column for column in naming.equal.of(key.column) if column.alias in naming.aliases)
        column = next(equal, None)
        return replace(key, column=column, columns=(column,)) if column is not None else None
    local = bool(key.columns) and all(column.alias in naming.aliases for column in key.columns)
    return key if local and not computed else None
