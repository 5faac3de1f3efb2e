"""One canary Ingress for all conditions: how ingress-nginx, and Traefik after it, take rules.

Sources: kubernetes/ingress-nginx dbb11b9, rootfs/etc/nginx/lua/balancer.lua route_to_alternative_balancer,
internal/ingress/controller/controller.go, annotations/canary/main.go and annotations/parser/validators.go;
traefik/traefik fd5a576, pkg/provider/kubernetes/ingress-nginx:

- a canary Ingress has room for one header, one cookie and a weight, which are asked in this order;
- of two canary Ingresses on one host and path only one is honoured;
- a canary belongs to the Service and port of its base, and so to every other host and path that leads there;
- nothing is added to the requests that it takes.
"""

import re
from collections.abc import Iterator

from grayc.analysis.routes import is_canary
from grayc.analysis.traffic import Ask, meaning_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.ingresses import CLASS_ANNOTATION
from grayc.documents.tree import get, get_list, get_map, get_text, show_path
from grayc.gateways import patterns
from grayc.gateways.canaries import annotations_of, canary_ingress
from grayc.k8s.gateways import GATEWAYS, NGINX_PREFIX, is_repeated
from grayc.k8s.kinds import NETWORKING
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import ByClient, Part, WeightRule
from grayc.spec.rule_data import conditions_of

