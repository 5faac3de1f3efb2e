"""What a lane asks for is a hand count, and a weight is held against the baseline's pods."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, workload

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  namespace: shop
  lane: {provider: none}
  baseline: [baseline/]
  services:
    - name: web
"""
RULES = "  traffic: {gateway: mse, rules: [{weight: %s}]}\n"
WEB = """\
apiVersion: apps/v1
kind: %s
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          resources: {requests: {cpu: 250m, memory: 512Mi}}
"""
DEPLOYMENT = WEB % "Deployment"
ENTRY = """\
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web, zadigx-release-version: original}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: mse
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
SCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 20
"""
OBJECT = """\
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
"""


def scaled(replicas: int) -> str:
    return DEPLOYMENT + f"  replicas: {replicas}\n"


def answer(folder: Path, command: list[str], web: str, release: str) -> dict[str, object]:
    (folder / "baseline").mkdir()
    (folder / "baseline" / "web.yaml").write_text(web)
    (folder / "release.yaml").write_text(release)
    run = run_grayc([*command, "-f", "json"], folder=folder)
    assert run.status == 0, run.stdout
    parsed = json.loads(run.stdout)
    assert isinstance(parsed, dict)
    return parsed


def capacity(folder: Path, web: str, release: str = RELEASE) -> dict[str, object]:
    plans = answer(folder, ["plan", "release.yaml"], web, release)["plans"]
    assert isinstance(plans, list)
    found = plans[0]["capacity"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("percent", "baseline", "replicas", "is_told"),
    [
        (30, 10, 1, True),
        (30, 10, 2, True),
        (30, 10, 3, False),
        (20, 2, 1, False),
        # 34 % on one of three is 1.02 times a baseline pod's share.
        (34, 3, 1, False),
        (50, 3, 1, True),
        (100, 4, 3, True),
        (100, 4, 4, False),
        (1, 1, 0, True),
        (0, 10, 0, False),
    ],
)
def test_a_weight_is_held_against_the_pods_that_carry_all_now(
    percent: int, baseline: int, replicas: int, is_told: bool, tmp_path: Path
) -> None:
    release = RELEASE + f"      replicas: {replicas}\n" + RULES % percent
    found = answer(tmp_path, ["build", "release.yaml", "-o", "out"], scaled(baseline) + ENTRY, release)

    codes = [
        (item["code"], item["file"], item["range"]["start"]["line"])
        for item in found["diagnostics"]  # type: ignore[attr-defined]
        if item["code"] == "GC480"
    ]
    assert codes == ([("GC480", "release.yaml", 12)] if is_told else [])


@pytest.mark.parametrize(
    ("scaler", "service", "is_told"),
    [
        (SCALER, "", False),
        (SCALER, "      autoscaling: {minReplicas: 1, maxReplicas: 4}\n", True),
        (SCALER, "      autoscaling: {minReplicas: 1, maxReplicas: 6}\n", False),
        (SCALER, "      autoscaling: none\n", True),
        # A ScaledObject without its most: nothing is known but the least.
        (OBJECT, "", False),
        (OBJECT, "      autoscaling: none\n", False),
    ],
    ids=["both scale", "scales too little", "scales enough", "fixed", "without bounds", "fixed, without bounds"],
)
def test_autoscalers_count_with_the_most_that_they_make(
    scaler: str, service: str, is_told: bool, tmp_path: Path
) -> None:
    found = answer(
        tmp_path, ["build", "release.yaml", "-o", "out"], DEPLOYMENT + ENTRY + scaler, RELEASE + service + RULES % 30
    )

    codes = [item["code"] for item in found["diagnostics"]]  # type: ignore[attr-defined]
    assert ("GC480" in codes) is is_told


