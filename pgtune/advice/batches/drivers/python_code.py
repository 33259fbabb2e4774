"""What the code for Python's drivers has in common: the statement, and the loop over parts of the rows."""

from __future__ import annotations

from collections.abc import Callable

from pgtune.advice.batches.drivers.call import Call, indented, python_string, with_placeholders
from pgtune.model.batch import BatchForm

ARRAYS = "arrays = [list(values) for values in zip(*part, strict=True)]"
FLAT = "flat = [value for row in part for value in row]"
NUMBERED = "$"


def statement(call: Call, mark: Callable[[int], str]) -> str:
    """Return ``SQL = ...``; of a VALUES list the function that writes it. *mark* writes a parameter."""
    if call.form is BatchForm.VALUES:
        return f"\n{_values_function(call, mark)}\n\n"
    return f"SQL = {python_string(with_placeholders(call.sql, mark))}\n\n\n"


def function(call: Call, body: str, *, takes: str = "connection, ", keyword: str = "def") -> str:
    """Return ``run_batch``, with *body* as its statements."""
    given, what = "rows", f"a list of tuples {call.row_text}"
    if call.form is BatchForm.JOIN:
        given, what = "parameters", "those of the parent, then those of the child"
    elif call.form is BatchForm.PIPELINE:
        what = "a list of tuples, the values of each turn"
    return f'{keyword} run_batch({takes}{given}):\n    """{given}: {what}."""\n{indented(body)}\n'


def in_parts(call: Call, body: str) -> str:
    """Return the loop that cuts ``rows`` into parts and does *body* with each."""
    size = call.rows_per_call
    return (
        f"for start in range(0, len(rows), {size}):\n"
        f"    part = rows[start : start + {size}]\n"
        f"{indented(body)}"
    )


def collecting(call: Call, loop: str) -> str:
    """Return *loop* with the list around it that it fills with rows, where there are any."""
    return f"found = []\n{loop}\nreturn found" if call.returns_rows else loop


def _values_function(call: Call, mark: Callable[[int], str]) -> str:
    """Return a function that writes the VALUES list for a number of rows."""
    assert call.values is not None
    if mark(1).startswith(NUMBERED):
        plain = call.values.row.replace("{", "{{").replace("}", "}}")
        row = with_placeholders(plain, lambda n: f"${{{call.width} * n + {n}}}")
        listed = f'", ".join(f{row!r} for n in range(row_count))'
    else:
        listed = f'", ".join([{with_placeholders(call.values.row, mark)!r}] * row_count)'
    head, tail = f"{call.values.head}\nVALUES ", f"\n{call.values.tail}" if call.values.tail else ""
    behind = f" + {tail!r}" if tail else ""
    return f"def statement(row_count):\n    return {head!r} + {listed}{behind}\n"
