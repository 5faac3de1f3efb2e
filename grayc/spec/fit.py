"""Whether a value fits a JSON Schema: yes or no, for the keywords that the release's schema uses.

Most releases have no mistake, and this says so without the library that knows the mistakes. A property test holds
both to the same answer.

Source: JSON Schema 2020-12, Core and Validation; ECMA 262 for patterns.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

Schema = Mapping[str, Any]
"""A schema or part of one, as JSON has it."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


def fits(value: object, schema: Schema, definitions: Schema) -> bool:
    """Tell whether a value fits a schema; where in doubt, no.

    Args:
        definitions: `$defs`, to which every `$ref` leads.
    """
    if "$ref" in schema and not fits(value, definitions[schema["$ref"].removeprefix("#/$defs/")], definitions):
        return False
    if "type" in schema and not _is_of_type(value, schema["type"]):
        return False
    if "enum" in schema and not _is_one_of(value, schema["enum"]):
        return False
    if "const" in schema and not _is_one_of(value, [schema["const"]]):
        return False
    match value:
        case str():
            ok = _fits_text(value, schema)
        case list():
            ok = _fits_list(value, schema, definitions)
        case dict():
            ok = _fits_mapping(value, schema, definitions)
        case bool() | None:
            ok = True
        case int() | float():
            ok = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        case _:
            ok = False
    return ok and _fits_others(value, schema, definitions)


def has_match(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text; `$` is its very end, as in ECMA 262 and unlike in Python."""
    return _compiled(pattern).search(text) is not None


def repeated(items: list[object]) -> Iterator[tuple[int, int]]:
    """Yield the positions of items that stand in a list before: of the first one, and of the later one."""
    first: dict[str, int] = {}
    for at, item in enumerate(items):
        earlier = first.setdefault(json.dumps(item, sort_keys=True), at)
        if earlier != at:
            yield earlier, at


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + (r"\Z" if pattern.endswith("$") else ""), re.ASCII)


def _is_of_type(value: object, types: str | list[str]) -> bool:
    # A boolean is an `int` to Python.
    return any(
        isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in ([types] if isinstance(types, str) else types)
    )


def _is_one_of(value: object, allowed: list[object]) -> bool:
    return any(type(value) is type(item) and value == item for item in allowed)


def _fits_text(value: str, schema: Schema) -> bool:
    length = len(value)
    return schema.get("minLength", 0) <= length <= schema.get("maxLength", length) and (
        "pattern" not in schema or has_match(schema["pattern"], value)
    )


def _fits_list(value: list[object], schema: Schema, definitions: Schema) -> bool:
    if len(value) < schema.get("minItems", 0):
        return False
    if schema.get("uniqueItems") and next(repeated(value), None) is not None:
        return False
    if "items" in schema and not all(fits(item, schema["items"], definitions) for item in value):
        return False
    if "contains" in schema:
        count = sum(fits(item, schema["contains"], definitions) for item in value)
        return bool(schema["minContains"] <= count <= schema["maxContains"])
    return True


def _fits_mapping(value: dict[str, object], schema: Schema, definitions: Schema) -> bool:
    if len(value) < schema.get("minProperties", 0) or any(name not in value for name in schema.get("required", ())):
        return False
    names, known = schema.get("propertyNames"), schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, item in value.items():
        if names is not None and not fits(name, names, definitions):
            return False
        field = known.get(name, others)
        if field is False or (field is not True and not fits(item, field, definitions)):
            return False
    return True


def _fits_others(value: object, schema: Schema, definitions: Schema) -> bool:
    """Apply the keywords that hold other schemas for the same value."""
    if "not" in schema and fits(value, schema["not"], definitions):
        return False
    if "oneOf" in schema and sum(fits(value, branch, definitions) for branch in schema["oneOf"]) != 1:
        return False
    if "if" in schema and fits(value, schema["if"], definitions) and not fits(value, schema["then"], definitions):
        return False
    return all(fits(value, part, definitions) for part in schema.get("allOf", ()))
