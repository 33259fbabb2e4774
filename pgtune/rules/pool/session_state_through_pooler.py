"""Statements rely on their session, and a pooler gives each transaction another one.

A pooler by transaction or statement takes the session away after each transaction. A SET then holds for
other clients, LISTEN hears nothing, temporary tables, cursors WITH HOLD and advisory locks of the session
belong to whoever comes next, and PREPARE is not found again. RDS Proxy keeps such a client on one session
instead (it pins it), so that nothing is shared. Statements are read from pg_stat_statements; those of
roles whose pools all go to the server directly are left out.

Instead of:
    SET statement_timeout = '5s';
    SELECT pg_advisory_lock(42);
Use:
    BEGIN; SET LOCAL statement_timeout = '5s';
    SELECT pg_advisory_xact_lock(42); ...

Ignore when: the statements come from a client that does not use the pooler.
Source: https://www.pgbouncer.org/features.html#sql-feature-map-for-pooling-modes
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.place import Place
from pgtune.model.pools.declared_pooler import DeclaredPooler, PoolerKind, PoolMode
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers
from pgtune.model.pools.server_facts import (
    Route,
    SessionBoundStatement,
    SessionBoundStatements,
    SessionFeature,
)
from pgtune.rules.configured_poolers import configured_pooler
from pgtune.rules.session_clients import at_most, counted

SEVERITY = Severity.WARNING
_MAX_CHARACTERS = 60  # of a statement in a sentence; chosen

_REMEDIES = {
    SessionFeature.SET: "Use SET LOCAL inside the transaction, or ALTER ROLE ... SET.",
    SessionFeature.LISTEN: "Let listeners connect to the server directly.",
    SessionFeature.TEMPORARY_TABLE: "Create it ON COMMIT DROP, in the transaction that uses it.",
    SessionFeature.ADVISORY_LOCK: "Use pg_advisory_xact_lock(), which ends with the transaction.",
    SessionFeature.HELD_CURSOR: "Read the cursor inside its transaction, without WITH HOLD.",
    SessionFeature.PREPARE: "Prepare by the protocol, as drivers do, and set max_prepared_statements.",
    SessionFeature.CURRVAL: "Use INSERT ... RETURNING.",
}


def check(
    statements: SessionBoundStatements, fleet: Fleet | None, route: Route | None, poolers: Poolers | None
) -> Iterator[Symptom | Note]:
    """Yield each feature of sessions that is used where sessions are shared."""
    pooler = _sharing_pooler(fleet, poolers)
    if pooler is None and not (route is not None and route.is_pooled and route.is_shared_by_transaction):
        return
    by_feature: Mapping[SessionFeature, list[SessionBoundStatement]] = defaultdict(list)
    direct = _direct_roles(fleet)
    for statement in statements.all:
        if statement.role not in direct:
            by_feature[statement.feature].append(statement)
    for feature, found in by_feature.items():
        yield _symptom(feature, found, pooler)
    if not by_feature:
        yield Note("no statement of a client behind the pooler relies on its session", None)


def _sharing_pooler(fleet: Fleet | None, poolers: Poolers | None) -> DeclaredPooler | None:
    """The first pooler that lends sessions for a transaction; what SHOW CONFIG says wins."""
    if fleet is None:
        return None
    for declared in fleet.poolers:
        pooler = configured_pooler(fleet, declared.name, poolers) or declared
        if pooler.kind is PoolerKind.RDS_PROXY or pooler.mode is not PoolMode.SESSION:
            return pooler
    return None


def _direct_roles(fleet: Fleet | None) -> frozenset[str]:
    """Roles whose declared pools all go to the server itself."""
    pools = [pool for _, pool in fleet.pools] if fleet is not None else []
    pooled = {pool.role for pool in pools if pool.pooler is not None}
    direct = {pool.role for pool in pools if pool.pooler is None and pool.role is not None}
    if None in pooled:
        return frozenset()  # any role may come through the pooler
    return frozenset(direct - pooled)


def _symptom(
    feature: SessionFeature, found: list[SessionBoundStatement], pooler: DeclaredPooler | None
) -> Symptom:
    calls = sum(statement.calls for statement in found)
    pins = pooler is not None and pooler.kind is PoolerKind.RDS_PROXY
    effect = "pins sessions of the proxy" if pins else "does not outlive the transaction behind the pooler"
    place: Place | None = pooler.place if pooler is not None else None
    return Symptom(
        message=f"{feature.value}, called {counted(calls, 'time')}, {effect}",
        cause=Cause.CONNECTIONS,
        object=feature.value,
        at=pooler.name if pooler is not None else "server",
        place=place,
        detail=f"{at_most([_described(statement) for statement in found])}.",
        hint=_REMEDIES[feature],
    )


def _described(statement: SessionBoundStatement) -> str:
    text = " ".join(statement.query.split())
    short = text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1].rstrip() + "…"
    times = counted(statement.calls, "call")
    return f"{short} (queryid {statement.query_id}, role {statement.role}, {times})"
