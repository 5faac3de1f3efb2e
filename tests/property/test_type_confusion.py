"""Whatever stands in a field that grayc reads, every command answers: no fault, no hang, the same each time.

A part of all pairs of field and value runs here, the same each time; `python -m tests.fuzz` runs for as long as it is
told, over the goldens too.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from grayc.documents import parse_documents
from grayc.documents.structure import misfits
from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.structure import structure_of
from grayc.source import SourceFile
from tests.abuse.model import INGRESS, RELEASE, WEB
from tests.cli_run import run_grayc
from tests.fuzz.cases import clean, run_case
from tests.fuzz.confusion import (
    VALUES,
    Place,
    documents_of,
    known_kinds,
    mutated,
    places,
    replaced,
    whole_object,
    written,
)

COMMANDS = (
    ("build", "release.yaml", "-o", "out", "--baseline-patch", "patch.yaml"),
    ("plan", "release.yaml"),
    ("validate", "release.yaml", "--engine", "jsonschema", "--today", "2026-01-01"),
    ("route", "release.yaml", "--host", "shop.example.com", "-H", "x-user-id: 100"),
    ("route", "-d", "baseline", "--gateway", "higress", "--host", "shop.example.com"),
    ("route", "-d", "baseline", "--gateway", "gateway-api", "--host", "web"),
    ("route", "-d", "baseline", "--gateway", "istio", "--host", "web"),
    ("diff", "release.yaml", "--baseline"),
    ("promote", "release.yaml", "--diff"),
    ("adopt", "baseline", "--script", "-"),
    ("init", "baseline", "-o", "-"),
)
EVERY = 461
"""How many pairs of field and value stand between two that run here."""
CASES = 30
"""How many cases of `tests.fuzz` run here."""


def fields() -> Iterator[tuple[GroupKind, Place]]:
    """Yield every field that a table has; those of pods once, as they are alike in all workloads."""
    for kind in known_kinds():
        deepest = 0
        if kind in WORKLOADS and kind != ("apps", "Deployment"):
            deepest = len(WORKLOADS[kind].template) + 2
        for place in places(whole_object(kind)):
            if place and (not deepest or len(place) <= deepest):
                yield kind, place


def pairs() -> Iterator[tuple[GroupKind, Place, Any]]:
    """Yield every field with every value."""
    return ((kind, place, value) for kind, place in fields() for value in VALUES)


SAMPLE = list(pairs())[::EVERY]


def write(folder: Path, release: Any = None, **files: list[Any]) -> None:
    (folder / "baseline").mkdir()
    (folder / "release.yaml").write_text(RELEASE if release is None else written([release]), encoding="utf-8")
    for name, documents in {"web": documents_of(WEB), "ingress": documents_of(INGRESS), **files}.items():
        (folder / "baseline" / f"{name}.yaml").write_text(written(documents), encoding="utf-8")


def assert_answers(folder: Path, *commands: tuple[str, ...]) -> None:
    for arguments in commands:
        run = run_grayc(arguments, folder=folder)
        assert run.status in (0, 1, 2), f"{' '.join(arguments)}\n{run.stderr}"
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("part", range(8))
def test_every_command_answers_whatever_a_field_holds(part: int, tmp_path: Path) -> None:
    for number, (kind, place, value) in list(enumerate(SAMPLE))[part::8]:
        folder = tmp_path / str(number)
        folder.mkdir()
        name = "more" if kind in {("apps", "Deployment"), ("", "Service"), ("", "ConfigMap")} else "web"
        # One in two is an object of the service itself.
        write(folder, others=[replaced(whole_object(kind, name), place, value)])
        assert_answers(folder, *(COMMANDS[(number * 3 + step) % len(COMMANDS)] for step in range(3)))
        clean(folder)


@pytest.mark.parametrize("part", range(4))
def test_every_command_answers_whatever_a_released_object_holds(part: int, tmp_path: Path) -> None:
    texts = {"web": documents_of(WEB), "ingress": documents_of(INGRESS)}
    found = [
        (name, at, place, value)
        for name, documents in texts.items()
        for at, document in enumerate(documents)
        for place in places(document)
        for value in VALUES
    ]
    for number, (name, at, place, value) in list(enumerate(found[::29]))[part::4]:
        folder = tmp_path / str(number)
        folder.mkdir()
        write(
            folder, **{name: [replaced(each, place, value) if at == i else each for i, each in enumerate(texts[name])]}
        )
        assert_answers(folder, *(COMMANDS[(number * 3 + step) % len(COMMANDS)] for step in range(3)))
        clean(folder)


def test_every_command_answers_whatever_a_release_holds(tmp_path: Path) -> None:
    (release,) = documents_of(RELEASE)
    for seed in range(40):
        folder = tmp_path / str(seed)
        folder.mkdir()
        write(folder, mutated(release, Random(seed)))
        assert_answers(folder, COMMANDS[seed % len(COMMANDS)], COMMANDS[0])
        clean(folder)


@pytest.mark.parametrize("seed", range(CASES))
def test_cases_of_the_fuzzer_have_no_problem(seed: int, tmp_path: Path) -> None:
    assert [ran.problem for ran in run_case(seed, tmp_path / "case") if ran.problem] == []


def test_what_the_tables_say_of_each_kind_is_no_finding() -> None:
    for kind in known_kinds():
        text = json.dumps(whole_object(kind))
        assert parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics == (), kind


def test_every_known_field_refuses_a_mapping_and_a_list_where_none_belongs() -> None:
    """The law of the table: what is no mapping or list by its type refuses both, and the other way round."""
    for kind, place in fields():
        if place[0] in ("apiVersion", "kind") or place in FREE:
            continue
        whole = whole_object(kind)
        value: Any = whole
        for step in place:
            value = value[step]
        wrong = "text" if isinstance(value, (dict, list)) else {"a": [1]}
        found = misfits(replaced(whole, place, wrong), kind)
        assert [misfit.path for misfit in found if misfit.is_fatal] == [place], (kind, place)


FREE: frozenset[Place] = frozenset({("metadata",), ("metadata", "name")})
"""Without these there is no object: GC130."""


def test_structures_are_made_of_all_kinds() -> None:
    assert all(structure_of(kind).fields for kind in known_kinds())
