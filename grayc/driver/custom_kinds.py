"""Find the schemas of custom kinds: in a folder of the user's, and in what the baseline defines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from grayc.conform.custom import CustomKind, kind_of_file, problem_of, schema_key
from grayc.conform.structural import is_definition, kind_of_definition, versions_of
from grayc.conform.work import TooMuchWorkError, Work
from grayc.diagnostics import CODES, Checked, Diagnostic, Note, Severity
from grayc.documents import Document, parse_documents
from grayc.documents.reader import parse_plain
from grayc.documents.tree import get_text
from grayc.driver.request import unreadable
from grayc.records import dataclass, replace
from grayc.source import (
    NothingFoundError,
    Roots,
    SourceError,
    SourceFile,
    Span,
    find_sources,
    read_source,
    refuse_link_out,
)

SIMPLER = (
    "write the schema with fewer alternatives and references, or leave it out: the cluster looks at the object, too"
)
SCHEMAS = "put CustomResourceDefinitions there, or JSON Schemas as `GROUP/KIND_VERSION.json`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A schema as it was found.

    Attributes:
        key: `group/version/kind` in lower case.
        make: makes the kind of it.
        span: tells where it stands.
    """

    key: str
    schema: dict[str, object]
    make: Callable[[dict[str, object]], CustomKind]
    span: Callable[[], Span]


def defined_by(documents: Iterable[Document]) -> list[Found]:
    """Return the schemas of the kinds that objects define."""
    return [
        Found(key=key, schema=schema, make=kind_of_definition, span=partial(document.span, ("spec", "versions")))
        for document in documents
        if is_definition(document)
        for key, schema in versions_of(document)
    ]


def schemas_below(folder: Path | None) -> Checked[list[Found]]:
    """Return the schemas in a folder: of CustomResourceDefinitions, and files named `GROUP/KIND_VERSION.json`.

    Where one of its files cannot be read, nobody can tell whether a release is valid.

    Diagnostics:
        GC725: the folder holds no schema, or a file that is nothing of the kind; or a link of the repository leads to
        it, out of that.
    """
    if folder is None:
        return Checked(value=[])
    shown = folder.as_posix()
    roots = Roots(folder=folder, shown=shown)
    found: list[Found] = []
    diagnostics: list[Diagnostic] = []
    try:
        refuse_link_out(folder)
        if folder.is_file():
            raise SourceError("GC725", f"`{shown}` is no folder", "name the folder that holds it")
        sources = [read_source(Path(file.path), file.name, roots) for file in find_sources(".", roots).files]
    except NothingFoundError:
        sources = []
    except SourceError as error:
        return Checked(value=None, diagnostics=(_untold(unreadable(error)),))
    for source in sources:
        read = _schemas_in(source)
        diagnostics += map(_untold, read.diagnostics)
        found += read.value or ()
    if not found and not diagnostics:
        none = f"`{shown}` holds no schema of a custom kind"
        diagnostics.append(Diagnostic(code="GC725", message=none, help=SCHEMAS))
    return Checked(value=None if diagnostics else found, diagnostics=tuple(diagnostics))


def kinds_among(found: Iterable[Found], keys: Iterable[str]) -> Checked[Mapping[str, CustomKind]]:
    """Return the kinds that are asked for and were found.

    Diagnostics:
        GC725: a schema cannot be asked, or there are two of a kind that differ.
        GC726: to find that out costs too much.
    """
    by_key: dict[str, list[Found]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    work = Work()
    kinds: dict[str, CustomKind] = {}
    diagnostics: list[Diagnostic] = []
    for key in dict.fromkeys(key.lower() for key in keys):
        if key in by_key:
            first = by_key[key][0]
            kinds[key] = first.make(first.schema)
            diagnostics += _trouble(kinds[key], by_key[key], work)
    return Checked(value=None if diagnostics else kinds, diagnostics=tuple(diagnostics))


def _schemas_in(source: SourceFile) -> Checked[list[Found]]:
    """Return the schemas in a file, and its errors."""
    key, plain = schema_key(source.name), parse_plain(source).value
    if key is not None and plain is not None and not get_text(plain[1], ("kind",)):
        if isinstance(plain[1], dict):
            return Checked(value=[Found(key=key, schema=plain[1], make=kind_of_file, span=partial(_start_of, source))])
        wrong = Diagnostic(code="GC725", message=f"the schema of `{key}` is no mapping", span=_start_of(source))
        return Checked(value=None, diagnostics=(replace(wrong, help=SCHEMAS),))
    parsed = parse_documents(source, searched=True)
    errors = tuple(item for item in parsed.diagnostics if item.severity is Severity.ERROR)
    return Checked(value=defined_by(parsed.value or ()), diagnostics=errors)


def _untold(found: Diagnostic) -> Diagnostic:
    return found if CODES[found.code].exit_status == 2 else replace(found, code="GC725")


def _trouble(kind: CustomKind, found: Sequence[Found], work: Work) -> list[Diagnostic]:
    """Return what keeps a kind's schema from being asked."""
    first = found[0]
    other = next((each for each in found if each.schema != first.schema), None)
    if other is not None:
        differ = f"there are two schemas of `{first.key}`, and they differ"
        note = Note(message="the other is here", span=other.span())
        keep = "keep the one that the cluster has"
        return [Diagnostic(code="GC725", message=differ, span=first.span(), notes=(note,), help=keep)]
    try:
        problem = problem_of(kind, work)
    except TooMuchWorkError:
        costly = f"to read the schema of `{first.key}` costs too much"
        return [Diagnostic(code="GC726", message=costly, span=first.span(), help=SIMPLER)]
    if not problem:
        return []
    broken = f"the schema of `{first.key}` is broken: {problem}"
    return [Diagnostic(code="GC725", message=broken, span=first.span(), help="mend it, or take it away")]


def _start_of(source: SourceFile) -> Span:
    return Span(source=source, line=1, column=1)
