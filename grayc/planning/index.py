"""The baseline by key and by kind of question."""

import posixpath
from collections.abc import Sequence
from functools import cached_property

from grayc.analysis.graph import is_workload, pod_labels, references_of
from grayc.analysis.label_masks import LabelMasks, first_in, mask_of
from grayc.documents import Document, ObjectKey
from grayc.documents.folders import place_in_repository
from grayc.documents.model import KeptForBaselines
from grayc.documents.tree import get_list, get_map
from grayc.k8s.selectors import POD_SELECTORS
from grayc.plan.model import key_of
from grayc.spec.model import ReleaseSpec


class BaselineIndex:
    """The baseline by key and by kind of question, built once for plans that have it in common; see `index_of`."""

    def __init__(self, spec: ReleaseSpec, baseline: tuple[Document, ...]) -> None:
        self.documents = baseline
        self.by_key: dict[ObjectKey, Document] = {key_of(spec, document.identity): document for document in baseline}
        self.workloads = tuple(document for document in baseline if is_workload(document))
        self.workloads_by_name: dict[str, list[Document]] = {}
        for workload in self.workloads:
            self.workloads_by_name.setdefault(workload.identity.name, []).append(workload)
        self.workload_names = tuple(sorted({workload.identity.name for workload in self.workloads}))
        self.workload_refs = tuple(sorted({workload.identity.ref for workload in self.workloads}))
        self.by_folder: dict[str, list[Document]] = {}
        for document in baseline:
            folder = place_in_repository(document)
            while folder:
                self.by_folder.setdefault(folder, []).append(document)
                folder = posixpath.dirname(folder)
        self.referrers: dict[ObjectKey, list[Document]] = {}
        for document in baseline:
            for reference in references_of(document, spec):
                self.referrers.setdefault(reference.target, []).append(document)
        # Selectors by one of their labels, so that a pod is compared only with those that may select it.
        self._selecting: dict[tuple[str, object], list[Document]] = {}
        self._selecting_any: list[Document] = []
        for document in baseline:
            field = POD_SELECTORS.get(document.identity.group_kind)
            if field is None or is_workload(document):
                continue
            labels = get_map(document.data, field.path)
            if "matchLabels" in labels or "matchExpressions" in labels:
                labels = get_map(labels, ("matchLabels",))
            pair = next(((key, value) for key, value in labels.items() if isinstance(value, str)), None)
            if pair is None:
                self._selecting_any.append(document)
            else:
                self._selecting.setdefault(pair, []).append(document)

    @cached_property
    def other_pods_by_name(self) -> dict[str, list[Document]]:
        """Name → objects with a pod template that grayc knows no workload of: a removed version's, a custom kind's."""
        found: dict[str, list[Document]] = {}
        for document in self.documents:
            if not is_workload(document) and get_list(document.data, ("spec", "template", "spec", "containers")):
                found.setdefault(document.identity.name, []).append(document)
        return found

    def selecting(self, spec: ReleaseSpec, workloads: Sequence[Document]) -> dict[int, list[Document]]:
        """Return the objects other than workloads that select pods of these workloads.

        Returns:
            Position of the first workload that an object selects → such objects, in order of place.
        """
        pods = [pod_labels(workload) for workload in workloads]
        masks = LabelMasks(pods)
        within: dict[str, list[int]] = {}
        for at, workload in enumerate(workloads):
            within.setdefault(key_of(spec, workload.identity).namespace, []).append(at)
        in_namespace = {namespace: mask_of(found) for namespace, found in within.items()}
        pairs = {(key, value): None for labels in pods for key, value in labels.items() if isinstance(value, str)}
        candidates = list(self._selecting_any)
        for pair in pairs:
            candidates += self._selecting.get(pair, ())
        found: dict[int, list[Document]] = {}
        for document in sorted(candidates, key=lambda candidate: candidate.place):
            field = POD_SELECTORS[document.identity.group_kind]
            there = in_namespace.get(key_of(spec, document.identity).namespace, 0)
            first = first_in(there and there & masks.selected(field, get_map(document.data, field.path)))
            if first is not None:
                found.setdefault(first, []).append(document)
        return found


_KEPT: KeptForBaselines[BaselineIndex] = KeptForBaselines(4)


def index_of(spec: ReleaseSpec, baseline: tuple[Document, ...]) -> BaselineIndex:
    """Return a baseline's index, that of an earlier plan where it is the same one.

    Of the spec it depends on the namespace and on the references that it adds.
    """
    return _KEPT.get(baseline, (spec.namespace or "", spec.references), lambda: BaselineIndex(spec, baseline))
