"""Files of Argo CD and Flux that change what production makes of a baseline, and that the release does not use.

Looked for in the baseline, beside the release and in the folders of the baseline themselves, nowhere else. What is
found is a guess by paths: a file names a folder as its own repository has it.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic, Note
from grayc.documents.chunk import Path
from grayc.documents.model import Document
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import Chart, Declared, Kustomization, Tool, Wanted
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, show_path
from grayc.k8s.kinds import GroupKind
from grayc.records import dataclass, field
from grayc.source import Roots, SourceError, SourceFile, read_source
from grayc.source.find import names_in, top_folder

DECLARATIONS: Mapping[GroupKind, Tool] = {
    ("argoproj.io", "Application"): Tool.ARGOCD,
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): Tool.FLUX,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): Tool.FLUX,
}
"""Kind → the tool that renders what it names."""

_OVERRIDES = re.compile(r"\.argocd-source(-.+)?\.yaml")
_MANIFESTS = (".yaml", ".yml")
_DECLARES = re.compile(r"""\bkind["']?\s*:\s*["']?(?:Application|Kustomization|HelmRelease)\b""")
_GROUPS = ("argoproj.io/", ".toolkit.fluxcd.io/")
_MOST_FILES = 1_000
"""Files of one folder that are looked at: further ones, by name, are not."""

_KUSTOMIZE = (
    "namePrefix", "nameSuffix", "images", "replicas", "commonLabels", "commonAnnotations", "namespace", "patches",
    "components",
)  # fmt: skip
_HELM = ("parameters", "fileParameters", "valuesObject", "values")
_FLUX: tuple[Path, ...] = (
    ("postBuild", "substitute"), ("postBuild", "substituteFrom"), ("images",), ("patches",), ("patchesStrategicMerge",),
    ("patchesJson6902",), ("components",), ("namePrefix",), ("nameSuffix",), ("commonMetadata",),
)  # fmt: skip
_RELEASE: tuple[Path, ...] = (("values",), ("valuesFrom",), ("chart", "spec", "valuesFiles"), ("postRenderers",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unused:
    """A file that changes what a folder of the baseline gives.

    Attributes:
        document: the object, or what a file in the folder says.
        folder: relative to the spec's folder.
        changes: paths of what does it, at least one.
        overrides: files in the folder that change it further.
        declared: the row that would use it, None for such a file alone.
    """

    document: Document
    folder: str
    changes: tuple[Path, ...]
    overrides: tuple[str, ...] = ()
    declared: Declared | None


@dataclass(slots=True, kw_only=True)
class Beside:
    """What was looked for so far in one run.

    Attributes:
        listed: roots → folder that the search for the baseline has looked into → the names in it.
        folders: folder, roots and known files → the objects that the others declare, and the files that override.
    """

    listed: dict[Roots, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    folders: dict[tuple[str, Roots, frozenset[str]], tuple[tuple[Document, ...], tuple[Document, ...]]] = field(
        default_factory=dict
    )

    def look(
        self, folder: str, roots: Roots, known: frozenset[str]
    ) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
        """Return what the files of one folder declare, and those that override what is declared elsewhere.

        Args:
            known: files of which nothing is to be told: the baseline has their objects.
        """
        key = (folder, roots, known)
        if key not in self.folders:
            names = self.listed.get(roots, {}).get(folder)
            self.folders[key] = _look(folder, roots, known, names)
        return self.folders[key]


def _look(
    folder: str, roots: Roots, known: frozenset[str], names: Iterable[str] | None
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    declared: list[Document] = []
    overriding: list[Document] = []
    try:
        names = names_in(folder, roots) if names is None else sorted(names, key=os.fsencode)
    except SourceError:
        # A link leads out: the baseline's own findings say so.
        names = []
    above = "" if folder == "." else f"{folder}/"
    for name in [each for each in names if each.endswith(_MANIFESTS)][:_MOST_FILES]:
        is_override = _OVERRIDES.fullmatch(name) is not None
        if (name.startswith(".") or above + name in known) and not is_override:
            continue
        path = posixpath.normpath(above + name)
        where = FilePath(os.path.normpath(f"{os.path.realpath(roots.folder)}/{path}"))
        try:
            source = read_source(where, path, roots, is_input=False)
        except SourceError:
            # What is no part of the baseline need not be readable.
            continue
        if is_override:
            overriding += _mapping(source)
        elif _DECLARES.search(source.text) and any(group in source.text for group in _GROUPS):
            parsed = parse_documents(source, searched=True).value or ()
            declared += (each for each in parsed if each.identity.group_kind in DECLARATIONS)
    return tuple(declared), tuple(overriding)


def _mapping(source: SourceFile) -> Iterator[Document]:
    parsed = parse_plain(source).value
    if parsed is not None and is_mapping(parsed[1]):
        yield Document(data=parsed[1], chunk=parsed[0])


def find_unused(
    rows: Sequence[Wanted],
    documents: Sequence[Document],
    files: Iterable[str],
    roots: Roots,
    beside: Beside,
    *,
    is_whole: bool = False,
) -> tuple[Unused, ...]:
    """Return the files that change what a baseline gives, by the place of each.

    Args:
        rows: what of the baseline is rendered.
        documents: all objects of the baseline, as far as they could be read.
        files: names of the files that it is read from.
        is_whole: all of them could be read, so that no object in them is missing.
    """
    files = tuple(files)
    known: dict[str, set[str]] = {}
    for each in files if is_whole else ():
        known.setdefault(posixpath.dirname(each) or ".", set()).add(each)
    used = {posixpath.normpath(row.file) for row in rows if isinstance(row, Declared)}
    plain = {posixpath.dirname(each) or "." for each in files}
    rendered: dict[str, Wanted] = {row.origin: row for row in rows if isinstance(row, Chart | Kustomization)}
    candidates = {each.place: each for each in documents if each.identity.group_kind in DECLARATIONS}
    overriding: dict[str, tuple[Document, ...]] = {}
    for folder in sorted({".", *plain, *rendered}):
        declared, overriding[folder] = beside.look(folder, roots, frozenset(known.get(folder, ())))
        candidates.update((each.place, each) for each in declared)
    found: list[Unused] = []
    top = top_folder(roots) if candidates else "."
    for _, document in sorted(candidates.items(), key=lambda item: str(item[0])):
        if document.file not in used and not document.chunk.source.origin:
            found += _changing(document, top, rendered, plain, overriding)
    named = {each.folder for each in found}
    for folder, overrides in overriding.items():
        # The spec's own folder may be that of an Application that is used: its paths are known to itself alone.
        if overrides and folder not in named and not (used and folder == "."):
            found.append(Unused(document=overrides[0], folder=folder, changes=((),), declared=None))
    return tuple(found)


def _changing(
    document: Document,
    top: str,
    rendered: Mapping[str, Wanted],
    plain: Iterable[str],
    overriding: Mapping[str, tuple[Document, ...]],
) -> Iterator[Unused]:
    """Yield what an object changes in the folders of the baseline that it names.

    Args:
        top: where its paths start, if not at the spec's folder.
    """
    tool = DECLARATIONS[document.identity.group_kind]
    for at, path in _paths_of(document):
        # Flux takes a folder with all below it, and so does an Application that says so.
        deep = tool is Tool.FLUX or get(document.data, (*at, "directory", "recurse")) is True
        inner = path.lstrip("/") or "."
        both = dict.fromkeys((posixpath.normpath(posixpath.join(top, inner)), posixpath.normpath(inner)))
        folder = next(
            (
                each
                for each in both
                if each in rendered or any(one == each or (deep and _is_below(one, each)) for one in plain)
            ),
            None,
        )
        if folder is None:
            continue
        row = rendered.get(folder)
        files = overriding.get(folder, ()) if tool is Tool.ARGOCD else ()
        own = [each for each in files if _overrides(each, document)]
        changes = tuple(_changes(document, at, row))
        if changes or own:
            yield Unused(
                document=document,
                folder=folder,
                changes=changes or (at,),
                overrides=tuple(each.chunk.source.shown for each in own),
                declared=Declared(tool=tool, file=document.file, root=_root(folder, inner, top), asked=()),
            )


def _root(folder: str, inner: str, top: str) -> str | None:
    """Return where paths start that lead to a folder as it was found: at the default, or at the spec's own folder."""
    return None if posixpath.normpath(posixpath.join(top, inner)) == folder else "."


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(f"{folder}/")


def _overrides(file: Document, application: Document) -> bool:
    name = posixpath.basename(file.file)
    return name in (".argocd-source.yaml", f".argocd-source-{application.identity.name}.yaml") or name.endswith(
        f"_{application.identity.name}.yaml"
    )


def _paths_of(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield the folders that an object names: where it says so, and the path."""
    match document.identity.kind:
        case "Application":
            sources: list[Path] = [("spec", "source"), ("spec", "sourceHydrator", "drySource")]
            sources += [("spec", "sources", at) for at, _ in enumerate(get_list(document.data, ("spec", "sources")))]
            for at in sources:
                if get_text(document.data, (*at, "path")):
                    yield at, get_text(document.data, (*at, "path"))
        case "HelmRelease":
            chart: Path = ("spec", "chart", "spec")
            is_registry = get_text(document.data, (*chart, "sourceRef", "kind")) == "HelmRepository"
            if not is_registry and get_text(document.data, (*chart, "chart")):
                yield ("spec",), get_text(document.data, (*chart, "chart"))
        case _:
            yield ("spec",), get_text(document.data, ("spec", "path")) or "."


def _changes(document: Document, at: Path, row: Wanted | None) -> Iterator[Path]:
    """Yield what an object says over what its folder holds, where the release does not say the same."""
    match document.identity.kind:
        case "Application":
            yield from ((*at, "kustomize", key) for key in _KUSTOMIZE if get(document.data, (*at, "kustomize", key)))
            helm: Path = (*at, "helm")
            yield from ((*helm, key) for key in _HELM if get(document.data, (*helm, key)))
            yield from ((*at, key) for key in ("plugin",) if get_map(document.data, (*at, key)))
            yield from (
                (*at, "directory", key) for key in ("include", "exclude") if get(document.data, (*at, "directory", key))
            )
            if isinstance(row, Chart):
                files = [str(each).lstrip("/") for each in get_list(document.data, (*helm, "valueFiles"))]
                if sorted(map(posixpath.basename, files)) != sorted(map(posixpath.basename, row.values)):
                    yield (*helm, "valueFiles") if files else at
        case "HelmRelease":
            yield from ((*at, *path) for path in _RELEASE if get(document.data, (*at, *path)))
        case _:
            yield from ((*at, *path) for path in _FLUX if get(document.data, (*at, *path)))


def tell_unused(found: Iterable[Unused]) -> Iterator[Diagnostic]:
    """Tell of files that change what a baseline gives and are not used.

    Diagnostics:
        GC183.
    """
    for each in found:
        document, declared = each.document, each.declared
        if declared is None:
            yield Diagnostic(
                code="GC183",
                message=f"`{document.chunk.source.shown}` changes what an Application makes of `{each.folder}`, and no "
                "Application is used: the baseline is not what runs",
                span=document.span(()),
                help="name the Application in place of the folder: `{argocd: FILE}`",
            )
            continue
        words = [f"`{show_path(path)}`" for path in each.changes[:3]]
        more = f" and {len(each.changes) - 3} more" if len(each.changes) > 3 else ""
        yield Diagnostic(
            code="GC183",
            message=f"`{document.identity.ref}` changes what `{each.folder}` gives, by {', '.join(words)}{more}, and "
            "is not used: the baseline is not what runs",
            span=document.span(each.changes[0]),
            field=show_path(each.changes[0]),
            object=document.identity.ref,
            notes=tuple(Note(message=f"`{file}` changes it, too") for file in each.overrides),
            help=f"name it in place of `{each.folder}`: `{{{declared.tool}: {declared.file}"
            + (f", root: {declared.root}" if declared.root else "")
            + "}`",
        )
