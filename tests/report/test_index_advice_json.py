"""Index advice as JSON: what the schema promises, for advice that no run has given."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from pgtune.model.index_advice import IndexAdvice
from pgtune.report.index_advice_json import render_json
from tests.cli.program import REPOSITORY
from tests.report.index_advices import BY_TITLE, DROPS, HOSTILE, INTERRUPTED, MEASURED, TYPICAL, advice

SCHEMA = json.loads((REPOSITORY / "docs" / "index-advice-schema.json").read_text(encoding="utf-8"))


def as_json(made: IndexAdvice) -> Any:
    return json.loads(render_json(made))


@pytest.mark.parametrize("made", [*BY_TITLE.values(), HOSTILE, advice()], ids=[*BY_TITLE, "hostile", "empty"])
def test_every_advice_follows_the_schema(made: IndexAdvice) -> None:
    jsonschema.validate(as_json(made), SCHEMA)


def test_the_schema_refuses_a_field_that_it_does_not_know() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**as_json(TYPICAL), "surprise": 1}, SCHEMA)


def test_the_schema_itself_is_valid_and_knows_every_object_wholly() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    assert [part for part in objects if part["required"] != list(part["properties"])] == []


def test_an_effect_leads_to_its_query() -> None:
    written = as_json(TYPICAL)
    numbers = {query["query"]: query["text"] for query in written["queries"]}
    first = written["indexes"][0]["effects"][0]
    assert numbers[first["query"]] == "SELECT status, total\n  FROM orders WHERE user_id = $1"
    assert (first["cost_before"], first["cost_after"]) == (12345.0, 102.9)


def test_figures_are_those_of_the_advice() -> None:
    written = as_json(INTERRUPTED)
    assert written["workload"] == {
        "cost_before": 1_000_000.0,
        "cost_after": 645_000.0,
        "cost_share": 0.645,
        "write_cost": 8000.0,
    }
    assert written["certificate"]["stopped_by"] == "interrupt"
    assert written["certificate"]["gap_share"] == pytest.approx(1 - 0.5 / 0.645, abs=1e-6)
    assert written["size_bytes"] == sum(index["size_bytes"] for index in written["indexes"])


def test_what_to_run_is_there_word_by_word() -> None:
    written = as_json(DROPS)
    statements = [part["action"]["sql"] for part in (*written["indexes"], *written["drops"])]
    assert statements == [action.sql for action in DROPS.actions]
    assert written["drops"][0]["name"] == "public.orders_total_idx"


def test_measurements_have_units_in_their_names() -> None:
    assert as_json(MEASURED)["verification"]["measurements"][0] == {
        "query": 0,
        "name": "query 1000",
        "before_ms": 25.8,
        "after_ms": 0.21,
        "before_blocks": 7040,
        "after_blocks": 5,
        "values": ["42"],
        "values_from_statistics": True,
    }
