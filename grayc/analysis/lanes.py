"""A lane as the lanes beside it are held against it: made by a spec of this run, or held by an output folder."""

from collections.abc import Iterable, Mapping

from grayc.analysis import traffic
from grayc.documents import Document
from grayc.documents.mesh_claim import MeshClaim
from grayc.documents.tree import get, get_list, get_text
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, field
from grayc.spec.model import Part, Rule

Place = tuple[str, str, str, str, str, str]
"""Gateway, controller, namespace of the route's object, host, path type and path."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownLane:
    """A lane, made by this run or held by a folder.

    Attributes:
        name: of the release.
        documents: its gray objects.
        places: what it opens → the baseline's route; None where this run did not read it for the lane.
        asks: headers that its rules ask at any step, in lower case.
        mesh: hosts whose calls it leads.
        plan: None for a lane that a folder holds.
        folder: that holds it, as the user would write it; "" for a lane of this run.
        command: builds it again; "" for a lane of this run.
    """

    name: str
    tag: str
    documents: tuple[Document, ...]
    places: Mapping[Place, Document | None] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    asks: frozenset[str] = frozenset()
    mesh: tuple[MeshClaim, ...] = ()
    plan: ReleasePlan | None = None
    folder: str = ""
    command: str = ""

    @property
    def title(self) -> str:
        """How findings call it."""
        return f"`{self.name}` in `{self.folder}`" if self.folder else f"`{self.name}`"


def planned_lane(plan: ReleasePlan, documents: Iterable[Document] = (), mesh: tuple[MeshClaim, ...] = ()) -> KnownLane:
    """Return a release of this run as others are held against it."""
    return KnownLane(
        name=plan.spec.name,
        tag=plan.spec.tag,
        documents=tuple(documents),
        places=places_of(plan),
        rules=plan.rules,
        asks=asks_of(plan),
        mesh=mesh,
        plan=plan,
    )


def places_of(plan: ReleasePlan) -> dict[Place, Document | None]:
    """Return what a release opens → the baseline's route."""
    return {
        (
            entry.gateway.value,
            entry.controller,
            plan.key_of(entry.document.identity).namespace,
            path.host,
            _path_type(entry.document, path.rule, path.path),
            path.text,
        ): entry.document
        for entry in plan.entries
        for path in entry.paths
    }


def asks_of(plan: ReleasePlan) -> frozenset[str]:
    """Return the headers that a release's rules ask at any step, in lower case."""
    rules = (rule for rules in (plan.rules, *(step.rules for step in plan.spec.steps)) for rule in rules)
    return frozenset(ask.place[1] for rule in rules for ask in traffic.asks_of(rule) if ask.part is Part.HEADER)


def asked_beside(lanes: Iterable[KnownLane]) -> dict[str, frozenset[str]]:
    """Return name of a lane → headers that the others ask on its hosts and paths, in lower case."""
    every = tuple(lanes)
    # Header → lanes, on one host and path.
    asked: dict[tuple[str, str], dict[str, set[str]]] = {}
    for lane in every:
        for host, path in {(place[3], place[5]) for place in lane.places}:
            headers = asked.setdefault((host, path), {})
            for name in lane.asks:
                headers.setdefault(name, set()).add(lane.name)
    found: dict[str, set[str]] = {lane.name: set() for lane in every}
    for lane in every:
        for host, path in {(place[3], place[5]) for place in lane.places}:
            for name, names in asked[host, path].items():
                if len(names) > (lane.name in names):
                    found[lane.name].add(name)
    return {name: frozenset(headers) for name, headers in found.items()}


def _path_type(route: Document, rule: int, path: int) -> str:
    at = get(route.data, ("spec", "rules", rule)) or get(route.data, ("spec", "http", rule))
    ingress = get_list(at, ("http", "paths"))
    if ingress:
        return get_text(ingress[path], ("pathType",))
    matches = get_list(at, ("matches",)) or get_list(at, ("match",))
    match = matches[path] if matches else {}
    uri = get(match, ("uri",))
    return get_text(match, ("path", "type")) or (next(iter(uri)) if isinstance(uri, dict) and uri else "")
