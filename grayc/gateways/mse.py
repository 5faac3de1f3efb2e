"""MSE Ingress gateway: one canary Ingress for each rule, of the class of the baseline's Ingress.

Sources: Alibaba Cloud help, "Advanced usage of MSE Ingress" and "Annotations supported by MSE Ingress gateways";
where those are silent, alibaba/higress 4e0d691, pkg/ingress/kube/annotations (canary.go, header_control.go) and
ingressv1/controller.go, which the product is made from:

- one canary Ingress honours one kind of rule only, and any number of them may stand on one route;
- a canary is bound to its base by host, path, path type and match annotations, so those are repeated;
- `never` has no meaning of its own, so staying out is one more canary, to the baseline Service;
- a canary's header control is its own and not inherited;
- a weight's share is truncated to whole percent in single precision.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from grayc.diagnostics import Checked, Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.gateways import patterns
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import gray_suffix, lane_labels
from grayc.k8s.server_fields import OWNER_LABELS
from grayc.plan.model import Entry, ReleasePlan
from grayc.spec.model import CookieRule, GatewayName, HeaderRule, Rule, WeightRule

NAME = GatewayName.MSE

_NGINX = "nginx.ingress.kubernetes.io/"
_MSE = "mse.ingress.kubernetes.io/"
_PREFIXES = (_NGINX, _MSE, "higress.io/")
_HEADER_CONTROL = tuple(
    f"{_MSE}{side}-header-control-{verb}" for side in ("request", "response") for verb in ("add", "update", "remove")
)
_UPDATE = f"{_MSE}request-header-control-update"
_REMOVE = f"{_MSE}request-header-control-remove"

# Annotations that a canary must repeat, by their name after the prefix: what binds it to its base (use-regex to
# match-*), and what belongs to the Service behind it rather than to the route (the rest). A trailing `*` is a prefix.
# Source: higress annotations.go NeedRegexMatch, ingressv1/controller.go createRuleKey, ConvertTrafficPolicy.
_REPEATED = (
    "use-regex",
    "rewrite-target",
    "full-path-regex",
    "match-method",
    "backend-protocol",
    "load-balance",
    "upstream-hash-by*",
    "affinity*",
    "session-cookie-*",
    "proxy-ssl-*",
    "warmup",
)
# What a header canary puts its own header in place of. Source: higress pkg/ingress/kube/annotations/canary.go.
_REPLACED = ("match-header", "match-pseudo-header")
_MOST_NOTES = 10
_MATCHES = ("match-header", "match-pseudo-header", "match-query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One canary Ingress to be.

    Attributes:
        part: what stands between the base's name and the lane's suffix; "" for the first rule.
        annotations: the canary annotations of its rule.
        gray: its requests enter the lane; False sends them to the baseline Service uncoloured.
    """

    part: str
    annotations: dict[str, str]
    gray: bool


