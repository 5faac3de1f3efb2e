"""Which names in a text are addresses of the lane or copied objects, and which only look alike."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grayc.analysis.text_names import services_named
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, of_kind, service, with_code, workload, write_release
from tests.vectors import rows

APP = {"app": "web"}
REWRITE = {"lane": {"provider": "none"}, "services": [{"name": "web", "rewriteText": True}]}


def labels() -> dict[str, str]:
    return {"app": "web"}


def web(kind: str = "Deployment", **container: Any) -> list[Object]:
    """Return the workload with fields of its container, and its Service."""
    item = workload(kind, labels=labels())
    item["spec"]["template"]["spec"]["containers"][0] |= container
    return [item, service(labels=APP)]


def rewritten(folder: Path, name: str, value: str) -> str:
    """Return what becomes of a variable's value."""
    _, made = build(folder, web(env=[{"name": name, "value": value}]), **REWRITE)
    (env,) = of_kind(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    return str(env["value"])


class Followed(NamedTuple):
    name: str
    value: str
    gray: str


@pytest.mark.parametrize(Followed._fields, rows(__file__, "text_names.yaml", Followed, table="addresses"))
def test_addresses_follow(tmp_path: Path, name: str, value: str, gray: str) -> None:
    assert rewritten(tmp_path, name, value) == gray.replace("G", "web-gray")


class Kept(NamedTuple):
    name: str
    value: str


@pytest.mark.parametrize(Kept._fields, rows(__file__, "text_names.yaml", Kept, table="others"))
def test_other_names_of_the_same_letters_stay(tmp_path: Path, name: str, value: str) -> None:
    assert rewritten(tmp_path, name, value) == value


def test_probes_hooks_and_annotations_follow(tmp_path: Path) -> None:
    objects = web(
        livenessProbe={"exec": {"command": ["curl", "http://web/h"]}},
        readinessProbe={"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "Host", "value": "web"}]}},
        lifecycle={
            "preStop": {"exec": {"command": ["deregister", "--server", "web"]}},
            "postStart": {"httpGet": {"host": "web", "path": "/", "port": 80}},
        },
    )
    objects[0]["metadata"]["annotations"] = {"example.com/upstream": "web", "example.com/owner": "web"}
    _, made = build(tmp_path, objects, **REWRITE)
    copy = of_kind(made, "Deployment")
    (container,) = copy["spec"]["template"]["spec"]["containers"]

    assert container["livenessProbe"]["exec"]["command"][1] == "http://web-gray/h"
    assert container["readinessProbe"]["httpGet"]["httpHeaders"][0]["value"] == "web-gray"
    assert container["lifecycle"]["preStop"]["exec"]["command"][2] == "web-gray"
    assert container["lifecycle"]["postStart"]["httpGet"]["host"] == "web-gray"
    assert copy["metadata"]["annotations"]["example.com/upstream"] == "web-gray"
    assert copy["metadata"]["annotations"]["example.com/owner"] == "web"


def test_pods_of_a_stateful_set_follow_with_their_service(tmp_path: Path) -> None:
    objects = web(
        "StatefulSet",
        args=["--peers=web-0.peers:7000,web-1.peers.shop.svc:7000", "--own=$(POD).peers", "/data/web-0.peers/x"],
        env=[{"name": "INITIAL_CLUSTER", "value": "web-0=http://web-0.peers:2380"}, {"name": "NODE", "value": "web-0"}],
    )
    objects[0]["spec"]["serviceName"] = "peers"
    objects.append(service("peers", labels=APP, clusterIP="None"))
    _, made = build(tmp_path, objects, **REWRITE)
    (container,) = of_kind(made, "StatefulSet")["spec"]["template"]["spec"]["containers"]

    assert container["args"] == [
        "--peers=web-gray-0.peers-gray:7000,web-gray-1.peers-gray.shop.svc:7000",
        "--own=$(POD).peers-gray",
        "/data/web-0.peers/x",
    ]
    gray = "web-gray-0"
    assert [item["value"] for item in container["env"]] == [f"{gray}=http://{gray}.peers-gray:2380", "web-0"]

    found, _ = build(tmp_path / "agent", objects)
    assert with_code(found, "GC462") == [("GC462", "StatefulSet/web-mse-gray")]


def test_lines_of_configuration_are_read_by_their_keys(tmp_path: Path) -> None:
    text = 'spring.application.name=web\ncart.host=web\nimage: web:80\nupstream: web\n{\n  "host": "web",\n}\n# web\n'
    config = an_object("ConfigMap", name="settings", data={"app.conf": text, "WEB_HOST": "web", "NAME": "web"})
    _, made = build(tmp_path, [*web(envFrom=[{"configMapRef": {"name": "settings"}}]), config], **REWRITE)
    data = of_kind(made, "ConfigMap")["data"]

    gray = "web-gray"
    assert data["app.conf"] == (
        f"spring.application.name=web\ncart.host={gray}\nimage: web:80\nupstream: {gray}\n{{\n"
        f'  "host": "{gray}",\n}}\n# web\n'
    )
    assert (data["WEB_HOST"], data["NAME"]) == (gray, "web")


def test_secrets_follow_plain_and_in_base64(tmp_path: Path) -> None:
    coded = b64encode(b"http://web/").decode()
    data = {"URL": coded, "KEY": "AAEC/w==", "ODD": "web"}
    secret = an_object("Secret", name="keys", stringData={"WEB_HOST": "web"}, data=data)
    _, made = build(tmp_path, [*web(envFrom=[{"secretRef": {"name": "keys"}}]), secret], **REWRITE)
    copy = of_kind(made, "Secret")

    assert b64decode(copy["data"]["URL"]) == b"http://web-gray/"
    assert (copy["data"]["KEY"], copy["data"]["ODD"]) == (data["KEY"], data["ODD"])
    assert copy["stringData"] == {"WEB_HOST": "web-gray"}


SHARED = [
    *web(envFrom=[{"configMapRef": {"name": "common"}}]),
    an_object("ConfigMap", name="common", data={"WEB_ADDR": "web:80", "LEVEL": "info"}),
    {**workload(labels={"app": "cron"}), "metadata": {"name": "cron", "namespace": "shop"}},
]
SHARED[3]["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "common"}}]


def test_shared_configuration_with_addresses_is_copied(tmp_path: Path) -> None:
    findings, made = build(tmp_path, SHARED, **REWRITE)

    assert of_kind(made, "ConfigMap")["data"] == {"WEB_ADDR": "web-gray:80", "LEVEL": "info"}
    assert of_kind(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "common-gray"}}
    ]
    assert with_code(findings, "GC361", "GC462") == []


def test_shared_configuration_without_addresses_stays_shared(tmp_path: Path) -> None:
    plain = [
        an_object("ConfigMap", name="common", data={"LEVEL": "web"}) if at == 2 else item
        for at, item in enumerate(SHARED)
    ]
    _, made = build(tmp_path, plain, **REWRITE)

    assert sorted(item["kind"] for item in made) == ["Deployment", "Service"]


def test_shared_configuration_that_is_not_rewritten_is_named(tmp_path: Path) -> None:
    kept = {"name": "web", "rewriteText": True, "share": ["ConfigMap"]}
    asked, _ = build(tmp_path / "asked", SHARED, lane={"provider": "none"}, services=[{"name": "web"}])
    with_agent, _ = build(tmp_path / "agent", SHARED)
    write_release(tmp_path / "kept", SHARED, lane={"provider": "none"}, services=[kept])
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path / "kept")

    assert with_code(asked, "GC462") == [("GC462", "ConfigMap/common")]
    assert with_code(with_agent, "GC462") == []
    assert with_code(json.loads(run.stdout)["diagnostics"], "GC361") == [("GC361", "ConfigMap/common")]


