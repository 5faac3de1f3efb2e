"""Text of users shows and does nothing."""

import json

import pytest

from grayc.diagnostics.visible import columns, json_without_commands, visible, without_commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("灰度 é", "灰度 é"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b", "a\\u2028b"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\U000e0041", "\\U000e0041"),
        ("a\ufffeb", "a\\ufffeb"),
        ("##[add-path]x", "#\\x23[add-path]x"),
        ("##VSO[task.x]", "#\\x23VSO[task.x]"),
        ("## [x]", "## [x]"),
    ],
)
def test_what_does_not_show_as_itself_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_line_starts_as_a_command_to_a_build_server() -> None:
    assert without_commands("a\n  ::error::x\n::x\nb ::x") == "a\n  \\x3a:error::x\n\\x3a:x\nb ::x"


def test_json_keeps_its_value_and_holds_no_command() -> None:
    text = json.dumps({"a": "##[add-path]x ###vso[y] ##teamcity[z"})
    assert "##[" not in json_without_commands(text) and "##vso[" not in json_without_commands(text)
    assert "##teamcity[" not in json_without_commands(text) + visible("a ##teamcity[buildStop]")
    assert json.loads(json_without_commands(text)) == json.loads(text)


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert columns("ab") == 2
    assert columns("灰度") == 4
    assert columns("e\u0301") == 1
