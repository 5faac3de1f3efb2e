"""Locks by which the pods of a service choose a leader, in commands, variables and configuration."""

import re
from collections.abc import Iterator, Sequence

from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.work import ServiceWork, work_in
from grayc.documents import Document, Path
from grayc.documents.tree import matches
from grayc.k8s.elections import names_lock, starts_election, stops_election
from grayc.k8s.kinds import CORE
from grayc.k8s.queues import OFF, is_for_each_pod
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass
from grayc.spec.model import ServiceSpec

_WORD = re.compile(r"[^\s\"';&|]+")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock of candidates, or the switch that makes them choose by one that the program names.

    Attributes:
        name: "" where the program has it.
    """

    document: Document
    path: Path
    setting: str
    name: str


@dataclass(frozen=True, slots=True)
class _Said:
    document: Document
    path: Path
    setting: str
    value: str
    is_flag: bool = False

    @property
    def names_lock(self) -> bool:
        return names_lock(self.setting, is_flag=self.is_flag)


def locks_of(documents: Sequence[Document], plan: ReleasePlan) -> dict[str, tuple[Lock, ...]]:
    """Return service → the locks of its pods, each name once; none where it says that it chooses no leader.

    Args:
        documents: gray copies, or what they are made from.
    """
    work = work_in(tuple(documents), plan)
    workloads: dict[str, list[Document]] = {}
    for document in documents:
        if plan.is_copy(document) and is_workload(document):
            workloads.setdefault(plan.copy_of(document).service.name, []).append(document)
    return {
        service.name: _locks(list(_said(service, workloads[service.name], work)))
        for service in plan.spec.services
        if service.name in workloads
    }


def _said(service: ServiceSpec, workloads: Sequence[Document], work: ServiceWork) -> Iterator[_Said]:
    for document in workloads:
        for place, container in containers_of(document):
            words = [
                ((*place, *path), word)
                for field in ("command", "args")
                for path, text in matches(container, (field, "[*]"))
                if isinstance(text, str)
                for word in _WORD.findall(text)
            ]
            for at, (path, word) in enumerate(words):
                if word.startswith("-"):
                    option, equals, value = word.lstrip("-").partition("=")
                    if not equals and at + 1 < len(words) and not words[at + 1][1].startswith("-"):
                        value = words[at + 1][1]
                    yield _Said(document, path, option, value, is_flag=True)
    for setting in work.telling_of(service):
        # What a Secret says is not reported.
        if setting.value is not None and setting.document.identity.group_kind != (CORE, "Secret"):
            yield _Said(setting.document, setting.path, setting.name, setting.value)


def _locks(said: Sequence[_Said]) -> tuple[Lock, ...]:
    if any(stops_election(item.setting) and item.value.lower() not in OFF for item in said):
        return ()
    switches = [item for item in said if starts_election(item.setting)]
    if switches and all(item.value.lower() in OFF for item in switches):
        return ()
    named = [item for item in said if item.names_lock and item.value and not is_for_each_pod(item.value)]
    if not named and any(item.names_lock for item in said):
        return ()
    found = named or [item for item in switches if item.value.lower() not in OFF][:1]
    locks: dict[str, Lock] = {}
    for item in found:
        name = item.value if named else ""
        locks.setdefault(name, Lock(item.document, item.path, item.setting, name))
    return tuple(locks.values())
