"""Questions about who enters as people ask them: a query parameter on MSE, and two things at once."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.gateways.test_who_enters import users
from tests.manifests import Object

QUERIES: dict[str, tuple[Object, dict[str, str]]] = {
    "one value": ({"query": "gray", "value": "1"}, {"gray=1": "g", "gray=11": "b", "Gray=1": "b", "x=gray=1": "b"}),
    "values": ({"query": "a.b", "values": ["1", "x~y"]}, {"a.b=x~y": "g", "aXb=1": "b", "z=1&a.b=1": "g"}),
    "pattern": ({"query": "v", "pattern": "^[12]$"}, {"v=2": "g", "v=12": "b", "v=": "b", "v": "b"}),
    "anything": ({"query": "preview", "pattern": "."}, {"preview=0": "g", "preview=": "b", "": "b"}),
    "switch": ({"query": "gray"}, {"gray=always": "g", "gray=1": "b", "gray=never": "b"}),
    "share": ({"weight": 5, "by": {"query": "uid"}}, {"uid=9104": "g", "uid=9105": "b", "uid=3": "g", "uid=a": "b"}),
}
TWO = (
    [{"header": "x-region", "value": "eu"}, {"header": "x-app", "pattern": "^6"}],
    [{"header": "x-region", "value": "eu"}, {"cookie": "beta", "value": "1"}],
    [{"cookie": "beta", "value": "1"}, {"query": "v", "values": ["1", "2"]}],
)


def destination(folder: Path, query: str) -> str:
    path = f"/x?{query}" if query else "/x"
    run = run_grayc(["route", "release.yaml", "--host", "h.test", "--path", path, "-f", "json"], folder=folder)
    (found,) = json.loads(run.stdout)["destinations"]
    return "g" if found["service"] == "web-mse-g1" else "b"


def release(folder: Path, gateway: str, rules: list[Object]) -> list[Object]:
    """Write a release with these rules and nothing expected, and return its errors."""
    users(folder, gateway, rules)
    written = json.loads((folder / "release.yaml").read_text(encoding="utf-8"))
    del written["spec"]["expect"]
    del written["spec"]["rollout"]
    (folder / "release.yaml").write_text(json.dumps(written), encoding="utf-8")
    run = run_grayc(["validate", "release.yaml", "-f", "json"], folder=folder)
    return [each for each in json.loads(run.stdout)["diagnostics"] if each["severity"] == "error"]


@pytest.mark.parametrize("gateway", ["mse", "gateway-api", "istio"])
@pytest.mark.parametrize("kind", QUERIES)
def test_a_query_parameter_lets_in(kind: str, gateway: str, tmp_path: Path) -> None:
    rule, asked = QUERIES[kind]

    assert release(tmp_path, gateway, [rule]) == []
    assert {query: destination(tmp_path, query) for query in asked} == asked


@pytest.mark.parametrize("gateway", ["higress", "ingress-nginx"])
@pytest.mark.parametrize("kind", QUERIES)
def test_where_no_query_is_asked_it_is_refused(kind: str, gateway: str, tmp_path: Path) -> None:
    errors = release(tmp_path, gateway, [QUERIES[kind][0]])

    assert {each["code"] for each in errors} == {"GC549" if kind == "share" else "GC501"}
    assert all(each["help"] for each in errors)


@pytest.mark.parametrize("both", TWO, ids=str)
def test_two_things_at_once_are_refused_on_mse_and_work_where_the_help_says(both: list[Object], tmp_path: Path) -> None:
    (error,) = release(tmp_path / "mse", "mse", [{"all": both}])

    assert error["code"] == "GC501"
    for gateway in ("gateway-api", "istio"):
        assert f"`{gateway}`" in error["help"]
        assert release(tmp_path / gateway, gateway, [{"all": both}]) == []


def test_a_share_by_a_cookie_beside_the_lanes_header_says_what_works(tmp_path: Path) -> None:
    share: Object = {"weight": 5, "by": {"cookie": "uid"}}
    (error,) = release(tmp_path / "cookie", "ingress-nginx", [{"tagged": True}, share])

    assert error["code"] == "GC501"
    assert "ask the header alone" in error["help"]
    alone = release(tmp_path / "header", "ingress-nginx", [{"tagged": True}])
    assert {each["code"] for each in alone} <= {"GC330"}  # Nothing has to be accepted then.
