"""Report containers and variables that the release names and no gray workload has."""

from collections.abc import Iterator
from typing import Literal

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents.tree import get_list, is_mapping
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec

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
    found = (
        *_unknown_containers(plan, known, "images"),
        *_unknown_containers(plan, known, "env"),
        *_unknown_variables(plan, known),
    )
    return Checked(value=lane, diagnostics=found)


def _unknown_containers(plan: ReleasePlan, known: _Variables, field: Literal["images", "env"]) -> Iterator[Diagnostic]:
    for service in plan.spec.services:
        for name in service.images if field == "images" else service.env:
            if service.name in known and name not in known[service.name]:
                yield at_spec(
                    plan.spec,
                    (*service.path, field, name),
                    code="GC410",
                    message=f"service `{service.name}` has no container `{name}`",
                    help=did_you_mean(name, known[service.name], noun="container"),
                    key=True,
                )


def _unknown_variables(plan: ReleasePlan, known: _Variables) -> Iterator[Diagnostic]:
    for service in plan.spec.services:
        for container, changes in service.env.items():
            variables = known.get(service.name, {}).get(container)
            for variable, value in changes.items():
                if value is None and variables is not None and variable not in variables:
                    yield at_spec(
                        plan.spec,
                        (*service.path, "env", container, variable),
                        code="GC413",
                        message=f"container `{container}` has no variable `{variable}` to remove",
                        help=did_you_mean(variable, variables, noun="variable"),
                        key=True,
                    )
