"""kube-apiserver and etcd for the end-to-end tests: a cluster's interface without a cluster.

    python -m tools.api_server   prepare both, print their paths

kube-apiserver is taken as it is from the folder that `GRAYC_E2E_BIN` names, else from the development cache. What is
not there is unpacked from that folder (`.xz`), else built from the Go module proxy: 35 minutes on 2 cores, once. etcd
is the machine's (Debian: `etcd-server`), else built the same way in a minute.
"""

import json
import lzma
import os
import platform
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.dev_tools import ToolError, fetch, find_go, prepare_folder, run_tool

KUBERNETES = "1.37.2"
ETCD = "v3.6.16"
BINARIES = "GRAYC_E2E_BIN"
"""Environment variable: a folder with binaries that someone built before."""

_APISERVER = f"kube-apiserver-{KUBERNETES}"
_ETCD_MODULE = "go.etcd.io/etcd/server/v3"
# The modules that Kubernetes develops in its own repository: its go.mod replaces them by folders there, and each has
# a release of its own, v0.X.Y beside Kubernetes' v1.X.Y.
_STAGED = re.compile(r"^\s*(k8s\.io/[a-z0-9-]+) => \./staging/src/", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The two programs."""

    apiserver: Path
    etcd: Path


def prepare() -> Binaries:
    """Return both programs, made where they are not there yet.

    Raises:
        ToolError: one of them cannot be had.
    """
    return Binaries(apiserver=_apiserver(), etcd=_etcd())


def _apiserver() -> Path:
    given = os.environ.get(BINARIES)
    plain = Path(given or "") / "kube-apiserver"
    return plain if given and plain.is_file() else prepare_folder(_APISERVER, _make_apiserver) / "kube-apiserver"


def _make_apiserver(folder: Path) -> None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    packed = Path(os.environ.get(BINARIES, "")) / f"{_APISERVER}-{platform.system().lower()}-{machine}.xz"
    if packed.is_file():
        _unpack(packed, folder / "kube-apiserver")
    else:
        print("api_server: building kube-apiserver takes about half an hour", file=sys.stderr)
        _build_apiserver(folder)


def _unpack(packed: Path, to: Path) -> None:
    with lzma.open(packed) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)
    to.chmod(0o755)


def _etcd() -> Path:
    found = shutil.which("etcd")
    return Path(found) if found else prepare_folder(f"etcd-{ETCD}", _build_etcd) / "etcd"


def _build_apiserver(folder: Path) -> None:
    major, minor, patch = KUBERNETES.split(".")
    module = "k8s.io/kubernetes"
    described = fetch([str(find_go()), "mod", "download", "-json", f"{module}@v{KUBERNETES}"], folder=str(folder))
    staged = _STAGED.findall(Path(json.loads(described)["GoMod"]).read_text(encoding="utf-8"))
    if not staged:
        raise ToolError(f"{module} v{KUBERNETES} names no staging modules")
    version = "k8s.io/component-base/version"
    stamps = {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    _build(
        folder / "kube-apiserver",
        package=f"{module}/cmd/kube-apiserver",
        module=f"{module} v{KUBERNETES}",
        replace=[f"{name} => {name} v0.{minor}.{patch}" for name in sorted(set(staged))],
        flags=" ".join(f"-X {version}.{key}={value}" for key, value in stamps.items()),
    )


def _build_etcd(folder: Path) -> None:
    _build(folder / "etcd", package=_ETCD_MODULE, module=f"{_ETCD_MODULE} {ETCD}", replace=(), flags="")


def _build(target: Path, *, package: str, module: str, replace: Sequence[str], flags: str) -> None:
    """Build one package of one module, in a module of our own: `go install` refuses modules that replace others."""
    home = target.parent / "source"
    home.mkdir()
    lines = [f"require {module}", *(f"replace {row}" for row in replace)]
    (home / "go.mod").write_text("module grayc.dev/e2e\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    ldflags = f"-s -w {flags}".strip()
    command = [str(find_go()), "build", "-mod=mod", "-trimpath", "-ldflags", ldflags, "-o", str(target), package]
    # Only what decides for whom it is built is ours: proxy, cache and flags stay the machine's.
    environment = {key: value for key, value in os.environ.items() if key not in ("GOOS", "GOARCH", "GOFLAGS")}
    environment |= {"CGO_ENABLED": "0", "GOTOOLCHAIN": "auto", "GOWORK": "off"}
    fetch([str(find_go()), "list", "-mod=mod", "-deps", package], environment, str(home))
    run_tool(command, environment, str(home))
    shutil.rmtree(home)


def main() -> int:
    """Prepare both, print where they are, return the exit status."""
    try:
        found = prepare()
    except ToolError as error:
        print(f"api_server: {error}", file=sys.stderr)
        return 1
    print(found.apiserver, found.etcd, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
