"""A batch in, code for asyncpg out."""

from __future__ import annotations

from pgtune.advice.batches.drivers.call import Call, indented
from pgtune.advice.batches.drivers.python_code import ARRAYS, FLAT, collecting, function, in_parts, statement
from pgtune.model.batch import BatchForm

_TRANSACTION = "async with connection.transaction():"


def code(call: Call) -> str | None:
    """Return a coroutine of a connection and rows; it commits, or rolls back all."""
    written = {
        BatchForm.COPY: _copy,
        BatchForm.PIPELINE: _pipeline,
        BatchForm.JOIN: _join,
    }.get(call.form, _in_parts)
    text = function(call, written(call), keyword="async def")
    if call.form is BatchForm.COPY:
        return text
    sql = statement(call, lambda n: f"${n}")
    return f"{sql}{text}".lstrip("\n")


def _in_parts(call: Call) -> str:
    is_list = call.form is BatchForm.VALUES
    prepared, sent = (FLAT, "statement(len(part)), *flat") if is_list else (ARRAYS, "SQL, *arrays")
    run = (
        f"found += await connection.fetch({sent})"
        if call.returns_rows
        else f"await connection.execute({sent})"
    )
    loop = in_parts(call, f"{prepared}\n{run}")
    return collecting(call, f"{_TRANSACTION}\n{indented(loop)}")


def _join(_: Call) -> str:
    return "return await connection.fetch(SQL, *parameters)"


def _copy(call: Call) -> str:
    assert call.relation is not None
    schema = f"\n    schema_name={call.relation.schema!r}," if call.relation.schema is not None else ""
    return (
        "await connection.copy_records_to_table(\n"
        f"    {call.relation.name!r},{schema}\n"
        f"    columns={list(call.columns)!r},\n"
        "    records=rows,\n"
        ")"
    )


def _pipeline(_: Call) -> str:
    return "await connection.executemany(SQL, rows)  # one transaction; sent without waiting for answers"
