"""Alibaba Cloud's ALB Ingress: one Ingress for each condition, which stands right before the baseline's own.

Sources: those of `k8s.alb_ingresses`:

- an ALB asks its rules one after the other, and the first that holds counts: those of the Ingress with the lower
  `order`, of one order those whose `namespace/name` sorts first, and within an Ingress in the order of its paths. Two
  Ingresses that name the same order stop the whole load balancer. So a gray Ingress names none, and has a name that
  sorts right before its base's;
- a canary by header or cookie is rules of its own, with all that the Ingress asks; one by weight is no rule, but a
  server group more of the base's; one with both is nothing, and with a weight of 0 neither;
- `conditions.SERVICE` asks for cookies, query parameters and several things at once; on a canary it stops the whole
  load balancer, so such an Ingress is an ordinary one, whose own `ForwardGroup` keeps weights of canaries away;
- `actions.SERVICE` sets and drops headers, of all requests of a rule: of a share that is drawn they cannot.
"""

from collections.abc import Iterator, Mapping
from typing import assert_never

from grayc.analysis.routes import backends_of
from grayc.analysis.traffic import Ask, meaning_of
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.ingresses import CLASS_ANNOTATION
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways.alb_checks import MOST, check_entry, check_shares, check_values, no_place, too_many
from grayc.gateways.alb_paths import (
    INSERT_HEADER,
    REMOVE_HEADER,
    Asked,
    Way,
    asked_of,
    is_about,
    is_plain,
    ways_through,
)
from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.canaries import annotations_of, gray_metadata
from grayc.gateways.guard import routes_to_guard, wants_guard
from grayc.gateways.writer import Writer
from grayc.k8s.alb_ingresses import (
    ACTIONS,
    ALB_PREFIX,
    CONDITIONS,
    DIRECTION,
    FINAL_ACTIONS,
    ORDERS,
    USE_ANNOTATION,
    as_read,
    gray_ingress_name,
    listed,
    written,
)
from grayc.k8s.gateways import NGINX_PREFIX, GatewayName
from grayc.k8s.kinds import CORE
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import replace
from grayc.spec.model import Part

NAME = GatewayName.ALIYUN_ALB

