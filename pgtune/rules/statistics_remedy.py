"""From a wrong estimate to what would correct it: ANALYZE, a statistics target, extended statistics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog
from pgtune.model.estimate_error import GROUPINGS, JOINS, EstimateError
from pgtune.model.names import RelationName, quote_ident
from pgtune.model.plan import PlanNode
from pgtune.model.qual import Clause, ClauseKind, ColumnRef
from pgtune.parse.qual import read_clauses, read_plain_column, without_aliases

STALE_FRACTION = 0.1  # of the rows changed since ANALYZE: autovacuum_analyze_scale_factor's default
STATISTICS_TARGET = 1000  # ten times the default_statistics_target; chosen
_MAX_COLUMNS = 8  # of one CREATE STATISTICS (STATS_MAX_DIMENSIONS, 18)
_MAX_NAME_BYTES = 63  # NAMEDATALEN - 1
_LOCK = "SHARE UPDATE EXCLUSIVE on the relation: reads and writes go on"
_NUMBERED = re.compile(r"_\d+$")  # what the aliases of partitions end in
_ANY_ORDER = frozenset({ClauseKind.OR, ClauseKind.OTHER})


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a wrong estimate."""

    hint: str
    action: Action | None = None


def find_remedy(error: EstimateError, catalog: Catalog | None) -> Remedy:
    """What corrects the estimate of that node, as far as plan and catalog tell."""
    node = error.node
    if node.relation is not None:
        return _of_relation(node, node.relation, catalog)
    if node.node_type in GROUPINGS:
        return _of_groups(node)
    if node.node_type in JOINS:
        return Remedy(
            "Store one side in a temporary table and ANALYZE it, if the plan suffers: no statistics say how "
            "columns of two relations depend on each other."
        )
    if node.node_type in ("Function Scan", "ProjectSet"):
        return Remedy("Declare how many rows the function returns: ALTER FUNCTION ... ROWS n.")
    if node.node_type == "Append":
        return _of_append(node)
    return Remedy(
        "Store the intermediate rows in a temporary table and ANALYZE it: "
        "the planner has no statistics of a sub-query's result."
    )


def _of_append(node: PlanNode) -> Remedy:
    if len({child.alias and _NUMBERED.sub("", child.alias) for child in node.inputs}) > 1:
        return Remedy("Look at the members of the UNION ALL: their estimates add up to this one.")
    return Remedy("Run ANALYZE on the partitioned relation: autovacuum analyzes its partitions only.")


def _of_relation(node: PlanNode, relation: RelationName, catalog: Catalog | None) -> Remedy:
    if _is_stale(relation, catalog):
        return Remedy(f"Run ANALYZE: many rows of {relation} changed since it last ran.", _analyze(relation))
    if any("SubPlan" in text for text in node.quals.texts()):
        return Remedy("Write the sub-query as a join: the planner assumes that half of the rows pass it.")
    clauses = [clause for clause in _restrictions(node) if clause.kind not in _ANY_ORDER]
    keys = dict.fromkeys(key for clause in clauses for key in _keys(clause))
    names = _names(ref for clause in clauses for ref in clause.columns)
    if len(keys) > 1:
        return Remedy(
            f"Create extended statistics: the planner takes {_listed(tuple(keys))} as independent.",
            _extended(relation, names, keys, " (dependencies, mcv)"),
        )
    if any(clause.expression is not None for clause in clauses):
        return Remedy(
            f"Create statistics of {_listed(tuple(keys))} (14 and later): there are none of expressions.",
            _extended(relation, names, keys, ""),
        )
    return _of_column(relation, names[0]) if names else _of_look_up(node, relation)


def _of_look_up(node: PlanNode, relation: RelationName) -> Remedy:
    """A scan whose only conditions, if any, compare with the other side of a join."""
    hint = f"Run ANALYZE on {relation}."
    if node.quals.index_cond is not None:
        hint = (
            f"Run ANALYZE on {relation}; if some keys have far more rows than others, no estimate fits "
            "the look-up of all of them."
        )
    return Remedy(hint, _analyze(relation))


