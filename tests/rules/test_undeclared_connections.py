"""Peaks of sessions, whose keys YAML cannot write, against what a pool may open."""

from __future__ import annotations

import pytest

from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule
from pgtune.model.evidence import Evidence
from pgtune.model.policy import Policy
from pgtune.model.pools.sessions import SessionPeaks
from tests.pool_evidence import read_pool_evidence

ONE_SESSION = """
Fleet:
  services: [{name: api, replicas: 2, surge: {count: 0}, pools: [{name: main, max_size: 2, role: api}]}]
Sessions:
  all: [{pid: 1, role: api, database: app, application_name: web, client_address: null,
         state: idle, age_s: 9, state_age_s: 1, transaction_age_s: null}]
"""


@pytest.mark.parametrize(
    ("peak", "messages"),
    [(5, ["5 sessions seen, and 4 at most are declared"]), (4, [])],
)
def test_most_sessions_of_all_samples_count(peak: int, messages: list[str]) -> None:
    peaks = SessionPeaks(samples=3, by_client={("api", "web"): peak})
    evidence = Evidence((*read_pool_evidence(ONE_SESSION).items, peaks))
    found = review([find_rule("undeclared-connections")], evidence, Policy()).findings
    assert [finding.message for finding in found] == messages


def test_pool_that_an_earlier_sample_saw_is_in_use() -> None:
    evidence = read_pool_evidence(ONE_SESSION.replace("pid: 1, role: api", "pid: 1, role: other"))
    peaks = SessionPeaks(samples=3, by_client={("api", "web"): 1})
    found = review(
        [find_rule("undeclared-connections")], Evidence((*evidence.items, peaks)), Policy()
    ).findings
    assert [finding.key for finding in found] == ["undeclared-connections:other/web"]
