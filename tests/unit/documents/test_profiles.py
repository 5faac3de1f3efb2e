"""Profiles of Spring: which are active, and which documents of a file count with them."""

import pytest

from grayc.documents.config_text import active_profiles, holds, parts_of


@pytest.mark.parametrize(
    ("expression", "active", "expected"),
    [
        ("dev", {"dev"}, True),
        ("dev", set(), False),
        ("!dev", set(), True),
        ("dev,eu", {"eu"}, True),
        ("dev | eu", {"eu"}, True),
        ("dev & eu", {"eu"}, False),
        ("!(dev | eu)", {"us"}, True),
        ("(dev & !eu) | us", {"dev"}, True),
        ("(dev", {"dev"}, True),
        ("&", {"dev"}, False),
        ("", {"dev"}, False),
    ],
)
def test_expressions(expression: str, active: set[str], expected: bool) -> None:
    assert holds(expression, frozenset(active)) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], None),
        ([("spring.profiles.active", "a, b")], {"a", "b"}),
        # What stands in front counts.
        ([("spring.profiles.active", "a"), ("spring.profiles.active", "b")], {"a"}),
        ([("spring.profiles.active", "${X}")], None),
        ([("spring.profiles.active", "a"), ("spring.profiles.include", "b")], {"a", "b"}),
        (
            [("spring.profiles.group.a", "b,c"), ("spring.profiles.group.c", "a"), ("spring.profiles.active", "a")],
            {*"abc"},
        ),
        ([("spring.profiles.include", "b")], None),
    ],
)
def test_active(told: list[tuple[str, str]], expected: set[str] | None) -> None:
    found = active_profiles(told)

    assert found == (None if expected is None else frozenset(expected))


@pytest.mark.parametrize(
    ("name", "text", "only"),
    [
        ("application.yml", "a: 1\n---\nspring.profiles: dev", [(), ("dev",)]),
        ("application-eu.yml", "a: 1\n---\nspring: {config: {activate: {on-profile: dev}}}", [("eu",), ("eu", "dev")]),
        ("application.properties", "a=1\n#---\nspring.config.activate.on-profile=dev", [(), ("dev",)]),
        ("app.conf", "a\n---\nspring.profiles: dev", [()]),
    ],
)
def test_parts(name: str, text: str, only: list[tuple[str, ...]]) -> None:
    assert [part.only for part in parts_of(name, text)] == only
