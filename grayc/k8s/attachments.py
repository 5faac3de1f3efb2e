"""Kinds whose objects name what they are for: which of them may authenticate, and by which field they name it.

What is attached to a route or Service by its name does not cover the gray one beside it, which has another name: the
lane gets an object of its own that names the gray one. A kind without a row whose objects have `spec.targetRef` or
`spec.targetRefs` is a policy too, if its name ends as those of policies are to end (Gateway API, GEP-713: "Policy").
What is attached to a whole Gateway or namespace covers the lane already.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.records import dataclass


class Way(StrEnum):
    """How an object names what it is for."""

    TARGET_REFS = "spec.targetRef or spec.targetRefs"
    """By group, kind and name, and by labels in `targetSelectors`. Source: Gateway API, GEP-713 and GEP-2648."""
    HOST = "spec.host"
    """A Service by its host (Istio's DestinationRule)."""
    MATCH_RULES = "spec.matchRules"
    """Ingresses by `namespace/name` and Services by host, in `spec.matchRules[*]` (Higress)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A row of `ATTACHMENTS`.

    Attributes:
        authenticates: it may ask who sends a request, or whether he may: without it the entry is open.
        numbers_rules: a rule of a route without a name of its own is `rule-1`, `rule-2`… in `sectionName`.
    """

    authenticates: bool
    way: Way = Way.TARGET_REFS
    numbers_rules: bool = False


_ASKS = Attachment(authenticates=True)
_ASKS_NOTHING = Attachment(authenticates=False)
_ASKS_BY_NUMBER = Attachment(authenticates=True, numbers_rules=True)
_COUNTS_BY_NUMBER = Attachment(authenticates=False, numbers_rules=True)

_ENVOY = "gateway.envoyproxy.io"
_KGATEWAY = "gateway.kgateway.dev"
_KUADRANT = "kuadrant.io"
_NGINX = "gateway.nginx.org"
_GKE = "networking.gke.io"
_LATTICE = "application-networking.k8s.aws"

ATTACHMENTS: Mapping[tuple[str, str], Attachment] = {
    # Source: kubernetes-sigs/gateway-api 4564255, apis/v1/backendtlspolicy_types.go (`sectionName` is a port of the
    # Service), apisx/v1alpha1/xbackendtrafficpolicy_types.go.
    ("gateway.networking.k8s.io", "BackendTLSPolicy"): _ASKS_NOTHING,
    ("gateway.networking.x-k8s.io", "XBackendTrafficPolicy"): _ASKS_NOTHING,
    # Source: envoyproxy/gateway d32f282, api/v1alpha1/*policy_types.go; ClientTrafficPolicy takes Gateways alone, and
    # an extension may be what logs in (ext_proc, Wasm, Lua).
    (_ENVOY, "SecurityPolicy"): _ASKS,
    (_ENVOY, "EnvoyExtensionPolicy"): _ASKS,
    (_ENVOY, "BackendTrafficPolicy"): _ASKS_NOTHING,
    (_ENVOY, "ClientTrafficPolicy"): _ASKS_NOTHING,
    (_ENVOY, "EnvoyPatchPolicy"): _ASKS_NOTHING,
    # Source: Kuadrant/kuadrant-operator ae69881, api/*/*policy_types.go and cmd/extensions; names of rules:
    # Kuadrant/policy-machinery, machinery/gateway_api_topology.go. DNSPolicy and TLSPolicy take Gateways alone.
    (_KUADRANT, "AuthPolicy"): _ASKS_BY_NUMBER,
    (_KUADRANT, "RateLimitPolicy"): _COUNTS_BY_NUMBER,
    (_KUADRANT, "TokenRateLimitPolicy"): _COUNTS_BY_NUMBER,
    (_KUADRANT, "DNSPolicy"): _COUNTS_BY_NUMBER,
    (_KUADRANT, "TLSPolicy"): _COUNTS_BY_NUMBER,
    ("extensions.kuadrant.io", "OIDCPolicy"): _ASKS_BY_NUMBER,
    ("extensions.kuadrant.io", "PlanPolicy"): _COUNTS_BY_NUMBER,
    ("extensions.kuadrant.io", "TelemetryPolicy"): _COUNTS_BY_NUMBER,
    ("extensions.kuadrant.io", "ThreatPolicy"): _ASKS_BY_NUMBER,
    # Source: kgateway-dev/kgateway, api/v1alpha1/kgateway/traffic_policy_types.go (`extAuth`, `rbac`; rules by
    # `sectionName` in `targetSelectors` too); 06ff8b9 of main has it as RoutePolicy. The others by the names of its
    # reference alone: not checked.
    (_KGATEWAY, "TrafficPolicy"): _ASKS,
    (_KGATEWAY, "RoutePolicy"): _ASKS,
    (_KGATEWAY, "BackendConfigPolicy"): _ASKS_NOTHING,
    (_KGATEWAY, "HTTPListenerPolicy"): _ASKS_NOTHING,
    (_KGATEWAY, "ListenerPolicy"): _ASKS_NOTHING,
    # Source: nginx/nginx-gateway-fabric e55bfe3, apis/v1alpha1 and v1alpha2.
    (_NGINX, "ClientSettingsPolicy"): _ASKS_NOTHING,
    (_NGINX, "ObservabilityPolicy"): _ASKS_NOTHING,
    (_NGINX, "ProxySettingsPolicy"): _ASKS_NOTHING,
    (_NGINX, "RateLimitPolicy"): _ASKS_NOTHING,
    (_NGINX, "UpstreamSettingsPolicy"): _ASKS_NOTHING,
    (_NGINX, "SnippetsPolicy"): _ASKS,
    (_NGINX, "WAFPolicy"): _ASKS,
    (_NGINX, "PayloadProcessor"): _ASKS,
    (_NGINX, "ExternalLoadBalancer"): _ASKS_NOTHING,
    # Source: solo-io/gloo 8d57572, projects/gateway/api/v1/external_options.proto: `targetRefs` of each; a RouteOption
    # has `jwt`, `extauth` and `rbac`, the others take Gateways alone.
    ("gateway.solo.io", "RouteOption"): _ASKS,
    ("gateway.solo.io", "VirtualHostOption"): _ASKS,
    ("gateway.solo.io", "HttpListenerOption"): _ASKS_NOTHING,
    ("gateway.solo.io", "ListenerOption"): _ASKS_NOTHING,
    # Source: apache/apisix-ingress-controller d510f66, api/v1alpha1: an HTTPRoutePolicy takes Ingresses too.
    ("apisix.apache.org", "HTTPRoutePolicy"): _ASKS_NOTHING,
    ("apisix.apache.org", "BackendTrafficPolicy"): _ASKS_NOTHING,
    ("apisix.apache.org", "L4RoutePolicy"): _ASKS,
    # Source: GoogleCloudPlatform/gke-gateway-api, apis/networking/v1: the Identity-Aware Proxy and Cloud Armor stand in
    # a GCPBackendPolicy (`spec.default.iap`, `securityPolicy`).
    (_GKE, "GCPBackendPolicy"): _ASKS,
    (_GKE, "GCPAuthzPolicy"): _ASKS,
    (_GKE, "GCPGatewayPolicy"): _ASKS_NOTHING,
    (_GKE, "GCPSessionAffinityPolicy"): _ASKS_NOTHING,
    (_GKE, "GCPTrafficDistributionPolicy"): _ASKS_NOTHING,
    (_GKE, "HealthCheckPolicy"): _ASKS_NOTHING,
    # Source: aws/aws-application-networking-k8s 03d6abe, pkg/apis/applicationnetworking/v1alpha1.
    (_LATTICE, "IAMAuthPolicy"): _ASKS,
    (_LATTICE, "AccessLogPolicy"): _ASKS_NOTHING,
    (_LATTICE, "TargetGroupPolicy"): _ASKS_NOTHING,
    (_LATTICE, "VpcAssociationPolicy"): _ASKS_NOTHING,
    # Source: linkerd/linkerd2 b24cd40, charts/linkerd-crds/templates/policy.
    ("policy.linkerd.io", "AuthorizationPolicy"): _ASKS,
    ("policy.linkerd.io", "HTTPLocalRateLimitPolicy"): _ASKS_NOTHING,
    # Source: Istio 1.27 reference, `targetRefs` of each; a Wasm module or Envoy filter may be what logs in.
    ("security.istio.io", "AuthorizationPolicy"): _ASKS,
    ("security.istio.io", "RequestAuthentication"): _ASKS,
    ("extensions.istio.io", "WasmPlugin"): _ASKS,
    ("networking.istio.io", "EnvoyFilter"): _ASKS,
    ("telemetry.istio.io", "Telemetry"): _ASKS_NOTHING,
    # Source: Istio 1.27 reference, DestinationRule: `trafficPolicy.tls` is the client's side.
    ("networking.istio.io", "DestinationRule"): Attachment(authenticates=False, way=Way.HOST),
    # Source: alibaba/higress 4e0d691, pkg/ingress/config/ingress_config.go, convertIstioWasmPlugin, and
    # plugins/wasm-cpp/common/route_rule_matcher.h: of the rules the first that matches counts, else the default.
    ("extensions.higress.io", "WasmPlugin"): Attachment(authenticates=True, way=Way.MATCH_RULES),
}


def is_policy_by_name(kind: str) -> bool:
    """Tell whether a kind without a row says by its name that it is a policy. Source: Gateway API, GEP-713."""
    return kind.endswith("Policy")
