"""Where two versions of one object differ in meaning."""

import difflib
from collections.abc import Iterator

from grayc.diff.align import align
from grayc.diff.alike import by_position
from grayc.diff.mask import AFTER, BEFORE, MASK, Hider, is_secret_word
from grayc.diff.meaning import KEYED, MEMBER, Canonical, Steps, canonical, names_of, pattern_of, restore, show_steps
from grayc.diff.model import Change, FieldChange, Line
from grayc.diff.risk import risk_of
from grayc.documents import Document
from grayc.documents.tree import is_mapping
from grayc.k8s.kinds import GroupKind
from grayc.k8s.secrets import is_hidden_beside
from grayc.records import dataclass

_OWN_KEYS = frozenset({"annotations", "binaryData", "data", "labels", "limits", "matchLabels", "requests", "selector"})
"""Mappings whose keys are the user's: each entry is a change of its own."""

_MOST_LINES = 2_000
"""Lines that are compared one by one; of longer texts, all between the first and last difference is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place that differs.

    Attributes:
        at: where; positions in a list are those of the new side, of what is gone those of the old one.
        was: where on the old side.
        before: part of the old canonical form.
        after: part of the new one.
    """

    at: Steps
    was: Steps
    change: Change
    before: object = None
    after: object = None


def steps_between(before: Canonical, after: Canonical) -> tuple[Step, ...]:
    """Return the places where two canonical forms differ, by path."""
    content = (part for step in _content(before.tree, after.tree) for part in _parts(step))
    return tuple(sorted((*content, *_order(before, after)), key=lambda step: (show_steps(step.at), step.change)))


def _content(before: dict[str, object], after: dict[str, object]) -> Iterator[Step]:
    if not is_same(before, after):
        yield from _walk(*align(before, after), (), ())


def is_same(before: object, after: object) -> bool:
    """Tell whether plain data is the same, its order too: for Python alone, 1 is also 1.0 and true."""
    return before == after and repr(before) == repr(after)


def _walk(before: object, after: object, was: Steps, at: Steps) -> Iterator[Step]:
    """Yield the places where two aligned values differ; nothing is weighed here, so the work grows with the values."""
    if not is_mapping(before) or not is_mapping(after):
        if type(before) is not type(after) or before != after:
            yield Step(at=at, was=was, change=Change.CHANGED, before=before, after=after)
        return
    for step, item in before.items():
        old, new = _sides(step)
        if step in after:
            yield from _walk(item, after[step], (*was, old), (*at, new))
        else:
            yield Step(at=(*was, old), was=(*was, old), change=Change.REMOVED, before=item)
    for step, item in after.items():
        if step not in before:
            old, new = _sides(step)
            yield Step(at=(*at, new), was=(*was, old), change=Change.ADDED, after=item)


def _sides(step: str | tuple[int, int]) -> tuple[str | int, str | int]:
    """Return a step of an aligned value on the old side and on the new one."""
    return (step, step) if isinstance(step, str) else step


def _parts(step: Step) -> Iterator[Step]:
    """Yield a step; where a list with keys or a mapping of the user's own comes or goes, one for each entry."""
    is_new = step.change is Change.ADDED
    value = step.after if is_new else step.before
    if step.change is Change.CHANGED or not is_mapping(value) or not value:
        yield step
    elif names_of(step.at)[-1] in _OWN_KEYS or next(iter(value)).startswith((KEYED, MEMBER)):
        for key, item in value.items():
            before, after = (None, item) if is_new else (item, None)
            yield Step(at=(*step.at, key), was=(*step.was, key), change=step.change, before=before, after=after)
    else:
        yield step


def _order(before: Canonical, after: Canonical) -> Iterator[Step]:
    """Yield the lists in which items that both sides have stand in another order, where the order counts."""
    for at in before.orders.keys() & after.orders.keys():
        shared = set(before.orders[at]) & set(after.orders[at])
        old, new = ([key for key in keys if key in shared] for keys in (before.orders[at], after.orders[at]))
        if old != new:
            yield Step(at=at, was=at, change=Change.REORDERED, before=old, after=new)


