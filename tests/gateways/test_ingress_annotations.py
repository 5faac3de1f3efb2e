"""What annotations beside those of canaries do to a request, and default backends: one table for the gateways.

The outcomes were read out of the sources that the modules of `grayc.routing` name; those of Traefik are asked of its
own code too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from grayc.documents import parse_documents
from grayc.routing.model import Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways.agreement import asked, differences
from tests.gateways.manifests import ingress, service, text
from tests.gateways.test_simulator_vectors import answer, shares_of
from tests.gateways.traefik_gateway import Traefik, decided
from tests.gateways.traffic import Case, Object, Request
from tests.gateways.vectors import NGINX, base, canary, get

HIGRESS = "higress.io/"
MSE = "mse.ingress.kubernetes.io/"
ALWAYS = ("x-gray", "always")
EVERY = ("ingress-nginx", "higress", "mse", "traefik")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Some Ingresses, a request, and the one place where each gateway sends it: a Service or a status."""

    id: str
    ingresses: tuple[Object, ...]
    request: Request
    goes: Mapping[str, str]


def everywhere(place: str, **others: str) -> dict[str, str]:
    """Return the same place for every gateway but those named; `ingress_nginx` is written for ingress-nginx."""
    return dict.fromkeys(EVERY, place) | {name.replace("_", "-"): other for name, other in others.items()}


def noted(prefix: str = NGINX, **annotations: str) -> dict[str, str]:
    return {f"{prefix}{name.replace('_', '-')}": value for name, value in annotations.items()}


def with_default(route: Object, backend: str) -> Object:
    route["spec"]["defaultBackend"] = {"service": {"name": backend, "port": {"number": 80}}}
    return route


def without_rules(backend: str, *, name: str = "base", age: int = 20, **annotations: str) -> Object:
    route = with_default(ingress(name, annotations=noted(**annotations), age=age), backend)
    del route["spec"]["rules"]
    return route


def to_destinations(lines: str, *, prefix: str = HIGRESS) -> Object:
    route = ingress("base", annotations={f"{prefix}destination": lines}, age=20)
    resource = {"apiGroup": "networking.higress.io", "kind": "McpBridge", "name": "default"}
    route["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": resource}
    return route


ALIASES = (base(server_alias="www.h.test, Alt.h.test,*.w.test"), canary(hdr="x-gray"))
REDIRECTED = (base(permanent_redirect="https://new.test/"), canary(hdr="x-gray"))
ROOTED = (base(("/", "Prefix", "base"), ("/app", "Prefix", "app"), app_root="/app"), canary(hdr="x-gray"))
REWRITTEN = (base(("/test", "Prefix", "base"), ("/testing", "Prefix", "long"), rewrite_target="/"),)
HOST_DEFAULT = (with_default(base(("/api", "Prefix", "api")), "base"), canary(hdr="x-gray"))
TWO_DEFAULTS = (
    with_default(base(("/a", "Prefix", "a")), "first"),
    with_default(base(("/b", "Prefix", "b"), name="second", age=15), "second"),
)
QUERY = (base(), canary(others=noted(MSE, canary_by_query="gray", canary_by_query_value="1")))

