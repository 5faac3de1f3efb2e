"""Every `after` of the pass list with the least input that shows it: what is right, and what its reverse would write.

An edge that nothing can show has no place in the list, and so no case here; `tests/property` holds that the others are
enough.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grayc.passes.registry import BUILD
from tests import manifests
from tests.manifests import PREPARED, VERSION, Object, an_object, workload, write_release
from tests.pass_orders import Made, against, an_order, made_of, plans_of, seeds_to_try

GRAY = "Deployment/web-mse-gray in shop"
CONTAINER = ("spec", "template", "spec", "containers", 0)


def pod_path(*path: str | int) -> tuple[str | int, ...]:
    return ("spec", "template", "spec", *path)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An input, and where it shows the order.

    Attributes:
        look: what to look at.
        right: what is there in the order of the list.
        wrong: what would be there with the two passes turned round.
    """

    objects: list[Object] = field(default_factory=lambda: [workload()])
    spec: Object = field(default_factory=dict)
    look: Callable[[Made], object]
    right: object
    wrong: object


def at(ref: str, *path: str | int) -> Callable[[Made], object]:
    return lambda made: made.at(ref, *path)


def keys(ref: str, *path: str | int) -> Callable[[Made], object]:
    """Look at the order of the keys, which is that of the file."""
    return lambda made: list(made.at(ref, *path))  # type: ignore[call-overload]  # a mapping, by the case


def service(**fields: object) -> Object:
    return {"services": [{"name": "web", **fields}]}


def patch(kind: str, *, also: Object | None = None, name: str = "", **merge: object) -> Object:
    target = {"kind": kind, **({"name": name} if name else {})}
    return service(patches=[{"target": target, "merge": merge}], **(also or {}))


def pod(**spec: object) -> Object:
    return {"spec": {"template": {"spec": spec}}}


def label(**labels: str) -> Object:
    return {"spec": {"template": {"metadata": {"labels": labels}}}}


def without(key: str, made: Object) -> Object:
    return {**made, "spec": {name: value for name, value in made["spec"].items() if name != key}}


def with_config() -> list[Object]:
    config = an_object("ConfigMap", data={"level": "info"})
    return [workload(pod={"volumes": [{"name": "v", "configMap": {"name": "web"}}]}), config]


def web_service(name: str = "web", **spec: object) -> Object:
    return an_object("Service", {"selector": PREPARED, "ports": [{"port": 80}], **spec}, name=name)


def scaler(**spec: object) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return an_object(
        "HorizontalPodAutoscaler", {"scaleTargetRef": target, "maxReplicas": 5, **spec}, version="autoscaling/v2"
    )


def budget(**spec: object) -> Object:
    return an_object("PodDisruptionBudget", {"minAvailable": 1, **spec}, version="policy/v1")


def network_policy(name: str, **spec: object) -> Object:
    return an_object("NetworkPolicy", {"podSelector": {}, **spec}, version="networking.k8s.io/v1", name=name)


def ingress() -> Object:
    return manifests.ingress(class_name="mse", host="h.example.com")


def http_route() -> Object:
    spec = {
        "parentRefs": [{"name": "gw"}],
        "hostnames": ["h.example.com"],
        "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
    }
    made = an_object("HTTPRoute", spec, version="gateway.networking.k8s.io/v1")
    made["metadata"]["labels"] = {OWNED: "shop"}
    return made


def policy(kind: str, group: str = "gateway.envoyproxy.io", **spec: object) -> Object:
    return an_object(kind, spec, version=f"{group}/v1")


def names(kind: str) -> Callable[[Made], object]:
    return lambda made: [ref.partition("/")[2].partition(" ")[0] for ref in made.objects if ref.startswith(f"{kind}/")]


OWNED = "argocd.argoproj.io/instance"
# Without preparation, and with a selector that would catch gray pods: their `app` gets a value of its own.
UNPREPARED = {"app": "web"}
OPENED = {"traffic": {"gateway": "mse", "rules": [{"header": "x-user", "value": "1"}]}}
OPENED_ROUTE = {"traffic": {"gateway": "gateway-api", "rules": [{"header": "x-user", "value": "1"}]}}
ARGOCD = {"output": {"layout": "single", "gitops": "argocd"}}
WAVE = ("metadata", "annotations", "argocd.argoproj.io/sync-wave")
TEAM = ("metadata", "annotations", "example.com/team")
LAST = ("metadata", "annotations", "argocd.argoproj.io/sync-options")

