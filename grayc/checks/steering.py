"""No controller of a gray object changes production, and none of production takes the lane for its own."""

from collections.abc import Iterator, Mapping

from grayc.analysis.graph import references_of
from grayc.analysis.selections import Namespaces, SelectableIndex, namespace_labels, pods_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get_list, get_map, get_text, show_path
from grayc.k8s.experiments import POD_EXPERIMENTS, experiment_selectors
from grayc.k8s.gateways import VIRTUAL_SERVICE
from grayc.k8s.kinds import ARGO, AUTOSCALING, KEDA
from grayc.k8s.queues import TRIGGERS
from grayc.k8s.scalers import OWN_METRICS, OWN_TRIGGERS
from grayc.k8s.steering import TRAFFIC_ROUTING, WRITES
from grayc.plan.model import ReleasePlan


def check_steering(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return gray objects by which a controller would change production, and what counts or breaks the wrong pods.

    Diagnostics:
        GC355: a gray scaler counts what production does.
        GC356: an experiment on production breaks gray pods too.
        GC488: the controller of a gray object would change an object of production.
        GC547: production's controller would write into the lane's routes.
    Source: the tables of `k8s.steering`, `k8s.scalers` and `k8s.experiments`.
    """
    gray = {plan.key_of(document.identity): document for document in documents}
    copies = [document for document in documents if plan.is_copy(document)]
    return (
        *(found for document in copies for found in _written(document, gray, plan)),
        *(found for document in copies for found in _loads(document, gray, plan)),
        *_experiments(documents, plan),
        *_unnamed_routes(plan),
    )


def _unnamed_routes(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the Rollouts that find their route in an opened VirtualService only while it is the one there is.

    Source: argoproj/argo-rollouts v1.8.3 rollout/trafficrouting/istio/istio.go: without `routes` the first route with
    no name is theirs (getHttpRouteIndexesToPatch), and several routes are refused (ValidateHTTPRoutes).
    """
    opened = {
        (plan.key_of(entry.document.identity).namespace, entry.document.identity.name): entry
        for entry in plan.entries
        if entry.document.identity.group_kind == VIRTUAL_SERVICE
    }
    if not opened:
        return
    for document in plan.baseline:
        if document.identity.group_kind != (ARGO, "Rollout"):
            continue
        home = plan.key_of(document.identity).namespace
        base: Path = (*TRAFFIC_ROUTING, "istio")
        listed = get_list(document.data, (*base, "virtualServices"))
        ways: list[tuple[Path, object]] = [((*base, "virtualServices", at), way) for at, way in enumerate(listed)]
        ways.append(((*base, "virtualService"), get_map(document.data, (*base, "virtualService"))))
        for path, way in ways:
            name, _, elsewhere = get_text(way, ("name",)).partition(".")
            entry = opened.get((elsewhere or home, name))
            if entry is None or any(get_list(way, (kind,)) for kind in ("routes", "tlsRoutes", "tcpRoutes")):
                continue
            yield at_object(
                document,
                (*path, "name"),
                code="GC547",
                message=f"`{document.identity.ref}` of production lists no `routes`, so it takes VirtualService "
                f"`{name}` to have one route: with the lane's routes in it, Argo Rollouts looks at the lane's, and "
                "production's rollout stops",
                notes=(Note(message="the entry", span=entry.document.span(("metadata", "name"))),),
                help=f"give production's route of `{name}` a `name`, and list it in `{show_path((*path, 'routes'))}`; "
                "or accept it where nothing is rolled out while the lane is there",
            )


def _written(document: Document, gray: Mapping[ObjectKey, Document], plan: ReleasePlan) -> Iterator[Diagnostic]:
    fields = WRITES.get(document.identity.group_kind)
    if not fields:
        return
    for reference in references_of(document, plan.spec):
        target = reference.target
        if reference.row.pattern in fields and target not in gray:
            kind = target.group_kind[1]
            yield at_object(
                document,
                reference.path,
                code="GC488",
                message=f"the controller of gray `{document.identity.ref}` would change production's "
                f"`{kind}/{target.name}`, which `{show_path(reference.path)}` names",
                help=f"let the service have a gray copy of `{kind}/{target.name}` (put it beside the object that names "
                "it, or take it out of `share`), or take the field out of the copy with a patch",
            )


def _loads(document: Document, gray: Mapping[ObjectKey, Document], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the measures of a scaler that are not of its own pods; consumers of queues are reported elsewhere."""
    before = plan.copy_of(document).document
    if document.identity.group_kind == (AUTOSCALING, "HorizontalPodAutoscaler"):
        followed = {item.path: item.target in gray for item in references_of(document, plan.spec)}
        for at, metric in enumerate(get_list(document.data, ("spec", "metrics"))):
            kind = get_text(metric, ("type",))
            path: Path = ("spec", "metrics", at)
            named: Path = (*path, "object", "describedObject", "name")
            if not kind or kind in OWN_METRICS or followed.get(named):
                continue
            yield _counts(document, path, f"`{kind}` metric `{get_text(metric, (kind.lower(), 'metric', 'name'))}`")
    elif document.identity.group_kind == (KEDA, "ScaledObject"):
        original = get_list(before.data, ("spec", "triggers"))
        for at, trigger in enumerate(get_list(document.data, ("spec", "triggers"))):
            kind = get_text(trigger, ("type",))
            if not kind or kind in OWN_TRIGGERS or kind in TRIGGERS:
                continue
            if at >= len(original) or get_map(trigger, ("metadata",)) != get_map(original[at], ("metadata",)):
                continue  # A patch of the release says what it counts.
            asked = [key for key in ("query", "podSelector") if get_text(trigger, ("metadata", key))]
            what = f" with `{asked[0]}: {get_text(trigger, ('metadata', asked[0]))}`" if asked else ""
            yield _counts(document, ("spec", "triggers", at), f"trigger `{kind}`{what}")


def _counts(document: Document, path: Path, what: str) -> Diagnostic:
    return at_object(
        document,
        path,
        code="GC355",
        message=f"gray `{document.identity.ref}` scales by the {what}, which counts production's load and not the "
        "lane's",
        help="write `autoscaling: none` in the service to leave its scaler out, bound it with `autoscaling`, name what "
        "the lane does in a patch, or accept the finding",
    )


def _experiments(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    suspects = [item for item in plan.baseline if item.identity.group in POD_EXPERIMENTS]
    if not suspects:
        return
    index = SelectableIndex(pods_of(documents), namespace_labels(plan.baseline))
    for document in suspects:
        own = plan.key_of(document.identity).namespace
        for selector in experiment_selectors(document.identity.group, document.data):
            names = frozenset(selector.namespaces or (own,))
            found = index.matching(selector.field, selector.value, Namespaces(names))
            if found:
                yield at_object(
                    document,
                    selector.path,
                    code="GC356",
                    message=f"`{document.identity.ref}` of production breaks gray pods too: it selects those of "
                    f"`{found[0].document.identity.ref}`"
                    + (f" and {len(found) - 1} more workloads" if len(found) > 1 else ""),
                    notes=(
                        Note(
                            message="the gray pods' labels come from here",
                            span=found[0].document.span(("metadata", "name")),
                        ),
                    ),
                    help="add a label that gray pods do not have to its selector, or accept the finding",
                )
                break
