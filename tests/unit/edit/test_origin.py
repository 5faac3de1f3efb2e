"""What could be written into a source for a value that was rendered from it."""

from collections.abc import Iterable

import pytest
import yaml

from grayc.documents import Document, parse_documents
from grayc.documents.reader import parse_plain
from grayc.documents.tree import is_mapping
from grayc.edit import Edit, Left, apply_edits
from grayc.edit.origin import (
    added_to_kustomization,
    added_to_values,
    in_kustomization,
    in_manifest,
    in_values,
    split_image,
)
from grayc.source import SourceFile


def texts_of(document: Document, guesses: Iterable[tuple[Edit, ...]]) -> list[str]:
    return [apply_edits(document.chunk.source.text, edits) for edits in guesses]


IMAGE = ("spec", "template", "spec", "containers", 0, "image")


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("web", ("web", "", "")),
        ("web:1", ("web", "1", "")),
        ("localhost:5000/web", ("localhost:5000/web", "", "")),
        ("localhost:5000/team/web:1.0", ("localhost:5000/team/web", "1.0", "")),
        ("web@sha256:ab", ("web", "", "sha256:ab")),
        ("r.example.com/web:1@sha256:ab", ("r.example.com/web", "1", "sha256:ab")),
    ],
)
def test_an_image_has_a_name_a_tag_and_a_digest(image: str, parts: tuple[str, str, str]) -> None:
    assert split_image(image) == parts


def plain(text: str) -> Document:
    parsed = parse_plain(SourceFile(name="a.yaml", text=text)).value
    assert parsed is not None
    chunk, data = parsed
    assert is_mapping(data)
    return Document(data=data, chunk=chunk)


@pytest.mark.parametrize(
    ("entry", "old", "new", "wanted"),
    [
        ("{name: web, newTag: '1'}", "web:1", "web:2", {"name": "web", "newTag": "2"}),
        ("{name: web, newName: r/web, newTag: '1'}", "r/web:1", "s/web:2", {"newName": "s/web", "newTag": "2"}),
        ("{name: web, newTag: '1'}", "web:1", "web@sha256:ab", {"name": "web", "digest": "sha256:ab"}),
        ("{name: web, digest: 'sha256:ab'}", "web@sha256:ab", "web:2", {"name": "web", "newTag": "2"}),
        ("{name: web, newTag: '1'}", "web:1", "web", {"name": "web"}),
        ("{name: other, newTag: '1'}", "web:1", "web:2", None),
    ],
)
def test_an_entry_of_images_is_changed_in_its_own_terms(
    entry: str, old: str, new: str, wanted: dict[str, str] | None
) -> None:
    kustomization = plain(f"images:\n  - {entry}  # kept\n")
    texts = texts_of(kustomization, in_kustomization(kustomization, Left(path=IMAGE, value=new), old))

    if wanted is None:
        assert texts == []
    else:
        (text,) = texts
        (made,) = yaml.safe_load(text)["images"]
        assert {**made, **wanted} == made
        assert set(made) - {"name"} == set(wanted) - {"name"}
        assert text.endswith("# kept\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("resources: [a]\n", {"name": "r/web", "newName": "s/web", "newTag": "2"}),
        ("images:\n- name: other\n  newTag: '1'\n", {"name": "r/web", "newName": "s/web", "newTag": "2"}),
        ("images: [{name: r/web, newTag: '1'}]\n", None),
    ],
)
def test_an_image_of_a_base_gets_an_entry_of_its_own(before: str, after: dict[str, str] | None) -> None:
    texts = texts_of(plain(before), added_to_kustomization(plain(before), Left(path=IMAGE, value="s/web:2"), "r/web:1"))

    assert [yaml.safe_load(text)["images"][-1] for text in texts] == ([after] if after else [])


def test_only_an_image_goes_into_images() -> None:
    left = Left(path=("spec", "replicas"), value=2)

    assert list(in_kustomization(plain("images: [{name: web, newTag: '1'}]\n"), left, 1)) == []


