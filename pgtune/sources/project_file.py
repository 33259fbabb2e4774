"""pgtune.toml or [tool.pgtune] of pyproject.toml in, ProjectSettings out.

[tool.pgtune]
fail-on = "warning"
ignore = ["heap-fetches"]
min-share = 0.05
timeout = "30s"

[tool.pgtune.pool]
max_size = 2

[tool.pgtune.suggest-indexes]
budget = "500MB"

[tool.pgtune.rules.seq-scan-discards]
severity = "error"
min_discarded_fraction = 0.9
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pgtune.errors import SettingsError, UsageError, system_cause
from pgtune.model.finding import Severity
from pgtune.model.index_limits import IndexLimits
from pgtune.model.policy import MIN_SHARE, Policy
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.project import ProjectSettings
from pgtune.parse.quantities import parse_share, parse_size_bytes

_KEYS = (
    "baseline",
    "dsn",
    "fail-on",
    "fleet",
    "ignore",
    "lock-timeout",
    "min-share",
    "pool",
    "rules",
    "suggest-indexes",
    "timeout",
)
_INDEX_KEYS = ("budget", "max-indexes", "max-regression", "time-limit")
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min)?")
_UNIT_MS = {"ms": 1, "s": 1000, "min": 60_000}
_MAX_DURATION_MS = 2**31 - 1  # of statement_timeout and lock_timeout


def read_project_settings(start: Path, explicit: str | None = None) -> ProjectSettings:
    """Return the settings of the nearest pgtune.toml or pyproject.toml at or above ``start``.

    ``explicit`` names the file instead. Without any, the defaults.

    Raises:
        SettingsError: the file is missing or no TOML, a key is unknown, a value impossible.
    """
    path, table = _find(_absolute(start)) if explicit is None else (Path(explicit), _read(Path(explicit)))
    if not table:
        return ProjectSettings()
    try:
        return _settings(table)
    except (UsageError, TypeError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error


def find_settings_file(start: Path, explicit: str | None = None) -> Path | None:
    """Return the file that read_project_settings reads; None where there is none.

    Raises:
        SettingsError: it is missing or no TOML.
    """
    if explicit is not None:
        _read(Path(explicit))
        return Path(explicit)
    path, table = _find(_absolute(start))
    return path if table else None


def parse_duration_ms(text: str | float) -> int:
    """Return milliseconds of "30s", "500ms", "2min", or of a bare number of milliseconds, as SET takes them.

    Raises:
        SettingsError: it is none of these.
    """
    match = _DURATION.fullmatch(str(text).strip())
    if match is None:
        raise SettingsError(f'"{text}" is no duration; write 500ms, 30s or 2min')
    duration_ms = round(float(match["number"]) * _UNIT_MS[match["unit"] or "ms"])
    if duration_ms > _MAX_DURATION_MS:
        raise SettingsError(f'"{text}" is more than the 24 days that the server allows; 0 is no limit')
    return duration_ms


def parse_severity(text: str) -> Severity | None:
    """Return the severity of that name; None for "never".

    Raises:
        SettingsError: there is no such severity.
    """
    if text == "never":
        return None
    try:
        return Severity[text.upper()]
    except KeyError:
        raise SettingsError(f'"{text}" is no severity; write info, warning, error or never') from None


def _absolute(start: Path) -> Path:
    try:
        return start.absolute()
    except FileNotFoundError:
        raise SettingsError("working directory: it was removed; change to another") from None


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - False where we may not look; Path.is_file raises there


def _find(start: Path) -> tuple[Path, Mapping[str, Any]]:
    for folder in (start, *start.parents):
        own = folder / "pgtune.toml"
        if _is_file(own):
            return own, _read(own)
        shared = folder / "pyproject.toml"
        if _is_file(shared):
            table = _read(shared)
            if table:
                return shared, table
    return start, {}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {system_cause(error)}; check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: no TOML ({error}); correct it") from error
    table: Mapping[str, Any] = content.get("tool", {}).get("pgtune", {})
    return table if path.name == "pyproject.toml" or table else content


def _settings(table: Mapping[str, Any]) -> ProjectSettings:
    unknown = sorted(table.keys() - set(_KEYS))
    if unknown:
        raise SettingsError(f'unknown setting "{unknown[0]}"; known are {", ".join(_KEYS)}')
    defaults = ProjectSettings()
    return ProjectSettings(
        policy=_policy(table),
        pool=_pool(table.get("pool", {})),
        dsn=table.get("dsn"),
        baseline=_baseline(table),
        fail_on=parse_severity(table["fail-on"]) if "fail-on" in table else defaults.fail_on,
        timeout_ms=parse_duration_ms(table.get("timeout", defaults.timeout_ms)),
        lock_timeout_ms=parse_duration_ms(table.get("lock-timeout", defaults.lock_timeout_ms)),
        indexes=_index_limits(table.get("suggest-indexes", {})),
    )


def _baseline(table: Mapping[str, Any]) -> str | None:
    path = table.get("baseline")
    if path is not None and not isinstance(path, str):
        raise SettingsError(f'baseline must be a path, not {path}; write baseline = "pgtune-baseline.json"')
    return path


def _policy(table: Mapping[str, Any]) -> Policy:
    rules: Mapping[str, Mapping[str, Any]] = table.get("rules", {})
    severities = {
        name: parse_severity(body["severity"]) for name, body in rules.items() if "severity" in body
    }
    never = {name for name, severity in severities.items() if severity is None}
    return Policy(
        ignored=frozenset(table.get("ignore", ())) | never,
        severities={name: severity for name, severity in severities.items() if severity is not None},
        thresholds={
            name: {key: float(value) for key, value in body.items() if key != "severity"}
            for name, body in rules.items()
        },
        min_share=float(table.get("min-share", MIN_SHARE)),
    )


def _pool(table: Mapping[str, Any]) -> PoolSettings:
    known = {field.name for field in fields(PoolSettings)}
    unknown = sorted(table.keys() - known)
    if unknown:
        raise SettingsError(f'unknown setting "pool.{unknown[0]}"; known are {", ".join(sorted(known))}')
    return PoolSettings(**table)


def _index_limits(table: Mapping[str, Any]) -> IndexLimits:
    unknown = sorted(table.keys() - set(_INDEX_KEYS))
    if unknown:
        raise SettingsError(
            f'unknown setting "suggest-indexes.{unknown[0]}"; known are {", ".join(_INDEX_KEYS)}'
        )
    defaults = IndexLimits()
    return IndexLimits(
        budget_bytes=parse_size_bytes(str(table["budget"])) if "budget" in table else None,
        max_indexes=int(table["max-indexes"]) if "max-indexes" in table else None,
        max_regression=parse_share(str(table.get("max-regression", defaults.max_regression))),
        time_limit_ms=parse_duration_ms(table.get("time-limit", defaults.time_limit_ms)),
    )
