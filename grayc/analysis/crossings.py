"""Selectors of one side that match pods of the other, rules that gray pods lose, and how little ends a leak."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations

from grayc.analysis.label_masks import positions_in
from grayc.analysis.selections import (
    Selectable,
    SelectableIndex,
    Selection,
    all_selections,
    namespace_labels,
    pods_of,
    services_of,
)
from grayc.documents import Document, Path
from grayc.documents.tree import get_map
from grayc.k8s.lane_labels import NAMES_FOR_AGENTS, PROTECTED
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.profiles import ORIGINAL, Marks
from grayc.k8s.selectors import GOVERNS, TAKES, SelectorUse, asked_labels
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class Crossing:
    """A selector of one side that matches pods of the other."""

    selection: Selection
    pods: Selectable

    @property
    def selector(self) -> Document:
        """The object that selects."""
        return self.selection.document

    @property
    def workload(self) -> Document:
        """The object whose pods it selects."""
        return self.pods.document


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the isolation check looked at.

    Attributes:
        selectors: of the baseline and the lane, those inside pod templates too.
        templates: pod templates of both.
        meant: selectors of the baseline that find gray pods and take nothing away: rules, monitors, placements.
    """

    selectors: int
    templates: int
    meant: int = 0


def masks_found(selecting: tuple[Document, ...], index: SelectableIndex) -> Iterator[tuple[Selection, int]]:
    """Yield what `finds` does, the pods as a mask of their positions in the index."""
    for selection in all_selections(selecting):
        if selection.use in TAKES:
            mask = index.mask_of(selection)
            if mask:
                yield selection, mask


def finds(selecting: tuple[Document, ...], index: SelectableIndex) -> Iterator[tuple[Selection, Sequence[Selectable]]]:
    """Yield every selector of `selecting` that takes, counts or sends requests to pods of the index, and those pods.

    Selectors that find the same pods have the same sequence.
    """
    pods_at = cache(index.at)
    for selection, mask in masks_found(selecting, index):
        yield selection, pods_at(mask)


def crossings(selecting: tuple[Document, ...], index: SelectableIndex) -> Iterator[Crossing]:
    """Yield every selector of `selecting` that takes, counts or sends requests to pods of the index."""
    for selection, found in finds(selecting, index):
        for pods in found:
            yield Crossing(selection, pods)


@dataclass(slots=True)
class _Together:
    """Selectors that find the same pods."""

    positions: list[int]
    ways: set[frozenset[str]]


class Catching:
    """Pods of an index, and the selectors that find each of them.

    Selectors that find the same pods are looked at together, so that many of them beside many pods cost no product.
    """

    def __init__(self, caught: Sequence[tuple[Selection, int]]) -> None:
        groups: dict[int, _Together] = {}
        for position, (selection, mask) in enumerate(caught):
            together = groups.setdefault(mask, _Together([], set()))
            together.positions.append(position)
            together.ways.add(_ways_of(selection))
        self._of: dict[int, list[_Together]] = {}
        for mask, together in groups.items():
            for at in positions_in(mask):
                self._of.setdefault(at, []).append(together)

    def count(self, at: int) -> int:
        """Return how many selectors find the pods at a position of the index."""
        return sum(len(together.positions) for together in self._of.get(at, ()))

    def first(self, at: int, most: int) -> list[int]:
        """Return which of the caught are the first selectors that find the pods at a position, `most` of them."""
        positions = sorted(position for together in self._of.get(at, ()) for position in together.positions[:most])
        return positions[:most]

    def fewest_labels(self, at: int, labels: Mapping[str, object]) -> tuple[str, ...]:
        """Return the fewest labels of the pods at a position of which other values end that anything finds them."""
        ways = set[frozenset[str]]().union(*(together.ways for together in self._of.get(at, ())))
        return _fewest({found.intersection(labels.keys()) for found in ways}, [*labels], {})


def placements(selecting: tuple[Document, ...], index: SelectableIndex) -> Iterator[Crossing]:
    """Yield every selector inside the pods of `selecting` that counts pods of the index."""
    for selection in all_selections(selecting):
        if selection.use is SelectorUse.PLACEMENT:
            for pods in index.selected_by(selection):
                yield Crossing(selection, pods)


