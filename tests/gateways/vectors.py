"""Canary Ingresses, a request, and what each gateway makes of it: one table for the tests of all gateways.

The rows and their sources are in `vectors/canaries.yaml`. Here is how they are read, and short spellings for the tests
that need others like them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from tests.gateways.manifests import ingress, service
from tests.gateways.traffic import Case, Request
from tests.manifests import Object, stream
from tests.vectors import rows

NGINX = "nginx.ingress.kubernetes.io/"
ROOT = ("/", "Prefix")
"""Path and path type of a rule unless a row says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A rule that cannot be said on that gateway, so that a compiler must refuse it."""

    reason: str


Shares = Mapping[str, Fraction]
"""Share of every Service's short name, or of the status that the gateway itself answers, as `Outcome.destinations`.

`{"REJECT": 1}` is a configuration that the gateway refuses as a whole.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One row.

    Attributes:
        id: as the rows are known by, a group's letter and a number.
        ingresses: the Ingresses in order of age.
        request: what is asked.
        nginx: what ingress-nginx does.
        higress: what Higress does; None where the case says nothing about it.
        traefik: what Traefik's provider for nginx annotations does; None as above.
        mapped: what an Envoy with HTTPRoutes or VirtualServices of the same meaning does, or that there are none.
        without_endpoints: Services, `namespace/name`, that have no ready endpoint.
        sticky: Service that the client's session cookie sticks to, "" for none.
        suite: whose own test asserts it, see the file; empty where it was derived from source.
    """

    id: str
    ingresses: tuple[Object, ...]
    request: Request
    nginx: Shares | None
    higress: Shares | None
    traefik: Shares | None
    mapped: Shares | Refused | None
    without_endpoints: frozenset[str] = frozenset()
    sticky: str = ""
    suite: str = ""

    def case(self) -> Case:
        """Return the row as a case for a real gateway, with a Service for every backend."""
        return Case(
            manifests=stream([*self.ingresses, *services_of(self.ingresses)]),
            requests=(self.request,),
            without_endpoints=self.without_endpoints,
        )


def services_of(ingresses: Iterable[Object]) -> list[Object]:
    """Return the Services, ports 80 and 8080, that the Ingresses name, in order of namespace and name."""
    found: set[tuple[str, str]] = set()
    for entry in ingresses:
        for rule in entry["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                found.add((entry["metadata"]["namespace"], path["backend"]["service"]["name"]))
    return [service(name, namespace) for namespace, name in sorted(found)]


def shares(**parts: int) -> Shares:
    """Return shares in proportion to the parts: `shares(base=199, gray=1)` is 99.5 and 0.5 percent."""
    total = sum(parts.values())
    return {name.removeprefix("_"): Fraction(part, total) for name, part in parts.items()}


def canary(
    name: str = "canary",
    paths: Sequence[tuple[str, str, str]] = ((*ROOT, "gray"),),
    *,
    hdr: str = "",
    val: str = "",
    pat: str = "",
    ck: str = "",
    w: str | int = "",
    wt: str | int = "",
    enabled: str = "true",
    host: str = "h.test",
    namespace: str = "default",
    age: int = 10,
    port: int = 80,
    others: Mapping[str, str] | None = None,
) -> Object:
    """Return a canary Ingress: a header, its value or pattern, a cookie, a weight and its total; `others` as they are."""
    keys = {
        "canary": enabled,
        "canary-by-header": hdr,
        "canary-by-header-value": val,
        "canary-by-header-pattern": pat,
        "canary-by-cookie": ck,
        "canary-weight": str(w),
        "canary-weight-total": str(wt),
    }
    annotations = {f"{NGINX}{key}": value for key, value in keys.items() if value}
    annotations.update(others or {})
    return ingress(name, paths, host=host, annotations=annotations, namespace=namespace, age=age, port=port)


def base(
    *paths: tuple[str, str, str], name: str = "base", host: str = "h.test", age: int = 20, **annotations: str
) -> Object:
    """Return an ordinary Ingress; an annotation `use_regex` is written `nginx.ingress.kubernetes.io/use-regex`."""
    named = {f"{NGINX}{key.replace('_', '-')}": value for key, value in annotations.items()}
    return ingress(name, paths or ((*ROOT, "base"),), host=host, annotations=named, age=age)


def get(path: str = "/x", *headers: tuple[str, str], host: str = "h.test") -> Request:
    """Return a GET with these headers, in this order."""
    return Request(host=host, path=path, headers=headers)


def gray(value: str) -> Request:
    """Return a GET with header `x-gray`."""
    return get("/x", ("x-gray", value))


BASE: Shares = {"base": Fraction(1)}
GRAY: Shares = {"gray": Fraction(1)}
NOT_FOUND: Shares = {"404": Fraction(1)}

Told = str | Mapping[str, int]
"""Where requests go, as a file of vectors writes it: to one place, or to several in proportion."""


def shares_told(told: Told) -> Shares:
    """Return the shares that a file of vectors tells."""
    return {told: Fraction(1)} if isinstance(told, str) else shares(**told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An Ingress as a file of vectors writes it.

    Attributes:
        canary: annotations without `nginx.ingress.kubernetes.io/canary-`, beside `canary` itself; None for an ordinary
            Ingress.
        annotations: others; a name without a prefix is one of `nginx.ingress.kubernetes.io/`.
        paths: path, type and Service of each.
    """

    name: str
    canary: Mapping[str, str | int] | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[tuple[str, str, str], ...] | None = None
    host: str = "h.test"
    namespace: str = "default"
    age: int | None = None
    port: int = 80

    def made(self) -> Object:
        """Return the Ingress; a canary is younger than an ordinary one and leads to `gray`, where it does not say."""
        annotations = {name if "/" in name else f"{NGINX}{name}": value for name, value in self.annotations.items()}
        service, age = "base", 20
        if self.canary is not None:
            of_canary = {f"{NGINX}canary-{name}": str(value) for name, value in self.canary.items()}
            annotations = {f"{NGINX}canary": "true", **of_canary, **annotations}
            service, age = "gray", 10
        return ingress(
            self.name,
            ((*ROOT, service),) if self.paths is None else self.paths,
            host=self.host,
            annotations=annotations,
            namespace=self.namespace,
            age=age if self.age is None else self.age,
            port=self.port,
        )


