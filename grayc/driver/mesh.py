"""What all lanes have in common in a mesh: one object of a host, made from the claims of every lane that lives."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, parse_documents
from grayc.documents.findings import at_object
from grayc.documents.mesh_claim import MeshClaim, route_key
from grayc.documents.strategic_merge import json_merge
from grayc.documents.tree import get_list, get_text, put
from grayc.driver.beside import again, command_line
from grayc.driver.model import HeldLane, Mesh, Release
from grayc.driver.request import Request
from grayc.gateways import BaselineChange
from grayc.k8s.providers import PROVIDERS, provider_of
from grayc.meshes import objects_of, router_of
from grayc.output.emit import emit_document
from grayc.output.inventory import Command, Inventory
from grayc.output.order import mesh_file
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.source import SourceFile
from grayc.spec.findings import at_spec

_SHOWN = 3
"""How many releases a message names one by one."""


def mesh_of(releases: Sequence[Release], beside: Sequence[HeldLane], *, is_folder: bool) -> Mesh:
    """Return what the lanes of a run and those beside it have in common.

    Args:
        is_folder: the run writes to a folder; else all goes where the releases go.
    """
    ours = [claim for release in releases for claim in release.lane.mesh]
    own = [*ours, *(claim for each in beside if each.is_in_out for claim in each.record.mesh)]
    others = [claim for each in beside if not each.is_in_out for claim in each.record.mesh]
    if not own and not others:
        return Mesh()
    shared = {claim.host for claim in own} & {claim.host for claim in others} if is_folder else set()
    wanted = own if is_folder else [*own, *others]
    hosts = {claim.host for claim in ours}
    here = [claim for claim in wanted if claim.host not in shared and (is_folder or claim.host in hosts)]
    apart = objects_of(claim for claim in (*own, *others) if claim.host in shared)
    every = objects_of((*own, *others))
    return Mesh(
        files=mesh_files(here),
        apart=tuple(data for made in apart.values() for data in made),
        documents=_documents(data for made in every.values() for data in made),
    )


def mesh_files(claims: Iterable[MeshClaim]) -> dict[str, str]:
    """Return file name → text of the objects that lanes have in common, names in order."""
    return {mesh_file(*host): "---\n".join(map(emit_document, made)) for host, made in objects_of(claims).items()}


def refs_of(made: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return what kubectl calls each object → its text: `VirtualService.networking.istio.io/cart-grayc-lanes`."""
    return {mesh_ref(data): emit_document(data) for data in made}


def mesh_ref(data: Mapping[str, object]) -> str:
    """Return what kubectl calls an object."""
    group = get_text(data, ("apiVersion",)).partition("/")[0]
    return f"{get_text(data, ('kind',))}.{group}/{get_text(data, ('metadata', 'name'))}"


def files_without(inventory: Inventory, releases: Iterable[str]) -> dict[str, str]:
    """Return the files of a folder's mesh objects once some of its releases are gone.

    Hosts that no file of the folder has now stand elsewhere, and stay there.
    """
    gone = set(releases)
    claims = [claim for name, lane in inventory.lanes.items() if name not in gone for claim in lane.mesh]
    return {name: text for name, text in mesh_files(claims).items() if name in inventory.files}


def documents_of_mesh(files: Mapping[str, str]) -> tuple[Document, ...]:
    """Return the objects of such files."""
    return tuple(
        document
        for name, text in files.items()
        for document in parse_documents(SourceFile(name=name, text=text)).value or ()
    )


def _documents(objects: Iterable[Mapping[str, object]]) -> tuple[Document, ...]:
    text = "---\n".join(emit_document(data) for data in objects)
    return parse_documents(SourceFile(name="<lanes>", text=text)).value or () if text else ()


def shared_hosts(releases: Sequence[Release], beside: Sequence[HeldLane]) -> tuple[Diagnostic, ...]:
    """Return the hosts that lanes of other folders claim, too: their object has no place in the output folder.

    Diagnostics:
        GC584: there is no file to put it into.
    """
    found = []
    for release in releases:
        ours = {claim.host: claim for claim in release.lane.mesh if claim.host in objects_of([claim])}
        for each in beside:
            if each.is_in_out:
                continue
            shared = next((claim for claim in each.record.mesh if claim.host in ours), None)
            if shared is not None:
                found.append(_shared(release.plan, shared, each))
    return tuple(found)


