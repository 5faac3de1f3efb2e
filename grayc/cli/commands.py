"""What each command promises to those who run it: its exit statuses, what it prints, and the files that it writes.

One row for a command. `--help` ends with its row, and `docs/commands.md` is made of all of them; tests provoke every
status for every reason that stands here, and refuse any other. Flags, defaults and formats are rows of `syntax`.
"""

import textwrap
from collections.abc import Mapping

from grayc.records import dataclass

FAULT = "grayc itself failed, at no fault of yours; please report it (GC901, GC902)"
"""Status 3, the same for every command."""

WIDTH = 76
"""Characters in a line of `--help`, where lines are two further in and 80 long at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one command promises.

    Attributes:
        statuses: exit status → every reason for it. 3 is left out: see `FAULT`.
        prints: what stands on standard output with `-f text`, "" where that stays empty.
        writes: files that it writes or removes, "" where there are none.
        page: the page of `docs/` that tells how the command is used, and why.
    """

    statuses: Mapping[int, tuple[str, ...]]
    prints: str = ""
    writes: str = ""
    page: str = ""


_USAGE = "the command line is wrong"
_UNREADABLE = "a file cannot be read"

PROMISES: Mapping[str, Promise] = {
    "build": Promise(
        statuses={
            0: ("OUT is written", "`--check`: OUT is what the release compiles to, and the baseline did not move"),
            1: (
                "the release or its baseline is invalid",
                "`--strict`: there is a warning that nobody accepted",
                "a file in OUT was edited by hand",
                "`--check`: OUT is not what the release compiles to",
                "`--check`: the baseline moved since OUT was built",
            ),
            2: (
                _USAGE,
                _UNREADABLE,
                "OUT cannot be written",
                "`--check`: the release is invalid",
                "`--check`: a folder that OUT was built beside is not named with `--lanes`",
            ),
        },
        prints="`-o -`: the manifests; otherwise nothing",
        writes="OUT, all of it or nothing; FILE of `--baseline-patch` and of `--script`; reports",
        page="life.md",
    ),
    "plan": Promise(
        statuses={
            0: ("the plan is shown",),
            1: ("the release or its baseline is invalid", "`--strict`: there is a warning that nobody accepted"),
            2: (_USAGE, _UNREADABLE),
        },
        prints="the plan",
        writes="reports",
        page="release.md",
    ),
    "diff": Promise(
        statuses={
            0: ("there is no difference",),
            1: ("there is a difference", "`--with`: a build would refuse to write over what is in OUT"),
            2: (
                _USAGE,
                _UNREADABLE,
                "the release or its baseline is invalid",
                "`--strict`: there is a warning that nobody accepted",
                "git does not know REV",
            ),
        },
        prints="the difference",
        page="review.md",
    ),
    "validate": Promise(
        statuses={
            0: ("valid; there may be warnings",),
            1: (
                "the release or its baseline is invalid",
                "a gray object is not what its schema asks for",
                "`--strict`: there is a warning that nobody accepted",
            ),
            2: (
                _USAGE,
                _UNREADABLE,
                "the schema of a custom kind cannot be read or asked",
                "`--engine kubeconform`: there is none on PATH",
                "kubeconform gives no answer",
            ),
        },
        writes="reports",
        page="validate.md",
    ),
    "route": Promise(
        statuses={
            0: ("the answer says where the request goes; 404 and 503 are answers",),
            1: ("the release or its baseline is invalid", "`--compare-gateways`: no gateway could be asked"),
            2: (_USAGE, _UNREADABLE),
        },
        prints="the answer",
        page="route.md",
    ),
    "graph": Promise(
        statuses={
            0: ("the picture is printed",),
            1: (
                "the release or its baseline is invalid; it is drawn all the same where there is a plan",
                "`--strict`: there is a warning that nobody accepted",
            ),
            2: (_USAGE, _UNREADABLE),
        },
        prints="the picture",
        page="report.md",
    ),
    "report": Promise(
        statuses={
            0: ("the page is written",),
            1: (
                "the release or its baseline is invalid; nothing is written",
                "`--strict`: there is a warning that nobody accepted; nothing is written",
                "`--with`: a build would refuse to write over what is in OUT; nothing is written",
            ),
            2: (_USAGE, _UNREADABLE, "FILE cannot be written"),
        },
        prints="`-o -`: the page; otherwise nothing",
        writes="FILE of `-o`",
        page="report.md",
    ),
    "offline": Promise(
        statuses={
            0: (
                "the files are gone",
                "they are gone, though a build would refuse the release: not for its name, tag or namespace",
                "`--check`: nothing of the release is in OUT",
            ),
            1: (
                "name, tag or namespace of the release cannot be read",
                "OUT does not have that release or tag",
                "a file in OUT was edited by hand",
                "a file in OUT holds what is not the lane's",
                "`--check`: something of the release is in OUT",
            ),
            2: (
                _USAGE,
                _UNREADABLE,
                "OUT is no folder that `grayc build` wrote",
                "`--check`: OUT does not have that tag",
                "`--check`: name, tag or namespace of the release cannot be read",
            ),
        },
        prints="the `kubectl delete` commands in their order; what you do first is a comment, which `--script` guards",
        writes="OUT, from which files go; FILE of `--script`",
        page="life.md",
    ),
    "lanes": Promise(
        statuses={
            0: ("the lanes are listed", "there is no lane"),
            1: ("`--strict`: a lane is past its last day, or there is another warning",),
            2: (_USAGE, "DIR is not there, or nothing below it is of `grayc build`", "an inventory is damaged"),
        },
        prints="the lanes",
        page="life.md",
    ),
    "doctor": Promise(
        statuses={
            0: ("what was looked at is shown, found or not",),
            1: ("OUT cannot be written",),
            2: (_USAGE,),
        },
        prints="what was found, and what it is for",
        page="commands.md",
    ),
    "init": Promise(
        statuses={
            0: ("the release is written",),
            1: (
                "the baseline is invalid",
                "there is no such workload",
                "another file is in the way",
            ),
            2: (_USAGE, _UNREADABLE),
        },
        prints="`-o -`: the release; otherwise nothing",
        writes="`release.yaml` beside PATH, or FILE of `-o`",
        page="release.md",
    ),
    "index": Promise(
        statuses={
            0: ("the index is written", "files of which there is something to say are left out of it"),
            1: ("the baseline is invalid", "another file is in the way"),
            2: (_USAGE, _UNREADABLE, "the index cannot be written"),
        },
        prints="`-o -`: the index; otherwise nothing",
        writes="FILE",
        page="limits.md",
    ),
    "promote": Promise(
        statuses={
            0: ("production's files are written", "there is nothing to promote"),
            1: (
                "the release or its baseline is invalid",
                "`--with`: the lane in OUT is not what would be promoted",
                "`--check` or `--diff`: something would change, or is left for you to write",
            ),
            2: (_USAGE, _UNREADABLE, "`--check` or `--diff`: the release is invalid"),
        },
        prints="`--diff`: the changes as a unified diff; otherwise nothing",
        writes="production's own files, all of them or none; reports",
        page="promote.md",
    ),
    "adopt": Promise(
        statuses={
            0: ("the files are prepared", "there is nothing to prepare"),
            1: ("the baseline cannot be prepared", "`--check` or `--diff`: something would change"),
            2: (_USAGE, _UNREADABLE, "`--check` or `--diff`: the baseline cannot be prepared"),
        },
        prints="the steps for a cluster; `--diff`: the changes as a unified diff; `--script -`: the script",
        writes="your own files, all of them or none; FILE of `--script`; reports",
        page="adopt.md",
    ),
    "explain": Promise(
        statuses={
            0: ("the page is printed, or where the value comes from",),
            1: ("the release or its baseline is invalid",),
            2: (_USAGE, _UNREADABLE, "there is no such code, field, line or object"),
        },
        prints="the page, the list of codes, or where the value comes from",
        page="diagnostics.md",
    ),
    "schema": Promise(
        statuses={0: ("the schema is printed",), 2: (_USAGE,)},
        prints="the JSON Schema",
        page="release.md",
    ),
    "import zadig": Promise(
        statuses={
            0: ("the release is written",),
            1: (
                "FILE is no workflow with a gray release of MSE",
                "the workflow leaves open what a release must say",
                "what the workflow says is nothing that a release may say",
                "another file is in the way",
            ),
            2: (_USAGE, _UNREADABLE),
        },
        prints="`-o -`: the release; otherwise nothing",
        writes="`release.yaml` beside FILE, or the file of `-o`",
        page="import.md",
    ),
}
"""Command, the words of a group before it → its promise."""


def epilog(command: str) -> str:
    """Return what `--help` of a command ends with; the line with a backspace keeps typer from filling the lines."""
    promise = PROMISES[command]
    lines = ["\b", "Exit status:"]
    for status, reasons in {**promise.statuses, 3: (FAULT,)}.items():
        for position, reason in enumerate(reasons):
            head = f"  {status if position == 0 else ' '}  "
            lines += textwrap.wrap(reason, WIDTH, initial_indent=head, subsequent_indent=" " * (len(head) + 2))
    for title, text in (("Standard output", promise.prints or "nothing"), ("Files", promise.writes or "none")):
        lines += ["", "\b", *textwrap.wrap(f"{title}: {text}", WIDTH, subsequent_indent="  ")]
    return "\n".join(lines)
