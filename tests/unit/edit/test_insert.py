"""A key goes into any layout that people write, and every other byte stays."""

from typing import NamedTuple

import pytest

from grayc.documents import Document, parse_documents
from grayc.documents.tree import get_list, get_map, put
from grayc.edit import Change, Edit, append_items, apply_changes, insert_keys
from grayc.source import SourceFile
from tests.vectors import rows

HEAD = "apiVersion: v1\nkind: Thing\nmetadata: {name: web}\n"
LABELS = ("spec", "labels")


def documents(text: str) -> tuple[Document, ...]:
    found = parse_documents(SourceFile(name="web.yaml", text=text), searched=True).value
    assert found is not None
    return found


def inserted(text: str, path: tuple[str | int, ...] = LABELS, key: str = "lane", value: object = "original") -> str:
    """Return a file's text with a key in the mapping at a path of its first object."""
    document = documents(text)[0]
    edits = insert_keys(document, path, {key: value})
    assert edits.value is not None, edits.diagnostics
    data = put(document.data, path, {**get_map(document.data, path), key: value})
    made = apply_changes([Change(document=document, data=data, edits=edits.value)])
    assert made.value is not None, made.diagnostics
    return made.value[0].new.text


class Inserted(NamedTuple):
    """Text before and after."""

    id: str
    before: str
    after: str


BLOCK = rows(__file__, "insertions.yaml", Inserted, table="mappings")


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in BLOCK], ids=[row.id for row in BLOCK])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_key_goes_into_a_mapping(before: str, after: str, newline: str) -> None:
    head = HEAD.replace("\n", newline)
    assert inserted(head + before.replace("\n", newline)) == head + after.replace("\n", newline)


JSON = rows(__file__, "insertions.yaml", Inserted, table="json")


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in JSON], ids=[row.id for row in JSON])
def test_a_key_goes_into_json(before: str, after: str) -> None:
    assert inserted(before) == after


def test_an_item_of_a_list_is_an_object_of_its_own() -> None:
    item = (
        "  - apiVersion: v1\n    kind: Thing\n    metadata: {name: web}\n    spec:\n      labels:\n        app: web\n"
    )
    before = "apiVersion: v1\nkind: List\nitems:\n" + item

    assert inserted(before) == before + "        lane: original\n"


def test_a_document_may_start_with_a_byte_order_mark_of_its_own() -> None:
    first = HEAD + "spec: {}\n"
    second = "\ufeffapiVersion: v1\nkind: Other\nmetadata: {name: web}\nspec: {labels: {app: web}}\n"
    document = documents(f"{first}---\n{second}")[1]
    edits = insert_keys(document, LABELS, {"lane": "original"}).value
    assert edits is not None
    data = put(document.data, (*LABELS, "lane"), "original")

    made = apply_changes([Change(document=document, data=data, edits=edits)]).value

    assert made is not None
    assert made[0].new.text == f"{first}---\n" + second.replace("app: web}", "app: web, lane: original}")


def test_the_value_may_be_a_tree() -> None:
    value = {"a": [{"name": "X", "value": "on"}, "y"], "b": {}}

    assert inserted(HEAD + "spec:\n  labels:\n    app: web\n", value=value).endswith(
        '    lane:\n      a:\n        - name: X\n          value: "on"\n        - "y"\n      b: {}\n'
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1", '"1"'),
        ("true", '"true"'),
        ("a: b", '"a: b"'),
        ("#", '"#"'),
        ("", '""'),
        (1, "1"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_a_value_is_read_as_what_it_was(value: object, shown: str) -> None:
    assert inserted(HEAD + "spec:\n  labels:\n    app: web\n", value=value).endswith(f"    lane: {shown}\n")


def test_an_anchor_that_other_places_share_is_refused() -> None:
    document = documents(HEAD + "spec:\n  labels: &labels\n    app: web\n  more: *labels\n")[0]
    edits = insert_keys(document, LABELS, {"lane": "original"}).value
    assert edits is not None
    data = put(document.data, (*LABELS, "lane"), "original")

    made = apply_changes([Change(document=document, data=data, edits=edits)])

    assert made.value is None
    assert [(item.code, item.object) for item in made.diagnostics] == [("GC620", "Thing/web")]


def test_an_anchor_is_changed_once_where_all_places_are_wanted() -> None:
    text = HEAD + "spec:\n  labels: &labels\n    app: web\n  more: *labels\n"
    document = documents(text)[0]
    data, edits = document.data, list[Edit]()
    for path in (LABELS, ("spec", "more")):
        edits += insert_keys(document, path, {"lane": "original"}).value or ()
        data = put(data, (*path, "lane"), "original")

    made = apply_changes([Change(document=document, data=data, edits=tuple(edits))]).value

    assert made is not None
    assert made[0].new.text == text.replace("app: web\n", "app: web\n    lane: original\n")


@pytest.mark.parametrize("value", ["[a]", "text", "1"])
def test_what_is_no_mapping_is_refused(value: str) -> None:
    document = documents(f"{HEAD}spec:\n  labels: {value}\n")[0]

    made = insert_keys(document, LABELS, {"lane": "original"})

    assert made.value is None
    (found,) = made.diagnostics
    assert (found.code, found.field) == ("GC620", "spec.labels")
    assert found.span is not None and found.span.line == 5


def test_a_key_that_is_there_is_the_callers_mistake() -> None:
    document = documents(HEAD + "spec:\n  labels:\n    lane: gray\n")[0]

    with pytest.raises(ValueError, match="lane"):
        insert_keys(document, LABELS, {"lane": "original"})


def test_one_refused_file_refuses_all() -> None:
    good = documents(HEAD + "spec: {labels: {}}\n")[0]
    bad = documents(HEAD + "spec:\n  labels: &l {}\n  more: *l\n")[0]
    changes = []
    for document in (good, bad):
        edits = insert_keys(document, LABELS, {"lane": "original"}).value or ()
        changes.append(Change(document=document, data=put(document.data, (*LABELS, "lane"), "original"), edits=edits))

    assert apply_changes(changes).value is None


ITEMS = rows(__file__, "insertions.yaml", Inserted, table="items")


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in ITEMS], ids=[row.id for row in ITEMS])
def test_an_item_goes_to_the_end_of_a_list(before: str, after: str) -> None:
    document = documents(HEAD + before)[0]
    item = {"name": "B", "value": "b"}
    edits = append_items(document, ("spec", "env"), [item]).value
    assert edits is not None
    data = put(document.data, ("spec", "env"), [*get_list(document.data, ("spec", "env")), item])

    made = apply_changes([Change(document=document, data=data, edits=edits)])

    assert made.value is not None, made.diagnostics
    assert made.value[0].new.text == HEAD + after
