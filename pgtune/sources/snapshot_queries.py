"""A query's name and the server's version in, the rows of that query out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, cast

from psycopg import sql
from psycopg.rows import dict_row

from pgtune.sources.connect import ServerConnection

Row = dict[str, Any]

# "-- 15+" at the end of a line: majors from 15 on have it; "-- <15": those before; "-- 15-16": these two.
_MARK = re.compile(r" -- (?:(?P<since>\d+)\+|<(?P<before>\d+)|(?P<first>\d+)-(?P<last>\d+))$", re.MULTILINE)


def fetch_rows(connection: ServerConnection, query: str, **parts: sql.Composable) -> list[Row]:
    """Run ``queries/<query>.sql`` as the server's major knows it; *parts* fill its braces."""
    # Our own files, not a user's text: LiteralString cannot be known of a file.
    text = cast("Any", query_text(query, connection.info.server_version // 10000))
    composed = sql.SQL(text).format(**parts) if parts else sql.SQL(text)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(composed, {}).fetchall()


def fetch_row(connection: ServerConnection, query: str, **parts: sql.Composable) -> Mapping[str, Any] | None:
    """Return the first row of fetch_rows(), or None."""
    return next(iter(fetch_rows(connection, query, **parts)), None)


def query_text(query: str, major: int) -> str:
    """Return the text of ``queries/<query>.sql`` for servers of *major*."""
    text = files("pgtune.sources").joinpath("queries", f"{query}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if _is_for(line, major))


def _is_for(line: str, major: int) -> bool:
    mark = _MARK.search(line)
    if mark is None:
        return True
    if mark["since"]:
        return major >= int(mark["since"])
    if mark["before"]:
        return major < int(mark["before"])
    return int(mark["first"]) <= major <= int(mark["last"])
