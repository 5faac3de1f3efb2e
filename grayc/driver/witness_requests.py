"""Requests that come in by one path of an entry, and what they carry to meet a rule or to miss it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from grayc.analysis.endings import all_endings, endings_below
from grayc.analysis.patterns_meet import PatternMeetings
from grayc.analysis.routes import is_canary, parents_in, servers_of
from grayc.analysis.traffic import ALWAYS, NEVER, Ask, Meaning, asks_of, is_switch
from grayc.documents import Document
from grayc.documents.traefik_rules import Matcher, matchers_of, paths_of, read_rule
from grayc.documents.traefik_rules import Rule as TraefikRule
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.patterns import compile_later
from grayc.plan.model import Entry, EntryPath
from grayc.records import dataclass, field, replace
from grayc.routing.matching import BadExpression, CostlyExpression, is_found, ref_of
from grayc.routing.model import Answer, Request
from grayc.spec.model import ByValue, Digits, Part, Rule, WeightRule

_REGEX_SIGNS = frozenset("^$*+?()[]{}|\\")
_BELOW = "grayc-witness"
_ANY_HOST = "grayc-witness.invalid"
_OTHER = "0"
_PLAIN_METHOD = "GET"
_MOST_CANARIES = 10
_MOST_HOSTS = 16
_REGEX_PATHS = ("use-regex", "full-path-regex")
_MATCH_KINDS = ("exact", "prefix", "regex")
_GROUP = compile_later(r"\((?:\?:)?(.*)\)")
_SENT_AS_IT_IS = {
    Part.HEADER: compile_later(r"[\x20-\x7e]+"),
    Part.QUERY: compile_later(r"[A-Za-z0-9._~-]+"),
    Part.COOKIE: compile_later(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+"),
}
"""Signs of a value that no client writes in another way, and no gateway reads as the end of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What a request must have to come in by a path of an entry.

    Attributes:
        headers: that the route itself asks for, name → value.
        is_exact: the path of the route stands for this one only.
        is_pattern: the path is one example of an expression, or may be.
        is_whole: False where the route asks for what no request here can have.
    """

    host: str
    path: str
    method: str = _PLAIN_METHOD
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_exact: bool = False
    is_pattern: bool = False
    is_whole: bool = True

    def request(self, carried: "Carried | None" = None) -> Request:
        """Return the request, with what it carries for the rules."""
        headers = dict(self.headers)
        cookies: Mapping[str, str] = {}
        query = self.query
        if carried is not None:
            headers |= carried.headers
            cookies = carried.cookies
            query = "&".join(filter(None, (query, *(f"{name}={value}" for name, value in carried.query.items()))))
        return Request(
            method=self.method,
            host=self.host,
            path=self.path,
            query=query,
            headers=tuple(headers.items()),
            cookies=tuple(cookies.items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """What a request carries for the rules.

    Attributes:
        rule: the rule that it is about; None where it is about none.
        is_near_miss: it comes close to a rule and does not meet it.
        is_of_another: it meets a canary of production, which may keep it.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    rule: Rule | None = None
    is_near_miss: bool = False
    is_of_another: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether it carries nothing."""
        return not (self.headers or self.query or self.cookies)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """All that the rules of a release are asked with.

    Attributes:
        carried: the most telling first.
        unasked: patterns that no value is at hand for.
        size: how many asks the rules have.
    """

    carried: tuple[Carried, ...]
    unasked: tuple[Ask, ...]
    size: int


def asked_of(meaning: Meaning, rules: Sequence[Rule], patterns: PatternMeetings) -> Asked:
    """Return what requests carry to meet every rule, to miss it, and to opt out of it.

    The first value of each rule comes before second ones: where there is no room for all, every rule has its turn.
    """
    by_turn: dict[int, list[Carried]] = {0: [Carried(rule=meaning.weight)]}
    unasked: list[Ask] = []
    firsts: list[Carried] = []
    for rule in rules:
        asks = asks_of(rule)
        found = [_values(rule, ask, patterns) for ask in asks]
        unasked += [ask for ask, (values, _) in zip(asks, found, strict=True) if not values]
        if not asks or not all(values for values, _ in found):
            continue
        first = [(ask, values[0]) for ask, (values, _) in zip(asks, found, strict=True)]
        firsts.append(_carried(rule, first))
        by_turn[0].append(firsts[-1])
        for at, (ask, (values, missed)) in enumerate(zip(asks, found, strict=True)):
            before, behind = first[:at], first[at + 1 :]
            for turn, value in enumerate(values[1:], 1):
                by_turn.setdefault(turn, []).append(_carried(rule, (*before, (ask, value), *behind)))
            if is_switch(rule):
                by_turn.setdefault(1, []).append(_carried(rule, [(ask, NEVER)]))
            near = [(*before, (ask, missed), *behind)] if missed is not None else []
            near += [(*before, *behind)] if len(asks) > 1 else []
            by_turn.setdefault(1, []).extend(replace(_carried(rule, said), is_near_miss=True) for said in near)
    for rule in rules:
        # What says never stands above the rules behind it, and below those before it.
        if not is_switch(rule):
            continue
        (ask,) = asks_of(rule)
        for part in Part:
            other = next((each for each in firsts if each.rule is not rule and _asks_of_part(each, part)), None)
            if other is not None:
                by_turn.setdefault(1, []).append(_beside(_carried(rule, [(ask, NEVER)]), other))
    return Asked(
        carried=tuple(each for turn in sorted(by_turn) for each in by_turn[turn]),
        unasked=tuple(unasked),
        size=sum(len(line.asks) for line in meaning.lines),
    )


def _asks_of_part(carried: Carried, part: Part) -> bool:
    return bool({Part.HEADER: carried.headers, Part.QUERY: carried.query, Part.COOKIE: carried.cookies}[part])


def _beside(first: Carried, other: Carried) -> Carried:
    """Return a request that carries what two carry; where both say something in one place, the first does."""
    return replace(
        first,
        headers={**other.headers, **first.headers},
        query={**other.query, **first.query},
        cookies={**other.cookies, **first.cookies},
    )


def _values(rule: Rule, ask: Ask, patterns: PatternMeetings) -> tuple[list[str], str | None]:
    """Return values that meet an ask, and one that is nearly such a value, None where none is at hand."""
    if isinstance(rule, WeightRule) and isinstance(rule.by, ByValue):
        return _endings(rule.percent, rule.by.digits)
    if ask.pattern is None:
        return [*ask.values], next(each for each in _around(ask.values[0]) if each not in ask.values)
    if ask.member:
        values = [ask.member, f"a=b,{ask.member};c=d,e=f"]
        return values, _missing(ask.pattern, values)
    value = _value_of(ask.pattern, patterns)
    values = [] if value is None or not _SENT_AS_IT_IS[ask.part].fullmatch(value) else [value]
    return values, _missing(ask.pattern, values)


def _endings(percent: int, digits: Digits) -> tuple[list[str], str | None]:
    """Return values with the last, the first and a single ending of a share, and the first that is none of it."""
    count = endings_below(percent, digits)
    form = "02d" if digits is Digits.DECIMAL else "02x"
    inside = [f"7{count - 1:{form}}", f"7{0:{form}}", "0"]
    return inside, f"7{count:{form}}" if count < all_endings(digits) else f"{inside[0]}-"


def asked_by_canaries(documents: Iterable[Document], patterns: PatternMeetings) -> tuple[Carried, ...]:
    """Return what requests carry to meet the canary Ingresses of production, those of the first few."""
    found: dict[tuple[str, str, str], Carried] = {}
    for document in documents:
        if document.identity.kind != "Ingress" or not is_canary(document):
            continue
        notes = {
            key.rpartition("/")[2]: value
            for key, value in get_map(document.data, ("metadata", "annotations")).items()
            if isinstance(value, str)
        }
        header, cookie = notes.get("canary-by-header", "").strip(), notes.get("canary-by-cookie", "").strip()
        pattern = notes.get("canary-by-header-pattern", "")
        value = notes.get("canary-by-header-value") or (_value_of(pattern, patterns) if pattern else ALWAYS)
        if header and value:
            found["header", header, value] = Carried(headers={header: value}, is_of_another=True)
        if cookie:
            said = notes.get("canary-by-cookie-value") or ALWAYS
            found["cookie", cookie, said] = Carried(cookies={cookie: said}, is_of_another=True)
        query = notes.get("canary-by-query", "").strip()
        if query:
            found_in = notes.get("canary-by-query-pattern", "")
            said = notes.get("canary-by-query-value") or (_value_of(found_in, patterns) if found_in else ALWAYS) or ""
            if said:
                found["query", query, said] = Carried(query={query: said}, is_of_another=True)
        if len(found) >= _MOST_CANARIES:
            break
    return tuple(found.values())


def _carried(rule: Rule, said: Iterable[tuple[Ask, str]]) -> Carried:
    by_part: dict[Part, dict[str, str]] = {part: {} for part in Part}
    for ask, value in said:
        by_part[ask.part][ask.name] = value
    return Carried(headers=by_part[Part.HEADER], query=by_part[Part.QUERY], cookies=by_part[Part.COOKIE], rule=rule)


def _value_of(pattern: str, patterns: PatternMeetings, *, depth: int = 3) -> str | None:
    """Return a text of one sign or more in which an expression is found, None where none is at hand.

    Args:
        depth: of alternatives in alternatives that are asked by themselves.
    """
    text = pattern.removeprefix("(?i)").replace("(?i:", "(?:").replace(r"\b", "")
    plain = text.removeprefix("^").removesuffix("$")
    guesses = [plain] if plain and not _REGEX_SIGNS & set(plain) and "." not in plain else []
    # What may stand at an edge of the value or beside a sign stands beside it.
    for asked in dict.fromkeys((pattern, text, text.replace("(^|", "(").replace("|$)", ")"))):
        found = None if guesses else patterns.meet(asked, ".").text
        guesses += [found] if found else []
    found = next((guess for guess in guesses if guess == guess.strip() and _is_found(pattern, guess)), None)
    # An anchor of one alternative is none of the whole, so each is asked by itself.
    branches = _branches(text) if found is None and depth else []
    if len(branches) == 1 and (group := _GROUP.fullmatch(text)) is not None:
        branches = _branches(group[1])
    of_branches = (_value_of(branch, patterns, depth=depth - 1) for branch in branches if branch and len(branches) > 1)
    return found or next((value for value in of_branches if value and _is_found(pattern, value)), None)


def _branches(pattern: str) -> list[str]:
    """Return the alternatives of an expression, those in its groups left as they are."""
    found, depth, in_class, at = [""], 0, False, 0
    while at < len(pattern):
        sign = pattern[at]
        size = 2 if sign == "\\" else 1
        if sign == "[" and not in_class:
            # A `]` that comes first is a member.
            in_class, size = (
                True,
                2 if pattern[at + 1 : at + 2] == "]" else 3 if pattern[at + 1 : at + 3] == "^]" else 1,
            )
        elif sign == "]":
            in_class = False
        elif not in_class and sign in "()":
            depth += 1 if sign == "(" else -1
        if sign == "|" and not depth and not in_class:
            found.append("")
        else:
            found[-1] += pattern[at : at + size]
        at += size
    return found


def _missing(pattern: str, values: Sequence[str]) -> str | None:
    """Return a text in which an expression is not found, None where none is at hand."""
    guesses = [guess for value in values for guess in _around(value)]
    return next((guess for guess in (*guesses, "~") if not _is_found(pattern, guess, otherwise=True)), None)


def _around(value: str) -> Iterator[str]:
    """Yield texts that are nearly a value."""
    yield f"{value}{_OTHER}"
    yield f"{_OTHER}{value}"
    yield f"{value}{_OTHER}{_OTHER}"
    yield from (f"{value}-{number}" for number in range(1_000))


def _is_found(pattern: str, text: str, *, otherwise: bool = False) -> bool:
    try:
        return is_found(pattern, text)
    except (BadExpression, CostlyExpression):
        return otherwise


def shapes_of(
    entry: Document, path: EntryPath, patterns: PatternMeetings, hosts: Iterable[str] = ()
) -> tuple[Shape, ...]:
    """Return requests that should come in by a path of an entry, the plainest first.

    Args:
        hosts: that the listeners name, for a route that names none of its own or all below one.
    """
    match entry.identity.kind:
        case "Ingress":
            shapes = tuple(_of_ingress(entry, path, patterns))
        case "VirtualService":
            shapes = tuple(_of_virtual_service(entry, path, patterns))
        case "IngressRoute":
            shapes = tuple(_of_ingress_route(entry, path, patterns))
        case _:
            shapes = tuple(_of_route(entry, path, patterns))
    others = dict.fromkeys(_below(path.host, hosts))
    return (*shapes, *(replace(shape, host=host) for host in others for shape in shapes))


def _of_ingress(entry: Document, path: EntryPath, patterns: PatternMeetings) -> Iterator[Shape]:
    item = get(entry.data, ("spec", "rules", path.rule, "http", "paths", path.path))
    text = path.text or "/"
    annotations = get_map(entry.data, ("metadata", "annotations"))
    base = Shape(host=_host(path.host), path=text)
    for key, value in annotations.items():
        base = _annotated(base, key.rpartition("/")[2], value, patterns)
    if get_text(item, ("pathType",)) == "Exact":
        yield from _at_paths(base, "Exact", text, patterns)
        return
    if not _REGEX_SIGNS & set(text):
        yield from _at_paths(base, "Prefix", text, patterns)
        return
    # A sign of an expression is a sign of a path as well. Which it is, annotations say, on some gateways those of
    # another Ingress of the host.
    as_text = [replace(shape, is_pattern=True) for shape in _at_paths(base, "Prefix", text, patterns)]
    examples = list(_at_paths(base, "Regex", text, patterns))
    yield from (*examples, *as_text) if _asks_for_expressions(annotations) else (*as_text, *examples)


def _asks_for_expressions(annotations: Mapping[str, object]) -> bool:
    """Tell whether annotations make expressions of the paths of their Ingress on a gateway that knows them."""
    said = {key.rpartition("/")[2]: value for key, value in annotations.items()}
    return bool(said.get("rewrite-target")) or any(said.get(name) == "true" for name in _REGEX_PATHS)


def _annotated(shape: Shape, name: str, value: object, patterns: PatternMeetings) -> Shape:
    """Return a shape that meets a match annotation of Higress or MSE too."""
    if not isinstance(value, str):
        return shape
    if name == "match-method":
        methods = value.upper().split()
        return replace(shape, method=methods[0]) if methods and shape.method not in methods else shape
    kind, _, rest = name.partition("-match-")
    part, _, asked = rest.partition("-")
    if kind not in _MATCH_KINDS or not asked:
        return shape
    if part not in ("header", "query"):
        return replace(shape, is_whole=False)
    wanted = value if kind != "regex" else _whole_value(value, patterns)
    return _asking(shape, part, asked, wanted)


def _asking(shape: Shape, part: str, name: str, value: str | None) -> Shape:
    """Return a shape with a header or query parameter more; None for a value that is not at hand."""
    if value is None:
        return replace(shape, is_whole=False)
    if part == "header":
        return replace(shape, headers={**shape.headers, name: value})
    return replace(shape, query="&".join(filter(None, (shape.query, f"{name}={value}"))))


def _of_route(entry: Document, path: EntryPath, patterns: PatternMeetings) -> Iterator[Shape]:
    rule = get(entry.data, ("spec", "rules", path.rule))
    matches = get_list(rule, ("matches",))
    match = matches[path.path] if path.path < len(matches) else {}
    if entry.identity.kind == "GRPCRoute":
        yield from _of_grpc(match, path, patterns)
        return
    shape = Shape(host=_host(path.host), path="/", method=get_text(match, ("method",)) or _PLAIN_METHOD)
    for key, part in (("headers", "header"), ("queryParams", "query")):
        for item in get_list(match, (key,)):
            kind, value = get_text(item, ("type",)), get_text(item, ("value",))
            wanted = _whole_value(value, patterns) if kind == "RegularExpression" else value
            shape = _asking(shape, part, get_text(item, ("name",)), wanted)
    kinds = {"Exact": "Exact", "RegularExpression": "Regex"}
    kind = kinds.get(get_text(match, ("path", "type")), "Prefix")
    yield from _at_paths(shape, kind, get_text(match, ("path", "value")) or "/", patterns)


def _of_grpc(match: object, path: EntryPath, patterns: PatternMeetings) -> Iterator[Shape]:
    """Yield the call of a method of a GRPCRoute's match, and of any method where it names none."""
    asked = get_map(match, ("method",))
    is_pattern = get_text(asked, ("type",)) == "RegularExpression"
    names = []
    for part, otherwise in (("service", "grayc.Witness"), ("method", "Ask")):
        wanted = get_text(asked, (part,))
        names.append((_whole_value(wanted, patterns) if is_pattern and wanted else wanted) or otherwise)
    shape = Shape(
        host=_host(path.host),
        path="/".join(("", *names)),
        method="POST",
        headers={"content-type": "application/grpc"},
        is_pattern=is_pattern,
    )
    for item in get_list(match, ("headers",)):
        kind, value = get_text(item, ("type",)), get_text(item, ("value",))
        asked_value = _whole_value(value, patterns) if kind == "RegularExpression" else value
        shape = _asking(shape, "header", get_text(item, ("name",)), asked_value)
    yield shape


