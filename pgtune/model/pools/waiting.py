"""Queueing: how many connections a load needs (Erlang's C formula, M/M/c)."""

from __future__ import annotations


def wait_probability(load: float, connections: int) -> float:
    """Probability that a request waits; *load* is requests per second times seconds each holds one.

    1.0 where the connections cannot keep up. The recursion is that of Erlang's B formula.
    """
    if load <= 0:
        return 0.0
    if connections <= load:
        return 1.0
    blocked = 1.0
    for number in range(1, connections + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / connections * (1 - blocked))


def connections_needed(load: float, wait_at_most: float) -> int:
    """The fewest connections with which a request waits with that probability at most."""
    connections = max(1, int(load))
    while wait_probability(load, connections) > wait_at_most:
        connections += 1
    return connections
