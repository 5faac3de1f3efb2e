"""What `grayc plan` shows of a release besides its plan."""

from collections.abc import Mapping

from grayc.analysis.capacity import Capacity, Pods, capacity_of, pods_of_services
from grayc.analysis.carried import Carrier
from grayc.analysis.chain import CallGraph, Route
from grayc.analysis.graph import is_workload
from grayc.analysis.named_services import NamedCalls
from grayc.analysis.propagation import Passing
from grayc.analysis.registrations import lasting_of
from grayc.analysis.stores import Store, orphans_of, shared_stores
from grayc.analysis.work_rows import WorkRow, rows_of
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.k8s.kinds import CORE
from grayc.plan.model import NamedState, ReleasePlan
from grayc.records import dataclass, field
from grayc.spec.model import Rule, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPreview:
    """A step of the rollout.

    Attributes:
        found: what a build of it would be refused for, and what its gray pods are too few for.
        pods: service → of its gray workloads together; empty where they could not be made.
        is_seen: it was looked at; of a long rollout only the first steps are.
    """

    step: Step
    found: tuple[Diagnostic, ...]
    pods: Mapping[str, Pods]
    is_seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshHost:
    """A Service whose calls the lane leads in a mesh, and where the routes of all lanes to it stand.

    Attributes:
        service: namespace and name.
        file: of the output folder, that belongs to all lanes; "" where production's own objects have all routes.
        routes: production's objects that get routes, `VirtualService.networking.istio.io shop/cart`.
        lanes: tags of all lanes that have a route there, this one's among them.
    """

    service: tuple[str, str]
    file: str
    routes: tuple[str, ...]
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A request that meets a rule of the release.

    Attributes:
        is_https: its entry serves TLS.
        without: headers that clients send by themselves and that it must not have.
    """

    rule: Rule
    method: str
    host: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    is_https: bool
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preview:
    """A release before it is built.

    Attributes:
        capacity: what its gray objects ask for; None where they could not be made.
        routes: its call paths, hop by hop.
        edges: the calls to its services that addresses show; None where no address carries its calls.
        passing: service → what passes the lane's header on there; empty where an agent routes the calls and the release
            says nothing, and where addresses carry them.
        steps: of its rollout, in order.
        work: that comes without a request, by service.
        lasting: instances that stay in a registry when the lane's pods are gone, in words.
        stores: that gray pods share with production.
        orphans: Services of stores that no text names.
        unread: Secrets that no file holds, which gray containers read → the services that do.
        mesh: hosts of the mesh.
        entering: requests that enter the lane.
    """

    plan: ReleasePlan
    capacity: Capacity | None
    routes: tuple[Route, ...]
    steps: tuple[StepPreview, ...]
    work: tuple[WorkRow, ...] = ()
    lasting: tuple[str, ...] = ()
    edges: NamedCalls | None = None
    passing: tuple[tuple[str, Passing], ...] = ()
    stores: tuple[Store, ...] = ()
    orphans: tuple[str, ...] = ()
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mesh: tuple[MeshHost, ...] = ()
    entering: tuple[Entering, ...] = ()


def preview_step(
    step: Step, plan: ReleasePlan | None, documents: tuple[Document, ...] | None, found: tuple[Diagnostic, ...]
) -> StepPreview:
    """Return what is to be shown of a step, of its plan, and of the gray documents that were made of it."""
    pods = pods_of_services(capacity_of(documents, plan)) if plan is not None and documents is not None else {}
    return StepPreview(step=step, found=found, pods=pods)


def make_preview(
    plan: ReleasePlan,
    documents: tuple[Document, ...] | None,
    steps: tuple[StepPreview, ...] = (),
    mesh: tuple[MeshHost, ...] = (),
) -> Preview:
    """Return what is to be shown of a plan and of the gray documents that were made of it."""
    carrier = Carrier(plan, documents)
    graph = CallGraph(plan)
    is_shown = not carrier.is_by_address and (not carrier.has_agent or plan.spec.lane.propagation)
    made = tuple(copy.document for copy in plan.copies) if documents is None else documents
    # Which addresses the copies are given is known once they are made.
    is_told = documents is not None or not carrier.is_by_address
    return Preview(
        plan=plan,
        capacity=None if documents is None else capacity_of(documents, plan),
        routes=graph.routes(carrier) if plan.spec.calls and is_told else (),
        edges=carrier.named_calls() if is_told else None,
        passing=tuple((name, carrier.passing(graph.side(name))) for name in graph.senders()) if is_shown else (),
        steps=steps,
        work=rows_of(made, plan),
        stores=shared_stores(made, plan).stores(),
        orphans=orphans_of(plan),
        unread=_unread(plan),
        mesh=mesh,
        lasting=() if documents is None else lasting_of(documents, plan),
    )


def _unread(plan: ReleasePlan) -> dict[str, tuple[str, ...]]:
    """Return the Secrets that containers read and no file holds: what stands in them is not seen.

    What images are pulled with is no setting.
    """
    found: dict[str, list[str]] = {}
    for row in plan.named:
        if (
            row.target.group_kind == (CORE, "Secret")
            and row.state in (NamedState.OUTSIDE, NamedState.MISSING)
            and is_workload(row.document)
            and "imagePullSecrets" not in row.path
        ):
            found.setdefault(row.target.name, []).append(row.service)
    return {name: tuple(found[name]) for name in sorted(found)}
