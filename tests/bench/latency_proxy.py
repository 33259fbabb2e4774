"""A server's address and a delay in; a port of this machine that leads there, each way that much later, out.

It is a process of its own, so that it takes no time from the client's interpreter lock.
"""

from __future__ import annotations

import select
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.cli.program import environment

LOCALHOST = "127.0.0.1"
_CHUNK_BYTES = 2**18

Parcel = tuple[float, bytes]  # when it is due, by time.monotonic(); empty bytes: the sender has closed


@contextmanager
def delayed(conninfo: str, one_way_s: float) -> Iterator[str]:
    """Yield a connection string to the same database by way of a proxy."""
    given = conninfo_to_dict(conninfo)
    command = (sys.executable, "-m", "tests.bench.latency_proxy")
    arguments = (str(given["host"]), str(given.get("port") or "5432"), str(one_way_s))
    with subprocess.Popen([*command, *arguments], env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().decode().strip()
            yield make_conninfo(conninfo, host=LOCALHOST, port=port)
        finally:
            process.terminate()


def serve(host: str, port: int, one_way_s: float) -> None:
    """Say the port on standard output, then pass on what comes until the process is ended."""
    with socket.create_server((LOCALHOST, 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            client, _ = listening.accept()
            # One thread for both directions: two would wait for the interpreter lock at each small message.
            threading.Thread(target=_relay, args=(client, _connected(host, port), one_way_s)).start()


def _connected(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


@dataclass(slots=True)
class _Direction:
    """What is on its way from one end to the other."""

    source: socket.socket
    target: socket.socket
    parcels: deque[Parcel] = field(default_factory=deque)
    due: bytearray = field(default_factory=bytearray)
    is_read: bool = True  # the source has not closed
    is_done: bool = False  # its end is due

    def receive(self, due_s: float) -> None:
        """Take what has come; an end that broke off counts as closed."""
        chunk = b""
        with suppress(ConnectionError):
            chunk = self.source.recv(_CHUNK_BYTES)
        self.parcels.append((due_s, chunk))
        self.is_read = bool(chunk)

    def deliver(self, now_s: float) -> None:
        """Send what is due, as far as the target takes it."""
        while self.parcels and self.parcels[0][0] <= now_s:
            chunk = self.parcels.popleft()[1]
            self.due += chunk
            self.is_done = not chunk
        if self.due:
            with suppress(BlockingIOError):
                del self.due[: self.target.send(self.due)]
        if self.is_done and not self.due:
            self.target.shutdown(socket.SHUT_WR)


def _relay(client: socket.socket, server: socket.socket, one_way_s: float) -> None:
    directions = (_Direction(client, server), _Direction(server, client))
    for end in (client, server):
        end.setblocking(False)
        if end.family != socket.AF_UNIX:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, server, suppress(OSError):
        while not all(each.is_done and not each.due for each in directions):
            _step(directions, one_way_s)


def _step(directions: Sequence[_Direction], one_way_s: float) -> None:
    """Wait until something comes, is due or can be sent, and see to it."""
    waiting = [each.parcels[0][0] for each in directions if each.parcels]
    timeout_s = max(min(waiting) - time.monotonic(), 0) if waiting else None
    readable, _, _ = select.select(
        [each.source for each in directions if each.is_read],
        [each.target for each in directions if each.due],
        [],
        timeout_s,
    )
    now_s = time.monotonic()
    for each in directions:
        if each.source in readable:
            each.receive(now_s + one_way_s)
        if not each.is_done or each.due:
            each.deliver(now_s)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
