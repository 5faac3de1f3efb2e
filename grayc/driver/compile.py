"""Everything that releases compile to; nothing is written."""

from collections.abc import Iterable, Iterator, Sequence

from grayc.analysis.lanes import asked_beside, asks_of, places_of, planned_lane
from grayc.analysis.registrations import lasting_of
from grayc.analysis.work import has_own_work
from grayc.analysis.work_rows import own_of, rows_of
from grayc.checks import run_checks
from grayc.checks.accept import accept_findings, mark_accepted
from grayc.checks.isolation import proof_of
from grayc.checks.meetings import check_meetings
from grayc.checks.quotas import has_quotas
from grayc.checks.releases import check_releases
from grayc.diagnostics import CODES, Checked, Diagnostic, Mark, Note, has_errors
from grayc.documents import Document
from grayc.documents.load import Reading
from grayc.documents.mesh_claim import MeshClaim
from grayc.driver.beside import command_of, lanes_beside, living, no_longer_looked_at, to_build_again
from grayc.driver.mesh import (
    hosts_of_two_namespaces,
    hosts_of_two_providers,
    lanes_of_one_tag,
    mesh_of,
    rules_that_do_not_fit,
    shared_again,
    shared_hosts,
    with_lanes_in_front,
)
from grayc.driver.model import Attempt, Compilation, HeldLane, Mesh, Release
from grayc.driver.planning import plan_one, plan_step
from grayc.driver.request import Input, Request, all_of, find_specs, missing_step
from grayc.gateways import baseline_changes
from grayc.k8s.gateways import GATEWAYS
from grayc.meshes import claims_of
from grayc.output.baseline_lock import Used, lock, shows_all
from grayc.output.inventory import Command, LaneRecord, Opened
from grayc.output.layout import Room, TooLargeError, lay_out
from grayc.output.order import in_order
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import BUILD
from grayc.plan.model import Action, ReleasePlan
from grayc.records import replace
from grayc.source.seen import now
from grayc.spec.findings import at_spec
from grayc.spec.rule_data import encode


def compile_releases(request: Request, reading: Reading | None = None, *, asks: bool = True) -> Checked[Compilation]:
    """Return everything that the releases compile to; nothing is written.

    Args:
        reading: what the run has read so far, and will ask for again, such as for another step; grows.
        asks: ask the gateway's simulator whether requests go where the releases say. Who asks it himself wants its
            answer where they do not, too.
    """
    return attempt_releases(request, reading, asks=asks)[0]


