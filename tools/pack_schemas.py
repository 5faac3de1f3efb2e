"""Pack the strict schemas of every Kubernetes version into `schemas/kubernetes.json.xz`, for `grayc validate`.

python tools/pack_schemas.py

They come from the package `kubernetes-validate`, which makes them of Kubernetes' own OpenAPI documents (Apache 2.0).
Descriptions go, and a definition that several versions share is kept once: 13 versions take 60 kB instead of 55 MB.
What the documents leave to formats and to the API server's decoder is said in JSON Schema, and null means no value.
"""

import json
import lzma
from importlib import resources
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "schemas" / "kubernetes.json.xz"
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
    data = json.dumps(packed(), separators=(",", ":")).encode()
    TARGET.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes for {len(data)}")
