"""What the conformance tests of the Gateway API ask of a mesh, with lanes in front: nobody else's requests move.

Production leads the calls to `echo` as a fixture does. Requests without a tag go where conformance says, and those with
one to the gray copy of the same Service, where the lane has one; on Istio's own pilot.
The vectors and their source are in `vectors/mesh_conformance.yaml`.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.gateways.envoy import Envoy
from tests.gateways.istio_envoy import Proxy, outcomes
from tests.gateways.test_mesh_lanes import objects
from tests.gateways.traffic import Case, Request
from tests.lanes.shop import SERVICE, build
from tests.manifests import write_spec
from tests.vectors import rows

LANES = {"one": ("echo", "echo-v1"), "two": ("echo", "echo-v1", "echo-v2")}
V1, V2 = "echo-v1", "echo-v2"


class Rule(NamedTuple):
    """Where a rule leads, and its alternatives: `path`, `=path`, `name:value` and `?name=value`, joined by blanks."""

    to: str
    matches: tuple[str, ...] = ()


class Asked(NamedTuple):
    """A path and headers, written as a rule's are, and where they go."""

    request: str
    goes: str


class Vector(NamedTuple):
    """A row of `mesh_conformance.yaml`."""

    id: str
    rules: tuple[Rule, ...]
    asked: tuple[Asked, ...]


VECTORS = rows(__file__, "mesh_conformance.yaml", Vector)


def match_of(text: str) -> dict[str, object]:
    path, headers, queries = "/", [], []
    kind = "PathPrefix"
    for word in text.split():
        if word.startswith("?"):
            name, _, value = word[1:].partition("=")
            queries.append({"type": "Exact", "name": name, "value": value})
        elif ":" in word:
            name, _, value = word.partition(":")
            headers.append({"type": "Exact", "name": name, "value": value})
        else:
            kind, path = ("Exact", word[1:]) if word.startswith("=") else ("PathPrefix", word)
    return {"path": {"type": kind, "value": path}, "headers": headers, "queryParams": queries}


def route_of(rules: tuple[Rule, ...]) -> str:
    made = [
        {
            **({"matches": [match_of(text) for text in texts]} if texts else {}),
            "backendRefs": [{"name": service, "port": 80}],
        }
        for service, texts in rules
    ]
    # pilot reads what an API server has filled in.
    for rule in made:
        rule.setdefault("matches", [match_of("/")])
    return yaml.safe_dump(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "echo", "namespace": "shop"},
            "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "echo", "port": 80}], "rules": made},
        }
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_lanes_move_nobody_elses_requests(envoy: Envoy, tmp_path: Path, vector: Vector) -> None:
    # A route has room for sixteen rules.
    lanes = {tag: LANES[tag] for tag in LANES if tag == "two" or len(vector.rules) * 3 <= 16}
    (tmp_path / "baseline").mkdir()
    services = "---\n".join(SERVICE.format(name=each) for each in ("echo", V1, V2))
    (tmp_path / "baseline" / "services.yaml").write_text(f"{services}---\n{route_of(vector.rules)}")
    for tag, released in lanes.items():
        write_spec(
            tmp_path / f"{tag}.yaml",
            tag,
            tag=tag,
            lane={"provider": "gateway-api", "baggage": "lane"},
            services=[{"name": each} for each in released],
        )
        build(tmp_path, f"{tag}.yaml", "--baseline-patch", "patch.yaml")
    every = yaml.safe_dump_all(objects(tmp_path, tmp_path / "patch.yaml"))
    asked = [(tag, row) for tag in ("", *lanes, "nobody") for row in vector.asked]

    def request(tag: str, text: str) -> Request:
        path, *headers = text.split()
        sent = [(word.partition(":")[0], word.partition(":")[2]) for word in headers]
        carried = [("baggage", f"a=b, lane={tag} ;p=v")] if tag else []
        return Request(host="echo", path=path, headers=(*sent, *carried))

    requests = tuple(request(tag, text) for tag, (text, _) in asked)
    client = Proxy(mesh=True, namespace="shop", labels={"app": "client"})
    answers = outcomes(envoy, [Case(manifests=every, requests=requests)], client)[0]

    for (tag, (text, service)), outcome in zip(asked, answers, strict=True):
        wanted = f"{service}-{tag}" if service in lanes.get(tag, ()) else service
        assert outcome.destinations() == {wanted: 1}, (tag, text)
