"""The planner works with statistics of a relation that has changed much since, or with none.

ANALYZE samples a relation; the planner takes from that how many rows each predicate keeps. Autovacuum runs
it when a tenth of the rows have changed, but not on temporary, foreign and partitioned tables, not where it
is switched off, and not at once after a bulk load.

Instead of:
    COPY orders FROM '/tmp/orders.csv';
    SELECT ...
Use:
    COPY orders FROM '/tmp/orders.csv';
    ANALYZE orders;
    SELECT ...

Ignore when: the rows that changed look like those before.
Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.names import RelationName
from pgtune.model.plan import PlanNode

MIN_MODIFIED_FRACTION = 0.2  # of the rows; twice autovacuum_analyze_scale_factor's default; chosen
UNMEASURED_LOSS = 0.1  # of the part that is misled, when the plan does not tell how far; chosen
MIN_MODIFIED_ROWS = 1000  # since ANALYZE; small relations are read whole anyhow; chosen

_SAMPLED_KINDS = frozenset({"r", "m", "f"})  # pg_class.relkind; a plan scans no partitioned table itself


def check(
    plan: ChargedPlan,
    catalog: Catalog,
    *,
    min_modified_fraction: float = MIN_MODIFIED_FRACTION,
    min_modified_rows: float = MIN_MODIFIED_ROWS,
) -> Iterator[Symptom]:
    """Yield each relation of the plan whose statistics are missing or old."""
    for name, scans in _scans_by_relation(plan).items():
        relation = catalog.find(name)
        if relation is None or relation.kind not in _SAMPLED_KINDS:
            continue
        modified = relation.activity.n_mod_since_analyze
        rows = max(1.0, relation.activity.reltuples)
        if _was_never_analyzed(relation):
            yield _symptom(plan, relation, scans, 1.0, f"{relation.name} was never analyzed")
        elif modified >= max(min_modified_rows, min_modified_fraction * rows):
            then = max(0.0, relation.activity.reltuples)
            message = (
                f"{modified:,} rows of {relation.name} changed since it was analyzed; it had {then:,.0f} then"
            )
            yield _symptom(plan, relation, scans, min(1.0, modified / rows), message)


def _scans_by_relation(plan: ChargedPlan) -> dict[RelationName, list[PlanNode]]:
    scans: dict[RelationName, list[PlanNode]] = {}
    for node in plan.nodes:
        if node.relation is not None and node.node_type != "ModifyTable":
            scans.setdefault(node.relation, []).append(node)
    return scans


def _was_never_analyzed(relation: Relation) -> bool:
    """True without a time of ANALYZE (a reset of the statistics views clears it) and without its results."""
    known = any(column.n_distinct is not None for column in relation.columns)
    empty = relation.size_bytes == 0
    return relation.activity.last_analyze is None and not known and not empty


def _symptom(
    plan: ChargedPlan, relation: Relation, scans: list[PlanNode], changed_fraction: float, message: str
) -> Symptom:
    scan = max(scans, key=lambda scan: _error(plan, scan))
    error = _error(plan, scan)
    # The estimate misleads the scan and all above it. How much of them better plans would save is not known:
    # taken is the part that changed, less where the estimate came out right all the same.
    misled = plan.share(scan) + plan.share_above(scan)
    detail = "The planner estimates from what ANALYZE found last."
    if error > 1 and scan.actual is not None and scan.estimate is not None:
        expected, returned = scan.estimate.rows, scan.actual.rows
        detail = f"{scan.label} was expected to return {expected:,.0f} rows and returned {returned:,.0f}."
    return Symptom(
        message=message,
        node=scan.number,
        saves=misled * changed_fraction * (1 - 1 / error if scan.executed else UNMEASURED_LOSS),
        cause=Cause.ESTIMATE,
        object=str(relation.name),
        detail=detail,
        hint="Run ANALYZE, and let autovacuum do so more often.",
        action=Action(
            sql=f"ANALYZE {relation.name};",
            lock=f"SHARE UPDATE EXCLUSIVE on {relation.name}; reads and writes go on",
        ),
    )


def _error(plan: ChargedPlan, scan: PlanNode) -> float:
    """How many times the estimate is off, 1 when it is right or not measured; both figures are per loop."""
    if scan.actual is None or scan.actual.loops == 0 or scan.estimate is None:
        return 1.0
    expected, returned = max(1.0, scan.estimate.rows), max(1.0, scan.actual.rows)
    if plan.is_below_limit(scan):
        return max(1.0, returned / expected)  # it may have stopped early
    return max(expected / returned, returned / expected)
