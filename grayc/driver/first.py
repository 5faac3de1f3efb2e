"""A first release.yaml."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grayc.analysis.declared import installed_by
from grayc.analysis.graph import is_workload
from grayc.analysis.removed import removed_workloads
from grayc.analysis.work import works_of_baseline
from grayc.analysis.work_rows import show_work
from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.diagnostics.shell import command
from grayc.documents import Document
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.load import Baseline, load_baseline
from grayc.documents.reader import parse_documents, parse_plain
from grayc.documents.recipes import Chart, Declared, Kustomization, Tool
from grayc.documents.tree import get_text, is_mapping
from grayc.documents.unused import DECLARATIONS
from grayc.driver.request import STDIN, refuse_links_out
from grayc.first_spec.find import FirstService, FirstSpec, choose_first_spec
from grayc.first_spec.text import first_spec_data, render_first_spec
from grayc.output.create import first_spec, write_file
from grayc.output.emit import emit_document
from grayc.planning.index import index_of
from grayc.planning.make import at_made_up, made_up_objects, make_plan, show_made_up
from grayc.planning.namespaces import likely_namespace
from grayc.records import dataclass, replace
from grayc.source import Roots, SourceError, SourceFile, read_source
from grayc.spec.flags import Flags, refuse_flags
from grayc.spec.load import load_spec
from grayc.spec.model import ReleaseSpec
from grayc.spec.schema import check_schema, schema_address

CHART_FILE = "Chart.yaml"
"""The file of a chart's own. Source: helm pkg/chartutil, `ChartfileName`."""

_RELEASE_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,51}[a-z0-9])?")
"""Source: helm pkg/chart/common/util, `ValidateReleaseName`: no dots here, as names of objects are made of it."""

_HELP = {"GC150": "write the release into a folder above both, as with `-o release.yaml` from there"}
"""Code → what helps where the release may still stand anywhere."""

_REFUSED_HELP = {
    "GC131": "nothing to do where production is not made with it; a kustomization or chart is named by its folder, "
    "`grayc init FOLDER`"
}
"""Code → what helps where no release was made that could name something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRelease:
    """A first release.yaml.

    Attributes:
        path: where it was written, None where it was not.
        out: an output folder for it, where one in the working folder would lie in the baseline; "" elsewhere.
    """

    text: str
    path: str | None
    out: str = ""


def first_release(path: Path, services: Sequence[str], *, out: str, tag: str) -> Checked[FirstRelease]:
    """Make a first release.yaml for the baseline at `path`, and write it unless `out` is `-`.

    Diagnostics:
        GC150: a link of the repository leads out of it, on the way to the baseline.
        GC207, GC702: the tag is none.
        GC301: a service that was asked for is no workload of the baseline.
        GC303: the baseline has no workload at all. GC307: those are of a version that servers no longer have.
        GC160 to GC164: a kustomization or chart cannot be rendered.
        GC168: a chart makes up what the release uses, so that no build takes it.
        GC602, GC610, GC611: the file cannot be written, is there already, or a link stands in the way.
    """
    # What a release may not have for a tag says the language, whoever the release is of.
    refused = (*refuse_links_out((path,)), *refuse_flags(Flags(tag=tag), "web"))
    if refused:
        return Checked(value=None, diagnostics=refused)
    target = path.parent / "release.yaml" if not out else Path(out)
    folder = Path.cwd() if out == STDIN else target.parent
    loaded, source = _load(path, folder)
    if loaded.value is None:
        return Checked(value=None, diagnostics=_in_words(loaded.diagnostics, _REFUSED_HELP))
    first = choose_first_spec(loaded.value.documents, services)
    refused = _refuse_first(first, str(path), loaded.value.documents)
    if refused:
        return Checked(value=None, diagnostics=(*_in_words(loaded.diagnostics, _REFUSED_HELP), *refused))
    name = f"{first.services[0].workload.identity.name}-{tag}"
    first = _without_refused(first, first_spec_data(first, name=name, tag=tag, baseline=source))
    namespace, works, unsettled = _questions(first, loaded.value.documents, name=name, tag=tag, baseline=source)
    found = (*loaded.diagnostics, *map(_unsettled, unsettled))
    data = first_spec_data(first, name=name, tag=tag, baseline=source, namespace=namespace, works=works)
    text = render_first_spec(first, data, schema=schema_address(), namespace=namespace, works=works)
    if out == STDIN:
        return Checked(value=FirstRelease(text=text, path=None), diagnostics=found)
    written = write_file(first_spec(target), text, near=(path.parent,))
    shown = target.as_posix() if written.value else None
    made = FirstRelease(text=text, path=shown, out=_out_beside(path))
    return Checked(value=made, diagnostics=(*found, *written.diagnostics))


def _out_beside(path: Path) -> str:
    """Return an output folder outside of the baseline's, relative to the working folder; "" where that lies outside."""
    is_file = path.name in (*FILE_NAMES, CHART_FILE)
    folder, here = (path.parent if is_file else path).resolve(), Path.cwd().resolve()
    if folder not in (here, *here.parents):
        return ""
    return Path(os.path.relpath(folder.parent / "out", here)).as_posix()


