"""A batch in, code for JDBC with pgjdbc out."""

from __future__ import annotations

from pgtune.advice.batches.drivers.call import Call, indented, with_placeholders
from pgtune.model.batch import BatchForm

# Names that createArrayOf() knows; others travel as text, which the statement casts.
_ARRAY_TYPES = {
    "bigint": "int8",
    "integer": "int4",
    "smallint": "int2",
    "numeric": "numeric",
    "boolean": "bool",
    "double precision": "float8",
    "real": "float4",
    "uuid": "uuid",
}
_IMPORTS = "import java.sql.Connection;\nimport java.sql.PreparedStatement;\nimport java.sql.SQLException;\n"


def code(call: Call) -> str | None:
    """Return a class with a static method of a connection and rows; the caller commits."""
    if call.form is BatchForm.COPY:
        return _copy(call)
    body = {
        BatchForm.PIPELINE: _batch,
        BatchForm.VALUES: _batch,
        BatchForm.JOIN: _join,
    }.get(call.form, _arrays)(call)
    reads = call.returns_rows and call.form not in (BatchForm.PIPELINE, BatchForm.VALUES)
    imports = f"{_IMPORTS}import java.sql.ResultSet;\n" if reads else _IMPORTS
    takes = "Object[] parameters" if call.form is BatchForm.JOIN else "List<Object[]> rows"
    lists = "import java.util.List;\n" if "List<" in takes + body else ""
    lists = "import java.util.ArrayList;\n" + lists if "ArrayList" in body else lists
    result = "List<Object[]>" if reads else "void"
    return f"""\
{imports}{lists}
class Batch {{
    static final String SQL = {_text_block(_single(call))};

    // {_what(call)}
    static {result} run(Connection connection, {takes}) throws SQLException {{
{indented(body, 2)}
    }}
}}
"""


def _what(call: Call) -> str:
    if call.form is BatchForm.JOIN:
        return "parameters: those of the parent, then those of the child"
    if call.form is BatchForm.PIPELINE:
        return "rows: the values of each turn"
    return f"rows: {call.row_text}"


def _single(call: Call) -> str:
    """The statement; of a VALUES list that of one row, which the driver makes a list of."""
    return call.values.sql(1) if call.form is BatchForm.VALUES and call.values is not None else call.sql


def _arrays(call: Call) -> str:
    types = {array.number: _ARRAY_TYPES.get(array.type, "text") for array in call.rows.arrays}
    position = {array.number: n for n, array in enumerate(call.rows.arrays)}
    sets = "\n".join(
        f'statement.setArray({place}, connection.createArrayOf("{types[number]}",'
        f" part.stream().map(row -> row[{position[number]}]).toArray()));"
        for place, number in enumerate(call.order, 1)
    )
    run = _READ if call.returns_rows else "statement.executeUpdate();"
    loop = f"""\
for (int start = 0; start < rows.size(); start += {call.rows_per_call}) {{
    List<Object[]> part = rows.subList(start, Math.min(start + {call.rows_per_call}, rows.size()));
{indented(sets)}
{indented(run)}
}}"""
    return _collecting(call, f"try ({_PREPARED}) {{\n{indented(loop)}\n}}")


def _batch(call: Call) -> str:
    """Batches of one row; pgjdbc sends them without waiting, and as one VALUES list where it may."""
    order = call.order if call.form is BatchForm.PIPELINE else call.order[: call.width]
    position = {array.number: n for n, array in enumerate(call.rows.arrays)}
    sets = "\n".join(
        f"statement.setObject({place}, row[{position[number]}]);" for place, number in enumerate(order, 1)
    )
    return f"""\
// reWriteBatchedInserts=true in the URL makes one VALUES list of many INSERTs, but not with RETURNING.
try ({_PREPARED}) {{
    for (int n = 0; n < rows.size(); n++) {{
        Object[] row = rows.get(n);
{indented(sets, 2)}
        statement.addBatch();
        if ((n + 1) % {call.rows_per_call} == 0) {{
            statement.executeBatch();
        }}
    }}
    statement.executeBatch();
}}"""


def _join(call: Call) -> str:
    sets = "\n".join(
        f"statement.setObject({place}, parameters[{number - 1}]);"
        for place, number in enumerate(call.order, 1)
    )
    inside = "\n".join(part for part in (sets, _READ) if part)
    return _collecting(call, f"try ({_PREPARED}) {{\n{indented(inside)}\n}}")


def _collecting(call: Call, text: str) -> str:
    if not call.returns_rows:
        return text
    return f"List<Object[]> found = new ArrayList<>();\n{text}\nreturn found;"


_PREPARED = "PreparedStatement statement = connection.prepareStatement(SQL)"
_READ = """\
try (ResultSet result = statement.executeQuery()) {
    while (result.next()) {
        Object[] row = new Object[result.getMetaData().getColumnCount()];
        for (int n = 0; n < row.length; n++) {
            row[n] = result.getObject(n + 1);
        }
        found.add(row);
    }
}"""


def _copy(call: Call) -> str:
    return f"""\
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

class Batch {{
    static final String SQL = {_text_block(call.sql)};

    // rows: {call.row_text}
    static void run(Connection connection, List<Object[]> rows) throws SQLException, IOException {{
        StringBuilder lines = new StringBuilder();
        for (Object[] row : rows) {{
            for (int n = 0; n < row.length; n++) {{
                lines.append(n == 0 ? "" : "\\t").append(field(row[n]));
            }}
            lines.append('\\n');
        }}
        PGConnection postgres = connection.unwrap(PGConnection.class);
        postgres.getCopyAPI().copyIn(SQL, new StringReader(lines.toString()));
    }}

    private static String field(Object value) {{
        if (value == null) {{
            return "\\\\N";
        }}
        return value.toString().replace("\\\\", "\\\\\\\\").replace("\\t", "\\\\t")
            .replace("\\n", "\\\\n").replace("\\r", "\\\\r");
    }}
}}
"""


def _text_block(sql: str) -> str:
    """Write *sql* as Java's text block, with ? for parameters and ?? for the operator."""
    text = with_placeholders(sql.replace("?", "??"), lambda _: "?")
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"""')
    return '"""\n' + indented(escaped, 2) + '"""'