def _of_ingress_route(entry: Document, path: EntryPath, patterns: PatternMeetings) -> Iterator[Shape]:
    """Yield requests of a rule: what it asks by `&&`, and of `||` the first that has this host and path."""
    asked = read_rule(get_text(get(entry.data, ("spec", "routes", path.rule)), ("match",)))
    asks = paths_of(asked) if asked is not None else ()
    name, text = asks[path.path] if path.path < len(asks) else ("PathPrefix", "/")
    shape = Shape(host=_host(path.host), path="/")
    wanted = {("Host", path.host), (name, text)}
    for matcher in _first_of(asked, wanted) if asked is not None else ():
        match matcher.name:
            case "Host" | "Path" | "PathPrefix" | "PathRegexp":
                pass
            case _ if matcher.negated:
                shape = replace(shape, is_whole=False)
            case "Method":
                shape = replace(shape, method=matcher.values[0].upper())
            case "Header" | "Query":
                value = matcher.values[1] if len(matcher.values) > 1 else ""
                shape = _asking(shape, matcher.name.lower(), matcher.values[0], value)
            case "HeaderRegexp" | "QueryRegexp" if len(matcher.values) > 1:
                value_met = patterns.meet(matcher.values[1], "").text
                shape = _asking(shape, matcher.name.removesuffix("Regexp").lower(), matcher.values[0], value_met)
            case _:
                shape = replace(shape, is_whole=False)
    kinds = {"Path": "Exact", "PathRegexp": "Regex"}
    yield from _at_paths(shape, kinds.get(name, "Prefix"), text, patterns)


