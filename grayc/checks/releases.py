"""Several releases compiled as one: what no two of them may claim."""

from collections.abc import Iterator, Mapping, Sequence

from grayc.analysis.crossings import Crossing, crossings
from grayc.analysis.lanes import KnownLane
from grayc.analysis.selections import Selectable, SelectableIndex, pods_of
from grayc.diagnostics import Diagnostic, Note, shell
from grayc.documents import Document, ObjectKey
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec

_Release = tuple[ReleasePlan, tuple[Document, ...]]


def check_releases(lanes: Sequence[KnownLane]) -> tuple[Diagnostic, ...]:
    """Return what two lanes claim at once, at least one of which this run makes.

    Diagnostics:
        GC601: two releases have one name, so their files would be the same.
        GC402: two releases make the same object.
        GC444: a selector of one release matches gray pods of another, or pods of a baseline that only another reads.
        GC441: a selector of a baseline that only another release reads matches gray pods.
    """
    diagnostics: list[Diagnostic] = []
    names: dict[str, ReleasePlan] = {}
    objects: dict[ObjectKey, KnownLane] = {
        document.identity.key: lane for lane in lanes if lane.plan is None for document in lane.documents
    }
    for lane in lanes:
        plan = lane.plan
        if plan is None:
            continue
        earlier = names.setdefault(plan.spec.name, plan)
        if earlier is not plan:
            diagnostics.append(
                at_spec(
                    plan.spec,
                    ("metadata", "name"),
                    code="GC601",
                    message=f"two releases are called `{plan.spec.name}`",
                    notes=(Note(message="the other one", span=earlier.spec.span(("metadata", "name"))),),
                    help="give each release a name of its own: it names the files",
                )
            )
            continue
        told: set[str] = set()
        for document in lane.documents:
            other = objects.setdefault(plan.key_of(document.identity), lane)
            if other.plan is None:
                # Whoever renamed a release made all of its objects twice: that is one mistake.
                if other.name not in told:
                    diagnostics.append(_held_already(document, plan, other))
                told.add(other.name)
            elif other is not lane:
                diagnostics.append(
                    at_spec(
                        plan.spec,
                        ("spec", "tag"),
                        code="GC402",
                        message=f"releases `{other.name}` and `{plan.spec.name}` both make `{document.identity}`",
                        object=document.identity.ref,
                        notes=(Note(message="the other release's tag", span=other.plan.spec.span(("spec", "tag"))),),
                        help="give each release a tag of its own, or release the service in one of them only",
                    )
                )
    # Objects of one name select each other's pods: that is one mistake.
    return tuple(diagnostics or _crossings(lanes))


def _held_already(document: Document, plan: ReleasePlan, other: KnownLane) -> Diagnostic:
    """Return that a release in a folder makes an object of one of this run: the last that is applied wins."""
    spec, identity = plan.spec, document.identity
    command = shell.command("grayc", "offline", f"--tag={other.tag}", f"--output={other.folder}")
    return at_spec(
        spec,
        ("metadata", "name"),
        code="GC402",
        message=f"release `{other.name}`, which `{other.folder}` holds, and `{spec.name}` both make `{identity}`",
        object=identity.ref,
        help=f"if `{other.name}` is now called `{spec.name}`, take its files out with `{command}` "
        f"and build again; if a service has moved, build `{other.name}` without it "
        "first; else give each release a tag of its own",
    )


def _crossings(lanes: Sequence[KnownLane]) -> list[Diagnostic]:
    """Return the selectors that match pods of another lane; all pods are looked through at once."""
    if len(lanes) < 2:
        return []
    owners: dict[int, KnownLane] = {}
    pods: list[Selectable] = []
    ours: list[Selectable] = []
    for lane in lanes:
        for item in pods_of(lane.documents):
            owners[id(item.document)] = lane
            pods.append(item)
            if lane.plan is not None:
                ours.append(item)
    index_of_ours = SelectableIndex(ours)
    index = index_of_ours if len(ours) == len(pods) else SelectableIndex(pods)
    between = [
        _between(crossing, lane, other)
        for lane in lanes
        # Lanes that folders hold were held against each other when they were built.
        for crossing in crossings(lane.documents, index if lane.plan is not None else index_of_ours)
        if (other := owners[id(crossing.workload)]) is not lane
    ]
    releases = [(lane.plan, lane.documents) for lane in lanes if lane.plan is not None]
    plans = {place: lane.plan for place, lane in owners.items() if lane.plan is not None}
    return [*between, *_beyond_the_baseline(releases, index_of_ours, plans)]


def _between(crossing: Crossing, lane: KnownLane, other: KnownLane) -> Diagnostic:
    ours, theirs = (lane, other) if lane.plan is not None else (other, lane)
    assert ours.plan is not None, "one of them is of this run"
    span = theirs.plan.spec.span(("spec", "tag")) if theirs.plan is not None else None
    note = "the other release's tag" if theirs.plan is not None else f"`{theirs.folder}` holds `{theirs.name}`"
    return at_spec(
        ours.plan.spec,
        ("spec", "tag"),
        code="GC444",
        message=f"gray `{crossing.selector.identity.ref}` of release `{lane.name}` would select gray pods of "
        f"`{crossing.workload.identity.ref}` of release `{other.name}`",
        object=crossing.selector.identity.ref,
        notes=(Note(message=note, span=span),),
        help="give each release a tag of its own",
    )


def _beyond_the_baseline(
    releases: Sequence[_Release], index: SelectableIndex, owners: Mapping[int, ReleasePlan]
) -> Iterator[Diagnostic]:
    """Yield what crosses between the gray side of one release and what the baseline of another alone holds."""
    reads = [{plan.key_of(document.identity) for document in plan.baseline} for plan, _ in releases]
    everywhere = set.intersection(*reads)
    position = {id(plan): at for at, (plan, _) in enumerate(releases)}
    seen: set[ObjectKey] = set()
    for plan, _ in releases:
        alone = []
        for document in plan.baseline:
            key = plan.key_of(document.identity)
            if key not in everywhere and key not in seen:
                seen.add(key)
                alone.append(document)
        for crossing in crossings(tuple(alone), index):
            other = owners[id(crossing.workload)]
            if plan.key_of(crossing.selector.identity) not in reads[position[id(other)]]:
                yield _not_in_baseline(crossing, other, production=crossing.selector)
        theirs = SelectableIndex(pods_of(alone))
        for at, (other, made) in enumerate(releases if alone else ()):
            for crossing in crossings(made, theirs):
                if plan.key_of(crossing.workload.identity) not in reads[at]:
                    yield _not_in_baseline(crossing, other, production=crossing.workload)


def _not_in_baseline(crossing: Crossing, release: ReleasePlan, *, production: Document) -> Diagnostic:
    selector, workload = crossing.selector.identity, crossing.workload.identity
    catches_gray = production is crossing.selector
    sides = ("baseline", "gray") if catches_gray else ("gray", "baseline")
    return Diagnostic(
        code="GC441" if catches_gray else "GC444",
        message=f"{sides[0]} `{selector.ref}` would select {sides[1]} pods of `{workload.ref}`; "
        f"`spec.baseline` of release `{release.spec.name}` does not hold `{production.identity.ref}`",
        span=production.span(("metadata", "name")),
        object=selector.ref,
        notes=(Note(message="the release", span=release.spec.span(("metadata", "name"))),),
        help="read the whole of production in `spec.baseline` of each release, so that its lane is kept apart from it",
    )
