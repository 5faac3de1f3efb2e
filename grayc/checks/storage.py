"""Volumes of gray pods: those of their own, and those that they share with the baseline."""

from collections.abc import Iterator, Sequence

from grayc.analysis.graph import is_workload
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_text, is_mapping, matches
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import CLAIM_SOURCES, CLAIM_TEMPLATES, WORKLOADS
from grayc.plan.model import ReleasePlan

_SINGLE_WRITER = {"ReadWriteOnce": "by pods of one node", "ReadWriteOncePod": "by one pod"}
"""Access mode → who can use such a volume at a time. Source: core/v1 PersistentVolumeAccessMode."""


def check_storage(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what gray pods find on their volumes otherwise than their baseline pods do.

    Diagnostics:
        GC453: claim templates make empty volumes for gray pods.
        GC454: gray pods share a volume that one node or one pod can use at a time.
        GC455: a gray StatefulSet's `serviceName` is not copied, so its pods have no names of their own.
    Source: apps/v1 StatefulSetSpec; core/v1 PersistentVolumeClaimSpec.
    """
    kept = {
        plan.key_of(item.identity): item
        for item in plan.baseline
        if item.identity.group_kind in ((CORE, "PersistentVolumeClaim"), (CORE, "Service"))
    }
    return tuple(
        diagnostic
        for document in documents
        if is_workload(document) and plan.is_copy(document)
        for check in (_own(document), _shared(document, kept, plan), _named(document, kept, plan))
        for diagnostic in check
    )


def _own(document: Document) -> Iterator[Diagnostic]:
    path = CLAIM_TEMPLATES.get(document.identity.group_kind, ())
    templates = get_list(document.data, path) if path else []
    if templates:
        filled = [item for item in templates if any(is_mapping(get(item, ("spec", each))) for each in CLAIM_SOURCES)]
        empty = [item for item in templates if item not in filled]
        starts = [f"{_names(empty)} start empty"] if empty else []
        starts += [f"{_names(filled)} start with what their source holds"] if filled else []
        yield at_object(
            document,
            path,
            code="GC453",
            message=f"gray pods of `{document.identity.ref}` get volumes of their own: {', and '.join(starts)}",
            help="fill them before the lane takes requests, where the application needs data; the claims stay when the "
            "lane is gone, until somebody deletes them",
        )


def _names(templates: Sequence[object]) -> str:
    return ", ".join(f"`{get_text(item, ('metadata', 'name'))}`" for item in templates)


def _shared(document: Document, kept: dict[ObjectKey, Document], plan: ReleasePlan) -> Iterator[Diagnostic]:
    template = WORKLOADS[document.identity.group_kind].template
    for path, source in matches(document.data, (*template, "spec", "volumes", "[*]", "persistentVolumeClaim")):
        if not is_mapping(source) or source.get("readOnly") is True:
            continue
        key = ObjectKey(
            group_kind=(CORE, "PersistentVolumeClaim"),
            namespace=plan.key_of(document.identity).namespace,
            name=get_text(source, ("claimName",)),
        )
        claim = kept.get(key)
        modes = get_list(claim.data, ("spec", "accessModes")) if claim is not None else []
        if claim is not None and modes and all(mode in _SINGLE_WRITER for mode in modes):
            yield at_object(
                document,
                (*path, "claimName"),
                code="GC454",
                message=f"gray pods of `{document.identity.ref}` share `{claim.identity.ref}` with the baseline, which "
                f"can be used {_SINGLE_WRITER[str(modes[0])]} at a time",
                notes=(Note(message=f"it is {modes[0]}", span=claim.span(("spec", "accessModes"))),),
                help="gray pods may wait for it for ever, or write beside the baseline: give them a volume of their "
                "own with a patch, mount it with `readOnly: true`, or accept the finding",
            )


def _named(document: Document, kept: dict[ObjectKey, Document], plan: ReleasePlan) -> Iterator[Diagnostic]:
    path = ("spec", "serviceName")
    name = get_text(document.data, path) if document.identity.kind == "StatefulSet" else ""
    # A copied Service has its gray name here by now.
    key = ObjectKey(group_kind=(CORE, "Service"), namespace=plan.key_of(document.identity).namespace, name=name)
    service = kept.get(key) if name else None
    if service is not None:
        yield at_object(
            document,
            path,
            code="GC455",
            message=f"pods of gray `{document.identity.ref}` have no DNS names of their own: its Service `{name}` "
            "stays the baseline's, which does not select them",
            notes=(Note(message="the Service", span=service.span(("metadata", "name"))),),
            help=f"let service `{plan.copy_of(document).service.name}` take `Service/{name}` too, where peers look for "
            "each other by name; or accept the finding",
        )
