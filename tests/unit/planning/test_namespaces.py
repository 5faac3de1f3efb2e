"""Where objects are that name no namespace is said once, or asked for."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, service, with_code, workload, write_release

APP = {"app": "web"}


def silent(item: Object) -> Object:
    """Return an object that names no namespace."""
    return {**item, "metadata": {key: value for key, value in item["metadata"].items() if key != "namespace"}}


def elsewhere(item: Object, namespace: str = "default") -> Object:
    """Return an object in another namespace."""
    return {**item, "metadata": {**item["metadata"], "namespace": namespace}}


def reading(name: str) -> Object:
    """Return the workload with a ConfigMap."""
    item = workload()
    item["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": name}}]
    return item


def config(name: str = "settings") -> Object:
    """Return a ConfigMap."""
    return an_object("ConfigMap", name=name, data={"A": "b"})


def route(backend: Object) -> Object:
    """Return an HTTPRoute to a Service."""
    rules = [{"backendRefs": [{"port": 80, **backend}]}]
    return an_object(
        "HTTPRoute", {"parentRefs": [{"name": "edge"}], "rules": rules}, version="gateway.networking.k8s.io/v1"
    )


def mesh(host: str) -> Object:
    """Return a VirtualService for a host."""
    return an_object(
        "VirtualService",
        {"hosts": [host], "http": [{"route": [{"destination": {"host": host}}]}]},
        version="networking.istio.io/v1",
    )


MEETINGS: dict[str, tuple[list[Object], str]] = {
    "a selector of a namespace": ([silent(workload()), elsewhere(service(labels=APP))], "Service/web"),
    "a selector of none": ([elsewhere(workload()), silent(service(labels=APP))], "Service/web"),
    "a budget": (
        [
            silent(workload()),
            an_object("PodDisruptionBudget", {"selector": {"matchLabels": {"app": "web"}}}, version="policy/v1"),
        ],
        "PodDisruptionBudget/web",
    ),
    "a reference out of a namespace": ([reading("settings"), silent(config())], "Deployment/web"),
    "a reference into one": ([silent(reading("settings")), config()], "Deployment/web"),
    "a route that names one": (
        [
            silent(workload()),
            silent(service(labels=APP)),
            silent(route({"name": "web", "namespace": "shop"})),
        ],
        "HTTPRoute/web",
    ),
    "a route in one": (
        [silent(workload()), silent(service(labels=APP)), route({"name": "web"})],
        "HTTPRoute/web",
    ),
    "a host in full": (
        [silent(workload()), silent(service(labels=APP)), silent(mesh("web.default.svc.cluster.local"))],
        "VirtualService/web",
    ),
    "an equal name": ([silent(workload()), elsewhere(workload(labels={"app": "other"}))], "Deployment/web"),
    "monitors that name it": (
        [
            silent(workload()),
            silent(service("other", labels=APP)),
            elsewhere(
                an_object(
                    "PodMonitor",
                    {"selector": {"matchLabels": {"app": "web"}}, "namespaceSelector": {"matchNames": ["shop"]}},
                    version="monitoring.coreos.com/v1",
                ),
                "ops",
            ),
        ],
        "PodMonitor/web",
    ),
}


@pytest.mark.parametrize("case", MEETINGS)
def test_objects_that_meet_are_asked_about(case: str, tmp_path: Path) -> None:
    objects, name = MEETINGS[case]
    findings, made = build(tmp_path, objects, namespace=None)

    assert with_code(findings, "GC360") == [("GC360", name)]
    assert made == []


@pytest.mark.parametrize("case", MEETINGS)
def test_the_answer_is_one_line(case: str, tmp_path: Path) -> None:
    objects, _ = MEETINGS[case]
    findings, _ = build(tmp_path, objects, namespace="prod")

    assert with_code(findings, "GC360") == []


APART: dict[str, list[Object]] = {
    "none names one": [silent(workload()), silent(service(labels=APP))],
    "all name one": [workload(), service(labels=APP)],
    "others have nothing to do with it": [
        silent(workload()),
        elsewhere(an_object("Service", {"selector": {"app": "other"}}, name="other"), "ops"),
    ],
    "what is selected by everything": [
        silent(workload()),
        elsewhere(an_object("NetworkPolicy", {"podSelector": {}}, version="networking.k8s.io/v1", name="deny"), "ops"),
    ],
    "what looks everywhere": [
        silent(workload()),
        elsewhere(
            an_object(
                "PodMonitor",
                {"selector": {"matchLabels": {"app": "web"}}, "namespaceSelector": {"any": True}},
                version="monitoring.coreos.com/v1",
            ),
            "ops",
        ),
    ],
    "an account that is never copied": [
        silent(workload()),
        silent(an_object("ServiceAccount", name="runner")),
        silent(
            an_object(
                "ClusterRoleBinding",
                version="rbac.authorization.k8s.io/v1",
                subjects=[{"kind": "ServiceAccount", "name": "runner", "namespace": "default"}],
            )
        ),
    ],
    "a reference that nothing holds": [silent(reading("made-by-an-operator")), elsewhere(config(), "ops")],
}


@pytest.mark.parametrize("case", APART)
def test_objects_that_do_not_meet_are_not_asked_about(case: str, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, APART[case], namespace=None)

    assert with_code(findings, "GC360") == []


def test_the_same_object_with_and_without_the_namespace_stands_twice(tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(), silent(workload())])

    assert with_code(findings, "GC132") == [("GC132", "Deployment/web")]
    assert made == []


def test_a_service_of_the_namespace_is_not_that_of_another(tmp_path: Path) -> None:
    leak = elsewhere(service("leak", labels=APP))
    fields: dict[str, Any] = {"lane": {"isolation": "label"}}

    same, _ = build(tmp_path / "same", [silent(workload()), leak], namespace="default", **fields)
    other, _ = build(tmp_path / "other", [silent(workload()), leak], namespace="shop", **fields)

    assert with_code(same, "GC441") == [("GC441", "Service/leak")]
    assert with_code(other, "GC441") == []


def test_commands_name_the_namespace(tmp_path: Path) -> None:
    write_release(tmp_path, [silent(workload()), silent(service(labels=APP))])
    run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    by_spec = run_grayc(["offline", "release.yaml", "-o", "out", "--check"], folder=tmp_path).stdout
    by_tag = run_grayc(["offline", "--tag=gray", "-o", "out"], folder=tmp_path).stdout

    assert "--namespace=shop" in by_tag
    assert by_spec == by_tag


@pytest.mark.parametrize(
    ("named", "words"), [(False, "--namespace=shop -f FILE"), (True, "--field-manager=grayc -f FILE")]
)
def test_the_patch_of_the_baseline_says_where_its_objects_are(tmp_path: Path, named: bool, words: str) -> None:
    entry = route({"name": "web"})
    traffic = {"gateway": "gateway-api", "rules": [{"header": "x-user", "value": "7"}]}
    objects = [workload(), service(labels=APP), entry if named else silent(entry)]
    write_release(tmp_path, objects, traffic=traffic)
    run_grayc(["build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"], folder=tmp_path)
    patch = (tmp_path / "patch.yaml").read_text()

    assert words in patch
    # kustomize finds an object that names no namespace by a patch that names none.
    assert ("namespace: shop" in patch) is named