def _questions(
    first: FirstSpec, documents: tuple[Document, ...], *, name: str, tag: str, baseline: object
) -> tuple[str, dict[str, str], tuple[Document, ...]]:
    """Return what a first spec has to say for itself to build: a namespace, and who takes messages or jobs.

    Returns:
        The namespace for objects that name none, "" where nothing asks for one; and `Kind/name` of each workload of a
        service that must have `work` → one of its works in words; and the objects that a chart makes up anew each time,
        which no build takes.
    """

    def spec_with(namespace: str) -> ReleaseSpec | None:
        text = emit_document(first_spec_data(first, name=name, tag=tag, baseline=baseline, namespace=namespace))
        return load_spec(SourceFile(name="release.yaml", text=text)).value

    spec = spec_with("")
    namespace = likely_namespace(spec, index_of(spec, documents)) if spec is not None else ""
    if namespace:
        spec = spec_with(namespace)
    plan = make_plan(spec, documents, {}).value if spec is not None else None
    works: dict[str, str] = {}
    if plan is not None:
        taken = {work.service.name: show_work(work) for work in reversed(works_of_baseline(plan)) if work.is_asked}
        works = {
            service.workload.identity.ref: taken[service.workload.identity.name]
            for service in first.services
            if service.workload.identity.name in taken
        }
    return namespace, works, tuple(made_up_objects(plan.decisions)) if plan is not None else ()


def _unsettled(document: Document) -> Diagnostic:
    return at_made_up(
        document,
        code="GC168",
        message=f"{show_made_up(document)}: a build of this release is refused",
        help="give what the chart makes up (`randAlphaNum`, `genCA`, `now`, `uuidv4`) a fixed value in a values file, "
        "and name that in the row of the chart, `values: [FILE]`; or let the chart take the name of a Secret that is "
        "there",
    )


def _load(path: Path, folder: Path) -> tuple[Checked[Baseline], object]:
    """Return the baseline at a path, and the entry of `spec.baseline` that names it, relative to the spec's folder.

    The folder of a kustomization or of a chart is what it renders to: its files hold something else than production.
    """
    roots = Roots(folder=folder)
    name = next((each for each in (*FILE_NAMES, CHART_FILE) if (path / each).is_file()), "")
    if path.name in (*FILE_NAMES, CHART_FILE) and path.is_file():
        name, path = path.name, path.parent
    relative = Path(os.path.relpath(path, folder)).as_posix()
    if name in FILE_NAMES:
        wanted = Kustomization(folder=relative, asked=())
        return _above(load_baseline([], roots, rendered=(wanted,))), {"kustomize": relative}
    if name:
        release = _name_of_chart(path) or path.resolve().name
        chart = Chart(chart=relative, release=release, namespace="", values=(), asked=())
        return _above(load_baseline([], roots, rendered=(chart,))), {"helm": {"chart": relative, "release": release}}
    tool = _tool_of(path, relative, roots)
    if tool is not None:
        return _declared(tool, relative, roots)
    pattern = f"{relative}/" if path.is_dir() else relative
    return load_baseline([(pattern, ())], roots), pattern