@pytest.mark.parametrize(
    ("values", "old", "new", "wanted"),
    [
        ("image: web:1\n", "web:1", "web:2", "image: web:2\n"),
        ("image: {repository: web, tag: '1'}\n", "web:1", "web:2", "image: {repository: web, tag: '2'}\n"),
        ("image: {repository: r/web, tag: 1}\n", "r/web:1", "s/web:2", 'image: {repository: s/web, tag: "2"}\n'),
        (
            "image: {registry: r, repository: web, tag: '1'}\n",
            "r/web:1",
            "r/pages:2",
            "image: {registry: r, repository: pages, tag: '2'}\n",
        ),
        (
            "image: {registry: r/team, repository: web, tag: '1'}\n",
            "r/team/web:1",
            "s/team/pages:2",
            "image: {registry: s/team, repository: pages, tag: '2'}\n",
        ),
        ("image: {repository: web, tag: ''}\n", "web:1", "web:2", "image: {repository: web, tag: '2'}\n"),
        ("image:\n  repository: web\n  tag:\n", "web:1", "web:2", 'image:\n  repository: web\n  tag: "2"\n'),
        ("image: {tag: a, digest: ''}\n", "web:a", "web@sha256:ab", "image: {tag: a, digest: 'sha256:ab'}\n"),
        ("image: {tag: a, digest: 'sha256:ab'}\n", "web@sha256:ab", "web:b", "image: {tag: b, digest: ''}\n"),
        ("image: {tag: a}\n", "web:a", "web:b@sha256:ab", "image: {tag: b@sha256:ab}\n"),
        ("global: {imageTag: a}\n", "web:a", "web:b", "global: {imageTag: b}\n"),
        ("global: {imageTag: a}\n", "web:a", "shop:b", None),
        ("global: {imageTag: a, empty: ''}\n", "web", "web:b", None),
        ("image: {repository: web, tag: '1'}\n", "web:1", "web@sha256:ab", None),
        ("image: {repository: web, tag: '3'}\n", "web:1", "web:2", None),
    ],
)
def test_an_image_stands_in_values_whole_or_in_parts(values: str, old: str, new: str, wanted: str | None) -> None:
    guesses = in_values(plain(values), plain(values).data, RENDERED, Left(path=IMAGE, value=new), old)
    assert texts_of(plain(values), guesses) == ([wanted] if wanted else [])


def test_every_place_with_the_value_is_a_guess() -> None:
    values = plain("a: info\nb: [info, warn]\nc: {d: Info}\n")
    guesses = in_values(values, values.data, RENDERED, Left(path=("data", "level"), value="debug"), "info")

    assert texts_of(values, guesses) == [
        "a: debug\nb: [info, warn]\nc: {d: Info}\n",
        "a: info\nb: [debug, warn]\nc: {d: Info}\n",
    ]


@pytest.mark.parametrize(
    ("own", "defaults", "after"),
    [
        ("replicas: 3\n", "image: {tag: '1', repository: web}\n", {"replicas": 3, "image": {"tag": "2"}}),
        ("image: {pullPolicy: Always}\n", "image: {tag: '1'}\n", {"image": {"pullPolicy": "Always", "tag": "2"}}),
        ("image: plain\n", "image: {tag: '1'}\n", None),
        ("replicas: 3\n", "images: [{tag: '1'}]\n", None),
        ("image: {pullPolicy: Always}\n", "image: {tag: ''}\n", {"image": {"pullPolicy": "Always", "tag": "2"}}),
        ("replicas: 3\n", "image: {tag: '0'}\n", None),
    ],
)
def test_a_default_of_a_chart_is_left_and_given_another_value(own: str, defaults: str, after: object) -> None:
    guesses = added_to_values(plain(own), plain(defaults).data, RENDERED, Left(path=IMAGE, value="web:2"), "web:1")
    texts = texts_of(plain(own), guesses)

    assert [yaml.safe_load(text) for text in texts] == ([after] if after else [])


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: side, image: side:1}
        - name: web
          image: web:1
          env: [{name: A, value: one}]
"""


def objects(text: str) -> Document:
    (document,) = parse_documents(SourceFile(name="a.yaml", text=text)).value or ()
    return document


RENDERED = objects(
    WEB.replace("{name: web}", "{name: prod-web}").replace("        - {name: side, image: side:1}\n", "")
)


@pytest.mark.parametrize(
    ("path", "old", "new", "before", "after"),
    [
        (IMAGE, "web:1", "web:2", "image: web:1", "image: web:2"),
        ((*IMAGE[:-1], "env", 0, "value"), "one", "two", "value: one", "value: two"),
        (
            (*IMAGE[:-1], "env", 1),
            None,
            {"name": "B", "value": "b"},
            "value: one}]",
            "value: one}, {name: B, value: b}]",
        ),
        ((*IMAGE[:-1], "workingDir"), None, "/srv", "image: web:1\n", "image: web:1\n          workingDir: /srv\n"),
        ((*IMAGE[:-1], "image"), "web:1", None, "          image: web:1\n", ""),
    ],
)
def test_items_of_lists_are_found_by_their_names(
    path: tuple[str | int, ...], old: object, new: object, before: str, after: str
) -> None:
    (text,) = texts_of(objects(WEB), in_manifest(objects(WEB), RENDERED, Left(path=path, value=new), old))

    assert yaml.safe_load(text) == yaml.safe_load(WEB.replace(before, after))


@pytest.mark.parametrize(
    "manifest",
    [
        WEB.replace("kind: Deployment", "kind: StatefulSet"),
        WEB.replace("{name: web}", "{name: cart}"),
        WEB.replace("web:1", "web:0"),
    ],
    ids=["another kind", "another name", "another value"],
)
def test_what_is_another_object_or_says_something_else_is_no_guess(manifest: str) -> None:
    assert list(in_manifest(objects(manifest), RENDERED, Left(path=IMAGE, value="web:2"), "web:1")) == []
