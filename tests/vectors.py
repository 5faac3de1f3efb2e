"""Read vectors: inputs with their right answers, in YAML files beside the tests that ask them.

A file stands in the folder `vectors` beside the test, with a comment at its head that says what it holds, what a row
is, and where each group comes from. It is a list of rows, or a mapping of the names of tables to their rows. The shape
of a row is a NamedTuple or a dataclass of the test: its types are those of the values, and a key without a default must
be there. What does not fit is an error, since a misspelt key would be an expectation that nobody asks.
"""

from collections.abc import Hashable, Mapping
from enum import Enum
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

Row = TypeVar("Row")


class VectorError(Exception):
    """A row that has not the shape of its table; the message says where and why."""


class _Loader(yaml.CSafeLoader):
    """Plain data by libyaml; a key that stands twice is an error, where YAML's readers take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise VectorError(f"line {node.start_mark.line + 1}: `{key}` stands twice")
        return super().construct_mapping(node, deep)


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
    return [_fit(shape, row, f"{name}: {table}[{number}]") for number, row in enumerate(listed)]


@cache
def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except VectorError as error:
        raise VectorError(f"{path.name}: {error}") from None


@cache
def _keys(shape: type) -> dict[str, tuple[Any, bool]]:
    """Return the keys of a shape, each with its type and whether it must be there."""
    types = get_type_hints(shape)
    parameters = signature(shape).parameters.values()
    return {item.name: (types[item.name], item.default is Parameter.empty) for item in parameters}


def _fit(hint: Any, value: object, place: str) -> Any:
    """Return the value as the type has it: lists become tuples and sets, mappings rows, words members of an enum."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in (Any, object):
        return value
    if origin in (Union, UnionType):
        return _any_of(parts, value, place)
    if origin is Literal and value in parts:
        return value
    if origin in (list, tuple, set, frozenset) and isinstance(value, list):
        return _listed(origin, parts, value, place)
    if origin in (dict, Mapping) and isinstance(value, dict):
        return {_fit(parts[0], key, place): _fit(parts[1], item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        if any(item.value == value for item in hint):
            return hint(value)
    elif isinstance(hint, type) and hasattr(hint, "__annotations__"):
        return _row(hint, value, place)
    elif type(value) is hint:
        # Not `isinstance`: true is no number.
        return value
    raise VectorError(f"{place}: {value!r} is not {getattr(hint, '__name__', hint)}")


def _any_of(hints: tuple[Any, ...], value: object, place: str) -> Any:
    if value is None and NoneType in hints:
        return None
    said = []
    for hint in hints:
        try:
            return _fit(hint, value, place)
        except VectorError as error:
            said.append(str(error))
    raise VectorError("; ".join(said))


def _listed(origin: Any, parts: tuple[Any, ...], value: list[object], place: str) -> Any:
    if origin is tuple and parts[-1] is not ...:
        if len(value) != len(parts):
            raise VectorError(f"{place}: {len(value)} values where {len(parts)} belong")
        return tuple(
            _fit(part, item, f"{place}[{at}]") for at, (part, item) in enumerate(zip(parts, value, strict=True))
        )
    return origin(_fit(parts[0], item, f"{place}[{at}]") for at, item in enumerate(value))


def _row(shape: type, value: object, place: str) -> Any:
    if not isinstance(value, dict):
        raise VectorError(f"{place}: {value!r} is no mapping")
    keys = _keys(shape)
    if unknown := [key for key in value if key not in keys]:
        raise VectorError(f"{place}: unknown key `{unknown[0]}`")
    if missing := [key for key, (_, required) in keys.items() if required and key not in value]:
        raise VectorError(f"{place}: `{missing[0]}` is missing")
    return shape(**{key: _fit(keys[key][0], item, f"{place}.{key}") for key, item in value.items()})
