"""The one builder of small manifests and of a small release, for tests that look at findings and at what was written.

`an_object`, `workload`, `service`, `autoscaler`, `ingress` and `a_namespace` are the manifests. `release` is the spec,
`write_release` lays both into a folder, and `run_build` and `build` say what a build makes of them. A plan without a
folder is made by `tests.plans`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.cli_run import Run, run_grayc

Object = dict[str, Any]
Baseline = Iterable[Object] | Mapping[str, Iterable[Object]]
"""Objects of one file, or of several: path in the folder → what is in it."""

VERSION = "zadigx-release-version"
PREPARED = {"app": "web", VERSION: "original"}


def an_object(
    kind: str,
    spec: Object | None = None,
    *,
    version: str = "v1",
    name: str = "web",
    namespace: str = "shop",
    **fields: Any,
) -> Object:
    """Return an object; no namespace is no field."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    head = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return {**head, **({"spec": spec} if spec is not None else {}), **fields}


def workload(
    kind: str = "Deployment",
    pod: Object | None = None,
    *,
    version: str = "apps/v1",
    name: str = "web",
    namespace: str = "shop",
    labels: Mapping[str, str] | None = None,
    container: Object | None = None,
    **spec: Any,
) -> Object:
    """Return a workload of one container, prepared for gray releases unless it has labels of its own."""
    own = {**PREPARED, "app": name} if labels is None else dict(labels)
    containers = [{"name": name, "image": f"registry.example.com/{name}:1", **(container or {})}]
    template = {"metadata": {"labels": own}, "spec": {"containers": containers, **(pod or {})}}
    spec = {"selector": {"matchLabels": own}, "template": template, **spec}
    return an_object(kind, spec, version=version, name=name, namespace=namespace)


def service(
    name: str = "web",
    *,
    namespace: str = "shop",
    labels: Mapping[str, str] | None = None,
    ports: Iterable[int | Object] = (80,),
    **spec: Any,
) -> Object:
    """Return the Service of a workload, at port 80 unless others are named, each by its number or with all its fields."""
    selector = {**PREPARED, "app": name} if labels is None else dict(labels)
    listed = [{"port": port} if isinstance(port, int) else port for port in ports]
    return an_object("Service", {"selector": selector, "ports": listed, **spec}, name=name, namespace=namespace)


def autoscaler() -> Object:
    """Return an autoscaler of Deployment `web`, of two to twenty pods."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 20}
    return an_object("HorizontalPodAutoscaler", spec, version="autoscaling/v2")


def ingress(
    name: str = "web",
    class_name: str = "",
    *,
    host: str = "h.test",
    paths: Iterable[tuple[str, str, str]] = (("/", "Prefix", "web"),),
    annotations: Mapping[str, str] | None = None,
    namespace: str = "shop",
    port: int | str = 80,
) -> Object:
    """Return an Ingress of one host; a path is text, type and Service, and no class or host is no field."""
    at = {"number" if isinstance(port, int) else "name": port}
    listed = [
        {"path": path, "pathType": kind, "backend": {"service": {"name": backend, "port": at}}}
        for path, kind, backend in paths
    ]
    spec = {
        **({"ingressClassName": class_name} if class_name else {}),
        "rules": [{**({"host": host} if host else {}), "http": {"paths": listed}}],
    }
    made = an_object("Ingress", spec, version="networking.k8s.io/v1", name=name, namespace=namespace)
    made["metadata"]["annotations"] = dict(annotations or {})
    return made


def a_namespace(name: str = "shop", *, labels: Mapping[str, str] | None = None, **metadata: Any) -> Object:
    """Return a Namespace; without labels it has none."""
    made = an_object("Namespace", name=name, namespace="")
    made["metadata"] |= {**({"labels": dict(labels)} if labels else {}), **metadata}
    return made


def release(name: str = "demo", **spec: Any) -> Object:
    """Return a release of service `web` in namespace `shop`; None is no field."""
    fields = {"tag": "gray", "namespace": "shop", "baseline": ["baseline/"], "services": [{"name": "web"}], **spec}
    if fields.get("traffic"):
        fields.setdefault("lane", {"provider": "mse"})
    fields = {field: value for field, value in fields.items() if value is not None}
    return {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": name}, "spec": fields}


def write_release(folder: Path, objects: Baseline, **spec: Any) -> Path:
    """Write the release of service `web` and its baseline into a folder, and return its path; None is no field.

    Args:
        objects: they are in `baseline/all.yaml` unless they come with files of their own.
    """
    write_baseline(folder, objects)
    return write_spec(folder / "release.yaml", **{"output": {"layout": "single"}, **spec})


def write_shop(folder: Path, *objects: Object, **spec: Any) -> Path:
    """Write the least release, for tests of what a command does with one: it names no namespace, and nor do its objects.

    Args:
        objects: what is in `baseline/web.yaml`; the workload alone unless given.
    """
    files = {"baseline/web.yaml": objects or (workload(namespace=""),)}
    return write_release(folder, files, **{"namespace": None, "output": None, **spec})


def write_spec(path: Path, name: str = "demo", **spec: Any) -> Path:
    """Write one of several releases, see `release`, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(release(name, **spec), indent=1))
    return path


def write_baseline(folder: Path, objects: Baseline) -> None:
    """Write the objects of a baseline below a folder, see `write_release`."""
    write_texts(folder, {name: stream(listed) for name, listed in files_of(objects).items()})


