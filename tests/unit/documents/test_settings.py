"""Settings in texts of configuration stand where they are said to."""

import pytest

from grayc.documents.settings import settings_in


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("a:\n  b: {c: 'd'}\n", [("a.b.c", "d")]),
        ("a: 1\n---\nb: [x, {c: y}]\n", [("a", "1"), ("b", "x"), ("b.c", "y")]),
        ('{"a": {"b.c": "d"}}', [("a.b.c", "d")]),
        ("a.b=c\n# d=e\n! f\nexport G=h\n", [("a.b", "c"), ("G", "h")]),
        ('[kafka]\ngroup = "x"\n', [("kafka.group", "x")]),
        ("{{ if x }}\na: b\n", [("a", "b")]),
        ("a: &x b\nc: *x\nd: e\n", [("a", "b"), ("d", "e")]),
        ("only a sentence", []),
        ("", []),
    ],
)
def test_settings_of_a_text(text: str, settings: list[tuple[str, str]]) -> None:
    found = settings_in(text)
    assert [(each.name, each.value) for each in found] == settings
    assert all(text[each.start : each.end] == each.value for each in found)


def test_a_value_in_other_signs_has_no_place() -> None:
    (found,) = settings_in('a: "b\\u0063"\n')
    assert (found.value, found.start, found.end) == ("bc", -1, -1)
