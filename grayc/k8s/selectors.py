"""Label selectors: where kinds keep them, and whether they match."""

from collections.abc import Container, Mapping
from enum import StrEnum
from typing import assert_never

from grayc.k8s.kinds import (
    APPS,
    ARGO,
    AWS_VPC,
    CORE,
    GOOGLE_MONITORING,
    ISTIO,
    ISTIO_EXTENSIONS,
    ISTIO_SECURITY,
    ISTIO_TELEMETRY,
    KRUISE,
    KRUISE_POLICY,
    MONITORING,
    NETWORKING,
    POLICY,
    VICTORIA,
    GroupKind,
)
from grayc.records import dataclass

KeyPath = tuple[str, ...]
Labels = Mapping[str, object]


class SelectorStyle(StrEnum):
    """How a field spells its selector."""

    MAP = "map"
    """Plain labels; an empty or absent one selects nothing (Service)."""
    FILTER = "filter"
    """Plain labels; an empty or absent one selects everything (Istio)."""
    LABEL_SELECTOR = "LabelSelector"
    """matchLabels and matchExpressions; an empty one selects everything, an absent one nothing."""


class SelectorUse(StrEnum):
    """What being selected means to a pod."""

    TRAFFIC = "sends its requests to"
    OWNERSHIP = "takes for its own"
    DISRUPTION = "counts"
    POLICY = "lets through"
    """A NetworkPolicy: policies add up, and the lane gets its own where gray pods need them."""
    GOVERNANCE = "governs"
    """Rules for pods; gray pods must be under those that their baseline pods are under."""
    MONITORING = "scrapes"
    PLACEMENT = "places its pods by"


TAKES = frozenset({SelectorUse.TRAFFIC, SelectorUse.OWNERSHIP, SelectorUse.DISRUPTION})
"""Uses that no two sides can share: what one of them selects is lost to the other, or counted twice."""
GOVERNS = frozenset({SelectorUse.POLICY, SelectorUse.GOVERNANCE, SelectorUse.MONITORING})
"""Uses that take nothing away: a gray pod must meet them as its baseline pod does."""


class Scope(StrEnum):
    """In which namespaces a selector looks."""

    OWN = "its own namespace"
    MESH = "its own namespace; all from the root namespace of the mesh"
    NAMED = "the namespaces that `namespaceSelector` names, else its own"
    ANY = "all namespaces"


ROOT_NAMESPACE = "istio-system"
"""The root namespace of a mesh that was installed as usual. Source: istio.io, MeshConfig, `rootNamespace`."""


@dataclass(frozen=True, slots=True)
class SelectorField:
    """A row of `POD_SELECTORS` or `SERVICE_SELECTORS`.

    Attributes:
        carried: a second object of the kind, made for gray pods, gives them what this one gives their baseline pods.
        is_optional: an object without it chooses no pods at all.
    """

    path: KeyPath
    style: SelectorStyle
    use: SelectorUse
    scope: Scope = Scope.OWN
    carried: bool = True
    is_optional: bool = False

    @property
    def labels(self) -> KeyPath:
        """Path of the labels that the selector asks for plainly."""
        return (*self.path, "matchLabels") if self.style is SelectorStyle.LABEL_SELECTOR else self.path


