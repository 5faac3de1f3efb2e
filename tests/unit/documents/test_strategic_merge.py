"""Strategic merges, each against the result that `kubectl` has; `tests/differential/test_patches.py` asks the real one."""

import copy
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grayc.documents.chunk import Path
from grayc.documents.strategic_merge import PatchError, json_merge, strategic_merge
from grayc.documents.tree import get
from tests.vectors import rows

Map = dict[str, object]


def merge(target: Map, patch: Map, *, api_version: str = "v1", kind: str = "Pod") -> Map:
    """Merge, and see that neither side was changed."""
    before = copy.deepcopy((target, patch))
    result = strategic_merge(target, patch, api_version=api_version, kind=kind)
    assert (target, patch) == before
    return result


def merge_field(name: str, target: object, patch: object, **kind: str) -> object:
    """Merge one field of `spec`."""
    return get(merge({"spec": {name: target}}, {"spec": {name: patch}}, **kind), ("spec", name))


def refusal(target: Map, patch: Map, *, api_version: str = "v1", kind: str = "Pod") -> PatchError:
    with pytest.raises(PatchError) as caught:
        merge(target, patch, api_version=api_version, kind=kind)
    assert caught.value.message
    return caught.value


def spec(**fields: object) -> Map:
    return {"spec": fields}


# Lists that merge by a key


@pytest.mark.parametrize(
    ("field", "there", "patch", "expected"),
    [
        (
            "containers",
            [{"name": "web", "image": "web:1", "tty": True}, {"name": "log", "image": "log:1"}],
            [{"name": "log", "image": "log:2"}],
            [{"name": "web", "image": "web:1", "tty": True}, {"name": "log", "image": "log:2"}],
        ),
        ("initContainers", [{"name": "a", "image": "1"}], [{"name": "a", "image": "2"}], [{"name": "a", "image": "2"}]),
        (
            "volumes",
            [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}],
            [{"name": "b", "emptyDir": {"medium": "Memory"}}],
            [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {"medium": "Memory"}}],
        ),
        ("imagePullSecrets", [{"name": "a"}], [{"name": "b"}], [{"name": "b"}, {"name": "a"}]),
        (
            "hostAliases",
            [{"ip": "10.0.0.1", "hostnames": ["a"]}, {"ip": "10.0.0.2", "hostnames": ["b"]}],
            [{"ip": "10.0.0.2", "hostnames": ["c"]}],
            [{"ip": "10.0.0.1", "hostnames": ["a"]}, {"ip": "10.0.0.2", "hostnames": ["c"]}],
        ),
        (
            "topologySpreadConstraints",
            [{"topologyKey": "zone", "maxSkew": 1}, {"topologyKey": "host", "maxSkew": 1}],
            [{"topologyKey": "host", "maxSkew": 3}],
            [{"topologyKey": "zone", "maxSkew": 1}, {"topologyKey": "host", "maxSkew": 3}],
        ),
    ],
)
def test_items_of_a_pod_merge_by_their_key(
    field: str, there: list[object], patch: list[object], expected: object
) -> None:
    assert merge_field(field, there, patch) == expected


@pytest.mark.parametrize(
    ("field", "there", "patch", "expected"),
    [
        (
            "env",
            [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            [{"name": "B", "value": "3"}],
            [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}],
        ),
        (
            "ports",
            [{"containerPort": 80, "name": "http"}, {"containerPort": 81}],
            [{"containerPort": 80, "hostPort": 8080}],
            [{"containerPort": 80, "name": "http", "hostPort": 8080}, {"containerPort": 81}],
        ),
        (
            "volumeMounts",
            [{"mountPath": "/a", "name": "v"}],
            [{"mountPath": "/a", "readOnly": True}],
            [{"mountPath": "/a", "name": "v", "readOnly": True}],
        ),
        ("args", ["--a", "--b"], ["--c"], ["--c"]),
        (
            "envFrom",
            [{"configMapRef": {"name": "a"}}],
            [{"secretRef": {"name": "b"}}],
            [{"secretRef": {"name": "b"}}],
        ),
    ],
)
def test_lists_of_a_container_merge_or_are_replaced(
    field: str, there: list[object], patch: list[object], expected: object
) -> None:
    merged = merge_field("containers", [{"name": "web", field: there}], [{"name": "web", field: patch}])
    assert get(merged, (0, field)) == expected


