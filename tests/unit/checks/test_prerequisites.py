"""What a lane needs around its pods: each fact with an input that has the finding, and one that has not."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli_run import run_grayc

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  namespace: shop
  lane: {provider: mse}
  baseline: [baseline/]
  services:
    - name: web
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata:
      labels:
        app: web
        zadigx-release-version: original
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
ENABLED = NAMESPACE + "  labels: {mse-enable: enabled}\n"


class Found(NamedTuple):
    """A finding: where it points and how."""

    code: str
    file: str
    line: int


def findings(
    folder: Path, *, release: str = RELEASE, web: str = WEB, namespace: str = ENABLED, status: int = 0
) -> list[Found]:
    """Return what a build finds, without what is not about prerequisites."""
    (folder / "baseline").mkdir()
    (folder / "baseline" / "web.yaml").write_text(web)
    (folder / "release.yaml").write_text(release)
    if namespace:
        (folder / "baseline" / "namespace.yaml").write_text(namespace)
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    assert run.status == status, run.stdout
    return [
        Found(item["code"], item["file"], item["range"]["start"]["line"])
        for item in json.loads(run.stdout)["diagnostics"]
        if item["code"].startswith("GC47")
    ]


def labelled(label: str) -> str:
    return WEB.replace("        app: web\n", f"        app: web\n        {label}\n")


def contained(text: str) -> str:
    return WEB + "".join(f"          {line}\n" for line in text.splitlines())


def released(text: str) -> str:
    return RELEASE + "".join(f"      {line}\n" for line in text.splitlines())


def test_a_right_baseline_has_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, web=labelled('msePilotAutoEnable: "on"')) == []


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        (NAMESPACE, [("GC470", "baseline/namespace.yaml", 4)]),
        (NAMESPACE + "  labels: {mse-enable: disabled}\n", [("GC470", "baseline/namespace.yaml", 5)]),
        (NAMESPACE.replace("shop", "other"), [("GC471", "release.yaml", 6)]),
        ("", [("GC471", "release.yaml", 6)]),
        (ENABLED, []),
    ],
    ids=["without the label", "another value", "another namespace", "no manifest", "enabled"],
)
def test_namespace_lets_the_agent_in(namespace: str, expected: list[tuple[str, str, int]], tmp_path: Path) -> None:
    assert findings(tmp_path, namespace=namespace) == expected


def test_an_unnamed_namespace_is_left_to_whoever_applies(tmp_path: Path) -> None:
    assert findings(tmp_path, release=RELEASE.replace("  namespace: shop\n", ""), namespace="") == []


def test_two_services_in_a_namespace_get_one_note(tmp_path: Path) -> None:
    both = WEB + "---\n" + WEB.replace("web", "cart")

    found = findings(tmp_path, release=RELEASE + "    - name: cart\n", web=both, namespace="")
    assert [item.code for item in found] == ["GC471"]


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
    expected = [(code, "baseline/web.yaml", 10)] if code else []

    assert findings(tmp_path, web=labelled(label), status=status) == expected


def test_a_patch_that_takes_the_switch_away_is_told_at_the_patch(tmp_path: Path) -> None:
    patch = "patches:\n  - target: {kind: Deployment}\n    json6902:\n      - op: remove\n"
    patch += "        path: /spec/template/metadata/labels/msePilotAutoEnable"

    found = findings(tmp_path, release=released(patch), web=labelled('msePilotAutoEnable: "on"'))
    assert found == [("GC473", "release.yaml", 11)]


OPTIONS = "env:\n  - name: JAVA_TOOL_OPTIONS\n"


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (OPTIONS + "    value: -Xmx512m", ("GC475", 16)),
        (OPTIONS + "    valueFrom: {configMapKeyRef: {name: options, key: java}}", ("GC474", 16)),
        ('command: [sh, -c, "JAVA_TOOL_OPTIONS=-Xmx1g java -jar web.jar"]', ("GC474", 15)),
        ('command: [sh, -c, "export JAVA_TOOL_OPTIONS=-Xmx1g; java"]', ("GC474", 15)),
        ("command: [sh, -c, 'export JAVA_TOOL_OPTIONS=\"$JAVA_TOOL_OPTIONS -Xmx1g\"; java']", None),
        ('command: [sh, -c, "export MY_JAVA_TOOL_OPTIONS=-Xmx1g; java"]', None),
        ("env:\n  - {name: JAVA_OPTS, value: -Xmx1g}", None),
    ],
)
def test_options_of_the_jvm_keep_the_agent(container: str, expected: tuple[str, int] | None, tmp_path: Path) -> None:
    found = findings(tmp_path, web=contained(container))

    assert [(item.code, item.line) for item in found] == ([expected] if expected else [])


def test_a_variable_of_the_release_that_drops_the_agent_is_told_at_the_release(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        release=released("env:\n  web:\n    JAVA_TOOL_OPTIONS: -Xmx512m"),
        web=contained(OPTIONS + "    value: -javaagent:/agent/agent.jar -Xmx256m"),
    )

    assert found == [("GC474", "release.yaml", 13)]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ("env:\n  - {name: MSE_ALICLOUD_SERVICE_TAG, value: blue}", [("GC476", 16)]),
        ("env:\n  - {name: MSE_ALICLOUD_SERVICE_TAG, value: gray}", [("GC477", 16)]),
        ("env:\n  - {name: JAVA_OPTS, value: -Xmx1g -Dalicloud.service.tag=blue -Xms1g}", [("GC476", 16)]),
        ("env:\n  - {name: JAVA_OPTS, value: -Dalicloud.service.tag=gray}", [("GC477", 16)]),
        ("env:\n  - {name: JAVA_OPTS, value: -Dalicloud.service.tag=$(TAG)}", []),
        ("args: [java, -Dalicloud.service.tag=blue]", [("GC476", 13)]),
    ],
)
def test_no_setting_tags_gray_pods_otherwise(container: str, expected: list[tuple[str, int]], tmp_path: Path) -> None:
    """What production's pods have gray ones have too: the lane's own tag is production's there."""
    found = findings(tmp_path, web=contained(container))

    assert [(item.code, item.line) for item in found] == expected


