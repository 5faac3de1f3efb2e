"""Compare objects with their schemas in this process."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast

import re2
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from grayc.conform.custom import Schema, dialect_of
from grayc.conform.model import Conformance, ConformError, Engine, Mismatch
from grayc.conform.schemas import Schemas, key_of
from grayc.documents import Document, Path

MAX_MISMATCHES = 50
"""Of one object."""

_extend: Any = extend
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
    """Return where objects are not what their schemas say.

    Raises:
        ConformError: a schema of the user's can not be asked.
    """
    validators: dict[str, Validator | None] = {}
    mismatches: list[Mismatch] = []
    without: list[Document] = []
    checked = 0
    for document in documents:
        key = key_of(document)
        if key not in validators:
            validators[key] = _validator(schemas.schema(key))
        validator = validators[key]
        if validator is None:
            without.append(document)
            continue
        checked += 1
        try:
            seen = dict.fromkeys(
                told for error in validator.iter_errors(cast(Any, schemas.decoded(document))) for told in _told(error)
            )
        except (Unresolvable, RecursionError, re.error) as error:
            raise ConformError(f"the schema of `{key}` can not be asked: {type(error).__name__}") from None
        ordered = sorted(islice(seen, MAX_MISMATCHES), key=lambda item: (tuple(map(str, item[0])), item[1]))
        mismatches += (Mismatch(document=document, at=at, message=message) for at, message in ordered)
    return Conformance(
        version=schemas.version,
        engine=Engine.JSONSCHEMA,
        checked=checked,
        mismatches=tuple(mismatches),
        without_schema=tuple(without),
    )


def _validator(schema: Schema | None) -> Validator | None:
    if schema is None:
        return None
    made: Validator = _extend(dialect_of(schema), {"pattern": _pattern})(schema)
    return made


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    """Look for a pattern as the API server does, and kubeconform: in time that grows with the text alone."""
    if isinstance(instance, str) and not re2.search(pattern, instance):
        yield ValidationError("no match")


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
