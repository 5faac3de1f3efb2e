"""What is attached by name to a route, Ingress or Service of the baseline covers the gray one, or is told."""

from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.attachments import ATTACHMENTS, Way
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, ingress, service, workload, write_release
from tests.plans import after_pass, plan_of

GATEWAY_API = "gateway.networking.k8s.io"
ROUTE = {"group": GATEWAY_API, "kind": "HTTPRoute", "name": "web"}
SERVICE = {"group": "", "kind": "Service", "name": "web"}
GRAY = "web-mse-gray"
RULE = {"header": "x-user", "value": "1"}
BY_ROUTE: Object = {"gateway": "gateway-api", "guard": False, "rules": [RULE]}
BY_HIGRESS: Object = {"gateway": "higress", "guard": False, "rules": [RULE]}


def a_service(name: str = "web") -> Object:
    return service(name, labels={"app": name}, ports=({"port": 80, "name": "http"},))


def a_route(*rules: Object, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> Object:
    backends = [{"name": "web", "port": 80}]
    spec = {
        "parentRefs": [{"name": "gw"}],
        "hostnames": ["h.example.com"],
        "rules": [{"backendRefs": backends, **rule} for rule in rules or ({},)],
    }
    made = an_object("HTTPRoute", spec, version=f"{GATEWAY_API}/v1")
    made["metadata"].update(labels=labels or {}, annotations=annotations or {})
    return made


def a_policy(kind: str, group: str, name: str = "p", **spec: Any) -> Object:
    return an_object(kind, spec, version=f"{group}/v1", name=name)


def an_ingress() -> Object:
    return ingress(class_name="higress", host="h.example.com")


def plugin(*rules: Object, **spec: Any) -> Object:
    made = a_policy("WasmPlugin", "extensions.higress.io", matchRules=list(rules), **spec)
    made["metadata"]["namespace"] = "higress-system"
    return made


def opened(*objects: Object, **spec: Any) -> tuple[dict[str, str], list[Object]]:
    """Return what `released` does, behind the Gateway API."""
    return released(*objects, **{"traffic": BY_ROUTE, **spec})


def on_higress(*objects: Object, rules: list[Object] | None = None) -> tuple[dict[str, str], list[Object]]:
    return released(an_ingress(), *objects, traffic={**BY_HIGRESS, "rules": rules or [RULE]})


def released(*objects: Object, **spec: Any) -> tuple[dict[str, str], list[Object]]:
    """Return code → message of what the pass finds, and the lane that it leaves."""
    made = after_pass(plan_of([workload(), a_service(), *objects], **spec), "attach_policies")
    return made.messages, made.objects


def built(folder: Path, *objects: Object, **spec: Any) -> tuple[dict[str, str], list[Object]]:
    """Return code → message of what a build finds and nobody accepted, and the lane that it writes."""
    found, made = build(folder, [workload(), a_service(), *objects], **spec)
    return {item["code"]: item["message"] for item in found if item.get("accepted") is None}, made


def of_kind(made: list[Object], kind: str) -> list[Object]:
    return [item for item in made if item["kind"] == kind]


BY_TARGETS = [kind for kind, row in ATTACHMENTS.items() if row.way is Way.TARGET_REFS]


@pytest.mark.parametrize("target", [ROUTE, SERVICE], ids=["route", "service"])
def test_every_known_policy_names_the_gray_side_in_a_copy(tmp_path: Path, target: Object) -> None:
    """It asks what the plan finds too, so it is built."""
    policies = [a_policy(kind, group, targetRefs=[target], limit=5) for group, kind in BY_TARGETS]

    found, made = built(tmp_path, a_route(), *policies, traffic=BY_ROUTE)

    copies = {(item["apiVersion"].partition("/")[0], item["kind"]): item for item in made}
    assert not found.keys() & {"GC550", "GC551", "GC552", "GC314"}
    for kind in BY_TARGETS:
        assert copies[kind]["metadata"]["name"] == "p-mse-gray"
        assert copies[kind]["metadata"]["namespace"] == "shop"
        assert copies[kind]["metadata"]["labels"]["zadigx-release-version"] == "gray"
        assert copies[kind]["spec"] == {"targetRefs": [{**target, "name": GRAY}], "limit": 5}


@pytest.mark.parametrize("source", ["baseline", None], ids=["folder", "workload"])
@pytest.mark.parametrize("kind", ["BackendTLSPolicy", "SecurityPolicy"])
def test_a_policy_in_the_folder_of_the_service_is_copied_once(tmp_path: Path, source: str | None, kind: str) -> None:
    """It asks what the plan finds too, so it is built."""
    group = GATEWAY_API if kind == "BackendTLSPolicy" else "gateway.envoyproxy.io"
    service = {"name": "web", **({"from": source} if source else {})}

    found, made = built(
        tmp_path, a_route(), a_policy(kind, group, targetRefs=[SERVICE, ROUTE]), services=[service], traffic=BY_ROUTE
    )

    [copy] = of_kind(made, kind)
    assert [ref["name"] for ref in copy["spec"]["targetRefs"]] == [GRAY, GRAY]
    assert "GC314" not in found


def test_targets_without_a_gray_side_are_left_to_the_baselines() -> None:
    gateway = {"group": GATEWAY_API, "kind": "Gateway", "name": "gw"}
    whole = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "whole", targetRefs=[gateway])
    other = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "other", targetRefs=[{**ROUTE, "name": "other"}])
    mixed = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "mixed", targetRefs=[gateway, ROUTE])

    found, made = opened(a_route(), whole, other, mixed)

    [copy] = of_kind(made, "SecurityPolicy")
    assert copy["metadata"]["name"] == "mixed-mse-gray"
    assert copy["spec"]["targetRefs"] == [{**ROUTE, "name": GRAY}]
    assert "GC550" not in found


