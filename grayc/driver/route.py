"""Where a request goes."""

from collections.abc import Sequence
from pathlib import Path

from grayc.diagnostics import Checked
from grayc.documents.load import load_baseline
from grayc.driver.compile import compile_releases
from grayc.driver.expect import applied, lane_of, no_gateway, routers_of
from grayc.driver.request import Request, refuse_links_out
from grayc.routing import model as routing
from grayc.routing.hops import lanes_of, route_request
from grayc.routing.simulators import simulate
from grayc.source import Roots


def route_release(
    request: Request, asked: routing.Request, circumstances: routing.Circumstances
) -> Checked[routing.Routed]:
    """Return where a request goes once the releases are built and applied.

    Diagnostics:
        GC730: no release opens a way in, so there is no gateway to ask.
    """
    compiled = compile_releases(request, asks=False)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    releases = compiled.value.releases
    gateway = next((release.plan.gateway for release in releases if release.plan.spec.traffic), None)
    if gateway is None:
        missing = no_gateway(releases[0].plan)
        return Checked(value=None, diagnostics=(*compiled.diagnostics, missing))
    documents = applied(releases)
    lanes = lanes_of(documents)
    answers = [
        (name, router, route_request(name, router, asked, circumstances, lanes=lanes, lane=None))
        for name, router in routers_of([release.plan for release in releases], documents)
    ]
    # Of several gateways the one that serves the request.
    gateway, router, first = next((each for each in answers if each[2].answer.entry is not None), answers[0])
    tag = next((lane for lane in first.lanes if lane != "baseline"), "")
    release = next((each for each in releases if each.plan.spec.tag == tag), releases[0])
    routed = route_request(gateway, router, asked, circumstances, lanes=lanes, lane=lane_of(release.plan))
    return Checked(value=routed, diagnostics=compiled.diagnostics)


def route_manifests(
    paths: Sequence[Path], gateway: str, asked: routing.Request, circumstances: routing.Circumstances
) -> Checked[routing.Routed]:
    """Return where a request goes by manifests that anyone wrote.

    Diagnostics:
        GC150: a link of the repository leads out of it, on the way to one of the paths.
    """
    refused = refuse_links_out(paths)
    if refused:
        return Checked(value=None, diagnostics=refused)
    loaded = load_baseline(
        [(path.as_posix() + ("/" if path.is_dir() else ""), ()) for path in paths],
        Roots(folder=Path.cwd(), allowed=tuple(path.resolve() for path in paths)),
        None,
        None,
        spec_path=None,
    )
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics)
    documents = loaded.value.documents
    routed = route_request(
        gateway, simulate(gateway, documents), asked, circumstances, lanes=lanes_of(documents), lane=None
    )
    return Checked(value=routed, diagnostics=loaded.diagnostics)
