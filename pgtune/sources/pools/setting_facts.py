"""The server's settings in; its slots, keepalives and memory out, or why they are not known."""

from __future__ import annotations

from pgtune.model.pools.server_facts import KeepaliveSettings, MemorySettings
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin
from pgtune.sources.pools.server_settings import ServerSettings

_KEEPALIVES = (
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_keepalives_count",
    "tcp_user_timeout",
    "client_connection_check_interval",
)
_MEMORY = ("work_mem", "hash_mem_multiplier", "maintenance_work_mem", "max_parallel_workers_per_gather")


def slots(settings: ServerSettings) -> ConnectionSlots:
    """Return the slots; no session can change them, so they are never hidden."""
    return ConnectionSlots(
        origin=SlotsOrigin.SERVER,
        max_connections=int(settings.number("max_connections")),
        superuser_reserved=int(settings.number("superuser_reserved_connections")),
        reserved=int(settings.number("reserved_connections")),
    )


def keepalives(settings: ServerSettings, *, is_remote: bool) -> KeepaliveSettings | str:
    """Return the TCP settings; *is_remote*: pgtune came from another host."""
    if hidden := settings.hidden(_KEEPALIVES):
        return hidden
    interval_ms = (
        round(settings.seconds("client_connection_check_interval") * 1000)
        if "client_connection_check_interval" in settings
        else None
    )
    return KeepaliveSettings(
        is_remote=is_remote,
        tcp_keepalives_idle_s=round(settings.seconds("tcp_keepalives_idle")),
        tcp_keepalives_interval_s=round(settings.seconds("tcp_keepalives_interval")),
        tcp_keepalives_count=int(settings.number("tcp_keepalives_count")),
        tcp_user_timeout_ms=round(settings.seconds("tcp_user_timeout") * 1000),
        client_connection_check_interval_ms=interval_ms,
    )


def memory(settings: ServerSettings, ram_bytes: int | None) -> MemorySettings | str:
    """Return the memory settings, beside the machine's memory where that is known."""
    if hidden := settings.hidden(_MEMORY):
        return hidden
    return MemorySettings(
        shared_buffers_bytes=settings.size_bytes("shared_buffers"),
        work_mem_bytes=settings.size_bytes("work_mem"),
        hash_mem_multiplier=settings.number("hash_mem_multiplier", default=1.0),
        maintenance_work_mem_bytes=settings.size_bytes("maintenance_work_mem"),
        autovacuum_work_mem_bytes=settings.size_bytes("autovacuum_work_mem"),
        autovacuum_max_workers=int(settings.number("autovacuum_max_workers")),
        max_parallel_workers=int(settings.number("max_parallel_workers")),
        max_parallel_workers_per_gather=int(settings.number("max_parallel_workers_per_gather")),
        ram_bytes=ram_bytes,
    )
