"""Read manifests: files in, documents out, as Kubernetes reads them.

Leaves to others: finding and decoding files (`source`), what a piece of text stands for (`scalars`), building data
(`build`), places (`locate`).
"""

import posixpath
import re
from collections.abc import Iterator

from grayc.diagnostics import CODES, Checked, Diagnostic, Mark, Note, has_errors
from grayc.documents.build import STANDS_FIRST, Built, Fault, build_yaml
from grayc.documents.chunk import Chunk, Path
from grayc.documents.identity import identity_faults
from grayc.documents.json_text import JsonValue, json_faults, read_json
from grayc.documents.limits import MAX_DOCUMENTS, MAX_FAULTS, MAX_LIST_DEPTH
from grayc.documents.locate import first_keys, locate, span_at, text_at
from grayc.documents.model import Document
from grayc.documents.plain_yaml import ReadBefore
from grayc.documents.scalars import is_doubtful
from grayc.documents.sensitive import sensitive_lines
from grayc.documents.split import LINE_ENDS, Piece, split_text
from grayc.documents.structure import Misfit, misfits
from grayc.documents.tree import get, is_mapping, show_path
from grayc.k8s.client_files import CLIENT_FILE_NAMES, CLIENT_FILES
from grayc.records import dataclass
from grayc.source import SourceFile, Span, split_lines
from grayc.source.limits import MAX_FILE_BYTES

__all__ = ["build_config", "parse_documents", "parse_plain", "parse_release"]

_KUSTOMIZE = "kustomize.config.k8s.io/"
_KUSTOMIZATION_FILES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_RELEASE_GROUP = "grayc.dev/"

