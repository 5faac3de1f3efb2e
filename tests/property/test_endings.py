"""A share by the last two digits lets in exactly its endings, for every percent, and a larger one keeps all of them."""

import pytest
import re2

from grayc.analysis.endings import all_endings, endings_below, pattern_of
from grayc.analysis.traffic import Ask
from grayc.documents.expressions import in_cookie, reaches_further
from grayc.gateways.patterns import of_ask
from grayc.spec.model import Digits, Part

BASES = {Digits.DECIMAL: 10, Digits.HEX: 16}
PROGRAM = 100
"""Instructions that Envoy takes of one expression unless it is told otherwise: `re2.max_program_size.error_level`."""


def endings(digits: Digits) -> list[str]:
    form = "02d" if digits is Digits.DECIMAL else "02x"
    return [format(number, form) for number in range(BASES[digits] ** 2)]


def let_in(pattern: str, values: list[str]) -> set[str]:
    return {value for value in values if re2.search(pattern, value)}


@pytest.mark.parametrize("digits", Digits)
def test_every_percent_lets_in_its_endings_and_keeps_those_of_the_smaller_one(digits: Digits) -> None:
    every = endings(digits)
    before: set[str] = set()
    for percent in range(1, 101):
        pattern, count = pattern_of(percent, digits), endings_below(percent, digits)
        wanted = set(every[:count])

        assert let_in(pattern, every) == wanted
        assert let_in(pattern, [f"7{ending}" for ending in every]) == {f"7{ending}" for ending in wanted}
        assert let_in(pattern, [f"u-{ending.upper()}" for ending in every]) == {f"u-{each.upper()}" for each in wanted}
        assert before <= wanted
        before = wanted
    assert len(before) == all_endings(digits)


@pytest.mark.parametrize("digits", Digits)
def test_a_single_digit_counts_as_one_behind_a_zero_and_other_endings_stay(digits: Digits) -> None:
    singles = [format(number, "x") for number in range(BASES[digits])]
    for percent in range(1, 101):
        pattern, count = pattern_of(percent, digits), endings_below(percent, digits)

        assert let_in(pattern, singles) == set(singles[:count])
        assert let_in(pattern, ["", "z", "00z", "g7", "0 ", "-5", "５"]) == set()
    assert let_in(pattern_of(100, Digits.DECIMAL), ["a7", "7a", "ff"]) == set()


@pytest.mark.parametrize(
    ("percent", "digits", "count"),
    [
        (0, Digits.DECIMAL, 0),
        (5, Digits.DECIMAL, 5),
        (99, Digits.DECIMAL, 99),
        (100, Digits.DECIMAL, 100),
        (0, Digits.HEX, 0),
        (1, Digits.HEX, 3),  # 2.56
        (5, Digits.HEX, 13),  # 12.8
        (50, Digits.HEX, 128),
        (99, Digits.HEX, 253),  # 253.44
        (100, Digits.HEX, 256),
    ],
)
def test_how_many_endings_a_share_has(percent: int, digits: Digits, count: int) -> None:
    assert endings_below(percent, digits) == count


@pytest.mark.parametrize("digits", Digits)
@pytest.mark.parametrize("part", Part)
def test_the_same_holds_where_gateways_ask_the_whole_value_or_all_cookies(part: Part, digits: Digits) -> None:
    every = [*endings(digits), "7", "", "a7", "zz"]
    for percent in (1, 5, 37, 71, 99, 100):
        pattern = pattern_of(percent, digits)
        asked = of_ask(Ask(part=part, name="uid", pattern=pattern))
        made = re2.compile(asked)

        assert made.programsize <= PROGRAM or part is Part.COOKIE
        for value in every:
            sent = f"a=00; uid=7{value}; b=00" if part is Part.COOKIE else f"7{value}"
            assert (made.fullmatch(sent) is not None) == (re2.search(pattern, f"7{value}") is not None)


@pytest.mark.parametrize(
    "pattern",
    [
        *("^100$|^101$", "a.b", "^v[0-9]+$", "[!-~]+", "[^a-]", "[^]x]", "(?i)^beta|gamma$", r"\d+\W", r"\bqa\b", "^$"),
        *("[[:alpha:]_]", r"x\S*y", "(a|b)+c", r"\x41.", "a{2,3}", "[:-<]", "[=\\]]", "^(?:a|b.)$", "|a", "(?s)a.c"),
    ],
)
def test_a_cookies_pattern_is_found_in_its_own_value_alone(pattern: str) -> None:
    assert reaches_further(pattern) == ""
    header = re2.compile(of_ask(Ask(part=Part.COOKIE, name="c", pattern=pattern)))
    values = [
        "",
        "a",
        "ab",
        "a.b",
        "axb",
        "v12",
        "100",
        "1010",
        "qa",
        "x-qa",
        "Beta1",
        "xgamma",
        "]",
        "-",
        "a=b",
        "aac",
    ]
    values += ["Ax", "~", "=", "x y"[:1], "xAy", "a:b", "a c"[:1], "^", "b!", "12%"]
    for value in values:
        met = re2.search(pattern, value) is not None
        for cookies in (f"c={value}", f"z=a.b; c={value}", f"c={value};y=qa100v1", f"xc=100; c={value}; cc=beta"):
            assert (header.fullmatch(cookies) is not None) == met, (value, cookies, header.pattern)
    assert header.fullmatch("xc=100; d=qa") is None


@pytest.mark.parametrize(
    "pattern",
    [";", "a;b", r"\x3b", r"\;", "(^|x)y", "a$b", r"\pL", r"\p{Greek}", r"[\pL]", r"[\W]", r"\Qa\E", r"a\z", "[;a]"],
)
def test_what_could_reach_into_another_cookie_is_refused(pattern: str) -> None:
    assert reaches_further(pattern)


def test_a_pattern_that_is_one_stays_one() -> None:
    assert in_cookie("^qa$") == "qa"
