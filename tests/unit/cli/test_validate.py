"""`grayc validate`: what it looks at, where it points, what it says was not checked."""

import json
import os
import shutil
from pathlib import Path

import pytest

from grayc.conform import with_kubeconform
from tests.cli_run import Run, run_grayc
from tests.manifests import write_spec
from tests.unit.cli.texts import PREPARED, RELEASE
from tools.dev_tools import prepare_kubeconform

RELEASE_OF_WEB = RELEASE.replace("services: [{name: web}]}", "services: [{name: web, workload: Deployment/web}]}")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "web.yaml").write_text(PREPARED)
    (tmp_path / "release.yaml").write_text(RELEASE_OF_WEB)
    return tmp_path


@pytest.fixture(params=["jsonschema", "kubeconform"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    if name == "kubeconform":
        monkeypatch.setenv("PATH", f"{prepare_kubeconform().parent}{os.pathsep}{os.environ['PATH']}")
    return name


def validate(folder: Path, *arguments: str) -> Run:
    return run_grayc(["validate", "release.yaml", *arguments], folder=folder)


def report(folder: Path, *arguments: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(validate(folder, "-f", "json", *arguments).stdout)
    return found


def places(folder: Path, *arguments: str, code: str = "GC721") -> list[tuple[object, object, object]]:
    """Return file, line and field of every finding with a code."""
    found = [item for item in report(folder, *arguments)["diagnostics"] if item["code"] == code]
    return [(item["file"], item["range"]["start"]["line"], item["field"]) for item in found]  # type: ignore[index]


def release(folder: Path, **asked: object) -> None:
    service = {"name": "web", "workload": "Deployment/web", **asked}
    write_spec(folder / "release.yaml", namespace=None, services=[service])


def test_a_release_that_is_right(shop: Path, engine: str) -> None:
    done = validate(shop, "--engine", engine)

    assert done.status == 0
    assert done.stderr.endswith(f"1 of 1 object fit Kubernetes 1.37 (says {engine})\n")
    assert not (shop / "out").exists()


def test_kubeconform_is_asked_where_it_is_on_path(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert "(says jsonschema)" in validate(shop).stderr
    assert validate(shop, "--engine", "kubeconform").status == 2
    monkeypatch.setenv("PATH", str(prepare_kubeconform().parent))
    assert "(says kubeconform)" in validate(shop).stderr
    assert "(says jsonschema)" in validate(shop, "--engine", "jsonschema").stderr


def test_a_field_of_the_baseline_that_kubernetes_does_not_have(shop: Path, engine: str) -> None:
    (shop / "baseline" / "web.yaml").write_text(PREPARED.replace("  selector:", "  minReadySecs: 5\n  selector:"))

    assert validate(shop, "--engine", engine).status == 1
    assert places(shop, "--engine", engine) == [("baseline/web.yaml", 5, "spec.minReadySecs")]


def test_a_field_that_a_patch_brings(shop: Path, engine: str) -> None:
    merge = {"spec": {"template": {"spec": {"containers": [{"name": "web", "imagePulPolicy": "Always"}]}}}}
    release(shop, patches=[{"target": {"kind": "Deployment"}, "merge": merge}])

    ((file, line, field),) = places(shop, "--engine", engine)
    assert (file, field) == ("release.yaml", "spec.template.spec.containers[0].imagePulPolicy")
    assert isinstance(line, int)
    assert "imagePulPolicy" in (shop / "release.yaml").read_text().splitlines()[line - 1]


def test_of_two_services_the_patch_of_its_own_is_to_blame(shop: Path) -> None:
    (shop / "baseline" / "api.yaml").write_text(PREPARED.replace("web", "api"))
    patch = {"target": {"kind": "Deployment"}, "merge": {"spec": {"minReadySecs": 5}}}
    services = [{"name": name, "patches": [patch]} for name in ("web", "api")]
    write_spec(shop / "release.yaml", namespace=None, services=services)

    lines = (shop / "release.yaml").read_text().splitlines()
    wanted = [number for number, line in enumerate(lines, 1) if "minReadySecs" in line]
    assert places(shop, "--engine", "jsonschema") == [("release.yaml", line, "spec.minReadySecs") for line in wanted]


SIDECAR = '"registry.example.com/web:1"}, {name: side, image: "registry.example.com/side:1", prots: []}'


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        (
            {"json6902": [{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"prots": 1}}]},
            '"prots": 1',
        ),
        ({"json6902": [{"op": "remove", "path": "/spec/template/spec/containers"}]}, '"op": "remove"'),
        ({"json6902": [{"op": "copy", "from": "/kind", "path": "/spec/prots"}]}, '"op": "copy"'),
        ({"merge": {"spec": {"template": {"spec": {"containers": None}}}}}, '"containers": null'),
    ],
)
def test_what_a_patch_adds_anywhere_or_takes_away(shop: Path, patch: dict[str, object], text: str) -> None:
    release(shop, patches=[{"target": {"kind": "Deployment"}, **patch}])

    found = places(shop, "--engine", "jsonschema")
    lines = (shop / "release.yaml").read_text().splitlines()
    assert {file for file, _, _ in found} == {"release.yaml"}
    assert any(text in " ".join(lines[line - 1 : line + 1]) for _, line, _ in found if isinstance(line, int))


def test_a_value_keeps_its_place_where_a_patch_moves_it_in_its_list(shop: Path) -> None:
    (shop / "baseline" / "web.yaml").write_text(PREPARED.replace('"registry.example.com/web:1"}', SIDECAR))
    merge = {"spec": {"template": {"spec": {"containers": [{"name": "first", "image": "registry.example.com/f:1"}]}}}}
    release(shop, patches=[{"target": {"kind": "Deployment"}, "merge": merge}])

    done = validate(shop, "--engine", "jsonschema")
    line = (shop / "baseline" / "web.yaml").read_text().splitlines()[7]
    assert f"baseline/web.yaml:8:{line.index('prots') + 1}: error[GC721]" in done.stderr
    assert "no file has this value" not in done.stderr


def test_null_is_no_value(shop: Path, engine: str) -> None:
    nulls = "  replicas:\n  strategy: {rollingUpdate: {maxSurge: null}}\n  selector:"
    web = PREPARED.replace("  selector:", nulls).replace('web:1"', 'web:1", resources: {limits: {cpu: null}}')
    (shop / "baseline" / "web.yaml").write_text(web)

    assert validate(shop, "--engine", engine).status == 0


@pytest.mark.parametrize("limits", ["{memory: 512MB}", "{cpu: 1 core}", "{cpu: true}"])
def test_what_is_no_quantity(shop: Path, engine: str, limits: str) -> None:
    web = PREPARED.replace('web:1"', f'web:1", resources: {{limits: {limits}}}')
    (shop / "baseline" / "web.yaml").write_text(web)

    assert validate(shop, "--engine", engine).status == 1


def test_a_number_that_is_too_large(shop: Path, engine: str) -> None:
    (shop / "baseline" / "web.yaml").write_text(
        PREPARED.replace("  selector:", "  minReadySeconds: 3000000000\n  selector:")
    )

    assert places(shop, "--engine", engine) == [("baseline/web.yaml", 5, "spec.minReadySeconds")]


def test_a_value_that_an_operation_brings(shop: Path, engine: str) -> None:
    operation = {"op": "add", "path": "/spec/replicas", "value": "three"}
    release(shop, patches=[{"target": {"kind": "Deployment"}, "json6902": [operation]}])

    ((file, line, field),) = places(shop, "--engine", engine)
    assert (file, field) == ("release.yaml", "spec.replicas")
    assert isinstance(line, int)
    assert "three" in (shop / "release.yaml").read_text().splitlines()[line - 1]


def test_what_is_missing_is_told_at_the_object(shop: Path, engine: str) -> None:
    (shop / "baseline" / "web.yaml").write_text(
        PREPARED + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec:\n  selector: {app: web, zadigx-release-version: original}\n  ports: [{name: http}]\n"
    )
    ((file, line, field),) = places(shop, "--engine", engine)
    assert (file, line, field) == ("baseline/web.yaml", 15, "spec.ports[0]")


def test_no_value_of_a_secret_is_told(shop: Path, engine: str) -> None:
    web = PREPARED.replace('web:1"}', 'web:1", envFrom: [{secretRef: {name: web}}]}')
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web}\ndata: {a: 7316731673167316}\n"
    (shop / "baseline" / "web.yaml").write_text(web + secret)

    for form in ("text", "json", "sarif", "github", "gitlab", "junit"):
        done = validate(shop, "--engine", engine, "-f", form)
        assert done.status == 1
        assert "GC721" in done.stdout + done.stderr
        assert "7316" not in done.stdout + done.stderr


