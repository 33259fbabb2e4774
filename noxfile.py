"""Everything that is checked: plain ``nox`` runs what CI runs; ``nox -l`` lists the rest."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "docs", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.needs_version = ">=2024.4.15"

TYPE_STUBS = ("types-PyYAML", "types-jsonschema")
POSTGRES_MAJORS = ("14", "15", "16", "17", "18")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, complexity and the one-way flow of imports."""
    session.install("ruff>=0.8", "import-linter>=2.1", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    session.install("mypy>=1.13", *TYPE_STUBS, ".[test]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Generated pages are up to date; ``nox -s docs -- --write`` writes them."""
    session.install(".[test]")
    session.run("python", "docs/build.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Every test, on the embedded PostgreSQL."""
    session.install(".[test]")
    session.run("pytest", *(session.posargs or ("-n", "auto", "--dist", "worksteal")))


@nox.session
@nox.parametrize("major", POSTGRES_MAJORS)
def postgres(session: nox.Session, major: str) -> None:
    """The tests that need a server, on another major: its binaries, npm's, or a container."""
    session.install(".[test]")
    paths = session.posargs or ("tests/sources", "tests/test_rules.py", "tests/test_index_live.py")
    session.run("python", "-m", "tests.with_postgres", major, "pytest", *paths)


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks of docs/benchmarks.md."""
    session.install(".[test]")
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def minimums(session: nox.Session) -> None:
    """The tests with the lowest versions that pyproject.toml allows."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = [re.sub(r">=([^,]+).*", r"==\1", requirement) for requirement in project["dependencies"]]
    session.install(*pinned, *project["optional-dependencies"]["test"])
    session.install("--no-deps", ".")
    session.run("pytest", *(session.posargs or ("-n", "auto", "--dist", "worksteal")))


@nox.session(venv_backend="none")
def clean_clone(session: nox.Session) -> None:
    """The README's first command on a fresh clone in a new virtual environment."""
    folder = Path(session.create_tmp()) / "clone"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("git", "clone", "--quiet", ".", str(folder), external=True)
    session.run("python3", "-m", "venv", str(folder / ".venv"), external=True)
    command = "pip install -q . && pgtune explain sample_queries/orders_by_user.sql"
    session.chdir(folder)
    session.run("bash", "-c", f". .venv/bin/activate && {command}", external=True)
