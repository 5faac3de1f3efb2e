"""What is attached by name to a route, Ingress or Service of the baseline covers the gray one, or is told."""

from pathlib import Path
from typing import Any

import pytest

from grayc.k8s.attachments import ATTACHMENTS, Way
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, workload

GATEWAY_API = "gateway.networking.k8s.io"
ROUTE = {"group": GATEWAY_API, "kind": "HTTPRoute", "name": "web"}
SERVICE = {"group": "", "kind": "Service", "name": "web"}
GRAY = "web-mse-gray"
RULE = {"header": "x-user", "value": "1"}


def a_service(name: str = "web", **labels: str) -> Object:
    made = an_object("Service", {"selector": {"app": name}, "ports": [{"port": 80, "name": "http"}]}, name=name)
    made["metadata"]["labels"] = labels
    return made


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
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "h.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return an_object("Ingress", {"ingressClassName": "higress", "rules": [rule]}, version="networking.k8s.io/v1")


def plugin(*rules: Object, **spec: Any) -> Object:
    made = a_policy("WasmPlugin", "extensions.higress.io", matchRules=list(rules), **spec)
    made["metadata"]["namespace"] = "higress-system"
    return made


def opened(folder: Path, *objects: Object, **spec: Any) -> tuple[dict[str, str], list[Object]]:
    """Return code → message of what is found, and the objects that a build behind the Gateway API made."""
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE]}
    return released(folder, *objects, **{"traffic": traffic, **spec})


def on_higress(
    folder: Path, *objects: Object, rules: list[Object] | None = None
) -> tuple[dict[str, str], list[Object]]:
    traffic = {"gateway": "higress", "guard": False, "rules": rules or [RULE]}
    return released(folder, an_ingress(), *objects, traffic=traffic)


def released(folder: Path, *objects: Object, **spec: Any) -> tuple[dict[str, str], list[Object]]:
    found, made = build(folder, [workload(), a_service(), *objects], **spec)
    return {item["code"]: item["message"] for item in found if item.get("accepted") is None}, made


def of_kind(made: list[Object], kind: str) -> list[Object]:
    return [item for item in made if item["kind"] == kind]


BY_TARGETS = [kind for kind, row in ATTACHMENTS.items() if row.way is Way.TARGET_REFS]


@pytest.mark.parametrize("target", [ROUTE, SERVICE], ids=["route", "service"])
def test_every_known_policy_names_the_gray_side_in_a_copy(tmp_path: Path, target: Object) -> None:
    policies = [a_policy(kind, group, targetRefs=[target], limit=5) for group, kind in BY_TARGETS]

    found, made = opened(tmp_path, a_route(), *policies)

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
    group = GATEWAY_API if kind == "BackendTLSPolicy" else "gateway.envoyproxy.io"
    service = {"name": "web", **({"from": source} if source else {})}

    found, made = opened(tmp_path, a_route(), a_policy(kind, group, targetRefs=[SERVICE, ROUTE]), services=[service])

    [copy] = of_kind(made, kind)
    assert [ref["name"] for ref in copy["spec"]["targetRefs"]] == [GRAY, GRAY]
    assert "GC314" not in found


def test_targets_without_a_gray_side_are_left_to_the_baselines(tmp_path: Path) -> None:
    gateway = {"group": GATEWAY_API, "kind": "Gateway", "name": "gw"}
    whole = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "whole", targetRefs=[gateway])
    other = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "other", targetRefs=[{**ROUTE, "name": "other"}])
    mixed = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "mixed", targetRefs=[gateway, ROUTE])

    found, made = opened(tmp_path, a_route(), whole, other, mixed)

    [copy] = of_kind(made, "SecurityPolicy")
    assert copy["metadata"]["name"] == "mixed-mse-gray"
    assert copy["spec"]["targetRefs"] == [{**ROUTE, "name": GRAY}]
    assert "GC550" not in found


