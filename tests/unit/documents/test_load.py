import os
from pathlib import Path

import pytest

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import load as module
from grayc.documents.chunk import Chunk
from grayc.documents.chunk import Path as FieldPath
from grayc.documents.load import Baseline, load_baseline
from grayc.documents.model import Document
from grayc.source import Roots, SourceFile
from grayc.source.limits import MAX_TOTAL_BYTES

SPEC = "spec:\n  baseline:\n" + "".join(f"  - pattern-{number}\n" for number in range(5))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "spec"
    path.mkdir()
    return path


def config(name: str, *, namespace: str = "", version: str = "v1", kind: str = "ConfigMap") -> str:
    place = f"\n  namespace: {namespace}" if namespace else ""
    return f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}{place}\n"


def write(folder: Path, name: str, *objects: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("---\n".join(objects))


def load(
    folder: Path,
    *patterns: str,
    stdin: str | None = None,
    spec_path: Path | None = None,
    allowed: tuple[Path, ...] = (),
    most_bytes: int = MAX_TOTAL_BYTES,
) -> Checked[Baseline]:
    source = SourceFile(name="release.yaml", text=SPEC)
    document = Document(data={}, chunk=Chunk(source=source, index=0, line=1, text=SPEC))
    paths: list[FieldPath] = [("spec", "baseline", number) for number in range(5)]
    return load_baseline(
        list(zip(patterns, paths, strict=False)),
        Roots(folder=folder, allowed=allowed, most_bytes=most_bytes),
        None if stdin is None else (SourceFile(name="<stdin>", text=stdin), paths[4]),
        document,
        spec_path=spec_path,
    )


def loaded(checked: Checked[Baseline]) -> Baseline:
    assert checked.value is not None, checked.diagnostics
    return checked.value


def refs(checked: Checked[Baseline]) -> list[str]:
    return [str(document.identity) for document in loaded(checked).documents]


def places(checked: Checked[Baseline]) -> list[tuple[str, str]]:
    return [(item.code, str(item.span)) for item in checked.diagnostics]


def test_documents_come_in_the_order_of_their_places(folder: Path) -> None:
    write(folder, "base/b.yaml", config("b1"), config("b2"))
    write(folder, "base/a.yaml", config("z"))
    write(folder, "one.yaml", config("one"))

    checked = load(folder, "one.yaml", "base")

    assert refs(checked) == ["ConfigMap/z", "ConfigMap/b1", "ConfigMap/b2", "ConfigMap/one"]
    assert loaded(checked).files == ("base/a.yaml", "base/b.yaml", "one.yaml")


def test_the_order_of_the_patterns_does_not_matter(folder: Path) -> None:
    write(folder, "a/x.yaml", config("x"))
    write(folder, "b/y.yaml", config("w"))

    assert refs(load(folder, "a", "b")) == refs(load(folder, "b", "a"))


def test_items_of_a_list_keep_their_order(folder: Path) -> None:
    items = "".join(f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: n{number}}}}}\n" for number in range(12))
    write(folder, "list.yaml", f"apiVersion: v1\nkind: List\nitems:\n{items}")

    assert refs(load(folder, "list.yaml")) == [f"ConfigMap/n{number}" for number in range(12)]


def test_a_file_that_several_patterns_name_is_read_once(folder: Path) -> None:
    write(folder, "base/a.yaml", config("a"))
    (folder / "base" / "link.yaml").symlink_to("a.yaml")

    checked = load(folder, "base", "base/*.yaml", "base/a.yaml", "./base//a.yaml")

    assert refs(checked) == ["ConfigMap/a"]
    assert loaded(checked).files == ("base/a.yaml",)


def test_a_named_file_is_read_more_strictly_than_one_come_across(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, bool] = {}

    def parse(source: SourceFile, *, searched: bool = False) -> Checked[tuple[Document, ...]]:
        asked[source.name] = searched
        return Checked(value=())

    monkeypatch.setattr(module, "parse_documents", parse)
    write(folder, "base/a.yaml")
    write(folder, "base/b.yaml")

    load(folder, "base", "base/b.yaml", stdin="")

    assert asked == {"base/a.yaml": True, "base/b.yaml": False, "<stdin>": False}