def _first_of(rule: TraefikRule, wanted: Set[tuple[str, str]]) -> Iterator[Matcher]:
    """Yield matchers all of which a request can meet so that it meets the rule.

    Args:
        wanted: names and texts of matchers; of alternatives the first with most of them is taken.
    """
    if isinstance(rule, Matcher):
        yield rule
        return
    for each in rule.rules if rule.every else [max(rule.rules, key=lambda each: _count(each, wanted))]:
        yield from _first_of(each, wanted)


def _count(rule: TraefikRule, wanted: Set[tuple[str, str]]) -> int:
    return len(wanted & {(matcher.name, text) for matcher in matchers_of(rule) for text in matcher.values})


def _of_virtual_service(entry: Document, path: EntryPath, patterns: PatternMeetings) -> Iterator[Shape]:
    matches = get_list(get(entry.data, ("spec", "http", path.rule)), ("match",))
    match = matches[path.path] if path.path < len(matches) else {}
    host = path.host
    if host and "." not in host and host != "*":
        host = f"{host}.{entry.identity.namespace or 'default'}.svc.cluster.local"
    shape = Shape(host=_host(host), path="/")
    method = get_map(match, ("method",))
    if method:
        wanted = _of_string(method, patterns)
        shape = replace(shape, method=wanted or shape.method, is_whole=wanted is not None)
    for key, part in (("headers", "header"), ("queryParams", "query")):
        for name, condition in get_map(match, (key,)).items():
            shape = _asking(shape, part, name, _of_string(condition, patterns))
    if any(
        get(match, (part,)) for part in ("port", "scheme", "sourceLabels", "sourceNamespace", "authority", "gateways")
    ):
        shape = replace(shape, is_whole=False)
    if not get_list(entry.data, ("spec", "hosts")):
        shape = replace(shape, is_whole=False)  # A delegate: those that name it ask for more.
    kind = next(iter(get_map(match, ("uri",))), "prefix")
    yield from _at_paths(shape, {"exact": "Exact", "regex": "Regex"}.get(kind, "Prefix"), path.text or "/", patterns)


