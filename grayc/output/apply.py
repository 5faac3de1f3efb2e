"""The order in which kubectl applies lanes whose checks come before their entry."""

import posixpath
from collections.abc import Callable, Sequence

from grayc.diagnostics.shell import path, word
from grayc.diagnostics.visible import visible
from grayc.output.create import SCRIPT_MARK
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a lane is applied.

    Attributes:
        first: files of what is checked.
        checks: files of the Jobs.
        seconds: that the Jobs may take.
        namespace: of objects that name none; "" where all name one.
    """

    first: tuple[str, ...]
    checks: tuple[str, ...]
    seconds: int
    namespace: str


def commands(orders: Sequence[Order], out: str) -> list[str]:
    """Return the commands that apply lanes from a folder, their checks before the entry."""
    return _commands(orders, lambda name: path(posixpath.join(out, name)), "")


def script(orders: Sequence[Order], out: str, *, titles: Sequence[str]) -> str:
    """Return the same as a script, which hands its own words on to kubectl."""
    head = (
        "#!/bin/sh",
        SCRIPT_MARK,
        f"# Apply {visible(', '.join(titles))}: what is checked, its checks, and then the entry.",
        "# A check that fails ends the script, and the entry stays as it is. Words behind the script's name go to",
        "# kubectl, as --context=NAME; OUT names the folder, where it is another one.",
        "set -eu",
        f"OUT=${{OUT:-{word(out)}}}",
    )
    lines = _commands(orders, lambda name: f'"$OUT"/{word(name) if name else ""}', ' "$@"')
    return "\n".join((*head, *lines)) + "\n"


def _commands(orders: Sequence[Order], place: Callable[[str], str], more: str) -> list[str]:
    lines = []
    for order in orders:
        rest = (f" --namespace={word(order.namespace)}" if order.namespace else "") + more
        first = "".join(f" -f {place(name)}" for name in order.first)
        checks = "".join(f" -f {place(name)}" for name in order.checks)
        lines += [
            f"kubectl apply{rest}{first}",
            f"kubectl apply{rest}{checks}",
            f"kubectl wait{rest}{checks} --for=condition=Complete --timeout={order.seconds}s",
        ]
    homes = sorted({order.namespace for order in orders})
    rest = (f" --namespace={word(homes[0])}" if len(homes) == 1 and homes[0] else "") + more
    return [*lines, f"kubectl apply{rest} -f {place('')}"]
