"""What a file of Argo CD or Flux makes of the sources in its repository: what is rendered of them, and with what.

Nothing is fetched. Paths in such a file start at a root that the release names; which repository and revision it means
is not asked. Leaves to others: what the tools do with what (`argocd`, `flux`), and the rendering (`render`).
"""

import base64
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic, has_errors
from grayc.diagnostics.shell import command
from grayc.documents.chunk import Path
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.model import Document
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import Declared, Recipe
from grayc.documents.sealed import object_sealed_by
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.records import dataclass, field, replace
from grayc.source import NothingFoundError, Roots, SourceError, SourceFile, find_sources, read_source
from grayc.source.find import names_in, top_folder
from grayc.source.read import check_form, locate
from grayc.source.seen import note_obstacle

NOT_HERE, NOT_ONE, INCOMPLETE = "GC180", "GC181", "GC186"


class Holds(StrEnum):
    """What a place in a file holds, of what a rendering is made with."""

    VALUES = "values"
    VALUES_TEXT = "values-text"
    PARAMETERS = "parameters"
    IMAGES = "images"
    IMAGE_TEXTS = "image-texts"
    VARIABLES = "variables"
    PATCHES = "patches"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holder:
    """A place that a promotion may write to.

    Attributes:
        path: its file, links resolved.
        document: the document of that file.
        at: the place in it; it need not be there yet where `takes_new`.
        holds: in which form.
        recipe: number of the recipe that it is for.
        takes_new: what is nowhere yet, or in a file that others share, goes here.
    """

    path: FilePath
    document: Document
    at: Path
    holds: Holds
    recipe: int
    takes_new: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Expanded:
    """What a file asks to render.

    Attributes:
        recipes: in the order of the file.
        holders: those with the last word first.
        paths: files that were read for it, links resolved.
        found: what is to be said of it.
    """

    recipes: list[Recipe] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    paths: set[FilePath] = field(default_factory=set)
    found: list[Diagnostic] = field(default_factory=list)


AS_ROOT = "as `root` of the row"