POD_LABELS = ("spec", "template", "metadata", "labels")

CASES: dict[tuple[str, str], Case] = {
    ("name_application", "label_lane"): Case(
        look=lambda made: keys(GRAY, *POD_LABELS)(made)[-2:],  # type: ignore[index]  # a list, by `keys`
        right=["alicloud.service.tag", "msePilotCreateAppName"],
        wrong=["zadigx-release-service-name", "alicloud.service.tag"],
    ),
    ("apply_patches", "name_application"): Case(
        spec=patch("Deployment", **label(team="a")),
        look=lambda made: keys(GRAY, *POD_LABELS)(made)[-2:],  # type: ignore[index]  # a list, by `keys`
        right=["msePilotCreateAppName", "team"],
        wrong=["team", "msePilotCreateAppName"],
    ),
    # A placement that looks for pods of the lane by name looks for the gray ones, once they are of the lane.
    ("relabel_pods", "label_lane"): Case(
        objects=[
            workload(
                labels=UNPREPARED,
                pod={
                    "topologySpreadConstraints": [
                        {"topologyKey": "zone", "labelSelector": {"matchLabels": {**UNPREPARED, VERSION: "gray"}}}
                    ]
                },
            ),
            an_object("Service", {"selector": UNPREPARED}),
        ],
        spec={"lane": {"isolation": "relabel"}},
        look=at(GRAY, *pod_path("topologySpreadConstraints", 0, "labelSelector", "matchLabels", "app")),
        right="web-mse-gray",
        wrong="web",
    ),
    # What has neither selector nor replicas gets them in this order.
    ("set_replicas", "label_lane"): Case(
        objects=[without("selector", workload())],
        look=keys(GRAY, "spec"),
        right=["template", "selector", "replicas"],
        wrong=["template", "replicas", "selector"],
    ),
    ("set_env", "set_images"): Case(
        objects=[workload(pod={"containers": [{"name": "web"}]})],
        spec=service(images={"web": "web:2"}, env={"web": {"LEVEL": "debug"}}),
        look=keys(GRAY, *CONTAINER),
        right=["name", "image", "env"],
        wrong=["name", "env", "image"],
    ),
    # A budget whose label the other workload loses, as it gets a gray value.
    ("adapt_copies", "relabel_pods"): Case(
        objects=[
            workload(labels={"app": "web", "of": "web"}, replicas=2),
            {**workload(labels={"app": "job", "of": "web"}), "metadata": {"name": "job", "namespace": "shop"}},
            an_object("Service", {"selector": {"app": "job"}}, name="job"),
            budget(
                selector={
                    "matchLabels": {"of": "web"},
                    "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["job"]}],
                }
            ),
        ],
        spec={"services": [{"name": "web", "from": "baseline/"}], "lane": {"isolation": "relabel"}},
        look=lambda made: made.codes.count("GC452"),
        right=0,
        wrong=1,
    ),
    ("adapt_copies", "set_replicas"): Case(
        objects=[workload(replicas=3), budget(selector={"matchLabels": PREPARED})],
        look=at("PodDisruptionBudget/web-mse-gray in shop", "spec", "maxUnavailable"),
        right=1,
        wrong=None,
    ),
    ("adapt_copies", "set_autoscaling"): Case(
        objects=[workload(), scaler(minReplicas=3), budget(selector={"matchLabels": PREPARED})],
        spec=service(autoscaling={"minReplicas": 1, "maxReplicas": 5}),
        look=at("PodDisruptionBudget/web-mse-gray in shop", "spec", "maxUnavailable"),
        right=1,
        wrong=None,
    ),
    # The user's patch has the last word.
    ("apply_patches", "drop_server_fields"): Case(
        spec=patch("Deployment", metadata={"annotations": {"meta.helm.sh/release-name": "mine"}}),
        look=at(GRAY, "metadata", "annotations"),
        right={"meta.helm.sh/release-name": "mine"},
        wrong=None,
    ),
    ("apply_patches", "separate_identities"): Case(
        spec=patch("Deployment", metadata={"labels": {"app.kubernetes.io/instance": "mine"}}),
        look=at(GRAY, "metadata", "labels", "app.kubernetes.io/instance"),
        right="mine",
        wrong=None,
    ),
    ("apply_patches", "isolate_services"): Case(
        objects=[workload(), web_service()],
        spec=patch("Service", spec={"type": "NodePort"}),
        look=at("Service/web-mse-gray in shop", "spec", "type"),
        right="NodePort",
        wrong="ClusterIP",
    ),
    ("apply_patches", "set_env"): Case(
        spec=patch(
            "Deployment",
            also={"env": {"web": {"LEVEL": "debug"}}},
            **pod(containers=[{"name": "web", "env": [{"name": "LEVEL", "value": "trace"}]}]),
        ),
        look=at(GRAY, *CONTAINER, "env", 0, "value"),
        right="trace",
        wrong="debug",
    ),
    ("apply_patches", "set_config"): Case(
        objects=with_config(),
        spec=patch("ConfigMap", also={"config": {"web": {"level": "debug"}}}, data={"level": "trace"}),
        look=at("ConfigMap/web-mse-gray in shop", "data", "level"),
        right="trace",
        wrong="debug",
    ),
    ("apply_patches", "adapt_copies"): Case(
        objects=with_config(),
        spec=patch("ConfigMap", immutable=True),
        look=at("ConfigMap/web-mse-gray in shop", "immutable"),
        right=True,
        wrong=None,
    ),
    # Patches speak of baseline names.
    ("rewrite_references", "apply_patches"): Case(
        objects=with_config(),
        spec=patch("Deployment", **pod(volumes=[{"name": "w", "configMap": {"name": "web"}}])),
        look=at(GRAY, *pod_path("volumes", 0, "configMap", "name")),
        right="web-mse-gray",
        wrong="web",
    ),
    ("rewrite_text", "apply_patches"): Case(
        objects=[workload(), web_service()],
        spec=patch(
            "Deployment",
            also={"rewriteText": True},
            **pod(containers=[{"name": "web", "env": [{"name": "PEER", "value": "http://web:80"}]}]),
        ),
        look=at(GRAY, *CONTAINER, "env", 0, "value"),
        right="http://web-mse-gray:80",
        wrong="http://web:80",
    ),
    ("rename_objects", "apply_patches"): Case(
        spec=patch("Deployment", name="web", spec={"minReadySeconds": 5}),
        look=lambda made: made.codes,
        right=(),
        wrong=("GC430",),
    ),
    # A rule that finds gray pods no more, for a patch has taken the label from them, has a twin that does.
    ("carry_policies", "apply_patches"): Case(
        objects=[
            workload(labels={**PREPARED, "tier": "front"}),
            network_policy("front", podSelector={"matchLabels": {"tier": "front"}}),
        ],
        spec=patch("Deployment", **label(tier="back")),
        look=lambda made: [ref for ref in made.objects if ref.startswith("NetworkPolicy/")],
        right=["NetworkPolicy/front-mse-gray in shop"],
        wrong=[],
    ),
    # Argo CD waits for what gray pods name, and names are those that stand in the pods at last.
    ("annotate_gitops", "rewrite_references"): Case(
        objects=[workload("StatefulSet", serviceName="peers"), web_service(name="peers", clusterIP="None")],
        look=at("Service/peers-mse-gray in shop", *WAVE),
        spec=ARGOCD,
        right="1",
        wrong="2",
    ),
    ("annotate_gitops", "rename_objects"): Case(
        objects=[workload("StatefulSet", serviceName="peers"), web_service(name="peers", clusterIP="None")],
        look=at("Service/peers-mse-gray in shop", *WAVE),
        spec=ARGOCD,
        right="1",
        wrong="2",
    ),
    ("annotate_gitops", "rewrite_text"): Case(
        objects=[
            workload(pod={"containers": [{"name": "web", "env": [{"name": "PEER", "value": "http://peer:80"}]}]}),
            web_service(name="peer"),
        ],
        spec={**service(rewriteText=True), **ARGOCD},
        look=at("Service/peer-mse-gray in shop", *WAVE),
        right="1",
        wrong="2",
    ),
    ("patch_entries", "open_entries"): Case(
        objects=[workload(), web_service(), ingress()],
        spec={**OPENED, **patch("Ingress", metadata={"annotations": {"example.com/team": "web"}})},
        look=lambda made: [made.at(ref, *TEAM) for ref in made.objects if ref.startswith("Ingress/")],
        right=["web"],
        wrong=[None],
    ),
    # A patch may give the gray route the labels that a policy asks for.
    ("attach_policies", "patch_entries"): Case(
        objects=[
            workload(),
            web_service(),
            http_route(),
            policy("SecurityPolicy", targetSelectors=[{"kind": "HTTPRoute", "matchLabels": {OWNED: "shop"}}]),
        ],
        spec={**OPENED_ROUTE, **patch("HTTPRoute", metadata={"labels": {OWNED: "shop"}})},
        look=names("SecurityPolicy"),
        right=[],
        wrong=["web-mse-gray"],
    ),
    # Each has the name that the other would.
    ("attach_policies", "carry_policies"): Case(
        objects=[
            workload(labels=UNPREPARED),
            web_service(selector=UNPREPARED),
            policy(
                "AuthorizationPolicy",
                "security.istio.io",
                selector={"matchLabels": UNPREPARED},
                targetRefs=[{"kind": "Service", "name": "web"}],
            ),
        ],
        look=at("AuthorizationPolicy/web-2-mse-gray in shop", "spec", "targetRefs", 0, "name"),
        right="web-mse-gray",
        wrong="web",
    ),
    ("annotate_gitops", "attach_policies"): Case(
        objects=[
            workload(),
            web_service(),
            policy("BackendTLSPolicy", "gateway.networking.k8s.io", targetRefs=[{"kind": "Service", "name": "web"}]),
        ],
        spec=ARGOCD,
        look=lambda made: made.at("BackendTLSPolicy/web-mse-gray in shop", *WAVE) is not None,
        right=True,
        wrong=False,
    ),
    ("own_work", "apply_patches"): Case(
        spec=patch(
            "Deployment",
            also={"work": "own"},
            **pod(containers=[{"name": "web", "env": [{"name": "KAFKA_GROUP", "value": "orders"}]}]),
        ),
        look=at(GRAY, *CONTAINER, "env", 0, "value"),
        right="orders-gray",
        wrong="orders",
    ),
    # The name of a check that is no hook says of which state of the lane it is.
    ("verify_lane", "own_work"): Case(
        objects=[workload(pod={"containers": [{"name": "web", "env": [{"name": "KAFKA_GROUP", "value": "orders"}]}]})],
        spec={**service(work="own"), "verify": [{"name": "smoke", "image": "check:1"}]},
        look=lambda made: [ref for ref in made.objects if ref.startswith("Job/")],
        right=["Job/verify-smoke-9a5443c4-mse-gray in shop"],
        wrong=["Job/verify-smoke-dd3f0697-mse-gray in shop"],
    ),
    # A check is a hook, which comes after all waves.
    ("verify_lane", "annotate_gitops"): Case(
        spec={"verify": [{"name": "smoke", "image": "check:1"}], **ARGOCD},
        look=at("Job/verify-smoke-mse-gray in shop", *WAVE),
        right="3",
        wrong="1",
    ),
}


