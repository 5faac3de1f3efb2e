"""`grayc promote`: write what a release changes into production's own files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from grayc.cli.options import Color, Flags, Format, make_request

STREAM = "-"


def promote(
    *,
    spec: str,
    out: str,
    gateway: str,
    patches: bool,
    check: bool,
    diff: bool,
    step: str,
    allow_root: Sequence[Path],
    max_input: int,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
    report: Sequence[str],
    **flags: Unpack[Flags],
) -> int:
    """Promote a release, or say what that would change, and return the exit status.

    0 done or nothing to do; 1 where the lane in `out` is another; with `check` or `diff` also where something would
    change or is left to the user, and 2 for input that is invalid.
    """
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Checked, Diagnostic, has_errors
    from grayc.driver.promote import promote_release, write_promotion
    from grayc.report.adopt import render_unified
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose, reports=report, specs=(spec,))
    asked_only = check or diff
    if (check and diff) or spec == STREAM:
        message = "`--check` and `--diff` are two questions" if check and diff else "a promotion starts from a file"
        usage = Diagnostic(code="GC702", message=message, help="`grayc promote --help` tells what goes together")
        return answer(Report(command="promote", status=2, diagnostics=(usage,)), voice)
    made = promote_release(
        make_request((spec,), allow_root, max_input=max_input, gateway=gateway, step=step, **flags),
        patches=patches,
        out=Path(out) if out else None,
    )
    found = made.diagnostics
    if made.value is None:
        status = 2 if asked_only else exit_status(found)
        return answer(Report(command="promote", status=status, diagnostics=in_order(found)), voice)
    refused = voice.refused()
    if refused:
        return answer(Report(command="promote", status=2, diagnostics=in_order((*found, *refused))), voice)
    promotion = made.value
    names = [file.old.shown for file in promotion.files]
    is_refused = has_errors(found)
    done: Checked[tuple[str, ...]] = Checked(value=()) if asked_only or is_refused else write_promotion(promotion)
    found = (*found, *done.diagnostics)
    status = max(exit_status(found), int(asked_only and bool(names or promotion.left)))
    artefact = None
    if diff:
        artefact = "".join(render_unified(file.old.shown, file.before, file.after) for file in promotion.files)
    objects = f"{promotion.objects} object{'' if promotion.objects == 1 else 's'}"
    left = f"{promotion.left} value{' is' if promotion.left == 1 else 's are'} left for you to write"
    summary = "nothing to change: production is what the release says, but for the lane and the number of pods"
    if names:
        summary = f"{'would change' if asked_only else 'changed'} {objects} in {', '.join(names)}; replicas stay"
        summary += f"; {left}" if promotion.left else ""
    elif promotion.left:
        summary = f"nothing changed: {left}"
    told = Report(
        command="promote",
        status=status,
        diagnostics=in_order(found),
        summary=summary if asked_only or (done.value is not None and not is_refused) else "",
        data={
            "promotion": {
                "upToDate": not names and not promotion.left,
                "written": not asked_only and not is_refused,
                "files": names,
                "objects": promotion.objects,
                "left": promotion.left,
            }
        },
    )
    return answer(told, voice, artefact=artefact if form is Format.TEXT else None)
