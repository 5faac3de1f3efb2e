"""What a kustomization reads: the folders of the bases it builds on, each inside the roots, none from the network."""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic
from grayc.documents.chunk import Path
from grayc.documents.model import Document
from grayc.documents.reader import parse_plain
from grayc.documents.tree import is_mapping, matches, show_path
from grayc.source import SourceError, read_source
from grayc.source.read import check_form, locate
from grayc.source.stage import Stage

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""Names of a kustomization's own file. Source: kustomize api/konfig/general.go, `RecognizedKustomizationFileNames`."""

FOLDERS: tuple[tuple[str, ...], ...] = (
    ("resources", "[*]"),
    ("bases", "[*]"),
    ("components", "[*]"),
    ("generators", "[*]"),
    ("transformers", "[*]"),
    ("validators", "[*]"),
)
"""Fields that name files, or folders with a kustomization. Source: kustomize api/types/kustomization.go."""

FILES: tuple[tuple[str, ...], ...] = (
    ("configurations", "[*]"),
    ("crds", "[*]"),
    ("patches", "[*]", "path"),
    ("patchesStrategicMerge", "[*]"),
    ("patchesJson6902", "[*]", "path"),
    ("replacements", "[*]", "path"),
    ("openapi", "path"),
    *(
        (generator, "[*]", *field)
        for generator in ("configMapGenerator", "secretGenerator")
        for field in (("files", "[*]"), ("envs", "[*]"), ("env",))
    ),
)
"""Fields that name files, which lie below the kustomization. Source: as above."""

_REMOTE = ("://", "git::", "git@", "?ref=", "?version=")
_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")


def add_kustomization(stage: Stage, folder: str) -> Iterator[Diagnostic]:
    """Copy a kustomization to the stage with all that it builds on, and yield what is wrong with it.

    Args:
        folder: relative to the spec's folder.
    Raises:
        SourceError: it can not be read at all.
    Diagnostics:
        GC101: a file or folder that it names does not exist.
        GC150: a folder that it builds on lies outside the roots.
        GC151: it takes something from the network.
    """
    check_form(folder)
    name = posixpath.normpath(folder)
    start = FilePath(os.path.normpath(os.path.realpath(stage.roots.folder) + "/" + name))
    yield from _Walk(stage).add(start, name)


def kustomization_file(real: FilePath, name: str) -> str | None:
    """Return the name of a folder's kustomization file, None where it has none."""
    own = next((own for own in FILE_NAMES if (real / own).is_file()), None)
    return None if own is None else posixpath.normpath(posixpath.join(name, own))


class _Walk:
    """The way from a kustomization through all that it builds on, each folder once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen: set[FilePath] = set()

    def add(self, path: FilePath, name: str) -> Iterator[Diagnostic]:
        """Copy a folder with a kustomization, and all that it names."""
        stage = self._stage
        real = stage.add(path, name)
        if real in self._seen:
            return
        self._seen.add(real)
        own = kustomization_file(real, name) if real.is_dir() else None
        if own is None:
            what = "holds no kustomization" if real.is_dir() else "is no folder"
            raise SourceError("GC101", f"`{stage.shown(name)}` {what}", f"name a folder with a `{FILE_NAMES[0]}`")
        document, found = read_kustomization(real, own, stage)
        yield from found
        if document is None:
            return
        for field, entry in _named(document, FOLDERS):
            # Generators and transformers may stand in the file itself.
            if "\n" not in entry:
                try:
                    yield from self._add_named(real, name, entry)
                except SourceError as error:
                    yield _refused(document, field, error)
        for field, entry in _named(document, FILES):
            if "\n" not in entry and _is_remote(entry):
                yield _refused(document, field, _remote(entry))

    def _add_named(self, real: FilePath, name: str, entry: str) -> Iterator[Diagnostic]:
        if _is_remote(entry):
            raise _remote(entry)
        check_form(entry)
        inner = posixpath.normpath(posixpath.join(name, entry))
        path = FilePath(os.path.normpath(real / entry))
        # Whether something is there is asked only where it may be known.
        target, _ = locate(path, self._stage.shown(inner), self._stage.roots)
        if target.is_dir():
            yield from self.add(path, inner)
        elif target.exists():
            if not target.is_relative_to(real):
                # That it may not read files outside is for kustomize to say.
                self._stage.add(path, inner)
        elif entry.split("/", maxsplit=1)[0] in _HOSTS:
            raise _remote(entry)
        else:
            raise SourceError(
                "GC101", f"`{self._stage.shown(inner)}` does not exist", "check the path; it is relative to this file"
            )


def read_kustomization(real: FilePath, name: str, stage: Stage) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return a kustomization's own file, None where it can not be read as one mapping."""
    path = real / posixpath.basename(name)
    source = read_source(path, name, stage.roots)
    changed = stage.changed.get(FilePath(os.path.realpath(path)))
    parsed = parse_plain(source if changed is None else replace(source, text=changed))
    if parsed.value is None:
        return None, parsed.diagnostics
    chunk, data = parsed.value
    return (Document(data=data, chunk=chunk), parsed.diagnostics) if is_mapping(data) else (None, parsed.diagnostics)


def _named(document: Document, patterns: tuple[tuple[str, ...], ...]) -> Iterator[tuple[Path, str]]:
    for pattern in patterns:
        for field, value in matches(document.data, pattern):
            if isinstance(value, str):
                yield field, value


def _is_remote(entry: str) -> bool:
    return any(part in entry for part in _REMOTE)


def _remote(entry: str) -> SourceError:
    return SourceError(
        "GC151",
        f"`{entry}` comes from the network",
        "copy it into the repository and name the copy: what is in production must not change by itself",
    )


def _refused(document: Document, field: Path, error: SourceError) -> Diagnostic:
    return Diagnostic(
        code=error.code,
        message=error.message,
        span=error.span or document.span(field),
        field=show_path(field),
        help=error.help,
    )