def _name_of_chart(folder: Path) -> str:
    """Return the name in a chart's own file, by which most releases of it are called; "" where it has none.

    Source: helm, "Charts", "The Chart.yaml File", `name`.
    """
    try:
        source = read_source(folder / CHART_FILE, CHART_FILE, Roots(folder=folder))
    except SourceError:
        return ""
    read = parse_plain(source).value
    name = get_text(read[1], ("name",)) if read is not None and is_mapping(read[1]) else ""
    return name if _RELEASE_NAME.fullmatch(name) else ""


def _tool_of(path: Path, name: str, roots: Roots) -> Tool | None:
    """Return whose file a path is, where its one object says what is rendered from other files."""
    if not path.is_file():
        return None
    try:
        source = read_source(path, name, roots)
    except SourceError:
        # Whoever loads it says what is wrong.
        return None
    documents = parse_documents(source, searched=True).value or ()
    tools = {DECLARATIONS[each.identity.group_kind] for each in documents if each.identity.group_kind in DECLARATIONS}
    is_alone = not any(is_workload(each) for each in documents)
    return next(iter(tools)) if len(tools) == 1 and is_alone else None


def _declared(tool: Tool, file: str, roots: Roots) -> tuple[Checked[Baseline], object]:
    """Return what a file of Argo CD or Flux renders: its paths from the default root, else from the spec's folder."""
    loaded = load_baseline([], roots, rendered=(Declared(tool=tool, file=file, root=None, asked=()),))
    if loaded.value is not None:
        return loaded, {str(tool): file}
    here = load_baseline([], roots, rendered=(Declared(tool=tool, file=file, root=".", asked=()),))
    return (here, {str(tool): file, "root": "."}) if here.value is not None else (_above(loaded), {str(tool): file})


def _above(loaded: Checked[Baseline]) -> Checked[Baseline]:
    """Return findings of rendering in the words of a command whose release is not written yet."""
    return replace(loaded, diagnostics=_in_words(loaded.diagnostics, _HELP))


def _in_words(diagnostics: Iterable[Diagnostic], words: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    return tuple(replace(item, help=words.get(item.code, item.help)) for item in diagnostics)


def _of_file(file: str) -> str:
    line = command("grayc", "init", f"./{file}" if file.startswith("-") else file)
    return f"name its file, `{line}`; or name what it renders to as a file"


def _without_refused(first: FirstSpec, data: dict[str, object]) -> FirstSpec:
    """Leave out the images that no release may say: a template still has to fill them in."""
    refused = {violation.path for violation in check_schema(data)}

    def split(at: int, service: FirstService) -> FirstService:
        left = {
            name: image for name, image in service.images.items() if ("spec", "services", at, "images", name) in refused
        }
        return replace(
            service, images={name: image for name, image in service.images.items() if name not in left}, left=left
        )

    return replace(first, services=tuple(split(at, service) for at, service in enumerate(first.services)))


def _refuse_first(first: FirstSpec, path: str, documents: Sequence[Document]) -> tuple[Diagnostic, ...]:
    gone = tuple(removed_workloads(documents, first.unknown)) if first.unknown or not first.services else ()
    if gone:
        return gone
    names = [service.workload.identity.name for service in first.services]
    names += [workload.identity.name for workload in first.others]
    if not names:
        return (
            Diagnostic(
                code="GC303",
                message=f"`{path}` holds no Deployment or StatefulSet",
                help=installed_by(documents, first=_of_file) or "name the folder with the manifests now in production",
            ),
        )
    return tuple(
        Diagnostic(
            code="GC301", message=f"`{path}` has no workload `{name}`", help=did_you_mean(name, names, noun="workload")
        )
        for name in first.unknown
    )
