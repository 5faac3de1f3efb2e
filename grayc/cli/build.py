"""`grayc build`: compile releases and write the gray manifests."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from grayc.cli.options import Color, Flags, Format, make_request
from grayc.diagnostics import Checked, Diagnostic, Mark

if TYPE_CHECKING:
    from grayc.cli.answer import Voice
    from grayc.driver.model import Compilation
    from grayc.driver.output import States
    from grayc.driver.request import Request
    from grayc.report.changes import Crossed

STREAM = "-"

_NO_FOLDER = Diagnostic(
    code="GC702",
    message="`--script` writes how OUT is applied, and there is none to apply",
    help="name a folder with `-o`, without `--check`",
)


def build(
    *,
    specs: Sequence[str],
    out: str,
    check: bool,
    gateway: str,
    step: str,
    baseline_patch: str,
    script: str,
    strict: bool,
    lanes: Sequence[Path],
    allow_root: Sequence[Path],
    max_input: int,
    index: str,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
    report: Sequence[str],
    **flags: Unpack[Flags],
) -> int:
    """Compile releases into a folder or a stream and return the exit status."""
    from grayc.cli import again
    from grayc.cli.answer import Voice, answer
    from grayc.driver.compile import compile_releases
    from grayc.driver.output import (
        begun_at_the_end,
        check_releases_in,
        out_of_date,
        patch_file,
        put_baseline_patch,
        script_file,
        write_releases,
    )
    from grayc.report.changes import REFUSAL, changes_data, summary
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(
        form=form,
        color=color,
        quiet=quiet,
        verbose=verbose,
        reports=report,
        specs=specs,
        out=Path(out) if out != STREAM else None,
        others=(
            *((patch_file(Path(baseline_patch)),) if baseline_patch and not check else ()),
            *((script_file(Path(script)),) if script else ()),
        ),
    )
    if script and (check or out == STREAM):
        return answer(Report(command="build", status=2, diagnostics=(_NO_FOLDER,)), voice)
    request = make_request(
        specs,
        allow_root,
        max_input=max_input,
        index=index,
        gateway=gateway,
        step=step,
        out=Path(out) if out != STREAM else None,
        lanes=lanes,
        is_check=check,
        patch=baseline_patch,
        recorded=check,
        **flags,
    )
    asking = None if baseline_patch or script or report else again.asking(out, lanes)
    compiled = compile_releases(request)
    if script:
        compiled = _for_script(compiled)
    found = compiled.diagnostics
    if compiled.value is None:
        status = 2 if check else exit_status(found, strict=strict)
        return answer(Report(command="build", status=status, diagnostics=in_order(found), strict=strict), voice)
    if refused := voice.refused():
        return answer(
            Report(command="build", status=2, diagnostics=in_order((*found, *refused)), summary=REFUSAL), voice
        )
    if check and _took_flags(compiled.value, request):
        # A build with the same words takes none from OUT, and has another answer.
        asking = None
    folder = Path(out)
    states: States = Checked(value=()) if out == STREAM else check_releases_in(compiled.value, folder)
    before_writing = found
    if strict or baseline_patch:
        # What writing is refused for must be known before the patch is written, which on Istio opens the entry. What
        # writing warns of counts, too, but not what it puts right itself.
        before_writing = (*found, *(item for item in states.diagnostics if item.mark is not Mark.MENDED))
    if not check and (status := exit_status(before_writing, strict=strict)):
        return answer(
            Report(
                command="build", status=status, diagnostics=in_order(before_writing), summary=REFUSAL, strict=strict
            ),
            voice,
        )
    patched = Checked(value=True)
    if baseline_patch:
        patched = put_baseline_patch(compiled.value, Path(baseline_patch), check=check, near=voice.near)
        found = (*found, *patched.diagnostics)
        if patched.value is None:
            return answer(
                Report(
                    command="build",
                    status=exit_status(patched.diagnostics),
                    diagnostics=in_order(found),
                    summary=REFUSAL,
                ),
                voice,
            )
    if out == STREAM:
        return answer(
            Report(command="build", status=0, diagnostics=in_order(found)),
            voice,
            artefact="---\n".join(compiled.value.files.values()),
        )
    begun = () if check or step else begun_at_the_end(compiled.value, folder)
    done = (
        out_of_date(compiled.value, folder, states, took_flags=_took_flags(compiled.value, request))
        if check
        else write_releases(compiled.value, folder, states)
    )
    saved = _save_script(script, compiled.value, out, voice) if script and done.value is not None else ()
    found = (*found, *begun, *done.diagnostics, *saved)
    counted = found if check else tuple(item for item in found if item.mark is not Mark.MENDED)
    status = exit_status(counted, strict=strict)
    if check and done.value is not None:
        status = max(status, int(not patched.value or any(state.is_stale for state in done.value)))
    steps, crossed = () if check or script else _steps(compiled.value, out), _crossed(found)
    proof, built = compiled.value.proof, tuple(release.plan.spec for release in compiled.value.releases)

    def report_of(states: "States", found: tuple[Diagnostic, ...]) -> Report:
        value = states.value
        return Report(
            command="build",
            status=status,
            diagnostics=in_order(found),
            strict=strict,
            summary=summary(value, out, proof, crossed, check=check, specs=built, steps=steps, patch=baseline_patch)
            if value
            else "",
            data=changes_data(value, proof, built) if value is not None else {},
        )

    status = answer(report_of(done, found), voice)
    if status == 0 and asking is not None:
        if asking.is_new:
            # What the next build finds in a folder that was not there, this one may ask already.
            asking, done = again.asking(out, lanes), check_releases_in(compiled.value, folder)
        if asking is not None and done.value and not done.diagnostics and not any(each.is_stale for each in done.value):
            again.keep(report_of(done, compiled.diagnostics), voice, asking)
    return status


def _took_flags(compilation: "Compilation", request: "Request") -> bool:
    """Tell whether releases were compiled with flags that OUT holds of them."""
    given = request.flags
    commands = [release.lane.command for release in compilation.releases]
    return any(
        (each.tag, each.images, each.expires, each.owner) != (given.tag, given.images, given.expires, given.owner)
        for each in commands
        if each is not None
    )


def _for_script(compiled: "Checked[Compilation]") -> "Checked[Compilation]":
    from grayc.driver.apply import for_script

    return for_script(compiled)


def _save_script(script: str, compilation: "Compilation", out: str, voice: "Voice") -> tuple[Diagnostic, ...]:
    from grayc.driver.apply import save_apply_script

    return save_apply_script(Path(script), compilation, out, near=voice.near).diagnostics


def _steps(compilation: "Compilation", out: str) -> tuple[str, ...]:
    """Return the commands that apply a lane with checks; few lanes have any."""
    if not any(release.plan.spec.verifications for release in compilation.releases):
        return ()
    from grayc.driver.apply import apply_commands

    return apply_commands(compilation, out)


def _crossed(found: Sequence[Diagnostic]) -> "Crossed":
    """Return what was accepted of what crosses."""
    from grayc.report.changes import Crossed

    marks = Counter(item.mark for item in found if item.accepted is not None)
    return Crossed(accepted=marks[Mark.ISOLATION], registries=marks[Mark.REGISTRY])
