"""The shape of the code: which package imports which, and what must not be imported at all.

`docs/architecture.md` has the same table for readers. A new arrow is a decision: it is added here and there, with its
reason in the commit.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grayc.passes.registry import BUILD
from grayc.spec.model import GatewayName

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "grayc"

STAGES = frozenset({
    "source", "documents", "spec", "plan", "passes", "checks", "gateways", "output", "diff", "conform", "edit", "zadig",
})  # fmt: skip

MAY_IMPORT: dict[str, frozenset[str]] = {
    "cli": frozenset({"driver", "report", "diagnostics"}),
    "driver": STAGES | {"diagnostics", "routing"},
    "report": frozenset({"output", "diff", "conform", "plan", "routing", "diagnostics", "source"}),
    "diff": frozenset({"plan", "documents", "k8s", "diagnostics"}),
    "conform": frozenset({"plan", "documents", "diagnostics"}),
    "output": frozenset({"documents", "k8s", "diagnostics"}),
    "passes": frozenset({"gateways", "plan", "documents", "k8s", "diagnostics"}),
    "checks": frozenset({"plan", "documents", "k8s", "diagnostics"}),
    "gateways": frozenset({"plan", "documents", "k8s", "diagnostics"}),
    "routing": frozenset({"documents", "k8s", "diagnostics"}),
    "edit": frozenset({"documents", "diagnostics"}),
    "plan": frozenset({"spec", "documents", "k8s", "diagnostics"}),
    "spec": frozenset({"documents", "diagnostics"}),
    "zadig": frozenset({"documents", "k8s", "diagnostics"}),
    "documents": frozenset({"source", "k8s", "diagnostics"}),
    "k8s": frozenset(),
    "diagnostics": frozenset({"source"}),
    "source": frozenset(),
}
"""Package of grayc → packages it may import."""

TYPES_TRAVEL: dict[str, str] = {
    # Whoever makes a diagnostic may name a place, and whoever takes a plan may take the parts of the spec inside it.
    "grayc.source": "diagnostics",
    "grayc.spec.model": "plan",
}
"""Module of types → package whose importers may import it too."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("grayc.output.layout", "grayc.spec.model"): "`Layout` is a word of the language",
    ("grayc.driver.first", "grayc.report.first_spec"): "the text of a first spec is written to a file as output is",
    ("grayc.driver.from_zadig", "grayc.report.first_spec"): "as above",
    (
        "grayc.driver.adopt",
        "grayc.report.adopt_script",
    ): "the script of `grayc adopt` is written to a file as output is",
    ("grayc.cli.answer", "grayc.output.create"): "a report file is written as output is",
    ("grayc.cli.schema", "grayc.spec.schema"): "`grayc schema` prints the schema as it is",
    ("grayc.cli.route", "grayc.routing.model"): "the request that is asked is made of flags",
    ("grayc.cli.route", "grayc.routing.simulators"): "the gateways that can be asked are its rows",
    ("grayc.cli.fault", "grayc.passes.check"): "a broken invariant is told apart from other faults",
    ("grayc.cli.fault", "grayc.passes.pipeline"): "a fault says which pass it happened in",
}
"""Importing module and imported module → why this one arrow is there."""

THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "greenery": ("grayc.plan.patterns_meet",),
    "jsonpatch": ("grayc.documents",),
    "jsonpointer": ("grayc.documents",),
    "jsonschema": ("grayc.conform", "grayc.spec.schema"),
    "re2": ("grayc.checks.meetings", "grayc.conform", "grayc.gateways", "grayc.routing.matching", "grayc.spec"),
    "referencing": ("grayc.conform.with_jsonschema",),
    "typer": ("grayc.cli",),
    "yaml": ("grayc.documents",),
}
"""Library → the modules or packages behind which it stays."""

NEVER = frozenset({
    "asyncio", "ftplib", "http", "locale", "random", "secrets", "socket", "ssl", "time", "urllib.request", "uuid",
})  # fmt: skip
"""Network, clock, chance and locale: what grayc says depends on its input alone."""

PASS_HOUSE: dict[str, str] = {
    "registry": "the order of the passes",
    "pipeline": "runs them",
    "check": "what holds after each of them",
    "containers": "what the passes over containers share",
}
"""Modules of `passes` that are no pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


def imports_of(module: str) -> Iterator[Import]:
    """Yield the imports of a module, those inside functions too."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (Import(importer=module, imported=alias.name, line=node.lineno) for alias in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                assert level == 0 and origin is not None, f"{module}:{node.lineno}: a relative import"
                for alias in names:
                    # `from grayc.gateways import mse` imports a module; `from grayc.plan.model import Copy` a name.
                    submodule = f"{origin}.{alias.name}"
                    imported = submodule if submodule in MODULES else origin
                    yield Import(importer=module, imported=imported, line=node.lineno)
            case _:
                pass


