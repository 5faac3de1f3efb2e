import pytest

from grayc.documents import Chunk, Path, locate, parse_documents, parse_plain
from grayc.documents.locate import span_at, text_at, where_is
from grayc.source import SourceFile, Span

TEXT = """\
# a comment
apiVersion: v1
kind: Deployment # the kind
metadata:
  name: web
  labels: {app: web, "tier": 'front'}
  empty:
spec:
  replicas: 3
  common: &common
    cpu: 1
    deep: {x: [1, 2]}
  merged:
    <<: *common
    own: 2
  same: *common
  text: |
    first
    second
  quoted: "two
    lines"
  list:
  - name: a
    args: [x, "y z"]
  - plain
  - - nested
  1.50: number key
"""


def chunk_of(text: str) -> Chunk:
    read = parse_plain(SourceFile(name="a.yaml", text=text))
    assert read.value is not None, read.diagnostics
    return read.value[0]


CHUNK = chunk_of(TEXT)


def shown(span: Span) -> tuple[int, int, str]:
    """Return line, column and the text that the span marks."""
    line = span.source.text.splitlines()[span.line - 1]
    return span.line, span.column, line[span.column - 1 : span.column - 1 + span.length]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("kind",), (3, 7, "Deployment")),
        (("metadata", "name"), (5, 9, "web")),
        (("metadata", "labels"), (6, 11, "{app: web, \"tier\": 'front'}")),
        (("metadata", "labels", "app"), (6, 17, "web")),
        (("metadata", "labels", "tier"), (6, 30, "'front'")),
        (("metadata",), (5, 3, "name: web")),
        (("spec", "replicas"), (9, 13, "3")),
        (("spec", "text"), (17, 9, "|")),
        (("spec", "quoted"), (20, 11, '"two')),
        (("spec", "list"), (23, 3, "- name: a")),
        (("spec", "list", 0), (23, 5, "name: a")),
        (("spec", "list", 0, "args", 1), (24, 15, '"y z"')),
        (("spec", "list", 1), (25, 5, "plain")),
        (("spec", "list", 2, 0), (26, 7, "nested")),
        (("spec", "1.5"), (27, 9, "number key")),
        # Through a merge or an alias: where the anchor has it; the alias itself where it is written.
        (("spec", "merged", "cpu"), (11, 10, "1")),
        (("spec", "merged", "own"), (15, 10, "2")),
        (("spec", "same"), (16, 9, "*common")),
        (("spec", "same", "deep", "x", 1), (12, 19, "2")),
        ((), (2, 1, "apiVersion: v1")),
    ],
)
def test_a_value_stands_where_it_is_written(path: Path, expected: tuple[int, int, str]) -> None:
    assert shown(locate(CHUNK, path)) == expected
    assert where_is(CHUNK, path) == str(locate(CHUNK, path))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("metadata", "name"), (5, 3, "name")),
        (("metadata",), (4, 1, "metadata")),
        (("metadata", "labels", "tier"), (6, 22, '"tier"')),
        (("spec", "merged", "cpu"), (11, 5, "cpu")),
        (("spec", "list", 0), (23, 5, "name: a")),
    ],
)
def test_a_key_can_be_asked_for(path: Path, expected: tuple[int, int, str]) -> None:
    assert shown(locate(CHUNK, path, key=True)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("spec", "template", "spec"), (8, 1, "spec")),
        (("spec", "list", 7), (22, 3, "list")),
        (("spec", "list", 0, "image"), (23, 5, "name: a")),
        (("metadata", "labels", "none"), (6, 11, "{app: web, \"tier\": 'front'}")),
        (("metadata", "name", "deeper"), (5, 9, "web")),
        (("metadata", "empty"), (7, 3, "empty")),
        (("metadata", "empty", "x"), (7, 3, "empty")),
        (("status",), (2, 1, "apiVersion: v1")),
    ],
)
def test_a_value_that_is_not_there_stands_at_its_nearest_ancestor(path: Path, expected: tuple[int, int, str]) -> None:
    assert shown(locate(CHUNK, path)) == expected
    assert shown(locate(CHUNK, path, key=True)) == expected


def test_places_in_later_documents_count_from_the_start_of_the_file() -> None:
    text = "# x\n---\napiVersion: v1\nkind: X\nmetadata: {name: a}\n---\n# y\n\napiVersion: v1\nkind: X\nmetadata: {name: b}\n"
    read = parse_documents(SourceFile(name="a.yaml", text=text))
    assert read.value is not None

    assert [str(item.span(("metadata", "name"))) for item in read.value] == ["a.yaml:5:18", "a.yaml:11:18"]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# a\n\n  # b\n",
        "# ü\n",
        "# a\r\n",
        "\n \t\n",
        "---\n# a\n---\n",
        "%YAML 1.2\n---\n",
        "--- # a\n",
        "!!map\n",
        "&a\n",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: X\n",
        '{"apiVersion": "v1", "kind": "X"}',
        ' {"apiVersion": "v1", "kind": "X"}',
        '"apiVersion": v1\nkind: X\n',
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: X\n",
    ],
)
def test_the_start_of_an_object_is_where_it_stands(before: str, text: str) -> None:
    read = parse_documents(SourceFile(name="a.yaml", text=before + text))
    for document in read.value or ():
        whole = document.span()
        assert (document.start.line, document.start.column) == (whole.line, whole.column)


def test_items_of_lists_are_found_below_their_root() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: X\n  metadata: {name: a}\n"
    read = parse_documents(SourceFile(name="a.yaml", text=text))
    assert read.value is not None

    assert shown(read.value[0].span(("metadata", "name"))) == (6, 20, "a")
    assert shown(read.value[0].span(("spec",))) == (4, 3, "apiVersion: v1")


