"""Give a lane consumer groups, subscriptions and queues of its own, where the release asks for it."""

from dataclasses import replace

from grayc.analysis.work import ServiceWork, Work, has_own_work, names_of_baseline
from grayc.diagnostics import Checked
from grayc.documents import Path
from grayc.documents.tree import get_text, put
from grayc.k8s.queues import is_own, own_name
from grayc.passes.model import Lane
from grayc.plan.model import ReleasePlan
from grayc.spec.model import WorkMode


def own_work(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Write `<name>-<tag>` for every name by which gray copies of services with `work: own` would take messages.

    Variables, options, configuration and triggers of scalers are written, each where it stands. What the release has
    given a name of the lane itself stays so. What can not be written is told by `check_work`.
    Source: release language, `spec.services[].work`.
    """
    if not has_own_work(plan.spec):
        return Checked(value=lane)
    production = names_of_baseline(plan)
    edits: dict[tuple[str, int, Path], list[Work]] = {}
    for work in ServiceWork(lane.copied, plan).works():
        is_wanted = work.service.work is WorkMode.OWN and work.is_named and not work.obstacle and not work.is_given
        is_done = is_own(work.name, plan.spec.tag) and (work.service.name, work.name) not in production
        if is_wanted and not is_done:
            edits.setdefault(work.document.place, []).append(work)
    copies = []
    for gray in lane.copies:
        data = gray.document.data
        # From the end: of several names in one text, the first ones keep their places.
        for work in sorted(edits.get(gray.document.place, ()), key=lambda work: -work.start):
            text = get_text(data, work.path)
            data = put(data, work.path, text[: work.start] + own_name(work.name, plan.spec.tag) + text[work.end :])
        is_same = data is gray.document.data
        copies.append(gray if is_same else replace(gray, document=replace(gray.document, data=data)))
    return Checked(value=replace(lane, copies=tuple(copies)))
