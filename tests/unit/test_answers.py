"""What a program answered is asked once, and again where the program, the question or what was kept is another."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.answers import answer_of, answers_of


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "grayc-dev" / "answers"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


class Asked:
    """Answers in capital letters, and remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def __call__(self, questions: Sequence[str]) -> list[str]:
        self.questions += questions
        return [question.upper() for question in questions]


def test_questions_are_asked_once_and_answered_in_their_order(tmp_path: Path) -> None:
    program, asked = script(tmp_path / "program", "true"), Asked()
    assert answers_of(program, ["b"], asked) == ["B"]
    assert answers_of(program, ["a", "b", "c"], asked) == ["A", "B", "C"]
    assert asked.questions == ["b", "a", "c"]


def test_what_raises_is_not_kept(tmp_path: Path) -> None:
    program, asked = script(tmp_path / "program", "true"), Asked()

    def fail(_: Sequence[str]) -> list[str]:
        raise ValueError

    with pytest.raises(ValueError):
        answers_of(program, ["a"], fail)
    assert answers_of(program, ["a"], asked) == ["A"]


def test_an_answer_that_was_cut_off_is_asked_again(tmp_path: Path, kept: Path) -> None:
    program, asked = script(tmp_path / "program", "true"), Asked()
    for _ in range(2):
        assert answers_of(program, ["a"], asked) == ["A"]
        [file] = [path for path in kept.rglob("*") if path.is_file()]
        file.write_bytes(file.read_bytes()[:-1])
    assert asked.questions == ["a", "a"]


def test_arguments_files_and_input_are_the_question(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = script(tmp_path / "program", f"echo asked >> {log}; cat file; cat; echo $1 >&2; exit 3")
    for _ in range(2):
        for argument, file, stdin in (("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x")):
            answer = answer_of(program, argument, files={"file": file}, stdin=stdin)
            assert (answer.status, answer.stdout, answer.stderr) == (3, file + stdin, f"{argument}\n")
    assert log.read_text().split() == ["asked"] * 4


def test_another_program_is_asked_again(tmp_path: Path) -> None:
    first, other = script(tmp_path / "program", "echo 1"), script(tmp_path / "other", "echo 2")
    assert [answer_of(each).stdout for each in (first, other, first)] == ["1\n", "2\n", "1\n"]