def test_a_single_target_stays_single(tmp_path: Path) -> None:
    _, made = opened(tmp_path, a_route(), a_policy("AuthPolicy", "kuadrant.io", targetRef=ROUTE, rules={"a": 1}))

    assert of_kind(made, "AuthPolicy")[0]["spec"] == {"targetRef": {**ROUTE, "name": GRAY}, "rules": {"a": 1}}


def test_a_policy_of_another_namespace_is_none_of_the_route(tmp_path: Path) -> None:
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE])
    policy["metadata"]["namespace"] = "elsewhere"

    assert not of_kind(opened(tmp_path, a_route(), policy)[1], "SecurityPolicy")


def test_a_target_of_another_namespace_is_followed(tmp_path: Path) -> None:
    policy = a_policy("IAMAuthPolicy", "application-networking.k8s.aws", targetRef={**ROUTE, "namespace": "shop"})
    policy["metadata"]["namespace"] = "policies"

    [copy] = of_kind(opened(tmp_path, a_route(), policy)[1], "IAMAuthPolicy")

    assert copy["metadata"]["namespace"] == "policies"
    assert copy["spec"]["targetRef"] == {**ROUTE, "namespace": "shop", "name": GRAY}


def test_a_rule_that_a_policy_names_has_its_name_on_the_gray_route(tmp_path: Path) -> None:
    rules = [
        {"name": "api", "matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]},
        {"name": "api-2", "matches": [{"path": {"type": "PathPrefix", "value": "/v2"}}]},
    ]
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[{**ROUTE, "sectionName": "api"}])
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(tmp_path, a_route(*rules), policy, traffic=traffic)

    names = [rule["name"] for rule in of_kind(made, "HTTPRoute")[0]["spec"]["rules"]]
    assert names == ["api", "api-2", "api-3", "api-2-2"]
    targets = of_kind(made, "SecurityPolicy")[0]["spec"]["targetRefs"]
    assert targets == [{**ROUTE, "name": GRAY, "sectionName": name} for name in ("api", "api-3")]


def test_a_rule_that_is_not_opened_needs_nothing(tmp_path: Path) -> None:
    api: Object = {"name": "api", "matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}
    docs: Object = {"name": "docs", "backendRefs": [{"name": "docs", "port": 80}]}
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[{**ROUTE, "sectionName": "docs"}])

    found, made = opened(tmp_path, a_route(api, docs), policy)

    assert not of_kind(made, "SecurityPolicy")
    assert "GC550" not in found


def test_kuadrant_numbers_rules_without_a_name(tmp_path: Path) -> None:
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

    _, made = opened(tmp_path, a_route(*rules), *policies)

    assert of_kind(made, "AuthPolicy")[0]["spec"]["targetRef"] == {**ROUTE, "name": GRAY, "sectionName": "rule-1"}
    assert not of_kind(made, "SecurityPolicy")


def test_a_rule_that_nobody_names_may_be_named_by_its_controller(tmp_path: Path) -> None:
    target = {**ROUTE, "sectionName": "rule-1"}

    found, made = opened(tmp_path, a_route(), a_policy("RetryPolicy", "example.com", targetRef=target))

    assert "`rule-1`" in found["GC550"]
    assert not made


def test_a_grpc_route_is_one_too(tmp_path: Path) -> None:
    route = {**a_route(), "kind": "GRPCRoute"}
    target = {**ROUTE, "kind": "GRPCRoute"}

    _, made = opened(tmp_path, route, a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[target]))

    assert of_kind(made, "SecurityPolicy")[0]["spec"]["targetRefs"] == [{**target, "name": GRAY}]


