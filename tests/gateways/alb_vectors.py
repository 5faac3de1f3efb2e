"""Ingresses behind Alibaba Cloud's ALB, a request, and what becomes of it.

The destinations were read out of alibaba/alibaba-load-balancer-controller c277108 (buildListenerRules,
buildRuleConditions, buildRuleActions, sortGroupMembers, ComputeIngressListenPorts) and of the product's pages, row by row; no
program of it can be had here. Unless a row says otherwise: namespace `default`, class `alb`, host `h.test`, an Ingress `web`
of path `/` (Prefix) to Service `base`, an Ingress `a-canary` of the same to Service `gray`, and `GET /x`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.gateways.manifests import ingress
from tests.gateways.traffic import Object, Request
from tests.gateways.vectors import Shares, shares

ALB = "alb.ingress.kubernetes.io/"
ROOT = ("/", "Prefix")
REJECT: Shares = {"REJECT": Fraction(1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbVector:
    """One row.

    Attributes:
        seen: request headers as the Service reads them, None for one that is taken away; of those that change.
    """

    id: str
    ingresses: tuple[Object, ...]
    request: Request
    goes: Shares
    seen: Mapping[str, str | None] = field(default_factory=dict)


def alb(
    name: str = "web",
    paths: Sequence[tuple[str, str, str]] = ((*ROOT, "base"),),
    *,
    host: str = "h.test",
    tls: bool = False,
    use_annotation: bool = False,
    **notes: object,
) -> Object:
    """Return an Ingress; a note's `_` is `-`, its `__` a `.`, and what is no text is written as JSON."""
    named = {
        f"{ALB}{key.replace('__', '.').replace('_', '-')}": value if isinstance(value, str) else json.dumps(value)
        for key, value in notes.items()
    }
    made = ingress(name, paths, host=host, annotations=named)
    made["spec"]["ingressClassName"] = "alb"
    if tls:
        made["spec"]["tls"] = [{"hosts": [host], "secretName": "h"}]
    if use_annotation:
        for path in made["spec"]["rules"][0]["http"]["paths"]:
            path["backend"]["service"]["port"] = {"name": "use-annotation"}
    return made


def canary(name: str = "a-canary", **notes: object) -> Object:
    paths = notes.pop("paths", ((*ROOT, "gray"),))
    return alb(name, paths, canary="true", **notes)  # type: ignore[arg-type]


def asks(*headers: tuple[str, str], path: str = "/x", **more: str) -> Request:
    return Request(path=path, headers=headers, **more)


def header(name: str, *values: str) -> Object:
    return {"type": "Header", "headerConfig": {"key": name, "values": list(values)}}


def pair(kind: str, name: str, value: str) -> Object:
    return {"type": kind, f"{kind[0].lower()}{kind[1:]}Config": {"values": [{"key": name, "value": value}]}}


def insert(name: str, value: str) -> Object:
    return {"type": "InsertHeader", "InsertHeaderConfig": {"key": name, "value": value, "valueType": "UserDefined"}}


def forward(**weights: int) -> Object:
    groups = [{"ServiceName": name, "ServicePort": 80, "Weight": weight} for name, weight in weights.items()]
    return {"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": groups}}


