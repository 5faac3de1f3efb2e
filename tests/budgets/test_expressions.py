"""Each expression of the package's own takes time in proportion to the text, whatever the text."""

import importlib
import pkgutil
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import grayc
from grayc.analysis import patterns_meet
from grayc.conform import with_kubeconform
from grayc.diagnostics.visible import without_commands
from grayc.documents import render
from tests.budgets.cost import assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import release

SIGNS = 10_000
SECONDS = 0.25
"""What is quadratic takes several times as long for so many signs; what is linear a hundredth."""

ONLY_AT_ONE_PLACE = {
    "grayc.analysis.peers._ORDINAL",
    "grayc.analysis.registrations._ADDRESS",
    "grayc.analysis.service_mentions._LINK",
    "grayc.cli.explain._LINE",
    "grayc.cli.explain._OBJECT",
    "grayc.documents.argocd._MANIFEST",
    "grayc.documents.config_text._NAME",
    "grayc.documents.config_text._PROFILE",
    "grayc.documents.config_text._PROPERTY",
    "grayc.documents.declared._VERSION",
    "grayc.documents.fetches._USER",
    "grayc.documents.hide._BINDS",
    "grayc.documents.hide._VALUE",
    "grayc.documents.model._FIRST_KEY",
    "grayc.documents.plain_yaml._LINE",
    "grayc.documents.quoted._ACTION",
    "grayc.documents.traefik_rules._TOKEN",
    "grayc.documents.unused._OVERRIDES",
    "grayc.driver.promote.left._DECLARED",
    "grayc.edit.replace._PROPERTY",
    "grayc.edit.text._PLAIN",
    "grayc.k8s.budgets._PERCENT",
    "grayc.k8s.experiments._EQUALS",
    "grayc.k8s.generated._HASHED",
    "grayc.k8s.label_readers._SELECTOR_NAME",
    "grayc.k8s.quantities._QUANTITY",
    "grayc.k8s.queues._CRON",
    "grayc.k8s.secrets._BY_HEADER",
    "grayc.output.inventory._NAME",
    "grayc.spec.flags._IMAGE",
}
"""They are asked where a text, or a part of it, begins, or where they are sure to end."""


