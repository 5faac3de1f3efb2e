"""Load the baseline: every file that the spec names, each once, and no object twice."""

import contextlib
import os
import pathlib
import posixpath
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from grayc.cache.index import Index
from grayc.diagnostics import Checked, Diagnostic, Note, did_you_mean, has_errors
from grayc.documents.chunk import Path
from grayc.documents.model import Document, ObjectKey
from grayc.documents.reader import parse_documents
from grayc.documents.remembered import (
    Digested,
    Remembered,
    documents_of,
    is_plain,
    is_remembered,
    read_index,
)
from grayc.records import dataclass, field, replace
from grayc.source import Found, FoundFile, Reader, Roots, SourceError, SourceFile, Span, find_sources, read_source

if TYPE_CHECKING:
    from grayc.documents.recipes import Wanted
    from grayc.documents.render import Rendered, Rendering
    from grayc.documents.unused import Beside, Unused

T = TypeVar("T")

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """The objects now in production.

    Attributes:
        documents: sorted by place.
        files: names of the files read, sorted.
        paths: those files, the folders searched with all below them, what was rendered, and the spec, links resolved;
            what the output must keep clear of.
    """

    documents: tuple[Document, ...]
    files: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A file to read.

    Attributes:
        real: where it is, links resolved.
        asked: the place in the spec that named it first.
    """

    file: FoundFile
    real: str
    asked: Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """What a pattern stands for, and where each file is, links resolved."""

    found: Found
    real: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _File:
    """A file that was read, its size in bytes, and their digest; b"" for one behind a link."""

    source: SourceFile
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What was read so far in one run, so that releases over one baseline read it once.

    Whatever decides about a result is part of its key: what a file is called and what may be read depends on the
    folder of the spec. Places in a spec are none of it: findings that have one are made for each spec.

    Attributes:
        searches: pattern and roots → what was found, or why nothing was.
        files: roots → path and name → the file, or why it cannot be read.
        rendered: kustomization, chart or file of a tool, wherever a spec asks for it, and roots → what came of it.
        renderings: the budget of all that is rendered, once something is.
        parsed: id of a source, and whether it was come across → that source and its objects.
        outputs: name and text of a file of an output folder → its objects.
        placed: id of a rendered text → that text, and its objects in their namespaces.
        handed: the index that the command line hands to this run, once it was asked for.
        piped: what standard input holds, once it was read: it can be read but once.
        beside: what was looked for beside the baseline.
        baselines: ids of objects → these, sorted by place, and what is wrong with them as a whole.
        wholes: patterns and roots → the baseline and its files, links resolved, where there is nothing to tell of it.
        unused_files: rows to render, names of files, id of the objects and roots → what was found beside them.
    """

    searches: "dict[tuple[str, Roots], _Search | SourceError]" = field(default_factory=dict)
    files: "dict[Roots, dict[tuple[str, str], _File | SourceError]]" = field(default_factory=dict)
    rendered: "dict[tuple[Wanted, Roots], Checked[tuple[Rendered, ...]]]" = field(default_factory=dict)
    renderings: "list[Rendering]" = field(default_factory=list)
    parsed: dict[tuple[int, bool], tuple[SourceFile, Checked[tuple[Document, ...]]]] = field(default_factory=dict)
    outputs: dict[tuple[str, str], Checked[tuple[Document, ...]]] = field(default_factory=dict)
    placed: "dict[int, tuple[Rendered, tuple[Document, ...]]]" = field(default_factory=dict)
    handed: list[Index | None] = field(default_factory=list)
    piped: list[SourceFile] = field(default_factory=list)
    beside: "list[Beside]" = field(default_factory=list)
    baselines: dict[tuple[int, ...], tuple[tuple[Document, ...], tuple[Diagnostic, ...]]] = field(default_factory=dict)
    wholes: "dict[tuple[tuple[str, ...], Roots], tuple[Baseline, frozenset[str]]]" = field(default_factory=dict)
    unused_files: "dict[tuple[tuple[Wanted, ...], tuple[str, ...], int, Roots], tuple[Unused, ...]]" = field(
        default_factory=dict
    )

    def pipe(self, read: Callable[[], SourceFile]) -> SourceFile:
        """Return what standard input holds.

        Raises:
            SourceError: as `read` does.
        """
        if not self.piped:
            self.piped.append(read())
        return self.piped[0]

    def search(self, pattern: str, roots: Roots) -> _Search:
        """Return what a pattern stands for.

        Raises:
            SourceError: as `find_sources` does.
        """
        key = (pattern, roots)
        if key not in self.searches:
            try:
                found = find_sources(pattern, roots)
                real = tuple(os.path.realpath(file.path) if file.may_be_link else file.path for file in found.files)
                self.searches[key] = _Search(found=found, real=real)
            except SourceError as error:
                self.searches[key] = error
        return _or_raise(self.searches[key])

    def read(self, file: FoundFile, roots: Roots, reader: Reader) -> _File:
        """Return a file's text.

        Args:
            reader: of these roots.
        Raises:
            SourceError: as `read_source` does.
        """
        files = self.files.setdefault(roots, {})
        known = files.get((file.path, file.name))
        if known is None:
            try:
                known = _read_file(file, roots, reader)
            except SourceError as error:
                known = error
            files[file.path, file.name] = known
        return _or_raise(known)

    def render(self, wanted: "Wanted", roots: Roots, span: Span | None) -> "Checked[tuple[Rendered, ...]]":
        """Return what a source renders to; one that failed is tried again, for its own place."""
        # Few baselines are rendered, and a small build takes little longer than these imports.
        from grayc.documents.render import Rendering, render_all  # noqa: PLC0415

        key = (replace(wanted, asked=()), roots)
        if key in self.rendered:
            return self.rendered[key]
        if not self.renderings:
            self.renderings.append(Rendering())
        made = render_all(wanted, roots, span=span, rendering=self.renderings[0])
        if made.value is not None:
            self.rendered[key] = made
        return made

    def parse(self, source: SourceFile, *, searched: bool) -> Checked[tuple[Document, ...]]:
        """Return the objects of a source."""
        key = (id(source), searched)
        if key not in self.parsed:
            self.parsed[key] = (source, parse_documents(source, searched=searched))
        return self.parsed[key][1]

    def parse_output(self, source: SourceFile) -> Checked[tuple[Document, ...]]:
        """Return the objects of a file of an output folder."""
        key = (source.name, source.text)
        if key not in self.outputs:
            self.outputs[key] = parse_documents(source, is_output=True)
        return self.outputs[key]

    def hand(self, path: pathlib.Path) -> Checked[Index]:
        """Take the index that the command line names; what is to be said of it is said once.

        Diagnostics:
            Those of `read_index`.
        """
        if self.handed:
            return Checked(value=self.handed[0])
        read = read_index(path)
        self.handed.append(read.value)
        return read

    def remember(self, files: Sequence[_File], searched: set[str], roots: Roots) -> None:
        """Take what earlier runs have read of these files, and keep what they have not."""
        left = [
            Digested(source=each.source, digest=each.digest, searched=each.source.name in searched)
            for each in files
            if each.digest and (id(each.source), each.source.name in searched) not in self.parsed
        ]
        for index in self.handed:
            known = index.find(each.key for each in left if is_plain(each.source)) if index is not None else {}
            for each in left:
                if is_plain(each.source) and each.key in known:
                    read = Checked(value=documents_of(each.source, known[each.key]))
                    self.parsed[id(each.source), each.searched] = (each.source, read)
            left = [each for each in left if (id(each.source), each.searched) not in self.parsed]
        if not is_remembered(left):
            return
        with contextlib.closing(Remembered(left, roots)) as remembered:
            for each in left:
                kept = remembered.get(each.source)
                if kept is None:
                    kept = self.parse(each.source, searched=each.searched)
                    remembered.add(each.source, kept)
                self.parsed[id(each.source), each.searched] = (each.source, kept)

    def unused(self, rows: "Sequence[Wanted]", loaded: Checked[Baseline], roots: Roots) -> "tuple[Unused, ...]":
        """Return the files of Argo CD and Flux that change what a baseline gives, and are not used.

        Args:
            loaded: what was read for these rows; where it could not be read as a whole, all that the run has read.
        """
        from grayc.documents.unused import Beside, find_unused  # noqa: PLC0415 - with the parts that render

        if not self.beside:
            self.beside.append(Beside())
        is_whole = loaded.value is not None
        documents: tuple[Document, ...] = loaded.value.documents if loaded.value is not None else ()
        sources = (source for source, _ in self.parsed.values())
        files = loaded.value.files if loaded.value is not None else [each.name for each in sources if not each.origin]
        plain = tuple(each for each in files if not each.startswith("<"))
        key = (tuple(rows), plain, id(documents), roots)
        if is_whole and key in self.unused_files:
            return self.unused_files[key]
        for (_, asked), search in self.searches.items():
            if asked == roots and isinstance(search, _Search):
                self.beside[0].listed.setdefault(roots, {}).update(search.found.listed)
        found = find_unused(rows, documents, plain, roots, self.beside[0], is_whole=is_whole)
        if is_whole:
            self.unused_files[key] = found
        return found

    def place(self, rendered: "Rendered", documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """Return the objects of a rendered text in their namespaces, the same for the same text."""
        key = id(rendered)
        if key not in self.placed:
            self.placed[key] = (rendered, rendered.place(documents))
        return self.placed[key][1]

    def sort(self, documents: Sequence[Document]) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
        """Return objects in order of place, the same tuple for the same objects, and which of them stand twice."""
        key = tuple(id(document) for document in documents)
        if key not in self.baselines:
            in_order = tuple(sorted(documents, key=_place))
            self.baselines[key] = (in_order, tuple(_duplicates(in_order)))
        return self.baselines[key]


def _read_file(file: FoundFile, roots: Roots, reader: Reader) -> _File:
    if file.may_be_link:
        source, digest = read_source(pathlib.Path(file.path), file.name, roots), b""
    else:
        source, digest = reader.read(file.path, file.name)
    size = len(source.text) if source.text.isascii() else len(source.text.encode())
    return _File(source=source, size=size, digest=digest)


def _or_raise(known: T | SourceError) -> T:
    if isinstance(known, SourceError):
        raise known
    return known


def load_baseline(
    patterns: Sequence[tuple[str, Path]],
    roots: Roots,
    stdin: tuple[SourceFile, Path] | None = None,
    spec_document: Document | None = None,
    *,
    spec_path: pathlib.Path | None = None,
    rendered: "Sequence[Wanted]" = (),
    reading: Reading | None = None,
) -> Checked[Baseline]:
    """Return every object of the files that the patterns stand for.

    A file that several patterns name is read once. The spec itself is no part of the baseline.

    Args:
        patterns: path, folder or glob, and its path in the spec.
        roots: what may be read.
        stdin: text of standard input, where the spec asks for it, and the path in the spec that does.
        spec_document: the spec, for places in diagnostics; None where there is none yet.
        spec_path: the spec's own file.
        rendered: kustomizations and charts to render.
        reading: what was read before in this run, which is not read again; grows.
    Diagnostics:
        GC101 to GC104, GC122, GC150 to GC153: a file cannot be read.
        GC103: there is no manifest, or no object in any.
        GC125: all files together are too large.
        GC132: one object stands in two places.
        GC160 to GC163: a kustomization or chart cannot be rendered.
        And all that reading the documents reports.
    """
    reading = Reading() if reading is None else reading
    own = os.path.realpath(spec_path) if spec_path is not None else ""
    whole = (tuple(pattern for pattern, _ in patterns), roots)
    is_plain = not rendered and stdin is None
    known = reading.wholes.get(whole) if is_plain else None
    # A spec that stands in the baseline is no part of its own.
    if known is not None and own not in known[1]:
        return Checked(value=_beside_spec(known[0], own))
    wanted, folders, finding = _find(patterns, roots, spec_document, own, reading)
    read, unreadable = _read(wanted, roots, spec_document, reading)
    searched = {item.file.name for item in wanted if item.file.searched}
    made, rendering = _render(rendered, roots, spec_document, reading)
    sources = [
        *(each.source for each in read),
        *((stdin[0],) if stdin is not None else ()),
        *(each.source for each, _ in made),
    ]
    diagnostics = [*finding, *unreadable, *rendering]
    found: list[Document] = []
    asked = {id(each.source): (each, wanted) for each, wanted in made}
    reading.remember(read, searched, roots)
    for source in sources:
        parsed = reading.parse(source, searched=source.name in searched)
        diagnostics += parsed.diagnostics
        if id(source) not in asked:
            found += parsed.value or ()
            continue
        text, wanted_by = asked[id(source)]
        found += reading.place(text, parsed.value or ())
        if parsed.value == ():
            diagnostics.append(_empty(source, wanted_by, spec_document))
    documents, duplicates = reading.sort(found)
    diagnostics += duplicates
    if not documents and not has_errors(diagnostics):
        first = patterns[0][1] if patterns else (stdin[1] if stdin is not None else ())
        diagnostics.append(
            Diagnostic(
                code="GC103",
                message="the baseline holds no object",
                span=_span(spec_document, first),
                field="spec.baseline",
                help="name the manifests that are now in production",
            )
        )
    if has_errors(diagnostics):
        return Checked(value=None, diagnostics=tuple(diagnostics))
    paths = {item.real for item in wanted}
    paths.update(map(str, (*folders, *(path for each, _ in made for path in each.paths))))
    baseline = Baseline(
        documents=documents,
        files=tuple(sorted(source.name for source in sources)),
        paths=tuple(sorted(paths)),
    )
    if is_plain and not diagnostics:
        real = frozenset(path for pattern in whole[0] for path in reading.search(pattern, roots).real)
        if own not in real:
            reading.wholes[whole] = (baseline, real)
    return Checked(value=_beside_spec(baseline, own), diagnostics=tuple(diagnostics))


def _beside_spec(baseline: Baseline, spec: str) -> Baseline:
    """Return a baseline that the output keeps clear of, and of the spec too, links resolved; "" where it is no file."""
    if not spec:
        return baseline
    return replace(baseline, paths=tuple(sorted({*baseline.paths, spec})))


def read_files(pattern: str, roots: Roots) -> Checked[tuple[Digested, ...]]:
    """Return the files that a pattern of `spec.baseline` stands for; what they hold is left open.

    Diagnostics:
        GC101 to GC104, GC122, GC125, GC150 to GC153.
    """
    reading = Reading()
    wanted, _, finding = _find([(pattern, ())], roots, None, "", reading)
    read, unreadable = _read(wanted, roots, None, reading)
    searched = {item.file.name for item in wanted if item.file.searched}
    files = tuple(
        Digested(source=each.source, digest=each.digest, searched=each.source.name in searched) for each in read
    )
    found = (*finding, *unreadable)
    return Checked(value=None if has_errors(found) else files, diagnostics=found)


def _find(
    patterns: Sequence[tuple[str, Path]],
    roots: Roots,
    spec: Document | None,
    own: str,
    reading: Reading,
) -> tuple[list[_Wanted], list[pathlib.Path], list[Diagnostic]]:
    """Return the files to read, each once, in the order of their names, the folders searched, and what is wrong."""
    diagnostics: list[Diagnostic] = []
    wanted: dict[str, _Wanted] = {}
    folders: list[pathlib.Path] = []
    for pattern, asked in patterns:
        try:
            search = reading.search(pattern, roots)
        except SourceError as error:
            diagnostics.append(_diagnostic(error, asked, spec))
            continue
        folders += search.found.folders
        if not _keep(search, asked, own, wanted):
            diagnostics.append(
                _diagnostic(
                    SourceError(
                        "GC103",
                        f"`{pattern}` holds no manifest but the release spec itself",
                        "name the manifests that are now in production",
                    ),
                    asked,
                    spec,
                )
            )
    return sorted(wanted.values(), key=lambda item: os.fsencode(item.file.name)), folders, diagnostics


def _keep(search: _Search, asked: Path, own: str, wanted: dict[str, _Wanted]) -> bool:
    """Add files to those wanted, by resolved path; tell whether there was any but the spec itself."""
    kept = False
    for file, real in zip(search.found.files, search.real, strict=True):
        if real == own:
            continue
        kept = True
        known = wanted.get(real)
        # A file that is named is read more strictly than one that was come across.
        if known is None or (known.file.searched and not file.searched):
            wanted[real] = _Wanted(file=file, real=real, asked=asked)
    return kept


def _read(
    wanted: list[_Wanted], roots: Roots, spec: Document | None, reading: Reading
) -> tuple[list[_File], list[Diagnostic]]:
    sources: list[_File] = []
    diagnostics: list[Diagnostic] = []
    total = 0
    with contextlib.closing(Reader(roots)) as reader:
        for item in wanted:
            try:
                read = reading.read(item.file, roots, reader)
            except SourceError as error:
                diagnostics.append(_diagnostic(error, item.asked, spec))
                continue
            total += read.size
            if total > roots.most_bytes:
                diagnostics.append(_diagnostic(_too_large(roots), item.asked, spec))
                return [], diagnostics
            sources.append(read)
    return sources, diagnostics


def _too_large(roots: Roots) -> SourceError:
    return SourceError(
        "GC125",
        f"the baseline is larger than {roots.most_bytes // (1024 * 1024)} MiB in total",
        "name only what production runs; where it is that large, `--max-input MIB` sets another limit",
    )


def _render(
    wanted: "Sequence[Wanted]",
    roots: Roots,
    spec: Document | None,
    reading: Reading,
) -> "tuple[list[tuple[Rendered, Wanted]], list[Diagnostic]]":
    made = [(reading.render(each, roots, _span(spec, each.asked)), each) for each in wanted]
    diagnostics = [diagnostic for checked, _ in made for diagnostic in checked.diagnostics]
    return [(text, each) for checked, each in made for text in checked.value or ()], diagnostics


def _empty(source: SourceFile, wanted: "Wanted", spec: Document | None) -> Diagnostic:
    return Diagnostic(
        code="GC103",
        message=f"`{source.origin}` renders to no object",
        span=_span(spec, wanted.asked),
        field=_field(wanted.asked),
        help="name the sources of what is now in production, with what they are rendered with",
    )


def _place(document: Document) -> tuple[str, int, tuple[tuple[bool, str, int], ...]]:
    """Order by place; keys and positions of a root do not compare with each other."""
    root = tuple((False, "", part) if isinstance(part, int) else (True, part, 0) for part in document.root)
    return (document.file, document.chunk.index, root)


def _duplicates(documents: Sequence[Document]) -> list[Diagnostic]:
    """Report objects that stand in two places; versions of one group are one object to the API server.

    Two files that share several objects are one mistake: an overlay beside its base, or a file beside its copy.
    """
    first: dict[ObjectKey, Document] = {}
    pairs: dict[tuple[str, str], list[tuple[Document, Document]]] = {}
    for document in documents:
        identity = document.identity
        if not identity.name:
            continue
        earlier = first.setdefault(identity.key, document)
        if earlier is not document:
            pairs.setdefault((earlier.file, document.file), []).append((earlier, document))
    found: list[Diagnostic] = []
    for (one, other), twice in pairs.items():
        if one != other and len(twice) > 1:
            found.append(_shared_by_two(twice))
        else:
            found += (
                _duplicate(earlier, document, f"`{document.identity}` stands in two places")
                for earlier, document in twice
            )
    return found


def _shared_by_two(twice: Sequence[tuple[Document, Document]]) -> Diagnostic:
    earlier, document = twice[0]
    names = ", ".join(f"`{each.identity.ref}`" for _, each in twice[:_MOST_NAMED])
    more = f" and {len(twice) - _MOST_NAMED} more" if len(twice) > _MOST_NAMED else ""
    one, other = earlier.chunk.source.shown, document.chunk.source.shown
    return _duplicate(
        earlier, document, f"{len(twice)} objects stand in `{one}` and in `{other}` as well: {names}{more}"
    )


def _duplicate(earlier: Document, document: Document, message: str) -> Diagnostic:
    return Diagnostic(
        code="GC132",
        message=message,
        span=document.span(("metadata", "name")),
        field="metadata.name",
        object=document.identity.ref,
        notes=(Note(message="the first is here", span=earlier.span(("metadata", "name"))),),
        help=_one_of_them(earlier.file, document.file),
    )


def _one_of_them(one: str, other: str) -> str:
    """Return what helps where two files hold one object."""
    if one == other:
        return "delete one"
    # What is rendered has no folder of its own.
    if "<" not in one + other and posixpath.dirname(one) == posixpath.dirname(other):
        return "delete one, or name only the files that are in production"
    return "delete one, or name only one of the folders; an overlay and its base hold the same objects"


def _diagnostic(error: SourceError, asked: Path, spec: Document | None) -> Diagnostic:
    """Return a diagnostic at the place in the file, else at the place in the spec that asked for it."""
    place = _span(spec, asked)
    inside = error.span is not None and place is not None
    notes = (Note(message="the file is named here", span=place),) if inside else ()
    suggestion = did_you_mean(error.wanted, error.candidates, noun="path") if error.candidates else ""
    return Diagnostic(
        code=error.code,
        message=error.message,
        span=error.span or place,
        field=_field(asked),
        notes=notes,
        help=suggestion or error.help,
    )


def _span(spec: Document | None, path: Path) -> Span | None:
    return spec.span(path) if spec is not None else None


def _field(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
