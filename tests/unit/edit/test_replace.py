"""A scalar gets another value in the quotes it has, and every other byte stays."""

import pytest

from grayc.documents import Document, parse_documents
from grayc.documents.tree import put
from grayc.edit import Change, apply_changes, replace_scalar
from grayc.source import SourceFile

HEAD = "apiVersion: v1\nkind: Thing\nmetadata: {name: web}\n"


def document_of(text: str) -> Document:
    found = parse_documents(SourceFile(name="web.yaml", text=text), searched=True).value
    assert found is not None
    return found[0]


def replaced(text: str, value: object) -> str:
    document = document_of(text)
    edits = replace_scalar(document, ("spec", "a"), value)
    assert edits.value is not None, edits.diagnostics
    data = put(document.data, ("spec", "a"), value)
    made = apply_changes([Change(document=document, data=data, edits=edits.value)])
    assert made.value is not None, made.diagnostics
    return made.value[0].new.text


CASES: dict[str, tuple[str, object, str]] = {
    "plain": ("  a: web:1.0 # image\n", "web:1.1", "  a: web:1.1 # image\n"),
    "plain that needs quotes now": ("  a: web\n", "1", '  a: "1"\n'),
    "plain that starts as a number does": ("  a: 5s\n", "8s", "  a: 8s\n"),
    "plain version": ("  a: 1.9.0\n", "1.10.0-rc.1", "  a: 1.10.0-rc.1\n"),
    "what some reader takes for a number": ("  a: 5s\n", "1e3", '  a: "1e3"\n'),
    "a date": ("  a: 5s\n", "2026-01-02", '  a: "2026-01-02"\n'),
    "a number": ("  a: 1\n", 3, "  a: 3\n"),
    "double quotes": ('  a: "web" # it\n', 'b "c"', '  a: "b \\"c\\"" # it\n'),
    "single quotes": ("  a: 'web'\n", "it's", "  a: 'it''s'\n"),
    "single quotes that cannot hold it": ("  a: 'web'\n", "b\tc", '  a: "b\\tc"\n'),
    "nothing": ("  a:\n  b: 1\n", "web", "  a: web\n  b: 1\n"),
    "nothing before a comment": ("  a: # none\n  b: 1\n", "web", "  a: web # none\n  b: 1\n"),
    "an anchor that nobody uses": ("  a: &it web\n", "shop", "  a: &it shop\n"),
    "braces": ("  {a: web, b: 1}\n", "x,y", '  {a: "x,y", b: 1}\n'),
    "literal": ("  a: |\n    one\n    two\n\n  b: 1\n", "three\n", "  a: |\n    three\n\n  b: 1\n"),
    "literal with a comment": ("  a: | # text\n      one\n", "two\nthree\n", "  a: | # text\n      two\n      three\n"),
    "literal without a line end": ("  a: |-\n    one\n  b: 1\n", "x\ny", "  a: |-\n    x\n    y\n  b: 1\n"),
    "literal that gets a line end": ("  a: |-\n    one\n  b: 1\n", "x\ny\n", "  a: |\n    x\n    y\n  b: 1\n"),
    "literal that starts with a blank": ("  a: |\n    one\n  b: 1\n", " x\ny\n", "  a: |2\n     x\n    y\n  b: 1\n"),
    "folded becomes literal": ("  a: >\n    one\n    two\n  b: 1\n", "x\ny\n", "  a: |\n    x\n    y\n  b: 1\n"),
    "literal that becomes a word": ("  a: |\n    one\n    two\n  b: 1\n", "", '  a: ""\n  b: 1\n'),
    "plain that becomes lines": ("  a: web # it\n  b: 1\n", "x\ny\n", "  a: | # it\n    x\n    y\n  b: 1\n"),
    "quotes that get lines": ('  a: "web"\n  b: 1\n', "x\ny\n", '  a: "x\\ny\\n"\n  b: 1\n'),
    "several lines at the end of the file": ("  a: |\n    one", "two\n", "  a: |\n    two"),
    "lines at its end": ("  a: |\n    one\n  b: 1\n", "x\n\n\n", "  a: |+\n    x\n\n\n  b: 1\n"),
    "lines at its end, and blank lines below": ("  a: |\n    one\n\n  b: 1\n", "x\n\n", '  a: "x\\n\\n"\n\n  b: 1\n'),
    "lines at its end, and at the end of the file": ("  a: web", "x\n\n", '  a: "x\\n\\n"'),
    "lines above a comment that they would take in": (
        "  a: web\n     # below it\n  b: 1\n",
        "x\ny\n",
        '  a: "x\\ny\\n"\n     # below it\n  b: 1\n',
    ),
    "lines that start with a tab": ("  a: web\n  b: 1\n", "\tx\ny\n", "  a: |2\n    \tx\n    y\n  b: 1\n"),
    "plain over two lines": ("  a: web\n    shop # it\n  b: 1\n", "cart", "  a: cart # it\n  b: 1\n"),
}


@pytest.mark.parametrize(("before", "value", "after"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_scalar_gets_another_value(before: str, value: object, after: str, newline: str) -> None:
    head = (HEAD + "spec:\n").replace("\n", newline)

    assert replaced(head + before.replace("\n", newline), value) == head + after.replace("\n", newline)


def test_json_stays_json() -> None:
    text = '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"a": "x"}}\n'

    assert replaced(text, 'b"ü') == text.replace('"x"', '"b\\"ü"')
    assert replaced(text, "\x7f\ufeff\n") == text.replace('"x"', '"\\u007f\\ufeff\\n"')


@pytest.mark.parametrize(
    "text",
    ["  b: &it web\n  a: *it\n", "  a: !!str 1\n", "  b: &it {a: web}\n  <<: *it\n"],
    ids=["alias", "tag", "merge"],
)
def test_what_other_places_share_is_refused(text: str) -> None:
    made = replace_scalar(document_of(f"{HEAD}spec:\n{text}"), ("spec", "a"), "shop")

    assert made.value is None
    assert [(found.code, found.field) for found in made.diagnostics] == [("GC620", "spec.a")]


def test_an_anchor_that_is_used_is_refused() -> None:
    document = document_of(f"{HEAD}spec:\n  a: &it web\n  b: *it\n")
    edits = replace_scalar(document, ("spec", "a"), "shop").value or ()

    made = apply_changes([Change(document=document, data=put(document.data, ("spec", "a"), "shop"), edits=edits)])

    assert [found.code for found in made.diagnostics] == ["GC620"]


@pytest.mark.parametrize("text", ["  b: 1\n", "  a: {b: 1}\n", "  a: [1]\n"])
def test_what_is_no_scalar_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(KeyError):
        replace_scalar(document_of(f"{HEAD}spec:\n{text}"), ("spec", "a"), "shop")
