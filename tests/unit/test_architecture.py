"""The shape of the code: which package imports which, and what must not be imported at all.

`docs/architecture.md` has the same table for readers. A new arrow is a decision: it is added here and there, with its
reason in the commit.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from grayc.k8s.gateways import GatewayName
from grayc.passes.registry import BUILD, RELEASE

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "grayc"

STAGES = frozenset({
    "source", "documents", "spec", "plan", "analysis", "planning", "passes", "checks", "gateways", "output", "diff",
    "conform", "edit", "meshes", "adoption", "first_spec", "zadig",
})  # fmt: skip

_ON_PLAN = frozenset({"plan", "analysis", "documents", "k8s", "diagnostics"})
"""What looks at a plan: it, questions about it, and what it is made of."""

MAY_IMPORT: dict[str, frozenset[str]] = {
    "cli": frozenset({"driver", "report", "diagnostics", "cache"}),
    "driver": STAGES | {"diagnostics", "routing", "cache"},
    "report": frozenset(
        {"output", "diff", "conform", "adoption", "routing", "plan", "analysis", "diagnostics", "source"}
    ),
    "diff": frozenset({"plan", "documents", "k8s", "diagnostics"}),
    "conform": frozenset({"plan", "documents", "diagnostics"}),
    "output": frozenset({"documents", "k8s", "diagnostics"}),
    "passes": _ON_PLAN | {"gateways", "meshes"},
    "checks": _ON_PLAN,
    "gateways": _ON_PLAN,
    "meshes": _ON_PLAN,
    "routing": frozenset({"documents", "k8s", "diagnostics"}),
    "edit": frozenset({"documents", "diagnostics"}),
    "adoption": frozenset({"analysis", "documents", "k8s", "diagnostics"}),
    "first_spec": frozenset({"output", "analysis", "documents", "k8s", "diagnostics"}),
    "planning": _ON_PLAN | {"spec"},
    "analysis": frozenset({"plan", "spec", "documents", "k8s", "diagnostics"}),
    "plan": frozenset({"spec", "documents", "k8s", "diagnostics"}),
    "spec": frozenset({"documents", "k8s", "diagnostics"}),
    "zadig": frozenset({"documents", "k8s", "diagnostics"}),
    "documents": frozenset({"source", "k8s", "diagnostics", "cache"}),
    "k8s": frozenset(),
    "diagnostics": frozenset({"source"}),
    "source": frozenset({"cache"}),
    "cache": frozenset(),
}
"""Package of grayc → packages it may import."""

EVERYWHERE = frozenset({"records", "patterns"})
"""How data and expressions are declared: for every package what `dataclasses` and `re` are elsewhere."""

TYPES_TRAVEL: dict[str, str] = {
    # Whoever makes a diagnostic may name a place, and whoever takes a plan may take the parts of the spec inside it.
    "grayc.source": "diagnostics",
    "grayc.spec.model": "plan",
    # A gateway's name is part of the spec, and its row says what that name means.
    "grayc.k8s.gateways": "plan",
    "grayc.k8s.providers": "plan",
    # What carries the tag is part of the spec, too.
    "grayc.k8s.carriers": "plan",
    "grayc.k8s.profiles": "plan",
    "grayc.spec.findings": "plan",
    # What an inventory keeps of a lane's rules.
    "grayc.spec.rule_data": "plan",
}
"""Module of types → package whose importers may import it too."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("grayc.output.layout", "grayc.spec.model"): "`Layout` is a word of the language",
    ("grayc.output.left", "grayc.source.git"): "what git tracks of a killed run was not left by it",
    ("grayc.output.place", "grayc.source.repository"): "an output folder holds no repository",
    ("grayc.conform.with_kubeconform", "grayc.source.bounds"): "kubeconform is kept to limits as what renders is",
    ("grayc.cli.answer", "grayc.output.create"): "a report file is written as output is",
    ("grayc.cli.again", "grayc.source.seen"): "what a build was given is kept with its answer",
    ("grayc.cli.progress", "grayc.source.seen"): "what a run waits for is known where files are read and programs run",
    ("grayc.cli.schema", "grayc.spec.schema"): "`grayc schema` prints the schema as it is",
    ("grayc.cli.route", "grayc.routing.model"): "the request that is asked is made of flags",
    ("grayc.cli.route", "grayc.k8s.gateways"): "the gateways that can be asked are its rows",
    ("grayc.report.page.view", "grayc.driver.review_model"): "the types that a page is made from, and no pipeline",
    ("grayc.report.page.render", "grayc.driver.review_model"): "the same",
    ("grayc.cli.fault", "grayc.passes.check"): "a broken invariant is told apart from other faults",
    ("grayc.cli.fault", "grayc.passes.pipeline"): "a fault says which pass it happened in",
}
"""Importing module and imported module → why this one arrow is there."""

THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "greenery": ("grayc.analysis.patterns_meet",),
    "jinja2": ("grayc.report.page.render",),
    "jsonpatch": ("grayc.documents",),
    "jsonpointer": ("grayc.documents",),
    "jsonschema": ("grayc.conform", "grayc.spec.schema"),
    "markupsafe": ("grayc.report.page.render",),
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
    "model": "the two kinds of pass",
    "registry": "the order of the passes",
    "pipeline": "runs them",
    "check": "what holds after each of them",
    "patching": "one patch on one object, for the two passes that apply them",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """What the tests ask of a module, found in one walk over all that it says.

    Attributes:
        imports: those inside functions too.
        texts: formatted texts, each with its line, and NUL for its values.
        is_writer: it makes or changes files.
        by_code: lines that ask for a code by its text.
        asks_for_copy: lines that look for the copy behind a document, each with what they call.
    """

    imports: tuple[Import, ...]
    texts: tuple[tuple[int, str], ...]
    is_writer: bool
    by_code: tuple[int, ...]
    asks_for_copy: tuple[tuple[int, str], ...]


@cache
def read(module: str) -> Module:
    nodes = [
        node
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Attribute | ast.Call | ast.Compare)
    ]
    return Module(
        imports=tuple(found for node in nodes for found in imports_of(module, node)),
        texts=tuple((node.lineno, text_with_values(node)) for node in nodes if isinstance(node, ast.JoinedStr)),
        is_writer=any(map(writes, nodes)),
        by_code=tuple(node.lineno for node in nodes if steers_by_code(node)),
        asks_for_copy=tuple(
            (node.lineno, node.attr)
            for node in nodes
            if isinstance(node, ast.Attribute) and node.attr in {"copy_of", "is_copy"}
        ),
    )


def imports_of(module: str, node: ast.AST) -> Iterator[Import]:
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


def text_with_values(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)


def imports(*, of_grayc: bool) -> list[Import]:
    """Return all imports of grayc's own modules, or those of others."""
    return [
        found
        for module in MODULES
        for found in read(module).imports
        if (found.imported.split(".")[0] == "grayc") is of_grayc
    ]


def package_of(module: str) -> str:
    """Return the package inside grayc, "" for grayc itself."""
    return (*module.split("."), "")[1]


def is_inside(module: str, place: str) -> bool:
    return module == place or module.startswith(place + ".")


PROGRAMS = re.compile(r"`(?:kubectl|grayc|git|helm|kustomize) [^`]*\0")
"""A command in a text, with a value in it; NUL stands for the value."""


def test_one_module_makes_the_words_of_a_shell() -> None:
    assert {found.importer for found in imports(of_grayc=False) if found.imported in {"shlex", "pipes"}} == {
        "grayc.diagnostics.shell"
    }


def test_a_value_gets_into_a_command_as_a_word_alone() -> None:
    """A command of which a part is a value is made by `grayc.diagnostics.shell`, not by formatting."""
    found = [
        f"{module}:{line}: {text!r}" for module in MODULES for line, text in read(module).texts if PROGRAMS.search(text)
    ]
    assert found == []


