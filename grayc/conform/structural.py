"""What CustomResourceDefinitions say of their kinds, as JSON Schema and as changes that the API server makes first."""

from collections.abc import Iterator, Mapping
from typing import cast

from grayc.conform.custom import OBJECT_META, UNREAD, CustomKind, Schema, is_open
from grayc.conform.work import Work
from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping

_CRD_GROUP = "apiextensions.k8s.io"
_EVERY_OBJECT: Schema = {"apiVersion": {}, "kind": {}, "metadata": {"$ref": OBJECT_META}}
_KEPT = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
_CONDITIONS = ("allOf", "anyOf", "oneOf", "not")


def is_definition(document: Document) -> bool:
    """Tell whether an object defines a custom kind."""
    return document.identity.group == _CRD_GROUP and document.identity.kind == "CustomResourceDefinition"


def versions_of(document: Document) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield `group/version/kind` in lower case and the schema of every version that a definition serves with one."""
    group = get_text(document.data, ("spec", "group"))
    kind = get_text(document.data, ("spec", "names", "kind"))
    shared = get_map(document.data, ("spec", "validation", "openAPIV3Schema"))
    for version in get_list(document.data, ("spec", "versions")):
        schema = get_map(version, ("schema", "openAPIV3Schema")) or shared
        if schema and get(version, ("served",)) is not False:
            yield f"{group}/{get_text(version, ('name',))}/{kind}".lower(), schema


def kind_of_definition(structural: dict[str, object]) -> CustomKind:
    """Return a kind by the schema that its CustomResourceDefinition has."""
    return CustomKind(schema=cast(Schema, _structural(structural, is_object=True)), structural=structural)


def decoded(value: object, structural: Mapping[str, object], work: Work) -> object:
    """Return a value as the API server validates it: defaults are set, and nulls gone where a field is not `nullable`.

    Raises:
        TooMuchWorkError: the defaults come to more than the budget has steps: each of many values may get one, and each
            value in that one of its own.
    Source: Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions": defaulting and nullable.
    """
    if isinstance(value, list):
        items = get_map(structural, ("items",))
        return [decoded(item, items, work) for item in value]
    if not is_mapping(value):
        return value
    properties, others = get_map(structural, ("properties",)), get_map(structural, ("additionalProperties",))
    made: dict[str, object] = {}
    for name, item in value.items():
        own = get_map(properties, (name,)) or others
        if item is not None or not own or own.get("nullable") is True:
            made[name] = decoded(item, own, work)
    for name in [name for name in properties if name not in made]:
        default = get(properties, (name, "default"))
        if default is not None:
            work.take(work.size(default))
            made[name] = decoded(default, get_map(properties, (name,)), work)
    return made


def _structural(schema: object, *, is_object: bool = False) -> object:
    """Return a schema of a CustomResourceDefinition as JSON Schema that refuses fields which the server would drop.

    Args:
        is_object: it describes a whole object.
    Source: Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions": structural schemas, pruning,
    `x-kubernetes-preserve-unknown-fields`, `x-kubernetes-int-or-string`, `nullable`; a kube-apiserver 1.37.2.
    """
    made = _condition(schema)
    if not is_mapping(schema) or not is_mapping(made):
        return made
    if schema.get(_INT_OR_STRING) is True:
        made.pop("anyOf", None)
        made["type"] = ["integer", "string"]
    if is_mapping(schema.get("properties")):
        made["properties"] = {name: _structural(item) for name, item in get_map(schema, ("properties",)).items()}
    for word in ("items", "additionalProperties"):
        if word in schema:
            made[word] = _structural(schema[word])
    own = made.get("properties", {})
    if is_mapping(own) and (is_object or schema.get(_EMBEDDED) is True):
        made["properties"] = {**own, **_EVERY_OBJECT}
    is_open = schema.get(_KEPT) is True or "additionalProperties" in schema
    if not is_open and ("properties" in made or made.get("type") == "object"):
        made["additionalProperties"] = False
    return _with_null(made) if schema.get("nullable") is True else made


def _with_null(schema: dict[str, object]) -> dict[str, object]:
    """Return a schema that takes null too, of which the server asks no more than that `enum` has it."""
    made = {key: item for key, item in schema.items() if key not in _CONDITIONS}
    asked = {key: item for key, item in schema.items() if key in _CONDITIONS}
    kinds = made.get("type")
    if isinstance(kinds, (str, list)):
        made["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    return {**made, "if": {"type": "null"}, "else": asked} if asked else made


def _condition(schema: object) -> object:
    """Return what OpenAPI 3.0 and JSON Schema both say, in JSON Schema's words; nothing is closed."""
    if isinstance(schema, list):
        return [_condition(item) for item in schema]
    if not is_mapping(schema):
        return schema
    made = {
        key: _condition(item) if key in (*_CONDITIONS, "items", "additionalProperties") else item
        for key, item in schema.items()
        if not (key in UNREAD or key.startswith("x-") or is_open(key, item))
    }
    if is_mapping(schema.get("properties")):
        made["properties"] = {name: _condition(item) for name, item in get_map(schema, ("properties",)).items()}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        # There it is a switch, here the limit itself.
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and limit in made:
            made[exclusive] = made.pop(limit)
    return made