def test_an_entry_that_is_only_coloured_keeps_its_policies(tmp_path: Path) -> None:
    first = an_object("Service", {"selector": {"app": "first"}, "ports": [{"port": 80}]}, name="first")
    route = a_route({"backendRefs": [{"name": "first", "port": 80}]})
    traffic = {
        "gateway": "gateway-api",
        "guard": False,
        "rules": [RULE],
        "entries": [{"route": "web"}],
    }

    _, made = opened(
        tmp_path, first, route, a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE]), traffic=traffic
    )

    assert len(of_kind(made, "HTTPRoute")) == len(of_kind(made, "SecurityPolicy")) == 1


def test_a_rule_of_each_condition_has_a_policy_of_a_single_target(tmp_path: Path) -> None:
    policy = a_policy("RateLimitPolicy", "kuadrant.io", targetRef={**ROUTE, "sectionName": "all"})
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(tmp_path, a_route({"name": "all"}), policy, traffic=traffic)

    assert {
        item["metadata"]["name"]: item["spec"]["targetRef"]["sectionName"] for item in of_kind(made, "RateLimitPolicy")
    } == {"p-mse-gray": "all", "p-2-mse-gray": "all-2"}


def test_a_port_of_the_service_is_the_gray_ones_too(tmp_path: Path) -> None:
    target = {**SERVICE, "sectionName": "http"}

    _, made = opened(tmp_path, a_route(), a_policy("BackendTLSPolicy", GATEWAY_API, targetRefs=[target]))

    assert of_kind(made, "BackendTLSPolicy")[0]["spec"]["targetRefs"] == [{**target, "name": GRAY}]


def test_labels_that_the_gray_route_lost_are_made_up_for_by_its_name(tmp_path: Path) -> None:
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

    _, made = opened(tmp_path, route, owned, kept)

    [copy] = of_kind(made, "SecurityPolicy")
    assert copy["metadata"]["name"] == "owned-mse-gray"
    assert copy["spec"] == {"targetRefs": [{**ROUTE, "name": GRAY}]}


def test_a_rule_that_labels_select_is_covered_for_every_condition(tmp_path: Path) -> None:
    selector = {"kind": "HTTPRoute", "matchLabels": {"team": "shop"}, "sectionName": "all"}
    policy = a_policy("TrafficPolicy", "gateway.kgateway.dev", targetSelectors=[selector])
    route = a_route({"name": "all"}, labels={"team": "shop"})
    traffic = {"gateway": "gateway-api", "guard": False, "rules": [RULE, {"weight": 5}]}

    _, made = opened(tmp_path, route, policy, traffic=traffic)

    assert of_kind(made, "TrafficPolicy")[0]["spec"] == {
        "targetRefs": [{**ROUTE, "name": GRAY, "sectionName": "all-2"}]
    }


def test_what_a_route_says_in_annotations_is_said_of_the_gray_one(tmp_path: Path) -> None:
    annotations = {"konghq.com/plugins": "key-auth", "kubectl.kubernetes.io/last-applied-configuration": "{}"}

    _, made = opened(tmp_path, a_route(annotations=annotations))

    assert of_kind(made, "HTTPRoute")[0]["metadata"]["annotations"] == {"konghq.com/plugins": "key-auth"}


def test_a_policy_that_only_tries_stays_one_that_only_tries(tmp_path: Path) -> None:
    policies = [
        a_policy("AuthorizationPolicy", "security.istio.io", "a", targetRefs=[SERVICE]),
        a_policy("AuthorizationPolicy", "security.istio.io", "b", selector={"matchLabels": {"app": "web"}}),
    ]
    for policy in policies:
        policy["metadata"]["annotations"] = {"istio.io/dry-run": "true"}

    _, made = released(tmp_path, *policies)

    assert {item["metadata"]["annotations"]["istio.io/dry-run"] for item in of_kind(made, "AuthorizationPolicy")} == {
        "true"
    }


