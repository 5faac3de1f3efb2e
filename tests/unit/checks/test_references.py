"""Which names of a gray copy must lead somewhere."""

from pathlib import Path

import pytest

from tests.manifests import Object, Place, an_object, places, run_build, workload

WEB = workload(labels={"app": "web"}, container={"envFrom": [{"configMapRef": {"name": "made-by-hand"}}]})


def findings(folder: Path, volume: Object, *others: Object) -> list[Place]:
    """Return what is found where a patch adds a volume."""
    merge = {"spec": {"template": {"spec": {"volumes": [{"name": "added", **volume}]}}}}
    services = [{"name": "web", "patches": [{"target": {"kind": "Deployment"}, "merge": merge}]}]
    files = {"baseline/web.yaml": [WEB], "baseline/others.yaml": others}
    return places(folder, run_build(folder, files, services=services).findings, "GC46")


def test_a_name_that_production_has_too_leads_somewhere(tmp_path: Path) -> None:
    assert findings(tmp_path, {"configMap": {"name": "made-by-hand"}}) == []


def test_a_name_that_only_a_patch_has_is_found_where_the_patch_writes_it(tmp_path: Path) -> None:
    [found] = findings(tmp_path, {"secret": {"secretName": "nowhere"}})

    assert (found.code, found.file, found.text) == ("GC460", "release.yaml", '"nowhere"')


@pytest.mark.parametrize(
    "volume",
    [
        {"configMap": {"name": "nowhere", "optional": True}},
        {"configMap": {"name": "kube-root-ca.crt"}},
        {"ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}},
    ],
)
def test_what_may_be_missing_or_stands_elsewhere_is_not_asked_for(tmp_path: Path, volume: Object) -> None:
    assert findings(tmp_path, volume) == []


def test_what_a_controller_makes_of_the_baseline_is_there(tmp_path: Path) -> None:
    spec = {"secretName": "web-tls", "issuerRef": {"name": "internal"}}
    certificate = an_object("Certificate", spec, version="cert-manager.io/v1")
    assert findings(tmp_path, {"secret": {"secretName": "web-tls"}}, certificate) == []


def test_a_baseline_object_that_names_a_gray_one_is_found(tmp_path: Path) -> None:
    spec = {"scaleTargetRef": {"name": "web-mse-gray"}, "triggers": []}
    scaler = an_object("ScaledObject", spec, version="keda.sh/v1alpha1")
    found = findings(tmp_path, {"emptyDir": {}}, scaler)

    assert [(place.code, place.file) for place in found] == [("GC461", "baseline/others.yaml")]