# What no YAML may hold. Tab, the line ends and everything from U+00A0 on are fine.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# What makes text show otherwise than it is read: line ends of YAML that editors show as none, and directional
# embeddings, overrides and isolates. Sources: YAML 1.1, 4.1.4; Unicode Standard Annex 9, 2.
_DECEIVING = re.compile("[\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_TEMPLATE = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One document of a file, read."""

    chunk: Chunk
    data: object


_READ_BEFORE = ReadBefore()


def parse_documents(
    source: SourceFile, *, searched: bool = False, is_output: bool = False
) -> Checked[tuple[Document, ...]]:
    """Return all objects of a file, in its order; the items of lists each on their own.

    Releases of grayc itself are left out without a word.

    Args:
        searched: the file was found in a folder, not named: what is clearly no manifest is left out with a warning.
        is_output: the file is one of an output folder, which may be larger than those of users: it holds many objects,
            and what aliases and patches stand for is written out.

    Diagnostics:
        GC105 to GC114: the text is not what Kubernetes could read, or reads in two ways.
        GC120 to GC126: a limit.
        GC130: a document is no object. GC131: it was left out, or is one that a program on somebody's machine reads.
        GC133: a list holds something else than objects.
        GC134 to GC137: its kind, namespace, name or a label of a lane is one that no cluster takes.
        GC138: a mapping, a list or a single value stands where another of them belongs. GC139: a single value stands
        where one of another type belongs.
    """
    read = _read(source, is_output=is_output)
    if read.value is None:
        return Checked(value=None, diagnostics=read.diagnostics)
    documents: list[Document] = []
    diagnostics = list(read.diagnostics)
    notes: list[Diagnostic] = []
    for text in read.value:
        if searched and _is_no_manifest(text):
            diagnostics += _left_out(text)
            continue
        reader = _client_of(text)
        if reader is not None:
            diagnostics.append(
                Diagnostic(
                    code="GC131",
                    message=f"a document of `{source.shown}` is for {reader}, not for a cluster, and is left out",
                    span=span_at(text.chunk, *_start(text.chunk), 1_000),
                    help="nothing to do; or name only the files you mean in `spec.baseline`",
                )
            )
            continue
        problems: list[Diagnostic] = []
        for document, problem in _objects(text, text.data, (), 0):
            if problem is not None:
                problems.append(problem)
            if document is not None:
                documents.append(document)
                told = {problem.field for problem in problems}
                for misfit in misfits(document.data, (document.identity.group, document.identity.kind)):
                    if misfit.is_fatal:
                        problems.append(_misfit(document, misfit))
                    elif len(notes) >= MAX_FAULTS or _is_doubtful(document, misfit):
                        continue
                    # What is wrong with a name is one mistake.
                    elif show_path(misfit.path) not in told:
                        notes.append(_misfit(document, misfit))
            if len(problems) >= MAX_FAULTS:
                break
        diagnostics += problems
    diagnostics += notes
    value = None if has_errors(diagnostics) else tuple(documents)
    return Checked(value=value, diagnostics=tuple(diagnostics))


def parse_release(source: SourceFile) -> Checked[Document]:
    """Return the one document of a release's file.

    Diagnostics:
        GC201: it is no mapping.
        GC216: there is none, or more than one.
        Those of `parse_documents` about text and limits.
    """
    plain = parse_plain(source)
    if plain.value is None:
        return Checked(value=None, diagnostics=plain.diagnostics)
    chunk, data = plain.value
    if not is_mapping(data):
        return Checked(
            value=None,
            diagnostics=(
                *plain.diagnostics,
                Diagnostic(
                    code="GC201",
                    message=f"`{source.shown}` holds no release: its document is {_kind_of(data)}",
                    span=span_at(chunk, *_start(chunk), 1_000),
                    help="start with `apiVersion: grayc.dev/v1` and `kind: GrayRelease`",
                ),
            ),
        )
    return Checked(value=Document(data=data, chunk=chunk), diagnostics=plain.diagnostics)


def parse_plain(source: SourceFile) -> Checked[tuple[Chunk, object]]:
    """Return the one document of a file, of any shape, and its text.

    Diagnostics:
        GC216: there is none, or more than one.
        Those of `parse_documents` about text and limits.
    """
    read = _read(source)
    if read.value is None:
        return Checked(value=None, diagnostics=read.diagnostics)
    if len(read.value) != 1:
        found = read.value[1].chunk if read.value else None
        return Checked(
            value=None,
            diagnostics=(
                *read.diagnostics,
                Diagnostic(
                    code="GC216",
                    message=f"`{source.shown}` holds {len(read.value)} documents, not one",
                    span=span_at(found, *_start(found), 1_000) if found else Span(source=source, line=1, column=1),
                    help="put each document into a file of its own"
                    if read.value
                    else "write the document into the file",
                ),
            ),
        )
    return Checked(value=(read.value[0].chunk, read.value[0].data), diagnostics=read.diagnostics)


def build_config(text: str) -> object:
    """Return the data of a text with one YAML document that stands in an object; as much of it as can be read."""
    built = build_yaml(text, _READ_BEFORE)
    _READ_BEFORE.shorten()
    return built.data


def _read(source: SourceFile, *, is_output: bool = False) -> Checked[list[_Text]]:
    """Return all documents of a file that hold anything."""
    refused = ([] if is_output else _too_large(source)) or _control_characters(source)
    if refused:
        return Checked(value=None, diagnostics=tuple(refused))
    # Kubernetes reads line by line and ends the last line too, which a block text at the end of the file shows.
    pieces, bad = split_text(source.text if source.text.endswith(LINE_ENDS) else source.text + "\n")
    diagnostics = _deceiving_characters(source)
    diagnostics += [
        Diagnostic(
            code="GC105",
            message="a line that starts with `---` holds something else",
            # What splits documents knows `\n` alone, and places know all the line ends of YAML.
            span=Span(
                source=source,
                line=border.line,
                column=1,
                length=max(1, min(border.length, len(source.line(border.line)))),
                sensitive=True,
            ),
            help="put what follows the `---` on a line of its own",
        )
        for border in bad
    ]
    texts: list[_Text] = []
    for count, piece in enumerate(pieces):
        if count >= MAX_DOCUMENTS and not is_output:
            diagnostics.append(
                Diagnostic(
                    code="GC123",
                    message=f"`{source.shown}` holds more than {MAX_DOCUMENTS} documents",
                    span=Span(source=source, line=piece.line, column=1, sensitive=True),
                    help="split the file",
                )
            )
            break
        for chunk, built in _documents_of(source, piece, len(texts), is_output=is_output):
            diagnostics += _diagnose(chunk, built.faults)
            if built.has_document and built.data is not None:
                texts.append(_Text(chunk=chunk, data=built.data))
    _READ_BEFORE.shorten()
    return Checked(value=None if has_errors(diagnostics) else texts, diagnostics=tuple(diagnostics))


def _documents_of(source: SourceFile, piece: Piece, index: int, *, is_output: bool) -> Iterator[tuple[Chunk, Built]]:
    """Yield the documents of a text between two borders: one of YAML, or all JSON values in a row."""
    values = read_json(piece.text)
    if not values:
        chunk = Chunk(source=source, index=index, line=piece.line, text=piece.text)
        yield chunk, build_yaml(piece.text, _READ_BEFORE, is_output=is_output)
        return
    for at, value in enumerate(values):
        chunk = (
            _json_chunk(source, piece, index + at, value)
            if len(values) > 1
            else (Chunk(source=source, index=index, line=piece.line, text=piece.text))
        )
        faults = json_faults(chunk.text) if value.is_suspect else ()
        yield chunk, Built(has_document=True, data=value.data, faults=faults)


def _json_chunk(source: SourceFile, piece: Piece, index: int, value: JsonValue) -> Chunk:
    """Return one of several JSON values as a text whose columns are those of the file."""
    before = split_lines(piece.text[: value.start])
    return Chunk(
        source=source,
        index=index,
        line=piece.line + len(before) - 1,
        text=" " * len(before[-1]) + piece.text[value.start : value.end],
    )


def _too_large(source: SourceFile) -> list[Diagnostic]:
    text = source.text
    if len(text) <= MAX_FILE_BYTES // 4 or len(text.encode("utf-8", "replace")) <= MAX_FILE_BYTES:
        return []
    return [
        Diagnostic(
            code="GC122",
            message=f"`{source.shown}` is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB",
            span=Span(source=source, line=1, column=1, sensitive=True),
            help="split the file",
        )
    ]


def _control_characters(source: SourceFile) -> list[Diagnostic]:
    """Refuse the first character that no YAML may hold: a file with one has many."""
    if source.text.isascii() and source.text.replace("\n", "").isprintable():
        return []
    found = _CONTROL.search(source.text)
    if found is None:
        return []
    return [
        Diagnostic(
            code="GC110",
            message=f"the character U+{ord(found[0]):04X} cannot stand in a manifest",
            span=_at(source, found.start()),
            help="write it as an escape in double quotes if the value needs it, else take it out",
        )
    ]


def _deceiving_characters(source: SourceFile) -> list[Diagnostic]:
    """Point out the first character that makes text show otherwise than it is read."""
    found = None if source.text.isascii() else _DECEIVING.search(source.text)
    if found is None:
        return []
    what = "ends a line where few editors show it" if found[0] in LINE_ENDS else "makes text show in another order"
    return [
        Diagnostic(
            code="GC115",
            message=f"the character U+{ord(found[0]):04X} {what}",
            span=_at(source, found.start()),
            help="take it out, or write it as an escape in double quotes, where everyone sees it",
        )
    ]


def _at(source: SourceFile, offset: int) -> Span:
    """Return the span of one character of a file that nobody has read yet."""
    before, lines = split_lines(source.text[:offset]), split_lines(source.text)
    at = len(before) - 1
    # A line end is no part of its line: what stands before it is marked.
    column = max(1, min(len(before[-1]) + 1, len(lines[at])))
    sensitive = source.is_secret or at in sensitive_lines(None, lines, is_whole=False)
    return Span(source=source, line=at + 1, column=column, sensitive=sensitive)


def _diagnose(chunk: Chunk, faults: tuple[Fault, ...]) -> Iterator[Diagnostic]:
    """Yield a document's faults as diagnostics; a template's consequences are one."""
    template = _template(chunk) if any(CODES[fault.code].mark is Mark.TEMPLATE for fault in faults) else None
    if template is not None:
        yield template
        return
    repeated = [(fault.line, fault.column) for fault in faults if fault.is_repeated_key]
    firsts = first_keys(chunk, max(repeated)) if repeated else {}
    for fault in faults:
        first = firsts.get((fault.line, fault.column)) if fault.is_repeated_key else None
        notes = (Note(message=STANDS_FIRST, span=first),) if first is not None else ()
        if fault.start is not None and fault.start_message:
            notes = (Note(message=fault.start_message, span=span_at(chunk, *fault.start)),)
        yield Diagnostic(
            code=fault.code,
            message=fault.message,
            span=span_at(chunk, fault.line, fault.column, fault.length),
            notes=notes,
            help=fault.help,
        )


def _template(chunk: Chunk) -> Diagnostic | None:
    for number, line in enumerate(split_lines(chunk.text)):
        found = _TEMPLATE.search(line)
        if found is not None and not line.lstrip().startswith("#"):
            return Diagnostic(
                code="GC111",
                message="the file is a template, not a manifest",
                span=span_at(chunk, number, found.start(), found.end() - found.start()),
                help="name its chart as `{helm: {chart: DIR}}`, or render it first and name what that gives",
            )
    return None


def _start(chunk: Chunk) -> tuple[int, int]:
    """Return line and column of the first text of a document that is no comment, from 0."""
    for number, line in enumerate(split_lines(chunk.text)):
        bare = line.lstrip()
        if bare and not bare.startswith(("#", "%")):
            return number, len(line) - len(bare)
    return 0, 0


def _is_no_manifest(text: _Text) -> bool:
    if not is_mapping(text.data):
        return True
    return ("apiVersion" not in text.data and "kind" not in text.data) or _is_kustomization(text)


def _left_out(text: _Text) -> Iterator[Diagnostic]:
    """Tell of a document that was come across and is no manifest, unless nothing is lost with it."""
    is_kustomization = _is_kustomization(text)
    if is_kustomization and _lists_alone(text):
        return
    changes = sorted(set(text.data) - _LISTING) if is_kustomization and is_mapping(text.data) else []
    named = ", ".join(f"`{key}`" for key in changes[:_MOST_NAMED]) + (" and more" if len(changes) > _MOST_NAMED else "")
    made = f": what it makes with {named} is not in the baseline" if changes else ""
    yield Diagnostic(
        code="GC131",
        message=f"a document of `{text.chunk.source.shown}` is no Kubernetes object and is left out{made}",
        span=span_at(text.chunk, *_start(text.chunk), 1_000),
        help="name the kustomization as `{kustomize: DIR}`, or only the files you mean in `spec.baseline`"
        if is_kustomization
        else "name only the files you mean in `spec.baseline`",
    )


_MOST_NAMED = 6

_LISTING = frozenset({"apiVersion", "kind", "metadata", "resources", "bases"})
"""The fields of a kustomization that change no object. Source: kustomize api/types/kustomization.go."""

_ELSEWHERE = ("..", ":", "?", "@")
"""What the text of a resource has that is not below the kustomization's folder."""


def _lists_alone(text: _Text) -> bool:
    """Tell whether a kustomization does no more than list what lies below it, which a search comes across as well."""
    data = text.data
    if not is_mapping(data) or not set(data) <= _LISTING or data.get("kind") not in (None, "Kustomization"):
        return False
    if data.get("apiVersion") is not None and not str(data["apiVersion"]).startswith(_KUSTOMIZE):
        return False
    listed = [item for key in ("resources", "bases") for item in _texts(data.get(key))]
    return not any(item.startswith("/") or any(word in item for word in _ELSEWHERE) for item in listed)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value] if value is not None else []
    return [item if isinstance(item, str) else ".." for item in items]


