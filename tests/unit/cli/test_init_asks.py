"""`grayc init` writes what a first release of a baseline must say: the work of consumers, and a namespace."""

from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, a_namespace, an_object, workload, write_baseline
from tests.unit.planning.test_entries import WEB, ingress


def container(*env: Object) -> Object:
    return {"containers": [{"name": "web", "image": "registry.example.com/web:1", "env": [*env]}]}


def variable(name: str, value: str) -> Object:
    return {"name": name, "value": value}


def first(folder: Path, objects: list[Object], *words: str) -> str:
    write_baseline(folder, objects)
    run = run_grayc(["init", "baseline", "-o", "release.yaml", *words], folder=folder)
    assert run.status == 0, run.stderr
    return (folder / "release.yaml").read_text()


def builds(folder: Path) -> bool:
    return run_grayc(["build", "release.yaml", "-o", "out"], folder=folder).status == 0


CONSUMERS = {
    "a group": variable("SPRING_KAFKA_CONSUMER_GROUP_ID", "orders"),
    "a group of RocketMQ": variable("ROCKETMQ_CONSUMER_GROUP", "GID_orders"),
    "an executor": variable("XXL_JOB_EXECUTOR_APPNAME", "orders-job"),
    "a group that no text shows": {"name": "KAFKA_GROUP", "valueFrom": {"secretKeyRef": {"name": "k", "key": "g"}}},
}


@pytest.mark.parametrize("env", CONSUMERS.values(), ids=CONSUMERS)
def test_a_first_spec_of_a_consumer_builds(tmp_path: Path, env: Object) -> None:
    text = first(tmp_path, [workload(pod=container(env))])
    assert "work: shared\n" in text
    for mode in ("`own`", "`shared`", "`agent`", "`idle`"):
        assert mode in text
    assert builds(tmp_path)


def test_the_comment_says_what_is_taken(tmp_path: Path) -> None:
    text = first(tmp_path, [workload(pod=container(CONSUMERS["a group"]))])
    assert "# It takes consumer group `orders` (Kafka)." in text


def test_others_are_given_no_work(tmp_path: Path) -> None:
    text = first(tmp_path, [workload(pod=container(variable("KAFKA_BROKERS", "kafka:9092")))])
    assert "work:" not in text
    assert builds(tmp_path)


def test_only_who_takes_messages_is_given_work(tmp_path: Path) -> None:
    labels = {"app": "cart", "zadigx-release-version": "original"}
    cart = {**workload(pod=container(), labels=labels), "metadata": {"name": "cart", "namespace": "shop"}}
    web = workload(pod=container(CONSUMERS["a group"]))
    text = first(tmp_path, [cart, web], "--service", "cart", "--service", "web")
    assert text.count("work: shared") == 1
    assert text.index("name: cart") < text.index("name: web") < text.index("work: shared")
    assert builds(tmp_path)


def test_a_container_called_work_is_no_question(tmp_path: Path) -> None:
    pod = {"containers": [{"name": "work", "image": "shared", "env": [CONSUMERS["a group"]]}]}
    text = first(tmp_path, [workload(pod=pod)])
    assert text.count("# It takes") == 1
    assert builds(tmp_path)


def without_namespace(item: Object) -> Object:
    return {**item, "metadata": {key: value for key, value in item["metadata"].items() if key != "namespace"}}


def test_a_mixed_baseline_is_given_a_namespace(tmp_path: Path) -> None:
    service = an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
    text = first(tmp_path, [without_namespace(workload()), service])
    assert "\n  # Objects that name no namespace" in text
    assert "\n  namespace: shop\n" in text
    assert builds(tmp_path)


def test_a_baseline_without_namespaces_is_given_none(tmp_path: Path) -> None:
    text = first(tmp_path, [without_namespace(workload())])
    assert "\n  namespace:" not in text


def test_a_baseline_that_mixes_nothing_is_given_no_comment(tmp_path: Path) -> None:
    text = first(tmp_path, [workload()])
    assert "\n  namespace: shop\n" in text
    assert "Objects that name" not in text