def test_an_env_variable_changes_from_a_reference_to_a_value_with_null() -> None:
    """Without the null it would have both, which Kubernetes refuses."""
    there = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    merged = merge_field("containers", [{"name": "web", "env": there}], [
        {"name": "web", "env": [{"name": "A", "value": "1", "valueFrom": None}]}
    ])  # fmt: skip
    assert get(merged, (0, "env")) == [{"name": "A", "value": "1"}]


def test_service_ports_merge_by_port_alone() -> None:
    merged = merge_field(
        "ports",
        [{"port": 80, "name": "http", "targetPort": 8080}, {"port": 443, "name": "https"}],
        [{"port": 80, "targetPort": 9090}],
        kind="Service",
    )
    assert merged == [{"port": 80, "name": "http", "targetPort": 9090}, {"port": 443, "name": "https"}]


def test_secrets_of_a_service_account_merge_and_its_pull_secrets_are_replaced() -> None:
    there: Map = {"secrets": [{"name": "a"}], "imagePullSecrets": [{"name": "a"}]}
    merged = merge(
        there, {"secrets": [{"name": "b"}], "imagePullSecrets": [{"name": "b"}]}, kind="ServiceAccount"
    )  # fmt: skip
    assert merged == {"secrets": [{"name": "b"}, {"name": "a"}], "imagePullSecrets": [{"name": "b"}]}


@pytest.mark.parametrize(
    ("api_version", "kind", "field"),
    [
        ("v1", "Pod", "tolerations"),
        ("v1", "Pod", "readinessGates"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "metrics"),
        ("networking.k8s.io/v1", "Ingress", "rules"),
        ("networking.k8s.io/v1", "Ingress", "tls"),
        ("networking.k8s.io/v1", "NetworkPolicy", "ingress"),
        ("apps/v1", "StatefulSet", "volumeClaimTemplates"),
    ],
)
def test_lists_without_a_merge_key_are_replaced_whole(api_version: str, kind: str, field: str) -> None:
    there, patch = [{"name": "a", "key": "k"}, {"name": "b"}], [{"name": "a"}]
    assert merge_field(field, there, patch, api_version=api_version, kind=kind) == patch


def test_values_of_finalizers_merge_as_a_set() -> None:
    merged = merge({"metadata": {"finalizers": ["a", "b"]}}, {"metadata": {"finalizers": ["c", "b"]}})
    assert get(merged, ("metadata", "finalizers")) == ["c", "a", "b"]


def test_versions_of_a_kind_merge_alike() -> None:
    for api_version in ("batch/v1", "batch/v1beta1"):
        merged = merge(
            {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "1"}]}}}}}},
            {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a", "tty": True}]}}}}}},
            api_version=api_version,
            kind="CronJob",
        )
        containers = get(merged, ("spec", "jobTemplate", "spec", "template", "spec", "containers"))
        assert containers == [{"name": "a", "image": "1", "tty": True}]


# Order of merged lists


def names(items: object) -> str:
    assert isinstance(items, list)
    return "".join(item["name"] for item in items)


@pytest.mark.parametrize(
    ("there", "patch", "expected"),
    [
        ("abc", "b", "abc"),
        ("abc", "x", "xabc"),
        ("abc", "xb", "xabc"),
        ("abc", "bx", "abxc"),
        ("abc", "cx", "abcx"),
        ("abc", "cb", "acb"),
        ("abc", "xy", "xyabc"),
        ("", "ba", "ba"),
        ("abc", "", "abc"),
    ],
)
def test_items_of_the_patch_keep_its_order_and_the_others_theirs(there: str, patch: str, expected: str) -> None:
    merged = merge_field("containers", [{"name": name} for name in there], [{"name": name} for name in patch])
    assert names(merged) == expected


