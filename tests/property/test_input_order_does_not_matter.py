"""The same objects make the same bytes, in whatever order and files they stand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.compile_shop import compile_shop
from tests.property.strategies import Shop, shops


@settings(max_examples=60, deadline=None)
@given(shop=shops(), data=st.data())
def test_order_of_objects_and_files(shop: Shop, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shop.objects))))
    cuts = data.draw(st.integers(1, 4))
    assert compile_shop(shop, list(order), cuts).files == compile_shop(shop).files
