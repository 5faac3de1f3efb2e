"""What copies name: gray, shared, made outside of the files, or missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, with_code, workload, write_release


def plan(folder: Path, objects: list[Object], **spec: Any) -> tuple[dict[str, tuple[str, str]], list[Object]]:
    """Return kind and name of what is named → its state and reason, and the findings."""
    write_release(folder, objects, **spec)
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    report = json.loads(run.stdout)
    (made,) = report["plans"]
    rows = {f"{row['kind']}/{row['name']}": (row["state"], row["reason"]) for row in made["references"]}
    return rows, report["diagnostics"]


def reads(*refs: Object) -> Object:
    container = {"name": "web", "image": "registry.example.com/web:1", "envFrom": list(refs)}
    return workload(pod={"containers": [container]})


def a_secret(name: str) -> Object:
    return {"secretRef": {"name": name}}


def a_config(name: str, **fields: Any) -> Object:
    return {"configMapRef": {"name": name, **fields}}


def test_what_is_copied_is_gray_and_what_is_not_is_shared(tmp_path: Path) -> None:
    settings = an_object("ConfigMap", name="settings", data={})
    account = an_object("ServiceAccount", name="web")
    web = workload(pod={"serviceAccountName": "web", **reads(a_config("settings"))["spec"]["template"]["spec"]})

    rows, _ = plan(tmp_path, [web, settings, account])

    assert rows["ConfigMap/settings"] == ("gray", "copied as settings-mse-gray")
    assert rows["ServiceAccount/web"] == ("shared", "the baseline's is used")


MAKERS = [
    ("external-secrets.io/v1", "ExternalSecret", "made", {}),
    ("external-secrets.io/v1", "ExternalSecret", "other", {"target": {"name": "made"}}),
    ("external-secrets.io/v1", "ClusterExternalSecret", "other", {"externalSecretName": "made"}),
    ("bitnami.com/v1alpha1", "SealedSecret", "made", {}),
    ("cert-manager.io/v1", "Certificate", "other", {"secretName": "made"}),
    ("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "other", {"destination": {"name": "made"}}),
    ("isindir.github.com/v1alpha3", "SopsSecret", "other", {"secretTemplates": [{"name": "a"}, {"name": "made"}]}),
    ("kafka.strimzi.io/v1beta2", "KafkaUser", "made", {}),
    ("database.example.org/v1", "Instance", "other", {"writeConnectionSecretToRef": {"name": "made"}}),
    (
        "database.example.org/v1",
        "Instance",
        "other",
        {"writeConnectionSecretToRef": {"name": "made", "namespace": "shop"}},
    ),
]


@pytest.mark.parametrize(("version", "kind", "name", "spec"), MAKERS)
def test_what_a_controller_makes_is_outside(version: str, kind: str, name: str, spec: Object, tmp_path: Path) -> None:
    maker = an_object(kind, spec, version=version, name=name)

    rows, found = plan(tmp_path, [reads(a_secret("made")), maker])

    assert rows["Secret/made"] == ("outside", f"a controller makes it of {kind}/{name}")
    assert with_code(found, "GC409") == []


@pytest.mark.parametrize(
    ("version", "kind", "made"),
    [
        ("kafka.strimzi.io/v1beta2", "Kafka", "main-cluster-ca-cert"),
        ("postgresql.cnpg.io/v1", "Cluster", "main-app"),
        ("rabbitmq.com/v1beta1", "RabbitmqCluster", "main-default-user"),
        ("postgres-operator.crunchydata.com/v1beta1", "PostgresCluster", "main-pguser-main"),
    ],
)
def test_a_controller_adds_to_the_name(version: str, kind: str, made: str, tmp_path: Path) -> None:
    maker = an_object(kind, {}, version=version, name="main")

    rows, _ = plan(tmp_path, [reads(a_secret(made)), maker])

    assert rows[f"Secret/{made}"][0] == "outside"


def test_a_connection_secret_of_another_namespace_is_not_this_one(tmp_path: Path) -> None:
    to = {"writeConnectionSecretToRef": {"name": "made", "namespace": "other"}}
    maker = an_object("Instance", to, version="database.example.org/v1")

    rows, _ = plan(tmp_path, [reads(a_secret("made")), maker])

    assert rows["Secret/made"][0] == "missing"


def test_cert_manager_makes_what_an_annotated_ingress_serves_with(tmp_path: Path) -> None:
    entry = an_object("Ingress", {"tls": [{"secretName": "made"}]}, version="networking.k8s.io/v1", name="other")
    rows, _ = plan(tmp_path / "plain", [reads(a_secret("made")), entry])
    entry["metadata"]["annotations"] = {"cert-manager.io/cluster-issuer": "ca"}
    annotated, _ = plan(tmp_path / "annotated", [reads(a_secret("made")), entry])

    assert rows["Secret/made"][0] == "missing"
    assert annotated["Secret/made"][0] == "outside"


def test_a_bundle_is_in_every_namespace(tmp_path: Path) -> None:
    bundle = an_object("Bundle", {}, version="trust.cert-manager.io/v1alpha1", name="roots")
    bundle["metadata"].pop("namespace")

    rows, found = plan(tmp_path, [reads(a_config("roots"), a_config("kube-root-ca.crt")), bundle])

    assert rows["ConfigMap/roots"] == ("outside", "a controller makes it of Bundle/roots")
    assert rows["ConfigMap/kube-root-ca.crt"] == ("outside", "every namespace has one")
    assert with_code(found, "GC352") == []


def test_a_config_map_that_nothing_holds_is_a_warning_and_secrets_are_one_note(tmp_path: Path) -> None:
    other = an_object("ConfigMap", name="settings", data={})
    web = reads(a_config("setting"), a_secret("b"), a_secret("a"))

    rows, found = plan(tmp_path, [web, other])

    assert rows["ConfigMap/setting"] == ("missing", "no file holds it")
    assert rows["Secret/a"] == ("missing", "no file holds it")
    assert sorted(code for code, _ in with_code(found, "GC352", "GC409")) == ["GC352", "GC409"]
    (missing,) = (item for item in found if item["code"] == "GC352")
    assert "did you mean `settings`" in missing["help"]
    (note,) = (item for item in found if item["code"] == "GC409")
    assert "2 Secrets" in note["message"]
    assert "`a`, `b`" in note["message"]


def test_what_is_optional_is_a_row_and_no_finding(tmp_path: Path) -> None:
    rows, found = plan(tmp_path, [reads(a_config("flags", optional=True))])

    assert rows["ConfigMap/flags"] == ("missing", "no file holds it, and pods start without it")
    assert with_code(found, "GC352") == []


def test_what_one_reads_optionally_and_another_must_have_is_missing(tmp_path: Path) -> None:
    _, found = plan(tmp_path, [reads(a_config("flags", optional=True), a_config("flags"))])

    assert with_code(found, "GC352") == [("GC352", "Deployment/web")]


def test_a_missing_config_map_does_not_keep_a_build_from_writing(tmp_path: Path) -> None:
    accept = [{"code": "GC352", "object": "Deployment/web", "reason": "made by the platform"}]

    found, made = build(tmp_path, [reads(a_config("platform"))], accept=accept)

    assert made
    assert [item["accepted"] for item in found if item["code"] == "GC352"] == ["made by the platform"]


def test_text_shows_what_no_file_holds(tmp_path: Path) -> None:
    maker = an_object("ExternalSecret", {}, version="external-secrets.io/v1", name="made")
    write_release(tmp_path, [reads(a_secret("made"), a_secret("gone")), maker])

    text = run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout

    assert "  ? Secret/made in shop  outside: a controller makes it of ExternalSecret/made" in text
    assert "  ? Secret/gone in shop  missing: no file holds it" in text


def reason_of(folder: Path, objects: list[Object], name: str) -> str:
    write_release(folder, objects)
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    (made,) = json.loads(run.stdout)["plans"]
    (row,) = (row for row in made["objects"] if row["name"] == name)
    return str(row["reason"])


def test_shared_says_who_else_uses_it(tmp_path: Path) -> None:
    settings = an_object("ConfigMap", name="settings", data={})
    cart = reads(a_config("settings"))
    cart["metadata"]["name"] = "cart"
    cart["spec"]["selector"] = {"matchLabels": {"app": "cart"}}
    cart["spec"]["template"]["metadata"]["labels"] = {"app": "cart"}

    reason = reason_of(tmp_path, [reads(a_config("settings")), cart, settings], "settings")

    assert reason == "Deployment/web uses it; Deployment/cart, which is not released, uses it too"


def test_shared_does_not_say_so_where_nobody_does(tmp_path: Path) -> None:
    headless = an_object("Service", {"clusterIP": "None", "selector": {"app": "peers"}}, name="peers")

    reason = reason_of(tmp_path, [workload(pod={"subdomain": "peers"}), headless], "peers")

    assert reason == "Deployment/web uses it; no service of the release takes it"


STORE = an_object("Store", {"config": {"name": "settings"}}, version="example.com/v1", name="store")
STORE["metadata"]["annotations"] = {"example.com/config": "settings"}
SETTINGS = an_object("ConfigMap", name="settings", data={})


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"kind": "Store", "path": "spec.config.name", "to": "ConfigMap"}, []),
        ({"kind": "Store", "path": "spec.*.name", "to": "ConfigMap"}, []),
        ({"kind": "Store", "path": 'metadata.annotations["example.com/config"]', "to": "ConfigMap"}, []),
        ({"kind": "Store", "group": "example.com", "path": "spec.config.name", "to": "ConfigMap"}, []),
        ({"kind": "Stor", "path": "spec.config.name", "to": "ConfigMap"}, ["GC353"]),
        ({"kind": "Store", "group": "example.org", "path": "spec.config.name", "to": "ConfigMap"}, ["GC353"]),
        ({"kind": "Store", "path": "spec.config.nam", "to": "ConfigMap"}, ["GC353"]),
        ({"kind": "Store", "path": "spec.config", "to": "ConfigMap"}, ["GC353"]),
        ({"kind": "Store", "path": 'metadata.annotations["example.com/other"]', "to": "ConfigMap"}, ["GC353"]),
        ({"kind": "Store", "path": "spec.config.name", "to": "Confgmap"}, ["GC354"]),
        ({"kind": "Nope", "path": "spec.config.name", "to": "Confgmap"}, ["GC353", "GC354"]),
    ],
)
def test_a_row_of_the_release_must_mean_something(row: Object, codes: list[str], tmp_path: Path) -> None:
    services = [{"name": "web", "from": "baseline"}]
    web = reads(a_config("settings"))

    found, made = build(tmp_path, [web, SETTINGS, STORE], services=services, references=[row])

    assert [code for code, _ in with_code(found, "GC353", "GC354")] == codes
    assert bool(made) is not bool(codes)


def test_a_key_with_dots_is_followed(tmp_path: Path) -> None:
    rows = [
        {"kind": "Store", "path": 'metadata.annotations["example.com/config"]', "to": "ConfigMap"},
        {"kind": "Store", "path": "spec.config.name", "to": "ConfigMap"},
    ]
    services = [{"name": "web", "from": "baseline"}]

    found, made = build(tmp_path, [reads(a_config("settings")), SETTINGS, STORE], services=services, references=rows)

    (store,) = (item for item in made if item["kind"] == "Store")
    assert store["metadata"]["annotations"]["example.com/config"] == "settings-mse-gray"
    assert store["spec"]["config"]["name"] == "settings-mse-gray"
    assert with_code(found, "GC350") == []


def test_a_kind_that_the_service_has_none_of_is_a_note(tmp_path: Path) -> None:
    services = [{"name": "web", "share": ["ConfigMap", "Secrt"]}]

    found, _ = build(tmp_path, [workload()], services=services)

    assert sorted(code for code, _ in with_code(found, "GC316", "GC407")) == ["GC316", "GC407"]
