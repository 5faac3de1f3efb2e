"""Build a release of plain objects in a folder, for tests that look at findings and at what was written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.cli_run import run_grayc

Object = dict[str, Any]
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
    """Return an object."""
    head = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}
    return {**head, **({"spec": spec} if spec is not None else {}), **fields}


def workload(
    kind: str = "Deployment",
    pod: Object | None = None,
    *,
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
    return an_object(kind, spec, version="apps/v1", name=name, namespace=namespace)


def service(name: str = "web", *, namespace: str = "shop", labels: Mapping[str, str] | None = None) -> Object:
    """Return the Service of a workload, at port 80."""
    selector = {**PREPARED, "app": name} if labels is None else dict(labels)
    return an_object("Service", {"selector": selector, "ports": [{"port": 80}]}, name=name, namespace=namespace)


def release(name: str = "demo", **spec: Any) -> Object:
    """Return a release of service `web` in namespace `shop`; None is no field."""
    fields = {"tag": "gray", "namespace": "shop", "baseline": ["baseline/"], "services": [{"name": "web"}], **spec}
    if fields.get("traffic"):
        fields.setdefault("lane", {"provider": "mse"})
    fields = {field: value for field, value in fields.items() if value is not None}
    return {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": name}, "spec": fields}


def write_release(folder: Path, objects: Sequence[Object], **spec: Any) -> Path:
    """Write the release of service `web` and its baseline into a folder, and return its path; None is no field."""
    folder.mkdir(exist_ok=True)
    (folder / "release.yaml").write_text(json.dumps(release(**{"output": {"layout": "single"}, **spec})))
    (folder / "baseline").mkdir()
    (folder / "baseline" / "all.yaml").write_text(stream(objects))
    return folder / "release.yaml"


def build(folder: Path, objects: Sequence[Object], **spec: Any) -> tuple[list[Object], list[Object]]:
    """Return the findings of a build of service `web`, and the objects that it writes: no folder, which costs as much."""
    write_release(folder, objects, **spec)
    run = run_grayc(["build", "release.yaml", "-o", "-", "-f", "json"], folder=folder)
    # What is refused writes no objects, and the report takes their place.
    report, written = (run.stderr, run.stdout) if run.stderr else (run.stdout, "")
    return json.loads(report)["diagnostics"], objects_in(written)


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
