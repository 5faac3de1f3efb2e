"""`init` writes what `validate` takes, of whatever production is made from."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from grayc.spec.schema import check_schema
from tests.cli_run import run_grayc
from tests.renderers import renderers_path
from tests.unit.cli.texts import PREPARED

KUSTOMIZATION = "namespace: shop\nnamePrefix: prod-\nresources: [web.yaml]\n"
TEMPLATE = PREPARED.replace("metadata: {name: web}", "metadata: {name: web-{{ .Release.Name }}}")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", renderers_path())
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod/web.yaml").write_text(PREPARED)
    return tmp_path


def first(shop: Path, *arguments: str, is_open: bool = False) -> str:
    """Return the spec that is made; one that is open asks for an image in full."""
    made = run_grayc(["init", *arguments], folder=shop)
    assert made.status == 0, made.stderr
    checked = run_grayc(["validate", "release.yaml"], folder=shop)
    assert checked.status == is_open, checked.stderr
    assert ("GC590" in checked.stderr) is is_open
    return (shop / "release.yaml").read_text()


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_the_folder_of_a_kustomization_is_what_it_renders_to(shop: Path, name: str) -> None:
    (shop / "prod" / name).write_text(KUSTOMIZATION)
    text = first(shop, "prod/")
    assert "  - kustomize: prod\n" in text
    assert "workload: Deployment/prod-web\n" in text
    assert "  namespace: shop\n" in text


def test_the_file_of_a_kustomization_stands_for_its_folder(shop: Path) -> None:
    (shop / "prod/kustomization.yaml").write_text(KUSTOMIZATION)
    assert "  - kustomize: prod\n" in first(shop, "prod/kustomization.yaml", "-o", "release.yaml")


def test_a_base_beside_the_release_is_told_where_the_release_has_to_stand(shop: Path) -> None:
    (shop / "prod/kustomization.yaml").write_text("resources: [web.yaml]\n")
    (shop / "overlays/prod").mkdir(parents=True)
    (shop / "overlays/prod/kustomization.yaml").write_text("namePrefix: p-\nresources: [../../prod]\n")
    refused = run_grayc(["init", "overlays/prod", "-f", "json"], folder=shop)
    (found,) = json.loads(refused.stdout)["diagnostics"]
    assert (refused.status, found["code"], "`-o release.yaml`" in found["help"]) == (1, "GC150", True)
    assert "  - kustomize: overlays/prod\n" in first(shop, "overlays/prod", "-o", "release.yaml")


def test_a_kustomization_that_can_not_be_rendered_is_refused(shop: Path) -> None:
    (shop / "prod/kustomization.yaml").write_text("resources: [nobody.yaml]\n")
    assert run_grayc(["init", "prod"], folder=shop).status == 2
    assert not (shop / "release.yaml").exists()


def test_the_folder_of_a_chart_is_what_it_renders_to(shop: Path) -> None:
    (shop / "chart/templates").mkdir(parents=True)
    (shop / "chart/Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (shop / "chart/templates/web.yaml").write_text(TEMPLATE)
    text = first(shop, "chart")
    assert "  - helm:\n      chart: chart\n      release: web\n" in text
    assert "`helm list`" in text
    assert "workload: Deployment/web-web\n" in text


def test_an_image_of_a_template_is_a_comment(shop: Path) -> None:
    container = '{name: web, image: "registry.example.com/web:1"}'
    assert container in PREPARED
    more = "{name: agent, image: '${PREFIX}/agent:1'}"
    (shop / "prod/web.yaml").write_text(PREPARED.replace(container, f"{container}, {more}"))
    text = first(shop, "prod", is_open=True)
    images = "    images:\n      web: registry.example.com/web:1\n"
    assert f"{images}      # agent: ${{PREFIX}}/agent:1   # write it in full\n" in text


def test_images_of_a_template_alone_are_a_comment(shop: Path) -> None:
    (shop / "prod/web.yaml").write_text(PREPARED.replace("registry.example.com/", "${PREFIX}/"))
    assert "    # images:\n    #   web: ${PREFIX}/web:1   # write it in full\n" in first(shop, "prod", is_open=True)


def test_a_namespace_that_no_manifest_says_is_a_comment(shop: Path) -> None:
    assert "  tag: gray\n  # namespace: default " in first(shop, "prod")


def test_a_namespace_that_manifests_say_is_none(shop: Path) -> None:
    (shop / "prod/web.yaml").write_text(PREPARED.replace("{name: web}\n", "{name: web, namespace: shop}\n", 1))
    text = first(shop, "prod")
    assert "  namespace: shop\n" in text
    assert "# namespace" not in text


def test_the_gateway_of_an_ingress_is_told_once(shop: Path) -> None:
    (shop / "prod/ingress.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
        "spec: {ingressClassName: nginx, rules: [{host: h.test, http: {paths: [{path: /, pathType: Prefix, "
        "backend: {service: {name: web, port: {number: 80}}}}]}}]}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
    )
    made = run_grayc(["init", "prod", "-o", "-"], folder=shop).stdout
    assert made.count("Ingress `web` has class `nginx`") == 1
    assert "    - tagged: true\n  # Checked at every build" in made


def commented(text: str) -> str:
    """Return a spec with its examples taken out of their comments."""
    return re.sub(r"^  # (traffic:|lane:|expect:|  )", r"  \1", text, flags=re.MULTILINE)


def test_what_no_baseline_shows_is_a_comment_that_can_be_taken_up(shop: Path) -> None:
    text = first(shop, "prod")
    spec = yaml.safe_load(commented(text))["spec"]

    assert text.startswith("# yaml-language-server: $schema=https://grayc.dev/schemas/release.schema.json\n")
    said = yaml.safe_load(text)["spec"]
    assert not {"traffic", "expect"} & set(said)
    # Without a word of it the lane would be the MSE agent's, which nothing here asks for.
    assert said["lane"] == {"provider": "none"}
    assert check_schema(yaml.safe_load(commented(text))) == ()
    assert spec["lane"] == {"provider": "none"}
    assert spec["traffic"]["gateway"] == "gateway-api"
    assert [each["goesTo"] for each in spec["expect"]] == ["baseline", "gray"]


@pytest.mark.parametrize(
    ("ingress_class", "shown", "goes_to"),
    [
        ("nginx", {"traffic", "lane"}, ["baseline"]),
        ("higress", {"traffic", "lane"}, ["baseline", "gray"]),
        ("strange", {"lane"}, ["baseline", "gray"]),
    ],
)
def test_what_a_baseline_shows_is_no_comment(
    shop: Path, ingress_class: str, shown: set[str], goes_to: list[str]
) -> None:
    port = "{name: web, port: {number: 80}}"
    (shop / "prod" / "entry.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\n"
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
        f"spec: {{ingressClassName: {ingress_class}, rules: [{{host: shop.example.com, http: {{paths: "
        f"[{{path: /, pathType: Prefix, backend: {{service: {port}}}}}]}}}}]}}\n"
    )
    text = run_grayc(["init", "prod", "-o", "-"], folder=shop).stdout
    said, spec = yaml.safe_load(text)["spec"], yaml.safe_load(commented(text))["spec"]

    assert {"traffic", "lane"} & set(said) == shown
    assert check_schema(yaml.safe_load(commented(text))) == ()
    assert {"traffic", "lane", "expect"} <= set(spec)
    assert [each["goesTo"] for each in spec["expect"]] == goes_to


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def refused(folder: Path, *arguments: str) -> list[dict[str, str]]:
    run = run_grayc(["init", *arguments, "-f", "json"], folder=folder)
    assert run.status in (1, 2)
    found: list[dict[str, str]] = json.loads(run.stdout)["diagnostics"]
    return found


SHOP = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
REQUIRED = PREPARED.replace("registry.example.com/web:1", '{{ required "say the image" .Values.image }}')


def test_a_chart_that_wants_values_is_told_what_works(shop: Path) -> None:
    lay(shop, {"shop/Chart.yaml": SHOP, "shop/templates/web.yaml": REQUIRED, "v.yaml": "image: example.com/web:1\n"})
    (found,) = refused(shop, "shop")
    assert found["code"] == "GC161"
    assert "`set` of the row" not in found["help"]

    render, init = re.findall(r"`((?:helm|grayc) [^`]*)`", found["help"])
    subprocess.run(render.replace("FILE", "v.yaml"), shell=True, cwd=shop, check=True, timeout=60)
    assert "workload: Deployment/web" in first(shop, *init.split()[2:])


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (
            {"shop/kustomization.yaml": "helmCharts: [{name: a, repo: 'https://example.com'}]\n"},
            "",
        ),
        (
            {
                "shop/Chart.yaml": SHOP + 'kubeVersion: ">= 9.9.0"\n',
                "shop/templates/web.yaml": PREPARED,
            },
            "--kube-version VERSION",
        ),
        (
            {
                "shop/Chart.yaml": SHOP,
                "shop/templates/web.yaml": PREPARED.replace("{name: web}", "{name: {{ randAlpha 8 | lower }}}", 1),
            },
            "a fixed value in a values file, `helm template",
        ),
    ],
    ids=["charts", "version", "made up"],
)
def test_a_help_names_no_row_of_a_release_that_is_not_there(shop: Path, files: dict[str, str], named: str) -> None:
    lay(shop, files)
    for found in refused(shop, "shop"):
        assert named in found["help"]
        assert "of the row" not in found["help"]
        assert "as a source" not in found["help"]


APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: shop}, path: ./%s}
"""


