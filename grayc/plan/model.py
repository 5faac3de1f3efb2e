"""`ReleasePlan`: what a release copies, shares, leaves out and opens, and why. Everything later reads it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from grayc.documents import Chunk, Document, ObjectIdentity, ObjectKey, Path
from grayc.documents.tree import get_text, show_path
from grayc.k8s.gateways import GatewayName
from grayc.k8s.kinds import CLUSTER_SCOPED, CORE, GroupKind
from grayc.plan.read_as import ReadAs, read_as
from grayc.plan.reasons import Reason
from grayc.records import dataclass, field
from grayc.spec.model import Isolation, PatchTarget, ReleaseSpec, Rule, ServiceSpec


class Action(StrEnum):
    """What happens to a baseline object."""

    COPY = "copied"
    SHARE = "shared"
    LEAVE_OUT = "left out"
    OPEN = "opened"
    """An entry: the gateway makes its gray side from the rules."""
    COLOUR = "coloured"
    """An entry whose service is not released: requests get the lane's header and stay on the baseline service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A line of the plan.

    Attributes:
        service: name of the release's service it belongs to.
        gray_name: name of the copy, None where there is none.
    """

    document: Document
    service: str
    action: Action
    reason: Reason
    gray_name: str | None = None


class NamedState(StrEnum):
    """Where an object that a copy names is found."""

    GRAY = "gray"
    """The copy names the gray copy, unless its field stays with the baseline's."""
    SHARED = "shared"
    """The baseline's object is used as it is."""
    OUTSIDE = "outside"
    """No file holds it, and it is known who puts it into the cluster."""
    MISSING = "missing"
    """No file holds it, and nothing tells who puts it into the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An object that copies of a service name.

    Attributes:
        document: the first object whose copy names it.
        path: where it does.
        is_optional: pods start without it.
    """

    service: str
    document: Document
    path: Path
    target: ObjectKey
    state: NamedState
    reason: Reason
    is_optional: bool = False

    @property
    def namespace(self) -> str:
        """Its namespace, "" for what stands in none."""
        return "" if self.target.group_kind in CLUSTER_SCOPED else self.target.namespace

    @property
    def title(self) -> str:
        """`Kind/name`, and its namespace."""
        return f"{self.target.group_kind[1]}/{self.target.name}" + (f" in {self.namespace}" if self.namespace else "")

    @property
    def field(self) -> str:
        """Where it is named, as users write it."""
        return show_path(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An object that gets a gray copy."""

    document: Document
    service: ServiceSpec
    gray_name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CopiedNames:
    """The names that gray copies have, to be looked for in text.

    Attributes:
        gray: object → name of its gray copy.
        names: baseline names of all that have one.
        peers: copied headless Service → copied workloads whose pods have names behind it.
        read_as: under which names the copied workloads get keys of configuration.
    """

    gray: Mapping[ObjectKey, str]
    names: frozenset[str]
    peers: Mapping[ObjectKey, tuple[ObjectKey, ...]]
    read_as: ReadAs = field(default_factory=dict)

    @classmethod
    def of(cls, copies: Iterable[tuple[Document, str]]) -> "CopiedNames":
        """Return the names of copies, given as objects of the baseline and their gray names."""
        given = tuple(copies)
        gray: dict[ObjectKey, str] = {}
        behind: dict[ObjectKey, list[ObjectKey]] = {}
        for document, name in given:
            key = document.identity.key
            gray[key] = name
            # Source: apps/v1 StatefulSetSpec, and OpenKruise's: `serviceName`.
            service = get_text(document.data, ("spec", "serviceName"))
            if service and document.identity.kind == "StatefulSet":
                headless = ObjectKey(group_kind=(CORE, "Service"), namespace=key.namespace, name=service)
                behind.setdefault(headless, []).append(key)
        peers = {service: tuple(workloads) for service, workloads in behind.items() if service in gray}
        return cls(
            gray=gray,
            names=frozenset(key.name for key in gray),
            peers=peers,
            read_as=read_as(document for document, _ in given),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedPatch:
    """A patch with its content at hand; exactly one of `merge` and `operations` is set.

    Attributes:
        chunk: the text that holds the content: the release itself or the patch's own file.
        root: path of the content in `chunk`.
    """

    target: PatchTarget
    merge: dict[str, object] | None
    operations: tuple[dict[str, object], ...] | None
    chunk: Chunk
    root: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPath:
    """One host and path of an entry.

    Attributes:
        rule: position in the route's list of rules, as `analysis.routes.Backend` has it.
        path: position in that rule's list of paths or matches.
        baseline_service: the Service that it leads to.
        service: the release's service behind it; None where it is not released and requests are coloured only.
    """

    rule: int
    path: int
    host: str
    text: str
    baseline_service: str
    service: ServiceSpec | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry that the release opens.

    Attributes:
        document: the baseline's route, of the kind that the gateway's row names.
        owner: the service that the gray objects are labelled for.
        paths: what is opened, in the order of the route: all gray or all coloured only.
        gateway: opens it.
        controller: name of the one that reads an Ingress; "" for other kinds.
        parents: positions of the `parentRefs` through which an HTTPRoute is opened; None for all.
    """

    document: Document
    owner: ServiceSpec
    paths: tuple[EntryPath, ...]
    gateway: GatewayName
    controller: str = ""
    parents: tuple[int, ...] | None = None

    @property
    def coloured_only(self) -> bool:
        """Tell whether its requests stay on the baseline service."""
        return all(path.service is None for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """What follows from the copies of a plan alone.

    Attributes:
        at: place of the baseline's object → its copy.
    """

    copies: tuple[Copy, ...]
    copied: CopiedNames
    at: Mapping[tuple[str, int, Path], Copy]

    @classmethod
    def of(cls, copies: tuple[Copy, ...]) -> "_Known":
        copied = CopiedNames.of((copy.document, copy.gray_name) for copy in copies)
        return cls(copies=copies, copied=copied, at={copy.document.place: copy for copy in copies})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReleasePlan:
    """A whole plan.

    Attributes:
        baseline: every object of production, in order of place.
        copies: in the order of the spec's services, then of place.
        decisions: in the same order, with all objects that a released service owns or refers to.
        entries: in order of place.
        rules: in order of precedence; empty where the spec has no traffic.
        isolation: what `auto` came to.
        gray_names: object → name of its gray copy.
        copied: the same, with what text may say of it.
        relabelled: pod labels whose gray values get the lane's suffix; none where the isolation is `label`.
        patches: service name → its patches, in the order of the spec.
        changed_config: ConfigMap or Secret → the services whose `config` changes it, in the order of the spec.
        named: what the copies name, each object once for each service.
        beside: gray objects of other releases of the run and of lanes that output folders hold, where the baseline has
            a quota.
        headers_of_others: what rules of releases compiled with this one ask on its hosts and paths, in lower case.
        declared: Kustomizations and Applications near the release, where its objects have variables.
    """

    spec: ReleaseSpec
    baseline: tuple[Document, ...]
    copies: tuple[Copy, ...]
    decisions: tuple[Decision, ...]
    entries: tuple[Entry, ...]
    rules: tuple[Rule, ...]
    isolation: Isolation
    relabelled: tuple[str, ...]
    patches: Mapping[str, tuple[LoadedPatch, ...]]
    changed_config: Mapping[ObjectKey, tuple[ServiceSpec, ...]]
    named: tuple[Named, ...] = ()
    headers_of_others: frozenset[str] = frozenset()
    beside: tuple[Document, ...] = ()
    declared: tuple[Document, ...] = ()
    gray_names: Mapping[ObjectKey, str] = field(init=False)
    copied: CopiedNames = field(init=False, repr=False)
    _known: "_Known | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # A plan that was made from another with the same copies has that one's answers.
        if self._known is None or self._known.copies is not self.copies:
            object.__setattr__(self, "_known", _Known.of(self.copies))
        assert self._known is not None
        object.__setattr__(self, "copied", self._known.copied)
        object.__setattr__(self, "gray_names", self._known.copied.gray)

    @property
    def gateway(self) -> GatewayName:
        """The gateway that the entries are opened on.

        Raises:
            ValueError: the release has no traffic.
        """
        if self.spec.traffic is None:
            raise ValueError("no traffic, no gateway")
        return self.spec.traffic.gateway

    @property
    def gateways(self) -> tuple[GatewayName, ...]:
        """The gateways that entries are opened on, the release's own first; that one where no entry is opened.

        Empty for a release without traffic.
        """
        if self.spec.traffic is None:
            return ()
        own = self.spec.traffic.gateway
        used = tuple(dict.fromkeys(entry.gateway for entry in self.entries))
        return tuple(sorted(used, key=lambda gateway: gateway is not own)) or (own,)

    @property
    def _at(self) -> "Mapping[tuple[str, int, Path], Copy]":
        assert self._known is not None
        return self._known.at

    def key_of(self, identity: ObjectIdentity) -> ObjectKey:
        """Return an object's key."""
        return identity.key

    def copy_of(self, document: Document) -> Copy:
        """Return the plan's copy that a gray document was made from.

        Raises:
            KeyError: the document is no gray copy.
        """
        return self._at[document.place]

    def is_copy(self, document: Document) -> bool:
        """Tell whether a gray document was made from an object that gets a copy, or is that object."""
        return document.place in self._at

    def gray_name(self, group_kind: GroupKind, namespace: str, name: str) -> str | None:
        """Return the name of an object's gray copy, None where it has none."""
        home = namespace or self.spec.namespace or ""
        return self.gray_names.get(ObjectKey(group_kind=group_kind, namespace=home, name=name))


def key_of(spec: ReleaseSpec, identity: ObjectIdentity) -> ObjectKey:
    """Return an object's key: which namespace it is in was decided where the plan was made."""
    return identity.key