class Pairs:
    """Gray pods and Services beside those that they are copies of, to compare what finds them."""

    def __init__(self, documents: Sequence[Document], plan: ReleasePlan) -> None:
        known = namespace_labels(plan.baseline)
        self._gray: dict[bool, SelectableIndex] = {}
        self._original: dict[bool, SelectableIndex] = {}
        # Position in one of the two → that of its twin in the other; None where these are the same for all.
        self._gray_at: dict[bool, Sequence[int | None] | None] = {}
        self._original_at: dict[bool, Sequence[int | None] | None] = {}
        self.copies: dict[tuple[str, int, Path], Document] = {}
        originals = tuple(copy.document for copy in plan.copies)
        for of_services, made_of in ((False, pods_of), (True, services_of)):
            gray = made_of(documents)
            made = {item.document.place for item in gray}
            self.copies.update((item.document.place, item.document) for item in gray)
            before = (item for item in made_of(originals) if item.document.place in made)
            self._gray[of_services] = SelectableIndex(gray, known)
            original = self._original[of_services] = SelectableIndex(before, known)
            self._gray_at[of_services] = _twins(original.items, gray)
            self._original_at[of_services] = _twins(gray, original.items)

    def gray(self, selection: Selection) -> list[Selectable]:
        """Return the gray pods or Services that a selector finds."""
        return self._gray[selection.of_services].selected_by(selection)

    def original(self, selection: Selection) -> list[Selectable]:
        """Return the pods or Services with gray copies that a selector finds."""
        return self._original[selection.of_services].selected_by(selection)

    def lost(self, selection: Selection) -> list[Document]:
        """Return the gray copies that a selector misses though it finds what they are copies of."""
        before, after = self._both(selection)
        index = self._original[selection.of_services]
        return [
            self.copies[index.items[at].document.place] for at in self._beside(selection, before, after, self._gray_at)
        ]

    def gained(self, selection: Selection) -> list[Document]:
        """Return the gray copies that a selector finds though it misses what they are copies of."""
        before, after = self._both(selection)
        index = self._gray[selection.of_services]
        return [index.items[at].document for at in self._beside(selection, after, before, self._original_at)]

    def _both(self, selection: Selection) -> tuple[int, int]:
        return (
            self._original[selection.of_services].mask_of(selection),
            self._gray[selection.of_services].mask_of(selection),
        )

    def _beside(
        self, selection: Selection, found: int, twins: int, twin_at: Mapping[bool, Sequence[int | None] | None]
    ) -> Iterable[int]:
        """Return the positions that are found though their twins are not."""
        places = twin_at[selection.of_services]
        if places is None:
            return positions_in(found & ~twins)
        there = frozenset(positions_in(twins))
        return (at for at in positions_in(found) if places[at] not in there)


def _twins(items: Sequence[Selectable], others: Sequence[Selectable]) -> Sequence[int | None] | None:
    """Return for each item the position of the one of the same place; None where that is its own, for all."""
    at = {other.document.place: position for position, other in enumerate(others)}
    found = [at.get(item.document.place) for item in items]
    return None if found == list(range(len(others))) else found