def test_an_object_of_the_system_does_not_say_where_applications_are(tmp_path: Path) -> None:
    account = an_object("ServiceAccount")
    account["metadata"]["namespace"] = "kube-system"
    pod = {**container(), "serviceAccountName": "web"}
    text = first(tmp_path, [without_namespace(workload(pod=pod)), account])
    assert "kube-system" not in text


def test_a_host_may_name_the_only_namespace(tmp_path: Path) -> None:
    route = {"route": [{"destination": {"host": "web.apps.svc.cluster.local"}}]}
    objects = [
        workload(),
        an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        an_object("VirtualService", {"hosts": ["shop.example.com"], "http": [route]}, version="networking.istio.io/v1"),
    ]
    text = first(tmp_path, [without_namespace(item) for item in objects])
    assert "\n  namespace: apps\n" in text
    assert builds(tmp_path)


ROUTE = {"parentRefs": [{"name": "g"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]}
VIRTUAL = {"hosts": ["h.test"], "gateways": ["g"], "http": [{"route": [{"destination": {"host": "web"}}]}]}
INJECTED = a_namespace(labels={"istio-injection": "enabled"})
ENABLED = a_namespace(labels={"mse-enable": "enabled"})
MESHED = a_namespace(annotations={"linkerd.io/inject": "enabled"})
GUESSES: dict[str, tuple[list[Object], str, str]] = {
    "ingress-nginx": ([ingress("a", "nginx")], "ingress-nginx", "none"),
    "behind a mesh": ([ingress("a", "nginx"), INJECTED], "ingress-nginx", "istio"),
    "behind MSE's agent": ([ingress("a", "higress"), ENABLED], "higress", "mse"),
    "MSE": ([ingress("a", "mse"), ENABLED], "mse", ""),
    "ALB": ([ingress("web", "alb")], "aliyun-alb", "none"),
    "the first that a gateway opens": ([ingress("a", "gce"), ingress("b", "traefik")], "traefik", "none"),
    "none that a gateway opens": ([ingress("a", "gce")], "", "none"),
    "no route": ([], "", "none"),
    "no route, MSE's agent": ([ENABLED], "", ""),
    "no route, a mesh": ([INJECTED], "", "istio"),
    "Gateway API": ([an_object("HTTPRoute", ROUTE, version="gateway.networking.k8s.io/v1")], "gateway-api", "none"),
    "Linkerd": ([ingress("a", "nginx"), MESHED], "ingress-nginx", "gateway-api"),
    "Istio": ([an_object("VirtualService", VIRTUAL, version="networking.istio.io/v1"), INJECTED], "istio", "istio"),
}


@pytest.mark.parametrize("name", GUESSES)
def test_gateway_and_provider_are_what_the_baseline_shows(name: str, tmp_path: Path) -> None:
    objects, gateway, provider = GUESSES[name]
    spec = yaml.safe_load(first(tmp_path, [workload(), WEB, *objects]))["spec"]

    assert spec.get("traffic", {}).get("gateway", "") == gateway
    assert spec.get("lane", {}).get("provider", "") == provider
    assert builds(tmp_path)


def test_a_route_that_alone_names_its_namespace_leads_to_services_that_name_none(tmp_path: Path) -> None:
    other = workload()
    other["metadata"]["name"] = "a"
    other["spec"]["selector"]["matchLabels"] = other["spec"]["template"]["metadata"]["labels"] = {"app": "a"}
    route = an_object("HTTPRoute", ROUTE, version="gateway.networking.k8s.io/v1")
    text = first(tmp_path, [*map(without_namespace, [WEB, other, workload()]), route])

    assert ("workload: Deployment/web" in text, "gateway: gateway-api" in text) == (True, True)
    assert builds(tmp_path)


def test_a_first_service_is_no_database(tmp_path: Path) -> None:
    def store(name: str, **container: object) -> Object:
        made = workload("StatefulSet", {"containers": [{"name": "db", "image": "own/accounts:1", **container}]})
        made["metadata"]["name"] = name
        return made

    stores = [store("a", image="mysql:8"), store("b", ports=[{"containerPort": 5432}])]

    assert "workload: Deployment/web" in first(tmp_path, [*stores, workload()])
