"""Plans that came through other hands: editors, chats, a session of psql, other servers and tools."""

import textwrap

import pytest

from pgtune.errors import PlanError
from pgtune.parse.input_kind import InputKind, classify
from pgtune.parse.plans import parse_plans
from pgtune.parse.raw_plan import RawNode, RawPlan, read_raw_plans

PLAN = textwrap.dedent("""\
    Hash Join  (cost=33.10..71.20 rows=120 width=16) (actual time=0.310..0.920 rows=118 loops=1)
      Hash Cond: (o.customer_id = c.id)
      CTE late
        ->  Limit  (cost=0.00..8.10 rows=40 width=8) (actual time=0.020..0.110 rows=40 loops=1)
              ->  Sort  (cost=8.10..8.30 rows=90 width=8) (actual time=0.019..0.101 rows=40 loops=1)
                    Sort Key: orders.due
                    ->  Seq Scan on orders  (cost=0.00..7.90 rows=90 width=8) (never executed)
      ->  CTE Scan on late o  (cost=0.00..0.80 rows=40 width=8) (actual time=0.022..0.140 rows=40 loops=1)
      ->  Hash  (cost=20.00..20.00 rows=900 width=8) (actual time=0.210..0.210 rows=900 loops=1)
            ->  Seq Scan on customers c  (cost=0.00..20.00 rows=900 width=8) (never executed)
    Execution Time: 0.990 ms
    """)


def _tabs_at_stops_of(width: int, line: str) -> str:
    text = line.lstrip(" ")
    tabs, blanks = divmod(len(line) - len(text), width)
    return "\t" * tabs + " " * blanks + text


def _tab_for_the_last_four_blanks(line: str) -> str:
    text = line.lstrip(" ")
    indentation = len(line) - len(text)
    return " " * (indentation - 4) + "\t" + text if indentation >= 4 else line


@pytest.mark.parametrize("width", [4, 8])
def test_tabs_in_place_of_blanks_leave_the_tree_as_it_is(width: int) -> None:
    lines = [_tabs_at_stops_of(width, line) for line in PLAN.split("\n")]
    assert read_raw_plans("\n".join(lines)) == read_raw_plans(PLAN)


def test_a_tab_in_place_of_four_blanks_leaves_the_tree_as_it_is() -> None:
    lines = [_tab_for_the_last_four_blanks(line) for line in PLAN.split("\n")]
    assert read_raw_plans("\n".join(lines)) == read_raw_plans(PLAN)


@pytest.mark.parametrize(
    "part", ["cost=33", "cost=33.10..7", "rows=1", " width", "actual tim", "0.310..0", "loops="]
)
def test_one_line_broken_inside_its_numbers_is_joined(part: str) -> None:
    at = PLAN.index(part) + len(part)
    assert read_raw_plans(f"{PLAN[:at]}\n{PLAN[at:]}") == read_raw_plans(PLAN)


def test_numbers_moved_to_a_line_of_their_own_are_joined() -> None:
    moved = PLAN.replace(" (actual", "\n         (actual")
    assert read_raw_plans(moved) == read_raw_plans(PLAN)


@pytest.mark.parametrize("indentation", ["", " ", "      "])
def test_a_list_broken_behind_a_comma_is_joined(indentation: str) -> None:
    whole = PLAN.replace("Sort Key: orders.due", "Sort Key: orders.due, orders.id, orders.a")
    assert read_raw_plans(whole.replace("id, ", f"id,\n{indentation}")) == read_raw_plans(whole)


def test_a_remark_behind_a_time_is_no_part_of_it() -> None:
    [plan] = read_raw_plans(PLAN.replace("0.990 ms", "0.990 ms  <- far too slow"))
    assert plan["Execution Time"] == 0.99


def test_the_end_of_a_markdown_block_is_no_line_of_the_plan() -> None:
    assert read_raw_plans(f"It is slow:\n\n```\n{PLAN}```\n") == read_raw_plans(PLAN)


