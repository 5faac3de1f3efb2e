"""When a baseline name in a text is worth a note."""

from pathlib import Path

import pytest

from tests.manifests import Built, an_object, run_build, workload

BASELINE = [
    workload(labels={"app": "web"}, container={"envFrom": [{"configMapRef": {"name": "settings"}}]}),
    an_object("Service", {"selector": {"app": "web"}}),
    an_object("ConfigMap", name="settings", data={"a": "b"}),
]


def given(folder: Path, name: str, value: str, provider: str, *, rewrite: bool = False) -> Built:
    """Return what is built where a variable has a value."""
    service = {"name": "web", "env": {"web": {name: value}}, "rewriteText": rewrite}
    return run_build(folder, BASELINE, lane={"provider": provider}, services=[service])


def hints(built: Built) -> list[str]:
    """Return the fields of the hints."""
    return [item["field"] for item in built.findings if item["code"] == "GC462"]


VARIABLE = "spec.template.spec.containers[0].env[0].value"


@pytest.mark.parametrize(
    ("name", "value", "provider", "hinted"),
    [
        ("WEB_URL", "http://web:80", "none", True),
        ("WEB_URL", "http://web:80", "mse", False),
        ("WEB_HOST", "web", "none", True),
        ("TEAM", "web", "none", False),
        ("WEB_URL", "http://web.other.svc", "none", False),
        ("WEB_URL", "http://web-2:80", "none", False),
        ("CONFIGMAP", "settings", "none", True),
        ("CONFIGMAP", "settings", "mse", True),
        ("PATH_TO", "settings", "mse", False),
    ],
)
def test_a_service_is_worth_a_note_where_nothing_routes_and_a_config_map_anywhere(
    tmp_path: Path, name: str, value: str, provider: str, hinted: bool
) -> None:
    assert hints(given(tmp_path, name, value, provider)) == [VARIABLE] * hinted


def test_what_is_rewritten_needs_no_note(tmp_path: Path) -> None:
    built = given(tmp_path, "WEB_URL", "http://web:80", "none", rewrite=True)
    assert hints(built) == []
    assert "http://web-gray:80" in built.run.stdout
