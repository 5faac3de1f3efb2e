"""The command line as typer defines it: commands, flags, defaults and help.

This is the definition. `quick` reads the common lines of `build` and `plan` without it; tests hold the two together.
"""

import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from grayc import __version__
from grayc.cli import complete
from grayc.cli.commands import epilog
from grayc.cli.diff import DiffFormat
from grayc.cli.graph import GraphFormat
from grayc.cli.options import (
    DEFAULT_MAX_INPUT,
    MOST_MAX_INPUT,
    NO_SPEC,
    RELEASE,
    Color,
    Engine,
    Format,
    Lang,
    asked_format,
    release_here,
)
from grayc.cli.route import RouteFormat


def _specs(given: list[str]) -> list[str]:
    """Return the specs of a line, that of the working folder where it names none."""
    specs = given or release_here()
    if not specs:
        raise typer.TyperException(NO_SPEC)
    return specs


Specs = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC",
        help=f"release files, folders of them, or - for standard input  [default: {RELEASE}]",
        show_default=False,
        callback=_specs,
    ),
]
Formats = Annotated[Format, typer.Option("-f", "--format", help="how findings are shown")]
Reports = Annotated[
    list[str],
    typer.Option(
        "--report", metavar="FORMAT=PATH", help="write findings to a file too; may be repeated", show_default=False
    ),
]
Colors = Annotated[
    Color,
    typer.Option("--color", help="colour of text; NO_COLOR and FORCE_COLOR count where this is auto"),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="errors and warnings only, nothing that is accepted")]
Strict = Annotated[bool, typer.Option("--strict", help="warnings count as errors, unless `spec.accept` names them")]
Roots = Annotated[
    list[Path],
    typer.Option(
        "--allow-root",
        metavar="DIR",
        help="a folder besides the spec's own that files may be read from",
        show_default=False,
    ),
]
MaxInput = Annotated[
    int,
    typer.Option("--max-input", metavar="MIB", min=1, max=MOST_MAX_INPUT, help="what all files of a baseline may hold"),
]

Gateway = Annotated[
    str,
    typer.Option(
        "--gateway",
        metavar="NAME",
        help="compile for another gateway than the spec's",
        show_default=False,
        autocompletion=complete.gateway,
    ),
]
Tag = Annotated[
    str,
    typer.Option(
        "--tag",
        metavar="TAG",
        help="a lane of its own: this tag, not the spec's, and a release called NAME-TAG",
        show_default=False,
    ),
]
Images = Annotated[
    list[str],
    typer.Option(
        "--image",
        metavar="[SERVICE/]CONTAINER=IMAGE",
        help="an image in place of the spec's; may be repeated",
        show_default=False,
    ),
]
Expires = Annotated[
    str, typer.Option("--expires", metavar="DATE", help="the lane's last day, not the spec's", show_default=False)
]
Owner = Annotated[
    str, typer.Option("--owner", metavar="TEXT", help="who answers for the lane, not the spec's", show_default=False)
]
Langs = Annotated[Lang, typer.Option("--lang", help="language of the words")]
Step = Annotated[
    str,
    typer.Option(
        "--step",
        metavar="NAME",
        help="compile this step of the rollout, not the last",
        show_default=False,
        autocompletion=complete.step,
    ),
]

Lanes = Annotated[
    list[Path],
    typer.Option(
        "--lanes",
        metavar="DIR",
        help="another output folder, whose lanes live beside these; may be repeated",
        show_default=False,
    ),
]

app = typer.Typer(
    name="grayc",
    help="The gray-release compiler: one release.yaml and your baseline manifests in, plain gray manifests out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"grayc {__version__}\n")
        raise typer.Exit


@app.callback()
def grayc(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="print the version and leave"),
    ] = False,
) -> None:
    """Compile gray releases."""


