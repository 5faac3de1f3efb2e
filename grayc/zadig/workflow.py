"""Read an exported workflow: its gray releases, its parameters, and what of it a release does not say."""

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from grayc.diagnostics import Checked, Diagnostic, did_you_mean, has_errors, shell
from grayc.documents import Document, Path
from grayc.documents.limits import MAX_SCALAR
from grayc.documents.locate import text_at
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, show_path
from grayc.records import dataclass
from grayc.zadig.fields import (
    JOB,
    JOBS,
    OFFLINE,
    OFFLINE_JOB,
    OTHER_JOB,
    PARAMETER,
    RELEASE_JOB,
    STAGE,
    WORKFLOW,
    Fields,
    Shape,
    Use,
)

_PARAMETER = re.compile(r"\{\{ *\.workflow\.params\.([^{}\s]+?) *\}\}")
_MOST_SHOWN = 60
_NOTHING: Mapping[str, tuple[object, ...]] = {"run_policy": ("default_run", "force_run"), "concurrency_limit": (-1,)}
"""Field → values that ask for nothing."""
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
        """Return a text with the workflow's parameters filled in, as Zadig does before a job runs."""
        return _PARAMETER.sub(lambda found: self.params.get(found[1], "") or found[0], text)

    def text(self, path: Path) -> str:
        """Return the text at a place with the workflow's parameters filled in; "" where there is none."""
        return self.fill(spelled(self.document, path).removeprefix(_FIXED)).strip()


def is_open(text: str) -> bool:
    """Tell whether a value is chosen when the workflow runs: something in it is still to be filled in."""
    return "{{" in text or "<+" in text


def spelled(document: Document, path: Path) -> str:
    """Return a text as Zadig reads it: a number or a boolean is the text that stands there; "" for none."""
    value = get(document.data, path)
    if isinstance(value, bool | int | float):
        return text_at(document.chunk, path) or ""
    return value if isinstance(value, str) else ""


def read_workflow(document: Document) -> Checked[Workflow]:
    """Return the workflow that a document holds.

    Diagnostics:
        GC731: it is none.
        GC734: it does something that no release says.
        GC124: the parameters fill in too much.
        GC735: something has another shape than Zadig gives it.
    """
    data = document.data
    if "stages" not in data:
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
    found = [*leftovers(document, (), WORKFLOW), *misfits(document, (), WORKFLOW)]
    jobs: list[Job] = []
    for at in range(len(get_list(data, ("stages",)))):
        stage: Path = ("stages", at)
        found += [*leftovers(document, stage, STAGE), *misfits(document, stage, STAGE)]
        for number in range(len(get_list(data, (*stage, "jobs")))):
            path = (*stage, "jobs", number)
            found += misfits(document, path, JOB)
            name, kind = (spelled(document, (*path, each)) for each in ("name", "type"))
            jobs.append(Job(name=name, kind=kind, path=path))
    for at in range(len(get_list(data, ("params",)))):
        found += misfits(document, ("params", at), PARAMETER)
    if has_errors(found):
        return Checked(value=None, diagnostics=tuple(found))
    workflow = Workflow(
        document=document,
        name=spelled(document, ("name",)),
        project=spelled(document, ("project",)),
        params={
            spelled(document, ("params", at, "name")): _value(document, ("params", at))
            for at in range(len(get_list(data, ("params",))))
        },
        jobs=tuple(jobs),
    )
    found += _too_much(workflow)
    return Checked(value=None if has_errors(found) else workflow, diagnostics=tuple(found))


