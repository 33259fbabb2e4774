"""Inputs that are almost plans: what they are taken for, and the one line that says why they are refused."""

import pytest

from pgtune.errors import PlanError
from pgtune.parse.raw_plan import read_raw_plans

NODE = {"Node Type": "Seq Scan", "Filter": "(a = 'x\ny')", "Parallel Aware": False, "Total Cost": 1.5}


# One plan in the spelling of JSON and of Python; %s stands for the newline in the literal.
_JSON = '{"Node Type": "Seq Scan", "Filter": "(a = \'x%sy\')", "Parallel Aware": false, "Total Cost": 1.5}'
_REPR = "{'Node Type': 'Seq Scan', 'Filter': %s, 'Parallel Aware': False, 'Total Cost': %s}"


@pytest.mark.parametrize(
    "text",
    [
        '[{"Plan": ' + _JSON % "\\n" + "}]",
        '{"Plan": ' + _JSON % "\n" + "}",
        ('[{"Plan": ' + _JSON % "\\n" + "}]").replace('"', '""'),
        "[{'Plan': " + _REPR % ("\"(a = 'x\ny')\"", "1.5") + "}]",
        "([{'Plan': " + _REPR % ("'(a = \\'x\\ny\\')'", "Decimal('1.5')") + "}],)",
        '[{"QUERY PLAN": [{"Plan": ' + _JSON % "\\n" + "}]}]",
        'explain (format json) select 1;\n[{"Plan":\n' + _JSON % "\\n" + "}]\n(1 row)\n",
    ],
    ids=["array", "object with a newline", "doubled quotes", "repr", "repr of a row", "rows", "text around"],
)
def test_json_in_every_guise_is_the_same_plan(text: str) -> None:
    assert read_raw_plans(text) == [{"Plan": NODE}]


def test_several_plans_in_one_array_or_one_after_the_other() -> None:
    one = '{"Plan": {"Node Type": "Result"}}'
    assert len(read_raw_plans(f"[{one}, {one}]")) == 2
    assert len(read_raw_plans(f"[{one}]\n[{one}]\n{one}\n")) == 3
    assert len(read_raw_plans(f'["Utility Statement", {one}]')) == 1


def test_auto_explain_leaves_the_query_element_and_the_list_out() -> None:
    expected = [{"Query Text": "select 1", "Plan": {"Node Type": "Result", "Plan Rows": 1}}]
    assert (
        read_raw_plans('Query Text: "select 1"\nPlan: \n  Node Type: "Result"\n  Plan Rows: 1\n') == expected
    )
    node = "<Node-Type>Result</Node-Type><Plan-Rows>1</Plan-Rows>"
    xml = f"<explain><Query-Text>select 1</Query-Text><Plan>{node}</Plan></explain>"
    assert read_raw_plans(xml) == expected


@pytest.mark.parametrize(
    "template",
    [
        "Seq Scan on t\n  Filter: (a = '{}'::text)\n",
        '[{{"Plan": {{"Node Type": "Seq Scan", "Filter": "(a = \'{}\'::text)"}}}}]',
        "<explain><Query><Plan><Filter>(a = '{}'::text)</Filter></Plan></Query></explain>",
    ],
    ids=["text", "JSON", "XML"],
)
def test_terminal_escapes_are_data(template: str) -> None:
    [plan] = read_raw_plans(template.format("\x1b[31m"))
    assert plan["Plan"]["Filter"] == "(a = '\x1b[31m'::text)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "input is empty"),
        ("\ufeff \n\n", "input is empty"),
        ("select 1 from t where a = 2;", "no plan found in the input"),
        ("\x00\x01\x02", "no plan found in the input"),
        ("42", "no plan found in the input"),
        ('[{"a": 1}]', 'JSON, but not a plan: no "Plan" key'),
        ('{"Plan": 1}', 'JSON, but not a plan: no "Plan" key'),
        ('[\n  {"Plan": {\n "Node Type": "Seq', "JSON plan is cut off at line 3"),
        ('[\n  {"Plan": {"Node Type": "Seq Scan"},\n', "JSON plan is cut off at line 2"),
        ('[\n  {"Plan": {"Node Type": "Seq Scan",,}}]', "JSON plan: .* at line 2"),
        ("<explain>\n<Query>\n<Pl", "XML plan is cut off at line 3"),
        ("<explain>\n<Query></Plan></Query></explain>", "XML plan is broken at line 2"),
        ("<explain>\n<Query></Query></explain>", "XML, but not a plan"),
        (
            '- Plan: \n    Node Type: "Seq Scan"\n    Relation Name: "o',
            "YAML plan is broken or cut off at line 3",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message) as caught:
        read_raw_plans(text)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).endswith(".")


def test_entities_and_aliases_are_refused() -> None:
    with pytest.raises(PlanError, match="document type or entity"):
        read_raw_plans('<!DOCTYPE x [<!ENTITY a "b">]><explain><Plan>&a;</Plan></explain>')
    with pytest.raises(PlanError, match="aliases are not read"):
        read_raw_plans('- Plan:\n    Node Type: "Append"\n    Plans: &a\n      - *a\n')


@pytest.mark.parametrize(
    "text",
    [
        '[{"Plan": ' + '{"Node Type": "Limit", "Plans": [' * 50_000,
        '- Plan:\n    Node Type: "Limit"\n    Plans:\n      ' + "- " * 50_000,
        '- Plan:\n    Node Type: "Limit"\n    Plans: ' + "[" * 200_000,
        "- Plan:\n" + "\n".join(" " * depth + '- Node Type: "Limit"' for depth in range(4_200)),
        "<explain>" + "<Plan><Node-Type>Limit</Node-Type>" * 5_000 + "</Plan>" * 5_000 + "</explain>",
    ],
    ids=["JSON", "YAML dashes", "YAML brackets", "YAML", "XML"],
)
def test_nesting_too_deep_for_the_stack_is_a_plan_error(text: str) -> None:
    with pytest.raises(PlanError, match="nested too deeply"):
        read_raw_plans(text)
