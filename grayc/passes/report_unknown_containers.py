"""Report containers and variables that the release names and no gray workload has."""

from collections.abc import Iterator

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Path
from grayc.documents.tree import get_list, is_mapping
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec

_Variables = dict[str, dict[str, set[str]]]
"""Service → container → the names of its variables, in the baseline; of services with a workload in the lane."""


def report_unknown_containers(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane as it is, and what of `images` and `env` no workload of the service can take.

    Workloads are looked at as the baseline has them: what a patch brings, the patch can set itself. Of a service
    without a gray workload the plan has reported already.

    Diagnostics:
        GC410: no workload of the service has the container.
        GC413: a variable to remove that no such container has.
    """
    known: _Variables = {}
    for copy in plan.copies:
        if is_workload(copy.document):
            containers = known.setdefault(copy.service.name, {})
            for _, container in containers_of(copy.document):
                names = containers.setdefault(str(container.get("name")), set())
                names.update(str(item.get("name")) for item in get_list(container, ("env",)) if is_mapping(item))
    found = (*_unknown_containers(plan, known), *_unknown_variables(plan, known))
    return Checked(value=lane, diagnostics=found)


def _unknown_containers(plan: ReleasePlan, known: _Variables) -> Iterator[Diagnostic]:
    images = [
        (service, (*service.path, "images", name), name) for service in plan.spec.services for name in service.images
    ]
    variables = [
        (service, (*changes.path, "env", name), name)
        for service in plan.spec.services
        for changes in service.changes
        for name in changes.env
    ]
    for service, path, name in (*images, *variables):
        if service.name in known and name not in known[service.name]:
            yield at_spec(
                plan.spec,
                path,
                code="GC410",
                message=f"service `{service.name}` has no container `{name}`",
                help=did_you_mean(name, known[service.name], noun="container"),
                key=True,
            )


def _unknown_variables(plan: ReleasePlan, known: _Variables) -> Iterator[Diagnostic]:
    removed = (
        (service, (*changes.path, "env", container, variable), container, variable)
        for service in plan.spec.services
        for changes in service.changes
        for container, wanted in changes.env.items()
        for variable, value in wanted.items()
        if value is None
    )
    for service, path, container, variable in removed:
        variables = known.get(service.name, {}).get(container)
        # What `env` has set, `laneOnly` may remove.
        if variables is not None and variable not in variables and not _is_set(service, path, container, variable):
            yield at_spec(
                plan.spec,
                path,
                code="GC413",
                message=f"container `{container}` has no variable `{variable}` to remove",
                help=did_you_mean(variable, variables, noun="variable"),
                key=True,
            )


def _is_set(service: ServiceSpec, path: Path, container: str, variable: str) -> bool:
    """Tell whether `env` sets what another field, applied after it, removes."""
    is_own = path[: len(service.path) + 1] == (*service.path, "env")
    return not is_own and service.env.get(container, {}).get(variable) is not None
