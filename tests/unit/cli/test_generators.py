"""Objects of kustomize's generators: `config` by the name in the file, and promotion into what they are made of."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, build_again, write_spec, write_texts
from tests.renderers import renderers_path

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0
          envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]
"""
PROD = """\
# what production has
namespace: shop
resources: [web.yaml]
configMapGenerator:
  - name: settings
    literals:
      - LEVEL=info # how much
      - URL=http://a?x=1
    files: [app.properties, other.yaml=files/own.yaml]
    envs: [shop.env]
secretGenerator:
  - name: keys
    literals: [TOKEN=first]
    envs: [keys.env]
"""
FILES = {
    "prod/kustomization.yaml": PROD,
    "prod/web.yaml": WEB,
    "prod/app.properties": "a=1\n",
    "prod/files/own.yaml": "b: 2\n",
    "prod/shop.env": "# of the shop\nSIZE=10\nCOLOUR=red\n",
    "prod/keys.env": "PASSWORD=hunter2\n",
}


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


def lay(folder: Path, config: Object, files: Mapping[str, str] | None = None, **service: object) -> None:
    write_texts(folder, {**FILES, **(files or {})})
    services = [{"name": "web", "config": config, **service}]
    write_spec(folder / "release.yaml", baseline=[{"kustomize": "prod"}], services=services)


def made(folder: Path) -> dict[str, Object]:
    built = build_again(folder)
    assert built.status == 0, built.findings
    return {item["kind"]: item for item in built.objects}


def changed(folder: Path) -> dict[str, str]:
    """Promote, twice: nothing is left to do. Return the files that changed."""
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=folder)
    assert run.status == 0, run.stdout
    assert [item["code"] for item in json.loads(run.stdout)["diagnostics"]] == []
    after = {name: (folder / name).read_text() for name in FILES}
    again = run_grayc(["promote", "release.yaml", "-f", "json"], folder=folder)
    assert json.loads(again.stdout)["promotion"]["upToDate"]
    return {name: text for name, text in after.items() if text != FILES[name]}


@pytest.mark.parametrize("place", ["config", "laneOnly"])
def test_config_takes_the_name_without_the_hash(place: str, tmp_path: Path) -> None:
    config = {"settings": {"LEVEL": "debug"}, "keys": {"TOKEN": "second"}}
    lay(tmp_path, config if place == "config" else {}, laneOnly={"config": config if place == "laneOnly" else {}})
    found = made(tmp_path)
    assert found["ConfigMap"]["data"]["LEVEL"] == "debug"
    assert base64.b64decode(found["Secret"]["data"]["TOKEN"]) == b"second"
    names = [
        name
        for each in found["Deployment"]["spec"]["template"]["spec"]["containers"][0]["envFrom"]
        for name in each.values()
    ]
    assert {each["name"] for each in names} == {found[kind]["metadata"]["name"] for kind in ("ConfigMap", "Secret")}


def test_a_finding_names_it_as_the_release_does(tmp_path: Path) -> None:
    lay(tmp_path, {"settings": {"NOTHERE": None}})
    (found,) = [item for item in build_again(tmp_path).findings if item["code"] == "GC414"]
    assert found["field"] == "spec.services[0].config.settings.NOTHERE"


def test_a_name_that_two_have_is_none(tmp_path: Path) -> None:
    more = PROD.replace("secretGenerator:", "secretGenerator:\n  - {name: settings, literals: [A=b]}")
    lay(tmp_path, {"settings": {"LEVEL": "debug"}}, {"prod/kustomization.yaml": more})
    built = build_again(tmp_path)
    assert (built.status, built.codes) == (1, ["GC310"])


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new)}


OWN = "prod/kustomization.yaml"
CHANGES: list[tuple[Object, dict[str, str]]] = [
    ({"settings": {"LEVEL": "debug"}}, replaced(OWN, "LEVEL=info", "LEVEL=debug")),
    ({"settings": {"URL": "http://b?y=2"}}, replaced(OWN, "URL=http://a?x=1", '"URL=http://b?y=2"')),
    ({"settings": {"URL": None}}, replaced(OWN, "      - URL=http://a?x=1\n", "")),
    (
        {"settings": {"NEW": "1"}},
        replaced(OWN, "      - URL=http://a?x=1\n", "      - URL=http://a?x=1\n      - NEW=1\n"),
    ),
    ({"settings": {"app.properties": "a=2\n"}}, {"prod/app.properties": "a=2\n"}),
    ({"settings": {"other.yaml": "b: 3\n"}}, {"prod/files/own.yaml": "b: 3\n"}),
    ({"settings": {"SIZE": "20"}}, replaced("prod/shop.env", "SIZE=10", "SIZE=20")),
    ({"settings": {"COLOUR": None}}, replaced("prod/shop.env", "COLOUR=red\n", "")),
    ({"keys": {"PASSWORD": "hunter3"}}, replaced("prod/keys.env", "hunter2", "hunter3")),
    ({"keys": {"TOKEN": "second"}}, replaced(OWN, "TOKEN=first", "TOKEN=second")),
    (
        {"settings": {"LEVEL": "debug", "SIZE": "20"}, "keys": {"PASSWORD": "hunter3"}},
        {
            **replaced(OWN, "LEVEL=info", "LEVEL=debug"),
            **replaced("prod/shop.env", "SIZE=10", "SIZE=20"),
            **replaced("prod/keys.env", "hunter2", "hunter3"),
        },
    ),
]


@pytest.mark.parametrize(("config", "after"), CHANGES, ids=lambda each: json.dumps(each)[:40])
def test_promote_writes_what_it_is_made_of(config: Object, after: dict[str, str], tmp_path: Path) -> None:
    lay(tmp_path, config)
    assert changed(tmp_path) == after


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    lay(tmp_path, {"keys": {"PASSWORD": "hunter3", "TOKEN": "second"}})
    run = run_grayc(["promote", "release.yaml", "--diff"], folder=tmp_path)
    assert "keys.env" in run.stdout
    for secret in ("hunter2", "hunter3", "first", "second"):
        assert secret not in run.stdout + run.stderr


def test_what_other_services_read_of_it_too_is_told(tmp_path: Path) -> None:
    other = WEB.replace("name: web", "name: other").replace("app: web", "app: other")
    lay(tmp_path, {"settings": {"LEVEL": "debug"}}, {"prod/web.yaml": f"{WEB}---\n{other}"})
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=tmp_path)
    assert [item["code"] for item in json.loads(run.stdout)["diagnostics"]] == ["GC349"]
    assert "LEVEL=debug" in (tmp_path / OWN).read_text()


def test_one_of_a_base_is_written_there_and_told(tmp_path: Path) -> None:
    files = {"over/kustomization.yaml": "namePrefix: my-\nresources: [../prod]\n"}
    lay(tmp_path, {"my-settings": {"LEVEL": "debug"}}, files)
    services = [{"name": "web", "workload": "my-web", "config": {"my-settings": {"LEVEL": "debug"}}}]
    write_spec(tmp_path / "release.yaml", baseline=[{"kustomize": "over"}], services=services)
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=tmp_path)
    assert [item["code"] for item in json.loads(run.stdout)["diagnostics"]] == ["GC347"]
    assert "LEVEL=debug" in (tmp_path / OWN).read_text()
