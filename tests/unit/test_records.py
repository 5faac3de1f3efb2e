"""Dataclasses that are made at first use are what the standard decorator makes."""

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grayc import records

ROOT = Path(__file__).parents[2]

# Run twice: with grayc's decorator, and with the standard one in its place.
DESCRIBE = """
import dataclasses, importlib, inspect, json, pkgutil, sys
if sys.argv[1] == "standard":
    sys.modules["grayc.records"] = dataclasses
import grayc
found = {}
for module in pkgutil.walk_packages(grayc.__path__, "grayc."):
    if module.name in ("grayc.records", "grayc.__main__"):
        continue
    for name, cls in vars(importlib.import_module(module.name)).items():
        if not inspect.isclass(cls) or cls.__module__ != module.name or not dataclasses.is_dataclass(cls):
            continue
        if sys.argv[1] == "grayc" and cls.__init__.__name__ == "_first_init":
            import grayc.records
            for base in cls.__mro__:
                if base.__dict__.get("__init__") is cls.__init__:
                    grayc.records.complete(base)
        found[f"{module.name}.{name}"] = {
            "signature": [
                (each.name, str(each.kind), each.default is inspect.Parameter.empty)
                for each in inspect.signature(cls.__init__).parameters.values()
            ],
            "fields": [
                (each.name, each.init, each.repr, each.compare, str(each.type)) for each in dataclasses.fields(cls)
            ],
            "slots": sorted(cls.__dict__.get("__slots__", ["none"])),
            "match": list(cls.__match_args__),
            "eq": cls.__eq__ is object.__eq__,
            "hash": cls.__hash__ is None or cls.__hash__ is object.__hash__,
            "ordered": cls.__lt__ is object.__lt__,
            "frozen": cls.__setattr__ is object.__setattr__,
            "mro": [each.__name__ for each in cls.__mro__],
            "name": cls.__qualname__,
        }
print(json.dumps(found))
"""


def described(which: str) -> dict[str, object]:
    run = subprocess.run([sys.executable, "-c", DESCRIBE, which], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert isinstance(found, dict)
    return found


def test_every_class_is_what_the_standard_decorator_makes_of_it() -> None:
    ours, standard = described("grayc"), described("standard")

    assert len(ours) > 300
    assert ours == standard


def pair() -> tuple[SimpleNamespace, SimpleNamespace]:
    """Return the same classes, made here and by the standard library."""

    def make(how: object) -> SimpleNamespace:
        made = SimpleNamespace()
        dataclass, field = how.dataclass, how.field  # type: ignore[attr-defined]

        @dataclass(frozen=True, slots=True, kw_only=True, order=True)
        class Point:
            x: int
            y: int = 2
            note: str = field(default="", compare=False, repr=False)
            total: int = field(init=False)

            def __post_init__(self) -> None:
                object.__setattr__(self, "total", self.x + self.y)

        @dataclass(frozen=True, slots=True)
        class Pair:
            first: object
            second: object = None

        @dataclass(slots=True)
        class Bag:
            items: list[int] = field(default_factory=list)
            name: str = "bag"

        @dataclass(frozen=True, slots=True, kw_only=True, eq=False)
        class Own:
            value: int = 0

        @dataclass(frozen=True, slots=True)
        class Longer(Pair):
            third: int = 3

        for each in (Point, Pair, Bag, Own, Longer):
            each.__qualname__ = each.__name__
            setattr(made, each.__name__, each)
        return made

    return make(records), make(dataclasses)


def both(question: str) -> tuple[object, object]:
    """Return what both answer to an expression over `m`, the kind of an error for an answer."""

    def ask(made: SimpleNamespace, how: object) -> object:
        try:
            return eval(question, {"m": made, "replace": how.replace, "copy": copy, "fields": dataclasses.fields})  # type: ignore[attr-defined]
        except Exception as error:
            return type(error).__name__

    ours, standard = pair()
    return ask(ours, records), ask(standard, dataclasses)


@pytest.mark.parametrize(
    "question",
    [
        "repr(m.Point(x=1, note='n'))",
        "m.Point(x=1).total",
        "m.Point(1)",
        "m.Point()",
        "m.Point(x=1, z=2)",
        "m.Point(x=1, note='a') == m.Point(x=1, note='b')",
        "hash(m.Point(x=1)) == hash(m.Point(x=1, note='b'))",
        "m.Point(x=1) == m.Pair(1)",
        "m.Point(x=1) < m.Point(x=2), m.Point(x=2) <= m.Point(x=1), m.Point(x=2) > m.Point(x=1)",
        "m.Point(x=1) >= m.Point(x=1)",
        "m.Point(x=1) < m.Pair(1)",
        "repr(replace(m.Point(x=1, note='n'), y=5)), replace(m.Point(x=1), y=5).total",
        "setattr(m.Point(x=1), 'x', 2)",
        "delattr(m.Point(x=1), 'x')",
        "m.Point(x=1).__dict__",
        "m.Point.x.__class__.__name__",
        "repr(m.Pair(1)), repr(m.Pair(1, 2)), m.Pair(1, 2) == m.Pair(1, 2), m.Pair.__match_args__",
        "m.Pair()",
        "hash(m.Pair([]))",
        "repr(m.Bag()), m.Bag() == m.Bag(), m.Bag().items is m.Bag().items",
        "hash(m.Bag())",
        "[setattr(b, 'name', 'x') or b.name for b in [m.Bag()]]",
        "[setattr(b, 'other', 'x') for b in [m.Bag()]]",
        "m.Own() == m.Own(), repr(m.Own(value=2)), len({m.Own(), m.Own()})",
        "repr(m.Longer(1)), m.Longer(1) == m.Pair(1), m.Longer.__match_args__, m.Longer(1, 2, 4).third",
        "repr(copy.copy(m.Point(x=1))), repr(copy.deepcopy(m.Pair([1], 2)))",
        "[each.name for each in fields(m.Longer)], [each.name for each in fields(m.Point(x=1))]",
        "[m.Pair(1)] + [m.Longer(1, 2)] == [m.Pair(1), m.Longer(1, 2)]",
    ],
)
def test_objects_behave_as_those_of_the_standard_decorator(question: str) -> None:
    ours, standard = both(question)

    assert ours == standard


def test_the_standard_replace_takes_an_object() -> None:
    ours, _ = pair()

    changed = dataclasses.replace(ours.Point(x=1, note="n"), y=7)

    assert (changed.x, changed.y, changed.note, changed.total) == (1, 7, "n", 8)


def test_an_object_can_be_pickled() -> None:
    from grayc.documents.model import ObjectIdentity  # noqa: PLC0415 - pickle finds classes by their module

    identity = ObjectIdentity(api_version="v1", kind="Service", namespace="", name="web")

    assert pickle.loads(pickle.dumps(identity)) == identity


def test_no_module_takes_the_standard_decorator() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "grayc").rglob("*.py")
        if path.name != "records.py" and "from dataclasses import" in path.read_text(encoding="utf-8")
    ]

    assert found == [], "write `from grayc.records import`: `grayc/records.py` says why"
