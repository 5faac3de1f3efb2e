"""The meshes that read routes whose parent is a Service, and what lets their proxies into pods.

Istio's own rows are in `grayc.k8s.istio_mesh`: a sidecar beside the caller, or a waypoint before the callee.
Sources: linkerd.io (2.19), "Automatic Proxy Injection", "Proxy Configuration", "Protocol Detection", "HTTPRoute";
linkerd/linkerd2 issue 12392 (hostNetwork); developer.konghq.com, "Kubernetes annotations and labels for Kong Mesh";
kumahq/kuma-website app/_src/explore/gateway-api.md ("Service to service routing"); cilium/cilium
Documentation/network/servicemesh/gateway-api/gamma.rst.
"""

from collections.abc import Mapping

from grayc.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMesh:
    """A mesh with a proxy beside each pod.

    Attributes:
        name: as messages call it.
        place: where pods and Namespaces have its switch: `annotations` or `labels`; the pod's comes first.
        switch: the key.
        on: values that let the proxy in, the usual one first.
        off: values that keep it out.
        unsure: value → why it is not to be told whether routes count then, in words after "pods".
        container: that pods have which were injected by hand.
    """

    name: str
    place: str
    switch: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    container: str
    unsure: Mapping[str, str] = field(default_factory=dict)


LINKERD = RouteMesh(
    name="Linkerd",
    place="annotations",
    switch="linkerd.io/inject",
    on=("enabled",),
    off=("disabled",),
    # The proxy then goes by `l5d-dst-override` and the host that a request names.
    unsure={"ingress": "have `linkerd.io/inject: ingress`, where the proxy goes by headers of its own"},
    container="linkerd-proxy",
)
KUMA = RouteMesh(
    name="Kuma",
    place="labels",
    switch="kuma.io/sidecar-injection",
    on=("enabled", "true"),
    off=("disabled", "false"),
    container="kuma-sidecar",
)
ROUTE_MESHES = (LINKERD, KUMA)

ISTIO = "Istio"
CILIUM = "Cilium"
CILIUM_CONTROLLER = "io.cilium/gateway-controller"
"""`controllerName` of the GatewayClass that Cilium has where its Gateway API is on: the proxy of each node then reads
producers' routes for all pods, and no consumers'."""

LINKERD_ENDS: Mapping[str, str] = {
    "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
    "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
}
"""Annotations of pods whose proxy ends with their containers, so that a Job does; without them it runs on. The first is
the name of old. Kuma ends its proxy itself, and Istio's is a native sidecar since 1.27. Sources: linkerd.io (2.19),
"Native sidecars", "Proxy Configuration"; linkerd.io (2.15), "Proxy Configuration"; kumahq/kuma pull request 1576."""
LINKERD_SKIPPED = "config.linkerd.io/skip-outbound-ports"
"""Annotation of pods or of their Namespace: ports, and ranges of them, on which calls pass by the proxy."""
LINKERD_OPAQUE = "config.linkerd.io/opaque-ports"
"""Annotation of a Service or of its Namespace: ports, and ranges of them, of which nothing is read."""
LINKERD_OPAQUE_PORTS = "25,587,3306,4444,5432,6379,9300,11211"
"""What Linkerd takes where no annotation says otherwise."""
LINKERD_PROFILE = ("linkerd.io", "ServiceProfile")
"""One of a Service's full name, in its namespace or the caller's, takes the place of all routes."""
