"""Which entries a patch of a service names."""

from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import PatchTarget, ServiceSpec


def is_named(document: Document, target: PatchTarget) -> bool:
    """Tell whether a target means an object, by its baseline name."""
    return document.identity.kind == target.kind and target.name in (None, document.identity.name)


def entries_named(plan: ReleasePlan, service: ServiceSpec, target: PatchTarget) -> tuple[Entry, ...]:
    """Return the entries of a service that a target means, and that the lane has objects of its own for."""
    return tuple(
        entry
        for entry in plan.entries
        if not GATEWAYS[entry.gateway].opens_baseline
        and is_named(entry.document, target)
        and service.name in {entry.owner.name, *(path.service.name for path in entry.paths if path.service)}
    )
