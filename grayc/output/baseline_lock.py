"""Digests of the baseline objects that a lane was made from, by which a later build sees what has moved under it.

A digest is over what an object says, not how its file says it: comments, order of keys and layout do not count, nor
does what a server or another tool wrote about the object.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

from grayc.documents import Document
from grayc.documents.tree import drop, get_map, put
from grayc.k8s.server_fields import OWNER_LABELS, SERVER_FIELDS, is_owner_annotation
from grayc.records import dataclass

_SECRET_VALUES = ("data", "stringData")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A baseline object that a lane uses.

    Attributes:
        namespace: as the release sees it.
        is_copied: the lane has a copy; otherwise it uses the object itself.
        is_shown: of a Secret, that every value of it stands in the copy, for all to read who read the digest.
    """

    document: Document
    namespace: str
    is_copied: bool
    is_shown: bool = False

    @property
    def key(self) -> str:
        """How the inventory names it: `Deployment.apps shop/web`."""
        identity = self.document.identity
        kind = f"{identity.kind}.{identity.group}" if identity.group else identity.kind
        return f"{kind} {self.namespace}/{identity.name}" if self.namespace else f"{kind} {identity.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What is not as it was when a lane was built. Keys of `Used`, in order.

    Attributes:
        changed: objects that say something else.
        new: objects that were not used then.
        gone: objects that the baseline no longer has.
    """

    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def lock(used: Iterable[Used]) -> Mapping[str, str]:
    """Return key → digest of every object."""
    return {item.key: _digest(item, with_values=item.is_shown) for item in used}


def says_the_same(digest: str, item: Used) -> bool:
    """Tell whether an object says what it said when it got its digest, whatever the release showed of it then."""
    is_secret = item.document.identity.kind == "Secret"
    return any(_digest(item, with_values=shown) == digest for shown in ((True, False) if is_secret else (False,)))


def compare_locks(
    before: Mapping[str, str], now: Iterable[Used], there: frozenset[str], known: Mapping[str, str]
) -> Moved:
    """Return what moved.

    Args:
        before: the lock of the last build; empty where nothing is known of it.
        known: the lock of this one.
        now: what is used now.
        there: keys of all objects that the baseline has, used or not.
    """
    if not before:
        return Moved()
    used = {item.key: item for item in now}

    def is_same(key: str) -> bool:
        return before[key] == known.get(key) or says_the_same(before[key], used[key])

    return Moved(
        changed=tuple(sorted(key for key in used if key in before and not is_same(key))),
        new=tuple(sorted(key for key in used if key not in before)),
        gone=tuple(sorted(key for key in before if key not in there)),
    )


def shows_all(copy: Document | None, original: Document) -> bool:
    """Tell whether every value of a Secret stands in its copy."""
    return copy is not None and all(
        get_map(original.data, (field,)).items() <= get_map(copy.data, (field,)).items() for field in _SECRET_VALUES
    )


def _digest(item: Used, *, with_values: bool) -> str:
    data = item.document.data
    for path in SERVER_FIELDS:
        data = drop(data, path)
    for field in ("annotations", "labels"):
        kept = {
            key: value
            for key, value in get_map(data, ("metadata", field)).items()
            if not (is_owner_annotation(key) if field == "annotations" else key in OWNER_LABELS)
        }
        data = put(data, ("metadata", field), kept) if kept else drop(data, ("metadata", field))
    if item.document.identity.kind == "Secret" and not with_values:
        # The digest of a short password can be guessed. A lane that reads a Secret of the baseline sees its new values
        # by itself, and one that has its own value keeps it.
        for field in _SECRET_VALUES:
            if values := get_map(data, (field,)):
                data = put(data, (field,), dict.fromkeys(values, ""))
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
