"""What is encrypted is shared, and nothing writes into it: sops' values, whole files, what generators make of them."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, with_code, workload, write_release
from tests.renderers import renderers_path

VALUE = "ENC[AES256_GCM,data:ABVjCg==,iv:J6SaCIP4oExpao3LS1Jjev7UF6wOoBomNQYBbXi0kwY=,tag:25a3Kd9g2cQ6e6H9MZOCRw==,type:str]"
SOPS = {"mac": VALUE, "version": "3.9.4"}
READS: Object = {
    "containers": [
        {
            "name": "web",
            "image": "registry.example.com/web:1",
            "envFrom": [{"secretRef": {"name": "web"}}, {"configMapRef": {"name": "web"}}],
        }
    ]
}


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SEALED = {
    "a value": an_object("Secret", stringData={"LEVEL": VALUE}, sops=SOPS),
    "the key alone, all its values are plain": an_object("Secret", stringData={"LEVEL": "info"}, sops=SOPS),
    "a value without the key": an_object("Secret", stringData={"LEVEL": VALUE}),
    "a ConfigMap": an_object("ConfigMap", data={"LEVEL": VALUE}, sops=SOPS),
    "data of an env file": an_object("Secret", data={"LEVEL": in_base64(VALUE)}),
    "data of a whole file": an_object("Secret", data={"app.yaml": in_base64(f"a: {VALUE}\nsops:\n    mac: {VALUE}\n")}),
    "Ansible's vault": an_object("Secret", stringData={"app.yaml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}),
}


@pytest.mark.parametrize("source", [{"from": "baseline/"}, {"workload": "Deployment/web"}], ids=["from", "workload"])
@pytest.mark.parametrize("item", SEALED.values(), ids=SEALED)
def test_it_is_shared(item: Object, source: Object, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [workload(pod=READS), item], services=[{"name": "web", **source}])
    assert [each["kind"] for each in made] == ["Deployment"]
    named = made[0]["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    assert {"name": "web"} in [name for each in named for name in each.values()]
    assert [each["code"] for each in findings if each["severity"] == "error"] == []


@pytest.mark.parametrize("place", ["config", "laneOnly"])
@pytest.mark.parametrize("item", SEALED.values(), ids=SEALED)
def test_config_into_it_is_refused_with_the_tool(item: Object, place: str, tmp_path: Path) -> None:
    change = {"web": {"LEVEL": "debug"}}
    service = {"name": "web", **({"config": change} if place == "config" else {"laneOnly": {"config": change}})}
    findings, made = build(tmp_path, [workload(pod=READS), item], services=[service])
    ((code, named),) = [(each["code"], each["object"]) for each in findings if each["severity"] == "error"]
    assert (code, named) == ("GC623", f"{item['kind']}/web")
    assert made == []


def test_the_command_that_edits_it_is_named(tmp_path: Path) -> None:
    service = {"name": "web", "config": {"web": {"LEVEL": "debug"}}}
    findings, _ = build(tmp_path, [workload(pod=READS), SEALED["a value"]], services=[service])
    assert "`sops edit baseline/all.yaml`" in next(each["help"] for each in findings if each["code"] == "GC623")


def test_promote_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    service = {"name": "web", "config": {"web": {"LEVEL": "debug"}}}
    write_release(tmp_path, [workload(pod=READS), SEALED["a value"]], services=[service])
    before = (tmp_path / "baseline" / "all.yaml").read_bytes()
    assert run_grayc(["promote", "release.yaml"], folder=tmp_path).status == 1
    assert (tmp_path / "baseline" / "all.yaml").read_bytes() == before


def test_text_that_speaks_of_it_is_none(tmp_path: Path) -> None:
    told = an_object("ConfigMap", data={"README": f"values look like {VALUE}", "sops": "a tool"})
    findings, made = build(tmp_path, [workload(pod=READS), told], services=[{"name": "web", "from": "baseline/"}])
    assert sorted(each["kind"] for each in made) == ["ConfigMap", "Deployment"]
    assert with_code(findings, "GC623") == []


def test_an_encrypted_workload_can_not_be_released(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [{**workload(), "sops": SOPS}], services=[{"name": "web", "from": "baseline/"}])
    (refused,) = [each for each in findings if each["code"] == "GC303"]
    assert "encrypted (sops)" in str(refused["notes"])


def test_adopt_does_not_write_into_it(tmp_path: Path) -> None:
    write_release(tmp_path, [{**workload(labels={"app": "web"}), "sops": SOPS}])
    before = (tmp_path / "baseline" / "all.yaml").read_bytes()
    run = run_grayc(["adopt", "baseline"], folder=tmp_path)
    assert (run.status, "GC623" in run.stderr) == (1, True)
    assert (tmp_path / "baseline" / "all.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "version", "spec"),
    [
        ("SealedSecret", "bitnami.com/v1alpha1", {"encryptedData": {"LEVEL": "AgBy"}}),
        ("ExternalSecret", "external-secrets.io/v1", {"target": {"name": "web"}}),
        ("Certificate", "cert-manager.io/v1", {"secretName": "web"}),
    ],
)
def test_config_into_what_a_controller_makes_names_what_it_is_made_of(
    kind: str, version: str, spec: Object, tmp_path: Path
) -> None:
    maker = an_object(kind, spec, version=version)
    service = {"name": "web", "config": {"web": {"LEVEL": "debug"}}}
    findings, _ = build(tmp_path, [workload(pod=READS), maker], services=[service])
    assert f"`{kind}/web`" in next(each["message"] for each in findings if each["code"] == "GC310")


def test_an_encrypted_patch_is_refused(tmp_path: Path) -> None:
    patch = {"target": {"kind": "Deployment"}, "file": "patch.yaml"}
    (tmp_path / "patch.yaml").write_text(f"spec: {{paused: {VALUE!r}}}\nsops: {{mac: {VALUE!r}}}\n")
    findings, made = build(tmp_path, [workload()], services=[{"name": "web", "patches": [patch]}])
    assert [each["code"] for each in findings if each["severity"] == "error"] == ["GC165"]
    assert made == []


GENERATED = {
    "env": (f"DB={VALUE}\nsops_mac={VALUE}\n", "envs: [web.enc]"),
    "a file": (f"db: {VALUE}\nsops:\n    mac: {VALUE}\n", "files: [app.yaml=web.enc]"),
    "a file of JSON": (f'{{"data": "{VALUE}", "sops": {{"mac": "{VALUE}"}}}}', "files: [web.enc]"),
}


def of_generator(folder: Path, text: str, field: str, reader: str, options: str = "") -> tuple[int, list[Object]]:
    (folder / "prod").mkdir()
    (folder / "prod" / "web.enc").write_text(text)
    (folder / "prod" / "kustomization.yaml").write_text(
        f"namespace: shop\nresources: [../baseline]\nsecretGenerator: [{{name: web-secret, {field}{options}}}]\n"
    )
    pods = {"containers": [{"name": "web", "image": "a:1", "envFrom": [{"secretRef": {"name": "web-secret"}}]}]}
    others = workload(labels={"app": "other", "zadigx-release-version": "original"}, pod=pods)
    others["metadata"]["name"] = "other"
    own = workload(pod=pods if reader == "web" else None)
    write_release(folder, [own, others], baseline=[{"kustomize": "prod"}])
    (folder / "baseline" / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    return run.status, json.loads(run.stdout)["diagnostics"]


class TestGenerator:
    @pytest.fixture(autouse=True)
    def tools(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", renderers_path())

    @pytest.mark.parametrize(("text", "field"), GENERATED.values(), ids=GENERATED)
    def test_a_hash_of_encrypted_text_is_refused(self, text: str, field: str, tmp_path: Path) -> None:
        status, findings = of_generator(tmp_path, text, field, "web")
        assert (status, [each["code"] for each in findings if each["severity"] == "error"]) == (1, ["GC166"])

    @pytest.mark.parametrize(("text", "field"), GENERATED.values(), ids=GENERATED)
    def test_without_a_hash_it_is_shared(self, text: str, field: str, tmp_path: Path) -> None:
        options = ", options: {disableNameSuffixHash: true}"
        assert of_generator(tmp_path, text, field, "web", options)[0] == 0

    def test_one_that_nothing_gray_names_is_no_matter(self, tmp_path: Path) -> None:
        assert of_generator(tmp_path, *GENERATED["env"], "other")[0] == 0

    def test_plain_text_with_a_hash_is_no_matter(self, tmp_path: Path) -> None:
        assert of_generator(tmp_path, "DB=hunter2\n", "envs: [web.enc]", "web")[0] == 0


def test_a_sealed_route_is_not_opened(tmp_path: Path) -> None:
    service = an_object(
        "Service", {"selector": {"app": "web", "zadigx-release-version": "original"}, "ports": [{"port": 80}]}
    )
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    ingress = an_object(
        "Ingress",
        {"ingressClassName": "mse", "rules": [{"host": "web.example.com", "http": {"paths": [path]}}]},
        version="networking.k8s.io/v1",
        sops=SOPS,
    )
    traffic = {"gateway": "mse", "rules": [{"header": "x-user-id", "value": "1"}]}
    findings, made = build(tmp_path, [workload(), service, ingress], traffic=traffic)
    (found,) = [each for each in findings if each["severity"] == "error"]
    assert found["code"] == "GC321"
    assert "encrypted (sops)" in found["message"]
    assert made == []


def test_a_sealed_workload_is_said_to_be_sealed(tmp_path: Path) -> None:
    findings, made = build(tmp_path, [{**workload(), "sops": SOPS}], services=[{"name": "web", "from": "baseline/"}])
    (found,) = [each for each in findings if each["severity"] == "error"]
    assert found["code"] == "GC303"
    assert "encrypted" in found["help"]
    assert made == []