def test_versions(shop: Path) -> None:
    hpa = (
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
        "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
    )
    (shop / "baseline" / "web.yaml").write_text(PREPARED + hpa)
    for version in ("1.25", "v1.30", "1.30.2", "1.37.0"):
        assert validate(shop, "--kubernetes-version", version).status == 0
    for version in ("1.9", "1.99", "1", "latest", "1.30.x", "1.30.1.1", "../1.30", "-"):
        done = validate(shop, f"--kubernetes-version={version}")
        assert done.status == 2
        assert "GC723" in done.stderr


def test_a_kind_that_this_kubernetes_does_not_have(shop: Path, engine: str) -> None:
    claim = (
        "---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: web}\nspec: {spec: {}}\n"
    )
    (shop / "baseline" / "web.yaml").write_text(PREPARED + claim)
    (shop / "release.yaml").write_text(RELEASE.replace("{name: web}", "{name: web, from: baseline/}"))

    assert places(shop, "--engine", engine, "--kubernetes-version", "1.33") == [("baseline/web.yaml", 11, "kind")]
    done = validate(shop, "--engine", engine, "--kubernetes-version", "1.33")
    assert done.status == 1
    assert done.stderr.endswith(f"1 of 2 objects fit Kubernetes 1.33 (says {engine})\n")
    assert validate(shop, "--engine", engine, "--kubernetes-version", "1.34").status == 0


