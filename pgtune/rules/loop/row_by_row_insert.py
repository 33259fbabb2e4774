"""A loop inserts one row at a time.

Each row costs a round trip, and a transaction too where the client commits after each. One statement that
takes a list of values for each column costs one round trip for all of them, and the same text serves every
number of rows. Beyond a thousand rows COPY is faster still, where nothing but values is inserted.

Instead of:
    INSERT INTO logs (level, data) VALUES ($1, $2);  -- 10,000 times
Use:
    INSERT INTO logs (level, data)
    SELECT v.level, v.data FROM unnest($1::text[], $2::jsonb[]) AS v(level, data);

Measured on 18.4, 50,000 rows: 7,700 rows/s in a loop, 90,000 through arrays, 224,000 by COPY; with 2.5 ms for
a round trip 375, 72,000 and 206,000. A row that fails takes its batch with it. unnest takes array values
apart: columns of arrays need COPY or a list of VALUES, which is limited to 65,535 parameters.

Ignore when: a loop has few turns, or each row must stay even if the next one fails.
Source: https://www.postgresql.org/docs/current/populate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Symptom
from pgtune.model.loop import Loop
from pgtune.parse.sql.turn import TurnKind, turn_kind


def check(loop: Loop) -> Iterator[Symptom]:
    """Yield the loop when its turn is an INSERT without ON CONFLICT."""
    if turn_kind(loop.text) is TurnKind.INSERT:
        yield Symptom(f"{loop.turns:,} rows are inserted one at a time", Cause.STATEMENT)
