"""A loop and the catalog in, the statement that takes its place out, or the reason why none does."""

from __future__ import annotations

from dataclasses import replace

from pgtune.advice.batches import (
    delete_forms,
    insert_forms,
    parent_forms,
    select_forms,
    update_forms,
    upsert_forms,
)
from pgtune.advice.batches.batch_size import calls_needed
from pgtune.advice.batches.draft import Draft, TurnT
from pgtune.advice.batches.file_script import with_script
from pgtune.advice.batches.inserted_columns import inserted_columns, sole_parameters
from pgtune.advice.batches.parameter_types import parameter_types, untyped
from pgtune.advice.batches.pipeline_batch import pipeline_batch
from pgtune.analysis.rule_book import loop_rule_book
from pgtune.errors import StatementError
from pgtune.model.batch import Batch, BatchForm, LoopAdvice
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.finding import Severity, Symptom
from pgtune.model.loop import Loop
from pgtune.parse.sql.insert_turn import InsertTurn
from pgtune.parse.sql.select_turn import SelectTurn
from pgtune.parse.sql.turn import Turn, TurnKind, read_turn, statement_kind, turn_kind
from pgtune.parse.sql.update_turn import Assignment, ChangeTurn, increment

Found = tuple[Batch, ...] | str
_READS = frozenset({"select", "with"})


def batch_advice(loop: Loop, catalog: Catalog) -> LoopAdvice:
    """Return what to run in place of *loop*, the better form first; nothing here has been tested yet."""
    # Each kind of turn has its rule, and what is nothing else is looked up row by row.
    rule, message = next(
        (rule, seen.message)
        for rule in loop_rule_book()
        for seen in rule.check(loop)
        if isinstance(seen, Symptom)
    )
    name, found = _named_and_found(loop, catalog)
    severity = rule.severity if loop.is_sure else Severity.INFO
    return replace(_advice(loop, rule.name, name, found), severity=severity, message=message)


def _named_and_found(loop: Loop, catalog: Catalog) -> tuple[str, Found]:
    """Return what the key names, and the batches."""
    if loop.differs is not None:
        return loop.fingerprint, _unlike(loop.text, loop.differs)
    try:
        turn = read_turn(loop.text)
    except StatementError as error:
        return loop.fingerprint, str(error)
    relation = _relation(turn, catalog)
    name = str(relation.name if relation is not None else _relation_name(turn))
    return f"{name}:{loop.fingerprint}", _found(loop, turn, relation, catalog)


def _unlike(text: str, difference: str) -> str:
    reason = f"more than values changes from turn to turn ({difference})"
    if turn_kind(text) is not TurnKind.INSERT:
        return reason
    return f"{reason}; as they are written, the rows can stand in one INSERT: VALUES (...), (...)"


def _found(loop: Loop, turn: Turn, relation: Relation | None, catalog: Catalog) -> Found:
    if relation is None:
        return f"{_relation_name(turn)} is not in the catalog: the types of its columns are not known"
    if any(statement_kind(text) not in _READS for text in loop.cycle) or (
        loop.cycle and not isinstance(turn, SelectTurn)
    ):
        pipeline = pipeline_batch(loop)
        return (pipeline,) if pipeline is not None else "other statements take turns with it"
    types = parameter_types(turn, catalog, _assigned(turn, relation))
    known = {number: type_ for number, type_ in types.items() if type_ is not None}
    if (reason := _unknown(turn, relation) or untyped(types)) is not None:
        return reason
    if isinstance(turn, InsertTurn):
        insert = Draft(loop, turn, catalog, relation, known)
        return _scripted(_insert(insert), insert)
    if isinstance(turn, ChangeTurn):
        change = Draft(loop, turn, catalog, relation, known)
        return _scripted((delete_forms if turn.is_delete else update_forms).batches(change), change)
    return _select(Draft(loop, turn, catalog, relation, known))


def _select(draft: Draft[SelectTurn]) -> Found:
    if draft.loop.parent is not None:
        return parent_forms.batches(draft, draft.loop.parent)
    return _scripted(select_forms.batches(draft), draft)


def _scripted(found: Found, draft: Draft[TurnT]) -> Found:
    return found if isinstance(found, str) else with_script(found, draft)


def _unknown(turn: Turn, relation: Relation) -> str | None:
    """Why the types of what is written cannot be known."""
    if isinstance(turn, SelectTurn):
        return None
    names = turn.columns if isinstance(turn, InsertTurn) else [item.column for item in turn.sets]
    unknown = next((name for name in names if relation.column(name) is None), None)
    return None if unknown is None else f'{relation.name} has no column "{unknown}"'


def _insert(draft: Draft[InsertTurn]) -> Found:
    conflict = draft.turn.conflict
    if conflict is None:
        return insert_forms.batches(draft)
    return upsert_forms.batches(draft, conflict)


def _advice(loop: Loop, rule: str, name: str, found: Found) -> LoopAdvice:
    key = f"{rule}:{name}"
    pipeline = pipeline_batch(loop)
    spare = (pipeline,) if pipeline is not None else ()
    if isinstance(found, str):
        return LoopAdvice(rule, loop, None, others=spare, refused=found, key=key)
    best, *others = found
    calls = 0 if best.form is BatchForm.JOIN else calls_needed(loop.turns, loop.runs, best.rows_per_call)
    saved = loop.turns - calls
    return LoopAdvice(
        rule=rule,
        loop=loop,
        batch=best,
        others=tuple(others) if best in spare else (*others, *spare),
        saved_round_trips=saved,
        saved_ms=None if loop.gap_ms is None else saved * loop.gap_ms,
        key=key,
    )


def _relation_name(turn: Turn) -> str:
    if isinstance(turn, SelectTurn):
        return str(turn.relations[0]) if turn.relations else "the query's table"
    return str(turn.relation)


def _relation(turn: Turn, catalog: Catalog) -> Relation | None:
    names = turn.relations if isinstance(turn, SelectTurn) else (turn.relation,)
    return next((found for name in names if (found := catalog.find(name)) is not None), None)


def _assigned(turn: Turn, relation: Relation) -> dict[int, str]:
    """The types of the columns that parameters are written to as they are."""
    written: dict[int, str] = {}
    if isinstance(turn, InsertTurn):
        written |= sole_parameters(inserted_columns(turn, relation))
    sets = turn.sets if isinstance(turn, ChangeTurn) else ()
    if isinstance(turn, InsertTurn) and turn.conflict is not None:
        sets = turn.conflict.sets
    for item in sets:
        number = item.value.parameter or _added_parameter(item, turn)
        if number is not None:
            written.setdefault(number, item.column)
    types = {number: relation.column(name) for number, name in written.items()}
    return {number: column.type for number, column in types.items() if column is not None}


def _added_parameter(item: Assignment, turn: Turn) -> int | None:
    """The parameter that is added to a column, and so is of its type."""
    assert not isinstance(turn, SelectTurn)
    added = increment(item.value, item.column, (turn.qualifier, turn.relation.name))
    return None if added is None else added.amount.parameter
