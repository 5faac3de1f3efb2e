"""Alibaba Cloud's ALB, as its Ingress controller makes rules of Ingresses.

Sources: those of `k8s.alb_ingresses`; in alibaba/alibaba-load-balancer-controller c277108 above all
buildListenerRules, buildRuleConditions, buildRuleActions and ComputeIngressListenPorts:

- the rules of a listener are asked one after the other, and the first that holds counts;
- a rule of a canary is there where an ordinary Ingress of the listener has its host and path, whatever their types;
- a canary by weight is a part of each ordinary rule of its host and path, and the first of the whole rule's server
  groups has what is left of 100;
- what the controller cannot read, or the load balancer does not take, stops all of the load balancer's rules.

What the product's pages leave open: values are taken to be compared in letter and case, and a query as it is written.
A request comes in by HTTPS where a rule for its host is there, else by HTTP. Conditions on the client's address are
taken not to hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from grayc.documents import Document
from grayc.documents.ingresses import classes_among
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.alb_ingresses import (
    ACTIONS,
    ALB_PREFIX,
    CONDITIONS,
    DIRECTION,
    FINAL_ACTIONS,
    USE_ANNOTATION,
    Unreadable,
    as_read,
    listed,
    order_of,
    place_of,
)
from grayc.k8s.numbers import read_integer
from grayc.records import dataclass, field, replace
from grayc.routing.ingress import NGINX, Ingress, Path, cookie_values, ingresses_of, parse_int
from grayc.routing.matching import (
    BadExpression,
    HeaderEdits,
    is_found,
    query_values,
    shared_out,
    shown_header,
)
from grayc.routing.model import (
    NO_CIRCUMSTANCES,
    Answer,
    Candidate,
    Circumstances,
    Decider,
    Destination,
    EntryRule,
    ObjectRef,
    Request,
)

NAME = "aliyun-alb"

_PREFIXES = (NGINX, ALB_PREFIX)
"""In the order in which the controller looks."""
_HTTP, _HTTPS, _QUIC = "HTTP", "HTTPS", "QUIC"
_TO_HTTPS = 308
_NOBODY = 503
"""What the listener's default server group answers, which is empty. Source: Alibaba Cloud help, "ALB Ingress FAQ"."""
_WILD = frozenset("*?")

_Listener = tuple[int, str]


