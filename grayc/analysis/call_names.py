"""The names that call paths may use of a service, and what each of them means."""

import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property

from grayc.analysis.graph import LabelIndex, is_workload
from grayc.diagnostics import did_you_mean
from grayc.documents import Document
from grayc.documents.folders import folder_of
from grayc.k8s.kinds import BATCH, CORE
from grayc.spec.model import ReleaseSpec

_SHOWN = 3


class CallNames:
    """What names in `spec.calls` mean.

    A name is that of a service of the release, else of a workload or Service of the baseline, else the last part of
    the folder that holds the files of one service. Source: release language, `spec.calls`.
    """

    def __init__(self, spec: ReleaseSpec, baseline: Sequence[Document]) -> None:
        self._spec, self._baseline = spec, baseline
        self._own = {service.name for service in spec.services} | {
            document.identity.name
            for document in baseline
            if is_workload(document) or document.identity.group_kind == (CORE, "Service")
        }
        self._meant: dict[str, str] = {}

    def meaning(self, name: str) -> str:
        """Return the name of the service, workload or Service that a name means; "" where that is not to be told."""
        if name not in self._meant:
            self._meant[name] = name if name in self._own else self._meant_by_folder(name)
        return self._meant[name]

    def why_unknown(self, name: str) -> tuple[str, str]:
        """Return what a name without meaning is, in words after it, and what to do."""
        folders = self._folders.get(name, {})
        if not folders:
            known = self._own | {folder for folder in self._folders if self.meaning(folder)}
            return (
                "is neither a service of the release nor a workload, a Service or the folder of one in the baseline",
                did_you_mean(name, known, noun="service"),
            )
        inside = sorted({each.identity.name for documents in folders.values() for each in documents})
        shown = ", ".join(f"`{each}`" for each in inside[:_SHOWN])
        more = f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        if len(folders) > 1:
            places = sorted(f"`{folder}`" for folder in folders)
            more_places = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
            return (
                f"is the last part of several folders: {', '.join(places[:_SHOWN])}{more_places}",
                f"name the workload or the Service: {shown}{more}",
            )
        return f"is a folder of several services: {shown}{more}", "name the one that is called"

    @cached_property
    def _folders(self) -> Mapping[str, Mapping[str, list[Document]]]:
        """Last part of a folder → the folders that end in it → their workloads and Services."""
        found: dict[str, dict[str, list[Document]]] = {}
        for service in self._spec.services:
            if service.source is not None:
                folder = posixpath.normpath(service.source)
                found.setdefault(posixpath.basename(folder), {})[folder] = []
        for document in self._baseline:
            if is_workload(document) or document.identity.group_kind == (CORE, "Service"):
                folder = folder_of(document)
                if name := posixpath.basename(folder):
                    found.setdefault(name, {}).setdefault(folder, []).append(document)
        return found

    @cached_property
    def _released_by_folder(self) -> Mapping[str, list[str]]:
        """Folder → the services of the release that are taken from it."""
        found: dict[str, list[str]] = {}
        for service in self._spec.services:
            if service.source is not None:
                found.setdefault(posixpath.normpath(service.source), []).append(service.name)
        return found

    def _meant_by_folder(self, name: str) -> str:
        folders = self._folders.get(name, {})
        if len(folders) != 1:
            return ""
        ((folder, documents),) = folders.items()
        released = self._released_by_folder.get(folder, [])
        if released:
            return released[0] if len(released) == 1 else ""
        services = [each for each in documents if not is_workload(each)]
        workloads = [each for each in documents if is_workload(each)]
        if not workloads:
            return services[0].identity.name if len(services) == 1 else ""
        index = LabelIndex(workloads)
        selected = [index.selected_by(service, self._spec) for service in services]
        called = {each.place: each for found in selected for each in found}
        # A Job beside a service, as one that cleans up, is not what a path means by the folder.
        serving = list(called.values()) or [each for each in workloads if each.identity.group_kind[0] != BATCH]
        names = {each.identity.name for each in serving}
        if len(names) == 1:
            return names.pop()
        # Versions behind one Service are one, since a call may meet any of them.
        of_all = {
            service.identity.name
            for service, found in zip(services, selected, strict=True)
            if {each.place for each in found} == set(called)
        }
        return min(of_all, default="") if called else ""