def test_a_single_target_stays_single() -> None:
    _, made = opened(a_route(), a_policy("AuthPolicy", "kuadrant.io", targetRef=ROUTE, rules={"a": 1}))

    assert of_kind(made, "AuthPolicy")[0]["spec"] == {"targetRef": {**ROUTE, "name": GRAY}, "rules": {"a": 1}}


def test_a_policy_of_another_namespace_is_none_of_the_route() -> None:
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE])
    policy["metadata"]["namespace"] = "elsewhere"

    assert not of_kind(opened(a_route(), policy)[1], "SecurityPolicy")


def test_a_target_of_another_namespace_is_followed() -> None:
    policy = a_policy("IAMAuthPolicy", "application-networking.k8s.aws", targetRef={**ROUTE, "namespace": "shop"})
    policy["metadata"]["namespace"] = "policies"

    [copy] = of_kind(opened(a_route(), policy)[1], "IAMAuthPolicy")

    assert copy["metadata"]["namespace"] == "policies"
    assert copy["spec"]["targetRef"] == {**ROUTE, "namespace": "shop", "name": GRAY}


def test_a_rule_that_a_policy_names_has_its_name_on_the_gray_route() -> None:
    rules = [
        {"name": "api", "matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]},
        {"name": "api-2", "matches": [{"path": {"type": "PathPrefix", "value": "/v2"}}]},
    ]
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[{**ROUTE, "sectionName": "api"}])
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(a_route(*rules), policy, traffic=traffic)

    names = [rule["name"] for rule in of_kind(made, "HTTPRoute")[0]["spec"]["rules"]]
    assert names == ["api", "api-2", "api-3", "api-2-2"]
    targets = of_kind(made, "SecurityPolicy")[0]["spec"]["targetRefs"]
    assert targets == [{**ROUTE, "name": GRAY, "sectionName": name} for name in ("api", "api-3")]


