"""The version of PgBouncer has published vulnerabilities.

The version is the one that its console tells, else the one that is declared. Some of them need a setting
that is not the default; a distribution may have brought a fix into its package without changing the
version.

Instead of:
    pgbouncer 1.25.1
Use:
    pgbouncer 1.26.1

Ignore when: the changelog of the distribution's package names each of them.
Source: https://www.pgbouncer.org/changelog.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.place import Place
from pgtune.model.pools.declared_pooler import PoolerKind
from pgtune.model.pools.fleet import Fleet
from pgtune.model.pools.pooler_state import Poolers
from pgtune.rules.configured_poolers import version_of
from pgtune.rules.pgbouncer_vulnerabilities import Version, Vulnerability, vulnerabilities_of
from pgtune.rules.session_clients import at_most

SEVERITY = Severity.WARNING
_MAX_NAMED = 5  # in one finding; chosen


@dataclass(frozen=True, slots=True)
class _PgBouncer:
    name: str
    version: Version
    place: Place | None


def check(poolers: Poolers | None, fleet: Fleet | None) -> Iterator[Symptom | Note]:
    """Yield each PgBouncer with a known vulnerability."""
    for pooler in _pgbouncers(poolers, fleet):
        found = vulnerabilities_of(pooler.version)
        version = _written(pooler.version)
        if not found:
            yield Note(f"{pooler.name}: PgBouncer {version} has no vulnerability that is known here", None)
            continue
        yield Symptom(
            message=f"PgBouncer {version} has {len(found)} known"
            f" {'vulnerability' if len(found) == 1 else 'vulnerabilities'}",
            cause=Cause.CONNECTIONS,
            object=pooler.name,
            at=pooler.name,
            place=pooler.place,
            detail=f"{at_most([_described(each) for each in found], _MAX_NAMED)}.",
            hint=f"Update to {_written(max(each.fixed_in for each in found))} or later,"
            " or see that the package has the fixes.",
        )


def _pgbouncers(poolers: Poolers | None, fleet: Fleet | None) -> Iterator[_PgBouncer]:
    """What runs, then what is declared and was not asked."""
    places = {pooler.name: pooler.place for pooler in (fleet.poolers if fleet else ())}
    running = {pooler.name: pooler.version for pooler in (poolers.all if poolers else ())}
    for name, version in running.items():
        yield _PgBouncer(name, version, places.get(name))
    for pooler in fleet.poolers if fleet else ():
        declared = version_of(pooler)
        if pooler.kind is PoolerKind.PGBOUNCER and pooler.name not in running and declared is not None:
            major, minor, patch = (*declared, 0, 0)[:3]
            yield _PgBouncer(pooler.name, (major, minor, patch), pooler.place)


def _described(found: Vulnerability) -> str:
    return f"{found.cve} ({found.effect}, fixed in {_written(found.fixed_in)})"


def _written(version: Version) -> str:
    return ".".join(str(number) for number in version)