def test_an_unknown_policy_is_copied_and_told(tmp_path: Path) -> None:
    found, made = opened(tmp_path, a_route(), a_policy("RetryPolicy", "example.com", targetRefs=[ROUTE], times=3))

    assert of_kind(made, "RetryPolicy")[0]["spec"] == {"targetRefs": [{**ROUTE, "name": GRAY}], "times": 3}
    assert "RetryPolicy" in found["GC552"]


@pytest.mark.parametrize("source", ["baseline", None], ids=["folder", "workload"])
def test_another_unknown_kind_may_authenticate(tmp_path: Path, source: str | None) -> None:
    service = {"name": "web", **({"from": source} if source else {})}

    found, made = opened(tmp_path, a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), services=[service])

    assert GRAY in found["GC550"]
    assert not made


def test_what_is_accepted_is_built(tmp_path: Path) -> None:
    accept = [{"code": "GC550", "object": "Login/p", "reason": "the cluster's own names both"}]

    found, made = opened(tmp_path, a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), accept=accept)

    assert "GC550" not in found
    assert of_kind(made, "HTTPRoute")
    assert not of_kind(made, "Login")


def test_a_kind_that_the_release_tells_of_is_known(tmp_path: Path) -> None:
    references = [{"kind": "Login", "path": "spec.targetRefs[*].name", "to": "HTTPRoute"}]

    found, made = opened(
        tmp_path, a_route(), a_policy("Login", "example.com", targetRefs=[ROUTE]), references=references
    )

    assert not found.keys() & {"GC550", "GC552"}
    assert of_kind(made, "Login")[0]["spec"]["targetRefs"] == [{**ROUTE, "name": GRAY}]


def test_a_policy_that_is_shared_leaves_the_way_in_open(tmp_path: Path) -> None:
    service = {"name": "web", "from": "baseline", "share": ["SecurityPolicy"]}
    policy = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE])

    found, _ = opened(tmp_path, a_route(), policy, services=[service])

    assert "`share`" in found["GC550"]


def test_a_scaler_with_a_target_is_no_policy(tmp_path: Path) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = a_policy("VerticalPodAutoscaler", "autoscaling.k8s.io", targetRef=target)
    canary = a_policy("Canary", "flagger.app", targetRef=target)

    found, _ = opened(tmp_path, a_route(), scaler, canary)

    assert not found.keys() & {"GC550", "GC551", "GC552"}