CACHE = "---\napiVersion: example.com/v1\nkind: Cache\nmetadata: {name: web}\nspec: {prot: 1}\n"
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "caches.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Cache"},
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "properties": {"port": {"type": "integer"}}}},
                    }
                },
            }
        ],
    },
}


@pytest.fixture
def cached(shop: Path) -> Path:
    (shop / "baseline" / "web.yaml").write_text(PREPARED + CACHE)
    (shop / "release.yaml").write_text(RELEASE.replace("{name: web}", "{name: web, from: baseline/}"))
    return shop


def test_a_kind_without_schema_is_said_not_to_be_checked(cached: Path, engine: str) -> None:
    done = validate(cached, "--engine", engine)

    assert done.status == 0
    assert "warning[GC722]: `Cache/web-mse-gray` was not checked" in done.stderr
    assert "1 object not checked" in done.stderr
    assert validate(cached, "--engine", engine, "--strict").status == 1


SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: NAME}
spec: {selector: {app: web, zadigx-release-version: original}, ports: [{port: 80}]}
"""


def test_what_grayc_itself_writes_has_a_schema(shop: Path, engine: str) -> None:
    (shop / "baseline" / "web.yaml").write_text(PREPARED + SERVICE.replace("NAME", "web"))
    (shop / "release.yaml").write_text(RELEASE.replace("tag: gray", "tag: gray, lane: {provider: istio}"))

    done = validate(shop, "--engine", engine, "--strict")

    assert (done.status, "not checked" in done.stderr) == (0, False), done.stderr


def test_a_kind_that_is_not_checked_can_be_accepted(cached: Path, engine: str) -> None:
    release = cached / "release.yaml"
    accepted = release.read_text().replace("tag: gray", "tag: gray, accept: [{code: GC722, reason: known}]")
    release.write_text(accepted)

    done = validate(cached, "--engine", engine)

    assert (done.status, "note[GC722]" in done.stderr, "accepted: known" in done.stderr) == (0, True, True), done.stderr
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=cached).status == 0
    release.write_text(accepted.replace("{name: web, from: baseline/}", "{name: web, workload: Deployment/web}"))
    assert "GC330" in validate(cached, "--engine", engine).stderr


def test_a_kind_with_a_definition_in_a_folder(cached: Path, engine: str) -> None:
    (cached / "schemas" / "deep").mkdir(parents=True)
    (cached / "schemas" / "deep" / "cache.yaml").write_text(json.dumps(CRD))

    found = places(cached, "--engine", engine, "--crd-schemas", "schemas")
    assert found == [("baseline/web.yaml", 13, "spec.prot")]


def test_a_kind_with_a_json_schema_in_a_folder(cached: Path, engine: str) -> None:
    schema = {"type": "object", "properties": {"spec": {"additionalProperties": False}}}
    (cached / "schemas" / "example.com").mkdir(parents=True)
    (cached / "schemas" / "example.com" / "cache_v1.json").write_text(json.dumps(schema))

    found = places(cached, "--engine", engine, "--crd-schemas", "schemas")
    assert found == [("baseline/web.yaml", 13, "spec.prot")]


def test_a_kind_that_the_baseline_defines(cached: Path, engine: str) -> None:
    (cached / "baseline" / "crd.yaml").write_text(json.dumps(CRD))

    assert places(cached, "--engine", engine) == [("baseline/web.yaml", 13, "spec.prot")]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "`schemas` holds no schema of a custom kind"),
        ({"a.yaml": "{"}, "invalid YAML"),
        ({"a.yaml": "{{- if .Values.crds }}\nkind: A\n{{- end }}\n"}, "a template"),
        ({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}, "`schemas` holds no schema"),
        ({"a.yaml": json.dumps(CRD), "b.yaml": json.dumps(CRD).replace("integer", "string")}, "two schemas"),
        ({"a.yaml": json.dumps(CRD).replace("integer", "whole")}, "is broken"),
        ({"example.com/cache_v1.json": '{"type": 7}'}, "is broken"),
        ({"example.com/cache_v1.json": "true"}, "no mapping"),
        ({"example.com/cache_v1.json": '{"$ref": "https://example.com/a.json"}'}, "is not in it"),
    ],
)
def test_a_folder_with_what_is_no_schema_is_no_answer(
    cached: Path, engine: str, files: dict[str, str], told: str
) -> None:
    (cached / "schemas").mkdir()
    for name, text in files.items():
        (cached / "schemas" / name).parent.mkdir(exist_ok=True)
        (cached / "schemas" / name).write_text(text)

    done = validate(cached, "--engine", engine, "--crd-schemas", "schemas")
    assert done.status == 2
    assert "error[GC725]" in done.stderr
    assert told in done.stderr


def test_a_file_is_no_folder(cached: Path) -> None:
    (cached / "cache.yaml").write_text(json.dumps(CRD))
    done = validate(cached, "--crd-schemas", "cache.yaml")
    assert (done.status, "`cache.yaml` is no folder" in done.stderr) == (2, True)
    assert validate(cached, "--crd-schemas", "none").status == 2


def test_a_broken_schema_in_the_baseline_is_no_answer(cached: Path, engine: str) -> None:
    (cached / "baseline" / "crd.yaml").write_text(json.dumps(CRD, indent=1).replace("integer", "whole"))

    assert validate(cached, "--engine", engine).status == 2
    assert [file for file, _, _ in places(cached, "--engine", engine, code="GC725")] == ["baseline/crd.yaml"]


def test_a_schema_that_no_object_needs_is_not_asked(shop: Path) -> None:
    (shop / "schemas").mkdir()
    (shop / "schemas" / "cache.yaml").write_text(json.dumps(CRD).replace("integer", "whole"))

    assert validate(shop, "--crd-schemas", "schemas").status == 0


def own_kubeconform(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "kubeconform").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "kubeconform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def answers(*rows: dict[str, object]) -> str:
    return f"echo '{json.dumps({'resources': rows})}'"


def test_a_kubeconform_that_takes_too_much_is_ended(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_kubeconform(tmp_path_factory.mktemp("bin"), "while :; do :; done", monkeypatch)
    monkeypatch.setattr(with_kubeconform, "KUBECONFORM_SECONDS", 0.2)

    done = validate(shop, "--engine", "kubeconform")
    assert done.status == 2
    assert "GC726" in done.stderr
    assert "kubeconform took more than" in done.stderr


VALID: dict[str, object] = {"filename": "/objects/0.json", "status": "statusValid"}
INVALID: dict[str, object] = {"filename": "/objects/0.json", "status": "statusInvalid", "msg": "in other words"}


@pytest.mark.parametrize(
    "script",
    [
        "exit 3",
        "exit 0",
        "kill -9 $$",
        "echo words",
        "printf '\\377'",
        "echo '[]'",
        "echo '{\"resources\": 7}'; exit 1",
        "echo '{\"resources\": [1]}'; exit 1",
        'echo \'{"resources": [{"filename": []}]}\'; exit 1',
        answers(),
        answers({"status": "statusValid"}),
        answers({**VALID, "filename": "a.json"}),
        answers({**VALID, "filename": "1.json"}),
        answers({**VALID, "status": []}),
        answers(VALID, {**VALID, "filename": "1.json"}),
        answers({**VALID, "status": "statusSkipped"}),
        answers(VALID) + "; exit 1",
        answers(INVALID),
        answers({**INVALID, "status": "statusError"}) + "; exit 1",
    ],
)
def test_a_kubeconform_without_an_answer(
    shop: Path, script: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_kubeconform(tmp_path_factory.mktemp("bin"), script, monkeypatch)

    done = validate(shop)
    assert (done.status, "error[GC724]" in done.stderr) == (2, True), done.stderr


def test_a_kubeconform_that_answers_in_other_words(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those before 0.7.0 do."""
    own_kubeconform(tmp_path_factory.mktemp("bin"), answers(INVALID) + "; exit 1", monkeypatch)

    done = validate(shop)
    assert (done.status, places(shop)) == (1, [("baseline/web.yaml", 1, None)])
    assert "help: `--engine jsonschema` says where" in done.stderr


