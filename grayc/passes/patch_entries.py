"""Apply the release's own patches to the gray side of opened entries."""

from grayc.analysis.patch_targets import entries_named
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.ingresses import CLASS_ANNOTATION
from grayc.documents.tree import get, get_list, get_map, get_text, show_path
from grayc.k8s.gateways import GATEWAYS
from grayc.passes.model import Lane
from grayc.passes.patching import PatchBudget, apply_patch, at_patch, patches_of, touching
from grayc.plan.model import LoadedPatch, ReleasePlan
from grayc.records import replace

_ANNOTATIONS: Path = ("metadata", "annotations")
_PREFIXES = tuple(dict.fromkeys(prefix for row in GATEWAYS.values() for prefix in row.prefixes))
_WHO_ENTERS = ("canary", "match-", "use-regex", "full-path-regex", "rewrite-target")
"""Starts of annotations, after the prefix, that say which requests a canary takes, or bind it to its base."""
_CONTROL = "request-header-control-"

_WHOLE: tuple[Path, ...] = (
    ("spec", "ingressClassName"),
    ("spec", "defaultBackend"),
    ("spec", "parentRefs"),
    ("spec", "hostnames"),
)


def patch_entries(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Apply every service's patches, in the order of the spec, to the gray objects of the entries that they name.

    Diagnostics:
        GC128, GC406, GC431 to GC434: as on a copy.
        GC538: the patch changes what opens the lane.
    """
    added = list(lane.added)
    diagnostics: list[Diagnostic] = []
    positions: dict[tuple[str, tuple[str, int, Path]], list[int]] = {}
    for at, document in enumerate(added):
        positions.setdefault((document.identity.kind, document.place), []).append(at)

    def refuse(before: Document, data: dict[str, object], patch: LoadedPatch) -> Diagnostic | None:
        return _refuse(before, data, patch, plan)

    budget = PatchBudget(added)
    for service, patch in patches_of(plan):
        targets = [
            at
            for entry in entries_named(plan, service, patch.target)
            for at in positions.get((patch.target.kind, entry.document.place), ())
        ]
        diagnostics += apply_patch(added, targets, patch, budget, refuse)
        if budget.is_spent:
            return Checked(value=lane, diagnostics=tuple(diagnostics))
    return Checked(value=replace(lane, added=tuple(added)), diagnostics=tuple(diagnostics))


def _refuse(before: Document, data: dict[str, object], patch: LoadedPatch, plan: ReleasePlan) -> Diagnostic | None:
    path = _touched(before.data, data, plan.spec.lane.carrier.header)
    if path is None:
        return None
    return at_patch(
        patch,
        touching(patch, path),
        code="GC538",
        message=f"the patch changes `{show_path(path)}` of the gray `{before.identity.ref}`, which opens the lane",
        object=before.identity.ref,
        help="leave it out: who enters is said by `spec.traffic.rules`, and where by `spec.traffic.entries`",
    )


def _touched(before: dict[str, object], after: dict[str, object], header: str) -> Path | None:
    """Return a place that differs and that the gateway reads to open the lane, None where there is none."""
    for path in _WHOLE:
        if get(before, path) != get(after, path):
            return path
    had, has = get_map(before, _ANNOTATIONS), get_map(after, _ANNOTATIONS)
    for name in sorted({*had, *has}):
        if had.get(name) != has.get(name) and _opens(name, had.get(name), has.get(name), header):
            return (*_ANNOTATIONS, name)
    rules: Path = ("spec", "rules")
    old, new = get_list(before, rules), get_list(after, rules)
    if len(old) != len(new):
        return rules
    for at, (was, now) in enumerate(zip(old, new, strict=True)):
        for field in ("host", "http", "matches", "backendRefs"):
            if get(was, (field,)) != get(now, (field,)):
                return (*rules, at, field)
        if _changes(was, header) != _changes(now, header):
            return (*rules, at, "filters")
    return None


def _opens(name: str, before: object, after: object, header: str) -> bool:
    rest = next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), None)
    if rest is None:
        return name == CLASS_ANNOTATION
    if rest.startswith(_CONTROL):
        return _lines(before, header) != _lines(after, header)
    return rest.startswith(_WHO_ENTERS)


def _lines(value: object, header: str) -> list[str]:
    """Return the lines of a header control that name the lane's header."""
    lines = value.splitlines() if isinstance(value, str) else []
    return [line.strip() for line in lines if header.lower() in line.lower().replace(",", " ").split()]


def _changes(rule: object, header: str) -> list[object]:
    """Return what the filters of a rule do to the lane's header."""
    return [
        (verb, change)
        for item in get_list(rule, ("filters",))
        for verb in ("set", "add", "remove")
        for change in get_list(item, ("requestHeaderModifier", verb))
        if header.lower() == (change.lower() if isinstance(change, str) else get_text(change, ("name",)).lower())
    ]
