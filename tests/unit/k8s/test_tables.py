"""The tables of `grayc.k8s`: what must hold inside them, and what the schemas of Kubernetes say about each row.

The schemas know Kubernetes' own kinds; rows of other projects are held to the laws alone.
"""

import re
import string
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from grayc.k8s import kinds as module
from grayc.k8s.kinds import (
    APPS,
    ARGO,
    AUTOSCALING,
    BATCH,
    CLUSTER_SCOPED,
    CORE,
    KEDA,
    KINDS,
    KRUISE,
    NETWORKING,
    POLICY,
    RBAC,
    UNKNOWN,
    GroupKind,
    NameRule,
    Policy,
    kind_row,
)
from grayc.k8s.lane_labels import APPLICATION, PROTECTED
from grayc.k8s.names import (
    LABEL_VALUE_LIMIT,
    RULE_LIMITS,
    RULE_WORDS,
    is_api_version,
    is_kind,
    is_label_key,
    is_label_value,
    is_name,
    is_name_of,
)
from grayc.k8s.pod_templates import CONTAINER_LISTS, POD_SELECTORS_INSIDE, WORKLOADS
from grayc.k8s.profiles import MARKS, ORIGINAL, PROFILES, Marks, tag_in
from grayc.k8s.references import DEFAULT_TARGET, REFERENCES, Form
from grayc.k8s.references import Reference as Row
from grayc.k8s.removed_apis import REMOVED_APIS
from grayc.k8s.secrets import _PARTS, _WORDS, looks_secret
from grayc.k8s.selectors import POD_SELECTORS, SelectorStyle
from grayc.k8s.server_fields import (
    OWNER_ANNOTATIONS,
    OWNER_LABELS,
    SERVER_FIELDS,
    SERVICE_ADDRESS_FIELDS,
    TEMPLATE_FIELDS,
    is_owner_annotation,
)
from tests.differential.kubectl import KUBECTL
from tests.manifests import objects_in, stream
from tests.unit.k8s.openapi import Schema, definitions, kinds, reference, resolved, type_name, versions

Steps = tuple[str, ...]

