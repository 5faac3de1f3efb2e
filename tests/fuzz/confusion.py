"""Values where they do not belong, and objects with every field that grayc knows."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from grayc.documents.reader import parse_plain
from grayc.k8s.kinds import KINDS, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.references import REFERENCES
from grayc.k8s.selectors import POD_SELECTORS, SERVICE_SELECTORS
from grayc.k8s.structure import Structure, Type, structure_of
from grayc.source import SourceFile

Place = tuple[str | int, ...]

VALUES: tuple[Any, ...] = (
    None,
    "text",
    "",
    7,
    0,
    -1,
    1.5,
    True,
    [],
    ["a"],
    {},
    {"a": 1},
    [["a"]],
    [None],
    [{"name": {"a": 1}}],
    {"a": {"b": ["c"]}},
    "9" * 5000,
    "9" * 5000 + "%",
    10**30,
    2**63 - 1,
    1e300,
    "a\nb: [",
    "\u00b2",
    "{{ x }}",
)
"""Of every type, empty and nested, numbers that are too long to read, and a digit that is none."""

_VERSIONS: Mapping[str, str] = {
    "": "v1",
    "autoscaling": "autoscaling/v2",
    "keda.sh": "keda.sh/v1alpha1",
    "apps.kruise.io": "apps.kruise.io/v1alpha1",
    "argoproj.io": "argoproj.io/v1alpha1",
}

_SAMPLES: Mapping[Type, Any] = {
    Type.TEXT: "web",
    Type.SCALAR: "on",
    Type.NUMBER: 1,
    Type.BOOLEAN: True,
    Type.NUMBER_OR_TEXT: 1,
    Type.QUANTITY: "1Gi",
}


def known_kinds() -> list[GroupKind]:
    """Return every kind that a table has a row of."""
    named = {*KINDS, *WORKLOADS, *REFERENCES, *POD_SELECTORS, *SERVICE_SELECTORS}
    return sorted(named)


def whole_object(group_kind: GroupKind, name: str = "web") -> dict[str, Any]:
    """Return an object of a kind in which every field that grayc knows has a value of its type."""
    group, kind = group_kind
    body = _filled(structure_of(group_kind))
    metadata = {**body.pop("metadata"), "name": name, "namespace": "shop"}
    metadata["labels"] = {"app": "web", "zadigx-release-version": "original"}
    metadata["annotations"] = {"example.com/team": "web"}
    for field in ("generateName", "ownerReferences", "managedFields", "finalizers"):
        metadata.pop(field, None)
    return {"apiVersion": _VERSIONS.get(group, f"{group}/v1"), "kind": kind, "metadata": metadata, **body}


def _filled(structure: Structure) -> Any:
    if structure.type is Type.LIST:
        return [] if structure.items is None else [_filled(structure.items)]
    if structure.type is not Type.MAPPING:
        return _SAMPLES[structure.type]
    made = {key: _filled(below) for key, below in structure.fields.items()}
    if structure.values is not None:
        made["app"] = _filled(structure.values)
    return made


def places(data: Any, at: Place = ()) -> Iterator[Place]:
    """Yield where values stand, those of mappings and lists too."""
    yield at
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*at, key))


def replaced(data: Any, place: Place, value: Any) -> Any:
    """Return a copy with another value at a place."""
    if not place:
        return copy.deepcopy(value)
    made = copy.deepcopy(data)
    parent = made
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = copy.deepcopy(value)
    return made


def mutated(data: Any, random: Random) -> Any:
    """Return a copy in which a value is replaced, or gone, or doubled, or under another key."""
    found = list(places(data))
    place = random.choice(found)
    way = random.random()
    if way < 0.8 or not place:
        value = random.choice(VALUES)
        if random.random() < 0.1:
            other: Any = data
            for step in random.choice(found):
                other = other[step]
            value = other
        return replaced(data, place, value)
    parent: Any = data
    for step in place[:-1]:
        parent = parent[step]
    changed = copy.deepcopy(parent)
    if way < 0.87:
        del changed[place[-1]]
    elif isinstance(changed, list):
        changed.append(copy.deepcopy(changed[0]))
    else:
        changed[random.choice(("", "a.b", "-x", "spec", "0", "$patch", "ü", "a/b"))] = changed.pop(place[-1])
    return replaced(data, place[:-1], changed)


def documents_of(text: str) -> list[Any]:
    """Return the documents of a text as plain data; none where it is not readable."""
    found = []
    for part in re.split(r"(?m)^---\s*$", text):
        if part.strip():
            read = parse_plain(SourceFile(name="text", text=part)).value
            if read is None:
                return []
            found.append(read[1])
    return found


def written(documents: list[Any]) -> str:
    """Return documents as text: JSON is YAML, too."""
    return "".join(f"---\n{json.dumps(each, indent=1)}\n" for each in documents)


_LINE = re.compile(r"^(?P<head>(?P<indent>\s*)(?:- )?[\w./\"'-]+:)(?P<value>.*)$")


def with_line_mutated(text: str, random: Random) -> str:
    """Return a text in which the value of one line is another, and all below it is gone; its layout stays."""
    lines = text.split("\n")
    fields = [at for at, line in enumerate(lines) if _LINE.match(line)]
    if not fields:
        return text
    at = random.choice(fields)
    found = _LINE.match(lines[at])
    assert found is not None
    deep = len(found["indent"]) + (2 if "- " in found["head"] else 0)
    end = at + 1
    while end < len(lines) and lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) > deep:
        end += 1
    return "\n".join([*lines[:at], f"{found['head']} {json.dumps(random.choice(VALUES))}", *lines[end:]])


def with_bytes_mutated(data: bytes, random: Random) -> bytes:
    """Return bytes of which a few are gone, doubled or others."""
    made = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(made) + 1)
        match random.randrange(3):
            case 0:
                del made[at : at + random.randint(1, 8)]
            case 1:
                made[at:at] = made[at : at + random.randint(1, 40)]
            case _:
                made[at : at + 1] = random.choice(
                    (b":", b"-", b"\n", b"  ", b"[", b"{", b"'", b"&a ", b"*a", b"\xff", b"|", b"9")
                )
    return bytes(made)
