"""What Argo CD makes of an Application: the sources in its repository, rendered with what it says over them.

What is rendered elsewhere (a chart of a registry, a plugin, jsonnet) is refused with what to do.

Source: argo-cd v3.5.7 reposerver/repository/repository.go (`GenerateManifests`, `mergeSourceParameters`,
`helmTemplate`, `getResolvedValueFiles`, `findManifests`), util/helm/cmd.go, util/kustomize/kustomize.go,
util/app/discovery/discovery.go; kustomize v5.8.1 kustomize/commands/edit, which Argo CD runs.
"""

import fnmatch
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic
from grayc.documents.chunk import Path
from grayc.documents.declared import (
    INCOMPLETE,
    NOT_HERE,
    Expanded,
    Holder,
    Holds,
    Repository,
    find_packed,
    not_packed,
    open_declaration,
    texts_of,
)
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.model import Document
from grayc.documents.recipes import Chart, Declared, Kustomization, Manifests, Over
from grayc.documents.strategic_merge import json_merge
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.records import dataclass
from grayc.source import SourceError
from grayc.source.limits import MAX_ENTRIES
from grayc.source.stage import Stage

KINDS: Mapping[str, str] = {"Application": "argoproj.io"}
OVERRIDES = ".argocd-source"
"""Begin of the names of the files in a source's folder that change what an Application says of it."""

_TYPES = ("kustomize", "helm", "directory", "plugin")
_SKIPPED = "+argocd:skip-file-rendering"
_MANIFEST = re.compile(r".*\.(yaml|yml|json|jsonnet)", re.DOTALL)
_EXPANDED = re.compile(r"\$(?:\{([^{}]*)\}|([*#$@!?\-0-9])|(\w+))")
_MOST_ALTERNATIVES = 64
_REVISIONS = ("ARGOCD_APP_REVISION", "ARGOCD_APP_REVISION_SHORT", "ARGOCD_APP_REVISION_SHORT_8")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Application:
    """An Application, and what belongs to one of its sources.

    Attributes:
        document: the Application.
        namespace: that it goes to.
        refs: names of its sources that others take values files from.
    """

    declared: Declared
    repository: Repository
    document: Document
    namespace: str
    refs: frozenset[str]
    into: Expanded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Source:
    """One source.

    Attributes:
        data: with what the files in its folder change.
        at: its path in the Application.
        folder: its path, relative to the spec's folder.
        overrides: those files, the last one first.
        names: name → text of what may stand as `$NAME` in its texts.
    """

    data: dict[str, object]
    at: Path
    folder: str
    overrides: tuple[Document, ...]
    names: Mapping[str, str]


