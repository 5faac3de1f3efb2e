"""The look of findings."""

from grayc.diagnostics import Diagnostic, Note
from grayc.report.model import MOST_LINES, Report, exit_status, folded, in_order
from grayc.report.text import render_text
from grayc.source import SourceFile, Span

SOURCE = SourceFile(name="release.yaml", text="spec:\n\ttag: 灰度 x\n", folder="shop")


def finding(**more: object) -> Diagnostic:
    span = Span(source=SOURCE, line=2, column=10, length=1)
    return Diagnostic(code="GC207", message="no tag", **{"span": span, **more})  # type: ignore[arg-type]


def test_a_finding_shows_its_line_and_marks_the_place_in_columns_of_the_terminal() -> None:
    text = render_text(Report(command="build", status=1, diagnostics=(finding(help="choose one"),)))
    assert text.splitlines() == [
        "shop/release.yaml:2:10: error[GC207]: no tag",
        "  |",
        "2 |     tag: 灰度 x",
        "  |               ^",
        "  = help: choose one",
        "  = more: grayc explain GC207 (invalid-tag)",
        "",
        "grayc build: 1 error",
    ]


def test_a_line_with_a_secret_is_never_shown() -> None:
    span = Span(source=SOURCE, line=2, column=7, length=2, sensitive=True)
    text = render_text(Report(command="build", status=1, diagnostics=(finding(span=span),)))
    assert "灰度" not in text
    assert "not shown" in text


def test_an_accepted_finding_is_a_note_with_its_reason_and_no_failure() -> None:
    accepted = Diagnostic(code="GC441", message="caught", accepted="we know")
    text = render_text(Report(command="build", status=exit_status((accepted,)), diagnostics=(accepted,)))
    assert exit_status((accepted,)) == 0
    assert text.startswith("note[GC441]: caught\n")
    assert "accepted: we know" in text


def test_quiet_leaves_notes_and_summary_out() -> None:
    note = Diagnostic(code="GC450", message="now ClusterIP")
    report = Report(command="build", status=0, diagnostics=(note,), summary="wrote 1 object")
    assert render_text(report, quiet=True) == ""
    assert "wrote 1 object" in render_text(report)


def test_what_was_accepted_is_silent_where_quiet_is_asked_for() -> None:
    span = Span(source=SOURCE, line=1, column=1)
    known = finding(span=span, notes=(Note(message="n"),), accepted="we know of it")
    assert render_text(Report(command="build", status=0, diagnostics=(known,)), quiet=True) == ""
    both = render_text(Report(command="build", status=1, diagnostics=(finding(), known)), quiet=True)
    assert "error[GC207]" in both and "note[" not in both and "we know of it" not in both


def test_what_was_accepted_stands_in_full_elsewhere() -> None:
    span = Span(source=SOURCE, line=1, column=1)
    error = finding(span=span)
    known = finding(span=span, accepted="we know")
    for diagnostics in ((known,), (error, known)):
        assert "= accepted: we know" in render_text(Report(command="build", status=1, diagnostics=diagnostics))


def test_colour_is_asked_for() -> None:
    report = Report(command="build", status=1, diagnostics=(finding(notes=(Note(message="n"),)),))
    assert "\x1b[" in render_text(report, color=True)
    assert "\x1b[" not in render_text(report)


def test_findings_are_told_once_in_the_order_of_their_places() -> None:
    first = finding(span=Span(source=SOURCE, line=1, column=1))
    assert in_order((finding(), first, finding())) == (first, finding())


def test_the_gravest_finding_makes_the_status() -> None:
    assert exit_status(()) == 0
    assert exit_status((finding(),)) == 1
    assert exit_status((finding(), Diagnostic(code="GC101", message="gone"))) == 2
    assert exit_status((Diagnostic(code="GC101", message="gone"), Diagnostic(code="GC901", message="bug"))) == 3


def test_notes_are_a_line_each_and_stand_below_the_others() -> None:
    span = Span(source=SOURCE, line=1, column=1)
    note = Diagnostic(code="GC450", message="now ClusterIP", span=span, help="nothing to do")
    known = finding(span=span, accepted="we know of it", notes=(Note(message="n"),))
    step = Diagnostic(code="GC582", message="lane `a` can be built again", help="`grayc build a.yaml -o out`")
    warning = Diagnostic(code="GC112", message="`on` is true", help="quote it")
    text = render_text(Report(command="build", status=0, diagnostics=(note, known, step, warning)), verbose=False)

    assert text.splitlines() == [
        "warning[GC112]: `on` is true",
        " = help: quote it",
        " = more: grayc explain GC112 (ambiguous-scalar)",
        "",
        f"{span.file}:1:1: note[GC450]: now ClusterIP",
        f"{span.file}:1:1: note[GC207]: {known.message} (accepted: we know of it)",
        "note[GC582]: lane `a` can be built again: `grayc build a.yaml -o out`",
        "notes in full: `-v`; what one means: `grayc explain CODE`",
    ]


def test_of_many_notes_of_a_kind_the_first_are_told_and_how_many_more() -> None:
    def notes(count: int, accepted: str | None = None) -> list[Diagnostic]:
        return [Diagnostic(code="GC450", message=f"{at} is ClusterIP", accepted=accepted) for at in range(count)]

    given = (*notes(MOST_LINES + 2), *notes(MOST_LINES, "a"), *[finding(help=str(at)) for at in range(MOST_LINES + 5)])
    kept = folded(Report(command="build", status=1, diagnostics=given)).diagnostics

    assert kept[: MOST_LINES - 1] == given[: MOST_LINES - 1]
    assert kept[MOST_LINES - 1].message == f"{MOST_LINES - 1} is ClusterIP (and 2 more)"
    assert kept[MOST_LINES:] == given[MOST_LINES + 2 :]


def test_one_line_cannot_become_two() -> None:
    note = Diagnostic(code="GC450", message="a\nb", accepted="c\n::error::d")
    text = render_text(Report(command="build", status=0, diagnostics=(note,)), verbose=False)
    assert len(text.splitlines()) == 2
