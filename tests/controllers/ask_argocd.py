"""Ask Argo CD's own code what it makes of the Applications of `argocd_cases`, and keep its answers.

    python -m tests.controllers.ask_argocd PROGRAM

PROGRAM is built from `argocd/`; helm and kustomize are on PATH.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.controllers.argocd_cases import CASES
from tests.manifests import write_texts

ANSWERS = Path(__file__).parent / "argocd" / "answers.json"


def asked(files: Mapping[str, str]) -> str:
    """Return a short form of the files that a case consists of."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]


def ask(program: str, files: Mapping[str, str]) -> list[object]:
    """Return the objects that Argo CD renders."""
    with tempfile.TemporaryDirectory() as folder:
        write_texts(Path(folder), files)
        command = [program, folder, f"{folder}/application.yaml"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]


if __name__ == "__main__":
    kept = {name: {"asked": asked(files), "objects": ask(sys.argv[1], files)} for name, files in CASES.items()}
    ANSWERS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
