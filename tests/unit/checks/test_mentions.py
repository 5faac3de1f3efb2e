"""Names of copied and opened objects in fields that no table follows."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.manifests import Object, an_object, build, with_code, workload
from tests.vectors import rows

SETTINGS = an_object("ConfigMap", name="settings", data={"a": "b"})
MOUNTED = {"volumes": [{"name": "settings", "configMap": {"name": "settings"}}]}
SERVICE = an_object("Service", {"selector": {"app": "web", "zadigx-release-version": "original"}})
BASELINE = [workload(pod=MOUNTED), SERVICE, SETTINGS]
VERSION = "example.com/v1"


def custom(spec: Any, *, kind: str = "Thing", name: str = "thing", **metadata: Any) -> Object:
    made = an_object(kind, spec, version=VERSION, name=name)
    made["metadata"].update(metadata)
    return made


def named(folder: Path, *objects: Object, **spec: Any) -> list[tuple[str, str]]:
    """Return object and field of the net's findings."""
    found, _ = build(folder, [*BASELINE, *objects], **spec)
    return [(item["object"], item["field"]) for item in found if item["code"] in {"GC350", "GC351"}]


class Named(NamedTuple):
    spec: Object
    field: str


NAMES = rows(__file__, "mentions.yaml", Named, table="names")


@pytest.mark.parametrize(Named._fields, NAMES, ids=[json.dumps(row.spec) for row in NAMES])
def test_a_field_of_an_unknown_kind_that_names_an_object_is_found(spec: Object, field: str, tmp_path: Path) -> None:
    assert named(tmp_path, custom(spec)) == [("Thing/thing", field)]


OTHERS = rows(__file__, "mentions.yaml", dict[str, Any], table="others")


@pytest.mark.parametrize("spec", OTHERS, ids=json.dumps)
def test_a_word_that_reads_alike_is_none(spec: Object, tmp_path: Path) -> None:
    assert named(tmp_path, custom(spec)) == []


def test_a_name_that_is_no_ordinary_word_is_found_in_any_field_of_an_unknown_kind(tmp_path: Path) -> None:
    settings = an_object("ConfigMap", name="web-settings", data={})
    mounted = {"volumes": [{"name": "a", "configMap": {"name": "web-settings"}}]}

    found, _ = build(tmp_path, [workload(pod=mounted), settings, custom({"primary": "web-settings"})])

    assert with_code(found, "GC350") == [("GC350", "Thing/thing")]


ANNOTATIONS = [
    ("example.com/service", "web"),
    ("example.com/configmap", "settings"),
    ("example.com/upstream", "http://web.shop.svc:80"),
    ("example.com/depends", "deployment/web"),
    ("example.com/actions", '{"groups":[{"serviceName":"web","port":80}]}'),
    ("example.com/volumes", '[{"name":"a","configMap":{"name":"settings"}}]'),
    ("example.com/config", "kind: Mapping\nservice: web\n"),
]


@pytest.mark.parametrize(("key", "value"), ANNOTATIONS)
def test_an_annotation_is_looked_through_on_any_kind(key: str, value: str, tmp_path: Path) -> None:
    other = an_object("PersistentVolumeClaim", {}, name="data")
    other["metadata"]["annotations"] = {key: value}

    assert named(tmp_path, other) == [("PersistentVolumeClaim/data", f'metadata.annotations["{key}"]')]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kubectl.kubernetes.io/last-applied-configuration", '{"kind":"Service","spec":{"service":"web"}}'),
        ("argocd.argoproj.io/tracking-id", "shop:/Service:shop/web"),
        ("meta.helm.sh/release-name", "web"),
        ("prometheus.io/path", "/web"),
        ("example.com/role", "web"),
        ("ad.datadoghq.com/web.logs", '[{"service":"web"}]'),
    ],
)
def test_an_annotation_of_owners_and_of_other_names_is_not(key: str, value: str, tmp_path: Path) -> None:
    other = an_object("PersistentVolumeClaim", {}, name="data")
    other["metadata"]["annotations"] = {key: value}

    assert named(tmp_path, other) == []


def test_a_copy_that_keeps_naming_the_baseline_is_found_once_with_its_other_places(tmp_path: Path) -> None:
    thing = custom({"configMap": {"name": "settings"}, "serviceName": "web"})
    found, _ = build(tmp_path, [*BASELINE, thing], services=[{"name": "web", "from": "baseline"}])

    (item,) = (item for item in found if item["code"] == "GC350")
    assert item["object"] == "Thing/thing"
    assert item["field"] == "spec.configMap.name"
    assert [note["message"] for note in item["notes"]] == ["and `spec.serviceName`"]
    assert "{kind: Thing, path: spec.configMap.name, to: ConfigMap}" in item["help"]


