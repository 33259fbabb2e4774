"""Sessions in, the clients that hold them out: named by role and application_name, which outlive a pid."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pgtune.model.pools.sessions import Session

Client = tuple[str, str]  # role, application_name
MAX_SHOWN = 3  # of a kind in one sentence; chosen


def client_of(session: Session) -> Client:
    """The role and the application_name of a session."""
    return session.role, session.application_name


def label(client: Client) -> str:
    """A client as messages call it: "role api, application worker"."""
    role, application = client
    return f"role {role}, application {application}" if application else f"role {role}, no application_name"


def key(client: Client) -> str:
    """A client as the key of a finding names it: "api/worker"."""
    role, application = client
    return f"{role}/{application}" if application else role


def by_client(sessions: Iterable[Session]) -> Mapping[Client, tuple[Session, ...]]:
    """Sessions of each client, the client with the most of them first."""
    groups: dict[Client, list[Session]] = defaultdict(list)
    for session in sessions:
        groups[client_of(session)].append(session)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {client: tuple(held) for client, held in ranked}


def holders(sessions: Iterable[Session]) -> str:
    """Who holds the most sessions, and in which state: "role api, application worker: 60 idle; ..."."""
    counts = Counter((client_of(each), each.state.value if each.state else "unknown") for each in sessions)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return at_most([f"{label(client)}: {number} {state}" for (client, state), number in ranked])


def at_most(texts: Sequence[str], shown: int = MAX_SHOWN) -> str:
    """The first texts, and how many more there are."""
    left = len(texts) - shown
    return "; ".join((*texts[:shown], f"and {left} more") if left > 0 else texts)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 session", "2 sessions"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
