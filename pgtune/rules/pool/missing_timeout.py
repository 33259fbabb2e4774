"""A role has no timeout, and something shows that it needs one.

statement_timeout and idle_in_transaction_session_timeout are 0 by default: a statement may run, and a
transaction may stay open, for ever. That is only reported where it matters: a service that gives up on
its requests while its statement goes on, a statement that has run for more than ten minutes, a session
idle in a transaction for more than a minute. Values count as a session of the role gets them: set for the
role in the database, for the role, for the database, on the server. transaction_timeout (17 and later)
serves for both.

Instead of:
    SET statement_timeout = '10s'              -- leaks to other clients of a pooler
Use:
    ALTER ROLE api SET statement_timeout = '10s';

Ignore when: the role runs reports or migrations.
Source: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom, Unknown
from pgtune.model.place import Place
from pgtune.model.pools.fleet import Fleet, Service
from pgtune.model.pools.server_facts import RoleTimeouts, SettingSource, Timeout, TimeoutsByRole
from pgtune.model.pools.sessions import Session, Sessions, SessionState
from pgtune.rules.rounded_durations import in_words
from pgtune.rules.session_clients import counted

SEVERITY = Severity.WARNING
LONG_STATEMENT_S = 600.0  # chosen
LONG_IDLE_S = 60.0  # chosen

_SOURCES = {
    SettingSource.ROLE_IN_DATABASE: "set for the role in the database",
    SettingSource.ROLE: "set for the role",
    SettingSource.DATABASE: "set for the database",
    SettingSource.SERVER: "the server's value",
}
# What overrides the value: a role's setting does not override that of the role in the database.
_STATEMENTS = {
    **dict.fromkeys(SettingSource, "ALTER ROLE ... SET"),
    SettingSource.ROLE_IN_DATABASE: "ALTER ROLE ... IN DATABASE ... SET",
}

_Reason = tuple[str, Place | None]


def check(
    timeouts: TimeoutsByRole,
    sessions: Sessions | None,
    fleet: Fleet | None,
    *,
    long_statement_s: float = LONG_STATEMENT_S,
    long_idle_s: float = LONG_IDLE_S,
) -> Iterator[Symptom | Note | Unknown]:
    """Yield each timeout of each role that is missing and needed."""
    if not timeouts.all:
        return
    found = False
    for role in timeouts.all:
        held = [session for session in (sessions.all if sessions else ()) if _is_of(session, role)]
        asked = _request_timeout(fleet, timeouts, role)
        for name, timeout, reason in (
            ("statement_timeout", role.statement, asked or _long_statement(held, long_statement_s)),
            ("idle_in_transaction_session_timeout", role.idle_in_transaction, _long_idle(held, long_idle_s)),
        ):
            if reason is not None and not _is_bounded(timeout, role.transaction):
                found = True
                yield _symptom(role, name, timeout, reason)
    if not found:
        yield _in_order(timeouts, sessions)


def _in_order(timeouts: TimeoutsByRole, sessions: Sessions | None) -> Note | Unknown:
    if sessions is None and not all(_is_bounded_at_all(role) for role in timeouts.all):
        return Unknown("needs pg_monitor, to see what roles without a timeout do")
    without = sum(not _is_bounded(role.statement, role.transaction) for role in timeouts.all)
    if not without:
        return Note(f"{counted(len(timeouts.all), 'role')} with a timeout of statements", None)
    return Note(f"{counted(without, 'role')} without a timeout of statements, and nothing asks for one", None)


def _is_bounded_at_all(role: RoleTimeouts) -> bool:
    return all(
        _is_bounded(timeout, role.transaction) for timeout in (role.statement, role.idle_in_transaction)
    )


def _is_of(session: Session, role: RoleTimeouts) -> bool:
    return (session.role, session.database) == (role.role, role.database)


def _is_bounded(timeout: Timeout, transaction: Timeout | None) -> bool:
    return timeout.seconds > 0 or (transaction is not None and transaction.seconds > 0)


def _request_timeout(fleet: Fleet | None, timeouts: TimeoutsByRole, role: RoleTimeouts) -> _Reason | None:
    """The service of the role that gives up first, when one declares after how long."""
    services = [each for each in (fleet.services if fleet else ()) if _connects_as(each, timeouts, role)]
    shortest = min(services, key=lambda service: service.request_timeout_s or 0, default=None)
    if shortest is None or shortest.request_timeout_s is None:
        return None
    return f"service {shortest.name} gives up after {in_words(shortest.request_timeout_s)}", shortest.place


def _connects_as(service: Service, timeouts: TimeoutsByRole, role: RoleTimeouts) -> bool:
    """True when a pool names the role, or names none and there is only one."""
    is_only = len({each.role for each in timeouts.all}) == 1
    return service.request_timeout_s is not None and any(
        (pool.role == role.role or (pool.role is None and is_only)) and pool.database in (None, role.database)
        for pool in service.pools
    )


def _long_statement(held: list[Session], long_s: float) -> _Reason | None:
    ages = [session.state_age_s or 0 for session in held if session.state is SessionState.ACTIVE]
    longest = max(ages, default=0.0)
    return (f"a statement has been running for {in_words(longest)}", None) if longest > long_s else None


def _long_idle(held: list[Session], long_s: float) -> _Reason | None:
    ages = [session.state_age_s or 0 for session in held if session.is_idle_in_transaction]
    longest = max(ages, default=0.0)
    return (f"a session is idle in a transaction for {in_words(longest)}", None) if longest > long_s else None


def _symptom(role: RoleTimeouts, name: str, timeout: Timeout, reason: _Reason) -> Symptom:
    why, place = reason
    return Symptom(
        message=f"{name} is 0, and {why}",
        cause=Cause.CONNECTIONS,
        object=f"{role.role}/{role.database} {name}",
        at=f"role {role.role} in database {role.database}",
        place=place,
        detail=f"0 is {_SOURCES[timeout.source]}.",
        hint=f"Set {name} with {_STATEMENTS[timeout.source]}, so that it holds behind a pooler too.",
    )
