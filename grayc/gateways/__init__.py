"""One module per gateway: the plan's rules and entries → that gateway's objects.

Leaves to others: what rules mean (`plan.traffic`), and reading such objects back (`routing`).
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Protocol, cast

from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import show_path
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import routes_to_guard
from grayc.plan.model import ReleasePlan
from grayc.plan.traffic import Ability, Feature, Fit, features_of
from grayc.spec.model import GatewayName, HeaderRule

__all__ = ["GATEWAYS", "BaselineChange", "Gateway", "asked_in_order", "baseline_changes", "gateway_of", "lower"]

_MOST_NOTES = 10


class Gateway(Protocol):
    """The shape of every gateway's module.

    Attributes:
        ABILITIES: a row for every feature.
        GUARD: whether the baseline's routes can drop the lane's header.
    """

    NAME: GatewayName
    ABILITIES: Mapping[Feature, Ability]
    GUARD: Ability

    def lower(self, plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
        """Return the lane's objects that open the plan's entries."""
        ...

    def guard(self, plan: ReleasePlan) -> tuple[BaselineChange, ...]:
        """Return what makes the baseline's own routes drop the lane's header."""
        ...


class _Istio(Protocol):
    """What Istio has besides: its entries are opened in the baseline's own objects."""

    def changes(self, plan: ReleasePlan, *, guarded: bool) -> tuple[BaselineChange, ...]: ...


class _ByAge(Protocol):
    """What MSE and Higress have besides: they ask the oldest canary first."""

    def asked_in_order(self, plan: ReleasePlan) -> Iterator[tuple[str, str]]: ...


GATEWAYS: Mapping[GatewayName, str] = {
    GatewayName.MSE: "mse",
    GatewayName.HIGRESS: "higress",
    GatewayName.INGRESS_NGINX: "ingress_nginx",
    GatewayName.TRAEFIK: "traefik",
    GatewayName.GATEWAY_API: "gateway_api",
    GatewayName.ISTIO: "istio",
}
"""Gateway → its module here; imported when a release names it."""


def gateway_of(name: GatewayName) -> Gateway:
    """Return a gateway's module."""
    return cast(Gateway, import_module(f"{__name__}.{GATEWAYS[name]}"))


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the objects that open the plan's entries on the gateway that the spec names.

    Diagnostics:
        GC501: the gateway can not do what a rule asks.
        GC504: the guard is left to the user.
        GC508: the gateway does less than a rule asks.
        More as the gateway's own module says.
    """
    gateway = gateway_of(plan.gateway)
    diagnostics = list(_fit(plan, gateway))
    # What is refused is no better for being done by halves, so nothing else is said of it.
    refused = tuple(diagnostic for diagnostic in diagnostics if diagnostic.code == "GC501")
    if refused:
        return Checked(value=None, diagnostics=refused)
    lowered = gateway.lower(plan)
    return Checked(value=lowered.value, diagnostics=(*diagnostics, *lowered.diagnostics, *_guard(plan, gateway)))


def baseline_changes(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what the release wants of the baseline's own objects."""
    if not plan.entries:
        return ()
    if plan.gateway is GatewayName.ISTIO:
        return cast(_Istio, gateway_of(plan.gateway)).changes(plan, guarded=_wants_guard(plan))
    return gateway_of(plan.gateway).guard(plan) if _wants_guard(plan) else ()


def asked_in_order(plan: ReleasePlan) -> tuple[tuple[str, str], ...]:
    """Return the names of two canaries each of which the first must not be the younger one."""
    if not plan.entries or plan.gateway not in (GatewayName.MSE, GatewayName.HIGRESS):
        return ()
    return tuple(cast(_ByAge, gateway_of(plan.gateway)).asked_in_order(plan))


def _fit(plan: ReleasePlan, gateway: Gateway) -> Iterator[Diagnostic]:
    for feature, path in features_of(plan):
        ability = gateway.ABILITIES[feature]
        if ability.fit is Fit.EXACT:
            continue
        refused = ability.fit is Fit.REFUSED
        yield Diagnostic(
            code="GC501" if refused else "GC508",
            message=f"gateway `{gateway.NAME}` {'can not do' if refused else 'does less than'} this "
            f"({feature.value}): {ability.how}",
            span=plan.spec.span(path),
            field=show_path(path if isinstance(path[-1], int) else ("spec", "traffic", "gateway")),
            help=ability.help.format(header=plan.spec.lane.header, tag=plan.spec.tag),
        )


def _wants_guard(plan: ReleasePlan) -> bool:
    """Tell whether the baseline's routes are to drop the lane's header: not where a rule asks clients to send it."""
    header, traffic = plan.spec.lane.header.lower(), plan.spec.traffic
    ruled = any(isinstance(rule, HeaderRule) and rule.name.lower() == header for rule in plan.rules)
    return traffic is not None and traffic.guard and not ruled


def _guard(plan: ReleasePlan, gateway: Gateway) -> Iterator[Diagnostic]:
    """Tell which routes of the baseline let the lane's header in: only they themselves can drop it."""
    if not plan.entries or not _wants_guard(plan):
        return
    possible = gateway.GUARD.fit is not Fit.REFUSED
    changes = gateway.guard(plan)
    open_to_all = [change.document for change in changes] if possible else list(routes_to_guard(plan))
    if not open_to_all:
        return
    first, *others = open_to_all
    yield Diagnostic(
        code="GC504",
        message=f"requests from outside may bring `{plan.spec.lane.header}` themselves through {first.identity.kind} "
        f"`{first.identity.name}`"
        + (f" and {len(others)} more" if others else "")
        + ("" if possible else f", and gateway `{gateway.NAME}` can not help: {gateway.GUARD.how}"),
        span=first.span(("metadata", "name")),
        object=first.identity.ref,
        notes=tuple(
            Note(message=f"and through `{other.identity.name}`", span=other.span(("metadata", "name")))
            for other in others[:_MOST_NOTES]
        ),
        help=f"`--baseline-patch FILE` writes what {'each' if others else 'it'} needs ({gateway.GUARD.how}); or write "
        "`guard: false` in `spec.traffic`"
        if possible
        else gateway.GUARD.help,
    )
