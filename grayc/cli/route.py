"""`grayc route`: where a request goes, hop by hop, and why."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from grayc.cli.options import Color, Flags, Format, make_request
from grayc.cli.syntax import release_here

if TYPE_CHECKING:
    from grayc.diagnostics import Checked, Diagnostic
    from grayc.driver.request import Request
    from grayc.routing.model import Circumstances, Routed
    from grayc.routing.model import Request as Asked


class RouteFormat(StrEnum):
    """How an answer is shown."""

    TEXT = "text"
    JSON = "json"


def route(
    *,
    specs: Sequence[str],
    folders: Sequence[str],
    host: str,
    path: str,
    method: str,
    header: Sequence[str],
    cookie: Sequence[str],
    gateway: str,
    compare_gateways: bool,
    classes: Sequence[str],
    no_endpoints: Sequence[str],
    sticky: str,
    step: str,
    lanes: Sequence[Path],
    allow_root: Sequence[Path],
    max_input: int,
    index: str,
    form: RouteFormat,
    color: Color,
    quiet: bool,
    verbose: bool,
    **flags: Unpack[Flags],
) -> int:
    """Tell where a request goes and return 0 where that could be told, 1 for invalid specs, 2 where it could not."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import Diagnostic
    from grayc.driver.route import route_manifests, route_release
    from grayc.report.model import Report, exit_status, in_order
    from grayc.report.route import render_route, route_data
    from grayc.routing.model import Circumstances

    voice = Voice(form=Format(form), color=color, quiet=quiet, verbose=verbose)
    specs = specs or ([] if folders else release_here())
    asked, mistake = _asked(host, path, method, header, cookie)
    if lanes and folders:
        mistake = mistake or "`--lanes` stands beside releases; with `-d`, name the folder with another `-d`"
    mistake = mistake or _mistake(specs, folders, gateway, classes, compare_gateways=compare_gateways)
    if asked is None or mistake:
        usage = Diagnostic(code="GC702", message=mistake, help="`grayc route --help` tells what can be asked")
        return answer(Report(command="route", status=2, diagnostics=(usage,)), voice)
    circumstances = Circumstances(no_endpoints=frozenset(no_endpoints), sticky=sticky)
    request = make_request(
        specs, allow_root, max_input=max_input, index=index, gateway=gateway, step=step, lanes=lanes, **flags
    )
    if compare_gateways:
        return _compare(request, folders, asked, circumstances, voice, classes=classes)
    routed = (
        route_manifests(
            [Path(folder) for folder in folders],
            gateway,
            asked,
            circumstances,
            classes=classes,
            allow_root=request.allowed_roots,
            most_bytes=request.most_bytes,
            index=request.index,
        )
        if folders
        else route_release(request, asked, circumstances)
    )
    # What a build warns of is not what was asked.
    found = tuple(item for item in routed.diagnostics if item.severity == "error" and item.accepted is None)
    if routed.value is None:
        status = max(exit_status(found), 1)
        return answer(Report(command="route", status=status, diagnostics=in_order(found)), voice)
    if form is RouteFormat.TEXT:
        return answer(
            Report(command="route", status=0, diagnostics=()),
            voice,
            artefact=render_route(routed.value, color=voice.is_painted),
        )
    return _print_json(route_data(routed.value))


def _print_json(data: object) -> int:
    import sys

    from grayc.cli.answer import end_progress
    from grayc.report.json import indented

    end_progress()
    sys.stdout.write(indented(data, ensure_ascii=False) + "\n")
    return 0


def _asked(
    host: str, path: str, method: str, header: Sequence[str], cookie: Sequence[str]
) -> tuple["Asked | None", str]:
    from grayc.routing.model import Request as Asked

    headers, cookies = [], []
    for text in header:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            return None, f"`-H {text}` is not `NAME: VALUE`"
        headers.append((name.strip(), value.strip()))
    for text in cookie:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            return None, f"`--cookie {text}` is not `NAME=VALUE`"
        cookies.append((name.strip(), value))
    if not path.startswith("/"):
        return None, f"`--path {path}` does not start with `/`"
    place, _, query = path.partition("?")
    return Asked(
        method=method.upper(),
        host=host.lower().rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host.lower(),
        path=place,
        query=query,
        headers=tuple(headers),
        cookies=tuple(cookies),
    ), ""


def _mistake(
    specs: Sequence[str], folders: Sequence[str], gateway: str, classes: Sequence[str], *, compare_gateways: bool
) -> str:
    from grayc.k8s.gateways import GATEWAYS, GatewayName, serves_ingresses

    if bool(specs) == bool(folders):
        return "name releases, or files and folders of manifests with `-d PATH`" + (", not both" if specs else "")
    if classes and not folders:
        return "`--class` chooses among manifests of `-d`; the entries of a release tell their classes"
    if compare_gateways:
        return "`--compare-gateways` asks all gateways, so there is no `--gateway`" if gateway else ""
    if folders and not gateway:
        return f"which gateway reads them? `--gateway` takes {', '.join(GATEWAYS)}"
    if gateway and gateway not in GATEWAYS:
        return f"there is no gateway `{gateway}`: there are {', '.join(GATEWAYS)}"
    if classes and gateway and not serves_ingresses(GATEWAYS[GatewayName(gateway)]):
        return f"gateway `{gateway}` reads no Ingress, so there is no `--class` to choose"
    return ""


def _compare(
    request: "Request",
    folders: Sequence[str],
    asked: "Asked",
    circumstances: "Circumstances",
    voice: object,
    *,
    classes: Sequence[str],
) -> int:
    """Print where the request goes on every gateway, or what keeps a gateway from being asked."""
    import sys

    from grayc.cli.answer import Voice, end_progress
    from grayc.driver.route import route_manifests, route_release
    from grayc.k8s.gateways import GATEWAYS
    from grayc.records import replace
    from grayc.report.route import render_comparison, route_data

    rows: list[tuple[str, Routed | None, str]] = []
    for gateway in GATEWAYS:
        routed = (
            route_manifests(
                [Path(folder) for folder in folders],
                gateway,
                asked,
                circumstances,
                classes=classes,
                allow_root=request.allowed_roots,
                most_bytes=request.most_bytes,
                index=request.index,
            )
            if folders
            else route_release(replace(request, gateway=gateway, accept_losses=True), asked, circumstances)
        )
        rows.append((gateway, routed.value, _reason(routed)))
    if isinstance(voice, Voice) and voice.form is Format.TEXT:
        end_progress()
        sys.stdout.write(render_comparison(rows, color=voice.is_painted))
    else:
        _print_json(
            {
                "gateways": [
                    route_data(routed) if routed else {"gateway": gateway, "reason": reason}
                    for gateway, routed, reason in rows
                ]
            }
        )
    return 0 if any(routed for _, routed, _ in rows) else 1


def _reason(routed: "Checked[Routed]") -> str:
    from grayc.diagnostics import Mark
    from grayc.report.mask import masked

    error: Diagnostic | None = next(
        (item for item in routed.diagnostics if item.severity == "error" and item.accepted is None), None
    )
    if routed.value is None:
        return f"{error.code}: {masked(error).message}" if error else ""
    lost = sorted({item.code for item in routed.diagnostics if item.accepted is not None and item.mark is Mark.LOSS})
    return f"with losses: {', '.join(lost)}" if lost else ""
