"""The shared vectors on grayc's own simulators, column by column.

ingress-nginx cannot be started here, so its column and the cases of its own suite are all that holds its simulator.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

import pytest

from grayc.documents import parse_documents
from grayc.routing.model import Answer, Circumstances
from grayc.routing.simulators import simulate
from grayc.source import SourceFile
from tests.gateways.agreement import asked
from tests.gateways.traffic import Request
from tests.gateways.vectors import TRAEFIK_CHANCE, VECTORS, Entry, Told, Vector, base, canary, shares_told
from tests.manifests import stream
from tests.vectors import rows

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


class SuiteRow(NamedTuple):
    """A row of `ingress_nginx_suite.yaml`."""

    line: int
    canary: Mapping[str, str | int]
    goes: Told
    headers: tuple[tuple[str, str], ...] = ()
    without_endpoints: frozenset[str] = frozenset()


SUITE = rows(__file__, "ingress_nginx_suite.yaml", SuiteRow)


@pytest.mark.parametrize("row", SUITE, ids=lambda row: str(row.line))
def test_case_of_the_suite_of_ingress_nginx(row: SuiteRow) -> None:
    entries = [base(), Entry(name="canary", canary=row.canary).made()]
    request = Request(host="h.test", path="/x", headers=row.headers)

    found = answer("ingress-nginx", stream(entries), request, Circumstances(no_endpoints=row.without_endpoints))

    assert shares_of(found) == shares_told(row.goes), found.why


def test_canary_without_a_base_makes_no_server() -> None:
    request = Request(host="h.test", path="/x", headers=(("h", "always"),))

    assert answer("ingress-nginx", stream([canary(hdr="h")]), request, Circumstances()).status == 404