def _of_string(condition: object, patterns: PatternMeetings) -> str | None:
    """Return a text that meets a StringMatch, None where none is at hand."""
    if is_mapping(condition):
        for kind, wanted in condition.items():
            if isinstance(wanted, str):
                return _whole_value(wanted, patterns) if kind == "regex" and wanted != "*" else wanted or "1"
    return "1"


def _whole_value(pattern: str, patterns: PatternMeetings) -> str | None:
    """Return a text that an expression matches from end to end, None where none is at hand."""
    if not _REGEX_SIGNS & set(pattern) and "." not in pattern:
        return pattern or None
    return patterns.meet(pattern if pattern.startswith("^") else f"^(?:{pattern})$", ".").text


def _at_paths(shape: Shape, kind: str, text: str, patterns: PatternMeetings) -> Iterator[Shape]:
    """Yield a shape at the paths that a path of a route stands for."""
    if kind == "Exact":
        yield replace(shape, path=text, is_exact=True)
        return
    if kind == "Prefix":
        yield replace(shape, path=text)
        yield replace(shape, path=f"{text.rstrip('/')}/{_BELOW}")
        return
    end = next((at for at, sign in enumerate(text) if sign in _REGEX_SIGNS and at), len(text))
    plain = text[:end].lstrip("^")
    example = patterns.meet(f"^(?:{text.removeprefix('^').removesuffix('$')})$", ".").text
    for guess in dict.fromkeys((example, plain, f"{plain.rstrip('/')}/{_BELOW}", text)):
        if guess and guess.startswith("/"):
            yield replace(shape, path=guess, is_pattern=True)


