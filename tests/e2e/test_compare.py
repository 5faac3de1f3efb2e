"""The end-to-end tests see what is missing, changed, or merely written another way."""

from collections.abc import Mapping

import pytest

from tests.e2e.compare import as_stored, missing

FILE: Mapping[str, object] = {
    "kind": "Deployment",
    "spec": {
        "replicas": 1,
        "containers": [{"name": "web", "resources": {"limits": {"cpu": "1000m"}}, "env": []}],
        "nodeSelector": None,
    },
}


def server(**changes: object) -> dict[str, object]:
    container = {"name": "web", "resources": {"limits": {"cpu": "1"}}, "imagePullPolicy": "Always"}
    return {"kind": "Deployment", "spec": {"replicas": 1, "containers": [container], **changes}, "status": {}}


def test_what_the_server_adds_or_writes_in_its_own_form_is_no_difference() -> None:
    assert list(missing(FILE, server())) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"replicas": 2}, ".spec.replicas"),
        ({"replicas": None}, ".spec.replicas"),
        ({"containers": []}, ".spec.containers"),
        ({"containers": [{"name": "web", "resources": {"limits": {"cpu": "2"}}}]}, ".spec.containers[0].resources"),
    ],
)
def test_a_field_that_is_not_as_its_file_says_is_told(changes: dict[str, object], path: str) -> None:
    found = list(missing(FILE, server(**changes)))

    assert len(found) == 1
    assert found[0].startswith(path)


def test_plain_text_of_a_secret_is_looked_for_where_the_server_puts_it() -> None:
    secret = {"kind": "Secret", "data": {"a": "eA=="}, "stringData": {"b": "y"}}

    assert as_stored(secret) == {"kind": "Secret", "data": {"a": "eA==", "b": "eQ=="}}
