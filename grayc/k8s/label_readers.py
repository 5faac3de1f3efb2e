"""Who reads labels of pods besides the selectors of `k8s.selectors`: selectors of other kinds, and pods themselves."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from grayc.k8s.kinds import (
    ARGO,
    GATEWAY,
    IN_EVERY_CLUSTER,
    ISTIO,
    ISTIO_EXTENSIONS,
    ISTIO_SECURITY,
    ISTIO_TELEMETRY,
    KEDA,
    GroupKind,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SERVICE_SELECTORS

KeyPath = tuple[str, ...]

# Source: core/v1 DownwardAPIVolumeSource, ProjectedVolumeSource; container variables are read with their names.
FIELD_PATHS: tuple[KeyPath, ...] = (
    ("volumes", "[*]", "downwardAPI", "items", "[*]", "fieldRef", "fieldPath"),
    ("volumes", "[*]", "projected", "sources", "[*]", "downwardAPI", "items", "[*]", "fieldRef", "fieldPath"),
)
OWN_LABEL = re.compile(r"metadata\.labels\[(['\"])(?P<key>[^'\"]+)\1\]")
"""Source: kubernetes pkg/fieldpath, SplitMaybeSubscriptedPath."""
ALL_LABELS = "metadata.labels"
"""What only a file can hold: each label in a line."""

PASSED_OVER = frozenset({"affinity", "topologySpreadConstraints", "template", "metrics"})
"""Fields below which selectors take nothing from a gray pod and give it nothing: where other pods are placed, and what
load is measured."""

SELECTOR_PREFIXES = ("k8s:", "any:")
"""Sources of a label, in front of its key. Source: cilium Documentation, "Terminology", label source."""

MADE_LABELS = ("io.kubernetes.pod.", "io.cilium.", "projectcalico.org/", "reserved:")
"""How labels begin that a network gives pods beside their own. Sources: cilium Documentation, "Identity-relevant
labels"; projectcalico.org/v3, "Selectors"."""

_OTHERS = (
    "account",
    "claim",
    "class",
    "cluster",
    "dashboard",
    "gateway",
    "ingress",
    "instance",
    "monitor",
    "namespace",
    "node",
    "probe",
    "provider",
    "pool",
    "resource",
    "route",
    "rule",
    "secret",
    "service",
    "source",
    "volume",
)
"""What a selector is of, in its field's name, where it is of no pods. Sources: projectcalico.org/v3
(`namespaceSelector`, `serviceAccountSelector`), Prometheus operator PrometheusSpec (`serviceMonitorSelector`,
`ruleSelector`), Grafana operator (`instanceSelector`), Cilium (`nodeSelector`, `serviceSelector`), MetalLB
(`serviceSelectors`, `ipAddressPoolSelectors`)."""

_SELECTOR_NAME = re.compile(r"(?:(?P<of>.*?)[_-]?)?(?:selectors?|labelselectors?)", re.IGNORECASE)

_OF_OTHERS = frozenset({"secret", "secrets", "configmap", "configmaps", "namespaces", "nodes"})
"""Fields whose own selector is of what their name says. Sources: trust.cert-manager.io/v1alpha1 Bundle,
`spec.sources[].configMap.selector` and `secret.selector`; policy.networking.k8s.io/v1alpha1, `namespaces`, `nodes`."""

_OF_SECRETS: Mapping[str, frozenset[str]] = {
    # Source: Kuadrant/authorino, api/v1beta3/auth_config_types.go, ApiKeyAuthenticationSpec and
    # X509ClientCertificateAuthenticationSpec: Secrets with keys of clients, and with authorities to trust.
    "authorino.kuadrant.io": frozenset({"apiKey", "x509"}),
    # Source: Kuadrant/kuadrant-operator, api/v1/authpolicy_types.go: takes Authorino's.
    "kuadrant.io": frozenset({"apiKey", "x509"}),
}
"""API group → fields whose selector is of Secrets."""

