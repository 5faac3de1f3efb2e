"""`Diagnostic`, and `Checked`: what a stage returns."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from grayc.diagnostics.codes import CODES, Mark, Severity
from grayc.records import dataclass
from grayc.source import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Another place that took part, or a fact without a place."""

    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: a key of `CODES`, such as `GC203`.
        message: what is wrong, alone, lower case, no full stop, the user's words in backticks.
        span: the smallest place that makes sense; None where no file took part.
        field: path in the release spec or object, such as `spec.services[0].images`.
        object: `Kind/name` of the object it is about; what `spec.accept[].object` names.
        notes: other places and facts.
        help: the next step.
        names: words of the message and its notes that name something, and so are shown even where a secret reads alike.
        accepted: the reason `spec.accept` gives for living with it; None where it is not accepted.
        is_strict: it weighs what its code weighs with `--strict`.
    """

    code: str
    message: str
    span: Span | None = None
    field: str = ""
    object: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""
    names: tuple[str, ...] = ()
    accepted: str | None = None
    is_strict: bool = False

    @property
    def severity(self) -> Severity:
        """Severity of the code; an accepted finding is a note."""
        row = CODES[self.code]
        if self.accepted is not None:
            return Severity.NOTE
        return row.strict if self.is_strict and row.strict is not None else row.severity

    @property
    def mark(self) -> Mark | None:
        """What stages ask about a finding of this code."""
        return CODES[self.code].mark

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Total order: file, line, column, code, message."""
        if self.span is None:
            return ("", 0, 0, self.code, self.message)
        return (self.span.file, self.span.line, self.span.column, self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Generic[T]):
    """A stage's result: a value, or None where errors left nothing to go on with, and what was found."""

    value: T | None
    diagnostics: tuple[Diagnostic, ...] = ()


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of them is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
