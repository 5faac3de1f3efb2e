"""A key goes into any layout that people write, and every other byte stays."""

import pytest

from grayc.documents import Document, parse_documents
from grayc.documents.tree import get_list, get_map, put
from grayc.edit import Change, Edit, append_items, apply_changes, insert_keys
from grayc.source import SourceFile

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


BLOCK: dict[str, tuple[str, str]] = {
    "behind the last key": (
        "spec:\n  labels:\n    app: web\n  x: 1\n",
        "spec:\n  labels:\n    app: web\n    lane: original\n  x: 1\n",
    ),
    "four columns": (
        "spec:\n    labels:\n        app: web\n",
        "spec:\n    labels:\n        app: web\n        lane: original\n",
    ),
    "comment behind the value": (
        "spec:\n  labels:\n    app: web  # the app\n    # more to come\n",
        "spec:\n  labels:\n    app: web  # the app\n    lane: original\n    # more to come\n",
    ),
    "blanks at the ends of lines": (
        "spec:  \n  labels: \t\n    app: web   \n\n\n",
        "spec:  \n  labels: \t\n    app: web   \n    lane: original\n\n\n",
    ),
    "no line end at the end of the file": (
        "spec:\n  labels:\n    app: web",
        "spec:\n  labels:\n    app: web\n    lane: original",
    ),
    "double quotes everywhere": (
        'spec:\n  labels:\n    "app": "web"\n',
        'spec:\n  labels:\n    "app": "web"\n    "lane": "original"\n',
    ),
    "single quotes around values": (
        "spec:\n  labels:\n    app: 'web'\n",
        "spec:\n  labels:\n    app: 'web'\n    lane: 'original'\n",
    ),
    "quotes in one place only": (
        "spec:\n  labels:\n    app: web\n    port: '80'\n",
        "spec:\n  labels:\n    app: web\n    port: '80'\n    lane: original\n",
    ),
    "an anchor that nobody uses": (
        "spec:\n  labels: &labels\n    app: &app web\n",
        "spec:\n  labels: &labels\n    app: &app web\n    lane: original\n",
    ),
    "a literal text comes last": (
        "spec:\n  labels:\n    app: |\n      web\n\n      b\n\n  x: 1\n",
        "spec:\n  labels:\n    app: |\n      web\n\n      b\n    lane: original\n\n  x: 1\n",
    ),
    "a literal text that keeps its blank lines": (
        "spec:\n  labels:\n    app: |+\n      web\n\n  x: 1\n",
        "spec:\n  labels:\n    app: |+\n      web\n\n    lane: original\n  x: 1\n",
    ),
    "a list comes last, its dashes not indented": (
        "spec:\n  labels:\n    app:\n    - a\n    - b: 1\n      c: 2\n  x: 1\n",
        "spec:\n  labels:\n    app:\n    - a\n    - b: 1\n      c: 2\n    lane: original\n  x: 1\n",
    ),
    "a text of two lines comes last": (
        "spec:\n  labels:\n    app: web\n      shop\n  x: 1\n",
        "spec:\n  labels:\n    app: web\n      shop\n    lane: original\n  x: 1\n",
    ),
    "a key without value comes last": (
        "spec:\n  labels:\n    app:\n  x: 1\n",
        "spec:\n  labels:\n    app:\n    lane: original\n  x: 1\n",
    ),
    "a merged mapping": (
        "base: &base {app: web}\nspec:\n  labels:\n    <<: *base\n  x: 1\n",
        "base: &base {app: web}\nspec:\n  labels:\n    <<: *base\n    lane: original\n  x: 1\n",
    ),
    "no value at all": (
        "spec:\n  labels:  # none yet\n  x: 1\n",
        "spec:\n  labels:  # none yet\n    lane: original\n  x: 1\n",
    ),
    "null in words": ("spec:\n  labels: null # none\n", "spec:\n  labels: {lane: original} # none\n"),
    "no mapping": ("spec:\n  x: 1\n", "spec:\n  x: 1\n  labels:\n    lane: original\n"),
    "no mapping above it either": ("a: 1\n", "a: 1\nspec:\n  labels:\n    lane: original\n"),
    "no mapping, and a file indented by four": (
        "spec:\n    x:\n        y: 1\n",
        "spec:\n    x:\n        y: 1\n    labels:\n        lane: original\n",
    ),
    "empty braces": ("spec:\n  labels: {}\n", "spec:\n  labels: {lane: original}\n"),
    "empty braces with a blank": ("spec:\n  labels: { } # none\n", "spec:\n  labels: { lane: original } # none\n"),
    "braces": ("spec:\n  labels: {app: web}\n", "spec:\n  labels: {app: web, lane: original}\n"),
    "braces with blanks": ("spec: { labels: { app: web } }\n", "spec: { labels: { app: web, lane: original } }\n"),
    "braces with a comma at the end": (
        "spec: {labels: {app: web,}}\n",
        "spec: {labels: {app: web, lane: original,}}\n",
    ),
    "braces with a key alone": ("spec: {labels: {app}}\n", "spec: {labels: {lane: original, app}}\n"),
    "null in braces": ("spec: {labels: , x: 1}\n", "spec: {labels: {lane: original}, x: 1}\n"),
    "a key alone in braces": ("spec: {labels, x: 1}\n", "spec: {labels: {lane: original}, x: 1}\n"),
    "no mapping in braces": ("spec: {x: 1}\n", "spec: {x: 1, labels: {lane: original}}\n"),
    "quotes in braces": ('spec: {"labels": {"app": "w"}}\n', 'spec: {"labels": {"app": "w", "lane": "original"}}\n'),
    "braces over several lines": (
        "spec:\n  labels: {\n    app: web,  # the app\n    b: c\n  }\n",
        "spec:\n  labels: {\n    lane: original,\n    app: web,  # the app\n    b: c\n  }\n",
    ),
    "the second document follows": (
        "spec:\n  labels:\n    app: web\n---\napiVersion: v1\nkind: Other\nmetadata: {name: b}\n",
        "spec:\n  labels:\n    app: web\n    lane: original\n---\napiVersion: v1\nkind: Other\nmetadata: {name: b}\n",
    ),
    "an end mark follows": (
        "spec:\n  labels:\n    app: web\n...\n",
        "spec:\n  labels:\n    app: web\n    lane: original\n...\n",
    ),
    "wide characters": (
        "spec:\n  名字: 网关 # 说明\n  labels: {应用: '网关'}\n",
        "spec:\n  名字: 网关 # 说明\n  labels: {应用: '网关', lane: 'original'}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), BLOCK.values(), ids=BLOCK.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_key_goes_into_a_mapping(before: str, after: str, newline: str) -> None:
    head = HEAD.replace("\n", newline)
    assert inserted(head + before.replace("\n", newline)) == head + after.replace("\n", newline)


JSON: dict[str, tuple[str, str]] = {
    "indented": (
        '{\n  "kind": "T", "apiVersion": "v1", "metadata": {"name": "w"},\n'
        '  "spec": {\n    "labels": {\n      "app": "web"\n    }\n  }\n}\n',
        '{\n  "kind": "T", "apiVersion": "v1", "metadata": {"name": "w"},\n'
        '  "spec": {\n    "labels": {\n      "lane": "original",\n      "app": "web"\n    }\n  }\n}\n',
    ),
    "on one line": (
        '{"kind":"T","apiVersion":"v1","metadata":{"name":"w"},"spec":{"labels":{"app":"web"}}}',
        '{"kind":"T","apiVersion":"v1","metadata":{"name":"w"},"spec":{"labels":{"app":"web","lane":"original"}}}',
    ),
    "empty": (
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": {}}}\n',
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": {"lane": "original"}}}\n',
    ),
    "null": (
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": null}}\n',
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": {"lane": "original"}}}\n',
    ),
    "missing": (
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"x": 1}}\n',
        '{"kind": "T", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"x": 1, "labels": {"lane": "original"}}}\n',
    ),
    "several values in a row": (
        '{"kind": "A", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": {"a": "b"}}} {"kind": "B",'
        ' "apiVersion": "v1", "metadata": {"name": "b"}}\n',
        '{"kind": "A", "apiVersion": "v1", "metadata": {"name": "w"}, "spec": {"labels": {"a": "b", "lane": "original"}}}'
        ' {"kind": "B", "apiVersion": "v1", "metadata": {"name": "b"}}\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), JSON.values(), ids=JSON.keys())
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


ITEMS: dict[str, tuple[str, str]] = {
    "block": (
        "spec:\n  env:\n    - name: A\n      value: a # it\n  x: 1\n",
        "spec:\n  env:\n    - name: A\n      value: a # it\n    - name: B\n      value: b\n  x: 1\n",
    ),
    "dashes not indented": ("spec:\n  env:\n  - name: A\n", "spec:\n  env:\n  - name: A\n  - name: B\n    value: b\n"),
    "behind an anchor": (
        "spec:\n  env: &env\n  - name: A\n",
        "spec:\n  env: &env\n  - name: A\n  - name: B\n    value: b\n",
    ),
    "a list in a list": (
        "spec:\n  env:\n  -   - name: A\n  - x\n",
        "spec:\n  env:\n  -   - name: A\n  - x\n  - name: B\n    value: b\n",
    ),
    "brackets": ("spec: {env: [{name: A}]}\n", "spec: {env: [{name: A}, {name: B, value: b}]}\n"),
    "empty": ("spec:\n  env: []\n", "spec:\n  env: [{name: B, value: b}]\n"),
    "null": ("spec:\n  env:\n  x: 1\n", "spec:\n  env:\n    - name: B\n      value: b\n  x: 1\n"),
    "missing": ("spec:\n  x: 1\n", "spec:\n  x: 1\n  env:\n    - name: B\n      value: b\n"),
}


@pytest.mark.parametrize(("before", "after"), ITEMS.values(), ids=ITEMS.keys())
def test_an_item_goes_to_the_end_of_a_list(before: str, after: str) -> None:
    document = documents(HEAD + before)[0]
    item = {"name": "B", "value": "b"}
    edits = append_items(document, ("spec", "env"), [item]).value
    assert edits is not None
    data = put(document.data, ("spec", "env"), [*get_list(document.data, ("spec", "env")), item])

    made = apply_changes([Change(document=document, data=data, edits=edits)])

    assert made.value is not None, made.diagnostics
    assert made.value[0].new.text == HEAD + after