def compare_objects(before: Document, after: Document) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two versions of an object, the gravest first, secrets masked."""
    if is_same(before.data, after.data):
        # Mostly nothing has changed, and what is written the same means the same.
        return ()
    group_kind = (after.identity.group, after.identity.kind)
    old, new = canonical(before), canonical(after)
    return in_order(show(step, old, new, group_kind) for step in steps_between(old, new))


def in_order(changes: Iterator[FieldChange]) -> tuple[FieldChange, ...]:
    """Return changes by risk, then path; the tenth item of a list comes after its second."""
    return tuple(sorted(changes, key=lambda change: (change.risk.rank, by_position(change.path), change.change)))


def show(step: Step, old: Canonical, new: Canonical, group_kind: GroupKind) -> FieldChange:
    """Return a place that differs as it is shown: as the user wrote it, without secrets."""
    path, risk = show_steps(step.at), risk_of(group_kind, pattern_of(step.at))
    match step.change:
        case Change.REORDERED:
            return FieldChange(path=path, change=step.change, risk=risk, before=step.before, after=step.after)
        case Change.ADDED | Change.REMOVED:
            side, value = (new, step.after) if step.change is Change.ADDED else (old, step.before)
            written = restore(value, step.at, side)
            shown = Hider(group_kind=group_kind, word=MASK).value(
                written, names_of(step.at), is_hidden=_is_hidden(step.at, side)
            )
            is_secret = shown != written
            if step.change is Change.ADDED:
                return FieldChange(path=path, change=step.change, risk=risk, after=shown, is_secret=is_secret)
            return FieldChange(path=path, change=step.change, risk=risk, before=shown, is_secret=is_secret)
        case _:
            return _changed(step, old, new, group_kind)


def _changed(step: Step, old: Canonical, new: Canonical, group_kind: GroupKind) -> FieldChange:
    names = names_of(step.at)
    raw = restore(step.before, step.was, old), restore(step.after, step.at, new)
    is_hidden = _is_hidden(step.was, old), _is_hidden(step.at, new)
    before, after = (
        Hider(group_kind=group_kind, word=MASK).value(value, names, is_hidden=hidden)
        for value, hidden in zip(raw, is_hidden, strict=True)
    )
    is_secret = (before, after) != raw
    if before == after or (before == MASK and after == MASK):
        # Only what is hidden differs: the words say that it does.
        before, after = (
            Hider(group_kind=group_kind, word=word).value(value, names, is_hidden=hidden)
            for value, hidden, word in zip(raw, is_hidden, (BEFORE, AFTER), strict=True)
        )
    return FieldChange(
        path=show_steps(step.at),
        change=Change.CHANGED,
        risk=risk_of(group_kind, pattern_of(step.at)),
        before=before,
        after=after,
        lines=_lines(raw, (before, after), group_kind, names),
        is_secret=is_secret,
    )


def _is_hidden(at: Steps, side: Canonical) -> bool:
    """Tell whether what stands beside a value says that it is a secret: a flag before it, or the variable's name."""
    if not at:
        return False
    above: object = None
    parent: object = side.tree
    for step in at[:-1]:
        above = parent
        if is_mapping(parent) and isinstance(step, str):
            parent = parent.get(step)
        elif isinstance(parent, list) and isinstance(step, int) and step < len(parent):
            parent = parent[step]
        else:
            return False
    last = at[-1]
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        return is_secret_word(parent, last, at[-2], above)
    return isinstance(last, str) and is_mapping(parent) and is_hidden_beside(last, parent, names_of(at[:-1]))


def _lines(
    raw: tuple[object, object], shown: tuple[object, object], group_kind: GroupKind, names: tuple[str, ...]
) -> tuple[Line, ...]:
    """Return the lines that differ between two texts, unless all of them are hidden."""
    before, after = raw
    if not isinstance(before, str) or not isinstance(after, str) or "\n" not in before + after:
        return ()
    if shown == (BEFORE, AFTER):
        return ()
    old, new = before.split("\n"), after.split("\n")
    hidden_old = Hider(group_kind=group_kind, word=BEFORE).lines(before, names)
    hidden_new = Hider(group_kind=group_kind, word=AFTER).lines(after, names)
    start, end = _shared(old, new)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    blocks = [(0, len(old), 0, len(new))]
    if max(len(old), len(new)) <= _MOST_LINES:
        opcodes = difflib.SequenceMatcher(a=old, b=new).get_opcodes()
        blocks = [(gone, gone_end, come, come_end) for tag, gone, gone_end, come, come_end in opcodes if tag != "equal"]
    found: list[Line] = []
    for gone, gone_end, come, come_end in blocks:
        found += (Line(sign="-", text=line) for line in hidden_old[start + gone : start + gone_end])
        found += (Line(sign="+", text=line) for line in hidden_new[start + come : start + come_end])
    return tuple(found)


def _shared(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return how many lines are the same at the start and, behind those, at the end."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    end = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    return start, end