def test_a_rule_that_is_not_opened_needs_nothing() -> None:
    api: Object = {"name": "api", "matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}
    docs: Object = {"name": "docs", "backendRefs": [{"name": "docs", "port": 80}]}
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[{**ROUTE, "sectionName": "docs"}])

    found, made = opened(a_route(api, docs), policy)

    assert not of_kind(made, "SecurityPolicy")
    assert "GC550" not in found


def test_kuadrant_numbers_rules_without_a_name() -> None:
    paths = [[{"path": {"type": "PathPrefix", "value": path}}] for path in ("/docs", "/api")]
    rules: list[Object] = [
        {"matches": paths[0], "backendRefs": [{"name": "docs", "port": 80}]},
        {"matches": paths[1]},
    ]
    target = {**ROUTE, "sectionName": "rule-2"}
    policies = [
        a_policy("AuthPolicy", "kuadrant.io", targetRef=target),
        a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[target]),
    ]

    _, made = opened(a_route(*rules), *policies)

    assert of_kind(made, "AuthPolicy")[0]["spec"]["targetRef"] == {**ROUTE, "name": GRAY, "sectionName": "rule-1"}
    assert not of_kind(made, "SecurityPolicy")


def test_a_rule_that_nobody_names_may_be_named_by_its_controller(tmp_path: Path) -> None:
    """The error keeps the lane from being written, so it is built."""
    target = {**ROUTE, "sectionName": "rule-1"}

    found, made = built(tmp_path, a_route(), a_policy("RetryPolicy", "example.com", targetRef=target), traffic=BY_ROUTE)

    assert "`rule-1`" in found["GC550"]
    assert not made


def test_a_grpc_route_is_one_too() -> None:
    route = {**a_route(), "kind": "GRPCRoute"}
    target = {**ROUTE, "kind": "GRPCRoute"}

    _, made = opened(route, a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[target]))

    assert of_kind(made, "SecurityPolicy")[0]["spec"]["targetRefs"] == [{**target, "name": GRAY}]


def test_an_entry_that_is_only_coloured_keeps_its_policies() -> None:
    first = an_object("Service", {"selector": {"app": "first"}, "ports": [{"port": 80}]}, name="first")
    route = a_route({"backendRefs": [{"name": "first", "port": 80}]})
    traffic = {
        "gateway": "gateway-api",
        "guard": False,
        "rules": [RULE],
        "entries": [{"route": "web"}],
    }

    _, made = opened(
        first, route, a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE]), traffic=traffic
    )

    assert len(of_kind(made, "HTTPRoute")) == len(of_kind(made, "SecurityPolicy")) == 1


def test_a_rule_of_each_condition_has_a_policy_of_a_single_target() -> None:
    policy = a_policy("RateLimitPolicy", "kuadrant.io", targetRef={**ROUTE, "sectionName": "all"})
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(a_route({"name": "all"}), policy, traffic=traffic)

    assert {
        item["metadata"]["name"]: item["spec"]["targetRef"]["sectionName"] for item in of_kind(made, "RateLimitPolicy")
    } == {"p-mse-gray": "all", "p-2-mse-gray": "all-2"}


def test_a_port_of_the_service_is_the_gray_ones_too() -> None:
    target = {**SERVICE, "sectionName": "http"}

    _, made = opened(a_route(), a_policy("BackendTLSPolicy", GATEWAY_API, targetRefs=[target]))

    assert of_kind(made, "BackendTLSPolicy")[0]["spec"]["targetRefs"] == [{**target, "name": GRAY}]


def test_labels_that_the_gray_route_lost_are_made_up_for_by_its_name() -> None:
    route = a_route(labels={"team": "shop", "argocd.argoproj.io/instance": "shop"})
    owned, kept = (
        a_policy(
            "SecurityPolicy",
            "gateway.envoyproxy.io",
            name,
            targetSelectors=[{"kind": "HTTPRoute", "matchLabels": {label: "shop"}}],
        )
        for name, label in (("owned", "argocd.argoproj.io/instance"), ("kept", "team"))
    )

    _, made = opened(route, owned, kept)

    [copy] = of_kind(made, "SecurityPolicy")
    assert copy["metadata"]["name"] == "owned-mse-gray"
    assert copy["spec"] == {"targetRefs": [{**ROUTE, "name": GRAY}]}


