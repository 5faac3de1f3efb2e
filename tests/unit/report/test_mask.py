"""A secret's value stands in no report."""

from grayc.diagnostics import Diagnostic, Note
from grayc.report.mask import masked
from grayc.source import SourceFile, Span

SOURCE = SourceFile(name="secret.yaml", text="kind: Secret\nstringData:\n  password: hunter2\n")
VALUE = Span(source=SOURCE, line=3, column=13, length=7, sensitive=True)


def test_words_from_the_secret_are_masked_wherever_the_finding_quotes_them() -> None:
    finding = Diagnostic(
        code="GC112",
        message="`password` is `hunter2`",
        span=VALUE,
        help="write `hunter2` in quotes",
        notes=(Note(message="see `hunter2`"),),
    )
    clean = masked(finding)
    assert clean.message == "`password` is `***`"
    assert clean.help == "write `***` in quotes"
    assert clean.notes[0].message == "see `***`"


def test_a_note_at_a_secret_masks_too() -> None:
    finding = Diagnostic(code="GC106", message="`hunter2` twice", notes=(Note(message="here", span=VALUE),))
    assert masked(finding).message == "`***` twice"


def test_other_findings_stay_as_they_are() -> None:
    finding = Diagnostic(code="GC112", message="`hunter2`", span=Span(source=SOURCE, line=3, column=13))
    assert masked(finding) is finding


def test_lines_are_counted_as_yaml_counts_them() -> None:
    source = SourceFile(name="secret.yaml", text="# a\u2028# b\r# c\x85stringData: {password: hunter2}\n")
    span = Span(source=source, line=4, column=14, sensitive=True)
    assert masked(Diagnostic(code="GC112", message="`hunter2`", span=span)).message == "`***`"


def test_the_sign_of_an_alias_a_tag_or_an_anchor_hides_nothing() -> None:
    for sign in "&*!":
        assert masked(Diagnostic(code="GC105", message=f"`{sign}hunter2`", span=VALUE)).message == "`***`"


def known(*values: str) -> Span:
    return Span(source=SOURCE, line=3, column=13, length=7, sensitive=True, secrets=values)


def test_names_are_shown_though_a_value_reads_alike() -> None:
    finding = Diagnostic(
        code="GC310",
        message="services `web` and `hunter` give key `app.properties` of `ConfigMap/web` different values",
        span=known("http://web/app.properties", "hunter"),
        field="spec.services[0].config.web.app.properties",
        object="ConfigMap/web",
        names=("hunter",),
    )
    assert masked(finding) == finding


def test_where_the_values_are_known_no_other_word_is_masked() -> None:
    finding = Diagnostic(code="GC106", message="key `password` stands twice: `kubectl` says `,`", span=known("hunter2"))
    assert masked(finding) == finding


def test_parts_starts_and_texts_around_a_value_are_masked() -> None:
    for quoted in ("unter", "hunter2", "hunt…", '{"a": "hunter2"}', "!hunter2"):
        assert masked(Diagnostic(code="GC112", message=f"`{quoted}`", span=known("hunter2"))).message == "`***`"


def test_a_key_that_is_a_value_is_masked_in_the_field_too() -> None:
    finding = Diagnostic(code="GC205", message="x", span=known("A=hunter2"), field="spec.env.web.A=hunter2")
    assert masked(finding).field == "spec.env.web.***"
