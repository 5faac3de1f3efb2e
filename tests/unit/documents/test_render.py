"""Kustomizations and charts, rendered by the real kustomize, kubectl and helm."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from grayc.diagnostics import Checked
from grayc.documents import parse_documents
from grayc.documents.load import Baseline, load_baseline
from grayc.documents.recipes import Chart, Kustomization, Rebuild
from grayc.documents.render import Rendered, render
from grayc.records import replace
from grayc.source import Roots
from tests.manifests import write_texts
from tests.renderers import renderers_path

WEB = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\n"
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}
data: {level: "{{ .Values.level }}", color: "{{ .Values.color }}"}
"""


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


def lay(folder: Path, files: Mapping[str, str]) -> Roots:
    write_texts(folder, files)
    return Roots(folder=folder)


def kustomize(roots: Roots, folder: str = "prod", changed: Mapping[Path, str] | None = None) -> Checked[Rendered]:
    return render(Kustomization(folder=folder, asked=("spec", "baseline", 0)), roots, changed or {}, span=None)


def chart(
    roots: Roots, name: str = "chart", *values: str, release: str = "shop", namespace: str = "prod"
) -> Checked[Rendered]:
    wanted = Chart(chart=name, release=release, namespace=namespace, values=values, asked=("spec", "baseline", 0))
    return render(wanted, roots, span=None)


def text_of(checked: Checked[Rendered]) -> str:
    assert checked.value is not None, checked.diagnostics
    return checked.value.source.text


def only(checked: Checked[Rendered]) -> tuple[str, str]:
    assert checked.value is None
    (found,) = checked.diagnostics
    return found.code, found.message