def attempt_releases(
    request: Request, reading: Reading | None = None, *, asks: bool = True
) -> tuple[Checked[Compilation], tuple[Attempt, ...]]:
    """Return everything that the releases compile to, and how far each of them came.

    Args:
        reading, asks: see `compile_releases`.
    """
    if request.as_recorded and request.out is not None:
        from grayc.driver.recorded import with_recorded  # noqa: PLC0415 - few builds only ask

        request = with_recorded(request, request.out)
    inputs = find_specs(request)
    read: list[str] = []
    room = Room()
    kept, reading = reading, Reading() if reading is None else reading

    def plan(given: Input) -> Checked[ReleasePlan]:
        planned, files = plan_one(given, request, reading)
        read.extend(files)
        return planned

    # Planned before any is compiled: what a lane's entry is written as depends on the lanes beside it.
    planned = tuple(plan(given) for given in inputs.value or ())
    plans = tuple(each.value for each in planned if each.value is not None)
    held = lanes_beside(request, kept)
    beside = living(held.value or (), plans)
    wrong = tuple(item for each in beside for item in each.found)
    others = asked_beside([*(each.lane for each in beside), *map(planned_lane, plans)])
    commands = {
        each.value.spec.name: command_of(given, request)
        for given, each in zip(inputs.value or (), planned, strict=True)
        if each.value is not None
    }
    objects_beside = tuple(document for each in beside for document in each.lane.documents)
    attempts: list[Attempt] = []
    ready = [
        None if each.value is None else replace(each.value, headers_of_others=others[each.value.spec.name])
        for each in planned
    ]
    # What all of them make is known before any is checked: they share the quotas of a namespace.
    made = [_made(plan, accept_losses=request.accept_losses) if plan else Checked(value=None) for plan in ready]

    def compile_one(at: int) -> Checked[Release]:
        plan = ready[at]
        if plan is None:
            return Checked(value=None, diagnostics=planned[at].diagnostics)
        now(f"compiling `{plan.spec.name}`")
        if has_quotas(plan):
            of_others = (document for each in (*made[:at], *made[at + 1 :]) for document in each.value or ())
            plan = replace(plan, beside=(*objects_beside, *of_others))
        documents, compiled = _compile_plan(
            plan, planned[at].diagnostics, made[at], room, commands[plan.spec.name], asks=asks
        )
        if not has_errors(planned[at].diagnostics):
            attempts.append(Attempt(plan=plan, documents=documents, beside=beside))
        return compiled

    compiled = all_of(
        Checked(
            value=tuple(range(len(planned))) if inputs.value is not None else None,
            diagnostics=(*inputs.diagnostics, *held.diagnostics, *wrong),
        ),
        compile_one,
    )
    if compiled.value is None or has_errors((*held.diagnostics, *wrong)):
        return Checked(value=None, diagnostics=compiled.diagnostics), tuple(attempts)
    missing = missing_step([release.plan.spec for release in compiled.value], request.step) if compiled.value else ()
    releases = with_lanes_in_front(compiled.value, beside)
    mesh = mesh_of(releases, beside, is_folder=request.out is not None)
    shared = dict(shared_again(releases, held.value or (), beside, request))
    # Of a lane that must be built with other flags, what else would be otherwise is reported by the same command.
    plain = tuple(each for each in beside if (each.folder, each.lane.name) not in shared)
    together = missing or _check_together(releases, beside, mesh, plain, asks=asks)
    if request.out is not None and not request.patch:
        together = (*together, *shared_hosts(releases, beside))
    together = (
        *together,
        *shared.values(),
        *hosts_of_two_namespaces(releases, beside),
        *hosts_of_two_providers(releases, beside),
        *lanes_of_one_tag(releases, beside),
        *rules_that_do_not_fit(releases),
        *no_longer_looked_at(held.value or (), plans, request),
    )
    diagnostics = (*compiled.diagnostics, *together)
    if has_errors(together):
        return Checked(value=None, diagnostics=diagnostics), () if missing else tuple(attempts)
    files = {name: text for release in releases for name, text in release.files.items()}
    if request.out is None:
        files |= mesh.files
    compilation = Compilation(
        releases=releases,
        files={name: files[name] for name in sorted(files)},
        inputs=tuple(sorted(set(read))),
        beside=beside,
        mesh=mesh,
    )
    return Checked(value=compilation, diagnostics=diagnostics), tuple(attempts)


def compile_other_steps(compilation: Compilation, known: Iterable[Diagnostic]) -> Checked[tuple[Release, ...]]:
    """Return the releases at every step of their rollouts but the last, which is the one that is compiled by itself.

    What is wrong with such a step, and with it beside the other releases, is found as a build of it would: those that
    have a step of the name are at that one, too.

    Args:
        known: what is wrong without them, most of it with all; it is not reported again.
    """
    made: list[Release] = []
    only_at: dict[Diagnostic, list[str]] = {}
    names = dict.fromkeys(step.name for release in compilation.releases for step in release.plan.spec.steps[:-1])
    for name in names:
        found: list[Diagnostic] = []
        beside: list[Release] = []
        for release in compilation.releases:
            step = next((each for each in release.plan.spec.steps[:-1] if each.name == name), None)
            if step is None:
                beside.append(release)
                continue
            planned = plan_step(release.plan, step)
            if planned.value is None:
                found += planned.diagnostics
                continue
            _, compiled = _compile_plan(
                planned.value, planned.diagnostics, _made(planned.value), Room(), release.lane.command or Command()
            )
            found += compiled.diagnostics
            if compiled.value is not None:
                made.append(compiled.value)
                beside.append(compiled.value)
        if len(beside) == len(compilation.releases):
            whole = with_lanes_in_front(beside, compilation.beside)
            mesh = mesh_of(whole, compilation.beside, is_folder=False)
            found += _check_together(whole, compilation.beside, mesh)
        for diagnostic in dict.fromkeys(found):
            only_at.setdefault(diagnostic, []).append(name)
    told = frozenset(known)
    diagnostics = tuple(
        replace(diagnostic, notes=(*diagnostic.notes, Note(message=_at(steps))))
        for diagnostic, steps in only_at.items()
        if diagnostic not in told
    )
    return Checked(value=tuple(made), diagnostics=diagnostics)


