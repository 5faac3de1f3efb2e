"""Every gateway has all that a row of `GATEWAYS` promises: whatever is missing is named here."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from grayc.analysis.routes import ROUTES
from grayc.gateways import writer_of
from grayc.gateways.writer import no_guard
from grayc.k8s.abilities import Feature, Fit
from grayc.k8s.gateways import CANARY_MARKS, GATEWAYS, INGRESS, Canaries, GatewayName, GatewayRow, is_repeated
from grayc.k8s.kinds import Policy, kind_row
from grayc.k8s.references import REFERENCES
from grayc.k8s.structure import TYPES
from grayc.routing.simulators import simulator_of

ROOT = Path(__file__).parents[3]


def test_every_name_of_the_language_has_a_row() -> None:
    schema = json.loads((ROOT / "schemas" / "release.schema.json").read_text(encoding="utf-8"))
    names = set(_enums(schema, "gateway"))

    assert names == set(GatewayName) == set(GATEWAYS), "add the name to `GatewayName`, the schema, and a row"


@pytest.mark.parametrize("name", GatewayName)
def test_a_gateway_is_written_and_read_by_a_module_of_its_name(name: GatewayName) -> None:
    module = f"{name.replace('-', '_')}.py"
    assert _has(module.removesuffix(".py"), "gateways", "WRITER"), (
        f"write grayc/gateways/{module}, which binds `WRITER`"
    )
    assert _has(module.removesuffix(".py"), "routing", "simulate"), f"write grayc/routing/{module} with `simulate`"
    assert writer_of(name).name is name, f"grayc/gateways/{module} binds `WRITER` to another name"
    assert callable(simulator_of(name)), f"`simulate` of grayc/routing/{module} is no function"


def test_no_module_of_a_gateway_is_without_a_row() -> None:
    bound = {name.replace("-", "_") for name in GatewayName}
    written = {
        path.stem for path in (ROOT / "grayc" / "gateways").glob("*.py") if _has(path.stem, "gateways", "WRITER")
    }
    read = {path.stem for path in (ROOT / "grayc" / "routing").glob("*.py") if _has(path.stem, "routing", "simulate")}

    assert written <= bound, f"{written - bound}: `WRITER` without a row in `GATEWAYS`"
    assert read - {"simulators"} <= bound, f"{read - bound}: `simulate` without a row in `GATEWAYS`"


@pytest.mark.parametrize("name", GatewayName)
def test_the_row_says_what_its_writer_can_do(name: GatewayName) -> None:
    row, writer = GATEWAYS[name], writer_of(name)

    assert row.opens_baseline == (writer.changes is not None), "`opens_baseline` of the row goes with `changes`"
    assert row.oldest_first == (writer.asked_in_order is not None), "`oldest_first` goes with `asked_in_order`"
    assert row.guard.fit is Fit.REFUSED or writer.guard is not no_guard, "a guard that is not refused is written"


ROWS = [*GATEWAYS.values(), *(row.beside for row in GATEWAYS.values() if row.beside is not None)]


@pytest.mark.parametrize("row", ROWS, ids=[*GATEWAYS, "traefik, own routes"])
def test_a_row_answers_every_feature_and_helps_where_it_is_not_exact(row: GatewayRow) -> None:
    assert set(row.abilities) == set(Feature), "add an `Ability` for each `Feature`, `Fit.REFUSED` where there is none"
    assert all(ability.help for ability in (*row.abilities.values(), row.guard) if ability.fit is not Fit.EXACT), (
        "an `Ability` that is not exact says in `help` what would work"
    )


@pytest.mark.parametrize("row", GATEWAYS.values(), ids=list(GATEWAYS))
def test_the_kind_of_its_entries_can_be_read(row: GatewayRow) -> None:
    assert ROUTES.keys() >= set(row.entry_kinds), "add how such a route is read to `ROUTES` in grayc/analysis/routes.py"
    assert (INGRESS in row.entry_kinds) == bool(row.class_name) == (row.canaries is not Canaries.NONE)
    assert bool(row.prefixes) == (INGRESS in row.entry_kinds)
    if row.beside is not None:
        assert set(row.beside.entry_kinds) < set(row.entry_kinds), "its own entries are the gateway's, too"
        assert set(row.beside.controllers) < set(row.controllers), "and so are its own classes"
    for group_kind in row.entry_kinds:
        kind = group_kind[1]
        assert kind_row(group_kind).policy is Policy.ENTRY, f"add {kind} to `KINDS` in grayc/k8s/kinds.py as `ENTRY`"
        assert group_kind in REFERENCES, f"add the fields of {kind} that name Services to grayc/k8s/references.py"
        assert group_kind in TYPES, f"add the types of all that is read of {kind} to `TYPES` in grayc/k8s/structure.py"


def test_canary_marks_are_those_of_all_gateways() -> None:
    assert set(CANARY_MARKS) == {
        "mse.ingress.kubernetes.io/canary",
        "nginx.ingress.kubernetes.io/canary",
        "higress.io/canary",
        "alb.ingress.kubernetes.io/canary",
    }


@pytest.mark.parametrize(
    ("name", "annotation", "repeated"),
    [
        (GatewayName.HIGRESS, "rewrite-target", True),
        (GatewayName.HIGRESS, "affinity-mode", True),
        (GatewayName.HIGRESS, "whitelist-source-range", False),
        (GatewayName.INGRESS_NGINX, "rewrite-target", False),
        (GatewayName.INGRESS_NGINX, "upstream-hash-by-subset", True),
        (GatewayName.TRAEFIK, "upstream-hash-bygone", False),
    ],
)
def test_a_canary_repeats_what_its_gateway_does_not_take_from_the_base(
    name: GatewayName, annotation: str, repeated: bool
) -> None:
    assert is_repeated(annotation, GATEWAYS[name]) is repeated


def _has(module: str, package: str, attribute: str) -> bool:
    name = f"grayc.{package}.{module}"
    return module != "__init__" and find_spec(name) is not None and hasattr(import_module(name), attribute)


def _enums(schema: object, field: str) -> list[str]:
    """Return the values of every `enum` of a property of this name."""
    found: list[str] = []
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == field and isinstance(value, dict):
                found += value.get("enum", [])
            found += _enums(value, field)
    elif isinstance(schema, list):
        for item in schema:
            found += _enums(item, field)
    return found
