"""The containers of gray workloads by name, and the places that made them what they are."""

from functools import lru_cache

from grayc.analysis.graph import containers_of
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, is_mapping
from grayc.plan.model import ReleasePlan
from grayc.source import Span


def container_named(document: Document, name: str) -> dict[str, object]:
    """Return a workload's container by name, an empty one where it has none."""
    return _by_name(document).get(name, (None, {}))[1]


@lru_cache(maxsize=4)
def _by_name(document: Document) -> dict[object, tuple[Path | None, dict[str, object]]]:
    """Return name → path and container, the first of a name; a workload is asked about each of its containers."""
    found: dict[object, tuple[Path | None, dict[str, object]]] = {}
    for path, container in containers_of(document):
        name = container.get("name")
        if isinstance(name, str):
            found.setdefault(name, (path, container))
    return found


def container_span(document: Document, plan: ReleasePlan, name: str, rest: Path) -> Span:
    """Return where a container's field stands in the baseline; where the patches do that added the container."""
    copy = plan.copy_of(document)
    path, _ = _by_name(copy.document).get(name, (None, {}))
    if path is not None:
        return copy.document.span((*path, *rest))
    return plan.spec.span((*copy.service.path, "patches"), key=True)


def variable_span(document: Document, plan: ReleasePlan, name: str, variable: str) -> Span:
    """Return where a variable is set: in the release, else in the baseline; without a name, the container's command."""
    copy = plan.copy_of(document)
    for changes in reversed(copy.service.changes):
        if variable in changes.env.get(name, {}):
            return plan.spec.span((*changes.path, "env", name, variable))
    variables = get_list(container_named(copy.document, name), ("env",))
    for at, item in enumerate(variables):
        if variable and is_mapping(item) and item.get("name") == variable:
            return container_span(document, plan, name, ("env", at))
    return container_span(document, plan, name, ("name",) if variable else ("command",))
