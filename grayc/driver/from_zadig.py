"""A release.yaml from a workflow of Zadig."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import BinaryIO

from grayc.diagnostics import Checked, Diagnostic, Severity, has_errors
from grayc.documents import Document, Path
from grayc.documents.reader import parse_plain
from grayc.documents.tree import is_mapping, show_path
from grayc.driver.request import PIPED, STDIN, unreadable
from grayc.first_spec.text import render_imported_spec
from grayc.output.create import first_spec, write_file
from grayc.records import dataclass, replace
from grayc.source import SourceError, SourceFile, read_file, read_stream, refuse_link_out
from grayc.spec.load import load_spec
from grayc.spec.schema import schema_address
from grayc.zadig.release import make_release
from grayc.zadig.workflow import choose_job, other_jobs, read_workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class ZadigRequest:
    """What the user asked to import.

    Attributes:
        file: with the workflow, or `-` for standard input.
        job: its name; "" for the only one.
        tag: instead of the workflow's; "" for its own.
        services: what is released besides what the workflow says.
        baseline: sources of the baseline.
        out: file to write; `-` for none, "" for `release.yaml` beside the workflow.
        stdin: opens standard input.
    """

    file: str
    job: str = ""
    tag: str = ""
    services: Sequence[str] = ()
    baseline: Sequence[str] = ("baseline/",)
    out: str = ""
    stdin: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRelease:
    """A release.yaml.

    Attributes:
        path: where it was written, None where it was not.
    """

    text: str
    path: str | None


def import_zadig(request: ZadigRequest) -> Checked[ImportedRelease]:
    """Make a release.yaml of a workflow, and write it unless `out` is `-`.

    Diagnostics:
        GC1xx, GC216: the file cannot be read as one YAML document; GC150: a link out of its repository leads to it.
        GC731: it holds no workflow with a gray release.
        GC732: the workflow has several gray releases.
        GC733: the workflow leaves open what a release must say.
        GC734: something is not carried.
        GC735: something has another shape than Zadig gives it.
        GC2xx: what the workflow says is nothing that a release may say.
        GC602, GC610, GC611: the file cannot be written, is there already, or a link stands in the way.
    """
    read = _read(request)
    workflow = read_workflow(read.value) if read.value is not None else None
    if workflow is None or workflow.value is None:
        return Checked(value=None, diagnostics=(*read.diagnostics, *(workflow.diagnostics if workflow else ())))
    found = [*read.diagnostics, *workflow.diagnostics]
    chosen = choose_job(workflow.value, request.job)
    if chosen.value is None:
        # What else the workflow does counts only beside a release.
        return Checked(value=None, diagnostics=(*read.diagnostics, *chosen.diagnostics))
    found += other_jobs(workflow.value, chosen.value)
    made = make_release(
        workflow.value, chosen.value, tag=request.tag, services=request.services, baseline=request.baseline
    )
    found += made.diagnostics
    if made.value is None:
        return Checked(value=None, diagnostics=tuple(found))
    text = render_imported_spec(
        made.value.data,
        workflow=workflow.value.name,
        project=workflow.value.project,
        environment=made.value.environment,
        schema=schema_address(),
    )
    wrong = load_spec(SourceFile(name="release.yaml", text=text)).diagnostics
    found += (_at_home(each, made.value.origins, workflow.value.document) for each in wrong)
    if has_errors(found):
        return Checked(value=None, diagnostics=tuple(found))
    if request.out == STDIN:
        return Checked(value=ImportedRelease(text=text, path=None), diagnostics=tuple(found))
    target = FilePath(request.out) if request.out else _beside(request.file)
    near = () if request.file == STDIN else (FilePath(request.file).parent,)
    written = write_file(first_spec(target), text, near=near)
    shown = target.as_posix() if written.value else None
    return Checked(value=ImportedRelease(text=text, path=shown), diagnostics=(*found, *written.diagnostics))


def _beside(file: str) -> FilePath:
    return FilePath("release.yaml") if file == STDIN else FilePath(file).parent / "release.yaml"


def _read(request: ZadigRequest) -> Checked[Document]:
    """Return the one document of the file; doubts about how its scalars are read are none about a workflow."""
    try:
        if request.file != STDIN:
            refuse_link_out(FilePath(request.file))
        source = read_stream(request.stdin(), PIPED) if request.file == STDIN else read_file(FilePath(request.file))
    except SourceError as error:
        return Checked(value=None, diagnostics=(unreadable(error),))
    parsed = parse_plain(source)
    errors = tuple(each for each in parsed.diagnostics if each.severity is Severity.ERROR)
    if parsed.value is None:
        return Checked(value=None, diagnostics=errors)
    chunk, data = parsed.value
    return Checked(value=Document(data=data if is_mapping(data) else {}, chunk=chunk), diagnostics=errors)


def _at_home(found: Diagnostic, origins: Mapping[str, Path | None], workflow: Document) -> Diagnostic:
    """Return a finding about the release at the place of the workflow that says it; at none for the command line."""
    places = [place for place in origins if (found.field or "").startswith(place)]
    path = origins[max(places, key=len)] if places else ()
    if path is None:
        return replace(found, span=None, field="", notes=())
    return replace(found, span=workflow.span(path), field=show_path(path), notes=())