def test_the_folder_of_a_file_of_flux_is_told_the_file(shop: Path) -> None:
    lay(shop, {"clusters/apps.yaml": APPS % "prod"})
    (found,) = refused(shop, "clusters")
    assert found["code"] == "GC303"
    (file,) = re.findall(r"`grayc init ([^`]*)`", found["help"])
    assert "  - flux: clusters/apps.yaml\n" in first(shop, file, "-o", "release.yaml")


def test_a_path_of_flux_that_is_not_here_is_told_what_to_write(shop: Path) -> None:
    lay(shop, {"clusters/apps.yaml": APPS % "web", "apps/web/web.yaml": PREPARED})
    (found,) = refused(shop, "clusters/apps.yaml", "-o", "release.yaml")
    assert found["code"] == "GC101"
    assert "`baseline: [{flux: FILE, root: DIR}]`" in found["help"]


def test_a_kustomization_that_is_left_out_of_nothing_is_told_without_a_release(shop: Path) -> None:
    lay(shop, {"clusters/apps.yaml": APPS % "prod", "clusters/base/kustomization.yaml": "namePrefix: a-\n"})
    left = [each for each in refused(shop, "clusters") if each["code"] == "GC131"]
    assert len(left) == 1
    assert "spec.baseline" not in left[0]["help"]


