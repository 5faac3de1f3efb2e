"""What stands in the way of gray Ingresses of an ALB, and what they do less than a release asks."""

from collections.abc import Iterator, Sequence

from grayc.analysis.routes import backends_of, is_canary
from grayc.analysis.traffic import Meaning, meaning_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents.findings import at_object
from grayc.documents.tree import show_path
from grayc.gateways.alb_paths import (
    INSERT_HEADER,
    asked_of,
    is_about,
    is_plain,
    overlap,
    ways_through,
)
from grayc.gateways.alb_values import values_of
from grayc.gateways.canaries import annotations_of
from grayc.k8s.alb_ingresses import (
    ACTIONS,
    CONDITIONS,
    DEFAULT_ORDER,
    DIRECTION,
    FINAL_ACTIONS,
    MOST_CONDITIONS,
    Unreadable,
    as_read,
    gray_ingress_name,
    listed,
    order_of,
    place_of,
)
from grayc.k8s.gateways import GATEWAYS, GatewayName
from grayc.k8s.numbers import read_integer
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import Part, Rule

_NAME = GatewayName.ALIYUN_ALB
MOST = 50
"""Gray Ingresses of one entry: a listener has 100 rules unless its quota says more."""
_WEIGHT = "canary-weight"
_WORDS = {Part.HEADER: "header", Part.COOKIE: "cookie", Part.QUERY: "query parameter"}
_SIGNS = {
    Part.HEADER: "a name of 40 letters, digits, `-` and `_` at most that is not `Cookie` or `Host`, and a value of 128 "
    'printable signs at most without `*`, `?`, `"` and `\\`, that does not start with `~` or a space',
    Part.COOKIE: "names and values of 100 signs at most, without capitals, spaces, `*`, `?` and "
    "`; # [ ] { } \\ | < > &`",
    Part.QUERY: "names and values of 100 signs at most, of small letters, digits and `. _ : @ / , -`",
}


