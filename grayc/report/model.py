"""`Report`: what a command found and did, before it has a look."""

from collections import Counter
from collections.abc import Mapping, Sequence

from grayc.diagnostics import CODES, Diagnostic, Severity
from grayc.records import dataclass, field, replace
from grayc.report.mask import masked

MAX_FINDINGS = 200
"""Findings of one code that a report tells; of more, how many they are."""


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
        left_out: severity → findings that are not among the diagnostics, see `shortened`.
    """

    command: str
    status: int
    diagnostics: tuple[Diagnostic, ...] = ()
    summary: str = ""
    strict: bool = False
    data: Mapping[str, object] = field(default_factory=dict)
    left_out: Mapping[Severity, int] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Return how many findings weigh so much, those that are left out too."""
        return sum(item.severity is severity for item in self.diagnostics) + self.left_out.get(severity, 0)


_MOST_NAMED = 8
"""Objects that a finding for many names."""


def weighed(report: Report) -> Report:
    """Return a report whose findings weigh what they do in this run.

    Of a code that only `--strict` asks a decision about, all that nobody accepted are one finding without it.
    """
    if report.strict:
        return replace(
            report,
            diagnostics=tuple(
                replace(item, is_strict=True) if CODES[item.code].strict is not None else item
                for item in report.diagnostics
            ),
        )
    loose = [item for item in report.diagnostics if CODES[item.code].strict is not None and item.accepted is None]
    together: dict[str, list[Diagnostic]] = {}
    for item in loose:
        together.setdefault(item.code, []).append(item)
    kept = []
    for item in report.diagnostics:
        beside = together.get(item.code, ()) if item.accepted is None else ()
        if len(beside) < 2:
            kept.append(item)
        elif beside[0] is item:
            kept.append(_as_one(beside))
    return replace(report, diagnostics=tuple(kept))


def _as_one(items: Sequence[Diagnostic]) -> Diagnostic:
    names = sorted({item.object for item in items})
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return Diagnostic(
        code=items[0].code,
        message=f"gray pods use {len(names)} of production's stores: "
        + ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
        + more,
        names=tuple(names[:_MOST_NAMED]),
        help="`grayc plan` tells which service uses which, and by what field; `--strict` asks for a decision on each",
    )


MOST_LINES = 8
"""Notes of a kind that a report in text tells unless it is asked for all."""


def folded(report: Report) -> Report:
    """Return a report with the first notes of a kind, which is a code and a reason; the last says how many more."""
    notes = Counter((item.code, item.accepted) for item in report.diagnostics if item.severity is Severity.NOTE)
    kept: list[Diagnostic] = []
    seen: Counter[tuple[str, str | None]] = Counter()
    for item in report.diagnostics:
        kind = (item.code, item.accepted)
        seen[kind] += item.severity is Severity.NOTE
        more = notes[kind] - MOST_LINES
        if seen[kind] == MOST_LINES and more > 0:
            kept.append(replace(item, message=f"{item.message} (and {more} more)"))
        elif seen[kind] <= MOST_LINES:
            kept.append(item)
    return replace(report, diagnostics=tuple(kept))


def shortened(report: Report) -> Report:
    """Return a report with the first findings of each code, and of the rest one for each that says how many they are.

    Exit status and counts stay those of all.
    """
    kept: list[Diagnostic] = []
    seen: Counter[tuple[str, bool]] = Counter()
    for item in report.diagnostics:
        kind = (item.code, item.accepted is not None)
        seen[kind] += 1
        if seen[kind] <= MAX_FINDINGS:
            kept.append(item)
    left_out: Counter[Severity] = Counter()
    for (code, is_accepted), count in sorted(seen.items()):
        more = count - MAX_FINDINGS
        if more <= 0:
            continue
        rest = Diagnostic(
            code=code,
            message=f"and {more} more findings {code} ({CODES[code].name})",
            help=f"the first {MAX_FINDINGS} are shown; mend them, and the next run shows the rest",
            accepted=f"as the first {MAX_FINDINGS}" if is_accepted else None,
        )
        kept.append(rest)
        # The one that tells of the rest is counted for one of them.
        left_out[rest.severity] += more - 1
    return replace(report, diagnostics=tuple(kept), left_out=left_out)


def in_order(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return findings by file, line, column and code, each once, without a secret's value in their words."""
    return tuple(sorted(dict.fromkeys(map(masked, diagnostics)), key=lambda diagnostic: diagnostic.order))


def exit_status(diagnostics: tuple[Diagnostic, ...], *, strict: bool = False) -> int:
    """Return 0 where no finding is an error, else the gravest: 1 invalid, 2 could not answer, 3 a fault of grayc.

    With `strict`, a warning that nobody accepted counts as invalid input, and what is a warning only then.
    """
    warned = strict and any(
        replace(diagnostic, is_strict=True).severity is Severity.WARNING for diagnostic in diagnostics
    )
    gravest = max(
        (CODES[diagnostic.code].exit_status for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR),
        default=0,
    )
    return max(gravest, int(warned))