class _Goes(NamedTuple):
    nginx: Told | None
    higress: Told | None
    traefik: Told | None
    mapped: Told | Refused | None


class _Row(NamedTuple):
    """A row of `canaries.yaml`."""

    id: str
    ingresses: tuple[Entry, ...]
    goes: _Goes
    request: Request = Request()
    suite: str = ""
    without_endpoints: frozenset[str] = frozenset()
    sticky: str = ""

    def vector(self) -> Vector:
        nginx, higress, traefik, mapped = self.goes
        return Vector(
            id=self.id,
            ingresses=tuple(entry.made() for entry in self.ingresses),
            request=self.request,
            nginx=None if nginx is None else shares_told(nginx),
            higress=None if higress is None else shares_told(higress),
            traefik=None if traefik is None else shares_told(traefik),
            mapped=mapped if mapped is None or isinstance(mapped, Refused) else shares_told(mapped),
            without_endpoints=self.without_endpoints,
            sticky=self.sticky,
            suite=self.suite,
        )


VECTORS: tuple[Vector, ...] = tuple(row.vector() for row in rows(__file__, "canaries.yaml", _Row))
"""Every row; ids are unique."""

TRAEFIK_CHANCE: Mapping[str, tuple[Shares, ...]] = {
    # Neither Ingress is a canary, so there are two routers with the same rule. Traefik 3.7.13 takes routers from a Go
    # map, whose order is random, and sorts them by the length of their rule alone: whichever was added first wins.
    "B10": (GRAY,),
}
"""What else Traefik may do on the rows that it leaves to chance, besides what the row says."""
