"""Yes or no, by the schema."""

from typing import NamedTuple

import pytest

from grayc.spec.fit import fits, has_match, repeated
from tests.vectors import rows


class Fitting(NamedTuple):
    value: object
    schema: dict[str, object]


@pytest.mark.parametrize(Fitting._fields, rows(__file__, "fit.yaml", Fitting, table="fits"))
def test_fits(value: object, schema: dict[str, object]) -> None:
    assert fits(value, schema, {"letter": {"type": "string"}})


class Unfit(NamedTuple):
    value: object
    schema: dict[str, object]


@pytest.mark.parametrize(Unfit._fields, rows(__file__, "fit.yaml", Unfit, table="others"))
def test_does_not_fit(value: object, schema: dict[str, object]) -> None:
    assert not fits(value, schema, {"letter": {"type": "string"}})


def test_a_pattern_ends_where_the_text_does() -> None:
    assert has_match("^a$", "a")
    assert not has_match("^a$", "a\n")
    assert has_match("a", "cab")


def test_repeated_items_are_found_with_the_first_of_them() -> None:
    assert list(repeated(["a", {"b": 1, "c": 2}, "a", {"c": 2, "b": 1}, "a"])) == [(0, 2), (1, 3), (0, 4)]
    assert list(repeated([1, True, "1", 1.5])) == []
