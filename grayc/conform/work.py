"""What asking a schema may cost: counted, so that every machine gives up at the same place."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import re2

from grayc.records import dataclass, field

MAX_SCHEMA_WORK = 300_000
"""Steps that asking the schemas of custom kinds may take in one run, beside one for each character of the objects that
are asked; one is a keyword of a schema, asked of one value. What costs more: GC726."""

# Instructions of RE2 for a character each, and characters of a value in the words of an error, that cost as much.
_MATCHING = 500
_COMPILED = 5
_SPOKEN = 64
# To look up what a reference leads to.
_REFERENCE = 3
# Items that a keyword goes through by itself.
_AT_ONCE = 16

_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


class TooMuchWorkError(Exception):
    """A schema costs more than a run may take."""


@dataclass(slots=True, eq=False)
class Work:
    """What is left of a run's budget for schemas.

    Attributes:
        left: steps.
    """

    left: int = MAX_SCHEMA_WORK
    _patterns: dict[str, Any] = field(default_factory=dict)
    _sizes: dict[int, tuple[object, int]] = field(default_factory=dict)

    def take(self, steps: int) -> None:
        """Take steps off the budget.

        Raises:
            TooMuchWorkError: it does not have them.
        """
        self.left -= steps
        if self.left < 0:
            raise TooMuchWorkError

    @classmethod
    def for_objects(cls, texts: Iterable[str]) -> "Work":
        """Return the budget for objects of custom kinds, as JSON has them."""
        return cls(left=MAX_SCHEMA_WORK + sum(map(len, texts)))

    def compiled(self, pattern: str) -> Any:
        """Return a pattern as RE2 reads it.

        Raises:
            re2.error: it does not.
            TooMuchWorkError: as `take`.
        """
        if pattern not in self._patterns:
            options = re2.Options()
            options.log_errors = False
            made = re2.compile(pattern, options)
            self.take(1 + made.programsize // _COMPILED)
            self._patterns[pattern] = made
        return self._patterns[pattern]

    def is_found(self, pattern: str, text: str) -> bool:
        """Tell whether a pattern is found in a text, as the API server looks for it; errors as `compiled`."""
        made = self.compiled(pattern)
        self.take(len(text) * made.programsize // _MATCHING)
        return made.search(text) is not None

    def counted(self, name: str, keyword: _Keyword) -> _Keyword:
        """Return a keyword that takes its cost off the budget."""

        cost = _REFERENCE if "Ref" in name or "ref" in name else 1

        def ask(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self.take(cost + (_length(wanted) + _length(instance)) // _AT_ONCE)
            for error in keyword(validator, wanted, instance, schema) or ():
                # The library writes both into the words of an error.
                self.take((self.size(wanted) + self.size(instance)) // _SPOKEN)
                yield error

        return ask

    def size(self, value: object) -> int:
        """Return about how many characters a value takes when it is written out; it must not be changed afterwards."""
        if isinstance(value, str):
            return len(value)
        if not isinstance(value, dict | list):
            return 8
        known = self._sizes.get(id(value))
        if known is None:
            parts = value if isinstance(value, list) else (part for entry in value.items() for part in entry)
            # The value itself is kept, so that no other gets its id.
            known = (value, 2 + sum(self.size(part) + 2 for part in parts))
            self._sizes[id(value)] = known
        return known[1]


def _length(value: object) -> int:
    return len(value) if isinstance(value, dict | list) else 0
