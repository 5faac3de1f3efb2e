"""Mistakes in a release: their codes and the places they point at."""

from collections.abc import Mapping

import pytest

from grayc.diagnostics import has_errors
from grayc.spec.load import MAX_SHOWN, load_spec
from tests.unit.spec.release import ISTIO, MSE, found, release, rules, service, source

Finding = tuple[str, str, str]

SMALL = release()
KIND = "kind: GrayRelease"
VERSION = "apiVersion: grayc.dev/v1"


@pytest.mark.parametrize("text", [SMALL, MSE, ISTIO], ids=["small", "mse", "istio"])
def test_right_releases_load(text: str) -> None:
    checked = load_spec(source(text))

    assert checked.diagnostics == ()
    assert checked.value is not None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("apiVersion: apps/v1\nkind: Deployment\nspec: 5\n", [("GC201", "kind", "Deployment")]),
        ("a: 1\n", [("GC201", "", "a: 1")]),
        (SMALL.replace("GrayRelease", "GrayReleas"), [("GC201", "kind", "GrayReleas")]),
        (SMALL.replace("dev/v1", "dev/v2"), [("GC201", "apiVersion", "grayc.dev/v2")]),
        (
            SMALL.replace(VERSION, "apiVersion: 1").replace("GrayRelease", "grayRelease"),
            [("GC201", "apiVersion", "1"), ("GC201", "kind", "grayRelease")],
        ),
        (SMALL.replace(KIND + "\n", ""), [("GC203", "kind", VERSION)]),
        (SMALL.replace(VERSION + "\n", ""), [("GC203", "apiVersion", KIND)]),
    ],
)
def test_what_is_no_release_is_said_once(text: str, wanted: list[Finding]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (service(image={}), ("GC202", "spec.services[0].image", "image")),
        (service(gateway="mse"), ("GC202", "spec.services[0].gateway", "gateway")),
        (release(trafic={}), ("GC202", "spec.trafic", "trafic")),
        (rules({"heeder": "a"}), ("GC202", "spec.traffic.rules[0].heeder", "heeder")),
        (release(tag=None), ("GC203", "spec.tag", "spec")),
        (release(services=[{"from": "a"}]), ("GC203", "spec.services[0].name", "from: a")),
        (release(traffic={}), ("GC203", "spec.traffic.gateway", "traffic")),
        (release(baseline=[{}]), ("GC203", "spec.baseline[0]", "{}")),
        (release(namespace=None, setNamespace=True), ("GC203", "spec.setNamespace", "setNamespace")),
        (
            release(
                verify=[{"name": "a", "http": {"service": "b", "path": "/", "expectStatus": 404, "expectBody": "c"}}]
            ),
            ("GC203", "spec.verify[0].http.expectBody", "expectBody"),
        ),
        (rules({"header": "a", "value": 100}), ("GC204", "spec.traffic.rules[0].value", "100")),
        (SMALL.replace("tag: gray", "tag: 1e3"), ("GC204", "spec.tag", "1e3")),
        (SMALL.replace("name: web", "name: on"), ("GC204", "spec.services[0].name", "on")),
        (
            service(env={"web": {"MODE": 493}}).replace("493", "0755"),
            ("GC204", "spec.services[0].env.web.MODE", "0755"),
        ),
        (service(replicas="2"), ("GC204", "spec.services[0].replicas", "'2'")),
        (service(autoscaling=False), ("GC204", "spec.services[0].autoscaling", "false")),
        (release(baseline="baseline/"), ("GC204", "spec.baseline", "baseline/")),
        (release(services={"web": {}}), ("GC204", "spec.services", "services")),
        (SMALL + "  lane:\n", ("GC204", "spec.lane", "lane")),
        (rules(5), ("GC204", "spec.traffic.rules[0]", "5")),
        (release(traffic={"gateway": "nginx"}), ("GC205", "spec.traffic.gateway", "nginx")),
        (SMALL.replace("name: demo", "name: De_mo"), ("GC205", "metadata.name", "De_mo")),
        (release(namespace="Shop"), ("GC205", "spec.namespace", "Shop")),
        (SMALL.replace("name: web", "name: a/b"), ("GC205", "spec.services[0].name", "a/b")),
        (service(images={"web": "web: 2"}), ("GC205", "spec.services[0].images.web", "'web: 2'")),
        (service(images={"web": "web:${TAG}"}), ("GC205", "spec.services[0].images.web", "web:${TAG}")),
        (service(config={"a": {"b/c": "d"}}), ("GC205", 'spec.services[0].config.a["b/c"]', "b/c")),
        (service(autoscaling={}), ("GC205", "spec.services[0].autoscaling", "{}")),
        (service(share=["secret"]), ("GC205", "spec.services[0].share[0]", "secret")),
        (release(services=[]), ("GC205", "spec.services", "[]")),
        (release(expires="31.1.2027"), ("GC205", "spec.expires", "31.1.2027")),
        (release(expires="2027-02-30"), ("GC205", "spec.expires", "'2027-02-30'")),
        (release(baseline=[{"stdin": True}, {"stdin": True}]), ("GC205", "spec.baseline[1]", "stdin: true")),
        (rules({"weight": 140}), ("GC206", "spec.traffic.rules[0].weight", "140")),
        (service(replicas=-1), ("GC206", "spec.services[0].replicas", "-1")),
        (release(tag="Gray"), ("GC207", "spec.tag", "Gray")),
        (release(tag="original"), ("GC207", "spec.tag", "original")),
        (release(tag="a" * 64), ("GC207", "spec.tag", "a" * 64)),
        (release(tag="gr\u0430y"), ("GC207", "spec.tag", '"gr\\u0430y"')),
        (service(workload="a", **{"from": "b"}), ("GC208", "spec.services[0]", "from")),
        (rules({"header": "a", "value": "b", "pattern": "c"}), ("GC208", "spec.traffic.rules[0]", "pattern")),
        (
            release(traffic={"gateway": "mse", "entries": [{"ingress": "a", "route": "b"}]}),
            ("GC208", "spec.traffic.entries[0]", "route"),
        ),
        (release(services=[{"name": "a"}, {"name": "b"}, {"name": "a"}]), ("GC209", "spec.services[2].name", "a")),
        (rules({"weight": 1}, {"cookie": "a"}, {"weight": 2}), ("GC210", "spec.traffic.rules[2].weight", "2")),
        (rules({}), ("GC211", "spec.traffic.rules[0]", "{}")),
        (rules({"header": "a", "weight": 5}), ("GC211", "spec.traffic.rules[0]", "weight")),
        (rules({"header": "x user"}), ("GC211", "spec.traffic.rules[0].header", "x user")),
        (rules({"header": "a", "value": "b\x07"}), ("GC211", "spec.traffic.rules[0].value", r'"b\a"')),
        (rules({"header": "a", "value": " b"}), ("GC211", "spec.traffic.rules[0].value", "' b'")),
        (rules({"header": "a", "values": ["b", "é"]}), ("GC211", "spec.traffic.rules[0].values[1]", r'"\xE9"')),
        (rules({"cookie": "a", "value": "b;c"}), ("GC211", "spec.traffic.rules[0].value", "b;c")),
        (rules({"cookie": "a=b"}), ("GC211", "spec.traffic.rules[0].cookie", "a=b")),
        (service(patches=[{"target": {"kind": "A"}}]), ("GC212", "spec.services[0].patches[0]", "target:")),
        (
            service(patches=[{"target": {"kind": "A"}, "merge": {"a": 1}, "file": "b"}]),
            ("GC212", "spec.services[0].patches[0]", "file"),
        ),
        (
            service(patches=[{"target": {"kind": "A"}, "json6902": [{"op": "set", "path": "/a"}]}]),
            ("GC212", "spec.services[0].patches[0].json6902[0].op", "set"),
        ),
        (
            service(patches=[{"target": {"kind": "A"}, "json6902": [{"op": "remove", "path": "a"}]}]),
            ("GC212", "spec.services[0].patches[0].json6902[0].path", "a"),
        ),
        (
            service(patches=[{"target": {"kind": "A"}, "json6902": [{"op": "add", "path": "/a"}]}]),
            ("GC212", "spec.services[0].patches[0].json6902[0].value", "op: add"),
        ),
        (release(calls=["a"]), ("GC213", "spec.calls[0]", "a")),
        (release(calls=["a -> b", "a => b"]), ("GC213", "spec.calls[1]", "a => b")),
        (release(calls=["a -> b -> b"]), ("GC213", "spec.calls[0]", "a -> b -> b")),
        (rules({"header": "a", "pattern": "(b"}), ("GC215", "spec.traffic.rules[0].pattern", "(b")),
        (rules({"header": "a", "pattern": "(?!b)"}), ("GC215", "spec.traffic.rules[0].pattern", "(?!b)")),
        (rules({"header": "a", "pattern": "b" * 257}), ("GC215", "spec.traffic.rules[0].pattern", "b" * 257)),
        (rules({"header": "a", "pattern": r"^\Qb$"}), ("GC215", "spec.traffic.rules[0].pattern", r"^\Qb$")),
        (rules({"query": "a", "pattern": r"\\\Q(\E|b$"}), ("GC215", "spec.traffic.rules[0].pattern", r"\\\Q(\E|b$")),
        (rules({"header": "a", "pattern": "b\tc"}), ("GC215", "spec.traffic.rules[0].pattern", r'"b\tc"')),
    ],
)
def test_one_mistake_is_one_diagnostic_at_its_place(text: str, wanted: Finding) -> None:
    assert found(text) == [wanted]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("web: 2\n", "wbe: 2\n", ("GC217", "spec.rollout.steps[1].replicas.wbe", "wbe")),
        ("name: a-fifth", "name: testers", ("GC205", "spec.rollout.steps[1].name", "testers")),
        ("name: ready", "name: smoke", ("GC205", "spec.verify[1].name", "smoke")),
        ("gray: 20", "{gray: 60, baseline: 50}", ("GC206", "spec.expect[1].goesTo.percent", "percent")),
        (
            'value: "100"\n',
            'value: "100"\n          - weight: 5\n        weight: 6\n',
            ("GC210", "spec.rollout.steps[0].weight", "6"),
        ),
        ('value: "100"\n', "pattern: '['\n", ("GC215", "spec.rollout.steps[0].rules[0].pattern", "'['")),
        ("pause: 1h", "pause: soon", ("GC205", "spec.rollout.steps[1].pause", "soon")),
        ("x-user: ", "x user: ", ("GC205", 'spec.expect[0].request.headers["x user"]', "x user")),
    ],
)
def test_one_mistake_in_a_full_release_is_one_diagnostic(old: str, new: str, wanted: Finding) -> None:
    assert old in ISTIO
    assert found(ISTIO.replace(old, new)) == [wanted]


