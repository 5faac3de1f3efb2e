"""Whether NetworkPolicies let a check in; each row is one way for a policy to say yes or no."""

from pathlib import Path

import pytest

from tests.manifests import PREPARED as LABELS
from tests.manifests import Object, an_object, run_build, service, workload

CHECK = {"zadigx-release-service-name": "verify-ready"}
OTHERS = {"podSelector": {"matchLabels": {"app": "gateway"}}}


def policy(name: str, spec: Object, namespace: str = "shop") -> Object:
    return an_object("NetworkPolicy", spec, version="networking.k8s.io/v1", name=name, namespace=namespace)


def warnings(folder: Path, policies: list[Object], port: int | None = None) -> list[Object]:
    """Return the findings about the check of a release of `web` that asks the Service's port 80, or another one."""
    ports = [{"name": "http", "containerPort": 8080}, {"name": "admin", "containerPort": 9000}]
    asked = service(ports=({"port": 80, "targetPort": "http"}, {"port": 90, "targetPort": 9000}))
    http: Object = {"service": "web", "path": "/", **({"port": port} if port else {})}
    built = run_build(
        folder,
        [workload(container={"ports": ports}), asked, *policies],
        services=[{"name": "web", "workload": "web"}],
        verify=[{"name": "ready", "http": http}],
    )
    assert built.status == 0, built.findings
    return [item for item in built.findings if item["code"] == "GC419"]


DENY = policy("deny", {"podSelector": {}, "policyTypes": ["Ingress"]})

OPEN: dict[str, list[Object]] = {
    "no policy": [],
    "a policy for other pods": [policy("other", {"podSelector": {"matchLabels": {"app": "cart"}}})],
    "a policy of another namespace": [policy("deny", {"podSelector": {}}, namespace="other")],
    "a policy of the other direction": [
        policy("out", {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Egress"]})
    ],
    "anybody": [DENY, policy("all", {"podSelector": {}, "ingress": [{}]})],
    "anybody, no peers": [DENY, policy("all", {"podSelector": {}, "ingress": [{"from": []}]})],
    "all pods of the namespace": [
        DENY,
        policy("near", {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}),
    ],
    "all namespaces": [DENY, policy("far", {"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {}}]}]})],
    "addresses": [
        DENY,
        policy("net", {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}),
    ],
    "the check": [
        DENY,
        policy("checks", {"podSelector": {}, "ingress": [{"from": [OTHERS, {"podSelector": {"matchLabels": CHECK}}]}]}),
    ],
    "the port by number": [DENY, policy("port", {"podSelector": {}, "ingress": [{"ports": [{"port": 8080}]}]})],
    "the port by name": [DENY, policy("port", {"podSelector": {}, "ingress": [{"ports": [{"port": "http"}]}]})],
    "a range of ports": [
        DENY,
        policy("port", {"podSelector": {}, "ingress": [{"ports": [{"port": 8000, "endPort": 8100}]}]}),
    ],
    "every port of TCP": [DENY, policy("port", {"podSelector": {}, "ingress": [{"ports": [{"protocol": "TCP"}]}]})],
}

CLOSED: dict[str, list[Object]] = {
    "nobody": [DENY],
    "no types named": [policy("deny", {"podSelector": {}})],
    "others only": [DENY, policy("gateway", {"podSelector": {}, "ingress": [{"from": [OTHERS]}]})],
    "the check, to other pods": [
        DENY,
        policy("cart", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [{}]}),
    ],
    "other namespaces": [
        DENY,
        policy(
            "ops",
            {
                "podSelector": {},
                "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}}]}],
            },
        ),
    ],
    "another port": [DENY, policy("port", {"podSelector": {}, "ingress": [{"ports": [{"port": 9000}]}]})],
    "the Service's port": [DENY, policy("port", {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]})],
    "another protocol": [
        DENY,
        policy("udp", {"podSelector": {}, "ingress": [{"ports": [{"port": 8080, "protocol": "UDP"}]}]}),
    ],
    "no way out": [policy("out", {"podSelector": {}, "policyTypes": ["Egress"]})],
    "a way out elsewhere": [
        policy("out", {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [OTHERS]}]})
    ],
}


@pytest.mark.parametrize("policies", OPEN.values(), ids=OPEN)
def test_a_check_that_gets_through_is_not_spoken_of(tmp_path: Path, policies: list[Object]) -> None:
    assert warnings(tmp_path, policies) == []


@pytest.mark.parametrize("policies", CLOSED.values(), ids=CLOSED)
def test_a_check_that_is_kept_out_is_told_with_the_policy(tmp_path: Path, policies: list[Object]) -> None:
    (found,) = warnings(tmp_path, policies)

    assert found["severity"] == "warning"
    assert found["field"] == "spec.verify[0].http"
    assert f"`NetworkPolicy/{policies[0]['metadata']['name']}`" in found["message"]


def test_the_port_that_counts_is_the_one_that_is_asked(tmp_path: Path) -> None:
    admin = policy("admin", {"podSelector": {}, "ingress": [{"ports": [{"port": "admin"}]}]})

    assert warnings(tmp_path, [DENY, admin], port=90) == []
    assert len(warnings(tmp_path, [DENY, admin], port=80)) == 1
