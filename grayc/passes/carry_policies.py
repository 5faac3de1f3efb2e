"""Put gray pods under the rules that their baseline pods are under: no more and no less."""

from collections.abc import Iterator, Sequence

from grayc.analysis.crossings import Pairs
from grayc.analysis.graph import is_workload, pod_labels
from grayc.analysis.policies import DIRECTIONS, NETWORK_POLICY, peer_selection
from grayc.analysis.selections import Selection, all_selections
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_map, is_mapping, matches, put
from grayc.k8s.kinds import CLUSTER_SCOPED
from grayc.k8s.selectors import GOVERNS, SelectorStyle, with_suffix
from grayc.k8s.server_fields import is_owner_annotation, without_owner_labels
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.records import replace


class _LanePairs(Pairs):
    """The pairs of a lane, which know the service of each gray copy."""

    def __init__(self, lane: Lane, plan: ReleasePlan) -> None:
        super().__init__(lane.copied, plan)
        self._services = {gray.document.place: gray.copy.service.name for gray in lane.copies}

    def service_of(self, copy: Document) -> str:
        """Return the service that a gray copy of these pairs is for."""
        return self._services[copy.place]


def carry_policies(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane and, after all else, the rules that the lane needs of its own.

    A rule or monitor of the baseline whose selector no longer finds gray pods gets a gray twin for them:
    NetworkPolicies, Istio's policies, monitors and the others of `k8s.selectors` that govern. A NetworkPolicy whose
    peers are pods that have gray copies gets a second one for the same pods, with the gray copies as peers. Rules add
    up, so none of the baseline changes.

    Diagnostics:
        GC446: a rule of the baseline governs or admits gray pods but not the pods that they are copies of.
    Source: networking.k8s.io/v1: a pod that any policy selects may do what any of them allows, and nothing else.
    istio/api: all policies that select a pod count together; of PeerAuthentications, Sidecars and ProxyConfigs one
    should select it, which a twin for other pods leaves so.
    """
    pairs = _LanePairs(lane, plan)
    made: list[Document] = []
    gained: list[Diagnostic] = []
    taken = {plan.key_of(item.identity) for item in (*plan.baseline, *lane.documents)}
    for selection in all_selections(plan.baseline):
        if selection.use not in GOVERNS:
            continue
        rule = selection.document
        gained += _gains(selection, pairs, plan)
        carried = list(_twin(selection, pairs, plan)) if selection.field.carried else []
        if rule.identity.group_kind == NETWORK_POLICY:
            carried += _for_gray_peers(rule, pairs, plan)
        for document in carried:
            named = _with_free_name(document, plan, taken)
            taken.add(plan.key_of(named.identity))
            made.append(named)
    return Checked(value=lane.adding(made), diagnostics=tuple(gained))


def _with_free_name(document: Document, plan: ReleasePlan, taken: set[ObjectKey]) -> Document:
    """Return a document under the first name that no other object has: two rules may ask for the same one."""
    suffix = plan.spec.suffix
    stem, number = document.identity.name.removesuffix(suffix), 1
    while plan.key_of(document.identity) in taken:
        number += 1
        document = replace(document, data=put(document.data, ("metadata", "name"), f"{stem}-{number}{suffix}"))
    return document


def _gains(selection: Selection, pairs: _LanePairs, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what no further rule can take back: a selector that finds gray pods only because they are gray."""
    rule = selection.document
    places: list[tuple[Path, Selection]] = [(selection.path, selection)]
    if rule.identity.group_kind == NETWORK_POLICY:
        for _, rules, peers in DIRECTIONS:
            for path, peer in matches(rule.data, ("spec", rules, "[*]", peers, "[*]")):
                if is_mapping(peer):
                    places.append(((*path, "podSelector"), peer_selection(peer, rule)))
    for path, looking in places:
        found = pairs.gained(looking)
        if found:
            yield at_object(
                rule,
                path,
                code="GC446",
                message=f"`{rule.identity.ref}` would find gray pods of service "
                f"`{pairs.service_of(found[0])}`, but does not find the pods that they are copies of",
                help="say in the policy which pods are meant, not which are left out; or accept the finding",
            )


def _twin(selection: Selection, pairs: _LanePairs, plan: ReleasePlan) -> Iterator[Document]:
    """Yield the rule for gray pods that the baseline's own does not find."""
    rule, field = selection.document, selection.field
    lost = pairs.lost(selection)
    if not lost:
        return
    data = rule.data
    if rule.identity.group_kind == NETWORK_POLICY:
        for _, rules, peers in DIRECTIONS:
            if rules in get_map(data, ("spec",)):
                own = get_list(data, ("spec", rules))
                data = put(data, ("spec", rules), [_with_gray_peers(each, peers, rule, pairs, plan) for each in own])
    for at, each in enumerate(_gray_selectors(selection, lost, pairs, plan)):
        part = "" if at == 0 else f"-{at + 1}"
        spec = get_map(put(data, field.path, each), ("spec",))
        yield _rule(rule, f"{part}{plan.spec.suffix}", spec, pairs.service_of(lost[0]), plan)


def _for_gray_peers(policy: Document, pairs: _LanePairs, plan: ReleasePlan) -> Iterator[Document]:
    """Yield the policy that lets gray pods through to the pods that the baseline's policy selects."""
    spec: dict[str, object] = {"podSelector": get_map(policy.data, ("spec", "podSelector"))}
    types: list[object] = []
    services: list[str] = []
    for kind, rules, peers in DIRECTIONS:
        extra: list[object] = []
        for rule in get_list(policy.data, ("spec", rules)):
            found = [
                pair
                for peer in get_list(rule, (peers,))
                if is_mapping(peer)
                for pair in _gray_peers(peer, policy, pairs, plan)
            ]
            if found and is_mapping(rule):
                extra.append({**rule, peers: [peer for peer, _ in found]})
                services += [service for _, service in found]
        if extra:
            types.append(kind)
            spec[rules] = extra
    if types:
        spec["policyTypes"] = types
        yield _rule(policy, f"-peers{plan.spec.suffix}", spec, services[0], plan)


def _with_gray_peers(rule: object, peers: str, policy: Document, pairs: _LanePairs, plan: ReleasePlan) -> object:
    if not is_mapping(rule) or not get_list(rule, (peers,)):
        return rule
    gray = [
        peer
        for each in get_list(rule, (peers,))
        if is_mapping(each)
        for peer, _ in _gray_peers(each, policy, pairs, plan)
    ]
    return {**rule, peers: [*get_list(rule, (peers,)), *gray]}


def _gray_peers(
    peer: dict[str, object], policy: Document, pairs: _LanePairs, plan: ReleasePlan
) -> list[tuple[dict[str, object], str]]:
    """Return the gray copies of a peer that the peer itself does not find, each with the service it is for."""
    selector = get(peer, ("podSelector",))
    if not is_mapping(selector):
        return []
    # A peer of other namespaces may be in any of them; a gray pod stands where its baseline pod does.
    looking = peer_selection(peer, policy)
    lost = pairs.lost(looking)
    if not lost:
        return []
    service = pairs.service_of(lost[0])
    return [({**peer, "podSelector": each}, service) for each in _gray_selectors(looking, lost, pairs, plan)]


def _gray_selectors(
    selection: Selection, lost: Sequence[Document], pairs: _LanePairs, plan: ReleasePlan
) -> list[dict[str, object]]:
    """Return selectors that find exactly these gray pods or Services, and each of them once.

    One is made of the baseline's, with the gray values of its labels. What it misses is named by its service, or by all
    its labels where the service has others too.
    """
    style = selection.field.style
    wanted = {item.place: item for item in lost}
    own = selection.value if is_mapping(selection.value) else {}
    marks = plan.spec.marks
    tagged = {marks.tag: plan.spec.tag}
    gray = with_suffix(own, style, plan.relabelled, plan.spec.suffix)
    if style is SelectorStyle.LABEL_SELECTOR:
        candidates = [put(gray, ("matchLabels",), {**get_map(gray, ("matchLabels",)), **tagged})]
    else:
        candidates = [{**gray, **tagged}]
    by_labels: list[dict[str, object]] = [
        {**tagged, marks.service: service} for service in dict.fromkeys(pairs.service_of(item) for item in lost)
    ]
    by_labels += [_labels(item) for item in lost]
    for labels in by_labels:
        candidates.append({"matchLabels": labels} if style is SelectorStyle.LABEL_SELECTOR else labels)
    chosen: list[dict[str, object]] = []
    left = set(wanted)
    for candidate in candidates:
        found = {item.document.place for item in pairs.gray(replace(selection, value=candidate))}
        if found and found <= left:
            chosen.append(candidate)
            left -= found
    return chosen


def _labels(copy: Document) -> dict[str, object]:
    """Return the labels that selectors find a copy by: its pods', or its own where it is a Service."""
    return pod_labels(copy) if is_workload(copy) else get_map(copy.data, ("metadata", "labels"))


def _rule(base: Document, suffix: str, spec: dict[str, object], service: str, plan: ReleasePlan) -> Document:
    metadata = get_map(base.data, ("metadata",))
    kept = {key: metadata[key] for key in ("namespace",) if key in metadata}
    # Some say how the rule counts: `istio.io/dry-run` of an AuthorizationPolicy.
    annotations = {
        key: value for key, value in get_map(metadata, ("annotations",)).items() if not is_owner_annotation(key)
    }
    is_namespaced = base.identity.group_kind not in CLUSTER_SCOPED
    if plan.spec.set_namespace and plan.spec.namespace and is_namespaced and "namespace" not in kept:
        kept["namespace"] = plan.spec.namespace
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": {
                "name": f"{base.identity.name}{suffix}",
                **kept,
                "labels": {
                    **without_owner_labels(get_map(metadata, ("labels",))),
                    **plan.spec.labels(service),
                },
                **({"annotations": annotations} if annotations else {}),
            },
            "spec": spec,
        },
    )
