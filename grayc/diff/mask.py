"""Values of secrets as `***`, wherever a difference could show one.

Errs on the safe side, as `k8s.secrets` does: a word hidden without need costs less than one shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grayc.documents.hide import SPOKEN, asks_for_secret, hide_in_lines
from grayc.documents.tree import is_mapping
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.merge_keys import merge_rules
from grayc.k8s.secrets import looks_secret

MASK, BEFORE, AFTER = "***", "*** (before)", "*** (after)"
"""For a value that stands alone, and for the two sides of a change. Source: the words of `kubectl diff`."""

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_PLACES = ("name", "ref", "path", "file", "mode", "seconds", "selector", "namespace", "kind", "type")
_PLACE_KEYS = frozenset({"key", "keys"})
"""How fields end, and fields, that tell where a secret is, not what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hider:
    """Hides secrets in the values of one object.

    Attributes:
        word: what stands in a value's place.
    """

    group_kind: GroupKind
    word: str = MASK

    def value(self, value: object, names: Sequence[str], *, is_hidden: bool = False) -> object:
        """Return a value without what is secret in it.

        Args:
            names: the keys that lead to it, from the object's root, "" for a position.
            is_hidden: what stands beside it says that it is a secret.
        """
        if is_hidden or self._is_secret(names):
            return self._all(value)
        if is_mapping(value):
            named = value.get("name")
            is_variable = isinstance(named, str) and looks_secret(named)
            return {
                key: self._all(item) if is_variable and key == "value" else self.value(item, (*names, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self.value(item, (*names, ""), is_hidden=at > 0 and asks_for_secret(value[at - 1]))
                for at, item in enumerate(value)
            ]
        return "\n".join(self.lines(value, names)) if isinstance(value, str) else value

    def lines(self, text: str, names: Sequence[str]) -> list[str]:
        """Return a text's lines, as many as it has, without what looks like a secret in them."""
        is_spoken = not SPOKEN.isdisjoint(names) or not self._is_known
        return hide_in_lines(text.split("\n"), self.word, is_spoken=is_spoken)

    @property
    def _is_known(self) -> bool:
        return merge_rules(*self.group_kind) is not None

    def _is_secret(self, names: Sequence[str]) -> bool:
        if not names:
            return False
        if names[-1] == _APPLIED:
            return True
        if self.group_kind == (CORE, "Secret"):
            return names[0] in ("data", "stringData")
        if self.group_kind == (CORE, "ConfigMap"):
            # Nobody reads what is binary, and it may be a store of keys.
            return names[0] == "binaryData" or (len(names) > 1 and names[0] == "data" and looks_secret(names[1]))
        if len(names) > 2 and names[-1] == "value" and names[-3] == "env":
            return looks_secret(names[-2])
        # An item of a list is what the list is.
        name = next((name for name in reversed(names) if name), "")
        if self._is_known or names[0] == "metadata" or name in _PLACE_KEYS:
            return False
        return looks_secret(name) and not name.lower().endswith(_PLACES)

    def _all(self, value: object) -> object:
        if is_mapping(value):
            return {key: self._all(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._all(item) for item in value]
        return self.word
