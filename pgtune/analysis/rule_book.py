"""From the modules below pgtune/rules to Rules: a rule is a file, and the folder is the list."""

from __future__ import annotations

import difflib
import inspect
import pkgutil
import types
import typing
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from pgtune.errors import SettingsError, UsageError
from pgtune.model.finding import Severity
from pgtune.model.policy import Policy
from pgtune.model.rule import UNUSED_ALLOW, Need, Rule
from pgtune.rules import index as index_rules
from pgtune.rules import loop as loop_rules
from pgtune.rules import plan as plan_rules
from pgtune.rules import pool as pool_rules
from pgtune.rules import sql as sql_rules


@cache
def plan_rule_book() -> tuple[Rule, ...]:
    """All rules about plans, by name."""
    return _read_package(plan_rules)


@cache
def index_rule_book() -> tuple[Rule, ...]:
    """All rules about the indexes of a database, by name."""
    return _read_package(index_rules)


@cache
def sql_rule_book() -> tuple[Rule, ...]:
    """All rules about how a statement is written, by name; their checks yield Changes."""
    return _read_package(sql_rules)


@cache
def loop_rule_book() -> tuple[Rule, ...]:
    """All rules about statements that are called again and again, by name."""
    return _read_package(loop_rules)


@cache
def pool_rule_book() -> tuple[Rule, ...]:
    """All rules about pools, sessions and connection limits, by name."""
    return _read_package(pool_rules)


@cache
def rule_book() -> tuple[Rule, ...]:
    """All rules, by name."""
    books = (
        *plan_rule_book(),
        *index_rule_book(),
        *sql_rule_book(),
        *loop_rule_book(),
        *pool_rule_book(),
    )
    return tuple(sorted(books, key=lambda rule: rule.name))


@cache
def rule_names() -> frozenset[str]:
    """Names of all rules, told by the folders alone: to import the rules about SQL takes 0.1 s."""
    packages = (plan_rules, index_rules, sql_rules, loop_rules, pool_rules)
    return frozenset(name for package in packages for name in _names(package))


def find_rule(name: str) -> Rule:
    """Return the rule of that name.

    Raises:
        UsageError: there is none; the message lists near names.
    """
    for rule in rule_book():
        if rule.name == name:
            return rule
    raise UsageError(f'rule "{name}" does not exist; {_near(name)}')


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, rule_names(), n=3)
    return f"did you mean {' or '.join(near)}?" if near else '"pgtune rules" lists them'


def check_policy(policy: Policy) -> None:
    """Refuse settings that name no rule or no threshold: they would silently do nothing.

    Raises:
        SettingsError: an unknown rule or threshold.
    """
    if not (policy.ignored or policy.severities or policy.thresholds):
        return  # spares reading the rules about SQL, which takes 0.1 s
    known = {rule.name: rule for rule in rule_book()}
    for name in {*policy.ignored, *policy.severities, *policy.thresholds} - {UNUSED_ALLOW}:
        if name not in known:
            raise SettingsError(f'rule "{name}" in the settings does not exist; {_near(name)}')
    for name, thresholds in policy.thresholds.items():
        for threshold in thresholds:
            if threshold not in known[name].thresholds:
                names = ", ".join(known[name].thresholds) or "none"
                raise SettingsError(f'rule "{name}" has no threshold "{threshold}"; it has {names}')


def _read_package(package: ModuleType) -> tuple[Rule, ...]:
    stems = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return tuple(_read_rule(import_module(f"{package.__name__}.{stem}"), stem) for stem in stems)


def _names(package: ModuleType) -> Iterator[str]:
    return (_name(info.name) for info in pkgutil.iter_modules(package.__path__))


def _name(stem: str) -> str:
    return stem.replace("_", "-")


def _read_rule(module: ModuleType, stem: str) -> Rule:
    hints = typing.get_type_hints(module.check)
    parameters = inspect.signature(module.check).parameters.values()
    return Rule(
        name=_name(stem),
        doc=inspect.cleandoc(module.__doc__ or ""),
        severity=getattr(module, "SEVERITY", Severity.WARNING),
        needs=tuple(_need(hints[p.name]) for p in parameters if p.kind is not p.KEYWORD_ONLY),
        thresholds={p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY},
        check=module.check,
    )


def _need(hint: object) -> Need:
    """``Catalog`` is required; ``Catalog | None`` is used when it is there."""
    if isinstance(hint, types.UnionType):
        (kind,) = (member for member in hint.__args__ if member is not types.NoneType)
        return Need(kind, required=False)
    assert isinstance(hint, type)
    return Need(hint, required=True)
