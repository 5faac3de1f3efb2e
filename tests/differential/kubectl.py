"""The real `kubectl`: the one beside the interpreter, a development dependency."""

import json
import subprocess
import sys
from pathlib import Path

KUBECTL = Path(sys.executable).parent / "kubectl"
LABEL = "read-by-kubectl"


def read_as_apply(text: str, folder: Path) -> list[dict[str, object]] | None:
    """Return the objects that `kubectl -f` reads, None where it refuses the file.

    `label --local` is the one command that reads files as `apply -f` does and needs no cluster.
    """
    return read_all_as_apply([text], folder)


def read_all_as_apply(texts: list[str], folder: Path) -> list[dict[str, object]] | None:
    """Return the objects of several files in their order, None where `kubectl -f` refuses one of them."""
    names: list[str | Path] = []
    for number, text in enumerate(texts):
        file = folder / f"apply-{number}.yaml"
        file.write_bytes(text.encode())
        names += ["-f", file]
    run = subprocess.run(
        [KUBECTL, "label", "--local", "--dry-run=client", *names, f"{LABEL}=yes", "-o", "json"],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    if run.returncode:
        return None
    return [without_label(item) for item in json_values(run.stdout)]


def read_as_kustomize(text: str, folder: Path) -> str | None:
    """Return what `kubectl kustomize` writes of a file, None where it refuses it."""
    home = folder / "kustomize"
    home.mkdir(exist_ok=True)
    (home / "kustomization.yaml").write_text("resources: [objects.yaml]\n")
    (home / "objects.yaml").write_bytes(text.encode())
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
