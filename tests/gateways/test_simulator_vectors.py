"""The shared vectors on grayc's own simulators, column by column.

ingress-nginx cannot be started here, so its column and the cases of its own suite are all that holds its simulator.
"""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from grayc.documents import parse_documents
from grayc.routing.model import Answer, Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways.agreement import asked
from tests.gateways.manifests import text
from tests.gateways.traffic import Object, Request
from tests.gateways.vectors import TRAEFIK_CHANCE, VECTORS, Shares, Vector, base, canary

COLUMNS = {"ingress-nginx": "nginx", "higress": "higress", "mse": "higress", "traefik": "traefik"}
"""Gateway → its column. MSE is taken to do what Higress does, where its documents do not say otherwise."""
SAID = [
    (gateway, vector)
    for gateway, column in COLUMNS.items()
    for vector in VECTORS
    if getattr(vector, column) is not None and not (gateway == "traefik" and vector.id in TRAEFIK_CHANCE)
]
OF_HIGRESS_ALONE = frozenset({"B20", "M15"})
"""Vectors whose annotations MSE does not know, or reads as its reference says: a value, and no `always` beside it."""


def answer(gateway: str, manifests: str, request: Request, circumstances: Circumstances) -> Answer:
    documents = parse_documents(SourceFile(name="case.yaml", text=manifests)).value
    assert documents is not None
    return simulate(gateway, documents).route(asked(request), circumstances)


def shares_of(found: Answer) -> dict[str, Fraction]:
    if found.refused:
        return {"REJECT": Fraction(1)}
    if found.status is not None:
        return {str(found.status): Fraction(1)}
    return {item.service or str(item.status): item.percent / 100 for item in found.destinations}


@pytest.mark.parametrize(("gateway", "vector"), SAID, ids=lambda item: item.id if isinstance(item, Vector) else item)
def test_vector(gateway: str, vector: Vector) -> None:
    if gateway == "mse" and vector.id in OF_HIGRESS_ALONE:
        return
    names = frozenset(name.rpartition("/")[2] for name in vector.without_endpoints)
    circumstances = Circumstances(no_endpoints=names, sticky=vector.sticky)
    case = vector.case()

    found = answer(gateway, case.manifests, vector.request, circumstances)

    assert shares_of(found) == dict(getattr(vector, COLUMNS[gateway])), found.why


# Source: kubernetes/ingress-nginx test/e2e/annotations/canary.go; the first number is the line.
SUITE: tuple[tuple[int, Mapping[str, str | int], Mapping[str, str], str, frozenset[str], Shares], ...] = (
    (45, {"hdr": "CanaryByHeader"}, {}, "", frozenset(), {"base": Fraction(1)}),
    (120, {"hdr": "CanaryByHeader"}, {"CanaryByHeader": "always"}, "", frozenset({"base"}), {"503": Fraction(1)}),
    (120, {"hdr": "CanaryByHeader"}, {"CanaryByHeader": "never"}, "", frozenset({"gray"}), {"base": Fraction(1)}),
    (174, {"hdr": "CanaryByHeader"}, {"CanaryByHeader": "never"}, "", frozenset(), {"base": Fraction(1)}),
    (174, {"hdr": "CanaryByHeader"}, {"CanaryByHeader": "always"}, "", frozenset(), {"gray": Fraction(1)}),
    (445, {"hdr": "CanaryByHeader"}, {"CanaryByHeader": "badheadervalue"}, "", frozenset(), {"base": Fraction(1)}),
    (513, {"hdr": "h", "val": "DoCanary"}, {"h": "DoCanary"}, "", frozenset(), {"gray": Fraction(1)}),
    (513, {"hdr": "h", "val": "DoCanary"}, {"h": "always"}, "", frozenset(), {"base": Fraction(1)}),
    (513, {"hdr": "h", "val": "DoCanary"}, {"h": "never"}, "", frozenset(), {"base": Fraction(1)}),
    (594, {"hdr": "h", "pat": "^Do[A-Z][a-z]+y$"}, {"h": "DoCanary"}, "", frozenset(), {"gray": Fraction(1)}),
    (594, {"hdr": "h", "pat": "^Do[A-Z][a-z]+y$"}, {"h": "Docanary"}, "", frozenset(), {"base": Fraction(1)}),
    (647, {"hdr": "h", "val": "DoCanary", "pat": "^Do[A-Z][a-z]+y$"}, {"h": "DoCananry"}, "", frozenset(),
     {"base": Fraction(1)}),
    (692, {"hdr": "h", "pat": "[][**da?$&*", "ck": "c"}, {"h": "DoCanary"}, "c=always", frozenset(), {"base": Fraction(1)}),
    (741, {"hdr": "h", "val": "DoCanary", "ck": "c"}, {"h": "other"}, "c=always", frozenset(), {"gray": Fraction(1)}),
    (790, {"ck": "Canary-By-Cookie"}, {}, "Canary-By-Cookie=always", frozenset(), {"gray": Fraction(1)}),
    (790, {"ck": "Canary-By-Cookie"}, {}, "Canary-By-Cookie=never", frozenset(), {"base": Fraction(1)}),
    (790, {"ck": "Canary-By-Cookie"}, {}, "Canary-By-Cookie=badcookievalue", frozenset(), {"base": Fraction(1)}),
    (862, {"w": 0}, {}, "", frozenset(), {"base": Fraction(1)}),
    (910, {"w": 100}, {}, "", frozenset(), {"gray": Fraction(1)}),
    (952, {"w": 1000, "wt": 1000}, {}, "", frozenset(), {"gray": Fraction(1)}),
    (995, {"w": 50}, {}, "", frozenset(), {"base": Fraction(1, 2), "gray": Fraction(1, 2)}),
    (1031, {"w": 100, "wt": 200}, {}, "", frozenset(), {"base": Fraction(1, 2), "gray": Fraction(1, 2)}),
)  # fmt: skip


@pytest.mark.parametrize("row", SUITE, ids=lambda row: str(row[0]))
def test_case_of_the_suite_of_ingress_nginx(
    row: tuple[int, Mapping[str, str], Mapping[str, str], str, frozenset[str], Shares],
) -> None:
    _, rules, headers, cookie, dead, wanted = row
    entries: list[Object] = [base(), canary(**rules)]  # type: ignore[arg-type]
    sent = (*headers.items(), *((("cookie", cookie),) if cookie else ()))
    request = Request(host="h.test", path="/x", headers=sent)

    found = answer("ingress-nginx", text(entries), request, Circumstances(no_endpoints=dead))

    assert shares_of(found) == dict(wanted), found.why


def test_canary_without_a_base_makes_no_server() -> None:
    request = Request(host="h.test", path="/x", headers=(("h", "always"),))

    assert answer("ingress-nginx", text([canary(hdr="h")]), request, Circumstances()).status == 404
