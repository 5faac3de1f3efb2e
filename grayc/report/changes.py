"""What a build changed in the output folder, or would change."""

from collections.abc import Sequence

from grayc.analysis.crossings import Proof
from grayc.output.write import FolderState
from grayc.records import dataclass
from grayc.spec.model import ReleaseSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """What was accepted of what crosses: by selectors, and in registries that list both sides as one."""

    accepted: int
    registries: int


def summary(
    states: Sequence[FolderState],
    out: str,
    proof: Proof,
    crossed: Crossed,
    *,
    check: bool,
    specs: Sequence[ReleaseSpec] = (),
    steps: Sequence[str] = (),
    patch: str = "",
) -> str:
    """Return one line about the isolation that was proved, one for each rollout, and one about the folder.

    Args:
        patch: the file of the baseline patch; "" for none.
        steps: commands by which the checks of a lane come before its entry; shown where the folder is to be applied.
    """
    crosses = f"nothing crosses but {crossed.accepted} accepted" if crossed.accepted else "nothing crosses"
    if crossed.registries:
        workloads = f"{crossed.registries} workload{'' if crossed.registries == 1 else 's'}"
        by_selectors = f"{crossed.accepted} accepted by selectors, " if crossed.accepted else ""
        crosses = f"calls cross: {by_selectors}a registry lists both sides of {workloads}, as accepted"
    proved = f"isolation: {proof.selectors} selectors, {proof.templates} pod templates, {crosses}"
    if proof.meant:
        proved += f"; {proof.meant} of the baseline find{'s' if proof.meant == 1 else ''} gray pods as meant"
    lines = [proved, *_rollouts(specs), _folder(states, out, check=check)]
    if patch and not check:
        lines.append(f"wrote {patch}: what is wanted of production, with the command that applies it")
    if steps and any(state.is_stale for state in states):
        lines += ["to check the lane before its entry opens:", *(f"  {step}" for step in steps)]
    return "\n".join(lines)


REFUSAL = "nothing is written"


def _rollouts(specs: Sequence[ReleaseSpec]) -> list[str]:
    """Return at which step of its rollout each release was compiled."""
    lines = []
    for spec in specs:
        if spec.steps:
            at = _number(spec)
            place = f"{at} of {len(spec.steps)}" + (", the last" if at == len(spec.steps) else "")
            lines.append(f"release {spec.name}: step {spec.step} ({place})")
    return lines


def _number(spec: ReleaseSpec) -> int:
    """Return the number of the step at which a release is looked at, the first being 1."""
    return 1 + [step.name for step in spec.steps].index(spec.step)


def _folder(states: Sequence[FolderState], out: str, *, check: bool) -> str:
    added, changed, removed, unchanged = (
        sum(len(names) for names in column)
        for column in zip(
            *((state.added, state.changed, state.removed, state.unchanged) for state in states), strict=True
        )
    )
    if not any(state.is_stale for state in states):
        return f"{out} is up to date: {_files(unchanged)}"
    interrupted = any(state.interrupted for state in states)
    parts = [
        f"{count} {word}"
        for count, word in ((added, "new"), (changed, "changed"), (removed, "removed"), (unchanged, "unchanged"))
        if count
    ]
    if not added and not changed and not removed:
        parts.append("what an interrupted run left" if interrupted else "its inventory")
    what = ", ".join(parts)
    if check:
        return f"{out} is out of date: {what}"
    return f"wrote {out}: {what}"


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def changes_data(states: Sequence[FolderState], proof: Proof, specs: Sequence[ReleaseSpec] = ()) -> dict[str, object]:
    """Return what was proved, the steps of rollouts, and the changes release by release, as plain data."""
    steps = [
        {"release": spec.name, "step": spec.step, "number": _number(spec), "of": len(spec.steps)}
        for spec in specs
        if spec.steps
    ]
    return {
        "isolation": {"selectors": proof.selectors, "podTemplates": proof.templates, "meant": proof.meant},
        **({"steps": steps} if steps else {}),
        "changes": [
            {
                "release": state.owner,
                "upToDate": not state.is_stale,
                "added": list(state.added),
                "changed": list(state.changed),
                "removed": list(state.removed),
                "unchanged": list(state.unchanged),
                "foreign": list(state.foreign),
            }
            for state in states
        ],
    }
