"""What a lane needs around its pods: each fact with an input that has the finding, and one that has not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.manifests import (
    PREPARED,
    Object,
    Place,
    a_namespace,
    build_again,
    places,
    run_build,
    workload,
    write_release,
)

ENABLED = a_namespace(labels={"mse-enable": "enabled"})


def findings(
    folder: Path, *objects: Object, around: Sequence[Object] = (ENABLED,), status: int = 0, **spec: Any
) -> list[Place]:
    """Return what a build finds, without what is not about prerequisites."""
    files = {"baseline/web.yaml": objects or (workload(),), "baseline/namespace.yaml": around}
    built = run_build(folder, files, **{"lane": {"provider": "mse"}, **spec})
    assert built.status == status, built.findings
    return places(folder, built.findings, "GC47")


def labelled(**labels: object) -> Object:
    made = workload()
    made["spec"]["template"]["metadata"]["labels"] = {**PREPARED, **labels}
    return made


def contained(**container: Any) -> Object:
    return workload(container=container)


def released(**fields: Any) -> Object:
    return {"services": [{"name": "web", **fields}]}


def codes(found: list[Place]) -> list[str]:
    return [place.code for place in found]


def test_a_right_baseline_has_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, labelled(msePilotAutoEnable="on")) == []


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        ([a_namespace()], [("GC470", "baseline/namespace.yaml", '"shop"')]),
        ([a_namespace(labels={"mse-enable": "disabled"})], [("GC470", "baseline/namespace.yaml", '"disabled"')]),
        ([a_namespace("other")], [("GC471", "release.yaml", '"shop"')]),
        ([], [("GC471", "release.yaml", '"shop"')]),
        ([ENABLED], []),
    ],
    ids=["without the label", "another value", "another namespace", "no manifest", "enabled"],
)
def test_namespace_lets_the_agent_in(
    around: list[Object], expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    found = findings(tmp_path, around=around)

    assert [(place.code, place.file, place.text) for place in found] == expected


def test_an_unnamed_namespace_is_left_to_whoever_applies(tmp_path: Path) -> None:
    web = workload()
    del web["metadata"]["namespace"]

    assert findings(tmp_path, web, around=(), namespace=None) == []


def test_two_services_in_a_namespace_get_one_note(tmp_path: Path) -> None:
    services = [{"name": "web"}, {"name": "cart"}]

    assert codes(findings(tmp_path, workload(), workload(name="cart"), around=(), services=services)) == ["GC471"]


@pytest.mark.parametrize(
    ("label", "code", "status"),
    [
        ("msePilotAutoEnable: on", "GC472", 1),
        ("msePilotAutoEnable: true", "GC472", 1),
        ("msePilotAutoEnable: off", "GC472", 1),
        ('msePilotAutoEnable: "off"', "GC473", 0),
        ('msePilotAutoEnable: "true"', "GC473", 0),
        ("alicloud.service.tag: gray", "GC477", 0),
        ("alicloud.service.tag: blue", "", 0),
    ],
)
def test_labels_of_the_agent(label: str, code: str, status: int, tmp_path: Path) -> None:
    """The label is in the file as people write it: `on` is no text."""
    key, _, value = label.partition(": ")
    path = write_release(tmp_path, [labelled(**{key: "VALUE"}), ENABLED], lane={"provider": "mse"})
    file = path.parent / "baseline" / "all.yaml"
    file.write_text(file.read_text().replace('"VALUE"', value))
    built = build_again(tmp_path)

    assert built.status == status, built.findings
    found = places(tmp_path, built.findings, "GC47")
    assert [(place.code, place.text) for place in found] == ([(code, value)] if code else [])
    assert all(key in place.field for place in found)


def test_a_patch_that_takes_the_switch_away_is_told_at_the_patch(tmp_path: Path) -> None:
    removed = [{"op": "remove", "path": "/spec/template/metadata/labels/msePilotAutoEnable"}]
    patch = {"target": {"kind": "Deployment"}, "json6902": removed}

    [place] = findings(tmp_path, labelled(msePilotAutoEnable="on"), **released(patches=[patch]))
    assert (place.code, place.file, place.text) == ("GC473", "release.yaml", '"patches"')


def options(**fields: Any) -> Object:
    return {"env": [{"name": "JAVA_TOOL_OPTIONS", **fields}]}


def variable(name: str, value: str) -> Object:
    return {"env": [{"name": name, "value": value}]}


def command(text: str) -> Object:
    return {"command": ["sh", "-c", text]}


def pointed_at(container: Object, *path: str | int) -> str:
    """Return the text of a container, or of a field of it, in the manifest."""
    value: Any = {"name": "web", "image": "registry.example.com/web:1", **container}
    for step in path:
        value = value[step]
    return json.dumps(value)


A_KEY = {"configMapKeyRef": {"name": "options", "key": "java"}}


@pytest.mark.parametrize(
    ("container", "code", "path"),
    [
        (options(value="-Xmx512m"), "GC475", ("env", 0)),
        (options(valueFrom=A_KEY), "GC474", ("env", 0)),
        (command("JAVA_TOOL_OPTIONS=-Xmx1g java -jar web.jar"), "GC474", ("command",)),
        (command("export JAVA_TOOL_OPTIONS=-Xmx1g; java"), "GC474", ("command",)),
        (command('export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -Xmx1g"; java'), "", ()),
        (command("export MY_JAVA_TOOL_OPTIONS=-Xmx1g; java"), "", ()),
        (variable("JAVA_OPTS", "-Xmx1g"), "", ()),
    ],
)
def test_options_of_the_jvm_keep_the_agent(
    container: Object, code: str, path: tuple[str | int, ...], tmp_path: Path
) -> None:
    found = findings(tmp_path, contained(**container))

    assert [(item.code, item.text) for item in found] == ([(code, pointed_at(container, *path))] if code else [])


def test_a_variable_of_the_release_that_drops_the_agent_is_told_at_the_release(tmp_path: Path) -> None:
    web = contained(**options(value="-javaagent:/agent/agent.jar -Xmx256m"))
    [place] = findings(tmp_path, web, **released(env={"web": {"JAVA_TOOL_OPTIONS": "-Xmx512m"}}))

    assert (place.code, place.file, place.text) == ("GC474", "release.yaml", '"-Xmx512m"')


@pytest.mark.parametrize(
    ("container", "code", "path"),
    [
        (variable("MSE_ALICLOUD_SERVICE_TAG", "blue"), "GC476", ("env", 0)),
        (variable("MSE_ALICLOUD_SERVICE_TAG", "gray"), "GC477", ("env", 0)),
        (variable("JAVA_OPTS", "-Xmx1g -Dalicloud.service.tag=blue -Xms1g"), "GC476", ("env", 0)),
        (variable("JAVA_OPTS", "-Dalicloud.service.tag=gray"), "GC477", ("env", 0)),
        (variable("JAVA_OPTS", "-Dalicloud.service.tag=$(TAG)"), "", ()),
        ({"args": ["java", "-Dalicloud.service.tag=blue"]}, "GC476", ()),
    ],
)
def test_no_setting_tags_gray_pods_otherwise(
    container: Object, code: str, path: tuple[str | int, ...], tmp_path: Path
) -> None:
    """What production's pods have gray ones have too: the lane's own tag is production's there."""
    found = findings(tmp_path, contained(**container))

    assert [(item.code, item.text) for item in found] == ([(code, pointed_at(container, *path))] if code else [])


