"""Parameters of several statements numbered as one."""

from __future__ import annotations

import pytest

from pgtune.parse.shared_parameters import share_parameters


@pytest.mark.parametrize(
    ("statements", "shared", "names"),
    [
        (("SELECT 1", "SELECT 2"), ("SELECT 1", "SELECT 2"), ()),
        (("SELECT :a, :b", "SELECT :b, :a"), ("SELECT $1, $2", "SELECT $2, $1"), ("a", "b")),
        (("SELECT %(a)s", "SELECT :b + :a"), ("SELECT $1", "SELECT $2 + $1"), ("a", "b")),
        (("SELECT $2", "SELECT $1"), ("SELECT $2", "SELECT $1"), ("1", "2")),
        (("SELECT $1", "SELECT $10, $2"), ("SELECT $1", "SELECT $10, $2"), tuple(map(str, range(1, 11)))),
        (("SELECT %s, %s", "SELECT $2"), ("SELECT $1, $2", "SELECT $2"), ("1", "2")),
        (("SELECT ':a', :a", "SELECT '$1', :b"), ("SELECT ':a', $1", "SELECT '$1', $2"), ("a", "b")),
        (("SELECT 5 %% :a", "SELECT 5 %% %(a)s"), ("SELECT 5 %% $1", "SELECT 5 % $1"), ("a",)),
    ],
)
def test_a_name_is_one_number_in_all_statements(
    statements: tuple[str, ...], shared: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert share_parameters(statements) == (shared, names)
