"""A right release in grayc's own types."""

import json
from dataclasses import replace
from typing import Any

import pytest

from grayc.documents import Path as Place
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.gateways import GatewayName
from grayc.k8s.profiles import Profile
from grayc.k8s.providers import Propagation, Provider
from grayc.output.inventory import _is_rule
from grayc.spec import rule_data
from grayc.spec.decode import decode
from grayc.spec.load import load_spec
from grayc.spec.model import (
    AllRule,
    Autoscaling,
    BaselineSource,
    ByValue,
    Condition,
    ContainerCheck,
    Digits,
    EntrySpec,
    HttpCheck,
    Isolation,
    Lane,
    Layout,
    Part,
    ReleaseSpec,
    TaggedRule,
    WeightRule,
    WorkloadRef,
)
from tests.unit.spec.release import ISTIO, MORE, MSE, read, release, source


def small(**spec: object) -> ReleaseSpec:
    return decode(read(release(**spec)))


FULL = decode(read(MSE))


def test_defaults_are_those_of_the_language() -> None:
    spec = small()
    (service,) = spec.services

    assert (spec.name, spec.tag, spec.namespace, spec.set_namespace) == ("demo", "gray", "shop", False)
    assert spec.lane == Lane(
        provider=Provider.MSE,
        carrier=TagCarrier(header="x-mse-tag"),
        profile=Profile.ZADIG,
        isolation=Isolation.AUTO,
        path=("spec", "lane"),
    )
    assert spec.baseline == (BaselineSource(pattern="baseline/", stdin=False, path=("spec", "baseline", 0)),)
    assert (spec.traffic, spec.calls, spec.references, spec.accept, spec.expires) == (None, (), (), (), None)
    assert spec.output.layout is Layout.SERVICE
    assert (service.name, service.source, service.workload) == ("web", None, WorkloadRef(kind=None, name="web"))
    assert (service.images, service.replicas, service.autoscaling, service.env, service.config) == (
        {},
        None,
        None,
        {},
        {},
    )
    assert (service.patches, service.share, service.rewrite_text) == ((), (), False)


def test_header_of_the_lane_depends_on_the_provider() -> None:
    headers = {name: small(lane={"provider": name}).lane.carrier.header for name in ("mse", "istio", "address", "none")}

    assert headers == {"mse": "x-mse-tag", "istio": "x-gray-tag", "address": "x-gray-tag", "none": "x-gray-tag"}
    assert FULL.lane == Lane(
        provider=Provider.NONE,
        carrier=TagCarrier(header="x-lane"),
        profile=Profile.PLAIN,
        isolation=Isolation.LABEL,
        propagation={"*": Propagation.APP},
        path=("spec", "lane"),
    )


def test_texts_are_rewritten_where_addresses_carry_the_calls() -> None:
    services = [{"name": "web"}, {"name": "cart", "rewriteText": False}]
    made = {name: small(lane={"provider": name}, services=services).services for name in ("address", "none")}

    assert [service.rewrite_text for service in made["address"]] == [True, False]
    assert [service.rewrite_text for service in made["none"]] == [False, False]


