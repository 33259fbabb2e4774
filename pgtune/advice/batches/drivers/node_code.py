"""A batch in, code for node-postgres out."""

from __future__ import annotations

from pgtune.advice.batches.drivers.call import Call, with_placeholders
from pgtune.model.batch import BatchForm


def code(call: Call) -> str | None:
    """Return an async function of a client and rows; None for a pipeline, which node-postgres has not."""
    if call.form is BatchForm.PIPELINE:
        return None
    return {BatchForm.COPY: _copy, BatchForm.VALUES: _values, BatchForm.JOIN: _join}.get(call.form, _arrays)(
        call
    )


def _arrays(call: Call) -> str:
    columns = ", ".join(map(str, range(call.width)))
    return f"""\
const SQL = {_template(call.sql)};

// rows: an array of arrays {call.row_text}
async function runBatch(client, rows) {{
  const found = [];
  for (let start = 0; start < rows.length; start += {call.rows_per_call}) {{
    const part = rows.slice(start, start + {call.rows_per_call});
    const arrays = [{columns}].map((n) => part.map((row) => row[n]));
    const result = await client.query(SQL, arrays);
    found.push(...result.rows);
  }}
  return found;
}}
"""


def _values(call: Call) -> str:
    assert call.values is not None
    row = with_placeholders(_escaped(call.values.row), lambda n: f"$${{{call.width} * n + {n}}}")
    return f"""\
// rows: an array of arrays {call.row_text}
async function runBatch(client, rows) {{
  const found = [];
  for (let start = 0; start < rows.length; start += {call.rows_per_call}) {{
    const part = rows.slice(start, start + {call.rows_per_call});
    const list = part.map((_, n) => `{row}`).join(", ");
    const sql = {_template(call.values.head)} + " VALUES " + list + " " + {_template(call.values.tail)};
    const result = await client.query(sql, part.flat(1));
    found.push(...result.rows);
  }}
  return found;
}}
"""


def _join(call: Call) -> str:
    return f"""\
const SQL = {_template(call.sql)};

// parameters: those of the parent, then those of the child
async function runBatch(client, parameters) {{
  const result = await client.query(SQL, parameters);
  return result.rows;
}}
"""


def _copy(call: Call) -> str:
    return f"""\
const {{ Readable }} = require("node:stream");
const {{ pipeline }} = require("node:stream/promises");
const {{ from: copyFrom }} = require("pg-copy-streams");

const SQL = {_template(call.sql)};
const ESCAPES = {{ "\\\\": "\\\\\\\\", "\\t": "\\\\t", "\\n": "\\\\n", "\\r": "\\\\r" }};

function field(value) {{
  return value === null ? "\\\\N" : String(value).replace(/[\\\\\\t\\n\\r]/g, (found) => ESCAPES[found]);
}}

function* lines(rows) {{
  for (const row of rows) yield row.map(field).join("\\t") + "\\n";
}}

// rows: an array of arrays {call.row_text}; dates and arrays as PostgreSQL writes them
async function runBatch(client, rows) {{
  await pipeline(Readable.from(lines(rows)), client.query(copyFrom(SQL)));
}}
"""


def _template(sql: str) -> str:
    return f"`{_escaped(sql)}`"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
