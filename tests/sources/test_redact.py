"""No spelling of a password survives."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from pgtune.sources.redact import redact

passwords = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=6, max_size=12)


@given(passwords)
def test_a_password_is_gone_in_every_form(password: str) -> None:
    encoded = quote(password, safe="")
    url = f"postgresql://u:{encoded}@h/d"
    for conninfo in (url, make_conninfo("host=h", password=password)):
        text = f"tried <{password}> and <{encoded}> and {conninfo} today"
        shown = redact(text, conninfo)
        assert shown.startswith("tried <***> and <***> and ")
        assert password not in shown.removeprefix("tried <***> and <***> and ")


def test_the_password_of_the_environment_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    assert redact("sent hunter2 to h", "host=h") == "sent *** to h"


def test_connection_strings_of_others_are_masked_too() -> None:
    assert (
        redact("dblink: postgresql://a:b@h/d password='x y' host=h", "")
        == "dblink: postgresql://a:***@h/d password=*** host=h"
    )


def test_a_short_password_does_not_star_the_message() -> None:
    assert redact("database does not exist", "host=h password=a") == "database does not exist"


def test_a_piece_cut_off_by_libpq_is_gone() -> None:
    assert "ss@" not in redact("failed to resolve host 'ss@host'", "postgresql://u:p@ss@host/d")
