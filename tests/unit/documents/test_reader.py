from typing import NamedTuple

import pytest

from grayc.documents import Document, parse_documents, parse_plain, parse_release
from grayc.source import SourceFile
from tests.vectors import rows

HEAD = "apiVersion: v1\nkind: X\nmetadata: {name: a}\n"
OTHER = "apiVersion: v1\nkind: X\nmetadata: {name: b}\n"


def file(text: str, name: str = "a.yaml") -> SourceFile:
    return SourceFile(name=name, text=text)


def documents(text: str) -> tuple[Document, ...]:
    read = parse_documents(file(text))
    assert read.value is not None, read.diagnostics
    assert read.diagnostics == ()
    return read.value


def body(text: str) -> object:
    """Return what stands below `c`."""
    return documents(HEAD + text)[0].data["c"]


def found(text: str, *, searched: bool = False, name: str = "a.yaml") -> list[tuple[str, str, int]]:
    """Return code, place and length of everything that is found in a file."""
    read = parse_documents(file(text, name), searched=searched)
    return [
        (item.code, f"{item.span.line}:{item.span.column}", item.span.length)
        for item in read.diagnostics
        if item.span is not None
    ]


def refused(text: str) -> list[tuple[str, str]]:
    assert parse_documents(file(text)).value is None
    return [(code, place) for code, place, _ in found(text)]


class Read(NamedTuple):
    id: str
    text: str
    value: object


@pytest.mark.parametrize("row", rows(__file__, "reading.yaml", Read, table="read"), ids=lambda row: row.id)
def test_yaml_is_read_as_kubernetes_reads_it(row: Read) -> None:
    assert body(row.text) == row.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a\\/b\\ud83d\\ude00"', "a/b😀"), ('"\\ud83d"', "\ufffd"), ("[1, 1.0, 1e3, -0, 1.5]", [1, 1, 1000, 0, 1.5]),
        ("9223372036854775808", 2.0**63), ("null", None), ("{}", {}),
    ],
)  # fmt: skip
def test_json_is_read_as_json(text: str, value: object) -> None:
    whole = '{\n\t"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "c": ' + text + "}"
    read = documents(whole)

    assert read[0].data["c"] == value
    assert documents(whole + "\n" + whole)[1].data == read[0].data


def test_what_starts_like_json_and_is_none_is_yaml() -> None:
    (read,) = documents('{"apiVersion": "v1", "kind": X, metadata: {name: a},} # comment')

    assert read.data == {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}}


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "# only\n", "---\n---\n", "null\n", "---\n~\n---\n# x\n",
        "apiVersion: v1\nkind: List\nitems: []\n", "apiVersion: v1\nkind: List\nitems:\n",
        "apiVersion: grayc.dev/v1\nkind: GrayRelease\nmetadata: {name: a}\n",
    ],
)  # fmt: skip
def test_a_file_may_hold_no_object(text: str) -> None:
    assert documents(text) == ()


def test_documents_know_their_place() -> None:
    read = documents(f"# top\n---\n{HEAD}---\n# nothing\n---\n{OTHER}")

    assert [(item.identity.name, item.chunk.index, item.chunk.line) for item in read] == [("a", 0, 3), ("b", 1, 9)]


def test_lists_are_flattened_and_their_items_know_their_root() -> None:
    read = documents(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: X, metadata: {name: a}}\n"
        "- apiVersion: v1\n  kind: XList\n  items:\n  - metadata: {name: b}\n"
    )

    assert [(item.identity.ref, item.identity.api_version, item.root) for item in read] == [
        ("X/a", "v1", ("items", 0)), ("X/b", "v1", ("items", 1, "items", 0)),
    ]  # fmt: skip


def test_an_object_whose_kind_ends_like_a_list_stays_one() -> None:
    (read,) = documents("apiVersion: a/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n")

    assert read.identity.ref == "AllowList/a"


class Refused(NamedTuple):
    text: str
    expected: list[tuple[str, str]]


