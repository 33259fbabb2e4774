"""A PoolCheckRequest in, a PoolCheck out: the fleet is read, the server looked at, every rule run."""

from __future__ import annotations

from pathlib import Path

from pgtune import __version__
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import pool_rule_book
from pgtune.cli.pool_check_request import PoolCheckRequest
from pgtune.cli.pool_evidence import look_at
from pgtune.cli.screen import bar_on_terminal
from pgtune.errors import UsageError
from pgtune.model.evidence import Evidence
from pgtune.model.policy import Policy
from pgtune.model.pools.demand import demand, largest_pool, reserve
from pgtune.model.pools.pool_check import CheckResult, PoolCheck
from pgtune.model.rule import Rule
from pgtune.sources.fleet_files import read_fleet


def check_pools(request: PoolCheckRequest) -> PoolCheck:
    """Do what the request says.

    Raises:
        UsageError: a file or a setting cannot be used, or there is nothing to check.
        ServerError: a server cannot be reached, or refuses.
    """
    fleet, remarks = read_fleet(Path(), request.config, request.files)
    if fleet is None and request.target is None and not (request.pgbouncers or request.pool_stats):
        raise UsageError(
            "--no-database: no fleet is declared; declare one under [fleet] in the settings, "
            "or name files with --manifests, --values or --compose"
        )
    with bar_on_terminal() as on_progress:
        known = look_at(request, fleet, on_progress)
    slots = known.slots
    return PoolCheck(
        version=__version__,
        server=known.server,
        fleet=fleet,
        slots=slots,
        demand=None if fleet is None else demand(fleet),
        reserve=None if fleet is None or slots is None else reserve(fleet, slots),
        largest_pool=None if fleet is None or slots is None else largest_pool(fleet, slots),
        results=tuple(
            _result(rule, known.evidence, request.policy)
            for rule in pool_rule_book()
            if rule.name not in request.policy.ignored
        ),
        fail_on=request.fail_on,
        exercise=known.exercise,
        remarks=(*remarks, *known.remarks),
    )


def _result(rule: Rule, evidence: Evidence, policy: Policy) -> CheckResult:
    found = review([rule], evidence, policy)
    return CheckResult(
        rule=rule.name,
        summary=rule.summary,
        findings=found.findings,
        fine=tuple(note.message for note in found.notes),
        missing=tuple(dict.fromkeys(reason for each in found.skipped for reason in each.missing)),
    )
