"""Change what is right once and wrong twice, or wrong for one pod."""

from dataclasses import replace

from grayc.analysis.capacity import count_pods
from grayc.analysis.graph import is_workload
from grayc.analysis.selections import SelectableIndex, pods_of, selections
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import drop, get, get_map, get_text, put
from grayc.k8s.budgets import can_be_away
from grayc.k8s.kinds import CONFIG_KINDS, KEDA, POLICY
from grayc.passes.model import GrayCopy, Lane
from grayc.plan.model import ReleasePlan

_BUDGET = (POLICY, "PodDisruptionBudget")
_SCALED_OBJECT = (KEDA, "ScaledObject")
_SCALER_NAME = ("spec", "advanced", "horizontalPodAutoscalerConfig", "name")


def adapt_copies(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane, with copies changed that would fail or block beside their baseline objects.

    Running it twice changes nothing more.

    Diagnostics:
        GC451: `immutable` is left out of a copied ConfigMap or Secret.
        GC452: a copied PodDisruptionBudget would block every drain, which the baseline's does not.
        GC456: the name that a ScaledObject gives its HPA is left out.
    Source: core/v1 ConfigMap, `immutable`; policy/v1 PodDisruptionBudget; KEDA, "ScaledObject specification".
    """
    result: list[GrayCopy] = []
    diagnostics: list[Diagnostic] = []
    budgets = _Budgets(lane, plan)
    for gray in lane.copies:
        document = gray.document
        kind, data = document.identity.group_kind, document.data
        if kind in CONFIG_KINDS and data.get("immutable") is True:
            data = drop(data, ("immutable",))
            diagnostics.append(
                _note(
                    "GC451",
                    f"the gray copy of `{document.identity.ref}` is not immutable",
                    document,
                    ("immutable",),
                    "nothing to do; an immutable copy could not follow when the release changes",
                )
            )
        elif kind == _SCALED_OBJECT and get_text(data, _SCALER_NAME):
            data = drop(data, _SCALER_NAME)
            diagnostics.append(
                _note(
                    "GC456",
                    f"the gray copy of `{document.identity.ref}` leaves the name of its HPA to KEDA: the baseline has "
                    f"`{get_text(document.data, _SCALER_NAME)}`",
                    document,
                    _SCALER_NAME,
                    "nothing to do; KEDA names it `keda-hpa-` and the name of the ScaledObject",
                )
            )
        elif kind == _BUDGET and (path := budgets.blocked_by(gray)) is not None:
            data = put(drop(data, path), ("spec", "maxUnavailable"), 1)
            pods = budgets.gray_pods(document)
            diagnostics.append(
                _note(
                    "GC452",
                    f"the gray copy of `{document.identity.ref}` lets one pod be away: with {pods} gray "
                    f"pod{'' if pods == 1 else 's'}, `{path[-1]}: {get(document.data, path)}` would block every "
                    "drain of their nodes",
                    document,
                    path,
                    "nothing to do; or give the service as many `replicas` as it needs to keep the budget",
                )
            )
        result.append(gray if data is document.data else replace(gray, document=replace(document, data=data)))
    return Checked(value=replace(lane, copies=tuple(result)), diagnostics=tuple(diagnostics))


def _note(code: str, message: str, document: Document, path: Path, help: str) -> Diagnostic:
    return at_object(
        document,
        path,
        code=code,
        message=message,
        help=help,
    )


class _Budgets:
    """How many pods each budget is about, in the lane and in the baseline; counted when one is asked for."""

    def __init__(self, lane: Lane, plan: ReleasePlan) -> None:
        self._plan = plan
        self._sides: dict[bool, tuple[Document, ...]] = {True: lane.copied, False: plan.baseline}
        self._indexes: dict[bool, SelectableIndex] = {}
        self._counts: dict[bool, dict[object, int]] = {}

    def gray_pods(self, budget: Document) -> int:
        """Return the pods of the lane that a gray budget is about."""
        return self._pods(budget, is_gray=True)

    def blocked_by(self, gray: GrayCopy) -> Path | None:
        """Return the field by which a gray budget lets no pod be away, where the baseline's lets some be."""
        budget, original = gray.document, gray.copy.document
        pods = self._pods(budget, is_gray=True)
        if not pods or can_be_away(get_map(budget.data, ("spec",)), pods) != 0:
            return None
        if not can_be_away(get_map(original.data, ("spec",)), self._pods(original, is_gray=False)):
            return None
        return ("spec", "minAvailable" if get(budget.data, ("spec", "minAvailable")) is not None else "maxUnavailable")

    def _pods(self, budget: Document, *, is_gray: bool) -> int:
        if is_gray not in self._indexes:
            side = self._sides[is_gray]
            self._indexes[is_gray] = SelectableIndex(pods_of(side, self._plan.key_of))
            counted = count_pods(side, self._plan)
            self._counts[is_gray] = {
                item.place: counted[self._plan.key_of(item.identity)].low for item in side if is_workload(item)
            }
        return sum(
            self._counts[is_gray][pods.document.place]
            for selection in selections(budget, self._plan.key_of)
            for pods in self._indexes[is_gray].selected_by(selection)
        )
