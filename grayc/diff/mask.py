"""Values of secrets as `***`, wherever a difference could show one.

Errs on the safe side, as `k8s.secrets` does: a word hidden without need costs less than one shown.
"""

from collections.abc import Sequence

from grayc.documents import Document, Path
from grayc.documents.hide import SPOKEN, hide_in_lines, secret_arguments
from grayc.documents.tree import get, is_mapping
from grayc.k8s.kinds import GroupKind
from grayc.k8s.merge_keys import merge_rules
from grayc.k8s.secrets import (
    asks_cookies,
    cookie_secret_at,
    field_holds_secret,
    is_alb_rule,
    is_hidden_beside,
    is_place,
)
from grayc.records import dataclass

_NEAR = 1_000
"""Words before one in which its program is looked for: each of a list may differ."""
MASK, BEFORE, AFTER = "***", "*** (before)", "*** (after)"
"""For a value that stands alone, and for the two sides of a change. Source: the words of `kubectl diff`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hider:
    """Hides secrets in the values of one object.

    Attributes:
        word: what stands in a value's place.
    """

    group_kind: GroupKind
    word: str = MASK

    def value(
        self, value: object, names: Sequence[str], *, is_hidden: bool = False, command: Sequence[object] = ()
    ) -> object:
        """Return a value without what is secret in it.

        Args:
            names: the keys that lead to it, from the object's root, "" for a position.
            is_hidden: what stands beside it says that it is a secret.
            command: the words that a list goes on with, where it holds arguments.
        """
        if is_hidden or field_holds_secret(self.group_kind, names, is_text=isinstance(value, str)):
            return self._all(value, keeps_places=not is_hidden and not self._is_known)
        if is_mapping(value):
            return {
                key: self.value(
                    item,
                    (*names, key),
                    is_hidden=is_hidden_beside(key, value, names),
                    command=command_before(key, value),
                )
                for key, item in value.items()
            }
        if isinstance(value, list):
            hidden = secret_arguments((*command, *value))
            return [
                self.value(item, (*names, ""), is_hidden=at in hidden) for at, item in enumerate(value, len(command))
            ]
        if isinstance(value, str) and asks_cookies(names) and (at := cookie_secret_at(value)) >= 0:
            return f"{value[:at]}{self.word}"
        return "\n".join(self.lines(value, names)) if isinstance(value, str) else value

    def lines(self, text: str, names: Sequence[str]) -> list[str]:
        """Return a text's lines, as many as it has, without what looks like a secret in them."""
        is_spoken = not SPOKEN.isdisjoint(names) or not self._is_known
        lines = text.split("\n")
        if is_alb_rule(names[-1] if names else ""):
            # There, `"key"` names a header, parameter or cookie, and is no key to anything.
            renamed = text.replace('"key"', '"name"').split("\n")
            if hide_in_lines(renamed, self.word, is_spoken=is_spoken) == renamed:
                return lines
        return hide_in_lines(lines, self.word, is_spoken=is_spoken)

    @property
    def _is_known(self) -> bool:
        return merge_rules(*self.group_kind) is not None

    def _all(self, value: object, *, keeps_places: bool) -> object:
        """Hide a whole; in a kind that grayc does not know, fields in it that say where a secret is stay."""
        if is_mapping(value):
            return {
                key: item
                if keeps_places and is_place(key) and not isinstance(item, (dict, list))
                else self._all(item, keeps_places=keeps_places)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._all(item, keeps_places=keeps_places) for item in value]
        return self.word


def command_before(key: object, siblings: object) -> Sequence[object]:
    """Return the words that the list under a key goes on with: `command`, for `args`."""
    command = siblings.get("command") if key == "args" and is_mapping(siblings) else None
    return command if isinstance(command, list) else ()


def is_secret_word(words: Sequence[object], at: int, key: object, siblings: object) -> bool:
    """Tell whether a word of a list is a secret by those before it.

    Args:
        key: that the list stands under, in `siblings`.
    """
    near = words[max(0, at - _NEAR) : at + 1]
    if not any(isinstance(word, str) and word.startswith("-") for word in near[-2:]):
        return False
    command = command_before(key, siblings)[:_NEAR]
    return len(command) + len(near) - 1 in secret_arguments((*command, *near))


def has_secret(document: Document, path: Path, value: object) -> bool:
    """Tell whether a value is a secret, or has one in it, at a place of an object."""
    names = tuple(step if isinstance(step, str) else "" for step in path)
    beside, last = get(document.data, path[:-1]), path[-1] if path else ""
    is_hidden = False
    if is_mapping(beside) and isinstance(last, str):
        is_hidden = is_hidden_beside(last, beside, names[:-1])
    elif isinstance(beside, list) and isinstance(last, int) and last <= len(beside):
        above = get(document.data, path[:-2])
        is_hidden = is_secret_word([*beside[:last], value], last, path[-2], above)
    hider = Hider(group_kind=(document.identity.group, document.identity.kind))
    return bool(hider.value(value, names, is_hidden=is_hidden) != value)
