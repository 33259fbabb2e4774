"""Where reports go: ``--report FORMAT[=FILE]``, standard output or files, whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pgtune.errors import UsageError
from pgtune.model.diagnosis import Report

TERMINAL = "terminal"


def _json(report: Report) -> str:
    from pgtune.report.json_report import render_json

    return render_json(report)


def _markdown(report: Report) -> str:
    from pgtune.report.markdown import render_markdown

    return render_markdown(report)


_FORMATS: dict[str, Callable[[Report], str]] = {"json": _json, "markdown": _markdown}


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write; ``path`` None is standard output."""

    format: str
    path: Path | None


def parse_outputs(options: Sequence[str]) -> tuple[Output, ...]:
    """Read ``--report`` options; none means the terminal.

    Raises:
        UsageError: an unknown format, or two reports for standard output.
    """
    outputs = tuple(_parse(option) for option in options) or (Output(TERMINAL, None),)
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError("two reports go to standard output; give one of them a file: --report json=FILE")
    return outputs


def _parse(option: str) -> Output:
    name, equals, path = option.partition("=")
    if name not in (TERMINAL, *_FORMATS):
        raise UsageError(f'report format "{name}" is not known; use {", ".join((TERMINAL, *_FORMATS))}')
    if equals and not path:
        raise UsageError(f"--report {option}: no file behind the equals sign; write {name}=FILE")
    return Output(name, Path(path) if path else None)


def write_outputs(report: Report, outputs: Sequence[Output], *, everything: bool) -> None:
    """Write each report; files appear whole or not at all.

    Raises:
        UsageError: a file cannot be written.
    """
    for output in outputs:
        if output.format == TERMINAL:
            _write_terminal(report, output.path, everything=everything)
        elif output.path is None:
            sys.stdout.write(_FORMATS[output.format](report))
        else:
            _write_file(output.path, _FORMATS[output.format](report))


def _write_terminal(report: Report, path: Path | None, *, everything: bool) -> None:
    import io

    from rich.console import Console

    from pgtune.report.terminal import PIPED_WIDTH, Detail, render_terminal

    detail = Detail(findings=None) if everything else Detail()
    buffer = io.StringIO()
    on_terminal = path is None and sys.stdout.isatty()
    console = Console(
        file=None if on_terminal else buffer,
        width=None if on_terminal else PIPED_WIDTH,
        color_system="auto" if on_terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    render_terminal(report, console, detail)
    if path is not None:
        _write_file(path, buffer.getvalue())
    elif not on_terminal:
        sys.stdout.write("\n".join(line.rstrip() for line in buffer.getvalue().split("\n")))


def _write_file(path: Path, text: str) -> None:
    """Write beside the target and rename, so that a reader never meets half a report."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; name a file in a directory that can be written"
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
