"""What Istio needs before it leads a call by its headers: a proxy beside the caller, and a port that carries HTTP.

Sources: istio/istio 1.27, pkg/kube/inject/inject.go (`injectRequired`), the webhooks of
manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, and pkg/config/kube/conversion.go
(`ConvertProtocol`); istio.io, "Installing the Sidecar", "Protocol Selection", "Configure waypoint proxies".
"""

from collections.abc import Mapping

from grayc.k8s.kinds import ISTIO

API_VERSIONS = f"{ISTIO}/v1", f"{ISTIO}/v1beta1"
"""Of a VirtualService, of one shape, the later first; a release of Istio that serves the first serves the second too,
and asks for it."""


def lanes_name(service: str) -> str:
    """Return the name of the object that has all lanes' routes to a Service."""
    return f"{service}-grayc-lanes"


INJECT = "sidecar.istio.io/inject"
"""Pod label, and annotation of old, that lets the sidecar in or keeps it out; the label comes first."""
INJECT_ON = "true"
INJECT_OFF = "false"

NAMESPACE_INJECTION = "istio-injection"
NAMESPACE_ON = "enabled"
NAMESPACE_OFF = "disabled"
REVISION = "istio.io/rev"
"""Label of a Namespace or pod that names the control plane which injects."""

PROXY_CONTAINER = "istio-proxy"
"""A manifest that was injected by hand has it."""

PROXY_USER = 1337
"""The sidecar runs as this user, whose connections are led to no proxy: an application that runs so passes it by.
Sources: istio/istio, tools/istio-iptables/pkg/capture/run.go; istio.io, "Application Requirements"."""

TEMPLATES = "inject.istio.io/templates"
SIDECAR_TEMPLATE = "sidecar"
TEMPLATES_THAT_TAKE_NOTHING = frozenset({"gateway"})
"""Annotation of pods: what is injected, `sidecar` where it says nothing. `gateway` makes a pod a proxy of others'
requests; `grpc-agent` leaves routes to the application's gRPC library, which reads them for addresses of `xds:///`.
Source: istio/istio, manifests/charts/istio-control/istio-discovery/files."""

INTERCEPTION = "sidecar.istio.io/interceptionMode"
INTERCEPTION_OFF = "NONE"
EXCLUDE_PORTS = "traffic.sidecar.istio.io/excludeOutboundPorts"
EXCLUDE_RANGES = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
INCLUDE_RANGES = "traffic.sidecar.istio.io/includeOutboundIPRanges"
INCLUDE_PORTS = "traffic.sidecar.istio.io/includeOutboundPorts"
"""Annotations of pods: which of their outbound connections the sidecar takes. Of `includeOutboundIPRanges` `*` is all,
and what is empty none. Sources: istio/istio eed52eb, tools/istio-iptables/pkg/capture/run.go (the order of the rules)
and the injection template."""

ROOT_NAMESPACE = "istio-system"
"""A Sidecar there without a selector counts for all namespaces that have none of their own. `rootNamespace` of the
mesh's configuration may name another. Source: istio.io, "Sidecar"."""

EXPORT_TO = "networking.istio.io/exportTo"
"""Annotation of a Service: the namespaces that see it; `.` its own, `*` all. Sources: istio/api,
annotation/annotations.gen.go; istio/istio, pkg/config/visibility: `~` is no one, for Services."""

DATAPLANE_MODE = "istio.io/dataplane-mode"
AMBIENT = "ambient"
"""Label and value of a Namespace or pod that take it into the mesh without sidecars; a pod's comes first."""

USE_WAYPOINT = "istio.io/use-waypoint"
"""Label of a Service or Namespace: calls to it go by this waypoint, which alone reads headers in ambient mode."""
NO_WAYPOINT = "none"
WAYPOINT_HOME = "istio.io/use-waypoint-namespace"
WAYPOINT_FOR = "istio.io/waypoint-for"
FOR_SERVICES = frozenset({"service", "all"})
"""Label of the waypoint's Gateway, and the values with which it takes calls to Services; `service` where it has none.
Sources: istio.io, "Configure waypoint proxies" (1.22); istio/istio, ambient/waypoints.go: service traffic where neither
the Gateway nor its class has it."""

HTTP_PROTOCOLS = frozenset({"http", "http2", "http_proxy", "grpc", "grpc-web"})
OPAQUE_PROTOCOLS = frozenset({"https", "mongo", "mysql", "redis", "tcp", "tls", "udp"})
"""What stands before the first dash of a port's name, or is its `appProtocol`, in any case. Of all other names the
sidecar looks at each connection itself. Source: istio/istio pkg/config/protocol/instance.go."""

STANDARD_APP_PROTOCOLS: Mapping[str, str] = {
    "kubernetes.io/h2c": "http2",
    "kubernetes.io/ws": "http",
    "kubernetes.io/wss": "https",
}
"""Kubernetes' own values of `appProtocol` → what Istio makes of them. Source: core/v1 ServicePort; Istio's side as of
1.20 (`ConvertProtocol`), not checked against its text."""

OPAQUE_PORTS = frozenset({25, 53, 3306, 27017})
"""SMTP, DNS, MySQL and MongoDB: where the name tells nothing, Istio does not look, and takes them for TCP."""


def protocol_of(name: str, app_protocol: str, number: int, transport: str) -> str:
    """Return the protocol that Istio takes a port of a Service for, "" where the sidecar looks for itself.

    Args:
        transport: `protocol` of the port, "" for TCP.
    """
    if transport == "UDP":
        return "udp"
    text = (STANDARD_APP_PROTOCOLS.get(app_protocol, app_protocol) or name).lower()
    word = "grpc-web" if text.startswith("grpc-web") else text.partition("-")[0]
    if word in HTTP_PROTOCOLS | OPAQUE_PROTOCOLS:
        return word
    return "tcp" if number in OPAQUE_PORTS else ""
