"""A file in any layout: after an edit it says what was wanted and nothing else, and every byte outside the edit stays."""

import json

from hypothesis import given
from hypothesis import strategies as st

from grayc.documents import Document, parse_documents
from grayc.documents.tree import get, get_map, put
from grayc.edit import Change, Edit, apply_changes, carry, insert_keys, replace_scalar, same_but_for_order
from grayc.source import SourceFile

KEYS = st.sampled_from(["app", "a.b/c", "tier", "x-y", "名字", "1", "true", "k e y", "zz"])
SCALARS = st.one_of(
    st.sampled_from(
        ["web", "1", "true", "", "a: b", "# no", "it's", 'say "x"', "x\ny\n", "- z", "ü", " lead", "a,b]}"]
    ),
    st.integers(-3, 9000),
    st.booleans(),
    st.none(),
)


def named(items: dict[str, object]) -> list[object]:
    """Return a list of items with names, as `env` is one."""
    return [{"name": name, "value": value} for name, value in items.items()]


TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3),
        st.dictionaries(st.sampled_from("ABC"), inner, max_size=3).map(named),
    ),
    max_leaves=8,
)
NEW = st.one_of(
    TREES, st.sampled_from(["x\n\n\n", "\ta\n", " a\n  b\n", "a\nb", "\n", "a\n#b\n", "\x7f", "*x", "yes", "1e3", "x "])
)
COMMENTS = st.sampled_from(["", "", "", " # note", "  # a: {b"])
WAYS = st.sampled_from(["block", "block", "flow", "lines"])


@st.composite
def written(draw: st.DrawFn, value: object, column: int, step: int) -> list[str]:
    """Return a value as lines of YAML in some layout; the first line goes behind a key."""
    if isinstance(value, dict) and value and draw(WAYS) == "block":
        lines = [draw(COMMENTS)]
        for key, item in value.items():
            first, *more = draw(written(item, column + step, step))
            lines += [f"{' ' * column}{draw(quoted(key))}:{first}", *more]
            lines += draw(st.sampled_from([[], [], [""], [f"{' ' * column}# between"]]))
        return lines
    if isinstance(value, list) and value and draw(WAYS) == "block":
        lines = [draw(COMMENTS)]
        dash = column - draw(st.sampled_from([0, step]))
        for item in value:
            if isinstance(item, dict) and item and draw(st.booleans()):
                lead = "- "
                for key, inner in item.items():
                    first, *more = draw(written(inner, dash + 2 + step, step))
                    lines += [f"{' ' * dash}{lead}{draw(quoted(key))}:{first}", *more]
                    lead = "  "
                continue
            lines += [f"{' ' * dash}- {json.dumps(item, ensure_ascii=False)}{draw(COMMENTS)}"]
        return lines
    if isinstance(value, str) and value.endswith("\n") and draw(st.booleans()):
        return [
            f" {draw(st.sampled_from(['|', '|+', '|-', '>']))}{draw(COMMENTS)}",
            *(" " * column + line for line in value[:-1].split("\n")),
        ]
    if isinstance(value, dict) and value and draw(st.booleans()):
        inner = [f"{' ' * (column + 1)}{draw(flow({key: item}))[1:-1]}," for key, item in value.items()]
        return [" {", *inner, f"{' ' * column}}}{draw(COMMENTS)}"]
    return [f" {draw(flow(value))}{draw(COMMENTS)}"]


@st.composite
def flow(draw: st.DrawFn, value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=draw(st.sampled_from([(",", ":"), (", ", ": ")])))
    return text.replace("}", " }") if draw(st.booleans()) and '"' not in text.replace('":', "") else text


@st.composite
def quoted(draw: st.DrawFn, key: str) -> str:
    plain = key.isascii() and key.isalpha() and key != "true"
    return draw(st.sampled_from([key, f'"{key}"', f"'{key}'"])) if plain else f'"{key}"'


