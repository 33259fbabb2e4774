"""Recommended indexes in, the statements that build them out; refused where the database cannot take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from pgtune.errors import StatementRefused
from pgtune.model.index_advice import Recommendation
from pgtune.model.names import RelationName
from pgtune.parse.sql_split import read_script
from pgtune.sources.connect import ServerConnection
from pgtune.sources.snapshot_queries import query_text


@dataclass(frozen=True, slots=True)
class Construction:
    """An index that can be built: its table is there, its name is free, and the role may."""

    name: RelationName  # with the schema of its table
    table: RelationName
    statements: tuple[str, ...]
    has_expressions: bool  # in its key, of which ANALYZE keeps statistics


def plan_construction(
    connection: ServerConnection, recommendations: Sequence[Recommendation]
) -> tuple[Construction, ...]:
    """Return what to build, in the order given; nothing is built yet.

    Raises:
        StatementRefused: a table is missing, a name is taken, or the role may not create indexes.
        psycopg.Error: the server refused the question.
    """
    names = {
        "table_names": [str(each.index.relation) for each in recommendations],
        "index_names": [each.name for each in recommendations],
    }
    query = query_text("build_obstacles", connection.info.server_version // 10000)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode(), names).fetchall()
    return tuple(map(_construction, recommendations, rows))


def _construction(recommendation: Recommendation, row: Mapping[str, Any]) -> Construction:
    table = recommendation.index.relation
    name = RelationName(row["schema"], recommendation.name)
    if obstacle := _obstacle(name, table, row):
        raise StatementRefused(obstacle)
    statements = read_script(recommendation.action.sql).statements
    return Construction(
        name,
        table,
        tuple(statement.text for statement in statements),
        any(part.is_expression for part in recommendation.index.key),
    )


def _obstacle(name: RelationName, table: RelationName, row: Mapping[str, Any]) -> str | None:
    if not row["table_exists"]:
        return f"table {table}: the disposable database does not have it; load the schema and the rows first"
    if not row["may_create"]:
        return (
            f"index {name}: the role is not the owner of {table}, or may not create in its schema; "
            "connect to the disposable database as another role"
        )
    if row["name_is_taken"]:
        return (
            f"index {name}: the disposable database has that name already; "
            f"if a run that was killed left it, run DROP INDEX {name}"
        )
    return None
