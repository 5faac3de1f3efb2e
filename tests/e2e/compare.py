"""Whether an object in the API server is what its file says."""

from base64 import b64encode
from collections.abc import Iterator, Mapping

from grayc.k8s.quantities import read_quantity

_QUANTITIES = frozenset({"limits", "requests", "capacity", "hard"})
"""Fields whose values are quantities, which the server writes in its own form: `1000m` comes back as `1`."""


def as_stored(item: Mapping[str, object]) -> dict[str, object]:
    """Return an object of a file as the server keeps it: the plain text of a Secret goes to its `data`.

    Source: Kubernetes API reference, Secret v1 core, `stringData`: written into `data`, never given back.
    """
    stored = dict(item)
    plain, data = stored.pop("stringData", None), stored.get("data") or {}
    if item["kind"] != "Secret" or not isinstance(plain, dict) or not isinstance(data, dict):
        return dict(item)
    return {**stored, "data": {**data, **{key: b64encode(str(text).encode()).decode() for key, text in plain.items()}}}


def missing(wanted: object, found: object, path: str = "") -> Iterator[str]:
    """Yield every field of a file that the object does not have, or has with another value.

    The object may have more: what the server sets. Null and empty fields of a file say nothing.
    """
    match wanted, found:
        case Mapping(), Mapping():
            for key, value in wanted.items():
                yield from missing(value, found.get(key), f"{path}.{key}")
        case list(), list() if len(wanted) == len(found):
            for at, (left, right) in enumerate(zip(wanted, found, strict=True)):
                yield from missing(left, right, f"{path}[{at}]")
        case _:
            if wanted not in (None, {}, []) and wanted != found and not _same_quantity(wanted, found, path):
                yield f"{path}: the file says {wanted!r}, the server {found!r}"


def _same_quantity(wanted: object, found: object, path: str) -> bool:
    parts = path.rpartition(".")[0].rpartition(".")[2]
    if parts not in _QUANTITIES and not path.endswith((".sizeLimit", ".averageValue", ".divisor")):
        return False
    left, right = read_quantity(wanted), read_quantity(found)
    return left is not None and left == right
