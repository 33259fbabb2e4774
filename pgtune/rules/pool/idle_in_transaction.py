"""Sessions hold a transaction open and do nothing.

The connection is taken from its pool meanwhile, the locks of the transaction stay, and VACUUM keeps every
row version that its snapshot may see. Mostly the application does something else inside a transaction: it
calls another service, or it forgot to commit after a SELECT.

Where the role has an idle_in_transaction_session_timeout, it is a warning from half of it on and an error
beyond it; without one, from 60 s and 300 s on. A session that holds locks on rows is an error from 60 s
on.

Instead of:
    with pool.connection() as conn:
        order = conn.execute("SELECT ...")
        charge(order)                      # an HTTP call inside the transaction
Use:
    with pool.connection() as conn:
        order = conn.execute("SELECT ...")
    charge(order)

Ignore when: a person has a transaction open on purpose.
Source: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.server_facts import TimeoutsByRole
from pgtune.model.pools.sessions import Session, Sessions
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import Client, at_most, by_client, counted, key, label

SEVERITY = Severity.ERROR
WARN_S = 60.0  # without a timeout of the role; chosen
ERROR_S = 300.0  # chosen
LOCKS_ERROR_S = 60.0  # with locks held; chosen
WARN_FRACTION = 0.5  # of the role's timeout; chosen


def check(
    sessions: Sessions,
    timeouts: TimeoutsByRole | None,
    *,
    warn_s: float = WARN_S,
    error_s: float = ERROR_S,
) -> Iterator[Symptom | Note]:
    """Yield each client with sessions that are idle in a transaction for long."""
    grave: dict[int, Severity] = {}
    for session in sessions.all:
        severity = _severity(session, _timeout_s(session, timeouts), warn_s, error_s)
        if severity is not None:
            grave[session.pid] = severity
    for client, held in by_client(each for each in sessions.all if each.pid in grave).items():
        yield _symptom(client, held, max(grave[session.pid] for session in held))
    if not grave:
        yield Note(_in_order(sessions), None)


def _in_order(sessions: Sessions) -> str:
    if not sessions.count:
        return "no session is open"
    idle = sum(session.is_idle_in_transaction for session in sessions.all)
    short = f", {idle} for a short time" if idle else ""
    return f"none of {counted(sessions.count, 'session')} is idle in a transaction for long{short}"


def _timeout_s(session: Session, timeouts: TimeoutsByRole | None) -> float:
    """What the server ends such a session after; 0 = never."""
    for each in timeouts.all if timeouts else ():
        if (each.role, each.database) == (session.role, session.database):
            return each.idle_in_transaction.seconds
    return 0.0


def _severity(session: Session, timeout_s: float, warn_s: float, error_s: float) -> Severity | None:
    if not session.is_idle_in_transaction or session.state_age_s is None:
        return None
    age_s = session.state_age_s
    if timeout_s:
        warn_s, error_s = WARN_FRACTION * timeout_s, timeout_s
    if age_s > error_s or (session.holds_locks and age_s >= LOCKS_ERROR_S):
        return Severity.ERROR
    return Severity.WARNING if age_s > warn_s else None


def _symptom(client: Client, held: Sequence[Session], severity: Severity) -> Symptom:
    longest_first = sorted(held, key=lambda session: -(session.state_age_s or 0))
    longest = in_words(longest_first[0].state_age_s or 0)
    return Symptom(
        message=f"{counted(len(held), 'session')} idle in a transaction, for up to {longest}",
        cause=Cause.CONNECTIONS,
        max_severity=severity,
        object=key(client),
        at=label(client),
        detail=f"{at_most([_described(session) for session in longest_first])}.",
        hint="Commit before the application does something else, and set idle_in_transaction_session_timeout"
        " for the role.",
    )


def _described(session: Session) -> str:
    place = session.client_address or "the server's host"
    locks = ", holds locks" if session.holds_locks else ""
    return f"pid {session.pid} from {place}: {in_words(session.state_age_s or 0)}{locks}"
