"""A batch in, code for psycopg 3 out."""

from __future__ import annotations

from pgtune.advice.batches.drivers.call import Call, indented
from pgtune.advice.batches.drivers.python_code import ARRAYS, FLAT, collecting, function, in_parts, statement
from pgtune.model.batch import BatchForm

# Its cursor takes $1 as the server does; 3.2 and later.
_CURSOR = "with connection.transaction(), psycopg.RawCursor(connection) as cursor:"

# As text psycopg quotes each element of an array in Python: three times the time of all the rest (measured).
_BINARY_IMPORT = "from psycopg.types.array import ListBinaryDumper"
_BINARY = "cursor.adapters.register_dumper(list, ListBinaryDumper)  # arrays in binary: faster"


def code(call: Call) -> str | None:
    """Return a function of a connection and rows; it commits, or rolls back all."""
    others = {
        BatchForm.COPY: _copy,
        BatchForm.PIPELINE: _pipeline,
        BatchForm.VALUES: _values,
        BatchForm.JOIN: _join,
    }
    imports = "import psycopg\n" if call.form in others else f"import psycopg\n{_BINARY_IMPORT}\n"
    sql = statement(call, lambda n: f"${n}")
    return f"{imports}\n{sql}{function(call, others.get(call.form, _arrays)(call))}"


def _arrays(call: Call) -> str:
    fetch = "\nfound += cursor.fetchall()" if call.returns_rows else ""
    loop = in_parts(call, f"{ARRAYS}\ncursor.execute(SQL, arrays){fetch}")
    return collecting(call, f"{_CURSOR}\n    {_BINARY}\n{indented(loop)}")


def _values(call: Call) -> str:
    fetch = "\nfound += cursor.fetchall()" if call.returns_rows else ""
    loop = in_parts(call, f"{FLAT}\ncursor.execute(statement(len(part)), flat){fetch}")
    return collecting(call, f"{_CURSOR}\n{indented(loop)}")


def _join(_: Call) -> str:
    return f"{_CURSOR}\n    return cursor.execute(SQL, parameters).fetchall()"


def _copy(_: Call) -> str:
    return (
        "with connection.transaction(), connection.cursor() as cursor, cursor.copy(SQL) as copy:\n"
        "    for row in rows:\n"
        "        copy.write_row(row)"
    )


def _pipeline(_: Call) -> str:
    return f"{_CURSOR}\n    cursor.executemany(SQL, rows)  # in pipeline mode"