@pytest.mark.parametrize(Refused._fields, rows(__file__, "reading.yaml", Refused, table="refused"))
def test_what_kubernetes_would_misread_is_refused_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert refused(HEAD + text) == expected


@pytest.mark.parametrize("text", ["%YAML 1.1\n---\n" + HEAD, "%YAML 1.2\n---\n" + HEAD, "%TAG ! tag:x:\n---\n" + HEAD])
def test_directives_are_refused_as_kubernetes_does(text: str) -> None:
    assert refused(text)[0][0] == "GC105"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "GC106"),
        ('{"b": [{"a": 1, "a": 2}]}', "GC106"),
        ('{"a": 1e400}', "GC107"),
        ('{"a": [-1e400]}', "GC107"),
    ],
)
def test_json_that_loses_something_is_refused(text: str, code: str) -> None:
    assert [item[0] for item in refused(text)] == [code]


def test_a_repeated_key_shows_both_places() -> None:
    for text in (HEAD + "c:\n  x: 1\n  z: {x: 2}\n  x: 3\n", '{"c": {"x": 1,\n"z": {"x": 2},\n"x": 3}}'):
        (diagnostic,) = parse_documents(file(text)).diagnostics
        (note,) = diagnostic.notes
        lines = text.splitlines()

        assert diagnostic.code == "GC106"
        assert diagnostic.span is not None and note.span is not None
        assert "3" in lines[diagnostic.span.line - 1] and "1" in lines[note.span.line - 1]


def test_a_syntax_error_shows_where_what_it_is_in_started() -> None:
    (diagnostic,) = parse_documents(file(HEAD + "c: [a,\n  b\nd: 1\n")).diagnostics
    (note,) = diagnostic.notes

    assert (diagnostic.code, str(diagnostic.span), str(note.span)) == ("GC105", "a.yaml:6:2", "a.yaml:4:4")


def test_independent_errors_are_all_reported() -> None:
    assert refused(f"{HEAD}c: .inf\nd: !x y\n---\n{OTHER}c: [\n---\n- a\n") == [
        ("GC107", "4:4"), ("GC108", "5:4"), ("GC105", "11:1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True),
        ("y", True),
        ("No", False),
        ("2001-01-01", "2001-01-01"),
        ("2001-12-14 21:59:43", "2001-12-14 21:59:43"),
    ],
)
def test_what_apply_f_and_apply_k_read_as_different_values_is_a_warning(text: str, value: object) -> None:
    read = parse_documents(file(f"{HEAD}c: {text}\nd: {text}\n"))

    assert read.value is not None and read.value[0].data["c"] == value
    assert found(f"{HEAD}c: {text}\nd: {text}\n") == [("GC112", "4:4", len(text)), ("GC112", "5:4", len(text))]
    assert found(f"{HEAD}c: {{{text}: 1}}\n") == [("GC112", "4:5", len(text))]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- a\n", "1:1"), ("text\n", "1:1"), ("{}\n", "1:1"), ("kind: X\nmetadata: {name: a}\n", "1:1"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "1:1"), ("apiVersion: v1\nkind: X\n", "1:1"),
        ("apiVersion: v1\nkind: X\nmetadata:\n  labels: {}\n", "3:1"),
        ("apiVersion: v1\nkind: X\nmetadata: {name: 12}\n", "3:18"), ('apiVersion: v1\nkind: ""\nmetadata: {name: a}\n', "2:7"),
        ("apiVersion: v1\nkind: X\nmetadata: {generateName: a-}\n", "3:26"),
        ("apiVersion: v1\nkind: List\nitems: [{kind: X}]\n", "3:9"),
    ],
)  # fmt: skip
def test_a_document_that_is_no_object_is_refused(text: str, place: str) -> None:
    assert refused(text) == [("GC130", place)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("apiVersion: v1\nkind: List\n", "1:1"), ("apiVersion: v1\nkind: List\nitems: x\n", "3:8"),
        ("apiVersion: v1\nkind: List\nitems: [x]\n", "3:9"),
        ("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}]\n",
         "3:82"),
    ],
)  # fmt: skip
def test_a_list_of_something_else_is_refused(text: str, place: str) -> None:
    assert refused(text) == [("GC133", place)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("replicaCount: 1\n", "values.yaml"),
        ("- a\n", "list.yaml"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: a\n", "k.yaml"),
        ("resources: [a.yaml]\nnamePrefix: prod-\n", "base/kustomization.yaml"),
        ("images: []\nkind: Kustomization\n", "kustomization.yml"),
        ("resources: [../base]\n", "kustomization.yml"),
        ("kind: Component\nresources: [a.yaml]\n", "kustomization.yml"),
    ],
)
def test_a_searched_file_that_is_no_manifest_is_left_out_with_a_warning(text: str, name: str) -> None:
    read = parse_documents(file(f"{HEAD}---\n{text}", name), searched=True)

    assert read.value is not None
    assert [item.identity.name for item in read.value] == (["a"] if "kustomization" not in name else [])
    assert {item.code for item in read.diagnostics} == {"GC131"}
    assert parse_documents(file(text, name)).value is None


