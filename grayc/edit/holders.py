"""Where a value of a rendered manifest may come from in a file of Argo CD or Flux: what could be written there.

Each is a guess, as in `origin`. Texts that hold YAML of their own are edited inside, so that comments in them stay.
"""

import re
from collections.abc import Iterator, Mapping

from grayc.documents import Document, Path
from grayc.documents.argocd import parse_image
from grayc.documents.declared import Holder, Holds
from grayc.documents.reader import parse_plain
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, put
from grayc.edit.apply import apply_edits
from grayc.edit.carry import Left, carry
from grayc.edit.origin import (
    Edits,
    added_to_kustomization,
    added_to_values,
    in_kustomization,
    in_values,
    split_image,
    value_changes,
)
from grayc.edit.replace import replace_scalar
from grayc.records import dataclass, field, replace
from grayc.source import SourceFile

_BETWEEN_KEYS = re.compile(r"(?<!\\)\.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aim:
    """What is to change.

    Attributes:
        rendered: the object that it is a part of.
        item: where in it, and to what.
        old: what stands there.
        values: what all values of its chart together say.
        defaults: variables that files give a default, `${NAME:=VALUE}` → the value.
    """

    rendered: Document
    item: Left
    old: object
    values: dict[str, object]
    defaults: Mapping[str, str] = field(default_factory=dict)


def in_holder(holder: Holder, aim: Aim) -> Iterator[Edits]:
    """Yield the edits that change a value where it stands in a holder."""
    document, at = holder.document, holder.at
    all_values, rendered, item, old = aim.values, aim.rendered, aim.item, aim.old
    match holder.holds:
        case Holds.VALUES:
            if (values := _view(document, at)) is not None:
                yield from in_values(values, all_values, rendered, item, old)
        case Holds.VALUES_TEXT:
            for inner in _inner(document, at):
                for edits in in_values(inner, all_values, rendered, item, old):
                    yield from _lifted(document, at, inner, edits)
        case Holds.PARAMETERS:
            yield from _in_parameters(document, at, aim)
        case Holds.IMAGES:
            if (view := _view(document, at[:-1])) is not None:
                yield from in_kustomization(view, item, old)
        case Holds.IMAGE_TEXTS:
            yield from _in_image_texts(document, at, item, old)
        case Holds.VARIABLES:
            yield from _in_variables(document, at, get_map(document.data, at), item, old)
        case Holds.PATCHES:
            yield from _in_patches(document, at, item, old)


def added_to_holder(holder: Holder, aim: Aim) -> Iterator[Edits]:
    """Yield the edits that put a value into a holder which does not say it yet."""
    document, at = holder.document, holder.at
    all_values, rendered, item, old = aim.values, aim.rendered, aim.item, aim.old
    match holder.holds:
        case Holds.VALUES:
            # Nothing may be there to edit yet: the way to it is made, in the document as a whole.
            yield from _made(document, at, aim)
        case Holds.VALUES_TEXT:
            for inner in _inner(document, at):
                for edits in added_to_values(inner, all_values, rendered, item, old):
                    yield from _lifted(document, at, inner, edits)
        case Holds.IMAGES:
            if (view_above := _view(document, at[:-1])) is not None:
                yield from added_to_kustomization(view_above, item, old)
        case Holds.IMAGE_TEXTS:
            if item.path[-1:] == ("image",) and isinstance(old, str) and isinstance(item.value, str):
                was, _, _ = split_image(old)
                entry = _image_text(was, item.value)
                yield from _carried(document, put(document.data, at, [*get_list(document.data, at), entry]))
        case Holds.VARIABLES:
            given = get_map(document.data, at)
            defaults = {name: value for name, value in aim.defaults.items() if name not in given}
            yield from _in_variables(document, at, defaults, item, old)
        case Holds.PARAMETERS | Holds.PATCHES:
            return


def _view(document: Document, at: Path) -> Document | None:
    """Return a mapping inside a document as a document of its own, at its place in the file."""
    data = get(document.data, at)
    return replace(document, data=data, root=(*document.root, *at)) if is_mapping(data) else None


def _carried(document: Document, wanted: dict[str, object]) -> Iterator[Edits]:
    carried = carry(document, wanted)
    if not carried.left and carried.change.edits:
        yield carried.change.edits


def _made(document: Document, at: Path, aim: Aim) -> Iterator[Edits]:
    for change in value_changes(aim.values, aim.values, aim.rendered, aim.item, aim.old):
        if any(isinstance(step, int) for path in change for step in path):
            continue
        data = document.data
        for path, value in change.items():
            data = put(data, (*at, *path), value)
        yield from _carried(document, data)


def _in_parameters(document: Document, at: Path, aim: Aim) -> Iterator[Edits]:
    """Yield the edits of parameters: a name is the way to a value, and a value is text."""
    places: dict[Path, int] = {}
    nested: dict[str, object] = {}
    for position, each in enumerate(get_list(document.data, at)):
        name = get_text(each, ("name",))
        if name and "[" not in name:
            steps: Path = tuple(step.replace("\\", "") for step in _BETWEEN_KEYS.split(name))
            places[steps] = position
            nested = put(nested, steps, get_text(each, ("value",)))
    for change in value_changes(nested, aim.values, aim.rendered, aim.item, aim.old):
        if not all(path in places for path in change):
            continue
        data = document.data
        for path, value in change.items():
            text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
            data = put(data, (*at, places[path], "value"), text)
        yield from _carried(document, data)


def _image_text(name: str, image: str, *, is_full: bool = False) -> str:
    """Return an image as Argo CD writes it.

    Args:
        is_full: with both names, also where they are the same.
    """
    new, tag, digest = split_image(image)
    if is_full and new == name:
        return f"{name}={_image_text(name, image)}"
    return f"{name}={new}" * (new != name) + name * (new == name) + f":{tag}" * bool(tag) + f"@{digest}" * bool(digest)


def _in_image_texts(document: Document, at: Path, item: Left, old: object) -> Iterator[Edits]:
    """Yield the edits of images as Argo CD writes them: `NAME[=NEW][:TAG][@DIGEST]`."""
    if item.path[-1:] != ("image",) or not isinstance(old, str) or not isinstance(item.value, str):
        return
    was, _, _ = split_image(old)
    for position, each in enumerate(get_list(document.data, at)):
        said = parse_image(each) if isinstance(each, str) else {}
        if was in (said.get("newName"), said.get("name")):
            wanted = _image_text(str(said["name"]), item.value, is_full="newName" in said)
            yield from _carried(document, put(document.data, (*at, position), wanted))


def _in_variables(
    document: Document, at: Path, given: Mapping[str, object], item: Left, old: object
) -> Iterator[Edits]:
    """Yield the edits of variables whose value stands in what is to change, with nothing else of it changing."""
    if not isinstance(old, str | int | float) or not isinstance(item.value, str | int | float):
        return
    before, after = str(old), str(item.value)
    for name, value in given.items():
        said = str(value)
        found = before.find(said) if said else -1
        while found >= 0:
            head, tail = before[:found], before[found + len(said) :]
            middle = after[len(head) : len(after) - len(tail)]
            if after.startswith(head) and after.endswith(tail) and len(after) >= len(head) + len(tail) and middle:
                yield from _carried(document, put(document.data, (*at, name), middle))
            found = before.find(said, found + 1)


def _in_patches(document: Document, at: Path, item: Left, old: object) -> Iterator[Edits]:
    """Yield the edits of inline patches that say the value."""
    for position, each in enumerate(get_list(document.data, at)):
        place = (*at, position, "patch")
        if not isinstance(get(each, ("patch",)), str):
            continue
        for inner in _inner(document, place, is_any=True):
            parsed = parse_plain(inner.chunk.source).value
            for path, leaf in _leaves(parsed[1] if parsed is not None else None, ()):
                if type(leaf) is type(old) and leaf == old:
                    made = replace_scalar(inner, path, item.value)
                    if made.value is not None:
                        yield from _lifted(document, place, inner, made.value)


def _leaves(value: object, at: Path) -> Iterator[tuple[Path, object]]:
    if is_mapping(value):
        for key, inner in value.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, (*at, position))
    else:
        yield at, value


def _inner(document: Document, at: Path, *, is_any: bool = False) -> Iterator[Document]:
    """Yield the YAML that a text holds, as a document of its own.

    Args:
        is_any: also where it is a list; its data is empty then.
    """
    text = get(document.data, at)
    if not isinstance(text, str):
        return
    source = SourceFile(name=document.file, text=text)
    parsed = parse_plain(source).value
    if parsed is not None and (is_mapping(parsed[1]) or is_any):
        yield Document(data=parsed[1] if is_mapping(parsed[1]) else {}, chunk=parsed[0])


def _lifted(document: Document, at: Path, inner: Document, edits: Edits) -> Iterator[Edits]:
    """Yield the edits of the file that edits of a text in it come to."""
    try:
        text = apply_edits(inner.chunk.source.text, edits)
    except ValueError:
        return
    made = replace_scalar(document, at, text)
    if made.value is not None:
        yield made.value