def expand_application(declared: Declared, repository: Repository, into: Expanded) -> None:
    """Add what an Application asks to render.

    Raises:
        SourceError: GC180, GC181, GC186, and what reading its files reports.
    """
    document = open_declaration(declared, repository, KINDS)
    spec = get_map(document.data, ("spec",))
    sources: list[tuple[Path, dict[str, object]]] = [
        (("spec", "sources", at), each) for at, each in enumerate(get_list(spec, ("sources",))) if is_mapping(each)
    ]
    if not sources:
        one: Path = ("spec", "sourceHydrator", "drySource") if get(spec, ("sourceHydrator",)) else ("spec", "source")
        sources = [(one, get_map(document.data, one))] if get_map(document.data, one) else []
    if not sources:
        raise SourceError(
            "GC181", f"`{document.identity.ref}` has no source", "write `spec.source`", span=document.span(("spec",))
        )
    application = _Application(
        declared=declared,
        repository=repository,
        document=document,
        namespace=get_text(spec, ("destination", "namespace")),
        refs=frozenset(get_text(each, ("ref",)) for _, each in sources) - {""},
        into=into,
    )
    for at, data in sources:
        if get_text(data, ("ref",)) and not get_text(data, ("path",)) and not get_text(data, ("chart",)):
            continue
        _expand_source(application, at, data)
    repositories = sorted({get_text(each, ("repoURL",)) for _, each in sources} - {""})
    revisions = sorted({get_text(each, ("targetRevision",)) or "HEAD" for _, each in sources})
    into.found.append(
        Diagnostic(
            code="GC182",
            message=f"`{document.identity.ref}` is rendered from the files here, whatever {_listed(repositories)} at "
            f"{_listed(revisions)} holds",
            span=document.span((*sources[0][0], "repoURL")),
            object=document.identity.ref,
            help="build where that revision is checked out",
        )
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "its repository"


def _expand_source(application: _Application, at: Path, data: dict[str, object]) -> None:
    repository, document = application.repository, application.document
    chart = get_text(data, ("chart",))
    if chart:
        version, where = get_text(data, ("targetRevision",)), get_text(data, ("repoURL",))
        packed = find_packed(repository, application.declared.file, chart, version)
        if packed is None:
            where = where if "://" in where or not where else f"oci://{where}"
            raise not_packed(document, (*at, "chart"), (chart, version, where), application.declared.file)
        folder = packed
    else:
        try:
            folder = repository.name(get_text(data, ("path",)) or ".")
            if not repository.is_folder(folder):
                raise SourceError(
                    "GC101",
                    f"`{repository.shown(folder)}`, the path of `{document.identity.ref}`, is no folder",
                    f"paths of an Application start at `{repository.root}`: if that is not the top of its repository, "
                    f"name another folder {repository.as_root}",
                )
        except SourceError as error:
            raise _placed(error, document, (*at, "path")) from None
    names = {
        "ARGOCD_APP_NAME": document.identity.name,
        "ARGOCD_APP_NAMESPACE": application.namespace,
        "ARGOCD_APP_PROJECT_NAME": get_text(document.data, ("spec", "project")),
        "ARGOCD_APP_SOURCE_REPO_URL": get_text(data, ("repoURL",)),
        "ARGOCD_APP_SOURCE_PATH": get_text(data, ("path",)),
        "ARGOCD_APP_SOURCE_TARGET_REVISION": get_text(data, ("targetRevision",)),
    }
    overrides = () if chart else tuple(_overrides(application, folder))
    merged = data
    for each in reversed(overrides):
        merged = _decoded_over(merged, json_merge(merged, each.data))
    source = _Source(data=merged, at=at, folder=folder, overrides=overrides, names=names)
    types = [each for each in _TYPES if is_mapping(get(merged, (each,)))]
    if len(types) > 1:
        raise SourceError(
            "GC181",
            f"`{document.identity.ref}` has several of `{'`, `'.join(types)}`: Argo CD takes one",
            "keep the one that the source is",
            span=document.span(at),
        )
    match types[0] if types else _found_type(repository, folder, is_chart=bool(chart)):
        case "helm":
            _expand_chart(application, source)
        case "kustomize":
            _expand_kustomization(application, source)
        case "plugin":
            name = get_text(merged, ("plugin", "name"))
            raise SourceError(
                NOT_HERE,
                f"`{document.identity.ref}` is rendered by a plugin{f', `{name}`' if name else ''}, which runs beside "
                "Argo CD alone",
                f"save what it makes (`argocd app manifests {document.identity.name}`) and name that file",
                span=document.span((*at, "plugin")),
            )
        case _:
            _expand_folder(application, source)


def _placed(error: SourceError, document: Document, at: Path) -> SourceError:
    return SourceError(error.code, error.message, error.help, span=error.span or document.span(at))


def _overrides(application: _Application, folder: str) -> Iterator[Document]:
    """Yield the files in a source's folder that change what the Application says, the last one first."""
    name, namespace = application.document.identity.name, application.document.written_namespace
    # Argo CD knows an Application outside its own namespace by both names.
    known = [f"{namespace}_{name}", name] if namespace else [name]
    repository = application.repository
    for file in (*(f"{OVERRIDES}-{each}.yaml" for each in known), f"{OVERRIDES}.yaml"):
        path = posixpath.normpath(posixpath.join(folder, file))
        if repository.is_file(path):
            yield repository.mapping(path)


def _decoded_over(old: object, new: object, key: str = "") -> dict[str, object]:
    """Return a source as Argo CD decodes it over what it had: nothing goes away, and items of lists keep their fields.

    Source: encoding/json, `Unmarshal` into a struct that has values; `valuesObject` is taken as it comes.
    """
    made = _over(old, new, key)
    return made if is_mapping(made) else {}


def _over(old: object, new: object, key: str) -> object:
    if key == "valuesObject":
        return new
    if is_mapping(old) and is_mapping(new):
        made = dict(old)
        for name, value in new.items():
            # Names of fields are read in any case.
            known = next((each for each in (name, *_FIELDS) if each.casefold() == name.casefold()), name)
            made[known] = _over(made.get(known), value, known)
        return made
    if isinstance(old, list) and isinstance(new, list):
        pairs = enumerate(new)
        return [_over(old[at], item, "") if at < len(old) and is_mapping(item) else item for at, item in pairs]
    return old if new is None else new


_FIELDS = ("forceString", "valueFiles", "valuesObject", "releaseName", "fileParameters", "namePrefix", "nameSuffix")


def _found_type(repository: Repository, folder: str, *, is_chart: bool) -> str:
    """Return what a folder holds, as Argo CD finds out: of its own files, the last one by name decides."""
    if is_chart:
        return "helm"
    found = "directory"
    for name in repository.names(folder):
        if repository.is_file(posixpath.join(folder, name)):
            found = "helm" if name.endswith("Chart.yaml") else "kustomize" if name in FILE_NAMES else found
    return found


def _fill(text: str, source: _Source, application: _Application, at: Path) -> str:
    """Return a text with `$NAME` and `${NAME}` filled in. Source: os.Expand."""

    def value(found: re.Match[str]) -> str:
        name = next(each for each in found.groups() if each is not None)
        if name == "$":
            return "$"
        if name in _REVISIONS:
            raise SourceError(
                NOT_HERE,
                f"`${name}` in `{application.document.identity.ref}` is known when Argo CD syncs, not here",
                "write what it is now into the text for this build, or render it by hand",
                span=application.document.span(at),
            )
        return source.names.get(name, "")

    return _EXPANDED.sub(value, text)


def _holders(
    application: _Application, source: _Source, field: Path, holds: Holds, *, takes_new: bool = False
) -> Iterator[Holder]:
    """Yield the places of one field: in the files that change it, then in the Application."""
    number = len(application.into.recipes)
    for document in source.overrides:
        if get(document.data, field) is not None:
            path = application.repository.real(document.file)
            yield Holder(path=path, document=document, at=field, holds=holds, recipe=number)
    at = (*source.at, *field)
    if takes_new or get(application.document.data, at) is not None:
        path = application.repository.real(application.document.file)
        yield Holder(path=path, document=application.document, at=at, holds=holds, recipe=number, takes_new=takes_new)


def _expand_chart(application: _Application, source: _Source) -> None:
    helm = get_map(source.data, ("helm",))
    at, document, into = (*source.at, "helm"), application.document, application.into
    values = tuple(_value_files(application, source, helm))
    inline = get_text(helm, ("values",))
    written = get(helm, ("valuesObject",))
    if written is not None:
        inline = json.dumps(written)
    settings: dict[tuple[Over, str], str] = {}
    for position, each in enumerate(get_list(helm, ("parameters",))):
        name, value = get_text(each, ("name",)), get(each, ("value",))
        over = Over.STRING if get(each, ("forceString",)) is True else Over.SET
        text = _fill(value if isinstance(value, str) else _shown(value), source, application, (*at, "parameters"))
        if name:
            settings[over, name] = _escaped(text)
        else:
            raise _placed(
                SourceError("GC181", "a parameter has no name", "give it one"),
                document,
                (*at, "parameters", position),
            )
    for position, each in enumerate(get_list(helm, ("fileParameters",))):
        place = (*at, "fileParameters", position, "path")
        file = _file(application, source, get_text(each, ("path",)), place)
        settings[Over.FILE, get_text(each, ("name",))] = f"./{file}"
    into.holders += _holders(application, source, ("helm", "parameters"), Holds.PARAMETERS)
    is_text = written is None and bool(inline)
    if is_text:
        into.holders += _holders(application, source, ("helm", "values"), Holds.VALUES_TEXT, takes_new=True)
    else:
        into.holders += _holders(application, source, ("helm", "valuesObject"), Holds.VALUES, takes_new=True)
    into.recipes.append(
        Chart(
            chart=source.folder,
            release=get_text(helm, ("releaseName",)) or document.identity.name,
            namespace=get_text(helm, ("namespace",)) or application.namespace,
            values=values,
            asked=application.declared.asked,
            inline=inline,
            settings=tuple((over, f"{name}={text}") for (over, name), text in settings.items()),
            api_versions=tuple(texts_of(helm, ("apiVersions",))),
            kube_version=get_text(helm, ("kubeVersion",)),
            skip_schema=get(helm, ("skipSchemaValidation",)) is True,
            asked_at=f"into `helm` of `{document.identity.ref}`",
        )
    )


def _shown(value: object) -> str:
    return "" if value is None else json.dumps(value)


def _escaped(value: str) -> str:
    """Return a parameter as helm's flag takes it. Source: util/helm/cmd.go, `cleanSetParameters`."""
    return value if value.startswith("{") and value.endswith("}") else re.sub(r"(?<!\\),", r"\\,", value)


def _value_files(application: _Application, source: _Source, helm: dict[str, object]) -> Iterator[str]:
    at: Path = (*source.at, "helm", "valueFiles")
    may_miss = get(helm, ("ignoreMissingValueFiles",)) is True
    named = [
        (position, _file(application, source, raw, (*at, position), may_miss=may_miss))
        for position, raw in enumerate(texts_of(helm, ("valueFiles",)))
    ]
    explicit = {each for _, each in named if each and not _is_glob(each)}
    seen: set[str] = set()
    for position, name in named:
        if not name:
            continue
        matches = [name]
        if _is_glob(name):
            matches = [each for each in _matching(application, name) if each not in explicit]
            if not matches and not may_miss and not any(_matching(application, name)):
                raise _placed(
                    SourceError("GC101", f"`{name}` matches no values file", "check the pattern"),
                    application.document,
                    (*at, position),
                )
        for each in matches:
            if each not in seen:
                seen.add(each)
                yield each


def _is_glob(path: str) -> bool:
    return any(sign in path for sign in "*?[{")


def _matching(application: _Application, pattern: str) -> Iterator[str]:
    """Yield the files below the fixed part of a pattern that it matches, `**` for any folders."""
    steps = pattern.split("/")
    fixed = next(at for at, step in enumerate(steps) if _is_glob(step))
    folder = "/".join(steps[:fixed]) or "."
    if not application.repository.is_folder(folder):
        return
    for name in _below(application.repository, folder, deep=True):
        if any(_steps_match(name.split("/"), each.split("/")) for each in _alternatives(pattern)):
            yield name


def _steps_match(steps: list[str], pattern: list[str]) -> bool:
    """Tell whether a path matches, step by step. Each pair of places is looked at once."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(steps) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(steps) and fnmatch.fnmatchcase(steps[at], part)}
    return len(steps) in reached


def _file(application: _Application, source: _Source, raw: str, at: Path, *, may_miss: bool = False) -> str:
    """Return where a file lies that a chart is rendered with, from the spec's folder; "" where it may miss and does."""
    repository = application.repository
    try:
        head, _, rest = raw.partition("/")
        if head.startswith("$") and head[1:] in application.refs:
            name = repository.name("/" + _fill(rest, source, application, at))
        else:
            text = _fill(raw, source, application, at)
            if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text):
                raise SourceError(
                    NOT_HERE, f"`{text}` comes from the network", "copy it into the repository and name the copy"
                )
            # Of a packed chart, what lies in it is not to be had by a path of its own.
            folder = source.folder if not source.folder.endswith(".tgz") else posixpath.dirname(source.folder)
            name = repository.name(text, below=repository.inner(folder))
        if not _is_glob(name) and not repository.is_file(name):
            if may_miss:
                return ""
            raise SourceError(
                "GC101",
                f"`{repository.shown(name)}` does not exist",
                "check the path: it starts at the source's folder, with `/` or `$REF/` at the root of the repository",
            )
    except SourceError as error:
        raise _placed(error, application.document, at) from None
    return name


