"""What releases have in common is read and worked out once in a run, and what is said and written stays the same."""

import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from grayc.analysis import selections
from grayc.documents import load, render, unused
from grayc.driver.compile import compile_releases
from grayc.driver.model import Release
from grayc.driver.preview import preview_releases
from grayc.driver.request import Request
from grayc.driver.review import compare
from grayc.planning import index
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, service, stream, workload, write_baseline, write_spec
from tests.renderers import renderers_path

SERVICES = 3


def objects(name: str) -> list[Object]:
    pods = workload(
        name=name,
        namespace="",
        container={"name": "main", "image": f"{name}:1", "envFrom": [{"configMapRef": {"name": name}}]},
    )
    return [pods, service(name, namespace=""), an_object("ConfigMap", name=name, namespace="", data={"mode": "plain"})]


def write(folder: Path, at: int, **spec: Any) -> None:
    """Write one of the releases."""
    images = {"main": f"s{at}:2"}
    fields = {
        "tag": f"t{at}",
        "namespace": None,
        "services": [{"name": f"s{at}", "from": f"baseline/s{at}", "images": images}],
        **spec,
    }
    write_spec(folder / f"r{at}.yaml", f"r{at}", **fields)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = [f"s{at}" for at in range(SERVICES)]
    files = {f"baseline/{name}/{number}.json": [item] for name in names for number, item in enumerate(objects(name))}
    write_baseline(tmp_path, files)
    # Read with a warning, which every spec brings up.
    (tmp_path / "baseline" / "notes.yaml").write_text("a: 1\n")
    for at in range(SERVICES):
        write(tmp_path, at)
    return tmp_path


def request(folder: Path, *names: str, stdin: bytes = b"", allowed: tuple[Path, ...] = ()) -> Request:
    piped = BytesIO(stdin)
    return Request(specs=tuple(str(folder / name) for name in names), stdin=lambda: piped, allowed_roots=allowed)


def specs(folder: Path) -> Request:
    return request(folder, *(f"r{at}.yaml" for at in range(SERVICES)))


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return what is counted: searches, files read, sources parsed, indexes made."""
    counted: Counter[str] = Counter()

    def count(module: object, name: str) -> None:
        inner = getattr(module, name)

        def outer(*arguments: object, **named: object) -> object:
            counted[name] += 1
            return inner(*arguments, **named)

        monkeypatch.setattr(module, name, outer)

    for name in ("find_sources", "_read_file", "parse_documents"):
        count(load, name)
    count(index, "BaselineIndex")
    return counted


@pytest.fixture
def gone_through(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return what is counted: walks over the whole baseline, to put it together and to look beside it."""
    counted: Counter[str] = Counter()
    for module, name in ((load, "_keep"), (unused, "find_unused"), (selections, "selections")):
        inner = getattr(module, name)

        def outer(*arguments: object, inner: Any = inner, name: str = name, **named: object) -> object:
            counted[name] += 1
            return inner(*arguments, **named)

        monkeypatch.setattr(module, name, outer)
    return counted


FILES = 3 * SERVICES + 1


@pytest.mark.parametrize("question", [compile_releases, preview_releases])
def test_one_baseline_is_read_once(folder: Path, done: Counter[str], question: Any) -> None:
    assert question(specs(folder)).value is not None
    assert done == {"find_sources": 1, "_read_file": FILES, "parse_documents": FILES, "BaselineIndex": 1}


def test_what_releases_ask_of_their_baseline_is_worked_out_once(folder: Path, gone_through: Counter[str]) -> None:
    def count(*names: str) -> Counter[str]:
        gone_through.clear()
        assert compile_releases(request(folder, *names)).value is not None
        return Counter(gone_through)

    # A finding of a baseline is told at the place of each spec, so nothing is kept of one that has any.
    (folder / "baseline" / "notes.yaml").unlink()
    one, three = count("r0.yaml"), count("r0.yaml", "r1.yaml", "r2.yaml")

    assert (three["_keep"], three["find_unused"]) == (one["_keep"], one["find_unused"]) == (1, 1)
    # Those of its own gray objects are each release's own.
    of_baseline = len(list((folder / "baseline").rglob("*.json")))
    assert three["selections"] - 3 * (one["selections"] - of_baseline) <= of_baseline


def test_two_steps_have_one_baseline(folder: Path, done: Counter[str]) -> None:
    steps = {"rollout": {"steps": [{"name": "one", "replicas": {"s0": 1}}, {"name": "two"}]}}
    write(folder, 0, **steps)

    found = compare(request(folder, "r0.yaml"), out=None, revision="", steps=("one", "two"))

    assert found.value is not None, found.diagnostics
    assert done["_read_file"] == FILES


def test_the_next_run_reads_what_is_there_then(folder: Path) -> None:
    def images() -> set[str]:
        compiled = compile_releases(request(folder, "r1.yaml")).value
        assert compiled is not None
        held = str([item.data for item in compiled.releases[0].plan.baseline])
        return {image for image in ("s0:1", "s0:7") if image in held}

    assert images() == {"s0:1"}
    path = folder / "baseline" / "s0" / "0.json"
    path.write_text(path.read_text().replace("s0:1", "s0:7"))
    assert images() == {"s0:7"}


