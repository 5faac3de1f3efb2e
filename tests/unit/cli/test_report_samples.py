"""Sample requests of a page: they come in by the path of the entry, and what there is no sample for is said."""

import html
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, answer, ingress, service, workload, write_release

REGEX = {"nginx.ingress.kubernetes.io/use-regex": "true"}
RULE = {"header": "x-u", "value": "1"}


def page_of(folder: Path, entries: list[Object], rules: list[Object], gateway: str = "higress") -> str:
    lane = {"provider": "address" if gateway == "ingress-nginx" else "mse"}
    write_release(folder, [workload(), service(), *entries], lane=lane, traffic={"gateway": gateway, "rules": rules})
    run = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=folder)
    assert run.status == 0, run.stderr
    return run.stdout


def samples(page: str) -> list[tuple[str, list[str], str]]:
    """Return what each sample is for, its command as words, and where it goes."""
    found = re.findall(r'<tr><td><span class="dim">([^<]*)</span><pre>([^<]*)</pre>.*?</td><td>([^<]*)</td>', page)
    return [(html.unescape(what), shlex.split(html.unescape(line)), html.unescape(goes)) for what, line, goes in found]


@pytest.mark.parametrize(
    ("gateway", "path", "kind", "annotations"),
    [
        ("ingress-nginx", "/c++/x", "Prefix", {}),
        ("higress", "/items/{id}", "Prefix", {}),
        ("higress", "/a%20b/[x]{y}", "Prefix", {}),
        ("higress", "/items/[id]", "Exact", {}),
        ("higress", "/a?b=1", "Exact", {}),
        ("higress", "/a#b", "Exact", {}),
        ("higress", "/a/../b", "Exact", {}),
        ("ingress-nginx", "/a/(b|c)+$", "ImplementationSpecific", REGEX),
        ("mse", "/a(b|c)", "Prefix", REGEX),
        ("aliyun-alb", "/a*", "ImplementationSpecific", {}),
    ],
)
def test_a_sample_says_what_the_same_url_is_answered(
    gateway: str, path: str, kind: str, annotations: dict[str, str], tmp_path: Path
) -> None:
    class_name = {"ingress-nginx": "nginx", "aliyun-alb": "alb"}.get(gateway, "")
    entry = ingress(class_name=class_name, paths=[(path, kind, "web")], annotations=annotations)
    shown = samples(page_of(tmp_path, [entry], [RULE], gateway))

    assert len(shown) == 2
    for what, line, goes in shown:
        url = urlsplit(line[-1])
        target = url.path + (f"?{url.query}" if url.query else "")
        sent = ["-H", "x-u: 1"] if what.startswith("meets: ") else []
        told = answer(tmp_path, "route", "release.yaml", "--host", "h.test", "--path", target, *sent, status=0)
        services = [item["service"] for item in told["destinations"]] or [f"the gateway answers {told['status']}"]
        assert goes.split(" (")[0] == services[0]
        assert url.fragment == ""
        # What no URL can ask for is not to be reached, and the page does not say that it is.
        assert (told["status"] == 404) is (path in ("/a?b=1", "/a#b"))


def test_a_path_is_an_expression_where_another_ingress_makes_it_one(tmp_path: Path) -> None:
    entries = [
        ingress(class_name="nginx", paths=[("/a/(b|c)", "ImplementationSpecific", "web")]),
        ingress("other", "nginx", paths=[("/d", "ImplementationSpecific", "web")], annotations=REGEX),
    ]
    shown = samples(page_of(tmp_path, entries, [RULE], "ingress-nginx"))

    assert [line[-1] for _, line, _ in shown[:2]] == ["http://h.test/a/b", "http://h.test/a/b"]
    assert shown[0][2] == "web (production)"
    enter = answer(tmp_path, "plan", "release.yaml")["plans"][0]["enter"]
    assert shlex.split(enter[0]["curl"])[-1] == "http://h.test/a/b"


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"header": "User-Agent", "pattern": "curl"}, "User-Agent:"),
        ({"header": "accept", "value": "*/*"}, "Accept:"),
    ],
)
def test_what_clients_send_by_themselves_is_not_sent_by_what_meets_no_rule(
    rule: Object, name: str, tmp_path: Path
) -> None:
    plain, meets = samples(page_of(tmp_path, [ingress()], [rule]))

    assert name in plain[1]
    assert name not in meets[1]


def test_what_is_to_be_put_in_is_said_beside_the_line(tmp_path: Path) -> None:
    entries = [ingress(host=""), ingress("wide", host="*.h.test")]
    page = page_of(tmp_path, entries, [{"header": "Authorization", "value": "token"}])

    assert '</pre><span class="dim">*** stands for a value that proves who calls' in page
    assert "grayc-witness.invalid stands for a host of yours (any host)" in page
    assert "grayc-witness.h.test stands for a host of yours (*.h.test)" in page


def test_a_rule_without_a_sample_is_named(tmp_path: Path) -> None:
    rules = [{"query": "q", "pattern": r"^\[x\]$"}, {"header": "x-v", "pattern": "^$"}]
    page = page_of(tmp_path, [ingress()], rules, "mse")

    assert r"No value is at hand for a sample of: query parameter q matches ^\[x\]$" in html.unescape(page)
    assert "No value is at hand for a sample of: header x-v matches ^$" in page


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    entries = [ingress(f"web-{at}", host=f"h{at}.test") for at in range(5)]
    page = page_of(tmp_path, entries, [{"header": "x-u", "values": [f"v{at}" for at in range(60)]}])

    assert len(samples(page)) == 12 + 2 + 2
    assert "49 more requests of the rules are not shown." in page
    assert "2 more hosts and paths are not shown." in page
    few = page_of(tmp_path, [ingress()], [RULE])
    assert "not shown." not in few


def test_samples_of_a_lane_that_production_opens_say_so(tmp_path: Path) -> None:
    route = {"route": [{"destination": {"host": "web"}}]}
    opened = an_object(
        "VirtualService",
        {"hosts": ["h.test"], "gateways": ["public"], "http": [route]},
        version="networking.istio.io/v1",
    )
    page = page_of(tmp_path, [opened], [RULE], "istio")

    assert "No request goes gray until production&#39;s own VirtualService/web is changed" in page
    assert "No request goes gray until" not in page_of(tmp_path, [ingress()], [RULE])
