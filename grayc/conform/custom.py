"""Custom kinds, and files with JSON Schemas of them; `structural` reads CustomResourceDefinitions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote

import jsonschema
import re2
from jsonschema.validators import validator_for

from grayc.conform.work import Work
from grayc.documents import Path
from grayc.documents.tree import get, is_mapping, position_of, show_path
from grayc.records import dataclass, field

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""What a schema is written in that does not say."""

OBJECT_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
"""Where a schema finds what Kubernetes says of every object's `metadata`."""


# What no engine reads, or each in its own way: formats are left to the API server.
UNREAD = frozenset({"title", "description", "default", "example", "examples", "externalDocs", "format", "nullable"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "definitions", "$defs"})
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
# Where the parts of a schema stand that are schemas themselves.
_PARTS = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ANYTHING: Schema = {}
# What the library takes for one part beside a step of a run's budget for schemas.
_NEW_PART = 60
_SIMPLE_PART = 500
_NUMBERS = ("int32", "int64", "float", "double")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKind:
    """One version of a custom kind.

    Attributes:
        schema: JSON Schema; with `$schema` it stands alone, else it refers to Kubernetes' own definitions.
        structural: the schema that a CustomResourceDefinition has, empty where a file had JSON Schema.
    """

    schema: Schema
    structural: Mapping[str, object] = field(default_factory=dict)


def schema_key(name: str) -> str | None:
    """Return the key of a schema by its file's path, `GROUP/KIND_VERSION.json`; None where it has another form.

    Source: datreeio/CRDs-catalog, the layout that kubeconform's Readme names.
    """
    folder, _, file = name.rpartition("/")
    kind, _, version = file.removesuffix(".json").rpartition("_")
    group = folder.rpartition("/")[2]
    return f"{group}/{version}/{kind}".lower() if group and kind and version and file.endswith(".json") else None


def kind_of_file(schema: dict[str, object]) -> CustomKind:
    """Return a kind by a file's JSON Schema, as both engines read it: in one dialect, by itself, without formats."""
    named = schema.get("$schema")
    dialect = dialect_of({"$schema": named} if isinstance(named, str) else {})
    return CustomKind(schema={**cast(Schema, _bare(schema)), "$schema": dialect.META_SCHEMA["$schema"]})


def dialect_of(schema: Schema) -> Any:
    """Return the class that reads a schema: JSON Schema 2020-12 where it names no other, or an unknown one."""
    return validator_for(schema, default=jsonschema.Draft202012Validator)


def problem_of(kind: CustomKind, work: Work) -> str:
    """Return why a kind's schema cannot be asked, "" where it can.

    Raises:
        TooMuchWorkError: to find that out costs too much.
    """
    schema = kind.schema
    elsewhere = next((name for name in references(schema) if not _is_inside(name, schema)), None)
    if elsewhere is not None:
        return f"it refers to `{elsewhere}`, which is not in it"
    return _Checker(dialect_of(schema), work).problem_of(schema, ())


class _Checker:
    """Compares a schema with that of its dialect, each kind of part once.

    What a dialect says of a schema it says of all its parts, so each is looked at without what is below it: thousands
    of fields of a custom kind are a few dozen different ones.
    """

    def __init__(self, dialect: Any, work: Work) -> None:
        self._dialect, self._work = dialect, work
        self._seen: set[str] = set()
        self._formats = jsonschema.FormatChecker(formats=())
        self._formats.checks("regex", raises=re2.error)(self._is_pattern)

    def problem_of(self, schema: object, path: Path) -> str:
        """Return what is wrong with a part of a schema, "" where nothing is."""
        if not is_mapping(schema):
            return self._problem_here(schema, path)
        flat = dict(schema)
        below: list[tuple[Path, object]] = []
        for word, item in schema.items():
            if word in _MAPS and is_mapping(item) and all(map(is_mapping, item.values())):
                below += [((*path, word, name), part) for name, part in item.items()]
                flat[word] = dict.fromkeys(item, _ANYTHING) if word == "patternProperties" else {}
            elif word in _PARTS and is_mapping(item):
                below.append(((*path, word), item))
                flat[word] = _ANYTHING
            elif word in _LISTS and isinstance(item, list) and item and all(map(is_mapping, item)):
                below += [((*path, word, at), part) for at, part in enumerate(item)]
                flat[word] = [_ANYTHING]
        return self._problem_here(flat, path) or next(
            (problem for at, part in below if (problem := self.problem_of(part, at))), ""
        )

    def _problem_here(self, schema: object, path: Path) -> str:
        text = json.dumps(schema, sort_keys=True)
        self._work.take(1 + len(text) // _SIMPLE_PART)
        if text in self._seen:
            return ""
        self._work.take(_NEW_PART)
        self._seen.add(text)
        try:
            self._dialect.check_schema(schema, format_checker=self._formats)
        except jsonschema.SchemaError as error:
            at = show_path((*path, *error.absolute_path))
            return f"{f'`{at}`: ' if at else ''}{error.message}"[:300]
        return ""

    def _is_pattern(self, text: object) -> bool:
        if isinstance(text, str):
            self._work.compiled(text)
        return True


def references(schema: object) -> Iterator[str]:
    """Yield what a schema refers to."""
    if is_mapping(schema):
        for key, item in schema.items():
            if key in _REFERENCES and isinstance(item, str):
                yield item
            else:
                yield from references(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


def _is_inside(reference: str, schema: Schema) -> bool:
    """Tell whether a reference leads to a place in its schema; of anchors, the engines say so."""
    if "$schema" not in schema:
        return reference == OBJECT_META
    head, *steps = unquote(reference).split("/")
    value: object = schema
    for step in (step.replace("~1", "/").replace("~0", "~") for step in steps):
        if isinstance(value, list):
            at = position_of(value, step)
            value = None if at is None else value[at]
        else:
            value = get(value, (step,))
    return head.startswith("#") and value is not None


def _bare(value: object, *, is_named: bool = False) -> object:
    """Return a schema without what is not read; under `properties` and the like every key is a name."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not is_mapping(value):
        return value
    made: dict[str, object] = {}
    for key, item in value.items():
        if is_named:
            made[key] = _bare(item)
        elif key in ("enum", "const"):
            made[key] = item
        elif not (key in UNREAD or (key in ("$schema", "$id", "id") and isinstance(item, str)) or is_open(key, item)):
            made[key] = _bare(item, is_named=key in _MAPS)
    return made


def is_open(word: str, condition: object) -> bool:
    """Tell whether a condition cannot be asked: it wants what has a format, or what is of no other, to be wrong."""
    return word in ("oneOf", "not") and _has_format(condition)


def _has_format(schema: object) -> bool:
    if isinstance(schema, list):
        return any(map(_has_format, schema))
    if not is_mapping(schema):
        return False
    named = schema.get("format")
    return (isinstance(named, str) and named not in _NUMBERS) or any(map(_has_format, schema.values()))
