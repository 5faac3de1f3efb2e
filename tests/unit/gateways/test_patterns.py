"""Patterns mean the same to matchers that search and to matchers that compare the whole value."""

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from grayc.analysis.traffic import Ask
from grayc.gateways import patterns
from grayc.spec.model import Part

ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


def matched_by(pattern: str, value: str) -> set[bool]:
    """Return what matchers of every kind say: searching and comparing, backtracking and not."""
    return {
        re.search(pattern, value) is not None,
        re.fullmatch(f".*{pattern}.*", value) is not None,
        re2.search(pattern, value) is not None,
        re2.fullmatch(f".*{pattern}.*", value) is not None,
    }


@given(value=ASCII, other=ASCII)
def test_one_of_matches_exactly_its_values(value: str, other: str) -> None:
    pattern = patterns.one_of((value, "second"))
    assert matched_by(pattern, value) == {True}
    assert matched_by(pattern, "second") == {True}
    assert matched_by(pattern, other) == {other in (value, "second")}


@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        ("beta", "a-beta-b", True),
        ("^beta", "beta-1", True),
        ("^beta", "a-beta", False),
        ("beta$", "a-beta", True),
        ("beta$", "beta-1", False),
        ("^a$", "a", True),
        ("^a$", "ab", False),
        ("^a|b$", "xb", True),
        ("^a|b$", "ax", True),
        ("^a|b$", "xax", False),
        ("a|b", "xbx", True),
        (r"^a\$", "a$b", True),
    ],
)
def test_found_in_searches_unless_the_pattern_is_anchored(pattern: str, value: str, found: bool) -> None:
    assert matched_by(patterns.found_in(pattern), value) == {found}


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("user=alice", True),
        ("a=b; user=alice", True),
        ("a=b;user=alice; c=d", True),
        ("user=alice2", False),
        ("xuser=alice", False),
        ("a=user=alice", False),
        ("user=Alice", False),
        ("", False),
    ],
)
def test_cookie_is_one_cookie_with_one_value(header: str, found: bool) -> None:
    assert matched_by(patterns.cookie("user", "alice"), header) == {found}


@pytest.mark.parametrize(("value", "found"), [("ABC", True), ("Def", True), ("def", False)])
def test_flags_of_one_pattern_do_not_count_for_another(value: str, found: bool) -> None:
    either = patterns.any_of([patterns.found_in("^(?i)abc$"), patterns.one_of(("Def",))])
    assert (re2.search(either, value) is not None) is found


@pytest.mark.parametrize(("header", "found"), [("a=X; b=Y", True), ("b=Y; a=x", True), ("a=x; b=y", False)])
def test_flags_of_one_cookie_do_not_count_for_another(header: str, found: bool) -> None:
    both = patterns.cookies(
        [
            Ask(part=Part.COOKIE, name="a", values=(), pattern="(?i)^x$"),
            Ask(part=Part.COOKIE, name="b", values=("Y",)),
        ]
    )
    assert (re2.search(both, header) is not None) is found


@pytest.mark.parametrize("pattern", ["(a+)+", "^(?:[a-z]*)*$", "(a|b+)*c", "((a+)b?){2,}", "(\\d+)+"])
def test_repetition_of_a_repetition_can_run_away(pattern: str) -> None:
    assert patterns.can_run_away(pattern)


@pytest.mark.parametrize("pattern", ["a+", "(a+)", "(a+){3}", "[(+]+", "\\(a+\\)+", "(ab)+c*", "^v[0-9]+$"])
def test_one_repetition_can_not(pattern: str) -> None:
    assert not patterns.can_run_away(pattern)
