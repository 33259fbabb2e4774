"""Text in, GitHub-flavoured Markdown that shows it as it is out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.report.visible import visible, visible_line

_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&])")
# GitHub looks for names and issue numbers behind these after Markdown was read, where no backslash is left.
_LINKING = re.compile(r"[@#]")


def escape(text: str) -> str:
    """Text that shows as it is: no markup, no formula, no mention of a person or an issue."""
    return _LINKING.sub(r"\g<0><!-- -->", _MARKUP.sub(r"\\\1", visible_line(text)))


def fenced(text: str, language: str) -> Iterator[str]:
    """A fenced block whose fence is longer than any run of backticks inside."""
    text = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from text.splitlines()
    yield fence


def folded(summary: str, lines: Iterator[str]) -> Iterator[str]:
    """A section that opens at a click."""
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