@pytest.mark.parametrize(
    "text",
    [
        "resources: [a.yaml, sub/b.yaml, sub]\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\nresources: []\n",
        "kind: Kustomization\nbases: [one, two]\n",
        "resources:\n",
    ],
)
def test_a_kustomization_that_only_lists_what_lies_below_it_is_left_out_without_a_word(text: str) -> None:
    assert parse_documents(file(text, "base/kustomization.yaml"), searched=True).diagnostics == ()


@pytest.mark.parametrize(
    "resource", ["../base", "https://example.com/a.yaml", "github.com/a/b?ref=1", "git@a:b", "/etc/a.yaml", "a/../../b"]
)
def test_a_kustomization_with_resources_elsewhere_is_told(resource: str) -> None:
    text = f"resources: ['{resource}']\n"
    found = parse_documents(file(text, "base/kustomization.yaml"), searched=True).diagnostics
    assert [item.code for item in found] == ["GC131"]


def test_what_a_kustomization_changes_is_named() -> None:
    text = "namespace: shop\nimages: [{name: a, newTag: b}]\nresources: [a.yaml]\n"
    (found,) = parse_documents(file(text, "base/kustomization.yaml"), searched=True).diagnostics
    assert "what it makes with `images`, `namespace` is not in the baseline" in found.message


CLIENT_FILES = {
    "skaffold": "apiVersion: skaffold/v4beta13\nkind: Config\nbuild: {}\n",
    "skaffold with a name": "apiVersion: skaffold/v4beta13\nkind: Config\nmetadata: {name: web}\n",
    "kind": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nname: a\n",
    "k3d": "apiVersion: k3d.io/v1alpha5\nkind: Simple\nmetadata: {name: dev}\n",
    "IstioOperator": "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {profile: demo}\n",
    "kubeadm": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n",
    "kubelet": "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
    "audit": "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n",
    "kubeconfig": "apiVersion: v1\nkind: Config\nclusters: []\n",
    "kuttl": "apiVersion: kuttl.dev/v1beta1\nkind: TestStep\n",
    "kapp": "apiVersion: kapp.k14s.io/v1alpha1\nkind: Config\n",
    "garden": "apiVersion: garden.io/v2\nkind: Project\nname: a\n",
    "score": "apiVersion: score.dev/v1b1\nmetadata: {name: a}\n",
}


@pytest.mark.parametrize("searched", [True, False])
@pytest.mark.parametrize("text", CLIENT_FILES.values(), ids=CLIENT_FILES)
def test_what_a_program_of_a_client_reads_is_left_out_with_a_warning(text: str, searched: bool) -> None:
    read = parse_documents(file(f"{HEAD}---\n{text}---\n{HEAD}"), searched=searched)

    assert read.value is not None
    assert [item.identity.kind for item in read.value] == ["X", "X"]
    assert [item.code for item in read.diagnostics] == ["GC131"]


