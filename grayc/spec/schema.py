"""The JSON Schema of release.yaml, and what it has against a release; the one module that knows `jsonschema`.

A union (`oneOf`) fails in all its branches at once. Here the branch that the user meant is chosen by the type of the
value and the fields it has, so that one mistake is one violation.

Leaves to others: codes and words (`diagnose`), what a schema cannot say (`check`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from grayc.diagnostics import nearest
from grayc.documents import Path
from grayc.documents.tree import is_mapping, show_path
from grayc.records import dataclass, replace
from grayc.spec.fit import Schema, fits, has_match, repeated

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

MAX_VIOLATIONS = 2_000
"""The most that is looked at: who made more mistakes will run grayc again anyway."""

_FILE = "release.schema.json"


class ViolationKind(StrEnum):
    """What a schema can have against a value."""

    UNKNOWN_FIELD = "unknown field"
    MISSING_FIELD = "missing field"
    WRONG_TYPE = "wrong type"
    NOT_ALLOWED = "not one of the allowed values"
    OUT_OF_RANGE = "out of range"
    TOO_LONG = "too long"
    EMPTY = "empty"
    MISMATCH = "not of the right form"
    REPEATED = "repeated item"
    EXCLUDES = "fields that exclude each other"
    NO_CHOICE = "none of the fields of which one is needed"
    SEVERAL_CHOICES = "several of the fields of which one is allowed"
    TOO_MANY = "more items of a sort than allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaViolation:
    """One mistake.

    Attributes:
        path: place of the value; of an unknown, missing or surplus field, its own place below the mapping.
        is_key: the mistake is the name of a field, not its value.
        value: what stands there, None where nothing does.
        expected: known fields, JSON types, allowed values, bounds (lowest, highest; "" for none) or the fields in
            question, by `kind`.
        allowed: the texts that would do, where only some would.
        help: what the schema says to write instead, "" where it says nothing.
        examples: values that would do, from the schema.
        others: other places that took part.
    """

    kind: ViolationKind
    path: Path
    is_key: bool = False
    value: object = None
    expected: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    help: str = ""
    examples: tuple[object, ...] = ()
    others: tuple[Path, ...] = ()


@lru_cache(maxsize=1)
def schema_text() -> str:
    """Return the JSON Schema of release.yaml as its file has it."""
    import pkgutil  # noqa: PLC0415 - only a start that reads a release needs it

    # A wheel carries the folder inside the package, a source checkout beside it.
    for place in ("schemas", "../schemas"):
        try:
            found = pkgutil.get_data("grayc", f"{place}/{_FILE}")
        except OSError:
            continue
        if found is not None:
            return found.decode("utf-8")
    raise FileNotFoundError(f"{_FILE} is neither in the package nor beside it")


@lru_cache(maxsize=1)
def load_schema() -> Schema:
    """Return the JSON Schema of release.yaml as data."""
    return cast("Schema", json.loads(schema_text()))


def schema_address() -> str:
    """Return the address by which editors and catalogues know the schema: its `$id`."""
    return str(load_schema()["$id"])


def check_schema(data: object) -> tuple[SchemaViolation, ...]:
    """Return what the schema has against a release, one violation for each mistake, in order of place.

    Of more than `MAX_VIOLATIONS`, some.
    """
    if fits(data, load_schema(), load_schema()["$defs"]):
        # Spares a start without mistakes the library, which takes as long to import as all of grayc.
        return ()
    errors = islice(_validator().iter_errors(cast("Any", data)), MAX_VIOLATIONS)
    return tuple(_merged([violation for error in errors for violation in _violations(error)]))


@lru_cache(maxsize=1)
def places_of_fields() -> Mapping[str, tuple[str, ...]]:
    """Return every field's name → the paths at which the language has it, `[]` for the items of a list."""
    places: dict[str, list[str]] = {}
    for path, _ in walk_fields():
        if isinstance(path[-1], str):
            shown = show_path(path).replace("[0]", "[]")
            if shown not in places.setdefault(path[-1], []):
                places[path[-1]].append(shown)
    return {name: tuple(paths) for name, paths in places.items()}


def walk_fields() -> Iterator[tuple[Path, Schema]]:
    """Yield path and schema of every field and item of the language, outer before inner, in the schema's order.

    `[0]` stands for every item of a list, `*` for every key of a free mapping. A union's branches share a path.
    """
    yield from _walk(load_schema(), ())


def resolved(schema: Schema) -> Schema:
    """Return a subschema with what its `$ref` leads to; its own words stand before those."""
    while "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        own = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**load_schema()["$defs"][name], **own}
    return schema


def _walk(schema: Schema, path: Path) -> Iterator[tuple[Path, Schema]]:
    schema = resolved(schema)
    if path:
        yield path, schema
    for branch in schema.get("oneOf", ()):
        for inner, found in _walk(branch, path):
            if inner != path:
                yield inner, found
    for name, field in schema.get("properties", {}).items():
        yield from _walk(field, (*path, name))
    if "items" in schema:
        yield from _walk(schema["items"], (*path, 0))
    if is_mapping(schema.get("additionalProperties")):
        yield from _walk(schema["additionalProperties"], (*path, "*"))


