"""Names by which controllers know production: what copies leave off, what they are called instead, what is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.identities import IDENTITIES, MARKS, Deed, Place, owner_of_mark
from grayc.k8s.server_fields import OWNER_ANNOTATIONS, OWNER_LABELS, TRACKING_LABEL
from tests.cli_run import run_grayc
from tests.manifests import PREPARED, Object, an_object, build, of_kind, with_code, workload, write_release

CODES = ("GC465", "GC466", "GC467", "GC468")
NEG = '{"ingress": true, "exposed_ports": {"80": {"name": "web-neg"}}}'


def service(**metadata: Any) -> Object:
    made = an_object("Service", {"selector": PREPARED, "ports": [{"port": 80}]})
    return {**made, "metadata": {**made["metadata"], **metadata}}


def annotated(annotations: dict[str, str], **pod: Any) -> Object:
    made = workload(pod=pod)
    made["spec"]["template"]["metadata"]["annotations"] = annotations
    return made


def ports(**fields: int) -> Object:
    return {"containers": [{"name": "web", "image": "registry.example.com/web:1", "ports": [fields]}]}


def example(key: str) -> str:
    return f"{key[:-1]}name" if key.endswith("*") else key


@pytest.mark.parametrize("row", IDENTITIES, ids=lambda row: row.key)
def test_each_row_does_what_it_says(row: Any, tmp_path: Path) -> None:
    key, value = example(row.key), NEG if row.only_with == "exposed_ports" else "10.0.0.1"
    pods = row.place is Place.PODS
    objects = [
        annotated({key: value}) if pods else workload(),
        service(**({} if pods else {"annotations": {key: value}})),
    ]
    findings, made = build(tmp_path, objects)
    if pods:
        metadata = of_kind(made, "Deployment")["spec"]["template"]["metadata"]
    else:
        metadata = of_kind(made, "Service")["metadata"]
    gray = metadata.get("annotations", {}).get(key)
    expected = {Deed.DROP: None, Deed.RENAME: f"{value}-mse-gray", Deed.REPORT: value}[row.deed]
    codes = {Deed.DROP: "GC467", Deed.RENAME: "GC466" if row.after else "GC467", Deed.REPORT: "GC468"}
    assert gray == expected
    ref = "Deployment/web" if pods else "Service/web"
    assert with_code(findings, *CODES) == [(codes[row.deed], ref)]
    assert row.owner in next(item["message"] for item in findings if item["code"] in CODES)


def test_several_names_in_one_are_renamed_each(tmp_path: Path) -> None:
    key = "consul.hashicorp.com/connect-service"
    _, made = build(tmp_path, [annotated({key: "web,web-admin"})])
    metadata = of_kind(made, "Deployment")["spec"]["template"]["metadata"]
    assert metadata["annotations"][key] == "web-mse-gray,web-admin-mse-gray"


def test_a_patch_has_the_last_word_and_what_it_brings_back_is_told(tmp_path: Path) -> None:
    def patched(folder: Path, value: str) -> list[tuple[str, str]]:
        merge = {"spec": {"template": {"metadata": {"annotations": {"dapr.io/app-id": value}}}}}
        services = [{"name": "web", "patches": [{"target": {"kind": "Deployment"}, "merge": merge}]}]
        findings, made = build(folder, [annotated({"dapr.io/app-id": "web"})], services=services)
        metadata = of_kind(made, "Deployment")["spec"]["template"]["metadata"]
        assert metadata["annotations"]["dapr.io/app-id"] == value
        return with_code(findings, *CODES)

    assert patched(tmp_path / "own", "web-try") == [("GC466", "Deployment/web")]
    assert patched(tmp_path / "back", "web") == [("GC468", "Deployment/web")]


def test_objects_of_dapr_that_name_the_id_are_shown(tmp_path: Path) -> None:
    component = an_object("Component", {"type": "pubsub.redis"}, version="dapr.io/v1alpha1", name="bus", scopes=["web"])
    other = an_object("Component", {"type": "x"}, version="dapr.io/v1alpha1", name="web", scopes=["cart"])
    findings, _ = build(tmp_path, [annotated({"dapr.io/app-id": "web"}), component, other])
    (found,) = (item for item in findings if item["code"] == "GC466")
    assert [note["message"] for note in found["notes"]] == ["`Component/bus` names `web`, not the gray one"]


def test_a_service_that_consul_registers_is_the_gray_one_and_intentions_are_shown(tmp_path: Path) -> None:
    names = {"consul.hashicorp.com/connect-service": "web", "consul.hashicorp.com/kubernetes-service": "web"}
    spec = {"destination": {"name": "web"}}
    intentions = an_object("ServiceIntentions", spec, version="consul.hashicorp.com/v1alpha1", name="all")
    accept = [{"code": "GC351", "reason": "the mesh lets the lane in"}]
    findings, made = build(tmp_path, [annotated(names), service(), intentions], accept=accept)
    gray = of_kind(made, "Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert set(gray.values()) == {"web-mse-gray"}
    (found,) = (item for item in findings if item["code"] == "GC466")
    assert [note["message"] for note in found["notes"]] == ["`ServiceIntentions/all` names `web`, not the gray one"]


def test_a_group_without_a_name_of_its_own_stays(tmp_path: Path) -> None:
    annotations = {"cloud.google.com/neg": '{"ingress": true}', "prometheus.io/scrape": "true"}
    findings, made = build(tmp_path, [workload(), service(annotations=annotations)])
    assert with_code(findings, *CODES) == []
    assert of_kind(made, "Service")["metadata"]["annotations"] == annotations


# Marks of owners: no finding


def test_marks_of_helm_and_argo_cd_go_without_a_finding(tmp_path: Path) -> None:
    marks = {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "Helm", "app": "web"}
    notes = {"meta.helm.sh/release-name": "shop", "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}
    web = workload()
    web["metadata"].update(labels=marks, annotations=notes)
    for gitops in ("none", "argocd", "flux"):
        output = {"layout": "single", "gitops": gitops}
        objects = [web, service(labels=marks, annotations=notes)]
        findings, made = build(tmp_path / gitops, objects, output=output)
        assert with_code(findings, *CODES) == []
        for item in made:
            assert {*marks} & {*item["metadata"]["labels"]} == {"app"}
            assert not {*notes} & {*item["metadata"].get("annotations", {})}


def test_pods_keep_the_tracking_label_since_their_workload_selects_by_it(tmp_path: Path) -> None:
    labels = {TRACKING_LABEL: "shop", **PREPARED}
    web = workload(labels=labels)
    web["metadata"]["labels"] = {TRACKING_LABEL: "shop"}
    _, made = build(tmp_path, [web])
    gray = of_kind(made, "Deployment")
    assert TRACKING_LABEL not in gray["metadata"]["labels"]
    assert gray["spec"]["template"]["metadata"]["labels"][TRACKING_LABEL] == "shop"
    assert gray["spec"]["selector"]["matchLabels"][TRACKING_LABEL] == "shop"


@pytest.mark.parametrize(
    ("version", "kind"),
    [("monitoring.coreos.com/v1", "ServiceMonitor"), ("operator.victoriametrics.com/v1beta1", "VMServiceScrape")],
)
def test_a_tracking_label_that_a_selector_asks_for_stays_and_is_told(version: str, kind: str, tmp_path: Path) -> None:
    monitor = an_object(kind, {"selector": {"matchLabels": {TRACKING_LABEL: "shop"}}}, version=version, name="all")
    web = workload()
    web["metadata"]["labels"] = {TRACKING_LABEL: "other"}
    findings, made = build(tmp_path, [web, service(labels={TRACKING_LABEL: "shop"}), monitor])
    assert with_code(findings, *CODES) == [("GC465", "Service/web")]
    assert of_kind(made, "Service")["metadata"]["labels"][TRACKING_LABEL] == "shop"
    assert TRACKING_LABEL not in of_kind(made, "Deployment")["metadata"]["labels"]


def test_an_opened_entry_and_a_carried_rule_leave_the_marks_off(tmp_path: Path) -> None:
    labels = {TRACKING_LABEL: "shop", "kapp.k14s.io/app": "1", "app": "web"}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "h.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    ingress = an_object("Ingress", {"ingressClassName": "mse", "rules": [rule]}, version="networking.k8s.io/v1")
    policy = an_object(
        "NetworkPolicy", {"podSelector": {"matchLabels": {"app": "web"}}}, version="networking.k8s.io/v1"
    )
    for item in (ingress, policy):
        item["metadata"]["labels"] = labels
    plain = an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
    traffic = {"gateway": "mse", "rules": [{"header": "x-user", "value": "1"}]}
    objects = [workload(labels={"app": "web"}), plain, ingress, policy]
    _, made = build(tmp_path, objects, traffic=traffic)
    for kind in ("Ingress", "NetworkPolicy"):
        assert {*labels} & {*of_kind(made, kind)["metadata"]["labels"]} == {"app"}


def test_the_plan_shows_what_copies_leave_off(tmp_path: Path) -> None:
    web = workload()
    web["metadata"].update(labels={TRACKING_LABEL: "shop"}, annotations={"meta.helm.sh/release-name": "shop"})
    write_release(tmp_path, [web, service(labels={TRACKING_LABEL: "shop"})])
    text = run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout
    assert "app.kubernetes.io/instance (Argo CD, Helm): 2 objects" in text
    assert "meta.helm.sh/release-name (Helm): 1 object\n" in text
    (plan,) = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path).stdout)["plans"]
    assert plan["leftOff"][0] == {
        "mark": TRACKING_LABEL,
        "owner": "Argo CD, Helm",
        "objects": ["Deployment/web", "Service/web"],
    }


def test_a_plan_without_marks_has_no_row(tmp_path: Path) -> None:
    write_release(tmp_path, [workload(), service()])
    assert "leave off" not in run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout


@pytest.mark.parametrize("row", MARKS)
def test_every_mark_of_the_plan_is_one_that_copies_leave_off(row: str) -> None:
    start = row.removesuffix("*")
    known = [*OWNER_LABELS, *OWNER_ANNOTATIONS, TRACKING_LABEL]
    assert any(key.startswith(start) for key in known)
    assert owner_of_mark(f"{start}x" if row.endswith("*") else row)


# Nodes and volumes


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        (ports(containerPort=8080, hostPort=8080), "`hostPort`: 8080"),
        ({**ports(containerPort=8080), "hostNetwork": True}, "`hostNetwork`: 8080"),
        ({"hostNetwork": True}, "`hostNetwork`: whatever it listens on"),
    ],
)
def test_ports_of_a_node_are_told_once(pod: Object, said: str, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [workload(pod=pod)])
    assert with_code(findings, *CODES) == [("GC468", "Deployment/web")]
    assert said in findings[0]["message"]


@pytest.mark.parametrize(
    "pod", [ports(containerPort=8080), ports(containerPort=8080, hostPort=0), {"hostNetwork": False}]
)
def test_pods_with_ports_of_their_own_are_not_told(pod: Object, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [workload(pod=pod)])
    assert with_code(findings, *CODES) == []


def test_a_port_that_a_patch_takes_away_is_not_told(tmp_path: Path) -> None:
    operations = [{"op": "remove", "path": "/spec/template/spec/containers/0/ports/0/hostPort"}]
    services = [{"name": "web", "patches": [{"target": {"kind": "Deployment"}, "json6902": operations}]}]
    findings, _ = build(tmp_path, [workload(pod=ports(containerPort=8080, hostPort=8080))], services=services)
    assert with_code(findings, *CODES) == []


def claim(**spec: Any) -> Object:
    return {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], **spec}}


def test_a_claim_for_productions_volume_asks_for_another(tmp_path: Path) -> None:
    web = workload("StatefulSet", volumeClaimTemplates=[claim(volumeName="pv-1")])
    findings, made = build(tmp_path, [web])
    assert with_code(findings, *CODES) == [("GC467", "StatefulSet/web")]
    assert of_kind(made, "StatefulSet")["spec"]["volumeClaimTemplates"] == [claim()]


def test_a_claim_that_looks_for_a_volume_is_told(tmp_path: Path) -> None:
    web = workload("StatefulSet", volumeClaimTemplates=[claim(selector={"matchLabels": {"vol": "web"}})])
    findings, _ = build(tmp_path, [web])
    assert with_code(findings, *CODES) == [("GC468", "StatefulSet/web")]


@pytest.mark.parametrize("field", ["dataSource", "dataSourceRef"])
def test_a_claim_with_a_source_does_not_start_empty(field: str, tmp_path: Path) -> None:
    source = {"kind": "PersistentVolumeClaim", "name": "seed"}
    web = workload("StatefulSet", volumeClaimTemplates=[claim(**{field: source})])
    findings, _ = build(tmp_path, [web])
    (found,) = (item for item in findings if item["code"] == "GC453")
    assert found["message"].endswith("`data` start with what their source holds")


# What stands on pods for injectors

INJECTED = {
    "vault.hashicorp.com/agent-configmap": "vault",
    "vault.hashicorp.com/tls-secret": "tls",
    "sidecar.istio.io/bootstrapOverride": "bootstrap",
    "dapr.io/app-token-secret": "token",
    "configmap.reloader.stakater.com/reload": "vault,bootstrap",
    "vault.hashicorp.com/role": "web",
    "tags.datadoghq.com/service": "web",
    "instrumentation.opentelemetry.io/inject-java": "true",
}


@pytest.mark.parametrize("provider", ["mse", "none"])
def test_names_that_injectors_read_on_pods_follow_the_copies(provider: str, tmp_path: Path) -> None:
    config = [an_object("ConfigMap", name=name, data={"a": "b"}) for name in ("vault", "bootstrap")]
    secrets = [an_object("Secret", name=name, stringData={"a": "b"}) for name in ("tls", "token")]
    findings, made = build(
        tmp_path, [annotated(INJECTED), *config, *secrets], lane={"provider": provider, "profile": "zadig"}
    )
    gray = of_kind(made, "Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert gray == {
        **INJECTED,
        "vault.hashicorp.com/agent-configmap": "vault-mse-gray",
        "vault.hashicorp.com/tls-secret": "tls-mse-gray",
        "sidecar.istio.io/bootstrapOverride": "bootstrap-mse-gray",
        "dapr.io/app-token-secret": "token-mse-gray",
        "configmap.reloader.stakater.com/reload": "vault-mse-gray,bootstrap-mse-gray",
    }
    assert sorted(item["metadata"]["name"] for item in made if item["kind"] in ("ConfigMap", "Secret")) == [
        "bootstrap-mse-gray",
        "tls-mse-gray",
        "token-mse-gray",
        "vault-mse-gray",
    ]
    assert with_code(findings, "GC312", "GC314") == []


def test_objects_of_dapr_are_not_there_twice(tmp_path: Path) -> None:
    kinds = ("Component", "Configuration", "Subscription")
    objects = [an_object(kind, {"topic": "t"}, version="dapr.io/v1alpha1", scopes=["web"]) for kind in kinds]
    web = annotated({"dapr.io/app-id": "web", "dapr.io/config": "web"})
    findings, made = build(tmp_path, [web, *objects], services=[{"name": "web", "from": "baseline"}])
    assert [item["kind"] for item in made] == ["Deployment"]
    (found,) = (item for item in findings if item["code"] == "GC466")
    assert len(found["notes"]) == len(kinds)


def test_an_id_without_room_for_the_suffix_is_told(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [annotated({"dapr.io/app-id": "a" * 50})])
    assert with_code(findings, *CODES) == [("GC468", "Deployment/web")]


def test_marks_of_dns_and_certificates_stay_with_productions_entry(tmp_path: Path) -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "h.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    spec = {"ingressClassName": "higress", "rules": [rule], "tls": [{"hosts": ["h.example.com"], "secretName": "tls"}]}
    ingress = an_object("Ingress", spec, version="networking.k8s.io/v1")
    ingress["metadata"]["annotations"] = {
        "external-dns.alpha.kubernetes.io/hostname": "h.example.com",
        "cert-manager.io/cluster-issuer": "le",
        "acme.cert-manager.io/http01-edit-in-place": "true",
        "meta.helm.sh/release-name": "shop",
    }
    traffic = {"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]}
    _, made = build(tmp_path, [workload(), service(), ingress], traffic=traffic)
    annotations = of_kind(made, "Ingress")["metadata"]["annotations"]
    assert not {*ingress["metadata"]["annotations"]} & {*annotations}