def _expressions() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(grayc.__path__, "grayc."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                held = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
                for each in held:
                    if isinstance(each, re.Pattern):
                        yield f"{module.name}.{name}", each


def _sign(choices: list[tuple[Any, Any]], chance: random.Random) -> str:
    if str(choices[0][0]) == "NEGATE":
        ruled_out = {chr(value) for kind, value in choices[1:] if str(kind) == "LITERAL"}
        if any("SPACE" in str(value) for _, value in choices):
            ruled_out |= {*" \t\n"}
        return next(sign for sign in "~a0 -.é" if sign not in ruled_out)
    kind, value = chance.choice(choices)
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(chance.randint(value[0], min(value[1], value[0] + 25)))
    return " " if str(value).endswith("_SPACE") and "NOT" not in str(value) else "0"


def _text(parts: Any, repeated: int, chance: random.Random) -> str:
    """Return a text that a parsed expression is likely to take, with so many of what it repeats."""
    made = ""
    for kind, value in parts:
        match str(kind):
            case "LITERAL":
                made += chr(value)
            case "NOT_LITERAL":
                made += "a" if value != ord("a") else "b"
            case "ANY":
                made += "a"
            case "IN":
                made += _sign(value, chance)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = value
                made += _text(inner, min(repeated, 1), chance) * max(least, min(int(most), repeated))
            case "SUBPATTERN":
                made += _text(value[3], repeated, chance)
            case "ATOMIC_GROUP":
                made += _text(value, repeated, chance)
            case "BRANCH":
                made += _text(chance.choice(value[1]), repeated, chance)
    return made


def _filled(unit: str) -> str:
    return (unit * (SIGNS // max(len(unit), 1) + 1))[:SIGNS] if unit else ""


def _texts(pattern: str | bytes) -> set[str]:
    """Return long texts of an expression's own shape: its beginnings and its parts again and again, and no end."""
    chance = random.Random(20)
    parts = list(parser.parse(pattern, 0))
    found = {_filled(sign) + end for sign in " \n\ta0-/:'\"`=[{\\" for end in ("", "\x01")}
    for at in range(1, len(parts) + 1):
        unit = _filled(_text(parts[at - 1 : at], 1, chance))
        found |= {unit + "\x01", _text(parts[: at - 1], 1, chance) + unit, _filled(_text(parts[:at], 1, chance))}
        found.add(_text(parts[:at], SIGNS, chance)[:SIGNS] + "\x01")
    return found


def _seconds(expression: re.Pattern[Any], text: Any, *, is_searched: bool = True) -> float:
    before = time.process_time()
    expression.fullmatch(text)
    for _ in expression.finditer(text) if is_searched else (expression.match(text),):
        pass
    return time.process_time() - before


def test_expressions_are_linear() -> None:
    expressions = dict(_expressions())
    assert len(expressions) > 80
    slow = []
    for name, expression in expressions.items():
        for text in sorted(_texts(expression.pattern)):
            given = text.encode() if isinstance(expression.pattern, bytes) else text
            if _seconds(expression, given, is_searched=name not in ONLY_AT_ONE_PLACE) > SECONDS:
                slow.append((name, text[:40], text[-3:]))
                break
    assert slow == []


def test_the_walk_finds_what_is_quadratic() -> None:
    expression = re.compile(r"(a|b)*c")
    assert any(_seconds(expression, text) > SECONDS for text in _texts(expression.pattern))


@pytest.mark.parametrize("text", ["\n" * 900_000 + "::", " " * 900_000 + "::", "\r" * 900_000 + "::", "\n :" * 300_000])
def test_commands_of_build_servers_are_found_at_once(text: str) -> None:
    before = time.process_time()
    assert without_commands(text).count("\n") == text.count("\n")
    assert time.process_time() - before < 1


def test_commands_are_found_behind_empty_lines() -> None:
    assert without_commands("a\n\n \t::error::b\n::c") == "a\n\n \t\\x3a:error::b\n\\x3a:c"


def test_words_of_kubeconform_are_taken_apart_at_once() -> None:
    text = "problem validating schema - at '/a': '" + " " * 900_000 + "' does not match\n  - at '/b': is no number\n"
    before = time.process_time()
    found = [(item[1], item["words"].split()[-1]) for item in with_kubeconform._ERROR.finditer(text)]
    assert found == [("/a", "match"), ("/b", "number")]
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a{100}", True),
        ("a{12,345}", True),
        ("a{,345}", True),
        ("a{12,34}", False),
        ("a{99}", False),
        ("a{1234,}", False),
    ],
)
def test_repetitions_of_many_are_seen(pattern: str, expected: bool) -> None:
    assert bool(patterns_meet._MOST_REPEATED.search(pattern)) is expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (b"{" * 900_000, False),
        (b"{{a" * 300_000, False),
        (b"{{a" * 300_000 + b" now }}", True),
        (b"{{ a }} now {{ b }}", False),
        (b"{{- if (now) }}", True),
    ],
)
def test_a_template_that_asks_for_the_time_is_seen_at_once(template: bytes, expected: bool) -> None:
    before = time.process_time()
    assert bool(render._ASKS_THE_TIME.search(template)) is expected
    assert time.process_time() - before < 1


@pytest.mark.parametrize("line", ["{" * 900_000, "{{a" * 300_000, "{{ a }} b" + "{{a" * 300_000])
def test_a_baseline_of_braces_costs_little(tmp_path: Path, line: str) -> None:
    lay_out(tmp_path, [deployment()], release=release(), baseline__b=f"a: {line}\n")
    assert_cheap(cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path))
