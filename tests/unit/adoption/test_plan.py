"""Which objects get the label, by what selects what."""

from typing import Any

import pytest
import yaml

from grayc.adoption.plan import AdoptionPlan, plan_adoption
from grayc.documents import Document, parse_documents
from grayc.k8s.adoption import ADOPTIONS, Adoption, Way
from grayc.k8s.kinds import KINDS, KindRow, Policy, Rank
from grayc.k8s.pod_templates import WORKLOADS, Workload
from grayc.source import SourceFile

ORIGINAL = {"zadigx-release-version": "original"}


def workload(name: str, labels: dict[str, str], kind: str = "Deployment", **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": more.pop("namespace", "shop")},
        "spec": {
            **({} if kind == "Job" else {"selector": more.pop("selector", {"matchLabels": labels})}),
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x"}]}},
            **more,
        },
    }


def selecting(kind: str, name: str, selector: Any, namespace: str = "shop") -> dict[str, Any]:
    version = {"Service": "v1", "PodDisruptionBudget": "policy/v1", "NetworkPolicy": "networking.k8s.io/v1"}[kind]
    field = "podSelector" if kind == "NetworkPolicy" else "selector"
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {field: selector},
    }


def documents(*objects: dict[str, Any]) -> tuple[Document, ...]:
    text = yaml.safe_dump_all(objects)
    found = parse_documents(SourceFile(name="all.yaml", text=text)).value
    assert found is not None
    return found


