"""What Flux makes of a Kustomization or a HelmRelease: the sources in its repository, with what it says over them.

Source: fluxcd/pkg kustomize v1.35.7 (kustomize_generator.go, `GenerateManifest`, `scanManifests`; kustomize_varsub.go),
fluxcd/kustomize-controller internal/controller/kustomization_controller.go (`build`, `apply`) at 186fb3b;
fluxcd/helm-controller internal/postrender, api/v2/helmrelease_types.go and internal/release/name.go at 0f61a86;
fluxcd/pkg chartutil/values.go at e2cfd1a2; fluxcd/source-controller internal/helm/chart/builder_local.go at 39b711b1.
"""

import hashlib
import json
import os
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from grayc.diagnostics import Diagnostic
from grayc.documents.chunk import Path
from grayc.documents.declared import (
    INCOMPLETE,
    NOT_HERE,
    Expanded,
    Given,
    Holder,
    Holds,
    Repository,
    find_given,
    find_packed,
    not_packed,
    open_declaration,
    texts_of,
)
from grayc.documents.envsubst import VARIABLE
from grayc.documents.helm_values import merge_values, set_value
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.model import Document
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import Chart, Declared, Fill, Kustomization, Rebuild, Step
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.records import dataclass
from grayc.source import SourceError, SourceFile
from grayc.source.stage import Stage

KINDS: Mapping[str, str] = {
    "Kustomization": "kustomize.toolkit.fluxcd.io",
    "HelmRelease": "helm.toolkit.fluxcd.io",
}

