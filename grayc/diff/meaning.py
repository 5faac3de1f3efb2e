"""One form for everything that means the same to Kubernetes, so that only differences of meaning differ.

Lists with a key become mappings by that key, lists without order mappings by content, quantities numbers; null and
what the server takes for absent goes. `restore` leads back to what the user wrote.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache

from grayc.documents import Document
from grayc.documents.tree import is_mapping
from grayc.k8s.equality import (
    DEFAULTS,
    IN_ORDER,
    IN_ORDER_OF_USE,
    OPTIONAL_MAPS,
    QUANTITIES,
    UNORDERED,
    ends_with,
)
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.merge_keys import ANY_ITEM, MergeRule, Pattern, merge_rules
from grayc.k8s.quantities import read_quantity
from grayc.records import dataclass, field

Steps = tuple[str | int, ...]
"""Where a value stands in a canonical form."""

_SIGNS = frozenset(".[]/ ")
"""What a key is quoted for in a path."""

KEYED, MEMBER = "\0key ", "\0member "
"""How a key begins that stands for an item of a list: one with a key, and one of a list without order."""


@dataclass(slots=True, kw_only=True)
class Canonical:
    """An object in one form.

    Attributes:
        tree: equal for objects that mean the same, but for `orders`.
        written: place → what the user wrote there, where the tree holds another form of it.
        orders: place of a list with a key whose order counts → its keys in order.
    """

    tree: dict[str, object] = field(default_factory=dict)
    written: dict[Steps, object] = field(default_factory=dict)
    orders: dict[Steps, tuple[str, ...]] = field(default_factory=dict)


def canonical(document: Document) -> Canonical:
    """Return an object in the form that all objects of its meaning have."""
    group_kind = (document.identity.group, document.identity.kind)
    data = _decoded(document.data) if group_kind == (CORE, "Secret") else document.data
    made = Canonical()
    _Form(made, group_kind).fill(data)
    return made


def _decoded(secret: dict[str, object]) -> dict[str, object]:
    """Return a Secret with `stringData` as the server stores it: in `data`, over what is there."""
    held, texts = (secret.get(field) or {} for field in ("data", "stringData"))
    if not is_mapping(held) or not is_mapping(texts):
        return secret
    data = {key: "".join(value.split()) if isinstance(value, str) else value for key, value in held.items()}
    for key, value in texts.items():
        data[key] = base64.b64encode(value.encode()).decode() if isinstance(value, str) else value
    rest = {key: value for key, value in secret.items() if key not in ("data", "stringData")}
    return {**rest, "data": data} if data else rest


class _Form:
    """Fills a canonical form."""

    def __init__(self, made: Canonical, group_kind: GroupKind) -> None:
        self._made = made
        self._rules: Mapping[Pattern, MergeRule] | None = merge_rules(*group_kind)

    def fill(self, data: dict[str, object]) -> None:
        self._made.tree = self._mapping(data, (), ())

    def _value(self, value: object, pattern: Pattern, at: Steps) -> object:
        if is_mapping(value):
            return self._mapping(value, pattern, at)
        if isinstance(value, list):
            return self._list(value, pattern, at)
        if self._rules is not None and ends_with(pattern, QUANTITIES):
            amount = read_quantity(value)
            if amount is not None:
                self._made.written[at] = value
                return f"{amount}"
        if isinstance(value, float) and value.is_integer():
            self._made.written[at] = value
            return int(value)
        return value

    def _mapping(self, data: dict[str, object], pattern: Pattern, at: Steps) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in data.items():
            below = (*pattern, key)
            if value is not None and not self._means_nothing(value, below):
                made[key] = self._value(value, below, (*at, key))
        return made

    def _means_nothing(self, value: object, pattern: Pattern) -> bool:
        """Tell whether the server takes the value for absent."""
        if value == {}:
            return ends_with(pattern, OPTIONAL_MAPS)
        if self._rules is None:
            return False
        return value == [] or any(value == default and ends_with(pattern, rows) for rows, default in DEFAULTS)

    def _list(self, items: list[object], pattern: Pattern, at: Steps) -> object:
        below = (*pattern, ANY_ITEM)
        rule = (self._rules or {}).get(pattern)
        if rule is not None and rule.key:
            keys = [_key_of(item, rule) for item in items]
            if None not in keys and len(set(keys)) == len(keys):
                return self._keyed(dict(zip(map(str, keys), items, strict=True)), pattern, at)
        has_no_order = rule is not None and not rule.key and rule.is_merged
        if has_no_order or (self._rules is not None and ends_with(pattern, UNORDERED)):
            members = {_content(self._value(item, below, at)): item for item in items}
            return {
                f"{MEMBER}{content}": self._value(members[content], below, (*at, f"{MEMBER}{content}"))
                for content in sorted(members)
            }
        return [self._value(item, below, (*at, position)) for position, item in enumerate(items)]

    def _keyed(self, items: dict[str, object], pattern: Pattern, at: Steps) -> dict[str, object]:
        if ends_with(pattern, IN_ORDER) or (
            ends_with(pattern, IN_ORDER_OF_USE) and "$(" in _content([*items.values()])
        ):
            self._made.orders[at] = tuple(items)
        below = (*pattern, ANY_ITEM)
        return {f"{KEYED}{key}": self._value(item, below, (*at, f"{KEYED}{key}")) for key, item in items.items()}


def _key_of(item: object, rule: MergeRule) -> str | None:
    if not is_mapping(item) or not isinstance(item.get(rule.key), (str, int)):
        return None
    parts = [item[rule.key], *(item.get(name, _default(name)) for name in rule.also)]
    return "/".join(str(part) for part in parts if part is not None)


def _default(name: str) -> object:
    return next((default for rows, default in DEFAULTS for row in rows if row[-1] == name), None)


def _content(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def restore(value: object, at: Steps, form: Canonical) -> object:
    """Return what the user wrote for a value of a canonical form."""
    if at in form.written:
        return form.written[at]
    if is_mapping(value):
        items = {key: restore(item, (*at, key), form) for key, item in value.items()}
        return [*items.values()] if any(key.startswith((KEYED, MEMBER)) for key in items) else items
    if isinstance(value, list):
        return [restore(item, (*at, position), form) for position, item in enumerate(value)]
    return value


# Objects of one kind differ in the same few places.
@lru_cache(maxsize=1_024)
def pattern_of(steps: Steps) -> Pattern:
    """Return a path as the tables of fields write it."""
    return tuple(ANY_ITEM if isinstance(step, int) or step.startswith((KEYED, MEMBER)) else step for step in steps)


@lru_cache(maxsize=1_024)
def names_of(steps: Steps) -> tuple[str, ...]:
    """Return the keys of a path, those of lists included, positions and members of unordered lists as ""."""
    return tuple("" if isinstance(step, int) or step.startswith(MEMBER) else step.removeprefix(KEYED) for step in steps)


@lru_cache(maxsize=1_024)
def show_steps(steps: Steps) -> str:
    """Return a path as users write it: `spec.containers[cart].image`; members of unordered lists as `[]`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.startswith(KEYED):
            text += f"[{step.removeprefix(KEYED)}]"
        elif step.startswith(MEMBER):
            text += "[]"
        elif not _SIGNS.isdisjoint(step):
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text
