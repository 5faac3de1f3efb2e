"""What is remembered of a file is what reading it gives: the same objects, texts, places and answers."""

import shutil
import zlib
from pathlib import Path

import pytest
from hypothesis import given, strategies

from grayc import cache
from grayc.cache.index import Held, Index, NoIndexError, parsed
from grayc.diagnostics import Checked
from grayc.documents import parse_documents, remembered
from grayc.documents.model import Document
from grayc.documents.remembered import Digested, is_plain
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


TEMPLATE = """\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: shop}
objects:
  - {apiVersion: v1, kind: %s, metadata: {name: login}, %s: {password: of-somebody}}
"""


def test_no_secret_is_handed_on() -> None:
    def indexed(text: str) -> tuple[int, int]:
        file = Digested(source=SourceFile(name="a.yaml", text=text), digest=bytes(32), searched=True)
        index, left = remembered.index_of([file])
        return index.text().count(b"of-somebody"), left

    assert indexed(TEMPLATE % ("Secret", "stringData")) == (0, 1)
    assert indexed(TEMPLATE % ("ConfigMap", "data")) == (1, 0)
    named = (
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: of-somebody}, secrets: [{kind: Secret, name: a}]}\n"
    )
    assert indexed(named) == (1, 0)


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


INDEXED = ("build", "plan", "diff", "validate", "route")
"""Commands that take `--index`."""


@pytest.mark.parametrize("stale", [False, True])
def test_goldens_answer_alike_with_an_index(stale: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the files as they are, and one that knows but every other of them."""
    asked = 0
    for case in CASES[stale::8]:
        command = commands_of(case)[-1]
        if command[0] not in INDEXED or "--index" in command:
            continue
        answers = []
        for turn in ("without", "with"):
            folder = tmp_path / turn / case.name / "input"
            copy_tree(case / "input", folder, is_reversed=False)
            index = tmp_path / f"{case.name}.index"
            with monkeypatch.context() as patched:
                patched.setattr(
                    remembered, "is_plain", lambda source: is_plain(source) and (not stale or drawn(source))
                )
                assert run_grayc(["index", ".", "-o", str(index)], folder=folder).status == 0
            run = run_grayc([*command, *(["--index", str(index)] if turn == "with" else [])], folder=folder)
            answers.append((run, written(folder)))
        assert answers[0] == answers[1], case.name
        asked += 1
    assert asked > 10


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def drawn(source: SourceFile) -> bool:
    return zlib.crc32(source.name.encode()) % 2 == 0


def test_an_index_spares_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(
        case for case in CASES if commands_of(case)[-1][0] == "build" and (case / "input" / "baseline").is_dir()
    )
    folder = tmp_path / "input"
    copy_tree(case / "input", folder, is_reversed=False)
    index = tmp_path / "shop.index"
    run_grayc(["index", "baseline", "-o", str(index)], folder=folder)
    read: list[str] = []

    def noted(source: SourceFile, **how: bool) -> Checked[tuple[Document, ...]]:
        read.append(source.name)
        return parse_documents(source, **how)

    monkeypatch.setattr("grayc.documents.load.parse_documents", noted)
    first = run_grayc(["build", "release.yaml", "-o", "out", "--index", str(index)], folder=folder)

    assert first.status == 0
    assert read == []


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]\n", b"\xff", b'{"format": "grayc.index/', b'{"format": "grayc.index/v2"}']
)
def test_what_is_no_index(text: bytes) -> None:
    with pytest.raises(NoIndexError):
        parsed(text)


def test_one_of_another_grayc_is_none() -> None:
    assert parsed(b'{"format": "grayc.index/v1", "grayc": "0"}\n') is None
    assert parsed(Index().text().replace(b'"grayc": "', b'"grayc": "0')) is None


@given(strategies.data())
def test_any_damage_is_noticed(data: strategies.DataObject) -> None:
    index = Index()
    index.add(b"a" * 32, [Held(0, 1, 0, 4, (), {"kind": "Pod"})])
    text = bytearray(index.text())
    head = text.index(b"\n")
    at = data.draw(strategies.integers(head + 1, len(text) - 1))
    byte = data.draw(strategies.integers(0, 255).filter(lambda byte: byte != text[at]))
    end = data.draw(strategies.integers(head, len(text) - 1))

    for damaged in (bytes(text[:at]) + bytes([byte]) + bytes(text[at + 1 :]), bytes(text[:end]), bytes(text) + b"x"):
        with pytest.raises(NoIndexError):
            parsed(damaged)


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