POD_SPEC = reference("io.k8s.api.core.v1.PodSpec")
OBJECT_META = reference("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
LABEL_SELECTOR = "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"
POD_TEMPLATE = "io.k8s.api.core.v1.PodTemplateSpec"

OWN_GROUPS = {group for group, _ in kinds()}
"""API groups of Kubernetes itself."""

CUSTOM_GROUPS = {
    value for name, value in vars(module).items() if name.isupper() and isinstance(value, str) and "." in value
} - OWN_GROUPS
"""Groups of other projects that have a name in `grayc.k8s.kinds`."""

TABLES: dict[str, Iterable[GroupKind]] = {
    "CLUSTER_SCOPED": CLUSTER_SCOPED,
    "KINDS": KINDS,
    "POD_SELECTORS": POD_SELECTORS,
    "REFERENCES": REFERENCES,
    "WORKLOADS": WORKLOADS,
    "targets of REFERENCES": {row.target for rows in REFERENCES.values() for row in rows if row.target is not None},
}


def at(schema: Schema, path: Steps) -> Schema | None:
    """Return the schema of a place, None where an object can have no such field."""
    for step in path:
        schema = resolved(schema)
        below = schema.get("items") if step == "[*]" else schema.get("properties", {}).get(step)
        if below is None and isinstance(schema.get("additionalProperties"), dict):
            below = schema["additionalProperties"]
        if below is None:
            return None
        schema = below
    return schema


def schemas_of(group_kind: GroupKind) -> list[Schema]:
    """Return the schemas of all versions of a kind, none for a kind of another project."""
    return [reference(name) for name in kinds().get(group_kind, {}).values()]


def newest_at(group_kind: GroupKind, path: Steps) -> Schema | None:
    """Return the schema of a place in a version of a kind that has it."""
    return next((found for schema in schemas_of(group_kind) if (found := at(schema, path)) is not None), None)


def go_type(schema: Schema) -> str:
    """Return the type that a schema refers to, without its package."""
    return type_name(schema).rpartition(".")[2]


def type_of(schema: Schema | None) -> str:
    assert schema is not None
    written = resolved(schema).get("type", "")
    return str(written if isinstance(written, str) else written[0])


def fields(schema: Schema, path: Steps = (), within: Steps = ()) -> Iterator[tuple[Steps, Schema]]:
    """Yield every place below a schema, types that hold themselves once."""
    name = type_name(schema)
    if name in within:
        return
    yield path, schema
    below = (*within, name) if name else within
    for key, field in resolved(schema).get("properties", {}).items():
        yield from fields(field, (*path, key), below)
    if "items" in resolved(schema):
        yield from fields(resolved(schema)["items"], (*path, "[*]"), below)


# Kinds


@pytest.mark.parametrize("table", TABLES)
def test_kinds_of_kubernetes_own_groups_exist(table: str) -> None:
    unknown = {(group, kind) for group, kind in TABLES[table] if group in OWN_GROUPS} - set(kinds())
    assert unknown == set()


@pytest.mark.parametrize("table", TABLES)
def test_groups_are_kubernetes_own_or_a_domain(table: str) -> None:
    assert {group for group, _ in TABLES[table] if group not in OWN_GROUPS and not is_domain(group)} == set()


def is_domain(group: str) -> bool:
    return "." in group and is_name(group, NameRule.SUBDOMAIN_1123)


def test_named_groups_of_other_projects_are_used() -> None:
    assert {group for group, _ in KINDS} >= CUSTOM_GROUPS


def test_every_kind_that_a_table_acts_on_has_a_policy() -> None:
    acted_on = set(WORKLOADS) | set(POD_SELECTORS) | {DEFAULT_TARGET}
    missing = sorted(acted_on - set(KINDS))

    assert not missing, f"{missing}: add a row to `KINDS` in grayc/k8s/kinds.py that says what a release does with it"


def test_a_kind_that_is_not_in_the_table_gets_the_row_for_unknown_ones() -> None:
    assert kind_row(("example.com", "Thing")) is UNKNOWN
    assert kind_row((APPS, "Deployment")) is KINDS[(APPS, "Deployment")]


def test_objects_of_the_cluster_are_not_copied() -> None:
    copied = {kind for kind in CLUSTER_SCOPED & set(KINDS) if KINDS[kind].policy is Policy.COPY}
    assert copied == set()


def test_every_row_says_why() -> None:
    assert [kind for kind, row in KINDS.items() if not row.reason or row.reason[0].isupper()] == []


def test_cluster_scoped_are_the_kinds_to_which_kustomize_gives_no_namespace(tmp_path: Path) -> None:
    """Its list is older than the newest kinds, so it may hold fewer; a kind in it cannot be missing here."""
    objects = [
        {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": f"{kind}.{api_version}".lower().replace("/", ".")},
        }
        for (_, kind), names in kinds().items()
        for api_version in names
        if kind != "Namespace"
    ]
    (tmp_path / "objects.yaml").write_text(stream(objects))
    (tmp_path / "kustomization.yaml").write_text("namespace: here\nresources: [objects.yaml]\n")
    text = subprocess.run([KUBECTL, "kustomize", tmp_path], capture_output=True, check=True, text=True, env={}).stdout
    found = {
        (item["apiVersion"].rpartition("/")[0], item["kind"])
        for item in objects_in(text)
        if "namespace" not in item["metadata"]
    }
    assert len(found) > 10
    assert found - CLUSTER_SCOPED == set()


# Kinds that are cluster-scoped and younger than kustomize's list.
@pytest.mark.parametrize("group", ["admissionregistration.k8s.io", "flowcontrol.apiserver.k8s.io"])
def test_whole_groups_are_cluster_scoped(group: str) -> None:
    assert {kind for kind in kinds() if kind[0] == group} <= CLUSTER_SCOPED


# Names

NAME_LIMITS: dict[GroupKind, int] = {
    (CORE, "Service"): 63,
    (BATCH, "CronJob"): 63 - len("-1234567890"),
    (BATCH, "Job"): 63,
    (APPS, "StatefulSet"): 63 - len("-1234567890"),
    (KRUISE, "StatefulSet"): 63 - len("-1234567890"),
    (KEDA, "ScaledObject"): 63 - len("keda-hpa-"),
    (APPS, "Deployment"): 253 - len("-1234567890"),
    (ARGO, "Rollout"): 253 - len("-1234567890"),
}
"""What is shorter than any name may be, from the controllers that make names or label values of it."""


def test_name_limits_leave_room_for_what_controllers_add() -> None:
    limits = {kind: row.name_limit for kind, row in KINDS.items() if row.name_limit != 253}

    assert limits == NAME_LIMITS, (
        "a limit stands in `NAME_LIMITS` of this file too, as a sum that says where it is from"
    )


def test_a_limit_of_its_own_has_a_source_of_its_own() -> None:
    shared = [kind for kind in NAME_LIMITS if KINDS[kind].limit_source == UNKNOWN.limit_source]
    assert shared == []


def test_names_that_are_labels_are_no_longer_than_a_label() -> None:
    long = [kind for kind, row in KINDS.items() if row.name_rule is not NameRule.SUBDOMAIN_1123 and row.name_limit > 63]
    assert long == []


def test_a_service_is_named_by_the_older_rule() -> None:
    """Newer servers take a digit in front; older ones of one fleet do not."""
    rules = {kind: row.name_rule for kind, row in KINDS.items() if row.name_rule is not NameRule.SUBDOMAIN_1123}
    assert rules == {
        (CORE, "Service"): NameRule.LABEL_1035,
        (APPS, "StatefulSet"): NameRule.LABEL_1123,
        (KRUISE, "StatefulSet"): NameRule.LABEL_1123,
    }, "a rule that is not a subdomain is listed here too"


def test_every_rule_has_words() -> None:
    assert set(RULE_WORDS) == set(RULE_LIMITS) == set(NameRule)


# Source of these lists: apimachinery pkg/util/validation/validation_test.go.
LABELS = ["a", "ab", "abc", "a1", "a-1", "a--1--2--b", "a" * 63]
DIGIT_FIRST = ["0", "01", "012", "1a", "1-a", "1--a--b--2"]
NO_LABELS = [
    "", "A", "ABC", "aBc", "A1", "A-1", "1-A", "-", "a-", "-a", "1-", "-1", "_", "a_", "_a", "a_b", "1_", "_1", "1_2",
    " ", "a ", " a", "a b", "1 ", " 1", "1 2", "a\n", "ä", "ａ", "１", "²",
]  # fmt: skip
DOTTED = ["a.a", "ab.a", "a1.a", "a-1.a", "a--1--2--b.a", "0.a", "a.b.c.d.e", "aa.bb.cc.dd.ee", "1.2.3.4"]
NOT_DOTTED = [".", "a.", "..", "a..b", ".a", "a.-b", "a-.b", "a._b", "A.a", "aBc.a"]


@pytest.mark.parametrize("name", [*LABELS, *DIGIT_FIRST, *NO_LABELS, *DOTTED, *NOT_DOTTED])
def test_names_have_the_syntax_that_kubernetes_asks_for(name: str) -> None:
    labels = set(NameRule) - {NameRule.PATH_SEGMENT}
    assert {rule for rule in labels if is_name(name, rule)} == (
        labels
        if name in LABELS
        else {NameRule.LABEL_1123, NameRule.SUBDOMAIN_1123}
        if name in DIGIT_FIRST
        else {NameRule.SUBDOMAIN_1123}
        if name in DOTTED
        else set()
    )


# Source: apimachinery pkg/api/validation/path/name_test.go; signs that do not show are refused by grayc alone.
@pytest.mark.parametrize(
    "name", ["system:node", "a b", "Web_1", "-a", "...", ".a", "v1.", "2001:db8::1", "a,b", "$(x)", "web:1.0", "ä", "…"]
)
def test_path_segments_are_names_of_some_kinds(name: str) -> None:
    assert is_name(name, NameRule.PATH_SEGMENT)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "a%2fb", "a\nb", "a\r", "\x1b[0m", "a\u202eb", "a\u2028", "\x00"]
)
def test_path_segments_that_lead_elsewhere_or_do_not_show_are_no_names(name: str) -> None:
    assert not is_name(name, NameRule.PATH_SEGMENT)


