"""One patch on one object of the lane: what it makes of it, and what it may not touch."""

from collections.abc import Callable, Iterator, Sequence

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.json_patch import json_patch
from grayc.documents.locate import locate
from grayc.documents.patch_directives import show_value
from grayc.documents.strategic_merge import PatchError, strategic_merge
from grayc.documents.structure import Misfit, new_misfits
from grayc.documents.tree import get, get_map, is_mapping, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import PROTECTED
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.secrets import is_hidden_beside, looks_secret
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.records import replace
from grayc.source import Span
from grayc.spec.model import ServiceSpec

_IDENTITY: tuple[Path, ...] = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))

MAX_PATCH_VISITS = 1_000_000
"""Entries of mappings and lists that a release's patches may go through, beside `PATCH_VISITS_PER_VALUE` for each
value of the patched objects. A patch goes through all entries of each mapping and list that it changes something in."""

PATCH_VISITS_PER_VALUE = 20

Refuse = Callable[[Document, dict[str, object], LoadedPatch], Diagnostic | None]
"""What else an object does not let a patch do: the object, what the patch makes of it, the patch."""


class PatchBudget:
    """What the patches of a release may cost, counted so that every machine gives the same answer.

    Attributes:
        most: entries that they may go through.
        left: of these; below 0 where they went through more.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        """Count what there is to patch; a patch that comes first pays for it."""
        self._documents = tuple(documents)
        self._sizes: dict[int, int] | None = None
        self.most = MAX_PATCH_VISITS
        self.left = MAX_PATCH_VISITS

    @property
    def is_spent(self) -> bool:
        """Tell whether the patches went through more than they may."""
        return self.left < 0

    def spend(self, visits: int) -> None:
        """Take what a patch went through from what is left."""
        self._count()
        self.left -= visits

    def size_of(self, at: int) -> int:
        """Return how many values an object had before its patches: a patch that fails may have gone through all."""
        return self._count()[at]

    def _count(self) -> dict[int, int]:
        if self._sizes is None:
            self._sizes = {at: _count(document.data) for at, document in enumerate(self._documents)}
            self.most += PATCH_VISITS_PER_VALUE * sum(self._sizes.values())
            self.left = self.most
        return self._sizes


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


def apply_patch(
    documents: list[Document],
    targets: list[int],
    patch: LoadedPatch,
    budget: PatchBudget,
    refuse: Refuse | None = None,
) -> list[Diagnostic]:
    """Put what a patch makes of some of the documents in their places, and return what is wrong with it.

    Args:
        targets: positions of the documents that it names.
        budget: of all patches of these documents; where it is spent the caller stops.

    Diagnostics:
        GC128, GC406, GC431, GC432, GC433, GC434, and what `refuse` says.
    """
    found: list[Diagnostic] = []
    changed = False
    for at in targets:
        before = documents[at]
        try:
            data = _apply(before, patch)
        except PatchError as error:
            found.append(_does_not_apply(before, patch, error))
            changed = True
            budget.spend(budget.size_of(at))
            continue
        unfit, visits = new_misfits(data, before.data, before.identity.group_kind)
        budget.spend(visits)
        refusal = _refuse(before, data, patch, unfit) or (refuse(before, data, patch) if refuse is not None else None)
        if refusal is not None:
            found.append(refusal)
            changed = True
            continue
        changed = changed or data != before.data
        documents[at] = replace(before, data=data)
    if targets and not changed:
        found.append(
            at_patch(
                patch,
                span_in(patch, ()),
                code="GC434",
                message=f"the patch changes nothing in `{patch.target.kind}`",
                help="the copy has these values already: take the patch away",
            )
        )
    if budget.is_spent:
        found.append(_too_much(patch, budget))
    return found


def _too_much(patch: LoadedPatch, budget: PatchBudget) -> Diagnostic:
    return at_patch(
        patch,
        span_in(patch, ()),
        code="GC128",
        message=f"up to this patch the release's patches go through more than {budget.most} entries of the objects "
        "that they change",
        help="write what several patches do to one object as one patch",
    )


def _apply(document: Document, patch: LoadedPatch) -> dict[str, object]:
    if patch.merge is not None:
        return strategic_merge(
            document.data, patch.merge, api_version=document.identity.api_version, kind=document.identity.kind
        )
    return json_patch(document.data, patch.operations or ())


def _does_not_apply(document: Document, patch: LoadedPatch, error: PatchError) -> Diagnostic:
    reference = document.identity.ref
    message, help_ = error.message, error.help
    span = span_in(patch, error.path)
    is_secret = document.identity.kind == "Secret" or (
        error.found is not None and _may_be_secret(document, error.found)
    )
    for value in error.values:
        if is_secret or _holds_secret(value):
            message, help_ = (words.replace(show_value(value), "a secret") for words in (message, help_))
    if is_secret:
        # The patch may have it where nothing in its own text says what it is.
        values = tuple(value for value in error.values if isinstance(value, str))
        span = span if span.sensitive else replace(span, sensitive=True, secrets=values)
    return at_patch(
        patch,
        span,
        code="GC431",
        message=f"the patch does not apply to `{reference}`: {message}",
        object=reference,
        notes=(Note(message="the object as the baseline has it", span=document.span(("metadata", "name"))),),
        help=help_ or "compare the patch's paths with the baseline's object",
    )


def _may_be_secret(document: Document, path: Path) -> bool:
    """Tell whether a value is a secret where the baseline has it, or is a variable's that an earlier pass has set."""
    variable = get(document.data, (*path[:-1], "name"))
    return document.span(path).sensitive or (isinstance(variable, str) and looks_secret(variable))


