"""Names of objects in fields that no table follows: how a field tells what it names, and what is known to be harmless.

The last resort of a build looks for them (`checks.mentions`) where `references` has no row. Who follows a kind or a
field elsewhere adds a row to `KNOWN`.
"""

from collections.abc import Mapping

from grayc.k8s.kinds import (
    APPS,
    ARGO,
    AUTOSCALING,
    BATCH,
    CORE,
    GATEWAY,
    ISTIO,
    ISTIO_EXTENSIONS,
    ISTIO_SECURITY,
    ISTIO_TELEMETRY,
    KRUISE,
    KRUISE_POLICY,
    MONITORING,
    NETWORKING,
    POLICY,
    RBAC,
    GroupKind,
)
from grayc.k8s.server_fields import OWNER_ANNOTATIONS
from grayc.records import dataclass

READ_WHOLE: frozenset[str] = frozenset(
    {
        CORE,
        APPS,
        AUTOSCALING,
        BATCH,
        NETWORKING,
        POLICY,
        RBAC,
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "autoscaling.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "node.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""Groups whose every field has been read: `references` and `selectors` hold all that name objects, so that only
annotations are left. Source: the Kubernetes API reference 1.37; kubernetes/autoscaler for the VerticalPodAutoscaler."""

# Sources: Istio 1.27 reference, "Traffic Management", "Security", "Telemetry", "Wasm Plugin"; Gateway API v1.3
# GEP-713, policy attachment; OpenKruise v1.8 PodUnavailableBudget, WorkloadSpread;
# prometheus-operator v0.85 Probe, which asks addresses and no pods.
GOVERNING: frozenset[GroupKind] = frozenset(
    {
        (ISTIO, "DestinationRule"),
        (ISTIO, "EnvoyFilter"),
        (ISTIO_SECURITY, "AuthorizationPolicy"),
        (ISTIO_SECURITY, "RequestAuthentication"),
        (ISTIO_TELEMETRY, "Telemetry"),
        (ISTIO_EXTENSIONS, "WasmPlugin"),
        (GATEWAY, "BackendTLSPolicy"),
        (GATEWAY, "ReferenceGrant"),
        (MONITORING, "Probe"),
        (KRUISE, "WorkloadSpread"),
        (KRUISE_POLICY, "PodUnavailableBudget"),
    }
)
"""Kinds that hold for what they name: where such an object stays with the baseline, its references cover no gray copy
though `references` knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A row of `KNOWN`: names there need no finding.

    Attributes:
        kind: the kind; None for any.
        path: as users write it, `spec.targetRefs[*].name`, and all that stands below; "" for the whole object.
        reason: what follows such a name, or why it does no harm, with the source.
    """

    kind: GroupKind | None
    path: str
    reason: str


KNOWN: tuple[Known, ...] = (
    Known(
        kind=None,
        path="metadata.ownerReferences",
        reason="the garbage collector's; copies have none. Source: kubernetes, ObjectMeta",
    ),
    Known(kind=None, path="metadata.managedFields", reason="the server's. Source: kubernetes, ObjectMeta"),
    Known(kind=None, path="status", reason="a controller's report. Source: kubernetes, API conventions"),
    Known(
        kind=(GATEWAY, "BackendTLSPolicy"),
        path="spec.validation.hostname",
        reason="a name in the certificate of the pods. Source: gateway-api, apis/v1 BackendTLSPolicyValidation",
    ),
    Known(
        kind=(ARGO, "Application"),
        path="",
        reason="installs the baseline's files as they are. Source: argo-cd v3 docs/operator-manual/application.yaml",
    ),
    Known(
        kind=(ARGO, "ApplicationSet"),
        path="",
        reason="makes Applications. Source: argo-cd v3 docs/operator-manual/applicationset.yaml",
    ),
    Known(
        kind=(ARGO, "AppProject"),
        path="",
        reason="says what Applications may do. Source: argo-cd v3 docs/operator-manual/project.yaml",
    ),
    Known(
        kind=("kustomize.toolkit.fluxcd.io", "Kustomization"),
        path="",
        reason="installs and waits for the baseline's objects. Source: kustomize-controller docs/spec/v1",
    ),
    Known(
        kind=("helm.toolkit.fluxcd.io", "HelmRelease"),
        path="",
        reason="installs the baseline's chart with values. Source: helm-controller docs/spec/v2",
    ),
    Known(
        kind=("app.k8s.io", "Application"),
        path="",
        reason="describes an application for people. Source: kubernetes-sigs/application docs/api.md",
    ),
    Known(
        kind=("sloth.slok.dev", "PrometheusServiceLevel"),
        path="spec.service",
        reason="a label of its metrics. Source: slok/sloth pkg/kubernetes/api/sloth/v1/types.go",
    ),
    Known(
        kind=("openslo", "SLO"),
        path="spec.service",
        reason="a Service of OpenSLO, which is no Kubernetes one. Source: OpenSLO/OpenSLO README",
    ),
    Known(
        kind=("monitoring.coreos.com", "PrometheusRule"),
        path="",
        reason="queries over what is scraped, no objects. Source: prometheus-operator v0.85 API reference",
    ),
)
"""Kinds and fields that something else follows, or that are harmless."""

# A trailing `*` is a prefix.
KNOWN_ANNOTATIONS: tuple[str, ...] = (
    # Those that copies do not get speak of the object itself.
    *OWNER_ANNOTATIONS,
    # Source: argo-cd v3 docs/user-guide and gitops-engine; Flux; Helm 3: which tool owns the object.
    "argocd.argoproj.io/*",
    "helm.sh/*",
    "kustomize.toolkit.fluxcd.io/*",
    "helm.toolkit.fluxcd.io/*",
    "config.kubernetes.io/*",
    "kubernetes.io/change-cause",
    # Source: Kubernetes, "Well-Known Labels, Annotations and Taints": containers of the pod.
    "kubectl.kubernetes.io/default-container",
    "kubectl.kubernetes.io/default-logs-container",
    # Source: docs.datadoghq.com, "Kubernetes and Integrations": names in Datadog, no objects.
    "ad.datadoghq.com/*",
    # Source: opentelemetry-operator README, "Configure resource attributes": names in telemetry.
    "resource.opentelemetry.io/*",
    # Source: cloud.google.com, "Container-native load balancing": a report of the controller.
    "cloud.google.com/neg-status",
)
"""Annotations that name the object itself, what owns it or what is in it."""

_ENTRY_WORDS = ("route", "ingress", "virtualservice")
_WORKLOAD_WORDS = ("workload", "deployment", "statefulset", "replicaset", "rollout", "cloneset")

KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "Service": (
        "service",
        "svc",
        "host",
        "backend",
        "upstream",
        "server",
        "addr",
        "endpoint",
        "url",
        "uri",
        "fqdn",
        "destination",
        "origin",
    ),
    "ConfigMap": ("configmap", "configuration", "config", "settings"),
    "Secret": ("secret", "credential", "certificate", "tls"),
    "Deployment": _WORKLOAD_WORDS,
    "StatefulSet": _WORKLOAD_WORDS,
    "ReplicaSet": _WORKLOAD_WORDS,
    "CloneSet": _WORKLOAD_WORDS,
    "Rollout": _WORKLOAD_WORDS,
    "HorizontalPodAutoscaler": ("hpa", "autoscaler"),
    "ScaledObject": ("scaledobject", "autoscaler"),
    "PodDisruptionBudget": ("pdb", "budget"),
    "Ingress": _ENTRY_WORDS,
    "HTTPRoute": _ENTRY_WORDS,
    "GRPCRoute": _ENTRY_WORDS,
    "VirtualService": _ENTRY_WORDS,
}
"""Kind → words by which the name of a field speaks of it, in lower case; each kind's own name is one, too."""

DEFAULT_KINDS: Mapping[GroupKind, Mapping[str, str]] = {
    # Source: aws-load-balancer-controller v3.2, guide/gateway/targetgroupconfig: `kind` defaults to Service.
    ("gateway.k8s.aws", "TargetGroupConfiguration"): {"spec.targetReference.name": "Service"},
}
"""Fields that name an object of one kind where they do not say which."""

REFERRING_WORDS = frozenset({"attach", "parent", "ref", "reference", "target"})
"""Words by which the name of a field speaks of an object of some kind."""

OTHER_WORDS = frozenset(
    {
        "account",
        "branch",
        "chart",
        "class",
        "command",
        "description",
        "header",
        "image",
        "label",
        "message",
        "method",
        "mode",
        "namespace",
        "path",
        "port",
        "prefix",
        "registry",
        "repo",
        "repository",
        "revision",
        "source",
        "summary",
        "title",
        "type",
        "version",
    }
)
"""Words of fields that hold something else, whatever the other words say: `targetPort`, `ingressClassName`."""

NO_OBJECT_WORDS = frozenset(
    {
        "app",
        "application",
        "bucket",
        "category",
        "component",
        "database",
        "display",
        "domain",
        "env",
        "group",
        "id",
        "job",
        "key",
        "metric",
        "owner",
        "project",
        "queue",
        "realm",
        "release",
        "role",
        "table",
        "tag",
        "team",
        "tenant",
        "tier",
        "topic",
        "user",
        "username",
    }
)
"""Words of fields whose value may be written like an object's name and is a name of another sort."""

TEXT_FIELDS = frozenset({"args", "command", "env", "labels", "matchExpressions", "matchLabels", "selector"})
"""Fields of any kind that others look through: text of pods (GC462) and selectors."""

NAMED_PARTS = frozenset({"containers", "env", "initContainers", "ports", "volumeMounts", "volumes"})
"""Lists whose items have names of their own, as a pod's have."""

AUTHENTICATION_WORDS = frozenset(
    {
        "accesscontrol",
        "accesspolicy",
        "acl",
        "apikey",
        "auth",
        "authentication",
        "authn",
        "authorization",
        "authz",
        "firewall",
        "iap",
        # Source: developer.hashicorp.com/consul, "Service intentions configuration entry reference".
        "intention",
        "jwt",
        "mtls",
        "oauth",
        "oauth2",
        "oidc",
        "saml",
        "waf",
    }
)
"""Words by which a kind, or a field of its spec, speaks of who may enter."""

ADMITTING: Mapping[str, frozenset[str]] = {
    "action": frozenset({"allow", "deny"}),
    "effect": frozenset({"allow", "deny"}),
}
"""Fields near the top of a spec → values by which an object says who may enter, whatever its kind is called."""

EXTENSION_WORDS = frozenset({"extension", "filter", "middleware", "plugin", "wasm"})
"""Words of kinds that do what their plugin does: what that is, its name tells."""

PLUGIN_WORDS = frozenset({"name", "plugin", "url"})
"""Words of fields that name a plugin."""

# Source: Kubernetes, "kubectl Reference", resource types; Istio and Gateway API custom resource definitions.
SHORT_NAMES: Mapping[str, str] = {
    "cm": "ConfigMap",
    "deploy": "Deployment",
    "hpa": "HorizontalPodAutoscaler",
    "ing": "Ingress",
    "pdb": "PodDisruptionBudget",
    "rs": "ReplicaSet",
    "so": "ScaledObject",
    "sts": "StatefulSet",
    "svc": "Service",
    "vs": "VirtualService",
}
"""Short name of a kind → the kind."""
