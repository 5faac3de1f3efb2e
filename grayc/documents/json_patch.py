"""JSON patches (RFC 6902), one operation at a time, so that a failure names its operation and what is there instead.

Stricter than `kubectl`, whose library adds what `replace` does not find, reads the index `-1` as the last item and
passes a `test` for null where there is nothing: each of these hides a path that no longer fits the object.

Source: RFC 6902; RFC 6901 for the paths.
"""

import copy
import re
from collections.abc import Sequence
from typing import cast

from grayc.diagnostics.suggest import did_you_mean
from grayc.documents.chunk import Path
from grayc.documents.limits import MAX_COPIED_TEXT, MAX_DEPTH, MAX_EXPANDED_NODES
from grayc.documents.patch_directives import PatchError, is_list, show_value
from grayc.documents.tree import is_mapping

__all__ = ["PatchError", "json_patch"]

_Operation = dict[str, object]
_Steps = tuple[str, ...]

# Members that an operation must have beside `op` and `path`.
_MEMBERS: dict[str, tuple[str, ...]] = {
    "add": ("value",),
    "copy": ("from",),
    "move": ("from",),
    "remove": (),
    "replace": ("value",),
    "test": ("value",),
}

_NOTHING = object()

# More digits than any list has items, and few enough for `int`.
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