def _holds_secret(value: object) -> bool:
    """Tell whether a part of an object has a secret in it by the names there: a variable, or several."""
    todo = [value]
    while todo:
        node = todo.pop()
        if is_mapping(node):
            if any(looks_secret(key) or is_hidden_beside(key, node, ("env", "")) for key in node):
                return True
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return False


def span_in(patch: LoadedPatch, path: Path) -> Span:
    """Return where a part of a patch stands."""
    return locate(patch.chunk, (*patch.root, *path))


def at_patch(
    patch: LoadedPatch,
    span: Span,
    *,
    code: str,
    message: str,
    help: str,
    object: str = "",
    notes: tuple[Note, ...] = (),
) -> Diagnostic:
    """Return a diagnostic about a patch: the field of the release that holds it is filled in here."""
    return Diagnostic(
        code=code,
        message=message,
        span=span,
        field=show_path(patch.target.path[:-1]),
        object=object,
        notes=notes,
        help=help,
    )


def patches_of(plan: ReleasePlan) -> Iterator[tuple[ServiceSpec, LoadedPatch]]:
    """Yield the patches of a release, in the order of the spec."""
    for service in plan.spec.services:
        for patch in plan.patches.get(service.name, ()):
            yield service, patch


def _refuse(
    before: Document, data: dict[str, object], patch: LoadedPatch, unfit: Sequence[Misfit]
) -> Diagnostic | None:
    for path in _IDENTITY:
        if get(data, path) != get(before.data, path):
            return at_patch(
                patch,
                touching(patch, path),
                code="GC433",
                message=f"the patch changes `{show_path(path)}` of `{before.identity.ref}`",
                object=before.identity.ref,
                help="names are the compiler's: take the field out of the patch",
            )
    misfit = next(iter(unfit), None)
    if misfit is not None:
        return at_patch(
            patch,
            touching(patch, misfit.path),
            code="GC406",
            message=f"the patch makes `{show_path(misfit.path)}` of `{before.identity.ref}` {misfit.found}, not "
            f"{misfit.expected}",
            object=before.identity.ref,
            help=misfit.help,
        )
    for path in _label_maps(before):
        for label in PROTECTED:
            was, now = get_map(before.data, path).get(label), get_map(data, path).get(label)
            if was != now:
                return at_patch(
                    patch,
                    touching(patch, (*path, label)),
                    code="GC432",
                    message=f"the patch {'removes' if now is None else 'changes'} the lane's label `{label}` in "
                    f"`{show_path(path)}` of `{before.identity.ref}`",
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


def touching(patch: LoadedPatch, path: Path) -> Span:
    """Return the place in the patch that reaches a path of the object."""
    if patch.merge is not None:
        return span_in(patch, path)
    pointer = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)
    for at, operation in enumerate(patch.operations or ()):
        target = operation.get("path")
        if isinstance(target, str) and (pointer + "/").startswith(target.rstrip("/") + "/"):
            return span_in(patch, (at, "path"))
    return span_in(patch, ())