class _Stopped(Exception):
    """Something for which the controller gives up the whole load balancer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """What a rule asks in one place.

    Attributes:
        key: a header's name; "" elsewhere.
        values: of which one must hold: texts with wildcards, or `key=value` of cookies and parameters as pairs.
    """

    kind: str
    key: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rule:
    """A rule of a listener.

    Attributes:
        named: what of it decides, as an answer has it.
        groups: weight and place of each server group; empty where it answers itself.
        edits: header and value in order, None for one that is taken away.
    """

    ingress: Ingress
    path: Path
    named: str
    conditions: tuple[_Condition, ...]
    groups: tuple[tuple[int, Destination], ...] = ()
    status: int | None = None
    edits: tuple[tuple[str, str | None], ...] = ()
    shares: tuple[ObjectRef, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class _Balancer:
    """One load balancer: its listeners with their rules, or why it has none."""

    refused: str = ""
    listeners: dict[_Listener, list[_Rule]] = field(default_factory=dict)
    unread: list[Candidate] = field(default_factory=list)


def simulate(documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> "AliyunAlb":
    """Return a router over the Ingresses of some classes among the documents."""
    return AliyunAlb(documents, classes)


class AliyunAlb:
    """All load balancers of one controller."""

    def __init__(self, documents: Iterable[Document], classes: frozenset[str] | None = None) -> None:
        every = tuple(documents)
        named = {
            found.identity.name: get_text(found.data, ("spec", "parameters", "name")) for found in classes_among(every)
        }
        members: dict[str, list[Ingress]] = {}
        for ingress in ingresses_of(every, classes=classes):
            own = ingress.annotations.get(f"{ALB_PREFIX}albconfig.name", "")
            config = own or named.get(ingress.class_name, "") or ingress.class_name
            members.setdefault(config, []).append(ingress)
        self._balancers = [_balancer(ingresses) for ingresses in members.values()]

    def route(self, request: Request, circumstances: Circumstances = NO_CIRCUMSTANCES) -> Answer:
        """Return where a request goes: by the first load balancer that has a rule for it."""
        unread: list[Candidate] = []
        for balancer in self._balancers:
            if balancer.refused:
                return Answer(refused=balancer.refused)
            for listener in sorted(balancer.listeners, key=lambda each: (each[1] == _HTTP, each)):
                answer = _answer(balancer.listeners[listener], request, circumstances)
                if answer is not None:
                    return answer
            unread += balancer.unread
        return Answer(
            status=_NOBODY, candidates=tuple(unread), why=("no rule holds: the listener's own server group is empty",)
        )


def _answer(rules: Sequence[_Rule], request: Request, circumstances: Circumstances) -> Answer | None:
    candidates: list[Candidate] = []
    for rule in rules:
        missed = next((why for each in rule.conditions if (why := _missed(each, request)) is not None), None)
        if missed is None:
            return _won(rule, rules, request, circumstances, candidates)
        if missed:
            candidates.append(Candidate(object=rule.ingress.ref, rule=rule.named, outcome=missed))
    return None


def _won(
    rule: _Rule, rules: Sequence[_Rule], request: Request, circumstances: Circumstances, candidates: list[Candidate]
) -> Answer:
    # Rules of one path stand before each other to take some of its requests. The first that takes all is the path's
    # own: nothing comes to those behind it.
    same = [each for each in rules if _place(each) == _place(rule) and not _is_canary(each.ingress)]
    route = next((each for each in same if _takes_all(each, request)), same[-1] if same else rule)
    entry = EntryRule(object=route.ingress.ref, host=route.path.host, path=route.path.text, path_type=route.path.kind)
    won = Candidate(object=rule.ingress.ref, rule=rule.named, outcome="won", won=not rule.shares)
    parts = [
        Candidate(object=ref, rule="canary-weight", outcome="a part of the rule above", won=True) for ref in rule.shares
    ]
    decided = (
        Decider(object=rule.shares[0], rule="canary-weight")
        if rule.shares
        else Decider(object=rule.ingress.ref, rule=rule.named)
    )
    why = (f"{rule.ingress.ref} is the first whose rule holds, by {rule.named}",)
    found = (*candidates, won, *parts)
    if rule.status is not None:
        return Answer(status=rule.status, entry=entry, decided_by=decided, candidates=found, why=why)
    edits = HeaderEdits(request)
    for name, value in rule.edits:
        if value is None:
            edits.drop(name)
        else:
            edits.put(name, value)
    changes = edits.changes()
    shares = []
    for weight, to in rule.groups:
        status = _NOBODY if to.service in circumstances.no_endpoints else None
        shares.append((Fraction(weight), replace(to, status=status, changes=changes)))
    return Answer(entry=entry, decided_by=decided, destinations=shared_out(shares), candidates=found, why=why)


def _takes_all(rule: _Rule, request: Request) -> bool:
    """Tell whether a rule holds for whatever else is sent to the host and path of a request."""
    return all(each.kind in ("host", "path") and _missed(each, request) is None for each in rule.conditions)


def _place(rule: _Rule) -> tuple[str, str]:
    return rule.path.host, rule.path.text


def _missed(condition: _Condition, request: Request) -> str | None:
    """Return why a condition does not hold, "" where the request is of another host or path; None where it holds."""
    match condition.kind:
        case "host":
            return None if any(_is_like(value, request.host, case=False) for _, value in condition.values) else ""
        case "path":
            return None if any(_is_path(value, request.path) for _, value in condition.values) else ""
        case "method":
            met = any(value.upper() == request.method for _, value in condition.values)
            return None if met else f"method is {request.method}"
        case "header":
            sent = request.values(condition.key)
            if any(_is_like(value, each) for _, value in condition.values for each in sent):
                return None
            said = shown_header(condition.key, ", ".join(sent)) if sent else "absent"
            return f"header {condition.key} is {said}"
        case "cookie":
            header = "; ".join(request.values("cookie"))
            met = any(_is_like(value, said) for key, value in condition.values for said in cookie_values(header, key))
            return (
                None
                if met
                else f"cookie {condition.values[0][0] if condition.values else ''} is not as it is asked for"
            )
        case "querystring":
            query = request.query
            met = any(_is_like(value, said) for key, value in condition.values for said in query_values(query, key))
            name = condition.values[0][0] if condition.values else ""
            return None if met else f"query parameter {name} is not as it is asked for"
        case _:
            return "it asks for the client's address"


def _is_path(value: str, path: str) -> bool:
    try:
        if value.startswith("~*"):
            return is_found(f"(?i){value[2:]}", path)
        if value.startswith("~"):
            return is_found(value[1:], path)
    except BadExpression:
        return False
    return _is_like(value, path)


def _is_like(wanted: str, said: str, *, case: bool = True) -> bool:
    """Tell whether a text is as another with wildcards: `*` for any signs, `?` for one."""
    if not case:
        wanted, said = wanted.lower(), said.lower()
    if not _WILD & set(wanted):
        return wanted == said
    pattern = "".join(".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in wanted)
    return is_found(f"(?s)^(?:{pattern})$", said)


# --- what the controller makes of Ingresses ---


def _balancer(ingresses: Sequence[Ingress]) -> _Balancer:
    made = _Balancer()
    try:
        members = _in_order(ingresses)
        by_listener: dict[_Listener, list[Ingress]] = {}
        for ingress in members:
            for listener in _listeners(ingress):
                by_listener.setdefault(listener, []).append(ingress)
        for listener, listening in by_listener.items():
            made.listeners[listener] = list(_rules(listening, listener, made.unread))
    except _Stopped as stopped:
        return _Balancer(refused=str(stopped))
    return made


def _in_order(ingresses: Sequence[Ingress]) -> list[Ingress]:
    taken: dict[int, Ingress] = {}
    places: list[tuple[tuple[int, str], int]] = []
    for at, ingress in enumerate(ingresses):
        order = order_of(ingress.annotations)
        if isinstance(order, Unreadable):
            raise _Stopped(f"{ingress.ref}: {order.reason}")
        if order is not None:
            if order in taken:
                raise _Stopped(f"{taken[order].ref} and {ingress.ref} both name order {order}")
            taken[order] = ingress
        places.append((place_of(order, ingress.ref.namespace, ingress.ref.name), at))
    return [ingresses[at] for _, at in sorted(places)]


def _note(ingress: Ingress, name: str) -> str:
    return ingress.note(name, _PREFIXES) or ""


def _listeners(ingress: Ingress) -> list[_Listener]:
    found: dict[_Listener, None] = {}
    if _note(ingress, "ssl-redirect") == "true":
        found[80, _HTTP] = None
    ports = ingress.annotations.get(f"{ALB_PREFIX}listen-ports", "").strip()
    if not ports:
        if ingress.tls_hosts:
            found |= {(80, _HTTP): None} if any(host and _is_plain(ingress, host) for host in ingress.hosts) else {}
            found[443, _HTTPS] = None
        else:
            found[80, _HTTP] = None
        return list(found)
    entries = listed(ports)
    if not entries:
        raise _Stopped(f"{ingress.ref}: listen-ports is no list of protocols and ports")
    for protocol, port in (item for each in entries for item in each.items()):
        if protocol not in (_HTTP, _HTTPS, _QUIC) or not isinstance(port, int) or not 1 <= port <= 65535:
            raise _Stopped(f"{ingress.ref}: listen-ports names {protocol} {port}")
        found[port, protocol] = None
    return list(found)


def _is_plain(ingress: Ingress, host: str) -> bool:
    return host not in ingress.tls_hosts


def _is_for(ingress: Ingress, host: str, protocol: str) -> bool:
    """Tell whether the rules of a host are there for a protocol. Source: withTlsRule, forceListenIngress."""
    forced = _note(ingress, "ssl-redirect") == "true" or f"{ALB_PREFIX}listen-ports" in ingress.annotations
    if not host or forced or protocol == _QUIC:
        return True
    is_tls = (protocol == _HTTPS and not ingress.has_tls) or not _is_plain(ingress, host)
    return is_tls == (protocol == _HTTPS)


def _is_canary(ingress: Ingress) -> bool:
    return _note(ingress, "canary") == "true"


def _rules(ingresses: Sequence[Ingress], listener: _Listener, unread: list[Candidate]) -> Iterator[_Rule]:
    port, protocol = listener
    ordinary = {
        (path.host, path.text or "/") for ingress in ingresses if not _is_canary(ingress) for path in ingress.paths
    }
    shares = _shares(ingresses)
    for ingress in ingresses:
        weight = _is_canary(ingress) and bool(_note(ingress, "canary-weight"))
        if weight:
            if any(_note(ingress, f"canary-by-{kind}") for kind in ("header", "header-value", "cookie")):
                reason = "never read: a header or cookie with a weight"
                unread.append(Candidate(object=ingress.ref, rule="canary-weight", outcome=reason))
            continue
        for path in ingress.paths:
            if not _is_for(ingress, path.host, protocol):
                continue
            if (path.host, path.text or "/") not in ordinary:
                reason = "never read: no ordinary Ingress has its host and path"
                unread.append(Candidate(object=ingress.ref, rule=_named(ingress), outcome=reason))
                continue
            if (rule := _rule(ingress, path, shares.get((path.host, path.text or "/"), ()), port)) is not None:
                yield rule


_Part = tuple[int, Ingress, Destination]


def _shares(ingresses: Sequence[Ingress]) -> dict[tuple[str, str], list[_Part]]:
    found: dict[tuple[str, str], list[_Part]] = {}
    for ingress in ingresses:
        if not _is_canary(ingress):
            continue
        if any(f"{CONDITIONS}{path.backend.service}" in ingress.annotations for path in ingress.paths if path.backend):
            raise _Stopped(f"{ingress.ref} is a canary with conditions")
        weight = parse_int(_note(ingress, "canary-weight")) or 0
        if not weight or any(_note(ingress, f"canary-by-{kind}") for kind in ("header", "header-value", "cookie")):
            continue
        for path in ingress.paths:
            if path.backend is None:
                continue
            actions = listed(ingress.annotations.get(f"{ACTIONS}{path.backend.service}", "[]")) or []
            if any(as_read(action)["type"] == "forwardgroup" for action in actions):
                raise _Stopped(f"{ingress.ref} is a canary by weight with a `ForwardGroup`")
            to = Destination(namespace=ingress.ref.namespace, service=path.backend.service, port=path.backend.port)
            found.setdefault((path.host, path.text or "/"), []).append((weight, ingress, to))
    for parts in found.values():
        if not 0 < sum(weight for weight, _, _ in parts) <= 100 or any(weight < 0 for weight, _, _ in parts):
            names = ", ".join(str(ingress.ref) for _, ingress, _ in parts)
            raise _Stopped(f"the weights of {names} are more than 100")
    return found


def _rule(ingress: Ingress, path: Path, parts: Sequence[_Part], port: int) -> _Rule | None:
    """Return the rule of one path; None for one that is asked of answers."""
    service = path.backend.service if path.backend else ""
    direction = ingress.annotations.get(f"{DIRECTION}{service}", "Request")
    if direction not in ("Request", "Response"):
        raise _Stopped(f"{ingress.ref}: {DIRECTION}{service} is neither Request nor Response")
    conditions = tuple(_conditions(ingress, path, service))
    actions = _actions(ingress, service)
    edits = [edit for action in actions if (edit := _edit(action)) is not None]
    finals = [action for action in actions if action["type"] in FINAL_ACTIONS]
    own = path.backend is not None and path.backend.port != USE_ANNOTATION
    if _note(ingress, "ssl-redirect") == "true" and port != 443:
        finals, own = [{"type": "redirect", "redirectconfig": {"httpcode": str(_TO_HTTPS)}}], False
    if len(finals) + own != 1:
        raise _Stopped(f"{ingress.ref}: the rule of {path.host}{path.text} has {len(finals) + own} final actions")
    if direction == "Response":
        return None
    named = _named(ingress, service)
    made = _Rule(ingress=ingress, path=path, named=named, conditions=conditions, edits=tuple(edits))
    if not own:
        return _ended(made, finals[0])
    assert path.backend is not None, "it has a port of its own"
    base = Destination(namespace=ingress.ref.namespace, service=service, port=path.backend.port)
    shared = [] if _is_canary(ingress) else parts
    left = 100 - sum(weight for weight, _, _ in shared)
    return replace(
        made,
        groups=(*(((left, base),) if left else ()), *((weight, to) for weight, _, to in shared)),
        shares=tuple(each.ref for _, each, _ in shared),
    )


def _named(ingress: Ingress, service: str = "") -> str:
    if _is_canary(ingress):
        return "canary-by-header-value" if _note(ingress, "canary-by-header") else "canary-by-cookie"
    return "conditions" if ingress.annotations.get(f"{CONDITIONS}{service}") else "path"


def _actions(ingress: Ingress, service: str) -> list[dict[str, object]]:
    text = ingress.annotations.get(f"{ACTIONS}{service}")
    if text is None:
        return []
    found = listed(text)
    if found is None:
        raise _Stopped(f"{ingress.ref}: {ACTIONS}{service} is no list in JSON")
    return [as_read(action) for action in found]


def _edit(action: Mapping[str, object]) -> tuple[str, str | None] | None:
    if action["type"] == "removeheader":
        return get_text(action, ("removeheaderconfig", "key")), None
    if action["type"] == "insertheader":
        return get_text(action, ("insertheaderconfig", "key")), get_text(action, ("insertheaderconfig", "value"))
    return None


def _ended(rule: _Rule, action: Mapping[str, object]) -> _Rule:
    """Return a rule with what its final action does."""
    groups: list[tuple[int, Destination]] = []
    status: int | None = None
    match action["type"]:
        case "redirect":
            status = read_integer(get_text(action, ("redirectconfig", "httpcode"))) or 301
        case "fixedresponse":
            status = read_integer(get_text(action, ("fixedresponseconfig", "httpcode"))) or _NOBODY
        case _:
            for group in get_list(get_map(action, ("forwardconfig",)), ("servergroups",)):
                number, weight = get_map(group, ()).get("serviceport"), get_map(group, ()).get("weight")
                name = get_text(group, ("servicename",))
                if not name:
                    raise _Stopped(f"{rule.ingress.ref}: a server group that no Service names is not known here")
                to = Destination(
                    namespace=rule.ingress.ref.namespace,
                    service=name,
                    port=number if isinstance(number, int) else "",
                )
                groups.append((weight if isinstance(weight, int) else 0, to))
            if not any(weight > 0 for weight, _ in groups):
                raise _Stopped(f"{rule.ingress.ref}: a `ForwardGroup` without a weight")
    return replace(rule, groups=tuple(groups), status=status)


_OF_ANSWERS = frozenset({"responseheader", "responsestatuscode"})


def _conditions(ingress: Ingress, path: Path, service: str) -> Iterator[_Condition]:
    """Yield what a rule asks: hosts and paths of its conditions beside those of the path."""
    text = ingress.annotations.get(f"{CONDITIONS}{service}", "")
    written = listed(text) if text else []
    if written is None:
        raise _Stopped(f"{ingress.ref}: {CONDITIONS}{service} is no list in JSON")
    joined: dict[str, list[tuple[str, str]]] = {"host": [], "path": [], "method": [], "sourceip": []}
    for item in map(as_read, written):
        kind = str(item["type"])
        config = get_map(item, (f"{kind}config",))
        if kind in joined:
            joined[kind] += [("", value) for value in get_list(config, ("values",)) if isinstance(value, str)]
        elif kind == "header":
            values = [("", value) for value in get_list(config, ("values",)) if isinstance(value, str)]
            yield _Condition(kind=kind, key=get_text(config, ("key",)), values=tuple(values))
        elif kind in ("querystring", "cookie"):
            pairs = [(get_text(pair, ("key",)), get_text(pair, ("value",))) for pair in get_list(config, ("values",))]
            yield _Condition(kind=kind, values=tuple(pairs))
        elif kind not in _OF_ANSWERS:
            raise _Stopped(f"{ingress.ref}: condition type {kind or '?'} is not known")
    if path.host:
        joined["host"].append(("", path.host))
    joined["path"] += [("", each) for each in _path_patterns(ingress, path)]
    for kind, values in joined.items():
        if values:
            yield _Condition(kind=kind, values=tuple(values))
    if not _is_canary(ingress):
        return
    header, cookie = _note(ingress, "canary-by-header"), _note(ingress, "canary-by-cookie")
    if header:
        value = _note(ingress, "canary-by-header-value")
        if not value:
            raise _Stopped(f"{ingress.ref} asks header {header} for no value")
        yield _Condition(kind="header", key=header, values=(("", value),))
    if cookie:
        yield _Condition(kind="cookie", values=((cookie, "always"),))


def _path_patterns(ingress: Ingress, path: Path) -> list[str]:
    """Return the values of a path's condition. Source: buildPathPatterns."""
    text = path.text or "/"
    if path.kind == "ImplementationSpecific":
        return [text]
    if path.kind == "Prefix":
        if text == "/":
            return ["/*"]
        for name in ("rewrite-target", "use-regex"):
            said = ingress.annotations.get(f"{ALB_PREFIX}{name}", "").strip()
            if said and said != text:
                return [f"~*{text}"]
    if _WILD & set(text):
        raise _Stopped(f"{ingress.ref}: path {text} of type {path.kind} has a wildcard")
    stem = text.removesuffix("/")
    return [stem, f"{stem}/*"] if path.kind == "Prefix" else [text]
