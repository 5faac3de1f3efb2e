"""What grayc knows of each kind: what a release does with it, when it is applied, how long its name may be."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

CORE = ""
APPS = "apps"
BATCH = "batch"
NETWORKING = "networking.k8s.io"
AUTOSCALING = "autoscaling"
POLICY = "policy"
RBAC = "rbac.authorization.k8s.io"
GATEWAY = "gateway.networking.k8s.io"
ISTIO = "networking.istio.io"
MONITORING = "monitoring.coreos.com"
KRUISE = "apps.kruise.io"
KRUISE_POLICY = "policy.kruise.io"
ISTIO_SECURITY = "security.istio.io"
ISTIO_TELEMETRY = "telemetry.istio.io"
ISTIO_EXTENSIONS = "extensions.istio.io"
ARGO = "argoproj.io"
KEDA = "keda.sh"

IN_EVERY_CLUSTER = frozenset({CORE, APPS, BATCH, NETWORKING, AUTOSCALING, POLICY, RBAC})
"""Groups that Kubernetes itself serves; the kinds of others may be unknown to a cluster."""

GroupKind = tuple[str, str]
"""API group ("" for the core group) and kind."""

CONFIG_KINDS: tuple[GroupKind, ...] = ((CORE, "ConfigMap"), (CORE, "Secret"))
"""What `config` of a service changes, and what is copied only where a copy refers to it."""


class Policy(StrEnum):
    """What a release does with an object of a service."""

    COPY = "copy"
    """A gray copy under a new name."""
    SHARE = "share"
    """Gray pods use the baseline's object as it is."""
    STAY = "stay"
    """Left to the baseline, with a warning: a second one would do its work twice."""
    REFUSE = "refuse"
    """No gray copy can be right, so the release is refused."""
    ENTRY = "entry"
    """The gateway makes the gray side of it from the rules."""


class Rank(IntEnum):
    """Order of application: what others need comes first, the way in comes last."""

    CONFIG = 1
    WORKLOAD = 2
    SERVICE = 3
    SCALER = 4
    OTHER = 5
    ENTRY = 6


