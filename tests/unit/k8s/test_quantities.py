"""Quantities are read as Kubernetes reads them, and shown so that they read the same."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grayc.k8s.quantities import read_quantity, show_bytes, show_cpu


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("250m", Fraction(1, 4)),
        ("1", Fraction(1)),
        (2, Fraction(2)),
        (0.5, Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("128Mi", Fraction(2**27)),
        ("1k", Fraction(1000)),
        ("1M", Fraction(10**6)),
        ("1E", Fraction(10**18)),
        ("2e3", Fraction(2000)),
        ("2E-1", Fraction(1, 5)),
        ("100n", Fraction(1, 10**7)),
    ],
)
def test_a_quantity_is_read(value: object, expected: Fraction) -> None:
    assert read_quantity(value) == expected


@pytest.mark.parametrize("value", ["", "1 Gi", "Gi", "1gi", "1Ki3", True, None, [], "nan", "9" * 5000, float("inf")])
def test_what_is_no_quantity_is_none(value: object) -> None:
    assert read_quantity(value) is None


@given(st.integers(0, 10**7))
def test_cpu_reads_back(thousandths: int) -> None:
    assert read_quantity(show_cpu(Fraction(thousandths, 1000))) == Fraction(thousandths, 1000)


@given(st.integers(0, 2**70))
def test_bytes_read_back(amount: int) -> None:
    assert read_quantity(show_bytes(Fraction(amount))) == amount


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (2**30, "1Gi"), (3 * 2**29, "1536Mi"), (1000, "1000"), (Fraction(1, 2), "1")]
)
def test_bytes_are_shown_in_the_largest_whole_unit(amount: Fraction, text: str) -> None:
    assert show_bytes(Fraction(amount)) == text
