"""Which requests a gray Ingress lets in, from the canary annotations that somebody wrote on it.

Source: kubernetes/ingress-nginx docs/user-guide/nginx-configuration/annotations.md, "Canary"; Alibaba Cloud MSE,
annotations of MSE Ingress, which takes them under both prefixes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_map, get_text

_PREFIXES = ("mse.ingress.kubernetes.io/", "nginx.ingress.kubernetes.io/", "higress.io/")
_STAMP = "request-header-control-update"
_READ = frozenset({
    "canary", "canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie",
    "canary-weight", "canary-weight-total", _STAMP,
})  # fmt: skip
_GATEWAYS = {"mse": "mse", "higress": "higress", "nginx": "ingress-nginx", "traefik": "traefik"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a gray Ingress says of the requests that it takes.

    Attributes:
        gateway: by its class; "" where that tells none.
        rules: as a release has them; empty where it is no canary.
        hosts: in order; empty for all.
        paths: of all hosts, in order; empty where they have others each, or none.
        header: request header that it sets to the tag; "" for none.
        unread: annotations about canaries that no rule says.
    """

    gateway: str
    rules: tuple[Mapping[str, object], ...]
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    header: str
    unread: tuple[str, ...]


def read_entry(ingress: Document, tag: str) -> Entry:
    """Return what an Ingress of the networking.k8s.io/v1 shape lets in."""
    notes: dict[str, str] = {}
    for prefix in reversed(_PREFIXES):
        for key, value in get_map(ingress.data, ("metadata", "annotations")).items():
            if key.startswith(prefix):
                notes[key.removeprefix(prefix)] = str(value)
    name = get_text(ingress.data, ("spec", "ingressClassName")) or get_text(
        ingress.data, ("metadata", "annotations", "kubernetes.io/ingress.class")
    )
    hosts = [get_text(rule, ("host",)) for rule in get_list(ingress.data, ("spec", "rules"))]
    places = [_paths(rule) for rule in get_list(ingress.data, ("spec", "rules"))]
    same = places[0] if places and all(each == places[0] for each in places) else ()
    stamped = [line.split() for line in notes.get(_STAMP, "").splitlines()]
    rules = tuple(_rules(notes)) if notes.get("canary") == "true" else ()
    return Entry(
        gateway=_GATEWAYS.get(name, ""),
        rules=rules,
        hosts=tuple(dict.fromkeys(hosts)) if all(hosts) else (),
        paths=same,
        header=next((words[0] for words in stamped if words[1:] == [tag]), ""),
        unread=tuple(
            key
            for key in sorted(notes)
            if (key.startswith("canary") and key not in _READ) or (key == "canary-weight-total" and notes[key] != "100")
        ),
    )


def _paths(rule: object) -> tuple[str, ...]:
    return tuple(get_text(item, ("path",)) for item in get_list(rule, ("http", "paths")) if get(item, ("path",)))


def _rules(notes: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    header = notes.get("canary-by-header", "").strip()
    if header:
        value, pattern = notes.get("canary-by-header-value", ""), notes.get("canary-by-header-pattern", "")
        yield {"header": header, **({"value": value} if value else {"pattern": pattern} if pattern else {})}
    cookie = notes.get("canary-by-cookie", "").strip()
    if cookie:
        yield {"cookie": cookie}
    weight = notes.get("canary-weight", "").strip()
    if weight.isascii() and weight.isdigit() and int(weight) > 0:
        yield {"weight": int(weight)}