class Repository:
    """The files that a declaration may name, by their paths from its root.

    Attributes:
        roots: what may be read.
        root: relative to the spec's folder.
        as_root: how a release names another one, in words.
    """

    def __init__(
        self,
        roots: Roots,
        root: str | None,
        changed: Mapping[FilePath, str],
        expanded: Expanded,
        *,
        as_root: str = AS_ROOT,
    ) -> None:
        """Begin at a root, or at the nearest folder with `.git` where none is named.

        Args:
            as_root: how a release names another root.
        Raises:
            SourceError: GC151.
        """
        note_obstacle("what stands near the release")
        self.roots = roots
        self._home = os.path.realpath(roots.folder)
        self._changed = changed
        self._expanded = expanded
        self.as_root = as_root
        if root is not None:
            check_form(root)
        self.root = posixpath.normpath(root) if root is not None else top_folder(roots)

    def name(self, path: str, *, below: str = "") -> str:
        """Return a path as the spec's folder has it.

        Args:
            path: from the root; or from `below`, where it does not begin with `/`.
        Raises:
            SourceError: GC151: it is no path, or leads out of the root.
        """
        # A plain path that begins with a slash begins at the root of the repository.
        relative = path.lstrip("/") if path.startswith("/") and not path.startswith("//") else path
        check_form(relative or ".")
        inner = posixpath.normpath(posixpath.join("" if relative != path else below, relative))
        if inner == ".." or inner.startswith("../"):
            raise SourceError(
                "GC151",
                f"`{path}` leads out of `{self.root}`, where the paths of this file start",
                f"name the folder that holds all of it {self.as_root}",
            )
        return posixpath.normpath(posixpath.join(self.root, inner))

    def inner(self, name: str) -> str:
        """Return a path of the spec's folder as the root has it."""
        return posixpath.relpath(name, self.root)

    def path(self, name: str) -> FilePath:
        """Return where a path of the spec's folder leads, links left as they are."""
        return FilePath(os.path.normpath(f"{self._home}/{name}"))

    def real(self, name: str) -> FilePath:
        """Return where it really is.

        Raises:
            SourceError: GC150.
        """
        return locate(self.path(name), self.shown(name), self.roots)[0]

    def shown(self, name: str) -> str:
        """Return how a path is called in findings."""
        return SourceFile(name=name, text="", folder=self.roots.shown).shown

    def is_file(self, name: str) -> bool:
        """Tell whether a file is there, inside the roots."""
        return self.real(name).is_file()

    def is_folder(self, name: str) -> bool:
        """Tell whether a folder is there, inside the roots."""
        return self.real(name).is_dir()

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, in the order of their bytes."""
        return names_in(folder, self.roots)

    def read(self, name: str) -> SourceFile:
        """Return a file, as it is to be.

        Raises:
            SourceError: as `read_source`.
        """
        source = read_source(self.path(name), name, self.roots)
        real = self.real(name)
        self._expanded.paths.add(real)
        return replace(source, text=self._changed[real]) if real in self._changed else source

    def mapping(self, name: str) -> Document:
        """Return a file that holds one mapping.

        Raises:
            SourceError: as `read`, and for a file that is something else.
        """
        source = self.read(name)
        parsed = parse_plain(source)
        data = parsed.value[1] if parsed.value is not None else {}
        if parsed.value is None or not is_mapping(data):
            wrong = next((item for item in parsed.diagnostics if has_errors((item,))), None)
            raise SourceError(
                wrong.code if wrong else NOT_ONE,
                wrong.message if wrong else f"`{source.shown}` holds no mapping",
                wrong.help if wrong else "write names and values",
                span=wrong.span if wrong else None,
            )
        return Document(data=data, chunk=parsed.value[0])

    def files(self, folder: str) -> tuple[tuple[str, SourceFile], ...]:
        """Return the manifests below a folder, by name."""
        try:
            found = find_sources(f"{folder}/", self.roots).files
        except NothingFoundError:
            return ()
        return tuple((file.name, self.read(file.name)) for file in found)


def open_declaration(declared: Declared, repository: Repository, kinds: Mapping[str, str]) -> Document:
    """Return the one object of a file that is of certain kinds.

    Args:
        kinds: kind → API group.
    Raises:
        SourceError: GC181 and what reading a file reports.
    """
    source = repository.read(declared.file)
    parsed = parse_documents(source)
    wrong = next((item for item in parsed.diagnostics if has_errors((item,))), None)
    if wrong is not None:
        raise SourceError(wrong.code, wrong.message, wrong.help, span=wrong.span)
    known = [each for each in parsed.value or () if kinds.get(each.identity.kind) == each.identity.group]
    words = " or ".join(f"`{kind}`" for kind in kinds)
    if len(known) == 1:
        _refuse_sealed(known[0])
        return known[0]
    if known:
        refs = ", ".join(f"`{each.identity.ref}`" for each in known)
        raise SourceError(
            NOT_ONE,
            f"`{source.shown}` holds several: {refs}",
            "put each into a file of its own, and name them one by one",
            span=known[1].span(("metadata", "name")),
        )
    others = [each for each in parsed.value or () if each.identity.kind]
    what = ", ".join(f"`{each.identity.ref}`" for each in others[:3]) or "no object"
    help_ = f"name the file with the {words}"
    if any(each.identity.kind == "ApplicationSet" for each in others):
        help_ = "an ApplicationSet makes Applications: save one of them (`argocd appset generate`, or `kubectl get`)"
    elif any(each.identity.kind == "Kustomization" for each in others):
        help_ = "a kustomization of kustomize is a source of its own, with its folder: `{kustomize: FOLDER}`"
    raise SourceError(
        NOT_ONE,
        f"`{source.shown}` holds no {words} but {what}",
        help_,
        span=others[0].span(("kind",)) if others else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What a ConfigMap or Secret of the repository says.

    Attributes:
        entries: key → text.
        holder: the place of an entry that a promotion may write to: key → document and path.
    """

    entries: Mapping[str, str]
    document: Document | None
    path: FilePath | None


def find_given(repository: Repository, beside: str, kind: str, name: str, namespace: str) -> Given | None:
    """Return a ConfigMap or Secret that is declared in a file, in its folder, or below that.

    Args:
        beside: the file that names it.
        namespace: it is in, or names none.
    Raises:
        SourceError: GC165: it is encrypted. And what reading a file reports.
    """
    folder = posixpath.dirname(beside) or "."
    for at, source in sorted(repository.files(folder), key=lambda item: item[0] != beside):
        if name not in source.text or (kind not in source.text and posixpath.basename(at) not in FILE_NAMES):
            continue
        if posixpath.basename(at) in FILE_NAMES:
            made = _generated(repository, at, source, kind, name)
            if made is not None:
                return made
            continue
        for document in parse_documents(source, searched=True).value or ():
            identity = document.identity
            if (identity.kind, identity.name, identity.group) == (kind, name, "") and (
                not namespace or identity.namespace in ("", namespace)
            ):
                _refuse_sealed(document)
                return Given(entries=_entries(document), document=document, path=repository.real(at))
    # Named by its folder alone, a kustomization's own file has no ending that is looked for.
    return None


