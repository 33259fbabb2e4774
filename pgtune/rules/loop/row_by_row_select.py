"""A loop reads rows by their key, one turn at a time.

One query takes all keys as an array; the program groups its rows by the key. Where each turn sorts, limits or
counts, the query stays as it is and runs once for each key inside the server, by LATERAL.

Instead of:
    SELECT name FROM users WHERE id = $1;  -- 10,000 times
Use:
    SELECT id, name FROM users WHERE id = ANY ($1::integer[]);

Measured on 18.4: 7,800 rows/s in a loop, 299,000 so; with 2.5 ms for a round trip 392 and 151,000.

Ignore when: the program stops at the first row that it likes, or a cache answers most turns.
Source: https://www.postgresql.org/docs/current/functions-comparisons.html#FUNCTIONS-COMPARISONS-ANY-SOME
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Cause, Symptom
from pgtune.model.loop import Loop
from pgtune.parse.sql.turn import TurnKind, turn_kind


def check(loop: Loop) -> Iterator[Symptom]:
    """Yield the loop when its turn is a query that no other one leads to."""
    if turn_kind(loop.text) is TurnKind.SELECT and loop.parent is None:
        yield Symptom(f"{loop.turns:,} queries look up one value each", Cause.STATEMENT)
