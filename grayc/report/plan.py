"""The plan for people: what is copied, shared, left out and opened, and why."""

from fractions import Fraction
from itertools import pairwise

from grayc.analysis.capacity import RESOURCES, STORAGE, Ask, Capacity, Pods, pods_of_services, show_amount
from grayc.analysis.carriage import Carriage
from grayc.analysis.chain import Route
from grayc.analysis.identities import LeftOff, left_off
from grayc.analysis.named_services import MAX_ADDRESSES, NamedCalls
from grayc.analysis.preview import MeshHost, Preview, StepPreview
from grayc.analysis.propagation import Passing
from grayc.analysis.service_mentions import Mention
from grayc.analysis.stores import Store
from grayc.analysis.work_rows import WorkRow, needs_of, own_of
from grayc.diagnostics import Severity
from grayc.diagnostics.visible import columns, visible
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Action, Decision, Named, NamedState
from grayc.report.mask import masked
from grayc.report.paint import Paint, finish, painted
from grayc.report.plan_words import is_nobody, show_check, show_rule, show_work_row

_MOST_FIELDS = 6
"""Fields of a store that a plan for people tells."""
_MOST_ORPHANS = 12
_CARRIAGE = {
    Carriage.CARRIED: "is carried ",
    Carriage.NOT: "is not carried: ",
    Carriage.UNKNOWN: "may be carried or not: ",
}
_MOST_EDGES = 200
_MOST_CALLERS = 10
_MOST_MENTIONS = 3
_SIGNS = {Action.COPY: "+", Action.SHARE: "=", Action.LEAVE_OUT: "-", Action.OPEN: ">", Action.COLOUR: ">"}
_PAINTS = {
    Action.COPY: Paint.GREEN,
    Action.SHARE: None,
    Action.LEAVE_OUT: Paint.RED,
    Action.OPEN: Paint.YELLOW,
    Action.COLOUR: Paint.YELLOW,
}
_GRAVE = {Severity.ERROR: Paint.RED, Severity.WARNING: Paint.YELLOW, Severity.NOTE: None}


def render_plan(preview: Preview, *, color: bool = False) -> str:
    """Return a release's plan as text: the services, who goes gray, the calls, and what the lane asks for."""
    plan = preview.plan
    spec = plan.spec
    lines = [
        f"release {spec.name}: tag {spec.tag}"
        + (f", namespace {spec.namespace}" if spec.namespace else "")
        + f", lane {spec.lane.provider} ({spec.lane.carrier.told}, isolation {plan.isolation})"
        + (f", until {spec.expires}" if spec.expires else "")
        + (f", owner {visible(spec.owner)}" if spec.owner else "")
    ]
    if plan.relabelled:
        labels = f"label{'s' if len(plan.relabelled) > 1 else ''} " + ", ".join(plan.relabelled)
        lines.append(f"gray pods differ from production's in {labels}: gray values end in {spec.suffix}")
    pods = {} if preview.capacity is None else pods_of_services(preview.capacity)
    decided: dict[str, list[Decision]] = {}
    for decision in plan.decisions:
        decided.setdefault(decision.service, []).append(decision)
    outside: dict[str, list[Named]] = {}
    for named in plan.named:
        outside.setdefault(named.service, []).append(named)
    for service in spec.services:
        decisions = decided.get(service.name, [])
        count = _show_count(pods.get(service.name), service.replicas)
        lines += ["", f"{service.name}: {count} replica{'' if count == '1' else 's'}"]
        names = [_title(decision) for decision in decisions]
        width = max((columns(name) for name in names), default=0)
        for name, decision in zip(names, decisions, strict=True):
            pad = " " * (width - columns(name))
            line = f"  {_SIGNS[decision.action]} {name}{pad}  {decision.action}: {decision.reason}"
            lines.append(painted(line, _PAINTS[decision.action]))
            lines.append(f"    {decision.document.start}")
        lines += _outside(outside.get(service.name, []))
    lines += _left_off(left_off(plan))
    if plan.rules:
        lines += ["", f"who goes gray ({', '.join(plan.gateways)}), in order of precedence:"]
        lines += [f"  {at}. {show_rule(rule)}" for at, rule in enumerate(plan.rules, 1)]
    elif not plan.entries:
        lines += [
            "",
            f"no entry is opened: nothing reaches the lane but calls that carry `{spec.lane.carrier.line(spec.tag)}`"
            if PROVIDERS[spec.lane.provider].carries_calls
            else "no entry is opened: nothing reaches the lane but calls that name its Services",
        ]
    lines += _steps(preview.steps)
    lines += _calls(preview.routes, has_entries=bool(plan.entries))
    lines += _passing(preview.passing, str(spec.lane.carrier))
    lines += _edges(preview.edges, several=len(spec.services) > 1)
    lines += _mesh(preview.mesh)
    lines += _work(preview.work)
    lines += _stores(preview)
    if spec.verifications:
        lines += ["", "what checks the lane once it is up:"]
        lines += [f"  {check.name}: {show_check(check)} in {check.timeout} s" for check in spec.verifications]
    if preview.lasting:
        lines += ["", "what stays in a registry when the lane's pods are gone, and is yours to take out:"]
        lines += [f"  {text}" for text in preview.lasting]
    if preview.capacity is not None:
        lines += _asks(preview.capacity)
    return finish(lines, color=color)


