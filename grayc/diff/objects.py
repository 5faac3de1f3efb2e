"""Pair the objects of two sides and sort what differs, the gravest first."""

from collections.abc import Iterable, Mapping

from grayc.diff.compare import compare_objects, in_order, show, steps_between
from grayc.diff.meaning import Canonical, canonical, pattern_of
from grayc.diff.model import Change, Difference, FieldChange, ObjectChange, Question, Risk
from grayc.diff.risk import risk_of, risk_of_kind
from grayc.documents import Document, ObjectIdentity
from grayc.documents.tree import get_map, is_mapping
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.lane_labels import is_check
from grayc.k8s.merge_keys import Pattern
from grayc.k8s.profiles import tag_in

_Key = tuple[str, str, str, str]

_TOLD_OF_NEW = frozenset({"image", "replicas", "minReplicas", "maxReplicas", "minAvailable", "maxUnavailable"})
"""Fields that are shown of a new object, besides what an entry says and a Service selects.

The rest stands in its file.
"""
_CHANGES = {change: at for at, change in enumerate(Change)}


def diff_objects(
    before: Iterable[Document], after: Iterable[Document], *, question: Question, old: str, new: str
) -> Difference:
    """Return what differs between two sets of objects.

    Versions of one group and kind are one object. Of objects that stand twice on a side, the last counts.
    """
    sides = _by_key(before), _by_key(after)
    keys = sorted({**sides[0], **sides[1]})
    changes = [change for key in keys if (change := _change(sides[0].get(key), sides[1].get(key))) is not None]
    return Difference(
        question=question,
        before=old,
        after=new,
        objects=gravest_first(changes),
        unchanged=len(keys) - len(changes),
    )


def gravest_first(changes: Iterable[ObjectChange]) -> tuple[ObjectChange, ...]:
    """Return changes by risk, then by what happened, then by identity."""
    return tuple(sorted(changes, key=lambda item: (item.risk.rank, _CHANGES[item.change], item.identity)))


def change_of(
    identity: ObjectIdentity, fields: tuple[FieldChange, ...], *, baseline: ObjectIdentity | None = None
) -> ObjectChange:
    """Return an object that differs in these fields, which are in order."""
    return ObjectChange(identity=identity, change=Change.CHANGED, risk=fields[0].risk, fields=fields, baseline=baseline)


def added(document: Document) -> ObjectChange:
    """Return an object that is new, with what matters most of it."""
    group_kind = _group_kind(document.identity)
    return ObjectChange(
        identity=document.identity,
        change=Change.ADDED,
        risk=risk_of_kind(group_kind),
        fields=_told(document, group_kind),
    )


def _by_key(documents: Iterable[Document]) -> Mapping[_Key, Document]:
    return {
        (identity.group, identity.kind, identity.namespace, _name(document)): document
        for document in documents
        for identity in (document.identity,)
    }


def _name(document: Document) -> str:
    """Return what an object is called on both sides: a check's own name tells the lane that it checks too."""
    _, service = tag_in(get_map(document.data, ("metadata", "labels")))
    return service if is_check(_group_kind(document.identity), service) else document.identity.name


def _change(before: Document | None, after: Document | None) -> ObjectChange | None:
    if after is None:
        assert before is not None, "a key comes from one of the sides"
        risk = risk_of_kind(_group_kind(before.identity))
        return ObjectChange(identity=before.identity, change=Change.REMOVED, risk=risk)
    if before is None:
        return added(after)
    fields = compare_objects(before, after)
    return change_of(after.identity, fields) if fields else None


def _group_kind(identity: ObjectIdentity) -> GroupKind:
    return (identity.group, identity.kind)


def _told(document: Document, group_kind: GroupKind) -> tuple[FieldChange, ...]:
    """Return what is shown of a new object, as fields that are added."""
    form = canonical(document)
    hollow = Canonical(tree=_hollow(form.tree))
    steps = (step for step in steps_between(hollow, form) if _matters(pattern_of(step.at), group_kind))
    return in_order(show(step, hollow, form, group_kind) for step in steps)


def _matters(pattern: Pattern, group_kind: GroupKind) -> bool:
    match risk_of(group_kind, pattern):
        case Risk.ENTRY:
            return pattern[0] == "spec" or pattern[:2] == ("metadata", "annotations")
        case Risk.SELECTOR if group_kind == (CORE, "Service"):
            return True
        case Risk.IMAGE | Risk.REPLICAS:
            return pattern[-1] in _TOLD_OF_NEW
        case _:
            return False


def _hollow(tree: Mapping[str, object]) -> dict[str, object]:
    """Return the mappings of a tree without their plain values and lists."""
    return {key: _hollow(value) for key, value in tree.items() if is_mapping(value) and value}
