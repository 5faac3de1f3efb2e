"""What another value of a label changes beyond the selectors that grayc follows: `isolation: relabel` alone does so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.analysis.graph import is_workload, pod_labels
from grayc.analysis.label_mentions import Mention, OwnLabel, own_labels, pod_selectors_anywhere, released_pods
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import show_path
from grayc.k8s.kinds import GroupKind
from grayc.k8s.label_readers import GOVERNING, MADE_LABELS
from grayc.plan.model import ReleasePlan

_Place = tuple[str, int, Path]


def check_relabelled(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return who reads a label that has another value on gray pods, and finds or gets something else.

    Diagnostics:
        GC448: a policy of another project finds pods, and not their gray copies.
        GC463: gray pods read such a label of themselves.
        GC464: a selector of a kind that grayc does not know finds pods, and not their gray copies.
        GC469: gray pods have a file with all their labels.
    Source: release language, `lane.isolation`; the tables of `k8s.label_readers`.
    """
    if not plan.relabelled:
        return ()
    gray, twins = _GrayPods(documents, plan), _Twins(documents, plan)
    return (
        *(
            found
            for document in documents
            for found in _read_inside(document, gray.changed.get(document.place, {}), plan)
        ),
        *(found for document in plan.baseline for found in _lost(document, gray, twins, plan)),
    )


def _changed(document: Document, plan: ReleasePlan) -> dict[str, str]:
    """Return label → its value in production, of the labels that a gray workload's pods have another value of."""
    if not is_workload(document):
        return {}
    before, after = pod_labels(plan.copy_of(document).document), pod_labels(document)
    return {
        label: str(before[label]) for label in plan.relabelled if label in before and before[label] != after.get(label)
    }


def _read_inside(document: Document, changed: dict[str, str], plan: ReleasePlan) -> Iterator[Diagnostic]:
    if not changed:
        return
    read = [item for item in own_labels(document) if item.label in changed]
    if read:
        yield _reads(document, read, changed, plan)
        return
    whole = next((item for item in own_labels(document) if item.label is None), None)
    if whole is not None:
        names = ", ".join(f"`{label}`" for label in changed)
        yield at_object(
            document,
            whole.path,
            code="GC469",
            message=f"gray pods of `{document.origin.ref}` have a file with all their labels, of which {names} "
            f"{'has' if len(changed) == 1 else 'have'} another value than in production",
            help="nothing to do unless the application, or an agent in the pod, takes its name from there; then write "
            f"`isolation: label`, once `{plan.spec.adopt_command}` has prepared the baseline",
        )


def _reads(document: Document, read: Sequence[OwnLabel], changed: dict[str, str], plan: ReleasePlan) -> Diagnostic:
    first = read[0]
    label = str(first.label)
    value = pod_labels(document)[label]
    where = f" as variable `{first.variable}`" if first.variable else " in a file"
    return at_object(
        document,
        first.path,
        code="GC463",
        message=f"gray pods of `{document.origin.ref}` read their label `{label}`{where} (`fieldRef: "
        f"metadata.labels['{label}']`): it is `{value}` there, and `{changed[label]}` in production",
        notes=tuple(
            note_at(document, item.path, f"`{item.variable}`" if item.variable else f"`{show_path(item.path)}`")
            for item in read[1:]
        ),
        names=(label, str(value), changed[label]),
        help="an application that takes its name from it is another one then, which registries and agents do not find: "
        "give the pods, the workload's selector and what selects them one more label, which can change instead; or "
        f"write `isolation: label`, once `{plan.spec.adopt_command}` has prepared the baseline; where the name does "
        "not matter, accept the finding with `spec.accept`",
    )


def _lost(document: Document, gray: "_GrayPods", twins: "_Twins", plan: ReleasePlan) -> Iterator[Diagnostic]:
    if plan.is_copy(document):
        return
    lost: list[tuple[Mention, Document]] = []
    for mention in pod_selectors_anywhere(document):
        if any(label in mention.asked for label in plan.relabelled):
            found = [
                pods.document
                for pods in released_pods(plan).found_by(mention)
                if gray.is_missed_by(mention, pods.document) and not twins.find(mention, gray.labels(pods.document))
            ]
            if found:
                lost.append((mention, found[0]))
    if lost:
        yield _not_found(document, lost, plan)


class _GrayPods:
    """The pods of the lane, by the workload that they are copies of."""

    def __init__(self, documents: Iterable[Document], plan: ReleasePlan) -> None:
        self._labels: dict[_Place, dict[str, object]] = {}
        self.changed: dict[_Place, dict[str, str]] = {}
        for document in documents:
            if plan.is_copy(document) and is_workload(document):
                self._labels[document.place] = pod_labels(document)
                self.changed[document.place] = _changed(document, plan)

    def labels(self, workload: Document) -> dict[str, object]:
        """Return the labels of gray pods."""
        return self._labels.get(workload.place, {})

    def is_missed_by(self, mention: Mention, workload: Document) -> bool:
        """Tell whether a selector that finds a workload's pods does not find their gray copies."""
        gray = self.labels(workload)
        return any(
            label in mention.asked and gray.get(label) not in mention.asked[label]
            for label in self.changed.get(workload.place, ())
        )