def is_allowed(found: Import) -> bool:
    importer, imported = package_of(found.importer), package_of(found.imported)
    if importer in {"", "__main__"} or imported in {"", importer, *EVERYWHERE}:
        return True
    allowed = MAY_IMPORT[importer]
    return imported in allowed or TYPES_TRAVEL.get(found.imported) in allowed


def test_every_package_has_a_row_in_the_table() -> None:
    packages = {package_of(module) for module in MODULES} - {"", "__main__", *EVERYWHERE}

    assert packages <= set(MAY_IMPORT), (
        "a new package: add its row to MAY_IMPORT and to the table of docs/architecture.md"
    )


def test_packages_import_only_what_the_table_allows() -> None:
    strays = [
        str(found)
        for found in imports(of_grayc=True)
        if not is_allowed(found) and (found.importer, found.imported) not in EXCEPTIONS
    ]

    assert strays == [], (
        "a new arrow: move the code to where it may stand, pass the value in, or add the arrow to MAY_IMPORT and "
        "docs/architecture.md, with its reason in the commit"
    )


def test_every_exception_is_still_needed() -> None:
    needed = {(found.importer, found.imported) for found in imports(of_grayc=True) if not is_allowed(found)}

    assert set(EXCEPTIONS) - needed == set(), "take the row out of EXCEPTIONS"


def test_nothing_imports_the_command_line() -> None:
    strays = [
        str(found)
        for found in imports(of_grayc=True)
        if package_of(found.imported) == "cli" and package_of(found.importer) not in {"cli", "__main__"}
    ]

    assert strays == [], "what a command and something else need stands in the driver or in report"


def test_imports_between_packages_have_no_cycle() -> None:
    arrows: dict[str, set[str]] = {}
    for found in imports(of_grayc=True):
        importer, imported = package_of(found.importer), package_of(found.imported)
        if importer != imported and "" not in {importer, imported}:
            arrows.setdefault(importer, set()).add(imported)
    done: set[str] = set()

    def visit(package: str, path: tuple[str, ...]) -> None:
        assert package not in path, f"{' -> '.join((*path, package))}: pass data down instead of importing upwards"
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
        for found in imports(of_grayc=True)
        for member in [found.importer.removeprefix(f"grayc.{package}.")]
        for other in [found.imported.removeprefix(f"grayc.{package}.")]
        if member in members and other in members and member != other
    ]

    assert strays == [], f"what two of {package} share stands in a module of its own there, or in plan or k8s"


def test_a_pass_has_one_name_for_module_function_and_registry_row() -> None:
    functions = {row.name: row.run.function for row in (*BUILD, *RELEASE)}
    rows = {name: f"{function.__module__}.{function.__qualname__}" for name, function in functions.items()}

    assert rows == {name: f"grayc.passes.{name}.{name}" for name in rows}, "name module, function and row alike"
    assert set(rows) == passes(), "add the row to BUILD in registry.py, or the module to PASS_HOUSE with what it is for"


def test_no_pass_looks_for_the_copy_behind_a_document() -> None:
    """Objects that passes add have none, so a pass takes a `GrayCopy` of the lane, or is a `CopyPass` and gets it."""
    strays = [
        f"{module}:{line} calls {name}; take `GrayCopy.copy`, or make it a CopyPass"
        for module in MODULES
        if is_inside(module, "grayc.passes")
        for line, name in read(module).asks_for_copy
    ]

    assert strays == []


def test_libraries_stay_behind_their_modules() -> None:
    strays = []
    for found in imports(of_grayc=False):
        library = found.imported.split(".")[0]
        homes = THIRD_PARTY.get(library, ())
        if library not in sys.stdlib_module_names and not any(is_inside(found.importer, home) for home in homes):
            strays.append(str(found))

    assert strays == [], "use the module that wraps the library, or add the new home to THIRD_PARTY with its reason"


