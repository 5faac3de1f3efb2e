"""One canary Ingress for each condition: how MSE and Higress take rules.

Sources: alibaba/higress 4e0d691, pkg/ingress/kube/annotations (canary.go, header_control.go), common/tool.go and
ingressv1/controller.go; Alibaba Cloud help, "Advanced usage of MSE Ingress" and "Annotations supported by MSE Ingress
gateways", for what the product says itself:

- one canary Ingress honours one kind of rule only, and any number of them may stand on one route;
- of header canaries that a request meets, the older counts, and of one age the one whose `name.namespace` sorts first;
- a canary is bound to its base by host, path, path type and match annotations, so those are repeated;
- a canary by header or cookie comes before one by query parameter, which MSE alone has;
- `never` has no meaning of its own, so staying out is one more canary, to the baseline Service;
- a canary's header control is its own and not inherited;
- a weight's share is truncated to whole percent in single precision.
"""

from collections.abc import Iterator
from typing import assert_never

from grayc.analysis.routes import is_canary
from grayc.analysis.shares import weight_and_total
from grayc.analysis.traffic import NEVER, Ask, Line, asks_of, meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.ingresses import CLASS_ANNOTATION
from grayc.documents.tree import get_list, get_text
from grayc.gateways import patterns
from grayc.gateways.canaries import AHEAD, annotations_of, canary_ingress, canary_name
from grayc.gateways.guard import drops, names, wants_guard, without
from grayc.k8s.gateways import GATEWAYS, HIGRESS_PREFIX, MSE_PREFIX, NGINX_PREFIX, GatewayName, is_repeated
from grayc.k8s.kinds import NETWORKING
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass, field, replace
from grayc.spec.model import Part, Rule, Step, WeightRule
from grayc.spec.rule_data import rank

_PREFIXES = (NGINX_PREFIX, MSE_PREFIX, HIGRESS_PREFIX)

