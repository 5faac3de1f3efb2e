"""What a page says beside a number and at its end, so that nobody takes it for more than it is."""

import html
import re
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, ingress, service, workload, write_release

RULES = {"gateway": "higress", "rules": [{"header": "x-u", "value": "1"}]}


def page_of(folder: Path, *objects: Object, language: str = "en", **spec: object) -> str:
    write_release(folder, objects, **spec)
    run = run_grayc(["report", "release.yaml", "-o", "-", "-q", "--lang", language], folder=folder)
    assert run.status == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(("language", "said"), [("en", "one container without a request"), ("zh", "有 1 个容器没有")])
def test_a_container_without_requests_is_not_in_the_sums(language: str, said: str, tmp_path: Path) -> None:
    whole = {"resources": {"requests": {"cpu": "100m", "memory": "1Gi"}}}
    silent = page_of(tmp_path, workload(), service(), ingress(), language=language, traffic=RULES)
    assert f"cpu 0, memory 0; {said}" in silent

    asking = page_of(tmp_path, workload(container=whole), service(), ingress(), language=language, traffic=RULES)
    assert "cpu 100m, memory 1Gi</span>" in asking


def virtual_service() -> Object:
    route = {"route": [{"destination": {"host": "web"}}]}
    spec = {"hosts": ["h.test"], "gateways": ["public"], "http": [route]}
    return an_object("VirtualService", spec, version="networking.istio.io/v1")


def test_what_is_put_back_first_is_said_before_the_commands(tmp_path: Path) -> None:
    traffic = {**RULES, "gateway": "istio"}
    page = page_of(tmp_path, workload(), service(), virtual_service(), traffic=traffic)
    said = "<p>First apply production&#39;s own VirtualService/web again: it leads into the lane.</p>"
    assert page.index(said) < page.index("grayc offline release.yaml -o OUT")
    assert said not in page_of(tmp_path, workload(), service(), ingress(), traffic=RULES)


def test_without_rules_no_header_enters_where_none_is_read(tmp_path: Path) -> None:
    traffic = {**RULES, "rules": []}
    for provider, said in (("mse", "brings the lane&#39;s own header"), ("address", "names the lane&#39;s Services")):
        page = page_of(tmp_path, workload(), service(), ingress(), traffic=traffic, lane={"provider": provider})
        assert f"No rule: nothing enters but what {said}" in page


def test_a_member_of_baggage_is_shown_once(tmp_path: Path) -> None:
    route = an_object(
        "HTTPRoute",
        {
            "hostnames": ["h.test"],
            "parentRefs": [{"name": "public"}],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
        version="gateway.networking.k8s.io/v1",
    )
    page = page_of(
        tmp_path,
        workload(),
        service(),
        route,
        traffic={"gateway": "gateway-api", "rules": [{"tagged": True}]},
        lane={"provider": "gateway-api", "baggage": "lane"},
    )
    assert "<code>baggage: lane=gray</code>" in page
    assert "lane=gray,lane=gray</code>" not in page


def test_a_page_in_chinese_has_no_words_of_ours_in_english(tmp_path: Path) -> None:
    outside = {"secretKeyRef": {"name": "outside", "key": "password"}}
    env = [{"name": "DB_HOST", "value": "db"}, {"name": "DB_PASSWORD", "valueFrom": outside}]
    store = workload(container={"env": env})
    guarded = {**RULES, "guard": True}
    cases = (
        (ingress(), guarded, "丢弃从外部带来的 `x-mse-tag`"),
        (virtual_service(), {**guarded, "gateway": "istio"}, "打开泳道"),
    )
    for entry, traffic, wanted in cases:
        page = page_of(tmp_path, store, service(), entry, traffic=traffic, language="zh")
        text = re.sub(r"<(style|script|pre|title)>.*?</\1>|<span lang=\"en\">.*?</span>", "", page, flags=re.DOTALL)
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
        assert wanted in text and "Secret/outside（命名空间 shop）" in text
        for english in (" in shop", "comes from outside", "opens the lane", "(database)"):
            assert english not in text, english
