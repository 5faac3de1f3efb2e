"""Ingresses as the gateways of their family read them."""

import re
from collections.abc import Callable, Iterable, Iterator

from grayc.documents import Document
from grayc.documents.ingresses import ingress_class, is_ingress, why_not_held
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.numbers import read_integer
from grayc.records import dataclass
from grayc.routing.matching import in_age, ref_of
from grayc.routing.model import ObjectRef

NGINX = "nginx.ingress.kubernetes.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A Service and its port as written, a number or a name."""

    service: str
    port: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One host and path of an Ingress.

    Attributes:
        host: "" for any.
        kind: path type as written; `Prefix` where there is none.
        backend: None where it names no Service.
        has_resource: it names another object in its place.
    """

    host: str
    text: str
    kind: str
    backend: Backend | None
    has_resource: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ingress:
    """One Ingress.

    Attributes:
        hosts: of its rules in lower case, in order, those without paths too.
        default_has_resource: its default backend names another object than a Service.
        class_name: that it names; "" for none.
        has_tls: it has certificates, for `tls_hosts`.
    """

    ref: ObjectRef
    annotations: dict[str, str]
    hosts: tuple[str, ...]
    paths: tuple[Path, ...]
    default: Backend | None
    default_has_resource: bool = False
    class_name: str = ""
    has_tls: bool = False
    tls_hosts: tuple[str, ...] = ()

    def note(self, name: str, prefixes: tuple[str, ...] = (NGINX,)) -> str | None:
        """Return an annotation by its name after the prefix; the first prefix that has it counts."""
        for prefix in prefixes:
            if prefix + name in self.annotations:
                return self.annotations[prefix + name]
        return None


def ingresses_of(
    documents: Iterable[Document],
    tie: Callable[[ObjectRef], str] | None = None,
    *,
    classes: frozenset[str] | None = None,
) -> list[Ingress]:
    """Return the Ingresses from the oldest to the youngest.

    What the API server does not hold is left out: it serves one version, and takes no annotation that is no text.

    Args:
        tie: decides between two of one time.
        classes: only Ingresses of these, "" for those that name none; None for every class.
    """
    found = [
        document
        for document in documents
        if is_ingress(document)
        and not why_not_held(document)
        and (classes is None or ingress_class(document) in classes)
    ]
    return [_ingress(document) for document in in_age(found, tie)]


def _ingress(document: Document) -> Ingress:
    annotations = get_map(document.data, ("metadata", "annotations"))
    rules = [rule for rule in get_list(document.data, ("spec", "rules")) if is_mapping(rule)]
    tls = get_list(document.data, ("spec", "tls"))
    return Ingress(
        ref=ref_of(document),
        annotations={key: value for key, value in annotations.items() if isinstance(value, str)},
        hosts=tuple(get_text(rule, ("host",)).lower() for rule in rules),
        paths=tuple(_paths(rules)),
        default=_backend(get(document.data, ("spec", "defaultBackend"))),
        default_has_resource=bool(get_map(document.data, ("spec", "defaultBackend", "resource"))),
        class_name=ingress_class(document),
        has_tls=bool(tls),
        tls_hosts=tuple(host.lower() for item in tls for host in get_list(item, ("hosts",)) if isinstance(host, str)),
    )


def _paths(rules: list[dict[str, object]]) -> Iterator[Path]:
    for rule in rules:
        for path in get_list(rule, ("http", "paths")):
            yield Path(
                host=get_text(rule, ("host",)).lower(),
                text=get_text(path, ("path",)),
                kind=get_text(path, ("pathType",)) or "Prefix",
                backend=_backend(get(path, ("backend",))),
                has_resource=bool(get_map(path, ("backend", "resource"))),
            )


def _backend(backend: object) -> Backend | None:
    name = get_text(backend, ("service", "name"))
    if not name:
        return None
    port = get_text(backend, ("service", "port", "name")) or get(backend, ("service", "port", "number"))
    return Backend(service=name, port=port if isinstance(port, int | str) and port is not True else "")


def parse_bool(value: str | None) -> bool | None:
    """Return what Go's strconv.ParseBool makes of a text, None where it refuses it."""
    if value in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if value in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    return None


def is_url(text: str) -> bool:
    """Tell whether ingress-nginx and Higress redirect to a text: a scheme that starts with `http`.

    Source: ingress-nginx annotations/redirect/redirect.go isValidURL, which Higress copies.
    """
    return re.match(r"http[a-z0-9+.-]*:", text, re.IGNORECASE) is not None


def parse_int(value: str | None) -> int | None:
    """Return what Go's strconv.Atoi makes of a text, None where it refuses it."""
    return read_integer(value) if value else None


def cookie_values(header: str, name: str, *, same_case: bool = True) -> list[str]:
    """Return the values of a cookie in a `cookie` header, as nginx takes it apart."""
    found = []
    for part in header.replace(",", ";").split(";"):
        key, equals, value = part.strip().partition("=")
        if equals and (key == name if same_case else key.lower() == name.lower()):
            found.append(value)
    return found
