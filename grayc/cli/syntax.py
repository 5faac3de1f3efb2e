"""The command line as data: its commands, and every argument and flag as one row.

`quick` reads lines by these rows, `app` makes of them what typer reads, helps with and completes, and `tools` makes
`docs/commands.md`. A row has all that they need, so that a flag stands in one place; what a command does with the value
is in the module of its name. Texts only: a small build reads this table before it knows what else it needs.
"""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

BEFORE = ""
"""In the place of a command: what may stand before one, and holds for whichever follows."""

RELEASE = "release.yaml"
"""The spec of a line that names none, where the working folder has it."""
NO_SPEC = f"missing argument `SPEC`, and the working folder has no `{RELEASE}`"

SWITCH = ""
TEXT = "text"
PATH = "path"
MIB = "MiB"

DEFAULT_MAX_INPUT = 256
"""MiB of one baseline; `source.MAX_TOTAL_BYTES` for whoever names none."""
MOST_MAX_INPUT = 65_536


class Parameter(NamedTuple):
    """An argument or a flag of some commands.

    Attributes:
        names: how it is written, the short name first; none for an argument, which has no name.
        metavar: what stands for its value in help; "" for a switch, and where the words of an enumeration stand there.
        help: one line, without a capital and a full stop.
        commands: which take it, `BEFORE` among them where it may stand before the command, too.
        takes: what its value is: `TEXT`, `PATH`, `MIB`, `SWITCH` for none, or `MODULE.CLASS` of an enumeration below
            `grayc`.
        default: as it would be written; None where it is required. Of an argument: `RELEASE`, or nothing.
        repeats: every occurrence counts; otherwise the last one does.
        fills: what the command's function calls it; "" for its long name.
        completes: the function of `complete` that knows its values; "" where the shell completes names of files, or the
            enumeration has them.
    """

    names: tuple[str, ...]
    metavar: str
    help: str
    commands: tuple[str, ...]
    takes: str = TEXT
    default: str | None = ""
    repeats: bool = False
    fills: str = ""
    completes: str = ""

    @property
    def parameter(self) -> str:
        """What the command's function calls it."""
        return self.fills or self.names[-1].lstrip("-").replace("-", "_")


COMMANDS: Mapping[str, str] = {
    "build": "Compile releases into a folder of manifests.\n\n`kubectl apply -f OUT` takes the folder as it is.",
    "plan": "Show what is copied, shared and left out, and why.",
    "diff": "Show what a build would change, object by object and by meaning.",
    "validate": (
        "Check releases, and their manifests against Kubernetes' schemas.\n\n"
        "Nothing is written, and no network is asked: grayc carries the schemas."
    ),
    "route": (
        "Tell where a request goes, hop by hop, and why.\n\n"
        "Asks what a build of the releases would give, or with -d manifests that anyone wrote."
    ),
    "graph": (
        "Print the lane as a picture.\n\n"
        "Call paths in rows, gray copies above production, the entries with their rules at the left."
    ),
    "report": (
        "Write one HTML page for reviewers.\n\n"
        "Who enters, what differs from production, what may break, how to undo it. It needs no network and no script."
    ),
    "offline": (
        "Take releases out of a folder of manifests.\n\n"
        "Prints the `kubectl delete` commands that do the same in a cluster: the entry first, configuration last."
    ),
    "lanes": (
        "List the lanes alive in output folders.\n\n"
        "Release, tag, services, entry rules, the day of the commit that brought it, its owner and its last day."
    ),
    "doctor": (
        "Tell which programs and versions grayc finds.\n\n"
        "Python, helm, kustomize, kubectl, kubeconform and git, the schemas that grayc carries, the encoding, and OUT."
    ),
    "init": "Write a first release.yaml for a baseline.\n\nChange its images and rules, then build it.",
    "index": (
        "Read a baseline once, for jobs that are handed what it holds.\n\n"
        "`--index FILE` takes it: files that have not changed since are not parsed again."
    ),
    "promote": (
        "Write gray images, variables and config into production's files.\n\n"
        "Every other byte stays. What cannot be carried is reported, with the exact edit."
    ),
    "adopt": (
        "Prepare baseline manifests for `isolation: label`.\n\n"
        "Comments and layout are kept. Adds the profile's label with the value `original` where a lane needs it, and "
        "prints the order of steps that has no outage."
    ),
    "explain": (
        "Explain a diagnostic, a field, or a value of the output.\n\n"
        "Of a code its page; of a field what the schema says; of a value which pass set it, and from which line of the "
        "release or of production."
    ),
    "schema": "Print the JSON Schema of release.yaml, for editors.",
    "import zadig": (
        "Make a release.yaml of a Zadig workflow with a gray release of MSE.\n\n"
        "What a release cannot say is reported, with what does the same."
    ),
}
"""Command, the word of its group before it → what it does, the first sentence alone in lists."""