def _below(repository: Repository, folder: str, *, deep: bool) -> Iterator[str]:
    """Yield the files in a folder, and below it, in the order of their names."""
    todo = [folder]
    seen = 0
    while todo:
        at = todo.pop()
        inner: list[str] = []
        for name in repository.names(at):
            seen += 1
            if seen > MAX_ENTRIES:
                raise SourceError("GC125", f"`{folder}` holds more than {MAX_ENTRIES} files", "name less")
            path = posixpath.normpath(posixpath.join(at, name))
            # Links to folders are not followed, as Argo CD does not.
            if repository.path(path).is_dir() and not repository.path(path).is_symlink():
                if deep and name != ".git":
                    inner.append(path)
            elif repository.is_file(path):
                yield path
        todo += reversed(inner)


def _expand_folder(application: _Application, source: _Source) -> None:
    options = get_map(source.data, ("directory",))
    repository, document = application.repository, application.document
    include, exclude = get_text(options, ("include",)), get_text(options, ("exclude",))
    names: list[str] = []
    for name in _below(repository, source.folder, deep=get(options, ("recurse",)) is True):
        inner = posixpath.relpath(name, source.folder)
        if (
            not _MANIFEST.fullmatch(posixpath.basename(name))
            or (exclude and _glob_matches(exclude, inner))
            or (include and not _glob_matches(include, inner))
        ):
            continue
        if name.endswith(".jsonnet"):
            raise SourceError(
                NOT_HERE,
                f"`{repository.shown(name)}` is jsonnet, which `{document.identity.ref}` renders",
                f"save what it makes (`jsonnet {name} > baseline/all.json`) and name that file",
                span=document.span(source.at),
            )
        text = repository.read(name).text
        # A file that looks like no manifest is passed over, as Argo CD does.
        if _SKIPPED not in text and (
            name.endswith(".json") or all(f"{key}:" in text for key in ("apiVersion", "kind"))
        ):
            names.append(name)
    application.into.recipes.append(
        Manifests(
            folder=source.folder, files=tuple(names), asked=application.declared.asked, namespace=application.namespace
        )
    )


