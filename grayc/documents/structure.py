"""Whether an object's fields have the types that Kubernetes demands of them.

One place for all commands: what passes here can be read, changed and copied by the tables without asking each time
whether `spec` is a mapping.
"""

from collections.abc import Mapping
from itertools import islice, zip_longest

from grayc.documents.chunk import Path
from grayc.documents.limits import MAX_FAULTS
from grayc.k8s.structure import Structure, Type, structure_of
from grayc.records import dataclass

_HELP: dict[Type, str] = {
    Type.MAPPING: "write its fields below it, each as `name: value`",
    Type.LIST: "write a list: each item starts with `- `",
    Type.TEXT: "put quotes around the value",
    Type.NUMBER: "write a whole number without quotes",
    Type.BOOLEAN: "write `true` or `false` without quotes",
    Type.NUMBER_OR_TEXT: "write a whole number, or text such as `50%`",
    Type.QUANTITY: "write a quantity such as `250m` or `1Gi`",
    Type.SCALAR: "write one value",
}

_COLLECTIONS = (Type.MAPPING, Type.LIST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A value of another type than its field takes.

    Attributes:
        found, expected: what it is and what Kubernetes takes; nothing of the value itself, which may be a secret.
        is_fatal: a mapping, a list and a single value were mistaken for each other, and grayc cannot go on. One single
            value in the place of another is copied as it is.
    """

    path: Path
    found: str
    expected: str
    help: str
    is_fatal: bool
    is_boolean_for_text: bool


def misfits(data: dict[str, object], group_kind: tuple[str, str]) -> tuple[Misfit, ...]:
    """Return the fields of an object whose values Kubernetes could not decode, at most `MAX_FAULTS` of each weight.

    A null is a field that is not there. Fields that `k8s.structure` does not list may hold anything.
    """
    found: list[tuple[Path, Type, object]] = []
    _compare(data, structure_of(group_kind), (), found)
    fatal = islice((each for each in found if _is_fatal(*each[1:])), MAX_FAULTS)
    others = islice((each for each in found if not _is_fatal(*each[1:])), MAX_FAULTS)
    return tuple(_misfit(*each) for each in (*fatal, *others))


def new_misfits(
    data: dict[str, object], before: dict[str, object], group_kind: tuple[str, str]
) -> tuple[tuple[Misfit, ...], int]:
    """Return the fatal misfits that a change of an object made, and how many entries were looked at to find them.

    What both have in common, as a part of each and not merely with the same value, is not looked into.
    """
    found: list[tuple[Path, Type, object]] = []
    visits = _compare_changed(data, before, structure_of(group_kind), (), found)
    made = tuple(_misfit(*each) for each in islice((each for each in found if _is_fatal(*each[1:])), MAX_FAULTS))
    had = misfits(before, group_kind) if made else ()
    return tuple(each for each in made if each not in had), visits


def _compare_changed(
    value: object, before: object, structure: Structure | None, path: Path, found: list[tuple[Path, Type, object]]
) -> int:
    """Do as `_compare` does of what is not part of `before`, and return how many entries were looked at."""
    if structure is not None and value is not None and not _fits(value, structure.type):
        found.append((path, structure.type, value))
        return 0
    visits = 0
    if isinstance(value, dict):
        visits = len(value)
        mapping = before if isinstance(before, dict) else {}
        for key, item in value.items():
            was = mapping.get(key)
            if item is not was:
                below = structure.fields.get(key, structure.values) if structure is not None else None
                visits += _compare_changed(item, was, below, (*path, key), found)
    elif isinstance(value, list):
        visits = len(value)
        items = before if isinstance(before, list) else []
        below = structure.items if structure is not None else None
        for at, (item, was) in enumerate(zip_longest(value, items[: len(value)])):
            if item is not was:
                visits += _compare_changed(item, was, below, (*path, at), found)
    return visits


def _misfit(path: Path, expected: Type, value: object) -> Misfit:
    return Misfit(
        path=path,
        found=_kind_of(value, expected),
        expected=str(expected),
        help=_help(value, expected),
        is_boolean_for_text=isinstance(value, bool) and expected is Type.TEXT,
        is_fatal=_is_fatal(expected, value),
    )


def _is_fatal(expected: Type, value: object) -> bool:
    return expected in _COLLECTIONS or isinstance(value, (dict, list))


def _compare(value: object, structure: Structure, path: Path, found: list[tuple[Path, Type, object]]) -> None:
    if value is None or _fits(value, structure.type):
        if isinstance(value, dict):
            fields, values = structure.fields, structure.values
            for key, item in value.items():
                below = fields.get(key, values)
                # Most values are texts that are to be texts: those cost no call.
                if below is not None and not (item.__class__ is str and below.type is Type.TEXT):
                    _compare(item, below, (*path, key), found)
        elif isinstance(value, list) and structure.items is not None:
            for at, item in enumerate(value):
                _compare(item, structure.items, (*path, at), found)
        return
    found.append((path, structure.type, value))


_TAKES: Mapping[Type, tuple[type, ...]] = {
    Type.MAPPING: (dict,),
    Type.LIST: (list,),
    Type.TEXT: (str,),
    Type.BOOLEAN: (bool,),
    Type.SCALAR: (str, int, float, bool),
    Type.NUMBER: (int,),
    Type.NUMBER_OR_TEXT: (int, str),
    Type.QUANTITY: (int, float, str),
}
"""Type of a field → what a value of it is."""


def _fits(value: object, expected: Type) -> bool:
    return value.__class__ in _TAKES[expected]


def _kind_of(value: object, expected: Type) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "text"
        case bool():
            return "true or false"
        case float() if expected in (Type.NUMBER, Type.NUMBER_OR_TEXT):
            return "a number beyond 64 bits" if value.is_integer() else "a fraction"
        case _:
            return "a number"


def _help(value: object, expected: Type) -> str:
    if expected is Type.TEXT and isinstance(value, (dict, list)):
        return "write text, on one line"
    return _HELP[expected]