_OWNS = SelectorField(("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.OWNERSHIP)

_MATCH_LABELS = ("spec", "selector", "matchLabels")
_WORKLOAD_LABELS = ("spec", "workloadSelector", "labels")
_GOVERNED = SelectorField(_MATCH_LABELS, SelectorStyle.FILTER, SelectorUse.GOVERNANCE)
_GOVERNED_BY_ROOT = SelectorField(_MATCH_LABELS, SelectorStyle.FILTER, SelectorUse.GOVERNANCE, Scope.MESH)
_BUDGET = SelectorField(("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.DISRUPTION)

_SCRAPES = SelectorField(("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.MONITORING)
_SCRAPES_NAMED = SelectorField(("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.MONITORING, Scope.NAMED)

# Source: Kubernetes API reference 1.37; OpenKruise and Argo Rollouts API references; istio/api security/v1beta1,
# networking/v1alpha3, telemetry/v1alpha1, extensions/v1alpha1 (`selector`, `workloadSelector`: which namespaces, what
# an empty one means; a PeerAuthentication with a selector is ignored in the root namespace); Prometheus operator,
# PodMonitorSpec.
#
# Not here, as they reach no pod by a label of its own: the subsets of a DestinationRule choose among the pods that its
# host's Service selects already; policies of the Gateway API name their targets (`targetRefs`, in `k8s.references`);
# EndpointSlices name their Service (same table); HPA, VPA and ScaledObject count what their target's selector selects.
POD_SELECTORS: dict[GroupKind, SelectorField] = {
    (CORE, "Service"): SelectorField(("spec", "selector"), SelectorStyle.MAP, SelectorUse.TRAFFIC),
    (CORE, "ReplicationController"): SelectorField(("spec", "selector"), SelectorStyle.MAP, SelectorUse.OWNERSHIP),
    (APPS, "Deployment"): _OWNS,
    (APPS, "StatefulSet"): _OWNS,
    (APPS, "ReplicaSet"): _OWNS,
    (APPS, "DaemonSet"): _OWNS,
    (KRUISE, "CloneSet"): _OWNS,
    (KRUISE, "StatefulSet"): _OWNS,
    (ARGO, "Rollout"): _OWNS,
    (POLICY, "PodDisruptionBudget"): _BUDGET,
    (KRUISE_POLICY, "PodUnavailableBudget"): _BUDGET,
    (NETWORKING, "NetworkPolicy"): SelectorField(
        ("spec", "podSelector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.POLICY
    ),
    (ISTIO_SECURITY, "AuthorizationPolicy"): _GOVERNED_BY_ROOT,
    (ISTIO_SECURITY, "RequestAuthentication"): _GOVERNED_BY_ROOT,
    (ISTIO_SECURITY, "PeerAuthentication"): _GOVERNED,
    (ISTIO_TELEMETRY, "Telemetry"): _GOVERNED,
    (ISTIO_EXTENSIONS, "WasmPlugin"): _GOVERNED_BY_ROOT,
    (ISTIO, "ProxyConfig"): _GOVERNED,
    (ISTIO, "Sidecar"): SelectorField(_WORKLOAD_LABELS, SelectorStyle.FILTER, SelectorUse.GOVERNANCE),
    (ISTIO, "EnvoyFilter"): SelectorField(_WORKLOAD_LABELS, SelectorStyle.FILTER, SelectorUse.GOVERNANCE, Scope.MESH),
    # Routes are bound to a Gateway by its name, so one more Gateway would have none.
    (ISTIO, "Gateway"): SelectorField(
        ("spec", "selector"), SelectorStyle.MAP, SelectorUse.GOVERNANCE, Scope.ANY, carried=False
    ),
    # Whose calls it is for; several rules of one host with other selectors stand beside each other. Source: istio/istio
    # pilot/pkg/model/destination_rule.go, mergeDestinationRule; Istio 1.27 reference, DestinationRule.
    (ISTIO, "DestinationRule"): SelectorField(
        ("spec", "workloadSelector", "matchLabels"), SelectorStyle.MAP, SelectorUse.GOVERNANCE, is_optional=True
    ),
    (ISTIO, "ServiceEntry"): SelectorField(_WORKLOAD_LABELS, SelectorStyle.MAP, SelectorUse.TRAFFIC),
    (KRUISE, "SidecarSet"): SelectorField(
        ("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.GOVERNANCE, Scope.ANY
    ),
    (MONITORING, "PodMonitor"): _SCRAPES_NAMED,
    # Source: VictoriaMetrics operator docs/api.md, VMPodScrapeSpec.
    (VICTORIA, "VMPodScrape"): _SCRAPES_NAMED,
    # Source: GoogleCloudPlatform/prometheus-engine doc/api.md, PodMonitoringSpec.
    (GOOGLE_MONITORING, "PodMonitoring"): _SCRAPES,
    (GOOGLE_MONITORING, "ClusterPodMonitoring"): SelectorField(
        ("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.MONITORING, Scope.ANY
    ),
    # Source: docs.aws.amazon.com, "Security groups for Pods"; without `podSelector` it goes by the ServiceAccount.
    (AWS_VPC, "SecurityGroupPolicy"): SelectorField(
        ("spec", "podSelector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.GOVERNANCE
    ),
}

# Selectors of Services, by the labels of the Service itself. Source: Prometheus operator, ServiceMonitorSpec;
# VictoriaMetrics operator docs/api.md, VMServiceScrapeSpec.
SERVICE_SELECTORS: dict[GroupKind, SelectorField] = {
    (MONITORING, "ServiceMonitor"): _SCRAPES_NAMED,
    (VICTORIA, "VMServiceScrape"): _SCRAPES_NAMED,
}

INSIDE_PODS = SelectorField((), SelectorStyle.LABEL_SELECTOR, SelectorUse.PLACEMENT)
"""What the selectors of `POD_SELECTORS_INSIDE` are."""


def matches_map(selector: Labels, labels: Labels) -> bool:
    """Tell whether plain labels select a pod; an empty map selects none."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def matches_label_selector(selector: Mapping[str, object], labels: Labels) -> bool:
    """Tell whether a LabelSelector selects a pod; an empty one selects every pod.

    Source: apimachinery pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector, pkg/labels/selector.go Matches:
    `NotIn` and `DoesNotExist` hold for a missing key; an unknown operator selects nothing here.
    """
    match_labels = selector.get("matchLabels")
    if isinstance(match_labels, dict) and not all(labels.get(key) == value for key, value in match_labels.items()):
        return False
    expressions = selector.get("matchExpressions")
    return not isinstance(expressions, list) or all(_holds(expression, labels) for expression in expressions)


def _holds(expression: object, labels: Labels) -> bool:
    if not isinstance(expression, dict):
        return False
    key = expression.get("key")
    if not isinstance(key, str):
        return False
    values = expression.get("values")
    listed = values if isinstance(values, list) else []
    match expression.get("operator"):
        case "In":
            return key in labels and labels[key] in listed
        case "NotIn":
            return key not in labels or labels[key] not in listed
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False


def with_suffix(
    selector: Mapping[str, object], style: SelectorStyle, keys: Container[str], suffix: str
) -> dict[str, object]:
    """Return a selector that asks for the suffixed values of some labels.

    Plain labels and the values of `In` get the suffix; what a selector rules out stays ruled out.
    """
    if style is not SelectorStyle.LABEL_SELECTOR:
        return _suffixed(selector, keys, suffix)
    result = dict(selector)
    match_labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    if isinstance(match_labels, dict):
        result["matchLabels"] = _suffixed(match_labels, keys, suffix)
    if isinstance(expressions, list):
        result["matchExpressions"] = [
            {**item, "values": [f"{value}{suffix}" for value in item["values"]]}
            if isinstance(item, dict)
            and item.get("operator") == "In"
            and item.get("key") in keys
            and isinstance(item.get("values"), list)
            else item
            for item in expressions
        ]
    return result


def _suffixed(labels: Mapping[str, object], keys: Container[str], suffix: str) -> dict[str, object]:
    return {
        key: f"{value}{suffix}" if key in keys and isinstance(value, str) else value for key, value in labels.items()
    }


def selects(field: SelectorField, selector: object, labels: Labels) -> bool:
    """Tell whether the value of a selector field selects a pod with these labels."""
    match field.style:
        case SelectorStyle.MAP:
            return isinstance(selector, dict) and matches_map(selector, labels)
        case SelectorStyle.FILTER:
            return not isinstance(selector, dict) or all(labels.get(key) == value for key, value in selector.items())
        case SelectorStyle.LABEL_SELECTOR:
            return isinstance(selector, dict) and matches_label_selector(selector, labels)
        case _:
            assert_never(field.style)


def asked_labels(style: SelectorStyle, selector: object) -> dict[str, tuple[str, ...]]:
    """Return label → the values that a selector asks for, by `In` or plainly; what it rules out is not among them.

    A pod must have one of the values of each label, so whoever looks for pods may start from any of them.
    """
    if not isinstance(selector, dict):
        return {}
    plain = selector if style is not SelectorStyle.LABEL_SELECTOR else selector.get("matchLabels")
    asked: dict[str, tuple[str, ...]] = {}
    if style is SelectorStyle.LABEL_SELECTOR:
        expressions = selector.get("matchExpressions")
        for item in expressions if isinstance(expressions, list) else ():
            if isinstance(item, dict) and item.get("operator") == "In" and isinstance(item.get("key"), str):
                values = item.get("values")
                asked[item["key"]] = tuple(
                    dict.fromkeys(
                        value for value in (values if isinstance(values, list) else ()) if isinstance(value, str)
                    )
                )
    if isinstance(plain, dict):
        asked.update((key, (value,)) for key, value in plain.items() if isinstance(key, str) and isinstance(value, str))
    return asked
