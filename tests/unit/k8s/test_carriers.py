"""What carries a lane's tag: a header, or one member of `baggage`, told and found among others."""

import pytest
import re2

from grayc.k8s.carriers import TagCarrier

HEADER = TagCarrier(header="x-gray-tag")
MEMBER = TagCarrier(header="baggage", member="my.lane")

CARRY = (
    "my.lane=pr-1",
    "a=b,my.lane=pr-1",
    "a=b;p=v;q , \tmy.lane = pr-1 ;p=v, c=d",
    "my.lane=pr%2D1,x=1",
    "my.lane=pr%2d1;my.lane=other",
    "my.lane=other,my.lane=pr-1",
    "my.lane=pr-1,my.lan=other,my.lanes=other,my.lane other,=, ,",
)
DO_NOT = (
    "",
    "my.lane=pr-12",
    "my.lane=pr-1%20",
    "my.lane=",
    "myXlane=pr-1",
    "not-my.lane=pr-1",
    "My.Lane=pr-1",
    "a=my.lane=pr-1",
    "a=b;my.lane=pr-1",
    "other=pr-1",
    "my.lane pr-1",
    "my.lane=pr-1,my.lane=other",
    "my.lane=pr-1, my.lane\t= other",
    "my.lane=pr-1,my.lane=",
)


def is_found(value: str) -> bool:
    pattern = MEMBER.pattern("pr-1")
    assert pattern is not None
    return re2.search(pattern, value) is not None


@pytest.mark.parametrize("value", CARRY)
def test_a_member_is_found_among_others(value: str) -> None:
    assert is_found(value)
    assert MEMBER.tag_in([value]) == "pr-1"


@pytest.mark.parametrize("value", DO_NOT)
def test_what_only_looks_like_it_is_not(value: str) -> None:
    assert not is_found(value)
    assert MEMBER.tag_in([value]) != "pr-1"


def test_several_lines_are_one_list_and_the_last_member_counts() -> None:
    assert MEMBER.tag_in(["a=b", "my.lane=one", "my.lane=two"]) == "two"
    assert MEMBER.tag_in([]) is None


def test_a_header_carries_nothing_but_the_tag() -> None:
    assert HEADER.pattern("pr-1") is None
    assert (HEADER.value("pr-1"), HEADER.line("pr-1"), HEADER.told) == ("pr-1", "x-gray-tag: pr-1", "header x-gray-tag")
    assert (MEMBER.value("pr-1"), MEMBER.line("pr-1")) == ("my.lane=pr-1", "baggage: my.lane=pr-1")
    assert HEADER.tag_in(["one", "two"]) == "one"
