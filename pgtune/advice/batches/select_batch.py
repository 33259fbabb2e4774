"""A loop of queries in, one query for all keys out: = ANY where rows add up, else LATERAL."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.advice.batches.arrays import Rows
from pgtune.advice.batches.batch_size import rows_per_call
from pgtune.advice.batches.cautions import read_cautions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.keys import Key, Keys, any_condition, read_keys, with_conditions
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.equivalence import LoopPair
from pgtune.model.names import quote_ident
from pgtune.parse.sql.clauses_of_turn import column_reference
from pgtune.parse.sql.expression_of_turn import expression
from pgtune.parse.sql.select_turn import SelectTurn


def any_batch(draft: Draft[SelectTurn]) -> Batch:
    """Return the query with a list of keys; `any_fits` says that it is the same."""
    turn = draft.turn
    keys = read_keys(turn.conditions)
    rows = draft.rows(keys.wanted)
    condition = any_condition(keys, rows)
    added = _missing_keys(turn, keys)
    sql = _with_keys(with_conditions(turn.text, turn.conditions, condition, keys.others), turn, added)
    form = BatchForm.ANY if keys.is_single() else BatchForm.UNNEST
    cautions = (
        f"a row tells by {keys.names} which turn it belongs to: group them by it",
        "a key that finds nothing returns nothing; one that is given twice returns its rows once",
        *read_cautions(draft.loop),
    )
    regrouped = _regrouped(sql, turn, keys, rows, len(added))
    return _batch(draft, form, sql, rows, cautions, LoopPair(turn.text, regrouped))


def any_fits(draft: Draft[SelectTurn]) -> bool:
    """True where each row tells its key, and nothing is sorted, cut or counted for each turn."""
    turn = draft.turn
    keys = read_keys(turn.conditions)
    plain = turn.adds_up and bool(keys.keys) and not keys.other_parameters
    in_list = frozenset[int]().union(*(item.parameters for item in turn.items))
    in_where = keys.parameters
    nowhere_else = in_where == frozenset(draft.types) and not in_list and _count(turn) == len(keys.keys)
    star_alone = not turn.has_star or (len(turn.items) == 1 and len(turn.relations) == 1)
    return plain and nowhere_else and star_alone


def lateral_batch(draft: Draft[SelectTurn]) -> Batch:
    """Return the query as it is, once for each row of an array."""
    turn = draft.turn
    rows = lateral_rows(draft)
    sql = lateral_sql(turn, rows)
    cautions = (
        f"{rows.ord} counts the turns from 1: it tells which rows belong together",
        "a turn without rows is missing; LEFT JOIN LATERAL (...) ON true gives it a row of NULLs",
        *read_cautions(draft.loop),
    )
    return _batch(draft, BatchForm.LATERAL, sql, rows, cautions, lateral_pair(turn, rows))


def lateral_rows(draft: Draft[SelectTurn]) -> Rows:
    """Return the arrays, named after the columns that they are compared with."""
    return draft.rows(read_keys(draft.turn.conditions).wanted)


def lateral_pair(turn: SelectTurn, rows: Rows) -> LoopPair:
    """Return the twin that gives the rows of all turns and nothing else."""
    source, body = rows.sql(numbered=True), indented(with_texts(turn, rows))
    return LoopPair(
        turn.text,
        f"SELECT r.*\nFROM {source}\nCROSS JOIN LATERAL (\n{body}\n) AS r\nORDER BY {rows.alias}.{rows.ord}",
    )


def lateral_sql(turn: SelectTurn, rows: Rows) -> str:
    """Write the query below CROSS JOIN LATERAL; rows keep their order inside a turn."""
    order = f"{rows.alias}.{rows.ord}"
    body = with_texts(turn, rows)
    if turn.is_ordered:
        body = f"SELECT row_number() OVER () AS row_number, o.*\nFROM (\n{indented(body)}\n) AS o"
        order += ", r.row_number"
    return "\n".join(
        (
            f"SELECT {rows.alias}.{rows.ord}, r.*",
            f"FROM {rows.sql(numbered=True)}",
            "CROSS JOIN LATERAL (",
            indented(body),
            ") AS r",
            f"ORDER BY {order}",
        )
    )


def with_texts(turn: SelectTurn, rows: Rows) -> str:
    """Return the query with columns of the arrays in place of its parameters."""
    return expression(turn.text, turn.tokens).with_parameters(rows.texts())


def indented(text: str) -> str:
    """Return *text* four blanks to the right."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _batch(
    draft: Draft[SelectTurn], form: BatchForm, sql: str, rows: Rows, cautions: tuple[str, ...], pair: LoopPair
) -> Batch:
    wanted = read_keys(draft.turn.conditions).wanted
    size = rows_per_call(form, draft.sent_columns(wanted))
    call = Call(form, sql, rows, size, returns_rows=True)
    return Batch(form, sql, size, tuple(_conditions(draft)), cautions, pair, calls_for(call))


def _conditions(draft: Draft[SelectTurn]) -> Iterator[str]:
    keys = read_keys(draft.turn.conditions)
    for number, type_ in draft.types.items():
        column = keys.wanted.get(number)
        yield f"${number} is {type_}" + (f", the type of {column}" if column is not None else "")


def _count(turn: SelectTurn) -> int:
    return sum(token.text.startswith("$") and token.text[1:].isdigit() for token in turn.tokens)


def _missing_keys(turn: SelectTurn, keys: Keys) -> tuple[Key, ...]:
    """The key's columns that the SELECT list does not show."""
    if turn.has_star:
        return ()
    return tuple(key for key in keys.keys if _position(turn, key) is None)


def _position(turn: SelectTurn, key: Key) -> int | None:
    """Where the SELECT list shows the key, from 0."""
    for index, item in enumerate(turn.items):
        if column_reference(item.tokens) == (key.qualifier, key.column):
            return index
    return None


def _with_keys(sql: str, turn: SelectTurn, added: tuple[Key, ...]) -> str:
    if not added:
        return sql
    at = turn.items[0].tokens[0].start
    return f"{sql[:at]}{', '.join(key.sql for key in added)}, {sql[at:]}"


def _regrouped(sql: str, turn: SelectTurn, keys: Keys, rows: Rows, added: int) -> str:
    """Give every turn its rows, as a program does with the result of *sql*."""
    if turn.has_star:
        columns, shown = "", "r.*"
        names = {key: key.column for key in keys.keys}
    else:
        total = added + len(turn.items)
        columns = f"({', '.join(f'c{n}' for n in range(1, total + 1))})"
        shown = ", ".join(f"r.c{n}" for n in range(added + 1, total + 1))
        names = _column_names(turn, keys, added)
    joined = " AND ".join(
        f"r.{quote_ident(name)} = {rows.texts()[key.number]}" for key, name in names.items()
    )
    return "\n".join(
        (
            f"SELECT {shown}",
            f"FROM {rows.sql(numbered=True)}",
            f"JOIN (\n{indented(sql)}\n) AS r{columns} ON {joined}",
            f"ORDER BY {rows.alias}.{rows.ord}",
        )
    )


def _column_names(turn: SelectTurn, keys: Keys, added: int) -> dict[Key, str]:
    names: dict[Key, str] = {}
    fresh = 0
    for key in keys.keys:
        position = _position(turn, key)
        if position is None:
            fresh += 1
            names[key] = f"c{fresh}"
        else:
            names[key] = f"c{added + position + 1}"
    return names
