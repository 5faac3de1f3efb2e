"""What a NetworkPolicy says: which way it governs, and which pods its peers are.

Source: networking.k8s.io/v1 NetworkPolicySpec and NetworkPolicyPeer.
"""

from grayc.analysis.selections import Namespaces, Selection
from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, is_mapping
from grayc.k8s.kinds import NETWORKING
from grayc.k8s.selectors import POD_SELECTORS

NETWORK_POLICY = (NETWORKING, "NetworkPolicy")

DIRECTIONS = (("Ingress", "ingress", "from"), ("Egress", "egress", "to"))
"""Policy type, its field, the field of its peers."""


def policy_types(policy: Document) -> list[object]:
    """Return the directions that a policy governs; without `policyTypes`, Ingress, and Egress where it has rules."""
    spec = get_map(policy.data, ("spec",))
    return get_list(spec, ("policyTypes",)) or ["Ingress", *(["Egress"] if get_list(spec, ("egress",)) else [])]


def peer_selection(peer: dict[str, object], policy: Document) -> Selection:
    """Return the selector of a NetworkPolicy's peer.

    Without `namespaceSelector` it looks in the policy's own namespace, with an empty one in all.
    """
    anywhere = peer.get("namespaceSelector")
    return Selection(
        policy,
        (),
        POD_SELECTORS[NETWORK_POLICY],
        peer.get("podSelector"),
        Namespaces(selector=anywhere) if is_mapping(anywhere) else Namespaces(frozenset((policy.identity.namespace,))),
    )
