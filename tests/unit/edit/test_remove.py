"""Entries and items are taken out of any layout, and nothing else goes with them."""

import pytest

from grayc.documents import parse_documents
from grayc.documents.tree import drop, get
from grayc.edit import Change, apply_changes, remove_children
from grayc.source import SourceFile

HEAD = "apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n"


def taken(text: str, path: tuple[str | int, ...], *gone: str | int) -> str:
    """Return the text afterwards, or why there is none."""
    (document,) = parse_documents(SourceFile(name="a.yaml", text=HEAD + text)).value or ()
    made = remove_children(document, path, gone)
    if made.value is None:
        return made.diagnostics[0].message.partition(": ")[2]
    data = document.data
    for key in sorted(gone, reverse=True, key=str):
        data = drop(data, (*path, key))
    edited = apply_changes([Change(document=document, data=data, edits=made.value)])
    assert edited.value, (edited.diagnostics, get(data, path))
    return edited.value[0].new.text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("text", "gone", "after"),
    [
        ("d:\n  a: 1\n  b: 2\n", ["a"], "d:\n  b: 2\n"),
        ("d:\n  a: 1\n  b: 2\n", ["b"], "d:\n  a: 1\n"),
        ("d:\n  a: 1\n  b: 2", ["b"], "d:\n  a: 1"),
        ("d:\r\n  a: 1\r\n  b: 2\r\n", ["b"], "d:\r\n  a: 1\r\n"),
        ("d:\n  a: 1\n", ["a"], "d: {}\n"),
        ("d: # why\n  a: 1\n  b: 2\n", ["a", "b"], "d: {} # why\n"),
        ("d:\n  a: |\n    # text\n    more\n  b: 2\n", ["a"], "d:\n  b: 2\n"),
        ("d:\n  a: |\n    # text\n  b: 2\n", ["b"], "d:\n  a: |\n    # text\n"),
        ("d:\n  a: 'x # y'\n  b: 2\n", ["a"], "d:\n  b: 2\n"),
        ("d:\n  a:\n    - 1\n    - {c: 3}\n  b: 2\n", ["a"], "d:\n  b: 2\n"),
        ("d:\n  a:\n  b: 2\n", ["a"], "d:\n  b: 2\n"),
        ("d:\n  a: 1\n\n  # of c\n  c: 2\n", ["a"], "d:\n\n  # of c\n  c: 2\n"),
        ("d: {a: 1, b: 2, c: 3}\n", ["a"], "d: {b: 2, c: 3}\n"),
        ("d: {a: 1, b: 2, c: 3}\n", ["b"], "d: {a: 1, c: 3}\n"),
        ("d: {a: 1, b: 2, c: 3}\n", ["c"], "d: {a: 1, b: 2}\n"),
        ("d: {a: 1, b: 2, c: 3}\n", ["a", "b"], "d: {c: 3}\n"),
        ("d: {a: 1, b: 2, c: 3}\n", ["a", "c"], "d: {b: 2}\n"),
        ("d: { a: 1, b: 2, }\n", ["a", "b"], "d: {}\n"),
        ("d: &d {a: 1}\n", ["a"], "d: &d {}\n"),
        ("d: &d\n  a: 1\n", ["a"], "d: &d {}\n"),
        ("d: {\n  a: 1,\n  b: 2\n}\n", ["b"], "d: {\n  a: 1\n}\n"),
        ("d: {\n  a: 1,\n  b: 2\n}\n", ["a"], "d: {\n  b: 2\n}\n"),
    ],
)
def test_keys_go_and_all_else_stays(text: str, gone: list[str], after: str) -> None:
    assert taken(text, ("d",), *gone) == after


@pytest.mark.parametrize(
    ("text", "gone", "after"),
    [
        ("d:\n- a\n- b\n", [0], "d:\n- b\n"),
        ("d:\n  - a\n  - name: b\n    c: 1\n", [1], "d:\n  - a\n"),
        ("d:\n  - a\n", [0], "d: []\n"),
        ("d:\n  -   name: b\n      c: 1\n  - {name: a}\n", [0], "d:\n  - {name: a}\n"),
        ("d: [a, b, c]\n", [1], "d: [a, c]\n"),
        ("d: [{a: 1}, {b: 2}]\n", [0], "d: [{b: 2}]\n"),
        ("d: [a]\n", [0], "d: []\n"),
        ("d: &d # items\n- a\n", [0], "d: &d [] # items\n"),
    ],
)
def test_items_go_and_all_else_stays(text: str, gone: list[int], after: str) -> None:
    assert taken(text, ("d",), *gone) == after


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("d:\n  a: 1 # of a\n  b: 2\n", "a comment stands in it"),
        ("d:\n  a: | # of a\n    text\n  b: 2\n", "a comment stands in it"),
        ("d:\n  a:\n    c: 1\n    # within\n    e: 2\n  b: 2\n", "a comment stands in it"),
        ("d:\n  # of a\n  a: 1\n  b: 2\n", "a comment stands above it"),
        ("d:\n  a: 1\n    # below a\n  b: 2\n", "a comment stands below it"),
        ("d:\n  a: &x 1\n  b: *x\n", "an anchor stands in it, which others may need"),
        ("d:\n  b: |+\n    x\n\n  a: 1\n\n  c: 1\n", "the text above it would get the blank lines below it"),
        ("d:\n  b:\n    - |+\n      x\n\n  a: 1\n\n  c: 1\n", "the text above it would get the blank lines below it"),
        ("d: {\n  b: 1, # of b\n  a: 2\n}\n", "a comment stands in it"),
    ],
)
def test_what_a_comment_speaks_of_stays(text: str, why: str) -> None:
    assert taken(text, ("d",), "a") == why


def test_what_others_share_stays() -> None:
    assert "alias" in taken("x: &x {a: 1}\nd: *x\n", ("d",), "a")
    assert "alias" in taken("x: &x [{a: 1}]\nd: *x\n", ("d", 0), "a")
    assert "<<" in taken("x: &x {a: 1}\nd: {<<: *x, b: 2}\n", ("d",), "a")
    assert "<<" in taken("x: &x {a: 1}\nd: {<<: *x, a: 2}\n", ("d",), "a")


def test_what_is_not_there_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        taken("d: {a: 1}\n", ("d",), "b")
    with pytest.raises(KeyError):
        taken("d: 1\n", ("d",), "b")
