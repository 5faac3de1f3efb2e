"""The kinds that lead requests to Services: which product reads each, and where its hosts and Services stand.

A kind that a gateway of the release language opens names that gateway's row. The others are named where they lead to a
released service, and left as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grayc.k8s.kinds import GATEWAY, ISTIO, NETWORKING, GroupKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceField:
    """A field that names a Service.

    Attributes:
        path: as users write it, such as `spec.routes[*].services[*].name`.
        form: how the value spells the name: `name`, `namespace/name`, `host` or `URL`, as `references.Form` has them.
        namespace_field: the field beside it that holds the namespace.
    """

    path: str
    form: str = "name"
    namespace_field: str = "namespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingKind:
    """A kind.

    Attributes:
        product: what reads it, as messages say it.
        hosts: fields that hold its hosts; empty where another object has them, or they stand in the text of a rule.
        services: fields that name the Services it leads to; empty for a kind whose fields other tables have.
        is_mesh: it leads calls between services, not requests from outside.
    """

    product: str
    hosts: tuple[str, ...]
    services: tuple[ServiceField, ...] = ()
    is_mesh: bool = False


def _services(*paths: str, form: str = "name", namespace_field: str = "namespace") -> tuple[ServiceField, ...]:
    return tuple(ServiceField(path=path, form=form, namespace_field=namespace_field) for path in paths)


_TRAEFIK = "Traefik"
# Source: traefik/traefik pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go, ingressroutetcp.go,
# ingressrouteudp.go; the group before v2.10 and after.
_INGRESS_ROUTE = RoutingKind(product=_TRAEFIK, hosts=(), services=_services("spec.routes[*].services[*].name"))
_KNATIVE_SPLIT = _services("spec.rules[*].http.paths[*].splits[*].serviceName", namespace_field="serviceNamespace")
# Source: gloo projects/gateway/api/v1, "Routes": a Service by `kube`, or the Upstream that discovery makes of it.
_GLOO_ACTION = (
    "routeAction.single.kube.ref.name",
    "routeAction.multi.destinations[*].destination.kube.ref.name",
)

ROUTING_KINDS: Mapping[GroupKind, RoutingKind] = {
    # Opened by gateways of the release language. Their Services stand in `references`.
    (NETWORKING, "Ingress"): RoutingKind(product="the controller of its class", hosts=("spec.rules[*].host",)),
    (GATEWAY, "HTTPRoute"): RoutingKind(product="the Gateway API", hosts=("spec.hostnames[*]",)),
    (ISTIO, "VirtualService"): RoutingKind(product="Istio", hosts=("spec.hosts[*]",)),
    # Source: kubernetes-sigs/gateway-api apis/v1 and apis/v1alpha2.
    (GATEWAY, "GRPCRoute"): RoutingKind(product="the Gateway API", hosts=("spec.hostnames[*]",)),
    (GATEWAY, "TLSRoute"): RoutingKind(product="the Gateway API", hosts=("spec.hostnames[*]",)),
    (GATEWAY, "TCPRoute"): RoutingKind(product="the Gateway API", hosts=()),
    (GATEWAY, "UDPRoute"): RoutingKind(product="the Gateway API", hosts=()),
    ("traefik.io", "IngressRoute"): _INGRESS_ROUTE,
    ("traefik.io", "IngressRouteTCP"): _INGRESS_ROUTE,
    ("traefik.io", "IngressRouteUDP"): _INGRESS_ROUTE,
    ("traefik.containo.us", "IngressRoute"): _INGRESS_ROUTE,
    ("traefik.containo.us", "IngressRouteTCP"): _INGRESS_ROUTE,
    ("traefik.containo.us", "IngressRouteUDP"): _INGRESS_ROUTE,
    # What an IngressRoute may name in a Service's place.
    ("traefik.io", "TraefikService"): RoutingKind(
        product=_TRAEFIK,
        hosts=(),
        services=_services("spec.weighted.services[*].name", "spec.mirroring.name", "spec.mirroring.mirrors[*].name"),
    ),
    # Source: projectcontour/contour apis/projectcontour/v1/httpproxy.go.
    ("projectcontour.io", "HTTPProxy"): RoutingKind(
        product="Contour",
        hosts=("spec.virtualhost.fqdn",),
        services=_services("spec.routes[*].services[*].name", "spec.tcpproxy.services[*].name"),
    ),
    # Source: nginx/kubernetes-ingress pkg/apis/configuration/v1/types.go.
    ("k8s.nginx.org", "VirtualServer"): RoutingKind(
        product="F5's NGINX Ingress Controller",
        hosts=("spec.host",),
        services=_services("spec.upstreams[*].service", form="namespace/name"),
    ),
    ("k8s.nginx.org", "VirtualServerRoute"): RoutingKind(
        product="F5's NGINX Ingress Controller",
        hosts=("spec.host",),
        services=_services("spec.upstreams[*].service", form="namespace/name"),
    ),
    ("k8s.nginx.org", "TransportServer"): RoutingKind(
        product="F5's NGINX Ingress Controller",
        hosts=("spec.host",),
        services=_services("spec.upstreams[*].service", form="namespace/name"),
    ),
    # Source: apache/apisix-ingress-controller api/v2/apisixroute_types.go.
    ("apisix.apache.org", "ApisixRoute"): RoutingKind(
        product="APISIX",
        hosts=("spec.http[*].match.hosts[*]",),
        services=_services(
            "spec.http[*].backends[*].serviceName",
            "spec.http[*].backend.serviceName",
            "spec.stream[*].backend.serviceName",
        ),
    ),
    # Source: emissary-ingress pkg/api/getambassador.io/v3alpha1/crd_mapping.go, crd_tcpmapping.go.
    ("getambassador.io", "Mapping"): RoutingKind(
        product="Emissary", hosts=("spec.hostname", "spec.host"), services=_services("spec.service", form="URL")
    ),
    ("getambassador.io", "TCPMapping"): RoutingKind(
        product="Emissary", hosts=("spec.host",), services=_services("spec.service", form="URL")
    ),
    # Source: openshift/api route/v1/types.go: `to` and `alternateBackends` name Services of the Route's namespace.
    ("route.openshift.io", "Route"): RoutingKind(
        product="the OpenShift router",
        hosts=("spec.host",),
        services=_services("spec.to.name", "spec.alternateBackends[*].name"),
    ),
    ("gateway.solo.io", "VirtualService"): RoutingKind(
        product="Gloo",
        hosts=("spec.virtualHost.domains[*]",),
        services=_services(*(f"spec.virtualHost.routes[*].{action}" for action in _GLOO_ACTION)),
    ),
    ("gateway.solo.io", "RouteTable"): RoutingKind(
        product="Gloo", hosts=(), services=_services(*(f"spec.routes[*].{action}" for action in _GLOO_ACTION))
    ),
    # Source: knative/networking pkg/apis/networking/v1alpha1/ingress_types.go.
    ("networking.internal.knative.dev", "Ingress"): RoutingKind(
        product="Knative", hosts=("spec.rules[*].hosts[*]",), services=_KNATIVE_SPLIT
    ),
    # Source: servicemeshinterface/smi-spec apis/traffic-split: the root Service's calls are shared out.
    ("split.smi-spec.io", "TrafficSplit"): RoutingKind(
        product="a mesh that reads SMI",
        hosts=(),
        services=_services("spec.service", "spec.backends[*].service", form="host"),
        is_mesh=True,
    ),
    # Source: Kong/kubernetes-configuration api/configuration/v1beta1/tcpingress_types.go, udpingress_types.go.
    ("configuration.konghq.com", "TCPIngress"): RoutingKind(
        product="Kong",
        hosts=("spec.rules[*].host",),
        services=_services("spec.rules[*].backend.serviceName"),
    ),
    ("configuration.konghq.com", "UDPIngress"): RoutingKind(
        product="Kong", hosts=(), services=_services("spec.rules[*].backend.serviceName")
    ),
    # Source: zalando/skipper dataclients/kubernetes/definitions/routegroups.go.
    ("zalando.org", "RouteGroup"): RoutingKind(
        product="Skipper", hosts=("spec.hosts[*]",), services=_services("spec.backends[*].serviceName")
    ),
    # Source: kubernetes-sigs/aws-load-balancer-controller apis/elbv2/v1beta1/targetgroupbinding_types.go.
    ("elbv2.k8s.aws", "TargetGroupBinding"): RoutingKind(
        product="the AWS Load Balancer Controller", hosts=(), services=_services("spec.serviceRef.name")
    ),
    # Source: F5 k8s-bigip-ctlr docs/config_examples/customResource, VirtualServer.
    ("cis.f5.com", "VirtualServer"): RoutingKind(
        product="F5 BIG-IP",
        hosts=("spec.host",),
        services=_services("spec.pools[*].service", namespace_field="serviceNamespace"),
    ),
}
"""Kinds that lead requests to Services, those that gateways of the release language open first."""
