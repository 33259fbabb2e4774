"""The database that told two statements apart in; a small one that does, with both results, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgtune.model.equivalence import Counterexample, Result, Side, TableRows
from pgtune.model.test_schema import TestDatabase
from pgtune.shadow.trial.exchange import Answer
from pgtune.shadow.trial.judge import Judge, Judgement
from pgtune.shadow.trial.run_pair import NotLoaded, Run
from pgtune.shadow.trial.shrink import shrunk
from pgtune.shadow.trial.statement_facts import StatementReader
from pgtune.shadow.trial.try_pair import Refutation
from pgtune.shadow.trial.variants import VARIANTS, arranged

_LAST_RUNS_S = (
    10.0  # for the final check of what was shrunk, however little of the pair's time is left; chosen
)


def find_counterexample(judge: Judge, found: Refutation, reader: StatementReader) -> Counterexample:
    """Shrink the database of *found*; what does not stand up to all variants is not used.

    Raises:
        ConnectionLost: the server ended, or does not answer.
    """
    judge.runner.tidy()
    judge.deadline_s += _LAST_RUNS_S
    by_plan = found.judgement.rewritten_varies
    variants = VARIANTS if by_plan else VARIANTS[:1]

    def is_different(candidate: TestDatabase) -> bool:
        judged = judge.judge(candidate, variants, thoroughly=by_plan)
        return isinstance(judged, Judgement) and judged.difference is not None

    whole = judge.stored(found.database)
    small = shrunk(whole, is_different)
    judged = judge.judge(small, thoroughly=True)
    if isinstance(judged, NotLoaded) or judged.difference is None:
        small, judged = whole, found.judgement
    return _counterexample(judge, small, judged, reader)


def _counterexample(
    judge: Judge, database: TestDatabase, judged: Judgement, reader: StatementReader
) -> Counterexample:
    assert judged.difference is not None
    before = judge.runner.loaded(arranged(database, judged.variant.order))
    return Counterexample(
        tables=tuple(table for table in before if table.rows),
        values=database.values,
        original=_side(judged.runs.original, before, reader),
        rewritten=_side(judged.runs.rewritten, before, reader),
        difference=judged.difference.text,
    )


def _side(run: Run, before: Sequence[TableRows], reader: StatementReader) -> Side:
    changed = [
        replace(table, rows=run.tables[table.relation].rows)
        for table in before
        if table.relation in run.tables and run.tables[table.relation].rows != table.rows
    ]
    return Side(tuple(_result(answer, reader) for answer in run.answers), tuple(changed))


def _result(answer: Answer, reader: StatementReader) -> Result:
    return Result(
        columns=reader.columns(answer.names, answer.types),
        rows=answer.rows,
        row_count=answer.row_count,
        error=str(answer.failure) if answer.failure else None,
    )
