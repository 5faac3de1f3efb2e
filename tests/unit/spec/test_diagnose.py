"""The pieces of which messages are made."""

import pytest

from grayc.documents import Path
from grayc.spec.diagnose import OTHER_WORDS, named, shown, strange_signs
from grayc.spec.schema import places_of_fields


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("spec", "tag"), "`tag`"),
        (("spec", "baseline", 0), "`baseline[0]`"),
        (("spec", "traffic", "rules", 2, "values", 1), "`values[1]`"),
    ],
)
def test_a_place_is_named_by_its_last_field(path: Path, name: str) -> None:
    assert named(path) == name


def test_values_are_quoted_and_cut() -> None:
    assert shown("a") == "`a`"
    assert shown(True) == "`true`"
    assert shown(None) == "empty"
    assert len(shown("x" * 1000)) < 100


def test_a_sign_that_looks_like_another_is_named() -> None:
    assert strange_signs("gray") == ""
    assert "U+0430" in strange_signs("gr\u0430y")
    assert strange_signs("a\x07") == "it holds U+0007"
    # Where letters of any language may stand, the sign that nobody sees is the mistake.
    assert strange_signs("\u56e2\u202e") == "it holds U+202E"


def test_other_words_are_no_fields_and_mean_fields() -> None:
    known = places_of_fields()

    assert [word for word, meant in OTHER_WORDS.items() if meant not in known] == []