def lower(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the canary Ingresses of every entry, in order of place and rule.

    Diagnostics:
        GC501: a header value has signs that this gateway's matcher reads in its own way.
        GC503: the baseline's Ingress sets the lane's header itself.
        GC504: the baseline's Ingress lets the lane's header in from outside.
        GC507: a match annotation of the base is lost on a header canary.
    """
    diagnostics: list[Diagnostic] = []
    documents: list[Document] = []
    canaries = tuple(_canaries(plan.rules, diagnostics, plan))
    for entry in plan.entries:
        _check_entry(entry, plan, diagnostics)
        documents += [_ingress(entry, canary, plan) for canary in canaries]
    diagnostics += _guard(plan)
    return Checked(value=tuple(documents), diagnostics=tuple(diagnostics))


def _canaries(rules: tuple[Rule, ...], diagnostics: list[Diagnostic], plan: ReleasePlan) -> Iterator[Canary]:
    # Of header canaries that a request meets, the one whose `name.namespace` sorts first counts: `0` stays in front.
    opt_outs = [rule for rule in rules if isinstance(rule, HeaderRule) and not rule.values and rule.pattern is None]
    if len(rules) > 1:
        for at, rule in enumerate(opt_outs):
            yield Canary(
                part="-0-never" + (f"-{at + 1}" if at else ""),
                annotations=_header(rule.name, patterns.one_of(("never",))),
                gray=False,
            )
    for at, each in enumerate(rules):
        _check_rule(each, diagnostics, plan)
        kind, annotations = _rule(each)
        yield Canary(part=f"-{at + 1}-{kind}" if at else "", annotations=annotations, gray=True)


def _rule(rule: Rule) -> tuple[str, dict[str, str]]:
    """Return the kind of a rule and its canary annotations."""
    match rule:
        case HeaderRule(values=(), pattern=None):
            return "header", {f"{_NGINX}canary-by-header": rule.name}
        case HeaderRule(pattern=None):
            # Not canary-by-header-value: as a pattern it is compared exactly, and `always` does not match as well.
            return "header", _header(rule.name, patterns.one_of(rule.values))
        case HeaderRule():
            return "header", _header(rule.name, patterns.found_in(rule.pattern or ""))
        case CookieRule(value=None) if rule.name == patterns.escape(rule.name):
            return "cookie", {f"{_NGINX}canary-by-cookie": rule.name}
        case CookieRule():
            return "cookie", _header("cookie", patterns.cookie(rule.name, rule.value or "always"))
        case WeightRule():
            weight, total = weight_and_total(rule.percent)
            annotations = {f"{_NGINX}canary-weight": str(weight)}
            return "weight", annotations if total == 100 else {
                **annotations,
                f"{_NGINX}canary-weight-total": str(total),
            }
        case _:
            assert_never(rule)


def _header(name: str, pattern: str) -> dict[str, str]:
    return {f"{_NGINX}canary-by-header": name, f"{_NGINX}canary-by-header-pattern": pattern}


def weight_and_total(percent: int) -> tuple[int, int]:
    """Return a weight and total that this gateway turns into exactly `percent`.

    A share of 53 of 100 becomes 52 in single precision; a thousandth of a percent more does not, and is less than
    the gateway can tell apart.

    Source: higress pkg/ingress/config/ingress_config.go normalizeWeightedCluster: int32(float32(w)/float32(t)*100).
    """
    return (percent, 100) if truncated_percent(percent, 100) == percent else (percent * 1000 + 1, 100_000)


def truncated_percent(weight: int, total: int) -> int:
    """Return the whole percent that the gateway gives to a weight, in its single-precision arithmetic."""
    share = _single(_single(weight) / _single(total))
    return int(_single(share * 100))


def _single(number: float) -> float:
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value


def _check_rule(rule: Rule, diagnostics: list[Diagnostic], plan: ReleasePlan) -> None:
    texts: tuple[str, ...] = ()
    if isinstance(rule, HeaderRule):
        texts = rule.values if rule.pattern is None else (rule.pattern,)
    elif isinstance(rule, CookieRule):
        texts = (rule.name, rule.value or "")
    if not all(text.isascii() for text in texts):
        diagnostics.append(
            Diagnostic(
                code="GC501",
                message="gateway `mse` compares signs outside ASCII in a way that is not documented",
                span=plan.spec.span(rule.path),
                field=f"spec.traffic.rules[{rule.path[-1]}]",
                help="use an ASCII value, such as an id",
            )
        )


def _check_entry(entry: Entry, plan: ReleasePlan, diagnostics: list[Diagnostic]) -> None:
    ingress, header = entry.document, plan.spec.lane.header
    annotations = get_map(ingress.data, ("metadata", "annotations"))
    at = ("metadata", "annotations")
    if header.lower() in (line.split(None, 1)[0].lower() for line in _lines(annotations, _UPDATE)):
        diagnostics.append(
            Diagnostic(
                code="GC503",
                message=f"Ingress `{ingress.identity.name}` sets the lane's header `{header}` itself",
                span=ingress.span((*at, _UPDATE)),
                object=ingress.identity.ref,
                help="take the line away, or choose another header with `spec.lane.header`",
            )
        )
    lost = sorted(name for name in annotations if any(word in name for word in _REPLACED))
    if lost and any(not isinstance(rule, WeightRule) for rule in plan.rules):
        diagnostics.append(
            Diagnostic(
                code="GC507",
                message=f"Ingress `{ingress.identity.name}` also matches by `{lost[0]}`, which a header canary does "
                "not keep: it takes requests that the Ingress itself would not",
                span=ingress.span((*at, lost[0]), key=True),
                object=ingress.identity.ref,
                help="move the condition to a path or host, or release with a weight only",
            )
        )


def _guard(plan: ReleasePlan) -> list[Diagnostic]:
    """Tell which Ingresses of the baseline let the lane's header in: only they themselves can drop it."""
    traffic, header = plan.spec.traffic, plan.spec.lane.header
    ruled = any(isinstance(rule, HeaderRule) and rule.name.lower() == header.lower() for rule in plan.rules)
    open_to_all = [
        entry.document
        for entry in plan.entries
        if header.lower() not in _removed(get_map(entry.document.data, ("metadata", "annotations")))
    ]
    if traffic is None or not traffic.guard or ruled or not open_to_all:
        return []
    first, *others = open_to_all
    return [
        Diagnostic(
            code="GC504",
            message=f"requests from outside may bring `{header}` themselves through Ingress `{first.identity.name}`"
            + (f" and {len(others)} more" if others else ""),
            span=first.span(("metadata", "name")),
            object=first.identity.ref,
            notes=tuple(
                Note(message=f"and through `{other.identity.name}`", span=other.span(("metadata", "name")))
                for other in others[:_MOST_NOTES]
            ),
            help=f'add the annotation `{_REMOVE}: "{header}"` to {"each" if others else "it"}, or write `guard: '
            "false` in `spec.traffic`",
        )
    ]


def _lines(annotations: dict[str, object], name: str) -> list[str]:
    value = annotations.get(name)
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else []


def _removed(annotations: dict[str, object]) -> list[str]:
    return [name.strip().lower() for line in _lines(annotations, _REMOVE) for name in line.split(",")]


def _ingress(entry: Entry, canary: Canary, plan: ReleasePlan) -> Document:
    base = entry.document
    spec = plan.spec
    metadata = get_map(base.data, ("metadata",))
    gray_metadata: dict[str, object] = {
        "name": f"{base.identity.name}{canary.part}{gray_suffix(spec.tag)}",
        **{key: metadata[key] for key in ("namespace",) if key in metadata},
    }
    if spec.set_namespace and spec.namespace and "namespace" not in metadata:
        gray_metadata["namespace"] = spec.namespace
    labels = {
        key: value
        for key, value in get_map(metadata, ("labels",)).items()
        if key not in OWNER_LABELS or OWNER_LABELS[key] not in (None, value)
    }
    gray_metadata["labels"] = {**labels, **lane_labels(spec.tag, entry.owner.name)}
    gray_metadata["annotations"] = _annotations(base, canary, plan)
    base_spec = get_map(base.data, ("spec",))
    gray_spec: dict[str, object] = {key: base_spec[key] for key in base_spec if key in ("ingressClassName", "tls")}
    gray_spec["rules"] = list(_rules(entry, canary, plan))
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": gray_metadata,
            "spec": gray_spec,
        },
    )


