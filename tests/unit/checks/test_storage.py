"""Volumes of gray pods: empty ones, shared ones, and names that nobody has."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, an_object, build, with_code, workload

CODES = ("GC453", "GC454", "GC455")
TEMPLATES = [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]
HEADLESS = an_object("Service", {"clusterIP": "None", "selector": PREPARED, "ports": [{"port": 80}]})


def test_claim_templates_are_copied_and_start_empty(tmp_path: Path) -> None:
    web = workload("StatefulSet", serviceName="web", volumeClaimTemplates=TEMPLATES, ordinals={"start": 5})
    findings, made = build(tmp_path, [web, HEADLESS])
    assert with_code(findings, *CODES) == [("GC453", "StatefulSet/web")]
    spec = next(item["spec"] for item in made if item["kind"] == "StatefulSet")
    assert (spec["volumeClaimTemplates"], spec["ordinals"]) == (TEMPLATES, {"start": 5})
    assert spec["serviceName"] == "web-mse-gray"
    assert next(item["spec"]["clusterIP"] for item in made if item["kind"] == "Service") == "None"


def test_a_headless_service_that_stays_gives_gray_pods_no_names(tmp_path: Path) -> None:
    services = [{"name": "web", "share": ["Service"]}]
    findings, _ = build(tmp_path, [workload("StatefulSet", serviceName="web"), HEADLESS], services=services)
    assert with_code(findings, *CODES) == [("GC455", "StatefulSet/web")]


@pytest.mark.parametrize(
    ("modes", "read_only", "is_told"),
    [
        (["ReadWriteOnce"], False, True),
        (["ReadWriteOncePod"], False, True),
        (["ReadWriteOnce"], True, False),
        (["ReadWriteOnce", "ReadWriteMany"], False, False),
        (["ReadOnlyMany"], False, False),
        ([], False, False),
    ],
)
def test_a_shared_volume_for_one_writer_is_told(
    modes: list[str], read_only: bool, is_told: bool, tmp_path: Path
) -> None:
    source: dict[str, Any] = {"claimName": "files", **({"readOnly": True} if read_only else {})}
    web = workload(pod={"volumes": [{"name": "files", "persistentVolumeClaim": source}]})
    claim = an_object("PersistentVolumeClaim", {"accessModes": modes}, name="files")
    findings, made = build(tmp_path, [web, claim])
    assert with_code(findings, *CODES) == ([("GC454", "Deployment/web")] if is_told else [])
    assert [item["kind"] for item in made] == ["Deployment"]