def _refuse_sealed(document: Document) -> None:
    tool = object_sealed_by(document)
    if tool:
        raise SourceError(
            "GC165",
            f"`{document.identity.ref}` is encrypted ({tool}), and what it says goes into what is rendered",
            "decrypt it beside the repository before the build, without committing what that gives",
            span=document.span(("metadata", "name")),
        )


def _entries(document: Document) -> dict[str, str]:
    """Return the keys and texts of a ConfigMap or Secret."""
    made: dict[str, str] = {}
    for key, value in get_map(document.data, ("data",)).items():
        text = value if isinstance(value, str) else ""
        if document.identity.kind == "Secret":
            try:
                text = base64.b64decode(text, validate=False).decode(errors="replace")
            except ValueError:
                text = ""
        made[key] = text
    for key, value in get_map(document.data, ("stringData",)).items():
        if document.identity.kind == "Secret" and isinstance(value, str):
            made[key] = value
    return made


def _generated(repository: Repository, at: str, source: SourceFile, kind: str, name: str) -> Given | None:
    """Return what a kustomization generates under a name, its hash left out.

    Source: kustomize api/types/kvpairsources.go.
    """
    parsed = parse_plain(source).value
    data = parsed[1] if parsed is not None else None
    generator = "configMapGenerator" if kind == "ConfigMap" else "secretGenerator"
    row = next((each for each in get_list(data, (generator,)) if get_text(each, ("name",)) == name), None)
    if row is None:
        return None
    folder = posixpath.dirname(at)
    made: dict[str, str] = {}
    for literal in get_list(row, ("literals",)):
        key, _, value = str(literal).partition("=")
        made[key] = value.strip("\"'")
    for entry in get_list(row, ("files",)):
        key, is_named, file = str(entry).partition("=")
        file = file if is_named else key
        text = repository.read(posixpath.normpath(posixpath.join(folder, file))).text
        made[key if is_named else posixpath.basename(file)] = text
    for entry in (*get_list(row, ("envs",)), *([get(row, ("env",))] if get(row, ("env",)) else [])):
        for line in repository.read(posixpath.normpath(posixpath.join(folder, str(entry)))).text.splitlines():
            key, is_pair, value = line.partition("=")
            if is_pair and not line.lstrip().startswith("#"):
                made[key.strip()] = value
    return Given(entries=made, document=None, path=None)


_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")


def find_packed(repository: Repository, beside: str, chart: str, version: str) -> str | None:
    """Return the packed chart of a registry that lies beside a file, or in `charts` there; None where there is none.

    A version that is a range, or none, takes the only one that is there.
    """
    folder = posixpath.dirname(beside) or "."
    name = posixpath.basename(chart.rstrip("/"))
    for place in (folder, posixpath.normpath(posixpath.join(folder, "charts"))):
        exact = posixpath.normpath(posixpath.join(place, f"{name}-{version.removeprefix('v')}.tgz"))
        also = posixpath.normpath(posixpath.join(place, f"{name}-{version}.tgz"))
        if version and _VERSION.fullmatch(version.removeprefix("v")):
            for each in (also, exact):
                if repository.is_file(each):
                    return each
            continue
        if repository.is_folder(place):
            pattern = re.compile(rf"{re.escape(name)}-v?{_VERSION.pattern}\.tgz")
            there = [each for each in repository.names(place) if pattern.fullmatch(each)]
            if len(there) == 1:
                return posixpath.normpath(posixpath.join(place, there[0]))
    return None


def not_packed(document: Document, at: Path, asked: tuple[str, str, str], beside: str) -> SourceError:
    """Return that a chart comes from elsewhere, with what brings it here.

    Args:
        asked: the chart, its version, and the address that it comes from; "" for what is not known.
    """
    chart, version, where = asked
    folder = posixpath.dirname(beside) or "."
    is_oci = where.startswith("oci:")
    words = ["helm", "pull", f"{where.rstrip('/')}/{chart}" if is_oci else chart]
    words += [f"--repo={where}"] if where and not is_oci else []
    words += [f"--version={version}"] if version else []
    fetching = command(*words, f"--destination={folder}")
    return SourceError(
        NOT_HERE,
        f"chart `{chart}` of `{document.identity.ref}` comes from `{where or 'a registry'}`, and no packed one lies "
        "beside the file",
        f"fetch it once: `{fetching}`",
        span=document.span(at),
    )


def texts_of(data: object, path: Path) -> Iterator[str]:
    """Yield the texts of a list."""
    yield from (each for each in get_list(data, path) if isinstance(each, str))
