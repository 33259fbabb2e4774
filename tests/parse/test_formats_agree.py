"""The same plan in text, JSON, YAML and XML reads as the same raw plan."""

import json
from pathlib import Path

import pytest

from pgtune.parse.raw_plan import read_raw_plans
from tests.parse.raw_comparison import differences, without_defaults

CORPUS = Path(__file__).parents[1] / "corpus"
# One server, one statement, EXPLAINed in four formats without times: they agree to the last digit.
SAME_RUN = sorted((CORPUS / "formats").glob("*.json"))
# Text and JSON are two runs of the same statement.
TWO_RUNS = sorted(path.with_suffix(".json") for path in (CORPUS / "matrix").glob("*.txt"))

# What two runs of one statement may do differently: times, caching, WAL.
_VARIES = frozenset(
    {
        f"{kind} {action} Blocks"
        for kind in ("Shared", "Local", "Temp")
        for action in ("Hit", "Read", "Dirtied", "Written")
    }
    | {
        f"{kind}I/O {action} Time"
        for kind in ("", "Shared ", "Local ", "Temp ")
        for action in ("Read", "Write")
    }
    | {"Actual Startup Time", "Actual Total Time", "Planning Time", "Execution Time", "Time"}
    | {"WAL Bytes", "WAL Records", "WAL FPI", "Planning"}
)
# How the rows fall to the processes of a parallel plan is decided anew in each run.
_VARIES_IN_PARALLEL = frozenset(
    {"Actual Rows", "Actual Loops", "Workers", "Exact Heap Blocks", "Lossy Heap Blocks", "Peak Memory Usage"}
)
# The text format does not say these.
_TRIGGER_WITHOUT_RELATION = frozenset({"Relation"})
_CHILD_OF_MODIFY_TABLE = frozenset({"Parent Relationship"})  # Member up to 13, Outer from 14 on
HONEST_EXCEPTIONS = {
    "insert": _TRIGGER_WITHOUT_RELATION,
    "merge": _TRIGGER_WITHOUT_RELATION,
    "triggers": _TRIGGER_WITHOUT_RELATION
    | {"Trigger Name"},  # the name of a constraint trigger needs VERBOSE
    "delete.12": _CHILD_OF_MODIFY_TABLE,
    "delete.13": _CHILD_OF_MODIFY_TABLE,
    "insert.12": _CHILD_OF_MODIFY_TABLE | _TRIGGER_WITHOUT_RELATION,
    "insert.13": _CHILD_OF_MODIFY_TABLE | _TRIGGER_WITHOUT_RELATION,
    "tablesample": frozenset({"Actual Rows"}),  # each run draws another sample
    "update.12": _CHILD_OF_MODIFY_TABLE,
    "update.13": _CHILD_OF_MODIFY_TABLE,
}


def _exceptions(path: Path) -> frozenset[str]:
    name = path.stem
    return HONEST_EXCEPTIONS.get(name, HONEST_EXCEPTIONS.get(name.partition(".")[0], frozenset()))


def _compare(text: str, document: str, varies: frozenset[str]) -> list[str]:
    from_text, from_json = read_raw_plans(text), read_raw_plans(document)
    return differences(without_defaults(from_text), without_defaults(from_json), varies)


def test_the_corpus_is_there() -> None:
    assert len(SAME_RUN) >= 30
    assert len(TWO_RUNS) == 277


@pytest.mark.parametrize("path", SAME_RUN, ids=lambda path: path.stem)
def test_text_equals_json_of_the_same_run(path: Path) -> None:
    text = path.with_suffix(".txt").read_text()
    assert _compare(text, path.read_text(), _exceptions(path)) == []


@pytest.mark.parametrize("path", SAME_RUN, ids=lambda path: path.stem)
def test_yaml_and_xml_equal_json_without_exception(path: Path) -> None:
    expected = read_raw_plans(path.read_text())
    assert read_raw_plans(path.with_suffix(".yaml").read_text()) == expected
    assert read_raw_plans(path.with_suffix(".xml").read_text()) == expected


@pytest.mark.parametrize("path", TWO_RUNS, ids=lambda path: path.stem)
def test_text_equals_json_of_another_run_in_all_that_does_not_vary(path: Path) -> None:
    document = path.read_text()
    varies = (
        _VARIES | _exceptions(path) | (_VARIES_IN_PARALLEL if "Workers Launched" in document else frozenset())
    )
    assert _compare(path.with_suffix(".txt").read_text(), document, varies) == []


@pytest.mark.parametrize(
    "path", sorted((CORPUS / "matrix").glob("*.1[3-8].json")), ids=lambda path: path.stem
)
def test_json_is_given_as_the_server_wrote_it(path: Path) -> None:
    plans = [plan for plan in json.loads(path.read_text()) if "Plan" in plan]
    assert read_raw_plans(path.read_text()) == plans


@pytest.mark.parametrize("path", TWO_RUNS + SAME_RUN, ids=lambda path: path.stem)
def test_no_line_of_the_corpus_is_unknown(path: Path) -> None:
    assert "Extra Lines" not in json.dumps(read_raw_plans(path.with_suffix(".txt").read_text()))


def test_sort_space_and_actuals_of_a_worker_are_one_worker_up_to_12() -> None:
    [plan] = read_raw_plans((CORPUS / "matrix" / "parallel.12.json").read_text())
    node = plan["Plan"]
    while node["Node Type"] != "Sort" or "Workers" not in node:
        node = node["Plans"][0]
    assert [worker["Worker Number"] for worker in node["Workers"]] == [0, 1]
    assert all({"Sort Method", "Actual Rows"} <= worker.keys() for worker in node["Workers"])
