"""Values of another type than Kubernetes takes in the fields that grayc reads."""

import json
from typing import Any

import pytest

from grayc.documents import parse_documents
from grayc.k8s.structure import structure_of
from grayc.source import SourceFile

POD: dict[str, Any] = {"containers": [{"name": "web", "image": "x:1"}]}
WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD},
    },
}


def changed(path: str, value: object, data: dict[str, Any] = WEB) -> dict[str, Any]:
    """Return a copy with a value at a path; positions of lists are written as numbers."""
    made: Any = json.loads(json.dumps(data))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    parent = made
    for step in steps:
        parent = parent[step] if isinstance(step, int) else parent.setdefault(step, {})
    parent[last] = value
    return made  # type: ignore[no-any-return]


def found(text: str) -> list[tuple[str, str | None]]:
    """Return code and field of everything that is found in a file."""
    return [(item.code, item.field) for item in parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("spec", "original", "spec"),
        ("spec", ["a"], "spec"),
        ("spec.selector", 7, "spec.selector"),
        ("spec.selector.matchLabels", ["a"], "spec.selector.matchLabels"),
        ("spec.selector.matchExpressions", {}, "spec.selector.matchExpressions"),
        ("spec.template", [], "spec.template"),
        ("spec.template.metadata", "text", "spec.template.metadata"),
        ("spec.template.metadata.annotations", [], "spec.template.metadata.annotations"),
        ("spec.template.metadata.annotations.a", {"b": 1}, "spec.template.metadata.annotations.a"),
        ("spec.template.spec.containers", {}, "spec.template.spec.containers"),
        ("spec.template.spec.containers.0", "web", "spec.template.spec.containers[0]"),
        ("spec.template.spec.containers.0.image", ["x"], "spec.template.spec.containers[0].image"),
        ("spec.template.spec.containers.0.livenessProbe", {"httpGet": {"port": ["a"]}}, "spec.template.spec.containers[0].livenessProbe.httpGet.port"),
        ("metadata.labels", "a=b", "metadata.labels"),
    ],
)  # fmt: skip
def test_what_is_taken_for_something_else_is_refused_where_it_stands(path: str, value: object, field: str) -> None:
    assert found(json.dumps(changed(path, value))) == [("GC138", field)]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("spec.replicas", "2", "spec.replicas"),
        ("spec.replicas", True, "spec.replicas"),
        ("spec.replicas", 1.5, "spec.replicas"),
        ("spec.replicas", 10**30, "spec.replicas"),
        ("spec.selector.matchLabels.app", 7, "spec.selector.matchLabels.app"),
        ("spec.template.spec.containers.0.env", [{"name": "A", "value": 8080}], "spec.template.spec.containers[0].env[0].value"),
        ("spec.template.spec.volumes", [{"configMap": {"name": 1}}], "spec.template.spec.volumes[0].configMap.name"),
        ("metadata.annotations", {"a": 7}, "metadata.annotations.a"),
    ],
)  # fmt: skip
def test_a_single_value_of_another_type_is_copied_and_told(path: str, value: object, field: str) -> None:
    text = json.dumps(changed(path, value))

    assert found(text) == [("GC139", field)]
    assert parse_documents(SourceFile(name="a.yaml", text=text)).value is not None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec", None),
        ("spec.replicas", None),
        ("spec.replicas", 0),
        ("spec.selector", {}),
        ("spec.template.metadata", None),
        ("spec.template.metadata.labels", {"app": None}),
        ("spec.template.spec.containers", []),
        ("spec.template.spec.containers", [None]),
        ("spec.template.spec.initContainers", None),
        (
            "spec.template.spec.containers.0.resources",
            {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": 0.5}},
        ),
        ("spec.template.spec.containers.0.readinessProbe", {"tcpSocket": {"port": "http"}}),
        ("spec.template.spec.containers.0.readinessProbe", {"tcpSocket": {"port": 80}}),
        ("spec.template.spec.affinity", {"nodeAffinity": {"anything": [1, "a"]}}),
        ("spec.unknown", ["anything", 1]),
    ],
)
def test_what_the_server_takes_is_no_finding(path: str, value: object) -> None:
    assert found(json.dumps(changed(path, value))) == []


def test_a_kind_that_no_table_has_may_hold_anything_but_wrong_metadata() -> None:
    own: dict[str, Any] = {"apiVersion": "example.com/v1", "kind": "Toy", "metadata": {"name": "a"}, "spec": "text"}

    assert found(json.dumps(own)) == []
    assert found(json.dumps(changed("metadata.labels", [], own))) == [("GC138", "metadata.labels")]


@pytest.mark.parametrize("word", ["on", "yes", "y", "off"])
def test_a_word_that_is_text_to_some_is_told_once(word: str) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  A: {word}\n"

    assert [code for code, _ in found(text)] == ["GC112"]
    assert [code for code, _ in found(text.replace(f"A: {word}", "A: true"))] == ["GC139"]


def test_nothing_of_a_secret_is_said() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: 31337}\n"
    (one,) = parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics

    assert one.code == "GC139"
    assert "31337" not in one.message + (one.help or "")
    assert one.span is not None
    assert one.span.sensitive


def test_every_item_of_a_list_of_objects_is_compared() -> None:
    both = {"apiVersion": "v1", "kind": "List", "items": [WEB, changed("spec", 7)]}

    assert found(json.dumps(both)) == [("GC138", "spec")]


def test_what_leads_to_a_field_of_the_tables_is_mappings_and_lists() -> None:
    pod = structure_of(("batch", "CronJob"))
    for step in ("spec", "jobTemplate", "spec", "template", "spec"):
        pod = pod.fields[step]

    assert {"containers", "volumes", "imagePullSecrets", "topologySpreadConstraints"} <= pod.fields.keys()


def test_many_notes_hide_neither_objects_nor_errors() -> None:
    noted = [changed("metadata.annotations", {f"a{at}": at for at in range(90)}) for _ in range(3)]
    read = parse_documents(SourceFile(name="a.yaml", text="\n".join(json.dumps(each) for each in [*noted, WEB])))
    assert read.value is not None
    assert len(read.value) == 4
    assert [item.code for item in read.diagnostics] == ["GC139"] * 100

    last = changed("spec", 7, changed("metadata.annotations", {f"a{at}": at for at in range(200)}))
    refused = parse_documents(SourceFile(name="a.yaml", text="\n".join(json.dumps(each) for each in [*noted, last])))
    assert [item.code for item in refused.diagnostics] == ["GC138"] + ["GC139"] * 100
