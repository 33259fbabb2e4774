"""How many connections to hold and for how long, as [tool.pgtune.pool] gives it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Settings of the connection pool; every default is chosen for one person at a terminal."""

    min_size: int = 1  # statements run one after another, so one connection serves
    max_size: int = 4  # leaves room on a server whose max_connections is nearly used up
    max_idle_s: float = 300.0  # one surplus connection is closed per this period, none below min_size
    connect_timeout_s: float = 10.0  # long enough for TLS over a slow link; libpq itself would wait for ever
    max_lifetime_s: float = 3600.0  # looked at when a connection is given back, not when it is taken
    check: bool = True  # one round trip per statement; without it a killed backend fails the next statement

    def __post_init__(self) -> None:
        if not 1 <= self.min_size <= self.max_size:
            raise ValueError("min_size must be at least 1 and at most max_size")
        if min(self.max_idle_s, self.connect_timeout_s, self.max_lifetime_s) <= 0:
            raise ValueError("max_idle_s, connect_timeout_s and max_lifetime_s must be greater than zero")
