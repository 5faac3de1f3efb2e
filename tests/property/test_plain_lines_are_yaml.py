"""What is read line by line is what libyaml reads: on every file here, and on lines that look nearly plain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies

from grayc.documents import build
from grayc.documents.build import build_yaml
from grayc.documents.plain_yaml import ReadBefore, read_plain_yaml
from grayc.documents.split import split_text

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "tests" / "golden", ROOT / "examples")


def by_libyaml(text: str) -> str | None:
    """Return what libyaml and the rules for its events make of a text; None where there is anything to say of it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build, "read_plain_yaml", lambda *_: None)
        built = build_yaml(text, ReadBefore())
    return None if built.faults or not built.has_document else repr(built.data)


READ_BEFORE = ReadBefore()


def hold(text: str) -> bool:
    """Compare, also with what was read before in mind, and tell whether the text is plain."""
    data = read_plain_yaml(text, ReadBefore())
    assert data is None or repr(data) == by_libyaml(text), text
    again = [read_plain_yaml(text, READ_BEFORE) for _ in range(2)]
    assert [repr(each) for each in again] == [repr(data)] * 2, text
    assert not {*containers(again[0])} & {*containers(again[1])}, text
    READ_BEFORE.shorten()
    return data is not None


def containers(value: object) -> Iterator[int]:
    """Yield the identities of a value's mappings and lists."""
    if isinstance(value, dict | list):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def test_files() -> None:
    plain = count = 0
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8", errors="replace")
            for piece in split_text(text if text.endswith("\n") else f"{text}\n")[0]:
                count += 1
                plain += hold(piece.text)

    assert plain > count / 3


_INDENTS = strategies.sampled_from(("", "", "", " ", "  ", "  ", "  ", "   ", "    ", "    ", "      "))
_DASHES = strategies.sampled_from(("", "", "", "- ", "- ", "-   ", "-", "- - "))
_KEYS = strategies.sampled_from(
    ("", "a: ", "b: ", "c: ", "d.e/f: ", "a:", "b:", "c:", "1: ", "y: ", "null: ", "-x: ", "'q': ", "a b: ", "a :", "<<: ")
)  # fmt: skip
_VALUES = strategies.sampled_from((
    "", "", "x", "x y", "x  y ", "x #c", "x#c", "#c", " #c", "'q'", '"q"', "'it''s'", '"\\n"', "''", '""', "'q' x", '"a" #',
    "|", "|-", "|+", "|2", "| #c", ">", "{}", "[]", "{a: b}", "[a]", '["a"]', '["a", "b"]', '["a","b"]', '["a", "b", ]',
    '["a" , "b"]', "1", "0x1f", "1.0", "1e3", "yes", "on", "~", "null", ".inf", "2001-01-01", "1:2", "a:b", "a: b", "x :y",
    "x:", ":", "-", "--f", "-1", "- x", "...", "---", "&a x", "*a", "!!str x", "%x", "@x", "`x`", "? x", "=", "(x", "$(X)",
    "\tx", "x\t", "\\", "é", "\x85", "\x7f", "\u2028",
))  # fmt: skip
_LINES = strategies.builds("{}{}{}{}".format, _INDENTS, _DASHES, _KEYS, _VALUES)


@given(strategies.lists(_LINES, min_size=1, max_size=8).map(lambda lines: "".join(f"{line}\n" for line in lines)))
@example("a: |\n\n  x\n")
@example("a: |\n  x\n   \n \n\n  y\n\n\nb: 1\n")
@example("a: |\n  x\n # no text of it\nb: 1\n")
@example("a: |\n  x\n y\n")
@example("a:\n- |\n x\n- b: |-\n    y\n    #z\n")
@example("a:\n  b\n")
@example("a: b\n  c\n")
@example("a: b\n\n  c\n")
@example("- a\n")
@example("a:\n- b\n  c: d\n")
@example("a: 1\na: 2\n")
@example("a: 1\n...\nb: 2\n")
@example("a: x")
@settings(max_examples=2_000, deadline=None)
def test_lines(text: str) -> None:
    hold(text)


@pytest.mark.parametrize("depth", [20, 30, 60, 99, 100, 101, 120])
def test_blocks_in_each_other(depth: int) -> None:
    hold("".join(f"{'  ' * at}a:\n" for at in range(depth)) + "  " * depth + "b: c\n")
    hold("".join(f"{'  ' * at}- a:\n" if at else "a:\n" for at in range(depth)) + "  " * (depth + 1) + "b: c\n")


def test_a_long_text_is_left_to_libyaml() -> None:
    assert not hold("a: b\n" + "#" * 100_000 + "\n")
    assert not hold(f"{'k' * 1_025}: v\n")
    assert hold(f"{'k' * 1_024}: {'v' * 5_000}\n")


def test_most_of_a_manifest_is_plain() -> None:
    assert hold(
        "# A comment\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {}\nspec:\n  template:\n"
        "    spec:\n      containers:\n      - name: web\n        image: registry.example.com/web:1.0 # kept\n"
        '        args: ["--port", "80"]\n        command:\n          - sh\n          - -c\n          - |\n'
        "            echo one\n\n            echo two\n        env:\n        - name: A\n          value: '1'\n"
    )