def test_all_independent_mistakes_are_found_in_one_run_in_order() -> None:
    text = release(
        tag="original",
        namespce="x",
        services=[{"name": "a", "replicas": -1}, {"name": "a"}],
        calls=["a"],
        traffic={"gateway": "mse", "rules": [{"header": "h", "pattern": "("}]},
    )

    assert [code for code, _, _ in found(text)] == ["GC207", "GC206", "GC209", "GC202", "GC213", "GC215"]


def test_doubts_about_scalars_are_only_for_what_becomes_a_manifest() -> None:
    text = SMALL + "  expires: 2027-01-31\n"
    patched = service(patches=[{"target": {"kind": "A"}, "merge": {"a": "X"}}]).replace("a: X", "a: on")

    assert found(text) == []
    assert found(patched) == [("GC112", "", "on")]


@pytest.mark.parametrize("key", ["N", "y", "on"])
@pytest.mark.parametrize(
    "fields",
    [
        {"env": {"web": {"KEY": "1"}}},
        {"config": {"settings": {"KEY": "1"}}},
        {"patches": [{"target": {"kind": "A"}, "merge": {"KEY": "1"}}]},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_name_that_is_read_as_true_or_false_is_told(fields: Mapping[str, object], key: str) -> None:
    """In YAML as Kubernetes reads it, a variable `N` without quotes is called `false`."""
    plain = service(**fields)

    assert found(plain) == []
    assert found(plain.replace("KEY", key)) == [("GC112", "", key)]


def test_faults_of_yaml_are_passed_on() -> None:
    checked = load_spec(source("a: [\n"))

    assert checked.value is None
    assert [item.code for item in checked.diagnostics] == ["GC105"]


def test_a_field_at_the_wrong_level_is_told_where_it_belongs() -> None:
    (diagnostic,) = load_spec(source(service(guard=False))).diagnostics

    assert [note.message for note in diagnostic.notes] == ["`guard` belongs in `spec.traffic`"]


@pytest.mark.parametrize("written", ["100", "0o17", "1e3", "yes", "010", "0x1F", "1.10"])
def test_help_quotes_what_the_file_has(written: str) -> None:
    (diagnostic,) = load_spec(
        source(rules({"header": "a", "value": "V"}).replace("value: V", f"value: {written}"))
    ).diagnostics

    assert diagnostic.help == f'quote it: `"{written}"`'


def test_no_help_leads_to_the_next_mistake() -> None:
    """A number in quotes would be no time either."""
    text = release(rollout={"steps": [{"name": "a", "pause": 30}]})
    (diagnostic,) = load_spec(source(text)).diagnostics

    assert (diagnostic.code, diagnostic.help) == ("GC204", 'write for instance `pause: "30m"`')


def test_values_of_secrets_are_in_no_words() -> None:
    text = service(config={"db-secret": {"password": 7654321}}, env={"web": {"DB_PASSWORD": 7654321}})
    checked = load_spec(source(text))

    assert [item.code for item in checked.diagnostics] == ["GC204", "GC204"]
    assert "7654321" not in "".join(item.message + item.help for item in checked.diagnostics)


def test_many_mistakes_end_somewhere() -> None:
    checked = load_spec(source(service(**{f"f{n}": n for n in range(5000)})))

    assert has_errors(checked.diagnostics)
    assert len(checked.diagnostics) == MAX_SHOWN


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({"header": "a", "value": "1", "pattern": "b"}, ("GC208", "", "pattern")),
        ({"header": "Host", "value": "a"}, ("GC211", ".header", "Host")),
        ({"weight": 5, "by": {"header": "host"}}, ("GC211", ".by.header", "host")),
        ({"query": "a b"}, ("GC211", ".query", "a b")),
        ({"query": "a", "value": "b c"}, ("GC211", ".value", "b c")),
        ({"query": "a", "value": "%31"}, ("GC211", ".value", "'%31'")),
        ({"query": "a", "pattern": "["}, ("GC215", ".pattern", "'['")),
        ({"cookie": "a", "values": ["b;c"]}, ("GC211", ".values[0]", "b;c")),
        ({"cookie": "a", "pattern": "(^|;)b"}, ("GC222", ".pattern", "(^|;)b")),
        ({"tagged": False}, ("GC211", ".tagged", "false")),
        ({"weight": 5, "by": "user"}, ("GC211", ".by", "user")),
        ({"weight": 5, "by": {"digits": "hex"}}, ("GC211", ".by", "digits: hex")),
        ({"weight": 5, "by": {"header": "a", "digits": "octal"}}, ("GC211", ".by.digits", "octal")),
        ({"header": "a", "by": "client"}, ("GC202", ".by", "by")),
        ({"all": [{"header": "a", "value": "1"}, {"query": "b"}]}, ("GC221", ".all[1]", "query: b")),
        ({"all": [{"header": "a", "value": "1"}, {"weight": 5}]}, ("GC221", ".all[1]", "weight: 5")),
        ({"all": [{"header": "a", "value": "1"}, {"tagged": True}]}, ("GC221", ".all[1]", "tagged: true")),
        (
            {"all": [{"header": "a", "value": "1"}, {"cookie": "c", "pattern": ";"}]},
            ("GC222", ".all[1].pattern", ";"),
        ),
        ({"all": [{"header": "a", "value": "1"}]}, ("GC211", ".all", "all")),
        ({"all": []}, ("GC211", ".all", "[]")),
        ({"all": [{"header": f"a{n}", "value": "1"} for n in range(17)]}, ("GC211", ".all", "all")),
    ],
)
def test_a_rule_that_is_none_is_one_diagnostic(rule: dict[str, object], wanted: Finding) -> None:
    code, field, text = wanted
    assert found(rules(rule)) == [(code, f"spec.traffic.rules[0]{field}", text)]