@app.command(epilog=epilog("build"))
def build(
    specs: Specs = [],  # noqa: B006 - typer reads it
    *,
    out: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="folder to write, or - for one stream on standard output",
            show_default=False,
        ),
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="write nothing; say whether OUT is up to date (exit status 0 or 1)"),
    ] = False,
    gateway: Gateway = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    baseline_patch: Annotated[
        str,
        typer.Option(
            "--baseline-patch",
            metavar="FILE",
            help="write what the lane wants of the baseline's own objects there",
            show_default=False,
        ),
    ] = "",
    script: Annotated[
        str,
        typer.Option(
            "--script",
            metavar="FILE",
            help="write a shell script that applies OUT, and opens the entry once the checks of `verify` are done",
            show_default=False,
        ),
    ] = "",
    strict: Strict = False,
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Compile releases into a folder of manifests.

    `kubectl apply -f OUT` takes the folder as it is.
    """
    from grayc.cli import build as command

    return command.build(
        specs=specs,
        out=out,
        check=check,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        baseline_patch=baseline_patch,
        script=script,
        strict=strict,
        lanes=lanes,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
        report=report,
    )


@app.command(epilog=epilog("plan"))
def plan(
    specs: Specs = [],  # noqa: B006 - typer reads it
    gateway: Gateway = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    today: Annotated[
        str,
        typer.Option(
            "--today",
            metavar="YYYY-MM-DD",
            help="tell of a release that is past `spec.expires` on that day; the clock is never read",
            show_default=False,
        ),
    ] = "",
    strict: Strict = False,
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Show what is copied, shared and left out, and why."""
    from grayc.cli import plan as command

    return command.plan(
        specs=specs,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        today=today,
        strict=strict,
        lanes=lanes,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
        report=report,
    )


