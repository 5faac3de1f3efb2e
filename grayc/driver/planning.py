"""The plan of each release."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from grayc.analysis.declared import name_givers
from grayc.diagnostics import Checked, Diagnostic, has_errors
from grayc.documents.load import Baseline, Reading, load_baseline
from grayc.documents.reader import parse_plain
from grayc.documents.sealed import mapping_sealed_by
from grayc.driver.nearby import declared_near, documents_read, has_variables
from grayc.driver.request import (
    PIPED,
    Input,
    Request,
    for_gateway,
    for_step,
    load_input,
    shown_folder,
    unreadable,
)
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.planning.make import make_plan
from grayc.records import replace
from grayc.source import Roots, SourceError, read_source, read_stream
from grayc.source.seen import now
from grayc.spec.findings import at_spec
from grayc.spec.flags import images_of, offline_command, with_images
from grayc.spec.model import Patch, ReleaseSpec, Step, at_step, without_lane_only

if TYPE_CHECKING:
    from grayc.documents.recipes import Wanted


def plan_step(plan: ReleasePlan, step: Step) -> Checked[ReleasePlan]:
    """Return the plan of a release at one step of its rollout."""
    planned = make_plan(at_step(plan.spec, step), plan.baseline, plan.patches)
    if planned.value is None:
        return planned
    kept = replace(planned.value, declared=plan.declared, headers_of_others=plan.headers_of_others, beside=plan.beside)
    return replace(planned, value=kept)


def plan_one(
    given: Input, request: Request, reading: Reading | None = None, *, is_promoted: bool = False
) -> tuple[Checked[ReleasePlan], tuple[str, ...]]:
    """Return the plan of one spec, and the files that were read for it.

    Args:
        reading: what was read for the specs beside it, which is not read again; grows.
        is_promoted: leave out what the release changes for as long as the lane lives.
    """
    loaded = for_step(for_gateway(load_input(given, request), request.gateway), request.step, is_alone=given.is_alone)
    if loaded.value is None:
        return Checked(value=None, diagnostics=loaded.diagnostics), ()
    spec = without_lane_only(loaded.value) if is_promoted else loaded.value
    roots = Roots(
        folder=given.folder,
        allowed=request.allowed_roots,
        shown=shown_folder(given),
        most_bytes=request.most_bytes,
    )
    reading = Reading() if reading is None else reading
    now(f"reading the baseline of `{spec.name}`")
    baseline = _load_baseline(spec, given, roots, request, reading)
    now(f"planning `{spec.name}`")
    patches = _load_patches(spec, roots)
    diagnostics = (*loaded.diagnostics, *baseline.diagnostics, *patches.diagnostics)
    if baseline.value is None or patches.value is None:
        told = name_givers(diagnostics, lambda: declared_near(documents_read(reading), roots, reading))
        return Checked(value=None, diagnostics=told), ()
    planned = make_plan(spec, baseline.value.documents, patches.value)
    if request.flags.images and planned.value is not None:
        from grayc.analysis.chosen_images import chosen_images  # noqa: PLC0415 - few lines have any

        # Whose container an image is for is known of what is copied.
        chosen = chosen_images(planned.value, images_of(request.flags))
        if chosen.value is None:
            return replace(planned, value=None, diagnostics=(*diagnostics, *chosen.diagnostics)), ()
        planned = make_plan(with_images(spec, chosen.value), baseline.value.documents, patches.value)
    if planned.value is not None and has_variables(planned.value):
        declared = declared_near(baseline.value.documents, roots, reading)
        planned = replace(planned, value=replace(planned.value, declared=declared))
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
                        message="the spec and its baseline cannot both come from standard input",
                        help="save one of them to a file",
                    ),
                ),
            )
        try:
            stdin = (reading.pipe(lambda: read_stream(request.stdin(), PIPED)), piped.path)
        except SourceError as error:
            return Checked(value=None, diagnostics=(unreadable(error),))
    told: tuple[Diagnostic, ...] = ()
    if request.index is not None:
        handed = reading.hand(request.index)
        if handed.value is None:
            return Checked(value=None, diagnostics=handed.diagnostics)
        told = handed.diagnostics
    rows = wanted_renderings(spec)
    loaded = load_baseline(
        [(source.pattern, source.path) for source in spec.baseline if source.pattern],
        roots,
        stdin,
        spec.document,
        spec_path=given.path,
        rendered=rows,
        reading=reading,
    )
    loaded = replace(loaded, diagnostics=(*told, *loaded.diagnostics))
    unused = reading.unused(rows, loaded, roots)
    if not unused:
        return loaded
    from grayc.documents.unused import tell_unused  # noqa: PLC0415 - few baselines have any

    return replace(loaded, diagnostics=(*loaded.diagnostics, *tell_unused(unused)))


def wanted_renderings(spec: ReleaseSpec) -> "tuple[Wanted, ...]":
    """Return what of a baseline is to be rendered."""
    if not any(source.is_rendered for source in spec.baseline):
        return ()
    from grayc.documents.recipes import Chart, Declared, Kustomization, Over, Tool  # noqa: PLC0415 - few are rendered

    wanted: list[Wanted] = []
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
                    settings=tuple((Over.JSON, f"{key}={value}") for key, value in chart.settings),
                    api_versions=chart.api_versions,
                    kube_version=chart.kube_version or "",
                    asked=source.path,
                )
            )
        for tool, file in ((Tool.ARGOCD, source.argocd), (Tool.FLUX, source.flux)):
            if file is not None:
                wanted.append(Declared(tool=tool, file=file, root=source.root, asked=source.path))
    return tuple(wanted)


def _load_patches(spec: ReleaseSpec, roots: Roots) -> Checked[Mapping[str, tuple[LoadedPatch, ...]]]:
    """Return every service's patches with their content, those of files read."""
    diagnostics: list[Diagnostic] = []
    patches: dict[str, tuple[LoadedPatch, ...]] = {}
    for service in spec.services:
        loaded = [_load_patch(spec, patch, roots) for changes in service.changes for patch in changes.patches]
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
    if tool := mapping_sealed_by(data):
        sealed = Diagnostic(
            code="GC165",
            message=f"patch `{patch.file}` is encrypted ({tool}): its encrypted text would become the value",
            span=place,
            help="keep what is secret in a Secret that is encrypted, and let the patch name that",
        )
        return Checked(value=None, diagnostics=(sealed,))
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
            help=f"take it offline with `{offline_command(spec, 'OUT')}`, or give it a later date in `spec.expires` "
            "or by `--expires`",
        )