def test_a_kubeconform_that_does_not_end(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_kubeconform(tmp_path_factory.mktemp("bin"), "sleep 60 & sleep 60", monkeypatch)
    monkeypatch.setattr("grayc.conform.with_kubeconform._TIMEOUT_SECONDS", 0.2)

    done = validate(shop)
    assert (done.status, "it did not end within 0.2 seconds" in done.stderr) == (2, True)


@pytest.mark.parametrize("path", [".", "bin", "{shop}", "{shop}/bin", ""])
def test_a_kubeconform_beside_the_input_is_not_run(shop: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (shop, shop / "bin"):
        folder.mkdir(exist_ok=True)
        own_kubeconform(folder, f"touch {shop}/ran", monkeypatch)
    monkeypatch.setenv("PATH", f"{path.format(shop=shop)}{os.pathsep}/usr/bin{os.pathsep}/bin")

    assert "(says jsonschema)" in validate(shop).stderr
    assert validate(shop, "--engine", "kubeconform").status == 2
    assert not (shop / "ran").exists()


def test_a_lane_past_its_date(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE_OF_WEB.replace("tag: gray", "tag: gray, expires: '2026-01-31'"))

    assert "GC720" not in validate(shop, "--today", "2026-01-31").stderr
    late = validate(shop, "--today", "2026-02-01")
    assert (late.status, "lane `gray` was to end on 2026-01-31" in late.stderr) == (0, True)
    assert validate(shop, "--today", "2026-02-01", "--strict").status == 1
    assert validate(shop, "--today", "tomorrow").status == 2


def test_the_clock_of_the_machine_counts_without_a_day(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE_OF_WEB.replace("tag: gray", "tag: gray, expires: '2020-01-31'"))
    assert "GC720" in validate(shop).stderr
    (shop / "release.yaml").write_text(RELEASE_OF_WEB.replace("tag: gray", "tag: gray, expires: '9999-01-31'"))
    assert "GC720" not in validate(shop).stderr


def test_mistakes_of_the_release_come_first(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE.replace("name: web", "name: wbe"))

    done = validate(shop)
    assert done.status == 1
    assert "GC301" in done.stderr


def test_specs_that_are_never_together_are_looked_at_one_by_one(shop: Path) -> None:
    (shop / "other").mkdir()
    shutil.copytree(shop / "baseline", shop / "other" / "baseline")
    for name, text in {"other/release.yaml": RELEASE_OF_WEB, "wrong.yaml": RELEASE.replace("web", "wbe")}.items():
        (shop / name).write_text(text)
    lines = [["release.yaml", "other"], ["--each", "release.yaml", "other"], ["--each", "release.yaml", "wrong.yaml"]]
    whole, each, wrong = (run_grayc(["validate", *line, "-f", "json"], folder=shop) for line in lines)

    assert whole.status == 1 and "GC601" in whole.stdout
    assert (each.status, json.loads(each.stdout)["validation"]["valid"]) == (0, 2)
    assert wrong.status == 1
    assert [item["file"] for item in json.loads(wrong.stdout)["diagnostics"]] == ["wrong.yaml"]
