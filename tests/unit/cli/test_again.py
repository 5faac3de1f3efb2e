"""A build of what has not changed is answered by the last one, and by nothing else."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grayc.cache import record
from grayc.source.limits import MAX_FILE_BYTES
from tests.cli_run import Run, run_again, run_grayc
from tests.unit.cli.texts import PREPARED, RELEASE

BUILD = ["build", "release.yaml", "-o", "out"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "grayc"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "baseline" / "deep").mkdir(parents=True)
    (folder / "baseline" / "web.yaml").write_text(PREPARED)
    (folder / "baseline" / "deep" / "api.yaml").write_text(PREPARED.replace("web", "api"))
    (folder / "release.yaml").write_text(RELEASE)
    (folder / "lanes").mkdir()
    return folder


def again(shop: Path, *words: str) -> tuple[Run, bool]:
    return run_again([*BUILD, *words], folder=shop)


def test_nothing_changed_is_told_as_the_compiler_tells_it(shop: Path) -> None:
    first, was_kept = again(shop)
    assert (first.status, was_kept) == (0, False)
    real = run_grayc(BUILD, folder=shop)

    for words in ((), ("--check",), ()):
        answer, was_kept = again(shop, *words)
        assert was_kept
        assert answer == real
    assert run_grayc([*BUILD, "--check"], folder=shop) == real


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_check_is_kept_for_a_build(shop: Path, form: str) -> None:
    run_grayc(BUILD, folder=shop)
    words = ("-f", form)
    checked, was_kept = again(shop, *words, "--check")

    assert not was_kept
    assert again(shop, *words) == (checked, True)


@pytest.mark.parametrize("flags", [("--image", "web=r/web:9"), ("--owner", "shop"), ("--tag", "other")])
def test_a_check_by_the_flags_that_out_holds_is_not_kept_for_a_build(shop: Path, flags: tuple[str, str]) -> None:
    run_grayc([*BUILD, *flags], folder=shop)
    checked, _ = again(shop, "--check")
    assert checked.status == 0

    answer, was_kept = again(shop)
    assert not was_kept
    assert "up to date" not in answer.stdout


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file of the baseline": lambda shop: (shop / "baseline/web.yaml").write_text(PREPARED + "# a note\n"),
    "one that is deeper": lambda shop: (shop / "baseline/deep/api.yaml").write_text(PREPARED.replace("web", "app")),
    "one more": lambda shop: (shop / "baseline/new.yaml").write_text(PREPARED.replace("web", "new")),
    "a manifest beside the release": lambda shop: (shop / "ks.yaml").write_text("kind: Kustomization\n"),
    "a folder more": lambda shop: (shop / "baseline/more").mkdir(),
    "one less": lambda shop: (shop / "baseline/deep/api.yaml").unlink(),
    "a link in place of a file": lambda shop: link(shop / "baseline/web.yaml", shop / "elsewhere.yaml"),
    "a link in place of a folder": lambda shop: link(shop / "baseline/deep", shop / "elsewhere"),
    "a link in place of the baseline": lambda shop: link(shop / "baseline", shop / "elsewhere"),
    "the release": lambda shop: (shop / "release.yaml").write_text(RELEASE.replace("gray", "grey")),
    "a link in place of the release": lambda shop: link(shop / "release.yaml", shop / "elsewhere.yaml"),
    "output that was edited": lambda shop: edit(next((shop / "out").glob("*.yaml"))),
    "output that is gone": lambda shop: next((shop / "out").glob("*.yaml")).unlink(),
    "a file of somebody else in OUT": lambda shop: (shop / "out/theirs.yaml").write_text("a: b\n"),
    "the inventory": lambda shop: edit(shop / "out/.grayc-inventory"),
    "a folder in OUT": lambda shop: (shop / "out/inner").mkdir(),
    "a link in place of OUT": lambda shop: link(shop / "out", shop / "elsewhere"),
    "what a killed run left": lambda shop: (shop / ".grayc-new-out").mkdir(),
    "lanes elsewhere": lambda shop: (shop / "lanes/b.yaml").write_text("a: b\n"),
}


def link(path: Path, to: Path) -> None:
    path.rename(to)
    path.symlink_to(to)


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "# by hand\n")


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_compiled(shop: Path, change: str) -> None:
    other = run_grayc(["build", "release.yaml", "-o", "lanes"], folder=shop)
    assert other.status == 0
    words = ("--lanes", "lanes")
    again(shop, *words)
    assert again(shop, *words)[1], "nothing has changed yet"
    CHANGES[change](shop)

    answer, was_kept = again(shop, "--check", *words)

    assert not was_kept
    assert answer == run_grayc([*BUILD, "--check", *words], folder=shop)


def test_what_is_no_input_changes_nothing(shop: Path) -> None:
    again(shop)
    (shop / "README.md").write_text("hello\n")
    os.utime(shop / "baseline/web.yaml", (1, 1))

    assert again(shop)[1]


@pytest.mark.parametrize(
    "words",
    [["--report", "json=report.json"], ["--baseline-patch", "patch.yaml"], ["-f", "github"]],
    ids=["report", "patch", "format"],
)
def test_what_writes_more_than_out_is_compiled(shop: Path, words: list[str]) -> None:
    for _ in range(3):
        assert not again(shop, *words)[1]


def test_a_pipe_is_compiled(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE.replace("baseline/", '{"stdin": true}'))
    for _ in range(3):
        assert not again(shop)[1]


def test_an_answer_that_is_not_yes_is_not_kept(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE.replace("name: web", "name: wbe"))
    for _ in range(3):
        answer, was_kept = again(shop)
        assert (answer.status, was_kept) == (1, False)


def test_each_line_and_folder_has_its_own(shop: Path, tmp_path: Path) -> None:
    again(shop)
    again(shop)

    assert not again(shop, "-q")[1]
    assert not again(shop, "--strict")[1]
    assert not run_again(["build", "shop/release.yaml", "-o", "shop/out"], folder=tmp_path)[1]


def test_another_grayc_believes_none(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again(shop)
    monkeypatch.setattr(record, "__version__", "0.0.1")
    assert not again(shop)[1]


def test_a_file_of_grayc_counts(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = record.fingerprint()
    (tmp_path / "grayc" / "cache").mkdir(parents=True)
    monkeypatch.setattr(record, "__file__", str(tmp_path / "grayc" / "cache" / "record.py"))
    assert record.fingerprint() != before


def answers(cache: Path) -> list[Path]:
    return sorted((cache / "answers").iterdir())


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o707])
@pytest.mark.parametrize("where", [".", "answers", "file"])
def test_what_others_may_write_is_not_believed(shop: Path, cache: Path, mode: int, where: str) -> None:
    again(shop)
    path = answers(cache)[0] if where == "file" else cache / where
    path.chmod(mode)

    assert not again(shop)[1]


@pytest.mark.parametrize("where", [".", "answers", "file"])
def test_a_link_is_not_believed(shop: Path, cache: Path, tmp_path: Path, where: str) -> None:
    again(shop)
    link(answers(cache)[0] if where == "file" else cache / where, tmp_path / "elsewhere")

    assert not again(shop)[1]


@pytest.mark.parametrize("git", [".", "shop"])
def test_a_repository_can_bring_none_along(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: str
) -> None:
    (tmp_path / git / ".git").mkdir()
    if git == "shop":
        monkeypatch.setenv("XDG_CACHE_HOME", str(shop / ".cache"))
    for _ in range(3):
        assert not again(shop)[1]
    assert not (shop / ".cache").exists()


def test_a_folder_in_a_home_that_holds_the_cache_is_remembered(shop: Path, tmp_path: Path) -> None:
    # `build .` in ~/shop, which is a repository; ~ is none.
    (shop / ".git").mkdir()
    assert [run_again(["build", ".", "-o", "out"], folder=shop)[1] for _ in range(2)] == [False, True]


@pytest.mark.parametrize("first", ["too large", "a pipe"])
@pytest.mark.parametrize("name", ["app.yaml", "baseline/.argocd-source-shop.yaml"])
def test_a_file_that_could_not_be_read_is_looked_at_again(shop: Path, first: str, name: str) -> None:
    said = {
        "app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n"
        "spec: {source: {path: baseline, kustomize: {namePrefix: prod-}}}\n",
        "baseline/.argocd-source-shop.yaml": "kustomize: {namePrefix: prod-}\n",
    }[name]
    if first == "a pipe":
        os.mkfifo(shop / name)
    else:
        (shop / name).write_text(said + "#" * (MAX_FILE_BYTES + 1))
    assert "GC183" not in again(shop)[0].stderr
    (shop / name).unlink()
    (shop / name).write_text(said)
    answer, was_kept = again(shop)
    assert not was_kept
    assert "GC183" in answer.stderr


def test_a_folder_in_the_place_of_a_record_is_none(shop: Path, cache: Path) -> None:
    again(shop)
    (record_file,) = answers(cache)
    record_file.unlink()
    record_file.mkdir()

    assert again(shop) == (run_grayc(BUILD, folder=shop), False)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"format": "grayc.answer/v1"}', "\\xff", "[" * 100_000], ids=len
)
def test_a_damaged_record_is_none(shop: Path, cache: Path, text: str) -> None:
    again(shop)
    answers(cache)[0].write_text(text)

    assert not again(shop)[1]
    assert again(shop)[1]


def test_wrong_types_in_a_record_are_none(shop: Path, cache: Path) -> None:
    again(shop)
    kept = json.loads(answers(cache)[0].read_text())
    for key in kept:
        for value in (None, 1, ["a"], {"a": 1}, "\0"):
            if key in ("out", "err") or (key == "absent" and value not in (None, 1)):
                continue
            answers(cache)[0].write_text(json.dumps({**kept, key: value}))
            assert not again(shop)[1], (key, value)


def test_no_cache_folder_is_no_fault(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert again(shop)[0].status == 0
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "relative")
    assert again(shop) == (run_grayc(BUILD, folder=shop), False)


def test_old_answers_go(shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_ANSWERS", 2)
    for words in ((), ("-q",), ("--strict",)):
        again(shop, *words)

    assert len(answers(cache)) == 2
    assert not again(shop)[1]
