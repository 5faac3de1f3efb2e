"""The lane's carrier is passed on from a request to the calls that it causes, as far as release or baseline say."""

from collections.abc import Iterator, Sequence

from grayc.analysis.carried import Carrier
from grayc.analysis.chain import CallGraph
from grayc.analysis.propagation import NOT_THIS_CARRIER, Passing
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec

_SHOWN = 5


def check_propagation(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what is not seen of what the release says, what cannot be seen, and once what nobody says.

    Where the release says `none`, GC390 tells of the calls behind it. Where an agent routes the calls, findings of the
    agent tell what is not known of it.

    Diagnostics:
        GC381: `agent` or `otel` is said, and the manifests do not show it.
        GC382: OpenTelemetry does not pass the lane's carrier on.
        GC383: whether services pass it on is not known.
    """
    carrier = Carrier(plan, documents)
    said = plan.spec.lane.propagation
    if carrier.is_by_address or (carrier.has_agent and not said):
        return ()
    graph = CallGraph(plan)
    passing = [(name, carrier.passing(graph.side(name))) for name in graph.senders()]
    return (
        *_each_cause(plan, [row for row in passing if row[1].told_by == NOT_THIS_CARRIER]),
        *_each_cause(plan, [row for row in passing if row[1].is_said and not row[1].ends and row[1].why]),
        *_unknown(plan, [] if carrier.has_agent else [name for name, each in passing if each.by is None]),
    )


def _each_cause(plan: ReleasePlan, rows: Sequence[tuple[str, Passing]]) -> Iterator[Diagnostic]:
    """Yield one finding for the services with one cause."""
    for why in dict.fromkeys(each.why for _, each in rows):
        names = [name for name, each in rows if each.why == why]
        passing = next(each for _, each in rows if each.why == why)
        if passing.ends:
            yield at_spec(
                plan.spec,
                _path(plan, names[0]),
                code=NOT_THIS_CARRIER,
                message=f"the lane ends at {_listed(names)}: {why}",
                help="write `lane.baggage: KEY` for a member that OpenTelemetry passes on; `app` where the application "
                "passes the header on itself; or accept the finding where a propagator of your own does",
            )
            continue
        yield at_spec(
            plan.spec,
            _path(plan, names[0]),
            code="GC381",
            message=f"`{passing.by}` is said to pass {plan.spec.lane.carrier.named} on at {_listed(names)}, and the "
            f"manifests do not show it: {why}",
            help="write `app` where the application passes it on itself; or accept the finding where you know better",
        )


def _unknown(plan: ReleasePlan, names: Sequence[str]) -> Iterator[Diagnostic]:
    if names:
        lane = plan.spec.lane
        yield at_spec(
            plan.spec,
            (*lane.path, "propagation"),
            code="GC383",
            message=f"whether {_listed(names)} {'passes' if len(names) == 1 else 'pass'} {lane.carrier.named} on to "
            f"what {'it calls' if len(names) == 1 else 'they call'} is not to be seen",
            help="say it with `spec.lane.propagation`: `app` where the code does it, `none` where nothing does",
        )


def _path(plan: ReleasePlan, name: str) -> tuple[str | int, ...]:
    """Return where the release says what it says of a service."""
    path = (*plan.spec.lane.path, "propagation")
    return next((each for each in ((*path, name), (*path, "*")) if plan.spec.has(each)), path)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
