"""When two values of a field mean the same to Kubernetes: lists without order, lists by key, quantities, defaults.

Rows name fields by the end of their path; `[*]` stands for any item of a list and `.*` for any key of a mapping. They
hold for the kinds of `merge_keys`, whose keys come first; of other kinds nothing is known, and every difference counts.
"""

from collections.abc import Iterable

Suffix = tuple[str, ...]


def _rows(*paths: str) -> tuple[Suffix, ...]:
    return tuple(
        tuple(".*" if step == "*" else step for step in path.replace("[*]", ".[*]").split(".")) for path in paths
    )


# Source: Kubernetes API reference 1.37. A NetworkPolicy's rules and peers, the terms of an affinity and the metrics of
# an autoscaler are joined by "or", "and" or the maximum, whatever their order; the others are called sets there.
UNORDERED: tuple[Suffix, ...] = _rows(
    "matchExpressions",
    "matchExpressions[*].values",
    "spec.policyTypes",
    "spec.ingress",
    "spec.ingress[*].from",
    "spec.ingress[*].ports",
    "spec.egress",
    "spec.egress[*].to",
    "spec.egress[*].ports",
    "ipBlock.except",
    "spec.accessModes",
    "rules[*].verbs",
    "rules[*].resources",
    "rules[*].apiGroups",
    "rules[*].resourceNames",
    "rules[*].nonResourceURLs",
    "subjects",
    "capabilities.add",
    "capabilities.drop",
    "tolerations",
    "supplementalGroups",
    "nodeSelectorTerms",
    "preferredDuringSchedulingIgnoredDuringExecution",
    "podAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "podAffinityTerm.namespaces",
    "tls[*].hosts",
    "spec.metrics",
    "spec.externalIPs",
    "spec.loadBalancerSourceRanges",
    "spec.validationActions",
    "spec.volumeLifecycleModes",
    "resources.claims",
    "exitCodes.values",
    "onExitCodes.values",
    "bindMountOptions",
)
"""Lists whose order means nothing and whose items have no key."""

# Source: Kubernetes API reference 1.37: fields of type Quantity, and mappings of resource name → Quantity.
QUANTITIES: tuple[Suffix, ...] = _rows(
    "resources.limits.*",
    "resources.requests.*",
    "spec.overhead.*",
    "overhead.podFixed.*",
    "limits[*].default.*",
    "limits[*].defaultRequest.*",
    "limits[*].max.*",
    "limits[*].min.*",
    "limits[*].maxLimitRequestRatio.*",
    "emptyDir.sizeLimit",
    "resourceFieldRef.divisor",
    "spec.capacity.*",
    "spec.hard.*",
    "target.averageValue",
    "target.value",
    "behavior.scaleUp.tolerance",
    "behavior.scaleDown.tolerance",
    "capacity.requests.*",
    "inlineVolumeSpec.capacity.*",
)
"""Fields whose value is a quantity: `1`, `"1"` and `1000m` are one."""

DEFAULTS: tuple[tuple[Suffix, object], ...] = (
    # Source: Kubernetes API reference 1.37, ContainerPort, ServicePort and NetworkPolicyPort: "Defaults to TCP".
    (("ports", "[*]", "protocol"), "TCP"),
)
"""Field → what the server takes where it is left out, for fields that are part of an item's key."""

IN_ORDER: tuple[Suffix, ...] = _rows("initContainers")
"""Lists with a key whose order counts all the same. Source: Kubernetes docs, "Init Containers": run one by one."""

IN_ORDER_OF_USE: tuple[Suffix, ...] = _rows("env")
"""Lists with a key whose order counts where an item uses an earlier one, as `$(NAME)`.

Source: Kubernetes docs, "Define Dependent Environment Variables".
"""

OPTIONAL_MAPS: tuple[Suffix, ...] = _rows("metadata.labels", "metadata.annotations")
"""Mappings that mean the same empty and absent; elsewhere `{}` may say something, as `emptyDir: {}` does."""


def ends_with(pattern: tuple[str, ...], rows: Iterable[Suffix]) -> bool:
    """Tell whether a path, `[*]` for items of lists, ends as one of the rows does."""
    return any(
        len(row) <= len(pattern)
        and all(step in (".*", own) for step, own in zip(row, pattern[len(pattern) - len(row) :], strict=True))
        for row in rows
    )
