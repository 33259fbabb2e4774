"""A loop in, its statement as it is in pipeline mode out: what is left where one statement will not do."""

from __future__ import annotations

from pgtune.advice.batches.arrays import Array, Rows
from pgtune.advice.batches.batch_size import ROWS_PER_CALL
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.errors import StatementError
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.loop import Loop, Transaction
from pgtune.parse.sql.clauses_of_turn import placeholders
from pgtune.parse.sql_tokens import read_words


def pipeline_batch(loop: Loop) -> Batch | None:
    """Return the pipeline; None where the statement cannot be read, or has no ``$1, $2, ...``."""
    try:
        numbers = placeholders(read_words(loop.text))
    except StatementError:
        return None
    if not numbers or numbers[-1] != len(numbers):
        return None
    rows = Rows(tuple(Array(number, f"p{number}", "text") for number in numbers), "v", "ord")
    text = loop.text.rstrip().removesuffix(";").rstrip()
    call = Call(BatchForm.PIPELINE, text, rows, ROWS_PER_CALL, returns_rows=False)
    cautions = ["after an error the rest of the pipeline is not run, and the transaction is rolled back"]
    if loop.transaction is not Transaction.ONE:
        cautions.append("where the turns were committed one by one, those before an error no longer stay")
    if loop.cycle:
        cautions.append(
            f"{len(loop.cycle)} other statements take turns with it: send all of them, in their order"
        )
    return Batch(
        form=BatchForm.PIPELINE,
        sql=text,
        rows_per_call=ROWS_PER_CALL,
        conditions=("each turn runs as before: the server sees the same statements in the same order",),
        cautions=tuple(cautions),
        calls=calls_for(call),
    )
