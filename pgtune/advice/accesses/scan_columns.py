"""A scan in a plan in, the columns that an index must hold to replace its table access out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.charge import ChargedPlan
from pgtune.model.names import quote_ident
from pgtune.model.plan import PlanNode
from pgtune.model.qual import ColumnRef
from pgtune.parse.qual import read_columns

# These hand on the columns of their child; whatever computes new ones names what it needs.
_HANDS_ON = frozenset(
    {
        "Sort",
        "Incremental Sort",
        "Limit",
        "Gather",
        "Gather Merge",
        "Materialize",
        "Hash",
        "Memoize",
        "Unique",
    }
)
_NAMES_WHAT_IT_NEEDS = frozenset(
    {"Aggregate", "Group", "WindowAgg", "Nested Loop", "Hash Join", "Merge Join", "Result", "ProjectSet"}
)


_QUALIFIER = re.compile(r'("(?:[^"]|"")+"|\w+)\.')


class Mentions:
    """Which nodes of a plan mention which alias; made once for a plan, so that asking is not a search."""

    def __init__(self, plan: ChargedPlan) -> None:
        self.plan = plan
        self._by_alias: dict[str, list[tuple[int, str]]] = {}
        self._columns: dict[str, tuple[ColumnRef, ...]] = {}
        for node in plan.nodes:
            for text in _texts(node):
                for alias in set(_QUALIFIER.findall(text)):
                    self._by_alias.setdefault(alias, []).append((node.number, text))

    def of(self, alias: str) -> Sequence[tuple[int, str]]:
        """Node numbers and the expressions in which the alias qualifies a name."""
        return self._by_alias.get(quote_ident(alias), ())

    def columns(self, text: str) -> tuple[ColumnRef, ...]:
        """The columns that an expression mentions; each expression is read once."""
        found = self._columns.get(text)
        if found is None:
            found = self._columns[text] = read_columns(text)
        return found


def local_alias(scan: PlanNode) -> str | None:
    """What the plan's expressions call the relation of the scan."""
    return scan.alias or (scan.relation.name if scan.relation is not None else None)


def names_of(refs: Iterable[ColumnRef], alias: str | None) -> tuple[str, ...]:
    """The columns among *refs* that belong to *alias*, each once; without an alias they all do."""
    return tuple(dict.fromkeys(ref.name for ref in refs if ref.alias in (None, alias)))


def returned_columns(mentions: Mentions, scan: PlanNode) -> tuple[str, ...] | None:
    """Columns of the scan's relation that the rest of the plan uses, its own quals aside.

    None when the plan does not say: no VERBOSE, or a node in between that renames columns. A scan's own
    Output is no answer below a node that computes: there it lists all columns, for they cost nothing.
    """
    if not scan.output:
        return None
    alias = local_alias(scan)
    mentioned = names_of(_mentions_elsewhere(mentions, scan), alias)
    computing = _computing_ancestor(mentions.plan, scan)
    if computing is not None and computing.node_type in _NAMES_WHAT_IT_NEEDS:
        return mentioned
    own = names_of((ref for item in scan.output for ref in mentions.columns(item)), alias)
    return tuple(dict.fromkeys((*own, *mentioned))) if computing is None else own


def _computing_ancestor(plan: ChargedPlan, scan: PlanNode) -> PlanNode | None:
    """The nearest node above, of the same sub-query, that computes its output; None up to the root."""
    below = scan
    for node in plan.ancestors(scan):
        if below.is_subplan:
            return None
        if node.node_type not in _HANDS_ON:
            return node
        below = node
    return None


def _mentions_elsewhere(mentions: Mentions, scan: PlanNode) -> Iterator[ColumnRef]:
    """Columns that other nodes mention, with those without an alias only where they can mean this scan."""
    above = {node.number: node for node in mentions.plan.ancestors(scan)}
    alias = local_alias(scan)
    for node in above.values():
        for text in _texts(node):
            yield from mentions.columns(text)
    for number, text in mentions.of(alias) if alias is not None else ():
        if number != scan.number and number not in above:
            yield from (ref for ref in mentions.columns(text) if ref.alias is not None)


def _texts(node: PlanNode) -> Iterator[str]:
    yield from node.output
    yield from node.quals.texts()
    yield from node.sort_key
    yield from node.group_key
