"""What means the same to Kubernetes is no difference, and what does not is one."""

import pytest

from grayc.diff.model import Change
from tests.unit.diff.objects import fields, paths, pod

SAME: dict[str, tuple[str, str]] = {
    "order of keys": ("{a: 1, containers: []}", "{containers: [], a: 1}"),
    "containers by name": ("{containers: [{name: a}, {name: b}]}", "{containers: [{name: b}, {name: a}]}"),
    "env by name": (
        "{containers: [{name: a, env: [{name: A, value: x}, {name: B, value: y}]}]}",
        "{containers: [{name: a, env: [{name: B, value: y}, {name: A, value: x}]}]}",
    ),
    "ports by number and protocol": (
        "{containers: [{name: a, ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53}]}]}",
        "{containers: [{name: a, ports: [{containerPort: 53, protocol: TCP}, {containerPort: 53, protocol: UDP}]}]}",
    ),
    "mounts by path": (
        "{containers: [{name: a, volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b}]}]}",
        "{containers: [{name: a, volumeMounts: [{name: v, mountPath: /b}, {name: v, mountPath: /a}]}]}",
    ),
    "cpu as number, text and thousandths": (
        "{containers: [{name: a, resources: {limits: {cpu: 1, memory: 1Gi}}}]}",
        '{containers: [{name: a, resources: {limits: {cpu: "1000m", memory: 1024Mi}}}]}',
    ),
    "tolerations": (
        "{tolerations: [{key: a, operator: Exists}, {key: b, operator: Exists}]}",
        "{tolerations: [{operator: Exists, key: b}, {key: a, operator: Exists}]}",
    ),
    "capabilities": (
        "{containers: [{name: a, securityContext: {capabilities: {drop: [A, B]}}}]}",
        "{containers: [{name: a, securityContext: {capabilities: {drop: [B, A]}}}]}",
    ),
    "null and empty lists": ("{hostname: null, volumes: [], hostAliases: []}", "{}"),
    "a float without a fraction": ("{terminationGracePeriodSeconds: 30.0}", "{terminationGracePeriodSeconds: 30}"),
}

DIFFERENT: dict[str, tuple[str, str, list[str]]] = {
    "arguments have an order": (
        "{containers: [{name: a, args: [x, y]}]}",
        "{containers: [{name: a, args: [y, x]}]}",
        ["containers[a].args[0]", "containers[a].args[1]"],
    ),
    "init containers run in order": (
        "{initContainers: [{name: a}, {name: b}]}",
        "{initContainers: [{name: b}, {name: a}]}",
        ["initContainers"],
    ),
    "variables that use each other": (
        "{containers: [{name: a, env: [{name: A, value: x}, {name: B, value: $(A)}]}]}",
        "{containers: [{name: a, env: [{name: B, value: $(A)}, {name: A, value: x}]}]}",
        ["containers[a].env"],
    ),
    "text is no number": (
        "{containers: [{name: a, env: [{name: A, value: '1'}]}]}",
        "{containers: [{name: a, env: [{name: A, value: '1.0'}]}]}",
        ["containers[a].env[A].value"],
    ),
    "true is no 1": ("{hostNetwork: true}", "{hostNetwork: 1}", ["hostNetwork"]),
    "a named port is no number": (
        "{containers: [{name: a, livenessProbe: {tcpSocket: {port: 80}}}]}",
        "{containers: [{name: a, livenessProbe: {tcpSocket: {port: '80'}}}]}",
        ["containers[a].livenessProbe.tcpSocket.port"],
    ),
    "emptyDir says something": (
        "{volumes: [{name: v, emptyDir: {}}]}",
        "{volumes: [{name: v}]}",
        ["volumes[v].emptyDir"],
    ),
    "two names for one variable": (
        "{containers: [{name: a, env: [{name: A, value: x}, {name: A, value: y}]}]}",
        "{containers: [{name: a, env: [{name: A, value: y}, {name: A, value: x}]}]}",
        ["containers[a].env[0]", "containers[a].env[1]"],
    ),
    "true is no 1 in a list either": ("{x: [1, 0]}", "{x: [true, 0]}", ["x[0]"]),
    "what is behind an item that is new": (
        "{containers: [{name: a, args: [a, '--log=info', b]}]}",
        "{containers: [{name: a, args: ['--new', a, '--log=warn', b]}]}",
        ["containers[a].args[0]", "containers[a].args[2]"],
    ),
    "a key that starts with underscores": (
        "{nodeSelector: {__a: x}}",
        "{nodeSelector: {__a: y}}",
        ["nodeSelector.__a"],
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_the_same(before: str, after: str) -> None:
    assert fields(pod(before), pod(after)) == ()


@pytest.mark.parametrize(("before", "after", "where"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(before: str, after: str, where: list[str]) -> None:
    assert paths(pod(before), pod(after)) == [f"spec.template.spec.{path}" for path in where]


def test_format_alone_is_no_difference() -> None:
    text = pod("{containers: [{name: a, image: 'a:1'}]}")
    block = """\
# a comment
kind: Deployment
apiVersion: "apps/v1"
metadata:
  namespace: shop
  name: web
  annotations: {}
spec:
  template:
    spec:
      containers:
        - image: a:1
          name: a
    metadata: {labels: {"app": "web"}}
  selector:
    matchLabels: {app: web}
"""

    assert fields(text, block) == ()


def test_a_secret_is_the_same_in_text_and_encoded() -> None:
    head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"

    assert fields(f"{head}stringData: {{a: x}}\n", f"{head}data: {{a: eA==}}\n") == ()
    assert paths(f"{head}stringData: {{a: x}}\n", f"{head}data: {{a: eQ==}}\n") == ["data.a"]
    assert paths(f"{head}stringData: {{a: 1}}\n", f"{head}stringData: {{a: 2}}\n") == ["data.a"]


def test_rules_of_a_policy_have_no_order() -> None:
    text = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {matchExpressions: [{key: a, operator: In, values: [x, y]}]}
  policyTypes: [Ingress, Egress]
"""
    assert fields(text, text.replace("[x, y]", "[y, x]").replace("[Ingress, Egress]", "[Egress, Ingress]")) == ()
    assert fields(text, text.replace("[x, y]", "[x]")) != ()


def test_lists_of_a_kind_without_merge_keys_have_an_order() -> None:
    text = "apiVersion: example.com/v1\nkind: Cache\nmetadata: {name: a}\nspec: {nodes: [{name: a}, {name: b}]}\n"

    assert paths(text, text.replace("[{name: a}, {name: b}]", "[{name: b}, {name: a}]")) == [
        "spec.nodes[0]",
        "spec.nodes[1]",
    ]


def test_what_is_told_is_what_the_user_wrote() -> None:
    before = pod("{containers: [{name: a, resources: {limits: {cpu: 0.5}}}]}")
    after = pod("{containers: [{name: a, resources: {limits: {cpu: 750m}}}]}")

    (change,) = fields(before, after)
    assert (change.before, change.after) == (0.5, "750m")


def test_a_new_container_is_one_change_and_its_ports_are_as_written() -> None:
    after = pod("{containers: [{name: a}, {name: b, ports: [{containerPort: 80}]}]}")

    (change,) = fields(pod("{containers: [{name: a}]}"), after)
    assert change.change is Change.ADDED
    assert change.after == {"name": "b", "ports": [{"containerPort": 80}]}
    assert change.path == "spec.template.spec.containers[b]"