@pytest.mark.parametrize("by", ["kustomize", "kubectl"])
class TestKustomization:
    @pytest.fixture(autouse=True)
    def one_renders(self, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", renderers_path(by=by))

    def test_it_is_rendered_and_named_by_its_folder(self, tmp_path: Path) -> None:
        roots = lay(
            tmp_path, {"prod/kustomization.yaml": "namePrefix: a-\nresources: [web.yaml]\n", "prod/web.yaml": WEB}
        )
        checked = kustomize(roots, "./prod/")

        assert "name: a-web" in text_of(checked)
        assert checked.value is not None
        assert (checked.value.source.name, checked.value.source.origin) == ("<kustomize prod>", "prod")
        assert checked.value.paths == (Path(os.path.realpath(tmp_path / "prod")),)

    def test_bases_beside_it_and_links_on_the_way(self, tmp_path: Path) -> None:
        roots = lay(
            tmp_path,
            {
                "prod/kustomization.yml": "resources: [../base, ../link]\n",
                "base/Kustomization": "resources: [web.yaml]\n",
                "base/web.yaml": WEB,
                "real/deep/kustomization.yaml": "resources: [../other]\n",
                "real/other/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: b-\n",
                "real/other/web.yaml": WEB,
            },
        )
        (tmp_path / "link").symlink_to("real/deep")
        text = text_of(kustomize(roots))

        assert "name: web" in text
        assert "name: b-web" in text

    def test_generators_read_files_of_any_name(self, tmp_path: Path) -> None:
        files = {"prod/kustomization.yaml": "configMapGenerator: [{name: a, files: [.env]}]\n", "prod/.env": "x"}

        assert ".env: x" in text_of(kustomize(lay(tmp_path, files)))

    def test_what_is_changed_is_rendered_and_not_written(self, tmp_path: Path) -> None:
        roots = lay(tmp_path, {"prod/kustomization.yaml": "resources: [web.yaml]\n", "prod/web.yaml": WEB})
        path = Path(os.path.realpath(tmp_path / "prod" / "web.yaml"))
        text = text_of(kustomize(roots, changed={path: WEB.replace("name: web", "name: changed")}))

        assert "name: changed" in text
        assert path.read_text() == WEB

    @pytest.mark.parametrize("form", ["https://example.com/a", "git::https://example.com/a", "git@example.com:a",
                                      "github.com/a/b", "github.com/a/b?ref=main"])  # fmt: skip
    @pytest.mark.parametrize("field", ["resources", "bases", "components", "generators", "transformers"])
    def test_nothing_comes_from_the_network(self, form: str, field: str, tmp_path: Path) -> None:
        checked = kustomize(lay(tmp_path, {"prod/kustomization.yaml": f"{field}: ['{form}']\n"}))

        assert only(checked) == ("GC151", f"`{form}` comes from the network")
        assert checked.diagnostics[0].field == f"{field}[0]"

    @pytest.mark.parametrize("repo", ["https://example.com", "oci://example.com/charts"])
    def test_nor_does_a_chart(self, repo: str, tmp_path: Path) -> None:
        files = {"prod/kustomization.yaml": f"helmCharts: [{{name: a, repo: '{repo}'}}]\n"}
        assert only(kustomize(lay(tmp_path, files))) == ("GC151", f"`{repo}` comes from the network")

    def test_charts_are_not_rendered_by_kustomize(self, tmp_path: Path) -> None:
        code, message = only(kustomize(lay(tmp_path, {"prod/kustomization.yaml": "helmCharts: [{name: a}]\n"})))

        assert code == "GC161"
        assert "--enable-helm" in message

    def test_the_file_and_the_place_are_named(self, tmp_path: Path) -> None:
        files = {
            "prod/kustomization.yaml": "generators: [a/gen.yaml]\n",
            "prod/a/gen.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nfiles:\n- a.txt\n"
            "- x=http://a/b\n",
        }
        (found,) = kustomize(lay(tmp_path, files)).diagnostics

        assert found.span is not None
        assert (found.code, str(found.span), found.field) == ("GC151", "prod/a/gen.yaml:6:3", "files[1]")

    def test_a_plugin_of_a_later_kustomize_is_asked_for_every_text(self, tmp_path: Path) -> None:
        text = "apiVersion: builtin\nkind: NewTransformer\nmetadata: {name: a}\nspec: {from: ['HTTPS://a/b']}\n"
        files = {"prod/kustomization.yaml": "validators: [a.yaml]\n", "prod/a.yaml": text}

        assert only(kustomize(lay(tmp_path, files)))[0] == "GC151"

    def test_a_plugin_that_can_not_be_read_is_not_run(self, tmp_path: Path) -> None:
        files = {"prod/kustomization.yaml": "generators: [a.yaml]\n", "prod/a.yaml": "a: !x b\n"}

        assert only(kustomize(lay(tmp_path, files)))[0] == "GC108"

    def test_a_base_outside_the_roots(self, tmp_path: Path) -> None:
        lay(tmp_path, {"secret/kustomization.yaml": "resources: [web.yaml]\n", "secret/web.yaml": WEB})
        roots = lay(tmp_path / "spec", {"prod/kustomization.yaml": "resources: [../../secret]\n"})

        assert only(kustomize(roots))[0] == "GC150"
        allowed = Roots(folder=roots.folder, allowed=(tmp_path / "secret",))
        assert "name: web" in text_of(kustomize(allowed))

    def test_a_link_to_a_file_outside_the_roots_is_not_there(self, tmp_path: Path) -> None:
        lay(tmp_path, {"secret.yaml": WEB})
        roots = lay(
            tmp_path / "spec", {"prod/kustomization.yaml": "configMapGenerator: [{name: a, files: [web.yaml]}]\n"}
        )
        (tmp_path / "spec" / "prod" / "web.yaml").symlink_to(tmp_path / "secret.yaml")

        assert only(kustomize(roots))[0] == "GC161"

    def test_its_own_words_name_the_users_paths(self, tmp_path: Path) -> None:
        code, message = only(kustomize(lay(tmp_path, {"prod/kustomization.yaml": "patches: [{path: no.yaml}]\n"})))

        assert code == "GC161"
        assert "prod" in message
        assert "/tree/" not in message
        assert str(tmp_path) not in message

    @pytest.mark.parametrize(
        ("folder", "code"),
        [("../prod", "GC150"), ("/prod", "GC151"), ("https://a/b", "GC151"), ("no", "GC101"), ("empty", "GC101"),
         ("empty/a.txt", "GC101"), ("-x", "GC101")],
    )  # fmt: skip
    def test_a_folder_that_is_none(self, folder: str, code: str, tmp_path: Path) -> None:
        roots = lay(tmp_path / "spec", {"empty/a.txt": ""})

        assert only(kustomize(roots, folder))[0] == code

    def test_a_folder_whose_name_is_a_flag(self, tmp_path: Path) -> None:
        files = {"--help/kustomization.yaml": "resources: [web.yaml]\n", "--help/web.yaml": WEB}

        assert "name: web" in text_of(kustomize(lay(tmp_path, files), "--help"))

    def test_bases_in_a_circle_are_kustomizes_to_refuse(self, tmp_path: Path) -> None:
        files = {"prod/kustomization.yaml": "resources: [../a]\n", "a/kustomization.yaml": "resources: [../prod]\n"}

        assert only(kustomize(lay(tmp_path, files)))[0] == "GC161"


class TestChart:
    FILES: Mapping[str, str] = {
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": "level: info\ncolor: red\n",
        "chart/templates/a.yaml": TEMPLATE,
        "prod.yaml": "level: warn\n",
        "blue, too.yaml": "color: blue\n",
    }

    def test_it_is_rendered_with_its_values_in_order(self, tmp_path: Path) -> None:
        roots = lay(tmp_path, self.FILES)
        checked = chart(roots, "chart", "prod.yaml", "blue, too.yaml")

        assert 'data: {level: "warn", color: "blue"}' in text_of(checked)
        assert 'metadata: {name: "shop", namespace: "prod"}' in text_of(checked)
        assert checked.value is not None
        assert checked.value.source.name == "<helm chart as shop>"
        assert len(checked.value.paths) == 3

    def test_without_a_namespace_it_is_helms_default(self, tmp_path: Path) -> None:
        assert 'namespace: "default"' in text_of(chart(lay(tmp_path, self.FILES), namespace=""))

    @pytest.mark.parametrize("place", ["prod.yaml", "chart/values.yaml"])
    @pytest.mark.parametrize(
        "text",
        [
            "image: ENC[AES256_GCM,data:FHY=,iv:63,tag:jH,type:str]\n",
            "image: a\nsops: {mac: 'ENC[AES256_GCM,data:FHY=,iv:63,tag:jH,type:str]', version: 3.9.4}\n",
            '{"image": "ENC[AES256_GCM,data:FHY=,iv:63,tag:jH,type:str]", "sops": {"mac": "ENC[AES256_GCM,data:"}}\n',
            "$ANSIBLE_VAULT;1.1;AES256\n62313365\n",
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
        ],
    )
    def test_encrypted_values_are_refused(self, text: str, place: str, tmp_path: Path) -> None:
        files = {"chart/Chart.yaml": CHART, "chart/templates/web.yaml": WEB, "prod.yaml": "a: 1\n", place: text}
        code, message = only(chart(lay(tmp_path, files), "chart", "prod.yaml"))
        assert code == "GC165"
        assert f"`{place}`" in message

    def test_values_that_speak_of_encryption_are_none(self, tmp_path: Path) -> None:
        text = "doc: see ENC[AES256_GCM,data:..]\nsops: {enabled: true}\n"
        files = {"chart/Chart.yaml": CHART, "chart/templates/web.yaml": WEB, "prod.yaml": text}
        assert chart(lay(tmp_path, files), "chart", "prod.yaml").diagnostics == ()

    def test_hooks_are_left_out(self, tmp_path: Path) -> None:
        hook = WEB.replace("name: web", "name: web, annotations: {helm.sh/hook: test}")

        assert "kind: Service" not in text_of(chart(lay(tmp_path, {**self.FILES, "chart/templates/hook.yaml": hook})))

    def test_what_it_makes_up_is_found_out(self, tmp_path: Path) -> None:
        made_up = TEMPLATE.replace("{{ .Values.level }}", "{{ randAlphaNum 20 }}").replace(
            "Release.Name }}", "Release.Name }}-b"
        )
        made = chart(lay(tmp_path, {**self.FILES, "chart/templates/b.yaml": made_up})).value

        assert made is not None
        assert made.other not in ("", made.source.text)
        placed = made.place(parse_documents(made.source).value or ())
        assert [(each.identity.name, each.is_made_up) for each in placed] == [("shop", False), ("shop-b", True)]
        assert placed[1].made_up == (("data", "level"),)

    def test_what_goes_on_being_changed_is_refused_with_the_field_that_differs(self, tmp_path: Path) -> None:
        made_up = TEMPLATE.replace("{{ .Values.level }}", "{{ randAlphaNum 20 }}")
        roots = lay(tmp_path, {**self.FILES, "chart/templates/web.yaml": made_up})
        wanted = Chart(chart="chart", release="shop", namespace="", values=(), asked=("spec", "baseline", 0))
        code, message = only(render(replace(wanted, steps=(Rebuild(fields="{}"),)), roots, span=None))

        assert code == "GC163"
        assert message.endswith(
            "each time: first in `shop/templates/web.yaml`, `ConfigMap/shop` differs in `data.level`"
        )

    def test_other_objects_each_time_are_refused(self, tmp_path: Path) -> None:
        made_up = TEMPLATE.replace("{{ .Release.Name }}", "{{ randAlpha 20 | lower }}")
        code, message = only(chart(lay(tmp_path, {**self.FILES, "chart/templates/b.yaml": made_up})))

        assert code == "GC163"
        assert message == "chart `chart` renders to something else each time: first in `shop/templates/b.yaml`"

    @pytest.mark.parametrize("asked", ["now | unixEpoch", 'now | date "2006-01-02"', 'date "15:04" now'])
    def test_the_time_is_found_out_though_it_is_a_whole_one(self, asked: str, tmp_path: Path) -> None:
        timed = TEMPLATE.replace(".Values.level", asked)
        checked = chart(lay(tmp_path, {**self.FILES, "chart/charts/sub/Chart.yaml": CHART.replace("shop", "sub"),
                                       "chart/charts/sub/templates/b.yaml": timed}))  # fmt: skip

        assert checked.value is not None
        assert checked.value.other

    def test_a_time_that_is_asked_for_and_not_written_is_no_matter(self, tmp_path: Path) -> None:
        unused = '{{- $at := now | date "2006" }}\n' + TEMPLATE

        assert text_of(chart(lay(tmp_path, {**self.FILES, "chart/templates/a.yaml": unused})))

    def test_a_dependency_that_is_not_there_is_not_fetched(self, tmp_path: Path) -> None:
        needs = CHART + "dependencies: [{name: redis, version: 1.0.0, repository: 'https://example.com'}]\n"
        code, message = only(chart(lay(tmp_path, {**self.FILES, "chart/Chart.yaml": needs})))

        assert code == "GC161"
        assert "missing in charts/ directory: redis" in message

    def test_it_fails_in_a_template(self, tmp_path: Path) -> None:
        broken = TEMPLATE.replace(".Values.level", ".Values.a.b")
        code, message = only(chart(lay(tmp_path, {**self.FILES, "chart/templates/b.yaml": broken})))

        assert code == "GC161"
        assert "shop/templates/b.yaml:4" in message

    @pytest.mark.parametrize(
        ("name", "values", "code"),
        [("oci://a/b", (), "GC151"), ("bitnami/redis", (), "GC101"), ("../chart", (), "GC150"),
         ("chart", ("https://a/b.yaml",), "GC151"), ("chart", ("no.yaml",), "GC101"), ("chart", ("../no.yaml",), "GC150")],
    )  # fmt: skip
    def test_paths_that_are_none_of_the_specs(
        self, name: str, values: tuple[str, ...], code: str, tmp_path: Path
    ) -> None:
        assert only(chart(lay(tmp_path / "spec", self.FILES), name, *values))[0] == code

    @pytest.mark.parametrize("release", ["--help", "-x", "A B"])
    def test_a_release_name_is_never_a_flag(self, release: str, tmp_path: Path) -> None:
        assert only(chart(lay(tmp_path, self.FILES), release=release))[0] == "GC161"


class TestAsABaseline:
    def load(self, roots: Roots, *wanted: Kustomization | Chart) -> Checked[Baseline]:
        return load_baseline([], roots, rendered=wanted)

    def test_places_are_those_in_the_rendered_text(self, tmp_path: Path) -> None:
        roots = lay(tmp_path, {"prod/kustomization.yaml": "resources: [web.yaml]\n", "prod/web.yaml": WEB})
        loaded = self.load(roots, Kustomization(folder="prod", asked=()))

        assert loaded.value is not None
        assert loaded.value.files == ("<kustomize prod>",)
        span = loaded.value.documents[0].span(("metadata", "name"))
        assert (span.file, span.line) == ("<kustomize prod>", 4)
        assert span.source.line(4) == "  name: web"

    def test_what_renders_to_nothing_is_an_error(self, tmp_path: Path) -> None:
        files = {"prod/kustomization.yaml": "resources: [web.yaml]\n", "prod/web.yaml": WEB}
        roots = lay(tmp_path, {**files, "none/kustomization.yaml": "resources: []\n"})
        wanted = [
            Kustomization(folder=name, asked=("spec", "baseline", at)) for at, name in enumerate(("prod", "none"))
        ]
        loaded = self.load(roots, *wanted)

        assert loaded.value is None
        assert [(item.code, item.field) for item in loaded.diagnostics] == [("GC103", "spec.baseline[1]")]

    def test_a_program_that_is_not_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        roots = lay(tmp_path, {"prod/kustomization.yaml": "resources: [web.yaml]\n", "prod/web.yaml": WEB})
        loaded = self.load(roots, Kustomization(folder="prod", asked=("spec", "baseline", 0)))

        assert [(item.code, item.field) for item in loaded.diagnostics] == [("GC160", "spec.baseline[0]")]
