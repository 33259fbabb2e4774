"""A pool check as JSON: what the schema promises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from pgtune.model.finding import Severity
from pgtune.model.pools.pool_check import PoolCheck
from pgtune.report.pool_check_json import render_json
from tests.cli.program import REPOSITORY
from tests.report.pool_checks import (
    ACCEPTED,
    BY_TITLE,
    EXERCISED,
    HOSTILE,
    HOSTILE_NAMES,
    NO_FLEET,
    NOTHING_DONE,
    OVER_BUDGET,
    UNKNOWN_SIZE,
)

SCHEMA = json.loads((REPOSITORY / "docs" / "pool-check-schema.json").read_text(encoding="utf-8"))


def as_json(check: PoolCheck) -> Any:
    return json.loads(render_json(check))


@pytest.mark.parametrize("check", BY_TITLE.values(), ids=BY_TITLE.keys())
def test_every_check_follows_the_schema(check: PoolCheck) -> None:
    jsonschema.validate(as_json(check), SCHEMA)


def test_an_exercise_of_which_nothing_was_done_follows_the_schema() -> None:
    jsonschema.validate(as_json(replace(EXERCISED, exercise=replace(NOTHING_DONE, place=None))), SCHEMA)


def test_the_schema_itself_is_valid_and_knows_every_object_wholly() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["type"] == "object"
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False


def test_the_budget_can_be_reckoned_again() -> None:
    told = as_json(OVER_BUDGET)
    lines = {line["name"]: line["connections"] for line in told["demand"]["lines"]}
    assert lines == {"api.main": 260, "cron": 2}
    assert (told["demand"]["connections"], told["reserve"], told["slots"]["ordinary"]) == (263, 10, 97)
    assert (told["largest_pool"], told["fails"]) == (6, True)


def test_what_the_table_leaves_out_is_there() -> None:
    checks = {check["rule"]: check for check in as_json(OVER_BUDGET)["checks"]}
    assert checks["fleet-over-budget"]["findings"][0]["detail"].startswith("api.main: 13 pods")
    assert checks["double-pooling"]["status"] == "nothing to check"
    assert checks["slow-acquire"] == {
        "rule": "slow-acquire",
        "status": "unknown",
        "findings": [],
        "fine": [],
        "missing": ["needs --exercise"],
    }


def test_accepted_findings_are_marked_and_do_not_fail() -> None:
    told = as_json(ACCEPTED)
    assert [finding["accepted"] for check in told["checks"] for finding in check["findings"]] == [True, True]
    assert told["fails"] is False


def test_fails_is_what_fail_on_asks_for() -> None:
    assert [as_json(replace(OVER_BUDGET, fail_on=each))["fails"] for each in (None, Severity.INFO)] == [
        False,
        True,
    ]


def test_what_is_not_known_is_null_and_not_nought() -> None:
    told = as_json(NO_FLEET)
    assert [told[name] for name in ("demand", "reserve", "largest_pool", "exercise")] == [None] * 4
    assert as_json(UNKNOWN_SIZE)["demand"]["unknown"] == ["api.main"]


def test_names_are_kept_as_they_are() -> None:
    assert as_json(HOSTILE_NAMES)["server"] == HOSTILE
    assert "\x1b" not in render_json(HOSTILE_NAMES)
