"""A version of PgBouncer in, the published vulnerabilities that it has out.

Source: https://www.pgbouncer.org/changelog.html and the records of cve.org, read up to November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, int, int]
_FIRST: Version = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One CVE, and the versions that have it: from ``since`` on, before ``fixed_in``."""

    cve: str
    effect: str
    fixed_in: Version
    since: Version = _FIRST

    def concerns(self, version: Version) -> bool:
        """True when that version has it."""
        return self.since <= version < self.fixed_in


VULNERABILITIES = (
    Vulnerability("CVE-2026-107350", "a user may log in as another by SCRAM", (1, 26, 1), (1, 17, 0)),
    Vulnerability(
        "CVE-2026-107349", "endless loop where ignore_startup_parameters is set", (1, 26, 1), (1, 20, 0)
    ),
    Vulnerability("CVE-2026-107348", "endless loop where max_packet_size is 2 GiB", (1, 26, 1), (1, 21, 0)),
    Vulnerability("CVE-2026-19888", "anybody can crash it by SCRAM", (1, 26, 0), (1, 11, 0)),
    Vulnerability("CVE-2026-6668", "anybody can make it loop by a large packet", (1, 26, 0)),
    Vulnerability("CVE-2026-6669", "a server can make it compute for ever", (1, 26, 0)),
    Vulnerability("CVE-2026-6664", "anybody can crash it by SCRAM", (1, 25, 2)),
    Vulnerability("CVE-2026-6665", "a server can overflow its stack by SCRAM", (1, 25, 2)),
    Vulnerability("CVE-2026-6666", "a server can crash it by an error", (1, 25, 2)),
    Vulnerability("CVE-2026-6667", "KILL_CLIENT without a check", (1, 25, 2), (1, 24, 0)),
    Vulnerability("CVE-2025-12819", "SQL injection through search_path and auth_query", (1, 25, 1)),
    Vulnerability("CVE-2025-2291", "expired passwords pass the default auth_query", (1, 24, 1)),
    Vulnerability("CVE-2021-3935", "SQL injection by a man in the middle of cert logins", (1, 16, 1)),
    Vulnerability("CVE-2015-6817", "unknown users log in as auth_user", (1, 6, 1), (1, 6, 0)),
)


def vulnerabilities_of(version: Version) -> tuple[Vulnerability, ...]:
    """The known ones, the newest first."""
    return tuple(each for each in VULNERABILITIES if each.concerns(version))