def test_a_chart_that_makes_up_what_is_released_is_told_of_at_once(shop: Path) -> None:
    made_up = PREPARED.replace("registry.example.com/web:1", "registry.example.com/web:{{ randAlpha 8 | lower }}")
    lay(shop, {"shop/Chart.yaml": SHOP, "shop/templates/web.yaml": made_up})
    run = run_grayc(["init", "shop", "-f", "json"], folder=shop)
    (found,) = json.loads(run.stdout)["diagnostics"]
    assert (run.status, found["code"], found["object"]) == (0, "GC168", "Deployment/web")
    assert found["field"] == "spec.template.spec.containers[0].image"
    assert (shop / "release.yaml").is_file()
    assert "GC163" in run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).stderr


def test_a_chart_that_makes_up_what_nobody_uses_is_not_told_of(shop: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: {{ randAlpha 8 | quote }} }\n"
    lay(shop, {"shop/Chart.yaml": SHOP, "shop/templates/web.yaml": PREPARED, "shop/templates/s.yaml": secret})
    run = run_grayc(["init", "shop", "-f", "json"], folder=shop)
    assert (run.status, json.loads(run.stdout)["diagnostics"]) == (0, [])


@pytest.mark.parametrize("tag", ["Bad Tag", "original", "a" * 70, "x/../../y", "a\nb", "--x", "\udcff"], ids=ascii)
@pytest.mark.parametrize("out", ["-", "release.yaml"])
def test_a_tag_that_no_release_may_have_is_refused(shop: Path, tag: str, out: str) -> None:
    made = run_grayc(["init", "prod", "-o", out, f"--tag={tag}"], folder=shop)

    assert (made.status, made.stdout) == (2 if tag == "\udcff" else 1, "")
    assert "`--tag`" in made.stderr
    assert not (shop / "release.yaml").exists()
