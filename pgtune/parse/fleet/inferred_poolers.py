"""The host that a pool connects to in, the kind of pooler that such a host is out."""

from __future__ import annotations

import re

from pgtune.model.pools.declared_pooler import PoolerKind, PoolMode

_SUPABASE_TRANSACTION_PORT = 6543
_HOSTS = (
    (re.compile(r"\.pooler\.supabase\.com$"), PoolerKind.SUPAVISOR),
    (re.compile(r"\.proxy-[^.]+\.[^.]+\.rds\.amazonaws\.com$"), PoolerKind.RDS_PROXY),
    (re.compile(r"-pooler\."), PoolerKind.PGBOUNCER),
    (re.compile(r"pgdog"), PoolerKind.PGDOG),
    (re.compile(r"pg-?bouncer"), PoolerKind.PGBOUNCER),
)
_NEON = re.compile(r"-pooler\.")


def pooler_kind(host: str) -> PoolerKind | None:
    """Told by the names that services give to their poolers; None for any other host."""
    return next((kind for pattern, kind in _HOSTS if pattern.search(host.lower())), None)


def pool_mode(host: str, port: int | None) -> PoolMode | None:
    """The mode that a host and its port stand for; None where they do not tell."""
    if _NEON.search(host.lower()):
        return PoolMode.TRANSACTION
    if pooler_kind(host) is PoolerKind.SUPAVISOR:
        is_transaction = port == _SUPABASE_TRANSACTION_PORT
        return PoolMode.TRANSACTION if is_transaction else PoolMode.SESSION
    return None
