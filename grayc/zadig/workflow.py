"""Read an exported workflow: its gray releases, its parameters, and what of it a release does not say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping, show_path
from grayc.zadig.fields import JOB, JOBS, OFFLINE_JOB, OTHER_JOB, RELEASE_JOB, STAGE, WORKFLOW, Fields, Use

_PARAMETER = re.compile(r"\{\{ *\.workflow\.params\.([^{}\s]+?) *\}\}")
_RUNS = ("default_run", "force_run")
_FIXED = "<+fixed>"
"""What a value of a parameter starts with that nobody may change. Source: koderover/zadig pkg/setting/consts.go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a workflow.

    Attributes:
        kind: its `type`.
        path: where it stands.
    """

    name: str
    kind: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workflow:
    """An exported workflow.

    Attributes:
        params: name → value, the default where nothing is set; "" for what is asked for when it runs.
    """

    document: Document
    name: str
    project: str
    params: Mapping[str, str]
    jobs: tuple[Job, ...]

    def fill(self, text: str) -> str:
        """Return a value with the workflow's parameters filled in; what is still open has `{{` in it."""
        value = text.removeprefix(_FIXED)
        return _PARAMETER.sub(lambda found: self.params.get(found[1], "") or found[0], value).strip()


def read_workflow(document: Document) -> Checked[Workflow]:
    """Return the workflow that a document holds.

    Diagnostics:
        GC731: it is none.
        GC734: it does something that no release says.
    """
    data = document.data
    stages = data.get("stages")
    if not isinstance(stages, list):
        kind = get_text(data, ("kind",))
        return Checked(
            value=None,
            diagnostics=(
                Diagnostic(
                    code="GC731",
                    message="this is no workflow of Zadig: " + (f"it is a `{kind}`" if kind else "it has no `stages`"),
                    span=document.span(),
                    help="export the workflow in Zadig as YAML, and name that file",
                ),
            ),
        )
    left = list(leftovers(document, (), WORKFLOW))
    jobs: list[Job] = []
    for at, stage in enumerate(stages):
        if not is_mapping(stage):
            continue
        left += leftovers(document, ("stages", at), STAGE)
        for number, item in enumerate(get_list(stage, ("jobs",))):
            if is_mapping(item):
                path = ("stages", at, "jobs", number)
                jobs.append(Job(name=get_text(item, ("name",)), kind=get_text(item, ("type",)), path=path))
    workflow = Workflow(
        document=document,
        name=get_text(data, ("name",)),
        project=get_text(data, ("project",)),
        params={
            get_text(item, ("name",)): (get_text(item, ("value",)) or get_text(item, ("default",))).removeprefix(_FIXED)
            for item in get_list(data, ("params",))
        },
        jobs=tuple(jobs),
    )
    return Checked(value=workflow, diagnostics=tuple(left))


def choose_job(workflow: Workflow, name: str) -> Checked[Job]:
    """Return the gray release that is asked for, the only one where none is.

    Diagnostics:
        GC731: there is none.
        GC732: there are several, or none of that name.
    """
    document = workflow.document
    releases = [job for job in workflow.jobs if job.kind == RELEASE_JOB]
    names = [job.name for job in releases]
    if not releases:
        kinds = ", ".join(f"`{kind}`" for kind in dict.fromkeys(job.kind for job in workflow.jobs if job.kind))
        offline = next((job for job in workflow.jobs if job.kind == OFFLINE_JOB), None)
        wrong = Diagnostic(
            code="GC731",
            message=f"the workflow has no job of type `{RELEASE_JOB}`" + (f", only {kinds}" if kinds else ""),
            span=document.span((*offline.path, "type") if offline else ("stages",)),
            field=show_path((*offline.path, "type") if offline else ("stages",)),
            help=_offline_help(workflow, offline)
            if offline
            else "name the workflow that releases; `grayc init` makes a first release of a baseline alone",
        )
        return Checked(value=None, diagnostics=(wrong,))
    chosen = [job for job in releases if name in ("", job.name)]
    if len(chosen) == 1:
        return Checked(value=chosen[0])
    # Without a name the second one is one too many.
    span = document.span((*(chosen or releases)[1 if len(chosen) > 1 else 0].path, "name"))
    wrong = Diagnostic(
        code="GC732",
        message=f"the workflow has {len(releases)} jobs of type `{RELEASE_JOB}`"
        if len(chosen) > 1
        else f"the workflow has no job `{name}` of type `{RELEASE_JOB}`",
        span=span,
        help=f"choose one with `--job`: {', '.join(f'`{each}`' for each in names)}"
        if len(chosen) > 1
        else did_you_mean(name, names, noun="job"),
    )
    return Checked(value=None, diagnostics=(wrong,))


def other_jobs(workflow: Workflow, chosen: Job) -> Iterator[Diagnostic]:
    """Yield what the workflow does besides the release, and what does the same.

    Diagnostics:
        GC734: a job that is not carried.
    """
    for job in workflow.jobs:
        if job.path == chosen.path:
            yield from leftovers(workflow.document, job.path, JOB)
            continue
        if job.kind == OFFLINE_JOB:
            instead = _offline_help(workflow, job)
        elif job.kind == RELEASE_JOB:
            instead = f"import it into a release of its own: `--job {job.name}`"
        else:
            instead = JOBS.get(job.kind, OTHER_JOB)
        yield left(workflow.document, (*job.path, "type"), f"job `{job.name}` of type `{job.kind}`", instead)


def leftovers(document: Document, path: Path, known: Fields) -> Iterator[Diagnostic]:
    """Yield what a mapping says that is not carried: fields that are known to be left, and those that are not known.

    Diagnostics:
        GC734: a field is not carried.
    """
    for name, value in get_map(document.data, path).items():
        field = known.get(name)
        if _says_nothing(name, value) or (field is not None and field.use is not Use.LEFT):
            continue
        instead = field.instead if field else "see in Zadig what it does, and write that in the release or the pipeline"
        yield left(document, (*path, name), f"`{name}`", instead, key=True)


def left(document: Document, path: Path, what: str, instead: str, *, key: bool = False) -> Diagnostic:
    """Return the finding that something is not carried."""
    return Diagnostic(
        code="GC734",
        message=f"{what} is not carried into the release",
        span=document.span(path, key=key),
        field=show_path(path),
        help=instead,
    )


def _says_nothing(name: str, value: object) -> bool:
    if is_mapping(value) and "enabled" in value:
        return value["enabled"] is not True
    if isinstance(value, list):
        return all(is_mapping(item) and item.get("enabled") is False for item in value)
    return value in (None, "", False, 0, -1, {}) or (name == "run_policy" and value in _RUNS)


def _offline_help(workflow: Workflow, job: Job) -> str:
    tag = workflow.fill(get_text(workflow.document.data, (*job.path, "spec", "gray_tag")))
    shown = tag if tag and "{{" not in tag else "TAG"
    return f"`grayc offline --tag {shown} -o OUT` takes a lane offline, the way in first"
