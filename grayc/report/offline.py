"""What `grayc offline` says of a lane that goes."""

from collections.abc import Sequence

from grayc.output.offline import Common, Deletion


def steps_data(steps: Sequence[Deletion]) -> list[dict[str, object]]:
    """Return the deletions as plain data, in order."""
    return [
        {"namespace": step.namespace or None, "objects": list(step.objects), "selector": step.selector or None}
        for step in steps
    ]


def common_data(common: Sequence[Common]) -> list[dict[str, object]]:
    """Return what the lane has in common with others as plain data: what is applied, or deleted, in its place."""
    return [
        {"namespace": item.namespace or None, "object": item.object, "do": "apply" if item.text else "delete"}
        for item in common
    ]


def offline_summary(
    files: Sequence[str], out: str, *, releases: Sequence[str], absent: Sequence[str], check: bool, is_finished: bool
) -> str:
    """Return one line about what goes, and one about what was gone already, maybe by an earlier run that was killed."""
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    lines = []
    if releases:
        names = ", ".join(releases)
        lines.append(f"{out} holds {count} of {names}" if check else f"took {names} out of {out}: {count} removed")
    if absent or not releases:
        lines.append(f"{out} holds nothing of {', '.join(absent) or 'it'}")
    if is_finished:
        lines.append("an earlier run that was killed is finished: for its commands, take the files back and run again")
    return "\n".join(lines)