# What holds a sign that ingress-nginx does not let through, and cannot be spelt; not in a class or behind a `\`.
_UNSPELT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\\?\Z)|(\{\d+,\d*\}|\(\?P?<)")
# Source: ingress-nginx annotations/parser/validators.go IsValidRegex.
_ALLOWED = re.compile(r"[A-Za-z0-9/\-._~:^$\[\](){}*+?|&=\\]*")
_MOST_NOTES = 10


def canaries(plan: ReleasePlan) -> tuple[Document, ...]:
    """Return one canary Ingress for every entry that leads to a released service."""
    annotations = _rule_annotations(plan)
    return tuple(
        canary_ingress(
            entry,
            plan,
            part="",
            annotations={f"{NGINX_PREFIX}canary": "true", **annotations, **_repeated(entry.document, plan)},
            gray=True,
        )
        for entry in plan.entries
        if not entry.coloured_only
    )


def _rule_annotations(plan: ReleasePlan) -> dict[str, str]:
    meaning = meaning_of(plan.rules)
    entering = [line for line in meaning.lines if line.enters]
    headers = [line for line in entering if line.asks[0].part is Part.HEADER]
    cookies = [line for line in entering if line.asks[0].part is Part.COOKIE]
    annotations: dict[str, str] = {}
    if headers:
        annotations[f"{NGINX_PREFIX}canary-by-header"] = headers[0].asks[0].name
        if not headers[0].is_switch:
            asks = [line.asks[0] for line in headers]
            annotations[f"{NGINX_PREFIX}canary-by-header-pattern"] = patterns.any_of(list(map(_pattern, asks)))
    valued = [line.asks[0] for line in cookies if not line.is_switch]
    if valued:
        annotations[f"{NGINX_PREFIX}canary-by-header"] = "cookie"
        annotations[f"{NGINX_PREFIX}canary-by-header-pattern"] = patterns.any_of(list(map(_pattern, valued)))
    switched = next((line for line in cookies if line.is_switch), None)
    if switched:
        annotations[f"{NGINX_PREFIX}canary-by-cookie"] = switched.asks[0].name
    if any(isinstance(rule, WeightRule) for rule in plan.rules) and (meaning.weight or not annotations):
        annotations[f"{NGINX_PREFIX}canary-weight"] = str(meaning.percent)
    return annotations


def _pattern(ask: Ask) -> str:
    """Return the pattern of an ask, in the signs that ingress-nginx lets through."""
    return patterns.of_ask(ask if ask.pattern is None else replace(ask, pattern=_spelt(ask.pattern)))


def _spelt(pattern: str) -> str:
    r"""Return a pattern with the signs that ingress-nginx does not let through written as `\xHH`."""
    return re.sub(
        r"\\?.",
        lambda sign: sign[0] if _ALLOWED.fullmatch(sign[0]) else f"\\x{ord(sign[0][-1]):02X}",
        pattern,
    )


def check_patterns(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find patterns that cannot be spelt within ingress-nginx's character check.

    Diagnostics:
        GC501: a counted repetition with a comma, or a named group.
    """
    for condition in conditions_of(plan.rules):
        pattern = condition.pattern
        if pattern is None or not any(_UNSPELT.findall(pattern)):
            continue
        yield Diagnostic(
            code="GC501",
            message=f"gateway `{plan.gateway}` lets no `,`, `<` or `>` through, and would read this pattern as none",
            span=plan.spec.span((*condition.path, "pattern")),
            field=show_path((*condition.path, "pattern")),
            help="write `xx?` for `x{1,2}`, and a group without a name",
        )


def _repeated(base: Document, plan: ReleasePlan) -> dict[str, object]:
    row = GATEWAYS[plan.gateway]
    return {
        name: value
        for name, value in annotations_of(base).items()
        if name == CLASS_ANNOTATION
        or (name.startswith(NGINX_PREFIX) and is_repeated(name.removeprefix(NGINX_PREFIX), row))
    }


def ingresses_of(plan: ReleasePlan) -> Iterator[Document]:
    """Yield the ordinary Ingresses of the baseline."""
    for document in plan.baseline:
        if document.identity.group_kind == (NETWORKING, "Ingress") and not is_canary(document):
            yield document


def check_spread(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find hosts and paths that a canary would take with it because they lead to the same Service and port.

    Diagnostics:
        GC509: a canary spreads to a route that the release does not open.
    """
    opened: dict[tuple[str, str, object], Entry] = {}
    routes: set[tuple[tuple[str, int, object], int, int]] = set()
    for entry in plan.entries:
        for way in entry.paths:
            if way.service is not None:
                opened.setdefault(_upstream(entry.document, plan, way.rule, way.path), entry)
            routes.add((entry.document.place, way.rule, way.path))
    for ingress in ingresses_of(plan):
        spread: list[tuple[str, int, int]] = []
        for rule_at, rule in enumerate(get_list(ingress.data, ("spec", "rules"))):
            for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
                if (ingress.place, rule_at, path_at) not in routes and _upstream(
                    ingress, plan, rule_at, path_at
                ) in opened:
                    spread.append((get_text(rule, ("host",)) + get_text(path, ("path",)), rule_at, path_at))
        if not spread:
            continue
        shown, rule_at, path_at = spread[0]
        entry = opened[_upstream(ingress, plan, rule_at, path_at)]
        place = ("spec", "rules", rule_at, "http", "paths", path_at)
        name = get_text(ingress.data, (*place, "backend", "service", "name"))
        more = f" and {len(spread) - 1} more" if len(spread) > 1 else ""
        yield Diagnostic(
            code="GC509",
            message=f"on gateway `{plan.gateway}` the canary of Ingress `{entry.document.identity.name}` also takes "
            f"requests to `{shown}`{more}, which leads to Service `{name}` too",
            span=ingress.span(place),
            object=ingress.identity.ref,
            notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
            help="name it in `spec.traffic.entries` as well, let it lead to a Service of its own, or choose gateway "
            "`higress`, `mse` or `gateway-api`",
        )


def _upstream(ingress: Document, plan: ReleasePlan, rule: int, path: int) -> tuple[str, str, object]:
    """Return what a canary is tied to: namespace, Service and port as it is written.

    Source: ingress-nginx internal/ingress/controller/util.go upstreamName.
    """
    service = get_map(ingress.data, ("spec", "rules", rule, "http", "paths", path, "backend", "service"))
    port = get(service, ("port", "name")) or get(service, ("port", "number"))
    return (plan.key_of(ingress.identity).namespace, get_text(service, ("name",)), port)


def check_clients(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Find entries whose gateway keeps no client, where a share is to be kept.

    Diagnostics:
        GC549: an entry's Ingress has no session cookie.
    Source: ingress-nginx docs, "Session Affinity", `affinity-canary-behavior`: `sticky`, the default, keeps a client on
    the side that it got first; traefik pkg/provider/kubernetes/ingress-nginx, where it is the only behaviour.
    """
    rule = next((rule for rule in plan.rules if isinstance(rule, WeightRule) and isinstance(rule.by, ByClient)), None)
    for entry in plan.entries if rule is not None else ():
        annotations = annotations_of(entry.document)
        legacy = annotations.get(f"{NGINX_PREFIX}affinity-canary-behavior") == "legacy"
        if rule is None or (is_sticky(entry.document) and not legacy):
            continue
        name = entry.document.identity.name
        yield at_spec(
            plan.spec,
            rule.path,
            code="GC549",
            message=f"gateway `{plan.gateway}` keeps no client of Ingress `{name}` on its side of a share: "
            + ("its `affinity-canary-behavior` is `legacy`" if legacy else "it has no session cookie"),
            object=entry.document.identity.ref,
            notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
            help=f"write `by: {{header: NAME}}` with what tells users apart, or give production's Ingress "
            f"`{NGINX_PREFIX}affinity: cookie`"
            + (" without `affinity-canary-behavior`" if legacy else "")
            + ", which also keeps a client on one pod",
        )


def is_sticky(ingress: Document) -> bool:
    """Tell whether an Ingress keeps its clients on one pod by a cookie."""
    return annotations_of(ingress).get(f"{NGINX_PREFIX}affinity") == "cookie"