def _is_kustomization(text: _Text) -> bool:
    if posixpath.basename(text.chunk.source.name) in _KUSTOMIZATION_FILES:
        return True
    version = get(text.data, ("apiVersion",))
    return isinstance(version, str) and version.startswith(_KUSTOMIZE)


def _client_of(text: _Text) -> str | None:
    """Return the program that reads a document which is no object of a cluster; None for what may be one.

    A kustomization that is named as a file is left to the message that says how to name it.
    """
    data = text.data
    if not is_mapping(data) or _is_kustomization(text):
        return None
    version, kind = data.get("apiVersion"), data.get("kind")
    if not isinstance(version, str):
        return None
    if kind is None and (reader := CLIENT_FILE_NAMES.get(posixpath.basename(text.chunk.source.name))):
        return reader
    row = CLIENT_FILES.get(version.rpartition("/")[0])
    if row is None or (row.kinds and not (isinstance(kind, str) and kind in row.kinds)):
        return None
    return None if row.is_object_too and get(data, ("metadata", "name")) is not None else row.reader


_Objects = Iterator[tuple[Document | None, Diagnostic | None]]


def _objects(text: _Text, data: object, root: Path, depth: int) -> _Objects:
    """Yield the object at `root`, or the objects of the list there, and what is wrong with them."""
    if not is_mapping(data):
        yield None, _not_an_object(text, root, f"it is {_kind_of(data)}")
        return
    version, kind = data.get("apiVersion"), data.get("kind")
    if isinstance(version, str) and version.startswith(_RELEASE_GROUP):
        return
    if _is_list(data):
        yield from _items(text, data, root, depth)
        return
    name = get(data, ("metadata", "name"))
    fields = (("apiVersion", version), ("kind", kind), ("metadata.name", name))
    missing = [field for field, value in fields if value is None]
    wrong = [field for field, value in fields if value is not None and (not isinstance(value, str) or not value)]
    if missing or wrong:
        yield None, _bad_fields(text, data, root, missing, wrong)
        return
    for fault in identity_faults(data):
        yield (
            None,
            Diagnostic(
                code=fault.code,
                message=fault.message,
                span=locate(text.chunk, (*root, *fault.path)),
                field=show_path(fault.path),
                help=fault.help,
            ),
        )
    yield Document(data=data, chunk=text.chunk, root=root), None


