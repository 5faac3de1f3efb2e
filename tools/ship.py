"""Build the sdist and the wheel, and install each from a clean index with pip, pipx and uv.

    python -m tools.ship FOLDER

FOLDER gets both, with the same bytes each time, and `grayc.cdx.json`, which says what an installation is made of. Each
is installed into an environment of its own, from FOLDER and the index that pip knows, and must build an example there,
to what this source builds.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from grayc import __version__

ROOT = Path(__file__).parent.parent
EPOCH = "1767225600"
"""Time of every file: 2026-01-01. Source: reproducible-builds.org, SOURCE_DATE_EPOCH."""
_EXAMPLE = ROOT / "examples" / "mse-demo"


def build(folder: Path) -> tuple[Path, Path]:
    """Return the sdist and the wheel, built into the folder; the wheel is built of the sdist."""
    _run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)], {"SOURCE_DATE_EPOCH": EPOCH})
    return folder / f"grayc-{__version__}.tar.gz", folder / f"grayc-{__version__}-py3-none-any.whl"


def installers(package: Path, home: Path) -> Mapping[str, tuple[Sequence[str], Path, Mapping[str, str]]]:
    """Return installer → its words, the command that it leaves, and what its environment has."""
    tools = Path(sys.executable).parent
    pipx = {"PIPX_HOME": str(home / "pipx"), "PIPX_BIN_DIR": str(home / "pipx-bin")}
    uv = {"UV_TOOL_DIR": str(home / "uv"), "UV_TOOL_BIN_DIR": str(home / "uv-bin")}
    quiet = ["--quiet", "--disable-pip-version-check"]
    return {
        "pip": ([str(home / "venv" / "bin" / "python"), "-m", "pip", "install", *quiet, str(package)],
                home / "venv" / "bin" / "grayc", {}),
        "pipx": ([str(tools / "pipx"), "install", "--quiet", str(package)], home / "pipx-bin" / "grayc", pipx),
        "uv": ([str(tools / "uv"), "tool", "install", "--quiet", str(package)], home / "uv-bin" / "grayc", uv),
    }  # fmt: skip


def try_install(package: Path, installer: str) -> None:
    """Install a package in a clean environment, and hold what it builds against what this source builds."""
    with tempfile.TemporaryDirectory(prefix="grayc-ship-") as scratch:
        home = Path(scratch)
        if installer == "pip":
            _run([sys.executable, "-m", "venv", str(home / "venv")])
        words, command, environment = installers(package, home)[installer]
        _run(words, environment)
        # Nothing of this source may help: the example is a copy, and the folder is another.
        shutil.copytree(_EXAMPLE, home / "example")
        made = [_run([program, "build", "-o", "-", "-q"], folder=home / "example")
                for program in (str(command), str(Path(sys.executable).parent / "grayc"))]  # fmt: skip
        if made[0] != made[1] or not made[0]:
            raise SystemExit(f"ship: {package.name} of {installer} builds something else")
        if _run([str(command), "--version"]).split()[-1] != __version__:
            raise SystemExit(f"ship: {package.name} of {installer} is another version")
    print(f"ship: {package.name} by {installer}: installed, builds the same bytes", flush=True)


def components() -> dict[str, object]:
    """Return what an installation is made of, as CycloneDX 1.6 has it: grayc and all that it needs, with versions."""
    known: dict[str, str] = {}
    waiting = ["grayc"]
    while waiting:
        name = waiting.pop()
        found = importlib.metadata.distribution(name)
        known[found.metadata["Name"]] = found.version
        for text in found.requires or ():
            need = Requirement(text)
            wanted = need.marker is None or need.marker.evaluate({"extra": ""})
            if wanted and need.name.lower().replace("_", "-") not in {each.lower().replace("_", "-") for each in known}:
                waiting.append(need.name)
    parts = [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name.lower()}@{version}"}
        for name, version in sorted(known.items())
        if name != "grayc"
    ]
    main = {"type": "application", "name": "grayc", "version": __version__, "purl": f"pkg:pypi/grayc@{__version__}"}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": main},
            "components": parts}  # fmt: skip


def _run(words: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
    done = subprocess.run(
        list(words), cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"ship: {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    """Build, try, and return 0 where all of it holds."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for package in build(folder):
        for installer in ("pip", "pipx", "uv"):
            try_install(package, installer)
    text = json.dumps(components(), indent=2) + "\n"
    (folder / "grayc.cdx.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
