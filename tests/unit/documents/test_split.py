import pytest

from grayc.documents.split import count_lines, split_text
from grayc.source import split_lines


def pieces(text: str) -> list[tuple[int, str]]:
    return [(piece.line, piece.text) for piece in split_text(text)[0]]


def bad(text: str) -> list[tuple[int, int]]:
    return [(border.line, border.length) for border in split_text(text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 1\n", [(1, "a: 1\n")], id="one"),
        pytest.param("a: 1\n---\nb: 2\n", [(1, "a: 1\n"), (3, "b: 2\n")], id="two"),
        pytest.param("---\na: 1\n---\n", [(2, "a: 1\n")], id="borders around"),
        pytest.param("a: 1\n---", [(1, "a: 1\n")], id="border without line end"),
        pytest.param("a: 1\n--- # x\nb: 2\n", [(1, "a: 1\n"), (3, "b: 2\n")], id="comment on a border"),
        pytest.param("a: 1\n---  \t\nb: 2\n", [(1, "a: 1\n"), (3, "b: 2\n")], id="space on a border"),
        pytest.param("a: 1\r\n---\r\nb: 2\r\n", [(1, "a: 1\r\n"), (3, "b: 2\r\n")], id="crlf"),
        pytest.param("---\n---\n \n---\n\n", [], id="blank documents"),
        pytest.param("", [], id="nothing"),
        pytest.param("a: |\n  x\n  ---\n  y\n", [(1, "a: |\n  x\n  ---\n  y\n")], id="in block text"),
        pytest.param("a: 1\r---\rb: 2\n", [(1, "a: 1\r---\rb: 2\n")], id="behind a lone carriage return"),
        pytest.param("a: 1\n---\n\ufeffb: 2\n", [(1, "a: 1\n"), (3, "b: 2\n")], id="byte order mark in the second"),
        pytest.param("a: x\u2028y\n---\nb: 2\n", [(1, "a: x\u2028y\n"), (4, "b: 2\n")], id="line separator counts as a line"),
    ],
)  # fmt: skip
def test_documents_are_cut_at_lines_of_three_dashes(text: str, expected: list[tuple[int, str]]) -> None:
    assert pieces(text) == expected
    assert bad(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a: 1\n--- {b: 2}\n", [(2, 10)]), ("----\n", [(1, 4)]), ("---a: 1\r\n", [(1, 7)]), ('a: "x\n---y"\n', [(2, 5)])],
)
def test_a_border_with_something_else_on_its_line_is_none(text: str, expected: list[tuple[int, int]]) -> None:
    assert bad(text) == expected


def test_lines_end_where_yaml_ends_them() -> None:
    text = "a\nb\r\nc\rd\x85e\u2028f\u2029g"

    assert split_lines(text) == ["a", "b", "c", "d", "e", "f", "g"]
    assert count_lines(text) == 6
    assert split_lines(text) == text.splitlines()
