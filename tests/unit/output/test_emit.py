import pytest
import yaml
from ruamel.yaml import YAML

from grayc.documents import parse_plain
from grayc.output.emit import emit_document, emit_stream
from grayc.source import SourceFile


def read_back(text: str) -> object:
    """Return what every reader takes the text for."""
    read = parse_plain(SourceFile(name="a.yaml", text=text))
    assert read.value is not None and read.diagnostics == (), read.diagnostics
    assert yaml.safe_load(text) == read.value[1]
    assert YAML(typ="safe", pure=True).load(text) == read.value[1]
    return read.value[1]


def test_mappings_and_lists_look_as_kubectl_writes_them() -> None:
    data: dict[str, object] = {
        "apiVersion": "v1",
        "metadata": {"labels": {}, "name": "a"},
        "spec": {
            "ports": [{"name": "http", "port": 80}, {"port": 81}],
            "args": [["a", "b"], [], {}, None, True, 1, 1.5, "x"],
            "nested": [[["deep"]], [{"a": [1]}]],
            "none": None,
            "empty": [],
        },
    }

    assert (
        emit_document(data)
        == """\
apiVersion: v1
metadata:
  labels: {}
  name: a
spec:
  ports:
  - name: http
    port: 80
  - port: 81
  args:
  - - a
    - b
  - []
  - {}
  - null
  - true
  - 1
  - 1.5
  - x
  nested:
  - - - deep
  - - a:
      - 1
  none: null
  empty: []
"""
    )
    assert read_back(emit_document(data)) == data


def test_documents_are_parted_by_three_dashes() -> None:
    assert emit_stream([{"a": 1}, {}, {"b": 2}]) == "a: 1\n---\n{}\n---\nb: 2\n"
    assert emit_stream([]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "web-1",
        "v1",
        "apps/v1",
        "/data",
        "a.b_c",
        "registry.example.com/a:1.0",
        "a@b",
        "_x",
        "A=b",
        "50m".join("ab"),
    ],
)
def test_text_that_looks_like_nothing_else_stands_without_quotes(text: str) -> None:
    assert emit_document({"k": text}) == f"k: {text}\n"
    assert emit_document({text: "v"}) == f"{text}: v\n"


@pytest.mark.parametrize(
    "text",
    ["", "y", "N", "yes", "No", "on", "OFF", "true", "False", "null", "NULL", "~", "nan", ".nan", "Inf", ".inf", "-.inf", "=",
     "<<", "1", "-1", "0755", "0o17", "0x1F", "0b1", "08", "1_000", "1.0", "1e3", "1234567e8", ".5", "+1", "22:22", "1:30:00",
     "2001-01-01", "2024-01-01T00:00:00Z", "10%", "100m", "1Gi", "10.0.0.1", "-", "--", "---", "...", "-x", "?", "? x", ":",
     ":x", "x:", "a: b", "a #b", "#x", "*", "*.com", "&a", "!x", "|", ">", "%x", "@x", "`x`", "[", "]", "{", "}", "{{ x }}",
     ",", "a,b", "'", '"', "it's", "\\", "a b", " a", "a ", "\t", "a\tb", "\r", "a\rb", "\x00", "\x1b", "\x7f", "\x85", "\xa0",
     "\u2028", "\u2029", "\ufeff", "\ufffe", "é", "中文", "😀", "\U0001ffff", "a\u202eb", "a\u200bb", "\u061c"],
)  # fmt: skip
def test_other_text_is_quoted_and_reads_the_same(text: str) -> None:
    written = emit_document({"k": text, text: "v", "list": [text]})

    assert written.startswith('k: "')
    assert read_back(written) == {"k": text, text: "v", "list": [text]}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\nb\n", "|\n    a\n    b\n"),
        ("a\nb", "|-\n    a\n    b\n"),
        ("a\nb\n\n", "|+\n    a\n    b\n\n"),
        ("a\n\n\nb\n", "|\n    a\n\n\n    b\n"),
        ("\n\na\n", "|\n\n\n    a\n"),
        ("  a\nb\n", "|2\n      a\n    b\n"),
        ("\n  a\nb", "|2-\n\n      a\n    b\n"),
        ("a\n  b\n", "|\n    a\n      b\n"),
        ("a\n\tb\n", "|\n    a\n    \tb\n"),
        ("# a\n- b\n? c: d\n---\n...\n", "|\n    # a\n    - b\n    ? c: d\n    ---\n    ...\n"),
        ("中文\n😀\n", "|\n    中文\n    😀\n"),
        ("\"q\" \\ 's'\nx", "|-\n    \"q\" \\ 's'\n    x\n"),
    ],
)
def test_text_of_several_lines_is_a_block(text: str, written: str) -> None:
    data: dict[str, object] = {"a": {"k": text}, "list": [text, {"k": text}, [text]], "z": 1}
    whole = emit_document(data)

    assert whole.startswith("a:\n  k: " + written)
    assert read_back(whole) == data
    assert read_back(emit_document({"k": text})) == {"k": text}
    assert list(yaml.safe_load_all(emit_stream([{"k": text}, {"k": text}]))) == [{"k": text}] * 2


@pytest.mark.parametrize(
    "text",
    ["\n", "\n\n", "a \nb", "a\t\nb", "a\n ", "\ta\nb", "\n\ta", "a\r\nb", "a\u2028\nb", "a\x07\nb", "a\n\u202eb\n"],
)
def test_text_that_a_block_would_change_or_hide_is_quoted(text: str) -> None:
    written = emit_document({"k": text})

    assert written.startswith('k: "') and written.count("\n") == 1
    assert read_back(written) == {"k": text}


@pytest.mark.parametrize(
    "value", [0, -1, 2**63 - 1, -(2**63), 1.5, -0.5, 1e300, 1e-300, 2.0**63, 1e21, 123456.789, True, False, None]
)
def test_other_values_read_the_same(value: object) -> None:
    assert read_back(emit_document({"k": value})) == {"k": value}


@pytest.mark.parametrize("length", [999, 1_000, 1_024, 5_000])
def test_long_keys_are_read_by_all(length: int) -> None:
    key = "é" + "k" * (length - 1)
    data: dict[str, object] = {"a": [{key: "v"}, {key: {"x": "a\nb\n"}}], "b": {key: ["v"]}}
    written = emit_document(data)

    assert yaml.safe_load(written) == YAML(typ="safe", pure=True).load(written) == data


def test_nothing_ends_in_a_blank_and_no_anchor_is_written() -> None:
    shared = {"x": ["a", {}]}
    written = emit_document({"a": shared, "b": shared, "c": "t \nu", "d": None, "e": ""})

    assert not any(line != line.rstrip() for line in written.splitlines())
    assert "&" not in written and "*" not in written
    assert written.endswith("\n") and not written.endswith("\n\n")


def test_what_is_no_value_is_a_fault() -> None:
    with pytest.raises(TypeError):
        emit_document({"a": {1, 2}})