def test_a_rule_that_labels_select_is_covered_for_every_condition() -> None:
    selector = {"kind": "HTTPRoute", "matchLabels": {"team": "shop"}, "sectionName": "all"}
    policy = a_policy("TrafficPolicy", "gateway.kgateway.dev", targetSelectors=[selector])
    route = a_route({"name": "all"}, labels={"team": "shop"})
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(route, policy, traffic=traffic)

    assert of_kind(made, "TrafficPolicy")[0]["spec"] == {
        "targetRefs": [{**ROUTE, "name": GRAY, "sectionName": "all-2"}]
    }


def test_what_a_route_says_in_annotations_is_said_of_the_gray_one() -> None:
    annotations = {"konghq.com/plugins": "key-auth", "kubectl.kubernetes.io/last-applied-configuration": "{}"}

    _, made = opened(a_route(annotations=annotations))

    assert of_kind(made, "HTTPRoute")[0]["metadata"]["annotations"] == {"konghq.com/plugins": "key-auth"}


def test_a_policy_that_only_tries_stays_one_that_only_tries() -> None:
    policies = [
        a_policy("AuthorizationPolicy", "security.istio.io", "a", targetRefs=[SERVICE]),
        a_policy("AuthorizationPolicy", "security.istio.io", "b", selector={"matchLabels": {"app": "web"}}),
    ]
    for policy in policies:
        policy["metadata"]["annotations"] = {"istio.io/dry-run": "true"}

    _, made = released(*policies)

    assert {item["metadata"]["annotations"]["istio.io/dry-run"] for item in of_kind(made, "AuthorizationPolicy")} == {
        "true"
    }


def test_an_unknown_policy_is_copied_and_told() -> None:
    found, made = opened(a_route(), a_policy("RetryPolicy", "example.com", targetRefs=[ROUTE], times=3))

    assert of_kind(made, "RetryPolicy")[0]["spec"] == {"targetRefs": [{**ROUTE, "name": GRAY}], "times": 3}
    assert "RetryPolicy" in found["GC552"]


@pytest.mark.parametrize("source", ["baseline", None], ids=["folder", "workload"])
def test_another_unknown_kind_may_authenticate(tmp_path: Path, source: str | None) -> None:
    """The error keeps the lane from being written, so it is built."""
    service = {"name": "web", **({"from": source} if source else {})}

    found, made = built(
        tmp_path, a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), services=[service], traffic=BY_ROUTE
    )

    assert GRAY in found["GC550"]
    assert not made


def test_what_is_accepted_is_built(tmp_path: Path) -> None:
    accept = [{"code": "GC550", "object": "Login/p", "reason": "the cluster's own names both"}]

    found, made = built(
        tmp_path, a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), accept=accept, traffic=BY_ROUTE
    )

    assert "GC550" not in found
    assert of_kind(made, "HTTPRoute")
    assert not of_kind(made, "Login")


def test_a_kind_that_the_release_tells_of_is_known() -> None:
    references = [{"kind": "Login", "path": "spec.targetRefs[*].name", "to": "HTTPRoute"}]

    found, made = opened(a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), references=references)

    assert not found.keys() & {"GC550", "GC552"}
    assert of_kind(made, "Login")[0]["spec"]["targetRefs"] == [{**ROUTE, "name": GRAY}]


def test_a_policy_that_is_shared_leaves_the_way_in_open() -> None:
    service = {"name": "web", "from": "baseline", "share": ["SecurityPolicy"]}
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE])

    found, _ = opened(a_route(), policy, services=[service])

    assert "`share`" in found["GC550"]