@pytest.mark.parametrize(
    ("group", "kind", "name"),
    [
        (RBAC, "ClusterRole", "system:node"),
        (RBAC, "RoleBinding", "Web Admins"),
        (POLICY, "PodDisruptionBudget", "Web_PDB"),
        (CORE, "Service", "3d-view"),
        (CORE, "Namespace", "a" * 63),
        (CORE, "ConfigMap", "a." * 126 + "a"),
        (APPS, "StatefulSet", "web.v1"),
        (NETWORKING, "IPAddress", "2001:db8::1"),
        ("apiregistration.k8s.io", "APIService", "v1."),
        ("certificates.k8s.io", "ClusterTrustBundle", "example.com:ca:web"),
        ("apiextensions.k8s.io", "CustomResourceDefinition", "webs.example.com"),
        ("image.openshift.io", "ImageStreamTag", "web:1.0"),
        ("user.openshift.io", "User", "kube:admin"),
        ("example.com", "Web", "web.example.com"),
    ],
)
def test_a_name_that_a_cluster_takes_is_read(group: str, kind: str, name: str) -> None:
    assert is_name_of((group, kind), name)


@pytest.mark.parametrize(
    ("group", "kind", "name"),
    [
        (RBAC, "ClusterRole", "a/b"),
        (CORE, "Service", "web.v1"),
        (CORE, "Service", "a" * 64),
        (CORE, "Namespace", "web.v1"),
        (CORE, "ConfigMap", "a" * 254),
        (CORE, "ConfigMap", "Web"),
        (APPS, "Deployment", "--kubeconfig=x"),
        (APPS, "Deployment", "${APP}"),
        ("image.openshift.com", "ImageStreamTag", "web:1.0"),
        ("example.com", "Web", "system:node"),
    ],
)
def test_a_name_that_no_cluster_takes_is_not_read(group: str, kind: str, name: str) -> None:
    assert not is_name_of((group, kind), name)