def json_patch(target: dict[str, object], operations: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return `target` after all operations, in order; neither is changed.

    Raises:
        PatchError: an operation is malformed, or does not fit what the earlier ones left. Its path starts with the
            operation's position, from 0; the message says the operation, the help what there is instead.
    """
    result = target
    # Only what an operation reaches is copied: thousands of patches of one large object cost what they say.
    own: dict[int, object] = {}
    copied, characters = 0, 0
    for position, operation in enumerate(operations):
        _check_shape(operation, position)
        grown = _check_growth(result, operation, position, copied, characters)
        copied, characters = copied + grown[0], characters + grown[1]
        for member in ("from", "path"):
            if member == "path" or member in _MEMBERS[str(operation["op"])]:
                result = cast("dict[str, object]", _owned_along(result, _steps(operation[member]), own))
        patched = _run(result, operation, position)
        if not is_mapping(patched):
            raise PatchError((position, "path"), f"{_said(operation)} leaves something that is no object",
                             help="write a path below the root")  # fmt: skip
        result = patched
    return result


def _owned_along(document: object, steps: _Steps, own: dict[int, object]) -> object:
    """Return a document in which nothing down to the parent of a place is part of another.

    Args:
        own: what was copied for this before, by its id; grows.
    """
    root = node = _owned(document, own)
    for step in steps[:-1]:
        below = _child(node, step)
        if not (is_mapping(below) or is_list(below)):
            break
        made = _owned(below, own)
        if is_mapping(node):
            node[step] = made
        elif is_list(node):
            node[int(step)] = made
        node = made
    return root


def _owned(node: object, own: dict[int, object]) -> object:
    if id(node) in own:
        return node
    made: object = dict(node) if is_mapping(node) else list(node) if is_list(node) else node
    own[id(made)] = made
    return made


def _run(document: object, operation: _Operation, position: int) -> object:
    """Return the document after one operation, which may change it in place."""
    path = _steps(operation["path"])
    match operation["op"]:
        case "test":
            found = _find(document, path, operation, (position, "path"))
            if not _is_equal(found, operation["value"]):
                raise PatchError(
                    (position, "value"),
                    f"{_said(operation)} fails: there is {show_value(found)}, not {show_value(operation['value'])}",
                    help="the object is not what the patch was written for; look whether the patch still fits it",
                    found=_place(document, path),
                    values=(found, operation["value"]),
                )
            return document
        case "remove":
            _find(document, path, operation, (position, "path"))
            if not path:
                raise PatchError((position, "path"), f"{_said(operation)} takes away the whole object")
        case "replace":
            _find(document, path, operation, (position, "path"))
        case "copy":
            _find(document, _steps(operation["from"]), operation, (position, "from"))
            _check_room(document, path, operation, position)
        case "move":
            source = _steps(operation["from"])
            value = _find(document, source, operation, (position, "from"))
            if source == path[: len(source)]:
                if source == path:
                    return document
                raise PatchError((position, "path"), f"{_said(operation)} moves a value into itself")
            # As the RFC words it: a `remove`, then an `add`, which sees what the `remove` left.
            document = _apply(document, {"op": "remove", "path": operation["from"]}, operation, position)
            _check_room(document, path, operation, position)
            return _apply(document, {"op": "add", "path": operation["path"], "value": value}, operation, position)
        case _:
            _check_room(document, path, operation, position)
    return _apply(document, operation, operation, position)


def _apply(document: object, operation: _Operation, written: _Operation, position: int) -> object:
    import jsonpatch  # noqa: PLC0415 - few releases have such a patch

    try:
        # A copy, since the library may put parts of the operation into the document and later change them there.
        return cast("object", jsonpatch.JsonPatch([copy.deepcopy(operation)]).apply(document, in_place=True))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise PatchError((position,), f"{_said(written)} does not apply: {error}") from None


def _check_shape(operation: object, position: int) -> None:
    """Refuse what is no operation of RFC 6902."""
    if not is_mapping(operation):
        raise PatchError((position,), "operation is no mapping",
                         help="write `op`, `path` and what the operation needs")  # fmt: skip
    name = operation.get("op")
    if "op" not in operation:
        raise PatchError((position,), "operation has no `op`",
                         help=did_you_mean("", _MEMBERS, noun="operation"))  # fmt: skip
    if not isinstance(name, str) or name not in _MEMBERS:
        raise PatchError((position, "op"), f"there is no operation {show_value(name)}",
                         help=did_you_mean(str(name), _MEMBERS, noun="operation"))  # fmt: skip
    needed = ("path", *_MEMBERS[name])
    for member in needed:
        if member not in operation:
            raise PatchError((position,), f"operation `{name}` has no `{member}`",
                             help=f"`{name}` needs {' and '.join(f'`{one}`' for one in needed)}")  # fmt: skip
    for member in ("path", "from"):
        pointer = operation.get(member, "")
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            raise PatchError((position, member), f"`{member}` is {show_value(pointer)}, which is no JSON pointer",
                             help="start with `/` and put `/` between keys, as in `/spec/replicas`")  # fmt: skip
        if re.search(r"~(?![01])", pointer):
            raise PatchError((position, member), f"`~` stands for nothing in {show_value(pointer)}",
                             help="write `~0` for a `~` and `~1` for a `/` in a key")  # fmt: skip


def _check_growth(
    document: object, operation: _Operation, position: int, copied: int, characters: int
) -> tuple[int, int]:
    """Return how many values and characters the operation copies; refuse what grows past what grayc reads from a file.

    Each `copy` can double the object, so a few dozen would fill any memory.
    """
    if operation["op"] in ("remove", "test"):
        return 0, 0
    # What a `move` takes is copied to its new place, too.
    is_copy = operation["op"] in ("copy", "move")
    value = operation.get("value") if "value" in _MEMBERS[str(operation["op"])] else _peek(document, operation["from"])
    nodes, depth, text = _measure(value, MAX_EXPANDED_NODES - copied)
    if is_copy and copied + nodes > MAX_EXPANDED_NODES:
        raise PatchError((position,), f"the patch copies more than {MAX_EXPANDED_NODES} values",
                         help="write what the object needs instead of copying it again and again")  # fmt: skip
    if is_copy and characters + text > MAX_COPIED_TEXT:
        raise PatchError((position,), f"the patch copies more than {MAX_COPIED_TEXT} characters",
                         help="write what the object needs instead of copying it again and again")  # fmt: skip
    if depth + len(_steps(operation["path"])) > MAX_DEPTH:
        raise PatchError((position, "path"), f"{_said(operation)} nests values more than {MAX_DEPTH} levels deep",
                         help=f"Kubernetes has no object with fields {MAX_DEPTH} levels deep")  # fmt: skip
    return (nodes, text) if is_copy else (0, 0)


def _peek(document: object, pointer: object) -> object:
    """Return what stands at a place, None where nothing does."""
    node = document
    for step in _steps(pointer):
        node = _child(node, step)
    return None if node is _NOTHING else node


def _measure(value: object, limit: int) -> tuple[int, int, int]:
    """Return how many values there are, how deep they nest, and how many characters their texts have.

    Stops counting a little past `limit`.
    """
    nodes, depth, characters, level = 0, 0, 0, [value]
    while level and nodes <= limit:
        nodes += len(level)
        below: list[object] = []
        for node in level:
            if is_mapping(node):
                below += node.values()
            elif is_list(node):
                below += node
            elif isinstance(node, str):
                characters += len(node)
        level, depth = below, depth + 1
    return nodes, depth, characters


def _find(document: object, steps: _Steps, operation: _Operation, place: tuple[int, str]) -> object:
    """Return what stands at a place; refuse one that the document does not have, and say how far the path goes."""
    node = document
    for depth, step in enumerate(steps):
        below = _child(node, step)
        if below is _NOTHING:
            where = _shown(steps[:depth])
            help_ = _what_is_there(node, step, where, operation)
            if is_mapping(node) and operation["op"] == "replace" and depth == len(steps) - 1:
                help_ += "; to set a key that is not there, use `add`"
            elif is_mapping(node) and operation["op"] == "add":
                help_ += f"; an operation before this one can add {_shown(steps[: depth + 1])}"
            raise PatchError(
                place,
                f"{_said(operation)} does not apply: {where} has no `{step}`",
                help=help_,
                found=_place(document, steps[:depth]),
                values=(node,),
            )
        node = below
    return node


def _place(document: object, steps: _Steps) -> Path:
    """Return the path that steps lead along, positions in lists as numbers."""
    path: list[str | int] = []
    node = document
    for step in steps:
        path.append(int(step) if is_list(node) and _INDEX.fullmatch(step) else step)
        node = _child(node, step)
    return tuple(path)


def _child(node: object, step: str) -> object:
    """Return what one step leads to, `_NOTHING` where it leads nowhere."""
    if is_mapping(node):
        return node.get(step, _NOTHING)
    if is_list(node) and _INDEX.fullmatch(step) and int(step) < len(node):
        return node[int(step)]
    return _NOTHING


def _check_room(document: object, steps: _Steps, operation: _Operation, position: int) -> None:
    """Refuse to add where nothing can be added."""
    if not steps:
        return
    parent, step = _find(document, steps[:-1], operation, (position, "path")), steps[-1]
    fits = is_list(parent) and (step == "-" or (_INDEX.fullmatch(step) and int(step) <= len(parent)))
    if not is_mapping(parent) and not fits:
        where = _shown(steps[:-1])
        raise PatchError((position, "path"), f"{_said(operation)} does not apply: {where} has no place `{step}`",
                         help=_what_is_there(parent, step, where, operation),
                         found=_place(document, steps[:-1]), values=(parent,))  # fmt: skip


def _what_is_there(node: object, step: str, where: str, operation: _Operation) -> str:
    if is_mapping(node):
        return did_you_mean(step, node, noun="key")
    if is_list(node):
        end = "" if operation["op"] in ("remove", "replace", "test") else "; `-` stands for the place after the last"
        if not node:
            return f"{where} is an empty list{end}"
        return f"items of {where} are numbered 0 to {len(node) - 1}{_names(node)}{end}"
    return f"{where} is {show_value(node)}, which has nothing below it"


def _names(items: list[object]) -> str:
    """Return the names of a list's items, by which people know them; "" where they have none."""
    names = [item.get("name") for item in items[:12] if is_mapping(item)]
    named = [f"{number} is `{name}`" for number, name in enumerate(names) if isinstance(name, str)]
    return f" ({', '.join(named)})" if len(named) == len(items[:12]) else ""


def _is_equal(left: object, right: object) -> bool:
    """Compare as RFC 6902 does: numbers by value, `true` only with itself, keys in any order."""
    if is_mapping(left) and is_mapping(right):
        return left.keys() == right.keys() and all(_is_equal(left[key], right[key]) for key in left)
    if is_list(left) and is_list(right):
        return len(left) == len(right) and all(map(_is_equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _steps(pointer: object) -> _Steps:
    """Return the unescaped steps of a JSON pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in str(pointer).split("/")[1:])


def _shown(steps: _Steps) -> str:
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return f"`{pointer}`" if steps else "the object"


def _said(operation: _Operation) -> str:
    """Return the operation as a message names it."""
    source = f" {operation['from']}" if "from" in _MEMBERS[str(operation["op"])] else ""
    return f"`{operation['op']}{source} {operation['path'] or '(root)'}`"
