"""The plan of each release, and what there is to see of it before a build."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grayc.analysis.preview import Preview, StepPreview, make_preview, preview_step
from grayc.checks import run_advice
from grayc.checks.accept import mark_accepted
from grayc.checks.capacity import check_capacity
from grayc.diagnostics import CODES, Checked, Diagnostic, Mark, Severity, has_errors
from grayc.documents.load import Baseline, Reading, load_baseline
from grayc.documents.reader import parse_plain
from grayc.driver.request import (
    PIPED,
    Input,
    Request,
    all_of,
    find_specs,
    for_gateway,
    for_step,
    load_input,
    missing_step,
    shown_folder,
    unreadable,
)
from grayc.output.order import in_order
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import BUILD
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.planning.make import make_plan
from grayc.source import Roots, SourceError, read_source, read_stream
from grayc.spec.findings import at_spec
from grayc.spec.model import Patch, ReleaseSpec, Step, at_step

if TYPE_CHECKING:
    from grayc.documents.render import Chart, Kustomization


MAX_STEP_COPIES = 12_000
"""Copies that a plan makes of one release to look at the steps of its rollout, one by one."""

_STEPS_ALWAYS_SEEN = 5
"""Steps that are looked at however many copies each has."""

_STEP_OVERHEAD = 6
"""What a step costs however few copies it has, in copies."""


def plan_releases(request: Request) -> Checked[tuple[Preview, ...]]:
    """Return the plan of every release, with what it asks for and where its calls go."""
    reading = Reading()
    plans = all_of(find_specs(request), lambda given: _preview(plan_one(given, request, reading)[0]))
    missing = missing_step([preview.plan.spec for preview in plans.value], request.step) if plans.value else ()
    return Checked(value=None if missing else plans.value, diagnostics=(*plans.diagnostics, *missing))


def _preview(planned: Checked[ReleasePlan]) -> Checked[Preview]:
    """Return what there is to see before a build; mistakes that only a build meets are left to it."""
    plan = planned.value
    if plan is None or has_errors(planned.diagnostics):
        return Checked(value=None, diagnostics=planned.diagnostics)
    made = run_passes(BUILD, plan)
    losses = mark_accepted(plan, tuple(item for item in made.diagnostics if item.mark is Mark.LOSS))
    found = (*planned.diagnostics, *losses)
    steps = _preview_steps(plan)
    if has_errors(item for item in made.diagnostics if not CODES[item.code].acceptable):
        return Checked(value=make_preview(plan, None, steps), diagnostics=found)
    documents = in_order(made.value or ())
    known = (*planned.diagnostics, *made.diagnostics)
    advice = mark_accepted(plan, run_advice(documents, plan, known))
    return Checked(value=make_preview(plan, documents, steps), diagnostics=(*found, *advice))


def _preview_steps(plan: ReleasePlan) -> tuple[StepPreview, ...]:
    """Return the steps of the rollout, each made as a build would make it while all together stay in bounds."""
    most = max(_STEPS_ALWAYS_SEEN, MAX_STEP_COPIES // (_STEP_OVERHEAD + len(plan.copies)))
    seen = tuple(_preview_step(plan, step) for step in plan.spec.steps[:most])
    return (*seen, *(StepPreview(step=step, found=(), pods={}, is_seen=False) for step in plan.spec.steps[most:]))


def _preview_step(plan: ReleasePlan, step: Step) -> StepPreview:
    """Return a step of the rollout, with what refuses it and what its gray pods are too few for."""
    planned = plan_step(plan, step)
    if planned.value is None:
        return preview_step(step, None, None, planned.diagnostics)
    made = run_passes(BUILD, planned.value)
    found = mark_accepted(plan, (*planned.diagnostics, *made.diagnostics))
    errors = tuple(item for item in found if item.severity is Severity.ERROR)
    short = mark_accepted(plan, check_capacity(made.value or (), planned.value))
    return preview_step(step, planned.value, made.value, (*errors, *short))


def plan_step(plan: ReleasePlan, step: Step) -> Checked[ReleasePlan]:
    """Return the plan of a release at one step of its rollout."""
    return make_plan(at_step(plan.spec, step), plan.baseline, plan.patches)


def plan_one(
    given: Input, request: Request, reading: Reading | None = None
) -> tuple[Checked[ReleasePlan], tuple[Path, ...]]:
    """Return the plan of one spec, and the files that were read for it.

    Args:
        reading: what was read for the specs beside it, which is not read again; grows.
    """
    spec = for_step(for_gateway(load_input(given, request), request.gateway), request.step, is_alone=given.is_alone)
    if spec.value is None:
        return Checked(value=None, diagnostics=spec.diagnostics), ()
    roots = Roots(folder=given.folder, allowed=request.allowed_roots, shown=shown_folder(given))
    baseline = _load_baseline(spec.value, given, roots, request, reading or Reading())
    patches = _load_patches(spec.value, roots)
    diagnostics = (*spec.diagnostics, *baseline.diagnostics, *patches.diagnostics)
    if baseline.value is None or patches.value is None:
        return Checked(value=None, diagnostics=diagnostics), ()
    planned = make_plan(spec.value, baseline.value.documents, patches.value)
    return replace(planned, diagnostics=(*diagnostics, *planned.diagnostics)), baseline.value.paths


def _load_baseline(
    spec: ReleaseSpec, given: Input, roots: Roots, request: Request, reading: Reading
) -> Checked[Baseline]:
    piped = next((source for source in spec.baseline if source.stdin), None)
    stdin = None
    if piped is not None:
        if given.path is None:
            return Checked(
                value=None,
                diagnostics=(
                    at_spec(
                        spec,
                        piped.path,
                        code="GC702",
                        message="the spec and its baseline can not both come from standard input",
                        help="save one of them to a file",
                    ),
                ),
            )
        try:
            stdin = (reading.pipe(lambda: read_stream(request.stdin(), PIPED)), piped.path)
        except SourceError as error:
            return Checked(value=None, diagnostics=(unreadable(error),))
    return load_baseline(
        [(source.pattern, source.path) for source in spec.baseline if source.pattern],
        roots,
        stdin,
        spec.document,
        spec_path=given.path,
        rendered=wanted_renderings(spec),
        reading=reading,
    )


def wanted_renderings(spec: ReleaseSpec) -> "tuple[Kustomization | Chart, ...]":
    """Return what of a baseline is to be rendered."""
    if all(source.kustomize is None and source.chart is None for source in spec.baseline):
        return ()
    from grayc.documents.render import Chart, Kustomization  # noqa: PLC0415 - few baselines are rendered

    wanted: list[Kustomization | Chart] = []
    for source in spec.baseline:
        if source.kustomize is not None:
            wanted.append(Kustomization(folder=source.kustomize, asked=source.path))
        elif source.chart is not None:
            chart = source.chart
            wanted.append(
                Chart(
                    chart=chart.chart,
                    release=chart.release,
                    namespace=spec.namespace or "",
                    values=chart.values,
                    asked=source.path,
                )
            )
    return tuple(wanted)


def _load_patches(spec: ReleaseSpec, roots: Roots) -> Checked[Mapping[str, tuple[LoadedPatch, ...]]]:
    """Return every service's patches with their content, those of files read."""
    diagnostics: list[Diagnostic] = []
    patches: dict[str, tuple[LoadedPatch, ...]] = {}
    for service in spec.services:
        loaded = [_load_patch(spec, patch, roots) for patch in service.patches]
        diagnostics += (diagnostic for checked in loaded for diagnostic in checked.diagnostics)
        patches[service.name] = tuple(checked.value for checked in loaded if checked.value is not None)
    return Checked(value=None if has_errors(diagnostics) else patches, diagnostics=tuple(diagnostics))


