"""Which of many sets of labels a selector selects, asked of all of them at once.

A set of them is a whole number, a bit for each, and a condition of a selector is one operation on such numbers. So the
cost of a selector grows with its own length, and hardly with the number of pods.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from grayc.k8s.selectors import SelectorField, SelectorStyle

_Labels = Mapping[str, object]


def positions_in(mask: int) -> Iterator[int]:
    """Yield the positions of a mask's bits, the lowest first."""
    bits = f"{mask:b}"[::-1]
    at = bits.find("1")
    while at >= 0:
        yield at
        at = bits.find("1", at + 1)


def first_in(mask: int) -> int | None:
    """Return the position of a mask's lowest bit, None where it has none."""
    return (mask & -mask).bit_length() - 1 if mask else None


def mask_of(positions: Sequence[int]) -> int:
    """Return the mask that has these bits."""
    if not positions:
        return 0
    bits = bytearray(max(positions) // 8 + 1)
    for at in positions:
        bits[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(bits, "little")


class LabelMasks:
    """Sets of labels, by position; says the same as `k8s.selectors.selects` does of each of them."""

    def __init__(self, items: Sequence[_Labels]) -> None:
        self.every = (1 << len(items)) - 1
        self._items = items
        self._having: dict[str, list[int]] = {}
        self._positions: dict[tuple[str, Hashable], list[int]] = {}
        self._strange: dict[str, list[int]] = {}
        """Values that no dictionary takes: a list or a mapping, which no label is."""
        self._masks: dict[tuple[str, Hashable] | str, int] = {}
        for at, labels in enumerate(items):
            for key, value in labels.items():
                self._having.setdefault(key, []).append(at)
                if isinstance(value, Hashable):
                    self._positions.setdefault((key, value), []).append(at)
                else:
                    self._strange.setdefault(key, []).append(at)

    def selected(self, field: SelectorField, selector: object) -> int:
        """Return the mask of what the value of a selector field selects."""
        if not isinstance(selector, dict):
            return self.every if field.style is SelectorStyle.FILTER else 0
        if field.style is not SelectorStyle.LABEL_SELECTOR:
            return self._plain(selector) if selector or field.style is SelectorStyle.FILTER else 0
        plain, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
        mask = self._plain(plain) if isinstance(plain, dict) else self.every
        for expression in expressions if isinstance(expressions, list) else ():
            mask = mask and mask & self._holding(expression)
        return mask

    def _plain(self, wanted: Mapping[str, object]) -> int:
        mask = self.every
        for key, value in wanted.items():
            if not mask:
                break
            mask &= self._equal(key, value)
        return mask

    def _holding(self, expression: object) -> int:
        if not isinstance(expression, dict) or not isinstance(expression.get("key"), str):
            return 0
        key, values = expression["key"], expression.get("values")
        match expression.get("operator"):
            case "In":
                return self._listed(key, values)
            case "NotIn":
                return self.every & ~self._listed(key, values)
            case "Exists":
                return self._has(key)
            case "DoesNotExist":
                return self.every & ~self._has(key)
            case _:
                return 0

    def _listed(self, key: str, values: object) -> int:
        mask = 0
        if key in self._having:
            for value in values if isinstance(values, list) else ():
                mask |= self._equal(key, value) & self._has(key)
        return mask

    def _equal(self, key: str, value: object) -> int:
        """Return what has this value; no label at all is equal to null."""
        if not isinstance(value, Hashable):
            return mask_of([at for at in self._strange.get(key, ()) if self._items[at][key] == value])
        found = self._mask((key, value), self._positions.get((key, value), ()))
        return found | (self.every & ~self._has(key)) if value is None else found

    def _has(self, key: str) -> int:
        return self._mask(key, self._having.get(key, ()))

    def _mask(self, name: tuple[str, Hashable] | str, positions: Sequence[int]) -> int:
        if not positions:
            return 0
        known = self._masks.get(name)
        if known is None:
            known = self._masks[name] = mask_of(positions)
        return known
