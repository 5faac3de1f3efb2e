"""Alibaba Cloud's ALB: where gray Ingresses stand, what they repeat and ask, and what keeps them from it."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
import re2

from grayc.analysis.endings import pattern_of
from grayc.analysis.traffic import Ask
from grayc.documents import parse_documents
from grayc.gateways.alb_values import values_of
from grayc.k8s.alb_ingresses import ALB_PREFIX, gray_ingress_name, listed
from grayc.k8s.secrets import is_hidden_beside
from grayc.routing.aliyun_alb import _is_like
from grayc.source import SourceFile
from grayc.spec.model import Condition, Digits, Part, Rule, WeightRule
from grayc.spec.rule_data import decode
from grayc.zadig.entry import read_entry
from tests.manifests import Object, build, workload
from tests.unit.planning.test_entries import WEB, ingress
from tests.vectors import rows

HEADER: Object = {"header": "x-user-id", "value": "100"}


def made(
    folder: Path, *objects: Object, rules: list[Object] | None = None, provider: str = "istio", **traffic: object
) -> tuple[list[str], dict[str, Object]]:
    """Return the codes of errors and warnings, and the gray Ingresses by name."""
    findings, found = build(
        folder,
        [workload(), WEB, *objects],
        lane={"provider": provider},
        services=[{"name": "web"}],
        traffic={"gateway": "aliyun-alb", "guard": False, "rules": rules or [HEADER], **traffic},
    )
    codes = [each["code"] for each in findings if each["severity"] != "note"]
    return codes, {each["metadata"]["name"]: each for each in found if each["kind"] == "Ingress"}


def entry(name: str = "web", /, **notes: object) -> Object:
    found = ingress(name, "alb")
    found["metadata"]["annotations"] = {
        f"{ALB_PREFIX}{key.replace('__', '.').replace('_', '-')}": value
        if isinstance(value, str)
        else json.dumps(value)
        for key, value in notes.items()
    }
    return found


def note(found: Object, name: str) -> list[Object]:
    return listed(found["metadata"]["annotations"][f"{ALB_PREFIX}{name}"]) or []


@pytest.mark.parametrize(
    ("name", "gray"), [("web", "we-b-mse-g"), ("a1", "a-1-mse-g"), ("a", ""), ("a.b", ""), ("we-b", "we--b-mse-g")]
)
def test_a_gray_ingress_sorts_right_before_its_base(name: str, gray: str) -> None:
    found = gray_ingress_name(name, "", "-mse-g")

    assert found == gray
    assert not found or found < name


@pytest.mark.parametrize(
    ("base", "codes"),
    [
        (entry(), []),
        (entry(order="11"), []),
        (entry(order="10"), ["GC518"]),
        (entry(albconfig__order="3"), ["GC518"]),
        (entry(order="x"), ["GC518"]),
        (entry("w"), ["GC518"]),
        (entry(actions__web="{"), ["GC518"]),
        (entry(actions__web=[{"type": "Redirect", "RedirectConfig": {"httpCode": "307"}}]), ["GC518"]),
        (entry(rule_direction__web="Response"), ["GC518"]),
        (entry(conditions__web=[{"type": "Header", "headerConfig": {"key": f"h{at}", "values": ["1"]}} for at in range(8)]),
         ["GC518"]),
        (entry(actions__web=[{"type": "insertheader", "insertHeaderConfig": {"Key": "X-Gray-Tag"}}]), ["GC503"]),
    ],
)  # fmt: skip
def test_what_keeps_a_gray_ingress_from_standing_there(base: Object, codes: list[str], tmp_path: Path) -> None:
    assert made(tmp_path, base)[0] == codes


def test_a_share_needs_no_place(tmp_path: Path) -> None:
    codes, found = made(tmp_path, entry(order="3"), rules=[{"weight": 7}])

    assert codes == ["GC508"]
    assert not found


@pytest.mark.parametrize(("percent", "codes"), [(50, ["GC508"]), (51, ["GC523", "GC508"])])
def test_shares_of_production_and_the_lane_are_no_more_than_the_whole(
    percent: int, codes: list[str], tmp_path: Path
) -> None:
    base, own = entry(), entry("a", canary="true", canary_weight="50")
    own["spec"]["rules"][0]["host"] = base["spec"]["rules"][0]["host"]
    own["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "other"

    assert sorted(made(tmp_path, base, own, rules=[{"weight": percent}])[0]) == sorted(codes)


def test_an_ingress_between_would_lose_its_requests(tmp_path: Path) -> None:
    base, between, elsewhere = entry(order="20"), entry("zz", order="12"), entry("a", order="13")
    between["spec"]["rules"][0]["host"] = base["spec"]["rules"][0]["host"]
    for each in (between, elsewhere):
        each["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "other"

    assert made(tmp_path, base, between, elsewhere)[0] == ["GC512"]


def test_all_that_the_base_asks_and_does_is_there_in_the_gray_one(tmp_path: Path) -> None:
    base = entry(
        backend_protocol="https",
        order="12",
        conditions__web=[{"type": "Method", "methodConfig": {"values": ["GET"]}}],
        actions__web=[
            {"type": "RemoveHeader", "RemoveHeaderConfig": {"key": "x-gray-tag"}},
            {"type": "InsertHeader", "InsertHeaderConfig": {"key": "x-more", "value": "1"}},
        ],
    )
    codes, found = made(tmp_path, base)

    assert codes == []
    [gray] = found.values()
    service = gray["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert service == {"name": "web-gray", "port": {"name": "use-annotation"}}
    assert [each["type"] for each in note(gray, "conditions.web-gray")] == ["Method", "Header"]
    set_, more, forward = note(gray, "actions.web-gray")
    assert set_["InsertHeaderConfig"]["key"] == "x-gray-tag"
    assert more["InsertHeaderConfig"] == {"key": "x-more", "value": "1"}
    assert forward["ForwardConfig"]["ServerGroups"] == [{"ServiceName": "web-gray", "ServicePort": 80, "Weight": 100}]
    kept = {key.removeprefix(ALB_PREFIX) for key in gray["metadata"]["annotations"]}
    assert kept == {"backend-protocol", "conditions.web-gray", "actions.web-gray"}


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        ({"header": "x-u", "value": "a*b"}, ["GC554"]),
        ({"header": "x-u", "value": "~1"}, ["GC554"]),
        ({"header": "x" * 41, "value": "1"}, ["GC554"]),
        ({"header": "x-u", "pattern": "^v[0-9]+$"}, ["GC554"]),
        ({"cookie": "Group", "value": "a"}, ["GC554"]),
        ({"cookie": "group", "value": "BETA"}, ["GC554"]),
        ({"query": "g", "value": "B"}, ["GC554"]),
        ({"weight": 5, "by": {"cookie": "id", "digits": "hex"}}, ["GC554"]),
        ({"weight": 99, "by": {"header": "id", "digits": "hex"}}, ["GC515"]),
        ({"weight": 5, "by": "client"}, ["GC549"]),
        ({"header": "x-u", "values": [str(at) for at in range(400)]}, ["GC515"]),
        ({"weight": 99, "by": {"header": "id"}}, []),
    ],
)
def test_what_no_condition_asks_for(rule: Object, codes: list[str], tmp_path: Path) -> None:
    assert made(tmp_path, entry(), rules=[rule])[0] == codes


class Wildcards(NamedTuple):
    pattern: str
    values: tuple[str, ...] | None


@pytest.mark.parametrize(Wildcards._fields, rows(__file__, "alb_wildcards.yaml", Wildcards))
def test_a_pattern_goes_out_as_wildcards_where_they_say_the_same(pattern: str, values: tuple[str, ...] | None) -> None:
    rule = Condition(part=Part.HEADER, name="x", pattern=pattern, path=())

    assert values_of(Ask(part=Part.HEADER, name="x", pattern=pattern), rule) == values


def test_a_share_by_digits_is_its_endings_and_its_single_digits() -> None:
    rule: Rule = decode({"weight": 3, "by": {"header": "x"}}, tag="t")
    assert isinstance(rule, WeightRule)

    assert values_of(Ask(part=Part.HEADER, name="x", pattern="-"), rule) == ("*00", "*01", "*02", "0", "1", "2")


TEXTS = (
    "",
    "6",
    "6.2",
    "62",
    "beta",
    "xbetax",
    "a",
    "az",
    "abz",
    "abzb",
    "qa",
    "qa1",
    "dev-1",
    "x",
    "1",
    "x1",
    "a.com",
)


@pytest.mark.parametrize(
    "pattern", ["^6[.]", "beta", "^a.*z$", ".", "^qa$|^dev-", "^(?:x|1)$", r"\.com$", "^.$", "a.b", "z|^6"]
)
def test_wildcards_let_in_what_the_pattern_does(pattern: str) -> None:
    values = values_of(Ask(part=Part.HEADER, name="x", pattern=pattern), Condition(part=Part.HEADER, name="x", path=()))

    assert values is not None
    assert [any(_is_like(value, text) for value in values) for text in TEXTS] == [
        re2.search(pattern, text) is not None for text in TEXTS
    ]


@pytest.mark.parametrize("digits", Digits)
@pytest.mark.parametrize("percent", [1, 5, 20, 59, 99, 100])
def test_endings_let_in_whom_the_pattern_does(percent: int, digits: Digits) -> None:
    rule: Rule = decode({"weight": percent, "by": {"header": "x", "digits": digits.value}}, tag="t")
    pattern = pattern_of(percent, digits)
    values = values_of(Ask(part=Part.HEADER, name="x", pattern=pattern), rule)
    texts = [
        f"{start}{end}"
        for start in ("", "7", "u-")
        for end in (*(f"{at:02d}" for at in range(100)), "0", "9", "f", "aF", "Fe", "a7", "g1", "-")
    ]

    assert values is not None
    exact, endings = {*values}, {value[1:] for value in values if value[0] == "*"}
    assert [
        text for text in texts if (text in exact or text[-2:] in endings) != (re2.search(pattern, text) is not None)
    ] == []


def test_a_server_group_of_an_annotation_is_no_way_in(tmp_path: Path) -> None:
    forward = {"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": [{"ServiceName": "web", "ServicePort": 80}]}}
    other = entry("other", actions__fwd=[forward])
    other["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"] = {
        "name": "fwd",
        "port": {"name": "use-annotation"},
    }
    other["spec"]["rules"][0]["host"] = "other.test"

    assert made(tmp_path, entry(), other)[0] == ["GC326"]


def test_what_a_condition_asks_of_a_credential_is_hidden() -> None:
    conditions = {
        f"{ALB_PREFIX}conditions.{name}": json.dumps(
            [{"type": "Header", "headerConfig": {"key": key, "values": ["s3"]}}]
        )
        for name, key in (("a", "Authorization"), ("b", "x-user"))
    }

    assert [is_hidden_beside(key, conditions, ("metadata", "annotations")) for key in conditions] == [True, False]


V1 = {"canary": "true", "canary_by_header": "x-u", "canary_by_header_value": "v1"}
INSERTED = [
    {"type": "InsertHeader", "InsertHeaderConfig": {"key": "x-lane", "value": "gray", "valueType": "UserDefined"}}
]


@pytest.mark.parametrize(
    ("notes", "rules", "header", "unread"),
    [
        (V1, [{"header": "x-u", "value": "v1"}], "", []),
        ({**V1, "actions__web": INSERTED}, [{"header": "x-u", "value": "v1"}], "x-lane", []),
        ({"canary": "true", "canary_by_cookie": "vip"}, [{"cookie": "vip"}], "", []),
        ({"canary": "true", "canary_weight": "7"}, [{"weight": 7}], "", []),
        ({**V1, "canary_by_cookie": "vip"},
         [{"all": [{"header": "x-u", "value": "v1"}, {"cookie": "vip", "value": "always"}]}], "", []),
        ({**V1, "canary_weight": "7"}, [], "", ["canary-by-header", "canary-by-header-value", "canary-weight"]),
        ({**V1, "conditions__web": []}, [{"header": "x-u", "value": "v1"}], "", ["conditions.web"]),
    ],
)  # fmt: skip
def test_import_reads_what_a_canary_of_an_alb_lets_in(
    notes: dict[str, object], rules: list[Object], header: str, unread: list[str]
) -> None:
    [document] = parse_documents(SourceFile(name="i.yaml", text=json.dumps(entry(**notes)))).value or ()
    found = read_entry(document, "gray")

    assert (found.gateway, list(found.rules), found.header) == ("aliyun-alb", rules, header)
    assert [key for key, _, _ in found.unread] == unread
