"""What a kustomization reads: the folders of the bases it builds on, each inside the roots, none from the network."""

import json
import os
import posixpath
from collections.abc import Iterator
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic, Note, has_errors
from grayc.documents.chunk import Chunk, Path
from grayc.documents.fetches import FILES, fetched_by, is_fetched, is_repository, texts_at
from grayc.documents.model import Document
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import KustomizationEdits
from grayc.documents.tree import is_mapping, show_path
from grayc.records import dataclass, replace
from grayc.source import SourceError, SourceFile, decode, read_source
from grayc.source.read import check_form, locate
from grayc.source.stage import Stage

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""Names of a kustomization's own file. Source: kustomize api/konfig/general.go, `RecognizedKustomizationFileNames`."""

FOLDERS = ("resources", "bases", "components", "generators", "transformers", "validators")
"""Fields that name files, or folders with a kustomization. Source: kustomize api/types/kustomization.go."""

PLUGINS = ("generators", "transformers", "validators")
"""Of these, the fields whose files are configurations of plugins."""

_REMOTE = ("://", "git::", "git@", "?ref=", "?version=")
_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFolder:
    """A folder with a kustomization that makes configurations of plugins.

    Attributes:
        real: where it is, links resolved.
        name: relative to the spec's folder.
        asked: the kustomization that names it, and where.
    """

    real: FilePath
    name: str
    asked: tuple[Document, Path]


def add_kustomization(
    stage: Stage, folder: str, plugins: list[PluginFolder], edits: KustomizationEdits | None = None
) -> Iterator[Diagnostic]:
    """Copy a kustomization to the stage with all that it builds on, and yield what is wrong with it.

    Args:
        folder: relative to the spec's folder.
        plugins: takes the folders whose rendering configures plugins, each after those that it builds on.
        edits: what is written into the kustomization's own file in the copy.
    Raises:
        SourceError: it cannot be read at all.
    Diagnostics:
        GC101: a file or folder that it names does not exist.
        GC150: a folder that it builds on lies outside the roots.
        GC151: it takes something from the network.
        And what reading the configuration of a plugin reports.
    """
    check_form(folder)
    name = posixpath.normpath(folder)
    start = FilePath(os.path.normpath(os.path.realpath(stage.roots.folder) + "/" + name))
    yield from _Walk(stage, plugins).add(start, name, edits)


def fetched_by_plugins(plugin: PluginFolder, rendered: str) -> Iterator[Diagnostic]:
    """Yield what the configurations that a folder renders to would fetch.

    Patches and replacements may put an address together that stands in no file.

    Diagnostics: as `add_kustomization`.
    """
    document, field = plugin.asked
    read = parse_documents(SourceFile(name=f"<kustomize {plugin.name}>", text=rendered))
    yield from (replace(item, span=document.span(field)) for item in read.diagnostics if has_errors((item,)))
    for made in read.value or ():
        for path, text in fetched_by(made.data):
            yield Diagnostic(
                code="GC151",
                message=f"`{text}` comes from the network: `{plugin.name}` renders to it",
                span=document.span(field),
                field=show_path(field),
                notes=(Note(message=f"it stands at `{show_path(path)}` of {made.identity.ref}"),),
                help=_COPY,
            )


def kustomization_file(real: FilePath, name: str) -> str | None:
    """Return the name of a folder's kustomization file, None where it has none."""
    own = next((own for own in FILE_NAMES if (real / own).is_file()), None)
    return None if own is None else posixpath.normpath(posixpath.join(name, own))