def test_standard_input_is_part_of_the_baseline(folder: Path) -> None:
    write(folder, "a.yaml", config("a"))

    checked = load(folder, "a.yaml", stdin=config("piped"))

    assert refs(checked) == ["ConfigMap/piped", "ConfigMap/a"]
    assert loaded(checked).files == ("<stdin>", "a.yaml")


def test_the_spec_is_no_part_of_its_baseline(folder: Path) -> None:
    write(folder, "release.yaml", config("not-this"))
    write(folder, "a.yaml", config("a"))

    assert refs(load(folder, ".", spec_path=folder / "release.yaml")) == ["ConfigMap/a"]


def test_paths_are_what_the_output_must_keep_clear_of(folder: Path) -> None:
    write(folder, "release.yaml")
    write(folder, "base/a.yaml", config("a"))
    write(folder, "one/b.yaml", config("b"))
    write(folder, "one/c.yaml", config("c"))

    checked = load(folder, "base", "one/*.yaml", spec_path=folder / "release.yaml")

    assert loaded(checked).paths == tuple(
        str(folder / name) for name in ("base", "base/a.yaml", "one/b.yaml", "one/c.yaml", "release.yaml")
    )


def test_a_folder_outside_is_read_where_it_is_allowed(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, "shared/a.yaml", config("a"))

    checked = load(folder, "../shared", allowed=(tmp_path / "shared",))

    assert loaded(checked).files == ("../shared/a.yaml",)


class TestDuplicateObjects:
    def test_are_reported_with_both_places(self, folder: Path) -> None:
        write(folder, "a.yaml", config("x"), config("web"))
        write(folder, "b.yaml", config("web"))

        checked = load(folder, ".")

        assert places(checked) == [("GC132", "b.yaml:4:9")]
        assert [str(note.span) for note in checked.diagnostics[0].notes] == ["a.yaml:9:9"]
        assert checked.diagnostics[0].object == "ConfigMap/web"
        assert checked.value is None

    def test_are_reported_each(self, folder: Path) -> None:
        write(folder, "a.yaml", config("x"), config("x"), config("x"))

        assert [code for code, _ in places(load(folder, "a.yaml"))] == ["GC132", "GC132"]

    @pytest.mark.parametrize("count", [2, 4, 60])
    def test_are_one_finding_for_two_files(self, folder: Path, count: int) -> None:
        names = [f"web-{at}" for at in range(count)]
        write(folder, "a.yaml", *map(config, names))
        write(folder, "b.yaml", *map(config, names))
        write(folder, "c.yaml", config("web-0"))

        checked = load(folder, ".")

        assert places(checked) == [("GC132", "b.yaml:4:9"), ("GC132", "c.yaml:4:9")]
        message = checked.diagnostics[0].message
        assert message.startswith(f"{count} objects stand in `a.yaml` and in `b.yaml` as well: `ConfigMap/web-0`, ")
        assert message.count("`ConfigMap/") == min(count, 3)
        assert message.endswith(f" and {count - 3} more") == (count > 3)

    @pytest.mark.parametrize(
        ("one", "other", "folders", "files"),
        [
            ("all/a.yaml", "all/a.yaml", False, False),
            ("all/a.yaml", "all/b.yaml", False, True),
            ("base/a.yaml", "overlay/a.yaml", True, False),
        ],
    )
    def test_are_helped_by_what_tells_them_apart(
        self, folder: Path, one: str, other: str, folders: bool, files: bool
    ) -> None:
        kept = [config("x")] if one != other else [config("x"), config("x")]
        write(folder, one, *kept)
        if one != other:
            write(folder, other, *kept)

        (found,) = load(folder, ".").diagnostics

        assert ("name only one of the folders" in found.help) is folders
        assert ("name only the files" in found.help) is files

    def test_count_as_one_whatever_their_version(self, folder: Path) -> None:
        write(folder, "a.yaml", config("x", version="networking.k8s.io/v1beta1", kind="Ingress"))
        write(folder, "b.yaml", config("x", version="networking.k8s.io/v1", kind="Ingress"))

        assert [code for code, _ in places(load(folder, "."))] == ["GC132"]

    def test_differ_by_group_kind_namespace_or_name(self, folder: Path) -> None:
        write(
            folder, "a.yaml", config("x"), config("w"), config("x", namespace="shop"), config("x", kind="Secret"),
            config("x", version="a.io/v1"), config("x", version="b.io/v1"),
        )  # fmt: skip

        assert len(refs(load(folder, "a.yaml"))) == 6


