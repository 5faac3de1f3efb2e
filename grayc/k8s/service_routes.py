"""Routes of the Gateway API whose parent is a Service: a mesh reads them beside the callers (GAMMA).

Sources: kubernetes-sigs/gateway-api v1.6.1, geps/gep-1294 (GEP-1426 until 1.5), apis/v1/httproute_types.go,
grpcroute_types.go and shared_types.go:

- a route replaces what a Service leads to by itself, so what no rule matches is answered 404;
- a route in the Service's own namespace (producer) holds for all callers, one in another (consumer) for the callers of
  that namespace alone, instead of the producer's;
- several routes of one parent are merged: the match that is more exact counts, then the older route, then the one whose
  `namespace/name` sorts first. Of routes of several kinds on one port a GRPCRoute alone counts, then an HTTPRoute;
- a headless Service, and one of type ExternalName, should not be taken as a parent;
- no ReferenceGrant is asked for;
- a route has at most 16 rules.

Where a VirtualService leads the calls to the same host, Istio's pilot follows the route alone, whichever is older: so
it answered when it was asked (istio/istio eed52eb).

linkerd.io, "HTTPRoute": Linkerd reads `policy.linkerd.io` HTTPRoutes of the same shape, too.
"""

from collections.abc import Mapping

from grayc.k8s.gateways import GRPC_ROUTE, HTTP_ROUTE
from grayc.k8s.kinds import GATEWAY, GroupKind

API_VERSIONS = f"{GATEWAY}/v1", f"{GATEWAY}/v1beta1"
"""Of an HTTPRoute, of one shape, the later first. A GRPCRoute has the first alone."""

LINKERD_ROUTE: GroupKind = ("policy.linkerd.io", "HTTPRoute")

WITH_RULES: frozenset[GroupKind] = frozenset({HTTP_ROUTE, GRPC_ROUTE, LINKERD_ROUTE})
"""Kinds whose rules ask for headers."""

WITHOUT_HEADERS: Mapping[GroupKind, str] = {
    (GATEWAY, "TLSRoute"): "TLS",
    (GATEWAY, "TCPRoute"): "TCP",
}
"""Kinds that lead a Service's connections by what they carry, and read no header."""

MOST_RULES = 16

NO_PARENTS: Mapping[str, str] = {
    "ExternalName": "is of type ExternalName, which is no parent of a route",
    "headless": "is headless, and has no address of its own that a route could lead",
}
"""Why a Service leads no calls by routes, in words after its name."""
