"""The name of a rule in, what a code scanner shows about it out."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from pgtune.analysis.rule_book import rule_book
from pgtune.model.finding import Severity
from pgtune.model.rule import UNUSED_ALLOW

_HEADING = re.compile(r"^(Instead of|Use|Ignore when|Source):[ ]*", re.MULTILINE)
_CODE = ("Instead of", "Use")
MAX_ABOUT_CHARACTERS = 1024  # GitHub's for a description


@dataclass(frozen=True, slots=True)
class RuleHelp:
    """What a rule is about."""

    name: str
    severity: Severity
    summary: str  # a sentence
    about: str  # the sentences before the first example, on one line
    text: str  # all of it, plain
    markdown: str


# Findings that no module below pgtune/rules makes.
_OTHERS = (
    (UNUSED_ALLOW, Severity.WARNING, "An allow comment that silences nothing: remove it."),
    ("missing-index", Severity.WARNING, "An index that makes the workload cheaper than its writes cost."),
    ("dispensable-index", Severity.WARNING, "An index that costs more than it saves."),
    ("different-results", Severity.ERROR, "Two statements that should mean the same, and do not."),
)


def rule_help(names: frozenset[str]) -> tuple[RuleHelp, ...]:
    """Return the help of these rules, by name; of a name that no rule has, the name."""
    known = {rule.name: _help(rule.name, rule.severity, rule.doc) for rule in rule_book()}
    known |= {name: _help(name, severity, text) for name, severity, text in _OTHERS}
    return tuple(known.get(name) or _help(name, Severity.WARNING, name) for name in sorted(names))


def _help(name: str, severity: Severity, doc: str) -> RuleHelp:
    about = textwrap.shorten(_HEADING.split(doc)[0], MAX_ABOUT_CHARACTERS, placeholder=" …")
    return RuleHelp(name, severity, doc.strip().splitlines()[0], about, doc.strip(), _markdown(doc))


def _markdown(doc: str) -> str:
    parts = _HEADING.split(doc)
    sections = [parts[0].strip()]
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        sections.append(f"**{heading}**\n\n{_sql(text) if heading in _CODE else text.strip()}")
    return "\n\n".join(sections)


def _sql(text: str) -> str:
    lines = "\n".join(line.removeprefix("    ") for line in text.strip("\n").splitlines())
    return f"```sql\n{lines.strip()}\n```"