class TestErrors:
    def test_stand_where_the_spec_asks_for_the_file(self, folder: Path) -> None:
        write(folder, "web.yaml", config("a"))

        checked = load(folder, "web.yaml", "wbe.yaml")

        assert places(checked) == [("GC101", "release.yaml:4:5")]
        assert checked.diagnostics[0].field == "spec.baseline[1]"
        assert "`web.yaml`" in checked.diagnostics[0].help

    def test_are_all_reported_in_one_run(self, folder: Path, tmp_path: Path) -> None:
        write(tmp_path, "elsewhere.yaml", config("a"))
        write(folder, "empty/README.md")
        (folder / "base").mkdir()
        (folder / "base" / "broken.yaml").write_bytes(b"a: \xff\n")
        os.mkfifo(folder / "base" / "pipe.yaml")
        write(folder, "base/twice.yaml", config("x"), config("x"))

        checked = load(folder, "missing.yaml", "../elsewhere.yaml", "empty", "/etc", "base")

        assert sorted(item.code for item in checked.diagnostics) == [
            "GC101", "GC103", "GC104", "GC132", "GC150", "GC151", "GC152",
        ]  # fmt: skip

    def test_inside_a_file_stand_there(self, folder: Path) -> None:
        (folder / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")

        checked = load(folder, "a.yaml")

        assert places(checked) == [("GC104", "a.yaml:2:4")]
        assert [str(note.span) for note in checked.diagnostics[0].notes] == ["release.yaml:3:5"]

    def test_of_the_reader_are_passed_on(self, folder: Path) -> None:
        write(folder, "a.yaml", "a: [\n")
        write(folder, "b.yaml", "{{ .Values.x }}: 1\n")

        checked = load(folder, ".")

        assert {item.span.file for item in checked.diagnostics if item.span} == {"a.yaml", "b.yaml"}

    def test_have_no_place_where_there_is_no_spec(self, folder: Path) -> None:
        checked = load_baseline([("missing", ())], Roots(folder=folder))

        assert [(item.code, item.span) for item in checked.diagnostics] == [("GC101", None)]


class TestNothingToRead:
    @pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n---\n", "null\n"])
    def test_files_without_objects(self, folder: Path, text: str) -> None:
        write(folder, "base/a.yaml", text)

        checked = load(folder, "base")

        assert ("GC103", "release.yaml:3:5") in places(checked)
        assert checked.value is None

    def test_an_empty_pipe(self, folder: Path) -> None:
        assert places(load(folder, stdin="")) == [("GC103", "release.yaml:7:5")]

    def test_a_folder_with_only_the_spec(self, folder: Path) -> None:
        write(folder, "release.yaml")

        checked = load(folder, ".", spec_path=folder / "release.yaml")

        assert places(checked) == [("GC103", "release.yaml:3:5")]


def test_a_baseline_that_is_too_large_in_total_is_refused(folder: Path) -> None:
    for name in "abc":
        write(folder, f"{name}.yaml", config(name))
    size = len(config("a"))
    assert len(refs(load(folder, ".", most_bytes=3 * size))) == 3

    checked = load(folder, ".", most_bytes=3 * size - 1)

    assert places(checked) == [("GC125", "release.yaml:3:5")]


def test_findings_have_codes_of_the_table(folder: Path) -> None:
    found: tuple[Diagnostic, ...] = load(folder, "missing", "a\\b", "../x").diagnostics

    assert [item.severity.value for item in found] == ["error", "error", "error"]