def test_references_of_a_policy_follow_the_copies(tmp_path: Path) -> None:
    config = an_object("ConfigMap", data={"ca.crt": "x"}, name="ca")
    mounted = workload(pod={"volumes": [{"name": "ca", "configMap": {"name": "ca"}}]})
    policy = a_policy(
        "BackendTLSPolicy",
        GATEWAY_API,
        targetRefs=[SERVICE],
        validation={"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}]},
    )

    _, made = build(tmp_path, [mounted, a_service(), config, policy])

    assert of_kind(made, "BackendTLSPolicy")[0]["spec"]["validation"]["caCertificateRefs"][0]["name"] == "ca-mse-gray"


@pytest.mark.parametrize(("namespace", "asked"), [("shop", GRAY), ("elsewhere", "web")])
def test_who_is_asked_for_a_login_is_the_gray_one_of_the_same_namespace(
    tmp_path: Path, namespace: str, asked: str
) -> None:
    backend = {"name": "web", "namespace": "shop", "port": 80}
    target = {**ROUTE, "namespace": "shop"}
    policy = a_policy(
        "SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[target], extAuth={"http": {"backendRefs": [backend]}}
    )
    policy["metadata"]["namespace"] = namespace

    [copy] = of_kind(opened(tmp_path, a_route(), policy)[1], "SecurityPolicy")

    assert copy["spec"]["extAuth"]["http"]["backendRefs"] == [{**backend, "name": asked}]


@pytest.mark.parametrize("provider", ["mse", "istio", "none"])
@pytest.mark.parametrize("host", ["web", "web.shop", "web.shop.svc.cluster.local"])
def test_a_destination_rule_is_there_for_the_gray_host(tmp_path: Path, provider: str, host: str) -> None:
    policy = {"tls": {"mode": "SIMPLE"}}
    rule = a_policy("DestinationRule", "networking.istio.io", host=host, trafficPolicy=policy, subsets=[{"name": "a"}])

    _, made = released(tmp_path, rule, lane={"provider": provider, "profile": "zadig"})

    [copy] = of_kind(made, "DestinationRule")
    assert copy["spec"] == {"host": host.replace("web", GRAY), "trafficPolicy": policy}


def test_settings_of_all_subsets_hold_for_gray_pods(tmp_path: Path) -> None:
    subsets = [
        {"name": name, "trafficPolicy": {"tls": {"mode": "SIMPLE"}, "loadBalancer": {"simple": name}}} for name in "ab"
    ]
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", subsets=subsets)

    found, made = released(tmp_path, rule)

    assert of_kind(made, "DestinationRule")[0]["spec"]["trafficPolicy"] == {"tls": {"mode": "SIMPLE"}}
    assert "GC551" not in found


def test_subsets_of_different_tls_are_told(tmp_path: Path) -> None:
    subsets = [{"name": "a"}, {"name": "b", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}]
    found, made = released(tmp_path, a_policy("DestinationRule", "networking.istio.io", host="web", subsets=subsets))

    assert "subsets" in found["GC551"]
    assert not of_kind(made, "DestinationRule")


@pytest.mark.parametrize("host", ["*.shop.svc.cluster.local", "other", "web.elsewhere.svc.cluster.local"])
def test_a_destination_rule_of_another_host_stays(tmp_path: Path, host: str) -> None:
    rule = a_policy("DestinationRule", "networking.istio.io", host=host, trafficPolicy={"tls": {"mode": "SIMPLE"}})

    assert not of_kind(released(tmp_path, rule)[1], "DestinationRule")


def test_a_destination_rule_of_subsets_alone_says_nothing_of_gray_pods(tmp_path: Path) -> None:
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", subsets=[{"name": "a", "labels": {"v": "1"}}])

    assert not of_kind(released(tmp_path, rule)[1], "DestinationRule")


def test_a_plugin_of_rules_alone_is_there_for_the_canaries(tmp_path: Path) -> None:
    rules = [
        {"ingress": ["shop/web", "shop/other"], "config": {"allow": ["a"]}},
        {"service": ["web.shop.svc.cluster.local:80"], "config": {"allow": ["b"]}},
        {"ingress": ["shop/other"], "config": {"allow": ["c"]}},
    ]

    _, made = on_higress(tmp_path, plugin(*rules, defaultConfigDisable=True, defaultConfig={"a": 1}))

    [copy] = of_kind(made, "WasmPlugin")
    names = [f"shop/{item['metadata']['name']}" for item in of_kind(made, "Ingress")]
    assert copy["metadata"]["namespace"] == "higress-system"
    assert copy["spec"]["matchRules"] == [
        {"ingress": names, "config": {"allow": ["a"]}},
        {"service": [f"{GRAY}.shop.svc.cluster.local:80"], "config": {"allow": ["b"]}},
    ]


def test_a_rule_of_ingress_and_service_holds_for_a_share_too(tmp_path: Path) -> None:
    rule = {"ingress": ["shop/web"], "service": ["web.shop.svc.cluster.local"]}

    _, made = on_higress(tmp_path, plugin(rule, defaultConfigDisable=True), rules=[{"weight": 5}])

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
    found, made = on_higress(tmp_path, broad)

    assert "WasmPlugin/p" in found["GC550"]
    assert not made


@pytest.mark.parametrize("rule", [{"domain": ["h.example.com"], "config": {}}, {"ingress": ["shop/other"]}])
def test_a_plugin_that_names_nothing_gray_needs_nothing(tmp_path: Path, rule: Object) -> None:
    found, made = on_higress(tmp_path, plugin(rule, defaultConfig={"a": 1}))

    assert not of_kind(made, "WasmPlugin")
    assert "GC550" not in found


def test_the_plan_names_what_is_attached(tmp_path: Path) -> None:
    opened(tmp_path, a_route(), a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE]))

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
    found, made = on_higress(tmp_path, plugin(*rules, defaultConfig={"consumers": []}))

    assert ("GC550" in found) is is_told
    assert bool(of_kind(made, "Ingress")) is not is_told


