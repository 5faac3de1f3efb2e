"""What `grayc adopt` changed, and the order in which a cluster gets it: for people, as data and as a unified diff."""

import difflib
from collections.abc import Sequence
from typing import assert_never

from grayc.adoption.plan import ORIGINAL, Adopted, AdoptionPlan, Group, Way
from grayc.diagnostics.shell import command
from grayc.diagnostics.visible import visible, without_commands


def adopt_summary(plan: AdoptionPlan, files: Sequence[str], *, is_written: bool, is_brief: bool = False) -> str:
    """Return what changed, or would: one line, and unless it is to be brief one for each object."""
    workloads = sum(item.way is not None for item in plan.objects)
    selecting = len(plan.objects) - workloads
    whole = f"{_count(workloads, 'workload')} and {_count(selecting, 'object')} that select their pods"
    if selecting == 1:
        whole = f"{_count(workloads, 'workload')} and 1 object that selects their pods"
    if not files:
        return f"nothing to change: {whole} have `{plan.label}: {ORIGINAL}`"
    changed = sum(bool(item.missing) for item in plan.objects)
    lines = [f"{'changed' if is_written else 'would change'} {_count(len(files), 'file')}: {_count(changed, 'object')}"]
    for item in plan.objects:
        if item.missing and not is_brief:
            lines.append(f"  {item.document.start.file}: {item.ref}: {', '.join(item.fields)}")
    return "\n".join(lines)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def render_steps(plan: AdoptionPlan, *, script: str) -> str:
    """Return the order of steps that has no outage, as text; `script` is where it stands as a script, if it does."""
    lines = [
        "Do not apply the changed files all at once: a selector that cannot be changed is refused, and a Service that",
        "asks for a label which no pod has leads nowhere. Stop what applies them by itself (Argo CD, Flux) until all",
        "is done. In this order a cluster gets it:",
        "",
    ]
    ways = dict.fromkeys((item.document.identity.kind, item.way) for group in plan.groups for item in group.workloads)
    for kind, way in ways:
        item = next(
            item
            for group in plan.groups
            for item in group.workloads
            if (item.document.identity.kind, item.way) == (kind, way)
        )
        lines += [f"{kind}: {_how(item, 'NAME')}", f"  why: {_why(item)}"]
    lines += ["", "Together, one group after the other:"]
    width = len(str(len(plan.groups)))
    for number, group in enumerate(plan.groups, 1):
        where = f"in {group.namespace}: " if group.namespace else ""
        lines.append(f"  {number:>{width}}. {where}{'; then '.join(_steps(group))}")
    lines += [
        "",
        f"`sh {script}` does this, stops at the first step that fails, and can be run again."
        if script
        else "With `--script FILE` these steps are a shell script, which stops at the first that fails and can be run "
        "again.",
    ]
    return without_commands("\n".join(visible(line) for line in lines)) + "\n"


def _steps(group: Group) -> list[str]:
    """Return what is done for a group, in order, without how."""
    held = [
        f"hold {scaler.identity.ref} at the pods that run now"
        for item in group.workloads
        if item.way is Way.BESIDE
        for scaler in group.scalers.get(_key(item), ())
    ]
    by_hand = [f"by hand {item.ref}: {item.by_hand}" for item in group.workloads if item.by_hand]
    plain = [item.ref for item in group.workloads if not item.by_hand]
    steps = [*held, *by_hand, *([", ".join(plain)] if plain else [])]
    if group.selecting:
        steps.append(f"when all their pods are ready {', '.join(item.ref for item in group.selecting)}")
    left = [_left(item) for item in group.workloads if _left(item)]
    if left:
        steps.append(f"remove {', '.join(left)}")
    if held:
        steps.append("let the autoscaler go")
    return steps


def _key(item: Adopted) -> tuple[str, str]:
    return (item.document.identity.kind, item.document.identity.name)


def _left(item: Adopted) -> str:
    """Return what is over when nothing selects the old pods any more."""
    if item.row is None or not item.row.children:
        return ""
    match item.way:
        case Way.BESIDE:
            return f"the old {'pods' if item.row.children == 'pods' else 'ReplicaSets'} of {item.ref}"
        case Way.TAKE_OVER:
            return f"the old ControllerRevisions of {item.ref}"
        case _:
            return ""


def _how(item: Adopted, name: str) -> str:
    """Return what is done to a workload, in one sentence."""
    resource = item.row.resource.partition(".")[0] if item.row is not None else ""
    delete = f"`{command('kubectl', 'delete', '--cascade=orphan', f'{resource}/{name}')}`"
    match item.way:
        case Way.BESIDE:
            return (
                f"{delete} leaves its pods; create it again with the label and with as many replicas as run; wait "
                "until all new pods are ready"
            )
        case Way.REPLACE:
            return f"{delete} leaves its pods; label its ReplicaSets; create it again with the label; wait"
        case Way.TAKE_OVER:
            return f"label its pods; {delete} leaves them; create it again with the label at once; wait"
        case Way.IN_PLACE:
            return "label its pods; add the label to it"
        case Way.PODS:
            return "label its pods"
        case Way.BY_HAND:
            return (
                "start a second one under another name with the label; move the requests when it is ready; take this "
                "one away"
            )
        case None:
            return ""
        case _:
            assert_never(item.way)


def _why(item: Adopted) -> str:
    if item.by_hand:
        return item.by_hand
    if item.way is Way.REPLACE:
        return (
            "its selector cannot be changed once it exists, and with the strategy Recreate two sets of its pods must "
            "not run at once: it replaces them with the gap that it has at every rollout"
        )
    return item.row.why if item.row is not None else ""


def adopt_data(plan: AdoptionPlan, files: Sequence[str], *, is_written: bool) -> dict[str, object]:
    """Return changes and steps as plain data."""
    return {
        "adoption": {
            "upToDate": not files,
            "written": is_written and bool(files),
            "files": list(files),
            "objects": [
                {
                    **_identity(item),
                    "file": item.document.start.file,
                    "added": list(item.fields),
                }
                for item in plan.objects
            ],
            "groups": [
                {
                    "namespace": group.namespace or None,
                    "workloads": [
                        {
                            **_identity(item),
                            "way": str(item.way),
                            "how": _how(item, item.document.identity.name),
                            "why": _why(item),
                            "source": item.row.source if item.row is not None else "",
                        }
                        for item in group.workloads
                    ],
                    "selecting": [_identity(item) for item in group.selecting],
                    "steps": _steps(group),
                }
                for group in plan.groups
            ],
        }
    }


def _identity(item: Adopted) -> dict[str, object]:
    identity = item.document.identity
    return {
        "apiVersion": identity.api_version,
        "kind": identity.kind,
        "namespace": identity.namespace or None,
        "name": identity.name,
    }


def render_unified(name: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Return a file's change as a unified diff; lines of the two texts come without line ends, secrets masked.

    What a diff says behind a last line that has no end is part of that line, as a line of its own. What stands behind a
    NUL is compared and not shown.
    """
    diff = difflib.unified_diff(before, after, fromfile=f"a/{name}", tofile=f"b/{name}", lineterm="")
    shown = (line.partition("\0")[0] for each in diff for line in each.split("\n"))
    return without_commands("".join(f"{visible_line(line)}\n" for line in shown))


def visible_line(line: str) -> str:
    """Return a line of a diff that cannot act on a terminal; its tabs stay."""
    return "\t".join(visible(part) for part in line.split("\t"))
