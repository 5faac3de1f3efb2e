"""What the tests of pages and pictures need: a browser, and the programs that others read them with.

    python -m tools.browser   prepare all of it, print where it is

The browser is the machine's own `chromium`. Where there is none and this may install packages (Debian, root), it is
installed with apt, with a font that has Chinese; otherwise it is said what is missing. What axe, Mermaid and Graphviz
are for browsers comes from npm, of versions that stand here; where the machine has none, a Python package carries it.
All of it goes to `grayc-dev` in the user's cache folder, as `tools.dev_tools` tells.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.dev_tools import ToolError, cache_folder, fetch, prepare_folder
from tools.node import npm

PACKAGES = (
    ("axe-core", "4.14.1", "package/axe.min.js", "axe.js"),
    ("mermaid", "11.17.2", "package/dist/mermaid.min.js", "mermaid.js"),
    ("@viz-js/viz", "3.31.0", "package/dist/viz-global.js", "viz.js"),
)
"""Package of npm, version, file in it, name here."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_DEBIAN = ("chromium", "fonts-noto-cjk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What was prepared.

    Attributes:
        chromium: the program.
        scripts: folder with the third names of `PACKAGES`.
    """

    chromium: Path
    scripts: Path


def prepare_browser() -> Browser:
    """Return a browser and the scripts, which are there after the first call.

    Raises:
        ToolError: there is none, and it could not be had.
    """
    versions = "-".join(version for _, version, _, _ in PACKAGES)
    return Browser(chromium=_chromium(), scripts=prepare_folder(f"page-scripts-{versions}", _fetch_scripts))


def _chromium() -> Path:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        fetch(["apt-get", "update", "--quiet"], environment)
        fetch(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *_DEBIAN], environment)
        found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise ToolError(f"there is no browser ({', '.join(_BROWSERS)}): apt-get install {' '.join(_DEBIAN)}")
    return Path(found)


def _fetch_scripts(folder: Path) -> None:
    """Take one file out of each package; npm checks it against the registry's digest."""
    with tempfile.TemporaryDirectory(prefix="npm.", dir=cache_folder()) as scratch:
        for package, version, inside, name in PACKAGES:
            packed = fetch([*npm(), "pack", "--silent", f"{package}@{version}"], folder=scratch).split()[-1]
            with tarfile.open(Path(scratch) / packed) as archive:
                content = archive.extractfile(inside)
                if content is None:
                    raise ToolError(f"{package} {version} has no {inside}")
                with (folder / name).open("wb") as target:
                    shutil.copyfileobj(content, target)


def main() -> int:
    """Prepare all of it, print where it is, return the exit status."""
    try:
        made = prepare_browser()
    except (ToolError, subprocess.TimeoutExpired) as error:
        print(f"browser: {error}", file=sys.stderr)
        return 1
    print(made.chromium)
    print(made.scripts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
