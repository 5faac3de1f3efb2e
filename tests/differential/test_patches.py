"""Patches do what they do in `kubectl patch --local`, but where that helps nobody: there each difference is a case.

`--local` computes the patch as the API server does and neither fills in nor converts anything. Strategic merges are
compared for every field of every kind of Kubernetes, and for cases by hand; then JSON merge patches and JSON patches.
"""

import json
from typing import Any, NamedTuple

import pytest

from grayc.documents.json_patch import json_patch
from grayc.documents.patch_directives import PatchError
from grayc.documents.strategic_merge import strategic_merge
from tests.answers import answer_of
from tests.differential.kubectl import KUBECTL, json_values
from tests.unit.k8s.openapi import Schema, kinds, reference, resolved, type_name
from tests.vectors import rows

Map = dict[str, Any]


def by_kubectl(target: Map, patch: object, way: str) -> Map | None:
    """Return the patched object, None where kubectl refuses the patch."""
    answer = answer_of(
        KUBECTL,
        *("patch", "--local", "-f", "target.json", "--type", way, "--patch-file", "patch.json"),
        *("-o", "json", "--show-managed-fields"),
        files={"target.json": json.dumps(target), "patch.json": json.dumps(patch)},
    )
    if answer.status:
        assert "error" in answer.stderr
        return None
    (patched,) = json_values(answer.stdout)
    return patched


def merged(target: Map, patch: Map) -> Map:
    return strategic_merge(target, patch, api_version=target["apiVersion"], kind=target["kind"])


# Strategic merges: every field of every kind

NOT_IN_KUBECTL = {("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")}
"""Kinds of which kubectl has no Go types and so no merge keys; the API server has them."""


def filled(schema: Schema, stamp: str, *, merge_key: str = "", within: tuple[str, ...] = ()) -> Any:
    """Return a value with every field that a schema has, `stamp` telling the object's from the patch's.

    A merge key holds `same`, so that items of lists meet, and lists that merge have one more item that does not. A
    mapping of lists stays empty: kubectl refuses to merge one.
    """
    name = type_name(schema)
    if name in within:
        return {}
    schema, below = resolved(schema), (*within, name) if name else within
    types = [schema.get("type")] if isinstance(schema.get("type"), str) else schema.get("type", [None])
    match types[0]:
        case _ if "properties" in schema:
            return {
                key: "same"
                if key == merge_key
                else filled(field, stamp, merge_key=field.get("x-kubernetes-patch-merge-key", ""), within=below)
                for key, field in schema["properties"].items()
            }
        case "array":
            item = filled(schema["items"], stamp, merge_key=merge_key, within=below)
            return [item, {merge_key: stamp}] if merge_key else [item]
        case "object":
            values = schema.get("additionalProperties", {})
            if resolved(values).get("type", [""])[0] == "array":
                return {}
            return {key: filled(values, stamp, within=below) for key in (stamp, "same")}
        case "integer" | "number":
            return len(stamp)
        case "boolean":
            return stamp == "object"
        case _:
            is_time = schema.get("format") == "date-time"
            return f"{2000 + len(stamp)}-01-01T00:00:00Z" if is_time else stamp


def every_version() -> list[tuple[str, str, str]]:
    return [
        (api_version, kind, name)
        for (group, kind), names in sorted(kinds().items())
        for api_version, name in names.items()
        if (group, kind) not in NOT_IN_KUBECTL
    ]


@pytest.mark.parametrize(("api_version", "kind", "name"), every_version())
def test_every_field_of_a_kind_merges_as_in_kubectl(api_version: str, kind: str, name: str) -> None:
    identity: Map = {"apiVersion": api_version, "kind": kind}
    target, patch = ({**filled(reference(name), stamp), **identity} for stamp in ("object", "patch"))
    for side in (target, patch):
        side["metadata"] |= {"name": "same", "namespace": "same"}

    ours = merged(target, patch)

    assert ours == by_kubectl(target, patch, "strategic")
    assert ours not in (target, patch)


@pytest.mark.parametrize(("group", "kind"), sorted(NOT_IN_KUBECTL))
def test_kubectl_has_no_merge_keys_of_some_kinds(group: str, kind: str) -> None:
    """When this fails, kubectl has learnt them, and `NOT_IN_KUBECTL` has a row too many."""
    target = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "x"}}
    assert by_kubectl(target, {"spec": {}}, "strategic") is None