def test_keys_keep_the_place_they_have_in_the_object_and_new_ones_follow() -> None:
    merged = merge(
        {"kind": "Pod", "spec": {}, "metadata": {"b": 1, "a": 2}}, {"status": {}, "metadata": {"c": 1, "b": 3}}
    )
    assert [*merged] == ["kind", "spec", "metadata", "status"]
    assert merged["metadata"] == {"b": 3, "a": 2, "c": 1}
    assert [*get_map(merged, "metadata")] == ["b", "a", "c"]


def get_map(data: Map, key: str) -> Map:
    value = data[key]
    assert isinstance(value, dict)
    return value


# Null


def test_null_removes_a_key_of_the_object() -> None:
    assert merge(spec(nodeName="a", hostname="b"), spec(nodeName=None, subdomain=None)) == spec(hostname="b")


def test_null_removes_a_whole_list_or_mapping() -> None:
    assert merge(spec(volumes=[{"name": "a"}], securityContext={"runAsUser": 1}), {"spec": None}) == {}


def test_nulls_in_a_mapping_that_is_new_to_the_object_are_not_kept() -> None:
    merged = merge(spec(), spec(securityContext={"runAsUser": None, "seLinuxOptions": {"user": None}}))
    assert merged == spec(securityContext={"seLinuxOptions": {}})


def test_null_in_an_item_of_a_merged_list_removes_the_items_key() -> None:
    assert merge_field("volumes", [{"name": "a", "emptyDir": {}}], [{"name": "a", "emptyDir": None}]) == [{"name": "a"}]


# Directives


def test_patch_delete_removes_an_item_by_its_key() -> None:
    merged = merge_field("containers", [{"name": "a"}, {"name": "b"}], [{"name": "a", "$patch": "delete"}])
    assert merged == [{"name": "b"}]


def test_patch_delete_of_an_item_that_is_not_there_changes_nothing() -> None:
    assert merge_field("containers", [{"name": "a"}], [{"name": "z", "$patch": "delete"}]) == [{"name": "a"}]


def test_patch_delete_empties_a_mapping_of_the_object() -> None:
    assert merge(spec(securityContext={"runAsUser": 1}), spec(securityContext={"$patch": "delete"})) == spec(
        securityContext={}
    )


def test_patch_delete_of_a_mapping_that_is_not_there_leaves_nothing() -> None:
    assert merge(spec(hostname="a"), spec(securityContext={"$patch": "delete"})) == spec(hostname="a")


def test_patch_replace_replaces_a_mapping() -> None:
    merged = merge(spec(securityContext={"runAsUser": 1}), spec(securityContext={"$patch": "replace", "runAsGroup": 2}))
    assert merged == spec(securityContext={"runAsGroup": 2})


def test_patch_replace_as_an_item_replaces_the_list() -> None:
    patch: list[object] = [{"$patch": "replace"}, {"name": "x"}, {"name": "w"}]
    assert merge_field("containers", [{"name": "a"}, {"name": "b"}], patch) == [{"name": "x"}, {"name": "w"}]


def test_patch_merge_does_what_happens_without_it() -> None:
    """Kubernetes documents the directive and refuses it."""
    merged = merge(
        spec(securityContext={"runAsUser": 1}, volumes=[{"name": "a"}]),
        spec(
            securityContext={"$patch": "merge", "runAsGroup": 2},
            volumes=[{"$patch": "merge"}, {"name": "a", "$patch": "merge", "emptyDir": {}}],
        ),
    )
    assert merged == spec(securityContext={"runAsUser": 1, "runAsGroup": 2}, volumes=[{"name": "a", "emptyDir": {}}])