# What a header canary puts its own header in place of. Source: higress pkg/ingress/kube/annotations/canary.go.
_REPLACED = {Part.HEADER: ("match-header", "match-pseudo-header"), Part.QUERY: ("match-query",)}
_MATCHES = ("match-header", "match-pseudo-header", "match-query")
_REGEX_PATHS = ("use-regex", "full-path-regex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What sets the two gateways apart.

    Attributes:
        prefix: of the annotations that control headers; the other gateway's prefix does nothing.
        has_values: `canary-by-header-value` asks for the value alone, as the gateway's reference says.
    """

    name: GatewayName
    prefix: str
    has_values: bool = False

    @property
    def update(self) -> str:
        """The annotation that sets request headers."""
        return f"{self.prefix}request-header-control-update"

    @property
    def add(self) -> str:
        """The annotation that adds to request headers."""
        return f"{self.prefix}request-header-control-add"

    @property
    def remove(self) -> str:
        """The annotation that drops request headers."""
        return f"{self.prefix}request-header-control-remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One canary Ingress to be.

    Attributes:
        part: what stands between the base's name and the lane's suffix; "" for the first rule.
        annotations: the canary annotations of its condition.
        gray: its requests enter the lane; False sends them to the baseline Service uncoloured.
        rule: the rule of the spec that it comes from.
    """

    part: str
    annotations: dict[str, str]
    gray: bool
    rule: Rule


def lower_each(plan: ReleasePlan, dialect: Dialect) -> Checked[tuple[Document, ...]]:
    """Return the canary Ingresses of every entry, in order of place and condition.

    Diagnostics:
        GC503: the baseline's Ingress sets the lane's header itself.
        GC507: a match annotation of the base is lost on a header canary.
        GC510: a canary on a plain path comes before regular expressions of the same host.
        GC511: a share is drawn anew for each request, session cookie or not.
    """
    diagnostics: list[Diagnostic] = []
    documents: list[Document] = []
    canaries = tuple(_canaries(plan, _patterned(plan) if dialect.has_values else None))
    # Looked for once, not for every entry: both grow with the baseline.
    expressions = tuple(
        item for item in plan.baseline if item.identity.group_kind == (NETWORKING, "Ingress") and _has_regex(item)
    )
    for entry in plan.entries:
        diagnostics += _check_entry(entry, plan, dialect, expressions)
        documents += [
            canary_ingress(
                entry,
                plan,
                part=canary.part,
                annotations=_annotations(entry.document, canary, plan, dialect),
                gray=canary.gray,
            )
            for canary in canaries
        ]
    return Checked(value=tuple(documents), diagnostics=tuple(diagnostics))


def _patterned(plan: ReleasePlan) -> frozenset[str]:
    """Return the headers whose values are written as patterns, which let nothing else in on any gateway.

    Those are the headers that a switch of the release asks too, or another lane or canary on its hosts: Higress, which
    MSE is made from, lets `always` in beside a value.
    """
    hosts = {path.host for entry in plan.entries for path in entry.paths}
    headers = set(plan.headers_of_others)
    for rules in (plan.rules, *(step.rules for step in plan.spec.steps)):
        lines = meaning_of(rules).lines
        headers |= {_named(ask) for line in lines if line.is_switch for ask in line.asks}
    for document in plan.baseline:
        if document.identity.group_kind == (NETWORKING, "Ingress") and is_canary(document):
            annotations = annotations_of(document)
            asked = {annotations.get(f"{prefix}canary-by-header") for prefix in _PREFIXES}
            if hosts & {get_text(rule, ("host",)) for rule in get_list(document.data, ("spec", "rules"))}:
                headers |= {name for name in asked if isinstance(name, str)}
    return frozenset(header.strip() if header.startswith("?") else header.strip().lower() for header in headers)


def _named(ask: Ask) -> str:
    """Return the name of what is asked, of a query parameter behind a `?`."""
    return f"?{ask.name}" if ask.part is Part.QUERY else ask.name


def _canaries(plan: ReleasePlan, patterned: frozenset[str] | None = None) -> Iterator[Canary]:
    """Yield the canaries of the plan's rules, and those of the other steps of its rollout, closed.

    So every step has the same objects, and whoever applies one over another closes what that had open.

    Args:
        patterned: headers, in lower case, whose values are written as patterns; None for all.
    """
    stages = _stages(plan)
    named: set[str] = set()
    for canary in _open(plan.rules, patterned, stages):
        if canary.part not in named:
            named.add(canary.part)
            yield canary
    for canary in _closed(plan.spec.steps, patterned, stages):
        if canary.part not in named:
            yield canary


@dataclass(slots=True)
class _Rollout:
    """The steps that were looked at last: a preview asks for the same ones once for each step.

    Attributes:
        stages: ranks of all their rules.
        closed: ranks of rules, headers that are patterns → the canaries of all steps, one of each name.
    """

    steps: tuple[Step, ...] = ()
    stages: frozenset[int] = frozenset()
    closed: dict[tuple[frozenset[int], frozenset[str] | None], tuple[Canary, ...]] = field(default_factory=dict)


_latest = _Rollout()


def _rollout(steps: tuple[Step, ...]) -> _Rollout:
    if _latest.steps is not steps:
        _latest.steps, _latest.closed = steps, {}
        _latest.stages = frozenset(rank(rule) for step in steps for rule in step.rules)
    return _latest


def _stages(plan: ReleasePlan) -> frozenset[int]:
    """Return the ranks of the rules of the plan and of its rollout's steps."""
    return _rollout(plan.spec.steps).stages.union(map(rank, plan.rules))


def _closed(steps: tuple[Step, ...], patterned: frozenset[str] | None, stages: frozenset[int]) -> tuple[Canary, ...]:
    """Return the canaries of all steps, closed: the first of each name."""
    known = _rollout(steps).closed
    key = (stages, patterned)
    if key not in known:
        first: dict[str, Canary] = {}
        for step in steps:
            for canary in _open(step.rules, patterned, stages):
                first.setdefault(canary.part, canary)
        known[key] = tuple(replace(canary, annotations=_NOBODY) for canary in first.values())
    return known[key]


def asked_in_order(plan: ReleasePlan) -> Iterator[tuple[str, str]]:
    """Yield the names of two canaries where a request can meet both, and the first is to keep it on the baseline.

    Names decide only between canaries of one age. Those that enter the lane lead to the same place in any order.
    """
    parts = dict.fromkeys(
        (first.part, then.part)
        for canaries in _by_step(plan)
        for at, first in enumerate(canaries)
        for then in canaries[at + 1 :]
        if not first.gray and then.gray and _can_meet(first.rule, then.rule)
    )
    for entry in plan.entries:
        for first, then in parts:
            yield canary_name(entry, plan, first), canary_name(entry, plan, then)


def _can_meet(switch: Rule, other: Rule) -> bool:
    """Tell whether a request that a switch keeps out by `never` can meet a rule that is not asked last anyway."""
    (kept,) = asks_of(switch)
    asks = asks_of(other)
    if not asks or (kept.carrier[0] is Part.HEADER and all(ask.carrier[0] is Part.QUERY for ask in asks)):
        return False
    if isinstance(other, WeightRule) and asks[0].place == kept.place:
        return False  # No digits say `never`.
    return all(ask.place != kept.place or ask.pattern is not None or NEVER in ask.values for ask in asks)


def _by_step(plan: ReleasePlan) -> Iterator[list[Canary]]:
    """Yield the canaries of the plan's rules, and those of each step of its rollout."""
    stages = _stages(plan)
    for rules in (plan.rules, *(step.rules for step in plan.spec.steps)):
        yield list(_open(rules, None, stages))


def _open(rules: tuple[Rule, ...], patterned: frozenset[str] | None, stages: frozenset[int]) -> Iterator[Canary]:
    """Yield a canary for each line and for the weight, under names that hold in every step of a rollout.

    Names decide between canaries of one age, so they sort as the lines stand. The rules that come first have the
    plain name; what keeps requests out of them has a `0`, and what comes behind them starts with a later letter than
    Zadig's suffix does. `canary_name` says how that is with others.

    Args:
        stages: ranks of the rules of all steps.
    """
    meaning = meaning_of(rules)
    count: dict[tuple[Part, bool], int] = {}
    first = min(stages, default=0)
    for line in meaning.lines:
        part_of = line.asks[0].part
        # What asks several things at once is refused where its step is built.
        if isinstance(line.rule, WeightRule) or len(line.asks) > 1:
            continue
        behind = rank(line.rule) > first
        number = count[part_of, line.enters] = count.get((part_of, line.enters), 0) + 1
        place = f"-{number}" if number > 1 else ""
        if not line.enters:
            part = f"-never-{part_of}{place}" if behind else f"{AHEAD}-never{place}"
        elif behind:
            part = f"-or-{part_of}{place}"
        else:
            part = f"{place}-{part_of}" if place else ""
        yield Canary(part=part, annotations=_asking(line, patterned), gray=line.enters, rule=line.rule)
    weight = next((rule for rule in rules if isinstance(rule, WeightRule)), None)
    if weight is not None:
        by = next((line for line in meaning.lines if isinstance(line.rule, WeightRule)), None)
        closed = _NOBODY if meaning.weight is None else _drawn(weight)
        part = "-weight" if first < rank(weight) else ""
        yield Canary(part=part, annotations=_asking(by, patterned) if by else closed, gray=True, rule=weight)


def _drawn(weight: WeightRule) -> dict[str, str]:
    part, total = weight_and_total(weight.percent)
    annotations = {f"{NGINX_PREFIX}canary-weight": str(part)}
    return annotations if total == 100 else {**annotations, f"{NGINX_PREFIX}canary-weight-total": str(total)}


def _asking(line: Line, patterned: frozenset[str] | None) -> dict[str, str]:
    """Return the canary annotations of a line, which asks one thing."""
    (ask,) = line.asks
    if line.is_switch and line.enters:
        match ask.part:
            case Part.HEADER:
                return {f"{NGINX_PREFIX}canary-by-header": ask.name}
            case Part.QUERY:
                return {f"{MSE_PREFIX}canary-by-query": ask.name}
            case Part.COOKIE if ask.name == patterns.escape(ask.name):
                return {f"{NGINX_PREFIX}canary-by-cookie": ask.name}
    value = _plain_value(ask)
    match ask.part:
        case Part.HEADER:
            if patterned is not None and line.enters and value and ask.name.lower() not in patterned:
                names = (f"{NGINX_PREFIX}canary-by-header", f"{NGINX_PREFIX}canary-by-header-value")
                return dict(zip(names, (ask.name, value), strict=True))
            # On Higress never a value: as a pattern it is compared exactly, and `always` does not match as well.
            return _header(ask.name, patterns.of_ask(ask))
        case Part.QUERY:
            named = {f"{MSE_PREFIX}canary-by-query": ask.name}
            if value and line.enters and (patterned is None or f"?{ask.name}" not in patterned):
                return {**named, f"{MSE_PREFIX}canary-by-query-value": value}
            return {**named, f"{MSE_PREFIX}canary-by-query-pattern": patterns.of_ask(ask)}
        case Part.COOKIE:
            return _header("cookie", patterns.of_ask(ask))
        case _:
            assert_never(ask.part)


def _plain_value(ask: Ask) -> str:
    """Return the one value that an ask is for, where no matcher could take a sign of it for another; else ""."""
    values = ask.values if ask.pattern is None else ()
    return values[0] if len(values) == 1 and values[0] == patterns.escape(values[0]) else ""


def _header(name: str, pattern: str) -> dict[str, str]:
    return {f"{NGINX_PREFIX}canary-by-header": name, f"{NGINX_PREFIX}canary-by-header-pattern": pattern}


# Not a weight of 0: of the weights on one route the first one's total counts for all.
_NOBODY = _header("x-closed-at-this-step", patterns.NOTHING)
"""The condition of a canary that is there for other steps: no value matches it."""


def _check_entry(
    entry: Entry, plan: ReleasePlan, dialect: Dialect, expressions: tuple[Document, ...]
) -> Iterator[Diagnostic]:
    ingress, header = entry.document, plan.spec.lane.carrier.header
    annotations = annotations_of(ingress)
    at = ("metadata", "annotations")
    if header.lower() in (line.split(None, 1)[0].lower() for line in _lines(annotations, dialect.update)):
        yield Diagnostic(
            code="GC503",
            message=f"Ingress `{ingress.identity.name}` sets the lane's header `{header}` itself",
            span=ingress.span((*at, dialect.update)),
            object=ingress.identity.ref,
            help="take the line away, or choose another header with `spec.lane.header`",
        )
    meaning = meaning_of(plan.rules)
    replaced = {word for line in meaning.lines for ask in line.asks for word in _REPLACED[ask.carrier[0]]}
    lost = sorted(name for name in annotations if any(word in name for word in replaced))
    if lost:
        yield Diagnostic(
            code="GC507",
            message=f"Ingress `{ingress.identity.name}` also matches by `{lost[0]}`, which a "
            f"{'query' if 'match-query' in lost[0] else 'header'} canary does not keep: it takes requests that the "
            "Ingress itself would not",
            span=ingress.span((*at, lost[0]), key=True),
            object=ingress.identity.ref,
            help="move the condition to a path or host, or release with a weight only",
        )
    if meaning.lines and not _has_regex(ingress):
        yield from _before_regex(entry, plan, expressions)
    sticky = next((name for prefix in _PREFIXES if annotations.get(name := f"{prefix}affinity") == "cookie"), None)
    if sticky and 0 < meaning.percent < 100:
        yield Diagnostic(
            code="GC511",
            message=f"Ingress `{ingress.identity.name}` keeps clients by a session cookie, and gateway "
            f"`{plan.gateway}` draws the weight's share anew for each request: a client changes sides",
            span=ingress.span((*at, sticky)),
            object=ingress.identity.ref,
            help="open the lane by a cookie, which the client keeps",
        )


def _before_regex(entry: Entry, plan: ReleasePlan, expressions: tuple[Document, ...]) -> Iterator[Diagnostic]:
    """Find Ingresses of regular expressions that a header canary on a plain path takes requests from.

    Source: higress common/tool.go SortHTTPRoutes: only a route on `/` without conditions stands after all expressions.
    """
    hosts = {path.host for path in entry.paths}
    for other in expressions:
        shared = next(
            (host for rule in get_list(other.data, ("spec", "rules")) if (host := get_text(rule, ("host",))) in hosts),
            None,
        )
        if shared is not None and any(path.text == "/" and path.host == shared for path in entry.paths):
            yield Diagnostic(
                code="GC510",
                message=f"requests that meet a rule leave the regular expressions of Ingress `{other.identity.name}` "
                f"for path `/` of `{entry.document.identity.name}`: on gateway `{plan.gateway}` a canary on a plain "
                "path comes first",
                span=other.span(("metadata", "name")),
                object=other.identity.ref,
                help="write its paths without regular expressions, or release with a weight only",
            )


def _has_regex(ingress: Document) -> bool:
    annotations = annotations_of(ingress)
    return any(annotations.get(f"{prefix}{word}") == "true" for prefix in _PREFIXES for word in _REGEX_PATHS)


def _lines(annotations: dict[str, object], name: str) -> list[str]:
    value = annotations.get(name)
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else []


def _annotations(base: Document, canary: Canary, plan: ReleasePlan, dialect: Dialect) -> dict[str, object]:
    own = annotations_of(base)
    carried = {name: value for name, value in own.items() if name == CLASS_ANNOTATION or _is_repeated(name, dialect)}
    header = plan.spec.lane.carrier.header
    if canary.gray:
        carried |= _tagged(own, plan, dialect)
        if drops(own.get(dialect.remove), header):
            # The guard of the baseline's own route must not take the lane's header away again.
            kept = without(own[dialect.remove], header)
            carried[dialect.remove] = kept
            if not kept:
                del carried[dialect.remove]
    elif canary.annotations is not _NOBODY and wants_guard(plan) and not drops(own.get(dialect.remove), header):
        # What keeps a request on the baseline is a route of production, and nothing of the guard there holds for it.
        carried[dialect.remove] = ",".join((*names(own.get(dialect.remove)), header))
    return {f"{NGINX_PREFIX}canary": "true", **canary.annotations, **carried}


def _tagged(own: dict[str, object], plan: ReleasePlan, dialect: Dialect) -> dict[str, str]:
    """Return the annotation that puts the lane's tag on. Of two lines for one header the later counts alone."""
    carrier = plan.spec.lane.carrier
    name, value = (dialect.add if carrier.is_shared else dialect.update), carrier.value(plan.spec.tag)
    lines = [(line.split(None, 1), line) for line in _lines(own, name)]
    held = [words[1].strip("'\"") for words, _ in lines if words[0].lower() == carrier.name and words[1:]]
    kept = [line for words, line in lines if words[0].lower() != carrier.name]
    return {name: "\n".join((*kept, f"{carrier.header} {','.join((*held[-1:], value))}"))}


def _is_repeated(name: str, dialect: Dialect) -> bool:
    rest = next((name[len(prefix) :] for prefix in _PREFIXES if name.startswith(prefix)), None)
    if rest is None:
        return False
    if "-header-control-" in rest:
        return name.startswith(dialect.prefix)
    return any(word in rest for word in _MATCHES) or is_repeated(rest, GATEWAYS[dialect.name])
