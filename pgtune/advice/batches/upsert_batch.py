"""A loop of INSERT .. ON CONFLICT DO UPDATE in, one statement that merges equal keys first out."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.advice.batches.arrays import Array, Rows, element_type
from pgtune.advice.batches.batch_size import rows_per_call
from pgtune.advice.batches.cautions import lock_caution, write_cautions
from pgtune.advice.batches.conditions import describe_key, write_conditions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.inserted_columns import sole_parameters
from pgtune.advice.batches.merged_turns import TURNS, Merge, Take, Taken
from pgtune.advice.batches.returned_rows import returned_rows
from pgtune.advice.batches.upsert_plan import SetKind, UpsertPlan, default_text
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.equivalence import LoopPair
from pgtune.model.names import quote_ident
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql.update_turn import excluded_column


def upsert_batch(draft: Draft[InsertTurn], plan: UpsertPlan) -> Batch:
    """Return the batch; *plan* says that one statement leaves what the loop leaves."""
    turn, relation = draft.turn, draft.relation
    wanted = sole_parameters(plan.inserted)
    rows = draft.rows(wanted)
    merge = _merge(plan, rows)
    sql = _returning_sql(plan, merge) if turn.returning.tokens else _sql(plan, merge, merge.sql())
    size = rows_per_call(BatchForm.UNNEST, draft.sent_columns(wanted))
    returns = bool(turn.returning.tokens)
    call = Call(BatchForm.UNNEST, sql, rows, size, returns)
    written = (*plan.inserted, *plan.kinds)
    return Batch(
        form=BatchForm.UNNEST,
        sql=sql,
        rows_per_call=size,
        conditions=(
            f"the conflict is on the unique index {describe_key(plan.arbiter)}, checked at once",
            *write_conditions(relation, ("INSERT", "UPDATE"), written, is_insert=True),
        ),
        cautions=(
            *write_cautions(draft.loop, turn, relation, draft.catalog),
            lock_caution(", ".join(plan.arbiter.key), is_sorted=True),
            *_cautions(plan),
        ),
        pair=LoopPair(turn.text, sql),
        calls=calls_for(call),
    )


def _merge(plan: UpsertPlan, rows: Rows) -> Merge:
    keys = tuple(rows.array(number) for number in plan.key_parameters)
    nullable = tuple(key for key in keys if plan.arbiter.nulls_distinct and _may_be_null(plan, key))
    taken = tuple(dict.fromkeys(each for each in _taken(plan, rows) if each.array not in keys))
    return Merge(rows, keys, nullable, taken, plan.counts)


def _may_be_null(plan: UpsertPlan, key: Array) -> bool:
    names = (name for name in plan.arbiter.key if plan.inserted[name].parameter == key.number)
    columns = (plan.relation.column(name) for name in names)
    return any(column is not None and not column.not_null for column in columns)


def _taken(plan: UpsertPlan, rows: Rows) -> Iterator[Taken]:
    for column, value in plan.inserted.items():
        take = _take(plan, column)
        yield from (Taken(rows.array(number), take) for number in sorted(value.parameters))


def _take(plan: UpsertPlan, column: str) -> Take:
    """A column that is not in SET keeps what the turn wrote that inserted the row."""
    kind = plan.kinds.get(column)
    if kind is SetKind.SUM:
        return Take.SUM
    return Take.FIRST if kind is None else Take.LAST


def _sql(plan: UpsertPlan, merge: Merge, source: str) -> str:
    values = dict(_values(plan, merge))
    turn = plan.turn
    sets = ",\n    ".join(f"{quote_ident(name)} = {_set_text(plan, name)}" for name in plan.sets)
    assert turn.conflict is not None
    lines = (
        f"INSERT INTO {turn.target} ({', '.join(map(quote_ident, values))})",
        turn.overriding,
        f"SELECT {', '.join(values.values())}",
        f"FROM {source}",
        f"ON CONFLICT {turn.conflict.target.text} DO UPDATE SET",
        f"    {sets}",
    )
    return "\n".join(line for line in lines if line)


def _values(plan: UpsertPlan, merge: Merge) -> Iterator[tuple[str, str]]:
    """Yield each column with what the batch inserts there."""
    for column, value in plan.inserted.items():
        texts = _texts(merge, _take(plan, column))
        number = value.parameter
        text = texts[number] if number is not None else value.with_parameters(texts)
        kind = plan.kinds.get(column)
        if kind is SetKind.COUNT:
            counted = f"{merge.rows.alias}.{TURNS}"
            text = counted if text == "1" else f"{text} * {counted}"
        yield column, _either(plan, merge, column, text) if kind is SetKind.OTHER else text
    for column, kind in plan.kinds.items():
        if kind is SetKind.OTHER and column not in plan.inserted:
            yield column, _either(plan, merge, column, default_text(plan.relation, column))


def _texts(merge: Merge, take: Take) -> dict[int, str]:
    texts = dict(merge.rows.texts())
    if take is Take.FIRST:
        for array in merge.rows.arrays:
            if array not in merge.keys:
                texts[array.number] = f"{merge.rows.alias}.{quote_ident(Taken(array, take).name)}"
    return texts


def _either(plan: UpsertPlan, merge: Merge, column: str, inserted: str) -> str:
    """A key that comes once is inserted; one that comes again has also been updated."""
    found = plan.relation.column(column)
    assert found is not None
    type_ = element_type(found.type)
    once, again = f"CAST({inserted} AS {type_})", f"CAST({plan.sets[column].text} AS {type_})"
    return f"CASE WHEN {merge.rows.alias}.{TURNS} > 1 THEN {again} ELSE {once} END"


def _set_text(plan: UpsertPlan, column: str) -> str:
    kind, value = plan.kinds[column], plan.sets[column]
    own = f"excluded.{quote_ident(column)}"
    if kind is SetKind.LAST:
        is_own = value.parameter is not None or excluded_column(value) is not None
        return own if is_own else value.text
    if kind is SetKind.OTHER:
        return value.text
    return f"{quote_ident(plan.turn.qualifier)}.{quote_ident(column)} + {own}"


def _returning_sql(plan: UpsertPlan, merge: Merge) -> str:
    write = _sql(plan, merge, merge.sql(merge.rows.alias))
    keys = {name: plan.inserted[name].parameter for name in plan.arbiter.key}
    matched = {name: merge.rows.array(number) for name, number in keys.items() if number is not None}
    return returned_rows(merge.rows, write, plan.turn.returning, matched, "")


def _cautions(plan: UpsertPlan) -> Iterator[str]:
    for trigger in plan.relation.triggers:
        if trigger.is_row:
            yield f"trigger {trigger.name} fires once for a key that comes several times in a batch"
    columns = [plan.relation.column(name) for name in (*plan.inserted, *plan.kinds)]
    numbers = [name for name, kind in plan.kinds.items() if kind is SetKind.SUM]
    for column in columns:
        if column is not None and column.name in numbers:
            numbers.remove(column.name)
            yield f"the sum for one key has to fit into {column.name}, which is {column.type}"
            if column.type.startswith(("real", "double")):
                yield f"{column.name} is summed in another order: the last digits may differ"
    if any(column.identity or "nextval(" in (column.default or "") for column in plan.relation.columns):
        yield "numbers of sequences are given in the order of the key, not of the turns"
