"""Changes that items of one list share are told once, and positions sort as numbers."""

import pytest

from grayc.diff.alike import by_position, fold_alike
from grayc.diff.compare import in_order
from grayc.diff.model import Change, FieldChange, Risk


def change(path: str, after: object = "a", risk: Risk = Risk.ENTRY) -> FieldChange:
    return FieldChange(path=path, change=Change.ADDED, risk=risk, after=after)


def told(*changes: FieldChange) -> list[tuple[str, int]]:
    return [(field.path, count) for field, count in fold_alike(changes)]


def test_positions_sort_as_numbers() -> None:
    paths = [f"spec.http[{at}].headers" for at in (0, 1, 2, 9, 10, 11, 100)]
    shuffled = sorted(paths)
    assert shuffled != paths
    assert [item.path for item in in_order(map(change, shuffled))] == paths


@pytest.mark.parametrize("path", ["", "a", "a[b].c", "a[0]", "[0]", "a[0][1].b", f"a[{'9' * 5_000}].b"])
def test_any_path_has_an_order(path: str) -> None:
    assert sorted([path, "a[2].b", "[1]", "b"], key=by_position)


def test_three_alike_are_one() -> None:
    found = told(*(change(f"spec.http[{at}].headers") for at in range(3)))
    assert found == [("spec.http[*].headers", 3)]


def test_two_alike_stay_two() -> None:
    found = told(*(change(f"spec.http[{at}].headers") for at in range(2)))
    assert found == [("spec.http[0].headers", 1), ("spec.http[1].headers", 1)]


def test_what_says_something_else_stays_in_its_place() -> None:
    fields = [change(f"a[{at}].b", "other" if at == 2 else "a") for at in range(5)]
    assert told(*fields) == [("a[*].b", 4), ("a[2].b", 1)]


@pytest.mark.parametrize("other", [change("a[2].b", risk=Risk.OTHER), change("a[2].c"), change("a[2].b", {"a": 1})])
def test_another_risk_field_or_value_is_not_alike(other: FieldChange) -> None:
    assert len(told(change("a[0].b"), change("a[1].b"), other)) == 3


def test_a_position_that_all_share_stays() -> None:
    assert told(*(change(f"a[7].b[{at}].c") for at in range(3))) == [("a[7].b[*].c", 3)]


def test_names_of_items_are_no_positions() -> None:
    assert len(told(*(change(f"containers[{name}].image") for name in "abc"))) == 3
