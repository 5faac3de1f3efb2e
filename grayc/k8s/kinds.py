"""What grayc knows of each kind: what a release does with it, when it is applied, how long its name may be."""

from enum import IntEnum, StrEnum

from grayc.k8s.attachments import ATTACHMENTS
from grayc.records import dataclass

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
KEDA_HTTP = "http.keda.sh"
KNATIVE = "serving.knative.dev"
KRUISE_ROLLOUTS = "rollouts.kruise.io"
ALIBABA_AUTOSCALING = "autoscaling.alibabacloud.com"
VICTORIA = "operator.victoriametrics.com"
GOOGLE_MONITORING = "monitoring.googleapis.com"
AWS_VPC = "vpcresources.k8s.aws"

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
    """Order of application: what others need comes first, the entry comes last."""

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
_BY_NAME = "is about its Service by its own name: the gray Service has none (GC425)"
_CLUSTER = "belongs to the cluster, not to the lane"
_TWICE = "a second one would do the same work twice"
# Sources: helm-controller internal/reconcile/uninstall.go: uninstalls the release that it names, whoever installed it;
# kustomize-controller internal/controller/kustomization_controller.go, `finalize`; argo-cd docs, "App Deletion".
_INSTALLS = "it installs or steers other objects: a copy would too, and to delete it would take production's away"
_ROUTE = "routes of the baseline stay as they are"
_NAMED_BY_ROUTES = "the lane's routes name it as the baseline's do"
_SCRAPES = "scrapes the copies too: the lane gets its own where it would not find them"
# Source: docs.dapr.io, "Component scopes": without scopes all applications of the namespace load it.
_DAPR = "given by Dapr to the applications that it names: a copy would do its work twice"
_GOVERNS = "governs gray pods too: the lane gets its own where it would not find them"
ATTACHED = "belongs to what it names: the lane gets its own for the gray side of that"

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
        "no name of its own for its HPA (GC456), which two cannot have",
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
    (NETWORKING, "Ingress"): KindRow(_E, Rank.ENTRY, "entry"),
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
    ("linkerd.io", "ServiceProfile"): KindRow(_S, Rank.OTHER, _BY_NAME),
    ("consul.hashicorp.com", "ServiceDefaults"): KindRow(_S, Rank.OTHER, _BY_NAME),
    ("consul.hashicorp.com", "ServiceResolver"): KindRow(_S, Rank.OTHER, _BY_NAME),
    ("consul.hashicorp.com", "ServiceRouter"): KindRow(_S, Rank.OTHER, _BY_NAME),
    ("consul.hashicorp.com", "ServiceSplitter"): KindRow(_S, Rank.OTHER, _BY_NAME),
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
    (VICTORIA, "VMServiceScrape"): KindRow(_S, Rank.OTHER, _SCRAPES),
    (VICTORIA, "VMPodScrape"): KindRow(_S, Rank.OTHER, _SCRAPES),
    (GOOGLE_MONITORING, "PodMonitoring"): KindRow(_S, Rank.OTHER, _SCRAPES),
    (GOOGLE_MONITORING, "ClusterPodMonitoring"): KindRow(_S, Rank.OTHER, _SCRAPES),
    ("dapr.io", "Component"): KindRow(_S, Rank.CONFIG, _DAPR),
    ("dapr.io", "Configuration"): KindRow(_S, Rank.CONFIG, _DAPR),
    ("dapr.io", "Subscription"): KindRow(_S, Rank.CONFIG, _DAPR),
    ("dapr.io", "Resiliency"): KindRow(_S, Rank.CONFIG, _DAPR),
    ("dapr.io", "HTTPEndpoint"): KindRow(_S, Rank.CONFIG, _DAPR),
    (AWS_VPC, "SecurityGroupPolicy"): KindRow(_S, Rank.OTHER, _GOVERNS),
    (MONITORING, "PrometheusRule"): KindRow(_S, Rank.OTHER, "belongs to the service, not to one copy of it"),
    (GATEWAY, "Gateway"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (GATEWAY, "GatewayClass"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (GATEWAY, "HTTPRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "GRPCRoute"): KindRow(_E, Rank.ENTRY, _ROUTE),
    (GATEWAY, "ReferenceGrant"): KindRow(_S, Rank.OTHER, _ROUTE),
    (ISTIO, "Gateway"): KindRow(_S, Rank.OTHER, _CLUSTER),
    (ISTIO, "VirtualService"): KindRow(_E, Rank.ENTRY, _ROUTE),
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
    # Source: cloud.google.com, "Ingress configuration on Google Cloud": annotations of Services and Ingresses.
    ("cloud.google.com", "BackendConfig"): KindRow(_S, Rank.OTHER, "the gray Service names it as the baseline's does"),
    ("networking.gke.io", "FrontendConfig"): KindRow(_S, Rank.OTHER, _CLUSTER),
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
    # What routes name. Source: traefik/traefik v3.7.13 pkg/provider/kubernetes/crd/traefikio/v1alpha1.
    ("traefik.io", "Middleware"): KindRow(_S, Rank.OTHER, _NAMED_BY_ROUTES),
    ("traefik.io", "ServersTransport"): KindRow(_S, Rank.OTHER, _NAMED_BY_ROUTES),
    ("traefik.io", "TLSOption"): KindRow(_S, Rank.OTHER, _NAMED_BY_ROUTES),
    ("traefik.io", "TLSStore"): KindRow(_S, Rank.OTHER, _CLUSTER),
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
    # A Knative Service is workload and route in one: its controller makes the Route, and whatever that needs.
    (KNATIVE, "Service"): KindRow(
        _T, Rank.WORKLOAD, "its host and its revisions are made by Knative; release it by its own traffic tags"
    ),
    (KNATIVE, "Route"): KindRow(_T, Rank.OTHER, _ROUTE),
    (KNATIVE, "Configuration"): KindRow(_T, Rank.WORKLOAD, "its revisions are run by Knative as a Route asks"),
    (KNATIVE, "DomainMapping"): KindRow(_T, Rank.OTHER, _ROUTE),
    # What steers a workload of production. Sources: flagger pkg/apis/flagger/v1beta1/canary.go and pkg/canary;
    # openkruise/rollouts api/v1beta1 and pkg/trafficrouting; AliyunContainerService/kubernetes-cronhpa-controller
    # (group autoscaling.alibabacloud.com); kedacore/http-add-on operator/apis/http/v1alpha1.
    ("flagger.app", "Canary"): KindRow(
        _T, Rank.OTHER, "by it Flagger scales production's workload and rewrites its Services and routes"
    ),
    ("flagger.app", "MetricTemplate"): KindRow(_T, Rank.OTHER, "by it Flagger judges production's canary"),
    ("flagger.app", "AlertProvider"): KindRow(_T, Rank.OTHER, "by it Flagger tells of production's canary"),
    (KRUISE_ROLLOUTS, "Rollout"): KindRow(
        _T, Rank.OTHER, "by it OpenKruise holds back production's workload and rewrites its routes"
    ),
    (KRUISE_ROLLOUTS, "BatchRelease"): KindRow(_T, Rank.OTHER, "by it OpenKruise moves production's pods"),
    (KRUISE_ROLLOUTS, "TrafficRouting"): KindRow(_T, Rank.OTHER, "by it OpenKruise rewrites production's routes"),
    (ALIBABA_AUTOSCALING, "CronHorizontalPodAutoscaler"): KindRow(
        _T, Rank.SCALER, "its hours and sizes are production's; the lane has the pods that `replicas` says"
    ),
    (KEDA_HTTP, "HTTPScaledObject"): KindRow(
        _T, Rank.SCALER, "it takes production's host to a proxy that counts requests, and two cannot have one host"
    ),
    # Work by the clock, or once. Sources: OpenKruise v1.8 apis/apps/v1alpha1; KEDA v2.17 ScaledJob; argo-workflows,
    # argo-rollouts, volcano, spark-operator and tekton: kinds that start pods by themselves.
    (KRUISE, "AdvancedCronJob"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (KRUISE, "BroadcastJob"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (KRUISE, "ImagePullJob"): KindRow(_T, Rank.OTHER, "nodes pull an image once for all"),
    (KRUISE, "DaemonSet"): KindRow(_R, Rank.WORKLOAD, "a gray copy would run on every node beside the baseline"),
    (KRUISE, "UnitedDeployment"): KindRow(
        _R, Rank.WORKLOAD, "the pods of its subsets could not be told apart; release the workload of one subset"
    ),
    (KRUISE, "WorkloadSpread"): KindRow(_C, Rank.SCALER, "spreads the workload's pods"),
    (CORE, "PodTemplate"): KindRow(_R, Rank.WORKLOAD, "its pods could not be told apart; use a Deployment"),
    (KEDA, "ScaledJob"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (KEDA, "TriggerAuthentication"): KindRow(_C, Rank.CONFIG, "how the workload's scaler signs in"),
    (ARGO, "AnalysisTemplate"): KindRow(_C, Rank.CONFIG, "judges the workload's pods"),
    (ARGO, "AnalysisRun"): KindRow(_T, Rank.OTHER, "a judgement of production's pods"),
    (ARGO, "Experiment"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (ARGO, "Workflow"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (ARGO, "CronWorkflow"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (ARGO, "Sensor"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    (ARGO, "EventSource"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    ("batch.volcano.sh", "Job"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    ("sparkoperator.k8s.io", "SparkApplication"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    ("sparkoperator.k8s.io", "ScheduledSparkApplication"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    ("tekton.dev", "PipelineRun"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    ("tekton.dev", "TaskRun"): KindRow(_T, Rank.WORKLOAD, _TWICE),
    # What installs other objects. Sources: argo-cd docs/operator-manual; argocd-operator api/v1beta1.
    (ARGO, "Application"): KindRow(_T, Rank.OTHER, _INSTALLS),
    (ARGO, "ApplicationSet"): KindRow(_T, Rank.OTHER, _INSTALLS),
    (ARGO, "AppProject"): KindRow(_T, Rank.OTHER, _INSTALLS),
    (ARGO, "ArgoCD"): KindRow(_T, Rank.OTHER, _INSTALLS),
    (ARGO, "NamespaceManagement"): KindRow(_T, Rank.OTHER, _INSTALLS),
    # Makers of Secrets: two would write one Secret. Sources: hashicorp/vault-secrets-operator api/v1beta1,
    # `destination.name`; External Secrets Operator v1. The Secrets Store CSI driver adds an owner to one that is there.
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass"): KindRow(_C, Rank.OTHER, "what the workload mounts"),
    ("external-secrets.io", "SecretStore"): KindRow(_S, Rank.CONFIG, "its Secrets are shared with the baseline"),
    ("external-secrets.io", "PushSecret"): KindRow(_T, Rank.CONFIG, _TWICE),
}

_DATA = "it holds data, which gray pods use as production's do; a second one would start empty"
_STATE = KindRow(_T, Rank.OTHER, _DATA)
_CHAOS = KindRow(_T, Rank.OTHER, "an experiment on production; a second one would break gray pods too")
_MADE_BY_INSTALLER = KindRow(_T, Rank.OTHER, _INSTALLS)
_MAKES_SECRET = KindRow(_S, Rank.CONFIG, "its Secret is shared with the baseline")

GROUPS: dict[str, KindRow] = {
    # Databases, caches and search. Sources: the CustomResourceDefinitions of each operator, by their groups:
    # cloudnative-pg, zalando/postgres-operator, CrunchyData, StackGres, Percona (`pxc.`, `psmdb.`, `pgv2.`, `ps.`),
    # mysql-operator of Oracle, of Bitpoke and of Percona, mariadb-operator, MongoDB (community and enterprise), TiDB,
    # CockroachDB, Vitess, YugabyteDB, k8ssandra and cass-operator, ScyllaDB, Redis by OpsTree, Spotahome and Redis
    # Enterprise, Dragonfly, memcached, Elastic (`elasticsearch.`, `kibana.`, …), OpenSearch (both groups), ClickHouse
    # by Altinity, InfluxDB, Neo4j, Couchbase, ArangoDB, KubeBlocks, KubeDB, OceanBase, openGauss, Milvus, Qdrant.
    "postgresql.cnpg.io": _STATE,
    "acid.zalan.do": _STATE,
    "postgres-operator.crunchydata.com": _STATE,
    "stackgres.io": _STATE,
    "percona.com": _STATE,
    "mysql.oracle.com": _STATE,
    "mysql.presslabs.org": _STATE,
    "k8s.mariadb.com": _STATE,
    "mongodb.com": _STATE,
    "pingcap.com": _STATE,
    "crdb.cockroachlabs.com": _STATE,
    "planetscale.com": _STATE,
    "yugabyte.com": _STATE,
    "k8ssandra.io": _STATE,
    "cassandra.datastax.com": _STATE,
    "scylla.scylladb.com": _STATE,
    "redis.redis.opstreelabs.in": _STATE,
    "databases.spotahome.com": _STATE,
    "app.redislabs.com": _STATE,
    "dragonflydb.io": _STATE,
    "k8s.elastic.co": _STATE,
    "opensearch.opster.io": _STATE,
    "opensearch.org": _STATE,
    "clickhouse.altinity.com": _STATE,
    "clickhouse-keeper.altinity.com": _STATE,
    "couchbase.com": _STATE,
    "arangodb.com": _STATE,
    "kubeblocks.io": _STATE,
    "kubedb.com": _STATE,
    "oceanbase.oceanbase.com": _STATE,
    "milvus.io": _STATE,
    # Brokers and coordination. Sources: strimzi, rabbitmq cluster-operator and messaging-topology-operator, Pulsar by
    # StreamNative, apache/rocketmq-operator, NATS (nack), Redpanda, etcd-druid, Pravega's ZooKeeper, Confluent.
    "kafka.strimzi.io": _STATE,
    "core.strimzi.io": _STATE,
    "rabbitmq.com": _STATE,
    "streamnative.io": _STATE,
    "rocketmq.apache.org": _STATE,
    "jetstream.nats.io": _STATE,
    "redpanda.com": _STATE,
    "druid.gardener.cloud": _STATE,
    "zookeeper.pravega.io": _STATE,
    "platform.confluent.io": _STATE,
    # Storage. Sources: rook, minio operator, longhorn, external-snapshotter.
    "ceph.rook.io": _STATE,
    "objectbucket.io": _STATE,
    "minio.min.io": _STATE,
    "longhorn.io": _STATE,
    "snapshot.storage.k8s.io": _STATE,
    # What a cloud keeps. Sources: Crossplane's providers (`rds.aws.upbound.io`, `database.gcp.crossplane.io`), AWS
    # Controllers for Kubernetes (`rds.services.k8s.aws`), Azure Service Operator (`dbforpostgresql.azure.com`), Config
    # Connector (`sql.cnrm.cloud.google.com`).
    "crossplane.io": _STATE,
    # Compositions make other objects; packages install providers.
    "apiextensions.crossplane.io": _MADE_BY_INSTALLER,
    "pkg.crossplane.io": _MADE_BY_INSTALLER,
    "upbound.io": _STATE,
    "services.k8s.aws": _STATE,
    "azure.com": _STATE,
    "cnrm.cloud.google.com": _STATE,
    # Sources: chaos-mesh api/v1alpha1; litmuschaos/chaos-operator; chaosblade-operator.
    "chaos-mesh.org": _CHAOS,
    "litmuschaos.io": _CHAOS,
    "chaosblade.io": _CHAOS,
    # Sources: fluxcd controllers (`helm.`, `kustomize.`, `source.`, `image.`, `notification.`), flux-operator api/v1
    # (FluxInstance, ResourceSet), the Helm Operator of Flux 1 pkg/apis, tofu-controller api/v1alpha2 (Terraform); k3s
    # helm-controller pkg/apis/helm.cattle.io/v1 (HelmChart, HelmChartConfig); k0s (Chart); Rancher Fleet; Operator
    # Lifecycle Manager; Carvel kapp-controller; Sveltos (`config.`, ClusterProfile); kluctl (KluctlDeployment); Config
    # Sync (RootSync); Weave GitOpsSet; KubeVela (Application); Karmada (`policy.`, PropagationPolicy); Open Cluster
    # Management (`work.`, ManifestWork); Cluster API (`addons.`, ClusterResourceSet, HelmChartProxy); kro; operators
    # of HCP Terraform and Pulumi; Istio's IstioOperator. What promotes: Kargo, GitOps Promoter, Argo CD Image Updater.
    "toolkit.fluxcd.io": _MADE_BY_INSTALLER,
    "fluxcd.controlplane.io": _MADE_BY_INSTALLER,
    "helm.fluxcd.io": _MADE_BY_INSTALLER,
    "flux.weave.works": _MADE_BY_INSTALLER,
    "infra.contrib.fluxcd.io": _MADE_BY_INSTALLER,
    "helm.cattle.io": _MADE_BY_INSTALLER,
    "helm.k0sproject.io": _MADE_BY_INSTALLER,
    "fleet.cattle.io": _MADE_BY_INSTALLER,
    "operators.coreos.com": _MADE_BY_INSTALLER,
    "kappctrl.k14s.io": _MADE_BY_INSTALLER,
    "packaging.carvel.dev": _MADE_BY_INSTALLER,
    "projectsveltos.io": _MADE_BY_INSTALLER,
    "gitops.kluctl.io": _MADE_BY_INSTALLER,
    "configsync.gke.io": _MADE_BY_INSTALLER,
    "templates.weave.works": _MADE_BY_INSTALLER,
    "core.oam.dev": _MADE_BY_INSTALLER,
    "karmada.io": _MADE_BY_INSTALLER,
    "open-cluster-management.io": _MADE_BY_INSTALLER,
    "cluster.x-k8s.io": _MADE_BY_INSTALLER,
    "kro.run": _MADE_BY_INSTALLER,
    "app.terraform.io": _MADE_BY_INSTALLER,
    "pulumi.com": _MADE_BY_INSTALLER,
    "install.istio.io": _MADE_BY_INSTALLER,
    "kargo.akuity.io": _MADE_BY_INSTALLER,
    "promoter.argoproj.io": _MADE_BY_INSTALLER,
    "argocd-image-updater.argoproj.io": _MADE_BY_INSTALLER,
    "secrets.hashicorp.com": _MAKES_SECRET,
}
"""Group → the row of all its kinds, and of those of groups below it, where `KINDS` has none.

A group ends in the name here: `rds.services.k8s.aws` in `services.k8s.aws`.
"""

CLAIM_OF_A_CLOUD = _STATE
"""The row of a kind that nobody knows and that has one of `CLAIM_FIELDS`."""

CLAIM_FIELDS: tuple[tuple[str, ...], ...] = (
    ("spec", "writeConnectionSecretToRef"),
    ("spec", "compositionRef"),
    ("spec", "compositionSelector"),
    ("spec", "crossplane"),
)
"""Fields by which a kind that nobody knows is seen to be one of Crossplane: a claim of something that a cloud keeps.

Source: Crossplane v1.20 and v2.0, "Claims" and "Composite resources": every composite has one of them.
"""

KINDS |= {kind: KindRow(_S, Rank.OTHER, ATTACHED) for kind in ATTACHMENTS if kind not in KINDS}

_OF_THE_CLUSTER = KindRow(_S, Rank.OTHER, _CLUSTER)
UNKNOWN = KindRow(Policy.COPY, Rank.OTHER, "stands in the service's own files")


def kind_row(group_kind: GroupKind) -> KindRow:
    """Return the row of a kind, else that of its group, `UNKNOWN` for one that grayc does not know."""
    return (
        KINDS.get(group_kind)
        or (_OF_THE_CLUSTER if group_kind in CLUSTER_SCOPED else None)
        or _row_of_group(group_kind[0])
        or UNKNOWN
    )


def _row_of_group(group: str) -> KindRow | None:
    while group:
        row = GROUPS.get(group)
        if row is not None:
            return row
        group = group.partition(".")[2]
    return None


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
        (ARGO, "ClusterAnalysisTemplate"),
        (KEDA, "ClusterTriggerAuthentication"),
        (GOOGLE_MONITORING, "ClusterPodMonitoring"),
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


DEFAULT_NAMESPACE = "default"
"""Where objects without a namespace go, where nothing else says it. Source: Kubernetes, "Namespaces"."""

SYSTEM_NAMESPACES = "kube-"
"""How namespaces of the system start. Source: Kubernetes, "Namespaces": the prefix is reserved."""
