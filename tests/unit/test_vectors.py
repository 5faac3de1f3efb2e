"""The reader of vectors refuses what has not the shape of its table, and no file of vectors lies unread."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from grayc.k8s.queues import Role
from tests.vectors import VectorError, rows

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.glob("**/vectors/*.yaml"))


class Inner(NamedTuple):
    path: str


class Row(NamedTuple):
    name: str
    number: int | None
    pairs: tuple[tuple[str, int], ...] = ()
    inner: Inner = Inner("/")
    role: Role = Role.GROUP


def read(folder: Path, text: str, table: str = "") -> list[Row]:
    (folder / "vectors").mkdir()
    (folder / "vectors" / "rows.yaml").write_text(text)
    return rows(str(folder / "test_rows.py"), "rows.yaml", Row, table=table)


def test_rows_are_read_in_their_shape(tmp_path: Path) -> None:
    text = "t:\n- {name: a, number: 1, pairs: [[b, 2]], inner: {path: /x}, role: queue}\n- {name: c, number: null}\n"

    assert read(tmp_path, text, "t") == [
        Row("a", 1, (("b", 2),), Inner("/x"), Role.QUEUE),
        Row("c", None),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{name: a, number: 1, nubmer: 2}", "rows.yaml: [0]: unknown key `nubmer`"),
        ("{name: a}", "rows.yaml: [0]: `number` is missing"),
        ("{name: a, number: 1, name: b}", "rows.yaml: line 1: `name` stands twice"),
        ("{name: yes, number: 1}", "rows.yaml: line 1: `yes` must be in quotes, or readers differ about it"),
        ("{name: true, number: 1}", "rows.yaml: [0].name: True is not str"),
        ("{name: a, number: true}", "rows.yaml: [0].number: True is not int"),
        ("{name: a, number: 1, pairs: [[b]]}", "rows.yaml: [0].pairs[0]: ['b'] is not a list of 2"),
        ("{name: a, number: 1, inner: {}}", "rows.yaml: [0].inner: `path` is missing"),
        ("{name: a, number: 1, role: chef}", "rows.yaml: [0].role: 'chef' is not Role"),
        ("a", "rows.yaml: [0]: 'a' is not a mapping"),
    ],
)
def test_a_row_of_another_shape_is_refused(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(VectorError, match=re.escape(said)):
        read(tmp_path, f"- {row}\n")


def test_a_second_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="more than one document"):
        read(tmp_path, "[]\n---\n[]\n")


def test_one_of_several_tables_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="several tables"):
        read(tmp_path, "t: []\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_file_says_what_it_holds_and_every_table_is_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    readers = [reader.read_text(encoding="utf-8") for reader in path.parent.parent.glob("*.py")]
    reader = "\n".join(reader for reader in readers if f'"{path.name}"' in reader)

    assert text.startswith("# ")
    assert reader
    assert [name for name in re.findall(r"^(\w+):$", text, re.MULTILINE) if f'"{name}"' not in reader] == []