def test_nothing_reads_network_clock_chance_or_locale() -> None:
    strays = [
        str(found) for found in imports(of_grayc=False) if any(is_inside(found.imported, never) for never in NEVER)
    ]

    assert strays == [], "take the value as an argument: the same input must give the same bytes"


WRITERS: dict[str, str] = {
    "grayc.output.create": "the one function behind each flag that names a file",
    "grayc.output.folder": "the files of an output folder, by its handle",
    "grayc.output.write": "an output folder that is not there yet, renamed into its place as a whole",
    "grayc.output.journal": "the files that replace those of an output folder",
    "grayc.output.rewrite": "production's own files, for `adopt` and `promote`",
    "grayc.source.stage": "the copy that a program renders from, in a temporary folder",
    "grayc.source.program": "the home of a program that renders, in a temporary folder",
    "grayc.conform.with_kubeconform": "what kubeconform reads, in a temporary folder",
    "grayc.cache.place": "what is kept from one run to the next, in the user's cache folder",
    "grayc.cli.main": "standard streams that were closed",
}
"""Module that opens, makes, renames or removes a file → which."""

WRITING_METHODS = frozenset({
    "write_text", "write_bytes", "touch", "mkdir", "rename", "unlink", "rmdir", "symlink_to", "hardlink_to", "chmod",
    "copyfile", "copytree", "copy2", "move", "mkfifo", "makedirs", "fdopen", "truncate", "rmtree",
})  # fmt: skip
WRITING_FLAGS = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"})


def writes(node: ast.AST) -> bool:
    """Tell whether a node makes or changes a file."""
    match node:
        case ast.Attribute(attr=name) if name in WRITING_FLAGS:
            return True
        case ast.Call(func=ast.Attribute(attr=name)) if name in WRITING_METHODS:
            return True
        case ast.Call(func=ast.Name(id="open") | ast.Attribute(attr="open"), args=args, keywords=keywords):
            words = [*args, *(keyword.value for keyword in keywords if keyword.arg in (None, "mode"))]
            return any(
                not isinstance(word, ast.Constant) or (isinstance(word.value, str) and set(word.value) & set("wax+"))
                for word in words
                if isinstance(word, ast.Constant) or (isinstance(word, ast.Name) and word.id == "mode")
            )
        case _:
            return False


def test_only_the_modules_of_the_table_write_files() -> None:
    found = {module for module in MODULES if read(module).is_writer}

    assert found == set(WRITERS), "write through grayc.output.create, or add the module to WRITERS with what it writes"


@pytest.mark.parametrize("text", ["p.write_text(a)", "p.open('w')", "open(p, 'ab')", "open(p, mode='x')", "open(p, mode)",
                                  "os.open(p, os.O_WRONLY)", "os.rename(a, b)", "shutil.copyfile(a, b)"])  # fmt: skip
def test_what_writes_is_seen(text: str) -> None:
    assert any(writes(node) for node in ast.walk(ast.parse(text)))
    assert not any(
        writes(node) for node in ast.walk(ast.parse("p.open('rb'); open(p); p.read_text(); os.open(p, os.O_RDONLY)"))
    )


_CODE_TEXT = re.compile(r"GC\d+")


def steers_by_code(node: ast.AST) -> bool:
    """Tell whether a comparison or a method asks for a code by its text."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return any(
                isinstance(part, ast.Constant) and isinstance(part.value, str) and _CODE_TEXT.fullmatch(part.value)
                for whole in (left, *others)
                for part in ast.walk(whole)
            )
        case ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Constant(value=str(text))]):
            return text.startswith("GC")
        case _:
            return False


def test_nobody_steers_by_the_text_of_a_code() -> None:
    found = {f"{module}:{line}" for module in MODULES for line in read(module).by_code}

    assert found == set(), "give the code a `Mark`, or return a value that says it"
