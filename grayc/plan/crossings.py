"""Selectors of one side that match pods of the other, and the label that keeps a prepared baseline apart."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from grayc.documents import Document, ObjectIdentity, Path
from grayc.documents.tree import get, get_map
from grayc.k8s.lane_labels import ORIGINAL, VERSION
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle, SelectorUse, selects
from grayc.plan.graph import LabelIndex, pod_labels
from grayc.plan.model import ObjectKey, group_kind_of


@dataclass(frozen=True, slots=True)
class Crossing:
    """A selector of one side that matches pods of the other."""

    selector: Document
    workload: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the isolation check looked at.

    Attributes:
        selectors: of the baseline and the lane that take, count or send requests to pods.
        templates: pod templates of both.
    """

    selectors: int
    templates: int


def crossings(
    selecting: Iterable[Document], workloads: Iterable[Document], key_of: Callable[[ObjectIdentity], ObjectKey]
) -> Iterator[Crossing]:
    """Yield every selector of `selecting` that matches pods of `workloads` in its namespace.

    A NetworkPolicy that governs pods of the other side takes nothing from anyone and is no crossing.
    """
    index = LabelIndex(workloads)
    for document in selecting:
        field = POD_SELECTORS.get(group_kind_of(document.identity))
        if field is None or field.use is SelectorUse.POLICY:
            continue
        selector = get(document.data, field.path)
        plain = get_map(document.data, field.path)
        labels = plain if field.style is SelectorStyle.MAP else get_map(plain, ("matchLabels",))
        namespace = key_of(document.identity).namespace
        for workload in index.candidates(labels):
            if key_of(workload.identity).namespace == namespace and selects(field, selector, pod_labels(workload)):
                yield Crossing(document, workload)


def lacking_labels(workload: Document) -> list[Path]:
    """Return the label maps of a baseline workload that lack `zadigx-release-version: original`."""
    row = WORKLOADS[group_kind_of(workload.identity)]
    maps: list[Path] = [(*row.selector, "matchLabels")] if row.selector else []
    maps.append((*row.template, "metadata", "labels"))
    return [path for path in maps if get_map(workload.data, path).get(VERSION) != ORIGINAL]
