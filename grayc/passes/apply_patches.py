"""Apply the release's own patches to the copies."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic, Note, did_you_mean
from grayc.documents import Document, Path
from grayc.documents.json_patch import json_patch
from grayc.documents.locate import locate
from grayc.documents.patch_directives import show_value
from grayc.documents.strategic_merge import PatchError, strategic_merge
from grayc.documents.structure import Misfit, new_misfits
from grayc.documents.tree import get, get_map, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import PROTECTED
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.secrets import looks_secret
from grayc.passes.model import Lane
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.source import Span
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec

_IDENTITY: tuple[Path, ...] = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


MAX_PATCH_VISITS = 1_000_000
"""Entries of mappings and lists that a release's patches may go through, beside `PATCH_VISITS_PER_VALUE` for each
value of the copied objects. A patch goes through all entries of each mapping and list that it changes something in."""

PATCH_VISITS_PER_VALUE = 20


def apply_patches(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Apply every service's patches, in the order of the spec, to the copies they name by baseline names.

    Diagnostics:
        GC128: the patches go through more entries than they may; this one and those behind it are not applied.
        GC406: the patch puts a mapping, a list or a single value where another of them belongs.
        GC430: no copied object is the target.
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
    budget: _Budget | None = None
    for service, patch in _in_order(plan):
        targets = [at for at in positions.get(service.name, ()) if _is_target(result[at], patch)]
        if not targets and service.name in positions:
            diagnostics.append(_no_target(plan, service, patch, [result[at] for at in positions[service.name]]))
        budget = budget or _Budget(lane)
        changed = False
        for at in targets:
            before = result[at]
            try:
                data = _apply(before, patch)
            except PatchError as error:
                diagnostics.append(_does_not_apply(before, patch, error))
                changed = True
                budget.spend(budget.size_of(at))
                continue
            unfit, visits = new_misfits(data, before.data, before.identity.group_kind)
            budget.spend(visits)
            refusal = _refuse(before, data, patch, plan, unfit)
            if refusal is not None:
                diagnostics.append(refusal)
                changed = True
                continue
            changed = changed or data != before.data
            result[at] = replace(before, data=data)
        if targets and not changed:
            diagnostics.append(
                Diagnostic(
                    code="GC434",
                    message=f"the patch changes nothing in `{patch.target.kind}`",
                    span=_span(patch, ()),
                    field=_field(patch),
                    help="the copy has these values already: take the patch away",
                )
            )
        if budget.left < 0:
            diagnostics.append(_too_much(patch, budget))
            break
    copies = (replace(gray, document=document) for gray, document in zip(lane.copies, result, strict=True))
    return Checked(value=replace(lane, copies=tuple(copies)), diagnostics=tuple(diagnostics))


def _in_order(plan: ReleasePlan) -> Iterator[tuple[ServiceSpec, LoadedPatch]]:
    for service in plan.spec.services:
        for patch in plan.patches.get(service.name, ()):
            yield service, patch


class _Budget:
    """What the patches of a release may cost, counted so that every machine gives the same answer.

    Attributes:
        most: entries that they may go through.
        left: of these; below 0 where they went through more.
    """

    def __init__(self, lane: Lane) -> None:
        self._sizes = [_count(gray.document.data) for gray in lane.copies]
        self.most = MAX_PATCH_VISITS + PATCH_VISITS_PER_VALUE * sum(self._sizes)
        self.left = self.most

    def spend(self, visits: int) -> None:
        """Take what a patch went through from what is left."""
        self.left -= visits

    def size_of(self, at: int) -> int:
        """Return how many values a copy had before its patches: a patch that fails may have gone through all."""
        return self._sizes[at]


def _count(value: object) -> int:
    """Return how many values there are in a value, itself included."""
    count, todo = 0, [value]
    while todo:
        node = todo.pop()
        count += 1
        if isinstance(node, dict):
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return count


def _too_much(patch: LoadedPatch, budget: _Budget) -> Diagnostic:
    return Diagnostic(
        code="GC128",
        message=f"up to this patch the release's patches go through more than {budget.most} entries of the objects "
        "that they change",
        span=_span(patch, ()),
        field=_field(patch),
        help="write what several patches do to one object as one patch",
    )


def _is_target(document: Document, patch: LoadedPatch) -> bool:
    return document.identity.kind == patch.target.kind and patch.target.name in (None, document.identity.name)


def _apply(document: Document, patch: LoadedPatch) -> dict[str, object]:
    if patch.merge is not None:
        return strategic_merge(
            document.data, patch.merge, api_version=document.identity.api_version, kind=document.identity.kind
        )
    return json_patch(document.data, patch.operations or ())


def _does_not_apply(document: Document, patch: LoadedPatch, error: PatchError) -> Diagnostic:
    reference = document.identity.ref
    message, help_ = error.message, error.help
    span = _span(patch, error.path)
    if document.identity.kind == "Secret" or (error.found is not None and _may_be_secret(document, error.found)):
        for value in error.values:
            message, help_ = (words.replace(show_value(value), "a secret") for words in (message, help_))
        # The patch may have it where nothing in its own text says what it is.
        values = tuple(value for value in error.values if isinstance(value, str))
        span = span if span.sensitive else replace(span, sensitive=True, secrets=values)
    return Diagnostic(
        code="GC431",
        message=f"the patch does not apply to `{reference}`: {message}",
        span=span,
        field=_field(patch),
        object=reference,
        notes=(Note(message="the object as the baseline has it", span=document.span(("metadata", "name"))),),
        help=help_ or "compare the patch's paths with the baseline's object",
    )


def _may_be_secret(document: Document, path: Path) -> bool:
    """Tell whether a value is a secret where the baseline has it, or is a variable's that an earlier pass has set."""
    variable = get(document.data, (*path[:-1], "name"))
    return document.span(path).sensitive or (isinstance(variable, str) and looks_secret(variable))


