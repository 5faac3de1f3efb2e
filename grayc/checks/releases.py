"""Several releases compiled as one: what no two of them may claim."""

from collections.abc import Sequence

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.plan.crossings import crossings
from grayc.plan.model import ObjectKey, ReleasePlan
from grayc.plan.selections import Selectable, SelectableIndex, pods_of


def check_releases(releases: Sequence[tuple[ReleasePlan, tuple[Document, ...]]]) -> tuple[Diagnostic, ...]:
    """Return what two releases claim at once.

    Diagnostics:
        GC601: two releases have one name, so their files would be the same.
        GC402: two releases make the same object.
        GC444: a selector of one release matches gray pods of another.
    """
    diagnostics: list[Diagnostic] = []
    names: dict[str, ReleasePlan] = {}
    objects: dict[ObjectKey, ReleasePlan] = {}
    for plan, documents in releases:
        earlier = names.setdefault(plan.spec.name, plan)
        if earlier is not plan:
            diagnostics.append(
                Diagnostic(
                    code="GC601",
                    message=f"two releases are called `{plan.spec.name}`",
                    span=plan.spec.span(("metadata", "name")),
                    field="metadata.name",
                    notes=(Note(message="the other one", span=earlier.spec.span(("metadata", "name"))),),
                    help="give each release a name of its own: it names the files",
                )
            )
            continue
        for document in documents:
            other = objects.setdefault(plan.key_of(document.identity), plan)
            if other is not plan:
                diagnostics.append(
                    Diagnostic(
                        code="GC402",
                        message=f"releases `{other.spec.name}` and `{plan.spec.name}` both make `{document.identity}`",
                        span=plan.spec.span(("spec", "tag")),
                        field="spec.tag",
                        object=document.identity.ref,
                        notes=(Note(message="the other release's tag", span=other.spec.span(("spec", "tag"))),),
                        help="give each release a tag of its own, or release the service in one of them only",
                    )
                )
    # Objects of one name select each other's pods: that is one mistake.
    return tuple(diagnostics or _crossings(releases))


def _crossings(releases: Sequence[tuple[ReleasePlan, tuple[Document, ...]]]) -> list[Diagnostic]:
    """Return the gray selectors of one release that match gray pods of another; all pods are looked through at once."""
    owners: dict[int, ReleasePlan] = {}
    pods: list[Selectable] = []
    for plan, documents in releases:
        for item in pods_of(documents, plan.key_of):
            owners[id(item.document)] = plan
            pods.append(item)
    index = SelectableIndex(pods)
    return [
        Diagnostic(
            code="GC444",
            message=f"gray `{crossing.selector.identity.ref}` of release `{plan.spec.name}` would select gray pods of "
            f"`{crossing.workload.identity.ref}` of release `{other.spec.name}`",
            span=plan.spec.span(("spec", "tag")),
            field="spec.tag",
            object=crossing.selector.identity.ref,
            notes=(Note(message="the other release's tag", span=other.spec.span(("spec", "tag"))),),
            help="give each release a tag of its own",
        )
        for plan, documents in releases
        for crossing in crossings(documents, index, plan.key_of)
        if (other := owners[id(crossing.workload)]) is not plan
    ]
