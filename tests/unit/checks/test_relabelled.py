"""Labels that `relabel` changes: who reads them inside pods, and which selectors of any kind no longer find the pods."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.manifests import Object, an_object, build, of_kind, service, with_code, workload
from tests.vectors import rows

APP = {"app": "web"}
TWO = {"app": "web", "tier": "shop"}
CODES = ("GC441", "GC448", "GC463", "GC464", "GC469")
RELABEL = {"isolation": "relabel"}


def own_label(label: str) -> Object:
    return {"fieldRef": {"fieldPath": f"metadata.labels['{label}']"}}


def reading_env(label: str) -> Object:
    env = [{"name": "APP_OF_POD", "valueFrom": own_label(label)}]
    return {"containers": [{"name": "web", "image": "registry.example.com/web:1", "env": env}]}


def reading_init(label: str) -> Object:
    containers = [{"name": "web", "image": "registry.example.com/web:1"}]
    return {"containers": containers, "initContainers": [{**reading_env(label)["containers"][0], "name": "init"}]}


def reading_file(field: str) -> Object:
    items = [{"path": "labels", "fieldRef": {"fieldPath": field}}]
    return {"volumes": [{"name": "about", "downwardAPI": {"items": items}}]}


def reading_projected(field: str) -> Object:
    items = [{"path": "labels", "fieldRef": {"fieldPath": field}}]
    return {"volumes": [{"name": "about", "projected": {"sources": [{"downwardAPI": {"items": items}}]}}]}


def pods_of(made: list[Object]) -> dict[str, str]:
    labels: dict[str, str] = of_kind(made, "Deployment")["spec"]["template"]["metadata"]["labels"]
    return labels


READERS = {
    "variable": reading_env("app"),
    "variable of an init container": reading_init("app"),
    "file": reading_file("metadata.labels['app']"),
    "projected file": reading_projected("metadata.labels['app']"),
}


@pytest.mark.parametrize("pod", READERS.values(), ids=READERS)
def test_a_label_that_pods_read_is_not_chosen_where_another_serves(pod: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(pod=pod, labels=TWO), service(labels=TWO)])
    assert with_code(findings, *CODES) == []
    assert (pods_of(made)["app"], pods_of(made)["tier"]) == ("web", "shop-mse-gray")


@pytest.mark.parametrize("pod", READERS.values(), ids=READERS)
def test_a_label_that_pods_read_and_that_alone_serves_is_told(pod: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(pod=pod, labels=APP), service(labels=APP)])
    assert with_code(findings, *CODES) == [("GC463", "Deployment/web")]
    assert made == []
    assert "metadata.labels['app']" in findings[0]["message"]


def test_who_accepts_it_has_the_label_changed(tmp_path: Path) -> None:
    objects = [workload(pod=reading_env("app"), labels=APP), service(labels=APP)]
    accept = [{"code": "GC463", "object": "Deployment/web", "reason": "only logged"}]
    _, made = build(tmp_path, objects, accept=accept)
    assert pods_of(made)["app"] == "web-mse-gray"


def test_a_file_of_all_labels_is_a_note(tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(pod=reading_file("metadata.labels"), labels=APP), service(labels=APP)])
    assert with_code(findings, *CODES) == [("GC469", "Deployment/web")]
    assert pods_of(made)["app"] == "web-mse-gray"


@pytest.mark.parametrize(
    "pod",
    [reading_env("team"), reading_file("metadata.name"), reading_file("metadata.annotations['app']")],
    ids=["another label", "the name", "an annotation"],
)
def test_what_does_not_change_is_not_told(pod: Object, tmp_path: Path) -> None:
    labels = {**APP, "team": "cart"}
    findings, _ = build(tmp_path, [workload(pod=pod, labels=labels), service(labels=APP)])
    assert with_code(findings, *CODES) == []


def test_labels_of_a_prepared_baseline_stay_and_nothing_is_told(tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(pod=reading_env("app"))])
    assert with_code(findings, *CODES) == []
    assert pods_of(made)["app"] == "web"


def test_a_value_without_room_is_not_chosen_where_another_serves(tmp_path: Path) -> None:
    labels = {"app": "a" * 58, "tier": "shop"}
    findings, made = build(tmp_path, [workload(labels=labels), service(labels=labels)])
    assert [item for item in findings if item["severity"] == "error"] == []
    assert pods_of(made)["tier"] == "shop-mse-gray"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """An object that selects pods."""

    id: str
    version: str
    kind: str
    spec: Object

    def made(self) -> Object:
        return an_object(self.kind, self.spec, version=self.version, name="rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Losing(Selector):
    """An object that loses the gray pods, and the code of what is told."""

    code: str


SELECTORS = rows(__file__, "selectors.yaml", Losing, table="selectors")


@pytest.mark.parametrize("row", SELECTORS, ids=lambda row: row.id)
def test_a_selector_of_any_kind_that_loses_gray_pods_is_told(row: Losing, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [workload(labels=APP), service(labels=APP), row.made()])
    assert with_code(findings, *CODES) == [(row.code, f"{row.kind}/rule")]


@pytest.mark.parametrize("row", SELECTORS, ids=lambda row: row.id)
def test_a_label_that_such_a_selector_asks_for_is_not_chosen_where_another_serves(row: Losing, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(labels=TWO), service(labels=TWO), row.made()])
    assert with_code(findings, *CODES) == []
    assert pods_of(made)["app"] == "web"


GRAY_APP = {"app": "web-mse-gray"}


def cilium(name: str, subject: dict[str, str], peer: dict[str, str] | None = None, namespace: str = "shop") -> Object:
    spec = {"endpointSelector": {"matchLabels": subject}, "ingress": [{"fromEndpoints": [{"matchLabels": peer or {}}]}]}
    made = an_object("CiliumNetworkPolicy", spec, version="cilium.io/v2", name=name)
    made["metadata"]["namespace"] = namespace
    return made


DB = {"app": "db"}
SECOND: dict[str, tuple[Object, Object, bool]] = {
    "subject": (cilium("a", APP), cilium("b", GRAY_APP), False),
    "peer": (cilium("a", DB, APP), cilium("b", DB, GRAY_APP), False),
    "peer of others": (cilium("a", DB, APP), cilium("b", {"app": "cache"}, GRAY_APP), True),
    "other field": (cilium("a", APP), cilium("b", DB, GRAY_APP), True),
    "other namespace": (cilium("a", APP), cilium("b", GRAY_APP, namespace="db"), True),
    "other kind": (
        cilium("a", APP),
        an_object("Rule", {"endpointSelector": {"matchLabels": GRAY_APP}}, version="example.com/v1"),
        True,
    ),
    "more than they have": (cilium("a", APP), cilium("b", {**GRAY_APP, "role": "admin"}), True),
    "both in one": (
        an_object("NetworkPolicy", {"selector": "app in {'web', 'web-mse-gray'}"}, version="projectcalico.org/v3"),
        cilium("b", DB),
        False,
    ),
    "text": (
        an_object("NetworkPolicy", {"selector": "app == 'web'"}, version="projectcalico.org/v3", name="a"),
        an_object("NetworkPolicy", {"selector": "app == 'web-mse-gray'"}, version="projectcalico.org/v3", name="b"),
        False,
    ),
}


@pytest.mark.parametrize("row", SECOND.values(), ids=SECOND)
def test_a_second_policy_for_the_gray_values_does_for_gray_pods(
    row: tuple[Object, Object, bool], tmp_path: Path
) -> None:
    first, second, is_told = row
    findings, _ = build(tmp_path, [workload(labels=APP), service(labels=APP), first, second])
    assert bool(with_code(findings, *CODES)) is is_told


@pytest.mark.parametrize("row", rows(__file__, "selectors.yaml", Selector, table="quiet"), ids=lambda row: row.id)
def test_a_selector_that_loses_nothing_is_not_told(row: Selector, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [workload(labels=APP), service(labels=APP), row.made()])
    assert with_code(findings, *CODES) == []


def test_a_policy_of_another_namespace_is_told_where_it_names_this_one(tmp_path: Path) -> None:
    def policy(**labels: str) -> Object:
        rule = an_object(
            "CiliumNetworkPolicy",
            {"ingress": [{"fromEndpoints": [{"matchLabels": {**APP, **labels}}]}]},
            version="cilium.io/v2",
            name="rule",
        )
        return {**rule, "metadata": {"name": "rule", "namespace": "db"}}

    objects = [workload(labels=APP), service(labels=APP)]
    findings, _ = build(tmp_path / "a", [*objects, policy()])
    assert with_code(findings, *CODES) == []
    findings, _ = build(tmp_path / "b", [*objects, policy(**{"k8s:io.kubernetes.pod.namespace": "shop"})])
    assert with_code(findings, *CODES) == [("GC448", "CiliumNetworkPolicy/rule")]


def test_the_copy_of_an_unknown_kind_looks_for_gray_pods(tmp_path: Path) -> None:
    spec = {
        "podSelector": {"matchLabels": APP},
        "selector": "app == 'web' || app in {'web', 'x'}",
        "peers": [{"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}],
        "others": [{"matchLabels": {"app": "db"}}],
    }
    rule = an_object("Rule", spec, version="example.com/v1")
    objects = [workload(labels=APP), service(labels=APP), rule]
    findings, made = build(tmp_path, objects, services=[{"name": "web", "from": "baseline"}])
    assert with_code(findings, *CODES) == []
    assert of_kind(made, "Rule")["spec"] == {
        "podSelector": {"matchLabels": {"app": "web-mse-gray"}},
        "selector": "app == 'web-mse-gray' || app in {'web-mse-gray', 'x-mse-gray'}",
        "peers": [{"matchExpressions": [{"key": "app", "operator": "In", "values": ["web-mse-gray"]}]}],
        "others": [{"matchLabels": {"app": "db"}}],
    }


def test_a_copy_keeps_what_its_selector_of_secrets_asks_for(tmp_path: Path) -> None:
    spec = {"authentication": {"k": {"apiKey": {"selector": {"matchLabels": APP}}}}}
    config = an_object("AuthConfig", spec, version="authorino.kuadrant.io/v1beta3")
    objects = [workload(labels=APP), service(labels=APP), config]
    _, made = build(tmp_path, objects, services=[{"name": "web", "from": "baseline"}])
    assert of_kind(made, "AuthConfig")["spec"] == spec


@pytest.mark.parametrize(
    ("version", "kind", "field"),
    [
        ("operator.victoriametrics.com/v1beta1", "VMPodScrape", "selector"),
        ("monitoring.googleapis.com/v1", "PodMonitoring", "selector"),
        ("monitoring.googleapis.com/v1", "ClusterPodMonitoring", "selector"),
        ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", "podSelector"),
    ],
)
def test_monitors_and_security_groups_get_one_of_the_lane(version: str, kind: str, field: str, tmp_path: Path) -> None:
    rule = an_object(kind, {field: {"matchLabels": APP}}, version=version, name="rule")
    findings, made = build(tmp_path, [workload(labels=APP), service(labels=APP), rule])
    assert with_code(findings, *CODES) == []
    labels = of_kind(made, kind)["spec"][field]["matchLabels"]
    assert labels == {"app": "web-mse-gray", "zadigx-release-version": "gray"}


@pytest.mark.parametrize("label", ["service.istio.io/canonical-name", "tags.datadoghq.com/service"])
def test_a_label_that_names_the_application_to_an_agent_is_never_changed(label: str, tmp_path: Path) -> None:
    labels = {label: "web", **APP}
    findings, made = build(tmp_path / "two", [workload(labels=labels), service(labels=labels)])
    assert with_code(findings, *CODES) == []
    assert (pods_of(made)[label], pods_of(made)["app"]) == ("web", "web-mse-gray")
    findings, made = build(
        tmp_path / "one", [workload(labels={label: "web"}), service(labels={label: "web"})], lane=RELABEL
    )
    assert {code for code, _ in with_code(findings, *CODES)} == {"GC441"}
    assert made == []


def test_a_label_by_which_a_subset_chooses_is_not_chosen_where_another_serves(tmp_path: Path) -> None:
    subsets = [{"name": "shop", "labels": {"app": "web"}}]
    rule = an_object("DestinationRule", {"host": "web", "subsets": subsets}, version="networking.istio.io/v1")
    _, made = build(tmp_path, [workload(labels=TWO), service(labels=TWO), rule])
    assert (pods_of(made)["app"], pods_of(made)["tier"]) == ("web", "shop-mse-gray")


def test_labels_of_a_chart_end_the_leak_with_one_value(tmp_path: Path) -> None:
    labels = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"}
    findings, made = build(tmp_path, [workload(labels=labels), service(labels=labels)])
    assert with_code(findings, *CODES) == []
    changed = [key for key in labels if pods_of(made)[key] != labels[key]]
    assert changed == ["app.kubernetes.io/name"]


def test_a_blue_one_and_the_service_of_both_colours(tmp_path: Path) -> None:
    blue = workload(labels={"app": "web", "color": "blue"})
    green = workload(labels={"app": "web", "color": "green"})
    green["metadata"] = {"name": "green", "namespace": "shop"}
    every = an_object("Service", {"selector": APP, "ports": [{"port": 80}]}, name="all")
    one = service(labels={"app": "web", "color": "blue"})
    findings, made = build(tmp_path, [blue, green, every, one])
    assert with_code(findings, *CODES) == []
    labels = pods_of(made)
    selecting = {item["metadata"]["name"]: item["spec"]["selector"] for item in made if item["kind"] == "Service"}
    assert all(selector.items() <= labels.items() for selector in selecting.values())
    assert not APP.items() <= labels.items()


def test_a_service_monitor_finds_the_gray_service_by_its_own_labels(tmp_path: Path) -> None:
    web = service(labels=APP)
    web["metadata"]["labels"] = APP
    spec = {"jobLabel": "app", "selector": {"matchLabels": APP}, "namespaceSelector": {"any": True}}
    monitor = an_object("ServiceMonitor", spec, version="monitoring.coreos.com/v1")
    findings, made = build(tmp_path, [workload(labels=APP), web, monitor])
    assert with_code(findings, *CODES) == []
    assert of_kind(made, "Service")["metadata"]["labels"]["app"] == "web"


def test_a_budget_of_every_app_is_a_leak_that_no_label_ends(tmp_path: Path) -> None:
    selector = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}
    budget = an_object("PodDisruptionBudget", {"selector": selector, "maxUnavailable": 1}, version="policy/v1")
    findings, _ = build(
        tmp_path,
        [workload(labels=APP), service(labels=APP), {**budget, "metadata": {"name": "all", "namespace": "shop"}}],
    )
    assert with_code(findings, *CODES) == [("GC441", "PodDisruptionBudget/all")]
