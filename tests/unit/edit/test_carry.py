"""The difference between two forms of an object goes into its file, value by value."""

import json

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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("env: []", "env: [{name: A}, {name: A2}]"),
        ("env:", "env:\n    - name: A\n    - name: A2"),
        ("env: null # none", "env: [{name: A}, {name: A2}] # none"),
    ],
)
def test_several_items_go_into_a_list_of_none(before: str, after: str) -> None:
    text = f"{TEXT.partition('  env:')[0]}  {before}\n"

    assert carried(text, env=[{"name": "A"}, {"name": "A2"}]) == (text.replace(before, after), [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("more: {}", "more: {b: x, c: 1}"),
        ("more: { }", "more: { b: x, c: 1 }"),
        ("more:", "more:\n    b: x\n    c: 1"),
    ],
)
def test_several_keys_go_into_a_mapping_of_none(before: str, after: str) -> None:
    text = TEXT.replace("more: {b: 1}", before)

    assert carried(text, more={"b": "x", "c": 1}) == (text.replace(before, after), [])


def test_two_items_may_be_alike() -> None:
    text = TEXT.replace("more: {b: 1}", "args: [-v]\n  more:\n    - x")

    text, left = carried(text, args=["-v", "-q", "-q"], more=["x", "y", "z", "z"])

    assert left == []
    assert text.endswith('  args: [-v, "-q", "-q"]\n  more:\n    - x\n    - "y"\n    - z\n    - z\n')


def test_names_may_change_within_a_list_without_names() -> None:
    text = TEXT.replace("more: {b: 1}", "more: [[{name: A, b: 1}, {name: B}]]")

    text, left = carried(text, more=[[{"name": "C", "b": 1}, {"name": "B"}]])

    assert left == []
    assert text.endswith("  more: [[{name: B}, {name: C, b: 1}]]\n")


def test_a_new_text_of_several_lines_gets_a_line_for_each() -> None:
    lines = "x:\n  y\n"
    text, left = carried(TEXT.replace("  more: {b: 1}\n", ""), file=lines, env=[{"name": "A", "value": "one"}])

    assert left == []
    assert text.endswith("      value: one\n  file: |\n    x:\n      y\n")
    # A comment that would become part of it, and line ends that would be one with blank lines.
    for below, value in (("\n     # below\n", lines), ("\n\n", "x\ny\n\n")):
        text, left = carried(TEXT + below, file=value)
        assert left == []
        assert "\n  file: " + json.dumps(value) + "\n" in text


def test_what_goes_away_is_taken_out() -> None:
    text, left = carried(TEXT, image="x:2", env=[], more={"c": 1})

    assert left == []
    assert '"x:2"' in text and "  env: []\n  more: {c: 1}\n" in text


def test_all_in_a_list_may_be_others_or_none_is() -> None:
    env = [{"name": "C", "value": "3"}, {"name": "D", "value": "4"}]
    new = '    - name: C\n      value: "3"\n    - name: D\n      value: "4"\n'
    assert carried(TEXT, env=env) == (TEXT.replace("    - name: A\n      value: one\n", new), [])

    text = TEXT.replace("value: one", "value: one # why")
    assert carried(text, image="x:2", env=env) == (
        text.replace("x:1", "x:2"),
        [("spec", "env", 0), ("spec", "env", 1), ("spec", "env", 1)],
    )


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("{ b: 1, c: 2 }", {"d": 3}, "{ d: 3 }"),
        ("{\n    b: 1,\n    c: 2,\n  }", {"d": 3, "e": 4}, "{\n    d: 3,\n    e: 4,\n  }"),
        ("&more {b}", {"d": "x y"}, '&more {d: "x y"}'),
        ("[{name: a}, {name: b}]", [{"name": "c"}], "[{name: c}]"),
        (
            "[\n    {name: a},\n    {name: b}\n  ]",
            [{"name": "c"}, {"name": "d"}],
            "[\n    {name: c},\n    {name: d}\n  ]",
        ),
    ],
)
def test_all_in_brackets_may_be_another(before: str, value: object, after: str) -> None:
    text = TEXT.replace("{b: 1}", before)

    assert carried(text, more=value) == (text.replace(before, after), [])