def test_a_scaler_with_a_target_is_no_policy() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = a_policy("VerticalPodAutoscaler", "autoscaling.k8s.io", targetRef=target)
    canary = a_policy("Canary", "flagger.app", targetRef=target)

    found, _ = opened(a_route(), scaler, canary)

    assert not found.keys() & {"GC550", "GC551", "GC552"}


def test_references_of_a_policy_follow_the_copies() -> None:
    config = an_object("ConfigMap", data={"ca.crt": "x"}, name="ca")
    mounted = workload(pod={"volumes": [{"name": "ca", "configMap": {"name": "ca"}}]})
    policy = a_policy(
        "BackendTLSPolicy",
        GATEWAY_API,
        targetRefs=[SERVICE],
        validation={"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}]},
    )

    made = after_pass(plan_of([mounted, a_service(), config, policy]), "attach_policies").objects

    assert of_kind(made, "BackendTLSPolicy")[0]["spec"]["validation"]["caCertificateRefs"][0]["name"] == "ca-mse-gray"


@pytest.mark.parametrize(("namespace", "asked"), [("shop", GRAY), ("elsewhere", "web")])
def test_who_is_asked_for_a_login_is_the_gray_one_of_the_same_namespace(namespace: str, asked: str) -> None:
    backend = {"name": "web", "namespace": "shop", "port": 80}
    target = {**ROUTE, "namespace": "shop"}
    policy = a_policy(
        "SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[target], extAuth={"http": {"backendRefs": [backend]}}
    )
    policy["metadata"]["namespace"] = namespace

    [copy] = of_kind(opened(a_route(), policy)[1], "SecurityPolicy")

    assert copy["spec"]["extAuth"]["http"]["backendRefs"] == [{**backend, "name": asked}]


@pytest.mark.parametrize("provider", ["mse", "istio", "none"])
@pytest.mark.parametrize("host", ["web", "web.shop", "web.shop.svc.cluster.local"])
def test_a_destination_rule_is_there_for_the_gray_host(provider: str, host: str) -> None:
    policy = {"tls": {"mode": "SIMPLE"}}
    rule = a_policy("DestinationRule", "networking.istio.io", host=host, trafficPolicy=policy, subsets=[{"name": "a"}])

    _, made = released(rule, lane={"provider": provider, "profile": "zadig"})

    [copy] = of_kind(made, "DestinationRule")
    assert copy["spec"] == {"host": host.replace("web", GRAY), "trafficPolicy": policy}


def test_settings_of_all_subsets_hold_for_gray_pods() -> None:
    subsets = [
        {"name": name, "trafficPolicy": {"tls": {"mode": "SIMPLE"}, "loadBalancer": {"simple": name}}} for name in "ab"
    ]
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", subsets=subsets)

    found, made = released(rule)

    assert of_kind(made, "DestinationRule")[0]["spec"]["trafficPolicy"] == {"tls": {"mode": "SIMPLE"}}
    assert "GC551" not in found


def test_subsets_of_different_tls_are_told() -> None:
    subsets = [{"name": "a"}, {"name": "b", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}]
    found, made = released(a_policy("DestinationRule", "networking.istio.io", host="web", subsets=subsets))

    assert "subsets" in found["GC551"]
    assert not of_kind(made, "DestinationRule")


@pytest.mark.parametrize("host", ["*.shop.svc.cluster.local", "other", "web.elsewhere.svc.cluster.local"])
def test_a_destination_rule_of_another_host_stays(host: str) -> None:
    rule = a_policy("DestinationRule", "networking.istio.io", host=host, trafficPolicy={"tls": {"mode": "SIMPLE"}})

    assert not of_kind(released(rule)[1], "DestinationRule")


def test_a_destination_rule_of_subsets_alone_says_nothing_of_gray_pods() -> None:
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", subsets=[{"name": "a", "labels": {"v": "1"}}])

    assert not of_kind(released(rule)[1], "DestinationRule")


def test_a_plugin_of_rules_alone_is_there_for_the_canaries() -> None:
    rules = [
        {"ingress": ["shop/web", "shop/other"], "config": {"allow": ["a"]}},
        {"service": ["web.shop.svc.cluster.local:80"], "config": {"allow": ["b"]}},
        {"ingress": ["shop/other"], "config": {"allow": ["c"]}},
    ]

    _, made = on_higress(plugin(*rules, defaultConfigDisable=True, defaultConfig={"a": 1}))

    [copy] = of_kind(made, "WasmPlugin")
    names = [f"shop/{item['metadata']['name']}" for item in of_kind(made, "Ingress")]
    assert copy["metadata"]["namespace"] == "higress-system"
    assert copy["spec"]["matchRules"] == [
        {"ingress": names, "config": {"allow": ["a"]}},
        {"service": [f"{GRAY}.shop.svc.cluster.local:80"], "config": {"allow": ["b"]}},
    ]


def test_a_rule_of_ingress_and_service_holds_for_a_share_too() -> None:
    rule = {"ingress": ["shop/web"], "service": ["web.shop.svc.cluster.local"]}

    _, made = on_higress(plugin(rule, defaultConfigDisable=True), rules=[{"weight": 5}])

    [made_rule] = of_kind(made, "WasmPlugin")[0]["spec"]["matchRules"]
    assert made_rule["ingress"][0] == "shop/web"
    assert made_rule["service"] == [f"{GRAY}.shop.svc.cluster.local"]


INGRESS_RULE = {"ingress": ["shop/web"], "config": {"allow": ["a"]}}


@pytest.mark.parametrize(
    "broad",
    [
        plugin(INGRESS_RULE, defaultConfig={"consumers": []}),
        plugin(INGRESS_RULE, {"domain": ["*.example.com"], "config": {}}, defaultConfigDisable=True),
        plugin(INGRESS_RULE, pluginConfig={"a": 1}),
    ],
    ids=["default", "domain", "whole"],
)
def test_a_plugin_that_is_applied_to_gray_requests_already_is_told(tmp_path: Path, broad: Object) -> None:
    """The error keeps the lane from being written, so it is built."""
    found, made = built(tmp_path, an_ingress(), broad, traffic=BY_HIGRESS)

    assert "WasmPlugin/p" in found["GC550"]
    assert not made


@pytest.mark.parametrize("rule", [{"domain": ["h.example.com"], "config": {}}, {"ingress": ["shop/other"]}])
def test_a_plugin_that_names_nothing_gray_needs_nothing(rule: Object) -> None:
    found, made = on_higress(plugin(rule, defaultConfig={"a": 1}))

    assert not of_kind(made, "WasmPlugin")
    assert "GC550" not in found


def test_the_plan_names_what_is_attached(tmp_path: Path) -> None:
    """It asks a command."""
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE])
    write_release(tmp_path, [workload(), a_service(), a_route(), policy], traffic=BY_ROUTE)

    told = run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout

    assert "SecurityPolicy/p in shop" in told
    assert "names HTTPRoute/web" in told


