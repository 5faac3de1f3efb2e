"""The OpenAPI schemas of the newest Kubernetes, out of the package `kubernetes-validate`, a development dependency."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate

from grayc.k8s.kinds import GroupKind

Schema = Mapping[str, Any]

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.(\d+)-local")


def versions() -> list[str]:
    """Return the Kubernetes versions there are, `1.37` for one, oldest first."""
    found = [match.groups() for folder in SCHEMAS.iterdir() if (match := _FOLDER.fullmatch(folder.name))]
    return [f"{major}.{minor}" for major, minor, _ in sorted(tuple(map(int, numbers)) for numbers in found)]


@cache
def definitions(version: str = "") -> Mapping[str, Schema]:
    """Return the schemas of a Kubernetes version, the newest unless one is given, by the name of their Go type."""
    folder = SCHEMAS / f"v{version or versions()[-1]}.0-local"
    found: Mapping[str, Schema] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return found


@cache
def kinds(version: str = "") -> Mapping[GroupKind, Mapping[str, str]]:
    """Return kinds of objects: group and kind → API version, as objects write it → name of the definition.

    Left out are lists of objects, and what is no object of its own, such as `DeleteOptions`.
    """
    found: dict[GroupKind, dict[str, str]] = defaultdict(dict)
    for name, schema in definitions(version).items():
        fields = schema.get("properties", {})
        if "metadata" not in fields or ("items" in fields and name.endswith("List")) or ".apis.meta." in name:
            continue
        for identity in schema.get("x-kubernetes-group-version-kind", ()):
            api_version = f"{identity['group']}/{identity['version']}".lstrip("/")
            found[(identity["group"], identity["kind"])][api_version] = name
    return found


def resolved(schema: Schema) -> Schema:
    """Return the definition that a reference names, and any other schema as it is."""
    return definitions()[type_name(schema)] if "$ref" in schema else schema


def type_name(schema: Schema) -> str:
    """Return the name of the definition that a schema refers to, "" where it refers to none."""
    reference: str = schema.get("$ref", "")
    return reference.rpartition("/")[2]


def reference(name: str) -> Schema:
    """Return the schema that refers to a definition."""
    return {"$ref": f"#/$defs/{name}"}