@lru_cache(maxsize=1)
def _validator() -> "Validator":
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - takes as long as the rest of a start

    extend = cast("Callable[..., Callable[[Schema], Validator]]", validators.extend)
    keywords = {"additionalProperties": _additional_properties, "pattern": _pattern, "uniqueItems": _unique_items}
    return extend(Draft202012Validator, keywords)(load_schema())


def _additional_properties(
    validator: Any, others: Any, instance: object, schema: Schema
) -> Iterator["ValidationError"]:
    """Go through the fields in the order of the file; the library's order changes from run to run."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    names = [name for name in instance if name not in schema.get("properties", {})] if is_mapping(instance) else []
    if others is False:
        yield from [ValidationError("unknown fields")] if names else []
    elif is_mapping(instance) and is_mapping(others):
        for name in names:
            yield from validator.descend(instance[name], others, path=name)


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator["ValidationError"]:
    """Match as ECMA 262 does, where `$` is the very end; in Python it also stands before a last line end."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    if isinstance(instance, str) and not has_match(pattern, instance):
        yield ValidationError("no match")


def _unique_items(_: object, __: object, instance: object, ___: object) -> Iterator["ValidationError"]:
    """Compare in one walk; the library compares each with each where the items are of several types."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    if isinstance(instance, list) and next(repeated(instance), None) is not None:
        yield ValidationError("repeated items")


def _violations(error: "ValidationError") -> Iterator[SchemaViolation]:
    """Yield the violations that stand behind one error of the library."""
    path = cast("Path", tuple(error.absolute_path))
    schema, value = cast("Schema", error.schema), cast("Any", error.instance)
    is_key = "propertyNames" in error.absolute_schema_path
    if is_key:
        path = (*path, str(value))
    help_ = str(schema.get("patternErrorMessage", schema.get("errorMessage", "")))
    examples = tuple(schema.get("examples", ()))

    def violation(kind: ViolationKind, *expected: str, allowed: tuple[str, ...] = ()) -> SchemaViolation:
        return SchemaViolation(
            kind=kind,
            path=path,
            is_key=is_key,
            value=value,
            expected=expected,
            allowed=allowed,
            help=help_,
            examples=examples,
        )

    match error.validator:
        case "oneOf":
            yield from _union(error, path)
        case "additionalProperties":
            for name in value:
                if name not in schema["properties"]:
                    yield _unknown((*path, name), value[name], schema["properties"])
        case "required":
            # Each missing field has an error that does not say which it is; `_merged` keeps one for each.
            for name in schema["required"]:
                if name not in value:
                    field = resolved(schema.get("properties", {}).get(name, {}))
                    help_ = f"write `{name}: {field['const']}`" if "const" in field else ""
                    yield SchemaViolation(
                        kind=ViolationKind.MISSING_FIELD,
                        path=(*path, name),
                        expected=(name,),
                        help=help_,
                        examples=tuple(field.get("examples", ())),
                    )
        case "type":
            yield violation(ViolationKind.WRONG_TYPE, *_types_of(schema))
        case "enum" | "const":
            allowed = schema["enum"] if error.validator == "enum" else [schema["const"]]
            if _type_of(value) != _type_of(allowed[0]):
                texts = tuple(item for item in allowed if isinstance(item, str))
                yield violation(ViolationKind.WRONG_TYPE, _type_of(allowed[0]), allowed=texts)
            else:
                yield violation(ViolationKind.NOT_ALLOWED, *(_as_written(item) for item in allowed))
        case "minimum" | "maximum":
            yield violation(ViolationKind.OUT_OF_RANGE, str(schema.get("minimum", "")), str(schema.get("maximum", "")))
        case "maxLength":
            yield violation(ViolationKind.TOO_LONG, str(schema["maxLength"]))
        case "minLength" | "minItems" | "minProperties":
            yield violation(ViolationKind.EMPTY)
        case "pattern":
            yield violation(ViolationKind.EMPTY if value == "" else ViolationKind.MISMATCH)
        case "uniqueItems":
            for first, at in repeated(value):
                yield SchemaViolation(
                    kind=ViolationKind.REPEATED, path=(*path, at), value=value[at], others=((*path, first),)
                )
        case "not":
            yield _forbidden(path, value, schema)
        case "maxContains":
            marker = str(schema["contains"]["required"][0])
            places = [(*path, at, marker) for at, item in enumerate(value) if is_mapping(item) and marker in item]
            for place in places[1:]:
                yield SchemaViolation(kind=ViolationKind.TOO_MANY, path=place, expected=(marker,), others=(places[0],))
        case other:  # pragma: no cover - a test holds that the schema uses no other keyword
            raise AssertionError(f"the schema uses `{other}`, which has no words here")


def _unknown(path: Path, value: object, known: Iterable[str]) -> SchemaViolation:
    return SchemaViolation(kind=ViolationKind.UNKNOWN_FIELD, path=path, is_key=True, value=value, expected=tuple(known))


def _forbidden(path: Path, value: object, schema: Schema) -> SchemaViolation:
    """Return the violation of a `not`: fields that may not stand together, or a value that may not be."""
    fields = schema["not"].get("required")
    if fields is not None:
        return SchemaViolation(kind=ViolationKind.EXCLUDES, path=path, value=value, expected=tuple(fields))
    return SchemaViolation(
        kind=ViolationKind.MISMATCH, path=path, value=value, help=str(schema.get("errorMessage", ""))
    )


def _union(error: "ValidationError", path: Path) -> Iterator[SchemaViolation]:
    """Yield what is wrong with a value in the branch of a union that the user meant."""
    value = cast("Any", error.instance)
    branches = [resolved(branch) for branch in cast("Schema", error.schema)["oneOf"]]
    fitting = [at for at, branch in enumerate(branches) if _fits(value, branch)]
    if not fitting:
        types = dict.fromkeys(kind for branch in branches for kind in _types_of(branch))
        allowed = tuple(text for branch in branches for text in branch.get("enum", ()))
        yield SchemaViolation(
            kind=ViolationKind.WRONG_TYPE,
            path=path,
            value=value,
            expected=tuple(types),
            allowed=allowed,
            examples=tuple(example for branch in branches for example in branch["examples"]),
        )
        return
    if len(fitting) > 1:
        markers = _markers([branches[at] for at in fitting])
        present = [at for at, marker in zip(fitting, markers, strict=True) if marker in value]
        if len(present) != 1:
            yield _no_choice(path, value, markers, branches, tuple(branches[at]["required"][-1] for at in present))
            return
        fitting = present
    for inner in error.context or ():
        if inner.relative_schema_path[0] == fitting[0]:
            yield from _violations(inner)


def _no_choice(
    path: Path,
    value: Mapping[str, object],
    markers: tuple[str, ...],
    branches: list[Schema],
    present: tuple[str, ...],
) -> SchemaViolation:
    """Return the violation of a mapping that has none, or several, of the fields that tell branches apart."""
    if present:
        return SchemaViolation(kind=ViolationKind.SEVERAL_CHOICES, path=path, value=value, expected=present)
    known = dict.fromkeys(name for branch in branches for name in branch.get("properties", {}))
    for name in value:
        if name not in known and nearest(name, known) in markers:
            return _unknown((*path, name), value[name], known)
    return SchemaViolation(kind=ViolationKind.NO_CHOICE, path=path, value=value, expected=markers)


def _markers(branches: list[Schema]) -> tuple[str, ...]:
    """Return for each branch the required field that no other branch knows."""
    found = []
    for branch in branches:
        others = {name for other in branches if other is not branch for name in other["properties"]}
        found.append(next(str(name) for name in branch["required"] if name not in others))
    return tuple(found)


def _fits(value: object, branch: Schema) -> bool:
    types = _types_of(branch)
    return not types or _type_of(value) in types


def _types_of(schema: Schema) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _as_written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_OF_FIELDS = frozenset({ViolationKind.UNKNOWN_FIELD, ViolationKind.MISSING_FIELD, ViolationKind.TOO_MANY})


def _merged(found: list[SchemaViolation]) -> Iterator[SchemaViolation]:
    """Yield violations in order of place, one for each mistake.

    A value that breaks several rules at once breaks the first by the order of kinds; a misspelt field is not missing
    as well.
    """
    kinds = list(ViolationKind)
    found = sorted(found, key=lambda item: (_place(item.path), kinds.index(item.kind)))[:MAX_VIOLATIONS]
    incomplete = {item.path[:-1] for item in found if item.kind is ViolationKind.MISSING_FIELD}
    misspelt = {
        (item.path[:-1], nearest(str(item.path[-1]), item.expected))
        for item in found
        if item.kind is ViolationKind.UNKNOWN_FIELD and item.path[:-1] in incomplete
    }
    places: dict[tuple[Path, bool, ViolationKind | None], int] = {}
    merged: list[SchemaViolation] = []
    for item in found:
        if item.kind is ViolationKind.MISSING_FIELD and (item.path[:-1], item.path[-1]) in misspelt:
            continue
        # A field may be missing from a place, and a value have one fault.
        place = (item.path, item.is_key, item.kind if item.kind in _OF_FIELDS else None)
        at = places.setdefault(place, len(merged))
        if at == len(merged):
            merged.append(item)
        elif item.kind is merged[at].kind is ViolationKind.EXCLUDES:
            fields = dict.fromkeys((*merged[at].expected, *item.expected))
            merged[at] = replace(merged[at], expected=tuple(fields))
    return iter(merged)


def _place(path: Path) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(step, str), 0 if isinstance(step, str) else step, str(step)) for step in path)
