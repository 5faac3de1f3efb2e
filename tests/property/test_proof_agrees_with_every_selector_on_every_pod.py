"""The isolation proof says what a brute force says: every selector evaluated on every pod, in both directions.

The oracle knows the kinds, their selectors and their namespaces by itself; it reads plain objects and none of grayc's
tables.
"""

import itertools
import json
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grayc.checks.isolation import check_isolation
from grayc.documents import Document
from grayc.driver.preview import preview_releases
from grayc.driver.request import Request
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import BUILD
from grayc.plan.model import ReleasePlan

Object = dict[str, Any]
Labels = dict[str, str]

VERSION = "zadigx-release-version"
POOL = {
    "app": ("a", "b"),
    "tier": ("front", "back"),
    "team": ("x", "y"),
    "msePilotCreateAppName": ("m",),
    VERSION: ("original",),
}
COPIED = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "CloneSet": "apps.kruise.io/v1alpha1",
}
TAKES = {
    "Service": ("v1", ("selector",), "map"),
    "PodDisruptionBudget": ("policy/v1", ("selector",), "labels"),
    "PodUnavailableBudget": ("policy.kruise.io/v1alpha1", ("selector",), "labels"),
    "ServiceEntry": ("networking.istio.io/v1", ("workloadSelector", "labels"), "map"),
}
RULES = {
    "AuthorizationPolicy": ("security.istio.io/v1", ("selector", "matchLabels"), "filter"),
    "PeerAuthentication": ("security.istio.io/v1", ("selector", "matchLabels"), "filter"),
    "Sidecar": ("networking.istio.io/v1", ("workloadSelector", "labels"), "filter"),
    "Gateway": ("networking.istio.io/v1", ("selector",), "map"),
    "PodMonitor": ("monitoring.coreos.com/v1", ("selector",), "labels"),
    "NetworkPolicy": ("networking.k8s.io/v1", ("podSelector",), "labels"),
}
OWNERS = {**COPIED, "DaemonSet": "apps/v1"}
NAMESPACES = ("shop", "ops", "istio-system")


@st.composite
def pod_labels(draw: st.DrawFn) -> Labels:
    keys = draw(st.lists(st.sampled_from(sorted(POOL)), min_size=1, max_size=4, unique=True))
    return {key: draw(st.sampled_from(POOL[key])) for key in keys}


@st.composite
def plain(draw: st.DrawFn, smallest: int = 0) -> Labels:
    keys = draw(st.lists(st.sampled_from(sorted(POOL)), min_size=smallest, max_size=2, unique=True))
    return {key: draw(st.sampled_from(POOL[key])) for key in keys}


@st.composite
def label_selectors(draw: st.DrawFn) -> Object:
    selector: Object = {}
    if draw(st.booleans()):
        selector["matchLabels"] = draw(plain())
    expressions = []
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from(sorted(POOL)))
        operator = draw(st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]))
        item: Object = {"key": key, "operator": operator}
        if operator in ("In", "NotIn"):
            item["values"] = draw(st.lists(st.sampled_from(POOL[key]), min_size=1, unique=True))
        expressions.append(item)
    if expressions:
        selector["matchExpressions"] = expressions
    return selector


@st.composite
def workloads(draw: st.DrawFn, at: int) -> Object:
    kind = draw(st.sampled_from(sorted(OWNERS)))
    labels = draw(pod_labels())
    keys = draw(st.lists(st.sampled_from(sorted(labels)), min_size=1, unique=True))
    if draw(st.booleans()):
        selector: Object = {"matchLabels": {key: labels[key] for key in keys}}
    else:
        selector = {"matchExpressions": [{"key": key, "operator": "In", "values": [labels[key]]} for key in keys]}
    pod: Object = {"containers": [{"name": "main", "image": "registry.example.com/main:1"}]}
    if draw(st.integers(0, 3)) == 0:
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": draw(label_selectors())}
        pod["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    return {
        "apiVersion": OWNERS[kind],
        "kind": kind,
        "metadata": {"name": f"w{at}", "namespace": draw(st.sampled_from(NAMESPACES[:2]))},
        "spec": {"selector": selector, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


@st.composite
def others(draw: st.DrawFn, at: int) -> Object:
    kind = draw(st.sampled_from(sorted({**TAKES, **RULES})))
    version, path, style = {**TAKES, **RULES}[kind]
    value: Any = draw(label_selectors() if style == "labels" else plain(0 if style == "filter" else 1))
    for step in reversed(path):
        value = {step: value}
    if kind == "NetworkPolicy":
        value["policyTypes"] = ["Ingress"]
    namespace = draw(st.sampled_from(NAMESPACES if kind in ("AuthorizationPolicy", "Gateway") else NAMESPACES[:2]))
    if kind == "PodMonitor" and draw(st.booleans()):
        value["namespaceSelector"] = draw(st.sampled_from([{"any": True}, {"matchNames": ["ops"]}]))
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": f"o{at}", "namespace": namespace},
        "spec": value,
    }


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Object], Object]:
    pods = [draw(workloads(at)) for at in range(draw(st.integers(1, 4)))]
    rest = [draw(others(at)) for at in range(draw(st.integers(0, 4)))]
    can_be = [item for item in pods if item["kind"] in COPIED]
    assume(can_be)
    released = draw(
        st.lists(st.sampled_from(can_be), min_size=1, max_size=3, unique_by=lambda item: item["metadata"]["name"])
    )
    if draw(st.booleans()):
        prepare([*pods, *rest])
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "demo"},
        "spec": {
            "tag": "gray",
            "lane": {"isolation": draw(st.sampled_from(["label", "relabel", "relabel", "auto"]))},
            "baseline": ["baseline.yaml"],
            "services": [{"name": item["metadata"]["name"]} for item in released],
        },
    }
    return [*pods, *rest], release


