"""The tables of what means the same, against what the schemas of Kubernetes say about each field."""

from collections.abc import Iterator

from grayc.k8s.equality import QUANTITIES, UNORDERED, Rows, Suffix, ends_with
from grayc.k8s.kinds import GroupKind
from grayc.k8s.merge_keys import ANY_ITEM, Pattern, merge_rules
from tests.unit.k8s.openapi import Schema, kinds, reference, resolved, type_name

QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
OF_DRIVERS = frozenset({"CSIStorageCapacity", "EndpointSlice", "FlowSchema", "Node", "ResourceSlice"})
"""Kinds that nobody has in a lane or beside it: programs of the cluster write them."""


def fields(schema: Schema, path: Pattern = (), above: frozenset[str] = frozenset()) -> Iterator[tuple[Pattern, Schema]]:
    """Yield the fields of an object that a user writes, with their schemas."""
    name = type_name(schema)
    if (name and name in above) or name.endswith("JSONSchemaProps") or "status" in path:
        return
    yield path, schema
    whole, above = resolved(schema), above | {name}
    for key, below in whole.get("properties", {}).items():
        yield from fields(below, (*path, key), above)
    for key, word in (("items", ANY_ITEM), ("additionalProperties", ".*")):
        if isinstance(whole.get(key), dict):
            yield from fields(whole[key], (*path, word), above)


def all_fields() -> Iterator[tuple[GroupKind, Pattern, Schema]]:
    for group_kind, versions in kinds().items():
        if merge_rules(*group_kind) is not None and group_kind[1] not in OF_DRIVERS:
            for name in versions.values():
                yield from ((group_kind, *field) for field in fields(reference(name)))


def test_every_quantity_is_one_and_nothing_else_is() -> None:
    wrong = [
        (kind, path)
        for kind, path, schema in all_fields()
        if (type_name(schema) == QUANTITY) != ends_with(path, QUANTITIES)
    ]
    assert wrong == []


def test_a_set_has_no_order_and_a_list_with_a_key_has_it() -> None:
    wrong = []
    for kind, path, schema in all_fields():
        rule = (merge_rules(*kind) or {}).get(path)
        form = schema.get("x-kubernetes-list-type")
        has_no_order = ends_with(path, UNORDERED) or (rule is not None and rule.is_merged)
        # The templates of a Workload, and metadata inside a StatefulSet's claims, are told place by place.
        if form in ("set", "map") and not has_no_order and not {"volumeClaimTemplates", "Workload"} & {*path, kind[1]}:
            wrong.append((kind, path, form))
    assert wrong == []


def test_every_row_has_a_field() -> None:
    paths = {path for _, path, _ in all_fields()}

    def has_field(row: Suffix) -> bool:
        return any(ends_with(path, Rows((row,))) for path in paths)

    assert [row for row in (*QUANTITIES, *UNORDERED) if not has_field(row)] == []
