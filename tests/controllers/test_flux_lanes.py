"""What Flux's own code makes of a lane: variables of production are filled in, text of the release stays as it is."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, objects_in
from tests.unit.checks.test_variables import entry
from tests.unit.output.test_apply import READY, SHOP
from tools.dev_tools import prepare_flux_harness

KUSTOMIZATION: Object = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {"name": "lane", "namespace": "flux-system"},
    "spec": {"path": "./out", "prune": True, "postBuild": {"substitute": {"DOMAIN": "example.com"}}},
}
GATEWAY = an_object(
    "Gateway",
    {"selector": {"istio": "gw"}, "servers": [{"port": {"number": 80, "name": "http"}, "hosts": ["*"]}]},
    version="networking.istio.io/v1",
    name="gw",
)


def applied(folder: Path, kustomization: Object = KUSTOMIZATION) -> dict[str, Object]:
    """Return what Flux applies of a lane, by kind."""
    run_grayc(["build", "release.yaml", "-o", "out"], folder=folder)
    (folder / "ks.yaml").write_text(yaml.safe_dump(kustomization))
    command = [str(prepare_flux_harness()), str(folder), str(folder / "ks.yaml")]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return {item["kind"]: item for item in objects_in(run.stdout)}


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute", "VirtualService"])
def test_the_host_is_filled_in_and_text_of_the_release_is_not(kind: str, tmp_path: Path) -> None:
    more = [GATEWAY] if kind == "VirtualService" else []
    findings, made = entry(tmp_path, kind, "flux", *more, env={"web": {"GREETING": "hello ${name}"}})
    assert made, findings
    found = applied(tmp_path)
    assert "hello ${name}" in json.dumps(found["Deployment"])
    # Istio's entry is production's own object, which the lane does not hold.
    if kind != "VirtualService":
        text = json.dumps(found[kind])
        assert "web.example.com" in text
        assert "${" not in text


def test_text_beside_a_variable_of_production_is_what_the_finding_says(tmp_path: Path) -> None:
    findings, _ = entry(tmp_path, "Ingress", "flux", env={"web": {"A": "${name}", "B": "$${name}"}})
    assert [item["code"] for item in findings if item["code"] == "GC591"] == []
    assert '"${name}"' in json.dumps(applied(tmp_path)["Deployment"])


def test_two_kustomizations_take_a_flat_folder_apart_as_the_page_shows(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "life.md").read_text()
    blocks = dict(re.findall(r"^```yaml (\S*demo-gray\S*)\n(.*?)^```$", page, re.M | re.S))
    (_, inner), (_, outer) = blocks.items()
    rules = {"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]}
    build(tmp_path, SHOP, lane={"provider": "address"}, traffic=rules, verify=[READY], output={"gitops": "flux"})
    (tmp_path / "deploy" / "demo-gray").mkdir(parents=True)
    (tmp_path / "deploy" / "demo-gray" / "kustomization.yaml").write_text(inner)
    lane, opening = objects_in(outer)

    assert opening["spec"]["dependsOn"] == [{"name": lane["metadata"]["name"]}]
    # Only of one source does Flux wait for the commit at hand. Source: kustomize-controller, `checkDependencies`.
    assert opening["spec"]["sourceRef"] == lane["spec"]["sourceRef"]
    assert set(applied(tmp_path, lane)) == {"Deployment", "Service", "Job"}
    assert set(applied(tmp_path, opening)) == {"Ingress"}