def test_what_a_new_object_may_be_called_can_be_read() -> None:
    """The table of names to read is the wider one; GC403 says what is wrong with a new one."""
    samples = [*LABELS, *DIGIT_FIRST, *DOTTED]
    made = {group_kind: row.name_rule for group_kind, row in KINDS.items() if row.policy in (Policy.COPY, Policy.ENTRY)}
    for group_kind, rule in made.items():
        assert [name for name in samples if is_name(name, rule) and not is_name_of(group_kind, name)] == []


# Source: apiextensions-apiserver, validation_test.go, and real kinds.
@pytest.mark.parametrize("kind", ["Deployment", "IPAddress", "a", "A1", "fooKind", "My-Kind", "A" * 63])
def test_kinds_have_the_syntax_that_kubernetes_asks_for(kind: str) -> None:
    assert is_kind(kind)


@pytest.mark.parametrize(
    "kind", ["", "--kubeconfig=p3", "-a", "a-", "1a", "A" * 64, "Foo.Bar", "a/b", "a b", "a,b", "a\n", "Ä", "a_b", "$x"]
)
def test_other_words_are_no_kinds(kind: str) -> None:
    assert not is_kind(kind)


@pytest.mark.parametrize("version", ["v1", "apps/v1", "v1beta1", "a.b-c.d/v1", "x/stable", "v1-a"])
def test_versions_have_the_syntax_that_kubernetes_asks_for(version: str) -> None:
    assert is_api_version(version)


@pytest.mark.parametrize(
    "version", ["", "/", "/v1", "apps/", "a/b/v1", "1", "V1", "Apps/v1", "--a/v1", "v1 ", "v1\n", "a" * 64, "a..b/v1"]
)
def test_other_words_are_no_versions(version: str) -> None:
    assert not is_api_version(version)


@pytest.mark.parametrize("key", ["app", "a.b_c-d", "A", "example.com/app", "1/a", "a" * 63, f"{'a' * 63}.b/{'a' * 63}"])
def test_keys_that_a_label_may_have(key: str) -> None:
    assert is_label_key(key)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a/b/c", "Ex/a", "a b", "a)", "-a", "a" * 64, "!a", "a=b", "ä"])
def test_keys_that_a_label_may_not_have(key: str) -> None:
    assert not is_label_key(key)


@pytest.mark.parametrize(
    "value", ["", "simple", "now-with-dashes", "1-starts-with-num", "1234", "Mixed.Case_1", "a" * 63]
)
def test_values_that_a_label_may_have(value: str) -> None:
    assert is_label_value(value)


@pytest.mark.parametrize(
    "value",
    ["nospecialchars%^=@", "cantendwithadash-", "-cantstartwithadash", "only/one/slash", "a" * 64, "a b", "a\n", "ä"],
)
def test_values_that_a_label_may_not_have(value: str) -> None:
    assert not is_label_value(value)


def test_label_values_are_as_long_as_labels() -> None:
    assert LABEL_VALUE_LIMIT == 63


# Pod templates


def test_the_schemas_know_the_fields_that_these_tests_go_by() -> None:
    """Without this, a package with other schemas would leave nothing to compare."""
    assert at(POD_SPEC, ("containers", "[*]", "env", "[*]", "valueFrom", "secretKeyRef", "name")) is not None
    assert at(POD_SPEC, ("containers", "[*]", "nothing")) is None
    assert at(POD_SPEC, ("containers", "env")) is None
    assert len([*fields(POD_SPEC)]) > 1000