def test_services_say_what_they_are_and_what_changes() -> None:
    web, cart, pay = FULL.services

    assert (web.source, web.workload, web.path) == ("baseline/web", None, ("spec", "services", 0))
    assert (cart.source, cart.workload) == (None, WorkloadRef(kind="StatefulSet", name="cart-db"))
    assert pay.workload == WorkloadRef(kind=None, name="pay")
    assert web.images == {
        "web": "registry.example.com/web:2.0",
        "side": "localhost:5000/side@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    }
    assert web.replicas == 0
    assert web.env == {"web": {"LEVEL": "debug", "OLD": None}}
    assert web.config == {"web-config": {"application.yaml": "level: debug\n", "gone": None}}
    assert (web.share, web.rewrite_text) == (("Secret", "ConfigMap/common"), False)


def test_autoscaling_is_off_or_bounds() -> None:
    web, cart, pay = (service.autoscaling for service in FULL.services)

    assert web == Autoscaling(
        enabled=False, min_replicas=None, max_replicas=None, path=("spec", "services", 0, "autoscaling")
    )
    assert cart == Autoscaling(
        enabled=True, min_replicas=1, max_replicas=3, path=("spec", "services", 1, "autoscaling")
    )
    assert pay is None


def test_checks_are_containers_or_requests() -> None:
    smoke, ready = decode(read(ISTIO)).verifications
    (short,) = small(verify=[{"name": "up", "http": {"service": "web", "path": "/"}}]).verifications

    assert smoke == ContainerCheck(
        name="smoke",
        image="registry.example.com/smoke:1",
        command=("/smoke",),
        args=("--fast",),
        env={"TARGET": "http://web"},
        timeout=60,
        path=("spec", "verify", 0),
    )
    assert ready == HttpCheck(
        name="ready",
        service="web",
        request_path="/healthz",
        port=8080,
        status=200,
        body="UP",
        image="registry.example.com/curl:8",
        timeout=30,
        path=("spec", "verify", 1),
    )
    assert short == replace(
        ready, name="up", request_path="/", port=None, body="", image="busybox:1.37.0", timeout=300, path=smoke.path
    )


def test_patches_have_one_content_each() -> None:
    merge, operations, file = FULL.services[0].patches

    assert (merge.target.kind, merge.target.name) == ("Deployment", "web")
    assert (merge.merge, merge.json6902, merge.file) == ({"spec": {"minReadySeconds": 5}}, None, None)
    assert operations.target.name is None
    assert operations.merge is None
    assert operations.json6902 is not None
    assert [operation["op"] for operation in operations.json6902] == ["replace", "move"]
    assert (file.merge, file.json6902, file.file) == (None, None, "patches/a.yaml")
    assert operations.path == ("spec", "services", 0, "patches", 1)


def test_rules_stand_in_order_of_precedence_and_keep_their_places() -> None:
    traffic = FULL.traffic
    assert traffic is not None
    path = ("spec", "traffic", "rules")

    assert traffic.gateway is GatewayName.MSE
    header, query, cookie = Part.HEADER, Part.QUERY, Part.COOKIE
    assert traffic.rules == (
        Condition(part=header, name="X-User", values=("100",), path=(*path, 2)),
        Condition(part=header, name="x-group", pattern="^beta-", path=(*path, 3)),
        Condition(part=header, name="x-any", path=(*path, 5)),
        Condition(part=header, name="x-many", values=("a b", "c"), path=(*path, 6)),
        # Of its conditions the header decides first.
        AllRule(
            conditions=(
                Condition(part=cookie, name="region", values=("eu",), path=(*path, 13, "all", 0)),
                Condition(part=query, name="app", values=("6", "7"), path=(*path, 13, "all", 1)),
                Condition(part=header, name="user-agent", pattern="ShopApp", path=(*path, 13, "all", 2)),
            ),
            path=(*path, 13),
        ),
        traffic.rules[5],
        TaggedRule(carrier=TagCarrier(header="x-lane"), tag="gray", path=(*path, 15)),
        Condition(part=query, name="preview", path=(*path, 7)),
        Condition(part=query, name="trial", values=("1",), path=(*path, 8)),
        Condition(part=query, name="plan", values=("a", "b"), path=(*path, 9)),
        Condition(part=query, name="uid", pattern="^7", path=(*path, 10)),
        Condition(part=cookie, name="shop-preview", path=(*path, 1)),
        Condition(part=cookie, name="user", values=("alice",), path=(*path, 4)),
        Condition(part=cookie, name="team", values=("qa", "dev"), path=(*path, 11)),
        Condition(part=cookie, name="device", pattern="^[0-9]+$", path=(*path, 12)),
        WeightRule(percent=20, by=ByValue(part=header, name="x-user-id", digits=Digits.HEX), path=(*path, 0)),
    )


def test_a_step_keeps_what_the_weight_goes_by() -> None:
    text = release(
        traffic={"gateway": "mse", "rules": [{"weight": 5, "by": {"cookie": "uid"}}]},
        rollout={"steps": [{"name": "a", "weight": 20}, {"name": "b", "rules": [], "weight": 7}]},
    )
    spec = load_spec(source(text)).value
    assert spec is not None
    kept, own = spec.steps

    by = ByValue(part=Part.COOKIE, name="uid", digits=Digits.DECIMAL)
    assert kept.rules == (WeightRule(percent=20, by=by, path=kept.path),)
    assert own.rules == (WeightRule(percent=7, path=own.path),)


@pytest.mark.parametrize("text", [MSE, *MORE])
def test_rules_come_back_from_an_inventory_as_they_were(text: str) -> None:
    traffic = decode(read(text)).traffic
    assert traffic is not None

    for rule in traffic.rules:
        kept = json.loads(json.dumps(rule_data.encode(rule)))

        assert _is_rule(kept)
        assert rule_data.encode(rule_data.decode(kept)) == kept
        assert rule_data.rank(rule_data.decode(kept)) == rule_data.rank(rule)


def entry_row(path: Place, **fields: Any) -> EntrySpec:
    """Return a row of `entries`: what is not said is empty."""
    nothing: dict[str, Any] = {"ingress": "", "route": "", "kind": "", "class_name": "", "namespace": ""}
    return EntrySpec(path=path, **{**nothing, "hosts": (), "paths": (), "gateway": None, **fields})


def test_rows_of_entries_name_a_kind_a_class_a_namespace_and_a_gateway() -> None:
    traffic = small(
        traffic={
            "gateway": "ingress-nginx",
            "entries": [
                {"route": "HTTPRoute/web", "namespace": "edge", "gateway": "gateway-api", "hosts": ["a.example.com"]},
                {"class": "internal", "paths": ["/api"]},
            ],
        }
    ).traffic
    path = ("spec", "traffic", "entries")

    assert traffic is not None
    assert traffic.entries == (
        entry_row(
            (*path, 0),
            route="web",
            kind="HTTPRoute",
            namespace="edge",
            gateway=GatewayName.GATEWAY_API,
            hosts=("a.example.com",),
        ),
        entry_row((*path, 1), class_name="internal", paths=("/api",)),
    )


def test_entries_are_ingresses_or_routes() -> None:
    assert FULL.traffic is not None
    path = ("spec", "traffic", "entries")

    assert FULL.traffic.entries == (
        entry_row((*path, 0), ingress="web", hosts=("shop.example.com", "*.example.com"), paths=("/api",)),
        entry_row(
            (*path, 1),
            route="web-route",
            namespace="edge",
            gateway=GatewayName.GATEWAY_API,
            hosts=("shop.example.com",),
            paths=("/api",),
        ),
        entry_row((*path, 2), class_name="internal"),
    )
    assert FULL.traffic.guard is False


def test_guard_is_on_unless_said_otherwise() -> None:
    traffic = small(traffic={"gateway": "mse"}).traffic

    assert traffic is not None
    assert (traffic.guard, traffic.rules, traffic.entries) == (True, (), ())


def test_the_rest_of_the_release() -> None:
    assert [source.stdin for source in FULL.baseline] == [False, True]
    assert FULL.calls[0].services == ("web", "cart", "pay_2")
    assert [(accept.code, accept.object, accept.reason) for accept in FULL.accept] == [
        ("GC441", "PodDisruptionBudget/all", "one budget for all"),
        ("GC441", None, "other"),
    ]
    assert (FULL.expires, FULL.output.layout, FULL.set_namespace) == ("2027-01-31", Layout.OBJECT, True)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert small(services=[{"name": "web", "replicas": 2.0}]).services[0].replicas == 2


def test_places_in_the_file_are_kept() -> None:
    span = FULL.span(FULL.services[1].path)

    assert MSE.splitlines()[span.line - 1].strip() == "- name: cart"
