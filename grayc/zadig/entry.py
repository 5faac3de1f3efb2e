"""Which requests a gray Ingress lets in, from the canary annotations that somebody wrote on it.

Source: kubernetes/ingress-nginx docs/user-guide/nginx-configuration/annotations.md, "Canary"; Alibaba Cloud MSE,
annotations of MSE Ingress, which takes them under both prefixes; alibaba/higress canary.go in
pkg/ingress/kube/annotations, which MSE is made from: of one Ingress it reads a header, else a cookie, else a weight,
and a header's value as a pattern of the whole, beside which `always` enters too. MSE alone asks for query parameters,
behind headers and before cookies, by annotations of its own prefix. An ALB asks a header and a cookie of one canary at
once, and makes nothing of one with a weight beside them, see `k8s.alb_ingresses`.
"""

import re
from collections.abc import Iterator, Mapping

from grayc.documents import Document, Path
from grayc.documents.ingresses import ingress_class
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.alb_ingresses import ACTIONS, ALB_PREFIX, CONDITIONS, as_read, listed
from grayc.k8s.gateways import GATEWAYS, MSE_PREFIX, Canaries, GatewayName
from grayc.k8s.numbers import read_integer
from grayc.records import dataclass

_PREFIXES = tuple(dict.fromkeys(prefix for row in GATEWAYS.values() for prefix in row.prefixes))
HEADER_UPDATE = "request-header-control-update"
_READ = frozenset({
    "canary", "canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie",
    "canary-weight", "canary-weight-total", HEADER_UPDATE,
})  # fmt: skip
_HEADER = "x-mse-tag"
_BY_CLASS = {row.class_name: name for name, row in GATEWAYS.items() if row.class_name}
DEFAULT_GATEWAY = GatewayName.MSE
_QUERY = "canary-by-query"
_KINDS = ("canary-by-header", _QUERY, "canary-by-cookie", "canary-weight")
"""Annotations of which each makes a rule, in the order in which gateways ask them."""
_OF_HEADER = ("canary-by-header-value", "canary-by-header-pattern")
_CONDITIONS = CONDITIONS.removeprefix(ALB_PREFIX)
_ACTIONS = ACTIONS.removeprefix(ALB_PREFIX)
_OF_QUERY = (_QUERY, f"{_QUERY}-value", f"{_QUERY}-pattern")
# A dot is meant as one, as in `v1.2`.
_PLAIN = re.compile(r"[^\\+*?()|\[\]{}^$]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a gray Ingress says of the requests that it takes.

    Attributes:
        class_name: its class; "" where it names none.
        gateway: by its class; "" where that tells none.
        is_canary: it says so.
        rules: as a release has them; empty where it is no canary, or one that takes no request.
        hosts: in order; empty for all.
        paths: of all hosts, in order; empty where they have others each, or none.
        is_uneven: its hosts have other paths each.
        header: request header that it sets to the tag; "" for none.
        unread: annotations about canaries that no rule says, with their places, and the annotation that the gateway
            reads in place of each; "" where it is not that.
    """

    class_name: str
    gateway: str
    is_canary: bool
    rules: tuple[Mapping[str, object], ...]
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    is_uneven: bool
    header: str
    unread: tuple[tuple[str, Path, str], ...]


def read_entry(ingress: Document, tag: str) -> Entry:
    """Return what an Ingress of the networking.k8s.io/v1 shape lets in."""
    notes: dict[str, str] = {}
    places: dict[str, Path] = {}
    for prefix in reversed(_PREFIXES):
        for key, value in get_map(ingress.data, ("metadata", "annotations")).items():
            if key.startswith(prefix):
                notes[key.removeprefix(prefix)] = str(value)
                places[key.removeprefix(prefix)] = ("metadata", "annotations", key)
    name = ingress_class(ingress)
    hosts = [get_text(rule, ("host",)) for rule in get_list(ingress.data, ("spec", "rules"))]
    paths = [_paths(rule) for rule in get_list(ingress.data, ("spec", "rules"))]
    is_uneven = any(each != paths[0] for each in paths)
    gateway = _BY_CLASS.get(name)
    if (gateway or DEFAULT_GATEWAY) is GatewayName.MSE:
        # Under another prefix MSE passes over them.
        asks = {key: notes[key] for key in _OF_QUERY if key in notes and places[key][-1] == f"{MSE_PREFIX}{key}"}
    else:
        asks = {}
    stamped = [line.split() for line in notes.get(HEADER_UPDATE, "").splitlines()]
    stamped += _inserted(notes)
    header = next((words[0] for words in stamped if words[1:] == [tag]), "")
    read = {key: value for key, value in notes.items() if key not in _OF_QUERY or key in asks}
    one_rule = GATEWAYS[gateway or DEFAULT_GATEWAY].canaries is Canaries.ONE_RULE
    all_met = gateway is GatewayName.ALIYUN_ALB
    hidden = _never_read(read) if all_met else _hidden(read, one_rule=one_rule)
    seen = {key: value for key, value in read.items() if key not in hidden}
    carried = {(header or _HEADER).lower(): tag}
    rules = tuple(_rules(seen, carried, is_pattern=one_rule)) if notes.get("canary") == "true" else ()
    if all_met and len(rules) > 1:
        rules = (_both(rules),)
    return Entry(
        class_name=name,
        is_canary=notes.get("canary") == "true",
        gateway=gateway or "",
        rules=rules,
        hosts=tuple(dict.fromkeys(hosts)) if all(hosts) else (),
        paths=paths[0] if paths and not is_uneven else (),
        is_uneven=is_uneven,
        header=header,
        unread=tuple(
            (key, places[key], hidden.get(key, ""))
            for key in sorted(notes)
            if key in hidden or (key not in asks and _is_unread(key, notes[key], tag))
        ),
    )


def _inserted(notes: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the headers that actions of an ALB set, each with its value."""
    for key in sorted(notes):
        if key.startswith(_ACTIONS):
            for action in listed(notes[key]) or ():
                config = get_map(as_read(action), ("insertheaderconfig",))
                if get_text(config, ("key",)):
                    yield [get_text(config, ("key",)), get_text(config, ("value",))]


def _never_read(notes: Mapping[str, str]) -> dict[str, str]:
    """Return the annotations of a canary of an ALB that is nothing: a header or cookie beside a weight."""
    said = [key for key in _KINDS if notes.get(key, "").strip()]
    is_nothing = "canary-weight" in said and len(said) > 1
    return dict.fromkeys((key for key in (*said, *_OF_HEADER) if is_nothing and notes.get(key)), "")


def _both(rules: tuple[Mapping[str, object], ...]) -> Mapping[str, object]:
    """Return one rule of all that a canary of an ALB asks at once: of a switch it asks for `always`."""
    return {
        "all": [
            {**rule, "value": "always"} if "cookie" in rule or ("header" in rule and "value" not in rule) else rule
            for rule in rules
        ]
    }


def _hidden(notes: Mapping[str, str], *, one_rule: bool) -> dict[str, str]:
    """Return annotations that a gateway passes over → the one that it reads in their place, "" for none.

    Args:
        one_rule: of a header, a cookie and a weight it reads the first only.
    """
    said = [key for key in _KINDS if notes.get(key, "").strip() not in ("", "0")]
    hidden = dict.fromkeys(said[1:], said[0]) if one_rule and said else {}
    for kind in ("canary-by-header", _QUERY):
        value, pattern = f"{kind}-value", f"{kind}-pattern"
        if notes.get(value) and notes.get(pattern):
            hidden[pattern] = value
        if kind not in said or kind in hidden:
            hidden |= {key: hidden.get(kind, "") for key in (value, pattern) if notes.get(key)}
    return hidden


def _is_unread(key: str, value: str, tag: str) -> bool:
    """Tell whether an annotation says something about who enters, or what is set, that the release does not say."""
    match key:
        case "canary-weight":
            return not value.strip().isascii() or not value.strip().isdigit()
        case "canary-weight-total":
            return value != "100"
        case _ if key == HEADER_UPDATE:
            return any(line.split()[1:] != [tag] for line in value.splitlines() if line.strip())
        case _:
            return (key.startswith("canary") and key not in _READ) or key.startswith(_CONDITIONS)


def _paths(rule: object) -> tuple[str, ...]:
    return tuple(get_text(item, ("path",)) for item in get_list(rule, ("http", "paths")) if get(item, ("path",)))


def _rules(notes: Mapping[str, str], carried: Mapping[str, str], *, is_pattern: bool) -> Iterator[Mapping[str, object]]:
    """Yield what is read of the annotations.

    Args:
        carried: the lane's header, in lower case → the tag.
        is_pattern: a header's value is one too.
    """
    header = notes.get("canary-by-header", "").strip()
    if header:
        value, pattern = notes.get("canary-by-header-value", ""), notes.get("canary-by-header-pattern", "")
        asked: Mapping[str, object] = {"value": value} if value else {"pattern": pattern} if pattern else {}
        if value and carried.get(header.lower()) == value:
            yield {"tagged": True}
        else:
            yield {"header": header, **(_values_in(value) if value and is_pattern else asked)}
    query = notes.get(_QUERY, "").strip()
    if query:
        value, pattern = notes.get(f"{_QUERY}-value", ""), notes.get(f"{_QUERY}-pattern", "")
        yield {"query": query, **({"value": value} if value else {"pattern": pattern} if pattern else {})}
    cookie = notes.get("canary-by-cookie", "").strip()
    if cookie:
        yield {"cookie": cookie}
    weight = notes.get("canary-weight", "").strip()
    share = read_integer(weight) if weight.isdigit() else None
    if share:
        yield {"weight": share}


def _values_in(pattern: str) -> Mapping[str, object]:
    """Return what a header must be for a pattern of the whole of it: a value or several where it is plain enough."""
    values = pattern.split("|")
    if all(map(_PLAIN.fullmatch, values)):
        return {"values": values} if len(values) > 1 else {"value": pattern}
    return {"pattern": f"^(?:{pattern})$"}
