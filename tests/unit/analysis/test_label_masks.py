"""Selectors asked of all labels at once say what each of them says when it is asked alone."""

from hypothesis import given
from hypothesis import strategies as st

from grayc.analysis.label_masks import LabelMasks, first_in, mask_of, positions_in
from grayc.k8s.kinds import CORE, NETWORKING
from grayc.k8s.selectors import POD_SELECTORS, SelectorField, selects

_KEYS = st.sampled_from(["a", "b", "c"])
_VALUES = st.one_of(st.sampled_from(["x", "y"]), st.sampled_from([None, 1, True, ["x"], {"x": "y"}]))
_LABELS = st.dictionaries(_KEYS, _VALUES, max_size=3)
_EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {"key": _KEYS, "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Gt"])},
        optional={"values": st.one_of(st.lists(_VALUES, max_size=3), st.just("x"))},
    ),
    st.just("text"),
    st.just({"operator": "In"}),
)
_SELECTORS = st.one_of(
    _LABELS,
    st.fixed_dictionaries(
        {}, optional={"matchLabels": _LABELS, "matchExpressions": st.lists(_EXPRESSIONS, max_size=3)}
    ),
    st.none(),
    st.just("text"),
)
_FIELDS = st.sampled_from(
    [
        POD_SELECTORS[CORE, "Service"],
        POD_SELECTORS[NETWORKING, "NetworkPolicy"],
        POD_SELECTORS["security.istio.io", "AuthorizationPolicy"],
    ]
)


@given(items=st.lists(_LABELS, max_size=12), field=_FIELDS, selector=_SELECTORS)
def test_a_mask_says_what_each_pod_says(items: list[dict[str, object]], field: SelectorField, selector: object) -> None:
    found = list(positions_in(LabelMasks(items).selected(field, selector)))
    assert found == [at for at, labels in enumerate(items) if selects(field, selector, labels)]


@given(positions=st.sets(st.integers(0, 300)))
def test_a_mask_holds_positions(positions: set[int]) -> None:
    mask = mask_of(sorted(positions))
    assert list(positions_in(mask)) == sorted(positions)
    assert first_in(mask) == min(positions, default=None)
