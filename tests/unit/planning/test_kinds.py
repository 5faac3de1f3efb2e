"""What a release does with an object of each kind is what the table says, and the table is what the docs show."""

from pathlib import Path
from unittest import mock

import pytest

from grayc.k8s.kinds import CLAIM_FIELDS, CLUSTER_SCOPED, GROUPS, KINDS, UNKNOWN, GroupKind, Policy, kind_row
from grayc.k8s.pod_templates import WORKLOADS
from tests.manifests import PREPARED, an_object, answer, workload, write_release

TARGET = {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
NEEDS = {
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): TARGET,
    ("apps.kruise.io", "WorkloadSpread"): TARGET,
    ("", "Service"): {"selector": PREPARED},
    ("autoscaling", "HorizontalPodAutoscaler"): {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    },
    ("keda.sh", "ScaledObject"): {"scaleTargetRef": {"name": "web"}},
}
VERSIONS = {"autoscaling": "v2", "policy": "v1"}
READ = {("", "ConfigMap"): "configMapRef", ("", "Secret"): "secretRef"}


def decided(folder: Path, kind: GroupKind) -> tuple[str, set[str]]:
    """Return what the plan does with an object of a kind in the service's own files, and the codes of its findings."""
    group, name = kind
    version = VERSIONS.get(group, "v1")
    item = an_object(
        name,
        NEEDS.get(kind, {}),
        version=f"{group}/{version}" if group else version,
        name="thing",
        namespace="" if kind in CLUSTER_SCOPED else "shop",
    )
    if kind in WORKLOADS and WORKLOADS[kind].selector:
        item["spec"] = workload()["spec"]
    web = workload()
    if kind in READ:
        web["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{READ[kind]: {"name": "thing"}}]
    write_release(folder, [web, item], services=[{"name": "web", "from": "baseline/"}])
    report = answer(folder, "plan", "release.yaml")
    codes = {finding["code"] for finding in report["diagnostics"]}
    decisions = [row for plan in report.get("plans", []) for row in plan["objects"] if row["name"] == "thing"]
    return (decisions[0]["action"] if decisions else "", codes)


@pytest.mark.parametrize("kind", KINDS, ids=".".join)
def test_an_object_in_the_services_files_is_treated_as_its_row_says(kind: GroupKind, tmp_path: Path) -> None:
    action, codes = decided(tmp_path, kind)
    match KINDS[kind].policy:
        case Policy.COPY:
            assert action == "copied"
        case Policy.SHARE:
            assert action == "shared"
        case Policy.STAY:
            assert (action, "GC318" in codes) == ("shared", True)
        case Policy.REFUSE:
            assert "GC306" in codes
        case Policy.ENTRY:
            assert action in ("left out", "shared")
    assert "GC314" not in codes


@pytest.mark.parametrize("group", GROUPS)
def test_a_kind_of_a_group_or_below_has_the_groups_row(group: str) -> None:
    rows = [kind_row((name, "Anything")) for name in (group, f"rds.{group}", f"a.b.{group}")]
    assert rows == [GROUPS[group]] * 3
    assert GROUPS[group].policy in (Policy.STAY, Policy.SHARE)


@pytest.mark.parametrize("group", ["postgresql.cnpg.io", "rds.services.k8s.aws", "chaos-mesh.org"])
def test_a_kind_of_a_group_stays_and_is_named(group: str, tmp_path: Path) -> None:
    action, codes = decided(tmp_path, (group, "Anything"))
    assert (action, codes & {"GC314", "GC318"}) == ("shared", {"GC318"})


@pytest.mark.parametrize("group", ["example.com", "nopostgresql.cnpg.io", "cnpg.io", "com", "io"])
def test_a_group_that_merely_looks_alike_is_unknown(group: str) -> None:
    assert kind_row((group, "Anything")) is UNKNOWN


@pytest.mark.parametrize("field", CLAIM_FIELDS, ids=".".join)
def test_a_claim_of_something_in_a_cloud_stays(field: tuple[str, ...], tmp_path: Path) -> None:
    kind = ("database.example.org", "PostgreSQLInstance")
    with mock.patch.dict(NEEDS, {kind: {field[-1]: {"name": "thing"}}}):
        action, codes = decided(tmp_path, kind)
    assert (action, codes & {"GC314", "GC318"}) == ("shared", {"GC318"})


def test_an_unknown_kind_is_copied_with_a_warning(tmp_path: Path) -> None:
    action, codes = decided(tmp_path, ("example.com", "Thing"))
    assert (action, "GC314" in codes) == ("copied", True)
