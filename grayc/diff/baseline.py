"""Compare gray copies with what they are copies of: what every lane changes is folded, the rest is shown."""

from collections import Counter
from collections.abc import Container, Iterable
from functools import lru_cache

from grayc.diff.compare import Step, compare_objects, in_order, is_same, show, steps_between
from grayc.diff.meaning import Canonical, canonical, names_of
from grayc.diff.model import Change, Difference, Expected, FieldChange, Folded, ObjectChange, Question
from grayc.diff.objects import added, change_of, gravest_first
from grayc.documents import Document
from grayc.k8s.lane_labels import APPLICATION, PROTECTED
from grayc.plan.model import ReleasePlan
from grayc.records import replace

_Renames = Container[tuple[str, str]]
"""Name in the baseline and name of its gray copy, of every object that has one."""


def diff_with_originals(
    plan: ReleasePlan,
    gray: Iterable[Document],
    plain: Iterable[Document],
    originals: Iterable[Document],
    wanted: Iterable[tuple[Document, Document, str]] = (),
) -> Difference:
    """Return what gray objects have that their originals have not.

    Args:
        gray: what the release compiles to.
        plain: the copies that a release makes which asks for nothing but the lane.
        originals: the baseline, without what a server wrote.
        wanted: objects of the baseline as they are and as the release wants them, and why.
    """
    at = {document.place: document for document in originals}
    lane = {document.place: document for document in plain}
    renames = {(key.name, gray) for key, gray in plan.gray_names.items()}
    changes: list[ObjectChange] = []
    folded: list[Folded] = []
    # Thousands of canaries may have one original.
    form_of = lru_cache(maxsize=256)(canonical)
    for document in gray:
        original = at.get(document.place)
        if original is None or original.identity.group_kind != document.identity.group_kind:
            # The release made it, of nothing or of an object of another kind.
            changes.append(added(document))
            continue
        fields, expected = _compare(plan, renames, form_of(original), lane.get(document.place), document)
        if fields:
            changes.append(replace(change_of(document.identity, fields, baseline=original.identity), expected=expected))
        else:
            folded.append(Folded(identity=document.identity, baseline=original.identity, expected=expected))
    for before, after, why in wanted:
        fields = compare_objects(before, after)
        if fields:
            changes.append(replace(change_of(before.identity, fields), wanted=why))
    return Difference(
        question=Question.BASELINE,
        before="baseline",
        after=f"gray ({plan.spec.name}, tag {plan.spec.tag})",
        objects=gravest_first(changes),
        folded=tuple(sorted(folded, key=lambda item: item.identity)),
    )


def _compare(
    plan: ReleasePlan, renames: _Renames, old: Canonical, plain: Document | None, gray: Document
) -> tuple[tuple[FieldChange, ...], tuple[tuple[Expected, int], ...]]:
    """Return what is shown of a copy, and what is folded.

    Of a copy that the passes made there is a plain one, so what the lane did is known exactly. Of the gray side of an
    entry or policy there is none: what names the lane is taken for the lane's.
    """
    group_kind = gray.identity.group_kind
    if plain is not None:
        middle = canonical(plain)
        expected = [(step, _expected(step, plan, renames)) for step in steps_between(old, middle)]
        told: tuple[FieldChange, ...] = ()
        if not is_same(plain.data, gray.data):
            new = canonical(gray)
            told = in_order(show(step, middle, new, group_kind) for step in steps_between(middle, new))
        return told, _counts((step, kind or Expected.REFERENCES) for step, kind in expected)
    new = canonical(gray)
    steps = [(step, _expected(step, plan, renames)) for step in steps_between(old, new)]
    folds = [(step, kind) for step, kind in steps if kind is not None]
    told = in_order(show(step, old, new, group_kind) for step, kind in steps if kind is None)
    return told, _counts(folds)


def _expected(step: Step, plan: ReleasePlan, renames: _Renames) -> Expected | None:
    """Return what a lane's change is, None where the step is none of those that each lane makes."""
    names = names_of(step.at)
    if names == ("metadata", "name"):
        return Expected.NAME
    if names == ("metadata", "namespace"):
        return Expected.NAMESPACE
    if names[-1] in (*PROTECTED, APPLICATION):
        return Expected.LABELS
    if names[-1] in plan.relabelled:
        return Expected.RELABELLED
    is_renamed = isinstance(step.before, str) and isinstance(step.after, str) and (step.before, step.after) in renames
    return Expected.REFERENCES if is_renamed else None


def _counts(found: Iterable[tuple[Step, Expected]]) -> tuple[tuple[Expected, int], ...]:
    """Return what is folded with the number of fields; of an item that goes under another name, the new one counts."""
    counts: Counter[Expected] = Counter()
    for step, kind in found:
        if step.change is not Change.REMOVED:
            counts[kind] += 1
    return tuple((kind, counts[kind]) for kind in Expected if counts[kind])
