"""Files of Argo CD and Flux: what cannot be rendered here is refused with the next step, and no path leads out."""

from pathlib import Path

import pytest

from grayc.diagnostics import Diagnostic
from grayc.documents.recipes import Declared, Tool
from grayc.documents.render import expand, render_all
from grayc.source import Roots
from tests.controllers.argocd_cases import CHART, FOLDER, REPO, application
from tests.controllers.flux_cases import BUILT, kustomization
from tests.manifests import write_texts
from tests.renderers import renderers_path


def refused(folder: Path, files: dict[str, str], *, root: str | None = ".") -> Diagnostic:
    file = "application.yaml" if "application.yaml" in files else "ks.yaml"
    tool = Tool.ARGOCD if file == "application.yaml" else Tool.FLUX
    write_texts(folder, files)
    made = expand(Declared(tool=tool, file=file, root=root, asked=()), Roots(folder=folder), span=None)
    assert made.value is None
    return made.diagnostics[-1]


def argocd(source: str, more: dict[str, str] | None = None) -> dict[str, str]:
    return {**CHART, **FOLDER, "application.yaml": application(source), **(more or {})}


@pytest.mark.parametrize(
    ("source", "code", "word"),
    [
        (f"{{{REPO}, path: chart, plugin: {{name: tanka}}}}", "GC180", "argocd app manifests"),
        (f"{{{REPO}, path: nowhere}}", "GC101", "is no folder"),
        (f"{{{REPO}, path: application.yaml}}", "GC101", "is no folder"),
        (f"{{{REPO}, path: ../other}}", "GC151", "leads out"),
        (f"{{{REPO}, path: chart/../../other}}", "GC151", "leads out"),
        (f"{{{REPO}, path: '//etc'}}", "GC151", "network path"),
        (f"{{{REPO}, path: '~/x'}}", "GC151", "home folder"),
        (f"{{{REPO}, path: chart, helm: {{valueFiles: [none.yaml]}}}}", "GC101", "does not exist"),
        (f"{{{REPO}, path: chart, helm: {{valueFiles: [../../x.yaml]}}}}", "GC151", "leads out"),
        (f"{{{REPO}, path: chart, helm: {{valueFiles: ['$other/x.yaml']}}}}", "GC101", "does not exist"),
        (f"{{{REPO}, path: chart, helm: {{valueFiles: ['https://x.example.com/v.yaml']}}}}", "GC180", "network"),
        (f"{{{REPO}, path: chart, helm: {{valueFiles: ['none*.yaml']}}}}", "GC101", "matches no"),
        (f"{{{REPO}, path: chart, helm: {{fileParameters: [{{name: a, path: /none}}]}}}}", "GC101", "does not exist"),
        (
            f"{{{REPO}, path: chart, helm: {{parameters: [{{name: a, value: $ARGOCD_APP_REVISION}}]}}}}",
            "GC180",
            "syncs",
        ),
        (f"{{{REPO}, path: chart, helm: {{parameters: [{{value: a}}]}}}}", "GC181", "no name"),
        (f"{{{REPO}, path: chart, helm: {{}}, kustomize: {{}}}}", "GC181", "takes one"),
        ("{repoURL: 'https://charts.example.com', chart: web, targetRevision: 1.0.0}", "GC180", "helm pull web"),
        (
            "{repoURL: registry.example.com/charts, chart: web}",
            "GC180",
            "helm pull oci://registry.example.com/charts/web",
        ),
    ],
)
def test_what_an_application_takes_from_elsewhere(source: str, code: str, word: str, tmp_path: Path) -> None:
    found = refused(tmp_path, argocd(source))

    assert found.code == code
    assert word in found.message + found.help
    assert found.span is not None
    assert found.span.source.name == "application.yaml"


def test_jsonnet_is_refused(tmp_path: Path) -> None:
    files = {"application.yaml": application(f"{{{REPO}, path: app}}"), "app/all.jsonnet": "{}"}
    assert refused(tmp_path, files).code == "GC180"