def _alternatives(pattern: str) -> list[str]:
    """Return a pattern with its braces written out.

    Raises:
        SourceError: GC186: there are too many.
    """
    todo, done = [pattern], []
    while todo:
        text = todo.pop()
        found = re.search(r"\{([^{}]*)\}", text)
        if found is None:
            done.append(text)
        else:
            todo += [text[: found.start()] + each + text[found.end() :] for each in found[1].split(",")]
        if len(todo) + len(done) > _MOST_ALTERNATIVES:
            raise SourceError(INCOMPLETE, f"`{pattern[:60]}` stands for too many patterns", "write fewer in braces")
    return done


def _glob_matches(pattern: str, path: str) -> bool:
    """Tell whether a path matches, `*` and `?` for slashes too. Source: util/glob, gobwas/glob without separators."""
    return any(fnmatch.fnmatchcase(path, each) for each in _alternatives(pattern))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgocdEdits:
    """What Argo CD writes into a kustomization, by `kustomize edit` and by itself.

    Attributes:
        options: `kustomize` of the source, with variables filled in, as JSON.
        name: of the Application, for words.
    """

    options: str
    name: str

    @property
    def makes_missing(self) -> bool:
        """Never: Argo CD asks for a kustomization."""
        return False

    def apply(self, data: dict[str, object], real: FilePath, stage: Stage) -> dict[str, object]:
        """Return what the file says then; `real` and `stage` tell which components are there."""
        options = json.loads(self.options)
        made = dict(data)
        for key in ("namePrefix", "nameSuffix", "namespace"):
            if get_text(options, (key,)):
                made[key] = options[key]
        self._set_images(made, options)
        self._set_replicas(made, options)
        self._add_labels(made, options)
        if get_map(options, ("commonAnnotations",)):
            made["commonAnnotations"] = self._added(
                get_map(made, ("commonAnnotations",)),
                get_map(options, ("commonAnnotations",)),
                force=options.get("forceCommonAnnotations") is True,
            )
        if get_list(options, ("patches",)):
            made["patches"] = [*get_list(made, ("patches",)), *get_list(options, ("patches",))]
        wanted = [each for each in texts_of(options, ("components",)) if each not in get_list(made, ("components",))]
        if options.get("ignoreMissingComponents") is True:
            wanted = [each for each in wanted if (stage.place(real) / each).exists() or (real / each).exists()]
        if wanted:
            made["components"] = [*get_list(made, ("components",)), *wanted]
        return made

    @staticmethod
    def _set_images(made: dict[str, object], options: dict[str, object]) -> None:
        wanted = [parse_image(text) for text in texts_of(options, ("images",))]
        if not wanted:
            return
        images = {str(each["name"]): each for each in wanted}
        for entry in get_list(made, ("images",)):
            name = get_text(entry, ("name",))
            if name not in images:
                images[name] = get_map(entry, ())
                continue
            for key, value in images[name].items():
                if value == "*":
                    images[name] = {**images[name], key: get_text(entry, (key,))}
        made["images"] = [
            {key: value for key, value in images[name].items() if value not in ("", "*")} for name in sorted(images)
        ]

    def _set_replicas(self, made: dict[str, object], options: dict[str, object]) -> None:
        wanted = {get_text(each, ("name",)): _count(get(each, ("count",))) for each in get_list(options, ("replicas",))}
        if not wanted:
            return
        kept = [each for each in get_list(made, ("replicas",)) if get_text(each, ("name",)) not in wanted]
        made["replicas"] = [*kept, *({"name": name, "count": count} for name, count in wanted.items())]

    def _add_labels(self, made: dict[str, object], options: dict[str, object]) -> None:
        labels, force = get_map(options, ("commonLabels",)), options.get("forceCommonLabels") is True
        if not labels:
            return
        if options.get("labelWithoutSelector") is not True:
            made["commonLabels"] = self._added(get_map(made, ("commonLabels",)), labels, force=force)
            return
        templates = options.get("labelIncludeTemplates") is True
        rows = [dict(get_map(each, ())) for each in get_list(made, ("labels",))]
        row = next(
            (
                each
                for each in rows
                if each.get("includeSelectors") in (None, False) and (each.get("includeTemplates") is True) == templates
            ),
            None,
        )
        if row is None:
            row = {"pairs": {}, "includeTemplates": templates}
            rows.append(row)
        row["pairs"] = self._added(get_map(row, ("pairs",)), labels, force=force)
        made["labels"] = rows

    def _added(self, there: dict[str, object], more: dict[str, object], *, force: bool) -> dict[str, object]:
        twice = sorted(there.keys() & more.keys())
        if twice and not force:
            raise SourceError(
                INCOMPLETE,
                f"`{twice[0]}` of `{self.name}` stands in the kustomization already, and Argo CD refuses it",
                "take it away on one side, or force it as in `forceCommonLabels: true`",
            )
        return {**there, **more}


