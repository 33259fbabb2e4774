"""A batch in, the code that calls it out, for each driver that can."""

from __future__ import annotations

from collections.abc import Mapping

from pgtune.advice.batches.drivers import (
    asyncpg_code,
    django_code,
    jdbc_code,
    node_code,
    psycopg_code,
    sqlalchemy_code,
)
from pgtune.advice.batches.drivers.call import Call

_DRIVERS = {
    "psycopg": psycopg_code.code,
    "asyncpg": asyncpg_code.code,
    "SQLAlchemy": sqlalchemy_code.code,
    "Django": django_code.code,
    "node-postgres": node_code.code,
    "JDBC": jdbc_code.code,
}


def calls_for(call: Call) -> Mapping[str, str]:
    """Return ``{driver: code}``; a driver is missing that has no such call."""
    written = {driver: code(call) for driver, code in _DRIVERS.items()}
    return {driver: text for driver, text in written.items() if text is not None}