_Plain = dict[str, object]
_FORWARD = "ForwardGroup"
_CANARY = f"{ALB_PREFIX}canary"
_CLOSED: Mapping[str, object] = {_CANARY: "true", f"{_CANARY}-weight": "0"}
"""A canary that is there for other steps: a weight of 0 makes no rule and no server group."""
_ALSO_REPEATED = frozenset({CLASS_ANNOTATION, f"{NGINX_PREFIX}ssl-redirect"})
_NOT_REPEATED = (ACTIONS, CONDITIONS, DIRECTION, _CANARY)


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the gray Ingresses of every entry, in order of place and condition.

    Diagnostics:
        GC503: the baseline's Ingress sets the lane's header itself.
        GC508: nothing adds the lane's header to a share that is drawn.
        GC512: requests leave an Ingress that stands before the entry's own.
        GC515: the rules come to more Ingresses than a listener has room for.
        GC523: canaries of production and the release ask for more than the whole.
        GC518: no gray Ingress fits before the entry's own.
        GC554: a name or value that no condition can ask for.
    """
    diagnostics = [*check_values(plan), *check_shares(plan)]
    documents: list[Document] = []
    stages = [meaning_of(rules) for rules in (plan.rules, *(step.rules for step in plan.spec.steps))]
    counts = [sum(1 for line in meaning.lines for _ in asked_of(line)) for meaning in stages]
    if max(counts) > MOST:
        diagnostics.append(too_many(plan, max(counts)))
        return Checked(value=None, diagnostics=tuple(diagnostics))
    asked = tuple(each for line in stages[0].lines for each in asked_of(line))
    for entry in plan.entries:
        missing = no_place(entry, plan, stages)
        if missing is not None:
            diagnostics.append(missing)
            continue
        diagnostics += check_entry(entry, plan, stages)
        for number in range(max(counts)):
            part = f"-{number + 1:02d}"
            each = asked[number] if number < len(asked) else None
            documents.append(_rule_ingress(entry, plan, part, each) if each else _weight_ingress(entry, plan, part, 0))
        if any(meaning.weight is not None for meaning in stages):
            documents.append(_weight_ingress(entry, plan, "-weight", stages[0].percent))
    return Checked(value=tuple(documents), diagnostics=tuple(diagnostics))


def _weight_ingress(entry: Entry, plan: ReleasePlan, part: str, percent: int) -> Document:
    """Return a canary by weight; with 0, one that is there for other steps."""
    notes = {**_CLOSED, f"{_CANARY}-weight": str(percent), **_repeated(entry.document)}
    ways = {place: way for place, way in ways_through(entry, plan, gray=True).items() if way.is_opened}
    return _ingress(entry, plan, part, notes, ways, own_forward=False)


def _rule_ingress(entry: Entry, plan: ReleasePlan, part: str, asked: Asked) -> Document:
    base = entry.document
    own = annotations_of(base)
    ways = ways_through(entry, plan, gray=asked.enters)
    plain = is_plain(asked) and not any(f"{CONDITIONS}{way.service}" in own for way in ways.values())
    notes: dict[str, object] = dict(_canary_notes(asked)) if plain else {}
    for way in ways.values():
        target = _target(entry, plan, way)
        actions = _actions(own.get(f"{ACTIONS}{way.service}"), plan, colour=asked.enters and way.is_opened)
        if not plain:
            conditions = [*(listed(own.get(f"{CONDITIONS}{way.service}")) or ()), *map(_condition, asked.said)]
            notes[f"{CONDITIONS}{target}"] = written(conditions)
            if not any(as_read(action)["type"] in FINAL_ACTIONS for action in actions):
                actions.append(_forward(target, way.port))
        if actions:
            notes[f"{ACTIONS}{target}"] = written(actions)
    return _ingress(entry, plan, part, {**notes, **_repeated(base)}, ways, own_forward=not plain)


def _ingress(
    entry: Entry,
    plan: ReleasePlan,
    part: str,
    notes: Mapping[str, object],
    ways: Mapping[tuple[int, int], Way],
    *,
    own_forward: bool,
) -> Document:
    base = entry.document
    spec = get_map(base.data, ("spec",))
    rules: list[_Plain] = []
    for rule_at, rule in enumerate(get_list(base.data, ("spec", "rules"))):
        paths: list[_Plain] = []
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            way = ways.get((rule_at, path_at))
            if way is None or not is_mapping(path):
                continue
            service = {**get_map(path, ("backend", "service")), "name": _target(entry, plan, way)}
            if own_forward:
                service["port"] = {"name": USE_ANNOTATION}
            paths.append({**path, "backend": {**get_map(path, ("backend",)), "service": service}})
        if paths:
            host = get_text(rule, ("host",))
            rules.append({**({"host": host} if host else {}), "http": {"paths": paths}})
    name = gray_ingress_name(base.identity.name, part, plan.spec.suffix)
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": gray_metadata(entry, plan, name=name, annotations=notes),
            "spec": {
                **{key: spec[key] for key in spec if key in ("ingressClassName", "tls")},
                "rules": rules,
            },
        },
    )


def _repeated(base: Document) -> dict[str, object]:
    """Return what a gray Ingress repeats of its base: all options of its rules, server groups and listeners.

    Not its place and its canary, nor what names a Service of its own.
    """
    return {
        name: value
        for name, value in annotations_of(base).items()
        if name in _ALSO_REPEATED
        or (name.startswith(ALB_PREFIX) and name not in ORDERS and not name.startswith(_NOT_REPEATED))
    }


def _canary_notes(asked: Asked) -> Iterator[tuple[str, str]]:
    ((ask, values),) = asked.said
    yield _CANARY, "true"
    if ask.part is Part.HEADER:
        yield f"{_CANARY}-by-header", ask.name
        yield f"{_CANARY}-by-header-value", values[0]
    else:
        yield f"{_CANARY}-by-cookie", ask.name


def _condition(said: tuple[Ask, tuple[str, ...]]) -> _Plain:
    ask, values = said
    pairs = [{"key": ask.name, "value": value} for value in values]
    match ask.part:
        case Part.HEADER:
            return {"type": "Header", "headerConfig": {"key": ask.name, "values": list(values)}}
        case Part.COOKIE:
            return {"type": "Cookie", "cookieConfig": {"values": pairs}}
        case Part.QUERY:
            return {"type": "QueryString", "queryStringConfig": {"values": pairs}}
        case _:
            assert_never(ask.part)


def _actions(text: object, plan: ReleasePlan, *, colour: bool) -> list[_Plain]:
    """Return a base's actions with the lane's header set, or dropped where the baseline's own routes drop it."""
    carrier, own = plan.spec.lane.carrier, listed(text) or []
    kept = [action for action in own if not is_about(action, REMOVE_HEADER, carrier.header)]
    if colour and PROVIDERS[plan.spec.lane.provider].needs_header and not carrier.is_shared:
        value = {"key": carrier.header, "value": plan.spec.tag, "valueType": "UserDefined", "coverEnabled": True}
        return [{"type": INSERT_HEADER, f"{INSERT_HEADER}Config": value}, *kept]
    return [_dropping(carrier.header), *kept] if len(kept) < len(own) or wants_guard(plan) else kept


def _dropping(header: str) -> _Plain:
    return {"type": REMOVE_HEADER, f"{REMOVE_HEADER}Config": {"key": header}}


def _forward(service: str, port: int) -> _Plain:
    group = {"ServiceName": service, "ServicePort": port, "Weight": 100}
    return {"type": _FORWARD, "ForwardConfig": {"ServerGroups": [group]}}


def _target(entry: Entry, plan: ReleasePlan, way: Way) -> str:
    name = plan.gray_name((CORE, "Service"), entry.document.identity.namespace, way.service) if way.gray else None
    return name or way.service


def guard(plan: ReleasePlan) -> tuple[BaselineChange, ...]:
    """Return what makes the baseline's Ingresses drop the lane's header."""
    return tuple(_guard(plan))


def _guard(plan: ReleasePlan) -> Iterator[BaselineChange]:
    header = plan.spec.lane.carrier.header
    for document in routes_to_guard(plan):
        own = annotations_of(document)
        notes: _Plain = {}
        for service in dict.fromkeys(backend.service for backend in backends_of(document) if backend.service):
            name = f"{ACTIONS}{service}"
            actions = listed(own.get(name, "[]"))
            if actions is not None and not any(is_about(action, REMOVE_HEADER, header) for action in actions):
                notes[name] = written([_dropping(header), *actions])
        if notes:
            yield BaselineChange(
                document=document,
                fields={"metadata": {"annotations": notes}},
                why=f"drops `{header}` when it comes from outside",
            )


WRITER = Writer(name=NAME, lower=lower, guard=guard)
