"""Write the pages that come from code: one per rule, their index, the command reference.

``python docs/build.py`` fails when a page is out of date and names it; ``--write`` writes them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from pgtune.analysis.rule_book import (
    index_rule_book,
    loop_rule_book,
    plan_rule_book,
    pool_rule_book,
    rule_book,
    sql_rule_book,
)
from pgtune.cli.main import app
from pgtune.model.rule import Rule

DOCS = Path(__file__).parent
GENERATED = "<!-- Made by docs/build.py; do not edit. -->\n"
_HEADING = re.compile(r"^(Instead of|Use|Ignore when|Source):[ ]*", re.MULTILINE)


def rule_page(rule: Rule) -> str:
    """A rule's docstring as Markdown, with its severity and thresholds."""
    parts = _HEADING.split(rule.doc)
    lines = [GENERATED, f"# {rule.name}", "", f"Severity: {rule.severity}", "", parts[0].strip()]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        lines += ["", f"## {heading}", "", _body(heading, body, _language(rule))]
    if rule.thresholds:
        lines += ["", "## Thresholds", "", f"Set under `[tool.pgtune.rules.{rule.name}]`:", ""]
        lines += [f"- `{name} = {value:g}`" for name, value in rule.thresholds.items()]
    return "\n".join(lines).rstrip() + "\n"


def _language(rule: Rule) -> str:
    """Of its examples; rules about pools show settings of several kinds."""
    return "" if rule in pool_rule_book() else "sql"


def _body(heading: str, body: str, language: str) -> str:
    if heading not in ("Instead of", "Use"):
        return body.strip()
    code = "\n".join(line.removeprefix("    ") for line in body.strip("\n").splitlines()).strip()
    return f"```{language}\n{code}\n```"


def rule_index() -> str:
    """The list of rules, by what they look at."""
    lines = [GENERATED, "# Rules"]
    books = (
        ("Plans", plan_rule_book()),
        ("Existing indexes", index_rule_book()),
        ("How a statement is written", sql_rule_book()),
        ("How a statement is called", loop_rule_book()),
        ("Pools, sessions and connection limits", pool_rule_book()),
    )
    for heading, rules in books:
        lines += ["", f"## {heading}", "", "| rule | severity | what it sees |", "| --- | --- | --- |"]
        lines += [f"| [{r.name}]({r.name}.md) | {r.severity} | {r.summary} |" for r in rules]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """Every command with its options, in the order in which help prints them."""
    lines = [GENERATED, "# Commands"]
    for name, command in _commands("pgtune", typer.main.get_command(app)):
        lines += ["", f"## {name}", "", _paragraphs(command.help or "")]
        rows = [row for parameter in command.params for row in _row(parameter)]
        if rows:
            lines += ["", "| option | what it does |", "| --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for sub_name, sub_command in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(f"{name} {sub_name}", sub_command)


def _paragraphs(text: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _row(parameter: Any) -> Iterator[str]:
    """A table row for an option or argument; completion options are the shell's business."""
    if "completion" in (parameter.name or ""):
        return
    words = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
    metavar = parameter.metavar or ""
    name = " / ".join(words) + (f" {metavar}" if metavar and words else metavar)
    yield f"| `{name}` | {parameter.help} |"


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every generated page with its text."""
    for rule in rule_book():
        yield DOCS / "rules" / f"{rule.name}.md", rule_page(rule)
    yield DOCS / "rules" / "README.md", rule_index()
    yield DOCS / "cli.md", cli_page()


def main() -> int:
    """Check or write; return the exit code."""
    wanted = dict(pages())
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    extra = [path for path in (DOCS / "rules").glob("*.md") if path not in wanted]
    if "--write" in sys.argv[1:]:
        for path in stale:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        for path in extra:
            path.unlink()
        return 0
    for path in (*stale, *extra):
        name = path.relative_to(DOCS.parent)
        sys.stderr.write(f"{name}: out of date; run nox -s docs -- --write\n")
    return 1 if stale or extra else 0


if __name__ == "__main__":
    raise SystemExit(main())