_HAVE_POD_LABELS = frozenset({"pod", "pods", "replicaset", "replicasets", "podmetrics"})
"""Kinds with the labels of pods: a controller gives ReplicaSets those of the template, and metrics have the pod's.
Sources: kubernetes pkg/controller/deployment/sync.go, getNewReplicaSet; kubernetes-sigs/metrics-server, PodMetrics."""

_OF_PODS = ("pod", "endpoint", "workload")

GOVERNING = frozenset(
    {
        "cilium.io",
        "crd.projectcalico.org",
        "projectcalico.org",
        "policy.networking.k8s.io",
        "policy.linkerd.io",
    }
)
"""Groups whose selectors say what pods may do: to be found no more opens a pod, or closes it.

Sources: cilium.io/v2 CiliumNetworkPolicy, `endpointSelector`, `fromEndpoints`, `toEndpoints`; projectcalico.org/v3
NetworkPolicy, `selector`; policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy, `subject`; policy.linkerd.io Server,
`podSelector`, whose AuthorizationPolicies name it, so a second one would have none."""

_NOT_ASKED = frozenset(
    {
        # Source: chaos-mesh.org `labelSelectors`, litmuschaos.io `applabel`: gray pods are spared.
        "chaos-mesh.org",
        "litmuschaos.io",
        # Source: velero.io Backup, `labelSelector`: a lane is not backed up.
        "velero.io",
        # Source: cert-manager.io Issuer, `solvers[].selector`: of Certificates; external-secrets.io: of namespaces.
        "cert-manager.io",
        "external-secrets.io",
        # Scalers count load, and are looked at as such.
        KEDA,
        # Its kinds are in the tables of selectors, and what else they select is no pod.
        ARGO,
        GATEWAY,
        ISTIO,
        ISTIO_SECURITY,
        ISTIO_TELEMETRY,
        ISTIO_EXTENSIONS,
    }
)


def is_selector_name(key: str) -> bool:
    """Tell whether a field's name says that it selects."""
    return _SELECTOR_NAME.fullmatch(key) is not None


def selects_no_pods(key: str) -> bool:
    """Tell whether a field's name says that it selects what is no pod."""
    found = _SELECTOR_NAME.fullmatch(key)
    return found is not None and (found["of"] or "").lower().endswith(_OTHERS)


def speaks_of_no_pods(field: str, group: str) -> bool:
    """Tell whether a field whose value is, or holds, a selector says that it is of something else than pods."""
    return field.lower() in _OF_OTHERS or field in _OF_SECRETS.get(group, ())


def speaks_of_pods(selector: str) -> bool:
    """Tell whether a selector's name says that it is of pods, whatever kinds stand beside it."""
    found = _SELECTOR_NAME.fullmatch(selector)
    return found is not None and (found["of"] or "").lower().endswith(_OF_PODS)


def has_pod_labels(kind: str) -> bool:
    """Tell whether objects of a kind, as selectors name it, have the labels of pods.

    Forms are `Pod`, `v1/Pod`, `Pod/exec`, `pods`, `Pod.exec` and patterns: `*`, `Po*`, `*/*`. Sources: kyverno,
    pkg/utils/kube/kind.go, ParseKindSelector, which takes `group/version/kind/subresource`;
    admissionregistration.k8s.io/v1 RuleWithOperations, `resources`.
    """
    return any(
        part == "*" or fnmatchcase(known, part)
        for part in re.split(r"[/.]", kind.lower())
        for known in _HAVE_POD_LABELS
    )


def holds_selectors(kind: GroupKind) -> bool:
    """Tell whether an object of a kind may select pods in a field that no table of selectors has."""
    return not (
        kind[0] in IN_EVERY_CLUSTER
        or kind[0] in _NOT_ASKED
        or kind in POD_SELECTORS
        or kind in SERVICE_SELECTORS
        or kind in WORKLOADS
    )
