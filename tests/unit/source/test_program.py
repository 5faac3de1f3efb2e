"""Programs that render: which are run, in what surroundings, and what becomes of those that fail."""

import os
import stat
import threading
from pathlib import Path

import pytest

from grayc.source import SourceError
from grayc.source import program as module
from grayc.source.limits import MAX_FILE_BYTES
from grayc.source.program import find_program, run_program


def script(path: Path, body: str) -> Path:
    """Write a program; `/bin/sh` is all it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def run(tmp_path: Path, body: str, *, hidden: tuple[tuple[str, str], ...] = ()) -> bytes:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "work").mkdir()
    program = script(tmp_path / "tools" / "helm", body)
    return run_program([str(program)], folder=tmp_path / "work", scratch=tmp_path / "scratch", hidden=hidden)


def failure(tmp_path: Path, body: str, *, hidden: tuple[tuple[str, str], ...] = ()) -> SourceError:
    with pytest.raises(SourceError) as caught:
        run(tmp_path, body, hidden=hidden)
    return caught.value


class TestWhichProgramIsRun:
    def find(self, monkeypatch: pytest.MonkeyPatch, path: str, away_from: Path) -> Path:
        monkeypatch.setenv("PATH", path)
        return find_program(("kustomize", "kubectl"), (away_from,))

    def test_first_name_before_first_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        script(tmp_path / "a" / "kubectl", "")
        wanted = script(tmp_path / "b" / "kustomize", "")

        assert self.find(monkeypatch, f"{tmp_path / 'a'}:{tmp_path / 'b'}", tmp_path / "spec") == wanted

    def test_what_is_no_program_is_passed_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a" / "kustomize").mkdir(parents=True)
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "kustomize").write_text("no program")
        wanted = script(tmp_path / "c" / "kubectl", "")

        found = self.find(monkeypatch, f"{tmp_path / 'a'}:{tmp_path / 'b'}:{tmp_path / 'c'}", tmp_path / "spec")
        assert found == wanted

    @pytest.mark.parametrize("path", ["", ".", "bin", "../repository/bin", ":", "{repository}/bin", "{outside}"])
    def test_none_that_the_repository_could_have_brought(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository, outside = tmp_path / "repository", tmp_path / "outside"
        inside = script(repository / "bin" / "kubectl", "")
        script(repository / "kubectl", "")
        outside.mkdir()
        (outside / "kubectl").symlink_to(inside)
        monkeypatch.chdir(repository)

        with pytest.raises(SourceError) as caught:
            self.find(monkeypatch, path.format(repository=repository, outside=outside), repository)
        assert caught.value.code == "GC160"
        assert "`kustomize` or `kubectl`" in caught.value.message

    def test_a_folder_whose_name_begins_alike_is_another(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        wanted = script(tmp_path / "spec-tools" / "kubectl", "")

        assert self.find(monkeypatch, str(wanted.parent), tmp_path / "spec") == wanted


class TestItsSurroundings:
    def test_nothing_of_the_users_but_what_is_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HELM_NAMESPACE", "mine")
        monkeypatch.setenv("KUBECONFIG", "/home/me/.kube/config")
        text = run(tmp_path, "/usr/bin/env").decode()
        names = dict(line.split("=", 1) for line in text.splitlines())

        assert "HELM_NAMESPACE" not in names
        scratch = str(tmp_path / "scratch")
        for name in ("PATH", "HOME", "TMPDIR", "KUBECONFIG", "HELM_CONFIG_HOME", "HELM_PLUGINS", "XDG_CONFIG_HOME"):
            assert names[name].startswith(scratch), name
        assert list(Path(names["PATH"]).iterdir()) == []
        assert names["LC_ALL"] == "C"
        assert names["HTTPS_PROXY"] == names["https_proxy"] == "http://127.0.0.1:9"

    def test_its_input_is_empty(self, tmp_path: Path) -> None:
        assert run(tmp_path, "read line || echo nothing") == b"nothing\n"

    def test_it_runs_where_it_is_told_to(self, tmp_path: Path) -> None:
        assert run(tmp_path, "pwd -P").decode().strip() == os.path.realpath(tmp_path / "work")

    def test_what_it_says_beside_a_result_is_nothing(self, tmp_path: Path) -> None:
        assert run(tmp_path, "echo warning >&2; echo a") == b"a\n"


class TestItFails:
    def test_its_first_words_are_told(self, tmp_path: Path) -> None:
        error = failure(tmp_path, "echo 'Error: a'  >&2; echo >&2; echo '  b   c' >&2; exit 3")

        assert (error.code, error.message) == ("GC161", "`helm` left exit status 3: Error: a; b c")

    def test_without_a_word(self, tmp_path: Path) -> None:
        assert failure(tmp_path, "exit 1").message == "`helm` left exit status 1 and no word"

    def test_its_words_are_cut_and_can_not_steer_a_terminal(self, tmp_path: Path) -> None:
        message = failure(tmp_path, r"printf '\033[31mred\377\n%0400d\n' 0 >&2; exit 1").message

        assert "\N{REPLACEMENT CHARACTER}[31mred" in message
        assert message.isprintable()
        assert message.endswith("0…")
        assert len(message) < 350

    def test_where_things_lie_on_this_machine_is_not_told(self, tmp_path: Path) -> None:
        hidden = (("/tmp/x/", ""), ("/tmp/x", "."))
        message = failure(tmp_path, "echo no /tmp/x/a.yaml in /tmp/x >&2; exit 1", hidden=hidden).message

        assert message.endswith(": no a.yaml in .")

    def test_it_is_no_program_for_this_machine(self, tmp_path: Path) -> None:
        program = script(tmp_path / "helm", "")
        program.write_bytes(b"\x7fELF")
        (tmp_path / "scratch").mkdir()
        with pytest.raises(SourceError) as caught:
            run_program([str(program)], folder=tmp_path, scratch=tmp_path / "scratch", hidden=())
        assert caught.value.code == "GC161"
        assert caught.value.message.startswith("`helm` does not run: ")

    def test_it_does_not_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.3)
        # What it starts holds its output open too, and is ended with it.
        assert failure(tmp_path, "(while :; do :; done) & while :; do :; done").code == "GC162"

    def test_it_prints_without_end(self, tmp_path: Path) -> None:
        error = failure(tmp_path, "while :; do printf '%01024d' 0; done")

        assert error.code == "GC122"
        assert str(MAX_FILE_BYTES // (1024 * 1024)) in error.message

    def test_nothing_waits_for_it_afterwards(self, tmp_path: Path) -> None:
        run(tmp_path, "echo a")

        assert not any(
            isinstance(thread, threading.Timer) and not thread.finished.is_set() for thread in threading.enumerate()
        )