IMPORTS = tuple(found for module in MODULES for found in imports_of(module))
INTERNAL = tuple(found for found in IMPORTS if found.imported.split(".")[0] == "grayc")
EXTERNAL = tuple(found for found in IMPORTS if found.imported.split(".")[0] != "grayc")


def package_of(module: str) -> str:
    """Return the package inside grayc, "" for grayc itself."""
    return (*module.split("."), "")[1]


def is_inside(module: str, place: str) -> bool:
    return module == place or module.startswith(place + ".")


def is_allowed(found: Import) -> bool:
    importer, imported = package_of(found.importer), package_of(found.imported)
    if importer in {"", "__main__"} or imported in {"", importer}:
        return True
    allowed = MAY_IMPORT[importer]
    return imported in allowed or TYPES_TRAVEL.get(found.imported) in allowed


def test_every_package_has_a_row_in_the_table() -> None:
    packages = {package_of(module) for module in MODULES} - {"", "__main__"}

    assert packages <= set(MAY_IMPORT)


def test_packages_import_only_what_the_table_allows() -> None:
    strays = [
        str(found) for found in INTERNAL if not is_allowed(found) and (found.importer, found.imported) not in EXCEPTIONS
    ]

    assert strays == []


def test_every_exception_is_still_needed() -> None:
    needed = {(found.importer, found.imported) for found in INTERNAL if not is_allowed(found)}

    assert set(EXCEPTIONS) - needed == set()


def test_nothing_imports_the_command_line() -> None:
    strays = [
        str(found)
        for found in INTERNAL
        if package_of(found.imported) == "cli" and package_of(found.importer) not in {"cli", "__main__"}
    ]

    assert strays == []


def test_imports_between_packages_have_no_cycle() -> None:
    arrows: dict[str, set[str]] = {}
    for found in INTERNAL:
        importer, imported = package_of(found.importer), package_of(found.imported)
        if importer != imported and "" not in {importer, imported}:
            arrows.setdefault(importer, set()).add(imported)
    done: set[str] = set()

    def visit(package: str, path: tuple[str, ...]) -> None:
        assert package not in path, " -> ".join((*path, package))
        if package not in done:
            for imported in sorted(arrows.get(package, ())):
                visit(imported, (*path, package))
            done.add(package)

    for package in sorted(arrows):
        visit(package, ())


def passes() -> set[str]:
    return {module.split(".")[2] for module in MODULES if module.startswith("grayc.passes.")} - set(PASS_HOUSE)


def gateways() -> set[str]:
    names = {str(name).replace("-", "_") for name in GatewayName}
    return {module.split(".")[2] for module in MODULES if module.startswith("grayc.gateways.")} & names


def checks() -> set[str]:
    return {module.split(".")[2] for module in MODULES if module.startswith("grayc.checks.")}


@pytest.mark.parametrize(
    ("package", "members"),
    [("passes", passes()), ("gateways", gateways()), ("checks", checks())],
    ids=["passes", "gateways", "checks"],
)
def test_members_do_not_import_each_other(package: str, members: set[str]) -> None:
    assert members, "there are some, or this test looks in the wrong place"
    strays = [
        str(found)
        for found in INTERNAL
        for member in [found.importer.removeprefix(f"grayc.{package}.")]
        for other in [found.imported.removeprefix(f"grayc.{package}.")]
        if member in members and other in members and member != other
    ]

    assert strays == []


def test_a_pass_has_one_name_for_module_function_and_registry_row() -> None:
    rows = {row.name: f"{row.run.__module__}.{row.run.__qualname__}" for row in BUILD}

    assert rows == {name: f"grayc.passes.{name}.{name}" for name in rows}
    assert set(rows) == passes()


def test_libraries_stay_behind_their_modules() -> None:
    strays = []
    for found in EXTERNAL:
        library = found.imported.split(".")[0]
        homes = THIRD_PARTY.get(library, ())
        if library not in sys.stdlib_module_names and not any(is_inside(found.importer, home) for home in homes):
            strays.append(str(found))

    assert strays == []


def test_nothing_reads_network_clock_chance_or_locale() -> None:
    strays = [str(found) for found in EXTERNAL if any(is_inside(found.imported, never) for never in NEVER)]

    assert strays == []
