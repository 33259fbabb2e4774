"""Where reports go: pipes that close, full disks, odd encodings, devices, links, closed directories."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.program import REPOSITORY, environment, pgtune

PLAN = str(REPOSITORY / "tests" / "corpus" / "matrix" / "parallel.18.json")
REPORTS = ("terminal", "json", "markdown")
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


def in_shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run with ``pgtune`` standing for this program, as bash's last exit code or its PIPESTATUS."""
    script = f'pgtune() {{ "{sys.executable}" -m pgtune "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment(**more),
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_error(report: str, unbuffered: str) -> None:
    plans = " ".join([PLAN] * 150)  # more than a pipe holds
    line = f"pgtune explain {plans} --report {report} | head -c 5; exit ${{PIPESTATUS[0]}}"
    done = in_shell(line, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 141
    assert done.stderr == ""
    assert len(done.stdout) == 5


@pytest.mark.parametrize("command", ["rules", *(f"explain {PLAN} --report {report}" for report in REPORTS)])
def test_a_closed_standard_output_is_told(command: str) -> None:
    done = in_shell(f"pgtune {command} >&-")
    assert done.returncode == 2
    assert done.stderr.startswith("pgtune: error: standard output: closed; ")


@needs_full
@pytest.mark.parametrize("command", ["rules", *(f"explain {PLAN} --report {report}" for report in REPORTS)])
def test_a_full_disk_is_told(command: str) -> None:
    done = in_shell(f"pgtune {command} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("pgtune: error: standard output: no space left on device; ")
    assert len(done.stderr.splitlines()) == 1


@needs_full
def test_a_device_is_written_to_and_stays_a_device() -> None:
    result = pgtune("explain", PLAN, "--report", "json=/dev/full")
    assert result.code == 2
    assert "/dev/full: no space left on device" in result.err
    assert pgtune("explain", PLAN, "--report", "json=/dev/null").code == 0
    for device in ("/dev/full", "/dev/null"):
        assert stat.S_ISCHR(Path(device).stat().st_mode)


def test_an_ascii_terminal_gets_the_tree_in_ascii() -> None:
    result = pgtune("explain", PLAN, env=ASCII)
    assert result.code == 0
    assert result.out.isascii()
    assert "`- Finalize GroupAggregate" in result.out
    assert " x3" in result.out


@pytest.mark.parametrize("report", ["json", "markdown"])
def test_a_document_is_the_same_whatever_the_locale(report: str) -> None:
    arguments = ("explain", PLAN, "--report", report)
    assert pgtune(*arguments, env=ASCII) == pgtune(*arguments, env={"PYTHONIOENCODING": "utf-8"})


@pytest.mark.parametrize("report", REPORTS)
def test_a_file_name_that_is_no_utf8_can_be_reported(tmp_path: Path, report: str) -> None:
    name = os.fsdecode(b"bad\xff.json")
    try:
        (tmp_path / name).write_bytes(Path(PLAN).read_bytes())
    except OSError:
        pytest.skip("this file system takes no such name")
    result = pgtune(
        "explain", name, "--report", report, cwd=tmp_path, env={"PYTHONIOENCODING": "utf-8:strict"}
    )
    assert result.code == 0, result.err
    assert "bad\\udcff.json" in result.out.replace("\\\\", "\\")


def test_minus_is_standard_output() -> None:
    assert json.loads(pgtune("explain", PLAN, "--report", "json=-").out)["statements"]


def test_two_reports_for_one_file_are_refused(tmp_path: Path) -> None:
    result = pgtune("explain", PLAN, "--report", "json=out", "--report", "markdown=out", cwd=tmp_path)
    assert result.code == 2
    assert 'two reports go to "out"' in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("real.json")
    assert pgtune("explain", PLAN, "--report", "json=link.json", cwd=tmp_path).code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text(encoding="utf-8"))["statements"]


def test_a_pipe_gets_the_report(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text(encoding="utf-8")))
    reader.start()
    assert pgtune("explain", PLAN, "--report", "json=pipe", cwd=tmp_path).code == 0
    reader.join(timeout=10)
    assert json.loads(got[0])["statements"]


def test_a_directory_is_no_report(tmp_path: Path) -> None:
    result = pgtune("explain", PLAN, "--report", "json=.", cwd=tmp_path)
    assert result.code == 2
    assert ".: is a directory" in result.err
    assert list(tmp_path.iterdir()) == []


def test_reports_have_the_permissions_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    pgtune("explain", PLAN, "--report", "json=out.json", cwd=tmp_path)
    assert (tmp_path / "out.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_the_terminal_report_in_a_file_is_that_of_a_pipe(tmp_path: Path) -> None:
    result = pgtune(
        "explain", PLAN, "--report", "json=out.json", "--report", "terminal=out.txt", cwd=tmp_path
    )
    assert result.out == ""
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == pgtune("explain", PLAN).out
