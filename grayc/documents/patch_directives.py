"""The directives of strategic merge patches, and `PatchError`, which all patches raise.

Leaves to `strategic_merge` what a directive does to an object. Here is what the directives are, and how content that
is new to the object sheds them: they have nothing to act on.

Source: kubernetes/apimachinery v0.36, pkg/util/strategicpatch/patch.go.
"""

from enum import StrEnum
from typing import TypeGuard

from grayc.documents.chunk import Path
from grayc.documents.tree import is_mapping, show_path

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
SET_ORDER = "$setElementOrder/"
DELETE_FROM = "$deleteFromPrimitiveList/"


class Directive(StrEnum):
    """Values of `$patch`."""

    MERGE = "merge"
    REPLACE = "replace"
    DELETE = "delete"


class PatchError(Exception):
    """A patch that does not apply.

    Attributes:
        path: the place inside the patch.
        message: what is wrong, worded as a diagnostic's message.
        help: the next step; "" where there is none to name.
        found: the path of a value of the object that message or help quote; None where they quote none.
        values: the values that they quote.
    """

    def __init__(
        self, path: Path, message: str, *, help: str = "", found: Path | None = None, values: tuple[object, ...] = ()
    ) -> None:
        super().__init__(f"{show_path(path)}: {message}" if path else message)
        self.path = path
        self.message = message
        self.help = help
        self.found = found
        self.values = values


def directive_of(patch: dict[str, object], path: Path) -> Directive:
    """Return the value of `$patch`; `merge`, which Kubernetes documents and refuses, where there is none.

    Raises:
        PatchError: another value.
    """
    value = patch.get(PATCH, Directive.MERGE)
    try:
        return Directive(str(value))
    except ValueError:
        raise PatchError((*path, PATCH), f"`$patch` cannot be {show_value(value)}",
                         help="write `replace`, `merge` or `delete`") from None  # fmt: skip


def is_directive(key: str) -> bool:
    """Whether the key is a directive, not a field."""
    return key in (PATCH, RETAIN_KEYS) or key.startswith((SET_ORDER, DELETE_FROM))


def is_marker(item: object) -> bool:
    """Whether an item of a list speaks of the list, not of an item, and so needs no merge key."""
    if not is_mapping(item):
        return False
    return item.get(PATCH) == Directive.REPLACE or (item.keys() == {PATCH} and item[PATCH] != Directive.DELETE)


def settled(value: object, path: Path) -> object:
    """Return content that is new to the object, without directives.

    Raises:
        PatchError: see `settled_list`.
    """
    if is_mapping(value):
        return settled_map(value, path)
    return settled_list(value, path) if is_list(value) else value


def settled_map(patch: dict[str, object], path: Path) -> dict[str, object]:
    """Return `settled` of a mapping; what it marks `$patch: delete` is left out."""
    return {
        key: settled(value, (*path, key))
        for key, value in patch.items()
        if not is_directive(key) and not (is_mapping(value) and directive_of(value, (*path, key)) is Directive.DELETE)
    }


def settled_list(patch: list[object], path: Path) -> list[object]:
    """Return `settled` of a list; markers and items marked `$patch: delete` are left out.

    Raises:
        PatchError: an item with `$patch: replace` has other keys.
    """
    kept: list[object] = []
    for position, item in enumerate(patch):
        at = (*path, position)
        if is_mapping(item) and PATCH in item:
            directive = directive_of(item, at)
            if directive is Directive.REPLACE:
                refuse_replacing_item(item, at)
            if directive is not Directive.MERGE or is_marker(item):
                continue
        kept.append(settled(item, at))
    return kept


def without_nulls(value: object) -> object:
    """Return content without keys set to null; a null that is an item of a list stays."""
    if is_mapping(value):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if is_list(value) else value


def refuse_replacing_item(item: dict[str, object], path: Path) -> None:
    """Refuse `$patch: replace` beside other keys: Kubernetes replaces the whole list and drops that very item."""
    if len(item) > 1:
        name = path[-2]
        raise PatchError(
            path,
            f"`$patch: replace` in an item replaces all of `{name}` and drops the item that it stands in",
            help=f"to replace all of `{name}`, write `- $patch: replace` as an item of its own; to replace one item,"
            " use a json6902 patch",
        )


def refuse_directives(value: object, path: Path, kind: str) -> None:
    """Refuse directives in a patch to a kind of which Kubernetes knows no merge keys."""
    if is_mapping(value):
        for key, item in value.items():
            if is_directive(key):
                raise PatchError(
                    (*path, key),
                    f"`{key}` has no meaning for a `{kind}`: Kubernetes does not know the kind, so patches to it are"
                    " JSON merge patches",
                    help="write lists whole and set a key to null to remove it, or use a json6902 patch",
                )
            refuse_directives(item, (*path, key), kind)
    elif is_list(value):
        for position, item in enumerate(value):
            refuse_directives(item, (*path, position), kind)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether `value` is a list of a document."""
    return isinstance(value, list)


def show_value(value: object) -> str:
    """Return a value as a message shows it: JSON in backticks, strings bare, long ones cut."""
    import json  # noqa: PLC0415 - only a mistake needs it

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"