def ungoverned(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[tuple[Selection, tuple[Document, ...]]]:
    """Yield every selector of a rule or monitor with the gray copies that neither it nor its own copy finds."""
    pairs = Pairs(documents, plan)
    carried: dict[tuple[str, int, Path], set[tuple[str, int, Path]]] = {}
    for selection in all_selections(documents):
        if selection.use in GOVERNS:
            found = carried.setdefault(selection.document.place, set())
            found.update(item.document.place for item in pairs.gray(selection))
    for selection in all_selections(plan.baseline):
        if selection.use in GOVERNS:
            found = carried.get(selection.document.place, set())
            lost = tuple(copy for copy in pairs.lost(selection) if copy.place not in found)
            if lost:
                yield selection, lost


def count_proof(documents: tuple[Document, ...], plan: ReleasePlan) -> Proof:
    """Return how many selectors were compared with how many pod templates."""
    known = namespace_labels(plan.baseline)
    gray = {
        False: SelectableIndex(pods_of(documents), known),
        True: SelectableIndex(services_of(documents), known),
    }
    of_baseline = all_selections(plan.baseline)
    meant = sum(
        selection.use not in TAKES and gray[selection.of_services].mask_of(selection) != 0 for selection in of_baseline
    )
    selectors = len(of_baseline) + len(all_selections(documents))
    templates = sum(document.identity.group_kind in WORKLOADS for document in (*plan.baseline, *documents))
    return Proof(selectors=selectors, templates=templates, meant=meant)


def escapes(selection: Selection, labels: Iterable[str]) -> frozenset[str]:
    """Return the labels of a pod of which another value ends that a selector finds it.

    The lane's own labels and those that tell an agent the application keep their values.
    """
    asked = asked_labels(selection.field.style, selection.value)
    return frozenset(
        label for label in labels if label in asked and label not in PROTECTED and label not in NAMES_FOR_AGENTS
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What another value of a label costs besides.

    Attributes:
        barred: places inside pods that read the label, and values that would be too long.
        lost: rules that gray pods would lose, with nothing to put in their place.
        carried: rules of which the lane would need its own.
    """

    barred: int = 0
    lost: int = 0
    carried: int = 0


_FREE = Cost()
_EXACT_UP_TO = 16
"""Labels among which every set is tried; with more of them the one that ends most is taken, again and again."""


def fewest_labels(
    caught: Iterable[tuple[Selection, Sequence[Selectable]]],
    order: Sequence[str],
    costs: Mapping[str, Cost] | None = None,
) -> tuple[str, ...]:
    """Return the fewest labels of which other values end every crossing that any label can end.

    Sets of which pods read nothing come first, then those that lose no rules, whatever their size; of several of one
    size those with the fewest rules to carry, then the first in the order of the labels.
    """
    return _fewest(_ways_out(caught), order, costs or {})


def _fewest(ways_out: set[frozenset[str]], order: Sequence[str], costs: Mapping[str, Cost]) -> tuple[str, ...]:
    ways_out.discard(frozenset())
    # A crossing that one label alone can end leaves no choice; what that label ends too needs no further one.
    forced = {label for found in ways_out if len(found) == 1 for label in found}
    open_ends = [found for found in ways_out if not found & forced]
    labels = [label for label in order if any(label in found for found in open_ends)]
    if len(labels) > _EXACT_UP_TO:
        chosen = set(_greedy(open_ends, labels, costs))
    else:
        sets: list[tuple[str, ...]] = [
            some
            for size in range(len(labels) + 1)
            for some in combinations(labels, size)
            if all(found.intersection(some) for found in open_ends)
        ]
        chosen = set(min(sets, key=lambda some: _price(tuple(some), costs)))
    return tuple(label for label in order if label in forced or label in chosen)


def _ways_of(selection: Selection) -> frozenset[str]:
    """Return the labels of which another value ends that a selector finds a pod that has them all."""
    asked = asked_labels(selection.field.style, selection.value)
    return frozenset(label for label in asked if label not in PROTECTED and label not in NAMES_FOR_AGENTS)


def _ways_out(caught: Iterable[tuple[Selection, Sequence[Selectable]]]) -> set[frozenset[str]]:
    """Return the sets of labels of each of which another value ends a crossing; one is empty for what none ends."""
    # Selectors that find the same pods have the same sequence of them, which is kept here and so has one identity.
    distinct = {(_ways_of(selection), id(found)): found for selection, found in caught}
    ways_out: set[frozenset[str]] = set()
    for (ways, _), found in distinct.items():
        if ways:
            # Mostly a pod has each label that a selector finds it by.
            ways_out.update(
                ways if ways <= pods.labels.keys() else ways.intersection(pods.labels.keys()) for pods in found
            )
    return ways_out


def _price(labels: Sequence[str], costs: Mapping[str, Cost]) -> tuple[int, int, int, int]:
    each = [costs.get(label, _FREE) for label in labels]
    return (
        sum(cost.barred for cost in each),
        sum(cost.lost for cost in each),
        len(labels),
        sum(cost.carried for cost in each),
    )


def _dear(cost: Cost) -> tuple[int, int]:
    return cost.barred, cost.lost


def _greedy(open_ends: Sequence[frozenset[str]], labels: Sequence[str], costs: Mapping[str, Cost]) -> Iterator[str]:
    left = list(open_ends)
    while left:
        best = min(labels, key=lambda label: (*_dear(costs.get(label, _FREE)), -sum(label in found for found in left)))
        if not any(best in found for found in left):
            labels = [label for label in labels if label != best]
            continue
        yield best
        left = [found for found in left if best not in found]


def lacking_labels(workload: Document, marks: Marks) -> list[Path]:
    """Return the label maps of a baseline workload in which the profile's tag label does not say `original`."""
    row = WORKLOADS[workload.identity.group_kind]
    maps: list[Path] = [(*row.selector, "matchLabels")] if row.selector else []
    maps.append((*row.template, "metadata", "labels"))
    return [path for path in maps if get_map(workload.data, path).get(marks.tag) != ORIGINAL]
