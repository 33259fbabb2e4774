"""A verdict as JSON: what the schema promises."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from pgtune.model.equivalence_verdict import Verdict
from pgtune.report.equivalence_json import render_json
from tests.cli.program import REPOSITORY
from tests.report.verdicts import ALL, DIFFERENT, DIFFERENT_ON_DATA, DIFFERENT_WRITES, EQUAL, NOT_ON_DATA

SCHEMA = json.loads((REPOSITORY / "docs" / "equivalence-schema.json").read_text(encoding="utf-8"))


def as_json(verdict: Verdict) -> Any:
    return json.loads(render_json(verdict))


@pytest.mark.parametrize("verdict", ALL.values(), ids=ALL.keys())
def test_every_verdict_follows_the_schema(verdict: Verdict) -> None:
    jsonschema.validate(as_json(verdict), SCHEMA)


def test_the_schema_itself_is_valid_and_knows_every_object_wholly() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [part for part in (SCHEMA, *SCHEMA["$defs"].values()) if part["type"] == "object"]
    assert [part for part in objects if part["required"] != list(part["properties"])] == []


def test_the_verdict_is_that_of_both_checks() -> None:
    words = [as_json(each)["verdict"] for each in (EQUAL, DIFFERENT, DIFFERENT_ON_DATA, NOT_ON_DATA)]
    assert words == ["equal", "different", "different", "undecided"]


def test_a_counterexample_can_be_replayed() -> None:
    example = as_json(DIFFERENT)["counterexample"]
    assert example["inserts"] == [
        "INSERT INTO public.t (id, a, \"select\") VALUES ('1', NULL, 'it''s'), ('2', '', 'NULL');"
    ]
    assert (example["values"], as_json(DIFFERENT)["parameters"]) == ([["5"]], ["limit"])
    assert example["original"]["rows"] == [["1"], [None]]
    assert example["rewritten"]["rows"] == [[""]]


def test_the_last_statement_of_a_script_stands_first() -> None:
    side = as_json(DIFFERENT_WRITES)["counterexample"]["rewritten"]
    assert side["error"] == "22012 division by zero"
    assert [earlier["row_count"] for earlier in side["earlier"]] == [2]
    left = as_json(DIFFERENT_WRITES)["counterexample"]["original"]["tables"]
    assert left == [{"name": "public.t", "columns": ["id"], "rows": [["1"]]}]
