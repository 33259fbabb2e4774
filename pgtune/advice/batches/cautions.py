"""A loop in, what its caller has to know before a batch takes its place out."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog, Relation
from pgtune.model.loop import Loop, Transaction
from pgtune.parse.sql.expression_of_turn import expression
from pgtune.parse.sql.turn import Turn

MIN_TURNS = 100  # measured by others: an UPDATE of 20 rows through arrays is no faster than other forms
_TRANSACTION_TIMES = ("now()", "current_timestamp", "localtimestamp", "current_date", "localtime")
_BUILT_IN = frozenset(
    {"now", "nextval", "random", "clock_timestamp", "gen_random_uuid", "uuidv4", "uuidv7"}
) | {
    "statement_timestamp",
    "timeofday",
    "currval",
    "lastval",
    "setval",
}


def write_cautions(loop: Loop, turn: Turn, relation: Relation, catalog: Catalog) -> Iterator[str]:
    """Yield what changes for the caller of a loop of writes."""
    yield "one row that fails takes the whole batch with it"
    if loop.transaction is not Transaction.ONE:
        yield "where the turns were committed one by one, those before an error no longer stay"
        if _asks_the_time(turn, relation):
            yield "now() is the time of the transaction: all rows of a batch get the same"
    yield from _unknown_functions(turn, catalog)
    yield from _few(loop)


def lock_caution(keys: str, *, is_sorted: bool) -> str:
    """Return how two batches at the same time stay out of each other's way."""
    if is_sorted:
        return f"locks are held until the commit; rows are written in the order of {keys}: no deadlock"
    return (
        f"locks are held until the commit: sort the rows by {keys}, so that batches wait and do not deadlock"
    )


def read_cautions(loop: Loop) -> Iterator[str]:
    """Yield what changes for the caller of a loop of queries."""
    yield "all rows come from one snapshot, and are in memory at once"
    yield from _few(loop)


def _few(loop: Loop) -> Iterator[str]:
    if loop.turns / max(loop.runs, 1) < MIN_TURNS:
        yield f"below {MIN_TURNS} rows only round trips are saved; on a local server expect little"


def _asks_the_time(turn: Turn, relation: Relation) -> bool:
    texts = (turn.text, *(column.default or "" for column in relation.columns))
    return any(word in text.lower() for word in _TRANSACTION_TIMES for text in texts)


def _unknown_functions(turn: Turn, catalog: Catalog) -> Iterator[str]:
    if catalog.volatile_functions is None:
        return
    called = expression(turn.text, turn.tokens).functions & catalog.volatile_functions
    for name in sorted(called - _BUILT_IN):
        yield f"{name}() may see rows of earlier turns in the loop, and does not see them in a batch"
