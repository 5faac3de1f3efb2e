"""What grayc finds on a machine: the programs that it calls, what it carries, and whether it can write."""

import os
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from grayc import __version__
from grayc.conform.schemas import custom_kinds, versions
from grayc.records import dataclass
from grayc.source import SourceError
from grayc.source.program import find_program, version_of

OUT = "OUT"
_UTF8 = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One thing that was looked at.

    Attributes:
        found: its version and where it is, "" where it is not there.
        serves: what needs it.
        trouble: why it does not do, in words; "" where it does.
    """

    name: str
    found: str
    serves: str
    trouble: str = ""

    @property
    def is_well(self) -> bool:
        """Tell whether it is there, and does."""
        return bool(self.found) and not self.trouble


@dataclass(frozen=True, slots=True)
class _Program:
    name: str
    asked: tuple[str, ...]
    serves: str
    least: tuple[int, ...] = ()


_PROGRAMS = (
    _Program("helm", ("version", "--short"), "baselines of `helm`, and of Argo CD and Flux with charts"),
    _Program("kustomize", ("version",), "baselines of `kustomize`, Argo CD and Flux; else kubectl renders them"),
    _Program("kubectl", ("version", "--client"), "baselines of `kustomize` without kustomize; applying what is built"),
    # Source: docs/validate.md.
    _Program("kubeconform", ("-v",), "`validate`; without it grayc compares by itself", (0, 5, 0)),
    _Program("git", ("--version",), "`diff --rev`, ages in `lanes`, files that git tracks in OUT"),
)
_VERSION = re.compile(r"(?<!\d)\d+(?:\.\d+)+")


def look_around(out: Path | None) -> tuple[Look, ...]:
    """Return what was looked at, in order.

    Args:
        out: a folder that is to be written; None for none.
    """
    encoding = sys.getfilesystemencoding()
    carried = versions()
    looks = [
        Look(name="grayc", found=__version__, serves="the release language grayc.dev/v1"),
        Look(name="python", found=f"{platform.python_version()}, {sys.executable}", serves="grayc, 3.11 or newer"),
        *map(_look, _PROGRAMS),
        Look(
            name="schemas",
            found=f"Kubernetes {carried[0]} to {carried[-1]}, {len(custom_kinds())} custom kinds",
            serves="`validate`",
        ),
        Look(
            name="encoding",
            found=f"{encoding} for names of files",
            serves="names of files alone: what stands in them is UTF-8, whatever this says",
            trouble="" if encoding.lower() == _UTF8 else "names of files beyond ASCII may not be found",
        ),
    ]
    if out is not None:
        looks.append(_out(out))
    return tuple(looks)


def _out(out: Path) -> Look:
    shown = out.as_posix()
    place = next(each for each in (out, *out.absolute().parents) if each.exists())
    trouble = "" if place.is_dir() else f"`{place.as_posix()}` is no folder"
    if not trouble and not os.access(place, os.W_OK | os.X_OK):
        trouble = f"`{place.as_posix()}` cannot be written"
    return Look(name=OUT, found=shown, serves="`build`", trouble=trouble)


def _look(program: _Program) -> Look:
    try:
        path = find_program((program.name,), (Path.cwd(),))
    except SourceError:
        is_here = which(program.name) is not None
        trouble = "the one on PATH lies below this folder, and is not run" if is_here else "not found on PATH"
        return Look(name=program.name, found="", serves=program.serves, trouble=trouble)
    found = _VERSION.search(version_of(path, program.asked))
    if found is None:
        return Look(name=program.name, found=str(path), serves=program.serves, trouble="does not say its version")
    least = ".".join(map(str, program.least))
    is_old = _numbers(found[0].split(".")) < program.least
    return Look(
        name=program.name,
        found=f"{found[0]}, {path}",
        serves=program.serves,
        trouble=f"{least} or newer is needed" if is_old else "",
    )


def _numbers(parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in parts)
