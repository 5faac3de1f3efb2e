"""`grayc adopt`: prepare the baseline's own files for gray releases that are told apart by a label."""

from collections.abc import Sequence
from pathlib import Path

from grayc.cli.options import Color, Format

STREAM = "-"


def adopt(
    *,
    paths: Sequence[Path],
    service: Sequence[str],
    profile: str,
    check: bool,
    diff: bool,
    script: str,
    allow_root: Sequence[Path],
    max_input: int,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
    report: Sequence[str],
) -> int:
    """Add the label, or say where it would be added, and return the exit status.

    0 done or nothing to do; with `check` or `diff` 1 where something would change, and 2 for input that is invalid.
    """
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Checked, Diagnostic
    from grayc.driver.adopt import adopt_baseline, put_adoption_script, script_file, write_adoption
    from grayc.report.adopt import adopt_data, adopt_summary, render_steps, render_unified
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(
        form=form,
        color=color,
        quiet=quiet,
        verbose=verbose,
        reports=report,
        specs=[str(path) for path in paths],
        others=(script_file(Path(script)),) if script not in ("", STREAM) else (),
    )
    is_asked_only = check or diff
    mistake = _mistake(paths, script, check=check, diff=diff)
    if mistake:
        usage = Diagnostic(code="GC702", message=mistake, help="`grayc adopt --help` tells what goes together")
        return answer(Report(command="adopt", status=2, diagnostics=(usage,)), voice)
    made = adopt_baseline(paths, service, profile=profile, allowed_roots=allow_root, most_bytes=max_input * 1024 * 1024)
    found = made.diagnostics
    if made.value is None:
        status = 2 if is_asked_only else exit_status(found)
        return answer(Report(command="adopt", status=status, diagnostics=in_order(found)), voice)
    refused = voice.refused()
    if refused:
        return answer(Report(command="adopt", status=2, diagnostics=in_order((*found, *refused))), voice)
    adoption = made.value
    names = [file.old.shown for file in adoption.files]
    artefact: str | None = None
    done: Checked[tuple[str, ...]] = Checked(value=())
    if not is_asked_only:
        done = write_adoption(adoption)
        if done.value is not None and script:
            artefact, written = put_adoption_script(adoption, script, near=voice.near)
            done = Checked(value=done.value, diagnostics=written.diagnostics)
        found = (*found, *done.diagnostics)
    status = max(exit_status(found), int(is_asked_only and bool(names)))
    if diff:
        artefact = "".join(render_unified(file.old.shown, file.before, file.after) for file in adoption.files)
    elif names and not is_asked_only and done.value is not None and artefact is None:
        artefact = render_steps(adoption.plan, script=script)
    is_told = done.value is not None
    made_report = Report(
        command="adopt",
        status=status,
        diagnostics=in_order(found),
        summary=adopt_summary(adoption.plan, names, is_written=not is_asked_only, is_brief=diff) if is_told else "",
        data=adopt_data(adoption.plan, names, is_written=not is_asked_only) if is_told else {},
    )
    shown = artefact if form is Format.TEXT or script == STREAM else None
    return answer(made_report, voice, artefact=shown or None)


def _mistake(paths: Sequence[Path], script: str, *, check: bool, diff: bool) -> str:
    if any(str(path) == STREAM for path in paths):
        return "standard input cannot be edited in place: name files or folders"
    if check and diff:
        return "`--check` and `--diff` are two questions; `--diff` answers both by its exit status"
    if script and (check or diff):
        return f"`--script` writes a file, and `{'--check' if check else '--diff'}` writes nothing"
    return ""
