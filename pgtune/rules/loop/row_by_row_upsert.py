"""A loop inserts or updates one row at a time.

One INSERT .. ON CONFLICT takes a list of values for each column. A statement must not touch a row twice:
equal keys in a batch fail with "ON CONFLICT DO UPDATE command cannot affect row a second time". So they are
merged first, to what the loop leaves: the last value of what SET writes, the first of what it does not, the
sum of what it adds.

Instead of:
    INSERT INTO stock (item, amount) VALUES ($1, $2)
    ON CONFLICT (item) DO UPDATE SET amount = excluded.amount;  -- 10,000 times
Use:
    INSERT INTO stock (item, amount)
    SELECT v.item, v.amount
    FROM (
        SELECT DISTINCT ON (item) item, amount
        FROM unnest($1::integer[], $2::integer[]) WITH ORDINALITY AS v(item, amount, ord)
        ORDER BY item, ord DESC
    ) AS v
    ON CONFLICT (item) DO UPDATE SET amount = excluded.amount;

Measured on 18.4: 7,400 rows/s in a loop, 75,000 so; with 2.5 ms for a round trip 387 and 49,000. What reads
the row in any other way than adding to it depends on the order of the turns, and stays a loop, in pipeline
mode.

Ignore when: a loop has few turns, or each row must stay even if the next one fails.
Source: https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Symptom
from pgtune.model.loop import Loop
from pgtune.parse.sql.turn import TurnKind, turn_kind


def check(loop: Loop) -> Iterator[Symptom]:
    """Yield the loop when its turn is an INSERT with ON CONFLICT."""
    if turn_kind(loop.text) is TurnKind.UPSERT:
        yield Symptom(f"{loop.turns:,} rows are inserted or updated one at a time", Cause.STATEMENT)