@st.composite
def files(draw: st.DrawFn) -> tuple[Document, ...]:
    """Return the objects of a file."""
    parts = []
    for number in range(draw(st.integers(1, 3))):
        spec = draw(st.dictionaries(KEYS, TREES, max_size=4))
        whole: dict[str, object] = {"labels": draw(st.dictionaries(KEYS, SCALARS, max_size=3)), **spec}
        if draw(st.booleans()):
            whole.pop("labels")
        head = [f"apiVersion: v1{draw(COMMENTS)}", "kind: Thing", f"metadata: {{name: thing-{number}}}"]
        if draw(st.integers(0, 4)) == 0:
            data = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": f"thing-{number}"}, "spec": whole}
            parts.append(json.dumps(data, indent=draw(st.sampled_from([None, 2, 4])), ensure_ascii=False).split("\n"))
            continue
        step = draw(st.sampled_from([1, 2, 4]))
        first, *more = draw(written(whole, step, step))
        parts.append([*head, f"spec:{first}", *more])
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = f"{newline}---{newline}".join(newline.join(part) for part in parts)
    source = SourceFile(name="thing.yaml", text=text + newline * draw(st.integers(0, 2)))
    found = parse_documents(source, searched=True)
    assert found.value is not None, (source.text, found.diagnostics)
    return found.value


@st.composite
def changed(draw: st.DrawFn, value: object) -> object:
    """Return a value with some of what is in it changed, gone or new."""
    if isinstance(value, dict) and draw(st.integers(0, 9)):
        kept = {key: draw(changed(item)) for key, item in value.items() if draw(st.integers(0, 5))}
        return {**kept, **draw(st.dictionaries(KEYS, NEW, max_size=2)), **kept}
    if isinstance(value, list) and draw(st.integers(0, 9)):
        kept_items = [draw(changed(item)) for item in value if draw(st.integers(0, 5))]
        more = draw(st.lists(st.one_of(NEW, st.builds(lambda new: {"name": "E", "value": new}, NEW)), max_size=2))
        return [*kept_items, *more]
    return value if draw(st.booleans()) else draw(NEW)


def is_map(value: object) -> bool:
    return isinstance(value, dict)


def without(text: str, edits: tuple[Edit, ...]) -> str:
    """Return what of a text no edit touches."""
    kept, done = [], 0
    for edit in sorted(dict.fromkeys(edits), key=lambda item: (item.start, item.end)):
        kept.append(text[done : edit.start])
        done = edit.end
    return "".join((*kept, text[done:]))


def check(document: Document, data: dict[str, object], edits: tuple[Edit, ...]) -> None:
    made = apply_changes([Change(document=document, data=data, edits=edits)])
    assert made.value is not None, (document.chunk.source.text, edits, made.diagnostics)
    old = document.chunk.source.text
    new = made.value[0].new.text if made.value else old
    # Apart from what `apply_changes` proves: nothing outside the edits has moved.
    rest, at = without(old, edits), 0
    for sign in new:
        if at < len(rest) and sign == rest[at]:
            at += 1
    assert at == len(rest)
    assert len(new) == len(old) + sum(len(edit.text) - (edit.end - edit.start) for edit in dict.fromkeys(edits))


@given(files(), st.data())
def test_a_key_goes_into_any_layout(documents: tuple[Document, ...], data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(documents))
    path = data.draw(
        st.sampled_from([("spec", "labels"), ("spec",), ("spec", "new", "labels"), ("metadata", "labels")])
    )
    if not isinstance(get(document.data, path), dict | None):
        return
    value = data.draw(SCALARS)
    edits = insert_keys(document, path, {"lane": value})
    assert edits.value is not None, (document.chunk.source.text, edits.diagnostics)

    check(document, put(document.data, path, {**get_map(document.data, path), "lane": value}), edits.value)
    if edits.value[0].start == edits.value[0].end:
        old = document.chunk.source.text
        assert without(old, edits.value) == old


@given(files(), st.data())
def test_a_scalar_is_replaced_in_any_layout(documents: tuple[Document, ...], data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(documents))
    spec = get_map(document.data, ("spec",))
    paths = [("spec", key) for key, value in spec.items() if not isinstance(value, dict | list)]
    paths += [("spec", "labels", key) for key, value in get_map(spec, ("labels",)).items()]  # type: ignore[misc]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    value = data.draw(SCALARS)
    edits = replace_scalar(document, path, value)
    assert edits.value is not None, (document.chunk.source.text, edits.diagnostics)

    check(document, put(document.data, path, value), edits.value)


@given(files(), st.data())
def test_a_change_is_carried_into_any_layout_or_told(documents: tuple[Document, ...], data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(documents))
    wanted = {**document.data, "spec": data.draw(changed(get_map(document.data, ("spec",))).filter(is_map))}
    made = carry(document, wanted)

    check(document, made.change.data, made.change.edits)
    assert bool(made.left) != same_but_for_order(made.change.data, wanted), (document.chunk.source.text, made.left)
