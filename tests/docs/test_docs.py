"""The documentation is true: generated pages are fresh, shown commands run, shown output is real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import REPOSITORY, environment
from tests.conftest import Database
from tests.postgres_server import embedded_binaries

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
_SHOWN = re.compile(r"^```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"`(?P<command>(?:pgtune|psql) [^`]+)`")
# Times, counts and bars differ from run to run and from machine to machine; what they are of does not. Nor
# does a search of limited time come as near to its bound each time.
_VARYING = re.compile(
    r"[\d.,]+( (?:ms|s|kB|MB|GB|%|B)\b)?|[▏▎▍▌▋▊▉█]+|×|÷|(?:gap to )?the best possible set(?: at most)?"
)


_URL = "{name: DATABASE_URL, value: 'postgresql://app@db/shop'}"
_SIZE = "{name: SQLALCHEMY_POOL_SIZE, value: '5'}"
# What commands in the pages read, by the file's name.
DECLARED = {
    "deploy/api.yaml": f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  replicas: 3
  template: {{spec: {{containers: [{{name: api, image: api, env: [{_URL}, {_SIZE}]}}]}}}}
""",
    "chart/values.yaml": f"replicaCount: 2\nenv: [{_URL}, {_SIZE}]\n",
    "hpa.yaml": """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: chart}
spec: {scaleTargetRef: {kind: Deployment, name: chart}, minReplicas: 2, maxReplicas: 6}
""",
    "compose.yaml": """
services:
  api: {image: api, environment: {DATABASE_URL: "postgresql://app@db/shop", SQLALCHEMY_POOL_SIZE: "5"}}
""",
}


def shown() -> list[tuple[Path, str, str]]:
    return [
        (page, match["command"], match["output"])
        for page in PAGES
        for match in _SHOWN.finditer(page.read_text(encoding="utf-8"))
    ]


def named_commands() -> list[str]:
    found = {
        match["command"] for page in PAGES for match in _COMMAND.finditer(page.read_text(encoding="utf-8"))
    }
    return sorted(command for command in found if "..." not in command.split(" ")[1:2])


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    line = re.sub(r"(^|\| |\()pgtune ", rf"\1{sys.executable} -m pgtune ", command)
    more["PATH"] = f"{embedded_binaries()}{os.pathsep}{os.environ['PATH']}"  # for psql
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment(**more), capture_output=True, text=True, check=False
    )


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/build.py"],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(("page", "command", "output"), shown(), ids=[command for _, command, _ in shown()])
def test_output_that_is_shown_is_real(
    page: Path,
    command: str,
    output: str,
    sample_cache: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    done = run(command, REPOSITORY, **sample_cache)
    assert done.returncode == 0, done.stderr
    if request.config.getoption("--rewrite"):
        text = page.read_text(encoding="utf-8")
        before, after = f"$ {command}\n{output}```", f"$ {command}\n{done.stdout.rstrip()}\n```"
        page.write_text(text.replace(before, after), encoding="utf-8")
        return
    assert comparable(done.stdout) == comparable(output)


def comparable(output: str) -> list[str]:
    """Lines with figures and alignment taken out."""
    lines = (" ".join(_VARYING.sub(" ", line).split()) for line in output.strip().splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize("command", named_commands())
def test_a_command_that_is_named_runs(
    command: str,
    database: Database,
    sample_cache: dict[str, str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "query.sql").write_text("SELECT * FROM orders WHERE user_id = $1")
    shutil.copy(tmp_path / "query.sql", tmp_path / "queries" / "one.sql")
    corpus = REPOSITORY / "tests" / "corpus"
    shutil.copy(corpus / "matrix" / "parallel.18.json", tmp_path / "plan.json")
    shutil.copy(corpus / "logs" / "text.18.log", tmp_path / "auto_explain.log")
    for name, text in DECLARED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "postgresql.log").write_text(
        "".join(
            f"2026-11-21 10:00:00.{n:03} UTC [42] LOG:  duration: 0.1 ms  "
            f"statement: SELECT 1 FROM users WHERE id = {n}\n"
            for n in range(120)
        )
    )
    line = command.replace("\\|", "|").replace("postgresql://...", f'"{database.conninfo}"')
    line = line.replace("EXPLAIN (ANALYZE, FORMAT JSON) ...", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1")
    line = re.sub(r"^psql -X", f'psql -d "{database.conninfo}" -X', line)
    if "--snapshot prod.pgtune" in line:
        made = run("pgtune snapshot --out prod.pgtune", tmp_path, **sample_cache)  # the sample has a workload
        assert made.returncode == 0, made.stderr
    # Other tests use the shared sample while its server is started and stopped here.
    cache = request.getfixturevalue("own_sample") if "pgtune sample" in line else sample_cache
    if "sample dsn" in line:
        run("pgtune sample start", tmp_path, **cache)
        line += ' -c "SELECT 1"'
    done = run(line, tmp_path, **cache)
    # 1 = findings at or above --fail-on, which a shown command may well have
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
