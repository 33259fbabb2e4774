"""Rewrite advice as JSON: what the schema promises, for advice that no run has given."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from pgtune.model.equivalence import Counterexample, Outcome, Side, TableRows
from pgtune.model.names import RelationName
from pgtune.model.rewrite_advice import RewriteAdvice
from pgtune.report.rewrite_advice_json import render_json
from tests.cli.program import REPOSITORY
from tests.report.rewrite_advices import (
    BY_TITLE,
    HOSTILE,
    INSERT_LOOP,
    JOINED,
    LOOPS,
    NOT_EXISTS,
    PROVEN_REWRITE,
    TESTED,
    TYPICAL,
    advice,
)

SCHEMA = json.loads((REPOSITORY / "docs" / "rewrite-advice-schema.json").read_text(encoding="utf-8"))
DIFFERS = replace(
    TESTED,
    outcome=Outcome.DIFFERENT,
    counterexample=Counterexample(
        (TableRows(RelationName("public", "logs"), ("data",), ((None,),)),),
        (),
        Side(()),
        Side(()),
        "1 row, 2",
    ),
)
REFUTED_LOOP = advice(loops=(replace(INSERT_LOOP, batch=None, test=DIFFERS),))
MADE = {**BY_TITLE, "hostile": HOSTILE, "empty": advice(), "refuted loop": REFUTED_LOOP}


def as_json(made: RewriteAdvice) -> Any:
    return json.loads(render_json(made))


@pytest.mark.parametrize("made", MADE.values(), ids=list(MADE))
def test_every_advice_follows_the_schema(made: RewriteAdvice) -> None:
    jsonschema.validate(as_json(made), SCHEMA)


def test_the_schema_refuses_a_field_that_it_does_not_know() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**as_json(TYPICAL), "surprise": 1}, SCHEMA)


def test_the_schema_itself_is_valid_and_knows_every_object_wholly() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [part for part in (SCHEMA, *SCHEMA["$defs"].values()) if "properties" in part]
    assert len(objects) > 15
    assert [part for part in objects if part["required"] != list(part["properties"])] == []


def test_a_rewrite_is_there_with_its_place_its_proof_and_its_plans() -> None:
    written = as_json(TYPICAL)["rewrites"][0]
    assert written["sql"] == NOT_EXISTS
    assert written["where"] == {
        "place": "queries/never.sql",
        "file": "queries/never.sql",
        "line": 1,
        "end_line": None,
    }
    assert written["label"] == "proven"
    assert written["rules"][0]["facts"] == ["users.id is NOT NULL", "orders.user_id is NOT NULL"]
    assert (written["before"]["cost"], written["after"]["cost"]) == (12345.0, 678.0)
    assert [(node["depth"], node["node"]) for node in written["after"]["plan"]] == [
        (0, "Hash Anti Join"),
        (1, "Seq Scan on users"),
        (1, "Index Only Scan on orders"),
    ]
    assert written["test"]["not_empty"] == 312
    assert written["times"]["before_ms"] == 812.0


def test_a_line_in_a_name_is_not_part_of_the_file() -> None:
    assert as_json(TYPICAL)["rewrites"][1]["where"] == {
        "place": "queries/reports.sql:12",
        "file": "queries/reports.sql",
        "line": 12,
        "end_line": None,
    }


def test_a_replacement_for_nothing_has_no_factor() -> None:
    made = advice(rewrites=(replace(PROVEN_REWRITE, after=replace(JOINED, cost=0.0)),))
    assert as_json(made)["rewrites"][0]["cost_factor"] is None


def test_loops_lead_to_their_lines() -> None:
    where = [loop["where"] for loop in as_json(LOOPS)["loops"]]
    assert [(each["file"], each["line"], each["end_line"]) for each in where] == [
        ("postgresql.log", 120, None),
        ("app.log", 7, 90),
        ("fix.sql", 1, 40),
        (None, None, None),
    ]


def test_values_of_a_loop_are_not_passed_on() -> None:
    secret = replace(INSERT_LOOP, loop=replace(INSERT_LOOP.loop, values=(("hunter2",),)))
    assert "hunter2" not in render_json(advice(loops=(secret,)))


def test_only_what_its_label_allows_is_offered() -> None:
    offered = {loop["key"].partition(":")[0]: loop["is_offered"] for loop in as_json(LOOPS)["loops"]}
    assert offered == {
        "n-plus-one": True,
        "row-by-row-select": True,
        "row-by-row-update": False,
        "row-by-row-insert": False,
    }


def test_a_refuted_batch_shows_the_rows_that_refute_it() -> None:
    written = as_json(REFUTED_LOOP)["loops"][0]["test"]["counterexample"]
    assert written == {"difference": "1 row, 2", "inserts": ["INSERT INTO public.logs (data) VALUES (NULL);"]}
