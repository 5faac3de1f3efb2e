"""A case by its seed: files that a golden or a table has, made wrong, and the commands that read them."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from unittest import mock

from grayc.k8s.gateways import GatewayName
from tests.abuse.model import INGRESS, RELEASE, WEB
from tests.cli_run import run_grayc
from tests.fuzz.confusion import (
    documents_of,
    known_kinds,
    mutated,
    whole_object,
    with_bytes_mutated,
    with_line_mutated,
    written,
)
from tests.golden.test_golden import CASES, commands_of, copy_tree
from tests.renderers import renderers_path

SECONDS = 10.0
"""Of processor time, after which a command hangs."""

_GATEWAYS = tuple(map(str, GatewayName))
_FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit")
_KINDS = known_kinds()
_TEXTS = (".yaml", ".yml", ".json", ".tpl")
_INVENTORY = ".grayc-inventory"


class Hang(BaseException):
    """A command took too much processor time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command of a case.

    Attributes:
        digest: of all that it said, and of all files after it.
        problem: "" where it answered.
    """

    arguments: tuple[str, ...]
    status: int
    seconds: float
    digest: str
    problem: str


def run_case(seed: int, scratch: Path) -> list[Ran]:
    """Make the files of a case and run its commands, in this process."""
    random = Random(seed)
    folder = scratch / "input"
    folder.mkdir(parents=True)
    make = random.choice((_of_a_table, _of_a_table, _of_a_golden, _of_a_golden, _of_a_schema, _of_a_patch))
    commands = make(folder, random)
    is_rendered = any(
        re.search(r"kustomize:|helm:", path.read_bytes().decode(errors="replace")) for path in folder.glob("*.yaml")
    )
    found = []
    with mock.patch.dict(os.environ, {"PATH": renderers_path()} if is_rendered else {}):
        for arguments in commands:
            if arguments[0] == "tamper":
                _tamper(folder.parent / "out", random)
                continue
            if arguments[0] == "second":
                _second(folder)
                continue
            found.append(_run(arguments, folder, scratch))
    return found


def _of_a_table(folder: Path, random: Random) -> list[list[str]]:
    """Write the small release beside an object with all its fields, or several, and make some of it wrong."""
    kinds = [random.choice(_KINDS) for _ in range(random.randint(1, 3))]
    release = documents_of(RELEASE)[0]
    gateway = release["spec"]["traffic"]["gateway"] = random.choice(_GATEWAYS)
    if random.random() < 0.3:
        release["spec"]["isolation"] = "relabel"
    own, entry = documents_of(WEB), documents_of(INGRESS)
    if gateway in ("gateway-api", "istio"):
        kinds.append(
            ("gateway.networking.k8s.io", "HTTPRoute")
            if gateway == "gateway-api"
            else ("networking.istio.io", "VirtualService")
        )
    # One that has a namesake of its kind already has a name of its own.
    others = [whole_object(kind, "web" if kind not in _TAKEN else "more") for kind in dict.fromkeys(kinds)]
    groups = [own, entry, others]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        group = random.choice((others, others, others, own, entry))
        at = random.randrange(len(group))
        group[at] = mutated(group[at], random)
    if random.random() < 0.1:
        release = mutated(release, random)
    (folder / "baseline").mkdir()
    (folder / "release.yaml").write_text(written([release]), encoding="utf-8")
    for name, group in zip(("web", "ingress", "others"), groups, strict=True):
        (folder / "baseline" / f"{name}.yaml").write_text(written(group), encoding="utf-8")
    return _commands(random, gateway, "shop.test")


def _of_a_schema(folder: Path, random: Random) -> list[list[str]]:
    """Write a definition of a custom kind beside an object of it, or a schema on its own, and make some of it wrong."""
    schema = mutated(_SCHEMA, random) if random.random() < 0.7 else _SCHEMA
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Cache", "plural": "caches", "listKind": "CacheList"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "caches.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    if random.random() < 0.4:
        definition = mutated(definition, random)
    cache = {
        "apiVersion": "example.com/v1",
        "kind": "Cache",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"port": 80, "size": "1Gi", "names": ["a", "b"], "more": {"a": {"b": 1}}, "when": None},
    }
    release = documents_of(RELEASE)[0]
    release["spec"]["services"][0] = {"name": "web", "from": "baseline/"}
    for name in ("baseline", "crds"):
        (folder / name).mkdir()
    (folder / "release.yaml").write_text(written([release]), encoding="utf-8")
    (folder / "baseline" / "web.yaml").write_text(WEB + written([mutated(cache, random)]), encoding="utf-8")
    (folder / "baseline" / "ingress.yaml").write_text(INGRESS, encoding="utf-8")
    if random.random() < 0.7:
        (folder / "crds" / "cache.yaml").write_text(written([definition]), encoding="utf-8")
    else:
        (folder / "crds" / "example.com").mkdir()
        (folder / "crds" / "example.com" / "cache_v1.json").write_text(json.dumps(schema), encoding="utf-8")
    line = ["validate", "release.yaml", "--engine", "jsonschema", "--today", "2026-01-01", "--crd-schemas", "crds"]
    return [line, ["build", "release.yaml", "-o", "../out"]]


def _of_a_patch(folder: Path, random: Random) -> list[list[str]]:
    """Write a release with patches, in it or in a file, and make some of them wrong."""
    patches: list[object] = [
        {"target": {"kind": "Deployment"}, "merge": _MERGE},
        {"target": {"kind": "Deployment", "name": "web"}, "json6902": _OPERATIONS},
        {"target": {"kind": "Service"}, "merge": {"spec": {"ports": [{"port": 80, "name": "web"}]}}},
        {"target": {"kind": "ConfigMap"}, "merge": {"data": {"greeting": "text", "more": None}}},
    ]
    at = random.randrange(len(patches))
    patches[at] = mutated(patches[at], random)
    release = documents_of(RELEASE)[0]
    service = release["spec"]["services"][0]
    service.update(
        {"from": "baseline/", "patches": patches, "env": {"web": {"A": "1"}}, "config": {"web": {"greeting": "a"}}}
    )
    del service["workload"]
    (folder / "baseline").mkdir()
    if random.random() < 0.4:
        (folder / "patch.yaml").write_text(written([mutated(_MERGE, random)]), encoding="utf-8")
        patches.append({"target": {"kind": "Deployment"}, "file": "patch.yaml"})
    (folder / "release.yaml").write_text(written([release]), encoding="utf-8")
    (folder / "baseline" / "web.yaml").write_text(WEB, encoding="utf-8")
    (folder / "baseline" / "ingress.yaml").write_text(INGRESS, encoding="utf-8")
    return [["build", "release.yaml", "-o", "../out"], ["promote", "release.yaml", "--patches", "--diff"],
            *_commands(random, "mse", "shop.example.com")[1:3]]  # fmt: skip


_SCHEMA = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "required": ["port"],
            "properties": {
                "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 80},
                "size": {"x-kubernetes-int-or-string": True, "pattern": "^[0-9]+(Mi|Gi)$"},
                "names": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 3},
                "more": {"type": "object", "additionalProperties": {"x-kubernetes-preserve-unknown-fields": True}},
                "when": {"type": "string", "nullable": True, "format": "date-time", "enum": ["a", None]},
            },
            "oneOf": [{"required": ["port"]}, {"not": {"required": ["names"]}}],
        },
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
_MERGE = {
    "metadata": {"annotations": {"example.com/a": "b"}},
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [
                    {"name": "web", "env": [{"name": "MODE", "$patch": "delete"}, {"name": "B", "value": "c"}]}
                ],
                "$setElementOrder/containers": [{"name": "web"}],
                "volumes": [{"name": "a", "emptyDir": {}}],
                "nodeSelector": {"$patch": "replace", "a": "b"},
                "$retainKeys": ["containers", "volumes", "nodeSelector"],
            }
        },
    },
}
_OPERATIONS = [
    {"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["a"]},
    {"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"},
    {"op": "copy", "from": "/metadata/name", "path": "/metadata/annotations"},
    {"op": "move", "from": "/spec/template/spec/containers/0/args", "path": "/spec/template/spec/containers/0/command"},
    {"op": "remove", "path": "/metadata/annotations"},
]

_TAKEN = {("apps", "Deployment"), ("", "Service"), ("", "ConfigMap"), ("networking.k8s.io", "Ingress")}


def _of_a_golden(folder: Path, random: Random) -> list[list[str]]:
    """Copy the input of a golden and make some of it wrong."""
    case = random.choice(_PLAIN if random.random() < 0.95 else _RENDERED)
    copy_tree(case / "input", folder, is_reversed=False)
    if not any(path.parts[-2:] == ("baseline",) for path in folder.iterdir()):
        (folder / "baseline").mkdir(exist_ok=True)
    files = sorted(
        path for path in folder.rglob("*") if (path.is_file() and path.suffix in _TEXTS) or path.name == _INVENTORY
    )
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        path = random.choice(files)
        data = path.read_bytes()
        way = random.random()
        documents = documents_of(data.decode(errors="replace")) if way < 0.55 else []
        if documents:
            at = random.randrange(len(documents))
            documents[at] = mutated(documents[at], random)
            path.write_text(written(documents), encoding="utf-8")
        elif way < 0.85:
            path.write_text(with_line_mutated(data.decode(errors="replace"), random), encoding="utf-8")
        else:
            path.write_bytes(with_bytes_mutated(data, random))
    own = commands_of(case)
    return [*own, *_commands(random, random.choice(_GATEWAYS), "shop.example.com")]


def _is_rendered(case: Path) -> bool:
    spec = case / "input" / "release.yaml"
    return spec.is_file() and bool(re.search(r"kustomize:|helm:", spec.read_text(encoding="utf-8")))


_RENDERED = [case for case in CASES if _is_rendered(case)]
_PLAIN = [case for case in CASES if not _is_rendered(case)]


def _commands(random: Random, gateway: str, host: str) -> list[list[str]]:
    told = random.choice(_FORMATS)
    ask = ["--host", host, "-H", "x-user-id: 100", "--path", "/a", "--cookie", "u=1"]
    lines = [
        ["plan", "release.yaml", "-f", random.choice(("text", "json"))],
        ["validate", "release.yaml", "--engine", "jsonschema", "--today", "2026-01-01", "-f", told],
        ["validate", "release.yaml", "--engine", "jsonschema", "--crd-schemas", "baseline"],
        ["route", "release.yaml", *ask],
        ["route", "release.yaml", *ask, "--compare-gateways", "-f", "json"],
        ["route", "-d", "baseline", "--gateway", gateway, *ask],
        ["diff", "release.yaml", "--baseline"],
        ["diff", "release.yaml", "--with", "../out", "-f", random.choice(("text", "json", "markdown"))],
        ["promote", "release.yaml", "--diff", "--patches"],
        ["promote", "release.yaml", "--with", "../out"],
        ["adopt", "baseline", "--diff"],
        ["adopt", "baseline", "--script", "-"],
        ["adopt", ".", "-f", told],
        ["init", "baseline", "-o", "-"],
        ["init", "baseline", "-o", "first.yaml"],
        ["build", "release.yaml", "-o", "../out", "--baseline-patch", "patch.yaml"],
        ["build", "release.yaml", "-o", "../out", "--gateway", gateway, "-f", told],
        ["import", "zadig", "baseline/web.yaml", "-o", "-"],
    ]
    chosen = random.sample(lines, 4)
    after = [["lanes", "../out"], ["offline", "release.yaml", "-o", "../out", "--script", "-"]]
    tampered = [["tamper"]] if random.random() < 0.3 else []
    if random.random() < 0.3:
        # Another lane comes, beside the first one or what became of it, and the first is built again.
        after = [
            *([["tamper"]] if random.random() < 0.5 else []),
            ["second"],
            ["plan", "second.yaml", "--lanes", "../out", "-f", "json"],
            ["route", "second.yaml", *ask, "--lanes", "../out"],
            ["build", "second.yaml", "-o", "../out", "--baseline-patch", "second.patch.yaml"],
            ["build", "second.yaml", "-o", "../other", "--lanes", "../out", "--baseline-patch", "other.patch.yaml"],
            ["build", "release.yaml", "-o", "../out", "--lanes", "../other", "-f", told],
            *after,
        ]
        return [["build", "release.yaml", "-o", "../out"], *random.sample(lines, 2), *after]
    return (
        [["build", "release.yaml", "-o", "../out"], *chosen, *tampered, *after]
        if tampered or random.random() < 0.5
        else [["build", "release.yaml", "-o", "../out"], *chosen]
    )


def _second(folder: Path) -> None:
    """Write a release that makes another lane of what the first releases."""
    path = folder / "release.yaml"
    if path.is_file():
        text = path.read_bytes().decode(errors="replace")
        text = re.sub(r"(\bname:\s*)([a-z][a-z0-9-]*)", r"\1\2-second", text, count=1)
        text = re.sub(r"(\btag:\s*)[a-z][a-z0-9-]*", r"\1second", text, count=1)
        (folder / "second.yaml").write_text(text, encoding="utf-8")


def _tamper(out: Path, random: Random) -> None:
    """Change a file of an output folder and write its digest into the inventory, or the inventory itself."""
    listed = out / _INVENTORY
    if not listed.is_file():
        return
    inventory = json.loads(listed.read_bytes())
    files = sorted(path for path in out.iterdir() if path.name in inventory["files"])
    if files and random.random() < 0.7:
        path = random.choice(files)
        documents = documents_of(path.read_text(encoding="utf-8"))
        at = random.randrange(len(documents))
        documents[at] = mutated(documents[at], random)
        path.write_text(written(documents), encoding="utf-8")
        inventory["files"][path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    else:
        inventory = mutated(inventory, random)
    listed.write_text(json.dumps(inventory), encoding="utf-8")


def _run(arguments: Sequence[str], folder: Path, scratch: Path) -> Ran:
    problem, status, said = "", -1, ""
    start = time.process_time()
    try:
        with _bounded():
            run = run_grayc(arguments, folder=folder)
        status, said = run.status, run.stdout + "\0" + run.stderr
        if status == 3:
            problem = "status 3"
        elif "Traceback" in said or re.search(r"error\[GC9", said):
            problem = "traceback"
    except Hang:
        problem = "hang"
    except AssertionError as error:
        problem = f"promise: {error}"[:400]
    except Exception as error:
        problem = f"escaped: {error!r}"[:400]
    if problem:
        problem += "\n" + said[-1500:]
    digest = hashlib.sha256(f"{status}\0{said}".encode())
    for path in sorted(path for path in scratch.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(scratch)).encode() + path.read_bytes())
    return Ran(
        arguments=tuple(arguments),
        status=status,
        seconds=time.process_time() - start,
        digest=digest.hexdigest(),
        problem=problem,
    )


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def clean(scratch: Path) -> None:
    """Take the files of a case away."""
    shutil.rmtree(scratch, ignore_errors=True)