EDGES = [(row.name, name) for row in BUILD for name in row.after]


def test_every_edge_has_a_case() -> None:
    assert set(CASES) == set(EDGES)


@pytest.mark.parametrize(("later", "earlier"), EDGES)
def test_an_edge_turned_round_is_seen(later: str, earlier: str, tmp_path: Path) -> None:
    case = CASES[later, earlier]
    (plan,) = plans_of(write_release(tmp_path, case.objects, **case.spec))

    assert case.look(made_of(BUILD, plan)) == case.right
    assert case.look(made_of(against(later, earlier), plan)) == case.wrong


@pytest.mark.parametrize(("later", "earlier"), EDGES)
def test_an_input_that_shows_an_edge_is_the_same_in_every_order_that_keeps_it(
    later: str, earlier: str, tmp_path: Path
) -> None:
    case = CASES[later, earlier]
    (plan,) = plans_of(write_release(tmp_path, case.objects, **case.spec))
    made = made_of(BUILD, plan)

    assert [seed for seed in seeds_to_try() if made_of(an_order(seed), plan) != made] == []


def test_no_edge_follows_from_others() -> None:
    """One that did could be dropped, and its reverse would show another edge's fault."""
    for later, earlier in EDGES:
        names = [row.name for row in against(later, earlier)]

        assert names.index(later) < names.index(earlier)