PORTS = "ports: [{name: http, containerPort: 8080}]\n"


@pytest.mark.parametrize(
    ("container", "codes"),
    [
        (PORTS + "readinessProbe: {httpGet: {port: http}}", []),
        (PORTS + "readinessProbe: {httpGet: {port: web}}", ["GC478"]),
        ("livenessProbe: {tcpSocket: {port: web}}", ["GC478"]),
        (PORTS + "startupProbe: {tcpSocket: {port: web}}\nlivenessProbe: {httpGet: {port: web}}", ["GC478", "GC478"]),
        # A declared port tells people something and the kubelet nothing: a number that production has is right.
        (PORTS + "readinessProbe: {httpGet: {port: 9090}}", []),
        (PORTS + "readinessProbe: {grpc: {port: 9090}}", []),
        (PORTS + 'readinessProbe: {httpGet: {port: "9090"}}', []),
        (PORTS + "readinessProbe: {exec: {command: [ls]}}", []),
    ],
)
def test_probes_find_their_port(container: str, codes: list[str], tmp_path: Path) -> None:
    assert [item.code for item in findings(tmp_path, web=contained(container))] == codes


def test_a_port_that_another_container_declares_does_not_count(tmp_path: Path) -> None:
    web = contained("readinessProbe: {httpGet: {port: http}}")
    web += '        - {name: proxy, image: "registry.example.com/proxy:1", ports: [{name: http, containerPort: 80}]}\n'

    assert [item.code for item in findings(tmp_path, web=web)] == ["GC478"]


@pytest.mark.parametrize("probed", [8080, 9090])
def test_a_port_that_the_release_moves_away_from_its_probe_is_noted(probed: int, tmp_path: Path) -> None:
    patch = "patches:\n  - target: {kind: Deployment}\n    json6902:\n      - op: replace\n"
    patch += "        path: /spec/template/spec/containers/0/ports/0/containerPort\n        value: 9090"
    found = findings(
        tmp_path, release=released(patch), web=contained(PORTS + f"readinessProbe: {{httpGet: {{port: {probed}}}}}")
    )

    assert [item.code for item in found] == (["GC479"] if probed == 8080 else [])


def test_a_lane_without_the_agent_has_no_need_of_it(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        release=RELEASE.replace("provider: mse", "provider: none"),
        web=labelled('msePilotAutoEnable: "off"'),
        namespace="",
    )

    assert found == []
