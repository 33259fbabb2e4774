"""The role that owns what is restored and plans the queries, with the planner settings of the snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgtune.shadow.database import LeftOut

PLANNER_ROLE = "pgtune_planner"
# A snapshot may come by mail, so only settings that the planner or the input of a constant reads are taken:
# those that the server files under Query Tuning, and these.
_OTHER_PLANNER_SETTINGS = (
    "work_mem",
    "hash_mem_multiplier",
    "max_parallel_workers",
    "max_parallel_workers_per_gather",
    "parallel_leader_participation",
    "effective_io_concurrency",
    "jit_expressions",
    "jit_tuple_deforming",
    "search_path",
    "TimeZone",
    "DateStyle",
    "IntervalStyle",
    "transform_null_equals",
    "xmloption",
    "standard_conforming_strings",
    "array_nulls",
    "default_text_search_config",
)
_KNOWN_SETTINGS = """
SELECT name, category LIKE 'Query Tuning%%' OR name = ANY (%s), current_setting(name) FROM pg_settings
"""


def create_planner_role(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make the role, with the password of the superuser's *connection* where the server asks for one.

    It may read what extensions own, and nothing else that is not its own.
    """
    role = sql.Identifier(PLANNER_ROLE)
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
    if connection.info.password:
        password = sql.Literal(connection.info.password)
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))


def planner_conninfo(superuser_conninfo: str) -> str:
    """The connection string of the role in the same database."""
    parameters = conninfo_to_dict(superuser_conninfo)
    parameters.pop("options", None)
    return make_conninfo("", **{**parameters, "user": PLANNER_ROLE})


def apply_settings(
    connection: psycopg.Connection[tuple[object, ...]], settings: Mapping[str, str]
) -> Iterator[LeftOut]:
    """Give the role the planner settings of the snapshot; yield those that this server does not take."""
    rows = connection.execute(_KNOWN_SETTINGS, [list(_OTHER_PLANNER_SETTINGS)]).fetchall()
    known = {str(name): (bool(is_planners), str(value)) for name, is_planners, value in rows}
    for name, value in settings.items():
        if name not in known:
            yield LeftOut(f"setting {name}", "unknown to the shadow's PostgreSQL")
            continue
        is_planners, current = known[name]
        if is_planners and value != current:
            yield from _apply(connection, name, value)


def _apply(connection: psycopg.Connection[tuple[object, ...]], name: str, value: str) -> Iterator[LeftOut]:
    # By way of the session's value: ALTER ROLE ... SET takes a search_path as one name.
    keep = sql.SQL("ALTER ROLE {} SET {} FROM CURRENT").format(
        sql.Identifier(PLANNER_ROLE), sql.Identifier(name)
    )
    try:
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        connection.execute(keep)
    except psycopg.Error as error:
        yield LeftOut(f"setting {name}", error.diag.message_primary or str(error))