ROWS = (
    Row(
        id="an alias is served as its host, with the canary",
        ingresses=ALIASES,
        request=get("/x", ALWAYS, host="www.h.test"),
        goes=everywhere("404", ingress_nginx="gray", traefik="gray"),
    ),
    Row(
        id="an alias in capitals",
        ingresses=ALIASES,
        request=get(host="alt.h.test"),
        goes=everywhere("404", ingress_nginx="base", traefik="base"),
    ),
    Row(
        id="an alias that is a wildcard",
        ingresses=ALIASES,
        request=get(host="any.w.test"),
        goes={"ingress-nginx": "base"},
    ),
    Row(
        id="an alias that is the host of another",
        ingresses=(*ALIASES, base(("/", "Prefix", "other"), name="other", host="www.h.test", age=5)),
        request=get(host="www.h.test"),
        goes=everywhere("other"),
    ),
    Row(
        id="an alias that is an expression",
        ingresses=(base(server_alias=r"~^shop\d+\.test$"),),
        request=get(host="shop12.test"),
        goes={"ingress-nginx": "base"},
    ),
    Row(
        id="an alias of signs that are not allowed takes the whole Ingress away",
        ingresses=(base(server_alias="a b.test"),),
        request=get(),
        goes={"ingress-nginx": "404"},
    ),
    Row(
        id="a redirect answers before a canary",
        ingresses=REDIRECTED,
        request=get("/x", ALWAYS),
        goes=everywhere("301"),
    ),
    Row(
        id="a redirect of a canary is not read",
        ingresses=(base(), canary(hdr="x-gray", others=noted(permanent_redirect="https://new.test/"))),
        request=get("/x", ALWAYS),
        goes=everywhere("gray"),
    ),
    Row(
        id="a redirect with a code",
        ingresses=(base(permanent_redirect="https://new.test/", permanent_redirect_code="308"),),
        request=get(),
        goes=everywhere("308"),
    ),
    Row(
        id="a redirect with a code that is none",
        ingresses=(base(permanent_redirect="https://new.test/", permanent_redirect_code="200"),),
        request=get(),
        goes=everywhere("301"),
    ),
    Row(
        id="a temporal redirect comes before a permanent one",
        ingresses=(base(permanent_redirect="https://new.test/", temporal_redirect="https://now.test/"),),
        request=get(),
        goes=everywhere("302"),
    ),
    Row(
        id="a temporal redirect with a code",
        ingresses=(base(temporal_redirect="https://now.test/", temporal_redirect_code="307"),),
        request=get(),
        goes=everywhere("302", ingress_nginx="307", traefik="307"),
    ),
    Row(
        id="a temporal redirect to what is no address",
        ingresses=(base(temporal_redirect="/elsewhere"),),
        request=get(),
        goes=everywhere("base", traefik="302"),
    ),
    Row(
        id="a redirect of the first Ingress holds for the paths that nobody wrote",
        ingresses=(base(("/old", "Prefix", "base"), permanent_redirect="https://new.test/"),),
        request=get("/x"),
        goes=everywhere("404", ingress_nginx="301"),
    ),
    Row(
        id="a redirect ends a host's other Ingress only for its own paths",
        ingresses=(*REDIRECTED, base(("/api", "Prefix", "api"), name="api", age=5)),
        request=get("/api/x"),
        goes=everywhere("api"),
    ),
    Row(
        id="app-root answers for the root",
        ingresses=ROOTED,
        request=get("/"),
        goes=everywhere("302"),
    ),
    Row(
        id="app-root and a canary on the root",
        ingresses=ROOTED,
        request=get("/", ALWAYS),
        goes=everywhere("302", higress="gray", mse="gray"),
    ),
    Row(
        id="app-root is for the root alone",
        ingresses=ROOTED,
        request=get("/app/x"),
        goes=everywhere("app"),
    ),
    Row(
        id="www is sent to the host",
        ingresses=(base(from_to_www_redirect="true"),),
        request=get(host="www.h.test"),
        goes=everywhere("404", ingress_nginx="308", traefik="308"),
    ),
    Row(
        id="the host is sent to www",
        ingresses=(base(host="www.h.test", from_to_www_redirect="true"),),
        request=get(),
        goes=everywhere("404", ingress_nginx="308", traefik="308"),
    ),
    Row(
        id="www is not sent on where it has an Ingress",
        ingresses=(
            base(from_to_www_redirect="true"),
            base(("/", "Prefix", "other"), name="other", host="www.h.test", age=5),
        ),
        request=get(host="www.h.test"),
        goes=everywhere("other"),
    ),
    Row(
        id="a rewrite makes expressions of the host's paths",
        ingresses=REWRITTEN,
        request=get("/TESTology"),
        goes=everywhere("404", ingress_nginx="base", traefik="base"),
    ),
    Row(
        id="expressions are asked from the longest",
        ingresses=REWRITTEN,
        request=get("/testings"),
        goes=everywhere("404", ingress_nginx="long", traefik="long"),
    ),
    Row(
        id="a rewrite to the path itself is a rewrite where the path ends without a slash",
        ingresses=(base(("/test", "Prefix", "base"), rewrite_target="/test"),),
        request=get("/testology"),
        goes={"ingress-nginx": "base"},
    ),
    Row(
        id="a rewrite of the root to the root is none",
        ingresses=(base(("/", "Prefix", "base"), ("/test", "Prefix", "long"), rewrite_target="/"),),
        request=get("/x"),
        goes={"ingress-nginx": "base"},
    ),
    Row(
        id="a rewrite of signs that are not allowed is none",
        ingresses=(base(("/test", "Prefix", "base"), rewrite_target="/?a=1"),),
        request=get("/testology"),
        goes={"ingress-nginx": "404"},
    ),
    Row(
        id="a path with signs of expressions and a rewrite is one",
        ingresses=(base(("/v1.0", "Prefix", "base"), rewrite_target="/"),),
        request=get("/v1x0"),
        goes={"higress": "base", "mse": "base"},
    ),
    Row(
        id="a canary on the root of a host with a default backend",
        ingresses=HOST_DEFAULT,
        request=get("/x", ALWAYS),
        goes=everywhere("base", ingress_nginx="gray"),
    ),
    Row(
        id="a canary on the root leaves the host's own paths",
        ingresses=HOST_DEFAULT,
        request=get("/api", ALWAYS),
        goes=everywhere("api"),
    ),
    Row(
        id="a canary on the root where the default backend has no host",
        ingresses=(without_rules("base"), canary(hdr="x-gray", host="")),
        request=get("/x", ALWAYS),
        goes=everywhere("base", ingress_nginx="gray"),
    ),
    Row(
        id="a canary's default backend belongs to the paths without a host",
        ingresses=(
            base(host=""),
            without_rules("gray", name="canary", age=10, canary="true", canary_weight="100"),
        ),
        request=get(),
        goes=everywhere("base", ingress_nginx="gray"),
    ),
    Row(
        id="the default backend of a host is its oldest Ingress's",
        ingresses=TWO_DEFAULTS,
        request=get("/x"),
        goes={"ingress-nginx": "first", "higress": "first", "mse": "first"},
    ),
    Row(
        id="the default backend of other hosts",
        ingresses=TWO_DEFAULTS,
        request=get("/x", host="other.test"),
        goes={"ingress-nginx": "404", "higress": "second", "mse": "second", "traefik": "404"},
    ),
    Row(
        id="the default backend of a younger Ingress is not the host's",
        ingresses=(base(("/a", "Prefix", "a")), with_default(base(("/b", "Prefix", "b"), name="b", age=5), "late")),
        request=get("/x"),
        goes={"ingress-nginx": "404", "higress": "late", "mse": "late", "traefik": "late"},
    ),
    Row(
        id="the oldest Ingress without rules is for all that is left",
        ingresses=(without_rules("base"), without_rules("late", name="late", age=5)),
        request=get("/x"),
        goes={"ingress-nginx": "base", "traefik": "base"},
    ),
    Row(
        id="a canary whose Service left is not replaced by the next",
        ingresses=(
            base(("/", "Prefix", "base"), ("/app", "Prefix", "app")),
            canary("c1", (("/", "Prefix", "gray1"), ("/lost", "Prefix", "gray1")), hdr="x-gray", age=11),
            canary("c2", (("/", "Prefix", "gray2"),), hdr="x-gray", age=10),
        ),
        request=get("/x", ALWAYS),
        goes={"ingress-nginx": "base"},
    ),
    Row(
        id="a canary to the Service of an ordinary Ingress adds its path",
        ingresses=(
            base(("/", "Prefix", "base")),
            base(("/", "Prefix", "other"), name="other", host="other.test"),
            canary(paths=(("/lost", "Prefix", "other"),), hdr="x-gray"),
        ),
        request=get("/lost/x"),
        goes={"ingress-nginx": "other"},
    ),
    Row(
        id="ignored case",
        ingresses=(
            ingress("base", (("/Api", "Prefix", "base"),), annotations=noted(HIGRESS, ignore_path_case="true")),
        ),
        request=get("/aPI/x"),
        goes={"higress": "base", "mse": "404", "ingress-nginx": "404"},
    ),
    Row(
        id="ignored case of an exact path, and its canary",
        ingresses=(
            base(("/Api", "Exact", "base"), ignore_path_case="true"),
            canary(paths=(("/Api", "Exact", "gray"),), hdr="x-gray"),
        ),
        request=get("/api", ALWAYS),
        goes={"higress": "gray", "mse": "gray"},
    ),
    Row(
        id="a match by what Envoy has as a header",
        ingresses=(ingress("base", annotations={f"{HIGRESS}prefix-match-pseudo-header-path": "/x?a="}),),
        request=get("/x?a=1"),
        goes={"higress": "base"},
    ),
    Row(
        id="a method that is none is not asked",
        ingresses=(ingress("base", annotations={f"{HIGRESS}match-method": "FETCH"}),),
        request=get(),
        goes={"higress": "base"},
    ),
    Row(
        id="a destination in the cluster",
        ingresses=(to_destinations("base.default.svc.cluster.local:80"),),
        request=get(),
        goes={"higress": "base", "mse": "404", "ingress-nginx": "404", "traefik": "404"},
    ),
    Row(
        id="a destination of a registry",
        ingresses=(to_destinations("100% provider.DEFAULT-GROUP.public.nacos:8080 v1"),),
        request=get(),
        goes={"higress": "provider.DEFAULT-GROUP.public.nacos"},
    ),
    Row(
        id="a canary of a destination",
        ingresses=(to_destinations("base.default.svc.cluster.local", prefix=MSE), canary(hdr="x-gray")),
        request=get("/x", ALWAYS),
        goes={"mse": "gray"},
    ),
    Row(
        id="a destination beside a Service is not read",
        ingresses=(ingress("base", annotations={f"{HIGRESS}destination": "other.nacos"}),),
        request=get(),
        goes={"higress": "base"},
    ),
    Row(
        id="a path that leads nowhere keeps a younger one out",
        ingresses=(to_destinations(""), base(("/", "Prefix", "late"), name="late", age=5)),
        request=get(),
        goes={"higress": "404", "ingress-nginx": "late", "traefik": "late"},
    ),
    Row(id="a query that is asked for", ingresses=QUERY, request=get("/x?gray=1"), goes={"mse": "gray"}),
    Row(id="a query of another value", ingresses=QUERY, request=get("/x?gray=2"), goes={"mse": "base"}),
    Row(id="a query that Higress does not know", ingresses=QUERY, request=get("/x?gray=1"), goes={"higress": "base"}),
    Row(
        id="a query by a pattern",
        ingresses=(base(), canary(others=noted(MSE, canary_by_query="gray", canary_by_query_pattern="^v[12]$"))),
        request=get("/x?gray=v2"),
        goes={"mse": "gray"},
    ),
    Row(
        id="a query as a switch",
        ingresses=(base(), canary(others=noted(MSE, canary_by_query="gray"))),
        request=get("/x?gray=always"),
        goes={"mse": "gray"},
    ),
    Row(
        id="a query comes before a cookie and a weight of its canary",
        ingresses=(base(), canary(ck="vip", w=100, others=noted(MSE, canary_by_query="gray"))),
        request=get("/x", ("cookie", "vip=always")),
        goes={"mse": "base"},
    ),
    Row(
        id="a cookie's value",
        ingresses=(base(), canary(ck="vip", others=noted(MSE, canary_by_cookie_value="gold"))),
        request=get("/x", ("cookie", "a=b; vip=gold")),
        goes={"mse": "gray", "higress": "base"},
    ),
    Row(
        id="always beside a value",
        ingresses=(base(), canary(hdr="x-gray", val="v1")),
        request=get("/x", ALWAYS),
        goes={"higress": "gray", "mse": "base", "ingress-nginx": "base", "traefik": "base"},
    ),
)

