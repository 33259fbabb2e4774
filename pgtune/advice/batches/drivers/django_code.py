"""A batch in, code for Django out; with psycopg 3 below it."""

from __future__ import annotations

from dataclasses import replace

from pgtune.advice.batches.drivers.call import Call, indented
from pgtune.advice.batches.drivers.python_code import FLAT, collecting, function, in_parts, statement
from pgtune.model.batch import BatchForm

_CURSOR = "with transaction.atomic(), connection.cursor() as cursor:"
_NAMED = 'arrays = {f"p{n}": list(values) for n, values in enumerate(zip(*part, strict=True), 1)}'


def code(call: Call) -> str | None:
    """Return a function of rows; it commits, or rolls back all."""
    if call.form is BatchForm.VALUES and "%" in call.sql:
        return None
    body = {
        BatchForm.COPY: _copy,
        BatchForm.PIPELINE: _pipeline,
        BatchForm.VALUES: _values,
        BatchForm.JOIN: _join,
    }.get(call.form, _arrays)(call)
    doubled = replace(call, sql=call.sql.replace("%", "%%"))
    mark = (lambda _: "%s") if call.form is BatchForm.VALUES else (lambda n: f"%(p{n})s")
    sql = statement(doubled, mark)
    return f"from django.db import connection, transaction\n\n{sql}{function(call, body, takes='')}"


def _arrays(call: Call) -> str:
    fetch = "\nfound += cursor.fetchall()" if call.returns_rows else ""
    loop = in_parts(call, f"{_NAMED}\ncursor.execute(SQL, arrays){fetch}")
    return collecting(call, f"{_CURSOR}\n{indented(loop)}")


def _values(call: Call) -> str:
    fetch = "\nfound += cursor.fetchall()" if call.returns_rows else ""
    loop = in_parts(call, f"{FLAT}\ncursor.execute(statement(len(part)), flat){fetch}")
    return collecting(call, f"{_CURSOR}\n{indented(loop)}")


def _join(_: Call) -> str:
    named = '{f"p{n}": value for n, value in enumerate(parameters, 1)}'
    return f"{_CURSOR}\n    cursor.execute(SQL, {named})\n    return cursor.fetchall()"


def _pipeline(_: Call) -> str:
    named = '[{f"p{n}": value for n, value in enumerate(row, 1)} for row in rows]'
    return f"{_CURSOR}\n    cursor.executemany(SQL, {named})"


def _copy(_: Call) -> str:
    copy = "with cursor.copy(SQL) as copy:\n    for row in rows:\n        copy.write_row(row)"
    return f"{_CURSOR}\n{indented(copy)}"