def test_a_header_says_nothing_about_shares(tmp_path: Path) -> None:
    release = RELEASE + "  traffic: {gateway: mse, rules: [{header: x-user, value: a}]}\n"
    found = answer(tmp_path, ["build", "release.yaml", "-o", "out"], scaled(10) + ENTRY, release)

    assert "GC480" not in [item["code"] for item in found["diagnostics"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rules", "line"), [("{header: x-user, value: a}", 12), ("{weight: 0}", 0), ("{weight: 0}, {cookie: c}", 12)]
)
def test_no_pod_is_too_few_for_whoever_is_let_in(rules: str, line: int, tmp_path: Path) -> None:
    release = RELEASE + f"      replicas: 0\n  traffic: {{gateway: mse, rules: [{rules}]}}\n"
    found = answer(tmp_path, ["build", "release.yaml", "-o", "out"], scaled(1) + ENTRY, release)

    lines = [item["range"]["start"]["line"] for item in found["diagnostics"] if item["code"] == "GC480"]  # type: ignore[attr-defined]
    assert lines == ([line] if line else [])


CART = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  replicas: 10
  selector: {matchLabels: {app: cart, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: cart, zadigx-release-version: original}}
    spec: {containers: [{name: cart, image: registry.example.com/cart:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart, zadigx-release-version: original}, ports: [{port: 80}]}
"""


@pytest.mark.parametrize(
    ("calls", "service", "is_told"),
    [
        ("[web -> cart]", "replicas: 1", True),
        ("[web -> mail -> cart]", "replicas: 1", True),
        ("[web -> cart]", "replicas: 3", False),
        ("[web -> mail, other -> cart]", "replicas: 1", False),
        ("[]", "replicas: 1", False),
    ],
    ids=["called", "called by way of another", "enough pods", "called by others", "unknown"],
)
def test_a_weight_goes_along_the_calls(calls: str, service: str, is_told: bool, tmp_path: Path) -> None:
    """The entry is coloured alone: its own service is not released."""
    # Without an agent nothing would lead a call of the baseline's web into the lane.
    release = RELEASE.replace("none", "mse").replace(
        "- name: web", f"- name: cart\n      {service}\n  calls: {calls}"
    ) + ("  traffic: {gateway: mse, entries: [{ingress: web}], rules: [{weight: 30}]}\n")
    others = "".join(CART.replace("cart", name) for name in ("mail", "other"))
    found = answer(tmp_path, ["build", "release.yaml", "-o", "out"], scaled(10) + ENTRY + CART + others, release)

    told = [item["message"] for item in found["diagnostics"] if item["code"] == "GC480"]  # type: ignore[attr-defined]
    expected = "up to 30 % of the requests to `Deployment/cart`, which 10 pods"
    assert [message[: len(expected)] for message in told] == ([expected] if is_told else [])


def test_totals_are_the_sums_of_the_gray_pods(tmp_path: Path) -> None:
    found = capacity(tmp_path, scaled(10), RELEASE + "      replicas: 3\n")

    assert found["pods"] == {"atLeast": 3, "atMost": 3}
    assert found["cpu"] == {"atLeast": "750m", "atMost": "750m"}
    assert found["memory"] == {"atLeast": "1536Mi", "atMost": "1536Mi"}
    assert found["volumes"] == {"atLeast": 0, "atMost": 0}
    assert found["loadBalancers"] == []


def test_an_autoscaler_gives_both_bounds(tmp_path: Path) -> None:
    found = capacity(tmp_path, DEPLOYMENT + SCALER)

    assert found["pods"] == {"atLeast": 2, "atMost": 20}
    assert found["cpu"] == {"atLeast": "500m", "atMost": "5"}


def test_a_stateful_set_claims_its_volumes_for_each_pod(tmp_path: Path) -> None:
    claims = "  volumeClaimTemplates:\n    - metadata: {name: data}\n"
    claims += "      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}\n"
    ephemeral = "      volumes:\n        - name: scratch\n          ephemeral:\n            volumeClaimTemplate:\n"
    ephemeral += "              spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"
    found = capacity(tmp_path, WEB % "StatefulSet" + ephemeral + claims, RELEASE + "      replicas: 2\n")

    assert found["volumes"] == {"atLeast": 4, "atMost": 4}
    assert found["storage"] == {"atLeast": "22Gi", "atMost": "22Gi"}


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        ("initContainers: [{name: a, image: a, resources: {requests: {cpu: 100m}}}]", "250m"),
        ("initContainers: [{name: a, image: a, resources: {requests: {cpu: 900m}}}]", "900m"),
        ("initContainers: [{name: a, image: a, restartPolicy: Always, resources: {requests: {cpu: 100m}}}]", "350m"),
        (
            "initContainers: [{name: a, image: a, restartPolicy: Always, resources: {requests: {cpu: 100m}}}, "
            "{name: b, image: b, resources: {requests: {cpu: 300m}}}]",
            "400m",
        ),
        ("overhead: {cpu: 50m}", "300m"),
        ("resources: {requests: {cpu: 1}}", "1"),
    ],
    ids=["small init", "large init", "sidecar", "init beside a sidecar", "overhead", "pod level"],
)
def test_one_pod_requests_what_the_scheduler_keeps_free(pod: str, cpu: str, tmp_path: Path) -> None:
    assert capacity(tmp_path, DEPLOYMENT + f"      {pod}\n")["cpu"] == {"atLeast": cpu, "atMost": cpu}


def test_a_limit_alone_is_a_request(tmp_path: Path) -> None:
    web = DEPLOYMENT.replace("requests: {cpu: 250m, memory: 512Mi}", "limits: {cpu: 2}")
    found = capacity(tmp_path, web)

    assert found["cpu"] == {"atLeast": "2", "atMost": "2"}
    assert found["workloads"][0]["withoutRequests"] == ["web"]  # type: ignore[index]


def test_the_pods_of_a_template_that_a_rollout_takes_are_the_rollouts(tmp_path: Path) -> None:
    labels = {"app": "web", "zadigx-release-version": "original"}
    taken = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    rollout = an_object(
        "Rollout",
        {"replicas": 3, "selector": {"matchLabels": labels}, "workloadRef": taken},
        version="argoproj.io/v1alpha1",
    )
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "h.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    objects = [
        workload(replicas=0),
        rollout,
        an_object("Service", {"selector": labels, "ports": [{"port": 80}]}),
        an_object("Ingress", {"ingressClassName": "mse", "rules": [rule]}, version="networking.k8s.io/v1"),
    ]

    def told(name: str, replicas: int, rule: Object) -> list[str]:
        services = [{"name": "web", "workload": "Rollout/web", "replicas": replicas}]
        traffic = {"gateway": "mse", "guard": False, "rules": [rule]}
        found, _ = build(tmp_path / name, objects, services=services, traffic=traffic)
        return [item["object"] for item in found if item["code"] == "GC480"]

    assert told("header", 1, {"header": "x-user", "value": "1"}) == []
    assert told("none", 0, {"header": "x-user", "value": "1"}) == ["Rollout/web-mse-gray"]
    assert told("share", 1, {"weight": 60}) == ["Rollout/web-mse-gray"]