GROUPS: Mapping[str, str] = {"import": "Make a release.yaml of what another tool has."}
"""The first word of commands of two → what they have in common."""

_COMPILING = ("build", "plan", "diff", "validate", "route", "graph", "report", "promote")
"""Commands that look at one lane as a build would write it."""
_READING = (*_COMPILING, "adopt", "index")
"""Commands that read a baseline."""
_ANSWERING = tuple(command for command in COMMANDS if command != "schema")
"""Commands with findings."""

PARAMETERS: tuple[Parameter, ...] = (
    # What a command is about.
    Parameter(
        (), "SPEC", f"release files, folders of them, or - for standard input  [default: {RELEASE}]",
        ("build", "plan", "validate", "graph", "report"), default=RELEASE, repeats=True, fills="specs",
    ),
    Parameter(
        (), "SPEC",
        "release files, folders of them, or - for standard input; with --rev they may be left out  "
        f"[default: {RELEASE}]",
        ("diff",), repeats=True, fills="specs",
    ),
    Parameter(
        (), "SPEC", f"release files, folders of them, or - for standard input  [default: {RELEASE}, without -d]",
        ("route",), repeats=True, fills="specs",
    ),
    Parameter((), "SPEC", "release files, or folders of them", ("offline",), repeats=True, fills="specs"),
    Parameter((), "SPEC", "a release file", ("promote",), default=None, fills="spec"),
    Parameter(
        (), "DIR", "folders that `grayc build` wrote, or folders with those below",
        ("lanes",), takes=PATH, default=None, repeats=True, fills="folders",
    ),
    Parameter(
        (), "PATH", "a file or folder with the objects now in production",
        ("init",), takes=PATH, default=None, fills="path",
    ),
    Parameter(
        (), "PATH", "a folder with manifests in it and below, or one file",
        ("index",), takes=PATH, default=None, fills="path",
    ),
    Parameter(
        (), "PATH", "files or folders with what is now in production",
        ("adopt",), takes=PATH, default=None, repeats=True, fills="paths",
    ),
    Parameter(
        (), "WHAT",
        "a code (GC440), a field (spec.traffic.rules), a line of the output (out/shop.web.yaml:12), or an object of it "
        "and a field (Deployment/web-gray spec.replicas)",
        ("explain",), repeats=True, fills="words", completes="word",
    ),
    Parameter(
        (), "FILE", "the workflow, exported as YAML, or - for standard input",
        ("import zadig",), default=None, fills="file",
    ),
    # What is written, compared or asked.
    Parameter(
        ("-o", "--output"), "OUT", "folder to write, or - for one stream on standard output",
        ("build",), default=None, fills="out",
    ),
    Parameter(
        ("-o", "--output"), "FILE", "the page, or - for standard output",
        ("report",), default=None, fills="out",
    ),
    Parameter(
        ("-o", "--output"), "OUT", "the folder that `grayc build` wrote",
        ("offline",), takes=PATH, default=None, fills="out",
    ),
    Parameter(("-o", "--output"), "OUT", "a folder that is to be written", ("doctor",), fills="out"),
    Parameter(("--with",), "OUT", "the output folder to compare with", ("diff",), fills="out"),
    Parameter(
        ("--with",), "OUT", "the output folder: what a build would change in it",
        ("report",), fills="folder",
    ),
    Parameter(
        ("--with",), "OUT", "the output folder with the tested lane; nothing is written where it is another",
        ("promote",), fills="out",
    ),
    Parameter(
        ("--check",), "", "write nothing; say whether OUT is up to date (exit status 0 or 1)",
        ("build",), takes=SWITCH,
    ),
    Parameter(
        ("--baseline",), "", "compare the gray copies with their originals; what every lane does is folded",
        ("diff",), takes=SWITCH,
    ),
    Parameter(
        ("--rev",), "REV", "compare OUT at a git revision with OUT now",
        ("diff",), fills="revision",
    ),
    Parameter(
        ("--each",), "", "look at every spec by itself: specs that are never in one cluster together",
        ("validate",), takes=SWITCH,
    ),
    Parameter(
        ("--kubernetes-version",), "X.Y",
        "the Kubernetes whose schemas count; by default the newest that grayc knows. API versions that a newer one "
        "dropped are refused for each (GC307)",
        ("validate",), fills="version",
    ),
    Parameter(
        ("--crd-schemas",), "DIR", "a folder of CustomResourceDefinitions, or of schemas GROUP/KIND_VERSION.json",
        ("validate",),
    ),
    Parameter(("--today",), "YYYY-MM-DD", "the day that spec.expires is compared with", ("validate",)),
    Parameter(
        ("--engine",), "", "who compares objects with schemas; auto: kubeconform where it is on PATH",
        ("validate",), takes="cli.options.Engine", default="auto",
    ),
    Parameter(("--host",), "HOST", "host of the request", ("route",), default=None, completes="host"),
    Parameter(("--path",), "PATH", "path of the request, and its query", ("route",), default="/"),
    Parameter(("--method",), "METHOD", "method of the request", ("route",), default="GET"),
    Parameter(("-H", "--header"), "'NAME: VALUE'", "a header; may be repeated", ("route",), repeats=True),
    Parameter(("--cookie",), "NAME=VALUE", "a cookie; may be repeated", ("route",), repeats=True),
    Parameter(
        ("-d",), "PATH", "ask the manifests of this file or folder instead of a release; may be repeated",
        ("route",), repeats=True, fills="folders",
    ),
    Parameter(
        ("--patches",), "", "carry the release's patches too",
        ("promote",), takes=SWITCH,
    ),
    Parameter(
        ("--check",), "", "write nothing; exit status 1 where something would change",
        ("promote",), takes=SWITCH,
    ),
    Parameter(("--diff",), "", "write nothing; print what would change", ("promote",), takes=SWITCH),
    Parameter(
        ("--lang",), "", "language of the words",
        ("graph", "report"), takes="report.language.Language", default="en",
    ),
    Parameter(("--all",), "", "list all codes", ("explain",), takes=SWITCH, fills="every"),
    Parameter(
        ("--spec",), "SPEC", f"the release that a line or object is of; may be repeated  [default: {RELEASE}]",
        ("explain",), repeats=True, fills="specs",
    ),
    # Which lane.
    Parameter(
        ("--gateway",), "NAME", "compile for another gateway than the spec's",
        (*_COMPILING, "explain"), completes="gateway",
    ),
    Parameter(("--compare-gateways",), "", "ask every gateway", ("route",), takes=SWITCH),
    Parameter(
        ("--class",), "NAME",
        "with -d: read Ingresses of this class; may be repeated  [default: those that the gateway serves]",
        ("route",), repeats=True, fills="classes",
    ),
    Parameter(
        ("--no-endpoints",), "SERVICE", "a Service without a ready pod; may be repeated",
        ("route",), repeats=True, completes="service",
    ),
    Parameter(
        ("--sticky",), "SERVICE", "the Service that the client's session sticks to",
        ("route",), completes="service",
    ),
    Parameter(
        ("--step",), "NAME", "compile this step of the rollout, not the last",
        (*(command for command in _COMPILING if command != "diff"), "explain"), completes="step",
    ),
    Parameter(
        ("--tag",), "TAG", "a lane of its own: this tag, not the spec's, and a release called NAME-TAG",
        _COMPILING,
    ),
    Parameter(
        ("--image",), "[SERVICE/]CONTAINER=IMAGE", "an image in place of the spec's; may be repeated",
        _COMPILING, repeats=True,
    ),
    Parameter(("--expires",), "DATE", "the lane's last day, not the spec's", _COMPILING),
    Parameter(("--owner",), "TEXT", "who answers for the lane, not the spec's", _COMPILING),
    Parameter(
        ("--step",), "NAME", "look at this step of the rollout; given twice, compare one with the other",
        ("diff",), repeats=True, completes="step",
    ),
    Parameter(
        ("--today",), "YYYY-MM-DD",
        "tell of a release that is past `spec.expires` on that day; the clock is never read",
        ("plan",),
    ),
    Parameter(
        ("--baseline-patch",), "FILE", "write what the lane wants of the baseline's own objects there",
        ("build",),
    ),
    Parameter(
        ("--script",), "FILE",
        "write a shell script that applies OUT, and opens the entry once the checks of `verify` are done",
        ("build",),
    ),
    # The life of lanes.
    Parameter(
        ("--tag",), "TAG", "every release of this tag; with SPEC its lane of this tag",
        ("offline",), completes="tag",
    ),
    Parameter(("--script",), "FILE", "write the commands for the cluster to a shell script", ("offline",)),
    Parameter(
        ("--check",), "", "remove nothing; say whether something is left (exit status 1) or not (0)",
        ("offline",), takes=SWITCH,
    ),
    Parameter(
        ("--today",), "DATE",
        "the day, as YYYY-MM-DD: tells ages and lanes past `spec.expires`; the clock is never read",
        ("lanes",),
    ),
    Parameter(
        ("--expired",), "", "only the lanes past their last day, each with what takes it offline",
        ("lanes",), takes=SWITCH,
    ),
    # Files that are made or prepared.
    Parameter(("--job",), "NAME", "the gray release, where there are several", ("import zadig",)),
    Parameter(("--tag",), "TAG", "the gray tag, instead of the workflow's", ("import zadig",)),
    Parameter(
        ("-s", "--service"), "NAME",
        "a workload to release, where the workflow leaves that to each run; may be repeated",
        ("import zadig",), repeats=True,
    ),
    Parameter(
        ("--baseline",), "PATH", "what `spec.baseline` names; may be repeated; by default baseline/",
        ("import zadig",), repeats=True,
    ),
    Parameter(
        ("-o", "--output"), "FILE", "where to write it, or - for standard output; by default release.yaml beside FILE",
        ("import zadig",), fills="out",
    ),
    Parameter(
        ("-s", "--service"), "NAME", "a workload to release, such as cart or Deployment/cart; may be repeated",
        ("init",), repeats=True, completes="workload",
    ),
    Parameter(
        ("-o", "--output"), "FILE", "where to write it, or - for standard output; by default release.yaml beside PATH",
        ("init",), fills="out",
    ),
    Parameter(("--tag",), "TAG", "the gray tag", ("init",), default="gray"),
    Parameter(
        ("-o", "--output"), "FILE", "where to write it, or - for standard output",
        ("index",), default=None, fills="out",
    ),
    Parameter(
        ("-s", "--service"), "NAME",
        "a workload to prepare, such as cart or Deployment/cart; may be repeated; all without it",
        ("adopt",), repeats=True, completes="workload",
    ),
    Parameter(
        ("--profile",), "NAME", "of the lanes that it is prepared for: `lane.profile`",
        ("adopt",), default="zadig",
    ),
    Parameter(
        ("--check",), "", "write nothing; say whether something would change (exit status 0 or 1)",
        ("adopt",), takes=SWITCH,
    ),
    Parameter(
        ("--diff",), "", "write nothing; print what would change as a unified diff",
        ("adopt",), takes=SWITCH,
    ),
    Parameter(
        ("--script",), "FILE", "write the steps for a cluster as a shell script, or - for standard output",
        ("adopt",),
    ),
    # What counts, what may be read, and how it is told.
    Parameter(
        ("--strict",), "", "warnings count as errors, unless `spec.accept` names them",
        ("build", "plan", "diff", "validate", "graph", "report"), takes=SWITCH,
    ),
    Parameter(("--strict",), "", "a lane past its last day is an error", ("lanes",), takes=SWITCH),
    Parameter(
        ("--lanes",), "DIR", "another output folder, whose lanes live beside these; may be repeated",
        ("build", "plan", "validate", "route", "graph", "report"), takes=PATH, repeats=True,
    ),
    Parameter(
        ("--index",), "FILE", "what `grayc index` wrote of the baseline, by a job that you trust",
        ("build", "plan", "diff", "validate", "route"),
    ),
    Parameter(
        ("--allow-root",), "DIR", "a folder besides the spec's own that files may be read from",
        (*_COMPILING, "adopt"), takes=PATH, repeats=True,
    ),
    Parameter(
        ("--max-input",), "MIB", "what all files of a baseline may hold",
        _READING, takes=MIB, default=str(DEFAULT_MAX_INPUT),
    ),
    Parameter(
        ("-f", "--format"), "", "how findings are shown",
        tuple(command for command in _ANSWERING if command not in ("diff", "route", "graph")),
        takes="report.formats.Format", default="text", fills="form",
    ),
    Parameter(
        ("-f", "--format"), "", "how the difference is shown",
        ("diff",), takes="cli.diff.DiffFormat", default="text", fills="form",
    ),
    Parameter(
        ("-f", "--format"), "", "how the answer is shown",
        ("route",), takes="cli.route.RouteFormat", default="text", fills="form",
    ),
    Parameter(
        ("-f", "--format"), "", "how the picture is written",
        ("graph",), takes="cli.graph.GraphFormat", default="svg", fills="form",
    ),
    Parameter(
        ("-f", "--format"), "FORMAT", "how findings are shown, in a format of the command",
        (BEFORE,), fills="form",
    ),
    Parameter(
        ("--color",), "", "colour of text; NO_COLOR and FORCE_COLOR count where this is auto",
        (BEFORE, *_ANSWERING), takes="cli.options.Color", default="auto",
    ),
    Parameter(
        ("-q", "--quiet"), "", "errors and warnings only, nothing that is accepted",
        (BEFORE, *_ANSWERING), takes=SWITCH,
    ),
    Parameter(
        ("-v", "--verbose"), "", "every note, with its line of the file and its help",
        (BEFORE, *_ANSWERING), takes=SWITCH,
    ),
    Parameter(
        ("--report",), "FORMAT=PATH", "write findings to a file too; may be repeated",
        ("build", "plan", "validate", "promote", "adopt"), repeats=True,
    ),
    Parameter(("--version",), "", "print the version and leave", (BEFORE,), takes=SWITCH),
)  # fmt: skip
"""Every argument and flag. A command has its rows in this order, in its help and on its page."""


