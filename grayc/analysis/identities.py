"""What the copies do not keep of their baseline objects: marks of owners, and names that production has alone."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from grayc.analysis.graph import is_workload
from grayc.analysis.label_mentions import selectors_anywhere
from grayc.analysis.selections import all_selections
from grayc.documents import Document, Path
from grayc.documents.tree import get_map
from grayc.k8s.identities import Identity, Place, identities_in, owner_of_mark
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import asked_labels
from grayc.k8s.server_fields import TRACKING_LABEL, is_owner_annotation, is_owner_label
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """An identity of an object.

    Attributes:
        path: the annotation.
    """

    path: Path
    value: str
    row: Identity


def identities_of(document: Document) -> Iterator[Found]:
    """Yield the identities that stand in annotations of an object and of its pods."""
    kind = document.identity.group_kind
    places: list[tuple[Place, Path]] = [(Place.OBJECT, ("metadata", "annotations"))]
    if is_workload(document) and WORKLOADS[kind].template:
        places.append((Place.PODS, (*WORKLOADS[kind].template, "metadata", "annotations")))
    for place, path in places:
        for key, value, row in identities_in(get_map(document.data, path), place, kind):
            yield Found((*path, key), value, row)


def gray_identity(found: Found, suffix: str) -> str:
    """Return the name by which a copy is known instead; of several, each with the lane's suffix.

    Where that would be too long it is the baseline's, which the check of identities tells.
    """
    names = [f"{name.strip()}{suffix}" for name in found.value.split(",")]
    longest = found.row.longest
    return ",".join(names) if not longest or max(map(len, names)) <= longest else found.value


@lru_cache(maxsize=2)
def tracking_labels_asked(plan: ReleasePlan) -> frozenset[str]:
    """Return the values of `TRACKING_LABEL` that selectors of the baseline look for on objects that are no pods."""
    return _asked_in(plan.baseline)


# To look a baseline up is to go through it: of each plan that is done once, and not for each copy.
@lru_cache(maxsize=2)
def _asked_in(baseline: tuple[Document, ...]) -> frozenset[str]:
    found: set[str] = set()
    for selection in all_selections(baseline):
        if selection.of_services:
            found.update(asked_labels(selection.field.style, selection.value).get(TRACKING_LABEL, ()))
    for document in baseline:
        for mention in selectors_anywhere(document):
            found.update(mention.asked.get(TRACKING_LABEL, ()))
    return frozenset(found)


def is_tracked_on(document: Document, plan: ReleasePlan) -> bool:
    """Tell whether a copy keeps `TRACKING_LABEL`, as a selector of the baseline would miss it."""
    return get_map(document.data, ("metadata", "labels")).get(TRACKING_LABEL) in tracking_labels_asked(plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOff:
    """A row of the plan: a mark of another owner that the copies do not bear.

    Attributes:
        mark: the annotation or label.
        owner: who puts it there, and takes what bears it for its own.
        objects: copies without it, as the plan names their baseline objects.
    """

    mark: str
    owner: str
    objects: tuple[str, ...]


def left_off(plan: ReleasePlan) -> tuple[LeftOff, ...]:
    """Return the marks of other owners that the copies leave off, in the order in which they are met."""
    objects: dict[str, list[str]] = {}
    for copy in plan.copies:
        for mark in _marks(copy.document, plan):
            objects.setdefault(mark, []).append(copy.document.identity.ref)
    return tuple(LeftOff(mark=mark, owner=owner_of_mark(mark), objects=tuple(refs)) for mark, refs in objects.items())


def _marks(document: Document, plan: ReleasePlan) -> Iterator[str]:
    labels: Mapping[str, object] = get_map(document.data, ("metadata", "labels"))
    for key, value in labels.items():
        if is_owner_label(key, value) or (key == TRACKING_LABEL and not is_tracked_on(document, plan)):
            yield key
    for key in get_map(document.data, ("metadata", "annotations")):
        if is_owner_annotation(key) and owner_of_mark(key):
            yield key
