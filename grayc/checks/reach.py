"""Whether NetworkPolicies let a check in where it asks."""

from collections.abc import Iterable, Sequence

from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.analysis.policies import DIRECTIONS, NETWORK_POLICY, peer_selection, policy_types
from grayc.analysis.selections import Selectable, SelectableIndex, namespace_labels, pods_of, selections
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_text, is_mapping
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import check_service
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import HttpCheck

_INGRESS, _EGRESS = range(len(DIRECTIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One direction of a request, from the side of the pods whose policies count.

    Attributes:
        at: its place in `DIRECTIONS`.
        other: the pods at the other end.
        port: number and name of the port that is asked, as far as they are known.
    """

    at: int
    governed: Selectable
    other: Selectable
    port: frozenset[object]


def check_reach(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the checks that cannot pass because their requests do not get through.

    A peer that is a range of addresses may hold any pod, and counts as one that lets it through.

    Diagnostics:
        GC419: NetworkPolicies keep a check from the pods that it asks.
    Source: networking.k8s.io/v1: a pod that any policy of a direction selects may do what any of them allows, and
    nothing else.
    """
    checks = [check for check in plan.spec.verifications if isinstance(check, HttpCheck)]
    policies = [item for item in (*plan.baseline, *documents) if item.identity.group_kind == NETWORK_POLICY]
    if not checks or not policies:
        return ()
    network = _Network(policies, plan)
    asked = SelectableIndex(pods_of(item for item in documents if plan.is_copy(item)))
    found = []
    for check in checks:
        asking = _pods_of_check(check, documents, plan)
        service = _service(check, documents, plan)
        if asking is None or service is None:
            continue
        (selection,) = selections(service)
        for pods in asked.selected_by(selection):
            port = _ports(check, service, pods.document)
            ways = (
                _Way(at=_INGRESS, governed=pods, other=asking, port=port),
                _Way(at=_EGRESS, governed=asking, other=pods, port=port),
            )
            closed = next(((way, policy) for way in ways if (policy := network.closes(way)) is not None), None)
            if closed is not None:
                found.append(_kept_out(check, pods.document, *closed, plan))
                break
    return tuple(found)


def _pods_of_check(check: HttpCheck, documents: Iterable[Document], plan: ReleasePlan) -> Selectable | None:
    own = plan.spec.selecting(check_service(check.name)).items()
    for document in documents:
        if is_workload(document) and not plan.is_copy(document) and own <= pod_labels(document).items():
            return Selectable(document, plan.key_of(document.identity).namespace, pod_labels(document))
    return None


def _service(check: HttpCheck, documents: Iterable[Document], plan: ReleasePlan) -> Document | None:
    for document in documents:
        is_copy = document.identity.group_kind == (CORE, "Service") and plan.is_copy(document)
        if is_copy and plan.copy_of(document).document.identity.name == check.service:
            return document
    return None


def _ports(check: HttpCheck, service: Document, workload: Document) -> frozenset[object]:
    """Return number and name of the port of the pods that a check's request gets to."""
    ports = [item for item in get_list(service.data, ("spec", "ports")) if is_mapping(item)]
    port = next((item for item in ports if check.port in (None, item.get("port"))), {"port": check.port})
    target = port.get("targetPort", port.get("port"))
    same = {target}
    for _, container in containers_of(workload):
        for item in get_list(container, ("ports",)):
            number, name = get(item, ("containerPort",)), get_text(item, ("name",))
            if target in (number, name):
                same |= {number, name} - {""}
    return frozenset(same)


class _Network:
    """All policies together."""

    def __init__(self, policies: Sequence[Document], plan: ReleasePlan) -> None:
        self._policies = policies
        self._known = namespace_labels(plan.baseline)

    def closes(self, way: _Way) -> Document | None:
        """Return a policy that governs the way, where none of them opens it."""
        type_, _, _ = DIRECTIONS[way.at]
        index = SelectableIndex((way.governed,))
        governing = [
            policy
            for policy in self._policies
            if type_ in policy_types(policy) and any(index.selected_by(selection) for selection in selections(policy))
        ]
        if any(self._opens(policy, way) for policy in governing):
            return None
        return next(iter(governing), None)

    def _opens(self, policy: Document, way: _Way) -> bool:
        _, rules, peers = DIRECTIONS[way.at]
        for rule in get_list(policy.data, ("spec", rules)):
            ports, others = get_list(rule, ("ports",)), get_list(rule, (peers,))
            if ports and not any(_is_for(item, way.port) for item in ports):
                continue
            if not others or any(self._is_other(peer, policy, way) for peer in others):
                return True
        return False

    def _is_other(self, peer: object, policy: Document, way: _Way) -> bool:
        if not is_mapping(peer):
            return False
        if "ipBlock" in peer:
            return True
        selection = peer_selection({**peer, "podSelector": peer.get("podSelector") or {}}, policy)
        return bool(SelectableIndex((way.other,), self._known).selected_by(selection))


def _is_for(item: object, port: frozenset[object]) -> bool:
    """Tell whether an entry of `ports` in a policy's rule is about a port of TCP."""
    first, last = get(item, ("port",)), get(item, ("endPort",))
    if get(item, ("protocol",)) not in (None, "TCP"):
        return False
    if isinstance(first, int) and isinstance(last, int):
        return any(isinstance(number, int) and first <= number <= last for number in port)
    return first is None or first in port


def _kept_out(check: HttpCheck, workload: Document, way: _Way, policy: Document, plan: ReleasePlan) -> Diagnostic:
    path = (*check.path, "http")
    label = f"{plan.spec.marks.service}: {check_service(check.name)}"
    is_in = way.at == _INGRESS
    return at_spec(
        plan.spec,
        path,
        code="GC419",
        message=f"check `{check.name}` cannot get to the pods of `{workload.identity.ref}`: `{policy.identity.ref}` "
        + ("keeps out what no policy lets in" if is_in else "keeps its pods from calling what no policy lets them"),
        object=workload.identity.ref,
        notes=(Note(message="it is for these pods", span=policy.span(("spec", "podSelector"))),),
        help=f"in a NetworkPolicy of the baseline let pods labelled `{label}` "
        + ("in" if is_in else "call them, and the cluster's DNS"),
    )
