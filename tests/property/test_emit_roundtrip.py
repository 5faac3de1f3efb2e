"""What is written is read back as it was: by grayc, the real `kubectl` in both its ways, a YAML 1.1 and a 1.2 reader."""

import random
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from grayc.documents import parse_documents, parse_plain
from grayc.output.emit import emit_document, emit_stream
from grayc.source import SourceFile
from tests.differential.kubectl import read_all_as_apply, read_as_kustomize

TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=" \n\t\r-:#{}[],&*!|>'\"%@`?=~<0123456789.eExoyYnN_+", max_size=20),
    st.sampled_from(
        ["y", "no", "null", "1e3", "0755", "2001-01-01", "22:22", "---", "...", "<<", "=", "a\n", "\na\n\n"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    # A float that stands for an integer of 64 bits is read back as that.
    st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda number: not number.is_integer() or abs(number) > 1e20
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda parts: st.one_of(st.lists(parts, max_size=4), st.dictionaries(TEXTS, parts, max_size=4)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


def read_by_grayc(text: str) -> object:
    read = parse_plain(SourceFile(name="a.yaml", text=text))
    assert read.value is not None and read.diagnostics == (), read.diagnostics
    return read.value[1]


def same(left: object, right: object) -> bool:
    """Compare with types: 1 is neither 1.0 nor true; keys in their order."""
    return type(left) is type(right) and (
        list(left) == list(right) and all(same(left[key], right[key]) for key in left)
        if isinstance(left, dict) and isinstance(right, dict)
        else len(left) == len(right) and all(map(same, left, right))
        if isinstance(left, list) and isinstance(right, list)
        else left == right
    )


@settings(max_examples=300, deadline=None)
@given(OBJECTS)
def test_any_data_is_read_back(data: dict[str, object]) -> None:
    text = emit_document(data)

    assert same(read_by_grayc(text), data)
    assert same(yaml.safe_load(text), data)
    assert same(YAML(typ="safe", pure=True).load(text), data)


@settings(max_examples=100, deadline=None)
@given(OBJECTS)
def test_any_data_is_written_in_the_house_form(data: dict[str, object]) -> None:
    text = emit_document(data)

    assert text == emit_document(data)
    assert text.endswith("\n")
    assert not any(line != line.rstrip(" \t") for line in text.split("\n"))


@settings(max_examples=60, deadline=None)
@given(st.lists(OBJECTS, min_size=1, max_size=4))
def test_streams_are_read_back(documents: list[dict[str, object]]) -> None:
    text = emit_stream(documents)

    assert list(yaml.safe_load_all(text)) == documents


ALPHABETS = (
    " \n\t-:#{}[],&*!|>'\"%@`?=~<\\/",
    "0123456789.eE+-_xXoObB:T ",
    "abcyYnNoOfFtTrRuUeEsSlL",
    "aé中😀\u00a0\u2028\u2029\ufeff\u200b\u202e\x00\x07\x1b\x7f\x85\x9f\r\n",
    "a b\n",
    "abc/.-_:@",
)
_WORDS = (
    "y n yes no on off true false null ~ nan inf .nan .inf -.inf 1 0 -1 0755 0o17 0x1F 0b1 08 1_000 1.0 1.10 1e3 1234567e8 "
    ".5 22:22 1:30:00 2001-01-01 2024-01-01T00:00:00Z --- ... - ? : = << * & ! | > % @ ` # {} [] {{ }} '' \"\" \\ // 100m 10%"
)
WORDS = _WORDS.split()


def ten_thousand_texts() -> list[str]:
    """Return texts of every kind, the same in each run."""
    chance = random.Random(20_240_101)
    texts = dict.fromkeys([*WORDS, *(word.upper() for word in WORDS), *(word.title() for word in WORDS), ""])
    while len(texts) < 10_000:
        parts = [
            chance.choice(WORDS)
            if chance.random() < 0.1
            else "".join(chance.choices(chance.choice(ALPHABETS), k=chance.randrange(1, 8)))
            for _ in range(chance.randrange(1, 4))
        ]
        texts[chance.choice(("", " ", "\n", ":")).join(parts)] = None
    return list(texts)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return ten_thousand_texts()


@pytest.fixture(scope="module")
def written(texts: list[str]) -> str:
    """Return them as values of lists and mappings, which have different indentation, and as keys."""
    return emit_document({
        "apiVersion": "v1", "kind": "Texts", "metadata": {"name": "a"},
        "spec": {"list": texts, "map": {f"k{at}": text for at, text in enumerate(texts)}, "keys": dict.fromkeys(texts, 1)},
    })  # fmt: skip


def expected(texts: list[str]) -> object:
    return {"list": texts, "map": {f"k{at}": text for at, text in enumerate(texts)}, "keys": dict.fromkeys(texts, 1)}


def test_ten_thousand_texts_are_read_back_by_grayc_and_yaml_1_1(texts: list[str], written: str) -> None:
    read = parse_documents(SourceFile(name="a.yaml", text=written))

    assert len(texts) >= 10_000
    assert read.value is not None and read.diagnostics == ()
    assert read.value[0].data["spec"] == expected(texts)
    assert yaml.load(written, Loader=yaml.CSafeLoader)["spec"] == expected(texts)


def test_ten_thousand_texts_are_read_back_by_apply_f(texts: list[str], written: str) -> None:
    read = read_all_as_apply([written])

    assert read is not None and read[0]["spec"] == expected(texts)


def test_ten_thousand_texts_are_read_back_by_apply_k(texts: list[str]) -> None:
    # It cannot read again what it writes itself of the characters from U+007F to U+009F, however they were quoted.
    shown = [text for text in texts if not re.search("[\x7f-\x9f]", text)]
    built = read_as_kustomize(emit_document({
        "apiVersion": "v1", "kind": "Texts", "metadata": {"name": "a"}, "spec": {"list": shown},
    }))  # fmt: skip
    assert built is not None
    read = parse_documents(SourceFile(name="a.yaml", text=built))

    assert read.value is not None and read.value[0].data["spec"] == {"list": shown}


def test_ten_thousand_texts_are_read_back_by_yaml_1_2(texts: list[str], written: str) -> None:
    assert YAML(typ="safe", pure=True).load(written)["spec"] == expected(texts)
