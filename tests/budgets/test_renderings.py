"""What charts and kustomizations cost: little, or a finding that names them and the way out."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.budgets.cost import Cost, assert_cheap, cost_of
from tests.budgets.inputs import deployment
from tests.least import least
from tests.manifests import Object, release, service
from tests.renderers import renderers_path


@pytest.fixture(autouse=True)
def renderers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


def _objects(number: int) -> list[Object]:
    names = ["web", *(f"w{at}" for at in range(1, number // 2))]
    return [made for name in names for made in (deployment(name), service(name))]


def _kustomization(folder: Path, objects: Sequence[Object], **more: object) -> None:
    folder.mkdir(parents=True)
    (folder / "all.yaml").write_text("\n---\n".join(map(json.dumps, objects)))
    (folder / "kustomization.yaml").write_text(json.dumps({"resources": ["all.yaml"], **more}))


def _build(folder: Path, *baseline: object) -> Cost:
    (folder / "release.yaml").write_text(json.dumps(release(baseline=baseline)))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < 1_000_000
    return cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)


def _only_finding(cost: Cost) -> dict[str, str]:
    (found,) = (item for item in json.loads(cost.stdout)["diagnostics"] if item["severity"] == "error")
    return {name: str(found[name]) for name in ("code", "message", "help")}


@pytest.mark.parametrize("number", [200, 800])
def test_an_ordinary_kustomization_is_rendered(tmp_path: Path, number: int) -> None:
    _kustomization(tmp_path / "k", _objects(number), labels=[{"pairs": {"team": "shop"}}])
    # It takes a third of the time that it may, and on a busy machine at times all of it.
    cost = least(lambda: _build(tmp_path, {"kustomize": "k"}), lambda cost: cost.status, within=1)
    assert cost.status == 0, cost.stdout
    assert_cheap(cost)


REPLACEMENT = {
    "source": {"kind": "Service", "name": "web", "fieldPath": "metadata.name"},
    "targets": [{"select": {"kind": "Deployment"}, "fieldPaths": ["spec.template.spec.containers.0.name"]}],
}


@pytest.mark.parametrize(
    ("number", "more"),
    [(2_600, {}), (300, {"replacements": [REPLACEMENT] * 4_000})],
    ids=["objects", "replacements"],
)
def test_a_kustomization_of_too_much_is_ended(tmp_path: Path, number: int, more: dict[str, object]) -> None:
    _kustomization(tmp_path / "k", _objects(number), **more)
    cost = _build(tmp_path, {"kustomize": "k"})
    assert_cheap(cost)
    assert cost.status == 2
    found = _only_finding(cost)
    assert (found["code"], "`k`" in found["message"]) == ("GC164", True)
    assert "name a kustomization of less, or render it by hand" in found["help"]


def test_many_kustomizations_share_the_time(tmp_path: Path) -> None:
    for at in range(10):
        _kustomization(tmp_path / f"k{at}", [_configuration(at, number) for number in range(950)])
    cost = _build(tmp_path, *({"kustomize": f"k{at}"} for at in range(10)))
    assert_cheap(cost)
    codes = [item["code"] for item in json.loads(cost.stdout)["diagnostics"] if item["severity"] == "error"]
    assert set(codes) == {"GC164"}
    assert "with what was rendered before" in cost.stdout


def test_many_charts_share_the_time(tmp_path: Path) -> None:
    for at in range(12):
        chart = tmp_path / f"c{at}"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
        heavy = "{{ range until 20000 }}{{ range until 500 }}{{ end }}{{ end }}"
        (chart / "templates" / "a.yaml").write_text(f"{json.dumps(_configuration(at, 0))}\n# {heavy}\n")
    cost = _build(tmp_path, *({"helm": {"chart": f"c{at}", "release": f"c{at}"}} for at in range(12)))
    assert_cheap(cost)
    assert cost.status == 2
    assert "GC164" in cost.stdout


def test_several_small_ones_are_rendered(tmp_path: Path) -> None:
    _kustomization(tmp_path / "web", _objects(2))
    for at in range(12):
        _kustomization(tmp_path / f"k{at}", [_configuration(at, number) for number in range(10)])
    cost = _build(tmp_path, {"kustomize": "web"}, *({"kustomize": f"k{at}"} for at in range(12)))
    assert cost.status == 0, cost.stdout
    assert_cheap(cost)


def _configuration(at: int, number: int) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{at}-{number}", "namespace": "shop"}}
