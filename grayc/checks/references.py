"""Every name in the lane leads somewhere, and no name of the baseline leads into the lane.

A name that a gray copy has from its baseline is taken to lead somewhere: production runs with it, in the same
namespace, whether or not the object stands in the files (a Secret seldom does). A name that the release brings in has
no such proof. `optional: true`, hosts and URLs may lead nowhere.
"""

from collections.abc import Iterator

from grayc.analysis.attachments import names_of
from grayc.analysis.graph import Reference, references_of
from grayc.analysis.made import made_objects
from grayc.diagnostics import Diagnostic, Note, did_you_mean
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.locate import locate
from grayc.documents.tree import get, show_path
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.kinds import CLUSTER_SCOPED
from grayc.k8s.makers import IN_EVERY_NAMESPACE
from grayc.k8s.references import Form
from grayc.plan.model import Copy, ReleasePlan
from grayc.source import Span


def check_references(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return names that the release brings in and nothing has, and baseline objects that name gray ones.

    Diagnostics:
        GC460: a patch names an object that is neither in the baseline nor in the lane.
        GC461: an object of the baseline names one of the lane.
    """
    gray = {plan.key_of(document.identity): document for document in documents}
    return (*_dangling(documents, gray, plan), *_into_the_lane(gray, plan))


def _dangling(
    documents: tuple[Document, ...], gray: dict[ObjectKey, Document], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    copies = {copy.document.place: copy for copy in plan.copies if plan.patches.get(copy.service.name)}
    baseline: set[ObjectKey] | None = None
    for document in documents:
        copy = copies.get(document.place)
        if copy is None:
            continue
        had = {reference.target for reference in references_of(copy.document, plan.spec)}
        found = [item for item in references_of(document, plan.spec) if item.target not in had]
        found = [item for item in found if item.target not in gray and not _may_lead_nowhere(document, item)]
        if found and baseline is None:
            baseline = {plan.key_of(other.identity) for other in plan.baseline}
        for reference in found:
            if baseline is None or reference.target in baseline:
                continue
            if made_objects(plan.baseline, plan.spec).maker_of(reference.target) is None:
                yield _leads_nowhere(document, copy, reference, baseline | set(plan.gray_names), plan)


def _may_lead_nowhere(document: Document, reference: Reference) -> bool:
    target = reference.target
    return (
        get(document.data, (*reference.path[:-1], "optional")) is True
        or reference.row.form in (Form.HOST, Form.URL)
        or target.group_kind in CLUSTER_SCOPED
        or (target.group_kind, target.name) in IN_EVERY_NAMESPACE
    )


def _leads_nowhere(
    document: Document, copy: Copy, reference: Reference, known: set[ObjectKey], plan: ReleasePlan
) -> Diagnostic:
    target = reference.target
    kind = target.group_kind[1]
    names = sorted(
        key.name for key in known if key.group_kind == target.group_kind and key.namespace == target.namespace
    )
    span, origin = _patch_of(copy, target.name, plan)
    return Diagnostic(
        code="GC460",
        message=f"a patch lets `{copy.document.identity.ref}` name {kind} `{target.name}`, which the baseline does not "
        "have",
        span=span,
        field=origin,
        object=document.identity.ref,
        notes=(
            Note(message=f"the patched object, at `{show_path(reference.path)}`", span=copy.document.span(("kind",))),
        ),
        help=did_you_mean(target.name, names, noun=kind)
        + "; where it is in the cluster and not in the files, accept the finding with `spec.accept`",
    )


def _patch_of(copy: Copy, name: str, plan: ReleasePlan) -> tuple[Span, str]:
    """Return where a patch of the copy's service writes a name, and the field of the release."""
    for patch in plan.patches[copy.service.name]:
        content = patch.merge if patch.merge is not None else list(patch.operations or ())
        for path in _places(content, name, ()):
            return locate(patch.chunk, (*patch.root, *path)), show_path(patch.target.path[:-1])
    path = (*copy.service.path, "patches")
    return plan.spec.span(path, key=True), show_path(path)


def _places(value: object, name: str, path: Path) -> Iterator[Path]:
    if value == name:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, name, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _places(item, name, (*path, at))


def _into_the_lane(gray: dict[ObjectKey, Document], plan: ReleasePlan) -> Iterator[Diagnostic]:
    suffix = plan.spec.suffix
    # Few baselines hold the suffix at all, and reading every reference of every object again takes its time. The items
    # of a List share one text.
    texts = {document.chunk for document in plan.baseline}
    opened = {entry.document.place for entry in plan.entries if GATEWAYS[entry.gateway].opens_baseline}
    suspects = {chunk for chunk in texts if suffix in chunk.text}
    for document in plan.baseline:
        if document.chunk not in suspects:
            continue
        # What is attached to a gray object, as a policy that people wrote for it, production does not depend on.
        attached = {name.path for name in names_of(document, plan.spec)}
        for reference in references_of(document, plan.spec):
            named = gray.get(reference.target)
            if named is not None and reference.path not in attached:
                yield at_object(
                    document,
                    reference.path,
                    code="GC461",
                    message=f"baseline `{document.identity.ref}` names `{named.identity.ref}`, an object of the lane",
                    help="keep the lane's routes out of the files that `spec.baseline` names: `--baseline-patch` says "
                    "how to put them over the object"
                    if document.place in opened
                    else "name the baseline's object: the lane's is gone when the release goes offline",
                )