OWN_WORKLOADS = sorted(kind for kind in WORKLOADS if kind in kinds())


@pytest.mark.parametrize("kind", OWN_WORKLOADS)
def test_a_pod_template_stands_where_the_schema_has_it(kind: GroupKind) -> None:
    template = WORKLOADS[kind].template
    found = newest_at(kind, template)
    assert found is not None
    assert type_name(found) == (POD_TEMPLATE if template else "io.k8s.api.core.v1.Pod")
    assert newest_at(kind, (*template, "spec", "containers")) is not None
    assert newest_at(kind, (*template, "metadata", "labels")) is not None


@pytest.mark.parametrize("kind", OWN_WORKLOADS)
def test_selector_and_replicas_stand_where_the_schema_has_them(kind: GroupKind) -> None:
    workload = WORKLOADS[kind]
    if workload.selector:
        assert type_name(newest_at(kind, workload.selector) or {}) == LABEL_SELECTOR
    if workload.replicas:
        assert type_of(newest_at(kind, workload.replicas)) == "integer"


def test_every_kind_with_a_pod_template_is_a_workload() -> None:
    """A PodTemplate makes no pods of its own."""
    found = {
        kind for kind in kinds() for schema in schemas_of(kind) for _, field in fields(schema)
        if type_name(field) == POD_TEMPLATE
    }  # fmt: skip
    assert found - {(CORE, "PodTemplate")} == set(OWN_WORKLOADS) - {(CORE, "Pod")}


def test_every_kind_that_can_be_scaled_has_its_replicas_in_the_table() -> None:
    """A ReplicationController could be too, but is refused."""
    scalable = {
        kind for kind in OWN_WORKLOADS
        if newest_at(kind, ("spec", "replicas")) is not None and KINDS[kind].policy is not Policy.REFUSE
    }  # fmt: skip
    assert scalable == {kind for kind in OWN_WORKLOADS if WORKLOADS[kind].replicas}


def test_container_lists_are_all_lists_of_containers() -> None:
    found = {
        path[0]
        for path, schema in fields(POD_SPEC)
        if len(path) == 2 and go_type(schema) in ("Container", "EphemeralContainer")
    }
    assert found == set(CONTAINER_LISTS)


def test_workloads_that_own_pods_by_a_selector_agree_with_the_table_of_selectors() -> None:
    owned = {kind: row.selector for kind, row in WORKLOADS.items() if row.selector}
    listed = {
        kind: field.path for kind, field in POD_SELECTORS.items()
        if kind in WORKLOADS and field.style is SelectorStyle.LABEL_SELECTOR
    }  # fmt: skip
    assert owned == listed


# Selectors


@pytest.mark.parametrize("kind", sorted(kind for kind in POD_SELECTORS if kind in kinds()))
def test_a_selector_stands_where_the_schema_has_it_in_the_style_it_has(kind: GroupKind) -> None:
    field = POD_SELECTORS[kind]
    schema = newest_at(kind, field.path)
    assert schema is not None
    match field.style:
        case SelectorStyle.LABEL_SELECTOR:
            assert type_name(schema) == LABEL_SELECTOR
        case SelectorStyle.MAP:
            assert type_of(schema) == "object"
            assert type_of(resolved(schema)["additionalProperties"]) == "string"


# A Job's selector is made by the server; the others select nodes, volumes or kinds of pods to count.
OTHER_SELECTORS: set[tuple[GroupKind, Steps]] = {
    ((BATCH, "Job"), ("spec", "selector")),
    ((CORE, "PersistentVolumeClaim"), ("spec", "selector")),
    ((CORE, "Pod"), ("spec", "nodeSelector")),
    ((CORE, "ResourceQuota"), ("spec", "scopeSelector")),
}


def test_every_selector_of_pods_by_an_object_of_an_application_has_a_row() -> None:
    found = {
        (kind, path) for kind in KINDS for schema in schemas_of(kind) for path, field in fields(schema)
        if len(path) == 2 and path[-1].lower().endswith("selector")
        and (type_name(field) == LABEL_SELECTOR or type_of(field) == "object")
    }  # fmt: skip
    assert found - OTHER_SELECTORS == {(kind, row.path) for kind, row in POD_SELECTORS.items() if kind in kinds()}


