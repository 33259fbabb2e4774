"""Every sample query trips the rules that it names, on the embedded PostgreSQL, as a newcomer runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pgtune.analysis.rule_book import plan_rule_book
from pgtune.model.directives import Directives
from pgtune.parse.directives import read_directives
from pgtune.parse.sql_split import read_script
from tests.cli.program import REPOSITORY, pgtune

SAMPLES = sorted((REPOSITORY / "sample_queries").glob("*.sql"))


def directives(path: Path) -> Directives:
    (statement,) = read_script(path.read_text()).statements
    return read_directives(statement.comments)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_trips_the_rules_that_it_names(path: Path, sample_cache: dict[str, str]) -> None:
    said = directives(path)
    if "jit" in said.needs:
        pytest.skip("the embedded PostgreSQL is built without LLVM")
    options = ["--allow-writes"] if "allow-writes" in said.needs else []
    result = pgtune("explain", str(path), "--report", "json", *options, env=sample_cache)
    assert result.code in (0, 1), result.err
    (statement,) = json.loads(result.out)["statements"]
    found = {name for finding in statement["findings"] for name in (finding["rule"], *finding["also"])}
    if said.trips == ("none",):
        assert found == set()
    else:
        assert set(said.trips) <= found


def test_every_rule_has_a_sample() -> None:
    shown = {rule for path in SAMPLES for rule in directives(path).trips}
    assert {rule.name for rule in plan_rule_book()} - shown == set()


def test_the_second_start_says_nothing_but_that_no_database_is_configured(
    sample_cache: dict[str, str],
) -> None:
    path = str(REPOSITORY / "sample_queries" / "healthy.sql")
    pgtune("explain", path, env=sample_cache)
    assert pgtune("explain", path, env=sample_cache).err.splitlines() == [
        "pgtune: no database configured: using the embedded PostgreSQL with the sample schema"
    ]


def test_the_covering_index_of_the_sample(sample_cache: dict[str, str]) -> None:
    path = str(REPOSITORY / "sample_queries" / "orders_covering.sql")
    assert "(user_id) INCLUDE (status, total);" in pgtune("explain", path, env=sample_cache).out
