"""When a baseline name in a text is worth a note."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.unit.spec.release import release

BASELINE = """\
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
            - configMapRef: {name: settings}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {a: b}
"""


def fields(folder: Path, name: str, value: str, provider: str, *, rewrite: bool = False) -> list[str]:
    """Return the fields of the hints where a variable has a value."""
    service = {"name": "web", "env": {"web": {name: value}}, "rewriteText": rewrite}
    text = release(namespace="shop", baseline=["baseline/"], lane={"provider": provider}, services=[service])
    (folder / "release.yaml").write_text(text)
    (folder / "baseline").mkdir()
    (folder / "baseline" / "web.yaml").write_text(BASELINE)
    run = run_grayc(["build", "release.yaml", "-f", "json", "-o", "out"], folder=folder)
    found = json.loads(run.stdout)["diagnostics"]
    return [item["field"] for item in found if item["code"] == "GC462"]


VARIABLE = "spec.template.spec.containers[0].env[0].value"


@pytest.mark.parametrize(
    ("name", "value", "provider", "hinted"),
    [
        ("WEB_URL", "http://web:80", "none", True),
        ("WEB_URL", "http://web:80", "mse", False),
        ("WEB_HOST", "web", "none", True),
        ("TEAM", "web", "none", False),
        ("WEB_URL", "http://web.other.svc", "none", False),
        ("WEB_URL", "http://web-2:80", "none", False),
        ("CONFIGMAP", "settings", "none", True),
        ("CONFIGMAP", "settings", "mse", True),
        ("PATH_TO", "settings", "mse", False),
    ],
)
def test_a_service_is_worth_a_note_where_nothing_routes_and_a_config_map_anywhere(
    tmp_path: Path, name: str, value: str, provider: str, hinted: bool
) -> None:
    assert fields(tmp_path, name, value, provider) == [VARIABLE] * hinted


def test_what_is_rewritten_needs_no_note(tmp_path: Path) -> None:
    assert fields(tmp_path, "WEB_URL", "http://web:80", "none", rewrite=True) == []
    assert "http://web-gray:80" in "".join(path.read_text() for path in (tmp_path / "out").glob("*.yaml"))
