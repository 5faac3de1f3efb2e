"""Pack the schemas that `grayc validate` carries: Kubernetes' own, and those of custom kinds that grayc itself writes.

python -m tools.pack_schemas

`schemas/kubernetes.json.xz` has the strict schemas of every version.

They come from the package `kubernetes-validate`, which makes them of Kubernetes' own OpenAPI documents (Apache 2.0).
Descriptions go, and a definition that several versions share is kept once: 13 versions take 60 kB instead of 55 MB.
What the documents leave to formats and to the API server's decoder is said in JSON Schema, and null means no value.

`schemas/custom.json.xz` has what the CustomResourceDefinitions of `dev_tools.CRDS` say of the kinds of `WRITTEN`, in
each version that they serve.
"""

import json
import lzma
from importlib import resources
from pathlib import Path

from tools.dev_tools import prepare_crds

FOLDER = Path(__file__).resolve().parent.parent / "schemas"
TARGET = FOLDER / "kubernetes.json.xz"
CUSTOM = FOLDER / "custom.json.xz"
WRITTEN = frozenset(
    {
        "gateway.networking.k8s.io/GRPCRoute",
        "gateway.networking.k8s.io/HTTPRoute",
        "networking.istio.io/DestinationRule",
        "networking.istio.io/VirtualService",
        "traefik.io/IngressRoute",
        "traefik.io/Middleware",
        "traefik.io/TraefikService",
    }
)
"""Custom kinds, `GROUP/KIND`, of which grayc writes objects."""
OLDEST = 25
"""Of the versions, the first: 1.25."""

Plain = dict[str, object]
_NAMED = frozenset({"properties", "$defs", "patternProperties"})
_GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"
_INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}
_QUANTITY = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"

DECODED: dict[str, Plain] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number", "null"], "pattern": _QUANTITY},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer", "null"], **_INT32},
}
"""Definition → what the API server takes.

Source: kubernetes/apimachinery v0.37.2, `pkg/api/resource/quantity.go` (`splitREString`), `pkg/util/intstr/intstr.go`.
"""


def packed() -> Plain:
    """Return the bundle: unique definitions, and for each version name → position and kind → name."""
    unique: dict[str, int] = {}
    versions: Plain = {}
    package = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    folders = sorted((item for item in package.iterdir() if item.name.endswith("-local-strict")), key=_minor)
    for folder in folders:
        if _minor(folder) < OLDEST:
            continue
        definitions = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
        kinds: dict[str, str] = {}
        places: dict[str, int] = {}
        for name in sorted(definitions):
            rows = definitions[name].get(_GROUP_VERSION_KIND, [])
            if len(rows) == 1:
                (row,) = rows
                kinds[f"{row['group']}/{row['version']}/{row['kind']}".lstrip("/")] = name
            made = DECODED.get(name) or _bare(definitions[name])
            text = json.dumps(made, sort_keys=True, separators=(",", ":"))
            places[name] = unique.setdefault(text, len(unique))
        versions[f"1.{_minor(folder)}"] = {"definitions": places, "kinds": dict(sorted(kinds.items()))}
    return {"definitions": [json.loads(text) for text in unique], "versions": versions}


def custom() -> Plain:
    """Return `group/version/kind` in lower case → the schema of a custom kind that grayc writes."""
    found: Plain = {}
    for path in sorted(prepare_crds().iterdir()):
        spec = json.loads(path.read_text(encoding="utf-8"))["spec"]
        kind = spec["names"]["kind"]
        if f"{spec['group']}/{kind}" in WRITTEN:
            for version in spec["versions"]:
                key = f"{spec['group']}/{version['name']}/{kind}".lower()
                found[key] = _without_words(version["schema"]["openAPIV3Schema"])
    return found


def _without_words(value: object, *, is_named: bool = False) -> object:
    """Return a structural schema without what nobody asks here: descriptions, and rules in CEL."""
    if isinstance(value, dict):
        return {
            key: _without_words(item, is_named=not is_named and key in _NAMED)
            for key, item in value.items()
            if is_named or key not in ("description", "x-kubernetes-validations")
        }
    return [_without_words(item) for item in value] if isinstance(value, list) else value


def _minor(folder: object) -> int:
    return int(getattr(folder, "name", "").split(".")[1])


def _bare(value: object, *, is_named: bool = False) -> object:
    """Return a schema without what no validator reads; under `properties` every key is a field's name."""
    if isinstance(value, dict):
        made = {
            key: _bare(item, is_named=not is_named and key in _NAMED)
            for key, item in value.items()
            if is_named or not (key in ("description", "format") or key.startswith("x-"))
        }
        return {**made, **_INT32} if not is_named and value.get("format") == "int32" else made
    return [_bare(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for target, what in ((TARGET, packed()), (CUSTOM, custom())):
        data = json.dumps(what, separators=(",", ":"), sort_keys=target is CUSTOM).encode()
        target.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
        print(f"{target.name}: {target.stat().st_size} bytes for {len(data)}")