def _span(patch: LoadedPatch, path: Path) -> Span:
    return locate(patch.chunk, (*patch.root, *path))


def _field(patch: LoadedPatch) -> str:
    return show_path(patch.target.path[:-1])


def _no_target(plan: ReleasePlan, service: ServiceSpec, patch: LoadedPatch, copies: list[Document]) -> Diagnostic:
    target = patch.target
    named = f"{target.kind}/{target.name}" if target.name else target.kind
    choices = [copy.identity.ref for copy in copies] if target.name else [copy.identity.kind for copy in copies]
    return at_spec(
        plan.spec,
        (*target.path, "name" if target.name else "kind"),
        code="GC430",
        message=f"service `{service.name}` has no copied object `{named}`",
        help="entries and shared objects can not be patched; "
        + did_you_mean(named, choices, noun="object" if target.name else "kind"),
    )


def _refuse(
    before: Document, data: dict[str, object], patch: LoadedPatch, plan: ReleasePlan, unfit: Sequence[Misfit]
) -> Diagnostic | None:
    for path in _IDENTITY:
        if get(data, path) != get(before.data, path):
            return Diagnostic(
                code="GC433",
                message=f"the patch changes `{show_path(path)}` of `{before.identity.ref}`",
                span=_touching(patch, path),
                field=_field(patch),
                object=before.identity.ref,
                help="names are the compiler's: take the field out of the patch",
            )
    misfit = next(iter(unfit), None)
    if misfit is not None:
        return Diagnostic(
            code="GC406",
            message=f"the patch makes `{show_path(misfit.path)}` of `{before.identity.ref}` {misfit.found}, not "
            f"{misfit.expected}",
            span=_touching(patch, misfit.path),
            field=_field(patch),
            object=before.identity.ref,
            help=misfit.help,
        )
    for path in _label_maps(before):
        for label in PROTECTED:
            was, now = get_map(before.data, path).get(label), get_map(data, path).get(label)
            if was != now:
                return Diagnostic(
                    code="GC432",
                    message=f"the patch {'removes' if now is None else 'changes'} the lane's label `{label}` in "
                    f"`{show_path(path)}` of `{before.identity.ref}`",
                    span=_touching(patch, (*path, label)),
                    field=_field(patch),
                    object=before.identity.ref,
                    help="leave it out: without it the release could never be found or taken offline again",
                )
    return None


def _label_maps(document: Document) -> tuple[Path, ...]:
    group_kind = document.identity.group_kind
    maps: list[Path] = [("metadata", "labels")]
    workload = WORKLOADS.get(group_kind)
    if workload is not None:
        maps.append((*workload.template, "metadata", "labels"))
        if workload.selector:
            maps.append((*workload.selector, "matchLabels"))
    elif group_kind == (CORE, "Service"):
        maps.append(("spec", "selector"))
    else:
        maps += [("spec", "selector", "matchLabels"), ("spec", "podSelector", "matchLabels")]
    return tuple(maps)


def _touching(patch: LoadedPatch, path: Path) -> Span:
    """Return the place in the patch that reaches a path of the object."""
    if patch.merge is not None:
        return _span(patch, path)
    pointer = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)
    for at, operation in enumerate(patch.operations or ()):
        target = operation.get("path")
        if isinstance(target, str) and (pointer + "/").startswith(target.rstrip("/") + "/"):
            return _span(patch, (at, "path"))
    return _span(patch, ())
