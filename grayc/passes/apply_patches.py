"""Apply the release's own patches to the copies."""

from grayc.analysis.patch_targets import entries_named, is_named
from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.k8s.gateways import GATEWAYS
from grayc.passes.model import Lane
from grayc.passes.patching import PatchBudget, apply_patch, patches_of
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import PatchTarget, ServiceSpec


def apply_patches(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Apply every service's patches, in the order of the spec, to the copies they name by baseline names.

    Diagnostics:
        GC128: the patches go through more entries than they may; this one and those behind it are not applied.
        GC406: the patch puts a mapping, a list or a single value where another of them belongs.
        GC430: no copied object, and no opened entry, is the target.
        GC431: the patch does not apply: a path that is not there, a failed test, a merge that has no meaning.
        GC432: the patch removes or changes a label of the lane.
        GC433: the patch changes what the object is called.
        GC434: the patch changes nothing.
    """
    result = list(lane.copied)
    diagnostics: list[Diagnostic] = []
    positions: dict[str, list[int]] = {}
    for at, gray in enumerate(lane.copies):
        positions.setdefault(gray.copy.service.name, []).append(at)
    budget = PatchBudget(result)
    for service, patch in patches_of(plan):
        targets = [at for at in positions.get(service.name, ()) if is_named(result[at], patch.target)]
        if not targets and service.name in positions and not entries_named(plan, service, patch.target):
            diagnostics.append(_no_target(plan, service, patch, [result[at] for at in positions[service.name]]))
        diagnostics += apply_patch(result, targets, patch, budget)
        if budget.is_spent:
            break
    copies = (replace(gray, document=document) for gray, document in zip(lane.copies, result, strict=True))
    return Checked(value=replace(lane, copies=tuple(copies)), diagnostics=tuple(diagnostics))


def _no_target(plan: ReleasePlan, service: ServiceSpec, patch: LoadedPatch, copies: list[Document]) -> Diagnostic:
    target = patch.target
    named = f"{target.kind}/{target.name}" if target.name else target.kind
    choices = [copy.identity.ref for copy in copies] if target.name else [copy.identity.kind for copy in copies]
    return at_spec(
        plan.spec,
        (*target.path, "name" if target.name else "kind"),
        code="GC430",
        message=f"service `{service.name}` has no copied object and no opened entry `{named}`",
        help=_where_instead(plan, target) + did_you_mean(named, choices, noun="object" if target.name else "kind"),
    )


def _where_instead(plan: ReleasePlan, target: PatchTarget) -> str:
    if any(GATEWAYS[entry.gateway].opens_baseline and is_named(entry.document, target) for entry in plan.entries):
        return "that entry is opened in the baseline's own object, which is changed there; "
    return "shared objects cannot be patched; "
