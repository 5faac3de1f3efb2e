"""Compare objects with their schemas in this process."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast

import jsonschema
from jsonschema.exceptions import ValidationError

from grayc.conform.model import Conformance, Engine, Mismatch
from grayc.conform.schemas import Schemas
from grayc.documents import Document, Path

MAX_MISMATCHES = 50
"""Of one object."""

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


def conform(documents: Iterable[Document], schemas: Schemas) -> Conformance:
    """Return where objects are not what their schemas say."""
    # All definitions stand in one schema, which is looked at once; objects choose their part of it by a reference.
    whole = jsonschema.Draft202012Validator({"$defs": schemas.definitions})
    mismatches: list[Mismatch] = []
    without: list[Document] = []
    checked = 0
    for document in documents:
        schema = schemas.schema_of(document)
        if schema is None:
            without.append(document)
            continue
        checked += 1
        found = whole.descend(document.data, schema) if "$ref" in schema else _alone(schema).iter_errors(document.data)
        seen = dict.fromkeys((at, message) for error in found for at, message in _told(error))
        ordered = sorted(islice(seen, MAX_MISMATCHES), key=lambda item: (tuple(map(str, item[0])), item[1]))
        mismatches += (Mismatch(document=document, at=at, message=message) for at, message in ordered)
    return Conformance(
        version=schemas.version,
        engine=Engine.JSONSCHEMA,
        checked=checked,
        mismatches=tuple(mismatches),
        without_schema=tuple(without),
    )


def _alone(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema)


def _told(error: ValidationError) -> Iterator[tuple[Path, str]]:
    """Yield place and words of an error; the words hold names of fields, never a value."""
    at: Path = tuple(error.absolute_path)
    # Every error that a schema leads to has both.
    instance, wanted = cast(Any, error.instance), cast(Any, error.validator_value)
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            for name in instance:
                if name not in known:
                    yield (*at, name), "there is no such field"
        case "required":
            for name in (name for name in wanted if name not in instance):
                yield at, f"`{name}` is missing"
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            words = " or ".join(_WORDS[kind] for kind in kinds if kind != "null" or len(kinds) == 1)
            yield at, f"it is {_kind_of(instance)}, not {words}"
        case "enum":
            yield at, f"it is none of {', '.join(f'`{value}`' for value in wanted)}"
        case "oneOf" | "anyOf":
            yield at, f"{_kind_of(instance)} does not fit here"
        case other:
            yield at, f"it does not fulfil `{other}: {wanted}`"[:300]


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