def test_selectors_inside_pods_are_all_that_look_for_other_pods() -> None:
    """Others look for namespaces, or belong to a volume."""
    found = {
        path for path, schema in fields(POD_SPEC)
        if type_name(schema) == LABEL_SELECTOR and path[-1] == "labelSelector" and path[0] != "volumes"
    }  # fmt: skip
    assert found == set(POD_SELECTORS_INSIDE)


# References


def own_references() -> list[tuple[GroupKind, Row]]:
    return [(kind, row) for kind in REFERENCES if kind in kinds() for row in REFERENCES[kind]]


@pytest.mark.parametrize(("kind", "row"), own_references())
def test_a_reference_is_a_string_of_the_schema(kind: GroupKind, row: Row) -> None:
    assert type_of(newest_at(kind, row.pattern)) == "string"
    if row.target is None and row.form is not Form.RESOURCE:
        beside = {key: newest_at(kind, (*row.pattern[:-1], key)) for key in ("kind", "apiVersion", "apiGroup")}
        assert type_of(beside.pop("kind")) == "string"
        assert any(schema is not None and type_of(schema) == "string" for schema in beside.values())


def test_rows_are_unique() -> None:
    for rows in REFERENCES.values():
        patterns = [row.pattern for row in rows]
        assert sorted(set(patterns)) == sorted(patterns)


def test_patterns_are_written_as_the_tree_reads_them() -> None:
    steps = {step for rows in REFERENCES.values() for row in rows for step in row.pattern}
    plain = re.compile(r"[a-z][A-Za-z0-9_]*|\[\*\]|\.\*")
    # Annotations, labels and parameters have keys with a prefix.
    prefixed = re.compile(r"[a-z0-9.-]+/[A-Za-z.-]+")
    assert {step for step in steps if not plain.fullmatch(step) and not prefixed.fullmatch(step)} == set()


def test_a_reference_without_a_kind_is_to_a_kind_that_is_copied() -> None:
    assert KINDS[DEFAULT_TARGET].policy is Policy.COPY


# Fields of a pod that end in `Name` and name no object of the namespace, with what they name.
NO_OBJECTS = {
    "containerName": "a container of the pod",
    "datasetName": "storage outside",
    "diskName": "storage outside",
    "generateName": "nothing yet",
    "gmsaCredentialSpecName": "an object of the cluster",
    "hostname": "the pod",
    "initiatorName": "storage outside",
    "nodeName": "an object of the cluster",
    "pdName": "storage outside",
    "priorityClassName": "an object of the cluster",
    "resourceName": "cpu or memory",
    "runAsUserName": "a user",
    "runtimeClassName": "an object of the cluster",
    "schedulerName": "a program",
    "shareName": "storage outside",
    "signerName": "a program",
    "storageClassName": "an object of the cluster",
    "storagePolicyName": "storage outside",
    "targetContainerName": "a container of the pod",
    "volumeAttributesClassName": "an object of the cluster",
    "volumeName": "a volume of the pod, or an object of the cluster",
}

# Types whose `name` names an object of the namespace. `name` in others is the thing's own.
NAMING_TYPES = (
    "ConfigMapEnvSource", "ConfigMapKeySelector", "ConfigMapProjection", "ConfigMapVolumeSource", "LocalObjectReference",
    "SecretEnvSource", "SecretKeySelector", "SecretProjection",
)  # fmt: skip

# Types in whose name one of the words below stands and that name no object of the namespace which a pod uses.
NO_NAMES = {
    "ClusterTrustBundleProjection", "DownwardAPIProjection", "FileKeySelector", "LabelSelector",
    "LabelSelectorRequirement", "NodeSelector", "NodeSelectorRequirement", "NodeSelectorTerm", "ObjectFieldSelector",
    "OwnerReference", "PodCertificateProjection", "ResourceFieldSelector", "ServiceAccountTokenProjection",
    "TypedLocalObjectReference", "TypedObjectReference", "VolumeProjection",
}  # fmt: skip


PROVIDER_CLASS = ("volumes", "[*]", "csi", "volumeAttributes", "secretProviderClass")
"""The one key of a driver's own that has a row."""


def pod_rows() -> list[Row]:
    return [row for row in REFERENCES[(CORE, "Pod")] if row.pattern[0] == "spec"]


