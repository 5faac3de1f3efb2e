"""Call paths: which hops are gray, and which released services a request of the lane never meets."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  namespace: shop
  baseline: [baseline/]
"""
RULES = '  traffic: {gateway: mse, rules: [{header: x-user, value: "1"}]}\n'
SERVICE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: NAME, zadigx-release-version: originalSWITCH}}
    spec: {containers: [{name: NAME, image: "registry.example.com/NAME:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: NAME-svc}
spec: {selector: {app: NAME, zadigx-release-version: original}, ports: [{port: 80}]}
"""
ENTRY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: NAME}
spec:
  ingressClassName: mse
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: NAME-svc, port: {number: 80}}}}]}
"""
NAMES = ("a", "b", "c", "d")


def lay(folder: Path, released: str, calls: list[str], *, switches: dict[str, str], rules: str = RULES) -> None:
    (folder / "baseline").mkdir()
    for name in NAMES:
        text = SERVICE.replace("NAME", name).replace("SWITCH", switches.get(name, ""))
        (folder / "baseline" / f"{name}.yaml").write_text(text)
    (folder / "baseline" / "entry.yaml").write_text(ENTRY.replace("NAME", "a"))
    services = "  services:\n" + "".join(f"    - name: {name}\n" for name in released)
    paths = ("  calls:\n" + "".join(f"    - {call}\n" for call in calls)) if calls else ""
    (folder / "release.yaml").write_text(RELEASE + services + paths + rules)


def found_in(folder: Path) -> list[tuple[str, str, int]]:
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    return [
        (item["code"], item["file"], item["range"]["start"]["line"])
        for item in json.loads(run.stdout)["diagnostics"]
        if item["code"] in {"GC485", "GC486"}
    ]


@pytest.mark.parametrize(
    ("released", "calls", "lines"),
    [
        ("ac", ["a -> b -> c"], []),
        ("ac", ["a -> b", "b -> c"], []),
        ("ac", ["a-svc -> b-svc", "b -> c-svc"], []),
        ("ac", ["b -> c"], [10]),
        ("ac", ["a -> b"], [10]),
        ("ac", ["c -> a"], [10]),
        ("acd", ["a -> b", "d -> c"], [10, 11]),
        ("ac", [], []),
        # Nothing that is released has an entry: the entry of the path's start is coloured.
        ("c", ["a -> b -> c"], []),
    ],
    ids=["path", "two paths", "by Service", "no entry", "on no path", "called by", "two", "no paths", "coloured"],
)
def test_a_service_that_no_request_reaches_is_told(
    released: str, calls: list[str], lines: list[int], tmp_path: Path
) -> None:
    lay(tmp_path, released, calls, switches={})

    assert found_in(tmp_path) == [("GC485", "release.yaml", line) for line in lines]


def test_without_an_entry_nothing_is_known(tmp_path: Path) -> None:
    lay(tmp_path, "ac", ["b -> c"], switches={}, rules="")

    assert found_in(tmp_path) == []


@pytest.mark.parametrize(
    ("calls", "switched", "is_told"),
    [
        (["a -> b -> c"], "b", True),
        (["a -> b-svc -> c"], "b", True),
        (["a -> b -> c", "a -> b -> d -> c"], "b", True),
        (["a -> b -> c"], "d", False),
        (["a -> c -> b"], "b", False),
        (["a -> c", "d -> b -> c"], "b", False),
    ],
    ids=["between", "by Service", "told once", "elsewhere", "behind the last", "on a path that is not entered"],
)
def test_a_baseline_hop_without_the_agent_ends_the_tag(
    calls: list[str], switched: str, is_told: bool, tmp_path: Path
) -> None:
    lay(tmp_path, "ac", calls, switches={switched: ', msePilotAutoEnable: "off"'})

    assert found_in(tmp_path) == ([("GC486", f"baseline/{switched}.yaml", 7)] if is_told else [])


def test_a_lane_without_the_agent_has_no_tag_to_lose(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "ac",
        ["a -> b -> c"],
        switches={"b": ', msePilotAutoEnable: "off"'},
        rules=RULES + "  lane: {provider: none}\n",
    )

    assert found_in(tmp_path) == []


QUEUE = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: b}
spec: {scaleTargetRef: {name: b}, triggers: [{type: TRIGGER, metadata: {}}]}
"""
POD = 'containers: [{name: b, image: "registry.example.com/b:1"PORTS}]'
TEMPLATE = f"template: {{metadata: {{labels: {{app: b}}}}, spec: {{{POD}}}}}"
PORTS = ", ports: [{containerPort: 80}]"
BREAKS = {
    "Job": f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: b}}\nspec: {{{TEMPLATE}}}\n",
    "CronJob": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: b}\n"
    f"spec: {{schedule: '@daily', jobTemplate: {{spec: {{{TEMPLATE}}}}}}}\n",
    "Deployment": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n"
    f"spec: {{selector: {{matchLabels: {{app: b}}}}, {TEMPLATE}}}\n",
}


@pytest.mark.parametrize(
    ("kind", "ports", "trigger", "calls", "is_told"),
    [
        ("Job", "", "", ["a -> b -> c"], True),
        ("CronJob", "", "", ["a -> b -> c"], True),
        ("CronJob", PORTS, "", ["b -> c"], True),
        ("Deployment", "", "", ["a -> b -> c"], True),
        ("Deployment", PORTS, "", ["a -> b -> c"], False),
        ("Deployment", PORTS, "kafka", ["a -> b -> c", "a -> b -> c"], True),
        ("Deployment", PORTS, "cpu", ["a -> b -> c"], False),
        ("CronJob", "", "", ["a -> c -> b"], False),
    ],
    ids=["Job", "CronJob", "first", "no port", "registry", "queue", "no queue", "behind the last"],
)
def test_a_hop_that_takes_no_requests_ends_the_tag(
    kind: str, ports: str, trigger: str, calls: list[str], *, is_told: bool, tmp_path: Path
) -> None:
    lay(tmp_path, "ac", calls, switches={})
    text = BREAKS[kind].replace("PORTS", ports)
    (tmp_path / "baseline" / "b.yaml").write_text(
        text + (f"---\n{QUEUE.replace('TRIGGER', trigger)}" if trigger else "")
    )
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path)
    found = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC487"]
    assert [item["object"] for item in found] == ([f"{kind}/b"] if is_told else [])


def test_a_consumer_that_a_service_selects_is_called_too(tmp_path: Path) -> None:
    lay(tmp_path, "ac", ["a -> b -> c"], switches={})
    (tmp_path / "baseline" / "queue.yaml").write_text(QUEUE.replace("TRIGGER", "kafka"))
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path)
    assert "GC487" not in run.stdout


@pytest.mark.parametrize(
    ("released", "path", "falls_back", "comes_back"),
    [
        ("ac", "a -> b -> c", ["b"], ["c"]),
        ("ab", "a -> b -> c", ["c"], []),
        ("ac", "a -> b -> c -> d", ["b", "d"], ["c"]),
        ("ad", "a -> b -> c -> d", ["b"], ["d"]),
        ("c", "a -> b -> c", [], []),
        ("abc", "a -> b-svc -> c", [], []),
    ],
)
def test_turns_of_a_path(
    released: str, path: str, falls_back: list[str], comes_back: list[str], tmp_path: Path
) -> None:
    lay(tmp_path, released, [path], switches=dict.fromkeys(NAMES, ', msePilotAutoEnable: "on"'))
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path)

    (route,) = json.loads(run.stdout)["plans"][0]["calls"]
    assert [hop["copy"] == "gray" for hop in route["hops"]] == [
        hop["service"].removesuffix("-svc") in released for hop in route["hops"]
    ]
    assert (route["fallsBack"], route["comesBack"]) == (falls_back, comes_back)
    assert route["entered"] is True
