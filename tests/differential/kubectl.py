"""The real `kubectl`: the one beside the interpreter, a development dependency."""

import json
import sys
from pathlib import Path

from tests.answers import Answer, answer_of

KUBECTL = Path(sys.executable).parent / "kubectl"
LABEL = "read-by-kubectl"


def read_as_apply(text: str) -> list[dict[str, object]] | None:
    """Return the objects that `kubectl -f` reads, None where it refuses the file.

    `label --local` is the one command that reads files as `apply -f` does and needs no cluster.
    """
    return read_all_as_apply([text])


def read_all_as_apply(texts: list[str]) -> list[dict[str, object]] | None:
    """Return the objects of several files in their order, None where `kubectl -f` refuses one of them."""
    answer = _label(texts)
    return None if answer.status else [without_label(item) for item in json_values(answer.stdout)]


def refused_by_apply(texts: list[str]) -> list[bool]:
    """Return for each file whether `kubectl -f` says that it cannot be parsed.

    It goes on to the next file then, and names each. Where it refuses an object in other words, it says of none which.
    """
    said = _label(texts).stderr
    return [f"error parsing {name}: " in said for name in _names(texts)]


def _names(texts: list[str]) -> list[str]:
    return [f"objects-{number}.yaml" for number in range(len(texts))]


def _label(texts: list[str]) -> Answer:
    files = dict(zip(_names(texts), texts, strict=True))
    named = [word for name in files for word in ("-f", name)]
    return answer_of(KUBECTL, "label", "--local", "--dry-run=client", *named, f"{LABEL}=yes", "-o", "json", files=files)


def read_as_kustomize(text: str) -> str | None:
    """Return what `kubectl kustomize` writes of a file, None where it refuses it."""
    return read_all_as_kustomize([text])


def read_all_as_kustomize(texts: list[str]) -> str | None:
    """Return what `kubectl kustomize` writes of several files, None where it refuses one of them."""
    files = dict(zip(_names(texts), texts, strict=True))
    kustomization = {"kustomization.yaml": json.dumps({"resources": list(files)})}
    answer = answer_of(KUBECTL, "kustomize", ".", files=files | kustomization)
    return None if answer.status else answer.stdout


def without_label(item: dict[str, object]) -> dict[str, object]:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    labels = {key: value for key, value in metadata["labels"].items() if key != LABEL}
    kept = {key: value for key, value in metadata.items() if key != "labels"}
    return {**item, "metadata": {**kept, **({"labels": labels} if labels else {})}}


def json_values(text: str) -> list[dict[str, object]]:
    """Return JSON objects that stand in a row."""
    decoder, values, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    return values
