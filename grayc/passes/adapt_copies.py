"""Change what is right once and wrong twice, or wrong for one pod."""

from grayc.analysis.capacity import count_pods
from grayc.analysis.graph import is_workload, references_of
from grayc.analysis.selections import SelectableIndex, pods_of, selections
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import drop, get, get_map, get_text, matches, put, show_path
from grayc.k8s.budgets import can_be_away
from grayc.k8s.kinds import ARGO, CONFIG_KINDS, KEDA, POLICY
from grayc.k8s.steering import MADE_NAMES, ROUTED_FIELDS, SPARE_SERVICES, TRAFFIC_ROUTING
from grayc.passes.model import GrayCopy, Lane
from grayc.plan.model import ReleasePlan
from grayc.records import replace

_BUDGET = (POLICY, "PodDisruptionBudget")
_SCALED_OBJECT = (KEDA, "ScaledObject")
_ROLLOUT = (ARGO, "Rollout")
_CANARY = TRAFFIC_ROUTING[:-1]
_SCALER_NAME = ("spec", "advanced", "horizontalPodAutoscalerConfig", "name")


def adapt_copies(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane, with copies changed that would fail or block beside their baseline objects.

    Running it twice changes nothing more.

    Diagnostics:
        GC451: `immutable` is left out of a copied ConfigMap or Secret.
        GC452: a copied PodDisruptionBudget would block every drain, which the baseline's does not.
        GC456: the name that a ScaledObject gives its HPA is left out.
        GC489: a Rollout leaves out what steers production.
    Source: core/v1 ConfigMap, `immutable`; policy/v1 PodDisruptionBudget; KEDA, "ScaledObject specification"; Argo
    Rollouts, the tables of `k8s.steering`.
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
        elif kind == _ROLLOUT:
            data, said = _without_steering(document, plan)
            diagnostics += said
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


def _without_steering(document: Document, plan: ReleasePlan) -> tuple[dict[str, object], tuple[Diagnostic, ...]]:
    """Return a Rollout that changes the lane alone, and what is said of it.

    One that shifts traffic gets a plain strategy: the entries of the lane lead to it, and a new version of it replaces
    the old one at once. Services that have no gray copy are left out where the controller can do without.
    """
    references = tuple(references_of(document, plan.spec))
    data = document.data
    said: list[Diagnostic] = []
    if get(data, TRAFFIC_ROUTING) is not None:
        left = [field for field in ROUTED_FIELDS if get(data, (*_CANARY, field)) is not None]
        steered = [item for item in references if item.path[: len(TRAFFIC_ROUTING)] == TRAFFIC_ROUTING]
        first = steered[0].path if steered else TRAFFIC_ROUTING
        names = list(dict.fromkeys(f"`{item.target.group_kind[1]}/{item.target.name}`" for item in steered))
        for field in left:
            data = drop(data, (*_CANARY, field))
        said.append(
            _note(
                "GC489",
                f"the gray copy of `{document.identity.ref}` has no `{'`, `'.join(left)}`: by "
                f"`{show_path(first[len(_CANARY) :])}` its controller would rewrite "
                f"{', '.join(names) or 'routes'} of production",
                document,
                first,
                "nothing to do; the lane's entries lead to it, and a new version of it replaces the old one at once",
            )
        )
    for pattern in MADE_NAMES:
        for path, name in tuple(matches(data, pattern)):
            data = drop(data, path)
            said.append(
                _note(
                    "GC489",
                    f"the gray copy of `{document.identity.ref}` leaves the name of an experiment's Service to its "
                    f"controller: production's experiment makes `{name}`",
                    document,
                    path,
                    "nothing to do; the controller makes up a name",
                )
            )
    for path in SPARE_SERVICES:
        named = next((item for item in references if item.path == path), None)
        if named is not None and named.target not in plan.gray_names:
            data = drop(data, path)
            said.append(
                _note(
                    "GC489",
                    f"the gray copy of `{document.identity.ref}` has no `{path[-1]}`: its controller would point "
                    f"`Service/{named.target.name}` of production at gray pods",
                    document,
                    path,
                    "nothing to do; or let the service have a copy of that Service: take it out of `share`, or put it "
                    "beside the Rollout",
                )
            )
    return data, tuple(said)


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
            self._indexes[is_gray] = SelectableIndex(pods_of(side))
            counted = count_pods(side, self._plan)
            self._counts[is_gray] = {
                item.place: counted[self._plan.key_of(item.identity)].low for item in side if is_workload(item)
            }
        return sum(
            self._counts[is_gray][pods.document.place]
            for selection in selections(budget)
            for pods in self._indexes[is_gray].selected_by(selection)
        )