def test_json_has_places_too() -> None:
    text = '{"apiVersion": "v1", "kind": "X", "metadata": {"name": "a\\u002db"}}\n  {\n\t"apiVersion": "v1", "kind": "X",\n "metadata": {"name": "b", "n": [1, 22]}}'
    read = parse_documents(SourceFile(name="a.json", text=text))
    assert read.value is not None
    first, second = read.value

    assert shown(first.span(("metadata", "name"))) == (1, 56, '"a\\u002db"')
    assert shown(first.span(("metadata", "name"), key=True)) == (1, 48, '"name"')
    assert shown(second.span(("kind",))) == (3, 30, '"X"')
    assert shown(second.span(("metadata", "n", 1))) == (4, 37, "22")
    assert shown(second.span(("metadata", "none"))) == (4, 14, '{"name": "b", "n": [1, 22]}')


def test_values_in_a_row_on_one_line_keep_their_columns() -> None:
    text = '{"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}} {"apiVersion": "v1", "kind": "X", "metadata": {"name": "b"}}'
    read = parse_documents(SourceFile(name="a.json", text=text))
    assert read.value is not None

    assert [shown(item.span(("metadata", "name"))) for item in read.value] == [(1, 56, '"a"'), (1, 117, '"b"')]


SECRETS = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {name: a}
  type: Opaque
  data:
    user: aGk=
  stringData:
    cert: |
      line one
      line two
  immutable: true
- apiVersion: v1
  kind: Pod
  metadata:
    name: b
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: '{}'
      note: x
  spec:
    containers:
    - env:
      - name: DB_PASSWORD
        value: hunter2
      - name: HOST
        value: db
      - {name: API_KEY, value: abc}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: c}
  data: {mode: x}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: d}
  data:
    db.password: x
    host: y
"""


def test_lines_with_secret_values_are_sensitive_and_no_others() -> None:
    chunk = chunk_of(SECRETS)
    number_of = {line.strip(): number for number, line in enumerate(SECRETS.splitlines(), start=1)}
    hidden = {number_of[line] for line in (
        "user: aGk=", "cert: |", "line one", "line two", "value: hunter2", "- {name: API_KEY, value: abc}",
        "kubectl.kubernetes.io/last-applied-configuration: '{}'", "db.password: x",
    )}  # fmt: skip
    env: Path = ("items", 1, "spec", "containers", 0, "env")
    paths: list[Path] = [
        ("items", 0), ("items", 0, "type"), ("items", 0, "data", "user"), ("items", 0, "stringData", "cert"),
        ("items", 0, "immutable"), ("items", 1, "metadata", "annotations", "note"),
        ("items", 1, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
        (*env, 0, "name"), (*env, 0, "value"), (*env, 1, "value"), (*env, 2, "name"), (*env, 2, "value"),
        ("items", 2, "data", "mode"), ("items", 3, "data", "db.password"), ("items", 3, "data", "host"),
    ]  # fmt: skip
    for path in paths:
        for key in (False, True):
            span = locate(chunk, path, key=key)
            assert span.sensitive == (span.line in hidden), (path, span.line)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"kind": "Secret", "data": {"a": "b"}}', ("kind",)),
        ("env:\n  web:\n    DB_PASSWORD: x\n", ("env", "web", "DB_PASSWORD")),
        ("- op: add\n  path: /stringData/a\n  value: x\n", (0, "value")),
        ("- op: add\n  path: /data/db-password\n  value:\n    x: y\n", (0, "value", "x")),
        ("secretGenerator:\n- name: a\n  literals:\n  - user=x\n", ("secretGenerator", 0, "literals", 0)),
        ("configMapGenerator:\n- literals: [DB_PASSWORD=x]\n", ("configMapGenerator", 0, "literals", 0)),
        ("x: &a hunter2\nkind: Secret\ndata: {a: *a}\n", ("x",)),
        ("value: redis://:hunter2@cache\n", ("value",)),
        ("args: [-v, --token, hunter2]\n", ("args", 2)),
        ('data: {a.conf: "level=info\\ndb.password=hunter2"}\n', ("data", "a.conf")),
    ],
)
def test_secrets_hide_in_other_places_too(text: str, path: Path) -> None:
    assert locate(chunk_of(text), path).sensitive


def test_of_a_text_the_lines_with_a_secret_are_sensitive() -> None:
    text = "data:\n  a.conf: |\n    level=info\n    db.password=hunter2\n    -----BEGIN PRIVATE KEY-----\n    hunter2\n"
    chunk = chunk_of(text)
    assert [span_at(chunk, line, 4, 5).sensitive for line in range(6)] == [False, False, False, True, True, True]


def test_places_beyond_the_text_are_cut_to_it() -> None:
    span = locate(Chunk(source=SourceFile(name="a.yaml", text="\n"), index=0, line=1, text="\n"), ("a",))

    assert (span.line, span.column, span.length) == (1, 1, 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "replicas"), "3"),
        (("metadata", "labels", "tier"), "front"),
        (("spec", "merged", "cpu"), "1"),
        (("spec", "same", "deep", "x", 1), "2"),
        (("spec", "text"), "first\nsecond\n"),
        (("metadata", "empty"), ""),
        (("spec", "list"), None),
        (("spec", "none", "deeper"), None),
    ],
)
def test_a_scalar_is_given_as_it_is_spelled(path: Path, text: str | None) -> None:
    assert text_at(chunk_of(TEXT), path) == text


@pytest.mark.parametrize("written", ["1.10", "012", "0x1F", "true", "1e3"])
def test_the_spelling_of_a_number_is_kept(written: str) -> None:
    assert text_at(chunk_of(f"a: [{written}]\n"), ("a", 0)) == written