def comes_in(answer: Answer, entry: Entry, path: EntryPath, shape: Shape) -> bool:
    """Tell whether a request came in by a path of an entry, or of one that delegates to it."""
    by, decider, own = answer.entry, answer.decided_by, ref_of(entry.document)
    if by is None or answer.status is not None or (by.object != own and (decider is None or decider.object != own)):
        return False
    if own.kind == "GRPCRoute":
        return True  # Its path is a method, which a simulator writes as an expression.
    # `Exact /` beside `Prefix /` is another path.
    return by.path in (path.text, path.text or "/") and (by.path_type.lower() == "exact") is shape.is_exact


def listener_hosts(entry: Document, baseline: tuple[Document, ...]) -> tuple[str, ...]:
    """Return the hosts, or patterns of hosts, that the listeners of a route's Gateways name in the baseline.

    Source: kubernetes-sigs/gateway-api, apis/v1 Listener.hostname, which a route without host names takes over; Istio
    1.27 reference, Server.hosts, `[namespace/]host`, which a VirtualService of the host `*` is bound to.
    """
    servers = servers_of(entry, baseline)
    hosts: dict[str, None] = {}
    for gateway in parents_in(baseline):
        if f"{gateway.identity.namespace}/{gateway.identity.name}" not in servers:
            continue
        for listener in get_list(gateway.data, ("spec", "listeners")):
            hosts.setdefault(get_text(listener, ("hostname",)))
        for server in get_list(gateway.data, ("spec", "servers")):
            for host in get_list(server, ("hosts",)):
                if isinstance(host, str):
                    hosts.setdefault(host.rpartition("/")[2])
    return tuple(host for host in hosts if host not in ("", "*"))[:_MOST_HOSTS]


def _below(pattern: str, hosts: Iterable[str]) -> Iterator[str]:
    """Yield hosts that the listeners name and a host of the route holds as a pattern."""
    for host in hosts:
        if pattern in ("", "*") or (pattern.startswith("*.") and host.lower().endswith(pattern[1:].lower())):
            yield _host(host)


def is_made_up(host: str) -> bool:
    """Tell whether a host is one that stands here for any, or for any below a name."""
    return host == _ANY_HOST or host.startswith(f"{_BELOW}.")


def _host(pattern: str) -> str:
    """Return a host that a pattern names."""
    if pattern in ("", "*"):
        return _ANY_HOST
    return (f"{_BELOW}{pattern[1:]}" if pattern.startswith("*.") else pattern).lower()
