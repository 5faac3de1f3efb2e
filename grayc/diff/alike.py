"""Changes that the items of one list share, told once."""

import json
import re
from collections.abc import Iterable, Sequence

from grayc.diff.model import FieldChange
from grayc.records import replace

_POSITION = re.compile(r"\[([0-9]{1,9})\]")
_FEWEST = 3
"""From so many on, changes that say the same are reported as one."""


def by_position(path: str) -> tuple[str | int, ...]:
    """Return what sorts paths by their parts, positions as numbers."""
    return tuple(int(part) if at % 2 else part for at, part in enumerate(_POSITION.split(path)))


def fold_alike(fields: Iterable[FieldChange]) -> tuple[tuple[FieldChange, int], ...]:
    """Return changes, each with how often it is made: what items of one list share stands where its first one stood.

    Of those that are folded, a position in which they differ is written `[*]`.
    """
    listed = tuple(fields)
    groups: dict[tuple[object, ...], list[FieldChange]] = {}
    for field in listed:
        groups.setdefault(_alike(field), []).append(field)
    folded: list[tuple[FieldChange, int]] = []
    for field in listed:
        group = groups[_alike(field)]
        if len(group) < _FEWEST:
            folded.append((field, 1))
        elif group[0] is field:
            folded.append((replace(field, path=_common([each.path for each in group])), len(group)))
    return tuple(folded)


def _alike(field: FieldChange) -> tuple[object, ...]:
    values = json.dumps((field.before, field.after), sort_keys=True)
    path = _POSITION.sub("[*]", field.path)
    return (path, field.change, field.risk, values, field.lines, field.is_secret, field.cause)


def _common(paths: Sequence[str]) -> str:
    """Return a path with `[*]` for each position that is not the same in all."""
    parts = [_POSITION.split(path) for path in paths]
    same = [len({each[at] for each in parts}) == 1 for at in range(len(parts[0]))]
    words = ((part if same[at] else "*") if at % 2 else part for at, part in enumerate(parts[0]))
    return "".join(f"[{word}]" if at % 2 else word for at, word in enumerate(words))
