"""Read a release.yaml: text in, `ReleaseSpec` and everything that is wrong with it out."""

from collections.abc import Iterator

from grayc.diagnostics import Checked, Diagnostic, Mark, Note, Severity, has_errors
from grayc.documents import Document, Path
from grayc.documents.reader import parse_release
from grayc.documents.tree import get_text, matches
from grayc.records import dataclass, replace
from grayc.source import SourceFile, Span
from grayc.spec.check import check_head, check_release
from grayc.spec.decode import decode
from grayc.spec.diagnose import diagnose
from grayc.spec.model import ReleaseSpec
from grayc.spec.schema import ViolationKind, check_schema

MAX_SHOWN = 200
"""The most mistakes against the schema that are put into words."""

_HEAD: tuple[Path, ...] = (("apiVersion",), ("kind",))
_MOST_TOLD = 5
_PATCHES = ("spec", "services", "[*]", "patches", "[*]")


def load_spec(source: SourceFile) -> Checked[ReleaseSpec]:
    """Return the release that a file holds, and all independent mistakes in it, in order of place.

    Diagnostics:
        GC1xx, GC216: the file cannot be read as one YAML document.
        GC201: it is no release; where nothing else about it looks like one, nothing else is said.
        GC202 to GC217: mistakes in it.
    """
    parsed = parse_release(source)
    document = parsed.value
    if document is None:
        return Checked(value=None, diagnostics=parsed.diagnostics)
    head, is_release = check_head(document)
    found = [*_of_manifests(parsed.diagnostics, document), *head]
    if is_release:
        found += _against_schema(document)
        found += check_release(document)
    found.sort(key=lambda diagnostic: diagnostic.order)
    return Checked(value=None if has_errors(found) else decode(document), diagnostics=tuple(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a spec calls its lane.

    Attributes:
        namespace: "" where it says none.
        services: by name, those that have one.
    """

    name: str
    tag: str
    namespace: str
    services: tuple[str, ...]


_OF_THE_LANE: tuple[Path, ...] = (("metadata", "name"), ("spec", "tag"), ("spec", "namespace"))


def load_head(source: SourceFile) -> Checked[Head]:
    """Return what a spec calls its lane, where that can be read whatever else is wrong with the spec.

    Diagnostics:
        GC638: something else is wrong; all that `load_spec` reports stands in its notes.
        Or all that `load_spec` reports, where the text, name, tag or namespace are wrong.
    """
    loaded = load_spec(source)
    parsed = parse_release(source)
    document = parsed.value
    if document is None or (loaded.value is None and not _says_its_lane(document, parsed.diagnostics)):
        return Checked(value=None, diagnostics=loaded.diagnostics)
    data = document.data
    names = (text for _, text in matches(data, ("spec", "services", "[*]", "name")) if isinstance(text, str))
    head = Head(
        name=get_text(data, ("metadata", "name")),
        tag=get_text(data, ("spec", "tag")),
        namespace=get_text(data, ("spec", "namespace")),
        services=tuple(names),
    )
    if loaded.value is not None:
        return Checked(value=head, diagnostics=loaded.diagnostics)
    mistakes = [item for item in loaded.diagnostics if item.severity is Severity.ERROR]
    more = len(mistakes) - _MOST_TOLD
    told = Diagnostic(
        code="GC638",
        message=f"a build refuses release `{head.name}`; what goes offline is what the inventory says of it",
        span=document.span(("metadata", "name")),
        field="metadata.name",
        notes=(
            *(Note(message=item.message, span=item.span) for item in mistakes[:_MOST_TOLD]),
            *((Note(message=f"there are {more} more mistakes"),) if more > 0 else ()),
        ),
        help="nothing to do, if the release is to go; `grayc validate` tells its mistakes in full",
    )
    return Checked(value=head, diagnostics=(told,))


def _says_its_lane(document: Document, found: tuple[Diagnostic, ...]) -> bool:
    """Tell whether nothing is wrong with the text of a release, nor with what it says of its lane."""
    head, is_release = check_head(document)
    if not is_release or has_errors((*found, *head)):
        return False
    wrong = {violation.path for violation in check_schema(document.data)}
    return all(get_text(document.data, path) for path in _OF_THE_LANE[:2]) and not any(
        path[:length] in wrong for path in _OF_THE_LANE for length in (1, 2)
    )


def _against_schema(document: Document) -> Iterator[Diagnostic]:
    violations = [
        violation
        for violation in check_schema(document.data)
        # What they hold instead is no matter of the schema: see `check_head`.
        if violation.path not in _HEAD or violation.kind is ViolationKind.MISSING_FIELD
    ]
    for at, violation in enumerate(violations[:MAX_SHOWN]):
        diagnostic = diagnose(violation, document)
        more = len(violations) - MAX_SHOWN
        if more > 0 and at == MAX_SHOWN - 1:
            diagnostic = replace(
                diagnostic, notes=(*diagnostic.notes, Note(message="there are more mistakes after this one"))
            )
        yield diagnostic


def _of_manifests(diagnostics: tuple[Diagnostic, ...], document: Document) -> Iterator[Diagnostic]:
    """Yield diagnostics of reading, but no doubts about how `kubectl` reads what only grayc does.

    What a patch holds does become a manifest, and so does a key that can be read in two ways: no field is called so,
    but a variable may be.
    """
    doubts = [diagnostic for diagnostic in diagnostics if diagnostic.mark is Mark.AMBIGUOUS]
    spans = [*map(document.span, _patch_values(document)), *_keys(document, document.data, ())] if doubts else []
    places = {(span.line, span.column) for span in spans}
    for diagnostic in diagnostics:
        span = diagnostic.span
        if diagnostic.mark is not Mark.AMBIGUOUS or (span is not None and (span.line, span.column) in places):
            yield diagnostic


def _keys(document: Document, value: object, path: Path) -> Iterator[Span]:
    """Yield where the keys of all mappings stand."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield document.span((*path, key), key=True)
            yield from _keys(document, item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _keys(document, item, (*path, at))


def _patch_values(document: Document) -> Iterator[Path]:
    """Yield the paths of all scalars in patches."""
    for field in (("merge",), ("json6902", "[*]", "value")):
        for path, value in matches(document.data, (*_PATCHES, *field)):
            yield from _scalars(value, path)


def _scalars(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _scalars(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _scalars(item, (*path, at))
    else:
        yield path
