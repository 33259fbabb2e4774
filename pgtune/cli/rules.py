"""The command `pgtune rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pgtune.model.rule import Rule


def rules(
    name: Annotated[
        str | None, typer.Argument(metavar="RULE", help="Show this rule's documentation.")
    ] = None,
) -> None:
    """List what is checked, or explain one rule."""
    from pgtune.analysis.rule_book import find_rule
    from pgtune.cli.standard_output import print_result

    print_result(_index() if name is None else _page(find_rule(name)))


def _index() -> str:
    from pgtune.analysis.rule_book import rule_book

    width = max(len(rule.name) for rule in rule_book())
    return "".join(f"{rule.name:<{width}}  {rule.severity!s:<7}  {rule.summary}\n" for rule in rule_book())


def _page(rule: Rule) -> str:
    page = f"{rule.name} ({rule.severity})\n\n{rule.doc}\n"
    if rule.thresholds:
        listed = "".join(f"    {key} = {value:g}\n" for key, value in rule.thresholds.items())
        page += f"\nThresholds, set under [tool.pgtune.rules.{rule.name}]:\n{listed}"
    return page