def test_every_field_of_a_pod_that_names_an_object_has_a_row() -> None:
    """When this fails, Kubernetes has a new way to name something: it gets a row, or a word above."""
    found: set[Steps] = set()
    for path, schema in fields(POD_SPEC):
        if go_type(schema) in NAMING_TYPES:
            found.add((*path, "name"))
        if path and path[-1].lower().endswith("name") and path[-1] not in {"name", *NO_OBJECTS}:
            found.add(path)
    rows = {row.pattern[1:] for row in pod_rows() if row.target is not None and row.target not in CLUSTER_SCOPED}
    assert found == rows - {("subdomain",), ("serviceAccount",), PROVIDER_CLASS}


def test_every_type_of_a_pod_that_refers_to_something_is_known_here() -> None:
    words = ("EnvSource", "Projection", "Reference", "Selector", "SelectorRequirement", "SelectorTerm")
    types = {go_type(schema) for _, schema in fields(POD_SPEC)}
    assert {name for name in types if name.endswith(words)} <= {*NAMING_TYPES, *NO_NAMES}


def test_the_words_for_what_names_nothing_are_all_of_use() -> None:
    assert {path[-1] for path, _ in fields(POD_SPEC) if path} >= set(NO_OBJECTS)
    assert {go_type(schema) for _, schema in fields(POD_SPEC)} >= {*NAMING_TYPES, *NO_NAMES}


@pytest.mark.parametrize("kind", sorted(WORKLOADS))
def test_every_workload_has_the_rows_of_a_pod(kind: GroupKind) -> None:
    prefix = (*WORKLOADS[kind].template, "spec")
    rows = {
        (row.pattern[len(prefix) :], row.target) for row in REFERENCES[kind] if row.pattern[: len(prefix)] == prefix
    }
    assert rows >= {(row.pattern[1:], row.target) for row in pod_rows()}


@pytest.mark.parametrize(
    ("kind", "pattern", "target"),
    [
        ((NETWORKING, "Ingress"), "spec.defaultBackend.service.name", (CORE, "Service")),
        ((AUTOSCALING, "HorizontalPodAutoscaler"), "spec.scaleTargetRef.name", None),
        ((APPS, "StatefulSet"), "spec.serviceName", (CORE, "Service")),
        ((BATCH, "CronJob"), "spec.jobTemplate.spec.template.spec.serviceAccountName", (CORE, "ServiceAccount")),
        ((ARGO, "Rollout"), "spec.template.spec.volumes.[*].configMap.name", (CORE, "ConfigMap")),
    ],
)
def test_some_references_by_name(kind: GroupKind, pattern: str, target: GroupKind | None) -> None:
    assert {row.pattern: row.target for row in REFERENCES[kind]}[tuple(pattern.split("."))] == target


# APIs that are gone


def served(version: str) -> set[tuple[str, str]]:
    """Return API version and kind of what a Kubernetes version serves."""
    return {(api_version, kind) for (_, kind), names in kinds(version).items() for api_version in names}


def test_removed_apis_are_gone_and_what_to_use_instead_is_there() -> None:
    now = served(versions()[-1])
    assert [row for row in REMOVED_APIS if row in now] == []
    assert [row for row, removed in REMOVED_APIS.items() if (removed.use, row[1]) not in now] == []


def test_what_to_use_instead_was_there_before_the_other_went() -> None:
    oldest = versions()[0]
    for row, removed in REMOVED_APIS.items():
        use_since, since, first = (
            tuple(map(int, text.split("."))) for text in (removed.use_since, removed.since, oldest)
        )
        assert use_since <= since
        assert use_since <= first, "the schemas could tell, and no row says otherwise"
        assert (removed.use, row[1]) in served(oldest)


def test_an_api_is_gone_since_the_version_that_the_row_says() -> None:
    known = versions()
    for row, removed in REMOVED_APIS.items():
        since = tuple(map(int, removed.since.split(".")))
        for version in known:
            is_served = tuple(map(int, version.split("."))) < since
            assert (row in served(version)) == is_served, (row, version)


def test_every_api_of_a_known_kind_that_went_away_has_a_row() -> None:
    for before, after in zip(versions(), versions()[1:], strict=False):
        gone = {row for row in served(before) - served(after) if (row[0].rpartition("/")[0], row[1]) in KINDS}
        assert {row: REMOVED_APIS[row].since for row in gone} == dict.fromkeys(gone, after)


# What the server writes


def test_fields_of_the_server_are_those_of_object_metadata() -> None:
    for path in (*SERVER_FIELDS, *TEMPLATE_FIELDS):
        assert path == ("status",) or (path[0] == "metadata" and at(OBJECT_META, path[1:]) is not None)