def prepare(objects: list[Object]) -> None:
    """Put the label of a prepared baseline on pods, and in the selectors that take them."""
    for item in objects:
        kind, spec = item["kind"], item["spec"]
        if kind in OWNERS:
            spec["template"]["metadata"]["labels"][VERSION] = "original"
        if kind in OWNERS or kind in ("PodDisruptionBudget", "PodUnavailableBudget"):
            spec["selector"].setdefault("matchLabels", {})[VERSION] = "original"
        elif kind == "Service":
            spec["selector"][VERSION] = "original"


# The oracle


def holds(item: Object, labels: Labels) -> bool:
    value, values = labels.get(item["key"]), item.get("values", [])
    operators = {
        "In": value is not None and value in values,
        "NotIn": value is None or value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return operators[item["operator"]]


def matches(style: str, selector: Any, labels: Labels) -> bool:
    if style == "labels":
        if selector is None:
            return False
        wanted = selector.get("matchLabels", {})
        return all(labels.get(key) == value for key, value in wanted.items()) and all(
            holds(item, labels) for item in selector.get("matchExpressions", [])
        )
    if not selector:
        return style == "filter"
    return all(labels.get(key) == value for key, value in selector.items())


def selectors(item: Object) -> Iterator[tuple[str, str, Any]]:
    """Yield what being selected means, the style and the selector, of every selector of an object."""
    kind = item["kind"]
    if kind in OWNERS:
        yield "takes", "labels", item["spec"]["selector"]
        affinity = item["spec"]["template"]["spec"].get("affinity", {}).get("podAntiAffinity", {})
        for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", []):
            yield "places", "labels", term["labelSelector"]
    elif kind in TAKES or kind in RULES:
        _, path, style = {**TAKES, **RULES}[kind]
        value: Any = item["spec"]
        for step in path:
            value = (value or {}).get(step)
        yield "takes" if kind in TAKES else "rules", style, value


def looks_in(item: Object, namespace: str) -> bool:
    own, kind = item["metadata"]["namespace"], item["kind"]
    if kind == "Gateway" or (kind == "AuthorizationPolicy" and own == "istio-system"):
        return True
    if kind == "PodMonitor" and "namespaceSelector" in item["spec"]:
        named = item["spec"]["namespaceSelector"]
        return named.get("any", False) or namespace in named.get("matchNames", [])
    return bool(own == namespace)


def finds(item: Object, pods: list[Object], use: str) -> set[str]:
    return {
        pod["metadata"]["name"]
        for pod in pods
        for what, style, selector in selectors(item)
        if what == use
        and looks_in(item, pod["metadata"]["namespace"])
        and matches(style, selector, pod["spec"]["template"]["metadata"]["labels"])
    }


def name(item: Object) -> str:
    return f"{item['kind']}/{item['metadata']['name']}"


def compiled(baseline: list[Object], release: Object) -> tuple[ReleasePlan, tuple[Document, ...], set[tuple[str, str]]]:
    """Return plan, gray documents, and code and object of every finding of passes and proof."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "release.yaml").write_text(json.dumps(release))
        (root / "baseline.yaml").write_text("\n---\n".join(map(json.dumps, baseline)))
        planned = preview_releases(Request(specs=(str(root / "release.yaml"),), stdin=BytesIO))
    assert planned.value is not None, planned.diagnostics
    plan = planned.value[0].plan
    made = run_passes(BUILD, plan)
    assert made.value is not None
    found = (*made.diagnostics, *check_isolation(made.value, plan))
    return plan, made.value, {(item.code, item.object) for item in found}


@settings(max_examples=300, deadline=None)
@given(world=worlds())
def test_findings_are_those_of_a_brute_force(world: tuple[list[Object], Object]) -> None:
    baseline, release = world
    plan, documents, found = compiled(baseline, release)
    made: list[Object] = [document.data for document in documents]
    gray = [item for item in made if item["kind"] in OWNERS]
    pods = [item for item in baseline if item["kind"] in OWNERS]
    assert len(gray) == len(release["spec"]["services"])
    original = {item["metadata"]["name"]: item["metadata"]["name"].removesuffix("-mse-gray") for item in gray}
    unprepared = {
        item["metadata"]["name"]
        for item in gray
        if plan.isolation == "label"
        for own in pods
        if own["metadata"]["name"] == original[item["metadata"]["name"]]
        and (
            own["spec"]["template"]["metadata"]["labels"].get(VERSION) != "original"
            or own["spec"]["selector"].get("matchLabels", {}).get(VERSION) != "original"
        )
    }
    assert {ref for code, ref in found if code == "GC440"} == {
        name(own) for own in pods if f"{own['metadata']['name']}-mse-gray" in unprepared
    }
    leaks = {name(item) for item in baseline if finds(item, gray, "takes") - unprepared}
    assert {ref for code, ref in found if code == "GC441"} == leaks
    back = {name(item) for item in made if finds(item, pods, "takes")}
    assert {ref for code, ref in found if code == "GC444"} == back
    without_pods = {name(item) for item in made if item["kind"] == "Service" and not finds(item, gray, "takes")}
    assert {ref for code, ref in found if code == "GC442"} == without_pods
    astray = {
        name(item)
        for item in gray
        if not matches("labels", item["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"])
    }
    assert {ref for code, ref in found if code == "GC445"} == astray
    placed = {name(item) for item in pods if finds(item, gray, "places") - unprepared}
    assert {ref for code, ref in found if code == "GC447"} == placed
    check_rules(baseline, made, pods, gray, found)


def check_rules(
    baseline: list[Object], made: list[Object], pods: list[Object], gray: list[Object], found: set[tuple[str, str]]
) -> None:
    """Rules and monitors find a gray pod, by themselves or by their gray twins, as they find its baseline pod."""
    released = {item["metadata"]["name"].removesuffix("-mse-gray") for item in gray}
    lost, gained = set(), set()
    for rule in baseline:
        if rule["kind"] not in RULES:
            continue
        before = finds(rule, pods, "rules") & released
        own = {pod.removesuffix("-mse-gray") for pod in finds(rule, gray, "rules")}
        twins = [
            item
            for item in made
            if item["kind"] == rule["kind"] and item["metadata"]["name"].startswith(f"{rule['metadata']['name']}-")
        ]
        after = own | {pod.removesuffix("-mse-gray") for twin in twins for pod in finds(twin, gray, "rules")}
        assert not any(finds(twin, pods, "rules") for twin in twins)
        assert all(len([item for item in twins if finds(item, [pod], "rules")]) <= 1 for pod in gray)
        if before - after:
            lost.add(name(rule))
        if own - before:
            gained.add(name(rule))
        assert after - own <= before
    assert {ref for code, ref in found if code == "GC446"} == gained
    assert {ref for code, ref in found if code == "GC448"} == lost


@settings(max_examples=200, deadline=None)
@given(world=worlds())
def test_no_fewer_labels_end_the_leaks(world: tuple[list[Object], Object]) -> None:
    """Of all sets of labels, none smaller than the plan's ends as many leaks.

    Without `NotIn`, which another value can make match, and without Gateways, for whose sake a larger set is taken.
    """
    baseline, release = world
    assume('"NotIn"' not in json.dumps(baseline) and all(item["kind"] != "Gateway" for item in baseline))
    release["spec"]["lane"]["isolation"] = "relabel"
    plan, documents, _ = compiled(baseline, release)
    pods = [
        {**item, "spec": {**item["spec"], "template": {"metadata": {"labels": labels}}}}
        for item in baseline
        if item["metadata"]["name"] in {service["name"] for service in release["spec"]["services"]}
        for labels in [{**item["spec"]["template"]["metadata"]["labels"], VERSION: "gray"}]
    ]

    def leaks(chosen: tuple[str, ...]) -> int:
        gray = [
            {
                **pod,
                "spec": {
                    "template": {
                        "metadata": {
                            "labels": {
                                key: f"{value}-mse-gray" if key in chosen else value
                                for key, value in pod["spec"]["template"]["metadata"]["labels"].items()
                            }
                        }
                    }
                },
            }
            for pod in pods
        ]
        return sum(len(finds(item, gray, "takes")) for item in baseline)

    may_change = [key for key in POOL if key not in (VERSION, "msePilotCreateAppName")]
    sets = [
        chosen for size in range(len(may_change) + 1) for chosen in itertools.combinations(sorted(may_change), size)
    ]
    best = min(map(leaks, sets))
    assert leaks(plan.relabelled) == best
    assert len(plan.relabelled) == next(len(chosen) for chosen in sets if leaks(chosen) == best)
    assert documents