def test_together_they_say_and_write_what_each_does_alone(folder: Path) -> None:
    write(folder, 1, namespace="shop")
    write(folder, 2, references=[{"kind": "Odd", "path": "spec.to", "to": "ConfigMap"}])
    odd = an_object("Odd", {"to": "s2"}, version="e.com/v1", name="o", namespace="")
    write_baseline(folder, {"baseline/odd.json": [odd]})
    alone = [compile_releases(request(folder, f"r{at}.yaml")) for at in range(SERVICES)]
    together = compile_releases(specs(folder))

    assert together.value is not None
    assert [item.files for item in together.value.releases] == [
        item.files for each in alone if each.value is not None for item in each.value.releases
    ]
    assert [rows(item) for item in together.value.releases] == [
        rows(item) for each in alone if each.value for item in each.value.releases
    ]
    assert [str(found) for found in together.diagnostics] == [
        str(found) for each in alone for found in each.diagnostics
    ]


def rows(item: Release) -> list[tuple[object, ...]]:
    """Return a plan's decisions by place: each run has objects of its own."""
    return [(row.document.place, row.service, row.action, row.reason) for row in item.plan.decisions]


def test_a_finding_of_the_baseline_is_told_as_for_one_spec(folder: Path) -> None:
    def told(*names: str) -> list[str]:
        found = run_grayc(["build", *names, "-o", "-", "--format", "json"], folder=folder)
        return [row["code"] for row in json.loads(found.stderr or found.stdout)["diagnostics"]]

    assert told("r0.yaml", "r1.yaml", "r2.yaml").count("GC131") == told("r0.yaml").count("GC131") == 1


def test_a_broken_baseline_is_told_at_each_spec_that_names_it(folder: Path, done: Counter[str]) -> None:
    for at in range(SERVICES):
        write(folder, at, baseline=["gone/"])

    found = compile_releases(specs(folder)).diagnostics

    assert [(item.code, item.span.source.name if item.span else "") for item in found] == [
        ("GC101", f"r{at}.yaml") for at in range(SERVICES)
    ]
    assert done["find_sources"] == 1


def test_specs_of_other_folders_have_their_own_names_and_roots(folder: Path, done: Counter[str]) -> None:
    services = [{"name": "s1", "from": "../baseline/s1", "images": {"main": "s1:2"}}]
    write(folder / "team", 1, baseline=["../baseline/"], services=services)
    compiled = compile_releases(request(folder, "r0.yaml", "team/r1.yaml", allowed=(folder,)))

    assert compiled.value is not None, compiled.diagnostics
    names = [{item.file for item in each.plan.baseline} for each in compiled.value.releases]
    assert names[1] == {f"../{name}" for name in names[0]}
    assert done["_read_file"] == 2 * FILES
    refused = compile_releases(request(folder, "r0.yaml", "team/r1.yaml"))
    assert [item.code for item in refused.diagnostics if item.code == "GC150"] == ["GC150"]


def test_a_spec_in_its_own_baseline_is_left_out_for_it_alone(folder: Path) -> None:
    for at in range(SERVICES):
        write(folder, at, baseline=["."])
    compiled = compile_releases(specs(folder))
    assert compiled.value is not None, compiled.diagnostics
    assert len({id(item.plan.baseline) for item in compiled.value.releases}) == 1


def test_a_piped_baseline_is_there_for_every_spec(folder: Path) -> None:
    for at in range(2):
        write(folder, at, baseline=[{"stdin": True}], services=[{"name": f"s{at}", "workload": f"s{at}"}])
    text = stream(item for at in range(2) for item in objects(f"s{at}"))

    compiled = compile_releases(request(folder, "r0.yaml", "r1.yaml", stdin=text.encode()))

    assert compiled.value is not None, [(item.code, item.message) for item in compiled.diagnostics]
    assert len(compiled.value.releases) == 2


def test_a_kustomization_is_rendered_once(folder: Path, done: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())
    rendered: list[str] = []
    inner = render.render

    def counted(wanted: Any, *arguments: Any, **named: Any) -> Any:
        rendered.append(wanted.name)
        return inner(wanted, *arguments, **named)

    monkeypatch.setattr(render, "render", counted)
    files = [str(path.relative_to(folder / "baseline")) for path in sorted((folder / "baseline").glob("s*/*.json"))]
    (folder / "baseline" / "kustomization.yaml").write_text(json.dumps({"resources": files}))
    for at in range(SERVICES):
        services = [{"name": f"s{at}", "workload": f"s{at}"}]
        write(folder, at, baseline=[{"kustomize": "baseline"}], services=services)

    compiled = compile_releases(specs(folder))

    assert compiled.value is not None, [(item.code, item.message) for item in compiled.diagnostics]
    assert rendered == ["<kustomize baseline>"]
    assert done["parse_documents"] == 1
