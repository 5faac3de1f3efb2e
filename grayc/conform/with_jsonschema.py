"""Compare objects with their schemas in this process."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import islice
from typing import Any, cast

import re2
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from grayc.conform.custom import Schema, dialect_of
from grayc.conform.model import Conformance, ConformError, Engine, Mismatch
from grayc.conform.schemas import Schemas, key_of, too_costly
from grayc.conform.work import TooMuchWorkError, Work
from grayc.documents import Document, Path

MAX_MISMATCHES = 50
"""Of one object."""

_MOST_VALUES = 50
_LONGEST_WORDS = 2_000
_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]
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
        ConformError: a schema of the user's cannot be asked.
        CostError: that costs too much.
    """
    documents = list(documents)
    work = schemas.budget_for(documents)
    # Kubernetes' own schemas are known: what they cost grows with the objects alone.
    unlimited = Work(left=sys.maxsize)

    @cache
    def counting(dialect: Any, is_custom: bool) -> Any:
        return _counting(dialect, work if is_custom else unlimited)

    validators: dict[str, Validator | None] = {}
    mismatches: list[Mismatch] = []
    without: list[Document] = []
    checked = 0
    conforming: set[tuple[str, str]] = set()
    for document in documents:
        key = key_of(document)
        if key not in validators:
            counted = partial(counting, is_custom=key.lower() in schemas.custom)
            validators[key] = _validator(schemas.schema(key), key, counted)
        validator = validators[key]
        if validator is None:
            without.append(document)
            continue
        checked += 1
        data = cast(Any, schemas.decoded(document, work))
        like = None if key.lower() in schemas.custom else (key, json.dumps(_without_words(data)))
        if like in conforming:
            continue
        try:
            seen = dict.fromkeys(told for error in validator.iter_errors(data) for told in _told(error))
        except TooMuchWorkError:
            raise too_costly(document) from None
        except re2.error as error:
            raise ConformError(f"the schema of `{key}` has a pattern that RE2 does not read: {_words(error)}") from None
        except (Unresolvable, RecursionError, re.error) as error:
            raise ConformError(f"the schema of `{key}` cannot be asked: {type(error).__name__}") from None
        if like is not None and not seen:
            conforming.add(like)
        ordered = sorted(islice(seen, MAX_MISMATCHES), key=lambda item: (tuple(map(str, item[0])), item[1]))
        mismatches += (Mismatch(document=document, at=at, message=message) for at, message in ordered)
    return Conformance(
        version=schemas.version,
        engine=Engine.JSONSCHEMA,
        checked=checked,
        mismatches=tuple(mismatches),
        without_schema=tuple(without),
    )


def _without_words(data: object) -> object:
    """Return an object without the texts of its metadata: Kubernetes' own schemas ask only that they are texts.

    Thousands of canaries of one Ingress differ in nothing else.
    """
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        return data
    shape = {
        name: sorted({type(item).__name__ for item in value.values()})
        if name in ("annotations", "labels") and isinstance(value, dict)
        else type(value).__name__
        if name in ("name", "namespace")
        else [value]
        for name, value in metadata.items()
    }
    return {**data, "metadata": shape}


def _validator(schema: Schema | None, key: str, counting: Callable[[Any], Any]) -> Validator | None:
    if schema is None:
        return None
    if _has(schema, "unevaluatedProperties") and _has(schema, "patternProperties"):
        # The library looks for the patterns of the latter by itself, as no other engine reads them.
        raise ConformError(
            f"the schema of `{key}` has `unevaluatedProperties` beside `patternProperties`, which only "
            "`--engine kubeconform` asks"
        )
    # With a `$schema`, what refers to the root would be asked by the dialect's own class.
    asked = {name: item for name, item in schema.items() if name != "$schema"}
    made: Validator = counting(dialect_of(schema))(asked)
    return made


def _counting(dialect: Any, work: Work) -> Any:
    """Return a dialect's class with keywords that take their cost off a budget; the library takes long to make one."""
    own = {
        "pattern": _pattern(work),
        "patternProperties": _pattern_properties(work),
        "additionalProperties": _additional_properties(work),
        "uniqueItems": _unique_items,
    }
    keywords = {**dialect.VALIDATORS, **{name: keyword for name, keyword in own.items() if name in dialect.VALIDATORS}}
    return _extend(dialect, {name: work.counted(name, keyword) for name, keyword in keywords.items()})


def _has(schema: object, keyword: str) -> bool:
    if isinstance(schema, dict):
        return keyword in schema or any(_has(item, keyword) for item in schema.values())
    return isinstance(schema, list) and any(_has(item, keyword) for item in schema)


def _words(error: re2.error) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _pattern(work: Work) -> _Keyword:
    def ask(_: Any, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
        """Look for a pattern as the API server does, and kubeconform: in time that grows with the text alone."""
        if isinstance(instance, str) and not work.is_found(pattern, instance):
            yield ValidationError("no match")

    return ask


def _pattern_properties(work: Work) -> _Keyword:
    def ask(validator: Any, patterns: Schema, instance: object, _: object) -> Iterator[ValidationError]:
        if isinstance(instance, dict):
            for pattern, schema in patterns.items():
                for name, item in instance.items():
                    if work.is_found(pattern, name):
                        yield from validator.descend(item, schema, path=name, schema_path=pattern)

    return ask


def _additional_properties(work: Work) -> _Keyword:
    def ask(validator: Any, allowed: object, instance: object, schema: Schema) -> Iterator[ValidationError]:
        if not isinstance(instance, dict):
            return
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        others = [
            name
            for name in instance
            if name not in known and not any(work.is_found(pattern, name) for pattern in patterns)
        ]
        if isinstance(allowed, dict):
            for name in others:
                yield from validator.descend(instance[name], allowed, path=name)
        elif allowed is False and others:
            yield ValidationError("additional properties", validator_value=others)

    return ask


def _unique_items(_: Any, wanted: object, instance: object, __: object) -> Iterator[ValidationError]:
    if wanted is True and isinstance(instance, list):
        texts = {json.dumps(_same(item), sort_keys=True) for item in instance}
        if len(texts) != len(instance):
            yield ValidationError("items repeat")


def _same(value: object) -> object:
    """Return a value with each number written in one way: to JSON Schema, 1 and 1.0 are one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_same(item) for item in value]
    return {name: _same(item) for name, item in value.items()} if isinstance(value, dict) else value


def _told(error: ValidationError) -> Iterator[tuple[Path, str]]:
    """Yield place and words of an error; the words hold names of fields, never a value."""
    at: Path = tuple(error.absolute_path)
    # Every error that a schema leads to has both.
    instance, wanted = cast(Any, error.instance), cast(Any, error.validator_value)
    match error.validator:
        case "additionalProperties":
            for name in wanted:
                yield (*at, name), "there is no such field"
        case "required":
            for name in (name for name in wanted if name not in instance):
                yield at, f"`{name}` is missing"
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            words = " or ".join(_WORDS[kind] for kind in kinds if kind != "null" or len(kinds) == 1)
            yield at, f"it is {_kind_of(instance)}, not {words}"
        case "enum":
            words = ", ".join(f"`{value}`" for value in islice(wanted, _MOST_VALUES))
            more = len(wanted) - _MOST_VALUES
            yield at, f"it is none of {words[:_LONGEST_WORDS]}{f' and {more} more' if more > 0 else ''}"
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