def test_what_the_release_follows_by_its_own_rows_is_not(tmp_path: Path) -> None:
    thing = custom({"configMap": {"name": "settings"}})
    row = {"kind": "Thing", "path": "spec.configMap.name", "to": "ConfigMap"}
    services = [{"name": "web", "from": "baseline"}]

    assert named(tmp_path, thing, services=services, references=[row]) == []


def test_what_the_lane_covers_is_not(tmp_path: Path) -> None:
    """A DestinationRule of the lane for the gray host covers that of the baseline's; so does a policy's copy."""
    rule = an_object("DestinationRule", {"host": "web"}, version="networking.istio.io/v1")
    policy = custom({"targetRefs": [{"kind": "Service", "name": "web"}]}, kind="LimitPolicy")

    for provider in ("mse", "istio"):
        assert named(tmp_path / provider, rule, policy, lane={"provider": provider}) == []


def test_an_object_that_another_finding_names_is_not_named_twice(tmp_path: Path) -> None:
    """GC550 names a kind that nobody knows and that is attached to what is copied."""
    found, _ = build(tmp_path, [*BASELINE, custom({"targetRef": {"kind": "Service", "name": "web"}})])

    assert [item["code"] for item in found if item["object"] == "Thing/thing"] == ["GC550"]


class Guard(NamedTuple):
    kind: str
    name: str
    spec: Object
    code: str


@pytest.mark.parametrize(Guard._fields, rows(__file__, "mentions.yaml", Guard, table="guards"))
def test_authentication_that_the_gray_side_lacks_is_an_error(
    kind: str, name: str, spec: Object, code: str, tmp_path: Path
) -> None:
    rule = custom({**spec, "guardedRef": {"kind": "Service", "name": "web"}}, kind=kind, name=name)
    found, _ = build(tmp_path, [*BASELINE, rule])

    assert with_code(found, "GC350", "GC351") == [(code, f"{kind}/{name}")]


def test_a_copied_rule_that_keeps_guarding_production_is_an_error(tmp_path: Path) -> None:
    rule = custom({"jwt": {}, "guardedRef": {"kind": "Service", "name": "web"}}, kind="LoginRule")
    settings = custom({"jwt": {}, "configMap": "settings"}, kind="LoginSettings")
    services = [{"name": "web", "from": "baseline"}]
    found, _ = build(tmp_path, [*BASELINE, rule, settings], services=services)

    assert with_code(found, "GC350", "GC351") == [("GC351", "LoginRule/thing"), ("GC350", "LoginSettings/thing")]


def test_a_route_is_no_row_of_the_release_to_follow(tmp_path: Path) -> None:
    route = an_object(
        "HTTPRoute",
        {
            "parentRefs": [{"name": "gw"}],
            "hostnames": ["h.test"],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
        version="gateway.networking.k8s.io/v1",
    )
    policy = custom({"guardedRef": {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "web"}})
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [{"header": "x-user", "value": "1"}]}
    services = [{"name": "web", "from": "baseline"}]
    found, _ = build(tmp_path, [*BASELINE, route, policy], services=services, traffic=traffic)

    (item,) = (item for item in found if item["code"] == "GC350")
    assert item["object"] == "Thing/thing"
    assert "share: [Thing/thing]" in item["help"]


def test_the_finding_can_be_accepted(tmp_path: Path) -> None:
    rule = custom({"guardedRef": {"kind": "Service", "name": "web"}}, kind="LoginRule")
    accept = [{"code": "GC351", "reason": "nobody enters"}]
    rule["spec"]["jwt"] = {}
    found, made = build(tmp_path, [*BASELINE, rule], accept=accept)

    assert made
    assert [item["accepted"] for item in found if item["code"] == "GC351"] == ["nobody enters"]


def test_a_profile_whose_name_is_a_host_names_its_service(tmp_path: Path) -> None:
    profile = custom({"routes": []}, kind="ServiceProfile", name="web.shop.svc.cluster.local")

    assert named(tmp_path, profile) == [("ServiceProfile/web.shop.svc.cluster.local", "metadata.name")]


