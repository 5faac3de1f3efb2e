"""Add, replace and remove variables of gray containers."""

from collections.abc import Mapping
from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.documents.tree import drop, get_list, is_mapping, put
from grayc.passes.containers import unknown_containers
from grayc.plan.graph import containers_of, is_workload
from grayc.plan.model import ReleasePlan


def set_env(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set the variables that the release names: new ones come last, null removes. Twice changes nothing more.

    A variable that the baseline takes from a ConfigMap or Secret becomes the plain value.

    Diagnostics:
        GC410: no workload of the service has the container.
        GC413: a variable to remove that no such container has.
    Source: core/v1 Container, `env`; of two variables with one name the later counts.
    """
    result: list[Document] = []
    removed: set[tuple[str, str, str]] = set()
    seen: dict[tuple[str, str], set[str]] = {}
    for document in documents:
        service = plan.copy_of(document).service if is_workload(document) else None
        data = document.data
        if service is not None and service.env:
            for path, container in containers_of(document):
                name = str(container.get("name"))
                changes = service.env.get(name)
                if not changes:
                    continue
                before = get_list(container, ("env",))
                names = {str(entry.get("name")) for entry in before if is_mapping(entry)}
                seen.setdefault((service.name, name), set()).update(names)
                removed |= {(service.name, name, variable) for variable in names if variable in changes}
                env = _changed(before, changes)
                data = put(data, (*path, "env"), env) if env else drop(data, (*path, "env"))
        result.append(replace(document, data=data) if data is not document.data else document)
    diagnostics = [
        Diagnostic(
            code="GC413",
            message=f"container `{container}` has no variable `{variable}` to remove",
            span=plan.spec.span((*service.path, "env", container, variable), key=True),
            field=f"spec.services[{service.path[-1]}].env.{container}.{variable}",
            help=did_you_mean(variable, seen[(service.name, container)], noun="variable"),
        )
        for service in plan.spec.services
        for container, changes in service.env.items()
        for variable, value in changes.items()
        if value is None and (service.name, container) in seen and (service.name, container, variable) not in removed
    ]
    return Checked(value=tuple(result), diagnostics=(*unknown_containers(documents, plan, "env"), *diagnostics))


def _changed(before: list[object], changes: Mapping[str, str | None]) -> list[object]:
    env: list[object] = []
    present: set[str] = set()
    for entry in before:
        name = str(entry.get("name")) if is_mapping(entry) else ""
        if name in changes:
            value = changes[name]
            if value is not None and name not in present:
                env.append({"name": name, "value": value})
            present.add(name)
        else:
            env.append(entry)
    env += [
        {"name": name, "value": value} for name, value in changes.items() if value is not None and name not in present
    ]
    return env