def test_every_read_only_field_of_the_metadata_is_dropped() -> None:
    read_only = {
        name for name, field in resolved(OBJECT_META)["properties"].items()
        if re.search("read-only", field["description"], re.IGNORECASE)
    }  # fmt: skip
    assert len(read_only) > 4
    assert {("metadata", name) for name in read_only} <= set(SERVER_FIELDS)


def test_no_field_that_a_user_writes_is_dropped() -> None:
    users = {("metadata", name) for name in ("name", "namespace", "labels", "annotations")}
    assert users.isdisjoint(SERVER_FIELDS)


def test_addresses_of_a_service_are_fields_of_its_spec() -> None:
    spec = definitions()["io.k8s.api.core.v1.ServiceSpec"]["properties"]
    assert set(SERVICE_ADDRESS_FIELDS) <= set(spec)
    outward = {
        name for name in spec if re.search("loadBalancer|LoadBalancer|clusterIPs|external[IT]|healthCheck", name)
    }
    assert set(SERVICE_ADDRESS_FIELDS) == outward


def test_rows_of_the_server_are_unique() -> None:
    for rows in (SERVER_FIELDS, OWNER_ANNOTATIONS, SERVICE_ADDRESS_FIELDS):
        assert len(set(rows)) == len(rows)


KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
"""Syntax of a label's or annotation's key. Source: apimachinery pkg/util/validation, IsQualifiedName."""


@pytest.mark.parametrize("row", OWNER_ANNOTATIONS)
def test_an_annotation_of_an_owner_is_a_key_or_all_keys_of_a_prefix(row: str) -> None:
    name = f"{row[:-1]}any" if row.endswith("/*") else row
    assert KEY.fullmatch(name)
    assert is_owner_annotation(name)
    assert not is_owner_annotation(f"x{name}")
    assert not is_owner_annotation(f"{row[:-2]}" if row.endswith("/*") else f"{name}x")


@pytest.mark.parametrize(
    "name",
    [
        "nginx.ingress.kubernetes.io/canary",
        "prometheus.io/scrape",
        "checksum/config",
        "kubernetes.io/ingress.class",
        "*",
        "",
    ],
)
def test_annotations_that_say_what_an_object_does_stay(name: str) -> None:
    assert not is_owner_annotation(name)


def test_labels_of_owners_are_keys_and_values_of_labels() -> None:
    for key, value in OWNER_LABELS.items():
        assert KEY.fullmatch(key)
        assert value is None or is_label_value(value)


# The lane


@pytest.mark.parametrize("marks", PROFILES.values(), ids=list(PROFILES))
def test_labels_of_the_lane_are_protected_and_can_be_set(marks: Marks) -> None:
    labels = marks.on_objects("gray", "demo", "web")
    assert marks.tells(labels)
    assert tag_in(labels) == ("gray", "web")
    assert set(marks.on_pods("gray", "web").items()) <= set(labels.items())
    assert marks.alone in marks.on_pods("gray", "web")
    assert not marks.tells({**labels, marks.tag: ORIGINAL})
    assert set(labels) <= set(PROTECTED)
    assert len(set(PROTECTED)) == len(PROTECTED)
    assert all(KEY.fullmatch(key) for key in (*PROTECTED, APPLICATION))
    assert all(map(is_label_value, (*labels.values(), ORIGINAL)))
    assert not {APPLICATION, *OWNER_LABELS} & set(PROTECTED)


@pytest.mark.parametrize("marks", PROFILES.values(), ids=list(PROFILES))
def test_the_suffix_ends_any_name(marks: Marks) -> None:
    assert all(is_name("a" + marks.suffix("gray"), rule) for rule in NameRule)


def test_suffixes_and_labels_of_profiles() -> None:
    assert {name: marks.suffix("gray") for name, marks in PROFILES.items()} == {"zadig": "-mse-gray", "plain": "-gray"}
    assert len(set(MARKS)) == len(MARKS)


# Names of secrets


def test_words_for_secrets_are_written_as_they_are_compared() -> None:
    for word in (*_PARTS, *_WORDS):
        assert set(word) <= set(string.ascii_lowercase)
        assert looks_secret(word)
        assert looks_secret(word.upper())


def test_no_word_for_secrets_is_there_in_vain() -> None:
    for part in _PARTS:
        assert not any(other in part for other in _PARTS if other != part)
    assert [word for word in _WORDS if any(part in word for part in _PARTS)] == []
