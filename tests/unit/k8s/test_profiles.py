"""How lanes are marked: one table says it, and what goes by names holds for any tag."""

import re
from pathlib import Path

import pytest

from grayc.k8s.profiles import PROFILES, Marks, Profile, gray_mark, marks_of, tag_in

SOURCE = Path(__file__).parents[3] / "grayc"
OF_ZADIG = re.compile(r"zadigx-|-mse-|mse-gray|grayc\.dev/(?:tag|service|release)\b")


def test_nobody_else_writes_a_label_or_suffix_out() -> None:
    """What is about Zadig itself is in `grayc/zadig`; `x-mse-tag` is a header of the provider."""
    strays = [
        f"{path.relative_to(SOURCE)}:{at}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.parent.name != "zadig" and path != SOURCE / "k8s" / "profiles.py"
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OF_ZADIG.search(line.replace("x-mse-tag", ""))
    ]
    assert strays == []


@pytest.mark.parametrize("marks", PROFILES.values(), ids=list(PROFILES))
def test_an_object_of_a_lane_is_known_whoever_prepared_its_baseline(marks: Marks) -> None:
    others = {each.tag: "original" for each in PROFILES.values() if each is not marks}
    labels = {**others, **marks.on_objects("gray", "demo", "web")}
    assert marks_of(labels) is marks
    assert tag_in(labels) == ("gray", "web")
    assert gray_mark(labels) == marks.alone
    assert marks.unclaimed(labels) == marks.on_objects("gray", "demo", "web")
    assert marks_of(others) is None
    assert tag_in(others) == ("", "")
    assert gray_mark(others) is None


def test_a_tag_alone_is_enough_by_hand() -> None:
    assert tag_in({PROFILES[Profile.PLAIN].tag: "blue"}) == ("blue", "")