class _Twins:
    """Selectors that people have written for gray pods themselves."""

    _MOST = 100
    """Objects of one kind with one selector that are compared; nobody writes so many twins."""

    def __init__(self, documents: tuple[Document, ...], plan: ReleasePlan) -> None:
        self._documents = (*documents, *plan.baseline)
        self._plan = plan
        self._by_kind: dict[GroupKind, dict[tuple[Path, str, str], list[Document]]] = {}

    def find(self, mention: Mention, gray: Mapping[str, object]) -> bool:
        """Tell whether an object of the kind finds gray pods in the same field, and the same pods in all others.

        Args:
            gray: labels of the gray pods.
        """
        kind, field = mention.document.identity.group_kind, _whole(mention.path)
        known = self._of_kind(kind)
        label = next((label for label in self._plan.relabelled if label in mention.asked), "")
        for other in known.get((field, label, str(gray.get(label))), ())[: self._MOST]:
            key_of = self._plan.key_of
            if key_of(other.identity).namespace != key_of(mention.document.identity).namespace:
                continue
            if self._is_twin(other, mention, gray):
                return True
        return False

    def _is_twin(self, other: Document, mention: Mention, gray: Mapping[str, object]) -> bool:
        there: dict[Path, list[Mapping[str, tuple[str, ...]]]] = {}
        for found in pod_selectors_anywhere(other):
            there.setdefault(_whole(found.path), []).append(found.asked)
        field = _whole(mention.path)
        if not any(self._meets(asked, gray) for asked in there.get(field, ())):
            return False
        wanted: dict[Path, list[Mapping[str, tuple[str, ...]]]] = {}
        for found in pod_selectors_anywhere(mention.document):
            wanted.setdefault(_whole(found.path), []).extend((found.asked, self._as_gray(found.asked)))
        return all(
            any(asked in ours for asked in there.get(path, ())) for path, ours in wanted.items() if path != field
        )

    def _as_gray(self, asked: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        suffix = self._plan.spec.suffix
        return {
            label: tuple(f"{value}{suffix}" for value in values) if label in self._plan.relabelled else values
            for label, values in asked.items()
        }

    @staticmethod
    def _meets(asked: Mapping[str, tuple[str, ...]], labels: Mapping[str, object]) -> bool:
        return all(labels.get(label) in values for label, values in asked.items() if not label.startswith(MADE_LABELS))

    def _of_kind(self, kind: GroupKind) -> dict[tuple[Path, str, str], list[Document]]:
        if kind not in self._by_kind:
            known = self._by_kind[kind] = {}
            suffix = self._plan.spec.suffix
            for document in self._documents:
                if document.identity.group_kind == kind:
                    for found in pod_selectors_anywhere(document):
                        for label, values in found.asked.items():
                            for value in values if label in self._plan.relabelled else ():
                                if value.endswith(suffix):
                                    known.setdefault((_whole(found.path), label, value), []).append(document)
        return self._by_kind[kind]


def _whole(path: Path) -> Path:
    return tuple("[*]" if isinstance(step, int) else step for step in path)


def _not_found(document: Document, lost: Sequence[tuple[Mention, Document]], plan: ReleasePlan) -> Diagnostic:
    mention, workload = lost[0]
    governs = document.identity.group_kind[0] in GOVERNING
    labels = [label for label in mention.asked if label in plan.relabelled]
    asked = ", ".join(f"{label}: {' or '.join(mention.asked[label])}" for label in labels)
    others = dict.fromkeys(item.identity.ref for _, item in lost if item is not workload)
    more = f" and {len(others)} more" if others else ""
    return at_object(
        document,
        mention.path,
        code="GC448" if governs else "GC464",
        message=f"`{document.identity.ref}` asks for `{asked}`, which pods of baseline `{workload.identity.ref}`{more} "
        "have and their gray copies have not",
        notes=tuple(Note(message=f"`{show_path(item.path)}`", span=document.span(item.path)) for item, _ in lost[1:]),
        names=tuple(labels),
        help=(
            "gray pods are not under its rules, or not let through by them: "
            if governs
            else "what it does for those pods it does not do for gray ones: "
        )
        + "write a second one for the gray values and add it to `spec.baseline`, or select by a label that gray pods "
        f"keep; or write `isolation: label`, once `{plan.spec.adopt_command}` has prepared the baseline; or accept the "
        "finding with `spec.accept`",
    )
