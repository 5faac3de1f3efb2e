"""What is measured and what it is measured beside, made or found once: an installed grayc, a Go program, others."""

import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOOR = Path(__file__).parent / "floor"
RAPIDYAML = "rapidyaml>=0.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Programs; those that were not asked for are not there.

    Attributes:
        python, grayc: of an environment that holds a wheel of this checkout, compiled.
        floor: the Go program of this folder.
    """

    python: Path
    grayc: Path
    floor: Path
    kubectl: Path
    helm: Path


def prepare(*, quick: bool) -> Peers:
    """Return what is measured, made anew where it is of this checkout.

    Raises:
        SystemExit: something is not there.
    """
    home = cache_folder()
    home.mkdir(parents=True, exist_ok=True)
    environment = home / "environment"
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wheels = home / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    _run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(wheels), str(ROOT)])
    (wheel,) = wheels.glob("grayc-*.whl")
    _run([*pip, str(wheel)])
    _run([*pip, "--force-reinstall", "--no-deps", str(wheel)])
    if not quick:
        _run([*pip, RAPIDYAML])
    _run([str(python), "-m", "compileall", "-q", str(environment / "lib")], may_fail=True)
    return Peers(
        python=python,
        grayc=environment / "bin" / "grayc",
        floor=build_floor(home),
        kubectl=find("kubectl", quick=quick),
        helm=find("helm", quick=quick),
    )


def cache_folder() -> Path:
    """Return where the bench keeps what it makes."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(said) if Path(said).is_absolute() else Path.home() / ".cache") / "grayc-dev" / "bench"


def build_floor(home: Path) -> Path:
    """Return the Go program, built from its source here."""
    go = shutil.which("go")
    if go is None:
        raise SystemExit("bench: no Go: install it, the plain program is built by it")
    program = home / "floor"
    done = subprocess.run([go, "build", "-trimpath", "-o", str(program), "."], cwd=FLOOR, check=False)
    if done.returncode != 0:
        raise SystemExit("bench: the Go program cannot be built")
    return program


def find(name: str, *, quick: bool) -> Path:
    """Return a program of the development environment, or of PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None and not quick:
        raise SystemExit(f"bench: no {name}: pip install -e '.[dev]'")
    return Path(found or name)


def _run(words: list[str], *, may_fail: bool = False) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(words, env=surroundings, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0 and not may_fail:
        raise SystemExit(f"bench: {' '.join(words)}: exit status {done.returncode}")
