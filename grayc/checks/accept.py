"""What `spec.accept` lives with."""

from collections.abc import Callable, Iterable, Sequence

from grayc.diagnostics import CODES, Diagnostic, Mark, did_you_mean
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Accept


def accept_findings(
    plan: ReleasePlan, diagnostics: tuple[Diagnostic, ...], elsewhere: Callable[[], Iterable[Diagnostic]]
) -> tuple[Diagnostic, ...]:
    """Return the findings, the accepted ones with their reasons, and what is wrong with `spec.accept` itself.

    What `validate` alone finds is not looked for: `accept_validated` judges that.

    Args:
        elsewhere: finds what the release's other steps have, where that is asked for: an entry may be for one of them.

    Diagnostics:
        GC330: an entry accepts nothing, on the gateway that the release names: of another one a flag only asks.
        GC331: an entry names a code that cannot be accepted, or that there is none of.
    """
    spec = plan.spec
    result = list(diagnostics)
    is_asked_only = spec.traffic is not None and spec.traffic.gateway is not spec.traffic.written
    for accept in spec.accept:
        row = CODES.get(accept.code)
        if row is None or not row.acceptable:
            acceptable = sorted(code for code, known in CODES.items() if known.acceptable)
            result.append(
                at_spec(
                    spec,
                    (*accept.path, "code"),
                    code="GC331",
                    message=f"there is no code `{accept.code}`"
                    if row is None
                    else f"`{accept.code}` ({row.name}) cannot be accepted",
                    help=did_you_mean("", acceptable, noun="acceptable code"),
                )
            )
            continue
        if row.mark is Mark.VALIDATION:
            continue
        found = [position for position, diagnostic in enumerate(result) if _is_for(accept, diagnostic)]
        if not found and not is_asked_only and not any(_is_for(accept, diagnostic) for diagnostic in elsewhere()):
            others = [diagnostic.object for diagnostic in result if diagnostic.code == accept.code]
            result.append(_nothing(plan, accept, others))
        for position in found:
            result[position] = replace(result[position], accepted=accept.reason)
    return tuple(result)


def accept_validated(plan: ReleasePlan, found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what `validate` found, the accepted ones with their reasons, and the entries that accept nothing of it.

    Diagnostics:
        GC330: as of `accept_findings`.
    """
    wanted = [each for each in plan.spec.accept if each.code in CODES and CODES[each.code].mark is Mark.VALIDATION]
    idle = [each for each in wanted if not any(_is_for(each, diagnostic) for diagnostic in found)]
    others = {each.code: [item.object for item in found if item.code == each.code] for each in idle}
    return (*mark_accepted(plan, tuple(found)), *(_nothing(plan, each, others[each.code]) for each in idle))


def _nothing(plan: ReleasePlan, accept: Accept, others: Sequence[str]) -> Diagnostic:
    return at_spec(
        plan.spec,
        accept.path,
        code="GC330",
        message=f"nothing to accept: the release has no finding `{accept.code}`"
        + (f" about `{accept.object}`" if accept.object else ""),
        help=did_you_mean(accept.object, others, noun="object") if accept.object and others else "take the entry away",
    )


def mark_accepted(plan: ReleasePlan, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return the findings, the accepted ones with their reasons; `spec.accept` itself is not judged.

    For a run in which not every check has its say.
    """
    result = list(diagnostics)
    for accept in plan.spec.accept:
        if accept.code in CODES and CODES[accept.code].acceptable:
            for at, diagnostic in enumerate(result):
                if _is_for(accept, diagnostic):
                    result[at] = replace(diagnostic, accepted=accept.reason)
    return tuple(result)


def _is_for(accept: Accept, diagnostic: Diagnostic) -> bool:
    return diagnostic.code == accept.code and accept.object in (None, diagnostic.object)