@pytest.mark.parametrize(
    ("rules", "is_told"),
    [
        ([{"ingress": ["shop/web", f"shop/{GRAY}"], "config": {"allow": ["a"]}}], False),
        ([INGRESS_RULE, {"ingress": [f"shop/{GRAY}"], "config": {"allow": ["a"]}}], False),
        ([{"ingress": ["shop/web", GRAY], "config": {"allow": ["a"]}}], True),
        ([{"ingress": ["shop/web", f"other/{GRAY}"], "config": {"allow": ["a"]}}], True),
        ([INGRESS_RULE, {"ingress": [f"shop/{GRAY}"], "configDisable": True}], True),
        ([INGRESS_RULE, {"service": [f"{GRAY}.shop.svc.cluster.local"], "config": {"allow": ["a"]}}], True),
    ],
    ids=["beside", "rule", "no namespace", "other namespace", "off", "service"],
)
def test_a_plugin_that_names_the_gray_ingress_too_covers_it(rules: list[Object], is_told: bool, tmp_path: Path) -> None:
    """An error keeps the lane from being written, so it is built."""
    found, made = built(tmp_path, an_ingress(), plugin(*rules, defaultConfig={"consumers": []}), traffic=BY_HIGRESS)

    assert ("GC550" in found) is is_told
    assert bool(of_kind(made, "Ingress")) is not is_told


