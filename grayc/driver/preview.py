"""What there is to see of releases before a build, with all that a build would find."""

from collections.abc import Iterable, Iterator, Sequence

from grayc.analysis.picture import Picture, make_picture
from grayc.analysis.preview import MeshHost, Preview, StepPreview, make_preview, preview_step
from grayc.checks.accept import mark_accepted
from grayc.checks.capacity import check_capacity
from grayc.diagnostics import Checked, Severity
from grayc.documents import Document
from grayc.documents.mesh_claim import MeshClaim
from grayc.driver.compile import attempt_releases
from grayc.driver.model import Release
from grayc.driver.planning import plan_step
from grayc.driver.request import Request
from grayc.driver.samples import entering
from grayc.meshes import claims_of, objects_of
from grayc.output.order import mesh_file
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import BUILD
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.spec.model import Step

MAX_STEP_COPIES = 12_000
"""Copies that a plan makes of one release to look at the steps of its rollout, one by one."""

_STEPS_ALWAYS_SEEN = 5
"""Steps that are looked at however many copies each has."""

_STEP_OVERHEAD = 6
"""What a step costs however few copies it has, in copies."""


def preview_releases(request: Request) -> Checked[tuple[Preview, ...]]:
    """Return the plan of every release, with what it asks for and where its calls go, and what a build would find.

    What a build is refused for is found here too, and its plan is shown where there is one.
    """
    compiled, attempts = attempt_releases(request)
    claims = [claim for attempt in attempts for claim in claims_of(attempt.plan).value or ()]
    claims += [claim for attempt in attempts[:1] for each in attempt.beside for claim in each.record.mesh]
    # Of a release that is refused nobody knows which requests enter.
    opened = compiled.value is not None
    previews = tuple(
        replace(
            preview_of(attempt.plan, attempt.documents, claims),
            entering=tuple(entering(attempt.plan)) if opened else (),
        )
        for attempt in attempts
    )
    return Checked(value=previews or None, diagnostics=compiled.diagnostics)


def draw_releases(request: Request) -> Checked[tuple[Picture, ...]]:
    """Return the lane of every release as a picture, and what a build would find."""
    compiled, attempts = attempt_releases(request)
    pictures = tuple(make_picture(make_preview(attempt.plan, attempt.documents)) for attempt in attempts)
    return Checked(value=pictures or None, diagnostics=compiled.diagnostics)


def pictures_of(releases: Iterable[Release]) -> tuple[Picture, ...]:
    """Return the lanes of compiled releases as pictures."""
    return tuple(make_picture(make_preview(release.plan, release.documents)) for release in releases)


def preview_of(plan: ReleasePlan, documents: tuple[Document, ...] | None, claims: Sequence[MeshClaim] = ()) -> Preview:
    """Return what is to be shown of a plan and of the gray objects that were made of it, steps too.

    Args:
        claims: what all lanes claim in a mesh.
    """
    return make_preview(plan, documents, _preview_steps(plan), tuple(_mesh_hosts(plan, claims)))


def _mesh_hosts(plan: ReleasePlan, claims: Sequence[MeshClaim]) -> Iterator[MeshHost]:
    """Yield the hosts that a release claims, with all lanes that do."""
    lanes: dict[tuple[str, str], set[str]] = {}
    for claim in claims:
        lanes.setdefault(claim.host, set()).add(claim.tag)
    for claim in claims:
        if claim.release == plan.spec.name and claim.tag == plan.spec.tag:
            yield MeshHost(
                service=claim.host,
                file=mesh_file(*claim.host) if claim.host in objects_of([claim]) else "",
                routes=claim.routes,
                lanes=tuple(sorted(lanes[claim.host])),
            )


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
