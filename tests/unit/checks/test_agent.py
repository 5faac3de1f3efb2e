"""Whether the MSE agent gets into gray pods and their callers, and what is loaded beside it."""

from pathlib import Path
from typing import Any

import pytest

from tests.manifests import PREPARED, Object, an_object, build, with_code, workload

SWITCH = "msePilotAutoEnable"
CODES = ("GC435", "GC436", "GC437", "GC470", "GC471", "GC473", "GC474", "GC475", "GC482", "GC483", "GC484", "GC486")


def namespace(value: str = "enabled") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"mse-enable": value}},
    }


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
FLAGS = "-Dskywalking.agent.is_cache_enhanced_class=true -Dskywalking.agent.class_cache_mode=MEMORY"


def limited(memory: str, *words: str) -> Object:
    return {"resources": {"limits": {"memory": memory}}, "command": ["java", *words, "-jar", "web.jar"]}


@pytest.mark.parametrize(
    ("container", "codes"),
    [
        # What the injector appends comes after what is there.
        (variable("JAVA_TOOL_OPTIONS", OTEL), ["GC484"]),
        (variable("JAVA_TOOL_OPTIONS", f"-Xmx1g {OTEL}=x -Dx=y"), ["GC484"]),
        (variable("JAVA_TOOL_OPTIONS", "-javaagent:/otel-auto-instrumentation-java/javaagent.jar"), ["GC484"]),
        (variable("JAVA_TOOL_OPTIONS", "-javaagent:/hotel/agent.jar"), ["GC475"]),
        # SkyWalking's does not make MSE's yield, it needs two flags.
        (variable("JAVA_TOOL_OPTIONS", "-javaagent:/sw/skywalking-agent.jar"), ["GC435"]),
        (variable("JAVA_TOOL_OPTIONS", f"-javaagent:/sw/skywalking-agent.jar {FLAGS}"), []),
        ({"command": ["java", *FLAGS.split(), "-javaagent:/sw/skywalking-agent.jar", "-jar", "web.jar"]}, []),
        ({"command": ["java", FLAGS.split(maxsplit=1)[0], "-javaagent:/sw/skywalking-agent.jar"]}, []),
        ({"command": ["java", FLAGS.split(maxsplit=1)[1], "-javaagent:/sw/skywalking-agent.jar"]}, ["GC435"]),
        ({"command": ["java", "-javaagent:/sw/skywalking-agent.jar"], **variable("SW_AGENT_CACHE_CLASS", "true")}, []),
        (
            {"command": ["java", "-javaagent:/sw/skywalking-agent.jar"], **variable("SW_AGENT_CACHE_CLASS", "false")},
            ["GC435"],
        ),
        (variable("JAVA_TOOL_OPTIONS", "-javaagent:/mse/aliyun-java-agent.jar"), ["GC475"]),
        (variable("JAVA_TOOL_OPTIONS", "-Dotel.sdk.disabled=true"), ["GC475"]),
        # And what the command loads comes after the variable.
        ({"command": ["java", OTEL, "-jar", "web.jar"]}, ["GC435"]),
        ({"args": [f"exec java {OTEL} -jar web.jar"]}, ["GC435"]),
        (variable("JDK_JAVA_OPTIONS", OTEL), ["GC435"]),
        (variable("OTEL_EXPORTER", "opentelemetry"), []),
        ({"command": ["sh", "-c", "unset JAVA_TOOL_OPTIONS; exec java -jar web.jar"]}, ["GC474"]),
        ({"command": ["sh", "-c", "unset FOO JAVA_TOOL_OPTIONS && java"]}, ["GC474"]),
        ({"command": ["env", "-u", "JAVA_TOOL_OPTIONS", "java"]}, ["GC474"]),
        ({"command": ["env", "-i", "PATH=/bin", "java"]}, ["GC474"]),
        ({"command": ["env", "-u", "FOO", "java"]}, []),
        ({"command": ["sh", "-c", "unset JAVA_OPTS; java"]}, []),
        (variable("JAVA_OPTS", "-Xms64m -Xmx200m"), ["GC436"]),
        (variable("JAVA_OPTS", "-Xmx256M"), ["GC436"]),
        (variable("JAVA_OPTS", "-Xmx1g"), []),
        (variable("JAVA_OPTS", "-XX:MaxHeapSize=200m"), ["GC436"]),
        ({"command": ["sh", "-c", "exec env JAVA_OPTS=-Xmx128m java -jar web.jar"]}, ["GC436"]),
        (limited("512Mi", "-XX:MaxRAMPercentage=50.0"), ["GC436"]),
        (limited("1Gi", "-XX:MaxRAMPercentage=50.0"), []),
        # A size holds before a share; and without either, who knows what is no JVM at all.
        (limited("512Mi", "-XX:MaxRAMPercentage=50", "-Xmx300m"), []),
        (limited("512Mi"), []),
        (variable("JAVA_OPTS", "-Xmx300m"), []),
        ({"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 10; sleep 20"]}}}}, ["GC437"]),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 30}}}}, ["GC437"]),
        ({"lifecycle": {"preStop": {"exec": {"command": ["sleep", "29"]}}}}, []),
    ],
    ids=str,
)
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
