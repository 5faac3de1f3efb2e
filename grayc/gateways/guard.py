"""The guard: which routes drop the lane's header, and how a list in an annotation names it."""

from collections.abc import Iterator

from grayc.analysis.routes import is_canary, servers_of
from grayc.analysis.traffic import asks_of
from grayc.documents import Document
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.canaries import annotations_of
from grayc.k8s.abilities import Fit
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import ReleasePlan
from grayc.spec.model import Part, TaggedRule


def names(value: object) -> list[str]:
    """Return the header names of such a list, on one line or several."""
    lines = value.splitlines() if isinstance(value, str) else []
    return [name.strip() for line in lines for name in line.split(",") if name.strip()]


def drops(value: object, header: str) -> bool:
    """Tell whether the list names a header."""
    return header.lower() in (name.lower() for name in names(value))


def without(value: object, header: str) -> str:
    """Return the list without a header."""
    return ",".join(name for name in names(value) if name.lower() != header.lower())


def wants_guard(plan: ReleasePlan) -> bool:
    """Tell whether the baseline's routes are to drop the lane's header.

    Not where a rule asks clients to send it, where nobody reads it, or where others write to it. Who sends it as
    `tagged` asks for meets the lane's route and not the baseline's: there it is dropped all the same, with the tags of
    other lanes.
    """
    carrier = plan.spec.lane.carrier
    is_possible = GATEWAYS[plan.gateway].guard.fit is not Fit.REFUSED
    ruled = any(
        ask.place == (Part.HEADER, carrier.name)
        for rule in plan.rules
        if not (is_possible and isinstance(rule, TaggedRule))
        for ask in asks_of(rule)
    )
    return _is_asked(plan) and not ruled and not carrier.is_shared


def is_open_member(plan: ReleasePlan) -> bool:
    """Tell whether the guard is wanted, and the carrier is a member of a list, which no gateway drops alone."""
    return _is_asked(plan) and plan.spec.lane.carrier.is_shared


def _is_asked(plan: ReleasePlan) -> bool:
    is_read = PROVIDERS[plan.spec.lane.provider].needs_header
    return plan.spec.traffic is not None and plan.spec.traffic.guard and is_read


def routes_to_guard(plan: ReleasePlan) -> Iterator[Document]:
    """Yield the baseline's routes through the gateways that the release opens, those it does not open too.

    A stranger's header that comes in by any of them leads into the lane at the first released service.
    """
    servers = frozenset(server for entry in plan.entries for server in servers_of(entry.document, plan.baseline))
    for document in plan.baseline:
        if (
            document.identity.group_kind in GATEWAYS[plan.gateway].entry_kinds
            and not is_canary(document)
            and servers & servers_of(document, plan.baseline)
        ):
            yield document


def guard_by_annotation(plan: ReleasePlan, annotation: str) -> Iterator[BaselineChange]:
    """Yield what makes the Ingresses of the baseline drop the lane's header."""
    header = plan.spec.lane.carrier.header
    for document in routes_to_guard(plan):
        own = annotations_of(document).get(annotation)
        if not drops(own, header):
            yield BaselineChange(
                document=document,
                fields={"metadata": {"annotations": {annotation: ",".join((*names(own), header))}}},
                why=f"drops `{header}` when it comes from outside",
            )