@app.command(epilog=epilog("diff"))
def diff(
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC",
            help="release files, folders of them, or - for standard input; with --rev they may be left out  "
            f"[default: {RELEASE}]",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    out: Annotated[
        str,
        typer.Option("--with", metavar="OUT", help="the output folder to compare with", show_default=False),
    ] = "",
    baseline: Annotated[
        bool,
        typer.Option("--baseline", help="compare the gray copies with their originals; what every lane does is folded"),
    ] = False,
    revision: Annotated[
        str,
        typer.Option("--rev", metavar="REV", help="compare OUT at a git revision with OUT now", show_default=False),
    ] = "",
    gateway: Gateway = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    step: Annotated[
        list[str],
        typer.Option(
            "--step",
            metavar="NAME",
            help="look at this step of the rollout; given twice, compare one with the other",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    strict: Strict = False,
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Annotated[DiffFormat, typer.Option("-f", "--format", help="how the difference is shown")] = DiffFormat.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Show what a build would change, object by object and by meaning."""
    from grayc.cli import diff as command

    return command.diff(
        specs=specs,
        out=out,
        baseline=baseline,
        revision=revision,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        strict=strict,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
    )


@app.command(epilog=epilog("validate"))
def validate(
    specs: Specs = [],  # noqa: B006 - typer reads it
    each: Annotated[
        bool,
        typer.Option("--each", help="look at every spec by itself: specs that are never in one cluster together"),
    ] = False,
    version: Annotated[
        str,
        typer.Option(
            "--kubernetes-version",
            metavar="X.Y",
            help="the Kubernetes whose schemas count; by default the newest that grayc knows. API versions that a "
            "newer one dropped are refused for each (GC307)",
            show_default=False,
        ),
    ] = "",
    crd_schemas: Annotated[
        str,
        typer.Option(
            "--crd-schemas",
            metavar="DIR",
            help="a folder of CustomResourceDefinitions, or of schemas GROUP/KIND_VERSION.json",
            show_default=False,
        ),
    ] = "",
    today: Annotated[
        str,
        typer.Option(
            "--today", metavar="YYYY-MM-DD", help="the day that spec.expires is compared with", show_default=False
        ),
    ] = "",
    engine: Annotated[
        Engine,
        typer.Option("--engine", help="who compares objects with schemas; auto: kubeconform where it is on PATH"),
    ] = Engine.AUTO,
    gateway: Gateway = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    strict: Strict = False,
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Check releases, and their manifests against Kubernetes' schemas.

    Nothing is written, and no network is asked: grayc carries the schemas.
    """
    from grayc.cli import validate as command

    return command.validate(
        specs=specs,
        each=each,
        version=version,
        crd_schemas=crd_schemas,
        today=today,
        engine=engine,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        strict=strict,
        lanes=lanes,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
        report=report,
    )


@app.command(epilog=epilog("route"))
def route(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="HOST",
            help="host of the request",
            show_default=False,
            autocompletion=complete.host,
        ),
    ],
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC",
            help=f"release files, folders of them, or - for standard input  [default: {RELEASE}, without -d]",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="path of the request, and its query")] = "/",
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="method of the request")] = "GET",
    header: Annotated[
        list[str],
        typer.Option("-H", "--header", metavar="'NAME: VALUE'", help="a header; may be repeated", show_default=False),
    ] = [],  # noqa: B006 - typer reads it
    cookie: Annotated[
        list[str],
        typer.Option("--cookie", metavar="NAME=VALUE", help="a cookie; may be repeated", show_default=False),
    ] = [],  # noqa: B006 - typer reads it
    folders: Annotated[
        list[str],
        typer.Option(
            "-d",
            metavar="PATH",
            help="ask the manifests of this file or folder instead of a release; may be repeated",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    gateway: Gateway = "",
    compare_gateways: Annotated[bool, typer.Option("--compare-gateways", help="ask every gateway")] = False,
    classes: Annotated[
        list[str],
        typer.Option(
            "--class",
            metavar="NAME",
            help="with -d: read Ingresses of this class; may be repeated  [default: those that the gateway serves]",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    no_endpoints: Annotated[
        list[str],
        typer.Option(
            "--no-endpoints",
            metavar="SERVICE",
            help="a Service without a ready pod; may be repeated",
            show_default=False,
            autocompletion=complete.service,
        ),
    ] = [],  # noqa: B006 - typer reads it
    sticky: Annotated[
        str,
        typer.Option(
            "--sticky",
            metavar="SERVICE",
            help="the Service that the client's session sticks to",
            show_default=False,
            autocompletion=complete.service,
        ),
    ] = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Annotated[RouteFormat, typer.Option("-f", "--format", help="how the answer is shown")] = RouteFormat.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Tell where a request goes, hop by hop, and why.

    Asks what a build of the releases would give, or with -d manifests that anyone wrote.
    """
    from grayc.cli import route as command

    return command.route(
        specs=specs,
        folders=folders,
        host=host,
        path=path,
        method=method,
        header=header,
        cookie=cookie,
        gateway=gateway,
        compare_gateways=compare_gateways,
        classes=classes,
        no_endpoints=no_endpoints,
        sticky=sticky,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        lanes=lanes,
        allow_root=allow_root,
        max_input=max_input,
        form=Format(form),
        color=color,
        quiet=quiet,
    )


@app.command(epilog=epilog("graph"))
def graph(
    specs: Specs = [],  # noqa: B006 - typer reads it
    lang: Langs = Lang.EN,
    gateway: Gateway = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    strict: Strict = False,
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Annotated[GraphFormat, typer.Option("-f", "--format", help="how the picture is written")] = GraphFormat.SVG,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Print the lane as a picture.

    Call paths in rows, gray copies above production, the entries with their rules at the left.
    """
    from grayc.cli import graph as command

    return command.graph(
        specs=specs,
        lang=lang,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        lanes=lanes,
        strict=strict,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
    )


@app.command(epilog=epilog("report"))
def report(
    specs: Specs = [],  # noqa: B006 - typer reads it
    *,
    out: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="the page, or - for standard output", show_default=False),
    ],
    folder: Annotated[
        str,
        typer.Option(
            "--with", metavar="OUT", help="the output folder: what a build would change in it", show_default=False
        ),
    ] = "",
    lang: Langs = Lang.EN,
    gateway: Gateway = "",
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    lanes: Lanes = [],  # noqa: B006 - typer reads it
    strict: Strict = False,
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Write one HTML page for reviewers.

    Who enters, what differs from production, what may break, how to undo it. It needs no network and no script.
    """
    from grayc.cli import report as command

    return command.report(
        specs=specs,
        out=out,
        folder=folder,
        lang=lang,
        gateway=gateway,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        lanes=lanes,
        strict=strict,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
    )


@app.command(epilog=epilog("offline"))
def offline(
    out: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="OUT", help="the folder that `grayc build` wrote", show_default=False),
    ],
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC", help="release files, or folders of them", show_default=False),
    ] = [],  # noqa: B006 - typer reads it
    tag: Annotated[
        str,
        typer.Option(
            "--tag",
            metavar="TAG",
            help="every release of this tag; with SPEC its lane of this tag",
            show_default=False,
            autocompletion=complete.tag,
        ),
    ] = "",
    script: Annotated[
        str,
        typer.Option(
            "--script", metavar="FILE", help="write the commands for the cluster to a shell script", show_default=False
        ),
    ] = "",
    check: Annotated[
        bool,
        typer.Option("--check", help="remove nothing; say whether something is left (exit status 1) or not (0)"),
    ] = False,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Take releases out of a folder of manifests.

    Prints the `kubectl delete` commands that do the same in a cluster: the entry first, configuration last.
    """
    from grayc.cli import offline as command

    return command.offline(
        specs=specs, tag=tag, out=out, script=script, check=check, form=form, color=color, quiet=quiet
    )


@app.command(epilog=epilog("lanes"))
def lanes(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", help="folders that `grayc build` wrote, or folders with those below", show_default=False
        ),
    ],
    today: Annotated[
        str,
        typer.Option(
            "--today",
            metavar="DATE",
            help="the day, as YYYY-MM-DD: tells ages and lanes past `spec.expires`; the clock is never read",
            show_default=False,
        ),
    ] = "",
    expired: Annotated[
        bool, typer.Option("--expired", help="only the lanes past their last day, each with what takes it offline")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="a lane past its last day is an error")] = False,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """List the lanes alive in output folders.

    Release, tag, services, entry rules, the day of the commit that brought it, its owner and its last day.
    """
    from grayc.cli import lanes as command

    return command.lanes(
        folders=folders, today=today, expired=expired, strict=strict, form=form, color=color, quiet=quiet
    )


@app.command(epilog=epilog("doctor"))
def doctor(
    out: Annotated[
        str,
        typer.Option("-o", "--output", metavar="OUT", help="a folder that is to be written", show_default=False),
    ] = "",
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Tell which programs and versions grayc finds.

    Python, helm, kustomize, kubectl, kubeconform and git, the schemas that grayc carries, the encoding, and OUT.
    """
    from grayc.cli import doctor as command

    return command.doctor(out=out, form=form, color=color, quiet=quiet)


@app.command(epilog=epilog("init"))
def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="a file or folder with the objects now in production")],
    service: Annotated[
        list[str],
        typer.Option(
            "--service",
            "-s",
            metavar="NAME",
            help="a workload to release, such as cart or Deployment/cart; may be repeated",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    out: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="where to write it, or - for standard output; by default release.yaml beside PATH",
            show_default=False,
        ),
    ] = "",
    tag: Annotated[str, typer.Option("--tag", metavar="TAG", help="the gray tag")] = "gray",
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Write a first release.yaml for a baseline.

    Change its images and rules, then build it.
    """
    from grayc.cli import init as command

    return command.init(path=path, service=service, out=out, tag=tag, form=form, color=color, quiet=quiet)


imports = typer.Typer(
    help="Make a release.yaml of what another tool has.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(imports, name="import")


@imports.command(epilog=epilog("import zadig"))
def zadig(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="the workflow, exported as YAML, or - for standard input")
    ],
    job: Annotated[
        str, typer.Option("--job", metavar="NAME", help="the gray release, where there are several", show_default=False)
    ] = "",
    tag: Annotated[
        str, typer.Option("--tag", metavar="TAG", help="the gray tag, instead of the workflow's", show_default=False)
    ] = "",
    service: Annotated[
        list[str],
        typer.Option(
            "--service",
            "-s",
            metavar="NAME",
            help="a workload to release, where the workflow leaves that to each run; may be repeated",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    baseline: Annotated[
        list[str],
        typer.Option(
            "--baseline",
            metavar="PATH",
            help="what `spec.baseline` names; may be repeated; by default baseline/",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    out: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="where to write it, or - for standard output; by default release.yaml beside FILE",
            show_default=False,
        ),
    ] = "",
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Make a release.yaml of a Zadig workflow with a gray release of MSE.

    What a release cannot say is reported, with what does the same.
    """
    from grayc.cli import zadig as command

    return command.zadig(
        file=file,
        job=job,
        tag=tag,
        service=service,
        baseline=baseline,
        out=out,
        form=form,
        color=color,
        quiet=quiet,
    )


@app.command(epilog=epilog("promote"))
def promote(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="a release file", show_default=False)],
    out: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="OUT",
            help="the output folder with the tested lane; nothing is written where it is another",
            show_default=False,
        ),
    ] = "",
    gateway: Gateway = "",
    patches: Annotated[bool, typer.Option("--patches", help="carry the release's patches too")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; exit status 1 where something would change")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="write nothing; print what would change")] = False,
    step: Step = "",
    tag: Tag = "",
    image: Images = [],  # noqa: B006 - typer reads it
    expires: Expires = "",
    owner: Owner = "",
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Write gray images, variables and config into production's files.

    Every other byte stays. What cannot be carried is reported, with the exact edit.
    """
    from grayc.cli import promote as command

    return command.promote(
        spec=spec,
        out=out,
        gateway=gateway,
        patches=patches,
        check=check,
        diff=diff,
        step=step,
        tag=tag,
        image=image,
        expires=expires,
        owner=owner,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
        report=report,
    )


@app.command(epilog=epilog("adopt"))
def adopt(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="files or folders with what is now in production", show_default=False),
    ],
    service: Annotated[
        list[str],
        typer.Option(
            "--service",
            "-s",
            metavar="NAME",
            help="a workload to prepare, such as cart or Deployment/cart; may be repeated; all without it",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="of the lanes that it is prepared for: `lane.profile`")
    ] = "zadig",
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; say whether something would change (exit status 0 or 1)")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="write nothing; print what would change as a unified diff")
    ] = False,
    script: Annotated[
        str,
        typer.Option(
            "--script",
            metavar="FILE",
            help="write the steps for a cluster as a shell script, or - for standard output",
            show_default=False,
        ),
    ] = "",
    allow_root: Roots = [],  # noqa: B006 - typer reads it
    max_input: MaxInput = DEFAULT_MAX_INPUT,
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
    report: Reports = [],  # noqa: B006 - typer reads it
) -> int:
    """Prepare baseline manifests for `isolation: label`.

    Comments and layout are kept. Adds the profile's label with the value `original` where a lane needs it, and prints
    the order of steps that has no outage.
    """
    from grayc.cli import adopt as command

    return command.adopt(
        paths=paths,
        service=service,
        profile=profile,
        check=check,
        diff=diff,
        script=script,
        allow_root=allow_root,
        max_input=max_input,
        form=form,
        color=color,
        quiet=quiet,
        report=report,
    )


@app.command(epilog=epilog("explain"))
def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT",
            help="a code (GC440), a field (spec.traffic.rules), a line of the output (out/shop.web.yaml:12), or an "
            "object of it and a field (Deployment/web-gray spec.replicas)",
            show_default=False,
            autocompletion=complete.code,
        ),
    ] = [],  # noqa: B006 - typer reads it
    every: Annotated[bool, typer.Option("--all", help="list all codes")] = False,
    specs: Annotated[
        list[str],
        typer.Option(
            "--spec",
            metavar="SPEC",
            help="the release that a line or object is of; may be repeated  [default: release.yaml]",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer reads it
    gateway: Gateway = "",
    step: Step = "",
    form: Formats = Format.TEXT,
    color: Colors = Color.AUTO,
    quiet: Quiet = False,
) -> int:
    """Explain a diagnostic, a field, or a value of the output.

    Of a code its page; of a field what the schema says; of a value which pass set it, and from which line of the
    release or of production.
    """
    from grayc.cli import explain as command

    return command.explain(
        words=words, every=every, specs=specs, gateway=gateway, step=step, form=form, color=color, quiet=quiet
    )


@app.command(epilog=epilog("schema"))
def schema() -> int:
    """Print the JSON Schema of release.yaml, for editors."""
    from grayc.cli import schema as command

    return command.schema()


def run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its status."""
    empty = _empty(arguments)
    if empty:
        return _wrong(f"{empty} is empty", "a variable of the shell that is not set leaves such a word", arguments)
    try:
        return _command()(arguments, prog_name="grayc", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _usage(error, arguments)
    except typer.Abort:
        return 128 + signal.SIGINT
    except SystemExit as leave:
        # typer leaves with 1, which is an answer, where nobody reads on.
        if isinstance(leave.__context__, BrokenPipeError):
            raise leave.__context__ from None
        raise


@cache
def _command() -> Callable[..., int | None]:
    """Return what typer makes of the definitions, which takes longer than many commands: once in a process."""
    return get_command(app)


def _empty(arguments: list[str]) -> str:
    """Return which word says nothing, "" where there is none: most would be read as if the flag were not there."""
    for flag, word in zip(["", *arguments], arguments, strict=False):
        if not word:
            return f"the value of `{flag}`" if flag.startswith("-") else "an argument"
        if word.startswith("--") and word.endswith("=") and word.count("=") == 1:
            return f"the value of `{word[:-1]}`"
    return ""


def _usage(error: typer.TyperException, arguments: list[str]) -> int:
    message = error.format_message().strip()
    if "\n" in message:  # No argument at all: typer gives the help text.
        sys.stderr.write(message + "\n")
        return 2
    help = "`grayc --help` lists the commands, `grayc COMMAND --help` the flags of one"
    # Some versions of typer put their validator's words before the mistake.
    message = (message[:1].lower() + message[1:].rstrip(".")).replace("Value error, ", "")
    return _wrong(message, help, arguments)


def _wrong(message: str, help: str, arguments: list[str]) -> int:
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Diagnostic
    from grayc.report.model import Report

    usage = Diagnostic(code="GC702", message=message, help=help)
    return answer(
        Report(command="grayc", status=2, diagnostics=(usage,)), Voice(form=asked_format(arguments), color=Color.AUTO)
    )