class NameRule(StrEnum):
    """Syntax of an object's name.

    Source: kubernetes apimachinery pkg/util/validation/validation.go; for the last one pkg/api/validation/path/name.go.
    """

    LABEL_1035 = "RFC 1035 label"
    LABEL_1123 = "RFC 1123 label"
    SUBDOMAIN_1123 = "RFC 1123 subdomain"
    PATH_SEGMENT = "path segment"


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of `KINDS`.

    Attributes:
        name_limit: characters a name of this kind may have before something refuses it.
        reason: why the policy is what it is, for the plan.
        limit_source: what sets the limit.
        in_copy: what a copy has otherwise, besides name, labels and references; "" where nothing.
    """

    policy: Policy
    rank: Rank
    reason: str
    name_limit: int = 253
    name_rule: NameRule = NameRule.SUBDOMAIN_1123
    limit_source: str = "object names are RFC 1123 subdomains"
    in_copy: str = ""


_REPLICAS = "1 replica, or what `replicas` or its autoscaler gives"
_OWN_CLAIMS = (
    f"{_REPLICAS}; claim templates make volumes of its own, which start empty (GC453); ordinals start as the baseline's"
)
_MUTABLE = "no `immutable` (GC451): the next build may change it, and nobody could apply that"
_C, _S, _T, _R, _E = Policy.COPY, Policy.SHARE, Policy.STAY, Policy.REFUSE, Policy.ENTRY
_IDENTITY = "identity is shared with the baseline"
_STORAGE = "storage belongs to the baseline"
_CLUSTER = "belongs to the cluster, not to the lane"
_TWICE = "a second one would do the same work twice"
_ROUTE = "routes of the baseline stay as they are"
_SCRAPES = "scrapes the copies too: the lane gets its own where it would not find them"
_GOVERNS = "governs gray pods too: the lane gets its own where it would not find them"

# Sources: the policies are the release language's (`spec.services[].share`); the limits are those of the API types'
# validation (kubernetes pkg/apis/*/validation) and of labels that controllers copy names into:
# CronJob 52 = 63 - 11 for the job's timestamp; StatefulSet 52 = 63 - 11 for `controller-revision-hash`
# (kubernetes#64023); Deployment 242 = 253 - 11 for the ReplicaSet's hash; ScaledObject 54 = 63 - len("keda-hpa-").
KINDS: dict[GroupKind, KindRow] = {
    (APPS, "Deployment"): KindRow(
        _C,
        Rank.WORKLOAD,
        "workload of the service",
        242,
        NameRule.SUBDOMAIN_1123,
        "its ReplicaSets add a hash to the name",
        _REPLICAS,
    ),
    (APPS, "StatefulSet"): KindRow(
        _C,
        Rank.WORKLOAD,
        "workload of the service",
        52,
        NameRule.LABEL_1123,
        "the label `controller-revision-hash` of its pods holds the name and a hash",
        _OWN_CLAIMS,
    ),
    (APPS, "ReplicaSet"): KindRow(_C, Rank.WORKLOAD, "workload of the service", in_copy=_REPLICAS),
    (APPS, "DaemonSet"): KindRow(_R, Rank.WORKLOAD, "a gray copy would run on every node beside the baseline"),
    (KRUISE, "CloneSet"): KindRow(_C, Rank.WORKLOAD, "workload of the service", in_copy=_REPLICAS),
    (KRUISE, "StatefulSet"): KindRow(
        _C,
        Rank.WORKLOAD,
        "workload of the service",
        52,
        NameRule.LABEL_1123,
        "the label `controller-revision-hash` of its pods holds the name and a hash",
        _OWN_CLAIMS,
    ),
    (ARGO, "Rollout"): KindRow(
        _C,
        Rank.WORKLOAD,
        "workload of the service",
        242,
        NameRule.SUBDOMAIN_1123,
        "its ReplicaSets add a hash to the name",
        _REPLICAS,
    ),
    (BATCH, "Job"): KindRow(
        _T, Rank.WORKLOAD, _TWICE, 63, NameRule.SUBDOMAIN_1123, "the label `job-name` of its pods holds the name"
    ),
    (BATCH, "CronJob"): KindRow(
        _T, Rank.WORKLOAD, _TWICE, 52, NameRule.SUBDOMAIN_1123, "its Jobs add a timestamp to the name"
    ),
    (CORE, "Pod"): KindRow(_T, Rank.WORKLOAD, "a bare Pod is not kept alive by anything"),
    (CORE, "ReplicationController"): KindRow(_R, Rank.WORKLOAD, "use a Deployment"),
    (CORE, "ConfigMap"): KindRow(_C, Rank.CONFIG, "configuration of the service", in_copy=_MUTABLE),
    (CORE, "Secret"): KindRow(_C, Rank.CONFIG, "configuration of the service", in_copy=_MUTABLE),
    (CORE, "Service"): KindRow(
        _C,
        Rank.SERVICE,
        "address of the service",
        63,
        NameRule.LABEL_1035,
        "a Service's name is a DNS label",
        "ClusterIP without addresses and node ports (GC450), a headless one stays headless; one of type ExternalName "
        "or without selector is shared (GC313)",
    ),
    (AUTOSCALING, "HorizontalPodAutoscaler"): KindRow(_C, Rank.SCALER, "scales the workload"),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): KindRow(_C, Rank.SCALER, "scales the workload"),
    (KEDA, "ScaledObject"): KindRow(
        _C,
        Rank.SCALER,
        "scales the workload",
        54,
        NameRule.SUBDOMAIN_1123,
        "its HPA is named `keda-hpa-` and the name",
        "no name of its own for its HPA (GC456), which two can not have",
    ),
    (POLICY, "PodDisruptionBudget"): KindRow(
        _C,
        Rank.SCALER,
        "guards the workload's pods",
        in_copy="`maxUnavailable: 1` where the gray pods are so few that it would block every drain (GC452)",
    ),
    (KRUISE_POLICY, "PodUnavailableBudget"): KindRow(_C, Rank.SCALER, "guards the workload's pods"),
    (NETWORKING, "NetworkPolicy"): KindRow(
        _S, Rank.CONFIG, "policies add up: the lane gets its own where gray pods need them"
    ),
    (NETWORKING, "Ingress"): KindRow(_E, Rank.ENTRY, "way in"),
    (NETWORKING, "IngressClass"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (CORE, "ServiceAccount"): KindRow(_S, Rank.CONFIG, _IDENTITY),
    (RBAC, "Role"): KindRow(_S, Rank.CONFIG, _IDENTITY),
    (RBAC, "RoleBinding"): KindRow(_S, Rank.CONFIG, _IDENTITY),
    (RBAC, "ClusterRole"): KindRow(_S, Rank.CONFIG, _IDENTITY),
    (RBAC, "ClusterRoleBinding"): KindRow(_S, Rank.CONFIG, _IDENTITY),
    (CORE, "PersistentVolumeClaim"): KindRow(
        _S, Rank.CONFIG, f"{_STORAGE}; one for a single writer is pointed out (GC454)"
    ),
    (CORE, "PersistentVolume"): KindRow(_S, Rank.CONFIG, _STORAGE),
    ("storage.k8s.io", "StorageClass"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (CORE, "Namespace"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (CORE, "LimitRange"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (CORE, "ResourceQuota"): KindRow(_S, Rank.OTHER, _CLUSTER),
    ("scheduling.k8s.io", "PriorityClass"): KindRow(_S, Rank.OTHER, _CLUSTER),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (CORE, "Endpoints"): KindRow(_S, Rank.SERVICE, "addresses that the baseline's own Service points at"),
    ("discovery.k8s.io", "EndpointSlice"): KindRow(
        _S, Rank.SERVICE, "addresses that the baseline's own Service points at"
    ),
    ("bitnami.com", "SealedSecret"): KindRow(_S, Rank.CONFIG, "sealed for its name: a copy could not be opened"),
    ("external-secrets.io", "ExternalSecret"): KindRow(_S, Rank.CONFIG, "its Secret is shared with the baseline"),
    ("cert-manager.io", "Certificate"): KindRow(_S, Rank.CONFIG, "its Secret is shared with the baseline"),
    ("cert-manager.io", "Issuer"): KindRow(_S, Rank.OTHER, _CLUSTER),
    ("cert-manager.io", "ClusterIssuer"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (MONITORING, "ServiceMonitor"): KindRow(_S, Rank.OTHER, _SCRAPES),
    (MONITORING, "PodMonitor"): KindRow(_S, Rank.OTHER, _SCRAPES),
    (MONITORING, "PrometheusRule"): KindRow(_S, Rank.OTHER, "belongs to the service, not to one copy of it"),
    (GATEWAY, "Gateway"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (GATEWAY, "GatewayClass"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (GATEWAY, "HTTPRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "GRPCRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "ReferenceGrant"): KindRow(_S, Rank.OTHER, _ROUTE),
    (ISTIO, "Gateway"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (ISTIO, "VirtualService"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (ISTIO, "DestinationRule"): KindRow(_S, Rank.OTHER, _ROUTE),
    (ISTIO, "ServiceEntry"): KindRow(_S, Rank.OTHER, _ROUTE),
    (ISTIO, "WorkloadEntry"): KindRow(_S, Rank.OTHER, _ROUTE),
    (ISTIO, "Sidecar"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO, "EnvoyFilter"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO, "ProxyConfig"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO_SECURITY, "AuthorizationPolicy"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO_SECURITY, "RequestAuthentication"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO_SECURITY, "PeerAuthentication"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO_TELEMETRY, "Telemetry"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (ISTIO_EXTENSIONS, "WasmPlugin"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (KRUISE, "SidecarSet"): KindRow(_S, Rank.OTHER, _GOVERNS),
    # One for the gateway, with the registries it reads. Source: higress.cn, "Mcp Bridge configuration guide".
    ("networking.higress.io", "McpBridge"): KindRow(_S, Rank.OTHER, _CLUSTER),
    # What leads requests there: see `routing_kinds`.
    (GATEWAY, "TLSRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "TCPRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "UDPRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.io", "IngressRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.io", "IngressRouteTCP"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.io", "IngressRouteUDP"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.containo.us", "IngressRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.containo.us", "IngressRouteTCP"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.containo.us", "IngressRouteUDP"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("traefik.io", "TraefikService"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("projectcontour.io", "HTTPProxy"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("k8s.nginx.org", "VirtualServer"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("k8s.nginx.org", "VirtualServerRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("k8s.nginx.org", "TransportServer"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("apisix.apache.org", "ApisixRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("getambassador.io", "Mapping"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("getambassador.io", "TCPMapping"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("route.openshift.io", "Route"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("gateway.solo.io", "VirtualService"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("gateway.solo.io", "RouteTable"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("networking.internal.knative.dev", "Ingress"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("split.smi-spec.io", "TrafficSplit"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("configuration.konghq.com", "TCPIngress"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("configuration.konghq.com", "UDPIngress"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("zalando.org", "RouteGroup"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("elbv2.k8s.aws", "TargetGroupBinding"): KindRow(_E, Rank.ENTRY, _ROUTE),
    ("cis.f5.com", "VirtualServer"): KindRow(_E, Rank.ENTRY, _ROUTE),
}

_OF_THE_CLUSTER = KindRow(_S, Rank.OTHER, _CLUSTER)
UNKNOWN = KindRow(Policy.COPY, Rank.OTHER, "stands in the service's own files")


def kind_row(group_kind: GroupKind) -> KindRow:
    """Return the row of a kind, `UNKNOWN` for one that grayc does not know."""
    return KINDS.get(group_kind) or (_OF_THE_CLUSTER if group_kind in CLUSTER_SCOPED else UNKNOWN)


# Source: Kubernetes API reference 1.37, for the kinds of `KINDS` and the others that manifests of applications hold;
# cert-manager and Gateway API for theirs.
CLUSTER_SCOPED: frozenset[GroupKind] = frozenset(
    {
        (CORE, "ComponentStatus"),
        (CORE, "Namespace"),
        (CORE, "Node"),
        (CORE, "PersistentVolume"),
        (NETWORKING, "IPAddress"),
        (NETWORKING, "IngressClass"),
        (NETWORKING, "ServiceCIDR"),
        (RBAC, "ClusterRole"),
        (RBAC, "ClusterRoleBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("node.k8s.io", "RuntimeClass"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("resource.k8s.io", "ResourceSlice"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("storage.k8s.io", "VolumeAttributesClass"),
        ("cert-manager.io", "ClusterIssuer"),
        (GATEWAY, "GatewayClass"),
        (KRUISE, "SidecarSet"),
        # Source: Alibaba Cloud ASM and MSE: see `beside_lane`.
        ("istio.alibabacloud.com", "ASMSwimLane"),
        ("istio.alibabacloud.com", "ASMSwimLaneGroup"),
        ("mse.alibabacloud.com", "MseIngressConfig"),
    }
)

_SEGMENT = NameRule.PATH_SEGMENT

NAMES_TAKEN: dict[GroupKind, NameRule] = {
    # ValidateNamespaceName, pkg/apis/core/validation.
    (CORE, "Namespace"): NameRule.LABEL_1123,
    # ValidateServiceName, an RFC 1035 label; an RFC 1123 label with the feature RelaxedServiceNameValidation (1.34).
    (CORE, "Service"): NameRule.LABEL_1123,
    # rbac/validation, minimalNameRequirements: `system:node`.
    (RBAC, "ClusterRole"): _SEGMENT,
    (RBAC, "ClusterRoleBinding"): _SEGMENT,
    (RBAC, "Role"): _SEGMENT,
    (RBAC, "RoleBinding"): _SEGMENT,
    # No rule of their own: apiserver, registry/rest/create.go, `BeforeCreate`.
    (CORE, "Event"): _SEGMENT,
    ("events.k8s.io", "Event"): _SEGMENT,
    (POLICY, "PodDisruptionBudget"): _SEGMENT,
    # certificates/validation, ValidateCertificateRequestName and ValidateClusterTrustBundleName: `example.com:ca:web`.
    ("certificates.k8s.io", "CertificateSigningRequest"): _SEGMENT,
    ("certificates.k8s.io", "ClusterTrustBundle"): _SEGMENT,
    # kube-aggregator, ValidateAPIService: `v1.`, for the core group.
    ("apiregistration.k8s.io", "APIService"): _SEGMENT,
    # networking/validation, ValidateIPAddressName: `2001:db8::1`.
    (NETWORKING, "IPAddress"): _SEGMENT,
    # storage/validation, ValidateCSIDriver: capital letters, before 1.26.
    ("storage.k8s.io", "CSIDriver"): _SEGMENT,
}
"""What a cluster takes as a name, where it is not an RFC 1123 subdomain.

The widest rule of all versions: what one of them takes is an object to read. What a new object must be called is the
matter of `KINDS`. A custom resource's name is a subdomain (apiextensions-apiserver, customResourceValidator).
Source: kubernetes 1.36, pkg/apis/*/validation/validation.go, unless said otherwise.
"""

SERVED_BY_OTHERS: frozenset[str] = frozenset(
    f"{name}.openshift.io"
    for name in (
        "apps", "authorization", "build", "image", "oauth", "project", "quota", "route", "security", "template", "user",
    )
)  # fmt: skip
"""Groups of aggregated API servers that take any path segment as a name: `ImageStreamTag/web:1.0`, `User/kube:admin`.

Source: openshift/openshift-apiserver and oauth-apiserver, pkg/*/apis/*/validation.
"""


def name_rule_of(group_kind: GroupKind) -> NameRule:
    """Return the syntax of the names that a cluster may hold of a kind."""
    default = NameRule.PATH_SEGMENT if group_kind[0] in SERVED_BY_OTHERS else NameRule.SUBDOMAIN_1123
    return NAMES_TAKEN.get(group_kind, default)