def _left_off(rows: tuple[LeftOff, ...]) -> list[str]:
    """Return a line for each mark of another owner that the copies do not bear."""
    if not rows:
        return []
    lines = ["", "what copies leave off, since others know their own by it:"]
    for row in rows:
        count = f"{len(row.objects)} object{'' if len(row.objects) == 1 else 's'}"
        lines.append(f"  {row.mark}{f' ({row.owner})' if row.owner else ''}: {count}")
    return lines


def _outside(rows: list[Named]) -> list[str]:
    """Return what copies of a service name and no file holds."""
    found = [row for row in rows if row.state in (NamedState.OUTSIDE, NamedState.MISSING)]
    names = [row.title for row in found]
    width = max((columns(name) for name in names), default=0)
    lines: list[str] = []
    for name, row in zip(names, found, strict=True):
        pad = " " * (width - columns(name))
        paint = Paint.YELLOW if row.state is NamedState.MISSING else None
        lines.append(painted(f"  ? {name}{pad}  {row.state}: {row.reason}", paint))
        lines.append(f"    {row.document.where_is(row.path)}")
    return lines


def _steps(steps: tuple[StepPreview, ...]) -> list[str]:
    """Return the rollout as a table: who enters, how many pods there are, and what they are too few for."""
    if not steps:
        return []
    rows = [("step", "who goes gray", "replicas", "then")]
    for preview in steps:
        step = preview.step
        rows.append(
            (
                step.name,
                "; ".join(show_rule(rule) for rule in step.rules if not is_nobody(rule)) or "nobody",
                ", ".join(
                    f"{name} {_show_count(preview.pods.get(name), count)}" for name, count in step.replicas.items()
                ),
                "go on" if not step.pause else "wait until told" if step.pause == "true" else f"wait {step.pause}",
            )
        )
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    lines = ["", "the rollout, one build for each step (`--step NAME`):"]
    unseen = next((at for at, preview in enumerate(steps, start=1) if not preview.is_seen), None)
    for at, row in enumerate(rows):
        if at == unseen:
            count = len(steps) - unseen + 1
            lines.append(
                f"    not looked at, as there are so many: the last {count} of {len(steps)} steps; "
                "`grayc build --step NAME` looks at one"
            )
        padded = [text + " " * (width - columns(text)) for text, width in zip(row, widths, strict=False)]
        lines.append("  " + "  ".join((*padded, row[-1])))
        for found in steps[at - 1].found if at else ():
            reason = f" (accepted: {found.accepted})" if found.accepted is not None else ""
            lines.append(painted(f"    {found.severity}: {masked(found).message}{reason}", _GRAVE[found.severity]))
    return lines


def _show_count(pods: Pods | None, replicas: int | None) -> str:
    """Return how many pods a service has: without a word of the release, what its autoscaler makes of it.

    Args:
        pods: as they were counted; None where they could not be made.
        replicas: what the release says.
    """
    if pods is None:
        return str(1 if replicas is None else replicas)
    first = f" (starts with {replicas})" if replicas is not None and pods.high != pods.low else ""
    return (f"at least {pods.low}" if pods.high is None else _span(str(pods.low), str(pods.high))) + first


def _title(decision: Decision) -> str:
    title = str(decision.document.identity)
    return f"{title} -> {decision.gray_name}" if decision.gray_name else title


def _calls(routes: tuple[Route, ...], *, has_entries: bool) -> list[str]:
    lines = ["", "calls of a request in the lane:"] if routes else []
    for route in routes:
        lines.append("  " + " -> ".join(f"{hop.name} ({hop.copy})" for hop in route.hops))
        for caller, hop in pairwise(route.hops):
            if hop.edge is not None and hop.edge.why:
                how = f"{_CARRIAGE[hop.edge.carriage]}{hop.edge.why}"
                lines.append(painted(f"    {caller.name} -> {hop.name} {how}", Paint.YELLOW))
        if route.falls_back:
            back = f", comes back at {' and '.join(route.comes_back)}" if route.comes_back else ""
            lines.append(f"    falls back to the baseline at {' and '.join(route.falls_back)}{back}")
        if has_entries and not route.is_entered:
            lines.append(f"    no opened entry leads to {route.hops[0].name}")
    return lines