_MANIFESTS = (".yaml", ".yml")
# Source: fluxcd/pkg sourceignore/sourceignore.go, `ExcludeVCS`, `ExcludeCI`, `ExcludeExtra`.
_IGNORED = frozenset(
    {
        ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml",
        "codeship-steps.yml", ".goreleaser.yml", ".sops.yaml", ".flux.yaml",
    }
)  # fmt: skip
_IGNORED_FOLDERS = frozenset({".git", ".github", ".circleci"})
_SOURCE_IGNORE = ".sourceignore"
_FIELDS = {"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
"""Field of a Kustomization of Flux → of the kustomization that is built."""

_MOST_NAME, _SHORT_HASH = 53, 12
_REGISTRIES = ("HelmRepository",)


def expand_flux(declared: Declared, repository: Repository, into: Expanded) -> None:
    """Add what a Kustomization or HelmRelease asks to render.

    Raises:
        SourceError: GC180, GC181, GC186, and what reading its files reports.
    """
    document = open_declaration(declared, repository, KINDS)
    if document.identity.kind == "HelmRelease":
        at: Path = _expand_release(declared, repository, document, into)
    else:
        _expand_kustomization(declared, repository, document, into)
        at = ("spec", "sourceRef")
    ref = get_map(document.data, at)
    named = f"`{get_text(ref, ('kind',))}/{get_text(ref, ('name',))}`" if ref else "its source"
    into.found.append(
        Diagnostic(
            code="GC182",
            message=f"`{document.identity.ref}` is rendered from the files here, whatever {named} holds",
            span=document.span(at),
            object=document.identity.ref,
            help="build where the revision of that source is checked out",
        )
    )


def _placed(error: SourceError, document: Document, at: Path) -> SourceError:
    return SourceError(error.code, error.message, error.help, span=error.span or document.span(at))


def _wrong_root(repository: Repository) -> str:
    return (
        f"paths of Flux start at `{repository.root}`: if that is not the top of its source, name another folder "
        f"{repository.as_root}"
    )


def _folder(repository: Repository, document: Document, at: Path, path: str) -> str:
    try:
        name = repository.name(path or ".")
        if not repository.is_folder(name):
            raise SourceError(
                "GC101",
                f"`{repository.shown(name)}`, the path of `{document.identity.ref}`, is no folder",
                _wrong_root(repository),
            )
    except SourceError as error:
        raise _placed(error, document, at) from None
    return name


def _expand_kustomization(declared: Declared, repository: Repository, document: Document, into: Expanded) -> None:
    spec = get_map(document.data, ("spec",))
    path = get_text(spec, ("path",))
    # Flux takes a path that begins with a slash for one from the top.
    folder = _folder(repository, document, ("spec", "path"), path if path.strip("/") else ".")
    for place in (repository.root, folder):
        ignore = posixpath.normpath(posixpath.join(place, _SOURCE_IGNORE))
        if repository.is_file(ignore):
            into.found.append(
                Diagnostic(
                    code="GC185",
                    message=f"`{repository.shown(ignore)}` is not followed: what it leaves out of Flux's source may be "
                    "rendered here",
                    span=document.span(("spec", "path")),
                    object=document.identity.ref,
                    help="compare with `flux build kustomization`, and name a folder that holds nothing else",
                )
            )
            break
    steps: list[Step] = []
    variables = _variables(declared, repository, document, into)
    after = get_map(spec, ("postBuild",))
    if variables or (after and get_text(after, ("substituteStrategy",)) == "Always"):
        steps.append(Fill(variables=tuple(sorted(variables.items())), strict=False))
    steps += _common(spec)
    real = repository.real(declared.file)
    has_images = bool(get_list(spec, ("images",)))
    into.holders += [
        Holder(path=real, document=document, at=at, holds=holds, recipe=0, takes_new=takes_new)
        for at, holds, takes_new in (
            (("spec", "postBuild", "substitute"), Holds.VARIABLES, True),
            (("spec", "images"), Holds.IMAGES, has_images),
            (("spec", "patches"), Holds.PATCHES, False),
        )
        if get(document.data, at)
    ]
    keys = (
        "targetNamespace", "namePrefix", "nameSuffix", "patches", "patchesStrategicMerge", "patchesJson6902",
        "components", "ignoreMissingComponents", "images", "buildMetadata",
    )  # fmt: skip
    edits = FluxEdits(options=json.dumps({key: spec[key] for key in keys if key in spec}), name=document.identity.ref)
    into.recipes.append(Kustomization(folder=folder, asked=declared.asked, edits=edits, steps=tuple(steps)))


def _common(spec: dict[str, object]) -> Iterator[Step]:
    """Yield what puts labels and annotations on each object, and nowhere inside.

    Source: fluxcd/pkg ssa/utils/meta.go, `SetCommonMetadata`; helm-controller internal/postrender/common_renderer.go.
    """
    transformers = [
        json.dumps(
            {
                "apiVersion": "builtin",
                "kind": kind,
                "metadata": {"name": "common"},
                field: get_map(spec, ("commonMetadata", field)),
                "fieldSpecs": [{"path": f"metadata/{field}", "create": True}],
            }
        )
        for kind, field in (("LabelTransformer", "labels"), ("AnnotationsTransformer", "annotations"))
        if get_map(spec, ("commonMetadata", field))
    ]
    if transformers:
        yield Rebuild(fields=json.dumps({"transformers": transformers}))


def _variables(declared: Declared, repository: Repository, document: Document, into: Expanded) -> dict[str, str]:
    """Return the variables of a Kustomization, those that stand in it over those of ConfigMaps and Secrets."""
    variables: dict[str, str] = {}
    for position, ref in enumerate(get_list(document.data, ("spec", "postBuild", "substituteFrom"))):
        at: Path = ("spec", "postBuild", "substituteFrom", position)
        given = _given(declared, repository, document, at, ref)
        if given is not None:
            variables |= given.entries
            if given.document is not None and given.path is not None:
                field = "data" if given.document.identity.kind == "ConfigMap" else "stringData"
                into.holders.insert(
                    0,
                    Holder(path=given.path, document=given.document, at=(field,), holds=Holds.VARIABLES, recipe=0),
                )
    for name, value in get_map(document.data, ("spec", "postBuild", "substitute")).items():
        variables[name] = value if isinstance(value, str) else json.dumps(value)
    for name in variables:
        if not VARIABLE.fullmatch(name):
            raise SourceError(
                INCOMPLETE,
                f"`{name}` is no name of a variable, and Flux refuses all of `{document.identity.ref}` for it",
                "name it by letters, digits and `_`",
                span=document.span(("spec", "postBuild")),
            )
    return {name: value.replace("\n", "") for name, value in variables.items()}


def _given(declared: Declared, repository: Repository, document: Document, at: Path, ref: object) -> Given | None:
    """Return the ConfigMap or Secret that a reference means; None for one that may miss and does."""
    kind, name = get_text(ref, ("kind",)), get_text(ref, ("name",))
    if kind not in ("ConfigMap", "Secret"):
        raise SourceError(
            "GC181", f"`{kind}` is neither ConfigMap nor Secret", "write one of them", span=document.span((*at, "kind"))
        )
    try:
        given = find_given(repository, declared.file, kind, name, document.written_namespace)
    except SourceError as error:
        raise _placed(error, document, at) from None
    if given is None and get(ref, ("optional",)) is not True:
        folder = posixpath.dirname(declared.file) or "."
        raise SourceError(
            INCOMPLETE,
            f"`{kind}/{name}`, which `{document.identity.ref}` takes values from, is in no file below "
            f"`{repository.shown(folder)}`",
            "put its manifest beside the file, as the cluster has it",
            span=document.span(at),
        )
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class FluxEdits:
    """What Flux writes into a kustomization, or makes where there is none.

    Attributes:
        options: fields of the Kustomization's `spec`, as JSON.
        name: of the Kustomization, for words.
    """

    options: str
    name: str

    @property
    def makes_missing(self) -> bool:
        """Always: Flux makes a kustomization of all manifests below a folder."""
        return True

    def apply(self, data: dict[str, object], real: FilePath, stage: Stage) -> dict[str, object]:
        """Return what the file says then."""
        options = json.loads(self.options)
        made = dict(data)
        if not data:
            resources = [*_manifests_below(stage.place(real))]
            made = {"resources": resources} if resources else {"namespace": "_placeholder"}
        elif not get_list(data, ("resources",)):
            made["buildMetadata"] = ["originAnnotations"]
        for key, field in (
            ("targetNamespace", "namespace"),
            ("namePrefix", "namePrefix"),
            ("nameSuffix", "nameSuffix"),
        ):
            if key in options:
                made[field] = options[key]
        patches = [
            {"patch": get_text(each, ("patch",)), **({"target": target} if (target := get(each, ("target",))) else {})}
            for each in get_list(options, ("patches",))
        ]
        if patches:
            made["patches"] = [*get_list(made, ("patches",)), *patches]
        self._add_components(made, options, real, stage)
        for key, form in (("patchesStrategicMerge", json.dumps), ("patchesJson6902", _json_patch)):
            if get_list(options, (key,)):
                made[key] = [*get_list(made, (key,)), *map(form, get_list(options, (key,)))]
        self._set_images(made, options)
        if get_list(options, ("buildMetadata",)):
            made["buildMetadata"] = options["buildMetadata"]
        return made

    def _add_components(
        self, made: dict[str, object], options: dict[str, object], real: FilePath, stage: Stage
    ) -> None:
        may_miss = options.get("ignoreMissingComponents") is True
        wanted = [
            each
            for each in texts_of(options, ("components",))
            if not may_miss or (stage.place(real) / each).exists() or _is_inside(stage, real / each)
        ]
        if wanted:
            made["components"] = [*get_list(made, ("components",)), *wanted]

    @staticmethod
    def _set_images(made: dict[str, object], options: dict[str, object]) -> None:
        images = [dict(get_map(each, ())) for each in get_list(made, ("images",))]
        for image in get_list(options, ("images",)):
            there = next((each for each in images if each.get("name") == get_text(image, ("name",))), None)
            if there is None:
                there = {"name": get_text(image, ("name",))}
                images.append(there)
            if get_text(image, ("newName",)):
                there["newName"] = get_text(image, ("newName",))
            tag, digest = get_text(image, ("newTag",)), get_text(image, ("digest",))
            if tag or digest:
                there |= {"newTag": tag, "digest": digest}
        if images:
            made["images"] = [{key: value for key, value in each.items() if value != ""} for each in images]


def _is_inside(stage: Stage, path: FilePath) -> bool:
    real = FilePath(os.path.realpath(path))
    return stage.roots.root_of(real) is not None and real.is_dir()


def _json_patch(entry: object) -> dict[str, object]:
    return {**get_map(entry, ()), "patch": json.dumps(get(entry, ("patch",)))}


def _manifests_below(folder: FilePath, inner: str = ".") -> Iterator[str]:
    """Yield what a made kustomization names: manifests, and folders with a kustomization of their own.

    Args:
        folder: in the copy, so that it holds no more and goes no deeper than what may be read.
    """
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        name = f"{inner}/{entry.name}"
        if entry.name in _IGNORED_FOLDERS:
            continue
        if entry.is_dir(follow_symlinks=False):
            if any((folder / entry.name / own).is_file() for own in FILE_NAMES):
                yield name
            else:
                yield from _manifests_below(folder / entry.name, name)
        elif entry.is_file() and posixpath.splitext(name)[1] in _MANIFESTS and entry.name not in _IGNORED:
            yield name


def _expand_release(declared: Declared, repository: Repository, document: Document, into: Expanded) -> Path:
    """Add the chart of a HelmRelease; return the path of the reference that says where it comes from."""
    spec, identity = get_map(document.data, ("spec",)), document.identity
    template: Path = ("spec", "chart", "spec")
    asked = get_map(document.data, template)
    chart, defaults, at = "", "", (*template, "sourceRef")
    if asked:
        name, version = get_text(asked, ("chart",)), get_text(asked, ("version",))
        is_registry = get_text(asked, ("sourceRef", "kind")) in _REGISTRIES
        if is_registry:
            packed = find_packed(repository, declared.file, name, version)
            if packed is None:
                where = _where(declared, repository, get_map(asked, ("sourceRef",)))
                raise not_packed(document, (*template, "chart"), (name, version, where), declared.file)
            chart = packed
        else:
            chart = _local_chart(repository, document, (*template, "chart"), name)
        defaults = _defaults(repository, document, template, asked, chart, is_registry=is_registry)
    elif get_map(spec, ("chartRef",)):
        at = ("spec", "chartRef")
        chart = _referred(declared, repository, document, get_map(spec, ("chartRef",)))
    else:
        raise SourceError(
            "GC181", f"`{identity.ref}` names no chart", "write `spec.chart`", span=document.span(("spec",))
        )
    namespace, target = document.written_namespace, get_text(spec, ("targetNamespace",))
    release = get_text(spec, ("releaseName",)) or (f"{target}-{identity.name}" if target else identity.name)
    values = _values(declared, repository, document, into)
    real = repository.real(declared.file)
    into.holders.insert(
        0, Holder(path=real, document=document, at=("spec", "values"), holds=Holds.VALUES, recipe=0, takes_new=True)
    )
    steps: list[Step] = []
    for position, each in enumerate(get_list(spec, ("postRenderers",))):
        options = get_map(each, ("kustomize",))
        fields = {key: options[key] for key in ("patches", "images") if key in options}
        if fields:
            steps.append(Rebuild(fields=json.dumps(fields)))
            for key, holds in (("images", Holds.IMAGES), ("patches", Holds.PATCHES)):
                where_at: Path = ("spec", "postRenderers", position, "kustomize", key)
                if get(document.data, where_at):
                    # What runs last has the last word.
                    into.holders.insert(0, Holder(path=real, document=document, at=where_at, holds=holds, recipe=0))
    steps += _common(spec)
    into.recipes.append(
        Chart(
            chart=chart,
            release=_shortened(release),
            namespace=target or namespace,
            values=(),
            asked=declared.asked,
            inline=json.dumps(values) if values else "",
            defaults=defaults,
            skip_schema=get(spec, ("install", "disableSchemaValidation")) is True,
            steps=tuple(steps),
            asked_at="",
        )
    )
    return at


def _shortened(name: str) -> str:
    """Return a release's name, cut where it is too long. Source: internal/release/name.go, `ShortenName`."""
    if len(name) <= _MOST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{name[: _MOST_NAME - _SHORT_HASH - 1]}-{digest[:_SHORT_HASH]}"


def _local_chart(repository: Repository, document: Document, at: Path, name: str) -> str:
    try:
        chart = repository.name(name or ".")
        if not repository.is_folder(chart) and not repository.is_file(chart):
            raise SourceError(
                "GC101",
                f"`{repository.shown(chart)}`, the chart of `{document.identity.ref}`, does not exist",
                _wrong_root(repository),
            )
    except SourceError as error:
        raise _placed(error, document, at) from None
    return chart


def _where(declared: Declared, repository: Repository, ref: dict[str, object]) -> str:
    """Return the address of a source, where its object stands near the file; "" where it does not."""
    found = _object(declared, repository, get_text(ref, ("kind",)), get_text(ref, ("name",)))
    return get_text(found.data, ("spec", "url")) if found is not None else ""


def _object(declared: Declared, repository: Repository, kind: str, name: str) -> Document | None:
    folder = posixpath.dirname(declared.file) or "."
    for _, source in repository.files(folder):
        if kind in source.text and name in source.text:
            for each in parse_documents(source, searched=True).value or ():
                if (each.identity.kind, each.identity.name) == (kind, name):
                    return each
    return None


def _referred(declared: Declared, repository: Repository, document: Document, ref: dict[str, object]) -> str:
    """Return the packed chart of `chartRef`.

    Raises:
        SourceError: GC180: what it refers to is not beside the file, or no packed chart of it.
    """
    kind, name, at = get_text(ref, ("kind",)), get_text(ref, ("name",)), ("spec", "chartRef")
    found = _object(declared, repository, kind, name)
    if found is None:
        raise SourceError(
            NOT_HERE,
            f"`{kind}/{name}`, the chart of `{document.identity.ref}`, is in no file beside it",
            "put its manifest there, and the packed chart",
            span=document.span(at),
        )
    url = get_text(found.data, ("spec", "url"))
    if kind == "OCIRepository":
        chart = posixpath.basename(url.rstrip("/"))
        tag = get_text(found.data, ("spec", "ref", "tag")) or get_text(found.data, ("spec", "ref", "semver"))
        where = posixpath.dirname(url.rstrip("/"))
    else:
        chart, tag = get_text(found.data, ("spec", "chart")), get_text(found.data, ("spec", "version"))
        source = get_map(found.data, ("spec", "sourceRef"))
        if get_text(source, ("kind",)) not in _REGISTRIES:
            return _local_chart(repository, document, at, chart)
        where = _where(declared, repository, source)
    packed = find_packed(repository, declared.file, chart, tag)
    if packed is None:
        raise not_packed(document, at, (chart, tag, where), declared.file)
    return packed


def _defaults(
    repository: Repository,
    document: Document,
    template: Path,
    asked: dict[str, object],
    chart: str,
    *,
    is_registry: bool,
) -> str:
    """Return what stands for the chart's own values, where `valuesFiles` says so; "" where it does not."""
    names = list(texts_of(asked, ("valuesFiles",)))
    if not names:
        return ""
    at: Path = (*template, "valuesFiles")
    if not repository.is_folder(chart):
        raise SourceError(
            NOT_HERE,
            f"`valuesFiles` of `{document.identity.ref}` puts other values into a packed chart",
            f"unpack it (`tar -xzf {chart}`), and name its folder as the chart of a `GitRepository`",
            span=document.span(at),
        )
    merged: dict[str, object] = {}
    for position, name in enumerate(names):
        try:
            path = repository.name(name, below=repository.inner(chart) if is_registry else "")
            if not repository.is_file(path) and get(asked, ("ignoreMissingValuesFiles",)) is True:
                continue
            merged = merge_values(merged, repository.mapping(path).data)
        except SourceError as error:
            raise _placed(error, document, (*at, position)) from None
    return json.dumps(merged)


def _values(declared: Declared, repository: Repository, document: Document, into: Expanded) -> dict[str, object]:
    """Return all values of a HelmRelease, those that stand in it over those that it takes from elsewhere.

    Merged as Flux does, which shares what it merges: so a value at `targetPath` is over one in `spec.values` unless
    both that and an earlier reference have a part of the way to it.

    Source: fluxcd/pkg chartutil/values.go, `ChartValuesFromReferences`.
    """
    values = get_map(_copied(document.data), ("spec", "values"))
    result: dict[str, object] = {}
    for position, ref in enumerate(get_list(document.data, ("spec", "valuesFrom"))):
        at: Path = ("spec", "valuesFrom", position)
        given = _given(declared, repository, document, at, ref)
        key = get_text(ref, ("valuesKey",)) or "values.yaml"
        if given is None or (key not in given.entries and get(ref, ("optional",)) is True):
            continue
        if key not in given.entries:
            raise SourceError(
                INCOMPLETE,
                f"`{get_text(ref, ('kind',))}/{get_text(ref, ('name',))}` has no key `{key}`",
                f"write one of {', '.join(f'`{each}`' for each in given.entries) or 'its keys'}",
                span=document.span(at),
            )
        text = given.entries[key]
        path = get_text(ref, ("targetPath",))
        if path:
            result = merge_values(result, values)
            try:
                set_value(result, path, text, literal=get(ref, ("literal",)) is True)
            except ValueError as error:
                raise SourceError(
                    INCOMPLETE,
                    f"`{path}` of `{document.identity.ref}` cannot be set: {error}",
                    "write the value into `spec.values`",
                    span=document.span(at),
                ) from None
            continue
        parsed = parse_plain(SourceFile(name=declared.file, text=text, is_secret=True)).value if text.strip() else None
        data = parsed[1] if parsed is not None else {}
        if not is_mapping(data):
            raise SourceError(
                INCOMPLETE,
                f"`{key}` of `{get_text(ref, ('kind',))}/{get_text(ref, ('name',))}` holds no values",
                "write names and values",
                span=document.span(at),
            )
        result = merge_values(result, data)
        if given.document is not None and given.path is not None:
            field = "data" if given.document.identity.kind == "ConfigMap" else "stringData"
            into.holders.insert(
                0,
                Holder(path=given.path, document=given.document, at=(field, key), holds=Holds.VALUES_TEXT, recipe=0),
            )
    return merge_values(result, values)


def _copied(data: dict[str, object]) -> dict[str, object]:
    made = json.loads(json.dumps(data))
    return made if is_mapping(made) else {}
