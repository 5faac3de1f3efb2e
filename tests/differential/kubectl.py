"""The real `kubectl`: the one beside the interpreter, a development dependency."""

import json
import os
import subprocess
import sys
from pathlib import Path

KUBECTL = Path(sys.executable).parent / "kubectl"
LABEL = "read-by-kubectl"
BARE = {"GOGC": os.environ.get("GOGC", "400")}
"""An environment that names no home and no program; `tests/conftest.py` says what it holds."""


def read_as_apply(text: str, folder: Path) -> list[dict[str, object]] | None:
    """Return the objects that `kubectl -f` reads, None where it refuses the file.

    `label --local` is the one command that reads files as `apply -f` does and needs no cluster.
    """
    return read_all_as_apply([text], folder)


def read_all_as_apply(texts: list[str], folder: Path) -> list[dict[str, object]] | None:
    """Return the objects of several files in their order, None where `kubectl -f` refuses one of them."""
    run = _label(texts, folder)
    return None if run.returncode else [without_label(item) for item in json_values(run.stdout)]


def refused_by_apply(texts: list[str], folder: Path) -> list[bool]:
    """Return for each file whether `kubectl -f` says that it cannot be parsed.

    It goes on to the next file then, and names each. Where it refuses an object in other words, it says of none which.
    """
    said = _label(texts, folder).stderr
    return [f"error parsing {folder / f'apply-{number}.yaml'}: " in said for number in range(len(texts))]


def _label(texts: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    names: list[str | Path] = []
    for number, text in enumerate(texts):
        file = folder / f"apply-{number}.yaml"
        file.write_bytes(text.encode())
        names += ["-f", file]
    return subprocess.run(
        [KUBECTL, "label", "--local", "--dry-run=client", *names, f"{LABEL}=yes", "-o", "json"],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )


def read_as_kustomize(text: str, folder: Path) -> str | None:
    """Return what `kubectl kustomize` writes of a file, None where it refuses it."""
    return read_all_as_kustomize([text], folder)


def read_all_as_kustomize(texts: list[str], folder: Path) -> str | None:
    """Return what `kubectl kustomize` writes of several files, None where it refuses one of them."""
    home = folder / "kustomize"
    home.mkdir(exist_ok=True)
    names = [f"objects-{number}.yaml" for number in range(len(texts))]
    (home / "kustomization.yaml").write_text(json.dumps({"resources": names}))
    for name, text in zip(names, texts, strict=True):
        (home / name).write_bytes(text.encode())
    run = subprocess.run([KUBECTL, "kustomize", home], capture_output=True, check=False, text=True, encoding="utf-8")
    return None if run.returncode else run.stdout


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
