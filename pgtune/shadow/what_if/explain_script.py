"""One statement of the workload in, the SQL that has the server plan it out; nothing is executed.

It goes by the simple protocol, several statements in one round trip, so the statement must have been parsed
alone before: what stands between the first and the last line of the script is then known to be one statement.
"""

from __future__ import annotations

from psycopg import sql

from pgtune.model.workload import Query
from pgtune.sources.connect import ServerConnection
from pgtune.sources.explain_options import GENERIC_PLAN_VERSION_NUM

_PREPARED = "pgtune_question"


def explain_script(connection: ServerConnection, query: Query, parameters: int, options: str) -> bytes:
    """Return ``EXPLAIN (options)`` of *query*, which has so many *parameters*.

    Values that are given are planned as constants. Without values the plan is the generic one; a server
    before 16 makes that only of a prepared statement, which is made anew because it would not notice that an
    index came or went.
    """
    text = query.text.encode() + b"\n"  # it may end in a comment
    if query.values is not None and parameters == 0:
        return f"EXPLAIN ({options}) ".encode() + text
    if query.values is None and connection.info.server_version >= GENERIC_PLAN_VERSION_NUM:
        return f"EXPLAIN (GENERIC_PLAN, {options}) ".encode() + text
    if query.values is None:
        return _prepared(text, options, ["NULL"] * parameters, "force_generic_plan")
    values = [sql.Literal(value).as_string(connection) for value in query.values]
    return _prepared(text, options, values, "force_custom_plan")


def _prepared(text: bytes, options: str, values: list[str], plan_cache_mode: str) -> bytes:
    arguments = f"({', '.join(values)})" if values else ""
    steps = (
        f"SET LOCAL plan_cache_mode = {plan_cache_mode}".encode(),
        f"PREPARE {_PREPARED} AS ".encode() + text,
        f"EXPLAIN ({options}) EXECUTE {_PREPARED}{arguments}".encode(),
        f"DEALLOCATE {_PREPARED}".encode(),
    )
    return b";".join(steps)
