"""Give a lane consumer groups, subscriptions and queues of its own, where the release asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

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
    for works in edits.values():
        works.sort(key=lambda work: (str(work.path), work.start))
    copies = []
    for gray in lane.copies:
        data = gray.document.data
        for path, found in groupby(edits.get(gray.document.place, ()), key=lambda work: work.path):
            data = put(data, path, _written(get_text(data, path), tuple(found), plan.spec.tag))
        is_same = data is gray.document.data
        copies.append(gray if is_same else replace(gray, document=replace(gray.document, data=data)))
    return Checked(value=replace(lane, copies=tuple(copies)))


def _written(text: str, works: Sequence[Work], tag: str) -> str:
    """Return a text with the names of several works, in order of place, as the lane's own."""
    parts, at = [], 0
    for work in works:
        parts += [text[at : work.start], own_name(work.name, tag)]
        at = work.end
    return "".join((*parts, text[at:]))
