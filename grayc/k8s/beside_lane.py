"""Objects of consoles, meshes and rollout controllers that lead requests or calls beside the lane's own objects.

grayc writes none of them and reads them only to name what they do to the lane.
"""

from collections.abc import Mapping

from grayc.k8s.kinds import NETWORKING, GroupKind
from grayc.records import dataclass

ASM = "istio.alibabacloud.com"
KRUISE_ROLLOUTS = "rollouts.kruise.io"
MSE_INGRESS = "mse.alibabacloud.com"

_Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """A field that names an object which may be the lane's or its baseline's.

    Attributes:
        path: of the name, `[*]` for every item of a list.
        kind: of the object; None where `kind` and `apiVersion` beside the name tell it.
        is_host: the name is a host, such as `web.shop.svc.cluster.local`.
    """

    path: _Pattern
    kind: GroupKind | None
    is_host: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideRow:
    """A kind.

    Attributes:
        code: of its finding.
        product: what reads it, as messages say it.
        named: the fields by which it comes upon the lane.
        effect: what it does to the lane.
        advice: what to do.
        act_together: all objects of the product make one thing, and one finding tells them.
    """

    code: str
    product: str
    named: tuple[NamedObject, ...]
    effect: str
    advice: str
    act_together: bool = False


_SERVICE: GroupKind = ("", "Service")
_INGRESS: GroupKind = (NETWORKING, "Ingress")
_HTTP_ROUTE: GroupKind = ("gateway.networking.k8s.io", "HTTPRoute")


def _fields(base: str) -> tuple[NamedObject, ...]:
    at = tuple(base.split("."))
    return (
        NamedObject(path=(*at, "[*]", "service"), kind=_SERVICE),
        NamedObject(path=(*at, "[*]", "ingress", "name"), kind=_INGRESS),
        NamedObject(path=(*at, "[*]", "gateway", "httpRouteName"), kind=_HTTP_ROUTE),
    )


_LANES = "by lanes of its own it makes routes for the same hosts, and these choose without the lane's tag"
_LANES_ADVICE = (
    "take the service out of it while the release lasts, or make the lane there and not with grayc; or accept it where "
    "gray pods are meant to be reached past it"
)

BESIDE: Mapping[GroupKind, BesideRow] = {
    # Source: Alibaba Cloud ASM, "ASMSwimLaneGroup and ASMSwimLane field reference" (2026-03-11): a VirtualService is
    # generated for the hosts of each lane; the Go types of istio.io/client-go/asm/pkg/apis, alibabacloud-servicemesh/v1
    # (ASMSwimLaneGroupSpec, ASMSwimLaneSpec; `genclient:nonNamespaced`).
    (ASM, "ASMSwimLaneGroup"): BesideRow(
        code="GC388",
        product="ASM",
        named=(NamedObject(path=("spec", "services", "[*]", "name"), kind=_SERVICE),),
        effect=_LANES,
        advice=_LANES_ADVICE,
        act_together=True,
    ),
    (ASM, "ASMSwimLane"): BesideRow(
        code="GC388",
        product="ASM",
        named=(
            NamedObject(path=("spec", "services", "[*]", "name"), kind=_SERVICE),
            NamedObject(
                path=("spec", "ingressRules", "[*]", "route", "destination", "host"), kind=_SERVICE, is_host=True
            ),
            NamedObject(path=("spec", "ingressWeight", "destination", "host"), kind=_SERVICE, is_host=True),
        ),
        effect=_LANES,
        advice=_LANES_ADVICE,
        act_together=True,
    ),
    # Source: OpenKruise, Rollouts, "API specifications" (v1beta1, and v1alpha1 with `objectRef`); Alibaba Cloud ACK,
    # "Phased releases with Kruise Rollout" (2026-03-26): it halts a changed workload at its steps, and makes a canary
    # Service and Ingress for those that `trafficRoutings` names.
    (KRUISE_ROLLOUTS, "Rollout"): BesideRow(
        code="GC387",
        product="Kruise Rollouts",
        named=(
            NamedObject(path=("spec", "workloadRef", "name"), kind=None),
            NamedObject(path=("spec", "objectRef", "workloadRef", "name"), kind=None),
            *_fields("spec.strategy.canary.trafficRoutings"),
            *_fields("spec.strategy.blueGreen.trafficRoutings"),
        ),
        effect="once production's pods change, as by `promote`, it halts them at its steps, with a canary of its own "
        "for the requests that it leads, beside the lane's",
        advice="start no rollout of it while the lane is up, and take the lane down before you promote; or accept it",
    ),
    # Source: OpenKruise, Rollouts, "API specifications", TrafficRouting.
    (KRUISE_ROLLOUTS, "TrafficRouting"): BesideRow(
        code="GC387",
        product="Kruise Rollouts",
        named=_fields("spec.objectRef"),
        effect="while a Rollout uses it, it leads requests by a canary of its own beside the lane's",
        advice="start no rollout with it while the lane is up; or accept it",
    ),
}
"""Kind → what it does to a lane."""

ROLLOUT_LABELS: tuple[_Pattern, ...] = (("spec", "strategy", "canary", "patchPodTemplateMetadata", "labels"),)
"""Where a Rollout gives labels to its own canary pods. Source: OpenKruise, Rollouts, "API specifications"; Alibaba
Cloud MSE, "Use Kruise Rollouts to implement MSE-based end-to-end canary releases" (2026-03-10)."""

OPENSERGO_TAG = "opensergo.io/canary-"
"""A pod label that begins so and has the tag as its value tags the pod too. Source: the same; not verified for an agent
newer than 4.0."""

HEADERS_SET: _Pattern = ("spec", "strategy", "requestHeaderModifier", "set", "[*]")
"""Headers that a TrafficRouting gives to the requests it leads. Source: OpenKruise, Rollouts, "API specifications"."""

GATEWAY_CONFIG: GroupKind = (MSE_INGRESS, "MseIngressConfig")
CONFIG_CLASS = ("spec", "ingress", "local", "ingressClass")
"""The class that a gateway listens to: none where the field is absent, all where it is empty, and with `nginx` those
without a class too. An IngressClass whose `parameters` name the MseIngressConfig comes before it. Source: Alibaba Cloud
MSE, "Configure an MseIngressConfig" (2025-08-13; ACK has the same page)."""
CONFIG_NAMESPACES = (("spec", "ingress", "local", "watchNamespace"), ("spec", "ingress", "local", "watchNamespaces"))
"""The namespace that a gateway listens to, all where it is absent or empty. Source: as `CONFIG_CLASS`; the second, a
list, is written by users and is in no manual: not verified."""
CLASS_WITH_NONE = "nginx"
REUSED_GATEWAY = ("spec", "id")
"""The gateway that a config takes over. Where `spec.override` is not true and the gateway is joined to the cluster
already, what it listens to stays as it was. Source: as `CONFIG_CLASS`, "Reuse an existing MSE cloud-native gateway"."""
OVERRIDES = ("spec", "override")

BRIDGE: GroupKind = ("networking.higress.io", "McpBridge")
REGISTRY_HOSTS = (".nacos", ".eureka", ".consul", ".zookeeper")
"""How the hosts end that a McpBridge makes of a registry's services, after the service's name, whose `_` becomes `-`.
Source: alibaba/higress registry/eureka/watcher.go (makeHost), registry/consul/watcher.go (subscribe); higress.cn,
"Spring Cloud service discovery and routing", for Nacos. ZooKeeper's is not verified. `.static` and `.dns` are
addresses."""