def _at(steps: Sequence[str]) -> str:
    return f"at step{'' if len(steps) == 1 else 's'} {', '.join(f'`{step}`' for step in steps)}"


def _check_together(
    releases: tuple[Release, ...],
    beside: Sequence[HeldLane],
    mesh: Mesh,
    plain: Sequence[HeldLane] = (),
    *,
    asks: bool = True,
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with releases that are compiled as one, and with them beside the lanes that live.

    Args:
        plain: those among them of which is reported whether they are to be built again.
    """
    now("looking at the releases together")
    ours = tuple(release.known for release in releases)
    lanes = (*(each.lane for each in beside), *ours)
    # Releases of one name or one object meet everywhere: that is one mistake.
    clashes = check_releases(lanes) or check_meetings(lanes)
    if has_errors(clashes):
        return clashes
    again = tuple(to_build_again(beside, ours, told=plain))
    if not asks:
        return (*clashes, *again)
    return (*clashes, *again, *_check_witnesses(releases, beside, mesh), *_check_expectations(releases, beside, mesh))


def _check_witnesses(releases: tuple[Release, ...], beside: Sequence[HeldLane], mesh: Mesh) -> tuple[Diagnostic, ...]:
    if not any(release.plan.entries and release.plan.rules for release in releases):
        return ()
    # Releases without an entry have nothing to ask, and their builds need no simulators.
    from grayc.driver.unattached import check_unattached  # noqa: PLC0415
    from grayc.driver.witness import check_witnesses  # noqa: PLC0415

    return (*check_unattached(releases), *check_witnesses(releases, beside, mesh))


def _check_expectations(
    releases: tuple[Release, ...], beside: Sequence[HeldLane], mesh: Mesh
) -> tuple[Diagnostic, ...]:
    if not any(release.plan.spec.expectations for release in releases):
        return ()
    # Few releases expect anything, and a small build takes little longer than the imports of the simulators.
    from grayc.driver.expect import check_expectations  # noqa: PLC0415

    return check_expectations(releases, beside, mesh)


def _made(plan: ReleasePlan, *, accept_losses: bool = False) -> Checked[tuple[Document, ...]]:
    """Run the passes, and return the gray objects in the order of application."""
    made = run_passes(BUILD, plan)
    if accept_losses:
        lost = tuple(
            replace(item, accepted="asked only") if CODES[item.code].acceptable else item for item in made.diagnostics
        )
        made = replace(made, diagnostics=lost)
    return replace(made, value=in_order(made.value or ()))


def _compile_plan(
    plan: ReleasePlan,
    planned: tuple[Diagnostic, ...],
    made: Checked[tuple[Document, ...]],
    room: Room,
    command: Command,
    *,
    asks: bool = True,
) -> tuple[tuple[Document, ...] | None, Checked[Release]]:
    """Run the checks over what the passes made; the gray objects come back where only checks refuse them.

    Passes run after an error of the plan and checks after one of a pass: a misspelt ConfigMap, a misspelt container and
    an unprepared baseline are three mistakes, and one run tells them. What an incomplete plan leaves out would only
    fail the checks a second time.
    """
    documents = made.value or ()
    found = (*planned, *made.diagnostics)
    if not has_errors(planned):
        checked = run_checks(documents, plan, found)
        if not asks:
            # Whoever asks for a request's way is shown there which calls are not carried.
            checked = tuple(
                replace(item, accepted="asked only") if CODES[item.code].mark is Mark.HOP else item for item in checked
            )
        found = (*found, *checked)
    whole = not has_errors(item for item in (*planned, *made.diagnostics) if not CODES[item.code].acceptable)
    found = accept_findings(plan, found, lambda: _found_at_steps(plan)) if whole else mark_accepted(plan, found)
    if not documents and not has_errors(found):
        found = (*found, _nothing(plan))
    if has_errors(found):
        return documents if whole else None, Checked(value=None, diagnostics=found)
    room.grow(plan.baseline)
    try:
        files = lay_out(documents, release=plan.spec.name, layout=plan.spec.output.layout, room=room)
    except TooLargeError as error:
        return documents, Checked(value=None, diagnostics=(*found, _too_large(plan, error)))
    changes = baseline_changes(plan)
    mesh = claims_of(plan).value or ()
    release = Release(
        plan=plan,
        documents=documents,
        files=files,
        baseline_changes=changes,
        lane=_lane_record(plan, documents, [change.document for change in changes if change.opens], command, mesh),
        known=planned_lane(plan, documents, mesh),
        proof=proof_of(documents, plan),
    )
    return documents, Checked(value=release, diagnostics=found)


def _found_at_steps(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what plan, passes and checks find at each step of the rollout."""
    for step in plan.spec.steps:
        planned = plan_step(plan, step)
        yield from planned.diagnostics
        if planned.value is not None:
            made = run_passes(BUILD, planned.value)
            yield from made.diagnostics
            known = (*planned.diagnostics, *made.diagnostics)
            yield from run_checks(in_order(made.value or ()), planned.value, known)


_OPENED = ("gateway", "controller", "namespace", "host", "path_type", "path")


def _lane_record(
    plan: ReleasePlan,
    documents: Iterable[Document],
    opens_in: Iterable[Document],
    command: Command,
    mesh: tuple[MeshClaim, ...],
) -> LaneRecord:
    """Return what the inventory keeps of a release."""
    spec = plan.spec
    every = tuple(documents)
    copies = {document.place: document for document in every}
    asks = asks_of(plan) if plan.rules else frozenset()
    has_values_beside = any(GATEWAYS[entry.gateway].values_beside for entry in plan.entries)
    return LaneRecord(
        tag=spec.tag,
        profile=spec.lane.profile,
        namespace=spec.namespace or "",
        services=tuple(service.name for service in spec.services),
        gateways=plan.gateways if plan.rules else (),
        rules=tuple(map(encode, plan.rules)),
        expires=spec.expires,
        owner=spec.owner,
        opens_in=tuple(
            dict.fromkeys(
                (
                    *(used.key for used in used_of(plan, opens_in)),
                    *(route for claim in mesh for route in claim.routes),
                )
            )
        ),
        work=own_of(rows_of(tuple(copies.values()), plan)) if has_own_work(plan.spec) else (),
        lasting=lasting_of(every, plan),
        opens=None
        if not plan.rules
        else tuple(Opened(**dict(zip(_OPENED, place, strict=True))) for place in sorted(places_of(plan))),
        asks=tuple(sorted(asks)),
        beside=tuple(sorted(asks & plan.headers_of_others)) if has_values_beside else (),
        # In the order of the inventory, so that what is written and what is read are the same.
        mesh=tuple(sorted(mesh, key=lambda claim: claim.host)),
        command=command,
        baseline=lock(
            replace(used, is_shown=shows_all(copies.get(used.document.place), used.document)) for used in used_in(plan)
        ),
    )


def used_in(plan: ReleasePlan) -> Iterator[Used]:
    """Yield the objects of the baseline that a lane uses."""
    return used_of(plan, (row.document for row in plan.decisions if row.action is not Action.LEAVE_OUT))


def used_of(plan: ReleasePlan, documents: Iterable[Document]) -> Iterator[Used]:
    """Yield baseline objects as the baseline lock keeps them."""
    for document in documents:
        key = plan.key_of(document.identity)
        yield Used(document=document, namespace=key.namespace, is_copied=key in plan.gray_names)


def _too_large(plan: ReleasePlan, error: TooLargeError) -> Diagnostic:
    objects = ", ".join(f"`{name}` with {count} bytes" for name, count in error.largest)
    return at_spec(
        plan.spec,
        ("metadata", "name"),
        code="GC614",
        message=f"release `{plan.spec.name}` comes to more text than grayc writes; its largest objects: {objects}",
        help="look at what the aliases, patches and copies of these objects repeat; no cluster takes an object of more "
        "than about 1.5 MiB",
    )


def _nothing(plan: ReleasePlan) -> Diagnostic:
    return at_spec(
        plan.spec,
        ("spec", "services"),
        code="GC315",
        message=f"release `{plan.spec.name}` makes no gray object",
        help="`grayc plan` shows what is shared and left out, and why",
    )
