"""Flags in place of fields: what a release may not say, they may not either."""

import pytest

from grayc.spec.flags import FlagImage, Flags, images_of, refuse_flags


@pytest.mark.parametrize(
    ("flags", "codes"),
    [
        (Flags(tag="pr-12", images=("web=web:1", "cart/app=x/y:2"), expires="2027-01-31", owner="团队 <a@b.c>"), []),
        (Flags(tag="original"), ["GC207"]),
        (Flags(tag="Pr_1"), ["GC207"]),
        (Flags(tag="$(id)"), ["GC207"]),
        (Flags(tag="a" * 63), ["GC205"]),
        (Flags(expires="2027-02-30"), ["GC205"]),
        (Flags(owner="a\nb"), ["GC205"]),
        (Flags(owner="a\u202eb"), ["GC205"]),
        (Flags(owner="\udcff"), ["GC702"]),
        (Flags(images=("web=x y",)), ["GC205"]),
        (Flags(images=("=x", "web=", "web", "a/b/c=x")), ["GC702"] * 4),
    ],
)
def test_what_a_flag_may_say(flags: Flags, codes: list[str]) -> None:
    assert [found.code for found in refuse_flags(flags, "demo")] == codes


def test_an_image_names_its_container_and_perhaps_its_service() -> None:
    found = images_of(Flags(images=("web=r:5000/web:1", "cart/app=x@sha256:0")))
    assert [(each.service, each.container, each.image) for each in found] == [
        ("", "web", "r:5000/web:1"),
        ("cart", "app", "x@sha256:0"),
    ]
    assert isinstance(found[0], FlagImage)
