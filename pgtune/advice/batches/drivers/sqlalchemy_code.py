"""A batch in, code for SQLAlchemy 2 with psycopg out."""

from __future__ import annotations

import re
from dataclasses import replace

from pgtune.advice.batches.drivers.call import Call, indented
from pgtune.advice.batches.drivers.python_code import FLAT, collecting, function, in_parts, statement
from pgtune.model.batch import BatchForm

_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")  # what text() would take for a parameter
_NAMED = 'arrays = {f"p{n}": list(values) for n, values in enumerate(zip(*part, strict=True), 1)}'


def code(call: Call) -> str | None:
    """Return a function of a connection and rows; the caller's transaction holds it."""
    if call.form is BatchForm.VALUES:
        return _values(call)
    if call.form is BatchForm.COPY:
        return _copy(call)
    body = {BatchForm.PIPELINE: _pipeline, BatchForm.JOIN: _join}.get(call.form, _arrays)(call)
    named = replace(call, sql=_with_casts(call))
    written = statement(named, lambda n: f":p{n}").replace("SQL = ", "SQL = text(", 1).rstrip() + ")"
    return f"from sqlalchemy import text\n\n{written}\n\n\n{function(call, body)}"


def _with_casts(call: Call) -> str:
    """text() reads ``:p1::bigint[]`` as a parameter p: CAST takes the place of the colons."""
    sql = _COLON.sub(r"\\:", call.sql)
    for array in call.rows.arrays:
        sql = sql.replace(array.sql, f"CAST(${array.number} AS {array.type}[])")
    for number in set(call.order):
        sql = re.sub(rf"\${number}::([a-z_]\w*(?:\[\])*)", rf"CAST(${number} AS \1)", sql)
    return sql


def _arrays(call: Call) -> str:
    run = "connection.execute(SQL, arrays)"
    if call.returns_rows:
        run = f"found += {run}.all()"
    return collecting(call, in_parts(call, f"{_NAMED}\n{run}"))


def _join(_: Call) -> str:
    named = '{f"p{n}": value for n, value in enumerate(parameters, 1)}'
    return f"return connection.execute(SQL, {named}).all()"


def _pipeline(_: Call) -> str:
    named = '[{f"p{n}": value for n, value in enumerate(row, 1)} for row in rows]'
    return f"connection.execute(SQL, {named})  # executemany of the driver: psycopg sends it in pipeline mode"


def _values(call: Call) -> str | None:
    if list(call.order)[: call.width] != sorted(call.order)[: call.width]:
        return None  # %s takes values in the order of the text
    doubled = call if "%" not in call.sql else None
    if doubled is None:
        return None
    run = "connection.exec_driver_sql(statement(len(part)), tuple(flat))"
    if call.returns_rows:
        run = f"found += {run}.all()"
    body = collecting(call, in_parts(call, f"{FLAT}\n{run}"))
    sql = statement(call, lambda _: "%s")
    return f"{sql}{function(call, body)}".lstrip("\n")


def _copy(call: Call) -> str:
    body = (
        "raw = connection.connection.driver_connection  # psycopg's own\n"
        "with raw.cursor() as cursor, cursor.copy(SQL) as copy:\n"
        + indented("for row in rows:\n    copy.write_row(row)")
    )
    sql = statement(call, lambda n: f"${n}")
    return f"{sql}{function(call, body)}"
