"""Whether two forms of an object say the same."""

import json
from collections.abc import Mapping

from grayc.documents.tree import get_text

# Lists of named items whose order is an order of doing.
# Source: Kubernetes documentation, "Init Containers": they run one after another, in the order of the list.
IN_ORDER = frozenset({"initContainers"})


def names_of(items: list[object]) -> list[str] | None:
    """Return the names of a list's items, None where not each has one of its own."""
    names = [get_text(item, ("name",)) for item in items]
    return names if all(names) and len(set(names)) == len(names) else None


def is_same(one: object, other: object) -> bool:
    """Compare plain data: 1, 1.0 and true differ, the order of keys does not count."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def same_but_for_order(one: object, other: object) -> bool:
    """Compare as `is_same`, items that have names in any order, where their order is no order of doing."""
    return is_same(_by_name(one, ""), _by_name(other, ""))


def _by_name(value: object, key: str) -> object:
    if isinstance(value, Mapping):
        return {name: _by_name(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [_by_name(item, "") for item in value]
        if key not in IN_ORDER and items and names_of(value) is not None:
            return sorted(items, key=lambda item: get_text(item, ("name",)))
        return items
    return value