def _shared(plan: ReleasePlan, claim: MeshClaim, other: HeldLane) -> Diagnostic:
    return at_spec(
        plan.spec,
        ("spec", "lane", "provider"),
        code="GC584",
        message=f"lane `{other.lane.tag}` of release {other.lane.title} leads calls to `{claim.service}`, too, and "
        "what leads them is one object of a host",
        help="build both into one folder; or name a file with `--baseline-patch FILE`, which takes the object with the "
        "routes of all lanes",
    )


def hosts_of_two_providers(releases: Sequence[Release], beside: Sequence[HeldLane]) -> Iterator[Diagnostic]:
    """Yield the Services to which lanes lead calls by objects of two meshes' kinds, of which a mesh reads one.

    Diagnostics:
        GC575: there is such a Service.
    """
    claims = [
        *(claim for release in releases for claim in release.lane.mesh),
        *(claim for each in beside for claim in each.record.mesh),
    ]
    for release in releases:
        for claim in release.lane.mesh:
            ours = provider_of(claim.api_version)
            other = next(
                (each for each in claims if each.host == claim.host and provider_of(each.api_version) != ours), None
            )
            if other is not None:
                yield at_spec(
                    release.plan.spec,
                    (*release.plan.spec.lane.path, "provider"),
                    code="GC575",
                    message=f"`{other.release}` leads calls to `{claim.service}` by provider "
                    f"`{provider_of(other.api_version)}`, and `{claim.release}` by `{ours}`: a mesh that reads the "
                    "objects of both follows one of them",
                    help="name one provider in all releases of a Service",
                )
                break


def hosts_of_two_namespaces(releases: Sequence[Release], beside: Sequence[HeldLane]) -> Iterator[Diagnostic]:
    """Yield the Services that lanes lead calls to of which one says the namespace and another does not.

    Both objects have one name, so where the namespace is the same, the one that is applied last replaces the other.

    Diagnostics:
        GC588: there is such a Service.
    """
    claims = [
        *(claim for release in releases for claim in release.lane.mesh),
        *(claim for each in beside for claim in each.record.mesh),
    ]
    told = {claim.service: claim for claim in reversed(claims) if claim.namespace}
    silent = {claim.service: claim for claim in reversed(claims) if not claim.namespace}
    for release in releases:
        for claim in release.lane.mesh:
            # Each pair is reported at the release that is built, once.
            known, unknown = told.pop(claim.service, None), silent.pop(claim.service, None)
            if known is None or unknown is None:
                continue
            yield at_spec(
                release.plan.spec,
                ("metadata", "name"),
                code="GC588",
                message=f"`{known.release}` leads calls to `{claim.service}` in namespace `{known.namespace}`, and "
                f"`{unknown.release}` to one in a namespace that nobody says: where both are the same, each has an "
                "object of the same name, and the one that is applied last takes the other's place",
                help=f"write `spec.namespace` in `{unknown.release}`, or the namespace in its baseline",
            )


def lanes_of_one_tag(releases: Sequence[Release], beside: Sequence[HeldLane]) -> Iterator[Diagnostic]:
    """Yield the releases beside one of this run that carry its tag the same way: requests of one go on in the other.

    A call path knows the copies of its own release alone.

    Diagnostics:
        GC660: there is such a release.
    """
    claims = [
        *(claim for release in releases for claim in release.lane.mesh),
        *(claim for each in beside for claim in each.record.mesh),
    ]
    for release in releases:
        ours = {(claim.tag, claim.carrier, claim.namespace) for claim in release.lane.mesh}
        others: dict[str, list[str]] = {}
        for claim in claims:
            if claim.release != release.plan.spec.name and (claim.tag, claim.carrier, claim.namespace) in ours:
                others.setdefault(claim.release, []).append(f"`{claim.service}`")
        if not others:
            continue
        named = [f"`{name}` ({', '.join(dict.fromkeys(others[name]))})" for name in sorted(others)]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        yield at_spec(
            release.plan.spec,
            ("spec", "tag"),
            code="GC660",
            message=f"other releases have the tag `{release.plan.spec.tag}`, too, and the mesh leads their calls by "
            f"the same header: {', '.join(named[:_SHOWN])}{more}: requests of `{release.plan.spec.name}` go to these "
            "gray copies as well, which its own hops call `baseline`",
            help="leave it so where all are meant as one lane; else give each release a tag of its own",
        )


