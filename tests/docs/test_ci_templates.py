"""The templates in docs/ci work: each is YAML of its kind, and each command in it runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import REPOSITORY, environment
from tests.cli.test_baseline import PLAN

FOLDER = REPOSITORY / "docs" / "ci"
ACTION = FOLDER / "github-action" / "action.yml"
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
FLEET = """
[fleet.server]
max_connections = 100

[fleet.services.api]
replicas = 2
pool = {max_size = 5}
"""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def workflow_commands() -> Iterator[str]:
    for job in read(FOLDER / "github-workflow.yml")["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


def gitlab_commands() -> Iterator[str]:
    for job in read(FOLDER / "gitlab-ci.yml").values():
        yield from (*job.get("before_script", ()), *job.get("script", ()))


def hook_commands() -> Iterator[str]:
    for hook in read(REPOSITORY / ".pre-commit-hooks.yaml"):
        yield hook["entry"] if hook.get("pass_filenames") is False else f"{hook['entry']} queries/one.sql"


COMMANDS = sorted(
    command
    for command in {*workflow_commands(), *gitlab_commands(), *hook_commands()}
    if not command.startswith("pip install")
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with queries and a fleet, and pgtune on its PATH."""
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "one.sql").write_text("SELECT 1")
    (tmp_path / "plan.txt").write_text(PLAN)
    (tmp_path / "pgtune.toml").write_text(FLEET)
    program = tmp_path / "bin" / "pgtune"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pgtune "$@"\n')
    program.chmod(0o755)
    return tmp_path


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    more = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **more}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],  # as GitHub runs a step
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_template_runs(command: str, project: Path, sample_cache: dict[str, str]) -> None:
    if "--snapshot prod.pgtune" in command:
        made = run("pgtune snapshot --out prod.pgtune", project, **sample_cache)
        assert made.returncode == 0, made.stderr
    done = run(command, project, **sample_cache)
    assert done.returncode == 0, done.stderr
    for file in re.findall(r"--report \w+=(\S+)", command):
        assert (project / file).stat().st_size > 0


def test_artifacts_are_what_the_commands_write() -> None:
    for template in read(FOLDER / "gitlab-ci.yml").values():
        for file in template.get("artifacts", {}).get("reports", {}).values():
            assert all(f"={file}" in command for command in gitlab_commands() if "--report" in command)
    for job in read(FOLDER / "github-workflow.yml")["jobs"].values():
        (uploaded,) = (step["with"]["sarif_file"] for step in job["steps"] if "sarif" in step.get("uses", ""))
        assert any(f"sarif={uploaded}" in step.get("run", "") for step in job["steps"])


def action_step(name: str, **inputs: str) -> tuple[str, dict[str, str]]:
    """The script of a step of the action and its environment, with the inputs filled in."""
    action = read(ACTION)
    values = {key: declared["default"] for key, declared in action["inputs"].items()} | inputs
    (step,) = (step for step in action["runs"]["steps"] if step["name"] == name)
    filled = {key: _INPUT.sub(lambda m: values[m[1]], text) for key, text in step["env"].items()}
    return step["run"], filled


def test_the_action_runs_its_command_and_fails_with_it(project: Path) -> None:
    script, env = action_step("Run pgtune", command="explain plan.txt", **{"fail-on": "warning"})
    done = run(script, project, **env)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::warning file=plan.txt,")
    assert (project / "pgtune.sarif").exists()


def test_the_action_takes_a_baseline(project: Path) -> None:
    run("pgtune baseline update explain plan.txt", project)
    more = {"fail-on": "warning", "baseline": ".pgtune-baseline.json"}
    script, env = action_step("Run pgtune", command="explain plan.txt", **more)
    assert run(script, project, **env).returncode == 0


def test_the_action_uploads_also_when_findings_fail_the_job() -> None:
    (upload,) = (step for step in read(ACTION)["runs"]["steps"] if "uses" in step)
    assert upload["if"].startswith("always()")
    assert upload["with"]["sarif_file"] == "pgtune.sarif"


def test_no_input_is_pasted_into_a_script() -> None:
    for step in read(ACTION)["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_pool_check_hook_asks_no_server() -> None:
    hooks = {hook["id"]: hook for hook in read(REPOSITORY / ".pre-commit-hooks.yaml")}
    assert "--no-database" in hooks["pgtune-pool-check"]["entry"]
