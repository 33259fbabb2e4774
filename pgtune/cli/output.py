"""Where reports go: ``--report FORMAT[=FILE]``, standard output or files, whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pgtune.cli.standard_output import encode_document, print_result, printing, write_document
from pgtune.errors import UsageError, system_cause
from pgtune.model.diagnosis import Report

TERMINAL = "terminal"
STDOUT = "-"
# The directory is closed, or the file is a mount of its own: it can only be overwritten.
_WRITTEN_IN_PLACE = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})


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
    """Read ``--report`` options; none means the terminal, the file ``-`` standard output.

    Raises:
        UsageError: an unknown format, or two reports for one place.
    """
    outputs = tuple(_parse(option) for option in options) or (Output(TERMINAL, None),)
    taken: set[Path | None] = set()
    for output in outputs:
        if output.path in taken:
            place = "standard output" if output.path is None else f'"{output.path}"'
            raise UsageError(f"two reports go to {place}; give one of them another file: --report json=FILE")
        taken.add(output.path)
    return outputs


def _parse(option: str) -> Output:
    name, equals, path = option.partition("=")
    if name not in (TERMINAL, *_FORMATS):
        raise UsageError(f'report format "{name}" is not known; use {", ".join((TERMINAL, *_FORMATS))}')
    if equals and not path:
        raise UsageError(f"--report {option}: no file behind the equals sign; write {name}=FILE")
    return Output(name, Path(path) if path and path != STDOUT else None)


def write_outputs(report: Report, outputs: Sequence[Output], *, everything: bool) -> None:
    """Write each report; files appear whole or not at all.

    Raises:
        UsageError: a file or standard output cannot be written.
    """
    for output in outputs:
        if output.format == TERMINAL:
            _write_terminal(report, output.path, everything=everything)
        elif output.path is None:
            write_document(_FORMATS[output.format](report))
        else:
            _write_file(output.path, _FORMATS[output.format](report))


def _write_terminal(report: Report, path: Path | None, *, everything: bool) -> None:
    """Draw in colours on a terminal, plainly and always of one width elsewhere."""
    from rich.console import Console

    from pgtune.report.terminal import PIPED_WIDTH, Detail, render_terminal

    detail = Detail(findings=None) if everything else Detail()
    if path is None and sys.stdout is not None and sys.stdout.isatty():
        with printing():
            render_terminal(report, Console(highlight=False, markup=False, emoji=False), detail)
        return
    drawn = io.StringIO()
    plain = Console(
        file=drawn, width=PIPED_WIDTH, color_system=None, highlight=False, markup=False, emoji=False
    )
    render_terminal(report, plain, detail)
    text = "\n".join(line.rstrip() for line in drawn.getvalue().split("\n"))
    if path is None:
        print_result(text)
    else:
        _write_file(path, text)


def _write_file(path: Path, text: str) -> None:
    content = encode_document(text)
    try:
        target = path.resolve()  # a symbolic link stays one
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a device or a pipe
        else:
            _write_whole(target, content)
    except OSError as error:
        raise UsageError(
            f"{path}: {system_cause(error)}; name a file in a directory that can be written"
        ) from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a reader never meets half a report."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:  # also an interrupt: no half-written file stays behind
            Path(temporary).unlink()
            raise
    except OSError as error:
        if error.errno not in _WRITTEN_IN_PLACE or not path.is_file():
            raise
        path.write_bytes(content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