V1 = {"canary_by_header": "x-gray", "canary_by_header_value": "v1"}
GRAY, BASE = shares(gray=1), shares(base=1)
LISTED = alb("a-own", ((*ROOT, "gray"),), conditions__gray=[header("x-a", "1", "2"), pair("Cookie", "c", "1")])
ROWS: tuple[tuple[str, tuple[Object, ...], Request, Shares], ...] = (
    # Header, cookie, both.
    ("H1", (alb(), canary(**V1)), asks(), BASE),
    ("H2", (alb(), canary(**V1)), asks(("X-Gray", "v1")), GRAY),
    ("H3", (alb(), canary(**V1)), asks(("x-gray", "v10")), BASE),
    ("H4", (alb(), canary(**V1)), asks(("x-gray", "always")), BASE),
    ("H5", (alb(), canary(canary_by_header="x-gray", canary_by_header_value="v?-*")), asks(("x-gray", "v1-x")), GRAY),
    ("H6", (alb(), canary(canary_by_header="x-gray")), asks(("x-gray", "always")), REJECT),
    ("C1", (alb(), canary(canary_by_cookie="vip")), asks(("cookie", "u=1; vip=always")), GRAY),
    ("C2", (alb(), canary(canary_by_cookie="vip")), asks(("cookie", "vip=never")), BASE),
    ("C3", (alb(), canary(canary_by_cookie="vip")), asks(("cookie", "xvip=always")), BASE),
    ("B1", (alb(), canary(**V1, canary_by_cookie="vip")), asks(("x-gray", "v1")), BASE),
    ("B2", (alb(), canary(**V1, canary_by_cookie="vip")), asks(("x-gray", "v1"), ("cookie", "vip=always")), GRAY),
    # Weights.
    ("W1", (alb(), canary(canary_weight="30")), asks(), shares(base=70, gray=30)),
    ("W2", (alb(), canary(canary_weight="0")), asks(), BASE),
    ("W3", (alb(), canary(canary_weight="100")), asks(), GRAY),
    ("W4", (alb(), canary(canary_weight="30", **V1)), asks(("x-gray", "v1")), BASE),
    ("W5", (alb(), canary(canary_weight="20%")), asks(), BASE),
    ("W6", (alb(), canary(canary_weight="30"), canary("b", canary_weight="20", paths=((*ROOT, "gray2"),))), asks(),
     shares(base=50, gray=30, gray2=20)),
    ("W7", (alb(), canary(canary_weight="80"), canary("b", canary_weight="60")), asks(), REJECT),
    ("W8", (alb(), canary(**V1), canary("z", canary_weight="30", paths=((*ROOT, "gray2"),))), asks(("x-gray", "v1")), GRAY),
    ("W9", (alb(), alb("a", ((*ROOT, "other"),)), canary(canary_weight="30")), asks(), shares(other=70, gray=30)),
    # Order: of Ingresses by number, then by name, and of paths as they are written.
    ("O1", (alb(), canary("zz", **V1)), asks(("x-gray", "v1")), BASE),
    ("O2", (alb(), canary("zz", order="9", **V1)), asks(("x-gray", "v1")), GRAY),
    ("O3", (alb(order="11"), canary("zz", **V1)), asks(("x-gray", "v1")), GRAY),
    ("O4", (alb(order="5"), canary(order="5", **V1)), asks(), REJECT),
    ("O5", (alb(order="0"),), asks(), REJECT),
    ("O6", (alb(), canary(**V1), alb("a", (("/api", "Prefix", "api"),))), asks(("x-gray", "v1"), path="/api/1"),
     shares(api=1)),
    ("O7", (alb(), canary(**V1), alb("b", (("/api", "Prefix", "api"),))), asks(("x-gray", "v1"), path="/api/1"), GRAY),
    ("O8", (alb(paths=((*ROOT, "base"), ("/api", "Prefix", "api"))),), asks(path="/api"), BASE),
    ("O9", (alb(), canary("zz", **{**V1, "order": "12", "albconfig__order": "3"})), asks(("x-gray", "v1")), GRAY),
    # What binds a canary: an ordinary Ingress of its host and path, on one listener.
    ("P1", (canary(**V1),), asks(("x-gray", "v1")), shares(_503=1)),
    ("P2", (alb(), canary(**V1, paths=(("/api", "Prefix", "gray"),))), asks(("x-gray", "v1"), path="/api"), BASE),
    ("P3", (alb(paths=(("/x", "Prefix", "base"),)), canary(**V1, paths=(("/x", "Exact", "gray"),))),
     asks(("x-gray", "v1")), GRAY),
    ("P4", (alb(tls=True), canary(**V1)), asks(("x-gray", "v1")), BASE),
    ("P5", (alb(tls=True), canary(**V1, tls=True)), asks(("x-gray", "v1")), GRAY),
    ("P6", (alb(host="other.test"), canary(**V1)), asks(("x-gray", "v1")), shares(_503=1)),
    # Paths.
    ("T1", (alb(paths=(("/x", "Prefix", "base"),)),), asks(path="/x/y"), BASE),
    ("T2", (alb(paths=(("/x", "Prefix", "base"),)),), asks(path="/xy"), shares(_503=1)),
    ("T3", (alb(paths=(("/x", "Exact", "base"),)),), asks(path="/x/"), shares(_503=1)),
    ("T4", (alb(paths=(("/x/*", "ImplementationSpecific", "base"),)),), asks(path="/x/y/z"), BASE),
    ("T5", (alb(paths=(("/x*", "Prefix", "base"),)),), asks(), REJECT),
    ("T6", (alb(paths=(("/v[0-9]+", "Prefix", "base"),), use_regex="true"),), asks(path="/V12/a"), BASE),
    ("T7", (alb(host="*.test"),), asks(host="a.b.test"), BASE),
    # Conditions and actions.
    ("A1", (alb(), LISTED), asks(("x-a", "2"), ("cookie", "c=1")), GRAY),
    ("A2", (alb(), LISTED), asks(("x-a", "2")), BASE),
    ("A3", (alb(), alb("a", ((*ROOT, "gray"),), conditions__gray=[pair("QueryString", "g", "1")])), asks(path="/x?g=1"), GRAY),
    ("A4", (alb(), canary(**V1, conditions__gray=[header("x-a", "1")])), asks(), REJECT),
    ("A5", (alb(), LISTED, canary(canary_weight="30", paths=((*ROOT, "late"),))), asks(("x-a", "1"), ("cookie", "c=1")),
     shares(gray=70, late=30)),
    ("A6", (alb(), canary(canary_weight="30", paths=((*ROOT, "late"),)),
            alb("a", ((*ROOT, "gray"),), use_annotation=True, actions__gray=[forward(gray=100)],
                conditions__gray=[header("x-a", "1")])), asks(("x-a", "1")), GRAY),
    ("A7", (alb(paths=((*ROOT, "fwd"),), use_annotation=True, actions__fwd=[forward(base=80, gray=20)]),), asks(),
     shares(base=80, gray=20)),
    ("A8", (alb(paths=((*ROOT, "gone"),), use_annotation=True,
                actions__gone=[{"type": "FixedResponse", "FixedResponseConfig": {"httpCode": "403"}}]),), asks(),
     shares(_403=1)),
    ("A9", (alb(actions__base=[forward(base=1)]),), asks(), REJECT),
    ("A10", (alb(actions__base="{"),), asks(), REJECT),
    ("A11", (alb(paths=((*ROOT, "x"),), use_annotation=True),), asks(), REJECT),
    ("A12", (alb(ssl_redirect="true"),), asks(), shares(_308=1)),
    ("A13", (alb(ssl_redirect="true", tls=True),), asks(), BASE),
    ("A14", (alb(), alb("a", ((*ROOT, "gray"),), conditions__gray=[{"type": "Odd"}])), asks(), REJECT),
)  # fmt: skip
VECTORS = (
    *(AlbVector(id=id, ingresses=ingresses, request=request, goes=goes) for id, ingresses, request, goes in ROWS),
    AlbVector(
        id="K1",
        ingresses=(alb(), canary(**V1, actions__gray=[insert("x-mse-tag", "g1")])),
        request=asks(("x-gray", "v1"), ("x-mse-tag", "own")),
        goes=GRAY,
        seen={"x-mse-tag": "g1"},
    ),
    AlbVector(
        id="K2",
        ingresses=(alb(actions__base=[{"type": "removeheader", "removeHeaderConfig": {"Key": "X-Mse-Tag"}}]),),
        request=asks(("x-mse-tag", "own")),
        goes=BASE,
        seen={"x-mse-tag": None},
    ),
    AlbVector(
        id="K3",
        ingresses=(alb(), canary(canary_weight="100", actions__gray=[insert("x-mse-tag", "g1")])),
        request=asks(),
        goes=GRAY,
    ),
)
