"""Give gray objects the annotations of what applies them, so that the entry opens last and closes first."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import drop, get_map, get_text, merge_map, put
from grayc.k8s.gitops import (
    ARGOCD_DROPPED,
    ARGOCD_PRUNE_LAST,
    ARGOCD_PRUNE_OPTIONS,
    ARGOCD_SYNC_OPTIONS,
    ARGOCD_WAVE,
    DISABLED,
    FLUX_DROPPED,
    FLUX_SUBSTITUTE,
    WAVE_OF_CHECKS,
    WAVE_OF_NAMED,
    WAVES,
)
from grayc.k8s.kinds import CONFIG_KINDS, Rank, kind_row
from grayc.k8s.pod_templates import WORKLOADS
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.spec.model import Gitops

_ANNOTATIONS = ("metadata", "annotations")
_NEEDED = (Rank.SERVICE, Rank.OTHER)
_BY_LABEL = ("affinity", "topologySpreadConstraints")
_NAME_SIGN = re.compile(r"[A-Za-z0-9-]")


def annotate_gitops(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Set what `spec.output.gitops` asks for. Running it twice changes nothing more.

    For Argo CD every object gets a sync wave: configuration, workloads, Services, then the entry; what gray pods name
    comes with the pods, or they could not start. What checks the lane runs before the entry opens. All but the entry
    is pruned last. For Flux, text with `${`
    that the release brings into an object is kept from substitution. In both, marks of the baseline by which a copy
    would outlive the lane go.
    Source: the tables of `k8s.gitops`.
    """
    match plan.spec.output.gitops:
        case Gitops.NONE:
            return Checked(value=lane)
        case Gitops.ARGOCD:
            named = _named_by_pods(lane.documents)
            waves = {
                rank: wave + int(bool(plan.spec.verifications) and wave >= WAVE_OF_CHECKS)
                for rank, wave in WAVES.items()
            }
            return Checked(value=lane.mapped(lambda document: _for_argocd(document, named, waves)))
        case Gitops.FLUX:
            # What a pass adds for an object of the baseline keeps its place, and may keep its text: an entry does.
            before = {document.place: document.data for document in plan.baseline}
            return Checked(value=lane.mapped(lambda document: _for_flux(document, before.get(document.place, {}))))
        case unknown:
            assert_never(unknown)


def _for_argocd(document: Document, named: frozenset[str], waves: Mapping[Rank, int]) -> Document:
    rank = _rank(document)
    given = map(str.strip, get_text(document.data, (*_ANNOTATIONS, ARGOCD_SYNC_OPTIONS)).split(","))
    options = [option for option in given if option and option not in ARGOCD_PRUNE_OPTIONS]
    if rank is not Rank.ENTRY:
        options.append(ARGOCD_PRUNE_LAST)
    is_named = rank in _NEEDED and document.identity.name in named
    wanted = {ARGOCD_WAVE: str(WAVE_OF_NAMED if is_named else waves[rank])}
    if options:
        wanted[ARGOCD_SYNC_OPTIONS] = ",".join(options)
    data = _without(document.data, (*ARGOCD_DROPPED, ARGOCD_SYNC_OPTIONS))
    return replace(document, data=merge_map(data, _ANNOTATIONS, wanted))


def _named_by_pods(documents: tuple[Document, ...]) -> frozenset[str]:
    """Return the names of Services and other objects that stand in gray pods or in the configuration they may read."""
    text = "\n".join(json.dumps(part) for document in documents for part in _read_by_pods(document))
    names = {document.identity.name for document in documents if _rank(document) in _NEEDED}
    return frozenset(name for name in names if _stands_in(name, text))


def _read_by_pods(document: Document) -> Iterator[object]:
    """Yield what a pod can take a name from; labels are none of it, though their values may look alike."""
    group_kind = document.identity.group_kind
    workload = WORKLOADS.get(group_kind)
    if group_kind in CONFIG_KINDS:
        yield drop(document.data, ("metadata",))
    elif workload is not None:
        spec = get_map(document.data, (*workload.template, "spec"))
        yield {key: value for key, value in spec.items() if key not in _BY_LABEL}
        # What puts something beside the containers reads its orders there.
        yield dict(get_map(document.data, (*workload.template, *_ANNOTATIONS)))
        yield {"serviceName": get_text(document.data, ("spec", "serviceName"))}


def _stands_in(name: str, text: str) -> bool:
    """Tell whether a name stands in a text as a whole, not as a part of a longer one, and not as something's own name.

    A container is called like its Service often enough, and does not look for it by that.
    """
    own = '"name": "'
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        whole = not _NAME_SIGN.match(text[at - 1 : at]) and not _NAME_SIGN.match(text[end : end + 1])
        if whole and not text.startswith(f'{own}{name}"', at - len(own)):
            return True
        at = text.find(name, end)
    return False


def _for_flux(document: Document, before: Mapping[str, object]) -> Document:
    data = _without(document.data, FLUX_DROPPED)
    labels = get_map(data, ("metadata", "labels"))
    if any(name in labels for name in FLUX_DROPPED):
        data = put(data, ("metadata", "labels"), {key: labels[key] for key in labels if key not in FLUX_DROPPED})
    text, own = json.dumps(data), json.dumps(before)
    is_disabled = get_text(before, (*_ANNOTATIONS, FLUX_SUBSTITUTE)) == DISABLED
    if "${" in text and (is_disabled or "${" not in own):
        data = merge_map(data, _ANNOTATIONS, {FLUX_SUBSTITUTE: DISABLED})
    return document if data is document.data else replace(document, data=data)


def _without(data: dict[str, object], names: Iterable[str]) -> dict[str, object]:
    annotations: Mapping[str, object] = get_map(data, _ANNOTATIONS)
    kept = {key: value for key, value in annotations.items() if key not in names}
    if len(kept) == len(annotations):
        return data
    return put(data, _ANNOTATIONS, kept) if kept else drop(data, _ANNOTATIONS)


def _rank(document: Document) -> Rank:
    return kind_row(document.identity.group_kind).rank