def test_retain_keys_drops_the_other_keys() -> None:
    merged = merge_field(
        "strategy",
        {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
        {"$retainKeys": ["type"], "type": "Recreate"},
        api_version="apps/v1",
        kind="Deployment",
    )
    assert merged == {"type": "Recreate"}


def test_retain_keys_changes_the_source_of_a_volume() -> None:
    merged = merge_field(
        "volumes",
        [{"name": "a", "emptyDir": {}}],
        [{"name": "a", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}],
    )
    assert merged == [{"name": "a", "secret": {"secretName": "s"}}]


def test_delete_from_primitive_list_removes_values() -> None:
    merged = merge(
        {"metadata": {"finalizers": ["a", "b", "c"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a", "z"], "finalizers": ["d"]}},
    )
    assert merged == {"metadata": {"finalizers": ["d", "b", "c"]}}


def test_delete_from_primitive_list_works_in_a_list_that_does_not_merge() -> None:
    there = [{"name": "web", "args": ["--a", "--b"]}]
    merged = merge_field("containers", there, [{"name": "web", "$deleteFromPrimitiveList/args": ["--a"]}])
    assert merged == [{"name": "web", "args": ["--b"]}]


def test_delete_from_primitive_list_of_a_list_that_is_not_there_changes_nothing() -> None:
    assert merge({"metadata": {"name": "a"}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}) == {
        "metadata": {"name": "a"}
    }


def test_deletion_tells_true_from_one() -> None:
    merged = merge({"metadata": {"finalizers": [1]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": [1]}})
    assert merged == {"metadata": {"finalizers": []}}
    refusal({"metadata": {"finalizers": [1]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": [True]}})


@pytest.mark.parametrize(
    ("there", "patch", "order", "expected"),
    [
        ("abc", "", "cab", "cab"),
        ("abc", "x", "cxab", "cxab"),
        ("abc", "xb", "xb", "xabc"),
        ("abc", "bx", "bx", "abxc"),
        ("ab", "", "ba", "ba"),
    ],
)
def test_set_element_order_orders_a_merged_list(there: str, patch: str, order: str, expected: str) -> None:
    fields: Map = {"$setElementOrder/containers": [{"name": name} for name in order]}
    if patch:
        fields["containers"] = [{"name": name} for name in patch]
    merged = merge(spec(containers=[{"name": name} for name in there]), {"spec": fields})
    assert names(get(merged, ("spec", "containers"))) == expected
    assert [*get_map(merged, "spec")] == ["containers"]


def test_set_element_order_orders_values() -> None:
    merged = merge(
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$setElementOrder/finalizers": ["c", "b", "a"], "finalizers": ["c"]}},
    )
    assert merged == {"metadata": {"finalizers": ["c", "b", "a"]}}


def test_no_directive_is_left_in_content_that_is_new_to_the_object() -> None:
    new: Map = {
        "$retainKeys": ["containers"],
        "$setElementOrder/containers": [{"name": "a"}],
        "$deleteFromPrimitiveList/finalizers": ["x"],
        "$patch": "replace",
        "securityContext": {"$patch": "delete"},
        "containers": [{"$patch": "replace"}, {"name": "a"}, {"name": "b", "$patch": "delete"}],
    }
    assert merge({}, {"spec": new}) == {"spec": {"containers": [{"name": "a"}]}}


# Kinds


def test_a_disruption_budget_replaces_its_selector() -> None:
    merged = merge_field(
        "selector",
        {"matchLabels": {"app": "a"}},
        {"matchLabels": {"tier": "b"}},
        api_version="policy/v1",
        kind="PodDisruptionBudget",
    )
    assert merged == {"matchLabels": {"tier": "b"}}


def test_other_kinds_get_a_json_merge_patch() -> None:
    merged = merge(
        {"spec": {"hosts": ["a"], "http": [{"name": "x"}], "tls": {"mode": "A", "port": 1}}},
        {"spec": {"hosts": ["b"], "http": [{"name": "y"}], "tls": {"mode": None}}},
        api_version="networking.istio.io/v1",
        kind="VirtualService",
    )
    assert merged == {"spec": {"hosts": ["b"], "http": [{"name": "y"}], "tls": {"port": 1}}}


def test_a_kind_is_known_by_its_group_too() -> None:
    there, patch = spec(containers=[{"name": "a"}]), spec(containers=[{"name": "b"}])
    assert merge(there, patch, api_version="example.com/v1", kind="Pod") == patch


def test_pod_templates_of_rollouts_merge_as_a_deployments_do() -> None:
    merged = merge_field(
        "template",
        {"spec": {"containers": [{"name": "web", "image": "1"}, {"name": "log", "image": "1"}]}},
        {"spec": {"containers": [{"name": "web", "image": "2"}]}},
        api_version="argoproj.io/v1alpha1",
        kind="Rollout",
    )
    assert get(merged, ("spec", "containers", 1, "image")) == "1"


class JsonMerge(NamedTuple):
    target: Map
    patch: Map
    expected: Map


@pytest.mark.parametrize(JsonMerge._fields, rows(__file__, "merge_patches.yaml", JsonMerge, table="json_merge"))
def test_json_merge_patches_do_what_the_rfc_says(target: Map, patch: Map, expected: Map) -> None:
    assert json_merge(target, patch) == expected


# Mistakes


class Mistake(NamedTuple):
    patch: Map
    path: Path


@pytest.mark.parametrize(Mistake._fields, rows(__file__, "merge_patches.yaml", Mistake, table="mistakes"))
def test_a_mistake_is_refused_at_its_place(patch: Map, path: Path) -> None:
    target: Map = {
        "metadata": {"finalizers": ["a"]},
        "spec": {
            "containers": [{"name": "web"}],
            "volumes": [{"name": "v", "emptyDir": {}}],
            "tolerations": [{"key": "a"}],
        },
    }
    assert refusal(target, patch).path == path


def test_an_object_whose_items_have_no_key_is_refused_at_what_asks_to_merge_them() -> None:
    there = spec(containers=[{"image": "a"}])
    assert refusal(there, spec(containers=[{"name": "a"}])).path == ("spec", "containers")
    order: Map = {"$setElementOrder/containers": []}
    assert refusal(there, {"spec": order}).path == ("spec", "$setElementOrder/containers")


def test_a_deletion_from_a_list_that_is_emptied_has_nothing_to_do() -> None:
    there = [{"name": "web", "args": ["--a"]}]
    patch = {"name": "web", "args": [{"$patch": "replace"}], "$deleteFromPrimitiveList/args": ["--a"]}
    assert merge_field("containers", there, [patch]) == [{"name": "web", "args": []}]


def test_a_merge_key_of_another_type_is_another_item() -> None:
    there = [{"port": 1, "name": "one"}]
    assert merge_field("ports", there, [{"port": True}], kind="Service") == [{"port": True}, *there]


@pytest.mark.parametrize("directive", [None, "delete"])
def test_a_port_that_only_its_protocol_tells_apart_is_refused(directive: str | None) -> None:
    """Kubernetes would change the first port 53, or delete both."""
    item: Map = {"port": 53, "protocol": "UDP", **({"$patch": directive} if directive else {"nodePort": 30053})}
    there = [{"port": 53, "protocol": "TCP", "name": "dns-tcp"}, {"port": 53, "protocol": "UDP", "name": "dns"}]
    error = refusal(spec(ports=there), spec(ports=[item]), kind="Service")
    assert error.path == ("spec", "ports", 0)
    assert error.help


def test_a_port_that_no_other_has_the_number_of_can_change_its_protocol() -> None:
    merged = merge_field("ports", [{"port": 53, "protocol": "TCP"}], [{"port": 53, "protocol": "UDP"}], kind="Service")
    assert merged == [{"port": 53, "protocol": "UDP"}]


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"spec": {"$patch": "replace"}}, ("spec", "$patch")),
        ({"spec": {"http": [{"name": "a"}, {"name": "b", "$patch": "delete"}]}}, ("spec", "http", 1, "$patch")),
        ({"$retainKeys": ["spec"]}, ("$retainKeys",)),
    ],
)
def test_directives_for_an_unknown_kind_are_refused(patch: Map, path: Path) -> None:
    """A JSON merge patch would write them into the object."""
    error = refusal({"spec": {}}, patch, api_version="example.com/v1", kind="Thing")
    assert (error.path, bool(error.help)) == (path, True)


def test_merge_in_a_field_that_is_replaced_whole_is_refused() -> None:
    error = refusal(
        spec(selector={"matchLabels": {"app": "a"}}),
        spec(selector={"$patch": "merge", "matchLabels": {"tier": "b"}}),
        api_version="policy/v1",
        kind="PodDisruptionBudget",
    )
    assert error.path == ("spec", "selector", "$patch")


# Laws

KEYS = st.sampled_from(
    [
        "name", "spec", "metadata", "template", "containers", "volumes", "env", "ports", "containerPort", "args",
        "finalizers", "tolerations", "strategy", "selector", "$patch", "$retainKeys", "$setElementOrder/containers",
        "$setElementOrder/args", "$setElementOrder/finalizers", "$deleteFromPrimitiveList/finalizers",
        "$deleteFromPrimitiveList/args", "$deleteFromPrimitiveList/containers", "$setElementOrder/", "a",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 2), st.sampled_from([1.0, 0.5]),
    st.sampled_from(["a", "b", "merge", "replace", "delete", ""]),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=5), max_leaves=20
)
FIELDS = st.dictionaries(KEYS, VALUES, max_size=6)


@st.composite
def objects(draw: st.DrawFn) -> Map:
    """Anything, often in places where lists merge."""
    return {"metadata": draw(FIELDS), "spec": {**draw(FIELDS), "template": {"spec": draw(FIELDS)}}, **draw(FIELDS)}


KINDS = st.sampled_from([
    ("v1", "Pod"), ("apps/v1", "Deployment"), ("policy/v1", "PodDisruptionBudget"), ("v1", "Service"), ("", ""),
    ("example.com/v1", "Thing"), ("argoproj.io/v1alpha1", "Rollout"),
])  # fmt: skip


def lookup(data: object, path: Path) -> bool:
    """Tell whether a path is there, also where it leads to a null."""
    return not path or path[-1] in steps_of(get(data, path[:-1]))


def steps_of(value: object) -> list[object]:
    if isinstance(value, list):
        return [*range(len(value))]
    return [*value] if isinstance(value, dict) else []


def has_directive(value: object) -> bool:
    if isinstance(value, dict):
        return any(key.startswith("$") or has_directive(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_directive, value))


@given(target=objects(), patch=objects(), kind=KINDS)
def test_any_patch_applies_or_is_refused_at_a_place_that_it_has(target: Map, patch: Map, kind: tuple[str, str]) -> None:
    try:
        merge(target, patch, api_version=kind[0], kind=kind[1])
    except PatchError as error:
        assert lookup(patch, error.path), error
        assert str(error)


@given(target=objects(), patch=objects(), kind=KINDS)
def test_no_directive_reaches_an_object_that_had_none(target: Map, patch: Map, kind: tuple[str, str]) -> None:
    if has_directive(target):
        return
    try:
        merged = merge(target, patch, api_version=kind[0], kind=kind[1])
    except PatchError:
        return
    assert not has_directive(merged)


@given(target=objects(), kind=KINDS)
def test_an_empty_patch_changes_nothing(target: Map, kind: tuple[str, str]) -> None:
    assert merge(target, {}, api_version=kind[0], kind=kind[1]) == target