def test_a_comment_in_brackets_keeps_what_is_there() -> None:
    text = TEXT.replace("{b: 1}", "{\n    b: 1, # why\n    c: 2\n  }")

    assert carried(text, image="x:2", more={"d": 1})[1] == [("spec", "more", key) for key in "bcd"]


def test_all_in_a_mapping_may_be_another() -> None:
    text = TEXT.replace("more: {b: 1}", "more:\n    get:\n      path: /\n\n  # data\n  data:\n    a: x")

    made, left = carried(text, more={"tcp": {"port": 1}}, data={"b": "y\nz\n"})

    assert left == []
    assert made.endswith("  more:\n    tcp:\n      port: 1\n\n  # data\n  data:\n    b: |\n      y\n      z\n")


def test_half_a_change_of_a_list_without_names_is_none() -> None:
    """Or the text would be a third form: places are aligned by number, and a part of them is held back."""
    text = TEXT.replace("- name: A\n", "- name: A\n      other: x # why\n    - name: A\n")
    env = [{"name": "B", "value": "3"}, {"name": "A", "value": "one"}]

    assert carried(text, image="x:2", env=env)[1] == [("spec", "env")]
    assert carried(text, image="x:2", env=env)[0] == text.replace('"x:1"', '"x:2"')


def test_what_a_comment_speaks_of_is_left() -> None:
    for line in (
        "      value: one # as agreed\n",
        "      # as agreed\n      value: one\n",
        "      value: one\n      # agreed\n",
    ):
        text = TEXT.replace("      value: one\n", line)

        assert carried(text, image="x:2", env=[])[1] == [("spec", "env", 0)]


def test_one_way_to_give_a_value_takes_the_place_of_another() -> None:
    text, left = carried(TEXT, env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}])

    assert left == []
    assert "    - name: A\n      valueFrom:\n        fieldRef:\n          fieldPath: metadata.name\n  more" in text


def test_a_discriminator_is_left_with_what_it_forbids() -> None:
    text = TEXT + "  strategy:\n    type: RollingUpdate\n    # slowly\n    rollingUpdate: {maxSurge: 1}\n"

    made, left = carried(text, image="x:2", strategy={"type": "Recreate"})

    assert "type: RollingUpdate" in made
    assert left == [("spec", "strategy", "rollingUpdate"), ("spec", "strategy", "type")]


def test_the_order_of_init_containers_is_kept() -> None:
    text = TEXT + "  initContainers:\n    - name: a\n      image: x\n"
    a, b = {"name": "a", "image": "x"}, {"name": "b", "image": "y"}

    assert carried(text, initContainers=[a, b])[1] == []
    assert carried(text, image="x:2", initContainers=[b, a])[1] == [("spec", "initContainers")]


def test_another_type_is_left() -> None:
    assert carried(TEXT, image="x:2", more=[1])[1] == [("spec", "more")]


SHARING = """\
apiVersion: v1
kind: Thing
metadata: {name: a}
spec:
  image: &image "x:1"   # for all
  env: &env
    - &first {name: A, value: one}
    - name: B
      value: two
  more: {image: *image, env: *env}
  some: &some {b: 1, c: 2}
  most: {<<: *some, c: 3}
  last: [*first]
"""
ONE, TWO = {"name": "A", "value": "one"}, {"name": "B", "value": "two"}


