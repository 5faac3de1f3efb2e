"""Where a request goes."""

import os
from collections.abc import Sequence
from pathlib import Path

from grayc.analysis.ingress_classes import served_classes
from grayc.analysis.routes import with_routes
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.documents.ingresses import ingress_class, is_ingress
from grayc.documents.load import Reading, load_baseline
from grayc.driver.compile import compile_releases
from grayc.driver.expect import applied, lane_of, no_gateway, routers_of
from grayc.driver.model import HeldLane
from grayc.driver.request import Request, refuse_links_out
from grayc.k8s.gateways import GatewayName
from grayc.records import replace
from grayc.routing import model as routing
from grayc.routing.hops import BASELINE, Lane, carried_tag, lanes_of, route_request
from grayc.routing.matching import Matching
from grayc.routing.simulators import simulate
from grayc.routing.unread import unread_of
from grayc.source import Roots
from grayc.source.limits import MAX_TOTAL_BYTES


def route_release(
    request: Request, asked: routing.Request, circumstances: routing.Circumstances
) -> Checked[routing.Routed]:
    """Return where a request goes once the releases are built and applied.

    Diagnostics:
        GC730: no release opens an entry, so there is no gateway to ask.
    """
    compiled = compile_releases(request, asks=False)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    releases = compiled.value.releases
    gateway = next((release.plan.gateway for release in releases if release.plan.spec.traffic), None)
    if gateway is None:
        missing = no_gateway(releases[0].plan)
        return Checked(value=None, diagnostics=(*compiled.diagnostics, missing))
    documents = applied(releases, compiled.value.beside, compiled.value.mesh)
    lanes = lanes_of(documents)
    answers = [
        (name, router, route_request(name, router, asked, circumstances, lanes=lanes, lane=None))
        for name, router in routers_of([release.plan for release in releases], documents, Matching())
    ]
    # Of several gateways the one that serves the request.
    gateway, router, first = next((each for each in answers if each[2].answer.entry is not None), answers[0])
    known = [lane_of(release) for release in releases]
    tag = _tag_met(first, known, compiled.value.beside)
    # Of a lane that another run made nobody says here which calls it makes.
    lane = next((lane for lane in known if lane.tag == tag), None if tag else known[0])
    routed = route_request(gateway, router, asked, circumstances, lanes=lanes, lane=lane)
    if lane is None and routed.hops:
        other = next((each for each in compiled.value.beside if each.lane.tag == tag), None)
        if other is not None:
            where = f"the calls behind it are those of release {other.lane.title}: ask that one for them"
            routed = replace(routed, why=(*routed.why, where))
    return Checked(value=routed, diagnostics=compiled.diagnostics)


def _tag_met(routed: routing.Routed, lanes: Sequence[Lane], beside: Sequence[HeldLane]) -> str:
    """Return the tag of the lane whose calls a request follows, "" for none.

    It is that of the copy at the entry; where production's answers there, the one that the request goes on with.
    """
    tag = next((tag for tag in routed.lanes if tag != BASELINE), "")
    if tag:
        return tag
    shares = [share for share in routed.answer.destinations if share.service and share.status is None]
    brought = {
        carried_tag(share, routed.request, carrier) for share in shares for carrier in {each.carrier for each in lanes}
    }
    tags = [*(lane.tag for lane in lanes), *(each.lane.tag for each in beside)]
    return next((tag for tag in tags if tag in brought), "")


def route_manifests(
    paths: Sequence[Path],
    gateway: str,
    asked: routing.Request,
    circumstances: routing.Circumstances,
    *,
    classes: Sequence[str] = (),
    allow_root: Sequence[Path] = (),
    most_bytes: int = MAX_TOTAL_BYTES,
    index: Path | None = None,
) -> Checked[routing.Routed]:
    """Return where a request goes by manifests that anyone wrote, and what among them the gateway does not read.

    Args:
        paths: files, folders and globs, wherever they are.
        classes: of the Ingresses that the gateway reads; none for those that the manifests and well-known names tell.
        allow_root: where links in the folders may lead.
        most_bytes: what all files may hold.
        index: of these manifests, as `Request` has it.
    Diagnostics:
        GC150: a link of the repository leads out of it, on the way to one of the paths.
        GC702: no Ingress is of a class that was named, or nothing tells which classes the gateway reads.
    """
    refused = refuse_links_out(paths)
    if refused:
        return Checked(value=None, diagnostics=refused)
    reading = Reading()
    told: tuple[Diagnostic, ...] = ()
    if index is not None:
        handed = reading.hand(index)
        if handed.value is None:
            return Checked(value=None, diagnostics=handed.diagnostics)
        told = handed.diagnostics
    loaded = load_baseline(
        [(_pattern(path), ()) for path in paths],
        Roots(
            folder=Path.cwd(),
            allowed=(*(_folder(path) for path in paths), *allow_root),
            most_bytes=most_bytes,
        ),
        None,
        None,
        spec_path=None,
        reading=reading,
    )
    loaded = replace(loaded, diagnostics=(*told, *loaded.diagnostics))
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics)
    name = GatewayName(gateway)
    documents = with_routes(loaded.value.documents)
    read, mistake = _classes(name, documents, classes)
    if mistake is not None:
        return Checked(value=None, diagnostics=(*loaded.diagnostics, mistake))
    routed = route_request(
        gateway,
        simulate(gateway, documents, Matching(), classes=read),
        asked,
        circumstances,
        lanes=lanes_of(documents),
        lane=None,
    )
    return Checked(
        value=replace(routed, unread=unread_of(name, documents, read)),
        diagnostics=loaded.diagnostics,
    )


def _pattern(path: Path) -> str:
    """Return a path as it is written from the working folder."""
    text = Path(os.path.relpath(path)).as_posix() if path.is_absolute() else path.as_posix()
    return f"{text}/" if path.is_dir() else text


def _folder(path: Path) -> Path:
    """Return the folder that holds what was named: the path itself, or what there is above it."""
    real = path.resolve()
    return next(folder for folder in (real, *real.parents) if folder.is_dir())


def _classes(
    gateway: GatewayName, documents: Sequence[Document], wanted: Sequence[str]
) -> tuple[frozenset[str], Diagnostic | None]:
    """Return the classes of the Ingresses that a gateway reads, and what is wrong with those that were asked for."""
    named = sorted({ingress_class(document) for document in documents if is_ingress(document)} - {""})
    shown = ", ".join(f"`{name}`" for name in named)
    unknown = next((name for name in wanted if name and name not in named), None)
    if unknown is not None:
        mistake = Diagnostic(
            code="GC702",
            message=f"no Ingress among the manifests is of class `{unknown}`",
            help=f"there {'are' if len(named) > 1 else 'is'} {shown}" if named else "none of them names a class",
        )
        return frozenset(), mistake
    read = frozenset(wanted) if wanted else served_classes(gateway, documents)
    if read is None:
        mistake = Diagnostic(
            code="GC702",
            message=f"nothing tells which of the classes {shown} gateway `{gateway}` reads",
            help="choose with `--class NAME`, which may be repeated, or add their IngressClasses",
        )
        return frozenset(), mistake
    return read, None
