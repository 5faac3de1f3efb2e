"""The index of the tables over kinds is whole, and `python -m tools.kind` shows what they say."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from grayc.k8s.index import TABLES, about, known_kinds
from grayc.k8s.kinds import APPS, CORE, KEDA, GroupKind
from tools.kind import main

FOLDER = Path(__file__).parents[3] / "grayc" / "k8s"


def is_kind(value: object) -> bool:
    match value:
        case (str(group), str(name)):
            return re.fullmatch(r"[A-Z][A-Za-z0-9]+", name) is not None and "/" not in group
        case _:
            return False


def tables_over_kinds() -> set[str]:
    """Return every public mapping, set or tuple of this package whose keys are kinds."""
    found = set()
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"^([A-Z][A-Z_]+)\b.*=", text, re.M):
            value = getattr(import_module(f"grayc.k8s.{path.stem}"), name)
            rows = list(value) if isinstance(value, (dict, frozenset, tuple)) else []
            if len(rows) > 1 and all(map(is_kind, rows)):
                found.add(f"{path.stem}.{name}")
    return found


def test_the_index_has_every_table_over_kinds() -> None:
    found = tables_over_kinds()

    assert {"kinds.KINDS", "pod_templates.WORKLOADS", "scalers.SCALERS"} <= found, "the search finds tables"
    assert found <= {table.name for table in TABLES}, "add a row to `TABLES` in grayc/k8s/index.py"


@pytest.mark.parametrize(
    ("kind", "tables"),
    [
        ((CORE, "ConfigMap"), {"kinds.KINDS", "kinds.CONFIG_KINDS"}),
        ((KEDA, "ScaledObject"), {"kinds.KINDS", "scalers.SCALERS", "references.REFERENCES"}),
        ((APPS, "StatefulSet"), {"pod_templates.WORKLOADS", "pod_templates.CLAIM_TEMPLATES", "immutable.IMMUTABLE"}),
        (("networking.k8s.io", "Ingress"), {"gateways.GATEWAYS", "structure.TYPES", "removed_apis.REMOVED_APIS"}),
        (("example.com", "Widget"), set()),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_kind_is_seen_together(kind: GroupKind, tables: set[str]) -> None:
    found = {table.name for table, _ in about(kind)}

    assert tables <= found
    assert bool(found) == bool(tables)


def test_the_tool_prints_the_rows_of_a_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Deployment"]) == 0
    said = capsys.readouterr().out

    assert said.startswith("Deployment (apps)\n")
    assert "  pod_templates.WORKLOADS: where it keeps its pod template" in said
    assert "    template: spec.template\n" in said
    assert "  no row in: " in said


def test_the_tool_prints_every_kind_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--all"]) == 0
    said = capsys.readouterr().out
    heads = [line for line in said.splitlines() if line and not line.startswith(" ")]

    assert len(heads) == len(set(heads)) == len(known_kinds())


def test_the_tool_says_that_it_knows_no_such_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Widget"]) == 2
    assert "Widget" in capsys.readouterr().err
