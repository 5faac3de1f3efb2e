"""The kinds that lead requests to Services: which product reads each, and where its hosts and Services stand.

A kind that a gateway of the release language opens names that gateway's row. The others are named where they lead to a
released service, and left as they are.
"""

from collections.abc import Mapping

from grayc.k8s.kinds import GATEWAY, ISTIO, NETWORKING, GroupKind
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceField:
    """A field that names a Service.

    Attributes:
        path: as users write it, such as `spec.routes[*].services[*].name`.
        form: how the value spells the name, as `references.Form` has it.
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


TRAEFIK_KINDS = "Traefik"
"""The product of the kinds that Traefik reads by its provider `kubernetesCRD`."""
# Source: traefik/traefik 3.7.9 pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go, ingressroutetcp.go,
# ingressrouteudp.go; the group before v2.10 and after.
_INGRESS_ROUTE = RoutingKind(product=TRAEFIK_KINDS, hosts=(), services=_services("spec.routes[*].services[*].name"))
_TRAEFIK_SHARES = ("spec.weighted.services[*].name", "spec.mirroring.name", "spec.mirroring.mirrors[*].name")
_TRAEFIK_CHOICES = (
    "spec.highestRandomWeight.services[*].name",
    "spec.failover.service.name",
    "spec.failover.fallback.name",
)
_HAPROXY_TCP = RoutingKind(
    product="HAProxy Technologies' controller",
    hosts=(),
    services=_services("spec[*].service.name", "spec[*].services[*].name"),
)
_KUMA_ROUTE = RoutingKind(
    product="Kuma",
    hosts=("spec.to[*].hostnames[*]",),
    services=_services("spec.to[*].rules[*].default.backendRefs[*].name", form="name_namespace_svc_port"),
)
_KNATIVE_SPLIT = _services("spec.rules[*].http.paths[*].splits[*].serviceName", namespace_field="serviceNamespace")
# Source: solo-io/gloo 1.21.13 projects/gloo/api/v1/proxy.proto (RouteAction, Destination): a Service by `kube`, or an
# Upstream or UpstreamGroup by name.
_GLOO_ACTION = (
    "routeAction.single.kube.ref.name",
    "routeAction.multi.destinations[*].destination.kube.ref.name",
)

ROUTING_KINDS: Mapping[GroupKind, RoutingKind] = {
    # Opened by gateways of the release language. Their Services stand in `references`.
    (NETWORKING, "Ingress"): RoutingKind(product="the controller of its class", hosts=("spec.rules[*].host",)),
    (GATEWAY, "HTTPRoute"): RoutingKind(product="the Gateway API", hosts=("spec.hostnames[*]",)),
    (ISTIO, "VirtualService"): RoutingKind(product="Istio", hosts=("spec.hosts[*]",)),
    # Source: kubernetes-sigs/gateway-api 1.6.1 apis/v1 and apis/v1alpha2.
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
    # What an IngressRoute may name in a Service's place. Source: service.go of the same folder.
    ("traefik.io", "TraefikService"): RoutingKind(
        product=TRAEFIK_KINDS, hosts=(), services=_services(*_TRAEFIK_SHARES, *_TRAEFIK_CHOICES)
    ),
    ("traefik.containo.us", "TraefikService"): RoutingKind(
        product=TRAEFIK_KINDS, hosts=(), services=_services(*_TRAEFIK_SHARES)
    ),
    # Source: projectcontour/contour 1.33.6 apis/projectcontour/v1/httpproxy.go.
    ("projectcontour.io", "HTTPProxy"): RoutingKind(
        product="Contour",
        hosts=("spec.virtualhost.fqdn",),
        services=_services("spec.routes[*].services[*].name", "spec.tcpproxy.services[*].name"),
    ),
    # Source: nginx/kubernetes-ingress 5.5.4 pkg/apis/configuration/v1/types.go.
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
    # Source: apache/apisix-ingress-controller 2.2.0 api/v2/apisixroute_types.go, apisixupstream_types.go; one `backend`
    # of an HTTP rule is of versions before v2, and was not found in 1.8.0 any more.
    ("apisix.apache.org", "ApisixRoute"): RoutingKind(
        product="APISIX",
        hosts=("spec.http[*].match.hosts[*]", "spec.stream[*].match.host"),
        services=_services(
            "spec.http[*].backends[*].serviceName",
            "spec.http[*].backend.serviceName",
            "spec.stream[*].backend.serviceName",
        ),
    ),
    ("apisix.apache.org", "ApisixUpstream"): RoutingKind(
        product="APISIX", hosts=(), services=_services("spec.externalNodes[*].name", form="host")
    ),
    # Source: emissary-ingress/emissary 4.1.0 pkg/api/getambassador.io/v3alpha1/crd_mapping.go, crd_tcpmapping.go.
    ("getambassador.io", "Mapping"): RoutingKind(
        product="Emissary", hosts=("spec.hostname", "spec.host"), services=_services("spec.service", form="URL")
    ),
    ("getambassador.io", "TCPMapping"): RoutingKind(
        product="Emissary", hosts=("spec.host",), services=_services("spec.service", form="URL")
    ),
    # Source: openshift/api at 2a3d739, route/v1/types.go: `to` and `alternateBackends` name Services of the Route's
    # namespace.
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
    # A destination by name. Source: projects/gloo/api/v1/proxy.proto (UpstreamGroup), upstream.proto, and
    # options/kubernetes/kubernetes.proto of the same version; discovery makes an Upstream of every Service as well.
    ("gloo.solo.io", "UpstreamGroup"): RoutingKind(
        product="Gloo", hosts=(), services=_services("spec.destinations[*].destination.kube.ref.name")
    ),
    ("gloo.solo.io", "Upstream"): RoutingKind(
        product="Gloo",
        hosts=(),
        services=_services("spec.kube.serviceName", namespace_field="serviceNamespace"),
    ),
    # Source: knative/networking at 17b28c6, pkg/apis/networking/v1alpha1/ingress_types.go.
    ("networking.internal.knative.dev", "Ingress"): RoutingKind(
        product="Knative", hosts=("spec.rules[*].hosts[*]",), services=_KNATIVE_SPLIT
    ),
    # Source: servicemeshinterface/smi-spec 0.6.0 apis/traffic-split, v1alpha1 to v1alpha4: the root Service's calls are
    # shared out.
    ("split.smi-spec.io", "TrafficSplit"): RoutingKind(
        product="a mesh that reads SMI",
        hosts=(),
        services=_services("spec.service", "spec.backends[*].service", form="host"),
        is_mesh=True,
    ),
    # Source: Kong/kubernetes-configuration 1.5.3 api/configuration/v1beta1/tcpingress_types.go, udpingress_types.go;
    # 2.0 has neither.
    ("configuration.konghq.com", "TCPIngress"): RoutingKind(
        product="Kong",
        hosts=("spec.rules[*].host",),
        services=_services("spec.rules[*].backend.serviceName"),
    ),
    ("configuration.konghq.com", "UDPIngress"): RoutingKind(
        product="Kong", hosts=(), services=_services("spec.rules[*].backend.serviceName")
    ),
    # Source: zalando/skipper 0.27.65 dataclients/kubernetes/definitions/routegroups.go.
    ("zalando.org", "RouteGroup"): RoutingKind(
        product="Skipper", hosts=("spec.hosts[*]",), services=_services("spec.backends[*].serviceName")
    ),
    # Source: kubernetes-sigs/aws-load-balancer-controller 3.5.0 apis/elbv2/v1beta1/targetgroupbinding_types.go.
    ("elbv2.k8s.aws", "TargetGroupBinding"): RoutingKind(
        product="the AWS Load Balancer Controller", hosts=(), services=_services("spec.serviceRef.name")
    ),
    # Source: F5Networks/k8s-bigip-ctlr 2.20.4 docs/config_examples/customResourceDefinitions.
    ("cis.f5.com", "VirtualServer"): RoutingKind(
        product="F5 BIG-IP",
        hosts=("spec.host", "spec.hostAliases[*]"),
        services=_services(
            "spec.pools[*].service",
            "spec.pools[*].alternateBackends[*].service",
            "spec.defaultPool.service",
            namespace_field="serviceNamespace",
        ),
    ),
    ("cis.f5.com", "TransportServer"): RoutingKind(
        product="F5 BIG-IP",
        hosts=("spec.host",),
        services=_services(
            "spec.pool.service", "spec.pool.alternateBackends[*].service", namespace_field="serviceNamespace"
        ),
    ),
    # Source: haproxytech/kubernetes-ingress 3.2.11 crs/api/ingress/v3/tcp.go, crs/api/ingress/v1/tcp.go: `spec` is a
    # list.
    ("ingress.v3.haproxy.org", "TCP"): _HAPROXY_TCP,
    ("ingress.v1.haproxy.org", "TCP"): _HAPROXY_TCP,
    # Source: ngrok/ngrok-operator at 024dfe1, api/ngrok/v1alpha1/agentendpoint_types.go.
    ("ngrok.k8s.ngrok.com", "AgentEndpoint"): RoutingKind(
        product="ngrok", hosts=(), services=_services("spec.upstream.url", form="URL")
    ),
    # Source: adyanth/cloudflare-operator 0.13.1 api/v1alpha1/tunnelbinding_types.go: `subjects` stands beside
    # `metadata`.
    ("networking.cfargotunnel.com", "TunnelBinding"): RoutingKind(
        product="cloudflare-operator", hosts=("subjects[*].spec.fqdn",), services=_services("subjects[*].name")
    ),
    # Source: TykTechnologies/tyk-operator 0.18.0 api/v1alpha1/apidefinition_types.go, api/model/api.go.
    ("tyk.tyk.io", "ApiDefinition"): RoutingKind(
        product="Tyk", hosts=("spec.domain",), services=_services("spec.proxy.target_url", form="URL")
    ),
    # Source: Kong Mesh documentation, "Gateway routes" (a MeshHTTPRoute of a MeshGateway, with a tag or a name);
    # kumahq/kuma docs/generated/resources/policy_meshgatewayroute.md. A route of a Dataplane leads calls.
    ("kuma.io", "MeshGatewayRoute"): RoutingKind(
        product="Kuma",
        hosts=("spec.conf.http.hostnames[*]",),
        services=_services(
            'spec.conf.http.rules[*].backends[*].destination["kuma.io/service"]',
            'spec.conf.tcp.rules[*].backends[*].destination["kuma.io/service"]',
            form="name_namespace_svc_port",
        ),
    ),
    ("kuma.io", "MeshHTTPRoute"): _KUMA_ROUTE,
    ("kuma.io", "MeshTCPRoute"): _KUMA_ROUTE,
    # Source: Google Cloud documentation, "Multi Cluster Ingress", and GoogleCloudPlatform/bank-of-anthos,
    # multicluster-ingress.yaml: the name is that of a MultiClusterService, which is made for the Service's pods and
    # mostly called like it.
    ("networking.gke.io", "MultiClusterIngress"): RoutingKind(
        product="GKE",
        hosts=("spec.template.spec.rules[*].host",),
        services=_services(
            "spec.template.spec.backend.serviceName",
            "spec.template.spec.rules[*].http.paths[*].backend.serviceName",
        ),
    ),
    # Source: hashicorp/consul-k8s at 074b998, control-plane/api/v1alpha1/ingressgateway_types.go; `namespace` beside
    # a name is Consul's.
    ("consul.hashicorp.com", "IngressGateway"): RoutingKind(
        product="Consul",
        hosts=("spec.listeners[*].services[*].hosts[*]",),
        services=_services("spec.listeners[*].services[*].name", namespace_field=""),
    ),
    # Source: NetScaler documentation, "Advanced content routing for Kubernetes"; the fields below
    # `backend` were not read in the CRD itself.
    ("citrix.com", "HTTPRoute"): RoutingKind(
        product="the NetScaler ingress controller",
        hosts=("spec.hostname[*]",),
        services=_services("spec.rules[*].action.backend.kube.service"),
    ),
    # Source: projectcontour/contour 1.0, site/docs, "IngressRoute to HTTPProxy": before 1.0 and some time beside it.
    ("contour.heptio.com", "IngressRoute"): RoutingKind(
        product="Contour",
        hosts=("spec.virtualhost.fqdn",),
        services=_services("spec.routes[*].services[*].name", "spec.tcpproxy.services[*].name"),
    ),
    # Source: kubernetes-sigs/gateway-api geps/gep-718: `forwardTo` of v1alpha1, before the group had its name.
    ("networking.x-k8s.io", "HTTPRoute"): RoutingKind(
        product="the Gateway API's v1alpha1",
        hosts=("spec.hostnames[*]",),
        services=_services("spec.rules[*].forwardTo[*].serviceName"),
    ),
    # Source: voyagermesh/voyager at f1cc577, docs/examples/ingress/types; the code of its types was not opened.
    ("voyager.appscode.com", "Ingress"): RoutingKind(
        product="Voyager",
        hosts=("spec.rules[*].host",),
        services=_services("spec.rules[*].http.paths[*].backend.service.name"),
    ),
}
"""Kinds that lead requests to Services, those that gateways of the release language open first."""
