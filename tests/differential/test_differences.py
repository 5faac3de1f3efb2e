"""The places where two values differ, against deepdiff: the same once items of lists stand beside those they become."""

from typing import Any

from deepdiff import DeepDiff
from deepdiff.helper import notpresent
from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.diff.align import align
from grayc.diff.compare import steps_between
from grayc.diff.meaning import Canonical
from grayc.diff.model import Change

KEYS = st.sampled_from(["a", "b", "c", "__d", "e.f", ""])
LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.just(1.5) | st.sampled_from(["", "a", "--a=1", "--a=2", "1"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
TREES = st.dictionaries(KEYS, VALUES, max_size=5)


def as_deepdiff_has_it(before: dict[str, object], after: dict[str, object]) -> set[tuple[object, ...]]:
    # Its defaults pass over keys that start with `__`, and report a mapping with few keys in common as one.
    found = DeepDiff(*align(before, after), view="tree", ignore_private_variables=False, threshold_to_diff_deeper=0)
    return {_row(level) for levels in found.values() for level in levels}


def _row(level: Any) -> tuple[object, ...]:
    path = level.path(output_format="list")
    was, at = (tuple(step if isinstance(step, str) else step[side] for step in path) for side in (0, 1))
    if level.t1 is notpresent:
        return (Change.ADDED, was, at, repr(None), repr(level.t2))
    if level.t2 is notpresent:
        return (Change.REMOVED, was, was, repr(level.t1), repr(None))
    return (Change.CHANGED, was, at, repr(level.t1), repr(level.t2))


@settings(max_examples=400, deadline=None)
@given(before=TREES, after=TREES)
def test_the_same_places_differ(before: dict[str, object], after: dict[str, object]) -> None:
    steps = steps_between(Canonical(tree=before), Canonical(tree=after))

    # A mapping of the user's own that comes or goes is told entry by entry; these keys are none of them.
    ours = {(step.change, step.was, step.at, repr(step.before), repr(step.after)) for step in steps}
    assert ours == as_deepdiff_has_it(before, after)
