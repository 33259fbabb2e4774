"""Verdicts of every kind, made by hand."""

from __future__ import annotations

from pgtune.model.equivalence import (
    Counterexample,
    Outcome,
    Result,
    ResultColumn,
    Row,
    Side,
    TableRows,
    TestReport,
)
from pgtune.model.equivalence_verdict import Verdict
from pgtune.model.names import RelationName
from pgtune.model.rewrite import DataCheck

ID = (ResultColumn("id", "integer"),)
T = RelationName("public", "t")


def report(outcome: Outcome, reason: str = "", example: Counterexample | None = None) -> TestReport:
    return TestReport(
        outcome=outcome,
        databases=400,
        not_empty=312,
        failed=3,
        original_failed=0,
        seed=7,
        elapsed_ms=1900.4,
        reason=reason,
        remarks=("column 2 is numeric, was bigint",),
        counterexample=example,
    )


def verdict(test: TestReport, data: DataCheck | None = None) -> Verdict:
    return Verdict(
        version="1.2",
        original="a.sql",
        rewritten="b.sql",
        schema="schema.sql",
        parameters=("limit",),
        test=test,
        data=data,
        remarks=("schema.sql:9: INSERT INTO t: no definition of an object",),
    )


def returned(*rows: Row) -> Side:
    return Side((Result(ID, rows, len(rows)),))


LOST_ROW = Counterexample(
    tables=(TableRows(T, ("id", "a", "select"), (("1", None, "it's"), ("2", "", "NULL"))),),
    values=(("5",),),
    original=returned(("1",), (None,)),
    rewritten=returned(("",)),
    difference="the original returns 2 rows, the other 1",
)
WRITES = Counterexample(
    tables=(),
    values=((),),
    original=Side((Result(row_count=1),), (TableRows(T, ("id",), (("1",),)),)),
    rewritten=Side((Result(row_count=2), Result(error="22012 division by zero"))),
    difference="the other one fails: 22012 division by zero",
)
HOSTILE = Counterexample(
    tables=(TableRows(RelationName("public", "\x1b[31mt"), ("a\u202eb",), (("\x1b[2J|`<b>\n",),)),),
    values=((),),
    original=returned(("\x1b]0;title\x07",)),
    rewritten=returned(),
    difference="the original returns (\x1b[2J), the other nothing",
)

EQUAL = verdict(report(Outcome.EQUAL))
EQUAL_ON_DATA = verdict(report(Outcome.EQUAL), DataCheck(True, 50_000))
DIFFERENT = verdict(report(Outcome.DIFFERENT, example=LOST_ROW))
DIFFERENT_WRITES = verdict(report(Outcome.DIFFERENT, example=WRITES))
DIFFERENT_ON_DATA = verdict(
    report(Outcome.EQUAL),
    DataCheck(False, 3, "the original returns 3 rows, the other 4", (), ("(2,x)",)),
)
UNDECIDED = verdict(report(Outcome.UNDECIDED, "no database gave a row"))
NOT_ON_DATA = verdict(report(Outcome.EQUAL), DataCheck(None, reason="it writes"))
HOSTILE_VALUES = verdict(report(Outcome.DIFFERENT, example=HOSTILE))

ALL = {
    "equal": EQUAL,
    "equal on data": EQUAL_ON_DATA,
    "different": DIFFERENT,
    "writes": DIFFERENT_WRITES,
    "different on data": DIFFERENT_ON_DATA,
    "undecided": UNDECIDED,
    "not on data": NOT_ON_DATA,
    "hostile": HOSTILE_VALUES,
}