class _Walk:
    """The way from a kustomization through all that it builds on, each folder once."""

    def __init__(self, stage: Stage, plugins: list[PluginFolder]) -> None:
        self._stage = stage
        self._plugins = plugins
        self._seen: set[FilePath] = set()

    def add(self, path: FilePath, name: str, edits: KustomizationEdits | None = None) -> Iterator[Diagnostic]:
        """Copy a folder with a kustomization, and all that it names."""
        stage = self._stage
        real = stage.add(path, name)
        if real in self._seen:
            return
        self._seen.add(real)
        own = kustomization_file(real, name) if real.is_dir() else None
        if own is None and edits is not None and edits.makes_missing and real.is_dir():
            own = posixpath.join(name, FILE_NAMES[0])
            document: Document | None = _made_document(own, edits.apply({}, real, stage), stage)
            found: tuple[Diagnostic, ...] = ()
        elif own is not None:
            document, found = read_kustomization(real, own, stage)
            if document is not None and edits is not None:
                document = replace(document, data=edits.apply(document.data, real, stage))
        else:
            document, found = None, ()
        if own is None:
            what = "holds no kustomization" if real.is_dir() else "is no folder"
            raise SourceError("GC101", f"`{stage.shown(name)}` {what}", f"name a folder with a `{FILE_NAMES[0]}`")
        yield from found
        if document is None:
            return
        if edits is not None:
            # JSON is YAML; what the file says but in data is of no use to kustomize.
            stage.put(stage.place(real / posixpath.basename(own)), json.dumps(document.data))
        is_free = edits is not None and edits.makes_missing
        for key in FOLDERS:
            for field, entry in texts_at(document.data, (key, "[*]")):
                try:
                    if key in PLUGINS:
                        yield from self._add_plugin(real, name, document, field, entry)
                    else:
                        yield from self._add_named(real, name, entry)
                except SourceError as error:
                    yield _refused(document, field, error)
        for pattern in FILES:
            for field, entry in texts_at(document.data, pattern):
                if is_fetched(entry) or (pattern[-1] in ("repo", "chartRepoUrl") and entry):
                    yield _refused(document, field, _remote(entry))
                elif is_free and "\n" not in entry:
                    yield from self._add_outside(real, name, document, field, entry.rpartition("=")[2])

    def _add_outside(
        self, real: FilePath, name: str, document: Document, field: Path, entry: str
    ) -> Iterator[Diagnostic]:
        """Copy a file that lies outside the folder that names it, for a build that may read it."""
        inner = posixpath.normpath(posixpath.join(name, entry))
        path = FilePath(os.path.normpath(real / entry))
        try:
            target, _ = locate(path, self._stage.shown(inner), self._stage.roots)
            if target.is_file() and not target.is_relative_to(real):
                self._stage.add(path, inner)
        except SourceError as error:
            yield _refused(document, field, error)

    def _add_plugin(
        self, real: FilePath, name: str, document: Document, field: Path, entry: str
    ) -> Iterator[Diagnostic]:
        """Copy a plugin's configuration, and look for what it would fetch: it stands here, in a file, or a folder."""
        # Text that stands here is in several lines, or in braces.
        if "\n" in entry or ("{" in entry and ":" in entry):
            if is_fetched(entry) or is_repository(entry):
                raise _remote(entry)
            yield from self._inline(document, field, entry)
            return
        yield from self._add_named(real, name, entry)
        inner = posixpath.normpath(posixpath.join(name, entry))
        target, _ = locate(FilePath(os.path.normpath(real / entry)), self._stage.shown(inner), self._stage.roots)
        if target.is_dir():
            self._plugins.append(PluginFolder(real=target, name=inner, asked=(document, field)))
        else:
            yield from self._fetched_by_file(target, inner)

    @staticmethod
    def _inline(document: Document, field: Path, entry: str) -> Iterator[Diagnostic]:
        read = parse_documents(SourceFile(name=document.chunk.source.name, text=entry))
        for item in read.diagnostics:
            if has_errors((item,)):
                yield replace(item, span=document.span(field), field=show_path(field))
        for made in read.value or ():
            for _, text in fetched_by(made.data):
                yield _refused(document, field, _remote(text))

    def _fetched_by_file(self, target: FilePath, name: str) -> Iterator[Diagnostic]:
        place = self._stage.place(target)
        if not place.is_file():
            return
        source = SourceFile(name=name, text="", folder=self._stage.roots.shown)
        read = parse_documents(replace(source, text=decode(place.read_bytes(), source)))
        yield from (item for item in read.diagnostics if has_errors((item,)))
        for made in read.value or ():
            for path, text in fetched_by(made.data):
                yield _refused(made, path, _remote(text))

    def _add_named(self, real: FilePath, name: str, entry: str) -> Iterator[Diagnostic]:
        if any(part in entry for part in _REMOTE):
            raise _remote(entry)
        check_form(entry)
        inner = posixpath.normpath(posixpath.join(name, entry))
        path = FilePath(os.path.normpath(real / entry))
        # Whether something is there is asked only where it may be known.
        target, _ = locate(path, self._stage.shown(inner), self._stage.roots)
        if not target.is_dir() and target.exists():
            if not target.is_relative_to(real):
                # That it may not read files outside is for kustomize to say.
                self._stage.add(path, inner)
        elif is_repository(entry) or (not target.exists() and entry.split("/", maxsplit=1)[0] in _HOSTS):
            # kustomize asks git even where a folder of that name is there.
            raise _remote(entry)
        elif target.is_dir():
            yield from self.add(path, inner)
        else:
            raise SourceError(
                "GC101", f"`{self._stage.shown(inner)}` does not exist", "check the path; it is relative to this file"
            )


def _made_document(name: str, data: dict[str, object], stage: Stage) -> Document:
    """Return a kustomization that has no file."""
    source = SourceFile(name=name, text=json.dumps(data), folder=stage.roots.shown)
    return Document(data=data, chunk=Chunk(source=source, index=0, line=1, text=source.text))


def read_kustomization(real: FilePath, name: str, stage: Stage) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return a kustomization's own file, None where it cannot be read as one mapping."""
    path = real / posixpath.basename(name)
    source = read_source(path, name, stage.roots)
    changed = stage.changed.get(FilePath(os.path.realpath(path)))
    parsed = parse_plain(source if changed is None else replace(source, text=changed))
    if parsed.value is None:
        return None, parsed.diagnostics
    chunk, data = parsed.value
    return (Document(data=data, chunk=chunk), parsed.diagnostics) if is_mapping(data) else (None, parsed.diagnostics)


_COPY = "copy it into the repository and name the copy: what is in production must not change by itself"


def _remote(entry: str) -> SourceError:
    return SourceError("GC151", f"`{entry}` comes from the network", _COPY)


def _refused(document: Document, field: Path, error: SourceError) -> Diagnostic:
    return Diagnostic(
        code=error.code,
        message=error.message,
        span=error.span or document.span(field),
        field=show_path(field),
        help=error.help,
    )
