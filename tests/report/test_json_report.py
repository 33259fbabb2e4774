"""The JSON report: what the schema promises, for reports that no run has made."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from pgtune.model.diagnosis import Failure, Occurrences, Origin, Repeats, Report
from pgtune.model.finding import Note
from pgtune.model.place import Place
from pgtune.model.review import Review, Skipped
from pgtune.report.json_report import render_json
from tests.cli.program import REPOSITORY
from tests.report.reports import PLAN, REWRITE, SLOW_SCAN, explained, report

SCHEMA = json.loads((REPOSITORY / "docs" / "report-schema.json").read_text(encoding="utf-8"))
PLANNED = explained("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)")
WITHOUT_COSTS = explained("Seq Scan on t")
FULL = replace(
    explained(PLAN, SLOW_SCAN, replace(SLOW_SCAN, node=None, action=None, saving_ms=None)),
    origin=Origin.ANALYZED,
    query='SELECT "Ünï ""x"""',
    remarks=("a remark",),
    notices=("WARNING: a notice",),
    repeats=Repeats(9.0, (1.0, 3.0, 2.0), 2.0),
    occurrences=Occurrences(3, 12.5),
    review=Review(
        (SLOW_SCAN,),
        minor=(SLOW_SCAN,),
        notes=(Note("fine", None),),
        skipped=(Skipped("disk-sort", ("EXPLAIN ANALYZE",)),),
        allowed=(SLOW_SCAN,),
    ),
    rewrite=REWRITE,
)
FAILED = report(failures=(Failure(Place("a.sql", 2), "no such file", 2),))


def as_json(made: Report) -> Any:
    return json.loads(render_json(made))


@pytest.mark.parametrize(
    "made",
    [report(), report(explained()), report(PLANNED), report(WITHOUT_COSTS), report(FULL), FAILED],
    ids=["empty", "measured", "planned", "without costs", "full", "failed"],
)
def test_every_report_follows_the_schema(made: Report) -> None:
    jsonschema.validate(as_json(made), SCHEMA)


def test_the_schema_refuses_a_field_that_it_does_not_know() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**as_json(report()), "surprise": 1}, SCHEMA)


def test_own_figures_of_the_nodes_sum_to_the_root() -> None:
    nodes = as_json(report(explained()))["statements"][0]["nodes"]
    assert sum(node["own_ms"] for node in nodes) == pytest.approx(nodes[0]["wall_ms"])
    assert sum(node["own_buffers"].get("shared_hit_blocks", 0) for node in nodes) == 100
    assert [node["parent"] for node in nodes] == [None, 1, 2, 2]


def test_spread_is_that_of_the_warm_runs() -> None:
    repeats = as_json(report(FULL))["statements"][0]["repeats"]
    assert repeats == {"cold_ms": 9.0, "warm_ms": [1.0, 3.0, 2.0], "median_ms": 2.0, "spread_ms": 2.0}


def test_text_that_is_not_ascii_is_written_as_it_is() -> None:
    assert "Ünï" in render_json(report(FULL))