def test_the_help_for_a_plugin_names_the_ingress_as_the_plugin_does(tmp_path: Path) -> None:
    findings, _ = build(
        tmp_path,
        [workload(), a_service(), an_ingress(), plugin(INGRESS_RULE, defaultConfig={"consumers": []})],
        traffic={"gateway": "higress", "guard": False, "rules": [RULE]},
    )
    [told] = [item for item in findings if item["code"] == "GC550"]
    assert f"add `shop/{GRAY}` beside each `shop/web`" in told["help"]


def test_a_policy_that_people_wrote_for_the_gray_route_is_not_made_again(tmp_path: Path) -> None:
    own = {**ROUTE, "name": GRAY}
    same = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[own], jwt={"a": 1})
    other = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[own], cors={"a": 1})
    part = a_policy("SecurityPolicy", "gateway.envoyproxy.io", "own", targetRefs=[{**own, "sectionName": "x"}], jwt={})
    base = a_policy("SecurityPolicy", "gateway.envoyproxy.io", targetRefs=[ROUTE], jwt={"a": 1})

    def copies(name: str, *policies: Object) -> list[Object]:
        return of_kind(opened(tmp_path / name, a_route(), base, *policies)[1], "SecurityPolicy")

    assert copies("same", same) == []
    assert [item["spec"]["jwt"] for item in copies("other", other)] == [{"a": 1}]
    assert [item["spec"]["jwt"] for item in copies("part", part)] == [{"a": 1}]
    assert copies("none") != []


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
    front: bool, isolation: str, wanted: set[tuple[str, str]], tmp_path: Path
) -> None:
    caller = workload(labels={"app": "front", "zadigx-release-version": "original"})
    caller["metadata"]["name"] = "front"
    rule = a_policy("DestinationRule", "networking.istio.io", host="web", **CLIENT)
    names = ["web", "front"] if front else ["web"]
    services = [a_service(), a_service("front")]
    for item in services if isolation == "label" else ():
        item["spec"]["selector"]["zadigx-release-version"] = "original"
    objects = [workload(), caller, *services, rule]
    _, made = build(
        tmp_path, objects, services=[{"name": name} for name in names], lane={"isolation": isolation, "provider": "mse"}
    )
    rules = of_kind(made, "DestinationRule")
    assert {(item["spec"]["host"], item["spec"]["workloadSelector"]["matchLabels"]["app"]) for item in rules} == wanted
    assert all(item["spec"]["trafficPolicy"] == CLIENT["trafficPolicy"] for item in rules)
    assert len({item["metadata"]["name"] for item in rules}) == len(rules) == len(wanted)


def test_a_rule_for_the_calls_of_a_released_caller_alone_goes_along(tmp_path: Path) -> None:
    rule = a_policy(
        "DestinationRule",
        "networking.istio.io",
        host="db",
        **{**CLIENT, "workloadSelector": {"matchLabels": {"app": "web"}}},
    )
    everywhere = a_policy("DestinationRule", "networking.istio.io", "all", host="db", trafficPolicy={})
    objects = [workload(labels={"app": "web"}), a_service(), rule, everywhere]
    _, made = build(tmp_path, objects, lane={"isolation": "relabel"})
    [copy] = of_kind(made, "DestinationRule")
    assert copy["spec"]["host"] == "db"
    assert copy["spec"]["workloadSelector"]["matchLabels"]["app"] == GRAY
