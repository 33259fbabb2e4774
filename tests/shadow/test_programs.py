"""Which PostgreSQL a shadow runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.errors import InputError
from pgtune.shadow.programs import PROGRAMS_VARIABLE, Programs, choose_programs
from tests.postgres_server import embedded_binaries

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def choose(version_num: int, named: Path | None = None) -> Programs:
    return choose_programs(version_num, named, None, Path("/nowhere"))


@pytest.mark.parametrize("version_num", [180001, 990000, 90600])
def test_the_embedded_one_serves_its_own_major_and_those_that_are_not_installed(version_num: int) -> None:
    assert choose(version_num).directory == embedded_binaries()
    assert choose(version_num).major == 18


@pytest.mark.skipif(not (DEBIAN_15 / "postgres").exists(), reason=f"no PostgreSQL in {DEBIAN_15}")
def test_an_installed_one_of_the_same_major_comes_first() -> None:
    assert choose(150004).directory == DEBIAN_15
    assert choose(180000, DEBIAN_15).major == 15


def test_the_variable_names_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(embedded_binaries()))
    assert choose(150004).major == 18
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(tmp_path))
    with pytest.raises(InputError, match=f'^"{tmp_path}": no PostgreSQL server in it'):
        choose(150004)


def test_one_that_is_too_old_is_refused(tmp_path: Path) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.7'\n")
        (tmp_path / program).chmod(0o755)
    with pytest.raises(InputError, match="PostgreSQL 13 is too old for a shadow; name 14 or later"):
        choose(150004, tmp_path)
