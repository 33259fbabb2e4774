"""Index advice made by hand, without a planner: one value for each thing that a report has to tell."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from pgtune.model.action import Proof
from pgtune.model.catalog import CatalogIndex, IndexKey
from pgtune.model.finding import Finding, Severity
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_actions import drop_action
from pgtune.model.index_advice import (
    Certificate,
    Coverage,
    Drop,
    Effort,
    IndexAdvice,
    Measurement,
    QueryEffect,
    Recommendation,
    Rejected,
    Rejection,
    ShadowNote,
    Verification,
    WriteCost,
)
from pgtune.model.names import RelationName
from pgtune.model.rewrite import AppliedRule, Change
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.model.workload import Query, SkippedStatement, WorkloadOrigin
from pgtune.report.index_advice_terminal import render_terminal

ORDERS = RelationName("public", "orders")
MB = 1024 * 1024
EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\udcff\r\n*/; DROP TABLE orders; --"


def query(number: int, text: str, calls: float = 1.0) -> Query:
    return Query(number, f"query {1000 + number}", text, str(1000 + number), calls=calls, total_ms=calls * 20)


BY_USER = query(0, "SELECT status, total\n  FROM orders WHERE user_id = $1", calls=5000)
PENDING = query(1, "SELECT id FROM orders WHERE status = $1 ORDER BY id")
REPORT = query(2, "SELECT status, count(*) FROM orders GROUP BY status")
INSERT = query(3, "INSERT INTO orders SELECT * FROM new_orders WHERE user_id = $1")
BY_TOTAL = query(4, "SELECT id FROM orders WHERE total BETWEEN $1 AND $2 AND status <> $3 AND user_id = $4")


def recommended(index: Index, name: str, **more: object) -> Recommendation:
    made = Recommendation(
        index=index,
        name=name,
        size_bytes=120 * MB,
        height=2,
        action=replace(index.action(name), proof=Proof.PLANNED),
        saving_share=0.305,
        effects=(),
        write_cost=None,
    )
    return replace(made, **more)  # type: ignore[arg-type] # each field has a type of its own


def existing(name: str, column: str, size_bytes: int | None = 12 * MB) -> CatalogIndex:
    return CatalogIndex(
        name=RelationName("public", name),
        relation=ORDERS,
        access_method="btree",
        keys=(IndexKey(column),),
        include=(),
        predicate=None,
        unique=False,
        primary=False,
        constraint=None,
        valid=True,
        size_bytes=size_bytes,
        scans=0,
        definition=f"CREATE INDEX {name} ON public.orders USING btree ({column})",
    )


BY_USER_INDEX = recommended(
    Index(ORDERS, (IndexPart("user_id"),), include=("status", "total")),
    "orders_user_id_status_total_idx",
    effects=(
        QueryEffect(
            BY_USER, 12345.0, 102.9, "Index Only Scan using orders_user_id_status_total_idx on orders"
        ),
        QueryEffect(INSERT, 500.0, 510.5),
    ),
    write_cost=WriteCost(1200.0, 250_000.0, 0.31, 4200.0, ("status",)),
)
PENDING_INDEX = recommended(
    Index(ORDERS, (IndexPart("id"),), predicate="status = 'pending'::text"),
    "orders_id_idx",
    size_bytes=1_300_000,
    height=1,
    saving_share=0.05,
    effects=(QueryEffect(PENDING, 900.0, 281.25, "Index Scan using orders_id_idx on orders"),),
)
OVER_BUDGET = Rejection(
    Index(ORDERS, (IndexPart("total", descending=True, nulls_first=True),)),
    600 * MB,
    Rejected.BUDGET,
    "With it the set would take 721 MB of the 500 MB.",
    0.11,
)


def advice(**more: object) -> IndexAdvice:
    """Nothing that anything could be done about, unless ``more`` says otherwise."""
    made = IndexAdvice(
        version="0.0",
        shadow=ShadowNote("PostgreSQL 18.4", "PostgreSQL 18.6", same_major=True),
        coverage=Coverage(WorkloadOrigin.STATEMENTS, 5, 5, None, None, ()),
        budget_bytes=500 * MB,
        max_indexes=None,
        recommendations=(),
        drops=(),
        rejections=(),
        existing=(),
        effects=(),
        base_cost=1_000_000.0,
        cost=1_000_000.0,
        write_cost=None,
        certificate=None,
        effort=Effort(0, 0, 0, 1.25, 1),
    )
    return replace(made, **more)  # type: ignore[arg-type] # each field has a type of its own


TYPICAL = advice(
    coverage=Coverage(
        WorkloadOrigin.STATEMENTS,
        5,
        412,
        96_300.0,
        102_400.0,
        (
            SkippedStatement("query 7", "utility statement", "VACUUM orders"),
            SkippedStatement("query 8", "utility statement", "ANALYZE"),
            SkippedStatement("query 9", 'cannot be planned: relation "gone" does not exist', "TABLE gone"),
        ),
    ),
    recommendations=(BY_USER_INDEX, PENDING_INDEX),
    rejections=(OVER_BUDGET,),
    effects=(
        QueryEffect(BY_USER, 12345.0, 102.9),
        QueryEffect(PENDING, 900.0, 281.25),
        QueryEffect(REPORT, 4000.0, 4000.0),
        QueryEffect(INSERT, 500.0, 510.5),
        QueryEffect(BY_TOTAL, 3000.0, 3000.0),
    ),
    cost=645_000.0,
    write_cost=8_000.0,
    certificate=Certificate(412, 0.637, 0.645, complete=True),
    effort=Effort(2341, 11_020, 870, 3.2, 2),
    remarks=("Statistics were reset 3 days ago.",),
)
NOTHING = advice(
    certificate=Certificate(38, 1.0, 1.0, complete=True),
    rejections=(
        replace(OVER_BUDGET, reason=Rejected.WRITE_COST, detail="Writes would cost 14 %."),
        OVER_BUDGET,
    ),
    effort=Effort(120, 30, 0, 0.4, 1),
)
NO_CANDIDATE = advice(effects=(QueryEffect(BY_USER, 8.4, 8.4),))
TOTAL_INDEX = existing("orders_total_idx", "total")
UNUSED = Finding(
    rule="unused-index",
    severity=Severity.WARNING,
    at="index public.orders_note_idx",
    node=None,
    message="public.orders_note_idx was not scanned once in 90 days",
    detail="Inserts and updates wrote up to 250,000 entries meanwhile.",
    hint="Drop it.",
    action=drop_action(existing("orders_note_idx", "note")),
    saving_ms=None,
    share=0.0,
    key="unused-index:public.orders_note_idx",
    frees_bytes=30 * MB,
)
DROPS = advice(
    recommendations=(
        replace(
            BY_USER_INDEX,
            replaces=(existing("orders_user_id_idx", "user_id"),),
            ties=("public.orders (user_id) INCLUDE (total, status)",),
            notes=("VACUUM keeps the pages all-visible, on which the index-only scan rests.",),
        ),
    ),
    drops=(
        Drop(
            TOTAL_INDEX,
            drop_action(TOTAL_INDEX),
            "No query of the workload gets dearer by more than 4.0 % without it.",
            (QueryEffect(BY_TOTAL, 3000.0, 3120.0, "Seq Scan on orders"),),
            WriteCost(3000.0, 250_000.0, 0.2, 0.0),
        ),
    ),
    existing=(
        UNUSED,
        replace(UNUSED, action=drop_action(TOTAL_INDEX), message="and one that is dropped above"),
    ),
    cost=700_000.0,
    write_cost=-1800.0,
    certificate=Certificate(40, 0.7, 0.7, complete=True),
)
OTHER_MAJOR = replace(
    TYPICAL,
    shadow=ShadowNote(
        "PostgreSQL 15.18",
        "PostgreSQL 18.6",
        same_major=False,
        left_out=("table public.places: type geometry needs postgis", "b: c", "c: d", "d: e"),
        unseen=("statistics of public.salaries",),
    ),
)
MEASURED = replace(
    TYPICAL,
    verification=Verification(
        "PostgreSQL 18.6 (embedded)",
        (
            Measurement(replace(BY_USER, values=("42",)), 25.8, 0.21, 7040, 5, values_from_statistics=True),
            Measurement(REPORT, 4.0, 4.4, 90, 0),
        ),
        built_bytes=125 * MB,
        estimated_bytes=122 * MB,
        unmeasured=("query 1003: it writes", "query 1004: the statistics suggest no value for $1"),
    ),
)
INTERRUPTED = replace(
    TYPICAL, certificate=Certificate(412, 0.5, 0.645, complete=False, stopped_by="interrupt")
)
_NOT_IN = AppliedRule(
    "not-in-subquery",
    Severity.WARNING,
    Change("SELECT 1", "NOT IN a sub-query cannot be joined", facts=("users.id is NOT NULL",)),
)
REWRITES = replace(
    TYPICAL,
    recommendations=(
        replace(BY_USER_INDEX, notes=("Superfluous once query 1000 is rewritten: see the rewrites.",)),
        PENDING_INDEX,
    ),
    rewrites=(
        RewriteChoice(BY_USER, "SELECT 1", (_NOT_IN,), 12345.0, 102.9, 60.25, 60.25),
        RewriteChoice(PENDING, "SELECT 2", (_NOT_IN, _NOT_IN), 900.0, 281.25, 300.0, 12.0),
        *(RewriteChoice(REPORT, "SELECT 3", (_NOT_IN,), 4000.0, 4000.0, 80.0, 80.0) for _ in range(4)),
    ),
)
HOSTILE = advice(
    version=EVIL,
    shadow=ShadowNote(EVIL, EVIL, same_major=False, left_out=(EVIL,), unseen=(EVIL,)),
    coverage=Coverage(WorkloadOrigin.LOGS, 1, 2, 1.0, 2.0, (SkippedStatement(EVIL, EVIL, EVIL),)),
    recommendations=(
        recommended(
            Index(RelationName(EVIL, "orders"), (IndexPart("user_id"),)),
            "an_idx",
            effects=(QueryEffect(replace(BY_USER, name=EVIL, text=EVIL), 10.0, 1.0, EVIL),),
            write_cost=WriteCost(1.0, 1.0, 1.0, 1.0, (EVIL,)),
            replaces=(replace(TOTAL_INDEX, name=RelationName(EVIL, EVIL)),),
            ties=(EVIL,),
            notes=(EVIL,),
        ),
    ),
    drops=(Drop(TOTAL_INDEX, drop_action(TOTAL_INDEX), EVIL, ()),),
    rejections=(replace(OVER_BUDGET, detail=EVIL),),
    existing=(replace(UNUSED, message=EVIL, detail=EVIL, hint=EVIL, at=EVIL),),
    effects=(QueryEffect(replace(BY_USER, name=EVIL, text=EVIL), 10.0, 1.0, EVIL),),
    certificate=Certificate(1, 0.5, 0.6, complete=False, stopped_by=EVIL),
    verification=Verification(
        EVIL, (Measurement(replace(BY_USER, name=EVIL, values=(EVIL,)), 2.0, 1.0, 2, 1),), 1, 1, (EVIL,)
    ),
    remarks=(EVIL,),
    rewrites=(
        RewriteChoice(
            replace(BY_USER, name=EVIL, text=EVIL),
            EVIL,
            (AppliedRule("a-rule", Severity.WARNING, Change(EVIL, EVIL, facts=(EVIL,))),),
            4.0,
            3.0,
            2.0,
            1.0,
        ),
    ),
)
BY_TITLE = {
    "Two indexes": TYPICAL,
    "Nothing to suggest": NOTHING,
    "No candidate": NO_CANDIDATE,
    "A drop, a tie and a redundant index": DROPS,
    "Another major": OTHER_MAJOR,
    "Measured": MEASURED,
    "Interrupted": INTERRUPTED,
    "Rewrites": REWRITES,
}


def drawn(what: IndexAdvice, width: int = 100, *, everything: bool = False, terminal: bool = False) -> str:
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