def _count(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


def parse_image(text: str) -> dict[str, object]:
    """Return what `NAME[=NEW][:TAG][@DIGEST]` says, in the words of a kustomization; `*` keeps what is there.

    Source: kustomize v5.8.1 commands/edit/set/setimage.go, `parse`; api/image, `Split`.
    """
    key, has_key, value = text.partition("=")
    value = value if has_key else key
    rest, _, digest = value.partition("@")
    head, slash, last = rest.rpartition("/")
    base, _, tag = last.partition(":")
    name = f"{head}{slash}{base}"
    made: dict[str, object] = {"name": key, "newName": name} if has_key else {"name": name}
    return {**made, "newTag": tag, "digest": digest}


def _expand_kustomization(application: _Application, source: _Source) -> None:
    options = dict(get_map(source.data, ("kustomize",)))
    at: Path = (*source.at, "kustomize")
    if get_list(options, ("images",)):
        options["images"] = [
            _fill(each, source, application, (*at, "images")) for each in texts_of(options, ("images",))
        ]
    filled = ["commonLabels", *(["commonAnnotations"] if options.get("commonAnnotationsEnvsubst") is True else [])]
    for key in filled:
        if get_map(options, (key,)):
            options[key] = {
                name: _fill(str(value), source, application, (*at, key))
                for name, value in get_map(options, (key,)).items()
            }
    into = application.into
    has_images = get(application.document.data, (*at, "images")) is not None
    into.holders += _holders(application, source, ("kustomize", "images"), Holds.IMAGE_TEXTS, takes_new=has_images)
    into.holders += _holders(application, source, ("kustomize", "patches"), Holds.PATCHES)
    into.recipes.append(
        Kustomization(
            folder=source.folder,
            asked=application.declared.asked,
            edits=ArgocdEdits(options=json.dumps(options), name=application.document.identity.ref) if options else None,
            namespace=get_text(options, ("namespace",)) or application.namespace,
        )
    )