def parameters_of(command: str) -> tuple[Parameter, ...]:
    """Return the rows of a command, or with `BEFORE` of what stands before one."""
    return tuple(row for row in PARAMETERS if command in row.commands)


def function_of(command: str) -> Callable[..., int]:
    """Return the function that a command runs: module and function have the name of its last word."""
    name = command.rpartition(" ")[2]
    function: Callable[..., int] = getattr(import_module(f"grayc.cli.{name}"), name)
    return function


def class_of(takes: str) -> type:
    """Return the enumeration that `takes` of a row names."""
    module, _, name = takes.rpartition(".")
    found: type = getattr(import_module(f"grayc.{module}"), name)
    return found


def value_of(row: Parameter, text: str) -> object:
    """Return the value that a text stands for.

    Raises:
        ValueError: it is none, or one that typer may take all the same, as it does a number with spaces around it.
    """
    match row.takes:
        case "text":
            return text
        case "path":
            from pathlib import Path

            return Path(text)
        case "MiB":
            if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MOST_MAX_INPUT):
                raise ValueError(text)
            return int(text)
        case _:
            made: object = class_of(row.takes)(text)
            return made


def release_here() -> list[str]:
    """Return the spec of the working folder, where it has one."""
    return [RELEASE] if os.path.isfile(RELEASE) else []  # noqa: PTH113 - before pathlib is needed
