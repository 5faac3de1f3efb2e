"""Give a lane consumer groups, subscriptions, queues and executor labels of its own, where the release asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from grayc.analysis.agents import drops_options, image_name, variable_of
from grayc.analysis.work import (
    LABELLING_MODES,
    ServiceWork,
    Work,
    gives_by_config,
    has_work_to_write,
    labels_of_baseline,
    names_of_baseline,
    service_at,
)
from grayc.diagnostics import Checked
from grayc.documents import Path
from grayc.documents.tree import get_list, get_text, put
from grayc.k8s.mse_agent import NO_JVM, OPTIONS_VARIABLE
from grayc.k8s.queues import LABELLING, Labelling, Role, is_own, label_option, own_name
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace
from grayc.spec.model import ServiceSpec, WorkMode

_Place = tuple[str, int, Path]


@dataclass(frozen=True, slots=True)
class _Edit:
    """Other letters for a part of a text."""

    path: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable for a container, or an option behind those that it has."""

    container: Path
    name: str
    value: str


def own_work(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Write `<name>-<tag>` for every name by which gray copies of services with `work: own` would take messages.

    Variables, options, configuration and triggers of scalers are written, each where it stands; transactional ids of
    producers for every value of `work`. Job executors get the
    tag as their label: where production's have one, else as a variable or an option of the JVM. An address under which
    a scheduler would call production's pods follows the gray Service, with `work: shared` too. What the release has
    given a name of the lane itself stays so. What cannot be written is reported by `check_work`.
    Source: release language, `spec.services[].work`.
    """
    if not has_work_to_write(plan.spec):
        return Checked(value=lane)
    found = ServiceWork(lane.copied, plan)
    edits: dict[_Place, list[_Edit]] = {}
    variables: dict[_Place, list[_Variable]] = {}
    works = found.works()
    for place, edit in (*_names(works, plan), *_addresses(works, plan), *_labels(found, plan)):
        edits.setdefault(place, []).append(edit)
    for place, variable in _new_labels(found, plan):
        variables.setdefault(place, []).append(variable)
    copies = []
    for gray in lane.copies:
        place = gray.document.place
        data = _edited(gray.document.data, edits.get(place, ()))
        for each in dict.fromkeys(variables.get(place, ())):
            data = _with_variable(data, each)
        is_same = data is gray.document.data
        copies.append(gray if is_same else replace(gray, document=replace(gray.document, data=data)))
    return Checked(value=replace(lane, copies=tuple(copies)))


def _names(works: Sequence[Work], plan: ReleasePlan) -> Iterator[tuple[_Place, _Edit]]:
    """Yield the names of groups, subscriptions and queues as the lane's own."""
    production = names_of_baseline(plan)
    for work in works:
        # Two producers of one transactional id shut each other out, whatever the lane does with messages.
        is_asked = work.service.work is WorkMode.OWN or (work.service.work and work.role is Role.TRANSACTION)
        is_wanted = is_asked and work.is_named and not work.obstacle and not work.is_given
        is_done = is_own(work.name, plan.spec.tag) and (work.service.name, work.name) not in production
        if is_wanted and not is_done:
            yield work.document.place, _Edit(work.path, work.start, work.end, own_name(work.name, plan.spec.tag))


def _addresses(works: Sequence[Work], plan: ReleasePlan) -> Iterator[tuple[_Place, _Edit]]:
    """Yield the gray Services of addresses under which executors register."""
    for work in works:
        is_wanted = work.role is Role.ADDRESS and work.service.work in (*LABELLING_MODES, WorkMode.SHARED)
        service = service_at(work, plan) if is_wanted and not work.obstacle and not work.is_given else None
        if service is not None:
            start, end, gray = service
            yield work.document.place, _Edit(work.path, start, end, gray)


def _labels(found: ServiceWork, plan: ReleasePlan) -> Iterator[tuple[_Place, _Edit]]:
    """Yield the tag for each label that production's executors have; one of the release's own stays."""
    production = labels_of_baseline(plan)
    for service in _owning(plan):
        for label in found.labels_of(service):
            is_production = (service.name, label.product, label.value) in production
            if is_production and label.is_writable and not label.is_given and label.value != plan.spec.tag:
                setting = label.setting
                yield setting.document.place, _Edit(setting.path, setting.start, setting.end, plan.spec.tag)


def _new_labels(found: ServiceWork, plan: ReleasePlan) -> Iterator[tuple[_Place, _Variable]]:
    """Yield a label for the executors that have none."""
    for service in _owning(plan):
        labelled = {label.product for label in found.labels_of(service)}
        for work in found.works_of(service):
            if work.role is not Role.EXECUTOR or work.product in labelled:
                continue
            row = LABELLING[work.product]
            for document, place, container in found.containers_reading(work):
                variable = _label_variable(row, container, plan.spec.tag)
                if variable is not None and not gives_by_config(found, service, document, place, variable[0]):
                    yield document.place, _Variable(place, *variable)


def _label_variable(row: Labelling, container: dict[str, object], tag: str) -> tuple[str, str] | None:
    """Return the variable that gives a label, None where the container's JVM would not see it."""
    if row.variable:
        return row.variable, tag
    known = variable_of(container, OPTIONS_VARIABLE)
    is_lost = known is not None and not isinstance(known.get("value"), str)
    if is_lost or drops_options(container) or image_name(container) in NO_JVM:
        return None
    return OPTIONS_VARIABLE, label_option(row, tag)


def _owning(plan: ReleasePlan) -> tuple[ServiceSpec, ...]:
    return tuple(service for service in plan.spec.services if service.work in LABELLING_MODES)


def _edited(data: dict[str, object], edits: Iterable[_Edit]) -> dict[str, object]:
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (str(edit.path), edit.start))
    for path, found in groupby(ordered, key=lambda edit: edit.path):
        data = put(data, path, _written(get_text(data, path), tuple(found)))
    return data


def _written(text: str, edits: Sequence[_Edit]) -> str:
    """Return a text with several edits, in order of place."""
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join((*parts, text[at:]))


def _with_variable(data: dict[str, object], variable: _Variable) -> dict[str, object]:
    """Return an object with a container's variable; options are put behind those that it has."""
    path = (*variable.container, "env")
    env = get_list(data, path)
    for at in range(len(env) - 1, -1, -1):
        if get_text(env, (at, "name")) == variable.name:
            before = get_text(env, (at, "value"))
            value = f"{before} {variable.value}".strip() if variable.name == OPTIONS_VARIABLE else variable.value
            return put(data, (*path, at, "value"), value)
    return put(data, path, [*env, {"name": variable.name, "value": variable.value}])