def shared_again(
    releases: Sequence[Release], held: Sequence[HeldLane], beside: Sequence[HeldLane], request: Request
) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """Yield folder and name of lanes elsewhere that know nothing of the routes which a run adds to a host of theirs.

    Args:
        held: all lanes that the folders hold, those among them that the run makes again.
    Diagnostics:
        GC581: a lane must be built again.
    """
    if request.out is None:
        return
    before = {(claim.host, claim.release) for each in held if each.is_in_out for claim in each.record.mesh}
    ours = {claim.host: claim for release in releases for claim in release.lane.mesh}
    for each in beside:
        met = next((ours[claim.host] for claim in each.record.mesh if claim.host in ours), None)
        if each.is_in_out or met is None:
            continue
        known = each.record.command or Command()
        here = os.path.relpath(request.out, each.folder)
        is_seen = any(
            os.path.realpath(FilePath(each.folder, path)) == os.path.realpath(request.out) for path in known.lanes
        )
        if is_seen and (met.host, met.release) in before:
            continue
        wanted = replace(known, lanes=known.lanes if is_seen else (*known.lanes, FilePath(here).as_posix()))
        command = command_line(wanted, each.folder)
        command += "" if known.patch else " --baseline-patch=FILE"
        why = f"`{met.release}` leads calls to `{met.service}`, too"
        told = again(replace(each, lane=replace(each.lane, command=command)), why, is_needed=True)
        yield (each.folder, each.lane.name), told


def with_lanes_in_front(releases: Sequence[Release], beside: Sequence[HeldLane]) -> tuple[Release, ...]:
    """Return releases that want the routes of all lanes in the baseline's own objects that lead calls in the mesh.

    An object that a gateway's entry changes as well has both changes in one.
    """
    claims = [
        *(claim for release in releases for claim in release.lane.mesh),
        *(claim for each in beside for claim in each.record.mesh),
    ]
    led = {route: provider_of(claim.api_version) for claim in claims for route in claim.routes}
    if not led:
        return tuple(releases)
    held = {
        document.place: document
        for release in releases
        for document in release.plan.baseline
        if route_key(document) in led
    }
    changed: dict[object, BaselineChange] = {}
    for place, document in held.items():
        wanted = [
            change for release in releases for change in release.baseline_changes if change.document.place == place
        ]
        data = document.data
        for change in wanted:
            data = json_merge(data, change.fields)
        router = router_of(led[route_key(document)])
        own = get_list(data, router.routes_at)
        routes = router.routes_in_front(document, own, claims)
        if routes == own:
            continue
        why = "leads calls into the lanes"
        changed[place] = BaselineChange(
            document=document,
            fields=put({}, router.routes_at, routes),
            why=f"opens the lane, and {why}" if any(change.opens for change in wanted) else why,
            opens=True,
        )
    return tuple(replace(release, baseline_changes=_merged(release, changed)) for release in releases)


def rules_that_do_not_fit(releases: Sequence[Release]) -> Iterator[Diagnostic]:
    """Yield the objects of the baseline that would have more rules than one may, with those of all lanes.

    Diagnostics:
        GC572: there is such an object.
    """
    for release in releases:
        led = {route: provider_of(claim.api_version) for claim in release.lane.mesh for route in claim.routes}
        for change in release.baseline_changes:
            provider = led.get(route_key(change.document))
            most = PROVIDERS[provider].most_rules if provider is not None else 0
            count = len(get_list(change.fields, router_of(provider).routes_at)) if provider is not None and most else 0
            if count > most:
                yield at_object(
                    change.document,
                    ("metadata", "name"),
                    code="GC572",
                    message=f"`{change.document.identity.ref}` leads calls in the mesh, and would have {count} rules "
                    f"with those of all lanes: one has at most {most}",
                    help="cut the route into several of fewer rules, or take a lane offline",
                )


def _merged(release: Release, changed: Mapping[object, BaselineChange]) -> tuple[BaselineChange, ...]:
    own = {route for claim in release.lane.mesh for route in claim.routes}
    places = {change.document.place for change in release.baseline_changes}
    kept = [changed.get(change.document.place, change) for change in release.baseline_changes]
    more = [change for place, change in changed.items() if place not in places and route_key(change.document) in own]
    return (*kept, *more)
