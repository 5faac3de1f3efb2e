"""What a kustomization or a Helm chart renders to, by the user's own kustomize, kubectl or helm.

The program sees a copy of the files that belong to it, and nothing else: see `source.stage` and `source.program`. What
it prints is read like a file, by a name that says what it was rendered from.
"""

import json
import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import assert_never

from grayc.diagnostics import Checked, Diagnostic, Note, has_errors
from grayc.documents.argocd import expand_application
from grayc.documents.chunk import Path
from grayc.documents.declared import AS_ROOT, Expanded, Repository
from grayc.documents.envsubst import fill
from grayc.documents.flux import expand_flux
from grayc.documents.kustomization import PluginFolder, add_kustomization, fetched_by_plugins
from grayc.documents.model import Document
from grayc.documents.quoted import hide_secrets
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import (
    Chart,
    Declared,
    Fill,
    Kustomization,
    Manifests,
    Over,
    Rebuild,
    Recipe,
    Tool,
    Wanted,
)
from grayc.documents.sealed import mapping_sealed_by
from grayc.documents.split import split_text
from grayc.documents.tree import differing, put, show_path
from grayc.documents.unused import DECLARATIONS
from grayc.documents.ways_out import SIGNS, way_out
from grayc.k8s.kinds import CLUSTER_SCOPED, IN_EVERY_CLUSTER
from grayc.k8s.sealed import SEALED_START, sealed_by
from grayc.records import dataclass, field, replace
from grayc.source import Roots, SourceError, SourceFile, Span, decode
from grayc.source.bounds import Budget
from grayc.source.program import find_program, run_program
from grayc.source.read import check_form
from grayc.source.stage import Stage, staged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendered:
    """What came of it.

    Attributes:
        source: the text, as a file.
        paths: the folders and files that it was rendered from, links resolved.
        namespace: that objects which name none are put into when it is applied; "" where nobody says.
        other: what it renders to another time, "" where that is the same.
    """

    source: SourceFile
    paths: tuple[FilePath, ...]
    namespace: str = ""
    other: str = ""

    def place(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """Return its objects, each that names no namespace and can have one in that of the rendering."""
        documents = self._marked(documents) if self.other else documents
        if not self.namespace:
            return documents
        return tuple(
            each
            if each.written_namespace or each.identity.group_kind in CLUSTER_SCOPED
            else replace(each, data=put(each.data, ("metadata", "namespace"), self.namespace))
            for each in documents
        )

    def _marked(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """Return its objects, those marked that say something else each time."""
        others = parse_documents(replace(self.source, text=self.other)).value or ()
        pairs = zip(documents, others, strict=False)
        return tuple(
            one if one.data == other.data else replace(one, made_up=tuple(differing(one.data, other.data)))
            for one, other in pairs
        )


_ASKS_THE_TIME = re.compile(rb"\{\{(?:(?!\}\}|\{\{).)*?\bnow\b", re.DOTALL)
_AT_ONCE = (("UTC", 0.0),)
_LATER = (("Etc/GMT-14", 1.1), ("Etc/GMT+12", 0.0))
"""Time zones in which a chart is rendered again, and seconds before that: of the later ones, the first is in another
second, and one of them on another day than UTC at any time."""

RENDER_SECONDS = 3.0
"""Of the processor, for all that one run renders of 1 MiB, or less. GC164."""

MAX_RENDER_SECONDS = 60.0
"""The most that one chart or kustomization adds to that."""

_MEBIBYTE = 1024 * 1024
_SQUARE_SECONDS = 240


@dataclass(slots=True, kw_only=True)
class Rendering:
    """What one run has rendered so far, and the time of the processor for all of it together.

    A spec names many charts as easily as one, so that time for each alone would have no bound. Files that several
    renderings see count once.
    """

    budget: Budget = field(default_factory=lambda: Budget(seconds=RENDER_SECONDS))
    _files: set[FilePath] = field(default_factory=set)
    _granted: float = 0.0

    def grant(self, stage: Stage, *, is_quadratic: bool) -> Budget:
        """Return the budget, with what the size of a filled stage adds.

        Args:
            is_quadratic: kustomize compares each object with each other one: 1,000 objects take it 2 seconds, 3,000
                take it 40. Below 1 MiB that changes nothing.
        """
        size = sum(size for path, size in stage.sizes.items() if path not in self._files) / _MEBIBYTE
        self._files |= stage.sizes.keys()
        square = _SQUARE_SECONDS * max(0.0, size - 1.0) ** 2 if is_quadratic else 0.0
        self._granted += min(RENDER_SECONDS * size + square, MAX_RENDER_SECONDS)
        self.budget.earlier = self.budget.used
        self.budget.seconds = max(RENDER_SECONDS, self._granted)
        return self.budget


_SPLIT = (
    "kustomize compares each object with each other one, and looks at all of them for each patch and replacement: "
    "name a kustomization of less, or render it by hand and name the file that gives as the baseline"
)
_UNBOUNDED = (
    "look for what grows without bound, such as `range`, `until` and `repeat` over large numbers; or render it by "
    "hand and name the file that gives as the baseline"
)
_DECLARES_VALUES = re.compile(r"\b(?:argoproj\.io|toolkit\.fluxcd\.io)/")

_INLINE, _SETTINGS = "grayc-values.yaml", "grayc-settings.yaml"
"""Names in the root of the copy of what stands in no file of its own."""

_NO_CHANGES: Mapping[FilePath, str] = {}


def render(
    wanted: Recipe,
    roots: Roots,
    changed: Mapping[FilePath, str] = _NO_CHANGES,
    *,
    span: Span | None,
    rendering: Rendering | None = None,
) -> Checked[Rendered]:
    """Return what a kustomization or chart renders to.

    Args:
        roots: what may be read.
        changed: resolved path of a file → text to render with instead of its own.
        span: the place in the spec that asks for it.
        rendering: what the run rendered before; grows. None where the time is for this alone.
    Diagnostics:
        GC101, GC102, GC120, GC122, GC125, GC150 to GC152: it cannot be read as a whole.
        GC160: the program that renders it is not there.
        GC161, GC162: the program failed, or took too long.
        GC163: a chart renders to something else each time.
        GC164: the program took too much memory or time of the processor.
        GC165: a values file is encrypted.
        GC167: a template asks what the cluster has, and the row does not say.
        And all that reading a kustomization reports.
    """
    found: list[Diagnostic] = []
    try:
        with staged(roots, changed) as stage:
            budgets = Rendering() if rendering is None else rendering
            printed, second = _printed(wanted, stage, found, budgets)
            empty = SourceFile(name=wanted.name, text="", origin=wanted.origin)
            if printed is None:
                return Checked(value=None, diagnostics=tuple(found))
            source = replace(empty, text=_after(decode(printed, empty), wanted, stage, budgets, found))
            found += _asking(wanted, stage, span)
            rendered = Rendered(
                source=source,
                paths=tuple(sorted(stage.paths)),
                namespace=wanted.namespace if isinstance(wanted, Chart) else "",
                other=decode(second, empty) if second is not None else "",
            )
            return Checked(value=rendered, diagnostics=tuple(found))
    except SourceError as error:
        help_ = way_out(error, wanted)
        failed = Diagnostic(code=error.code, message=error.message, span=span, field=_field(wanted.asked), help=help_)
        return Checked(value=None, diagnostics=(*found, failed))


def expand(
    wanted: Declared, roots: Roots, changed: Mapping[FilePath, str] = _NO_CHANGES, *, span: Span | None
) -> Checked[Expanded]:
    """Return what a file of Argo CD or Flux asks to render.

    Args:
        changed: resolved path of a file → text to take instead of its own.
        span: the place in the spec that asks for it.
    Diagnostics:
        GC180: it takes something that is not here.
        GC181: the file is none of them, or says nothing that they understand.
        GC182: which repository and revision is meant is not asked.
        GC185: a part of it is not followed.
        GC186: values that it takes from elsewhere are not here.
        And all that reading a file reports.
    """
    expanded = Expanded()
    try:
        as_root = (
            AS_ROOT
            if wanted.asked
            else f"in a release that you write: `baseline: [{{{wanted.tool}: FILE, root: DIR}}]`"
        )
        repository = Repository(roots, wanted.root, changed, expanded, as_root=as_root)
        match wanted.tool:
            case Tool.ARGOCD:
                expand_application(wanted, repository, expanded)
            case Tool.FLUX:
                expand_flux(wanted, repository, expanded)
            case _:
                assert_never(wanted.tool)
    except SourceError as error:
        notes = (Note(message="the file is named here", span=span),) if error.span and span else ()
        failed = Diagnostic(
            code=error.code,
            message=error.message,
            span=error.span or span,
            field=_field(wanted.asked),
            notes=notes,
            help=error.help,
        )
        return Checked(value=None, diagnostics=(*expanded.found, failed))
    return Checked(value=expanded, diagnostics=tuple(expanded.found))


def render_all(
    wanted: Wanted,
    roots: Roots,
    changed: Mapping[FilePath, str] = _NO_CHANGES,
    *,
    span: Span | None,
    rendering: Rendering | None = None,
) -> Checked[tuple[Rendered, ...]]:
    """Return what a source renders to, one text for each recipe of it.

    Args and diagnostics: those of `render` and `expand`.
    """
    if not isinstance(wanted, Declared):
        made = render(wanted, roots, changed, span=span, rendering=rendering)
        return Checked(value=None if made.value is None else (made.value,), diagnostics=made.diagnostics)
    expanded = expand(wanted, roots, changed, span=span)
    if expanded.value is None:
        return Checked(value=None, diagnostics=expanded.diagnostics)
    found = [*expanded.diagnostics]
    texts: list[Rendered] = []
    recipes = expanded.value.recipes
    for number, recipe in enumerate(recipes, 1):
        made = render(recipe, roots, changed, span=span, rendering=rendering)
        found += made.diagnostics
        if made.value is not None:
            name = wanted.name if len(recipes) == 1 else wanted.numbered(number)
            paths = tuple(sorted({*made.value.paths, *expanded.value.paths}))
            texts.append(
                Rendered(
                    source=replace(made.value.source, name=name),
                    paths=paths,
                    namespace=recipe.namespace,
                    other=made.value.other,
                )
            )
    if len(texts) < len(recipes):
        return Checked(value=None, diagnostics=tuple(found))
    return Checked(value=tuple(texts), diagnostics=tuple(found))


_WRAPPER = """\
# What is local to a kustomization configures plugins, too, and is not printed without this.
commonAnnotations: {config.kubernetes.io/local-config: "false"}
resources:
"""
"""A kustomization over one that configures plugins."""


def _printed(
    wanted: Recipe, stage: Stage, found: list[Diagnostic], rendering: Rendering
) -> tuple[bytes | None, bytes | None]:
    """Return what is printed, and what else is printed another time where that differs."""
    match wanted:
        case Kustomization():
            return _kustomize(wanted, stage, found, rendering), None
        case Chart():
            return _helm(wanted, stage, rendering)
        case Manifests():
            return _manifests(wanted, stage), None
        case _:
            assert_never(wanted)


def _manifests(wanted: Manifests, stage: Stage) -> bytes:
    """Return manifests one after the other, each below the name of its file, as helm names a template."""
    parts: list[bytes] = []
    for name in wanted.files:
        real = stage.add(_path(stage, name), name)
        inner = posixpath.relpath(name, posixpath.normpath(wanted.folder))
        text = decode(stage.place(real).read_bytes(), SourceFile(name=name, text="", folder=stage.roots.shown))
        for piece in split_text(text)[0]:
            if piece.text.strip():
                parts.append(f"---\n# Source: ./{inner}\n{piece.text.strip(chr(10))}\n".encode())
    return b"".join(parts)


def _kustomize(wanted: Kustomization, stage: Stage, found: list[Diagnostic], rendering: Rendering) -> bytes | None:
    plugins: list[PluginFolder] = []
    found += add_kustomization(stage, wanted.folder, plugins, wanted.edits)
    if has_errors(found):
        return None
    build = _builder(wanted, stage, rendering, f"kustomization `{wanted.folder}`")

    for position, plugin in enumerate(plugins):
        wrapper = stage.wrap(plugin.real, position, _WRAPPER)
        made = SourceFile(name=f"<kustomize {plugin.name}>", text="")
        found += fetched_by_plugins(plugin, decode(build(os.path.relpath(wrapper, stage.folder)), made))
        if has_errors(found):
            return None
    # A folder whose name begins with a dash would be a flag.
    return build(f"./{posixpath.normpath(wanted.folder)}")


def _builder(wanted: Recipe, stage: Stage, rendering: Rendering, what: str) -> Callable[[str], bytes]:
    """Return what builds a folder of the stage with kustomize."""
    program = find_program(("kustomize", "kubectl"), (stage.roots.folder, *stage.roots.allowed))
    verb = "build" if program.name == "kustomize" else "kustomize"
    is_free = isinstance(wanted, Kustomization) and wanted.edits is not None and wanted.edits.makes_missing
    flags = ["--load-restrictor=LoadRestrictionsNone"] if is_free else []
    budget = rendering.grant(stage, is_quadratic=True)

    def build(folder: str) -> bytes:
        return run_program(
            [str(program), verb, *flags, folder],
            folder=stage.folder,
            scratch=stage.scratch,
            hidden=stage.hidden,
            hide=partial(hide_secrets, tree=stage.tree),
            signs=_SIGNS,
            what=what,
            budget=budget,
            advice=_SPLIT,
        )

    return build


def _after(text: str, wanted: Recipe, stage: Stage, rendering: Rendering, found: list[Diagnostic]) -> str:
    """Return a result with all that is done to it afterwards."""
    for position, step in enumerate(() if isinstance(wanted, Manifests) else wanted.steps):
        match step:
            case Rebuild():
                fields = {**json.loads(step.fields), "resources": ["rendered.yaml"]}
                folder = stage.make(
                    f"after-{position}", {"rendered.yaml": text, "kustomization.yaml": json.dumps(fields)}
                )
                build = _builder(wanted, stage, rendering, f"what `{wanted.origin}` renders to")
                made = SourceFile(name=wanted.name, text="", origin=wanted.origin)
                text = decode(build(os.path.relpath(folder, stage.folder)), made)
            case Fill():
                filled = fill(text, dict(step.variables), strict=step.strict)
                found += (
                    Diagnostic(
                        code="GC185",
                        message=f"`${{{name}}}` of `{wanted.origin}` has no value: Flux leaves nothing there",
                        field=_field(wanted.asked),
                        help="give it in `postBuild.substitute`, or a default as in `${NAME:=value}`; what is no "
                        "variable is written `$${NAME}`",
                    )
                    for name in filled.missing
                )
                text = filled.text
            case _:
                assert_never(step)
    return text


def _helm(wanted: Chart, stage: Stage, rendering: Rendering) -> tuple[bytes, bytes | None]:
    """Render a chart, twice: what comes of `randAlphaNum` or `now` is nothing that is in production.

    Return both, the second where it differs. That matters only for objects that a lane uses: see GC163 of a plan.

    One that asks for the time is rendered in another second and on other days: a whole second and a date would mostly
    be the same twice.

    Hooks are left out: they run around an upgrade, and what serves now is not made of them. So are the definitions of
    kinds in a chart's `crds/`, which select no pods and are never copied. Nothing asks a cluster: `lookup` finds
    nothing, and the versions that a chart may ask for are those that this helm was built with.
    """
    asks_the_time = False
    reals: list[FilePath] = []
    for name in (wanted.chart, *wanted.values):
        check_form(name)
        normal = posixpath.normpath(name)
        real = stage.add(_path(stage, normal), normal)
        reals.append(stage.place(real))
        asks_the_time = asks_the_time or stage.holds(real, _ASKS_THE_TIME)
    for name in (f"{posixpath.normpath(wanted.chart)}/values.yaml", *wanted.values):
        _check_sealed(stage, name)
    for name in wanted.values:
        _check_is_values(stage, name)
    _check_sealed_text(wanted)
    chart, *values = reals
    if wanted.defaults:
        # A packed one has been refused before, where it was asked for.
        stage.put(chart / "values.yaml", wanted.defaults)
    program = find_program(("helm",), (stage.roots.folder, *stage.roots.allowed))
    command = [str(program), "template", "--no-hooks"]
    if wanted.namespace:
        command.append(f"--namespace={wanted.namespace}")
    # helm reads the flag as a line of comma-separated values.
    command += [f"--values={_quoted(f'./{posixpath.normpath(name)}')}" for name in wanted.values]
    if wanted.inline:
        inline = stage.tree / _INLINE
        stage.put(inline, wanted.inline)
        values.append(inline)
        command.append(f"--values={_quoted(os.path.relpath(inline, stage.folder))}")
    for over, text in wanted.settings:
        command.append(f"--{over}={text}")
        if over is Over.FILE:
            name = text.partition("=")[2]
            values.append(stage.place(stage.add(_path(stage, name), posixpath.normpath(name))))
    if wanted.settings:
        # For the eyes that keep secrets out of helm's words.
        said = stage.tree / _SETTINGS
        stage.put(said, json.dumps([text.partition("=")[2] for _, text in wanted.settings]))
        values.append(said)
    command += [f"--api-versions={_quoted(version)}" for version in wanted.api_versions]
    if wanted.kube_version:
        command.append(f"--kube-version={wanted.kube_version}")
    if wanted.skip_schema:
        command.append("--skip-schema-validation")
    command += ["--", wanted.release, f"./{posixpath.normpath(wanted.chart)}"]

    def rendered(zone: str, after_seconds: float) -> bytes:
        return run_program(
            command,
            folder=stage.folder,
            scratch=stage.scratch,
            hidden=stage.hidden,
            hide=partial(hide_secrets, tree=stage.tree, chart=chart, values=values),
            signs=_SIGNS,
            what=f"chart `{wanted.chart}`",
            budget=budget,
            advice=_UNBOUNDED,
            zone=zone,
            after_seconds=after_seconds,
        )

    budget = rendering.grant(stage, is_quadratic=False)
    try:
        first = rendered("UTC", 0)
    except SourceError as error:
        # A schema that refers to another one is fetched by helm, which has no network here.
        if wanted.skip_schema or not _is_fetched_schema(error):
            raise
        return _helm(replace(wanted, skip_schema=True), stage, rendering)
    for zone, after_seconds in _LATER if asks_the_time else _AT_ONCE:
        again = rendered(zone, after_seconds)
        if first == again:
            continue
        if wanted.steps or _identities(first) != _identities(again):
            raise SourceError(
                "GC163",
                f"chart `{wanted.chart}` renders to something else each time{_differing(first, again)}",
                "give what it makes up (`randAlphaNum`, `genCA`, `now`, `uuidv4`) a fixed value in a values file",
            )
        return first, again
    return first, None


def _is_fetched_schema(error: SourceError) -> bool:
    return _SCHEMA in error.signs and any(sign in error.signs for sign in _FETCHES)


_SCHEMA = "schema"
_FETCHES = ('Get "http', "dial tcp", "proxyconnect")
"""How a Go program says that it could not reach an address. Source: golang/go net/http, `url.Error`."""

_SIGNS = (*SIGNS, _SCHEMA, *_FETCHES)


def _identities(printed: bytes) -> list[object]:
    return [document.identity for document in _documents(printed)]


def _documents(printed: bytes) -> tuple[Document, ...]:
    return parse_documents(SourceFile(name="<helm>", text=printed.decode(errors="replace"))).value or ()


def _asking(wanted: Recipe, stage: Stage, span: Span | None) -> Iterator[Diagnostic]:
    """Yield that a chart asks what the cluster has, where the release does not say what that is."""
    if not isinstance(wanted, Chart):
        return
    chart = stage.place(_path(stage, posixpath.normpath(wanted.chart)))
    versions: dict[str, None] = {}
    asks_versions = asks_kubernetes = ""
    for file in sorted(chart.rglob("*")) if chart.is_dir() else ():
        if file.suffix not in (".yaml", ".yml", ".tpl") or "templates" not in file.parts or not file.is_file():
            continue
        text = file.read_bytes().decode(errors="replace")
        name = file.relative_to(chart).as_posix()
        if _ASKS_VERSIONS in text:
            asked = [each for each in _ASKED.findall(text) if not _is_built_in(each)]
            versions.update(dict.fromkeys(asked))
            asks_versions = asks_versions or (name if asked or not _ASKED.search(text) else "")
        if _ASKS_KUBERNETES in text:
            asks_kubernetes = asks_kubernetes or name
    parts = []
    if asks_versions and not wanted.api_versions:
        shown = ", ".join(f"`{each}`" for each in [*versions][:_MOST_ASKED])
        parts.append(f"whether the cluster has {shown or 'an API'} (`{asks_versions}`)")
    if asks_kubernetes and not wanted.kube_version:
        parts.append(f"which version Kubernetes has (`{asks_kubernetes}`)")
    if parts:
        rows = [
            *(["`apiVersions`"] if asks_versions and not wanted.api_versions else []),
            *(["`kubeVersion`"] if asks_kubernetes and not wanted.kube_version else []),
        ]
        yield Diagnostic(
            code="GC167",
            message=f"chart `{wanted.chart}` asks {' and '.join(parts)}; what helm was built with is the answer",
            span=span,
            field=_field(wanted.asked),
            help=f"write {' and '.join(rows)} {wanted.asked_at} as production's cluster has them"
            if wanted.asked_at
            else "where production's cluster has others, render it by hand and name the file that gives",
        )


_ASKS_VERSIONS, _ASKS_KUBERNETES = ".Capabilities.APIVersions", ".Capabilities.KubeVersion"
_ASKED = re.compile(r'\.Capabilities\.APIVersions\.Has\s+"([^"]+)"')
_MOST_ASKED = 3


def _is_built_in(version: str) -> bool:
    """Tell whether helm knows a version by itself: of the groups that Kubernetes serves."""
    group = version.rpartition("/")[0] if version.count("/") < _KIND_AT else version.split("/", maxsplit=1)[0]
    return group in IN_EVERY_CLUSTER


_KIND_AT = 2
"""Slashes in a version that names a kind, too: `networking.k8s.io/v1/Ingress`."""


def _check_sealed(stage: Stage, name: str) -> None:
    """Refuse a values file that is encrypted: helm would take the encrypted text for the value."""
    place = stage.folder / posixpath.normpath(name)
    if not place.is_file():
        return
    source = SourceFile(name=posixpath.normpath(name), text="", folder=stage.roots.shown)
    text = place.read_bytes().decode(errors="replace")
    tool = sealed_by(text)
    if not tool and SEALED_START in text:
        parsed = parse_plain(replace(source, text=text)).value
        tool = mapping_sealed_by(parsed[1]) if parsed is not None else ""
    if tool:
        raise SourceError(
            "GC165",
            f"values file `{source.shown}` is encrypted ({tool}): helm would take its encrypted text for the values",
            "decrypt it beside the repository before the build (`sops decrypt`, `helm secrets decrypt`) and name what "
            "that gives, without committing it; or name a values file with the same keys and no secrets in it",
        )


def _check_is_values(stage: Stage, name: str) -> None:
    """Refuse an object of Flux or Argo CD as a values file: its values are one of its fields."""
    normal = posixpath.normpath(name)
    text = (stage.folder / normal).read_bytes().decode(errors="replace")
    if not _DECLARES_VALUES.search(text):
        return
    source = SourceFile(name=normal, text=text, folder=stage.roots.shown)
    for each in parse_documents(source, searched=True).value or ():
        tool = DECLARATIONS.get(each.identity.group_kind)
        if tool is not None:
            raise SourceError(
                "GC187",
                f"values file `{source.shown}` is `{each.identity.ref}`: helm would take its fields for values, and "
                "none of them is one",
                f"name it as a source of its own, in place of the chart: `{{{tool}: {normal}}}`",
                span=each.span(("kind",)),
            )


def _check_sealed_text(wanted: Chart) -> None:
    """Refuse values that stand in a declaration, or are given one by one, and are encrypted."""
    texts = (wanted.inline, wanted.defaults, *(text for _, text in wanted.settings))
    if any(SEALED_START in text for text in texts):
        raise SourceError(
            "GC165",
            f"values of `{wanted.origin}` are encrypted (sops): helm would take their encrypted text for them",
            "name a file without encrypted values: `sops decrypt` writes one beside the repository",
        )


def _path(stage: Stage, name: str) -> FilePath:
    """Return where a path that is relative to the spec's folder leads, links left as they are."""
    return FilePath(os.path.normpath(os.path.realpath(stage.roots.folder) + "/" + name))


def _differing(first: bytes, second: bytes) -> str:
    """Say where two renderings part: the template, as helm names it above each document, and fields of its object."""
    template = ""
    for one, other in zip(first.split(b"\n"), second.split(b"\n"), strict=False):
        if one != other:
            break
        if one.startswith(b"# Source: "):
            template = one.decode(errors="replace").removeprefix("# Source: ").strip()
    said = [f"first in `{template}`"] if template.isprintable() and template else []
    pairs = zip(_documents(first), _documents(second), strict=False)
    before, after = next(((one, other) for one, other in pairs if one.data != other.data), (None, None))
    # An object whose name is made up has another one each time.
    if before is not None and after is not None and before.identity == after.identity:
        places = [show_path(path) for path in differing(before.data, after.data)][:_MOST_ASKED]
        said.append(f"`{before.identity.ref}` differs in {', '.join(f'`{place}`' for place in places)}")
    return f": {', '.join(said)}" if said else ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(character in text for character in ',"') else text


def _field(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
