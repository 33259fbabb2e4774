"""A server's address and a delay in; a port of this machine that leads there, each way that much later, out.

It is a process of its own, so that it takes no time from the client's interpreter lock.
"""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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
            client = _without_delay(listening.accept()[0])
            server = _connected(host, port)
            for source, target in ((client, server), (server, client)):
                source.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
                _pass_on(source, target, one_way_s)


def _connected(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return _without_delay(socket.create_connection((host, port)))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


def _without_delay(connection: socket.socket) -> socket.socket:
    """No waiting for more to send, which would add to the delay."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _pass_on(source: socket.socket, target: socket.socket, one_way_s: float) -> None:
    """Read and write in threads of their own: much may be on its way at once."""
    parcels: queue.SimpleQueue[Parcel] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(source, parcels, one_way_s), daemon=True).start()
    threading.Thread(target=_deliver, args=(target, parcels), daemon=True).start()


def _receive(source: socket.socket, parcels: queue.SimpleQueue[Parcel], one_way_s: float) -> None:
    chunk = b"begin"
    while chunk:
        try:
            chunk = source.recv(_CHUNK_BYTES)
        except OSError:
            chunk = b""
        parcels.put((time.monotonic() + one_way_s, chunk))


def _deliver(target: socket.socket, parcels: queue.SimpleQueue[Parcel]) -> None:
    with suppress(OSError):
        while True:
            due_s, chunk = parcels.get()
            time.sleep(max(due_s - time.monotonic(), 0))
            if not chunk:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(chunk)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