def check_values(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find what no condition can ask for: the load balancer refuses a rule of it, and then takes no rule at all."""
    told: set[Rule] = set()
    for rules in (plan.rules, *(step.rules for step in plan.spec.steps)):
        for line in meaning_of(rules).lines:
            odd = next((ask for ask in line.asks if values_of(ask, line.rule) is None), None)
            if odd is not None and line.rule not in told:
                told.add(line.rule)
                yield Diagnostic(
                    code="GC554",
                    message=f"gateway `{_NAME}` cannot ask {_WORDS[odd.part]} `{odd.name}` for "
                    + (
                        "this pattern: it takes no expression but one of signs, `.`, `.*` and `|`, and "
                        if odd.pattern
                        else "this: it takes "
                    )
                    + _SIGNS[odd.part],
                    span=plan.spec.span(line.rule.path),
                    field=show_path(line.rule.path),
                    help="ask for another value, such as an id, or for what the clients send in another header; or "
                    "choose gateway `mse`, `gateway-api` or `istio`",
                )


def check_shares(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Tell that a share is not coloured: it is a server group of the base's rule, and a header is set for a rule."""
    weight = meaning_of(plan.rules).weight
    if weight is None or not weight.percent or not plan.entries:
        return
    if any(entry.coloured_only for entry in plan.entries):
        yield Diagnostic(
            code="GC501",
            message=f"gateway `{_NAME}` cannot do this (a share of an entry whose service is not released): "
            "nothing adds the lane's header to a share",
            span=plan.spec.span(weight.path),
            field=show_path(weight.path),
            help="release the entry's service too, or ask for a header or cookie",
        )
    elif PROVIDERS[plan.spec.lane.provider].needs_header:
        yield Diagnostic(
            code="GC508",
            message=f"gateway `{_NAME}` does less than this (the lane's header put on gray requests): a header is "
            "set for all requests of a rule, and a share that is drawn is no rule",
            span=plan.spec.span(weight.path),
            field=show_path(weight.path),
            help="ask for a header, cookie or query parameter; or accept that what the gray entry calls for this share "
            "is gray only where its own agent colours the call",
        )


def too_many(plan: ReleasePlan, count: int) -> Diagnostic:
    """Return that the rules come to more Ingresses than `MOST`."""
    traffic = plan.spec.traffic
    assert traffic is not None, "a release with rules has `traffic`"
    return Diagnostic(
        code="GC515",
        message=f"the rules come to {count} Ingresses of each entry on gateway `{_NAME}`, one for each few values, "
        f"and {MOST} are the most: a listener has 100 rules for all",
        span=plan.spec.span(traffic.path),
        field=show_path(traffic.path),
        help="ask for fewer values, such as one header that all such clients send; of a share by hexadecimal digits a "
        "smaller one, or one by decimal digits",
    )


def no_place(entry: Entry, plan: ReleasePlan, stages: Sequence[Meaning]) -> Diagnostic | None:
    """Return why no gray Ingress stands right before an entry's own; None where it can, or where none asks anything.

    Args:
        stages: what the rules mean, and those of every step.
    """
    reason, help_ = _why_not_before(entry, plan, stages) if any(meaning.lines for meaning in stages) else ("", "")
    if not reason:
        return None
    name = entry.document.identity.name
    return at_object(
        entry.document,
        ("metadata", "name"),
        code="GC518",
        message=f"no gray Ingress fits before Ingress `{name}` on gateway `{_NAME}`: {reason}",
        help=help_,
    )


def check_entry(entry: Entry, plan: ReleasePlan, stages: Sequence[Meaning]) -> Iterator[Diagnostic]:
    """Find what an entry's own Ingress sets, and what stands between it and the gray ones; arguments as `no_place`."""
    base, header = entry.document, plan.spec.lane.carrier.header
    own = annotations_of(base)
    for way in ways_through(entry, plan, gray=True).values():
        if way.is_opened and any(
            is_about(action, INSERT_HEADER, header) for action in listed(own.get(f"{ACTIONS}{way.service}")) or ()
        ):
            yield at_object(
                base,
                ("metadata", "annotations", f"{ACTIONS}{way.service}"),
                code="GC503",
                message=f"Ingress `{base.identity.name}` sets the lane's header `{header}` itself",
                help="take the action away, or choose another header with `spec.lane.header`",
            )
    if any(meaning.lines for meaning in stages):
        yield from _check_between(entry, plan)
    yield from _check_sum(entry, plan)


def _check_sum(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find canaries of production that leave less than the lane's share: with more than 100 all rules stop."""
    weight = meaning_of(plan.rules).weight
    opened = {(path.host, path.text or "/") for path in entry.paths}
    taken: dict[tuple[str, str], int] = {}
    for other in plan.baseline:
        own = annotations_of(other) if other.identity.group_kind == entry.document.identity.group_kind else {}
        said = [own.get(f"{prefix}{_WEIGHT}") for prefix in GATEWAYS[_NAME].prefixes]
        share = next((number for text in said if isinstance(text, str) and (number := read_integer(text))), 0)
        if not share or not is_canary(other):
            continue
        for place in {(backend.host, backend.text or "/") for backend in backends_of(other)} & opened:
            taken[place] = taken.get(place, 0) + share
    most = max(taken.values(), default=0)
    if weight is not None and weight.percent and most + weight.percent > 100:
        yield Diagnostic(
            code="GC523",
            message=f"canaries of production and this release ask for {most} and {weight.percent} percent of the "
            f"requests to one path of Ingress `{entry.document.identity.name}`: an ALB takes no more than 100",
            span=plan.spec.span(weight.path),
            field=show_path(weight.path),
            help="let the shares add up to 100 at most",
        )


def _why_not_before(entry: Entry, plan: ReleasePlan, stages: Sequence[Meaning]) -> tuple[str, str]:
    """Return why rules of the lane cannot stand right before the base's, and what would work; "" where they can."""
    base = entry.document
    own = annotations_of(base)
    order = order_of(own)
    if isinstance(order, Unreadable):
        return order.reason, "write a number from 1 to 1000, or none"
    if order is not None and order <= DEFAULT_ORDER:
        return (
            f"it names order {order}, and to stand before it a gray one had to name a lower one, which nobody else may "
            "name: two Ingresses of one order stop the whole load balancer",
            f"give it an order above {DEFAULT_ORDER}, or none: without one Ingresses stand in the order of their names",
        )
    if not gray_ingress_name(base.identity.name, "", plan.spec.suffix):
        return "no name sorts right before its own", "give it a longer name"
    ways = ways_through(entry, plan, gray=True)
    for way in ways.values():
        for kind, annotation in ((ACTIONS, f"{ACTIONS}{way.service}"), (CONDITIONS, f"{CONDITIONS}{way.service}")):
            if annotation in own and listed(own[annotation]) is None:
                return f"its annotation `{kind}{way.service}` is no list in JSON", "write it as a list of objects"
        actions = [as_read(action)["type"] for action in listed(own.get(f"{ACTIONS}{way.service}")) or ()]
        if way.is_opened and FINAL_ACTIONS & {*actions}:
            return (
                f"`{ACTIONS}{way.service}` says what becomes of its requests, not its backend",
                "lead the path to the Service itself, with the number of its port",
            )
        if own.get(f"{DIRECTION}{way.service}", "Request") != "Request":
            return f"`{DIRECTION}{way.service}` makes it rules for answers", "open an Ingress of rules for requests"
        own_forward = any(not is_plain(each) for meaning in stages for line in meaning.lines for each in asked_of(line))
        if not way.port and not FINAL_ACTIONS & {*actions} and (own_forward or f"{CONDITIONS}{way.service}" in own):
            return (
                f"its backend `{way.service}` has no port with a number, which a `ForwardGroup` needs",
                "write `port: {number: …}`, or add the Service to `spec.baseline`",
            )
    services = [(way.service, way.is_opened) for way in ways.values() if not way.gray]
    if len({name for name, _ in services}) < len(set(services)):
        return (
            "a path that is opened and one that is not lead to one Service, and actions go by its name",
            "open both, or give one of them a Service of its own",
        )
    most = max((each.count for meaning in stages for line in meaning.lines for each in asked_of(line)), default=0)
    asked = max(len(listed(own.get(f"{CONDITIONS}{way.service}")) or ()) for way in ways.values())
    if 3 + asked + most > MOST_CONDITIONS:
        return (
            f"with its host, paths and conditions a rule asks more than {MOST_CONDITIONS} things",
            "ask fewer things at once",
        )
    return "", ""


def _check_between(entry: Entry, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find Ingresses that stand between the gray ones and the base, whose requests the gray ones would take."""
    base = entry.document
    order = order_of(annotations_of(base))
    assert not isinstance(order, Unreadable), "said before"
    namespace = plan.key_of(base.identity).namespace
    first = place_of(None, namespace, gray_ingress_name(base.identity.name, "", plan.spec.suffix))
    last = place_of(order, namespace, base.identity.name)
    opened = {(path.rule, path.path) for path in entry.paths}
    mine = [backend for backend in backends_of(base) if (backend.rule, backend.path) in opened]
    for other in plan.baseline:
        if other.identity.group_kind != base.identity.group_kind or other.place == base.place or is_canary(other):
            continue
        theirs = order_of(annotations_of(other))
        if isinstance(theirs, Unreadable):
            continue
        if not first < place_of(theirs, plan.key_of(other.identity).namespace, other.identity.name) < last:
            continue
        met = next((each for each in backends_of(other) if any(overlap(each, own) for own in mine)), None)
        if met is not None:
            yield Diagnostic(
                code="GC512",
                message=f"on gateway `{_NAME}` requests to `{met.host}{met.text}` that meet a rule leave Ingress "
                f"`{other.identity.name}`: it stands before `{base.identity.name}`, and behind the gray Ingresses, "
                f"which name no order and so stand at {DEFAULT_ORDER}",
                span=other.span(("metadata", "name")),
                object=other.identity.ref,
                notes=(Note(message="the entry", span=base.span(("metadata", "name"))),),
                help=f"let Ingress `{base.identity.name}` name no order, or give `{other.identity.name}` one that is "
                "lower than 10",
            )
