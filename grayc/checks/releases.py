"""Several releases compiled as one: what no two of them may claim."""

from collections.abc import Iterator, Mapping, Sequence

from grayc.analysis.crossings import Crossing, crossings
from grayc.analysis.selections import Selectable, SelectableIndex, pods_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec

Release = tuple[ReleasePlan, tuple[Document, ...]]
"""A plan and the gray documents that were made of it."""


def check_releases(releases: Sequence[Release]) -> tuple[Diagnostic, ...]:
    """Return what two releases claim at once.

    Diagnostics:
        GC601: two releases have one name, so their files would be the same.
        GC402: two releases make the same object.
        GC444: a selector of one release matches gray pods of another, or pods of a baseline that only another reads.
        GC441: a selector of a baseline that only another release reads matches gray pods.
    """
    diagnostics: list[Diagnostic] = []
    names: dict[str, ReleasePlan] = {}
    objects: dict[ObjectKey, ReleasePlan] = {}
    for plan, documents in releases:
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
        for document in documents:
            other = objects.setdefault(plan.key_of(document.identity), plan)
            if other is not plan:
                diagnostics.append(
                    at_spec(
                        plan.spec,
                        ("spec", "tag"),
                        code="GC402",
                        message=f"releases `{other.spec.name}` and `{plan.spec.name}` both make `{document.identity}`",
                        object=document.identity.ref,
                        notes=(Note(message="the other release's tag", span=other.spec.span(("spec", "tag"))),),
                        help="give each release a tag of its own, or release the service in one of them only",
                    )
                )
    # Objects of one name select each other's pods: that is one mistake.
    return tuple(diagnostics or _crossings(releases))


def _crossings(releases: Sequence[Release]) -> list[Diagnostic]:
    """Return the selectors that match pods of another release; all pods are looked through at once."""
    if len(releases) < 2:
        return []
    owners: dict[int, ReleasePlan] = {}
    pods: list[Selectable] = []
    for plan, documents in releases:
        for item in pods_of(documents, plan.key_of):
            owners[id(item.document)] = plan
            pods.append(item)
    index = SelectableIndex(pods)
    between = [
        at_spec(
            plan.spec,
            ("spec", "tag"),
            code="GC444",
            message=f"gray `{crossing.selector.identity.ref}` of release `{plan.spec.name}` would select gray pods of "
            f"`{crossing.workload.identity.ref}` of release `{other.spec.name}`",
            object=crossing.selector.identity.ref,
            notes=(Note(message="the other release's tag", span=other.spec.span(("spec", "tag"))),),
            help="give each release a tag of its own",
        )
        for plan, documents in releases
        for crossing in crossings(documents, index, plan.key_of)
        if (other := owners[id(crossing.workload)]) is not plan
    ]
    return [*between, *_beyond_the_baseline(releases, index, owners)]


def _beyond_the_baseline(
    releases: Sequence[Release], index: SelectableIndex, owners: Mapping[int, ReleasePlan]
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
        for crossing in crossings(alone, index, plan.key_of):
            other = owners[id(crossing.workload)]
            if plan.key_of(crossing.selector.identity) not in reads[position[id(other)]]:
                yield _not_in_baseline(crossing, other, production=crossing.selector)
        theirs = SelectableIndex(pods_of(alone, plan.key_of))
        for at, (other, made) in enumerate(releases if alone else ()):
            for crossing in crossings(made, theirs, other.key_of):
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
