"""What a gateway is asked and what it answers: requests, circumstances, destinations, and the reasons for them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

from grayc.documents import Document
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as a client sends it.

    Attributes:
        host: without a port, in lower case.
        path: starts with `/`; without the query.
        query: what follows the `?`, "" for none.
        headers: as sent, in order, a name as often as it is sent, in any spelling; without the cookies.
        cookies: in order; sent as one `cookie` header, `name=value` joined with `; `.
    """

    method: str = "GET"
    host: str
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a header, its name in any case; the cookies are the last value of `cookie`."""
        found = _by_name(self.headers).get(name.lower(), ())
        if self.cookies and name.lower() == "cookie":
            return (*found, "; ".join(f"{key}={value}" for key, value in self.cookies))
        return found


@lru_cache(maxsize=16)
def _by_name(headers: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    """Return name in lower case → values; each request meets the conditions of hundreds of routes."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        found[name.lower()] = (*found.get(name.lower(), ()), value)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What manifests do not say.

    Attributes:
        no_endpoints: names of Services that have no ready pod.
        sticky: name of the Service that the client's session cookie sticks to, "" for none.
        servers: Gateways, `namespace/name`, by one of which the request comes in; empty for any.
    """

    no_endpoints: frozenset[str] = frozenset()
    sticky: str = ""
    servers: frozenset[str] = frozenset()


NO_CIRCUMSTANCES = Circumstances()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """The kind, namespace and name of an object."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """The rule of a route by which a request came in.

    Attributes:
        host: as written; "" for any.
        path: as written.
        path_type: as written; for a VirtualService `exact`, `prefix` or `regex`.
    """

    object: ObjectRef
    host: str
    path: str
    path_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """The object and the rule in it that chose the destination.

    Attributes:
        rule: `path` where the route alone decided; else the annotation's name without its prefix, such as
            `canary-by-header-value` or `canary-weight`, or where the rule stands in the object, such as `rules[1]` or
            `http[0]`.
    """

    object: ObjectRef
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rule that the gateway looked at, or would have, in its order.

    Attributes:
        outcome: a short clause: `won`, `header x-gray is absent`, `never read: …`.
    """

    object: ObjectRef
    rule: str
    outcome: str
    won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderChange:
    """What the gateway does to one request header on the way to a destination.

    Attributes:
        name: in lower case.
        value: what the destination reads; None where the header is removed.
    """

    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One share of the requests.

    Attributes:
        service: "" where the gateway answers itself.
        port: as the manifest writes it, a number or a name; "" where it names none.
        subset: of the Service's pods, by its name in a DestinationRule; "" for all.
        percent: the share as the gateway really rounds it; all shares of an answer add up to 100.
        status: the HTTP status where the gateway itself answers for this share, else None.
        changes: of request headers, in order of name.
    """

    namespace: str
    service: str
    port: int | str = ""
    subset: str = ""
    percent: Fraction = Fraction(100)
    status: int | None = None
    changes: tuple[HeaderChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where a request goes, and why.

    Attributes:
        status: where the gateway itself answers every such request (404, 500, 503), else None.
        refused: why the gateway refuses its whole configuration, and nothing else is known; "" where it takes it.
        entry: the route by which it came in; None for 404.
        decided_by: None where nothing matched.
        destinations: never empty, but where `status` is set or the configuration is refused.
        candidates: every rule that stands for the request's host and path, in the gateway's order.
        why: one sentence for each decision, in order.
    """

    status: int | None = None
    refused: str = ""
    entry: EntryRule | None = None
    decided_by: Decider | None = None
    destinations: tuple[Destination, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    why: tuple[str, ...] = ()


class Router(Protocol):
    """A gateway that has read its objects."""

    def route(self, request: Request, circumstances: Circumstances = ...) -> Answer:
        """Return where a request goes."""
        ...


class Simulator(Protocol):
    """A gateway's module in this package, as a table row sees it."""

    def __call__(self, documents: Iterable[Document]) -> Router:
        """Return a router over all routes and Services among the documents.

        The age of an object is its `creationTimestamp`. Objects without one are younger than all that have one, and
        each is younger than those before it.
        """
        ...


class IngressSimulator(Protocol):
    """The module of a gateway that reads Ingresses, as a table row sees it."""

    def __call__(self, documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> Router:
        """Return a router as `Simulator` does, over the Ingresses of some classes; None for all of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One service on the way, and which copy of it answers.

    Attributes:
        copy: `gray`, `baseline`, or `unknown`.
        lane: the tag of the lane whose copy it is, or `baseline`; "" where it is unknown.
        carried: whether the call to it comes to its gray copy, as `analysis.carried` says it; "" where it has none, and
            for the first.
        why: a sentence on the call to it, "" where there is nothing to say.
    """

    service: str
    copy: str
    lane: str
    carried: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A route that the gateway does not read, and why, as a clause."""

    object: ObjectRef
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """A request, what a gateway answers, and what becomes of it behind the gateway.

    Attributes:
        lanes: of the answer's destinations, in their order: a tag, or `baseline`.
        hops: the services that it meets, each once; of the share that enters a lane, else of the first.
        paths: of the same share, each call path by itself.
        unread: routes among the manifests that the gateway does not read.
    """

    gateway: str
    request: Request
    answer: Answer
    lanes: tuple[str, ...]
    hops: tuple[Hop, ...]
    paths: tuple[tuple[Hop, ...], ...]
    why: tuple[str, ...]
    unread: tuple[Unread, ...] = ()
