import os
from pathlib import Path

import pytest

from grayc.source import Roots, SourceError, find_sources, list_manifests
from grayc.source import find as module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "spec"
    path.mkdir()
    return path


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a: 1\n")


def names(folder: Path, pattern: str, *, allowed: tuple[Path, ...] = ()) -> list[str]:
    return [file.name for file in find_sources(pattern, Roots(folder=folder, allowed=allowed)).files]


def refused(folder: Path, pattern: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        find_sources(pattern, Roots(folder=folder))
    return caught.value


class TestAFile:
    def test_is_itself_whatever_its_suffix(self, folder: Path) -> None:
        fill(folder, "base/web.txt")

        found = find_sources("base/web.txt", Roots(folder=folder))

        assert [(file.name, file.searched) for file in found.files] == [("base/web.txt", False)]
        assert found.folders == ()

    @pytest.mark.parametrize("pattern", ["./base/web.yaml", "base//web.yaml", "base/../base/web.yaml"])
    def test_goes_by_its_plain_name(self, folder: Path, pattern: str) -> None:
        fill(folder, "base/web.yaml")

        assert names(folder, pattern) == ["base/web.yaml"]

    def test_wins_over_its_reading_as_a_glob(self, folder: Path) -> None:
        fill(folder, "[a].yaml", "a.yaml")

        assert names(folder, "[a].yaml") == ["[a].yaml"]

    def test_is_no_folder(self, folder: Path) -> None:
        fill(folder, "web.yaml")

        assert refused(folder, "web.yaml/").code == "GC101"


class TestAFolder:
    def test_stands_for_all_manifests_below_in_the_order_of_their_bytes(self, folder: Path) -> None:
        fill(folder, "base/b.yaml", "base/a/z.yml", "base/a.json", "base/B.yaml", "base/é.yaml")
        fill(folder, "base/README.md", "base/x.YAML")

        assert names(folder, "base") == ["base/B.yaml", "base/a.json", "base/a/z.yml", "base/b.yaml", "base/é.yaml"]
        assert names(folder, "base/") == names(folder, "base")

    def test_of_the_spec_is_a_dot(self, folder: Path) -> None:
        fill(folder, "b.yaml", "a/x.yaml")

        assert names(folder, ".") == ["a/x.yaml", "b.yaml"]

    def test_is_told_to_have_been_searched(self, folder: Path) -> None:
        fill(folder, "base/a.yaml")

        found = find_sources("base", Roots(folder=folder))

        assert all(file.searched for file in found.files)
        assert found.folders == (folder / "base",)

    def test_leaves_out_what_is_hidden(self, folder: Path) -> None:
        fill(folder, "base/a.yaml", "base/.git/x.yaml", "base/.x.yaml", "base/c/.d/x.yaml")
        (folder / "base" / ".#a.yaml").symlink_to("nobody@host")

        assert names(folder, "base") == ["base/a.yaml"]

    def test_that_is_hidden_is_searched_when_it_is_named(self, folder: Path) -> None:
        fill(folder, ".rendered/a.yaml")

        assert names(folder, ".rendered") == [".rendered/a.yaml"]

    def test_without_manifests_is_an_error(self, folder: Path) -> None:
        fill(folder, "base/README.md")

        assert refused(folder, "base").code == "GC103"

    @pytest.mark.parametrize(("shown", "named"), [("", "."), ("shop", "shop/")])
    def test_a_folder_without_manifests_is_named_as_it_is_shown(self, shown: str, named: str, tmp_path: Path) -> None:
        with pytest.raises(SourceError) as error:
            find_sources(".", Roots(folder=tmp_path, shown=shown))
        assert error.value.message == f"`{named}` holds no manifest"

    def test_named_like_a_manifest_is_still_a_folder(self, folder: Path) -> None:
        fill(folder, "base/a.yaml/b.yaml")

        assert names(folder, "base") == ["base/a.yaml/b.yaml"]

    def test_is_not_searched_too_deep(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_FOLDER_DEPTH", 2)
        fill(folder, "base/1/2/a.yaml")
        assert names(folder, "base") == ["base/1/2/a.yaml"]
        fill(folder, "base/1/2/3/a.yaml")

        assert refused(folder, "base").code == "GC120"

    def test_is_not_searched_without_end(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_ENTRIES", 3)
        fill(folder, "base/1.yaml", "base/2.yaml", "base/3.yaml")
        assert len(names(folder, "base")) == 3
        fill(folder, "base/4")

        assert refused(folder, "base").code == "GC125"


class TestLinks:
    def test_to_a_folder_above_do_not_loop(self, folder: Path) -> None:
        fill(folder, "base/a.yaml", "base/c/d.yaml")
        (folder / "base" / "c" / "up").symlink_to("..")
        (folder / "base" / "self").symlink_to(".")

        assert names(folder, "base") == ["base/a.yaml", "base/c/d.yaml"]
        assert names(folder, "base/**/*.yaml") == ["base/a.yaml", "base/c/d.yaml"]

    def test_between_many_folders_do_not_multiply(self, folder: Path) -> None:
        for one in range(12):
            fill(folder, f"base/{one}/a.yaml")
            for other in range(12):
                (folder / "base" / str(one) / f"to{other}").symlink_to(f"../{other}")

        assert len(names(folder, "base")) == 12

    def test_to_a_folder_that_is_found_anyhow_leave_it_its_own_name(self, folder: Path) -> None:
        fill(folder, "base/z/a.yaml")
        (folder / "base" / "b").symlink_to("z")

        assert names(folder, "base") == ["base/z/a.yaml"]

    def test_to_a_folder_outside_are_refused(self, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path, "elsewhere/x.yaml")
        fill(folder, "base/a.yaml")
        (folder / "base" / "out").symlink_to(tmp_path / "elsewhere")

        assert refused(folder, "base").code == "GC150"
        assert names(folder, "base", allowed=(tmp_path / "elsewhere",)) == ["base/a.yaml", "base/out/x.yaml"]

    def test_that_lead_nowhere_are_left_to_the_reader(self, folder: Path) -> None:
        (folder / "base").mkdir()
        (folder / "base" / "a.yaml").symlink_to("nothing")
        (folder / "base" / "b.yaml").symlink_to("b.yaml")

        assert names(folder, "base") == ["base/a.yaml", "base/b.yaml"]


class TestAGlob:
    @pytest.fixture(autouse=True)
    def _files(self, folder: Path) -> None:
        fill(
            folder, "base/a.yaml", "base/b.yml", "base/README.md", "base/web/a.yaml", "base/web/k8s/x.json",
            "base/cart/k8s/y.yaml", "base/.hidden/a.yaml", "top.yaml",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("*.yaml", ["top.yaml"]),
            ("base/*", ["base/a.yaml", "base/b.yml"]),
            ("base/?.yaml", ["base/a.yaml"]),
            ("base/[!a].y*ml", ["base/b.yml"]),
            ("base/*/a.yaml", ["base/web/a.yaml"]),
            ("base/**/a.yaml", ["base/a.yaml", "base/web/a.yaml"]),
            ("**/k8s/*", ["base/cart/k8s/y.yaml", "base/web/k8s/x.json"]),
            ("**/**/k8s/**/*", ["base/cart/k8s/y.yaml", "base/web/k8s/x.json"]),
            ("base/c*/**", ["base/cart/k8s/y.yaml"]),
            ("**", [
                "base/a.yaml", "base/b.yml", "base/cart/k8s/y.yaml", "base/web/a.yaml", "base/web/k8s/x.json",
                "top.yaml",
            ]),
            ("base/*/k8s/", ["base/cart/k8s/y.yaml", "base/web/k8s/x.json"]),
            ("base/w*/", ["base/web/a.yaml", "base/web/k8s/x.json"]),
            ("./base/../base/*.yml", ["base/b.yml"]),
            ("base/.*/a.yaml", ["base/.hidden/a.yaml"]),
        ],
    )  # fmt: skip
    def test_finds(self, folder: Path, pattern: str, expected: list[str]) -> None:
        assert names(folder, pattern) == expected

    def test_is_a_search(self, folder: Path) -> None:
        assert all(file.searched for file in find_sources("base/*", Roots(folder=folder)).files)

    def test_claims_a_folder_only_where_it_reaches_all_below(self, folder: Path) -> None:
        assert find_sources("base/*.yaml", Roots(folder=folder)).folders == ()
        assert find_sources("base/**/a.yaml", Roots(folder=folder)).folders == (folder / "base",)

    @pytest.mark.parametrize("pattern", ["*.json", "base/*.md", "base/A*", "base/*/*/*/*.yaml", "top.yaml*/x"])
    def test_that_matches_no_manifest_is_an_error(self, folder: Path, pattern: str) -> None:
        assert refused(folder, pattern).code == "GC103"

    def test_below_a_folder_that_is_not_there_is_an_error(self, folder: Path) -> None:
        error = refused(folder, "bsae/*.yaml")

        assert (error.code, error.wanted) == ("GC101", "bsae")
        assert "base" in error.candidates

    def test_does_not_go_up_after_a_wildcard(self, folder: Path) -> None:
        assert refused(folder, "base/*/../b.yml").code == "GC151"
        assert refused(folder, "*/../../x.yaml").code == "GC150"

    def test_does_not_start_outside(self, folder: Path) -> None:
        assert refused(folder, "../**/*.yaml").code == "GC150"

    def test_made_to_be_slow_is_answered(self, folder: Path) -> None:
        fill(folder, "base/" + "a" * 200 + ".yaml")

        assert refused(folder, "base/" + "a*" * 60 + "b.yaml").code == "GC103"
        assert refused(folder, "**/" * 300 + "nothing").code == "GC103"


class TestAMissingPath:
    def test_names_what_is_beside_it(self, folder: Path) -> None:
        fill(folder, "base/web.yaml", "base/notes.txt", "base/.x.yaml", "base/cart/a.yaml")

        error = refused(folder, "base/wbe.yaml")

        assert error.code == "GC101"
        assert error.wanted == "base/wbe.yaml"
        assert error.candidates == ("base/cart", "base/web.yaml")

    def test_tells_nothing_of_what_lies_outside(self, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path, "elsewhere/secret.yaml")

        assert refused(folder, "../elsewhere/x.yaml").candidates == ()

    def test_in_a_missing_folder_is_reported(self, folder: Path) -> None:
        assert refused(folder, "nothing/here.yaml").code == "GC101"


def test_the_order_of_the_directory_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder, *(f"base/{name}/{name}.yaml" for name in "hgfedcba"))
    expected = names(folder, "base")
    scan = os.scandir

    class Reversed:
        def __init__(self, path: str) -> None:
            with scan(path) as listing:
                self.entries = sorted(listing, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> "list[os.DirEntry[str]]":
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Reversed)

    assert names(folder, "base") == expected


def test_list_manifests_looks_right_in_the_folder(folder: Path) -> None:
    fill(folder, "b.yaml", "a.yml", "c/d.yaml", ".e.yaml", "f.txt")
    (folder / "g.yaml").mkdir()

    assert list_manifests(folder) == (folder / "a.yml", folder / "b.yaml")
    assert list_manifests(folder / "nothing") == ()
