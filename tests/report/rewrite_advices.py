"""Rewrite advice made by hand, without a server: one value for each thing that a report has to tell."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from pgtune.model.batch import Batch, BatchForm, BatchTiming, LoopAdvice
from pgtune.model.equivalence import LoopPair, Outcome, TestReport
from pgtune.model.finding import Severity
from pgtune.model.loop import Loop, LoopOrigin, Parent, Transaction
from pgtune.model.names import RelationName
from pgtune.model.plan import Estimate, Plan, PlanNode, Role
from pgtune.model.rewrite import AppliedRule, Change, DataCheck, Idea, Label, Planned, Rewrite, RunTimes
from pgtune.model.rewrite_advice import Examined, RefutedRewrite, RewriteAdvice
from pgtune.model.workload import Query, SkippedStatement, WorkloadOrigin
from pgtune.report.rewrite_advice_terminal import render_terminal

EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\udcff\r\n*/; DROP TABLE orders; --"
EVIL_SQL = "SELECT '```' AS \"a\x1b[31m\" -- the end"
TESTED = TestReport(
    Outcome.EQUAL, databases=400, not_empty=312, failed=0, original_failed=0, seed=0, elapsed_ms=2140.5
)
VACUOUS = replace(TESTED, outcome=Outcome.UNDECIDED, not_empty=0, reason="no database gave a row")


def node(
    number: int, node_type: str, cost: float, *children: PlanNode, relation: str | None = None
) -> PlanNode:
    return PlanNode(
        number,
        node_type,
        Role.ROOT if number == 1 else Role.OUTER,
        children,
        relation=None if relation is None else RelationName("public", relation),
        join_type="Anti" if node_type == "Hash Join" else None,
        estimate=Estimate(0.0, cost, 100.0, 8),
    )


def planned(root: PlanNode) -> Planned:
    assert root.estimate is not None
    return Planned(root.estimate.total_cost, Plan(root))


SUBPLAN = replace(
    node(2, "Seq Scan", 12_000.0, relation="orders"), role=Role.SUB_PLAN, subplan_name="SubPlan 1"
)
HASHED = planned(node(1, "Seq Scan", 12_345.0, SUBPLAN, relation="users"))
JOINED = planned(
    node(
        1,
        "Hash Join",
        678.0,
        node(2, "Seq Scan", 300.0, relation="users"),
        node(3, "Index Only Scan", 250.0, relation="orders"),
    )
)

NEVER = Query(
    0,
    "queries/never.sql",
    "SELECT id, email\nFROM users -- those who never came back\n"
    "WHERE id NOT IN (SELECT user_id FROM orders)\nORDER BY id",
    "a1b2",
)
NOT_EXISTS = NEVER.text.replace(
    "id NOT IN (SELECT user_id FROM orders)",
    "NOT EXISTS (SELECT FROM orders WHERE orders.user_id = users.id)",
)
NOT_IN = AppliedRule(
    "not-in-subquery",
    Severity.WARNING,
    Change(
        NOT_EXISTS,
        "NOT IN a sub-query cannot be joined",
        "NOT EXISTS is planned as an anti join.",
        facts=("users.id is NOT NULL", "orders.user_id is NOT NULL"),
    ),
)
PROVEN_REWRITE = Rewrite(
    query=NEVER,
    line=1,
    sql=NOT_EXISTS,
    applied=(NOT_IN,),
    before=HASHED,
    after=JOINED,
    label=Label.PROVEN,
    test=TESTED,
    data=DataCheck(is_equal=True, rows=12_345),
    times=RunTimes(812.0, 3.1, 7040, 5),
    diff=tuple(zip(NEVER.text.split("\n"), NOT_EXISTS.split("\n"), strict=True)),
    key="not-in-subquery:a1b2",
)

LATEST = Query(
    1,
    "queries/reports.sql:12",
    "SELECT count(*) FROM orders WHERE date_trunc('day', created_at) = $1",
    "c3d4",
    values=None,
)
RANGE = "SELECT count(*) FROM orders WHERE created_at >= $1 AND created_at < $1 + interval '1 day'"
TESTED_REWRITE = Rewrite(
    query=LATEST,
    line=12,
    sql=RANGE,
    applied=(
        AppliedRule(
            "function-of-timestamp",
            Severity.INFO,
            Change(RANGE, "date_trunc() hides created_at from its index", assumptions=("$1 is a midnight",)),
        ),
    ),
    before=planned(node(1, "Seq Scan", 4000.0, relation="orders")),
    after=planned(node(1, "Index Only Scan", 2000.0, relation="orders")),
    label=Label.TESTED,
    test=replace(TESTED, not_empty=88, remarks=("$1 is drawn as timestamp",), failed=2),
    data=DataCheck(is_equal=None, reason="no values are known for $1"),
    times=RunTimes(reason="no values are known for $1"),
    diff=((LATEST.text, RANGE),),
    key="function-of-timestamp:c3d4",
)

TURN = "INSERT INTO logs (data) VALUES ($1)"
UNNEST = "INSERT INTO logs (data)\nSELECT * FROM unnest($1::jsonb[])"
INSERT_LOOP = LoopAdvice(
    rule="row-by-row-insert",
    loop=Loop(
        LoopOrigin.FILES,
        "seed.sql:3-10002",
        TURN,
        "e5f6",
        10_000,
        values=(("{}",),),
        transaction=Transaction.EACH,
    ),
    batch=Batch(
        BatchForm.UNNEST,
        UNNEST,
        1000,
        conditions=("public.logs has no trigger for INSERT",),
        cautions=("one row that fails takes the whole batch with it",),
        pair=LoopPair(TURN, UNNEST),
        calls={
            "psycopg": 'import psycopg\n\nSQL = """..."""\n\ndef insert_all(connection, rows):\n    ...\n',
            "JDBC": "void insertAll(Connection connection) {\n}\n",
        },
    ),
    others=(Batch(BatchForm.COPY, "COPY logs (data) FROM STDIN", 10_000),),
    label=Label.TESTED,
    test=TESTED,
    timings=(
        BatchTiming("row by row, autocommit", 7_712.4, 1.0),
        BatchTiming("unnest, 1,000 rows", 88_120.0, 0.001),
    ),
    saved_round_trips=9_990,
    key="row-by-row-insert:public.logs:e5f6",
)
N_PLUS_ONE = LoopAdvice(
    rule="n-plus-one",
    loop=Loop(
        LoopOrigin.LOGS,
        "postgresql.log:120 (session 6718)",
        "SELECT id, total FROM orders WHERE user_id = $1",
        "0a0b",
        4_200,
        runs=42,
        transaction=Transaction.ONE,
        total_ms=310.0,
        gap_ms=0.42,
        rows_per_turn=2.5,
        parent=Parent("SELECT id FROM users WHERE city = $1", "postgresql.log:118", "id", 1),
    ),
    batch=Batch(
        BatchForm.JOIN,
        "WITH parent AS (\n  SELECT id FROM users WHERE city = $1\n)\nSELECT parent.*, child.*\nFROM parent",
        1000,
        conditions=("id of the query at postgresql.log:118 becomes $1",),
        cautions=("all rows come from one snapshot, and are in memory at once",),
        pair=LoopPair("SELECT ...", "SELECT turn.n, child.* FROM unnest($1::bigint[]) ..."),
        calls={"psycopg": "import psycopg\n"},
    ),
    label=Label.TESTED,
    test=TESTED,
    saved_round_trips=4_200,
    saved_ms=1764.0,
    key="n-plus-one:public.orders:0a0b",
)
CANDIDATE = replace(
    INSERT_LOOP,
    loop=replace(
        INSERT_LOOP.loop,
        origin=LoopOrigin.STATEMENTS,
        place="query 5318008",
        turns=2_400_000,
        values=(),
        transaction=Transaction.UNKNOWN,
        total_ms=61_000.0,
        queries_per_s=27.8,
    ),
    severity=Severity.INFO,
    label=Label.UNVERIFIED,
    test=VACUOUS,
    timings=(),
    saved_round_trips=2_397_600,
    key="row-by-row-insert:public.logs:5318008",
)
REFUSED = LoopAdvice(
    rule="row-by-row-update",
    loop=Loop(LoopOrigin.FILES, "fix.sql:1-40", "UPDATE t SET a = f($1)", "0c0d", 40),
    batch=None,
    refused="$1 differs between turns inside an expression",
    key="row-by-row-update:t:0c0d",
)
PIPELINE = LoopAdvice(
    rule="row-by-row-select",
    loop=Loop(
        LoopOrigin.LOGS,
        "app.log:7-90 (session 1)",
        "SELECT 1 FROM a WHERE id = $1",
        "0e0f",
        42,
        cycle=("UPDATE b SET n = n + 1 WHERE id = $1",),
    ),
    batch=Batch(BatchForm.PIPELINE, "SELECT 1 FROM a WHERE id = $1", 42, calls={"psycopg": "pass"}),
    saved_round_trips=41,
    key="row-by-row-select:a:0e0f",
)


def idea(rule: str, message: str, why: str, sql: str | None = None) -> Idea:
    applied = AppliedRule(rule, Severity.INFO, Change(sql, message, changes_contract=sql is not None))
    return Idea(LATEST, 12, applied, why, key=f"{rule}:c3d4")


KEYSET = idea(
    "offset-pagination",
    "OFFSET reads what it skips",
    "changes what the caller sends or gets",
    "SELECT 1 WHERE id > $1",
)
NO_GAIN = idea("count-above-zero", "count(*) > 0 counts all", "the planner gains nothing by it")


def advice(**more: object) -> RewriteAdvice:
    made = RewriteAdvice(
        version="0.0",
        server="PostgreSQL 18.4",
        examined=Examined(WorkloadOrigin.FILES, statements=14, examined=12),
        rewrites=(),
        loops=(),
    )
    return replace(made, **more)  # type: ignore[arg-type] # each field has a type of its own


TYPICAL = advice(
    examined=Examined(
        WorkloadOrigin.FILES,
        statements=10_014,
        examined=12,
        skipped=(
            SkippedStatement("a.sql:9", "utility statement", "VACUUM"),
            SkippedStatement("b.sql:1", 'cannot be planned: relation "gone" does not exist', "TABLE gone"),
        ),
        loops_seen=1,
    ),
    rewrites=(PROVEN_REWRITE, TESTED_REWRITE),
    loops=(INSERT_LOOP,),
    ideas=(KEYSET, NO_GAIN),
    remarks=("b.sql: larger than 16 MB, so only loops were looked for",),
)
LOOPS = advice(
    examined=Examined(WorkloadOrigin.LOGS, statements=9_000, examined=9, loops_seen=4),
    loops=(N_PLUS_ONE, PIPELINE, REFUSED, CANDIDATE),
)
NOTHING = advice(allowed=("not-in-subquery:a1b2",))
REFUTED = advice(
    refuted=(
        RefutedRewrite("a.sql", "union-of-disjoint", "SELECT 2", "the original returns 2 rows, the other 1"),
    )
)
NOT_TESTED = advice(rewrites=(replace(PROVEN_REWRITE, test=None, data=None, times=None),))
HOSTILE = advice(
    version=EVIL,
    server=EVIL,
    examined=Examined(WorkloadOrigin.FILES, 1, 1, (SkippedStatement(EVIL, EVIL, EVIL),)),
    rewrites=(
        replace(
            TESTED_REWRITE,
            query=replace(LATEST, name=EVIL, text=EVIL_SQL),
            sql=EVIL_SQL,
            applied=(
                AppliedRule(
                    "a-rule", Severity.INFO, Change(EVIL_SQL, EVIL, EVIL, (EVIL,), (EVIL,), object=EVIL)
                ),
            ),
            test=replace(TESTED, remarks=(EVIL,)),
            data=DataCheck(is_equal=None, reason=EVIL),
            times=RunTimes(reason=EVIL),
            diff=((EVIL_SQL, EVIL_SQL.upper()), (EVIL, "")),
        ),
    ),
    loops=(
        replace(
            N_PLUS_ONE,
            loop=replace(
                N_PLUS_ONE.loop, place=EVIL, text=EVIL, cycle=(EVIL,), parent=Parent(EVIL, EVIL, EVIL, 1)
            ),
            batch=Batch(
                BatchForm.UNNEST, EVIL_SQL, 1, (EVIL,), (EVIL,), LoopPair(EVIL, EVIL), {"psycopg": EVIL_SQL}
            ),
            others=(Batch(BatchForm.COPY, EVIL_SQL, 1),),
            timings=(BatchTiming(EVIL, 1.0, 1.0),),
        ),
        replace(REFUSED, refused=EVIL),
    ),
    ideas=(replace(KEYSET, why=EVIL), idea("b-rule", EVIL, EVIL, EVIL_SQL)),
    refuted=(RefutedRewrite(EVIL, EVIL, EVIL, EVIL),),
    allowed=(EVIL,),
    remarks=(EVIL,),
)
BY_TITLE = {
    "Two rewrites and a loop": TYPICAL,
    "Loops": LOOPS,
    "Nothing to suggest": NOTHING,
    "A rule that its test refuted": REFUTED,
    "A proof without a test": NOT_TESTED,
}


def drawn(what: RewriteAdvice, width: int = 100, *, everything: bool = False, terminal: bool = False) -> str:
    """The advice as text of that width; on a terminal in boxes and colours."""
    paper = io.StringIO()
    console = Console(
        file=paper,
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    render_terminal(what, console, everything=everything)
    return "".join(f"{line.rstrip()}\n" for line in paper.getvalue().rstrip().splitlines())
