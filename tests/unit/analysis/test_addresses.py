"""What containers are given in words is what their programs get: the variable that counts, the file that is there."""

import json
from base64 import b64encode
from typing import Any, NamedTuple

import pytest

from grayc.analysis.addresses import Via, readings_of
from grayc.analysis.container_sources import Configuration
from grayc.documents import Document
from grayc.documents.reader import parse_documents
from grayc.source import SourceFile
from tests.manifests import Object, an_object, workload
from tests.vectors import rows


def a_document(item: Object) -> Document:
    found = parse_documents(SourceFile(name="all.yaml", text=json.dumps(item))).value
    assert found is not None
    return found[0]


def pods(*, volumes: list[Object] | None = None, init: Object | None = None, **container: Any) -> Object:
    item = workload("Deployment", labels={"app": "web"})
    spec = item["spec"]["template"]["spec"]
    spec["containers"][0] |= container
    spec["containers"][0]["name"] = "main"
    if volumes is not None:
        spec["volumes"] = volumes
    if init is not None:
        spec["initContainers"] = [{"name": "first", "image": "busybox"} | init]
    return item


def config(name: str, **data: str) -> Object:
    item = an_object("ConfigMap")
    return item | {"metadata": item["metadata"] | {"name": name}, "data": data}


def secret(name: str, **data: str) -> Object:
    return config(name, **{key: b64encode(text.encode()).decode() for key, text in data.items()}) | {"kind": "Secret"}


def read(item: Object, *others: Object, hint: str | None = None) -> list[tuple[Via, str, str]]:
    found = Configuration(map(a_document, others), "shop", is_told=None if hint is None else lambda text: hint in text)
    return [(each.via, each.name, each.text) for each in readings_of(a_document(item), found)]


class Filled(NamedTuple):
    container: Object
    found: dict[str, str]


@pytest.mark.parametrize(Filled._fields, rows(__file__, "addresses.yaml", Filled))
def test_of_two_variables_of_a_name_the_one_that_counts_is_read(container: Object, found: dict[str, str]) -> None:
    others = (config("one", A="1", B="1"), config("two", A="2"), secret("s", PASS="word"))
    assert sorted((name, text) for _, name, text in read(pods(**container), *others)) == sorted(found.items())


@pytest.mark.parametrize(
    ("volume", "mount", "files"),
    [
        ({"configMap": {"name": "one"}}, {}, {"a.conf", "b.conf"}),
        ({"configMap": {"name": "one", "items": [{"key": "a.conf", "path": "etc/web.conf"}]}}, {}, {"web.conf"}),
        ({"configMap": {"name": "one"}}, {"subPath": "b.conf"}, {"b.conf"}),
        (
            {"projected": {"sources": [{"configMap": {"name": "one"}}, {"secret": {"name": "s"}}]}},
            {},
            {"a.conf", "b.conf", "c"},
        ),
        ({"secret": {"secretName": "s"}}, {}, {"c"}),
        ({"configMap": {"name": "one"}}, None, set()),
    ],
)
def test_only_keys_that_become_files_are_read(volume: Object, mount: Object | None, files: set[str]) -> None:
    mounts = [] if mount is None else [{"name": "v", "mountPath": "/etc/x", **mount}]
    item = pods(volumes=[{"name": "v", **volume}], volumeMounts=mounts)
    others = (config("one", **{"a.conf": "x", "b.conf": "y"}), secret("s", c="z"))
    assert {name for _, name, _ in read(item, *others)} == files


def test_words_of_commands_know_their_flag_and_are_filled() -> None:
    item = pods(command=["run", "--to", "$(H)"], args=["--url=http://$(H)"], env=[{"name": "H", "value": "x"}])
    assert (Via.ARGUMENT, "--to", "x") in read(item)
    assert (Via.ARGUMENT, "--url", "--url=http://x") in read(item)


def test_probes_hooks_and_init_containers_are_read() -> None:
    item = pods(
        init={"command": ["nc", "-z", "cart"]},
        livenessProbe={"exec": {"command": ["curl", "http://cart"]}},
        readinessProbe={"httpGet": {"host": "cart", "port": 80}},
        lifecycle={"preStop": {"exec": {"command": ["curl", "http://cart/bye"]}}},
    )
    found = list(readings_of(a_document(item), Configuration(())))
    assert [each.text for each in found if not each.is_main] == ["nc", "-z", "cart"]
    assert {each.via for each in found if "cart" in each.text} == {Via.ARGUMENT, Via.PROBE, Via.HOOK}
    (started_anew,) = (
        each
        for each in readings_of(a_document(pods(init={"restartPolicy": "Always", "args": ["x"]})), Configuration(()))
    )
    assert started_anew.is_main


def test_with_a_hint_only_texts_that_may_tell_are_read() -> None:
    item = pods(
        env=[{"name": "A", "value": "x"}, {"name": "U", "value": "http://$(B)"}],
        envFrom=[{"configMapRef": {"name": "one"}}],
    )
    assert read(item, config("one", A="cart", B="cart", C="y"), hint="cart") == [
        (Via.VARIABLE, "U", "http://cart"),
        (Via.VARIABLE, "B", "cart"),
    ]
