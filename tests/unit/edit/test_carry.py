"""The difference between two forms of an object goes into its file, value by value."""

import pytest

from grayc.documents import parse_documents
from grayc.edit import apply_changes, carry
from grayc.source import SourceFile

TEXT = """\
apiVersion: v1
kind: Thing
metadata: {name: a}
spec:
  image: "x:1"   # said here
  env:
    - name: A
      value: one
  more: {b: 1}
"""


def carried(text: str, **spec: object) -> tuple[str, list[tuple[object, ...]]]:
    (document,) = parse_documents(SourceFile(name="a.yaml", text=text)).value or ()
    old = document.data["spec"]
    assert isinstance(old, dict)
    made = carry(document, {**document.data, "spec": {**old, **spec}})
    (edited,) = apply_changes([made.change]).value or pytest.fail("not edited")
    return edited.new.text, [left.path for left in made.left]


def test_a_scalar_is_replaced_where_it_stands() -> None:
    assert carried(TEXT, image="x:2") == (TEXT.replace('"x:1"', '"x:2"'), [])


def test_an_item_and_a_key_are_added() -> None:
    env = [{"name": "A", "value": "two"}, {"name": "B", "value": "3"}, {"name": "C", "value": "4"}]

    text, left = carried(TEXT, env=env, more={"b": 1, "c": 2})

    assert left == []
    assert "      value: two\n    - name: B\n" in text
    assert "more: {b: 1, c: 2}" in text


def test_what_goes_away_is_left() -> None:
    text, left = carried(TEXT, image="x:2", env=[], more={"c": 1})

    assert left == [("spec", "env"), ("spec", "more", "b"), ("spec", "more", "c")]
    assert "value: one" in text and "b: 1" in text and '"x:2"' in text


def test_another_type_is_left() -> None:
    assert carried(TEXT, image="x:2", more=[1])[1] == [("spec", "more")]