def test_the_help_for_a_plugin_names_the_ingress_as_the_plugin_does() -> None:
    shop = [workload(), a_service(), an_ingress(), plugin(INGRESS_RULE, defaultConfig={"consumers": []})]
    [told] = after_pass(plan_of(shop, traffic=BY_HIGRESS), "attach_policies").found
    assert told.code == "GC550"
    assert f"add `shop/{GRAY}` beside each `shop/web`" in told.help


def test_a_policy_that_people_wrote_for_the_gray_route_is_not_made_again() -> None:
    own = {**ROUTE, "name": GRAY}
    same = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[own], jwt={"a": 1})
    other = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[own], cors={"a": 1})
    part = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[{**own, "sectionName": "x"}], jwt={})
    base = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE], jwt={"a": 1})

    def copies(*policies: Object) -> list[Object]:
        return of_kind(opened(a_route(), base, *policies)[1], "SecurityPolicy")

    assert copies(same) == []
    assert [item["spec"]["jwt"] for item in copies(other)] == [{"a": 1}]
    assert [item["spec"]["jwt"] for item in copies(part)] == [{"a": 1}]
    assert copies() != []


CLIENT: Object = {"workloadSelector": {"matchLabels": {"app": "front"}}, "trafficPolicy": {"tls": {"mode": "MUTUAL"}}}


@pytest.mark.parametrize(
    ("front", "isolation", "wanted"),
    [
        (True, "relabel", {("web", "front-mse-gray"), (GRAY, "front"), (GRAY, "front-mse-gray")}),
        (True, "label", {(GRAY, "front")}),
        (False, "relabel", {(GRAY, "front")}),
    ],
    ids=["both", "labels stay", "callee"],
)
def test_a_rule_for_the_calls_of_some_pods_holds_for_their_gray_copies(
    front: bool, isolation: str, wanted: set[tuple[str, str]]
) -> None:
    caller = workload(name="front")
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", **CLIENT)
    names = ["web", "front"] if front else ["web"]
    services = [a_service(), a_service("front")]
    for item in services if isolation == "label" else ():
        item["spec"]["selector"]["zadigx-release-version"] = "original"
    objects = [workload(), caller, *services, rule]
    plan = plan_of(
        objects, services=[{"name": name} for name in names], lane={"isolation": isolation, "provider": "mse"}
    )
    made = after_pass(plan, "attach_policies").objects
    rules = of_kind(made, "DestinationRule")
    assert {(item["spec"]["host"], item["spec"]["workloadSelector"]["matchLabels"]["app"]) for item in rules} == wanted
    assert all(item["spec"]["trafficPolicy"] == CLIENT["trafficPolicy"] for item in rules)
    assert len({item["metadata"]["name"] for item in rules}) == len(rules) == len(wanted)


def test_a_rule_for_the_calls_of_a_released_caller_alone_goes_along() -> None:
    rule = a_policy(
        "DestinationRule",
        "networking.istio.io",
        host="db",
        **{**CLIENT, "workloadSelector": {"matchLabels": {"app": "web"}}},
    )
    everywhere = a_policy("DestinationRule", "networking.istio.io", "all", host="db", trafficPolicy={})
    objects = [workload(labels={"app": "web"}), a_service(), rule, everywhere]
    made = after_pass(plan_of(objects, lane={"isolation": "relabel"}), "attach_policies").objects
    [copy] = of_kind(made, "DestinationRule")
    assert copy["spec"]["host"] == "db"
    assert copy["spec"]["workloadSelector"]["matchLabels"]["app"] == GRAY