def _is_doubtful(document: Document, misfit: Misfit) -> bool:
    """Tell whether a boolean is a word that some read as text: that is GC112's."""
    return misfit.is_boolean_for_text and is_doubtful(text_at(document.chunk, (*document.root, *misfit.path)) or "")


def _misfit(document: Document, misfit: Misfit) -> Diagnostic:
    return Diagnostic(
        code="GC138" if misfit.is_fatal else "GC139",
        message=f"`{show_path(misfit.path)}` of `{document.identity.ref}`: it is {misfit.found}, not {misfit.expected}",
        span=document.span(misfit.path),
        field=show_path(misfit.path),
        object=document.identity.ref,
        help=misfit.help,
    )


def _is_list(data: dict[str, object]) -> bool:
    kind = data.get("kind")
    if not isinstance(kind, str) or not kind.endswith("List"):
        return False
    if kind == "List" and data.get("apiVersion") == "v1":
        return True
    # An object whose kind merely ends like that has a name of its own, which lists never have.
    return "items" in data and get(data, ("metadata", "name")) is None


def _items(text: _Text, data: dict[str, object], root: Path, depth: int) -> _Objects:
    """Yield the objects of a list. Items of a `FooList` may leave out what the list says of all of them.

    Source: kubernetes/apimachinery v0.34 pkg/apis/meta/v1/unstructured/helpers.go (`decodeToList`).
    """
    span = _span(text, (*root, "items"))
    items = data.get("items")
    if depth >= MAX_LIST_DEPTH:
        yield (
            None,
            Diagnostic(
                code="GC133",
                message=f"lists stand more than {MAX_LIST_DEPTH} deep in each other",
                span=span,
                help="move the inner items to the outer list",
            ),
        )
        return
    if not isinstance(items, list) and (items is not None or "items" not in data):
        yield (
            None,
            Diagnostic(
                code="GC133",
                message=f"`{data['kind']}` has no list of `items`",
                span=span,
                help="write the objects below `items`, each with a `-` before it",
            ),
        )
        return
    item_kind = str(data["kind"]).removesuffix("List")
    for position, item in enumerate(items or ()):
        place = (*root, "items", position)
        if not is_mapping(item):
            yield (
                None,
                Diagnostic(
                    code="GC133",
                    message=f"item {position} of the list is {_kind_of(item)}, not an object",
                    span=_span(text, place),
                    help="write an object there, or take the item away",
                ),
            )
            continue
        if item_kind and not item.get("kind"):
            item = {**item, "apiVersion": data.get("apiVersion"), "kind": item_kind}  # noqa: PLW2901 - the same item, whole
        yield from _objects(text, item, place, depth + 1)


