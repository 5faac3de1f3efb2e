"""What may talk to what: a gray pod may do what its baseline pod may, no more and no less, and the baseline's own stay.

The oracle evaluates every policy on every pair of pods, by hand, from the text of the output.
"""

import json
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.driver.compile import compile_releases
from grayc.driver.request import Request

NAMES = ("web", "cart", "pay")
TIERS = {"web": "front", "cart": "back", "pay": "back"}
Object = dict[str, Any]
Labels = Mapping[str, str]

SELECTORS = st.one_of(
    st.just({}),
    st.sampled_from(NAMES).map(lambda name: {"matchLabels": {"app": name}}),
    st.sampled_from(["front", "back"]).map(lambda tier: {"matchLabels": {"tier": tier}}),
    st.sampled_from(NAMES).map(lambda name: {"matchLabels": {"app": name, "tier": TIERS[name]}}),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(
        lambda names: {"matchExpressions": [{"key": "app", "operator": "In", "values": names}]}
    ),
    st.just({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}),
    st.sampled_from(NAMES).map(
        lambda name: {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": [name]}]}
    ),
)
PEERS = st.one_of(
    SELECTORS.map(lambda selector: {"podSelector": selector}),
    SELECTORS.map(lambda selector: {"podSelector": selector, "namespaceSelector": {}}),
    st.just({"ipBlock": {"cidr": "203.0.113.0/24"}}),
)


def rules(peers: str) -> st.SearchStrategy[list[Object]]:
    rule = st.one_of(st.just({}), st.lists(PEERS, min_size=1, max_size=2).map(lambda items: {peers: items}))
    return st.lists(rule, max_size=2)


@st.composite
def policies(draw: st.DrawFn) -> list[Object]:
    found = []
    for at in range(draw(st.integers(0, 3))):
        types = draw(st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]))
        spec: Object = {"podSelector": draw(SELECTORS), "policyTypes": types}
        if "Ingress" in types:
            spec["ingress"] = draw(rules("from"))
        if "Egress" in types:
            spec["egress"] = draw(rules("to"))
        found.append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": f"policy-{at}", "namespace": "shop"},
                "spec": spec,
            }
        )
    return found


def selects(selector: Object, labels: Labels) -> bool:
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for item in selector.get("matchExpressions", []):
        present = item["key"] in labels
        listed = labels.get(item["key"]) in item.get("values", [])
        holds = {"In": listed, "NotIn": not listed, "Exists": present, "DoesNotExist": not present}[item["operator"]]
        if not holds:
            return False
    return True


def is_allowed(all_policies: list[Object], pod: Labels, other: Labels, direction: str) -> bool:
    field, peers = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}[direction]
    governing = [
        policy["spec"]
        for policy in all_policies
        if direction in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], pod)
    ]
    if not governing:
        return True
    return any(
        not rule.get(peers)
        or any("podSelector" in peer and selects(peer["podSelector"], other) for peer in rule[peers])
        for spec in governing
        for rule in spec.get(field, [])
    )


def deployment(name: str) -> Object:
    labels = {"app": name, "tier": TIERS[name]}
    pod = {"containers": [{"name": name, "image": f"registry.example.com/{name}:1"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


@settings(max_examples=150, deadline=None)
@given(before=policies(), released=st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
def test_allowed_pairs_before_and_after(before: list[Object], released: list[str]) -> None:
    baseline = [deployment(name) for name in NAMES]
    release = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": "demo"},
        "spec": {"tag": "gray", "baseline": ["baseline.yaml"], "services": [{"name": name} for name in released]},
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "release.yaml").write_text(json.dumps(release))
        (root / "baseline.yaml").write_text("\n---\n".join(map(json.dumps, [*baseline, *before])))
        compiled = compile_releases(Request(specs=(str(root / "release.yaml"),), stdin=BytesIO))
    if compiled.value is None:
        # What is left out by name cannot be told of a copy: that is refused, and nothing else is.
        assert {item.code for item in compiled.diagnostics if item.severity == "error"} == {"GC446"}
        assert "NotIn" in json.dumps(before)
        return
    made = [document.data for document in compiled.value.releases[0].documents]
    after = [*before, *(item for item in made if item["kind"] == "NetworkPolicy")]
    labels: dict[str, Labels] = {
        item["metadata"]["name"]: item["spec"]["template"]["metadata"]["labels"] for item in baseline
    }
    gray = {
        item["metadata"]["name"].removesuffix("-mse-gray"): item["spec"]["template"]["metadata"]["labels"]  # type: ignore[index]
        for item in made
        if item["kind"] == "Deployment"
    }
    for name in NAMES:
        for other in NAMES:
            for direction in ("Ingress", "Egress"):
                wanted = is_allowed(before, labels[name], labels[other], direction)
                for pod in filter(None, (labels[name], gray.get(name))):
                    for peer in filter(None, (labels[other], gray.get(other))):
                        assert is_allowed(after, pod, peer, direction) == wanted