PORTS = {"ports": [{"name": "http", "containerPort": 8080}]}


def http_get(port: str | int) -> Object:
    return {"httpGet": {"port": port}}


def probed(probe: Object) -> Object:
    return {**PORTS, "readinessProbe": probe}


@pytest.mark.parametrize(
    ("container", "found"),
    [
        (probed(http_get("http")), []),
        (probed(http_get("web")), ["GC478"]),
        ({"livenessProbe": {"tcpSocket": {"port": "web"}}}, ["GC478"]),
        (
            {**PORTS, "startupProbe": {"tcpSocket": {"port": "web"}}, "livenessProbe": http_get("web")},
            ["GC478", "GC478"],
        ),
        # A declared port tells people something and the kubelet nothing: a number that production has is right.
        (probed(http_get(9090)), []),
        (probed({"grpc": {"port": 9090}}), []),
        (probed(http_get("9090")), []),
        (probed({"exec": {"command": ["ls"]}}), []),
    ],
)
def test_probes_find_their_port(container: Object, found: list[str], tmp_path: Path) -> None:
    assert codes(findings(tmp_path, contained(**container))) == found


def test_a_port_that_another_container_declares_does_not_count(tmp_path: Path) -> None:
    web = contained(readinessProbe=http_get("http"))
    proxy = {"name": "proxy", "image": "registry.example.com/proxy:1", "ports": [{"name": "http", "containerPort": 80}]}
    web["spec"]["template"]["spec"]["containers"].append(proxy)

    assert codes(findings(tmp_path, web)) == ["GC478"]


@pytest.mark.parametrize("port", [8080, 9090])
def test_a_port_that_the_release_moves_away_from_its_probe_is_noted(port: int, tmp_path: Path) -> None:
    moved = {"op": "replace", "path": "/spec/template/spec/containers/0/ports/0/containerPort", "value": 9090}
    patch = {"target": {"kind": "Deployment"}, "json6902": [moved]}
    found = findings(tmp_path, contained(**probed(http_get(port))), **released(patches=[patch]))

    assert codes(found) == (["GC479"] if port == 8080 else [])


def test_a_lane_without_the_agent_has_no_need_of_it(tmp_path: Path) -> None:
    assert findings(tmp_path, labelled(msePilotAutoEnable="off"), around=(), lane={"provider": "none"}) == []
