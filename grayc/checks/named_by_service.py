"""What production has for a Service in an object of its name, the gray Service does not have."""

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.k8s.kinds import CORE
from grayc.k8s.named_by_service import NAMED_BY_SERVICE
from grayc.plan.model import ReleasePlan


def check_named_by_service(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the objects of the baseline that cover a copied Service by their own name, and not its copy.

    Diagnostics:
        GC425: the gray Service lacks what such an object gives the baseline's.
    """
    named = {
        document: (row, _service_of(document, plan, is_host=row.is_host))
        for document in plan.baseline
        if (row := NAMED_BY_SERVICE.get(document.identity.group_kind)) is not None
    }
    covered = {(document.identity.group_kind, key) for document, (_, key) in named.items()}
    found = []
    for document, (row, key) in named.items():
        gray = plan.gray_names.get(key)
        if gray is None or (document.identity.group_kind, key._replace(name=gray)) in covered:
            continue
        found.append(
            at_object(
                document,
                ("metadata", "name"),
                code="GC425",
                message=f"`{document.identity.ref}` gives Service `{key.name}` {row.gives}, by its own name; the gray "
                f"Service `{gray}` has none of it",
                help=f"write one for `{gray}` into the baseline where calls to it need that, or accept the finding",
            )
        )
    return tuple(found)


def _service_of(document: Document, plan: ReleasePlan, *, is_host: bool) -> ObjectKey:
    name, namespace = document.identity.name, plan.key_of(document.identity).namespace
    # The domain of the cluster may be any.
    parts = name.split(".", 3)
    if is_host and len(parts) > 3 and parts[2] == "svc":
        name, namespace = parts[0], parts[1]
    return ObjectKey(group_kind=(CORE, "Service"), namespace=namespace, name=name)
