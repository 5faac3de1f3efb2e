"""Gray beside its baseline: what every lane does is folded, everything else is told."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grayc.diff.model import Difference, Expected, Risk
from grayc.driver.request import Request
from grayc.driver.review import diff_with_baseline
from tests.manifests import Object, an_object, ingress, service, workload, write_release

READS = {"envFrom": [{"configMapRef": {"name": "web"}}]}
PATCHED = {"kind": "Deployment"}


def shop(labels: dict[str, str] | None = None) -> list[Object]:
    """Return a workload with all that belongs to it, but for its entry."""
    web = workload(pod={"imagePullSecrets": [{"name": "pull"}]}, labels=labels, container=READS, replicas=1)
    web["metadata"] |= {"uid": "1234", "labels": {"app": "web"}}
    return [
        web,
        an_object("ConfigMap", data={"a": "b"}),
        an_object("Secret", name="pull", stringData={"a": "b"}),
        service(labels=labels, type="NodePort", ports=({"port": 80, "nodePort": 30080},)),
    ]


RULES = [{"header": "x-user", "value": "1"}]
ENTRY = ingress(class_name="mse", host="web.example.com")


def pods(**pod: Any) -> Object:
    return {"target": PATCHED, "merge": {"spec": {"template": pod}}}


def review(
    folder: Path,
    objects: Sequence[Object] = (*shop(), ENTRY),
    *,
    asked: Object | None = None,
    **spec: Any,
) -> Difference:
    """Return the gray side beside its baseline, where the release asks this of the service."""
    services = [{"name": "web", "workload": "Deployment/web", **(asked or {})}]
    path = write_release(folder, objects, services=services, **{"lane": None, "output": None, **spec})
    checked = diff_with_baseline(Request(specs=(str(path),), stdin=io.BytesIO))
    assert checked.value is not None, checked.diagnostics
    (difference,) = checked.value
    return difference


def told(difference: Difference) -> dict[str, list[str]]:
    return {item.identity.kind: [field.path for field in item.fields] for item in difference.objects}


def test_a_release_that_asks_for_nothing_folds_all_but_what_isolates_a_service(tmp_path: Path) -> None:
    found = review(tmp_path)

    assert told(found) == {"Service": ["spec.ports[80/TCP].nodePort", "spec.type"]}
    folded = {item.identity.kind: dict(item.expected) for item in found.folded}
    # The metadata's three; the selector's and the pod's four, of which the version is a changed one; the application.
    assert folded["Deployment"] == {Expected.NAME: 1, Expected.LABELS: 12, Expected.REFERENCES: 2}
    assert folded["ConfigMap"] == {Expected.NAME: 1, Expected.LABELS: 3}


@pytest.mark.parametrize(
    ("asked", "kind", "path", "risk"),
    [
        ({"images": {"web": "registry.example.com/web:2"}}, "Deployment", "containers[web].image", Risk.IMAGE),
        ({"replicas": 3}, "Deployment", "spec.replicas", Risk.REPLICAS),
        ({"env": {"web": {"A": "b"}}}, "Deployment", "containers[web].env[A]", Risk.ENV),
        ({"config": {"web": {"a": "c"}}}, "ConfigMap", "data.a", Risk.CONFIG),
        (
            {
                "patches": [
                    {"target": {"kind": "Service"}, "merge": {"spec": {"selector": {"tier": "front"}}}},
                    pods(metadata={"labels": {"tier": "front"}}),
                ]
            },
            "Service",
            "spec.selector.tier",
            Risk.SELECTOR,
        ),
        ({"patches": [pods(spec={"serviceAccountName": "root"})]}, "Deployment", "serviceAccountName", Risk.ACCESS),
    ],
)
def test_what_the_release_asks_for_is_told(tmp_path: Path, asked: Object, kind: str, path: str, risk: Risk) -> None:
    found = review(tmp_path, asked=asked)

    fields = [field for item in found.objects if item.identity.kind == kind for field in item.fields]
    assert [field.risk for field in fields if field.path.endswith(path)] == [risk]


def test_a_reference_that_a_patch_leads_elsewhere_is_told(tmp_path: Path) -> None:
    patch = pods(spec={"containers": [{"name": "web", "envFrom": [{"configMapRef": {"name": "other"}}]}]})
    found = review(tmp_path, asked={"patches": [patch]})

    assert told(found)["Deployment"] == ["spec.template.spec.containers[web].envFrom[0].configMapRef.name"]


def test_relabelled_values_are_folded(tmp_path: Path) -> None:
    found = review(tmp_path, [*shop({"app": "web"}), ENTRY])

    folded = {item.identity.kind: dict(item.expected) for item in found.folded}
    assert folded["Deployment"][Expected.RELABELLED] == 2


def test_the_gray_side_of_an_entry_is_told_beside_its_ingress(tmp_path: Path) -> None:
    found = review(tmp_path, traffic={"gateway": "mse", "rules": RULES})

    guard, entry = found.objects[:2]
    # The baseline's own Ingress lets the lane's header in from outside.
    assert (guard.identity.name, guard.baseline) == ("web", None)
    assert "from outside" in guard.wanted
    assert (entry.identity.kind, entry.risk) == ("Ingress", Risk.ENTRY)
    assert entry.baseline is not None
    assert entry.baseline.name == "web"
    assert dict(entry.expected) == {Expected.NAME: 1, Expected.LABELS: 3, Expected.REFERENCES: 1}
    assert all("annotations" in field.path for field in entry.fields)


def test_what_the_release_wants_of_the_baseline_itself_is_told_first(tmp_path: Path) -> None:
    """On Istio the lane opens in the baseline's VirtualService, so no copy tells of it."""
    spec = {
        "hosts": ["web.example.com"],
        "gateways": ["front"],
        "http": [{"route": [{"destination": {"host": "web", "port": {"number": 80}}}]}],
    }
    own = an_object("VirtualService", spec, version="networking.istio.io/v1")
    traffic = {"gateway": "istio", "rules": RULES}
    found = review(tmp_path, [*shop(), own], lane={"provider": "mse"}, traffic=traffic)

    entry = found.objects[0]
    assert (entry.identity.kind, entry.identity.name, entry.risk) == ("VirtualService", "web", Risk.ENTRY)
    assert entry.wanted
    assert any(field.path.startswith("spec.http") for field in entry.fields)