def _passing(rows: tuple[tuple[str, Passing], ...], carrier: str) -> list[str]:
    """Return what passes the lane's carrier on, service by service."""
    lines = ["", f"what passes {carrier} on to the next call:"] if rows else []
    width = max((columns(name) for name, _ in rows), default=0)
    for name, each in rows:
        how = "unknown" if each.by is None else f"{each.by}, {'as the release says' if each.is_said else 'as seen'}"
        text = f"nothing: {each.why}" if each.ends else how + (f": {each.why}" if each.why else "")
        line = f"  {name}{' ' * (width - columns(name))}  {text}"
        lines.append(painted(line, Paint.YELLOW) if each.ends or each.why or each.by is None else line)
    return lines


def _edges(found: NamedCalls | None, *, several: bool) -> list[str]:
    """Return the calls that addresses show: by these a call stays in the lane or leaves it.

    Args:
        several: the release has services that could call each other.
    """
    if found is None or not (found.calls or found.unread or several):
        return []
    edges = found.calls
    lines = ["", "calls by the addresses that containers are given (whether a program makes them is not seen):"]
    causes: dict[str, None] = {}
    rows = [(f"{edge.caller} -> {edge.callee}", edge) for edge in edges if edge.is_released][:_MOST_EDGES]
    width = max((columns(name) for name, _ in rows), default=0)
    for name, row in rows:
        pad = " " * (width - columns(name))
        lines.append(f"  {name}{pad}  {row.edge.carriage}: {_show_mentions(row.mentions)}")
        # That production's Service is named stands in the line already.
        if row.edge.carriage is Carriage.UNKNOWN:
            causes[f"unknown where {row.edge.cause or row.edge.why}"] = None
        elif row.edge.why and all(mention.is_gray for mention in row.mentions):
            causes[f"not carried: {row.edge.why}"] = None
    more = sum(edge.is_released for edge in edges) - len(rows)
    lines += [f"  and {more} more"] if more else []
    lines += [f"  {cause}" for cause in causes]
    if not found.is_whole:
        lines.append(f"  not looked at: more than {MAX_ADDRESSES:,} addresses")
    if not rows:
        lines.append("  none: no gray copy is given the address of another service of the lane")
    outside: dict[str, list[str]] = {}
    for edge in edges:
        if not edge.is_released:
            outside.setdefault(edge.callee, []).append(edge.caller)
    for callee, callers in outside.items():
        rest = len(callers) - _MOST_CALLERS
        shown = ", ".join(callers[:_MOST_CALLERS]) + (f" and {rest} more" if rest > 0 else "")
        lines.append(f"  production's {callee} is named by what is not released: {shown}")
    for document, services in found.unread[:_MOST_CALLERS]:
        lines.append(
            f"  {document.identity.ref} names production's {', '.join(services)}, and no container is given it: a "
            "program may read it by its name"
        )
    lines.append("  not seen: addresses that stand in the code, and what a program asks a registry for")
    return lines


def _show_mentions(mentions: tuple[Mention, ...]) -> str:
    shown = "; ".join(
        f"{mention.name} in {str(mention.where).replace('`', '')}" for mention in mentions[:_MOST_MENTIONS]
    )
    more = len(mentions) - _MOST_MENTIONS
    return f"{shown}; and {more} more" if more > 0 else shown


def _work(rows: tuple[WorkRow, ...]) -> list[str]:
    """Return what comes to the services without a request, and what becomes of it in the lane."""
    lines = ["", "work that no request brings:"] if rows else []
    by_service: dict[str, list[WorkRow]] = {}
    for row in rows:
        by_service.setdefault(row.service.name, []).append(row)
    for service, own in by_service.items():
        mode = own[0].service.work
        lines.append(f"  {service}" + (f": {mode}" if mode is not None else ""))
        for row in own:
            lines.append(f"    {show_work_row(row)}")
            lines.append(f"      {row.setting} of {row.ref}")
    made = own_of(rows)
    if made:
        lines.append("  create before the lane is applied, and delete once it is offline:")
        lines += [f"    {item}" for item in made]
    lines += [f"  {item}" for item in needs_of(rows)]
    return lines


def _without_address(store: Store) -> str:
    if store.is_unread:
        return ", host not told from a password"
    return "" if store.is_known else ", address not in the manifests"


