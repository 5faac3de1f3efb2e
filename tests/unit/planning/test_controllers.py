"""Controllers of production, routes, databases and installers have no second one: they stay, and are named."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, Object, an_object, build, with_code, workload

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
STEERING = [
    an_object("Canary", {"targetRef": TARGET, "service": {"port": 80}}, version="flagger.app/v1beta1"),
    an_object("Rollout", {"workloadRef": TARGET}, version="rollouts.kruise.io/v1beta1"),
    an_object("Rollout", {"objectRef": {"workloadRef": TARGET}}, version="rollouts.kruise.io/v1alpha1"),
    an_object(
        "CronHorizontalPodAutoscaler", {"scaleTargetRef": TARGET}, version="autoscaling.alibabacloud.com/v1beta1"
    ),
    an_object("HTTPScaledObject", {"scaleTargetRef": {**TARGET, "service": "web"}}, version="http.keda.sh/v1alpha1"),
]
OTHERS = [
    an_object("Cluster", {"instances": 3}, version="postgresql.cnpg.io/v1"),
    an_object("KafkaTopic", {"partitions": 3}, version="kafka.strimzi.io/v1beta2"),
    an_object("DBInstance", {"engine": "mysql"}, version="rds.services.k8s.aws/v1alpha1"),
    an_object("HelmRelease", {"chart": {}}, version="helm.toolkit.fluxcd.io/v2"),
    an_object("Application", {"project": "shop"}, version="argoproj.io/v1alpha1"),
    an_object("ApplicationSet", {"generators": []}, version="argoproj.io/v1alpha1"),
    an_object("AppProject", {"sourceRepos": []}, version="argoproj.io/v1alpha1"),
    an_object("ArgoCD", {}, version="argoproj.io/v1beta1"),
    an_object("Kustomization", {"path": "./db", "prune": True}, version="kustomize.toolkit.fluxcd.io/v1"),
    an_object("GitRepository", {"url": "https://example.com"}, version="source.toolkit.fluxcd.io/v1"),
    an_object("OCIRepository", {"url": "oci://example.com"}, version="source.toolkit.fluxcd.io/v1beta2"),
    an_object("ImagePolicy", {"policy": {}}, version="image.toolkit.fluxcd.io/v1"),
    an_object("ImageUpdateAutomation", {"update": {}}, version="image.toolkit.fluxcd.io/v1beta2"),
    an_object("Receiver", {"type": "github"}, version="notification.toolkit.fluxcd.io/v1"),
    an_object("HelmRelease", {"chart": {}}, version="helm.fluxcd.io/v1"),
    an_object("ResourceSet", {"resources": []}, version="fluxcd.controlplane.io/v1"),
    an_object("Terraform", {"path": "./"}, version="infra.contrib.fluxcd.io/v1alpha2"),
    an_object("HelmChart", {"chart": "web"}, version="helm.cattle.io/v1"),
    an_object("Chart", {"chartName": "web"}, version="helm.k0sproject.io/v1beta1"),
    an_object("Bundle", {"resources": []}, version="fleet.cattle.io/v1alpha1"),
    an_object("App", {"fetch": []}, version="kappctrl.k14s.io/v1alpha1"),
    an_object("ClusterProfile", {"helmCharts": []}, version="config.projectsveltos.io/v1beta1"),
    an_object("KluctlDeployment", {"target": "prod"}, version="gitops.kluctl.io/v1beta1"),
    an_object("RepoSync", {"sourceFormat": "unstructured"}, version="configsync.gke.io/v1beta1"),
    an_object("Composition", {"resources": []}, version="apiextensions.crossplane.io/v1"),
    an_object("Application", {"components": []}, version="core.oam.dev/v1beta1"),
    an_object("PropagationPolicy", {"resourceSelectors": []}, version="policy.karmada.io/v1alpha1"),
    an_object("ManifestWork", {"workload": {}}, version="work.open-cluster-management.io/v1"),
    an_object("HelmChartProxy", {"chartName": "web"}, version="addons.cluster.x-k8s.io/v1alpha1"),
    an_object("MyApp", {"replicas": 3}, version="kro.run/v1alpha1"),
    an_object("Stage", {"requestedFreight": []}, version="kargo.akuity.io/v1alpha1"),
    an_object("ImageUpdater", {"applicationRefs": []}, version="argocd-image-updater.argoproj.io/v1alpha1"),
    an_object("Stack", {"stack": "prod"}, version="pulumi.com/v1"),
    an_object("Workspace", {"organization": "acme"}, version="app.terraform.io/v1alpha2"),
    an_object("Schedule", {"schedule": "@daily"}, version="chaos-mesh.org/v1alpha1"),
    an_object("ScaledJob", {"triggers": []}, version="keda.sh/v1alpha1"),
    an_object("AdvancedCronJob", {"schedule": "@daily"}, version="apps.kruise.io/v1alpha1"),
    an_object("Service", {"template": {}}, version="serving.knative.dev/v1"),
]
ROUTES = [
    an_object("IngressRoute", {"routes": []}, version="traefik.io/v1alpha1"),
    an_object("HTTPProxy", {"virtualhost": {"fqdn": "shop.example.com"}}, version="projectcontour.io/v1"),
    an_object("ApisixRoute", {"http": []}, version="apisix.apache.org/v2"),
    an_object("Route", {"to": {"kind": "Service", "name": "web"}}, version="route.openshift.io/v1"),
    an_object("VirtualServer", {"host": "shop.example.com"}, version="k8s.nginx.org/v1"),
    an_object("Mapping", {"service": "web"}, version="getambassador.io/v3alpha1"),
    an_object("TrafficSplit", {"service": "web"}, version="split.smi-spec.io/v1alpha2"),
    an_object("TCPRoute", {"rules": []}, version="gateway.networking.k8s.io/v1alpha2"),
    an_object("UDPRoute", {"rules": []}, version="gateway.networking.k8s.io/v1alpha2"),
    an_object("GRPCRoute", {"rules": []}, version="gateway.networking.k8s.io/v1"),
]
HIGRESS: Object = {"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]}


def named(item: Object) -> str:
    return f"{item['apiVersion']} {item['kind']}"


def errors(findings: list[Object]) -> list[str]:
    return [finding["code"] for finding in findings if finding["severity"] == "error"]


@pytest.mark.parametrize("source", [{"workload": "Deployment/web"}, {"from": "baseline/"}], ids=["workload", "from"])
@pytest.mark.parametrize("item", STEERING, ids=named)
def test_what_steers_a_released_workload_stays_and_is_named(item: Object, source: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(), item], services=[{"name": "web", **source}])
    assert {each["kind"] for each in made} == {"Deployment"}
    assert with_code(findings, "GC318", "GC314") == [("GC318", f"{item['kind']}/web")]
    assert errors(findings) == []


def test_what_steers_another_workload_is_not_told(tmp_path: Path) -> None:
    other = an_object("Canary", {"targetRef": {**TARGET, "name": "cart"}}, version="flagger.app/v1beta1")
    findings, _ = build(tmp_path, [workload(), other])
    assert with_code(findings, "GC318") == []


@pytest.mark.parametrize("item", [*OTHERS, *ROUTES], ids=named)
def test_what_can_not_be_twice_stays_and_is_named(item: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(), item], services=[{"name": "web", "from": "baseline/"}])
    assert {each["kind"] for each in made} == {"Deployment"}
    assert with_code(findings, "GC318", "GC314") == [("GC318", f"{item['kind']}/web")]
    assert errors(findings) == []


@pytest.mark.parametrize("item", ROUTES, ids=named)
def test_a_route_that_the_traffic_does_not_open_is_named(item: Object, tmp_path: Path) -> None:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    entry = an_object(
        "Ingress",
        {"ingressClassName": "higress", "rules": [{"host": "h.example.com", "http": {"paths": [path]}}]},
        version="networking.k8s.io/v1",
    )
    service = an_object("Service", {"selector": PREPARED, "ports": [{"port": 80}]})
    findings, made = build(
        tmp_path,
        [workload(), service, entry, item],
        services=[{"name": "web", "from": "baseline/"}],
        traffic=HIGRESS,
        lane={"provider": "mse"},
    )
    assert item["kind"] not in {each["kind"] for each in made}
    told = [finding["code"] for finding in findings if finding.get("object") == f"{item['kind']}/web"]
    assert len([code for code in told if code in ("GC318", "GC325", "GC326")]) == 1


@pytest.mark.parametrize("said", [{"share": ["Canary"]}, {"share": ["Canary/web"]}])
def test_share_says_that_it_is_meant(said: Object, tmp_path: Path) -> None:
    services = [{"name": "web", "from": "baseline/", **said}]
    findings, _ = build(tmp_path, [workload(), STEERING[0]], services=services)
    assert with_code(findings, "GC318") == []


@pytest.mark.parametrize(
    "item",
    [
        an_object("VerticalPodAutoscaler", {"targetRef": {**TARGET, "name": "cart"}}, version="autoscaling.k8s.io/v1"),
        an_object("WorkloadSpread", {"targetRef": {**TARGET, "name": "cart"}}, version="apps.kruise.io/v1alpha1"),
    ],
    ids=named,
)
def test_what_sizes_a_workload_that_is_not_copied_is_left_out(item: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(), item], services=[{"name": "web", "from": "baseline/"}])
    assert {each["kind"] for each in made} == {"Deployment"}
    assert errors(findings) == []


def analysis_template(name: str, **spec: Any) -> Object:
    return an_object("AnalysisTemplate", spec, version="argoproj.io/v1alpha1", name=name)


def test_templates_that_one_rollout_uses_come_with_it(tmp_path: Path) -> None:
    judged = {"templates": [{"templateName": "smoke"}, {"templateName": "smoke", "clusterScope": True}]}
    strategy = {"blueGreen": {"activeService": "active", "previewService": "preview", "prePromotionAnalysis": judged}}
    rollout = {**workload("Rollout", strategy=strategy), "apiVersion": "argoproj.io/v1alpha1"}
    template = analysis_template(
        "smoke", metrics=[{"name": "m", "provider": {"web": {"url": "http://preview.shop/x"}}}]
    )
    services = [
        an_object("Service", {"selector": PREPARED, "ports": [{"port": 80}]}, name=name)
        for name in ("active", "preview")
    ]
    findings, made = build(tmp_path, [rollout, template, *services])
    by_kind = {each["kind"]: each for each in made}
    used = by_kind["Rollout"]["spec"]["strategy"]["blueGreen"]["prePromotionAnalysis"]["templates"]
    assert used == [{"templateName": "smoke-mse-gray"}, {"templateName": "smoke", "clusterScope": True}]
    metrics = by_kind["AnalysisTemplate"]["spec"]["metrics"]
    assert metrics[0]["provider"]["web"]["url"] == "http://preview-mse-gray.shop/x"
    assert errors(findings) == []


def test_a_template_of_others_stays(tmp_path: Path) -> None:
    strategy = {"canary": {"analysis": {"templates": [{"templateName": "ok"}]}}}
    rollout = {**workload("Rollout", strategy=strategy), "apiVersion": "argoproj.io/v1alpha1"}
    labels = {"app": "cart", "zadigx-release-version": "original"}
    other = {**workload("Rollout", labels=labels, strategy=strategy), "apiVersion": "argoproj.io/v1alpha1"}
    other["metadata"] = {"name": "cart", "namespace": "shop"}
    _, made = build(tmp_path, [rollout, other, analysis_template("ok", metrics=[])])
    assert [each["kind"] for each in made] == ["Rollout"]
    assert made[0]["spec"]["strategy"]["canary"]["analysis"]["templates"] == [{"templateName": "ok"}]


INSTALLERS = [
    (an_object("HelmRelease", {"chart": {}}, version="helm.toolkit.fluxcd.io/v2"), "`{flux: baseline/all.yaml}`"),
    (
        an_object("Kustomization", {"path": "./"}, version="kustomize.toolkit.fluxcd.io/v1"),
        "`{flux: baseline/all.yaml}`",
    ),
    (an_object("Application", {"project": "a"}, version="argoproj.io/v1alpha1"), "`{argocd: baseline/all.yaml}`"),
]


@pytest.mark.parametrize(("item", "row"), INSTALLERS, ids=lambda each: named(each) if isinstance(each, dict) else each)
def test_what_installs_a_workload_that_is_not_there_is_named(item: Object, row: str, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [item])
    (missing,) = [each for each in findings if each["code"] == "GC301"]
    assert row in missing["help"]


def test_a_workload_in_another_namespace_is_asked_for_by_the_namespace(tmp_path: Path) -> None:
    other = workload()
    other["metadata"]["namespace"] = "production"
    (missing,) = build(tmp_path, [other])[0]
    assert (missing["code"], "`namespace: production`" in missing["help"]) == ("GC301", True)
