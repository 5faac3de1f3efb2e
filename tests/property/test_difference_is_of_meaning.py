"""A difference says what differs in meaning: order and format alone are none, and no change is lost."""

import json
from dataclasses import replace
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.diff.model import Change, Difference, Question
from grayc.diff.objects import diff_objects
from grayc.documents import Document
from grayc.k8s.merge_keys import merge_rules
from tests.property.compile_shop import compile_shop
from tests.property.strategies import Shop, shops


def difference(before: list[Document], after: list[Document]) -> Difference:
    return diff_objects(before, after, question=Question.BUILD, old="old", new="new")


def objects_of(shop: Shop) -> list[Document]:
    return [document for release in compile_shop(shop).releases for document in release.documents]


def shuffled(value: object, data: st.DataObject, pattern: tuple[str, ...], kind: tuple[str, str]) -> object:
    """Return a value with its keys, and the items of lists that have a key, in another order."""
    if isinstance(value, dict):
        keys = data.draw(st.permutations(sorted(value)))
        return {key: shuffled(value[key], data, (*pattern, key), kind) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, data, (*pattern, "[*]"), kind) for item in value]
        rule = (merge_rules(*kind) or {}).get(pattern)
        has_order = pattern[-1] == "initContainers" or rule is None or not rule.key
        return items if has_order else list(data.draw(st.permutations(items)))
    return value


@settings(max_examples=40, deadline=None)
@given(shop=shops(), data=st.data())
def test_order_alone_is_no_difference(shop: Shop, data: st.DataObject) -> None:
    before = objects_of(shop)
    after = [
        replace(
            document,
            data=cast(
                dict[str, object],
                shuffled(document.data, data, (), (document.identity.group, document.identity.kind)),
            ),
        )
        for document in data.draw(st.permutations(before))
    ]

    found = difference(before, after)
    assert (found.objects, found.unchanged) == ((), len(before))


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, item in enumerate(value) for leaf in leaves(item, (*path, at))]
    return [path]


@settings(max_examples=80, deadline=None)
@given(shop=shops(), data=st.data())
def test_a_change_of_any_one_value_is_found(shop: Shop, data: st.DataObject) -> None:
    before = objects_of(shop)
    at = data.draw(st.integers(0, len(before) - 1))
    copy = json.loads(json.dumps(before[at].data))
    path = data.draw(st.sampled_from(leaves(copy)))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = {"changed": "it is"} if data.draw(st.booleans()) else "changed"
    after = [*before[:at], replace(before[at], data=copy), *before[at + 1 :]]

    there, back = difference(before, after), difference(after, before)
    assert there.objects
    assert names(there) == names(back)
    turned = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
    assert sorted(item.change for item in there.objects) == sorted(
        turned.get(item.change, item.change) for item in back.objects
    )


def names(found: Difference) -> set[tuple[str, str, str]]:
    return {(item.identity.kind, item.identity.namespace, item.identity.name) for item in found.objects}
