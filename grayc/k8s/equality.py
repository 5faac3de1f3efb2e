"""When two values of a field mean the same to Kubernetes: lists without order, lists by key, quantities, defaults.

Rows name fields by the end of their path; `[*]` stands for any item of a list and `.*` for any key of a mapping. They
hold for the kinds of `merge_keys`, whose keys come first; of other kinds nothing is known, and every difference counts.
"""

from collections.abc import Iterable

Suffix = tuple[str, ...]


_Ends = dict[str, "_Ends | None"]
"""Last step → the steps before it, and so on; "" where a row is over."""


class Rows(tuple[Suffix, ...]):
    """Rows of a table, and the same from their ends: every field of every object is looked up.

    Attributes:
        ends: the last steps of the rows, see `_Ends`.
    """

    ends: _Ends

    def __new__(cls, rows: Iterable[Suffix]) -> "Rows":
        """Return rows, sorted by their ends."""
        made = super().__new__(cls, rows)
        made.ends = {}
        for row in made:
            at = made.ends
            for step in reversed(row):
                below = at.setdefault(step, {})
                assert below is not None, '`""` is no step'
                at = below
            at[""] = None
        return made


def _rows(*paths: str) -> Rows:
    return Rows(
        tuple(".*" if step == "*" else step for step in path.replace("[*]", ".[*]").split(".")) for path in paths
    )


# Source: Kubernetes API reference 1.37. A NetworkPolicy's rules and peers, the terms of an affinity and the metrics of
# an autoscaler are joined by "or", "and" or the maximum, whatever their order; the others are called sets there.
UNORDERED = _rows(
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
QUANTITIES = _rows(
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

DEFAULTS: tuple[tuple[Rows, object], ...] = (
    # Source: Kubernetes API reference 1.37, ContainerPort, ServicePort and NetworkPolicyPort: "Defaults to TCP".
    (_rows("ports[*].protocol"), "TCP"),
)
"""Field → what the server takes where it is left out, for fields that are part of an item's key."""

IN_ORDER = _rows("initContainers")
"""Lists with a key whose order counts all the same. Source: Kubernetes docs, "Init Containers": run one by one."""

IN_ORDER_OF_USE = _rows("env")
"""Lists with a key whose order counts where an item uses an earlier one, as `$(NAME)`.

Source: Kubernetes docs, "Define Dependent Environment Variables".
"""

OPTIONAL_MAPS = _rows("metadata.labels", "metadata.annotations")
"""Mappings that mean the same empty and absent; elsewhere `{}` may say something, as `emptyDir: {}` does."""


def ends_with(pattern: tuple[str, ...], rows: Rows) -> bool:
    """Tell whether a path, `[*]` for items of lists, ends as one of the rows does."""
    return _ends(pattern, len(pattern), rows.ends)


def _ends(pattern: tuple[str, ...], length: int, ends: _Ends) -> bool:
    """Tell whether the first steps of a path end so."""
    if "" in ends:
        return True
    if not length:
        return False
    own, other = ends.get(pattern[length - 1]), ends.get(".*")
    if own and _ends(pattern, length - 1, own):
        return True
    return bool(other and other is not own and _ends(pattern, length - 1, other))