def test_a_pattern_of_many_is_refused(tmp_path: Path) -> None:
    many = "".join("{a,b}" for _ in range(30))
    source = f"{{{REPO}, path: app, directory: {{exclude: '{many}'}}}}"
    assert refused(tmp_path, {**FOLDER, "application.yaml": application(source)}).code == "GC186"


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "**/" * 200 + "x", "{a,b}{a,b}*" + "?" * 500])
def test_a_pattern_costs_little(pattern: str, tmp_path: Path) -> None:
    source = f"{{{REPO}, path: chart, helm: {{ignoreMissingValueFiles: true, valueFiles: ['{pattern}']}}}}"
    write_texts(tmp_path, argocd(source, {"chart/" + "a" * 200 + ".yaml": "{}", "chart/" + "d/" * 20 + "x.yaml": "{}"}))
    wanted = Declared(tool=Tool.ARGOCD, file="application.yaml", root=".", asked=())
    assert expand(wanted, Roots(folder=tmp_path), span=None).value is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: Application\n", "GC130"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "GC181"),
        (application("{}") + "---\n" + application("{}", name="b"), "GC181"),
        ("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\n", "GC181"),
        (application("{}"), "GC181"),
        ("a: [\n", "GC105"),
    ],
)
def test_a_file_that_is_none(text: str, code: str, tmp_path: Path) -> None:
    assert refused(tmp_path, {"application.yaml": text}).code == code


@pytest.mark.parametrize(
    ("spec", "path", "code"),
    [
        ("", "./none", "GC101"),
        ("", "../out", "GC151"),
        ("  postBuild: {substituteFrom: [{kind: ConfigMap, name: none}]}\n", "./app", "GC186"),
        ("  postBuild: {substituteFrom: [{kind: Pod, name: none}]}\n", "./app", "GC181"),
        ("  postBuild: {substitute: {a-b: x}}\n", "./app", "GC186"),
    ],
)
def test_what_a_kustomization_lacks(spec: str, path: str, code: str, tmp_path: Path) -> None:
    assert refused(tmp_path, {**BUILT, "ks.yaml": kustomization(spec, path)}).code == code


def rendered(folder: Path, file: str, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PATH", renderers_path())
    made = render_all(Declared(tool=tool, file=file, root=".", asked=()), Roots(folder=folder), span=None)
    return [each.code for each in made.diagnostics]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("  components: [../../out]\n", "GC150"),
        ("  components: [https://github.com/x/y]\n", "GC151"),
        ("  patches: [{patch: 'no patch'}]\n", "GC161"),
        ("  postBuild: {substitute: {A: b}}\n", "GC186"),
    ],
)
def test_what_is_put_into_a_kustomization_is_looked_at_too(
    spec: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(tmp_path / "in", {**BUILT, "ks.yaml": kustomization(spec)})
    write_texts(tmp_path, {"out/kustomization.yaml": "kind: Component\n"})
    if "substitute" in spec:
        write_texts(tmp_path / "in", {"app/kustomization.yaml": "resources: [bad.yaml]\n", "app/bad.yaml": BAD})

    assert code in rendered(tmp_path / "in", "ks.yaml", Tool.FLUX, monkeypatch)


BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '${A%b}'}\n"


def test_links_lead_nowhere_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "in"
    write_texts(tmp_path, {"out/values.yaml": "level: stolen\n", "out/web.yaml": "a: b\n"})
    write_texts(inside, argocd(f"{{{REPO}, path: chart, helm: {{valueFiles: [link.yaml]}}}}"))
    (inside / "chart/link.yaml").symlink_to(tmp_path / "out/values.yaml")
    (inside / "gone").symlink_to(tmp_path / "out")

    assert rendered(inside, "application.yaml", Tool.ARGOCD, monkeypatch) == ["GC150"]
    write_texts(inside, {"application.yaml": application(f"{{{REPO}, path: gone}}")})
    assert rendered(inside, "application.yaml", Tool.ARGOCD, monkeypatch) == ["GC150"]
    (inside / "app.yaml").symlink_to(tmp_path / "out/web.yaml")
    assert rendered(inside, "app.yaml", Tool.ARGOCD, monkeypatch) == ["GC150"]


def test_secrets_in_parameters_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"{{{REPO}, path: chart, helm: {{parameters: [{{name: image, value: hunter2-hunter2}}]}}}}"
    write_texts(tmp_path, argocd(source))
    monkeypatch.setenv("PATH", renderers_path())
    wanted = Declared(tool=Tool.ARGOCD, file="application.yaml", root=".", asked=())
    found = render_all(wanted, Roots(folder=tmp_path), span=None).diagnostics

    assert found[-1].code == "GC161"
    assert "hunter2" not in found[-1].message
