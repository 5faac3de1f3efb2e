"""The containers of a service's gray workloads, by name."""

from collections.abc import Iterable

from grayc.diagnostics import Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.plan.graph import containers_of, is_workload
from grayc.plan.model import ReleasePlan


def container_names(documents: Iterable[Document], plan: ReleasePlan) -> dict[str, set[str]]:
    """Return service name → names of the containers of its gray workloads, for services that have any."""
    names: dict[str, set[str]] = {}
    for document in documents:
        if is_workload(document):
            own = names.setdefault(plan.copy_of(document).service.name, set())
            own.update(str(container.get("name")) for _, container in containers_of(document))
    return names


def unknown_containers(documents: tuple[Document, ...], plan: ReleasePlan, field: str) -> tuple[Diagnostic, ...]:
    """Return a GC410 for every container that `images` or `env` names and no workload of the service has.

    Of a service without a gray workload the plan has said so already.
    """
    known = container_names(documents, plan)
    return tuple(
        Diagnostic(
            code="GC410",
            message=f"service `{service.name}` has no container `{name}`",
            span=plan.spec.span((*service.path, field, name), key=True),
            field=f"spec.services[{service.path[-1]}].{field}.{name}",
            help=did_you_mean(name, known[service.name], noun="container"),
        )
        for service in plan.spec.services
        for name in (service.images if field == "images" else service.env)
        if service.name in known and name not in known[service.name]
    )
