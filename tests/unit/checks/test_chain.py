"""Call paths: which hops are gray, and which released services a request of the lane never meets."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.manifests import (
    PREPARED,
    Object,
    Place,
    an_object,
    answer,
    ingress,
    places,
    service,
    workload,
    write_release,
)

RULES: Object = {"gateway": "mse", "rules": [{"header": "x-user", "value": "1"}]}
NAMES = ("a", "b", "c", "d")
OFF = {"msePilotAutoEnable": "off"}


def shop(**switches: Object) -> dict[str, list[Object]]:
    """Return the files of four services, and of the entry to the first.

    Args:
        switches: service → more labels of its pods.
    """
    files: dict[str, list[Object]] = {}
    for name in NAMES:
        labels = {**PREPARED, "app": name}
        pods = workload(name=name, labels=labels)
        pods["spec"]["template"]["metadata"]["labels"] = {**labels, **switches.get(name, {})}
        files[f"baseline/{name}.yaml"] = [pods, service(f"{name}-svc", labels=labels)]
    return {**files, "baseline/entry.yaml": [ingress("a", "mse", host="", paths=[("/", "Prefix", "a-svc")])]}


def planned(
    folder: Path, released: str, calls: list[str], files: dict[str, list[Object]] | None = None, **spec: Any
) -> Any:
    """Return what `plan` answers where these services are released."""
    fields = {"lane": None, "traffic": RULES, "calls": calls or None, **spec}
    write_release(folder, files or shop(), services=[{"name": name} for name in released], **fields)
    return answer(folder, "plan", "release.yaml")


def found_in(folder: Path, told: Any) -> list[Place]:
    return places(folder, told["diagnostics"], "GC485", "GC486")


@pytest.mark.parametrize(
    ("released", "calls", "unmet"),
    [
        ("ac", ["a -> b -> c"], []),
        ("ac", ["a -> b", "b -> c"], []),
        ("ac", ["a-svc -> b-svc", "b -> c-svc"], []),
        ("ac", ["b -> c"], ["c"]),
        ("ac", ["a -> b"], ["c"]),
        ("ac", ["c -> a"], ["c"]),
        ("acd", ["a -> b", "d -> c"], ["c", "d"]),
        ("ac", [], []),
        # Nothing that is released has an entry: the entry of the path's start is coloured.
        ("c", ["a -> b -> c"], []),
    ],
    ids=["path", "two paths", "by Service", "no entry", "on no path", "called by", "two", "no paths", "coloured"],
)
def test_a_service_that_no_request_reaches_is_told(
    released: str, calls: list[str], unmet: list[str], tmp_path: Path
) -> None:
    told = planned(tmp_path, released, calls)

    assert found_in(tmp_path, told) == [
        ("GC485", "release.yaml", f"spec.services[{released.index(name)}].name", f'"{name}"') for name in unmet
    ]


def test_without_an_entry_nothing_is_known(tmp_path: Path) -> None:
    assert found_in(tmp_path, planned(tmp_path, "ac", ["b -> c"], traffic=None)) == []


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
    told = planned(tmp_path, "ac", calls, shop(**{switched: OFF}))

    field = "spec.template.metadata.labels.msePilotAutoEnable"
    place = ("GC486", f"baseline/{switched}.yaml", field, '"off"')
    assert found_in(tmp_path, told) == ([place] if is_told else [])


def test_a_lane_without_the_agent_has_no_tag_to_lose(tmp_path: Path) -> None:
    told = planned(tmp_path, "ac", ["a -> b -> c"], shop(b=OFF), lane={"provider": "none"})

    assert found_in(tmp_path, told) == []


def queue(trigger: str) -> Object:
    spec = {"scaleTargetRef": {"name": "b"}, "triggers": [{"type": trigger, "metadata": {}}]}
    return an_object("ScaledObject", spec, version="keda.sh/v1alpha1", name="b")


def taking(kind: str, ports: Iterable[int]) -> Object:
    """Return what runs in the place of `b`, with the ports that its container declares."""
    declared = {"ports": [{"containerPort": port} for port in ports]} if ports else {}
    made = workload(name="b", labels={"app": "b"}, container=declared)
    template = {"template": made["spec"]["template"]}
    match kind:
        case "Job":
            return an_object("Job", template, version="batch/v1", name="b")
        case "CronJob":
            return an_object(
                "CronJob", {"schedule": "@daily", "jobTemplate": {"spec": template}}, version="batch/v1", name="b"
            )
        case _:
            return made


@pytest.mark.parametrize(
    ("kind", "ports", "trigger", "calls", "is_told"),
    [
        ("Job", (), "", ["a -> b -> c"], True),
        ("CronJob", (), "", ["a -> b -> c"], True),
        ("CronJob", (80,), "", ["b -> c"], True),
        ("Deployment", (), "", ["a -> b -> c"], True),
        ("Deployment", (80,), "", ["a -> b -> c"], False),
        ("Deployment", (80,), "kafka", ["a -> b -> c", "a -> b -> c"], True),
        ("Deployment", (80,), "cpu", ["a -> b -> c"], False),
        ("CronJob", (), "", ["a -> c -> b"], False),
    ],
    ids=["Job", "CronJob", "first", "no port", "registry", "queue", "no queue", "behind the last"],
)
def test_a_hop_that_takes_no_requests_ends_the_tag(
    kind: str, ports: tuple[int, ...], trigger: str, calls: list[str], *, is_told: bool, tmp_path: Path
) -> None:
    files = {**shop(), "baseline/b.yaml": [taking(kind, ports), *([queue(trigger)] if trigger else [])]}
    told = planned(tmp_path, "ac", calls, files)
    found = [item for item in told["diagnostics"] if item["code"] == "GC487"]
    assert [item["object"] for item in found] == ([f"{kind}/b"] if is_told else [])


def test_a_consumer_that_a_service_selects_is_called_too(tmp_path: Path) -> None:
    told = planned(tmp_path, "ac", ["a -> b -> c"], {**shop(), "baseline/queue.yaml": [queue("kafka")]})
    assert "GC487" not in [item["code"] for item in told["diagnostics"]]


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
    told = planned(tmp_path, released, [path], shop(**{name: {"msePilotAutoEnable": "on"} for name in NAMES}))

    (route,) = told["plans"][0]["calls"]
    assert [hop["copy"] == "gray" for hop in route["hops"]] == [
        hop["service"].removesuffix("-svc") in released for hop in route["hops"]
    ]
    assert (route["fallsBack"], route["comesBack"]) == (falls_back, comes_back)
    assert route["entered"] is True
