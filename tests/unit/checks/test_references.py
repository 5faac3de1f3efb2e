"""Which names of a gray copy must lead somewhere."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.unit.spec.release import release

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0
          envFrom:
            - configMapRef: {name: made-by-hand}
"""


def findings(folder: Path, volume: object, *files: str) -> list[tuple[str, str, int]]:
    """Return code, file and line of what is found where a patch adds a volume."""
    merge = {"spec": {"template": {"spec": {"volumes": [{"name": "added", **volume}]}}}}  # type: ignore[dict-item]
    service = {"name": "web", "patches": [{"target": {"kind": "Deployment"}, "merge": merge}]}
    (folder / "release.yaml").write_text(release(namespace="shop", baseline=["baseline/"], services=[service]))
    (folder / "baseline").mkdir()
    for at, text in enumerate((WEB, *files)):
        (folder / "baseline" / f"{at}.yaml").write_text(text)
    run = run_grayc(["build", "release.yaml", "-f", "json", "-o", "out"], folder=folder)
    report = json.loads(run.stdout)
    return [
        (found["code"], found["file"], found["range"]["start"]["line"])
        for found in report["diagnostics"]
        if found["code"].startswith("GC46")
    ]


def test_a_name_that_production_has_too_leads_somewhere(tmp_path: Path) -> None:
    assert findings(tmp_path, {"configMap": {"name": "made-by-hand"}}) == []


def test_a_name_that_only_a_patch_has_is_found_where_the_patch_writes_it(tmp_path: Path) -> None:
    found = findings(tmp_path, {"secret": {"secretName": "nowhere"}})

    line = (tmp_path / "release.yaml").read_text().splitlines().index(f"{' ' * 18}secretName: nowhere") + 1
    assert found == [("GC460", "release.yaml", line)]


@pytest.mark.parametrize(
    "volume",
    [
        {"configMap": {"name": "nowhere", "optional": True}},
        {"configMap": {"name": "kube-root-ca.crt"}},
        {"ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}},
    ],
)
def test_what_may_be_missing_or_stands_elsewhere_is_not_asked_for(tmp_path: Path, volume: object) -> None:
    assert findings(tmp_path, volume) == []


def test_what_a_controller_makes_of_the_baseline_is_there(tmp_path: Path) -> None:
    certificate = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"secretName": "web-tls", "issuerRef": {"name": "internal"}},
    }
    assert findings(tmp_path, {"secret": {"secretName": "web-tls"}}, yaml.safe_dump(certificate)) == []


def test_a_baseline_object_that_names_a_gray_one_is_found(tmp_path: Path) -> None:
    scaler = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"name": "web-mse-gray"}, "triggers": []},
    }
    found = findings(tmp_path, {"emptyDir": {}}, yaml.safe_dump(scaler))

    assert [(code, file) for code, file, _ in found] == [("GC461", "baseline/1.yaml")]