def _annotations(base: Document, canary: Canary, plan: ReleasePlan) -> dict[str, object]:
    carried: dict[str, object] = {}
    own = get_map(base.data, ("metadata", "annotations"))
    for name, value in own.items():
        if name == "kubernetes.io/ingress.class" or name in _HEADER_CONTROL or _is_repeated(name):
            carried[name] = value
    header = plan.spec.lane.header
    if canary.gray:
        carried[_UPDATE] = "\n".join((*_lines(own, _UPDATE), f"{header} {plan.spec.tag}"))
        if _REMOVE in carried:
            # The guard of the baseline's own route must not take the lane's header away again.
            kept = [
                name
                for line in _lines(own, _REMOVE)
                for name in line.split(",")
                if name.strip().lower() != header.lower()
            ]
            carried[_REMOVE] = ",".join(kept)
            if not kept:
                del carried[_REMOVE]
    return {f"{_NGINX}canary": "true", **canary.annotations, **carried}


def _is_repeated(name: str) -> bool:
    rest = next((name[len(prefix) :] for prefix in _PREFIXES if name.startswith(prefix)), None)
    if rest is None:
        return False
    return any(word in rest for word in _MATCHES) or any(
        rest.startswith(row[:-1]) if row.endswith("*") else rest == row for row in _REPEATED
    )


def _rules(entry: Entry, canary: Canary, plan: ReleasePlan) -> Iterator[dict[str, object]]:
    """Yield the base's rules with the entry's paths only, each leading where the canary sends it."""
    opened = {(path.rule, path.path): path for path in entry.paths}
    namespace = entry.document.identity.namespace
    for rule_at, rule in enumerate(get_list(entry.document.data, ("spec", "rules"))):
        paths: list[object] = []
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            wanted = opened.get((rule_at, path_at))
            if wanted is None or not is_mapping(path):
                continue
            gray = plan.gray_name((CORE, "Service"), namespace, wanted.baseline_service)
            name = gray if canary.gray and gray is not None else wanted.baseline_service
            service = {**get_map(path, ("backend", "service")), "name": name}
            paths.append({**path, "backend": {**get_map(path, ("backend",)), "service": service}})
        if paths:
            host = get_text(rule, ("host",))
            yield {**({"host": host} if host else {}), "http": {"paths": paths}}
