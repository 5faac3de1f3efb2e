"""`grayc offline`: take releases out of an output folder, and say what takes them out of a cluster."""

from collections.abc import Sequence
from pathlib import Path

from grayc.cli.options import Color, Format, make_request


def offline(
    *,
    specs: Sequence[str],
    tag: str,
    out: Path,
    script: str,
    check: bool,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
) -> int:
    """Remove the files of releases, print the commands that delete their objects, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Diagnostic
    from grayc.driver.life import commands_of, deletions_of, plan_offline, save_script, script_file, take_offline
    from grayc.report.model import Report, exit_status, in_order
    from grayc.report.offline import common_data, offline_summary, steps_data

    voice = Voice(
        form=form,
        color=color,
        quiet=quiet,
        verbose=verbose,
        specs=specs,
        out=out,
        others=(script_file(Path(script)),) if script and not check else (),
    )

    def refuse(found: tuple[Diagnostic, ...]) -> int:
        # Where the question is whether there is something left, a lane that nobody knows is no answer.
        status = 2 if check else exit_status(found)
        return answer(Report(command="offline", status=status, diagnostics=in_order(found)), voice)

    if not specs and not tag:
        usage = Diagnostic(
            code="GC702",
            message="`offline` takes specs or `--tag`",
            help="name the release's file, or, where it is gone, its tag",
        )
        return refuse((usage,))
    refused = voice.refused()
    if refused:
        return refuse(refused)
    planned = plan_offline(
        make_request(specs, (), tag=tag if specs else ""), tag="" if specs else tag, out=out, check=check
    )
    if planned.value is None:
        return refuse(planned.diagnostics)
    found, plan = planned.diagnostics, planned.value
    steps = deletions_of(plan)
    # The script is there before the files go: who has the one can do without the others.
    if script and not check and plan.releases:
        saved = save_script(Path(script), plan, near=voice.near)
        found = (*found, *saved.diagnostics)
        if saved.value is None:
            return refuse(found)
    if not check:
        done = take_offline(plan)
        found = (*found, *done.diagnostics)
        if done.value is None:
            return refuse(found)
    summary = offline_summary(
        plan.files if check else (*plan.files, *plan.emptied),
        out.as_posix(),
        releases=plan.releases,
        absent=plan.absent,
        check=check,
        is_finished=plan.is_finished,
    )
    made = Report(
        command="offline",
        status=max(exit_status(found), int(check and bool(plan.releases))),
        diagnostics=in_order(found),
        summary=summary,
        data={
            "releases": list(plan.releases),
            "tags": list(plan.tags),
            "files": list(plan.files),
            "removed": not check,
            "putBack": [
                {
                    "namespace": item.namespace or None,
                    "object": item.object,
                    **({"buildAgain": item.again} if item.again else {}),
                }
                for item in plan.openings
            ],
            "delete": steps_data(steps),
            # Few lanes have anything in common with others.
            **({"inCommon": common_data(plan.common)} if plan.common else {}),
            # Few lanes have names of their own at a broker.
            **({"deleteAtBrokers": list(plan.work)} if plan.work else {}),
            **({"lasting": list(plan.lasting)} if plan.lasting else {}),
        },
    )
    text = (commands_of(plan) or None) if form is Format.TEXT else None
    return answer(made, voice, artefact=text)
