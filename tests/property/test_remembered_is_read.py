"""What is remembered of a file is what reading it gives: the same objects, texts, places and answers."""

import shutil
from pathlib import Path

import pytest

from grayc import cache
from grayc.cache.index import Index, parsed
from grayc.documents import parse_documents, remembered
from grayc.documents.model import Document
from grayc.source import SourceFile
from tests.cli_run import run_grayc
from tests.golden.test_golden import CASES, commands_of, copy_tree

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for folder in ("tests/golden", "examples")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".yaml", ".yml", ".json") and "expected" not in path.parts
)


def told(documents: tuple[Document, ...]) -> list[object]:
    return [
        (
            repr(each.data),
            each.identity,
            each.root,
            each.place,
            each.chunk.text,
            each.chunk.line,
            str(each.span(("kind",))),
        )
        for each in documents
    ]


@pytest.mark.parametrize("searched", [False, True])
def test_every_file_of_goldens_and_examples(searched: bool) -> None:
    index = Index()
    read = {}
    for number, path in enumerate(FILES):
        source = SourceFile(name=path.name, text=path.read_text(encoding="utf-8"))
        documents = parse_documents(source, searched=searched)
        held = remembered.held_of(source, documents) if remembered.is_plain(source) else None
        if held is not None and documents.value is not None:
            digest = number.to_bytes(32, "big")
            index.add(digest, held)
            read[digest] = (source, documents.value)
    again = parsed(index.text())
    assert again is not None
    found = again.find(read)

    assert len(read) > 500
    for digest, (source, documents_read) in read.items():
        assert told(remembered.documents_of(source, found[digest])) == told(documents_read), source.name


def test_goldens_answer_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "FEWEST_FILES", 1)
    for case in CASES[::12]:
        command = commands_of(case)[-1]
        answers = []
        for turn, is_on in enumerate((False, True, True)):
            folder = tmp_path / str(turn) / case.name / "input"
            copy_tree(case / "input", folder, is_reversed=False)
            if turn == 2:
                # The index is one of a folder: the same release, read for the second time.
                folder = tmp_path / "1" / case.name / "input"
                shutil.rmtree(folder.parent / "out", ignore_errors=True)
                # Some commands write into the baseline.
                copy_tree(case / "input", folder, is_reversed=False)
            monkeypatch.setattr(cache, "is_on", is_on)
            monkeypatch.setattr("grayc.cli.main.KEEPS", is_on)
            answers.append(run_grayc(command, folder=folder))
        assert answers[0] == answers[1] == answers[2], case.name


@pytest.mark.parametrize("text", [b"", b"{}", b"[]\n", b"\xff", b'{"format": "grayc.index/v1", "grayc": "0"}\n'])
def test_what_is_no_index_of_this_grayc_is_none(text: bytes) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    "row",
    ["", "1", "[[]]", "[1]", "[[0, 1, 0, 1, [], []]]", '[["0", 1, 0, 1, [], {}]]', "[[0, 1, 0, 1, [], {}, 1]]", "{}"],
)
def test_a_row_that_is_none_is_read(row: str) -> None:
    index = Index({b"a": row.encode(), b"b": b"[]"})

    assert index.find([b"a"]) in ({}, {b"a": ()})


def test_only_what_is_asked_for_is_kept() -> None:
    index = Index({b"a": b"[]", b"b": b"[]", b"c": b"[]", b"d": b"[]"})
    assert index.find([b"a", b"x"]) == {b"a": ()}
    assert index.is_worth_keeping
    again = parsed(index.text())
    assert again is not None
    assert again.find([b"a", b"b"]) == {b"a": ()}
