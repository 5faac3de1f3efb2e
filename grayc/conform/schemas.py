"""The schemas: Kubernetes' own, which grayc carries, and those of custom kinds from a folder of the user's."""

import json
import lzma
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import jsonschema

from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping

Schema = dict[str, Any]
_FILE = "kubernetes.json.xz"
_CRD_GROUP = "apiextensions.k8s.io"
_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
_KEPT = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Schemas of one Kubernetes version and of custom kinds.

    Attributes:
        version: such as `1.37`.
        definitions: name → schema; they refer to each other as `#/$defs/NAME`.
        kinds: `group/version/Kind`, without a group `version/Kind` → name.
        custom: the same key in lower case → a schema that stands alone.
    """

    version: str
    definitions: Mapping[str, Schema]
    kinds: Mapping[str, str]
    custom: Mapping[str, Schema] = field(default_factory=dict)

    def schema_of(self, document: Document) -> Schema | None:
        """Return an object's schema, None where there is none; references in it lead to `definitions`."""
        key = f"{document.identity.api_version}/{document.identity.kind}"
        if key.lower() in self.custom:
            return self.custom[key.lower()]
        return {"$ref": f"#/$defs/{self.kinds[key]}"} if key in self.kinds else None

    def closure(self, name: str) -> frozenset[str]:
        """Return a definition's name and those of all that it refers to, directly or not."""
        found, todo = {name}, [name]
        while todo:
            more = set(_references(self.definitions[todo.pop()])) - found
            found |= more
            todo += more
        return frozenset(found)


@lru_cache(maxsize=1)
def _bundle() -> Schema:
    # A wheel carries the folder inside the package, a source checkout beside it.
    for place in ("schemas", "../schemas"):
        try:
            found = pkgutil.get_data("grayc", f"{place}/{_FILE}")
        except OSError:
            continue
        if found is not None:
            return cast(Schema, json.loads(lzma.decompress(found)))
    raise FileNotFoundError(f"{_FILE} is neither in the package nor beside it")


def versions() -> tuple[str, ...]:
    """Return the Kubernetes versions whose schemas grayc carries, oldest first."""
    return tuple(_bundle()["versions"])


def load_schemas(version: str, custom: Mapping[str, Schema] | None = None) -> Schemas:
    """Return the schemas of a version that `versions` has, and of custom kinds."""
    bundle = _bundle()
    row = bundle["versions"][version]
    return Schemas(
        version=version,
        definitions={name: bundle["definitions"][at] for name, at in row["definitions"].items()},
        kinds=row["kinds"],
        custom=custom or {},
    )


def is_definition(document: Document) -> bool:
    """Tell whether an object defines a custom kind."""
    return document.identity.group == _CRD_GROUP and document.identity.kind == "CustomResourceDefinition"


def custom_schemas(document: Document) -> list[tuple[str, Schema]]:
    """Return `group/version/Kind` and schema of every version that a CustomResourceDefinition gives one."""
    group = get_text(document.data, ("spec", "group"))
    kind = get_text(document.data, ("spec", "names", "kind"))
    shared = get_map(document.data, ("spec", "validation", "openAPIV3Schema"))
    found = []
    for version in get_list(document.data, ("spec", "versions")):
        schema = get_map(version, ("schema", "openAPIV3Schema")) or shared
        if schema:
            key = f"{group}/{get_text(version, ('name',))}/{kind}".lower()
            found.append((key, _structural(schema, is_object=True)))
    return found


def schema_key(name: str) -> str | None:
    """Return the key of a schema by its file's path, `GROUP/KIND_VERSION.json`; None where it has another form.

    Source: datreeio/CRDs-catalog, the layout that kubeconform's Readme names.
    """
    folder, _, file = name.rpartition("/")
    kind, _, version = file.removesuffix(".json").rpartition("_")
    group = folder.rpartition("/")[2]
    return f"{group}/{version}/{kind}".lower() if group and kind and version and file.endswith(".json") else None


def is_schema(schema: object) -> bool:
    """Tell whether it is a JSON Schema that can be asked."""
    try:
        jsonschema.Draft202012Validator.check_schema(cast(Schema, schema))
    except jsonschema.SchemaError:
        return False
    return is_mapping(schema)


def _structural(schema: object, *, is_object: bool = False) -> Schema:
    """Return a schema of a CustomResourceDefinition as JSON Schema that refuses fields which the server would drop.

    Source: Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions": structural schemas, pruning,
    `x-kubernetes-preserve-unknown-fields`, `x-kubernetes-int-or-string`, `nullable`.
    """
    if not is_mapping(schema):
        return {}
    made: Schema = {
        key: value
        for key, value in schema.items()
        if not key.startswith("x-") and key not in ("description", "example", "externalDocs", "nullable", "default")
    }
    if schema.get(_INT_OR_STRING) is True:
        made.pop("type", None)
        made.pop("anyOf", None)
        made["type"] = ["integer", "string"]
    properties = get_map(schema, ("properties",))
    if properties:
        made["properties"] = {name: _structural(item) for name, item in properties.items()}
    if is_mapping(schema.get("items")):
        made["items"] = _structural(schema["items"])
    if is_mapping(schema.get("additionalProperties")):
        made["additionalProperties"] = _structural(schema["additionalProperties"])
    if is_object or schema.get(_EMBEDDED) is True:
        own = made.get("properties", {})
        made["properties"] = {**own, **{name: {} for name in _EVERY_OBJECT}}
    takes_any = schema.get(_KEPT) is True or "additionalProperties" in schema
    if "properties" in made and not takes_any:
        made["additionalProperties"] = False
    if get(schema, ("nullable",)) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


def _references(schema: object) -> Iterable[str]:
    if isinstance(schema, dict):
        for key, item in schema.items():
            if key == "$ref" and isinstance(item, str):
                yield item.rpartition("/")[2]
            else:
                yield from _references(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)