def _mesh(hosts: tuple[MeshHost, ...]) -> list[str]:
    """Return the Services whose calls the lane leads, and the object that has the routes of all lanes to each."""
    lines = ["", "calls that the mesh leads into the lane, by objects that all lanes have in common:"] if hosts else []
    names = [host.service[1] for host in hosts]
    width = max(map(columns, names), default=0)
    for name, host in zip(names, hosts, strict=True):
        where = [*([host.file] if host.file else []), *(f"{route} by `--baseline-patch`" for route in host.routes)]
        lines.append(f"  {name}{' ' * (width - columns(name))}  {' and '.join(where)}: {', '.join(host.lanes)}")
    return lines


def _stores(preview: Preview) -> list[str]:
    """Return the stores that gray pods share with production, and what of them is not to be seen."""
    orphans = preview.orphans
    lines = ["", "stores that gray pods share with production:"] if preview.stores else []
    for store in preview.stores:
        notes = [
            ""
            if store.is_known
            else ", its host not told from a password"
            if store.is_unread
            else ", address not in the manifests",
            ", read only" if store.is_read_only else "",
        ]
        lines.append(f"  {store.name} ({store.what}{''.join(notes)}): {', '.join(store.services)}")
        rows = dict.fromkeys((use.setting, use.document.identity.ref) for use in store.uses)
        lines += [f"    {setting} of {ref}" for setting, ref in list(rows)[:_MOST_FIELDS]]
        if len(rows) > _MOST_FIELDS:
            lines.append(f"    and {len(rows) - _MOST_FIELDS} more fields")
    if orphans:
        shown = ", ".join(orphans[:_MOST_ORPHANS])
        more = f" and {len(orphans) - _MOST_ORPHANS} more" if len(orphans) > _MOST_ORPHANS else ""
        lines += ["", f"stores of the baseline that no text names, so who uses them is not to be seen: {shown}{more}"]
    if preview.unread:
        secrets = [f"{name} ({', '.join(services)})" for name, services in preview.unread.items()]
        shown = ", ".join(secrets[:_MOST_ORPHANS])
        more = f" and {len(secrets) - _MOST_ORPHANS} more" if len(secrets) > _MOST_ORPHANS else ""
        lines += ["", f"Secrets that no file holds, so what they set of stores and schemas is not seen: {shown}{more}"]
    return lines


def _asks(capacity: Capacity) -> list[str]:
    """Return lines for each workload and for the whole lane; where autoscalers work, from without load to the most."""
    lines = ["", "what the lane asks for:"]
    names = [ask.document.identity.ref for ask in capacity.asks]
    width = max(map(columns, names), default=0)
    for name, ask in zip(names, capacity.asks, strict=True):
        pad = " " * (width - columns(name))
        lines.append(f"  {name}{pad}  {_pods(ask)}, each {_requests(ask)}{_claims(*ask.volumes)}")
    least, most = capacity.volumes(at_most=False), capacity.volumes(at_most=True)
    parts = [_counted(capacity.pods(at_most=False), capacity.pods(at_most=True), "pod")]
    parts += [
        f"{resource} "
        + _span(*(show_amount(resource, capacity.requested(resource, at_most=at_most)) for at_most in (False, True)))
        for resource in RESOURCES
    ]
    parts.append(f"{_counted(least[0], most[0], 'volume')}")
    if most[0]:
        parts[-1] += f" ({_span(show_amount(STORAGE, least[1]), show_amount(STORAGE, most[1]))})"
    parts.append(_counted(len(capacity.load_balancers), len(capacity.load_balancers), "load balancer"))
    lines.append(f"  in all: {', '.join(parts)}")
    silent = [f"{container} of {ask.document.identity.ref}" for ask in capacity.asks for container in ask.silent]
    if silent:
        lines.append(f"  without a request for cpu or for memory, and so not in these sums: {', '.join(silent)}")
    return lines


def _pods(ask: Ask) -> str:
    low, high = ask.pods.low, ask.pods.high
    if high is None:
        return f"at least {low} pods ({ask.pods.scaler})"
    return _counted(low, high, "pod") + (f" ({ask.pods.scaler})" if ask.pods.scaler else "")


def _requests(ask: Ask) -> str:
    return ", ".join(f"{resource} {show_amount(resource, ask.requests[resource])}" for resource in RESOURCES)


def _claims(count: int, size: Fraction) -> str:
    return f", {_counted(count, count, 'volume')} ({show_amount(STORAGE, size)})" if count else ""


def _counted(least: int, most: int, noun: str) -> str:
    return f"{_span(str(least), str(most))} {noun}{'' if most == 1 else 's'}"


def _span(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"
