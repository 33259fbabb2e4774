"""A statement and the rules about SQL in, what each of them would change out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pgtune.model.catalog import Catalog
from pgtune.model.policy import Policy
from pgtune.model.rewrite import AppliedRule, Change
from pgtune.model.rule import Rule
from pgtune.parse.sql.statement import SqlStatement


def find_changes(
    text: str, catalog: Catalog, rules: Sequence[Rule], policy: Policy, left_out: Collection[str] = ()
) -> Iterator[AppliedRule]:
    """Yield what the rules would change in *text*, but for those that the policy ignores or *left_out* names.

    Raises:
        StatementError: sqlglot cannot read the statement.
    """
    statement = SqlStatement.read(text, catalog)
    for rule in rules:
        if rule.name in policy.ignored or rule.name in left_out:
            continue
        severity = policy.severities.get(rule.name, rule.severity)
        for change in rule.check(statement, **policy.thresholds.get(rule.name, {})):
            if isinstance(change, Change) and change.sql != text:
                yield AppliedRule(rule.name, severity, change)
