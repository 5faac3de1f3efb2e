"""Read vectors: inputs with their right answers, in YAML files beside the tests that ask them.

A file stands in the folder `vectors` beside the test, with a comment at its head that says what it holds, what a row
is, and where each group comes from. It is a list of rows, or a mapping of the names of tables to their rows. The shape
of a row is a NamedTuple or a dataclass of the test: its types are those of the values, and a key without a default must
be there. What does not fit is an error, since a misspelt key would be an expectation that nobody asks.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import yaml

Row = TypeVar("Row")
Fit = Callable[[Any], Any]


class VectorError(Exception):
    """A row that has not the shape of its table; the message says where and why."""


def rows(beside: str, name: str, shape: type[Row], *, table: str = "") -> list[Row]:
    """Return the rows of a file in their order.

    Args:
        beside: `__file__` of the test.
        name: file in the folder `vectors` beside it.
        shape: what each row must be.
        table: which one, in a file of several.
    """
    read = _read(Path(beside).parent / "vectors" / name)
    listed = read[table] if table else read
    if not isinstance(listed, list):
        raise VectorError(f"{name}: {'several tables' if isinstance(listed, dict) else 'no list of rows'}")
    return _at(f"{name}: {table}", _listed_fit(list, (shape,)), listed)  # type: ignore[no-any-return]


@cache
def _read(path: Path) -> Any:
    # Libyaml's events alone: PyYAML's nodes and constructors take three times as long, for every test that is collected.
    loader = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
    try:
        while type(loader.get_event()) is not yaml.DocumentStartEvent:
            pass
        read = _value(loader.get_event(), loader.get_event, {})
        loader.get_event()
        if type(loader.get_event()) is not yaml.StreamEndEvent:
            raise VectorError("more than one document")
        return read
    except VectorError as error:
        raise VectorError(f"{path.name}: {error}") from None
    finally:
        loader.dispose()


def _value(event: Any, following: Callable[[], Any], anchors: dict[str, Any]) -> Any:
    """Return the plain data of a value that starts with this event."""
    kind = type(event)
    value: Any
    if kind is yaml.ScalarEvent:
        value = event.value if event.style else _plain(event)
    elif kind is yaml.MappingStartEvent:
        value = {}
        while type(item := following()) is not yaml.MappingEndEvent:
            key = _value(item, following, anchors)
            if key in value:
                raise VectorError(f"line {item.start_mark.line + 1}: `{key}` stands twice")
            value[key] = _value(following(), following, anchors)
    elif kind is yaml.SequenceStartEvent:
        value = []
        while type(item := following()) is not yaml.SequenceEndEvent:
            value.append(_value(item, following, anchors))
    else:
        return anchors[event.anchor]
    if event.anchor:
        anchors[event.anchor] = value
    return value


_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_WORDS = {"true": True, "false": False, "null": None}


def _plain(event: Any) -> object:
    """Return what a plain scalar is: a text, or one of what every reader of YAML takes for the same."""
    text = event.value
    for _, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            break
    else:
        return text
    if text in _WORDS:
        return _WORDS[text]
    for number in (int, float):
        try:
            if str(number(text)) == text:
                return number(text)
        except ValueError:
            pass
    raise VectorError(f"line {event.start_mark.line + 1}: `{text}` must be in quotes, or readers differ about it")


def _at(place: str, fit: Fit, value: object) -> Any:
    """Return the value as it fits, or say at which place it does not."""
    try:
        return fit(value)
    except VectorError as error:
        raise VectorError(f"{place}{error}") from None


@cache
def _fit(hint: Any) -> Fit:
    """Return what makes a value of a type: lists become tuples and sets, mappings rows, words members of an enum."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in (Any, object):
        return lambda value: value
    if origin in (Union, UnionType):
        return _union_fit(parts)
    if origin is Literal:
        return _one_of({part: part for part in parts}, " or ".join(map(repr, parts)))
    if origin is tuple and parts[-1] is not ...:
        return _tuple_fit(parts)
    if origin in (list, tuple, set, frozenset):
        return _listed_fit(origin, parts)
    if origin in (dict, Mapping):
        return _mapping_fit(*parts)
    if issubclass(hint, Enum):
        return _one_of({item.value: item for item in hint}, hint.__name__)
    return _row_fit(hint) if hasattr(hint, "__annotations__") else _exact_fit(hint)


def _refused(value: object, wanted: str) -> VectorError:
    return VectorError(f": {value!r} is not {wanted}")


def _exact_fit(hint: type) -> Fit:
    def fit(value: Any) -> Any:
        # Not `isinstance`: true is no number.
        if type(value) is not hint:
            raise _refused(value, hint.__name__)
        return value

    return fit


def _one_of(members: Mapping[Any, Any], name: str) -> Fit:
    def fit(value: Any) -> Any:
        if not isinstance(value, Hashable) or value not in members:
            raise _refused(value, name)
        return members[value]

    return fit


def _union_fit(hints: tuple[Any, ...]) -> Fit:
    fits = [_fit(hint) for hint in hints if hint is not NoneType]

    def fit(value: Any) -> Any:
        if value is None and NoneType in hints:
            return None
        said = []
        for one in fits:
            try:
                return one(value)
            except VectorError as error:
                said.append(str(error))
        raise VectorError("; ".join(said))

    return fit


def _tuple_fit(parts: tuple[Any, ...]) -> Fit:
    fits = [_fit(part) for part in parts]

    def fit(value: Any) -> Any:
        if type(value) is not list or len(value) != len(fits):
            raise _refused(value, f"a list of {len(fits)}")
        return tuple(_at(f"[{at}]", one, item) for at, (one, item) in enumerate(zip(fits, value, strict=True)))

    return fit


def _listed_fit(origin: Any, parts: tuple[Any, ...]) -> Fit:
    one = _fit(parts[0])

    def fit(value: Any) -> Any:
        if type(value) is not list:
            raise _refused(value, "a list")
        made = []
        for at, item in enumerate(value):
            try:
                made.append(one(item))
            except VectorError as error:
                raise VectorError(f"[{at}]{error}") from None
        return made if origin is list else origin(made)

    return fit


def _mapping_fit(key: Any, item: Any) -> Fit:
    of_key, of_item = _fit(key), _fit(item)

    def fit(value: Any) -> Any:
        if type(value) is not dict:
            raise _refused(value, "a mapping")
        return {of_key(name): _at(f".{name}", of_item, one) for name, one in value.items()}

    return fit


def _row_fit(shape: type) -> Fit:
    if is_dataclass(shape):
        fits = {item.name: _fit(cast("Any", item.type)) for item in fields(shape)}
        required = {item.name for item in fields(shape) if item.default is item.default_factory is MISSING}
    else:
        fits = {name: _fit(hint) for name, hint in shape.__annotations__.items()}
        required = fits.keys() - shape._field_defaults  # type: ignore[attr-defined]

    def fit(value: Any) -> Any:
        if type(value) is not dict:
            raise _refused(value, "a mapping")
        for key in value:
            if key not in fits:
                raise VectorError(f": unknown key `{key}`")
        for key in required - value.keys():
            raise VectorError(f": `{key}` is missing")
        made = {}
        for key, item in value.items():
            try:
                made[key] = fits[key](item)
            except VectorError as error:
                raise VectorError(f".{key}{error}") from None
        return shape(**made)

    return fit
