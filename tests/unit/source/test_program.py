"""Programs that render: which are run, in what surroundings, and what becomes of those that fail."""

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grayc.source import SourceError, bounds
from grayc.source import program as module
from grayc.source.bounds import Budget, cost_of
from grayc.source.limits import MAX_FILE_BYTES
from grayc.source.program import find_program, run_program


def script(path: Path, body: str) -> Path:
    """Write a program; `/bin/sh` is all it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def run(tmp_path: Path, body: str, *, hidden: tuple[tuple[str, str], ...] = (), budget: Budget | None = None) -> bytes:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "work").mkdir()
    program = script(tmp_path / "tools" / "helm", body)
    return run_program(
        [str(program)],
        folder=tmp_path / "work",
        scratch=tmp_path / "scratch",
        hidden=hidden,
        what="chart `c`",
        budget=budget or Budget(seconds=20),
    )


def failure(
    tmp_path: Path, body: str, *, hidden: tuple[tuple[str, str], ...] = (), budget: Budget | None = None
) -> SourceError:
    with pytest.raises(SourceError) as caught:
        run(tmp_path, body, hidden=hidden, budget=budget)
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


def is_allowed() -> bool:
    """Tell whether this machine lets a program into a network of its own, by the tool that does nothing else."""
    ways = (["unshare", "-n", "true"], ["unshare", "-rn", "true"])
    return any(subprocess.run(way, capture_output=True, check=False).returncode == 0 for way in ways)


class TestItsNetwork:
    """Where the machine allows it, there is none; where it does not, nothing else changes."""

    SHOW = "/bin/cat /proc/net/dev"

    def test_it_has_no_interface_but_its_own_that_is_down(self, tmp_path: Path) -> None:
        allowed = is_allowed()
        names = {line.split(":")[0].strip() for line in run(tmp_path, self.SHOW).decode().splitlines()[2:]}
        here = {line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]}

        assert names == ({"lo"} if allowed else here)

    def test_a_server_of_this_machine_is_out_of_reach(self, tmp_path: Path) -> None:
        allowed = is_allowed()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            ask = f'import socket; socket.create_connection(("127.0.0.1", {port}), 5); print(1)'
            text = run(tmp_path, f"{sys.executable} -c '{ask}' 2>/dev/null || echo none")

        assert text == (b"none\n" if allowed else b"1\n")

    def test_it_goes_on_where_it_is_not_allowed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounds, "_leaver", lambda: lambda: None)
        assert run(tmp_path, "echo a") == b"a\n"

    def test_what_nobody_may_run_alone_is_run_with_the_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As root, whose programs may lie in folders of others that are closed to all."""
        real = subprocess.Popen
        asked: list[bool] = []

        def bind(seconds: float, *, is_alone: bool) -> Callable[[], None] | None:
            asked.append(is_alone)
            return None

        def refuse(*arguments: Any, **settings: Any) -> "subprocess.Popen[bytes]":
            if asked == [True]:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return real(*arguments, **settings)

        monkeypatch.setattr(module, "bind", bind)
        monkeypatch.setattr(subprocess, "Popen", refuse)
        assert run(tmp_path, "echo a") == b"a\n"
        assert asked == [True, False]


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
        # The middle is cut: what went wrong stands in the last line.
        assert "00…00" in message
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
            run_program(
                [str(program)],
                folder=tmp_path,
                scratch=tmp_path / "scratch",
                hidden=(),
                what="chart `c`",
                budget=Budget(seconds=20),
            )
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

    def test_it_takes_too_much_time_of_the_processor(self, tmp_path: Path) -> None:
        error = failure(tmp_path, "while :; do :; done", budget=Budget(seconds=0.2))

        assert (error.code, error.message) == (
            "GC164",
            "`helm` took more than 0.2 seconds of processor time for chart `c`, and was ended",
        )

    def test_so_do_the_programs_that_it_starts(self, tmp_path: Path) -> None:
        assert failure(tmp_path, "(while :; do :; done) & wait", budget=Budget(seconds=0.2)).code == "GC164"

    def test_time_that_it_waits_does_not_count(self, tmp_path: Path) -> None:
        assert run(tmp_path, "/bin/sleep 0.4; echo a", budget=Budget(seconds=0.2)) == b"a\n"

    def test_runs_of_one_rendering_share_the_time(self, tmp_path: Path) -> None:
        budget = Budget(seconds=20)
        run(tmp_path, "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done", budget=budget)

        assert 0 < budget.used < 20
        assert budget.left == 20 - budget.used

    @pytest.mark.parametrize("starts", ["", "& wait"])
    def test_it_takes_too_much_memory(self, starts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounds, "MAX_RENDER_BYTES", 64 << 20)
        hog = f"{sys.executable} -c 'a = bytearray(200 << 20); import time; time.sleep(20)' {starts}"
        error = failure(tmp_path, hog)

        assert error.code == "GC164"
        assert "MiB of memory for chart `c`" in error.message

    def test_the_kernel_holds_what_nobody_looks_at(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounds, "_PROCESSES", tmp_path / "nowhere")
        hog = f"{sys.executable} -c 'a = bytearray(5 << 30)' || echo 'fatal error: out of memory' >&2; exit 2"
        error = failure(tmp_path, hog)

        assert error.code == "GC164"

    def test_words_about_memory_are_none_of_the_runtime(self, tmp_path: Path) -> None:
        assert failure(tmp_path, "echo 'Error: template: fatal error: out of memory' >&2; exit 1").code == "GC161"

    def test_one_that_is_gone_costs_nothing(self) -> None:
        assert cost_of(os.getpid()).size > 0
        assert cost_of(1 << 30).size == 0

    def test_nothing_waits_for_it_afterwards(self, tmp_path: Path) -> None:
        run(tmp_path, "echo a")

        assert not any(
            isinstance(thread, threading.Timer) and not thread.finished.is_set() for thread in threading.enumerate()
        )
