"""Let gray pods reach, and be reached by, what their baseline pods may: no more and no less."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, is_mapping, matches, put, show_path
from grayc.k8s.kinds import NETWORKING
from grayc.k8s.lane_labels import SERVICE_NAME, VERSION, gray_suffix, lane_labels
from grayc.k8s.selectors import SelectorStyle, matches_label_selector, with_suffix
from grayc.plan.graph import is_workload, pod_labels
from grayc.plan.model import ReleasePlan, group_kind_of

_DIRECTIONS = (("Ingress", "ingress", "from"), ("Egress", "egress", "to"))
"""Policy type, its field, the field of its peers. Source: networking.k8s.io/v1 NetworkPolicySpec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pods:
    """The pods of one gray workload, and those of its baseline."""

    namespace: str
    service: str
    baseline: dict[str, object]
    gray: dict[str, object]


def carry_policies(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the documents and, after them, the NetworkPolicies that the lane needs.

    A policy of the baseline whose selector no longer finds gray pods gets a gray twin for them. One whose peers are
    pods that have gray copies gets a second one for the same pods, with the gray copies as peers. Policies add up, so
    no policy of the baseline changes.

    Diagnostics:
        GC446: a policy of the baseline governs or admits gray pods but not the pods that they are copies of.
    Source: networking.k8s.io/v1: a pod that any policy selects may do what any of them allows, and nothing else.
    """
    pods = [
        _Pods(
            namespace=plan.key_of(document.identity).namespace,
            service=plan.copy_of(document).service.name,
            baseline=pod_labels(plan.copy_of(document).document),
            gray=pod_labels(document),
        )
        for document in documents
        if is_workload(document)
    ]
    policies = [item for item in plan.baseline if group_kind_of(item.identity) == (NETWORKING, "NetworkPolicy")]
    made = [copy for policy in policies for make in (_twin, _for_gray_peers) for copy in make(policy, pods, plan)]
    gained = tuple(finding for policy in policies for finding in _gains(policy, pods, plan))
    return Checked(value=(*documents, *made), diagnostics=gained)


def _gains(policy: Document, pods: list[_Pods], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what no further policy can take back: a selector that finds gray pods only because they are gray."""
    namespace = plan.key_of(policy.identity).namespace
    places: list[tuple[Path, bool]] = [(("spec", "podSelector"), False)]
    for _, rules, peers in _DIRECTIONS:
        for path, peer in matches(policy.data, ("spec", rules, "[*]", peers, "[*]")):
            places.append(((*path, "podSelector"), is_mapping(peer) and "namespaceSelector" in peer))
    for path, is_anywhere in places:
        selector = get(policy.data, path)
        gained = [
            item
            for item in pods
            if is_mapping(selector)
            and (is_anywhere or item.namespace == namespace)
            and matches_label_selector(selector, item.gray)
            and not matches_label_selector(selector, item.baseline)
        ]
        if gained:
            yield Diagnostic(
                code="GC446",
                message=f"`{policy.identity.ref}` would find gray pods of service `{gained[0].service}`, but does not "
                "find the pods that they are copies of",
                span=policy.span(path),
                field=show_path(path),
                object=policy.identity.ref,
                help="say in the policy which pods are meant, not which are left out; or accept the finding",
            )


def _twin(policy: Document, pods: list[_Pods], plan: ReleasePlan) -> Iterator[Document]:
    """Yield the policy for gray pods that the baseline's own does not find."""
    selector = get_map(policy.data, ("spec", "podSelector"))
    namespace = plan.key_of(policy.identity).namespace
    lost = [item for item in pods if item.namespace == namespace and _loses(selector, item)]
    if not lost:
        return
    spec = dict(get_map(policy.data, ("spec",)))
    for _, rules, peers in _DIRECTIONS:
        if rules in spec:
            spec[rules] = [_with_gray_peers(rule, peers, namespace, pods, plan) for rule in get_list(spec, (rules,))]
    for at, each in enumerate(_gray_selectors(selector, lost, plan)):
        part = "" if at == 0 else f"-{at + 1}"
        yield _policy(
            policy, f"{part}{gray_suffix(plan.spec.tag)}", {**spec, "podSelector": each}, lost[0].service, plan
        )


def _for_gray_peers(policy: Document, pods: list[_Pods], plan: ReleasePlan) -> Iterator[Document]:
    """Yield the policy that lets gray pods through to the pods that the baseline's policy selects."""
    namespace = plan.key_of(policy.identity).namespace
    spec: dict[str, object] = {"podSelector": get_map(policy.data, ("spec", "podSelector"))}
    types: list[object] = []
    services: list[str] = []
    for kind, rules, peers in _DIRECTIONS:
        extra: list[object] = []
        for rule in get_list(policy.data, ("spec", rules)):
            found = [
                pair
                for peer in get_list(rule, (peers,))
                if is_mapping(peer)
                for pair in _gray_peers(peer, namespace, pods, plan)
            ]
            if found and is_mapping(rule):
                extra.append({**rule, peers: [peer for peer, _ in found]})
                services += [service for _, service in found]
        if extra:
            types.append(kind)
            spec[rules] = extra
    if types:
        spec["policyTypes"] = types
        yield _policy(policy, f"-peers{gray_suffix(plan.spec.tag)}", spec, services[0], plan)


def _loses(selector: dict[str, object], pods: _Pods) -> bool:
    """Tell whether a selector finds the baseline's pods and not the gray ones."""
    return matches_label_selector(selector, pods.baseline) and not matches_label_selector(selector, pods.gray)


def _with_gray_peers(rule: object, peers: str, namespace: str, pods: list[_Pods], plan: ReleasePlan) -> object:
    if not is_mapping(rule) or not get_list(rule, (peers,)):
        return rule
    gray = [
        peer
        for each in get_list(rule, (peers,))
        if is_mapping(each)
        for peer, _ in _gray_peers(each, namespace, pods, plan)
    ]
    return {**rule, peers: [*get_list(rule, (peers,)), *gray]}


def _gray_peers(
    peer: dict[str, object], namespace: str, pods: list[_Pods], plan: ReleasePlan
) -> list[tuple[dict[str, object], str]]:
    """Return the gray copies of a peer that the peer itself does not find, each with the service it is for."""
    selector = get(peer, ("podSelector",))
    if not is_mapping(selector):
        return []
    # A peer of other namespaces may be in any of them; a gray pod stands where its baseline pod does.
    lost = [
        item for item in pods if ("namespaceSelector" in peer or item.namespace == namespace) and _loses(selector, item)
    ]
    return (
        [({**peer, "podSelector": each}, lost[0].service) for each in _gray_selectors(selector, lost, plan)]
        if lost
        else []
    )


def _gray_selectors(selector: dict[str, object], lost: list[_Pods], plan: ReleasePlan) -> list[dict[str, object]]:
    """Return selectors that find exactly these gray pods.

    One is made of the baseline's, with the gray values of its labels; pods that it misses are named by their service.
    """
    gray = with_suffix(selector, SelectorStyle.LABEL_SELECTOR, plan.relabelled, gray_suffix(plan.spec.tag))
    gray = put(gray, ("matchLabels",), {**get_map(gray, ("matchLabels",)), VERSION: plan.spec.tag})
    found = [gray] if any(matches_label_selector(gray, item.gray) for item in lost) else []
    missed = dict.fromkeys(item.service for item in lost if not matches_label_selector(gray, item.gray))
    return found + [{"matchLabels": {VERSION: plan.spec.tag, SERVICE_NAME: service}} for service in missed]


def _policy(base: Document, suffix: str, spec: dict[str, object], service: str, plan: ReleasePlan) -> Document:
    metadata = get_map(base.data, ("metadata",))
    kept = {key: metadata[key] for key in ("namespace",) if key in metadata}
    if plan.spec.set_namespace and plan.spec.namespace and "namespace" not in kept:
        kept["namespace"] = plan.spec.namespace
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": {
                "name": f"{base.identity.name}{suffix}",
                **kept,
                "labels": {**get_map(metadata, ("labels",)), **lane_labels(plan.spec.tag, service)},
            },
            "spec": spec,
        },
    )