# Strategic merges by hand


OBJECTS = {item["kind"]: item for item in rows(__file__, "patches.yaml", dict[str, Any], table="objects")}


class Patch(NamedTuple):
    """A patch of an object, whole or what it has in the pod or in the container `web`."""

    id: str
    kind: str = "Deployment"
    patch: Map | None = None
    pod: Map | None = None
    container: Map | None = None

    def whole(self) -> Map:
        """Return the patch."""
        assert sum(each is not None for each in (self.patch, self.pod, self.container)) == 1
        if self.patch is not None:
            return self.patch
        pod = self.pod if self.container is None else {"containers": [{"name": "web", **self.container}]}
        assert pod is not None
        return {"spec": {"template": {"spec": pod}}}


class Better(NamedTuple):
    """A patch, what grayc gives in the place that it is about, and what kubectl gives there."""

    id: str
    kind: str
    patch: Map
    ours: object
    theirs: object


STRATEGIC = rows(__file__, "patches.yaml", Patch, table="strategic")
BETTER = rows(__file__, "patches.yaml", Better, table="better")
REFUSED = rows(__file__, "patches.yaml", Patch, table="refused")


@pytest.mark.parametrize("row", STRATEGIC, ids=lambda row: row.id)
def test_a_strategic_merge_gives_what_kubectl_gives(row: Patch) -> None:
    ours: Map | None
    try:
        ours = merged(OBJECTS[row.kind], row.whole())
    except PatchError:
        ours = None
    assert ours == by_kubectl(OBJECTS[row.kind], row.whole(), "strategic")


@pytest.mark.parametrize("row", BETTER, ids=lambda row: row.id)
def test_a_directive_takes_effect_where_kubectl_loses_it(row: Better) -> None:
    target, (field,) = OBJECTS[row.kind], row.patch["spec"]
    if field == "metric":
        target = {**target, "spec": {**target["spec"], field: []}}
    by_them = by_kubectl(target, row.patch, "strategic")
    assert merged(target, row.patch)["spec"][field] == row.ours
    assert ("refused" if by_them is None else by_them["spec"].get(field)) == row.theirs


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.id)
def test_a_patch_that_kubectl_misreads_is_refused(row: Patch) -> None:
    assert by_kubectl(OBJECTS[row.kind], row.whole(), "strategic") is not None
    with pytest.raises(PatchError) as caught:
        merged(OBJECTS[row.kind], row.whole())
    assert caught.value.path


# JSON merge patches


class MergePatch(NamedTuple):
    """A JSON merge patch."""

    id: str
    patch: Map


(CUSTOM,) = rows(__file__, "json_patches.yaml", dict[str, Any], table="custom")
JSON_MERGE = rows(__file__, "json_patches.yaml", MergePatch, table="json_merge")


@pytest.mark.parametrize("row", JSON_MERGE, ids=lambda row: row.id)
def test_a_custom_kind_gets_the_json_merge_patch_that_kubectl_gives_it(row: MergePatch) -> None:
    assert merged(CUSTOM, row.patch) == by_kubectl(CUSTOM, row.patch, "merge")


def test_kubectl_knows_no_strategic_merge_of_a_custom_kind() -> None:
    assert by_kubectl(CUSTOM, {"spec": {}}, "strategic") is None


# JSON patches


class Operations(NamedTuple):
    """A JSON patch."""

    id: str
    operations: list[Map]


(DATA,) = rows(__file__, "json_patches.yaml", dict[str, Any], table="data")
JSON_PATCHES = rows(__file__, "json_patches.yaml", Operations, table="json_patches")
JSON_MISTAKES = rows(__file__, "json_patches.yaml", Operations, table="json_mistakes")


def patched(patch: list[Map]) -> Map | None:
    try:
        return json_patch(DATA, patch)
    except PatchError:
        return None


@pytest.mark.parametrize("row", JSON_PATCHES, ids=lambda row: row.id)
def test_a_json_patch_gives_what_kubectl_gives(row: Operations) -> None:
    assert patched(row.operations) == by_kubectl(DATA, row.operations, "json")


@pytest.mark.parametrize("row", JSON_MISTAKES, ids=lambda row: row.id)
def test_a_json_patch_that_the_rfc_forbids_is_refused(row: Operations) -> None:
    assert by_kubectl(DATA, row.operations, "json") is not None
    assert patched(row.operations) is None