@pytest.mark.parametrize("name", ["Host", "cookie"])
def test_a_lane_is_in_no_header_that_says_something_else(name: str) -> None:
    assert found(release(lane={"header": name})) == [("GC211", "spec.lane.header", name)]


def test_an_expectation_at_a_step_that_is_not_there_is_told() -> None:
    expect = [{"request": {"host": "a", "path": "/"}, "goesTo": "gray", "steps": ["one", "tow"]}]
    steps = {"steps": [{"name": "one"}, {"name": "two"}]}

    assert found(release(expect=expect, rollout=steps)) == [("GC218", "spec.expect[0].steps[1]", "tow")]
    assert found(release(expect=expect)) == [
        ("GC218", "spec.expect[0].steps[0]", "one"),
        ("GC218", "spec.expect[0].steps[1]", "tow"),
    ]


@pytest.mark.parametrize("other", [{"weight": 5}, {"tagged": True}, {"all": []}])
def test_what_can_not_stand_in_all_is_named(other: dict[str, object]) -> None:
    checked = load_spec(source(rules({"all": [{"header": "a", "value": "1"}, other]})))
    diagnostic = checked.diagnostics[0]

    assert f"`all[1]` is `{next(iter(other))}`" in diagnostic.message
    assert "pattern" in diagnostic.help