def _bad_fields(text: _Text, data: dict[str, object], root: Path, missing: list[str], wrong: list[str]) -> Diagnostic:
    if wrong:
        what, field = f"its `{wrong[0]}` is no text", wrong[0]
        help_ = "put quotes around the value"
    else:
        what, field = f"it has no {' and no '.join(f'`{name}`' for name in missing)}", missing[0]
        help_ = "write these fields, or leave the file out of `spec.baseline`"
    if missing == ["metadata.name"] and get(data, ("metadata", "generateName")) is not None:
        help_ = "replace `generateName` by `name`: a copy needs a name that is known before it is created"
        field = "metadata.generateName"
    elif _is_kustomization(text):
        help_ = "name the kustomization as `{kustomize: DIR}`"
    return _not_an_object(text, (*root, *field.split(".")), what, help_=help_)


def _not_an_object(text: _Text, path: Path, what: str, *, help_: str = "") -> Diagnostic:
    return Diagnostic(
        code="GC130",
        message=f"the document is no Kubernetes object: {what}",
        span=_span(text, path),
        help=help_ or "write `apiVersion`, `kind` and `metadata.name`, or leave the file out of `spec.baseline`",
    )


def _span(text: _Text, path: Path) -> Span:
    return locate(text.chunk, path)


def _kind_of(data: object) -> str:
    match data:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "empty"
        case _:
            return "a single value"
