"""Where reports go: ``--report FORMAT[=FILE]``, standard output or files, whole or not at all."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pgtune.cli.standard_output import encode_document, print_result, printing, write_document
from pgtune.errors import UsageError
from pgtune.sources.whole_file import write_whole

if TYPE_CHECKING:
    from rich.console import Console

    from pgtune.model.outcome import Outcomes

TERMINAL = "terminal"
PIPED_WIDTH = 100  # columns when the output is no terminal, so that it is the same everywhere; chosen
GITHUB = "github"
FORMATS = (TERMINAL, "json", "markdown", "sarif", "junit", GITHUB, "gitlab")
STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Renderings:
    """One result in each format that it can be reported in."""

    draw: Callable[[Console], None]  # on a terminal, or plainly where there is none
    json: Callable[[], str]
    markdown: Callable[[], str]
    outcomes: Outcomes  # what the formats of CI systems are made of

    def text(self, name: str) -> str:
        """The result as a document of that format."""
        if name == "json":
            return self.json()
        return self.markdown() if name == "markdown" else _ci_text(name, self.outcomes)


def _ci_text(name: str, outcomes: Outcomes) -> str:
    """The outcomes in a format of a CI system; only its own renderer is imported."""
    if name == "sarif":
        from pgtune.report.sarif import render_sarif

        return render_sarif(outcomes)
    if name == "junit":
        from pgtune.report.junit import render_junit

        return render_junit(outcomes)
    if name == GITHUB:
        from pgtune.report.github_annotations import render_github

        return render_github(outcomes)
    from pgtune.report.gitlab_quality import render_gitlab

    return render_gitlab(outcomes)


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write; ``path`` None is standard output."""

    format: str
    path: Path | None


def parse_outputs(options: Sequence[str]) -> tuple[Output, ...]:
    """Read ``--report`` options; none means the terminal, the file ``-`` standard output.

    Annotations for GitHub are lines among those of a job: they may follow the terminal's report.

    Raises:
        UsageError: an unknown format, or two reports for one place.
    """
    outputs = tuple(_parse(option) for option in options) or (Output(TERMINAL, None),)
    taken: set[Path | None] = set()
    lines = {output.format for output in outputs if output.path is None} == {TERMINAL, GITHUB}
    for output in outputs:
        if output.path in taken and not (lines and output.path is None):
            place = "standard output" if output.path is None else f'"{output.path}"'
            raise UsageError(f"two reports go to {place}; give one of them another file: --report json=FILE")
        taken.add(output.path)
    return outputs


def _parse(option: str) -> Output:
    name, equals, path = option.partition("=")
    if name not in FORMATS:
        raise UsageError(f'report format "{name}" is not known; use {", ".join(FORMATS)}')
    if equals and not path:
        raise UsageError(f"--report {option}: no file behind the equals sign; write {name}=FILE")
    return Output(name, Path(path) if path and path != STDOUT else None)


def write_outputs(renderings: Renderings, outputs: Sequence[Output]) -> None:
    """Write each report; files appear whole or not at all.

    Raises:
        UsageError: a file or standard output cannot be written.
    """
    for output in outputs:
        if output.format == TERMINAL:
            _write_terminal(renderings, output.path)
        elif output.path is None:
            write_document(renderings.text(output.format))
        else:
            write_file(output.path, renderings.text(output.format))
    if any(output.format == GITHUB for output in outputs):
        from pgtune.cli.step_summary import append_step_summary

        append_step_summary(renderings.markdown())


def _write_terminal(renderings: Renderings, path: Path | None) -> None:
    """Draw in colours on a terminal, plainly and always of one width elsewhere."""
    from rich.console import Console

    if path is None and sys.stdout is not None and sys.stdout.isatty():
        with printing():
            renderings.draw(Console(highlight=False, markup=False, emoji=False))
        return
    drawn = io.StringIO()
    plain = Console(
        file=drawn, width=PIPED_WIDTH, color_system=None, highlight=False, markup=False, emoji=False
    )
    renderings.draw(plain)
    text = "\n".join(line.rstrip() for line in drawn.getvalue().split("\n"))
    if path is None:
        print_result(text)
    else:
        write_file(path, text)


def write_file(path: Path, text: str) -> None:
    """Write *text* to *path*, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    write_whole(path, encode_document(text))
