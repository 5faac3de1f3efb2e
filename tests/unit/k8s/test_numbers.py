"""Whole numbers in text, as Go reads them."""

import pytest

from grayc.k8s.numbers import read_integer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("100", 100),
        ("+7", 7),
        ("-7", -7),
        ("007", 7),
        ("0" * 5000 + "7", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(-(2**63)), -(2**63)),
        (str(2**63), None),
        ("9" * 5000, None),
        ("", None),
        ("-", None),
        ("1.0", None),
        ("1_000", None),
        (" 1", None),
        ("²", None),
        ("٣", None),
    ],
)
def test_numbers_of_64_bits_are_read_and_nothing_else(text: str, number: int | None) -> None:
    assert read_integer(text) == number
