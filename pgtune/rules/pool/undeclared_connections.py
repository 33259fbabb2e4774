"""Sessions on the server that the declarations do not account for.

A budget that adds up is worth nothing when the size that is declared is not the one that is used: a
variable that no code reads, a second engine in each process, a service that nobody wrote down. Each
session is matched to the pool or client that names its role, application_name or database; what names
none of them is taken together. More sessions than a pool can open at the peak are an error, sessions of
nobody a warning. Sessions of superusers are not looked at, and tools that people use by hand are an info.

Instead of:
    pool = { max_size = 5 }                       # 40 sessions of role api are open
Use:
    pool = { max_size = 20, role = "api" }        # what the processes really open

Ignore when: the sessions come from a one-off job.
Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.sessions import Session, SessionPeaks, Sessions
from pgtune.rules.declared_clients import DeclaredClient, best_match, declared_clients
from pgtune.rules.session_clients import at_most, by_client, client_of, counted, key, label

SEVERITY = Severity.ERROR

# Beginnings of the application_name of tools that people use by hand.
_TOOLS = ("psql", "pgcli", "pgAdmin", "DBeaver", "DataGrip", "TablePlus", "Postico", "pg_dump", "pgtune")


def check(fleet: Fleet, sessions: Sessions, peaks: SessionPeaks | None) -> Iterator[Symptom | Note]:
    """Yield each client that holds more than is declared, and those that are not declared."""
    if not fleet.services and not fleet.clients:
        return
    clients = declared_clients(fleet)
    ordinary = [session for session in sessions.all if not session.is_superuser]
    people = [session for session in ordinary if session.application_name.startswith(_TOOLS)]
    matched = _match(clients, [session for session in ordinary if session not in people])
    found = [*_too_many(clients, matched, peaks), *_strangers(clients, matched.get(None, []))]
    yield from found
    yield from _people(people)
    yield from _unused(clients, matched, peaks)
    if not found:
        yield Note(_in_order(len(ordinary) - len(people)), None)


def _in_order(sessions: int) -> str:
    if not sessions:
        return "no session of a service is open"
    return f"what is declared accounts for {counted(sessions, 'session')}"


def _match(
    clients: Sequence[DeclaredClient], sessions: Sequence[Session]
) -> Mapping[DeclaredClient | None, list[Session]]:
    matched: dict[DeclaredClient | None, list[Session]] = defaultdict(list)
    for session in sessions:
        matched[best_match(clients, session)].append(session)
    return matched


def _too_many(
    clients: Sequence[DeclaredClient],
    matched: Mapping[DeclaredClient | None, list[Session]],
    peaks: SessionPeaks | None,
) -> Iterator[Symptom]:
    for client in clients:
        held = matched.get(client, [])
        most = max(len(held), _peak(client, held, peaks))
        if client.allowed is None or most <= client.allowed:
            continue
        yield Symptom(
            message=f"{counted(most, 'session')} seen, and {client.allowed} at most are declared",
            cause=Cause.CONNECTIONS,
            object=client.label,
            at=client.label,
            place=client.place,
            detail=f"Held by {_by_name(held)}.",
            hint="Find the setting that the processes read, or the pool or process that is not declared.",
        )


def _peak(client: DeclaredClient, held: Sequence[Session], peaks: SessionPeaks | None) -> int:
    """The most sessions of one client in all samples; 0 where several clients are taken together."""
    seen = {client_of(session) for session in held}
    if peaks is None or len(seen) != 1 or client.identity.database is not None:
        return 0
    return peaks.by_client.get(seen.pop(), 0)


def _strangers(clients: Sequence[DeclaredClient], unmatched: Sequence[Session]) -> Iterator[Symptom]:
    """Yield the sessions of nobody, unless what names no role can account for them."""
    nameless = [client for client in clients if not client.identity.named]
    if any(client.allowed is None for client in nameless):
        return
    allowed = sum(client.allowed or 0 for client in nameless)
    if len(unmatched) <= allowed:
        return
    largest = next(iter(by_client(unmatched)))
    accounted = f", and {allowed} at most are declared without a role" if allowed else ""
    yield Symptom(
        message=f"{counted(len(unmatched), 'session')} of clients that are not declared{accounted}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING,
        object=key(largest),
        at="server",
        detail=f"Held by {_by_name(unmatched)}.",
        hint="Declare the service or client, or the role and application_name of the pool that opens them.",
    )


def _by_name(sessions: Sequence[Session]) -> str:
    groups = by_client(sessions).items()
    return at_most([f"{label(client)}: {len(held)}" for client, held in groups])


def _people(people: Sequence[Session]) -> Iterator[Symptom]:
    for client, held in by_client(people).items():
        yield Symptom(
            message=f"{counted(len(held), 'session')} of a tool that people use by hand",
            cause=Cause.CONNECTIONS,
            max_severity=Severity.INFO,
            object=key(client),
            at=label(client),
            hint="The reserve has to leave room for such sessions.",
        )


def _unused(
    clients: Sequence[DeclaredClient],
    matched: Mapping[DeclaredClient | None, list[Session]],
    peaks: SessionPeaks | None,
) -> Iterator[Symptom]:
    """Yield pools that no session belongs to, where more than one moment was looked at."""
    if peaks is None or peaks.samples < 2:
        return
    for client in clients:
        if not client.identity.named or matched.get(client) or _was_seen(client, peaks):
            continue
        yield Symptom(
            message=f"no session uses what is declared, in {peaks.samples} samples",
            cause=Cause.CONNECTIONS,
            max_severity=Severity.INFO,
            object=f"{client.label} unused",
            at=client.label,
            place=client.place,
            hint="Check that the service runs, and that it connects with this role and application_name.",
        )


def _was_seen(client: DeclaredClient, peaks: SessionPeaks) -> bool:
    identity = client.identity
    return any(
        identity.role in (None, role) and identity.application_name in (None, application)
        for role, application in peaks.by_client
    )
