"""A loop of UPDATEs by key in, one UPDATE of arrays out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pgtune.advice.batches.arrays import Rows
from pgtune.advice.batches.batch_size import rows_per_call
from pgtune.advice.batches.cautions import lock_caution, write_cautions
from pgtune.advice.batches.conditions import write_conditions
from pgtune.advice.batches.draft import Draft
from pgtune.advice.batches.drivers.call import Call
from pgtune.advice.batches.drivers.calls import calls_for
from pgtune.advice.batches.keys import Key, any_condition, with_conditions
from pgtune.advice.batches.merged_turns import TURNS, Merge, Take, Taken
from pgtune.advice.batches.returned_rows import returned_rows
from pgtune.advice.batches.update_plan import UpdatePlan
from pgtune.model.batch import Batch, BatchForm
from pgtune.model.equivalence import LoopPair
from pgtune.model.names import quote_ident
from pgtune.parse.sql.update_turn import Assignment, ChangeTurn


def update_batch(draft: Draft[ChangeTurn], plan: UpdatePlan) -> Batch:
    """Return the batch; the caller knows that it leaves what the loop leaves."""
    turn, relation = draft.turn, draft.relation
    wanted = _wanted(plan)
    parts = [item.value for item in turn.sets if item.value.parameter is None]
    rows = draft.rows(wanted, [*parts, *plan.keys.others])
    is_any = plan.repeats_alike and plan.keys.is_single() and not plan.keys.other_parameters
    form = BatchForm.ANY if is_any else BatchForm.UNNEST
    sql = _returning_sql(plan, rows) if turn.returning.tokens else _sql(plan, rows, None)
    size = rows_per_call(form, draft.sent_columns(wanted))
    call = Call(form, sql, rows, size, bool(turn.returning.tokens))
    columns = [item.column for item in turn.sets]
    return Batch(
        form=form,
        sql=sql,
        rows_per_call=size,
        conditions=tuple(write_conditions(relation, ("UPDATE",), columns, is_insert=False)),
        cautions=(
            *write_cautions(draft.loop, turn, relation, draft.catalog),
            lock_caution(plan.keys.names, is_sorted=False),
            *_cautions(plan),
        ),
        pair=LoopPair(turn.text, sql),
        calls=calls_for(call),
    )


def _wanted(plan: UpdatePlan) -> Mapping[int, str]:
    """The columns that parameters are named after: those of the key, of SET, of sums."""
    named: dict[int | None, str] = {item.value.parameter: item.column for item in plan.turn.sets}
    named |= {each.amount.parameter: column for column, each in plan.increments.items()}
    named.update((key.number, key.column) for key in reversed(plan.keys.keys))
    return {number: column for number, column in named.items() if number is not None}


def _sql(plan: UpdatePlan, rows: Rows, source: str | None) -> str:
    """Write the UPDATE; *source* is the CTE that stands in place of the arrays."""
    turn = plan.turn
    if plan.repeats_alike and not plan.keys.other_parameters:
        text = turn.text[: turn.conditions[-1].tokens[-1].end]
        condition = any_condition(plan.keys, rows)
        return with_conditions(text, turn.conditions, condition, plan.keys.others)
    sets = ",\n    ".join(f"{quote_ident(item.column)} = {_value(item, plan, rows)}" for item in turn.sets)
    return "\n".join(
        (
            f"UPDATE {turn.target} SET",
            f"    {sets}",
            f"FROM {_source(plan, rows, source)}",
            f"WHERE {' AND '.join(_conditions(plan, rows))}",
        )
    )


def _source(plan: UpdatePlan, rows: Rows, source: str | None) -> str:
    if plan.repeats_alike:
        return source or rows.sql()
    keys = tuple(rows.array(number) for number in sorted(plan.keys.parameters))
    taken = tuple(_taken(plan, rows))
    counts = any(each.amount.constant is not None for each in plan.increments.values())
    return Merge(rows, keys, (), taken, counts).sql(source)


def _taken(plan: UpdatePlan, rows: Rows) -> Iterator[Taken]:
    sums = {each.amount.parameter for each in plan.increments.values()}
    for number in sorted(plan.set_parameters - plan.keys.parameters):
        yield Taken(rows.array(number), Take.SUM if number in sums else Take.LAST)


def _value(item: Assignment, plan: UpdatePlan, rows: Rows) -> str:
    texts = rows.texts()
    added = plan.increments.get(item.column)
    if added is None:
        number = item.value.parameter
        return texts[number] if number is not None else item.value.with_parameters(texts)
    own = f"{quote_ident(plan.turn.qualifier)}.{quote_ident(item.column)}"
    if added.amount.parameter is not None:
        return f"{own} {added.operator} {texts[added.amount.parameter]}"
    turns = f"{rows.alias}.{TURNS}"
    amount = turns if added.amount.constant == "1" else f"{added.amount.text} * {turns}"
    return f"{own} {added.operator} {amount}"


def _conditions(plan: UpdatePlan, rows: Rows) -> Iterator[str]:
    texts = rows.texts()
    for key in plan.keys.keys:
        yield f"{_own(key, plan)} = {texts[key.number]}"
    for condition in plan.keys.others:
        yield condition.with_parameters(texts)


def _own(key: Key, plan: UpdatePlan) -> str:
    return f"{quote_ident(plan.turn.qualifier)}.{quote_ident(key.column)}"


def _returning_sql(plan: UpdatePlan, rows: Rows) -> str:
    matched = {key.column: rows.array(key.number) for key in plan.keys.keys}
    write = _sql(plan, rows, rows.alias)
    return returned_rows(rows, write, plan.turn.returning, matched, f"{quote_ident(plan.turn.qualifier)}.")


def _cautions(plan: UpdatePlan) -> Iterator[str]:
    for trigger in plan.relation.triggers:
        if trigger.is_row and "UPDATE" in trigger.events:
            yield f"trigger {trigger.name} fires once for a row that several turns of a batch update"
    for name in plan.increments:
        column = plan.relation.column(name)
        if column is not None and column.type.startswith(("real", "double")):
            yield f"{name} is summed in another order: the last digits may differ"
        if column is not None and column.type.startswith("numeric("):
            yield f"{name} is rounded once, not at each turn: amounts may have no more decimals than it"
    if plan.increments:
        yield f"amounts of turns with the same {plan.keys.names} are added up first, as the loop leaves them"
    if plan.set_parameters - {each.amount.parameter for each in plan.increments.values()}:
        yield f"of turns with the same {plan.keys.names} the last one's values stay, as the loop leaves them"
