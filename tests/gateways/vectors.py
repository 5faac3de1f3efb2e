"""Canary Ingresses, a request, and what each gateway makes of it: one table for the tests of all gateways.

The destinations were read out of the gateways' sources and suites, column by column; where a real gateway can be had,
the tests run the table against it. `Vector.suite` names the project whose own test asserts the case or a near variant:
N ingress-nginx test/e2e/annotations/canary.go, L its balancer_test.lua, H Higress test/e2e httproute-canary-*,
T Traefik pkg/provider/kubernetes/ingress-nginx fixtures, I2G ingress2gateway e2e, I a user's report.

Unless a row says otherwise: namespace `default`, an older Ingress `base` for host `h.test`, path `/` of type Prefix to
Service `base`, port 80, a younger canary Ingress `canary` of the same rule to Service `gray`, and `GET /x`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.gateways.manifests import ingress, service, text
from tests.gateways.traffic import Case, Object, Request

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
        suite: whose own test asserts it, see the module; empty where it was derived from source.
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
            manifests=text([*self.ingresses, *services_of(self.ingresses)]),
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


def cookie(value: str) -> Request:
    """Return a GET with header `cookie`."""
    return get("/x", ("cookie", value))


BASE: Shares = {"base": Fraction(1)}
GRAY: Shares = {"gray": Fraction(1)}
GRAY1: Shares = {"gray1": Fraction(1)}
REJECT: Shares = {"REJECT": Fraction(1)}
NOT_FOUND: Shares = {"404": Fraction(1)}
UNAVAILABLE: Shares = {"503": Fraction(1)}
NOT_RE2 = Refused(reason="not RE2")
NO_BASE = Refused(reason="no base")
REGEX_PATH = Refused(reason="regex path: implementation-specific")

_ONE = (base(),)
_TWO_HEADERS = (
    *_ONE,
    canary("c1", ((*ROOT, "gray1"),), hdr="x-gray", val="v1", age=11),
    canary("c2", ((*ROOT, "gray2"),), hdr="x-gray", val="v2", age=10),
)
_HEADER_AND_WEIGHT = (*_ONE, canary("c1", hdr="x-gray", val="v1", age=11), canary("c2", w=30, age=10))
_COMBINED = (*_ONE, canary(hdr="x-gray", ck="vip", w=30))
_FOO = (
    base(("/foo", "Exact", "fx"), ("/foo", "Prefix", "fp"), (*ROOT, "web")),
    canary(paths=(("/foo", "Exact", "gx"), ("/foo", "Prefix", "gp")), hdr="x-gray", val="true"),
)
_SVC = (("/svc/(.*)", "ImplementationSpecific", "base"),)
_SVC_GRAY = (("/svc/(.*)", "ImplementationSpecific", "gray"),)
_REWRITE = {f"{NGINX}use-regex": "true", f"{NGINX}rewrite-target": "/$1"}
_MATCH_USER = {"higress.io/exact-match-header-user": "a"}


def _one(
    *,
    hdr: str = "",
    val: str = "",
    pat: str = "",
    ck: str = "",
    w: str | int = "",
    wt: str | int = "",
    enabled: str = "true",
) -> tuple[Object, ...]:
    """Return the base Ingress and one canary with these rules."""
    return (*_ONE, canary(hdr=hdr, val=val, pat=pat, ck=ck, w=w, wt=wt, enabled=enabled))


VECTORS: tuple[Vector, ...] = (
    # A header by itself, and a header's value.
    Vector(
        id="A1",
        ingresses=_one(hdr="x-gray"),
        request=get(),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="N L",
    ),
    Vector(
        id="A3",
        ingresses=_one(hdr="x-gray"),
        request=gray("never"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="N L",
    ),
    Vector(
        id="A5",
        ingresses=_one(hdr="x-gray"),
        request=get("/x", ("X-Gray", "always")),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="A7",
        ingresses=_one(hdr="x-gray", val="v1"),
        request=gray("v1"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
        suite="N L H T",
    ),
    Vector(
        id="A9",
        ingresses=_one(hdr="x-gray", val="v1"),
        request=gray("never"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="N",
    ),
    Vector(
        id="A11",
        ingresses=_one(hdr="x-gray", val="1.2"),
        request=gray("1x2"),
        nginx=BASE,
        higress=GRAY,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="A13",
        ingresses=_one(hdr="x-gray", val="a|b"),
        request=gray("a|b"),
        nginx=BASE,
        higress=BASE,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="A15",
        ingresses=_one(hdr="x-gray", val="bob@corp.com"),
        request=gray("always"),
        nginx=GRAY,
        higress=GRAY,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="A17",
        ingresses=_one(hdr="x_gray"),
        request=gray("always"),
        nginx=GRAY,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="A19",
        ingresses=_one(hdr="x-gray", val="v1"),
        request=get("/x", ("x-gray", "v1"), ("x-gray", "v1")),
        nginx=BASE,
        higress=BASE,
        traefik=GRAY,
        mapped=BASE,
    ),
    # A header's pattern.
    Vector(
        id="P2",
        ingresses=_one(hdr="x-gray", pat="^Do[A-Z][a-z]+y$"),
        request=gray("Docanary"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="N",
    ),
    Vector(
        id="P4",
        ingresses=_one(hdr="x-gray", pat="test.com"),
        request=gray("test.org"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="H",
    ),
    Vector(
        id="P6",
        ingresses=_one(hdr="x-gray", pat="foo|bar"),
        request=gray("afoo"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="P8",
        ingresses=_one(hdr="x-gray", pat="^(?:foo|bar)$"),
        request=gray("xfoo"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="P10",
        ingresses=_one(hdr="x-gray", pat="^(?!prod).*$"),
        request=gray("dev"),
        nginx=BASE,
        higress=REJECT,
        traefik=BASE,
        mapped=NOT_RE2,
    ),
    Vector(
        id="P12",
        ingresses=_one(hdr="x-gray", pat="^v1$"),
        request=gray("always"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="P14",
        ingresses=_one(hdr="x-gray", pat="[][**da?$&*", ck="vip"),
        request=get("/x", ("x-gray", "DoCanary"), ("cookie", "vip=always")),
        nginx=BASE,
        higress=REJECT,
        traefik=BASE,
        mapped=NOT_RE2,
        suite="N",
    ),
    # A cookie.
    Vector(
        id="K2",
        ingresses=_one(ck="vip"),
        request=cookie("vip=never"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="N L",
    ),
    Vector(
        id="K4",
        ingresses=_one(ck="vip"),
        request=cookie("VIP=always"),
        nginx=GRAY,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="K6",
        ingresses=_one(ck="vip"),
        request=cookie("xvip=always"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="K8",
        ingresses=_one(hdr="cookie", pat=r"(^|\x3b\s*)vip=1(\x3b|$)"),
        request=cookie("u=9; vip=1"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    # A weight.
    Vector(
        id="W2",
        ingresses=_one(w=100),
        request=get(),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
        suite="N L H",
    ),
    Vector(
        id="W4",
        ingresses=_one(w=1000, wt=1000),
        request=get(),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
        suite="N L",
    ),
    Vector(
        id="W6",
        ingresses=_one(w=5, wt=1000),
        request=get(),
        nginx=shares(base=995, gray=5),
        higress=BASE,
        traefik=shares(base=995, gray=5),
        mapped=shares(base=995, gray=5),
    ),
    Vector(
        id="W8",
        ingresses=_one(w=150),
        request=get(),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=Refused(reason="weight above the total"),
    ),
    Vector(
        id="W10",
        ingresses=_one(w="20%"),
        request=get(),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=Refused(reason="not an integer"),
    ),
    Vector(
        id="W12",
        ingresses=_one(w=53),
        request=get(),
        nginx=shares(base=47, gray=53),
        higress=shares(base=48, gray=52),
        traefik=shares(base=47, gray=53),
        mapped=shares(base=47, gray=53),
    ),
    Vector(
        id="W14",
        ingresses=_one(w=10, wt=120),
        request=get(),
        nginx=shares(base=110, gray=10),
        higress=shares(base=92, gray=8),
        traefik=shares(base=110, gray=10),
        mapped=shares(base=110, gray=10),
        suite="T",
    ),
    # Several kinds of rule, and several canaries.
    Vector(
        id="M2",
        ingresses=_COMBINED,
        request=get("/x", ("x-gray", "always"), ("cookie", "vip=never")),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
        suite="T",
    ),
    Vector(
        id="M4",
        ingresses=_COMBINED,
        request=get("/x", ("x-gray", "zz"), ("cookie", "vip=always")),
        nginx=GRAY,
        higress=BASE,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="M6",
        ingresses=_COMBINED,
        request=gray("never"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=BASE,
        suite="I2G T",
    ),
    Vector(
        id="M8",
        ingresses=_one(hdr="x-gray", val="v1", w=30),
        request=gray("v9"),
        nginx=shares(base=70, gray=30),
        higress=BASE,
        traefik=shares(base=70, gray=30),
        mapped=shares(base=70, gray=30),
        suite="N",
    ),
    Vector(
        id="M10",
        ingresses=_one(ck="vip", w=30),
        request=get(),
        nginx=shares(base=70, gray=30),
        higress=BASE,
        traefik=shares(base=70, gray=30),
        mapped=shares(base=70, gray=30),
    ),
    Vector(
        id="M12",
        ingresses=_HEADER_AND_WEIGHT,
        request=gray("v1"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="M13",
        ingresses=_TWO_HEADERS,
        request=gray("v1"),
        nginx=GRAY1,
        higress=GRAY1,
        traefik=GRAY1,
        mapped=GRAY1,
        suite="I",
    ),
    Vector(
        id="M15",
        ingresses=_TWO_HEADERS,
        request=gray("always"),
        nginx=BASE,
        higress=GRAY1,
        traefik=BASE,
        mapped=BASE,
    ),
    Vector(
        id="M17",
        ingresses=(
            *_ONE,
            canary("c1", ((*ROOT, "gray1"),), w=80, age=11),
            canary("c2", ((*ROOT, "gray2"),), w=60, age=10),
        ),
        request=get(),
        nginx=shares(base=20, gray1=80),
        higress=shares(base=1, gray1=57, gray2=42),
        traefik=shares(base=20, gray1=80),
        mapped=Refused(reason="weights above 100%"),
    ),
    # How a canary finds its base.
    Vector(
        id="B2",
        ingresses=(base(host="other.test"), canary(hdr="x-gray")),
        request=gray("always"),
        nginx=NOT_FOUND,
        higress=NOT_FOUND,
        traefik=NOT_FOUND,
        mapped=NO_BASE,
        suite="N T",
    ),
    Vector(
        id="B4",
        ingresses=(base(host="*.test"), canary(host="*.test", hdr="x-gray")),
        request=gray("always"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    Vector(
        id="B6",
        ingresses=(
            base(("/api", "ImplementationSpecific", "base")),
            canary(paths=(("/api", "Prefix", "gray"),), hdr="x-gray"),
        ),
        request=get("/api/a", ("x-gray", "always")),
        nginx=GRAY,
        higress=GRAY,
        traefik=BASE,
        mapped=GRAY,
    ),
    Vector(
        id="B8",
        ingresses=(base(), canary(namespace="gray-ns", hdr="x-gray")),
        request=gray("always"),
        nginx=GRAY,
        higress=GRAY,
        traefik=BASE,
        mapped=Refused(reason="needs a ReferenceGrant"),
    ),
    Vector(
        id="B10",
        ingresses=_one(enabled="yes", hdr="x-gray"),
        request=gray("always"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=Refused(reason="not a boolean"),
    ),
    Vector(
        id="B12",
        ingresses=(
            base(("/a", "Prefix", "base"), ("/b", "Prefix", "base")),
            canary(paths=(("/a", "Prefix", "gray"),), w=30),
        ),
        request=get("/b"),
        nginx=shares(base=70, gray=30),
        higress=BASE,
        traefik=shares(base=70, gray=30),
        mapped=BASE,
        suite="I",
    ),
    Vector(
        id="B14",
        ingresses=(
            base((*ROOT, "web"), name="web", age=21),
            base(("/api", "Prefix", "api"), name="api"),
            canary(hdr="x-gray"),
        ),
        request=get("/api/a", ("x-gray", "always")),
        nginx={"api": Fraction(1)},
        higress={"api": Fraction(1)},
        traefik=GRAY,
        mapped={"api": Fraction(1)},
        suite="I",
    ),
    Vector(
        id="B16",
        ingresses=(
            base((*ROOT, "web"), name="web", age=21),
            base(("/api/.*", "ImplementationSpecific", "api"), name="api", use_regex="true"),
            canary(hdr="x-gray"),
        ),
        request=get("/api/a", ("x-gray", "always")),
        nginx={"api": Fraction(1)},
        higress=GRAY,
        traefik=GRAY,
        mapped=REGEX_PATH,
    ),
    Vector(
        id="B18",
        ingresses=(
            base(*_SVC, use_regex="true", rewrite_target="/$1"),
            canary(paths=_SVC_GRAY, hdr="x-gray", others=_REWRITE),
        ),
        request=get("/svc/a", ("x-gray", "always")),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=REGEX_PATH,
    ),
    Vector(
        id="B20",
        ingresses=(
            ingress("base", annotations=_MATCH_USER, age=20),
            canary(hdr="x-gray", others=_MATCH_USER),
        ),
        request=gray("always"),
        nginx=None,
        higress=GRAY,
        traefik=None,
        mapped=None,
        suite="H",
    ),
    Vector(
        id="B22",
        ingresses=(base(), canary(hdr="x-gray"), base((*ROOT, "gray"), name="direct", host="gray.test", age=5)),
        request=get("/", host="gray.test"),
        nginx=NOT_FOUND,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
        suite="I",
    ),
    Vector(
        id="B24",
        ingresses=(
            base(("/a", "Prefix", "base")),
            canary(paths=(("/a", "Prefix", "gray"), ("/zzz", "Prefix", "gray")), hdr="x-gray"),
        ),
        request=get("/a/1", ("x-gray", "always")),
        nginx=BASE,
        higress=GRAY,
        traefik=GRAY,
        mapped=NO_BASE,
        suite="I",
    ),
    Vector(
        id="B26",
        ingresses=(base(), canary(hdr="x-gray", port=8080)),
        request=gray("always"),
        nginx=GRAY,
        higress=GRAY,
        traefik=GRAY,
        mapped=GRAY,
    ),
    # Exact and Prefix on one path.
    Vector(
        id="R2",
        ingresses=_FOO,
        request=get("/foo/bar", ("x-gray", "true")),
        nginx={"gp": Fraction(1)},
        higress={"gp": Fraction(1)},
        traefik={"gp": Fraction(1)},
        mapped={"gp": Fraction(1)},
        suite="H",
    ),
    Vector(
        id="R4",
        ingresses=_FOO,
        request=get("/foo/bar"),
        nginx={"fp": Fraction(1)},
        higress={"fp": Fraction(1)},
        traefik={"fp": Fraction(1)},
        mapped={"fp": Fraction(1)},
        suite="H",
    ),
    Vector(
        id="R6",
        ingresses=_FOO,
        request=get("/foo/", ("x-gray", "true")),
        nginx={"gp": Fraction(1)},
        higress={"gp": Fraction(1)},
        traefik={"gp": Fraction(1)},
        mapped={"gp": Fraction(1)},
        suite="H",
    ),
    # Services without endpoints.
    Vector(
        id="E1",
        ingresses=_one(hdr="x-gray"),
        request=gray("always"),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=UNAVAILABLE,
        without_endpoints=frozenset({"default/gray"}),
        suite="T",
    ),
    Vector(
        id="E3",
        ingresses=_one(w=100),
        request=get(),
        nginx=BASE,
        higress=BASE,
        traefik=BASE,
        mapped=UNAVAILABLE,
        without_endpoints=frozenset({"default/gray"}),
    ),
    Vector(
        id="E5",
        ingresses=_one(hdr="x-gray"),
        request=get(),
        nginx=UNAVAILABLE,
        higress=UNAVAILABLE,
        traefik=UNAVAILABLE,
        mapped=UNAVAILABLE,
        without_endpoints=frozenset({"default/base"}),
    ),
    # Session affinity.
    Vector(
        id="S2",
        ingresses=(base(affinity="cookie"), canary(w=1)),
        request=get(),
        nginx=GRAY,
        higress=shares(base=99, gray=1),
        traefik=GRAY,
        mapped=shares(base=99, gray=1),
        sticky="gray",
        suite="N",
    ),
)
"""Every row; ids are unique."""

TRAEFIK_CHANCE: Mapping[str, tuple[Shares, ...]] = {
    # Neither Ingress is a canary, so there are two routers with the same rule. Traefik 3.7.13 takes routers from a Go
    # map, whose order is random, and sorts them by the length of their rule alone: whichever was added first wins.
    "B10": (GRAY,),
}
"""What else Traefik may do on the rows that it leaves to chance, besides what the row says."""
