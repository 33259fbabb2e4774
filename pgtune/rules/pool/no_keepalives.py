"""Nothing keeps idle connections alive, or finds out that they are dead, on a network that drops them.

NAT gateways and load balancers forget connections without traffic after minutes, without telling anybody.
The next statement on such a connection hangs until TCP gives up, and the server keeps the session and its
slot. A keepalive packet before that time prevents both; with tcp_keepalives_idle = 0 the operating system
sends the first after two hours.

It is a warning where [fleet.network] declares an idle timeout that is shorter, and an info where pgtune
itself came over the network. Keepalives of the client that a pool declares serve as well.

Instead of:
    tcp_keepalives_idle = 0
Use:
    tcp_keepalives_idle = 60
    tcp_keepalives_interval = 10
    tcp_keepalives_count = 6

Ignore when: services and server are on one host, or nothing between them keeps state.
Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.server_facts import KeepaliveSettings
from pgtune.rules.rounded_durations import in_words

SEVERITY = Severity.WARNING
_SYSTEM_IDLE_S = 7200.0  # net.ipv4.tcp_keepalive_time of Linux


def check(settings: KeepaliveSettings, fleet: Fleet | None) -> Iterator[Symptom | Note]:
    """Yield the server when its connections may die unnoticed."""
    network = fleet.network if fleet is not None else None
    dropped_s = network.idle_timeout_s if network is not None else None
    idle_s = settings.tcp_keepalives_idle_s or _SYSTEM_IDLE_S
    sum_up = f"the first keepalive is sent after {in_words(idle_s)}"
    if dropped_s is None and not (settings.is_remote and idle_s >= _SYSTEM_IDLE_S):
        yield Note(f"{sum_up}, and no network that drops connections is declared", None)
        return
    if idle_s < (dropped_s or 0) or _clients_keep_alive(fleet, dropped_s or _SYSTEM_IDLE_S):
        yield Note(f"{sum_up}, or earlier by the clients", None)
        return
    dropped = (
        f"the network drops connections idle for {in_words(dropped_s)}"
        if dropped_s
        else "the server is on another host"
    )
    yield Symptom(
        message=f"{sum_up}, and {dropped}",
        cause=Cause.CONNECTIONS,
        max_severity=Severity.WARNING if dropped_s else Severity.INFO,
        object="tcp_keepalives_idle",
        at="server",
        place=network.place if dropped_s and network is not None else None,
        detail=f"tcp_keepalives_idle = {settings.tcp_keepalives_idle_s}"
        f"{'' if settings.tcp_keepalives_idle_s else ', which leaves it to the operating system'}.",
        hint=_hint(settings, dropped_s),
    )


def _clients_keep_alive(fleet: Fleet | None, within_s: float) -> bool:
    """True when each declared pool sends keepalives in time."""
    idle = [pool.keepalives_idle_s for _, pool in fleet.pools] if fleet is not None else []
    return bool(idle) and all(each is not None and 0 < each < within_s for each in idle)


def _hint(settings: KeepaliveSettings, dropped_s: float | None) -> str:
    wanted_s = min(60, int(dropped_s / 2)) if dropped_s else 60
    hint = f"Set tcp_keepalives_idle = {max(1, wanted_s)}, or keepalives_idle of the clients."
    if settings.client_connection_check_interval_ms == 0:
        hint += " client_connection_check_interval = '10s' ends statements whose client is gone."
    return hint
