"""The steps of a rollout: each a whole output, over which the next is applied as it is."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import (
    Object,
    an_object,
    autoscaler,
    ingress,
    objects_in,
    service,
    workload,
    write_baseline,
    write_spec,
)

ROOT = Path(__file__).parents[3]
BASELINE: tuple[Object, ...] = (
    workload(replicas=10),
    service(),
    ingress(),
    an_object(
        "HTTPRoute",
        {
            "parentRefs": [{"name": "gw"}],
            "hostnames": ["h.test"],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
        version="gateway.networking.k8s.io/v1",
    ),
    an_object(
        "VirtualService",
        {
            "hosts": ["h.test"],
            "gateways": ["gw"],
            "http": [{"route": [{"destination": {"host": "web", "port": {"number": 80}}}]}],
        },
        version="networking.istio.io/v1",
    ),
)
SCALER = autoscaler()
GATEWAYS = ("mse", "higress", "ingress-nginx", "traefik", "gateway-api", "istio", "aliyun-alb")
DO_LESS = ("ingress-nginx", "traefik", "aliyun-alb")
HEADER = {"header": "x-user", "value": "1"}
COOKIE = {"cookie": "preview"}


def lay_out(
    folder: Path,
    steps: Sequence[Object],
    *,
    gateway: str = "mse",
    rules: Sequence[Object] = (),
    more: Sequence[Object] = (),
    name: str = "demo",
    **spec: Any,
) -> None:
    """Write a release and its baseline."""
    fields: Object = {
        "tag": name,
        "lane": {"provider": "none"},
        "services": [{"name": "web", "images": {"web": "registry.example.com/web:2"}}],
        "traffic": {"gateway": gateway, "guard": False, "rules": [*rules]},
        "rollout": {"steps": [*steps]} if steps else None,
        **spec,
    }
    if gateway == "traefik":
        # The Ingress has no class, so the row says which of Traefik's providers reads it.
        fields["traffic"] = {**fields["traffic"], "entries": [{"ingress": "web", "gateway": "traefik"}]}
    write_spec(folder / f"{name}.yaml", name, **fields)
    write_baseline(folder, [*BASELINE, *more])


def built(folder: Path, step: str) -> dict[str, Object]:
    """Return what a step compiles to: kind and name → object."""
    run = run_grayc(["build", "demo.yaml", "-o", "-", "--step", step], folder=folder)
    assert run.status == 0, run.stderr
    return {f"{item['kind']}/{item['metadata']['name']}": item for item in objects_in(run.stdout)}


def errors(folder: Path, *command: str) -> tuple[int, list[str]]:
    run = run_grayc([*command, "-f", "json"], folder=folder)
    return run.status, [item["code"] for item in json.loads(run.stdout)["diagnostics"] if item["severity"] == "error"]


REQUESTS = ((), ("-H", "x-user: 1"), ("-H", "x-user: 2"), ("--cookie", "preview=always"), ("--cookie", "preview=never"))
STEPS: tuple[tuple[Object, tuple[int, ...]], ...] = (
    ({"name": "dark"}, (0, 0, 0, 0, 0)),
    ({"name": "closed", "weight": 0}, (0, 0, 0, 0, 0)),
    ({"name": "testers", "rules": [HEADER]}, (0, 100, 0, 0, 0)),
    ({"name": "wider", "rules": [HEADER, COOKIE], "weight": 20}, (20, 100, 20, 100, 0)),
    ({"name": "shares", "rules": [{"weight": 53}]}, (53, 53, 53, 53, 53)),
    ({"name": "everybody", "weight": 100}, (100, 100, 100, 100, 100)),
)
"""Steps, and the percent of each of `REQUESTS` that goes gray."""


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_step_has_the_same_objects_and_lets_in_whom_its_rules_do(tmp_path: Path, gateway: str) -> None:
    """`kubectl apply` takes no object away: what one step opens, another must close under the same name."""
    accept = [{"code": "GC508", "reason": "known"}] if gateway in DO_LESS else []
    lay_out(tmp_path, [step for step, _ in STEPS], gateway=gateway, accept=accept)

    names = {step["name"]: sorted(built(tmp_path, step["name"])) for step, _ in STEPS}
    assert all(each == names["wider"] for each in names.values()), names
    for step, percents in STEPS:
        entered = tuple(gray_percent(tmp_path, step["name"], asked) for asked in REQUESTS)
        assert entered == percents, step["name"]


@pytest.mark.parametrize("gateway", ["mse", "ingress-nginx", "istio"])
def test_no_rules_in_place_of_those_of_the_release_let_nobody_in(tmp_path: Path, gateway: str) -> None:
    accept = [{"code": "GC508", "reason": "known"}] if gateway in DO_LESS else []
    steps: list[Object] = [
        {"name": "dark", "rules": []},
        {"name": "shares", "rules": [], "weight": 5},
        {"name": "testers"},
    ]
    lay_out(tmp_path, steps, gateway=gateway, rules=[HEADER], accept=accept)

    entered = {step["name"]: gray_percent(tmp_path, step["name"], ("-H", "x-user: 1")) for step in steps}
    assert entered == {"dark": 0, "shares": 5, "testers": 100}
    assert sorted(built(tmp_path, "dark")) == sorted(built(tmp_path, "testers"))


def test_a_lane_whose_way_in_is_closed_is_entered_by_nobody(tmp_path: Path) -> None:
    lay_out(tmp_path, [{"name": "dark", "rules": []}, {"name": "testers"}], rules=[HEADER])
    told = {}
    for step in ("dark", "testers"):
        assert run_grayc(["build", "demo.yaml", "-o", "out", "--step", step], folder=tmp_path).status == 0
        told[step] = [line.strip() for line in run_grayc(["lanes", "out"], folder=tmp_path).stdout.splitlines()]

    assert "enters by mse: nobody" in told["dark"]
    assert "enters by mse: header x-user is 1" in told["testers"]


def test_what_another_step_wants_of_the_baseline_is_a_difference(tmp_path: Path) -> None:
    steps: list[Object] = [{"name": "testers", "rules": [HEADER]}, {"name": "shares", "rules": [{"weight": 5}]}]
    lay_out(tmp_path, steps, gateway="istio")
    command = ["diff", "demo.yaml", "--step", "testers", "-f", "json", "--step"]

    run = run_grayc([*command, "shares"], folder=tmp_path)
    (changed,) = json.loads(run.stdout)["differences"][0]["objects"]
    assert (run.status, changed["kind"], changed["name"], changed["wanted"]) == (
        1,
        "VirtualService",
        "web",
        "opens the lane",
    )
    assert run_grayc([*command, "testers"], folder=tmp_path).status == 0


def test_a_route_that_lets_nobody_in_has_a_rule_all_the_same(tmp_path: Path) -> None:
    """Source: Gateway API 1.6, HTTPRoute: `rules` has at least one item."""
    lay_out(tmp_path, [{"name": "closed", "weight": 0}, {"name": "testers", "rules": [HEADER]}], gateway="gateway-api")
    (rule,) = built(tmp_path, "closed")["HTTPRoute/web-demo"]["spec"]["rules"]

    assert [(ref["name"], ref["weight"]) for ref in rule["backendRefs"]] == [("web", 100), ("web-demo", 0)]


def gray_percent(folder: Path, step: str, asked: Sequence[str]) -> float:
    command = ["route", "demo.yaml", "--step", step, "--host", "h.test", "--path", "/", *asked, "-f", "json"]
    run = run_grayc(command, folder=folder)
    assert run.status == 0, run.stderr
    return sum(float(each["percent"]) for each in json.loads(run.stdout)["destinations"] if each["lane"] == "demo")


def test_what_a_gateway_does_less_at_one_step_is_accepted_for_all(tmp_path: Path) -> None:
    accept = [{"code": "GC508", "reason": "nothing behind the entry is asked"}]
    tagged = {"header": "x-gray-tag", "value": "demo"}
    lay_out(
        tmp_path,
        [{"name": "testers", "rules": [tagged]}, {"name": "tenth", "rules": [tagged], "weight": 10}],
        gateway="ingress-nginx",
        accept=accept,
    )

    for step in ("testers", "tenth"):
        assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--step", step) == (0, [])
    assert errors(tmp_path, "diff", "demo.yaml", "--step", "testers", "--step", "tenth") == (1, [])


def test_what_no_step_has_is_nothing_to_accept(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [{"name": "testers", "rules": [HEADER]}, {"name": "tenth", "weight": 10}],
        accept=[{"code": "GC508", "reason": "?"}],
    )

    for step in ("testers", "tenth"):
        assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--step", step) == (1, ["GC330"])
    assert errors(tmp_path, "validate", "demo.yaml") == (1, ["GC330"])


def test_what_the_own_gateway_has_to_accept_is_no_mistake_on_another(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [{"name": "tenth", "weight": 10}],
        gateway="ingress-nginx",
        accept=[{"code": "GC508", "reason": "nothing behind the entry is asked"}],
    )

    assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--gateway", "mse") == (0, [])
    asked = run_grayc(["route", "demo.yaml", "--host", "h.test", "--compare-gateways"], folder=tmp_path)
    assert "GC330" not in asked.stdout


REFUSED: Object = {"name": "testers", "rules": [HEADER, {"header": "x-other", "value": "1"}]}


def test_a_release_is_valid_only_where_each_of_its_steps_is(tmp_path: Path) -> None:
    accept = [{"code": "GC508", "reason": "known"}]
    lay_out(tmp_path, [REFUSED, {"name": "tenth", "rules": [HEADER]}], gateway="ingress-nginx", accept=accept)

    assert errors(tmp_path, "build", "demo.yaml", "-o", "out") == (0, [])
    assert errors(tmp_path, "validate", "demo.yaml") == (1, ["GC501"])
    assert errors(tmp_path, "validate", "demo.yaml", "--step", "tenth") == (0, [])


def test_objects_of_every_step_are_held_against_their_schemas(tmp_path: Path) -> None:
    lay_out(tmp_path, [{"name": f"{count}", "replicas": {"web": count}} for count in (1, 2, 3)], rules=[HEADER])
    run = run_grayc(["validate", "demo.yaml", "-f", "json"], folder=tmp_path)

    # Three states of the Deployment; Service and Ingress are the same at each step.
    assert (run.status, json.loads(run.stdout)["validation"]["valid"]) == (0, 5)


def test_a_request_is_expected_to_go_there_at_every_step(tmp_path: Path) -> None:
    expect = [{"request": {"host": "h.test", "path": "/"}, "goesTo": "gray"}]
    lay_out(tmp_path, [{"name": "testers", "rules": [HEADER]}, {"name": "all", "weight": 100}], expect=expect)

    assert errors(tmp_path, "build", "demo.yaml", "-o", "out") == (0, [])
    assert errors(tmp_path, "validate", "demo.yaml") == (1, ["GC524"])


def test_what_is_wrong_at_some_steps_only_says_at_which(tmp_path: Path) -> None:
    """A request that is asked as the help says would go as expected: at the last step."""
    expect = [{"request": {"host": "h.test", "path": "/"}, "goesTo": "gray"}]
    steps: list[Object] = [{"name": name, "rules": [HEADER]} for name in ("few", "many")]
    lay_out(tmp_path, [*steps, {"name": "all", "weight": 100}], expect=expect)
    run = run_grayc(["validate", "demo.yaml", "-f", "json"], folder=tmp_path)

    notes = {
        item["code"]: [note["message"] for note in item["notes"]] for item in json.loads(run.stdout)["diagnostics"]
    }
    assert notes["GC524"] == ["at steps `few`, `many`"]
    # Of the last step: ten pods' requests for one.
    assert notes["GC480"] == ["the baseline's workload"]


def planned(folder: Path) -> list[Object]:
    run = run_grayc(["plan", "demo.yaml", "-f", "json"], folder=folder)
    steps = json.loads(run.stdout)["plans"][0]["steps"]
    assert isinstance(steps, list)
    return steps


def test_a_plan_tells_which_step_a_build_refuses(tmp_path: Path) -> None:
    accept = [{"code": "GC508", "reason": "known"}]
    lay_out(tmp_path, [REFUSED, {"name": "tenth", "rules": [HEADER]}], gateway="ingress-nginx", accept=accept)
    first, second = planned(tmp_path)

    assert [message.split("(")[1].split(")")[0] for message in first["errors"]] == ["rules on several headers"]
    assert second["errors"] == []
    text = run_grayc(["plan", "demo.yaml"], folder=tmp_path).stdout
    assert "\n    error: gateway `ingress-nginx` cannot do this (rules on several headers)" in text


def test_a_plan_of_a_refused_release_says_nothing_of_addresses_that_no_copy_was_given(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/plain", tmp_path, dirs_exist_ok=True)
    text = (tmp_path / "release.yaml").read_text(encoding="utf-8")
    assert "cart-gray in variable" in run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout

    refused = text.replace("weight: 10", "rules: [{weight: 10, by: client}]")
    (tmp_path / "release.yaml").write_text(refused, encoding="utf-8")
    run = run_grayc(["plan", "release.yaml"], folder=tmp_path)

    assert (run.status, "GC549" in run.stderr, "carried" in run.stdout) == (1, True, False)


def test_a_plan_counts_the_pods_that_an_autoscaler_makes(tmp_path: Path) -> None:
    lay_out(
        tmp_path, [{"name": "one", "weight": 0}, {"name": "two", "weight": 10, "replicas": {"web": 3}}], more=[SCALER]
    )
    first, second = planned(tmp_path)

    assert (first["replicas"], second["replicas"]) == ({"web": None}, {"web": 3})
    assert first["pods"] == second["pods"] == {"web": {"atLeast": 2, "atMost": 20}}
    text = run_grayc(["plan", "demo.yaml"], folder=tmp_path).stdout
    assert "nobody" in text and "web 2 to 20 (starts with 3)" in text


def test_a_plan_tells_what_is_accepted_of_a_step(tmp_path: Path) -> None:
    accept = [{"code": "GC480", "reason": "a try at night"}]
    lay_out(tmp_path, [{"name": "one", "weight": 50}, {"name": "two", "rules": [HEADER]}], accept=accept)
    first, _ = planned(tmp_path)

    assert first["warnings"] == []
    assert [item["reason"] for item in first["accepted"]] == ["a try at night"]
    assert "(accepted: a try at night)" in run_grayc(["plan", "demo.yaml"], folder=tmp_path).stdout


CART = [{"name": "all", "replicas": {"cart": 2}}]


@pytest.mark.parametrize(
    ("step", "first", "second", "codes"),
    [
        ("testers", [{"name": "testers"}, {"name": "all", "weight": 100}], [], []),
        ("tesers", [{"name": "testers"}], [], ["GC218"]),
        ("testers", [{"name": "testers"}], CART, ["GC218"]),
        ("testers", [], [], ["GC218"]),
    ],
    ids=["the other is as it is", "misspelt", "the other has other steps", "no steps at all"],
)
def test_several_releases_are_compiled_at_a_step_of_one(
    tmp_path: Path, step: str, first: list[Object], second: list[Object], codes: list[str]
) -> None:
    cart = workload(name="cart", replicas=10)
    services = [{"name": "cart"}]
    lay_out(tmp_path, second, name="other", services=services, traffic=None, more=[cart])
    lay_out(tmp_path, first, rules=[HEADER], more=[cart])

    for command in (["build", "-o", "out"], ["plan"]):
        assert errors(tmp_path, *command, "demo.yaml", "other.yaml", "--step", step) == (int(bool(codes)), codes)


def test_releases_are_valid_together_at_the_steps_that_are_built_together(tmp_path: Path) -> None:
    one, two = ({"header": "x-user", "value": value} for value in ("1", "2"))
    both = ("demo.yaml", "other.yaml")
    lay_out(tmp_path, [{"name": "a", "rules": [one]}, {"name": "b", "rules": [two]}])
    lay_out(tmp_path, [{"name": "a", "rules": [two]}, {"name": "b", "rules": [one]}], name="other")
    for command in (["build", "-o", "out", "--step", "a"], ["build", "-o", "out"], ["validate"]):
        assert errors(tmp_path, *command, *both) == (0, []), command

    lay_out(tmp_path, [{"name": "a", "rules": [one]}, {"name": "b", "rules": [one]}], name="other")
    for command in (["build", "-o", "out", "--step", "a"], ["validate"]):
        assert errors(tmp_path, *command, *both) == (1, ["GC521"]), command


def test_replicas_of_a_step_are_found_fault_with_where_they_stand(tmp_path: Path) -> None:
    agent = {**workload("DaemonSet"), "metadata": {"name": "agent", "namespace": "shop"}}
    steps: list[Object] = [{"name": "one"}, {"name": "two", "replicas": {"agent": 2}}]
    lay_out(tmp_path, steps, services=[{"name": "web"}, {"name": "agent"}], more=[agent], rules=[HEADER])
    run = run_grayc(["build", "demo.yaml", "-o", "out", "-f", "json"], folder=tmp_path)

    found = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC411"]
    assert [item["field"] for item in found] == ["spec.rollout.steps[1].replicas.agent"]


def test_a_request_is_expected_at_the_steps_that_it_names(tmp_path: Path) -> None:
    ask = {"host": "h.test", "path": "/?uid=7004"}
    steps: list[Object] = [
        {"name": "first", "weight": 5},
        {"name": "second", "weight": 20},
        {"name": "nobody", "rules": []},
    ]
    expect = [
        {"request": ask, "goesTo": "gray", "steps": ["first", "second"]},
        {"request": {**ask, "path": "/?uid=7019"}, "goesTo": "baseline", "steps": ["first", "nobody"]},
        {"request": {**ask, "path": "/?uid=7019"}, "goesTo": "gray", "steps": ["second"]},
    ]
    by = [{"weight": 1, "by": {"query": "uid"}}]
    lay_out(tmp_path, steps, gateway="mse", rules=by, expect=expect)
    assert errors(tmp_path, "validate", "demo.yaml") == (0, [])
    assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--step", "first") == (0, [])

    lay_out(tmp_path, steps, gateway="mse", rules=by, expect=[{**each, "steps": ["nobody"]} for each in expect[:1]])
    assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--step", "second") == (0, [])
    assert errors(tmp_path, "build", "demo.yaml", "-o", "out", "--step", "nobody") == (1, ["GC524"])


TWO_STEPS: tuple[Object, ...] = ({"name": "testers", "rules": [HEADER]}, {"name": "everybody", "weight": 100})


def told(folder: Path, *more: str) -> tuple[list[str], list[Object]]:
    """Return the lines that a build says of steps, and its notes on a rollout that begins at its end."""
    text = run_grayc(["build", "demo.yaml", "-o", "out", "--check", *more], folder=folder)
    data = json.loads(run_grayc(["build", "demo.yaml", "-o", "out", *more, "-f", "json"], folder=folder).stdout)
    return (
        [line for line in text.stderr.splitlines() if line.startswith("release demo:")],
        [item for item in data["diagnostics"] if item["code"] == "GC738"],
    )


def test_a_build_says_which_step_it_compiled_and_that_it_was_the_last(tmp_path: Path) -> None:
    lay_out(tmp_path, TWO_STEPS, rules=[HEADER])
    assert told(tmp_path)[0] == ["release demo: step everybody (2 of 2, the last)"]
    assert told(tmp_path, "--step", "testers")[0] == ["release demo: step testers (1 of 2)"]
    done = run_grayc(["build", "demo.yaml", "-o", "out", "--step", "testers", "-f", "json"], folder=tmp_path)
    assert json.loads(done.stdout)["steps"] == [{"release": "demo", "step": "testers", "number": 1, "of": 2}]


def test_a_first_build_at_the_last_step_is_noted_once(tmp_path: Path) -> None:
    lay_out(tmp_path, TWO_STEPS, rules=[HEADER])
    _, first = told(tmp_path)
    assert [item["message"] for item in first] == [
        "the first build of release `demo` is step `everybody`, the last of its 2"
    ]
    assert "`--step testers`" in first[0]["help"] and first[0]["severity"] == "note"
    assert told(tmp_path)[1] == [], "the lane is there"


@pytest.mark.parametrize(
    ("steps", "flags"),
    [(TWO_STEPS, ("--step", "everybody")), (TWO_STEPS[1:], ()), ((), ())],
    ids=["the step is named", "there is one step", "there are none"],
)
def test_a_first_build_that_could_be_at_no_other_step_is_not_noted(
    tmp_path: Path, steps: Sequence[Object], flags: tuple[str, ...]
) -> None:
    lay_out(tmp_path, steps, rules=[HEADER])
    assert told(tmp_path, *flags)[1] == []
