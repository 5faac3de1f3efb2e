"""Three sides: production when a lane was built, production now, and what becomes of the lane."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.diff.compare import compare_objects
from grayc.diff.model import Cause, Change, Difference, FieldChange, Move, MovedField, ObjectChange
from grayc.documents import Document, ObjectIdentity
from grayc.records import dataclass, replace

_POSITION = re.compile(r"\[\d*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a gray object comes from.

    Attributes:
        key: of the object of production that it is made from.
        own: paths at which it is not what a lane makes of that object alone.
    """

    key: str
    own: tuple[str, ...]


def own_paths(plain: Document, gray: Document) -> tuple[str, ...]:
    """Return the paths at which a gray object is not what a lane makes of its original alone."""
    return tuple(field.path for field in compare_objects(plain, gray))


def moved_object(key: str, then: Document | None, now: Document, copies: Sequence[Origin], *, is_copied: bool) -> Move:
    """Return what became of an object of production.

    Args:
        then: None where nobody knows what it said.
        copies: what is made of it.
    """
    if then is None:
        return Move(key=key, change=Change.CHANGED, is_copied=is_copied)
    own = [path for copy in copies for path in copy.own]
    return Move(
        key=key,
        change=Change.CHANGED,
        fields=tuple(
            MovedField(field=field, is_hidden=_meets(field.path, own)) for field in compare_objects(then, now)
        ),
        is_copied=is_copied,
    )


def with_moves(difference: Difference, moves: Iterable[Move], origins: Mapping[ObjectIdentity, Origin]) -> Difference:
    """Return a difference with the moves, and with the cause of every field that changes.

    Args:
        origins: of the gray objects that are made from production; others have no cause.
    """
    by_key = {move.key: move for move in moves}
    if not by_key:
        return difference
    return replace(
        difference,
        objects=tuple(_with_causes(item, origins.get(item.identity), by_key) for item in difference.objects),
        moves=tuple(by_key[key] for key in sorted(by_key)),
    )


def _with_causes(item: ObjectChange, origin: Origin | None, moves: Mapping[str, Move]) -> ObjectChange:
    if item.change is not Change.CHANGED or origin is None:
        return item
    move = moves.get(origin.key)
    if move is not None and move.fields is None:
        return item
    moved = [each.field.path for each in (move.fields if move and move.fields else ())]
    return replace(item, fields=tuple(_causes(item.fields, moved, origin.own)))


def _causes(fields: Iterable[FieldChange], moved: Sequence[str], own: Sequence[str]) -> Iterator[FieldChange]:
    for field in fields:
        cause = Cause.RELEASE
        if _meets(field.path, moved):
            cause = Cause.BOTH if _meets(field.path, own) else Cause.PRODUCTION
        yield replace(field, cause=cause)


def _meets(path: str, others: Iterable[str]) -> bool:
    """Tell whether a path is one of the others, or leads through one, or one leads through it.

    A position is another on each side, so a list without keys is taken as one.
    """
    for other in others:
        short, long = sorted((_POSITION.split(path, maxsplit=1)[0], _POSITION.split(other, maxsplit=1)[0]), key=len)
        if long == short or (long.startswith(short) and long[len(short)] in ".["):
            return True
    return False