def role(**rule: Any) -> list[Object]:
    """Return a Role of the pods' account with one rule, and its binding."""
    rbac = "rbac.authorization.k8s.io"
    plain = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], **rule}
    return [
        an_object("Role", version=f"{rbac}/v1", rules=[plain]),
        an_object(
            "RoleBinding",
            version=f"{rbac}/v1",
            roleRef={"apiGroup": rbac, "kind": "Role", "name": "web"},
            subjects=[{"kind": "ServiceAccount", "name": "default"}],
        ),
    ]


@pytest.mark.parametrize(
    ("rule", "variable", "told"),
    [
        ({"resourceNames": ["settings"]}, "CONFIGMAP_NAME", True),
        ({}, "CONFIGMAP_NAME", False),
        ({"resourceNames": ["settings"]}, "TEAM", False),
    ],
)
def test_a_role_that_names_the_baselines_object_alone_is_named(
    tmp_path: Path, rule: Object, variable: str, told: bool
) -> None:
    objects = [
        *web(env=[{"name": variable, "value": "settings"}], envFrom=[{"configMapRef": {"name": "settings"}}]),
        an_object("ConfigMap", name="settings", data={"A": "b"}),
        *role(**rule),
    ]
    findings, _ = build(tmp_path, objects, **REWRITE)

    assert with_code(findings, "GC362") == [("GC362", "Role/web")] * told