SAID = [(gateway, row) for row in ROWS for gateway in row.goes]


def services_of(ingresses: tuple[Object, ...]) -> list[Object]:
    """Return a Service for every backend."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("service"), dict):
                found.add(value["service"]["name"])
            for part in value.values():
                look(part)
        elif isinstance(value, list):
            for part in value:
                look(part)

    for entry in ingresses:
        look(entry["spec"])
    return [service(name) for name in sorted(found)]


@pytest.mark.parametrize(("gateway", "row"), SAID, ids=lambda item: item.id if isinstance(item, Row) else item)
def test_gateway_does_what_the_table_says(gateway: str, row: Row) -> None:
    manifests = text([*row.ingresses, *services_of(row.ingresses)])

    found = answer(gateway, manifests, row.request, Circumstances())

    assert shares_of(found) == {row.goes[gateway]: Fraction(1)}, found.why


def test_subset_of_a_service_is_said() -> None:
    subset = noted(MSE, canary_by_header="x-gray", service_subset="gray")
    manifests = text([base(), canary(paths=(("/", "Prefix", "base"),), others=subset)])

    found = answer("mse", manifests, get("/x", ALWAYS), Circumstances())
    plain = answer("mse", manifests, get(), Circumstances())

    assert [(item.service, item.subset) for item in found.destinations] == [("base", "gray")]
    assert [(item.service, item.subset) for item in plain.destinations] == [("base", "")]


def test_destinations_of_one_route_share_as_the_gateway_rounds() -> None:
    lines = "50% a.nacos:80\n30% b.nacos:80 v2\n20% c.nacos"
    found = answer("higress", text([to_destinations(lines)]), get(), Circumstances())

    assert {(item.service, item.subset): item.percent for item in found.destinations} == {
        ("a.nacos", ""): 50,
        ("b.nacos", "v2"): 30,
        ("c.nacos", ""): 20,
    }
    assert found.decided_by is not None
    assert found.decided_by.rule == "path"


def test_ingresses_of_other_classes_are_not_read() -> None:
    one, other = base(), base(("/", "Prefix", "other"), name="other", age=30)
    one["spec"]["ingressClassName"] = "public"
    other["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "internal"
    documents = parse_documents(SourceFile(name="case.yaml", text=text([one, other]))).value
    assert documents is not None

    for gateway in EVERY:
        every = simulate(gateway, documents).route(asked(get()))
        public = simulate(gateway, documents, classes=frozenset({"public"})).route(asked(get()))

        assert [item.service for item in every.destinations] == ["other"], gateway
        assert [item.service for item in public.destinations] == ["base"], gateway


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_ingress_of_a_version_that_is_gone_is_not_read(version: str) -> None:
    route = base() | {"apiVersion": version}

    for gateway in EVERY:
        assert answer(gateway, text([route]), get(), Circumstances()).status == 404


def test_ingress_with_an_annotation_that_is_no_text_is_not_read() -> None:
    route = canary(w=100)
    route["metadata"]["annotations"][f"{NGINX}canary"] = True

    for gateway in EVERY:
        found = answer(gateway, text([base(), route]), get(), Circumstances())
        assert [item.service for item in found.destinations] == ["base"]


def test_simulator_agrees_with_traefik_about_annotations(traefik: Traefik) -> None:
    cases = [_random_case(Random(f"annotations {seed}")) for seed in range(60)]
    kept, real = decided(traefik, cases)

    found = differences(lambda documents: simulate("traefik", documents), kept, real)

    assert sum(len(case.requests) for case in kept) > 500
    assert not found, f"{len(found)} differences, first: {found[0]}"


def _random_case(random: Random) -> Case:
    """Return up to three Ingresses with aliases, redirects and default backends, and requests near them."""
    hosts = ("h.test", "www.h.test", "i.test", "")
    routes: list[Object] = []
    for at in range(random.randint(1, 3)):
        annotations = {
            name: value
            for name, value in (
                ("server-alias", random.choice(("a.test", "www.h.test, b.test", "A.test,i.test"))),
                ("permanent-redirect", "https://new.test/x"),
                ("permanent-redirect-code", random.choice(("308", "200", "x"))),
                ("temporal-redirect", "https://now.test/x"),
                ("temporal-redirect-code", random.choice(("307", "999"))),
                ("from-to-www-redirect", random.choice(("true", "True", "1"))),
                ("use-regex", "true"),
                ("rewrite-target", "/"),
            )
            if random.random() < 0.2
        }
        paths = [
            (path, random.choice(("Prefix", "Exact", "ImplementationSpecific")), f"s{at}{number}")
            for number, path in enumerate(random.sample(("/", "/a", "/a/b", "/ab/"), random.randint(1, 3)))
        ]
        route = base(*paths, name=f"i{at}", host=random.choice(hosts), age=20 - at)
        route["metadata"]["annotations"] |= {f"{NGINX}{name}": value for name, value in annotations.items()}
        routes.append(with_default(route, f"d{at}") if random.random() < 0.3 else route)
        if random.random() < 0.4:
            host = route["spec"]["rules"][0].get("host", "")
            mine = [(path, kind, f"g{at}") for path, kind, _ in paths[:1]]
            routes.append(canary(f"c{at}", mine, hdr="x-gray", host=host, age=10 - at))
    if random.random() < 0.3:
        routes.append(without_rules("left", name="left", age=1))
    requests = tuple(
        get(
            random.choice(("/", "/a", "/A", "/a/", "/a/b", "/abc", "/ab/c", "/x")),
            *((ALWAYS,) if random.random() < 0.3 else ()),
            host=random.choice(("h.test", "www.h.test", "i.test", "www.i.test", "a.test", "b.test", "z.test")),
        )
        for _ in range(20)
    )
    return Case(manifests=text([*routes, *services_of(tuple(routes))]), requests=requests)