def _too_much(workflow: Workflow) -> Iterator[Diagnostic]:
    """Yield the text at which the parameters have filled in more than one value may hold; it is reported before any is.

    Each place of a text may stand for a whole one, and there may be thousands of places.
    """
    left = MAX_SCALAR
    todo: list[tuple[Path, object]] = [((), workflow.document.data)]
    while todo:
        path, value = todo.pop()
        if is_mapping(value):
            todo += (((*path, key), inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list):
            todo += (((*path, at), inner) for at, inner in reversed([*enumerate(value)]))
        elif isinstance(value, str) and "{{" in value:
            left -= sum(len(workflow.params.get(found[1], "")) for found in _PARAMETER.finditer(value))
            if left < 0:
                yield Diagnostic(
                    code="GC124",
                    message=f"the parameters of the workflow fill in more than {MAX_SCALAR} characters",
                    span=workflow.document.span(path),
                    field=show_path(path),
                    help="keep large texts out of parameters",
                )
                return


def _value(document: Document, parameter: Path) -> str:
    """Return what a parameter is when nobody chooses; a credential stays open, since a release is no place for it."""
    if get(document.data, (*parameter, "is_credential")) is True:
        return ""
    own, default = (spelled(document, (*parameter, each)) for each in ("value", "default"))
    return (own or default).removeprefix(_FIXED)


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
    other = next((job for job in workflow.jobs if job.name == name), None)
    if len(chosen) > 1:
        # The second one is one too many.
        place = chosen[1].path
        alike = next((job.name for job in chosen[1:] if job.name == chosen[0].name), None)
        message = f"the workflow has {len(chosen)} jobs of type `{RELEASE_JOB}`" + (f" named `{name}`" if name else "")
        help_ = f"choose one with `--job`: {', '.join(f'`{each}`' for each in dict.fromkeys(names))}"
        if alike is not None and len(set(names)) < len(names):
            help_ = f"several are called `{alike}`: give each a name of its own in the file, then choose with `--job`"
    elif other is not None:
        place, message = other.path, f"job `{name}` is of type `{other.kind}`, not `{RELEASE_JOB}`"
        help_ = did_you_mean(name, names, noun="job")
    else:
        place, message = releases[0].path, f"the workflow has no job `{name}` of type `{RELEASE_JOB}`"
        help_ = did_you_mean(name, names, noun="job")
    wrong = Diagnostic(
        code="GC732",
        message=message,
        span=document.span((*place, "name")),
        field=show_path((*place, "name")),
        help=help_,
    )
    return Checked(value=None, diagnostics=(wrong,))


def other_jobs(workflow: Workflow, chosen: Job) -> Iterator[Diagnostic]:
    """Yield what the workflow does besides the release, and what does the same.

    Diagnostics:
        GC734: a job that is not carried; of one that takes a lane offline, also what grayc does not know of it.
    """
    for job in workflow.jobs:
        if job.path == chosen.path:
            yield from leftovers(workflow.document, job.path, JOB)
            continue
        what = f"job `{job.name}` of type `{job.kind}`"
        if job.kind == OFFLINE_JOB:
            what += _offline(workflow, job)
            instead = _offline_help(workflow, job)
            yield from leftovers(workflow.document, job.path, JOB)
            yield from leftovers(workflow.document, (*job.path, "spec"), OFFLINE)
        elif job.kind == RELEASE_JOB:
            instead = f"import it into a release of its own: `--job {job.name}`"
        else:
            instead = JOBS.get(job.kind, OTHER_JOB)
        yield left(workflow.document, (*job.path, "type"), what, instead)


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


def misfits(document: Document, path: Path, known: Fields) -> Iterator[Diagnostic]:
    """Yield the fields of a mapping that hold something else than Zadig writes there.

    Diagnostics:
        GC735: one for each.
    """
    for name, value in get_map(document.data, path).items():
        field = known.get(name)
        if field is None or field.shape is None or value is None:
            continue
        place = (*path, name)
        if not _fits(value, field.shape):
            yield _misfit(document, place, f"`{name}`", field.shape)
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if not is_mapping(item):
                    yield _misfit(document, (*place, at), f"an item of `{name}`", Shape.MAPPING)


def _fits(value: object, shape: Shape) -> bool:
    match shape:
        case Shape.TEXT:
            return isinstance(value, str | bool | int | float)
        case Shape.COUNT:
            return isinstance(value, int) and not isinstance(value, bool)
        case Shape.MAPPING:
            return is_mapping(value)
        case Shape.MAPPINGS:
            return isinstance(value, list)
        case _:
            assert_never(shape)


def _shown(document: Document, path: Path) -> str:
    value = get(document.data, path)
    if is_mapping(value):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = spelled(document, path)
    if value is None or len(text) > _MOST_SHOWN:
        return "empty" if value is None else "a text"
    return f"the text `{text}`" if isinstance(value, str) else f"`{text}`"


def _misfit(document: Document, path: Path, what: str, shape: Shape) -> Diagnostic:
    return Diagnostic(
        code="GC735",
        message=f"{what} is {_shown(document, path)}, not {shape}",
        span=document.span(path),
        field=show_path(path),
        help="export the workflow from Zadig again, or mend it here",
    )


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
        return value["enabled"] in (None, False)
    if isinstance(value, list):
        return all(is_mapping(item) and item.get("enabled") is False for item in value)
    return value in (None, "", False, 0, {}) or value in _NOTHING.get(name, ())


def _offline_help(workflow: Workflow, job: Job) -> str:
    tag = workflow.text((*job.path, "spec", "gray_tag"))
    shown = tag if tag and not is_open(tag) else "TAG"
    command = shell.command("grayc", "offline", f"--tag={shown}", "--output=OUT")
    return f"`{command}` takes a lane offline, the entry first"


def _offline(workflow: Workflow, job: Job) -> str:
    """Return what such a job says, for a message; "" for nothing."""
    tag, environment = (workflow.text((*job.path, "spec", name)) for name in ("gray_tag", "env"))
    said = [f"tag `{tag}`"] if tag else []
    said += [f"environment `{environment}`"] if environment else []
    return f" ({', '.join(said)})" if said else ""
