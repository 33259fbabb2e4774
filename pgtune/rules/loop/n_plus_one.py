"""A query is run once for each row that another query has returned.

N rows cost N + 1 queries and as many round trips. One query joins both; or a second one reads the children of
all parents by an array of their keys, as ORMs do that are told to load ahead.

Instead of:
    SELECT id, title FROM posts WHERE author_id = $1;
    SELECT body FROM comments WHERE post_id = $1;  -- once for each post
Use:
    WITH parent AS (
        SELECT id, title FROM posts WHERE author_id = $1
    )
    SELECT parent.*, child.*
    FROM parent
    LEFT JOIN LATERAL (
        SELECT body FROM comments WHERE post_id = parent.id
    ) AS child ON true;

In an ORM: selectinload() or joinedload() of SQLAlchemy, prefetch_related() or select_related() of Django.
LATERAL keeps what a child sorts, limits or counts; a child without any of these is joined as the
planner likes.

Ignore when: the parent returns few rows, or a cache answers most turns.
Source: https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-LATERAL
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Symptom
from pgtune.model.loop import Loop
from pgtune.parse.sql.turn import TurnKind, turn_kind


def check(loop: Loop) -> Iterator[Symptom]:
    """Yield the loop when its turn is a query that takes its values from another one."""
    if turn_kind(loop.text) is TurnKind.SELECT and loop.parent is not None:
        yield Symptom(f"{loop.turns:,} queries run for the rows of another one", Cause.STATEMENT)
