"""A trigger takes a large part of the statement's time.

Row triggers run once per row, and a foreign key is two of them: one looks up the key for each row that is
inserted or changed, the other looks for rows that still refer to a key that is deleted or changed. PostgreSQL
makes no index for the second, so without one each deleted row costs a scan of the referencing relation.

Instead of:
    DELETE FROM users WHERE id = 42;  -- orders.user_id REFERENCES users, without an index
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id);

A trigger of your own is best made FOR EACH STATEMENT with a transition table (REFERENCING NEW TABLE), or kept
from running by WHEN (OLD.* IS DISTINCT FROM NEW.*).

Ignore when: the statement is a rare clean-up, or what the trigger does has to be done row by row.
Source: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog, ForeignKey
from pgtune.model.charge import TimedPlan
from pgtune.model.finding import Cause, Note, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.names import RelationName, quote_ident
from pgtune.model.node_details import Trigger

MIN_TRIGGER_SHARE = 0.1  # of the statement, below, a trigger is a fair price; chosen
# An indexed foreign key check, both sides. Measured on 15.18 and 18.6, warm, 3,000 rows: 0.005 to 0.014 ms.
USUAL_CHECK_MS = 0.02
MIN_TRIGGER_MS = 2.0  # a session's first call plans the check, in 0.3 ms (measured, 12 to 18); chosen
STATEMENT_LEVEL_SAVING = 0.5  # of a row trigger that runs once for all rows instead: its work remains; chosen
_REFERENCED = (
    "RI_ConstraintTrigger_a_"  # on the referenced relation: delete and update look for referencing rows
)
_REFERENCING = "RI_ConstraintTrigger_c_"  # on the referencing relation: insert and update look up the key


def check(
    plan: TimedPlan, catalog: Catalog | None, *, min_trigger_share: float = MIN_TRIGGER_SHARE
) -> Iterator[Symptom | Note]:
    """Yield each trigger that takes much of the time, with what is behind it."""
    for trigger in plan.plan.triggers:
        if trigger.ms is None or trigger.ms < MIN_TRIGGER_MS or not trigger.calls:
            continue
        if plan.share_of_ms(trigger.ms) < min_trigger_share:
            continue
        relation = _relation(plan, trigger)
        key = _foreign_key(catalog, relation, trigger)
        if _is_search(plan, trigger, relation, key):
            yield _search(plan, trigger, trigger.ms, key)
        elif _is_lookup(trigger, catalog, key):
            yield _lookup(plan, trigger, trigger.ms)
        else:
            yield _own(plan, trigger, trigger.ms, relation)


def _relation(plan: TimedPlan, trigger: Trigger) -> RelationName | None:
    """EXPLAIN prints the relation without its schema, and in text only if there are several targets."""
    targets = [node.relation for node in plan.nodes if node.node_type == "ModifyTable" and node.relation]
    if trigger.relation is None:
        return targets[0] if targets else None
    named = (target for target in targets if target.name == trigger.relation)
    return next(named, RelationName(None, trigger.relation))


def _foreign_key(
    catalog: Catalog | None, relation: RelationName | None, trigger: Trigger
) -> ForeignKey | None:
    found = catalog.find(relation) if catalog is not None and relation is not None else None
    if found is None:
        return None
    keys = (*found.referenced_by, *found.foreign_keys)
    return next((key for key in keys if key.name == trigger.constraint), None)


def _is_search(
    plan: TimedPlan, trigger: Trigger, relation: RelationName | None, key: ForeignKey | None
) -> bool:
    if trigger.name.startswith("RI_"):
        return trigger.name.startswith(_REFERENCED)
    if trigger.constraint is None:
        return False
    if key is not None and key.relation != key.referenced:
        return relation is not None and key.referenced.name == relation.name
    # Text without VERBOSE names the constraint only. Deleting fires the searching trigger alone.
    return any(node.operation == "Delete" for node in plan.nodes)


def _is_lookup(trigger: Trigger, catalog: Catalog | None, key: ForeignKey | None) -> bool:
    if trigger.name.startswith(_REFERENCING):
        return True
    return trigger.constraint is not None and (catalog is None or key is not None)


def _search(plan: TimedPlan, trigger: Trigger, ms: float, key: ForeignKey | None) -> Symptom | Note:
    """Rows that refer to the deleted or changed key were searched."""
    name, excess_ms = trigger.constraint or trigger.name, ms - trigger.calls * USUAL_CHECK_MS
    if excess_ms <= 0:
        return _usual(name, trigger.calls, ms)
    spent = f"{trigger.calls:,} searches for referencing rows take {ms:,.1f} ms"
    if key is None or not key.indexed:
        columns = f"{key.relation} ({', '.join(map(quote_ident, key.columns))})" if key is not None else None
        return Symptom(
            message=f"foreign key {name}: {spent}" + (f", {columns} has no index" if columns else ""),
            node=None,
            saves=plan.share_of_ms(excess_ms),
            cause=Cause.STATEMENT,
            object=name,
            detail=f"Each search takes {ms / trigger.calls:,.3f} ms; about {USUAL_CHECK_MS} ms is usual.",
            hint=f"Create an index on {columns or 'the referencing columns, if there is none'}.",
            index_need=IndexNeed(Purpose.REFERENCE, relation=key.relation, columns=key.columns)
            if key
            else None,
        )
    return Symptom(
        message=f"foreign key {name}: {spent}, though {key.relation} is indexed",
        node=None,
        saves=plan.share_of_ms(excess_ms) * STATEMENT_LEVEL_SAVING,
        cause=Cause.STATEMENT,
        object=name,
        detail="The time goes into the referencing rows: CASCADE and SET NULL change them one by one.",
        hint="Delete or change the referencing rows first, in one statement.",
    )


def _lookup(plan: TimedPlan, trigger: Trigger, ms: float) -> Symptom | Note:
    """The key that each inserted or changed row refers to was looked up."""
    name, excess_ms = trigger.constraint or trigger.name, ms - trigger.calls * USUAL_CHECK_MS
    if excess_ms <= 0:
        return _usual(name, trigger.calls, ms)
    return Symptom(
        message=f"foreign key {name}: {trigger.calls:,} lookups of the referenced key take {ms:,.1f} ms",
        node=None,
        saves=plan.share_of_ms(excess_ms),
        cause=Cause.STATEMENT,
        object=name,
        detail=f"Each lookup takes {ms / trigger.calls:,.3f} ms; about {USUAL_CHECK_MS} ms is usual.",
        hint="Look for sessions that lock the referenced rows, and VACUUM the referenced relation.",
    )


def _usual(name: str, calls: int, ms: float) -> Note:
    return Note(
        f"foreign key {name} was checked {calls:,} times in {ms:,.1f} ms, which is the usual price", None
    )


def _own(plan: TimedPlan, trigger: Trigger, ms: float, relation: RelationName | None) -> Symptom:
    on = f" on {relation}" if relation is not None else ""
    return Symptom(
        message=f"trigger {trigger.name}{on} takes {ms:,.1f} ms in {trigger.calls:,} calls",
        node=None,
        saves=plan.share_of_ms(ms) * STATEMENT_LEVEL_SAVING,
        cause=Cause.STATEMENT,
        object=trigger.name,
        detail=f"Each call takes {ms / trigger.calls:,.3f} ms; EXPLAIN does not show what it runs.",
        hint="Make the trigger FOR EACH STATEMENT with a transition table, or give it a WHEN condition.",
    )