def test_an_anchored_value_is_changed_once_where_all_that_share_it_are_to_change_alike() -> None:
    changed = SHARING.replace('"x:1"', '"x:2"')
    assert carried(SHARING, image="x:2", more={"image": "x:2", "env": [ONE, TWO]}) == (changed, [])

    env = [ONE, {"name": "B", "value": "zwei"}]
    changed = SHARING.replace("value: two", "value: zwei")
    assert carried(SHARING, env=env, more={"image": "x:1", "env": env}) == (changed, [])

    env = [ONE, TWO, {"name": "C", "value": "three"}]
    changed = SHARING.replace("value: two\n", "value: two\n    - name: C\n      value: three\n")
    assert carried(SHARING, env=env, more={"image": "x:1", "env": env}) == (changed, [])

    eins = {"name": "A", "value": "eins"}
    changed = SHARING.replace("value: one", "value: eins")
    assert carried(SHARING, env=[eins, TWO], more={"image": "x:1", "env": [eins, TWO]}, last=[eins]) == (changed, [])

    changed = SHARING.replace("b: 1", "b: 2")
    assert carried(SHARING, some={"b": 2, "c": 2}, most={"b": 2, "c": 3}) == (changed, [])


def test_an_anchored_value_that_only_an_alias_is_to_change_is_left() -> None:
    image = {"image": "x:2", "env": [ONE, TWO]}
    text, left = carried(SHARING, more=image, most={"b": 1, "c": 4})
    assert (text, left) == (SHARING.replace("c: 3", "c: 4"), [("spec", "more", "image")])


def test_where_the_anchor_is_left_so_are_its_aliases() -> None:
    commented = SHARING.replace("    - name: B\n", "    # agreed\n    - name: B\n")
    text, left = carried(commented, image="x:2", env=[ONE], more={"image": "x:2", "env": [ONE]})
    assert text == commented.replace('"x:1"', '"x:2"')
    assert left == [("spec", "env", 1), ("spec", "more", "env", 1)]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"some": {"b": 2, "c": 2}}, [("some", "b")]),
        ({"some": {"b": 1, "c": 2, "d": 3}}, [("some", "d")]),
        ({"some": {"c": 2}}, [("some", "b")]),
        ({"most": {"b": 1}}, [("most", "c")]),
        ({"more": {"image": "x:1", "env": [ONE]}}, [("more", "env", 1)]),
        ({"more": {"image": "x:1", "env": [{"name": "A"}, TWO]}}, [("more", "env", 0, "value")]),
        ({"more": {"image": "x:1", "env": [ONE, TWO, {"name": "C"}]}}, [("more", "env", 2)]),
        ({"env": [ONE, TWO, {"name": "C"}]}, [("env", 2)]),
        ({"last": [{**ONE, "more": 1}]}, [("last", 0, "more")]),
    ],
)
def test_what_is_shared_is_left_where_not_all_that_share_it_are_to_change(
    wanted: dict[str, object], left: list[tuple[object, ...]]
) -> None:
    text = SHARING + "  plain: 1\n"
    assert carried(text, plain=2, **wanted) == (
        text.replace("plain: 1", "plain: 2"),
        [("spec", *path) for path in left],
    )


def test_what_another_object_of_the_file_shares_is_left() -> None:
    one, other = (f"- apiVersion: v1\n  kind: Thing\n  metadata: {{name: {name}}}\n" for name in "ab")
    text = f"apiVersion: v1\nkind: List\nitems:\n{one}  spec: {{image: &image x, k: 1}}\n{other}  spec: {{image: *image}}\n"
    first, second = parse_documents(SourceFile(name="a.yaml", text=text)).value or ()
    made = carry(first, {**first.data, "spec": {"image": "y", "k": 2}})
    (edited,) = apply_changes([made.change]).value or pytest.fail("not edited")
    assert edited.new.text == text.replace("k: 1", "k: 2")
    assert [left.path for left in made.left] == [("spec", "image")]
    assert [left.path for left in carry(second, {**second.data, "spec": {"image": "y"}}).left] == [("spec", "image")]


def test_an_item_goes_into_the_list_it_is_for() -> None:
    text = TEXT.replace("more: {b: 1}", "more:\n    - - a\n      - b\n    - c")

    assert carried(text, more=[["a", "b", "d"], "c"])[0] == text.replace("      - b\n", "      - b\n      - d\n")