_ROOT = "Limit  (cost=0.00..1.00 rows=1 width=8)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=8)\n", "begins with an arrow at line 1"),
        (f"{_ROOT}\n->  Seq Scan on t\n      Filter: (a = 1)\n", "lost the indentation of line 2"),
        (f"\n {_ROOT}\n -> Result\n", "lost the indentation of line 3"),
    ],
    ids=["a part of a plan", "all arrows at the left", "one blank before each arrow"],
)
def test_text_that_does_not_tell_the_tree_is_refused(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        read_raw_plans(text)


SESSION = """\
-- what the planner makes of it
set enable_hashjoin = off;
NOTICE:  the answer may differ
explain select * from t where a = 1;
             QUERY PLAN
------------------------------------
 Seq Scan on t
   Filter: (a = 1)
(2 rows)

select 1/0;
ERROR:  division by zero
"""


@pytest.mark.parametrize("name", ["-", "session.log", "session.out", "session"])
def test_a_session_of_psql_is_a_plan_even_if_the_server_spoke(name: str) -> None:
    assert classify(name, SESSION) is InputKind.PLAN
    [plan] = read_raw_plans(SESSION)
    assert plan["Plan"]["Filter"] == "(a = 1)"


def test_a_log_that_quotes_the_name_of_the_column_stays_a_log() -> None:
    log = "2026-03-01 10:00:00.123 UTC [77] LOG:  statement: select 'x\n\tQUERY PLAN\n\t'\n"
    assert classify("postgresql.log", log) is InputKind.LOG


def test_statistics_of_greenplum_stay_apart_from_the_tree() -> None:
    [plan] = read_raw_plans(
        textwrap.dedent("""\
        Gather Motion 4:1  (slice1; segments: 4)  (cost=0.00..431.00 rows=10 width=4)
          Rows out:  12 rows at destination with 1.5 ms to end, start offset by 2.1 ms.
          ->  Seq Scan on t  (cost=0.00..431.00 rows=3
        width=4)
        Slice statistics:
          (slice0)    Executor memory: 200K bytes.
          (slice1)    Executor memory: 90K bytes avg x 4 workers, 91K bytes max (seg2).
        Statement statistics:
          Memory used: 64000K bytes
        Settings:  optimizer=on; work_mem=64MB
        Optimizer status: legacy query optimizer
        Total runtime: 5.250 ms
        """)
    )
    assert plan["Plan"]["Plans"][0]["Plan Width"] == 4
    assert len(plan["Slice statistics"]["Extra Lines"]) == 2
    assert plan["Statement statistics"] == {"Memory used": "64000K bytes"}
    assert plan["Settings"] == {"optimizer": "on", "work_mem": "64MB"}
    assert plan["Execution Time"] == 5.25


def test_the_plan_of_a_worker_inside_xml_is_part_of_the_node() -> None:
    inner = "<explain><Query><Plan><Node-Type>Result</Node-Type></Plan></Query></explain>"
    first = f"<Task><Node>a</Node><Remote-Plan>{inner}</Remote-Plan></Task>"
    job = f"<Tasks>{first}<Task><Node>b</Node></Task></Tasks>"
    node = f"<Node-Type>Custom Scan</Node-Type><Distributed-Query><Job>{job}</Job></Distributed-Query>"
    document = f"<explain>\n<Query><Plan>{node}</Plan></Query>\n</explain>"
    both: list[RawPlan] = read_raw_plans(f"{document}\n{document}\n")
    assert [plan["Plan"]["Node Type"] for plan in both] == ["Custom Scan", "Custom Scan"]
    tasks: list[RawNode] = both[0]["Plan"]["Distributed Query"]["Job"]["Tasks"]
    assert [task["Node"] for task in tasks] == ["a", "b"]
    with pytest.raises(PlanError, match="XML plan is cut off at line 2"):
        read_raw_plans(document.rpartition("\n")[0])


def test_nulls_are_values_that_were_not_measured() -> None:
    [plan] = parse_plans(
        '[{"Plan": {"Node Type": "Sort", "Sort Key": null, "Alias": null, "Total Cost": null, "Filter": null,'
        ' "Actual Loops": null, "Shared Hit Blocks": null}}]'
    )
    assert (plan.root.sort_key, plan.root.alias, plan.root.quals.filter) == ((), None, None)
    assert (plan.root.estimate, plan.root.actual, plan.root.buffers.shared_hit_blocks) == (None, None, 0)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ('{"Relation Name": "t"}', 'no "Node Type" where EXPLAIN prints one'),
        ('{"Node Type": "Sort", "Shared Hit Blocks": "many"}', "\"Shared Hit Blocks\" of node 1 is 'many'"),
        (
            '{"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Workers Planned": "?"}]}',
            "of node 2 is '[?]'",
        ),
        ('{"Node Type": "Sort", "Plans": [7]}', "a value of a wrong type"),
    ],
)
def test_a_value_that_explain_never_prints_is_refused_by_its_name(node: str, message: str) -> None:
    with pytest.raises(PlanError, match=message) as caught:
        parse_plans(f'[{{"Plan": {node}}}]')
    assert "\n" not in str(caught.value)