def _keys(clause: Clause) -> Iterator[str]:
    """The columns and expressions of a clause, as CREATE STATISTICS spells them."""
    if clause.expression is not None:
        yield f"({without_aliases(clause.expression)})"
    elif clause.column is not None:
        yield quote_ident(clause.column.name)
    else:
        yield from (quote_ident(ref.name) for ref in clause.row)


def _of_column(relation: RelationName, column: str) -> Remedy:
    name = quote_ident(column)
    alter = f"ALTER TABLE {relation} ALTER COLUMN {name} SET STATISTICS"
    return Remedy(
        f"Run ANALYZE; if the estimate stays wrong, raise the statistics target of {name} "
        f"({alter} {STATISTICS_TARGET}) and run it again.",
        _analyze(relation),
    )


def _is_stale(relation: RelationName, catalog: Catalog | None) -> bool:
    found = catalog.find(relation) if catalog is not None else None
    if found is None:
        return False
    return found.activity.n_mod_since_analyze > STALE_FRACTION * max(1.0, found.activity.reltuples)


def _of_groups(node: PlanNode) -> Remedy:
    if node.quals.filter is not None:
        return Remedy("Join to the groups last: the planner guesses how many of them pass HAVING.")
    keys = [read_plain_column(key) for key in node.group_key]
    columns = [key for key in keys if key is not None]
    scan = _scan_of(node, columns)
    names = _names(columns)
    if scan is None or scan.relation is None or len(columns) != len(keys):
        return Remedy(
            "Group by plain columns of one relation where that is possible, or create statistics of the "
            "expressions (14 and later): otherwise the number of groups is a guess."
        )
    if len(names) > 1:
        return Remedy(
            f"Create extended statistics: the planner does not know how many combinations of "
            f"{_listed(names)} there are.",
            _extended(scan.relation, names, tuple(map(quote_ident, names)), " (ndistinct)"),
        )
    return _of_column(scan.relation, names[0])


def _scan_of(node: PlanNode, columns: list[ColumnRef]) -> PlanNode | None:
    """The scan of the one relation that all columns belong to."""
    aliases = {column.alias for column in columns}
    if len(aliases) != 1:
        return None
    (alias,) = aliases
    scans = [below for below in node.walk() if below.relation is not None]
    if alias is None:  # EXPLAIN leaves it out where there is one relation only
        return scans[0] if len(scans) == 1 else None
    return next((scan for scan in scans if alias in (scan.alias, scan.relation and scan.relation.name)), None)


def _restrictions(node: PlanNode) -> Iterable[Clause]:
    """The clauses on the relation alone, not those that look up a join's key."""
    quals = node.quals
    for text in (quals.index_cond or quals.recheck_cond, quals.filter):
        for clause in read_clauses(text) if text is not None else ():
            if all(ref.alias in (None, node.alias) for ref in clause.columns):
                yield clause


def _names(columns: Iterable[ColumnRef]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref.name for ref in columns if ref.name != "*"))[:_MAX_COLUMNS]


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _analyze(relation: RelationName) -> Action:
    return Action(f"ANALYZE {relation};", lock=_LOCK)


def _extended(relation: RelationName, columns: tuple[str, ...], keys: Iterable[str], kinds: str) -> Action:
    stem = f"{relation.name}_{'_'.join(columns)}".encode()[: _MAX_NAME_BYTES - len("_stats")]
    name = RelationName(relation.schema, f"{stem.decode(errors='ignore')}_stats")
    listed = ", ".join(list(keys)[:_MAX_COLUMNS])
    return Action(
        f"CREATE STATISTICS {name}{kinds} ON {listed} FROM {relation};\nANALYZE {relation};",
        undo=f"DROP STATISTICS {name};",
        lock=_LOCK,
    )
