"""Which entries a patch of a service names."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import PatchTarget, ServiceSpec


def is_named(document: Document, target: PatchTarget) -> bool:
    """Tell whether a target means an object, by its baseline name."""
    return document.identity.kind == target.kind and target.name in (None, document.identity.name)


def entries_named(plan: ReleasePlan, service: ServiceSpec, target: PatchTarget) -> tuple[Entry, ...]:
    """Return the entries of a service that a target means, and that the lane has objects of its own for."""
    return tuple(entry for entry in _entries(plan).get(service.name, ()) if is_named(entry.document, target))


@lru_cache(maxsize=4)
def _entries(plan: ReleasePlan) -> Mapping[str, Sequence[Entry]]:
    """Return service → its entries that the lane has objects of its own for."""
    found: dict[str, list[Entry]] = {}
    for entry in plan.entries:
        if not GATEWAYS[entry.gateway].opens_baseline:
            for name in {entry.owner.name, *(path.service.name for path in entry.paths if path.service)}:
                found.setdefault(name, []).append(entry)
    return found
