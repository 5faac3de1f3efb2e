"""How a lane is taken out of a cluster, as commands for a shell."""

from collections.abc import Sequence

from grayc.diagnostics.shell import flag, holds, operands, word
from grayc.diagnostics.visible import visible
from grayc.output.create import SCRIPT_MARK
from grayc.output.offline import Common, Deletion, Opening
from grayc.records import dataclass

NO_SUCH_KIND = "the server doesn't have a resource type"
"""What kubectl says of a kind that the cluster does not know."""

_TRY = f"""\
# Of a kind that the cluster does not know there is nothing to find or to delete.
try() {{
  said=$(kubectl "$@" 2>&1) && return
  case $said in *"{NO_SUCH_KIND}"*) ;; *) printf '%s\\n' "$said" >&2 && exit 1 ;; esac
}}
"""
_DELETE = """\
delete() {
  try delete --ignore-not-found "$@"
  printf '%s\\n' "$said"
}
"""
_LOOK = """\
look() {
  for word; do
    shift
    # A question changes nothing, and takes no --dry-run.
    case $word in --dry-run | --dry-run=*) ;; *) set -- "$@" "$word" ;; esac
  done
  try get --ignore-not-found --output='jsonpath={.spec}' "$@"
}
"""
_DRAIN = """\
# Let the gateway take that in, and let requests that are under way end.
sleep "${DRAIN_SECONDS:-15}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a lane leaves behind that no command of a cluster takes away, in words.

    Attributes:
        work: what it has for itself at message brokers.
        lasting: instances that stay in a registry when their pods are gone.
    """

    work: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()


NOTHING_LEFT = Left()


def delete_commands(
    steps: Sequence[Deletion],
    *,
    title: str,
    openings: Sequence[Opening] = (),
    common: Sequence[Common] = (),
    left: Left = NOTHING_LEFT,
    more: str = "",
) -> str:
    """Return the `kubectl delete` commands that take a lane offline: entries first, then a pause, then the rest.

    Args:
        title: what goes, for the comment at the top.
        openings: what of production must be put back before.
        common: what the lane has in common with others.
        left: what no command of a cluster takes away.
        more: further words for every command.
    """
    text = f"# {visible(title)}\n"
    text += "".join(map(_first, openings))
    guards = _guards(openings) if more else ""
    is_tried = any(step.kind for step in steps) or any(not item.text for item in common)
    delete = _DELETE if more and is_tried else ""
    text += (_TRY if guards or delete else "") + delete + guards
    entries = [step for step in steps if step.is_entry]
    if entries:
        text += "# The entry closes first, that of earlier builds too.\n"
        text += "".join(_command(step, more) for step in entries)
    rest = [step for step in steps if not step.is_entry]
    if rest and (entries or openings):
        text += _DRAIN
    if common:
        stays = any(item.text for item in common)
        text += "# Calls no longer go into the lane" + (": the routes of the others stay.\n" if stays else ".\n")
        text += "".join(_in_common(item, more) for item in common)
        text += _DRAIN if rest and not (entries or openings) else ""
    return text + "".join(_command(step, more) for step in rest) + _left(left, is_script=bool(more))


def _left(left: Left, *, is_script: bool) -> str:
    """Return the last steps, which are the reader's: comments, and in a script words that it ends with."""
    lines: list[str] = []
    if left.work:
        lines.append("What is left at the message brokers goes when no pod of the lane listens any more:")
        lines += (f"  {item}" for item in left.work)
    if left.lasting:
        lines.append("Last, take persistent instances out of the registry: they stay there when their pods are gone.")
        lines += (f"  {item}" for item in left.lasting)
    if is_script:
        return "".join(f"printf '%s\\n' {word(visible(line))}\n" for line in lines)
    return "".join(f"# {visible(line)}\n" for line in lines)


def _first(item: Opening) -> str:
    place = _place_of(item)
    if item.is_of_lanes:
        return (
            f"# First apply {place} as lanes of other folders have it once they are built again; where there are none, "
            "delete it: it leads into the lane.\n"
        )
    if item.again:
        return f"# First run `{visible(item.again)}`, and apply its {place}: it leads into lanes that stay, too.\n"
    return f"# First apply production's own {place} again: it leads into the lane.\n"


def _place_of(item: Opening) -> str:
    return visible(f"{item.object} in {item.namespace}" if item.namespace else item.object)


def _guards(openings: Sequence[Opening]) -> str:
    """Return what ends a script while production still names one of the lane's Services."""
    asked = [item for item in openings if item.services]
    text = _LOOK if asked else ""
    for item in asked:
        place = f"{flag('namespace', item.namespace)} " if item.namespace else ""
        named = " | ".join(f"""{holds(f'"{name}"')} | {holds(f'"{name}.')}""" for name in item.services)
        what = "what lanes of other folders make of it now" if item.is_of_lanes else "production without the lane"
        what = "what lanes that stay make of it now" if item.again else what
        said = word(f"{_place_of(item)} still leads into the lane: apply {what}, then run this again")
        text += f'look "$@" {place}{operands((item.object,))}\n'
        text += f"case $said in\n  {named})\n    printf '%s\\n' {said} >&2\n    exit 1\n    ;;\nesac\n"
    return text


def _in_common(item: Common, more: str) -> str:
    place = [flag("namespace", item.namespace)] if item.namespace else []
    words = [more] if more else []
    if not item.text:
        return (
            " ".join(
                ["delete" if more else "kubectl delete --ignore-not-found", *words, *place, operands((item.object,))]
            )
            + "\n"
        )
    # What stands there is made of checked names alone, and a quoted word of a here-document keeps a shell from reading.
    return " ".join(["kubectl apply", *words, *place, "--filename=- <<'LANES'"]) + f"\n{item.text}LANES\n"


def _command(step: Deletion, more: str) -> str:
    words = ["delete" if more and step.kind else "kubectl delete --ignore-not-found"]
    if more:
        # Of two namespaces the last one counts: the object's own.
        words.append(more)
    if step.namespace:
        words.append(flag("namespace", step.namespace))
    found = step.objects
    if step.selector:
        words.append(flag("selector", step.selector))
        found = tuple(dict.fromkeys(name.partition("/")[0] for name in step.objects))
    return " \\\n  ".join([" ".join([*words, "--"]), *map(word, found)]) + "\n"


def delete_script(
    steps: Sequence[Deletion],
    *,
    title: str,
    openings: Sequence[Opening] = (),
    common: Sequence[Common] = (),
    left: Left = NOTHING_LEFT,
) -> str:
    """Return the commands as a POSIX shell script; what it is called with goes to every kubectl."""
    usage = "# Arguments go to every kubectl, such as --context=prod or --dry-run=server."
    return f"#!/bin/sh\n{SCRIPT_MARK}\n{usage}\nset -eu\n" + delete_commands(
        steps, title=title, openings=openings, common=common, left=left, more='"$@"'
    )