def test_a_long_text_costs_what_it_is_long(tmp_path: Path) -> None:
    text = "web:80 http://web/ web-0.peers x=" * 20_000
    config = an_object("ConfigMap", name="settings", data={"app.conf": text})
    _, made = build(tmp_path, [*web(envFrom=[{"configMapRef": {"name": "settings"}}]), config], **REWRITE)

    assert of_kind(made, "ConfigMap")["data"]["app.conf"].count("web-gray") == 40_000


def given(folder: Path, env: list[Object], *others: Object) -> tuple[dict[str, str], dict[str, str]]:
    """Return what becomes of a container's variables, and of the keys of its ConfigMap."""
    _, made = build(folder, [*web(env=env), *others], **REWRITE)
    (container,) = of_kind(made, "Deployment")["spec"]["template"]["spec"]["containers"]
    data = of_kind(made, "ConfigMap")["data"] if others else {}
    return {each["name"]: each.get("value", "") for each in container["env"]}, data


@pytest.mark.parametrize(
    "other",
    [
        {"name": "URL", "value": "http://$(TO):80/x"},
        {"name": "URL", "value": "postgres://user:pass@$(TO)/x"},
        {"name": "URL", "value": "$(TO).svc"},
        {"name": "WEB_ADDR", "value": "$(TO)"},
        {"name": "TO_PORT", "value": "80"},
    ],
)
def test_a_host_in_a_variable_of_its_own_follows(tmp_path: Path, other: Object) -> None:
    variables, _ = given(tmp_path, [{"name": "TO", "value": "web"}, other])

    assert variables == {"TO": "web-gray", other["name"]: other["value"]}


@pytest.mark.parametrize(
    "other",
    [
        {"name": "LABEL", "value": "team-$(TO)"},
        {"name": "PATH_OF", "value": "/srv/$(TO)/x"},
        {"name": "IMAGE", "value": "registry.example.com/$(TO):1"},
        {"name": "OTHER_PORT", "value": "80"},
    ],
)
def test_a_variable_that_is_no_host_stays(tmp_path: Path, other: Object) -> None:
    variables, _ = given(tmp_path, [{"name": "TO", "value": "web"}, other])

    assert variables["TO"] == "web"


@pytest.mark.parametrize(
    ("name", "more", "is_address"),
    [("WEB_ADDR", [], True), ("TEAM", [], False), ("TO", [{"name": "URL", "value": "http://$(TO)"}], True)],
)
def test_a_key_counts_by_the_name_under_which_it_is_given(
    tmp_path: Path, name: str, more: list[Object], is_address: bool
) -> None:
    config = an_object("ConfigMap", name="names", data={"one": "web"})
    read = {"name": name, "valueFrom": {"configMapKeyRef": {"name": "names", "key": "one"}}}
    _, data = given(tmp_path, [read, *more], config)

    assert data == {"one": "web-gray" if is_address else "web"}


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("cart.host=web\ncart.port=81", 81),
        ("cart.port=81\ncart.host=web", 81),
        ("cart.host=web\nserver.port=81", None),
        ("cart:\n  host: web\n  port: 81", 81),
        ("cart:\n  - host: web\n    port: 81", 81),
        ("cart:\n  host: web\nserver:\n  port: 81", None),
        ("cart:\n  host: web\nport: 81", None),
        ('{"cart": {"host": "web", "port": 81}}', 81),
        ('{"cart": {"host": "web"}, "port": 81}', None),
    ],
)
def test_the_port_beside_a_host_is_that_of_its_mapping(text: str, port: int | None) -> None:
    assert [each.port for each in services_named(text, "a.yaml", "shop", frozenset({"web"}))] == [port]
