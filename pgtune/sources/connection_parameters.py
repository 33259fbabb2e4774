"""An open connection in; what another client needs to reach the very same server out."""

from __future__ import annotations

import os
from collections.abc import Mapping

from psycopg.pq import Conninfo

from pgtune.sources.connect import ServerConnection

_RESOLVED = ("service", "servicefile")  # their contents are among the parameters already


def connection_parameters(connection: ServerConnection) -> Mapping[str, str]:
    """Return libpq's keywords and values as the connection uses them, defaults and password included.

    Of several hosts only the one that answered is left.
    """
    pgconn = connection.pgconn
    settled = {
        option.keyword.decode(): option.val.decode()
        for option in pgconn.info
        if option.val and option.keyword.decode() not in _RESOLVED
    }
    own = {"host": connection.info.host, "port": str(connection.info.port), "dbname": connection.info.dbname}
    if "hostaddr" in settled:
        own["hostaddr"] = pgconn.hostaddr.decode()
    return settled | own


def libpq_environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return our environment with *parameters* as libpq's variables, and none of its variables besides.

    Keywords without a variable (keepalives and the like) keep their defaults.
    """
    variables = {
        option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar
    }
    inherited = {name: text for name, text in os.environ.items() if name not in variables.values()}
    given = {variables[keyword]: text for keyword, text in parameters.items() if keyword in variables}
    return inherited | given
