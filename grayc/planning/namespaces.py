"""Which namespace each object of the baseline is in, decided once for all that compares namespaces later."""

from collections import OrderedDict

from grayc.documents import Document
from grayc.spec.model import ReleaseSpec

_PLACED: "OrderedDict[tuple[int, str], tuple[tuple[Document, ...], tuple[Document, ...]]]" = OrderedDict()
"""Id of a baseline and a namespace → that baseline, so that no other has its id, and its objects, placed."""

_MOST_PLACED = 8
"""Releases over one baseline mostly agree on the namespace, and the steps of a rollout always do."""


def place_baseline(spec: ReleaseSpec, baseline: tuple[Document, ...]) -> tuple[Document, ...]:
    """Return the baseline with every object that names no namespace in the release's; the same tuple where all are.

    Source: release language, `spec.namespace`: an object that names none is in it, for every check, reference, hop,
    expectation and printed command.
    """
    home = spec.namespace or ""
    if all(document.home == home for document in baseline):
        return baseline
    key = (id(baseline), home)
    known = _PLACED.pop(key, None)
    placed = known[1] if known is not None else tuple(document.placed(home) for document in baseline)
    _PLACED[key] = (baseline, placed)
    if len(_PLACED) > _MOST_PLACED:
        _PLACED.popitem(last=False)
    return placed
