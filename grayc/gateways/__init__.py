"""One module per gateway: the plan's rules and entries → that gateway's objects.

Leaves to others: what rules mean (`analysis.traffic`), and reading such objects back (`routing`).
"""

from collections.abc import Iterator
from importlib import import_module

from grayc.analysis.controllers import row_of_view, views
from grayc.analysis.traffic import features_of
from grayc.diagnostics import CODES, Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import show_path
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.guard import is_open_member, wants_guard
from grayc.gateways.writer import Writer
from grayc.k8s.abilities import Feature, Fit
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec

__all__ = ["BaselineChange", "asked_in_order", "baseline_changes", "lower", "writer_of"]

_MOST_NOTES = 10
_OF_SHARES = frozenset({Feature.WEIGHT_BY_DIGITS, Feature.WEIGHT_BY_QUERY, Feature.WEIGHT_BY_CLIENT})


def writer_of(name: GatewayName) -> Writer:
    """Return what a gateway's module offers; the module is imported when a release names the gateway."""
    writer: Writer = import_module(f"{__name__}.{name.replace('-', '_')}").WRITER
    return writer


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the objects that open the plan's entries, each on its gateway.

    Diagnostics:
        GC501: the gateway cannot do what a rule asks.
        GC504: the guard is left to the user.
        GC508: the gateway does less than a rule asks.
        GC549: the gateway cannot take a share by what stays the same.
        More as the gateway's own module says.
    """
    lowered = [_lower_view(view) for view in views(plan)]
    every = [found for each in lowered for found in each.diagnostics]
    # Of two controllers of one gateway both say what the gateway cannot do.
    said = tuple(dict.fromkeys(every))
    if any(each.value is None for each in lowered):
        return Checked(value=None, diagnostics=said)
    return Checked(value=tuple(document for each in lowered for document in each.value or ()), diagnostics=said)


def _lower_view(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    writer = writer_of(plan.gateway)
    diagnostics = list(_fit(plan))
    # A refused entry is not written in part, so nothing else is said of it.
    refused = tuple(diagnostic for diagnostic in diagnostics if not CODES[diagnostic.code].acceptable)
    if refused:
        return Checked(value=None, diagnostics=refused)
    lowered = writer.lower(plan)
    return Checked(value=lowered.value, diagnostics=(*diagnostics, *lowered.diagnostics, *_guard(plan, writer)))


def baseline_changes(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what the release wants of the baseline's own objects."""
    return tuple(change for view in views(plan) for change in _changes_of_view(view)) if plan.entries else ()


def _changes_of_view(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    writer = writer_of(plan.gateway)
    if writer.changes is not None:
        return writer.changes(plan, guarded=wants_guard(plan))
    return writer.guard(plan) if wants_guard(plan) else ()


def asked_in_order(plan: ReleasePlan) -> tuple[tuple[str, str], ...]:
    """Return the names of two canaries each of which the first must not be the younger one."""
    if not plan.entries:
        return ()
    return tuple(
        pair
        for view in views(plan)
        for asked in [writer_of(view.gateway).asked_in_order]
        if asked is not None
        for pair in asked(view)
    )


def _fit(plan: ReleasePlan) -> Iterator[Diagnostic]:
    for feature, path in features_of(plan):
        ability = row_of_view(plan).abilities[feature]
        if ability.fit is Fit.EXACT:
            continue
        refused = ability.fit is Fit.REFUSED
        yield Diagnostic(
            code="GC508" if not refused else "GC549" if feature in _OF_SHARES else "GC501",
            message=f"gateway `{plan.gateway}` {'cannot do' if refused else 'does less than'} this "
            f"({feature.value}): {ability.how}",
            span=plan.spec.span(path),
            field=show_path(path if isinstance(path[-1], int) else ("spec", "traffic", "gateway")),
            # Not `format`: help also shows rules, which have braces of their own.
            help=ability.help.replace("{carrier}", plan.spec.lane.carrier.line(plan.spec.tag)),
        )


def _open_member(plan: ReleasePlan) -> Diagnostic:
    traffic, carrier = plan.spec.traffic, plan.spec.lane.carrier
    assert traffic is not None
    return at_spec(
        plan.spec,
        (*plan.spec.lane.path, "baggage"),
        code="GC573",
        message=f"requests from outside may bring {carrier.named} themselves: no gateway drops one member of a list",
        help="where strangers must not walk into the lane, let what stands in front drop `baggage` whole, or name a "
        "header of the lane's own with `lane.header`; or write `guard: false` in `spec.traffic`",
    )


def _own_line(plan: ReleasePlan) -> Diagnostic:
    carrier = plan.spec.lane.carrier
    return at_spec(
        plan.spec,
        (*plan.spec.lane.path, "baggage"),
        code="GC574",
        message=f"where a request has `{carrier.header}` already, gateway `{plan.gateway}` adds the tag in a second "
        "line of it, and a library that reads one line alone loses the tag",
        help="let the service at the entry read all lines, as newer OpenTelemetry does (Java since 1.45); or name a "
        "header of the lane's own with `lane.header`",
    )


def _guard(plan: ReleasePlan, writer: Writer) -> Iterator[Diagnostic]:
    """Tell which routes of the baseline let the lane's header in: only they themselves can drop it."""
    if plan.entries and is_open_member(plan):
        yield _open_member(plan)
    if any(feature is Feature.COLOUR_MEMBER for feature, _ in features_of(plan)):
        yield _own_line(plan)
    if not plan.entries or not wants_guard(plan):
        return
    row = row_of_view(plan)
    possible = row.guard.fit is not Fit.REFUSED
    changes = writer.guard(plan)
    open_to_all = [change.document for change in changes] if possible else writer.left_open(plan)
    if not open_to_all:
        return
    first, *others = open_to_all
    yield Diagnostic(
        code="GC504",
        message=f"requests from outside may bring `{plan.spec.lane.carrier.header}` themselves through "
        f"{first.identity.kind} `{first.identity.name}`"
        + (f" and {len(others)} more" if others else "")
        + ("" if possible else f", and gateway `{plan.gateway}` cannot help: {row.guard.how}"),
        span=first.span(("metadata", "name")),
        object=first.identity.ref,
        notes=tuple(
            Note(message=f"and through `{other.identity.name}`", span=other.span(("metadata", "name")))
            for other in others[:_MOST_NOTES]
        ),
        help=f"`--baseline-patch FILE` writes what {'each' if others else 'it'} needs ({row.guard.how}); or write "
        "`guard: false` in `spec.traffic`"
        if possible
        else row.guard.help,
    )
