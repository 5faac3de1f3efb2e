"""Whatever is in a file, the reader answers: a value or errors, no exception, and every place lies in the file."""

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from grayc.diagnostics import Diagnostic, has_errors
from grayc.documents import Path, locate, parse_documents, parse_plain, parse_release
from grayc.output.emit import emit_document
from grayc.source import SourceFile, Span, split_lines
from tests.property.test_emit_roundtrip import OBJECTS

HEAD = "apiVersion: v1\nkind: X\nmetadata: {name: a}\n"
SNIPPETS = (
    HEAD, "---\n", "...\n", "--- # x\n", "----\n", "%YAML 1.1\n", "a: 1\n", "a: |\n  x\n   y\n", "b: >-\n\n  x\n", "c: [1, {x: y}]\n",
    "&a ", "*a", "<<: *a\n", "<<: [*a, *b]\n", "!!str ", "!x ", "? ", ": ", "- ", "{", "}", "[", "]", ",", "#", '"', "'", "|", ">", "\n",
    "\r\n", "\r", "\t", "  ", "    ", "\ufeff", "\u2028", "\x85", "\x00", "\x7f", "{{ x }}", "{% if %}", "yes", "0777", "1e400", ".inf",
    "null", "~", "kind: List\nitems:\n", "kind: Secret\ndata:\n  a: b\n", "apiVersion: grayc.dev/v1\n", "name: PASSWORD\nvalue: x\n",
    '{"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}}', '{"a": 1, "a": 2}', "\\ud83d", '"\\/"', "//", "é", "😀",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(SNIPPETS), max_size=14).map("".join),
    st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=3)), max_size=14).map("".join),
)


def spans_of(diagnostics: tuple[Diagnostic, ...]) -> Iterator[Span]:
    for found in diagnostics:
        if found.span is not None:
            yield found.span
        yield from (note.span for note in found.notes if note.span is not None)


def assert_inside(span: Span) -> None:
    # The last line is ended where the text does not do so; the place behind that end is a line of its own.
    lines = [*split_lines(span.source.text), ""]
    assert 1 <= span.line <= len(lines)
    assert span.column >= 1 and span.length >= 1
    assert span.column + span.length - 1 <= max(1, len(lines[span.line - 1]))


def paths_of(value: object, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from paths_of(item, (*path, position))


@settings(max_examples=500, deadline=None)
@given(TEXTS, st.booleans())
@example("a: &a [*a]", False)
@example("? - a\n: b", False)
@example("{<<: {a: 1}, a: 2, <<: {a: 3}}", False)
@example('{"a": 1}\u2028{"a": 2}', False)
@example('"\u2028', False)
@example("0\x1e", False)
def test_any_text_is_answered_with_places_in_the_file(text: str, searched: bool) -> None:
    source = SourceFile(name="a.yaml", text=text.removeprefix("\ufeff"))
    read = parse_documents(source, searched=searched)

    assert (read.value is None) == has_errors(read.diagnostics)
    for span in spans_of(read.diagnostics):
        assert_inside(span)
    for document in read.value or ():
        for path in paths_of(document.data):
            assert_inside(document.span(path))
            assert_inside(document.span(path, key=True))
            assert_inside(document.span((*path, "none")))
    for one in (parse_release(source), parse_plain(source)):
        assert (one.value is None) == has_errors(one.diagnostics)
        for span in spans_of(one.diagnostics):
            assert_inside(span)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_reading_twice_gives_the_same(text: str) -> None:
    def read() -> list[str]:
        found = parse_documents(SourceFile(name="a.yaml", text=text))
        data = [repr(item.data) for item in found.value or ()]
        return data + [f"{item.code} {item.span} {item.message}" for item in found.diagnostics]

    assert read() == read()


@settings(max_examples=300, deadline=None)
@given(OBJECTS, st.data())
def test_every_value_is_found_where_it_was_written(data: dict[str, object], choice: st.DataObject) -> None:
    text = emit_document(data)
    read = parse_plain(SourceFile(name="a.yaml", text=text))
    assert read.value is not None
    path = choice.draw(st.sampled_from(list(paths_of(data))))
    span = locate(read.value[0], path)
    assert_inside(span)
    value: object = data
    for step in path:
        value = value[step]  # type: ignore[index]  # the path was made from the data
    if not isinstance(value, (dict, list)) and "\n" not in str(value):
        shown = text.splitlines()[span.line - 1][span.column - 1 : span.column - 1 + span.length]
        written = emit_document({"k": value})
        assert written == f"k: {shown}\n"
