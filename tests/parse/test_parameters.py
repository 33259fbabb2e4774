"""Parameters of every client's style become ``$n``; what only looks like one stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.errors import StatementError, UsageError
from pgtune.parse.parameters import ParametrisedStatement, find_parameters, parse_param_options


@pytest.mark.parametrize(
    ("statement", "text", "names"),
    [
        ("SELECT $2, $1, $2", "SELECT $2, $1, $2", ("1", "2")),
        ("SELECT $3", "SELECT $3", ("1", "2", "3")),
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT :a::int, :b ::text", "SELECT $1::int, $2 ::text", ("a", "b")),
        ("SELECT :'a'", "SELECT $1", ("a",)),
        ("SELECT x=:a AND (:b)", "SELECT x=$1 AND ($2)", ("a", "b")),
        ("SELECT ARRAY[:a, :b], ARRAY[[:c]]", "SELECT ARRAY[$1, $2], ARRAY[[$3]]", ("a", "b", "c")),
        ("SELECT c[1:n], ARRAY[c[m:n], :a] FROM t", "SELECT c[1:n], ARRAY[c[m:n], $1] FROM t", ("a",)),
        (
            "SELECT x FROM t WHERE y = ANY(:ids) LIMIT :n",
            "SELECT x FROM t WHERE y = ANY($1) LIMIT $2",
            ("ids", "n"),
        ),
        ("SELECT %(a)s + %(b)s, x %% 2, '5%%' -- %%", "SELECT $1 + $2, x % 2, '5%' -- %", ("a", "b")),
        ("SELECT x=%(a)s", "SELECT x=$1", ("a",)),
        ("SELECT %s, %s::int, x %% 2", "SELECT $1, $2::int, x % 2", ("1", "2")),
    ],
)
def test_parameters_are_numbered_in_the_order_of_their_names(
    statement: str, text: str, names: tuple[str, ...]
) -> None:
    assert find_parameters(statement) == ParametrisedStatement(text, names)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1::int, a::text FROM t",
        "SELECT a[1:n], a[:n], a[n:], (f(x))[1:2], b[1][:n] FROM t",
        "SELECT ':a', \":a\", $$ :a %s $1 $$ -- :a $1 %s\n/* %(a)s */",
        "SELECT data ? 'a', data ?| array['b'], data ?& array['c'] FROM t",
        "SELECT a % b, a%b, a %% b, 'x%' FROM t",
        "SELECT json_object('a':1, 'b': c, 'd':e) FROM t",
        "SELECT E'\\':a', 'it''s :a'",
        "SELECT f(a := 1), f(a => 2)",
        "SELECT ident$1 FROM t",
    ],
)
def test_what_only_looks_like_a_parameter_stays(statement: str) -> None:
    assert find_parameters(statement) == ParametrisedStatement(statement, ())


@pytest.mark.parametrize(
    "statement", ["SELECT $1, :a", "SELECT %s, %(a)s", "SELECT :a, %s", "SELECT $1\n, %s"]
)
def test_a_statement_of_two_styles_is_refused(statement: str) -> None:
    with pytest.raises(
        StatementError, match=r"^line [12]: the statement mixes parameters .* and .*; use one style$"
    ):
        find_parameters(statement)


def test_a_parameter_in_place_of_a_name_is_refused() -> None:
    with pytest.raises(StatementError, match=r'^line 1: :"t" stands for a name'):
        find_parameters('SELECT * FROM :"t"')


@pytest.mark.parametrize("number", ["65536", "9" * 5000])
def test_a_number_above_the_protocols_limit_is_refused(number: str) -> None:
    with pytest.raises(StatementError, match="above 65535"):
        find_parameters(f"SELECT ${number}")
    assert len(find_parameters("SELECT $65535").names) == 65535


@given(st.lists(st.sampled_from(["a", "b", "größe", "_x1"]), min_size=1, max_size=8))
def test_client_styles_of_the_same_statement_agree(names: list[str]) -> None:
    colon = find_parameters("SELECT " + ", ".join(f":{name}" for name in names))
    named = find_parameters("SELECT " + ", ".join(f"%({name})s" for name in names))
    assert colon == named
    assert set(colon.names) == set(names)


def test_options_are_read_as_psql_reads_variables() -> None:
    options = ["1=42", "name=abc", "empty=", "nothing", "sum=a=b", "$2=x", ":colon=y", "lines=a\nb"]
    assert parse_param_options(options) == {
        "1": "42",
        "name": "abc",
        "empty": "",
        "nothing": None,
        "sum": "a=b",
        "2": "x",
        "colon": "y",
        "lines": "a\nb",
    }


@pytest.mark.parametrize("option", ["", "=5", "a b=1", "1a=2", "a-b"])
def test_an_option_without_a_parameter_name_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match=r"no parameter name; write name=value"):
        parse_param_options([option])


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="parameter a is given twice"):
        parse_param_options(["a=1", ":a=2"])
