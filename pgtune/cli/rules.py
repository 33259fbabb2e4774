"""The command `pgtune rules`."""

from __future__ import annotations

from typing import Annotated

import typer


def rules(
    name: Annotated[
        str | None, typer.Argument(metavar="[RULE]", help="Show this rule's documentation.")
    ] = None,
) -> None:
    """List what is checked, or explain one rule."""
    from pgtune.analysis.rule_book import find_rule, plan_rule_book

    if name is not None:
        rule = find_rule(name)
        typer.echo(f"{rule.name} ({rule.severity})\n\n{rule.doc}")
        if rule.thresholds:
            listed = "\n".join(f"    {key} = {value:g}" for key, value in rule.thresholds.items())
            typer.echo(f"\nThresholds, set under [tool.pgtune.rules.{rule.name}]:\n{listed}")
        return
    width = max(len(rule.name) for rule in plan_rule_book())
    for rule in plan_rule_book():
        typer.echo(f"{rule.name:<{width}}  {rule.severity!s:<7}  {rule.summary}")