def _load_patch(spec: ReleaseSpec, patch: Patch, roots: Roots) -> Checked[LoadedPatch]:
    if patch.file is None:
        field = "merge" if patch.merge is not None else "json6902"
        return Checked(
            value=LoadedPatch(
                target=patch.target,
                merge=patch.merge,
                operations=patch.json6902,
                chunk=spec.document.chunk,
                root=(*spec.document.root, *patch.path, field),
            )
        )
    place = spec.span((*patch.path, "file"))
    try:
        source = read_source(roots.folder / patch.file, patch.file, roots)
        source = replace(source, is_secret=patch.target.kind == "Secret")
    except SourceError as error:
        return Checked(value=None, diagnostics=(replace(unreadable(error), span=error.span or place, field="file"),))
    parsed = parse_plain(source)
    if parsed.value is None:
        return Checked(value=None, diagnostics=parsed.diagnostics)
    chunk, data = parsed.value
    merge = data if isinstance(data, dict) else None
    operations = tuple(data) if isinstance(data, list) and all(isinstance(item, dict) for item in data) else None
    if merge is None and operations is None:
        return Checked(
            value=None,
            diagnostics=(
                *parsed.diagnostics,
                Diagnostic(
                    code="GC212",
                    message=f"`{patch.file}` holds neither a merge patch nor JSON 6902 operations",
                    span=place,
                    help="write a mapping with the fields to merge, or a list of operations",
                ),
            ),
        )
    return Checked(
        value=LoadedPatch(target=patch.target, merge=merge, operations=operations, chunk=chunk, root=()),
        diagnostics=parsed.diagnostics,
    )


def expired(spec: ReleaseSpec, today: str) -> Iterator[Diagnostic]:
    """Tell of a release that is past its date (GC720).

    Args:
        today: the day, as ISO 8601 has it; "" where dates are not compared.
    """
    if today and spec.expires is not None and spec.expires < today:
        yield at_spec(
            spec,
            ("spec", "expires"),
            code="GC720",
            message=f"lane `{spec.tag}` was to end on {spec.expires}",
            help="take it offline, or give it a later date",
        )
