"""`Report`: what a command found and did, before it has a look."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grayc.diagnostics import CODES, Diagnostic, Severity
from grayc.report.mask import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of one command.

    Attributes:
        command: such as `build`.
        status: exit status.
        diagnostics: in order of place.
        summary: one sentence for people, "" where errors say it all.
        strict: warnings count as errors.
        data: what the command has to tell besides, as plain data for machines: key → value.
    """

    command: str
    status: int
    diagnostics: tuple[Diagnostic, ...] = ()
    summary: str = ""
    strict: bool = False
    data: Mapping[str, object] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Return how many findings weigh so much."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)


def in_order(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return findings by file, line, column and code, each once, without a secret's value in their words."""
    return tuple(sorted(dict.fromkeys(map(masked, diagnostics)), key=lambda diagnostic: diagnostic.order))


def exit_status(diagnostics: tuple[Diagnostic, ...], *, strict: bool = False) -> int:
    """Return 0 where no finding is an error, else the gravest: 1 invalid, 2 could not answer, 3 a fault of grayc.

    With `strict`, a warning that nobody accepted counts as invalid input.
    """
    warned = strict and any(diagnostic.severity is Severity.WARNING for diagnostic in diagnostics)
    gravest = max(
        (CODES[diagnostic.code].exit_status for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR),
        default=0,
    )
    return max(gravest, int(warned))