def added(*objects: dict[str, Any], wanted: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return object → the mappings that get the label, those that get none left out."""
    planned = plan_adoption(documents(*objects), wanted)
    assert planned.value is not None, planned.diagnostics
    return {item.ref: list(item.fields) for item in planned.value.objects if item.missing}


def refused(*objects: dict[str, Any], wanted: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    planned = plan_adoption(documents(*objects), wanted)
    assert planned.value is None
    return [(found.code, found.object) for found in planned.diagnostics]


BOTH = ["spec.selector.matchLabels", "spec.template.metadata.labels"]


def test_a_workload_gets_it_in_selector_and_pods_and_so_does_what_selects_them() -> None:
    assert added(
        workload("web", {"app": "web"}),
        selecting("Service", "web", {"app": "web"}),
        selecting("PodDisruptionBudget", "web", {"matchLabels": {"app": "web"}}),
        selecting("PodDisruptionBudget", "all", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
        selecting("NetworkPolicy", "web", {"matchLabels": {"app": "web"}}),
        selecting("Service", "elsewhere", {"app": "web"}, namespace="other"),
        selecting("Service", "outside", None),
        selecting("Service", "other", {"app": "other"}),
    ) == {
        "Deployment/web": BOTH,
        "Service/web": ["spec.selector"],
        "PodDisruptionBudget/web": ["spec.selector.matchLabels"],
        "PodDisruptionBudget/all": ["spec.selector.matchLabels"],
    }


def test_a_selector_of_a_mesh_gets_it_among_its_labels() -> None:
    proxy = {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "ProxyConfig",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }

    assert added(workload("web", {"app": "web"}), proxy) == {
        "Deployment/web": BOTH,
        "ProxyConfig/web": ["spec.selector.matchLabels"],
    }


def test_what_is_there_is_not_added_again() -> None:
    half = workload("web", {"app": "web", **ORIGINAL}, selector={"matchLabels": {"app": "web"}})

    assert added(half, selecting("Service", "web", {"app": "web", **ORIGINAL})) == {
        "Deployment/web": ["spec.selector.matchLabels"]
    }


def test_a_selector_without_plain_labels_gets_some() -> None:
    expressions = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}

    assert added(workload("web", {"app": "web"}, selector=expressions)) == {"Deployment/web": BOTH}


def test_an_expression_that_asks_for_the_label_is_enough_for_a_budget() -> None:
    asks = {"matchExpressions": [{"key": "zadigx-release-version", "operator": "In", "values": ["original"]}]}

    assert added(workload("web", {"app": "web", **ORIGINAL}), selecting("PodDisruptionBudget", "web", asks)) == {}


@pytest.mark.parametrize("operator", ["DoesNotExist", "NotIn"])
def test_a_selector_that_rules_the_label_out_is_refused(operator: str) -> None:
    rules = [{"key": "zadigx-release-version", "operator": operator}]
    if operator == "NotIn":
        rules[0]["values"] = ["original"]  # type: ignore[assignment]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": rules}

    assert refused(workload("web", {"app": "web"}), selecting("PodDisruptionBudget", "web", selector)) == [
        ("GC340", "PodDisruptionBudget/web")
    ]
    assert refused(workload("web", {"app": "web"}, selector=selector)) == [("GC340", "Deployment/web")]


def test_a_named_workload_takes_along_only_what_selects_it() -> None:
    objects = [
        thing
        for name in ("web", "cart")
        for thing in (workload(name, {"app": name}), selecting("Service", name, {"app": name}))
    ]

    assert added(*objects, wanted=("cart",)) == {"Deployment/cart": BOTH, "Service/cart": ["spec.selector"]}
    assert added(*objects, wanted=("Deployment/cart", "web")).keys() >= {"Deployment/web", "Service/web"}


def test_a_service_of_others_too_is_refused_unless_they_are_named() -> None:
    objects = (
        workload("v1", {"app": "web", "version": "v1"}),
        workload("v2", {"app": "web", "version": "v2"}),
        selecting("Service", "web", {"app": "web"}),
    )

    assert refused(*objects, wanted=("v1",)) == [("GC341", "Service/web")]
    assert set(added(*objects, wanted=("v1", "v2"))) == {"Deployment/v1", "Deployment/v2", "Service/web"}


def test_others_that_have_the_label_already_are_no_hindrance() -> None:
    objects = (
        workload("v1", {"app": "web", "version": "v1"}),
        workload("v2", {"app": "web", "version": "v2", **ORIGINAL}),
        selecting("Service", "web", {"app": "web"}),
    )

    assert set(added(*objects, wanted=("v1",))) == {"Deployment/v1", "Service/web"}


def test_a_workload_that_would_take_gray_pods_must_be_named_too() -> None:
    wide = workload("wide", {"app": "web", "track": "x"}, selector={"matchLabels": {"app": "web"}})

    assert refused(workload("web", {"app": "web"}), wide, wanted=("web",)) == [("GC341", "Deployment/wide")]


def test_pods_of_a_job_get_it_where_something_that_changes_selects_them() -> None:
    job = workload("job", {"app": "web", "batch": "yes"}, kind="Job")

    assert added(workload("web", {"app": "web"}), job) == {"Deployment/web": BOTH}
    assert added(
        workload("web", {"app": "web"}), job, selecting("Service", "web", {"app": "web"}), wanted=("web",)
    ) == {
        "Deployment/web": BOTH,
        "Job/job": ["spec.template.metadata.labels"],
        "Service/web": ["spec.selector"],
    }


def test_another_version_and_a_patch_are_refused_together() -> None:
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "part"}, "spec": {"replicas": 2}}

    assert refused(workload("web", {"zadigx-release-version": "gray"}), patch) == [
        ("GC340", "Deployment/web"),
        ("GC342", "Deployment/part"),
    ]


def test_a_misspelt_name_is_told_with_what_there_is() -> None:
    planned = plan_adoption(documents(workload("web", {"app": "web"})), ("wbe",))

    (found,) = planned.diagnostics
    assert found.code == "GC301" and "web" in found.help


def test_files_without_workloads_are_refused() -> None:
    assert refused(selecting("Service", "web", {"app": "web"})) == [("GC303", "")]


def plan_of(*objects: dict[str, Any]) -> AdoptionPlan:
    planned = plan_adoption(documents(*objects), ())
    assert planned.value is not None, planned.diagnostics
    return planned.value


def test_what_one_service_selects_changes_together() -> None:
    plan = plan_of(
        workload("a", {"app": "a", "tier": "x"}),
        workload("b", {"app": "b", "tier": "x"}),
        workload("c", {"app": "c"}),
        selecting("PodDisruptionBudget", "x", {"matchLabels": {"tier": "x"}}),
        selecting("Service", "a", {"app": "a"}),
        selecting("Service", "b", {"app": "b"}),
    )

    shown = [([item.ref for item in group.workloads], [item.ref for item in group.selecting]) for group in plan.groups]
    assert shown == [
        (["Deployment/a", "Deployment/b"], ["Service/a", "Service/b", "PodDisruptionBudget/x"]),
        (["Deployment/c"], []),
    ]


def test_every_workload_has_a_way_and_its_source() -> None:
    missing = sorted(set(WORKLOADS) - set(ADOPTIONS))

    assert not missing, f"{missing}: add a row to `ADOPTIONS` in grayc/k8s/adoption.py that says how it is prepared"
    assert set(ADOPTIONS) == set(WORKLOADS)
    assert all(row.why and row.source and row.resource for row in ADOPTIONS.values())


@pytest.mark.parametrize(("policy", "fields"), [(Policy.COPY, ["spec.template.metadata.labels"]), (Policy.STAY, [])])
def test_a_copied_workload_without_a_selector_gets_the_label(
    policy: Policy, fields: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = ("example.com", "App")
    monkeypatch.setitem(KINDS, kind, KindRow(policy, Rank.WORKLOAD, "workload of the service"))
    monkeypatch.setitem(WORKLOADS, kind, Workload(("spec", "template")))
    monkeypatch.setitem(ADOPTIONS, kind, Adoption(Way.IN_PLACE, "apps.example.com", "it has no selector", "a test"))
    app = {**workload("web", {"app": "web"}, kind="Job"), "apiVersion": "example.com/v1", "kind": "App"}

    assert added(app).get("App/web", []) == fields


def rollout(strategy: dict[str, Any]) -> dict[str, Any]:
    return {
        **workload("web", {"app": "web"}, strategy=strategy),
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
    }


@pytest.mark.parametrize(
    ("thing", "way"),
    [
        (workload("web", {"app": "web"}), Way.BESIDE),
        (workload("web", {"app": "web"}, strategy={"type": "Recreate"}), Way.REPLACE),
        (workload("web", {"app": "web"}, kind="StatefulSet"), Way.TAKE_OVER),
        (rollout({"canary": {"maxSurge": 1}}), Way.BESIDE),
        (rollout({"blueGreen": {"activeService": "web"}}), Way.BY_HAND),
        (rollout({"canary": {"stableService": "web"}}), Way.BY_HAND),
    ],
)
def test_the_way_is_that_of_the_kind_and_its_strategy(thing: dict[str, Any], way: Way) -> None:
    (group,) = plan_of(thing).groups
    assert [item.way for item in group.workloads] == [way]