def write_texts(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder, for tests of what stands in them: path in the folder → text."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files_of(objects: Baseline) -> Mapping[str, Iterable[Object]]:
    """Return the files of a baseline, and what is in each."""
    return objects if isinstance(objects, Mapping) else {"baseline/all.yaml": objects}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build found and made.

    Attributes:
        objects: the lane.
        patch: what the release changes in the baseline, where `--baseline-patch` asked for it.
        folder: where the release is.
    """

    run: Run
    findings: list[Object]
    objects: list[Object]
    patch: list[Object]
    folder: Path

    @property
    def status(self) -> int:
        """The exit status."""
        return self.run.status

    @property
    def codes(self) -> list[str]:
        """The codes of all findings, in their order."""
        return [finding["code"] for finding in self.findings]

    @property
    def errors(self) -> list[str]:
        """The codes of the errors."""
        return [finding["code"] for finding in self.findings if finding["severity"] == "error"]

    @property
    def said(self) -> dict[str, str]:
        """Code → message and help of the last finding that has it."""
        return {finding["code"]: f"{finding['message']}; {finding['help'] or ''}" for finding in self.findings}

    @property
    def by_name(self) -> dict[str, Object]:
        """`Kind/name` → the object of the lane."""
        return {f"{item['kind']}/{item['metadata']['name']}": item for item in self.objects}

    def all(self, kind: str) -> list[Object]:
        """Return the objects of a kind."""
        return [item for item in self.objects if item["kind"] == kind]

    def one(self, kind: str) -> Object:
        """Return the one object of a kind."""
        return of_kind(self.objects, kind)

    def goes(self, *flags: str, host: str = "h.test") -> dict[str, float]:
        """Return where the release sends a request: Service or status → percent."""
        told = answer(self.folder, "route", "release.yaml", "--host", host, *flags, status=0)
        shares = {item["service"] or str(item["status"]): item["percent"] for item in told["destinations"]}
        return shares or {str(told["status"]): 100}


def run_build(folder: Path, objects: Baseline, *words: str, **spec: Any) -> Built:
    """Return what a build of service `web` finds and makes: of no folder, which would cost as much again.

    Args:
        words: more of the command line, such as `--step half`; `--baseline-patch patch.yaml` is read back, and so is
            an output folder where `-o` names one.
    """
    write_release(folder, objects, **spec)
    return build_again(folder, *words)


def build_again(folder: Path, *words: str) -> Built:
    """Return what a build of the release in a folder finds and makes, see `run_build`."""
    out = words[words.index("-o") + 1] if "-o" in words else "-"
    output = () if "-o" in words else ("-o", out)
    run = run_grayc(["build", "release.yaml", "-f", "json", *output, *words], folder=folder)
    # What is refused writes no objects, and so does a folder: the report takes their place.
    report, written = (run.stderr, run.stdout) if run.stderr else (run.stdout, "")
    patch = folder / words[words.index("--baseline-patch") + 1] if "--baseline-patch" in words else None
    return Built(
        run=run,
        findings=json.loads(report)["diagnostics"],
        objects=objects_in(written) if out == "-" else written_in(folder / out),
        patch=objects_in(patch.read_text(encoding="utf-8")) if patch is not None and patch.exists() else [],
        folder=folder,
    )


def build(folder: Path, objects: Baseline, **spec: Any) -> tuple[list[Object], list[Object]]:
    """Return the findings of a build of service `web`, and the objects that it writes, see `run_build`."""
    built = run_build(folder, objects, **spec)
    return built.findings, built.objects


def answer(folder: Path, *words: str, status: int | None = None) -> Any:
    """Return what a command answers in a folder, as data; where a status is named, it leaves that one."""
    run = run_grayc([*words, "-f", "json"], folder=folder)
    assert status in (None, run.status), run.stdout
    return json.loads(run.stdout)


def stream(objects: Iterable[Object]) -> str:
    """Return objects as one YAML text; JSON is YAML."""
    return "\n---\n".join(map(json.dumps, objects))


def objects_in(text: str) -> list[Object]:
    """Return the objects of a YAML text, as libyaml reads it."""
    return [item for item in yaml.load_all(text, Loader=yaml.CSafeLoader) if item]


def written_in(out: Path) -> list[Object]:
    """Return the objects of an output folder, file by file."""
    return [item for path in sorted(out.glob("*.yaml")) for item in objects_in(path.read_text(encoding="utf-8"))]


def of_kind(made: Sequence[Object], kind: str) -> Object:
    """Return the one object of a kind."""
    (found,) = (item for item in made if item["kind"] == kind)
    return found


def with_code(findings: Sequence[Object], *codes: str) -> list[tuple[str, str]]:
    """Return code and object of the findings with these codes."""
    return [(finding["code"], finding.get("object", "")) for finding in findings if finding["code"] in codes]


class Place(NamedTuple):
    """Where a finding points: at which text of which file, and what field that is."""

    code: str
    file: str
    field: str
    text: str


def places(folder: Path, findings: Iterable[Object], *codes: str) -> list[Place]:
    """Return where the findings whose codes start so point, of files in a folder."""
    found = []
    for finding in findings:
        if finding["code"].startswith(codes):
            start, end = finding["range"]["start"], finding["range"]["end"]
            line = (folder / finding["file"]).read_text(encoding="utf-8").split("\n")[start["line"] - 1]
            text = line[start["column"] - 1 : end["column"] - 1]
            found.append(Place(finding["code"], finding["file"], finding["field"] or "", text))
    return found
