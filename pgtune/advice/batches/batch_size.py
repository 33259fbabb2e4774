"""The columns of a batch in, the number of rows that one call should carry out."""

from __future__ import annotations

from collections.abc import Iterable

from pgtune.model.batch import MAX_PARAMETERS, BatchForm
from pgtune.model.catalog import Column

# Measured on 18.4: arrays of 1,000 rows reach 80 to 100 % of the speed of 10,000, locally and at 2.5 ms.
ROWS_PER_CALL = 1_000
KEYS_PER_CALL = 10_000  # of = ANY, where each turn sends one value; chosen
COPY_ROWS = 100_000  # between two commits; chosen
COPY_PAYS_ROWS = 1_000  # of one loop; with fewer, arrays do as well; chosen
MAX_BYTES = 1024**2  # of one call's values; chosen
MIN_ROWS = 100  # below which a call carries too little to be worth it; chosen


def rows_per_call(form: BatchForm, columns: Iterable[Column | None]) -> int:
    """Return the rows of a call, so that the values of *columns* stay near MAX_BYTES."""
    sent = tuple(columns)
    wanted = {BatchForm.ANY: KEYS_PER_CALL, BatchForm.COPY: COPY_ROWS}.get(form, ROWS_PER_CALL)
    if form is BatchForm.VALUES:
        wanted = min(wanted, MAX_PARAMETERS // max(len(sent), 1))
    if form is BatchForm.COPY:
        return wanted  # it streams
    width_bytes = sum((column.avg_width or 0) for column in sent if column is not None)
    fitting = MAX_BYTES // width_bytes if width_bytes else wanted
    return min(wanted, max(fitting, MIN_ROWS))


def calls_needed(turns: int, runs: int, rows: int) -> int:
    """Return the calls that *turns* need, which come in *runs*."""
    per_run = -(-turns // max(runs, 1))
    return runs * -(-per_run // rows)
