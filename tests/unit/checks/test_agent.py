"""Whether the MSE agent gets into gray pods and their callers, and what is loaded beside it."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.manifests import PREPARED, Object, a_namespace, an_object, build, with_code, workload
from tests.vectors import rows

SWITCH = "msePilotAutoEnable"
CODES = ("GC435", "GC436", "GC437", "GC470", "GC471", "GC473", "GC474", "GC475", "GC482", "GC483", "GC484", "GC486")


def namespace(value: str = "enabled") -> Object:
    return a_namespace(labels={"mse-enable": value})


def found(folder: Path, *objects: Object, **spec: Any) -> list[str]:
    """Return the codes about the agent, in order."""
    findings, _ = build(folder, objects, **spec)
    return sorted(code for code, _ in with_code(findings, *CODES))


def web(*, labels: dict[str, str] | None = None, pod: Object | None = None, **container: Any) -> Object:
    own = {"name": "web", "image": "registry.example.com/web:1", **container}
    made = workload(labels={**PREPARED}, pod={"containers": [own], **(pod or {})})
    made["spec"]["template"]["metadata"]["labels"] = {**PREPARED, **(labels or {})}
    return made


def variable(name: str, value: str) -> Object:
    return {"env": [{"name": name, "value": value}]}


OTEL = "-javaagent:/otel/opentelemetry-javaagent.jar"


class Started(NamedTuple):
    container: Object
    codes: list[str]


@pytest.mark.parametrize(Started._fields, rows(__file__, "agent.yaml", Started), ids=str)
def test_a_container_is_started_with_the_agent(container: Object, codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, namespace(), web(**container)) == codes


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ({"aliyun.com/agent-version": "3.1.4"}, ["GC436"]),
        ({"aliyun.com/agent-version": "3.2.3"}, []),
        ({"aliyun.com/agent-version": "4.5.0"}, ["GC436"]),
        ({"aliyun.com/agent-version": "4.4.2"}, []),
        ({"aliyun.com/agent-version": "latest"}, []),
        ({"disableJavaToolOptionsInjection": "true"}, ["GC474"]),
        ({"disableJavaToolOptionsInjection": "false"}, []),
        ({"swck-java-agent-injected": "true"}, ["GC435"]),
        ({"armsPilotAutoEnable": "off"}, []),
    ],
    ids=str,
)
def test_labels_of_pods_tell(labels: dict[str, str], codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, namespace(), web(labels=labels)) == codes


def test_an_old_agent_does_not_yield(tmp_path: Path) -> None:
    own = web(labels={"aliyun.com/agent-version": "3.2.9"}, **variable("JAVA_TOOL_OPTIONS", OTEL))

    assert found(tmp_path, namespace(), own) == ["GC435"]


@pytest.mark.parametrize(
    ("of_namespace", "of_pod", "codes"),
    [("true", None, ["GC435"]), ("true", "false", []), ("false", None, []), ("true", "true", ["GC435"])],
)
def test_an_operator_may_be_let_in_by_the_namespace(
    of_namespace: str, of_pod: str | None, codes: list[str], tmp_path: Path
) -> None:
    inject = "instrumentation.opentelemetry.io/inject-java"
    place, own = namespace(), web()
    place["metadata"]["annotations"] = {inject: of_namespace}
    if of_pod is not None:
        own["spec"]["template"]["metadata"]["annotations"] = {inject: of_pod}

    assert found(tmp_path, place, own) == codes


def test_an_image_that_loads_the_agent_itself_needs_no_injector(tmp_path: Path) -> None:
    own = web(labels={"disableJavaToolOptionsInjection": "true"}, command=["java", "-javaagent:/mse/agent.jar"])

    assert found(tmp_path, namespace(), own) == []


def test_a_longer_grace_lets_a_pod_end(tmp_path: Path) -> None:
    hook: Object = {"lifecycle": {"preStop": {"sleep": {"seconds": 30}}}}

    assert found(tmp_path, namespace(), web(pod={"terminationGracePeriodSeconds": 60}, **hook)) == []


@pytest.mark.parametrize("place", ["pod annotations", "labels", "annotations"])
def test_what_stands_where_the_agent_does_not_look_is_said(place: str, tmp_path: Path) -> None:
    made = web()
    target = made["spec"]["template"]["metadata"] if place.startswith("pod") else made["metadata"]
    target.setdefault(place.rpartition(" ")[2], {})[SWITCH] = "on"

    assert found(tmp_path, namespace(), made) == ["GC482"]


@pytest.mark.parametrize(
    ("value", "switch", "codes"),
    [
        ("enabled", None, []),
        ("disabled", "on", []),
        ("disabled", None, ["GC470"]),
        # Whoever keeps one application out keeps its copy out.
        ("enabled", "off", ["GC473"]),
        ("disabled", "off", ["GC473"]),
    ],
)
def test_the_namespace_and_the_switch_are_independent(
    value: str, switch: str | None, codes: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, namespace(value), web(labels={SWITCH: switch} if switch else {})) == codes


def test_a_baseline_without_the_agent_beside_gray_pods_with_it(tmp_path: Path) -> None:
    merge = {"spec": {"template": {"metadata": {"labels": {SWITCH: "on"}}}}}
    patches = [{"target": {"kind": "Deployment"}, "merge": merge}]
    codes = found(tmp_path, namespace("disabled"), web(), services=[{"name": "web", "patches": patches}])

    assert codes == ["GC470", "GC483"]


def caller(labels: dict[str, str] | None = None, image: str = "registry.example.com/front:1") -> Object:
    own = {"app": "front", "zadigx-release-version": "original"}
    template = {
        "metadata": {"labels": {**own, **(labels or {})}},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }
    spec = {"selector": {"matchLabels": own}, "template": template}
    return an_object("Deployment", spec, version="apps/v1", name="front")


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (caller({SWITCH: "off"}), ["GC483"]),
        (caller(image="docker.io/library/nginx:1.27"), ["GC483"]),
        (caller({"aliyun.com/app-language": "python"}), ["GC483"]),
        (caller({"aliyun.com/app-language": "golang"}), []),
        (caller({"disableJavaToolOptionsInjection": "true"}), ["GC483"]),
        (caller({SWITCH: "on"}), []),
        (caller(), []),
    ],
)
def test_a_caller_without_the_agent_is_named(made: Object, codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, namespace(), web(), made, calls=["front -> web"]) == codes


def test_callers_of_one_path_are_one_finding(tmp_path: Path) -> None:
    front = caller({SWITCH: "off"})
    other = {**caller({SWITCH: "off"}), "metadata": {"name": "edge", "namespace": "shop"}}
    findings, _ = build(tmp_path, [namespace(), web(), front, other], calls=["edge -> front -> web"])

    (finding,) = (each for each in findings if each["code"] == "GC483")
    assert "`Deployment/edge`" in finding["message"]
    assert "`Deployment/front`" in finding["message"]


def test_another_provider_needs_no_agent(tmp_path: Path) -> None:
    made = web(labels={SWITCH: "off"}, **variable("JAVA_TOOL_OPTIONS", OTEL))

    assert found(tmp_path, namespace("disabled"), made, lane={"provider": "none"}) == []