@pytest.mark.parametrize("kind", ["[a]", "{a: b}", "1", "''"])
def test_a_kind_that_is_no_text_is_no_client_file(kind: str) -> None:
    assert {item.code for item in parse_documents(file(f"apiVersion: v1\nkind: {kind}\n")).diagnostics} >= {"GC130"}


def test_a_chart_is_left_out_by_the_name_of_its_file() -> None:
    chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
    assert {item.code for item in parse_documents(file(chart, "web/Chart.yaml")).diagnostics} == {"GC131"}
    assert {item.code for item in parse_documents(file(chart, "web/other.yaml")).diagnostics} == {"GC130"}


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: a}\n",
        "apiVersion: kapp.k14s.io/v1alpha1\nkind: App\nmetadata: {name: a}\n",
        "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\nmetadata: {name: a}\n",
    ],
)
def test_an_object_of_such_a_group_stays(text: str) -> None:
    assert (read := parse_documents(file(text), searched=True)).value
    assert not read.diagnostics


def test_a_searched_file_may_still_be_wrong() -> None:
    assert [item[0] for item in found("apiVersion: v1\nmetadata: {name: a}\n", searched=True)] == ["GC130"]
    assert [item[0] for item in found("a: [\n", searched=True)] == ["GC105"]


def test_a_release_is_one_mapping() -> None:
    read = parse_release(file("apiVersion: grayc.dev/v1\nkind: GrayRelease\n"))

    assert read.value is not None and read.value.identity.kind == "GrayRelease"
    for text, code in (("- a\n", "GC201"), ("", "GC216"), ("a: 1\n---\nb: 2\n", "GC216"), ("a: [\n", "GC105")):
        refusal = parse_release(file(text))
        assert refusal.value is None
        assert [item.code for item in refusal.diagnostics] == [code]
        assert refusal.diagnostics[0].span is not None


def test_the_second_document_of_a_release_is_shown() -> None:
    (diagnostic,) = parse_release(file("a: 1\n---\n# x\nb: 2\n")).diagnostics

    assert diagnostic.span is not None and str(diagnostic.span) == "a.yaml:4:1"


def test_a_plain_file_may_hold_anything() -> None:
    for text, value in (("- op: test\n", [{"op": "test"}]), ("a: 1\n", {"a": 1}), ('["a\\/b"]', ["a/b"]), ("x\n", "x")):
        read = parse_plain(file(text))
        assert read.value is not None and read.value[1] == value


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: .inf\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter2, a: hunter3}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: hunter2\n b: x\n",
        "spec:\n  env:\n  - name: DB_PASSWORD\n    value: hunter2: x\n",
    ],
)
def test_errors_about_secrets_do_not_show_them(text: str) -> None:
    diagnostics = parse_documents(file(text)).diagnostics

    assert diagnostics
    for item in diagnostics:
        assert item.span is not None
        assert item.span.sensitive
        assert "hunter" not in item.message + item.help


def test_a_border_with_more_on_it_is_marked_to_the_end_of_its_own_line() -> None:
    # Found by a fuzzer: U+0085 ends a line of YAML, but no line of those that `---` splits at.
    text = "a: 1\n---b: \x85c\n"
    found = parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics
    span = next(item.span for item in found if "`---`" in item.message)
    assert span is not None
    assert span.column - 1 + span.length <= len(span.source.line(span.line))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: x\u202ey\n", "4:5"),
        ("# \u2066\na: x\n", "4:3"),
        ("a: x\nb: \u2069\n", "5:4"),
        ("a: x\u2028b: z\n", "4:4"),
        ("a: x\x85# z\n", "4:4"),
    ],
)
def test_text_that_shows_otherwise_than_it_is_read_is_pointed_out_once(text: str, place: str) -> None:
    assert found(HEAD + text) == [("GC115", place, 1)]


@pytest.mark.parametrize("text", ['a: "\\u202e"\n', "a: \u0645\u0631\u062d\u0628\u0627\n", "a: 👩‍💻\n"])
def test_text_that_shows_as_it_is_read_is_fine(text: str) -> None:
    assert found(HEAD + text) == []
