"""Names, ports and volumes that only one of two can have: what gray copies are called instead, and what they lack."""

from collections.abc import Iterator

from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.identities import Found, identities_of, is_tracked_on
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.identities import Deed
from grayc.k8s.pod_templates import CLAIM_TEMPLATES, WORKLOADS
from grayc.k8s.server_fields import TRACKING_LABEL
from grayc.plan.model import ReleasePlan


def check_identities(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what gray copies are known by otherwise than their baseline objects, and what both would have.

    Diagnostics:
        GC465: a copy keeps a label by which Argo CD may know it for production's.
        GC466: a copy is called otherwise, and something goes by that name.
        GC467: a copy leaves off or renames what a controller knows production by.
        GC468: gray pods want an address, a port or a volume that production has.
    Source: the table of `k8s.identities`; core/v1 ContainerPort, PodSpec, PersistentVolumeClaimSpec.
    """
    return tuple(
        diagnostic
        for document in documents
        if plan.is_copy(document)
        for check in (_tracked(document, plan), _named(document, plan), _of_node(document), _volumes(document, plan))
        for diagnostic in check
    )


def _tracked(document: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    path: Path = ("metadata", "labels", TRACKING_LABEL)
    baseline = plan.copy_of(document).document
    if is_tracked_on(baseline, plan) and get(document.data, path) == get(baseline.data, path):
        yield at_object(
            document,
            path,
            code="GC465",
            message=f"the gray copy of `{document.origin.ref}` keeps `{TRACKING_LABEL}`, which a selector of the "
            "baseline asks for",
            help="nothing to do unless Argo CD tracks by this label (`application.resourceTrackingMethod: label`): it "
            "then takes the copy for production's and prunes it; select by another label, or track by annotation",
        )


def _named(document: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    for found in identities_of(plan.copy_of(document).document):
        row, key = found.row, str(found.path[-1])
        gray = get(document.data, found.path)
        subject = f"`{key}: {_short(found.value)}`"
        if gray == found.value:
            # A row that is renamed or left off stands there again by a patch.
            yield at_object(
                document,
                found.path,
                code="GC468",
                message=f"the gray copy of `{document.origin.ref}` has {subject} of {row.owner}, as production has: "
                f"{row.effect}",
                names=(key, found.value),
                help="give the copy another value, or none, with a patch; or accept the finding with `spec.accept`",
            )
        elif row.deed is Deed.RENAME and isinstance(gray, str) and gray != found.value:
            yield _renamed(document, found, gray, plan)
        elif row.deed is Deed.DROP and gray is None:
            yield at_object(
                document,
                found.path,
                code="GC467",
                message=f"the gray copy of `{document.origin.ref}` has no {subject} of {row.owner}: {row.effect}",
                names=(key, found.value),
                help="nothing to do; where the copy needs one of its own, write it with a patch",
            )


def _renamed(document: Document, found: Found, gray: str, plan: ReleasePlan) -> Diagnostic:
    row, key = found.row, str(found.path[-1])
    message = f"the gray copy of `{document.origin.ref}` is `{gray}` to {row.owner}, not `{found.value}`: {row.effect}"
    if not row.after:
        return at_object(
            document,
            found.path,
            code="GC467",
            message=message,
            names=(key, found.value, gray),
            help="nothing to do; who asks for production's name gets production",
        )
    return at_object(
        document,
        found.path,
        code="GC466",
        message=message,
        notes=tuple(_named_by(found, plan)),
        names=(key, found.value, gray),
        help=f"{row.after} go by the name: see that the lane can do without production's, give it what it needs under "
        f"its own name, and accept the finding with `spec.accept`; or set `{key}` with a patch",
    )


def _named_by(found: Found, plan: ReleasePlan) -> Iterator[Note]:
    """Yield the objects of who reads a name that have it: they do not hold for the gray one."""
    if not found.row.group:
        return
    for other in plan.baseline:
        if other.identity.group_kind[0] == found.row.group:
            for path in _places(other.data, found.value, ()):
                yield note_at(other, path, f"`{other.identity.ref}` names `{found.value}`, not the gray one")
                break


def _places(value: object, text: str, path: Path) -> Iterator[Path]:
    if is_mapping(value):
        for key, item in value.items():
            if path or key != "metadata":
                yield from _places(item, text, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _places(item, text, (*path, at))
    elif value == text:
        yield path


def _of_node(document: Document) -> Iterator[Diagnostic]:
    """Yield what gray pods take of a node that a pod of the baseline has taken."""
    if not is_workload(document):
        return
    spec: Path = (*WORKLOADS[document.identity.group_kind].template, "spec")
    on_host = get(document.data, (*spec, "hostNetwork")) is True
    ports: list[tuple[Path, object]] = []
    for place, container in containers_of(document):
        for at, port in enumerate(get_list(container, ("ports",))):
            field = "containerPort" if on_host and get(port, ("hostPort",)) is None else "hostPort"
            number = get(port, (field,))
            if number is not None and (on_host or number != 0):
                ports.append(((*place, "ports", at, field), number))
    if not ports and not on_host:
        return
    numbers = ", ".join(str(number) for _, number in ports) or "whatever it listens on"
    words = "`hostNetwork`" if on_host else "`hostPort`"
    yield at_object(
        document,
        (*spec, "hostNetwork") if on_host else ports[0][0],
        code="GC468",
        message=f"gray pods of `{document.origin.ref}` take ports of their node ({words}: {numbers}), which no pod of "
        "the baseline may have there",
        notes=tuple(note_at(document, path, f"`{words.strip('`')}` {number}") for path, number in ports[not on_host :]),
        help="have a node for each gray pod on which no pod of the baseline runs, else it stays `Pending` or ends when "
        "it cannot listen; or give gray pods other ports, or none, with a patch; or accept the finding with "
        "`spec.accept`",
    )


def _volumes(document: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    claims = CLAIM_TEMPLATES.get(document.identity.group_kind, ())
    baseline = plan.copy_of(document).document
    for at, template in enumerate(get_list(baseline.data, claims) if claims else ()):
        name = get_text(template, ("metadata", "name"))
        volume = get_text(template, ("spec", "volumeName"))
        path: Path = (*claims, at, "spec")
        if volume and not get_text(document.data, (*path, "volumeName")):
            yield at_object(
                document,
                (*path, "volumeName"),
                code="GC467",
                message=f"claim `{name}` of gray pods of `{document.origin.ref}` asks for no `volumeName`: "
                f"`{volume}` is production's, and a volume has one claim",
                names=(name, volume),
                help="nothing to do where the storage class makes volumes; else name one for gray pods with a patch",
            )
        if get_map(document.data, (*path, "selector")):
            yield at_object(
                document,
                (*path, "selector"),
                code="GC468",
                message=f"claim `{name}` of gray pods of `{document.origin.ref}` looks for a volume by labels, as "
                "production's does: a volume has one claim",
                names=(name,),
                help="have a free volume with these labels for each gray pod, or it waits for ever; or drop the "
                "selector with a patch; or accept the finding with `spec.accept`",
            )


def _short(value: str) -> str:
    """Return a value in one line of bearable length."""
    line = " ".join(value.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
