"""Label selectors: where kinds keep them, and whether they match."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grayc.k8s.kinds import APPS, ARGO, CORE, KRUISE, NETWORKING, POLICY, GroupKind

KeyPath = tuple[str, ...]
Labels = Mapping[str, object]


class SelectorStyle(StrEnum):
    """How a field spells its selector."""

    MAP = "map"
    """Plain labels; an empty or absent one selects nothing (Service)."""
    LABEL_SELECTOR = "LabelSelector"
    """matchLabels and matchExpressions; an empty one selects everything."""


class SelectorUse(StrEnum):
    """What being selected means to a pod."""

    TRAFFIC = "sends its requests to"
    OWNERSHIP = "takes for its own"
    DISRUPTION = "counts"
    POLICY = "governs"


@dataclass(frozen=True, slots=True)
class SelectorField:
    """A row of `POD_SELECTORS`."""

    path: KeyPath
    style: SelectorStyle
    use: SelectorUse


_OWNS = SelectorField(("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.OWNERSHIP)

# Source: Kubernetes API reference 1.37; OpenKruise and Argo Rollouts API references.
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
    (POLICY, "PodDisruptionBudget"): SelectorField(
        ("spec", "selector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.DISRUPTION
    ),
    (NETWORKING, "NetworkPolicy"): SelectorField(
        ("spec", "podSelector"), SelectorStyle.LABEL_SELECTOR, SelectorUse.POLICY
    ),
}


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
    if style is SelectorStyle.MAP:
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
    if field.style is SelectorStyle.MAP:
        return isinstance(selector, dict) and matches_map(selector, labels)
    return isinstance(selector, dict) and matches_label_selector(selector, labels)