GOVERNORS = [
    (
        "monitoring.coreos.com/v1",
        "Probe",
        {"targets": {"staticConfig": {"static": ["http://web:80/health"]}}},
        "spec.targets.staticConfig.static[0]",
    ),
    (
        "policy.kruise.io/v1alpha1",
        "PodUnavailableBudget",
        {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
        "spec.targetRef.name",
    ),
]


@pytest.mark.parametrize(("version", "kind", "spec", "field"), GOVERNORS)
def test_a_known_kind_that_holds_for_what_it_names_covers_no_gray_copy(
    version: str, kind: str, spec: Object, field: str, tmp_path: Path
) -> None:
    assert named(tmp_path, an_object(kind, spec, version=version, name="rule")) == [(f"{kind}/rule", field)]


def test_a_kind_that_is_for_production_alone_is_left_alone(tmp_path: Path) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    rollout = an_object("Rollout", {"workloadRef": target}, version="rollouts.kruise.io/v1beta1", name="batches")
    queue = an_object("Queue", {"service": {"kind": "Service", "name": "web"}}, version="rabbitmq.com/v1beta1")

    assert named(tmp_path, rollout, queue) == []


def test_a_known_kind_that_uses_what_it_names_is_left_alone(tmp_path: Path) -> None:
    account = an_object("CronJob", {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": {
        "restartPolicy": "Never",
        "containers": [{"name": "web", "image": "x", "envFrom": [{"configMapRef": {"name": "settings"}}]}],
    }}}}}, version="batch/v1", name="nightly")  # fmt: skip
    route = an_object(
        "IngressRoute", {"routes": [{"services": [{"name": "web", "port": 80}]}]}, version="traefik.io/v1alpha1"
    )

    assert named(tmp_path, account, route) == []


def test_an_annotation_of_an_opened_route_that_its_gray_side_does_not_have_is_found(tmp_path: Path) -> None:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    entry = an_object(
        "Ingress",
        {"ingressClassName": "higress", "rules": [{"host": "h.test", "http": {"paths": [path]}}]},
        version="networking.k8s.io/v1",
    )
    entry["metadata"]["annotations"] = {"example.com/mirror-service": "web"}
    traffic = {"gateway": "higress", "guard": False, "rules": [{"header": "x-user", "value": "1"}]}

    assert named(tmp_path, entry, traffic=traffic) == [
        ("Ingress/web", 'metadata.annotations["example.com/mirror-service"]')
    ]


@pytest.mark.parametrize(
    ("kind", "version", "spec", "shown"),
    [
        ("Thing", VERSION, {"targets": ["web"]}, "names `web` (`Service/web` or `Deployment/web`)"),
        ("Thing", VERSION, {"targetRef": "web"}, "names `web` (`Service/web` or `Deployment/web`)"),
        ("Thing", VERSION, {"serviceRef": "web"}, "names `Service/web`"),
        ("Thing", VERSION, {"guardedRef": {"kind": "Deployment", "name": "web"}}, "names `Deployment/web`"),
        (
            "TargetGroupConfiguration",
            "gateway.k8s.aws/v1beta1",
            {"targetReference": {"name": "web"}},
            "names `Service/web`",
        ),
        (
            "TargetGroupConfiguration",
            "other.example.com/v1",
            {"targetReference": {"name": "web"}},
            "names `web` (`Service/web` or `Deployment/web`)",
        ),
    ],
)
def test_a_name_without_a_kind_is_told_as_all_that_it_may_be(
    kind: str, version: str, spec: Object, shown: str, tmp_path: Path
) -> None:
    found, _ = build(tmp_path, [*BASELINE, an_object(kind, spec, version=version, name="thing")])
    [told] = [item for item in found if item["code"] == "GC350"]
    assert f"{shown}; its gray copy is not covered" in told["message"]


def test_a_key_that_reads_as_a_number_is_found(tmp_path: Path) -> None:
    mounted = workload(pod={"volumes": [{"name": "settings", "configMap": {"name": "16"}}]})
    written = f"apiVersion: {VERSION}\nkind: Thing\nmetadata: {{name: thing}}\nspec: {{configMaps: {{0x10: {{}}}}}}\n"
    (tmp_path / "thing.yaml").write_text(written, encoding="utf-8")
    every = [mounted, SERVICE, an_object("ConfigMap", name="16", data={"a": "b"})]
    found, _ = build(tmp_path, every, baseline=["baseline/", "thing.yaml"])
    assert [item["object"] for item in found if item["code"] == "GC350"] == ["Thing/thing"]


@pytest.mark.parametrize("text", ["'web'", '"\\x77eb"', '"w\\\n      eb"', "&name web", "  # its own\n      web"])
def test_a_name_is_found_however_the_file_writes_it(text: str, tmp_path: Path) -> None:
    written = f"apiVersion: {VERSION}\nkind: Thing\nmetadata: {{name: thing}}\nspec:\n  serviceName: {text}\n"
    (tmp_path / "thing.yaml").write_text(written, encoding="utf-8")
    found, _ = build(tmp_path, BASELINE, baseline=["baseline/", "thing.yaml"])
    assert [(item["object"], item["field"]) for item in found if item["code"] == "GC350"] == [
        ("Thing/thing", "spec.serviceName")
    ]
