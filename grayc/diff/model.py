"""`Difference`: what changed between two sets of objects. Values of secrets are masked already."""

from enum import StrEnum

from grayc.documents import ObjectIdentity
from grayc.records import dataclass, field


class Risk(StrEnum):
    """What a change can do, the gravest first; the order of every list of changes."""

    ENTRY = "entry"
    SELECTOR = "selector"
    ACCESS = "access"
    IMAGE = "image"
    COMMAND = "command"
    ENV = "env"
    CONFIG = "config"
    OTHER = "other"
    NETWORK = "network"
    REPLICAS = "replicas"
    RESOURCES = "resources"
    PLACEMENT = "placement"
    LABEL = "label"
    ANNOTATION = "annotation"

    @property
    def rank(self) -> int:
        """Place in the order, 0 for the gravest."""
        return _RANKS[self]

    @property
    def reason(self) -> str:
        """Why such a change counts."""
        return REASONS[self]


REASONS: dict[Risk, str] = {
    Risk.ENTRY: "which requests go where",
    Risk.SELECTOR: "which pods get the requests",
    Risk.ACCESS: "what pods may do and reach",
    Risk.IMAGE: "which program runs",
    Risk.COMMAND: "how the program is started and stopped",
    Risk.ENV: "the program's variables",
    Risk.CONFIG: "the program's files and settings",
    Risk.OTHER: "a field without a class of its own",
    Risk.NETWORK: "ports, addresses and probes",
    Risk.REPLICAS: "how many pods there are",
    Risk.RESOURCES: "what a pod may use",
    Risk.PLACEMENT: "which nodes pods run on",
    Risk.LABEL: "labels",
    Risk.ANNOTATION: "annotations",
}
_RANKS = {risk: at for at, risk in enumerate(Risk)}


class Change(StrEnum):
    """What happened to an object or to a field."""

    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a text of several lines that differs: `-` is gone, `+` is new."""

    sign: str
    text: str


class Cause(StrEnum):
    """Why a field of a lane changes, where production moved since it was built."""

    PRODUCTION = "production"
    RELEASE = "release"
    BOTH = "both"
    """Production says something else there, and the release says yet another thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs.

    Attributes:
        path: such as `spec.template.spec.containers[cart].image`.
        before: plain data with secrets masked; None where the field is added.
        after: the same; None where it is removed.
        lines: what differs between two texts of several lines; `before` and `after` hold them whole.
        is_secret: a value, or a part of it, is masked.
        cause: None where nobody asked, or nobody can tell.
    """

    path: str
    change: Change
    risk: Risk
    before: object = None
    after: object = None
    lines: tuple[Line, ...] = ()
    is_secret: bool = False
    cause: Cause | None = None


class Expected(StrEnum):
    """What a lane changes in every copy, and what is folded for that."""

    NAME = "name"
    NAMESPACE = "namespace"
    LABELS = "laneLabels"
    RELABELLED = "relabelled"
    REFERENCES = "references"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One object that differs.

    Attributes:
        fields: the gravest first. Of an object that is added, what matters most of it; of one that is gone, nothing.
        risk: of the gravest change.
        baseline: the object that it is a copy of; None where it is not compared with one.
        expected: what is folded → how many fields.
        wanted: why the release wants this of the baseline's own object, which no build changes; "" elsewhere.
    """

    identity: ObjectIdentity
    change: Change
    risk: Risk
    fields: tuple[FieldChange, ...] = ()
    baseline: ObjectIdentity | None = None
    expected: tuple[tuple[Expected, int], ...] = ()
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A copy that differs from its original as expected and in nothing else."""

    identity: ObjectIdentity
    baseline: ObjectIdentity
    expected: tuple[tuple[Expected, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedField:
    """A field of production that is not as it was when the lane was built.

    Attributes:
        is_hidden: the lane says something else there, so what production says now does not come into it.
    """

    field: FieldChange
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An object of production that is not as it was when the lane was built.

    Attributes:
        key: how the inventory names it: `Deployment.apps shop/web`.
        change: `ADDED` where the lane did not use it then.
        fields: the gravest first; None where nobody knows what it said then.
        is_copied: the lane has a copy; otherwise it uses the object itself.
    """

    key: str
    change: Change
    fields: tuple[MovedField, ...] | None = None
    is_copied: bool = True


class Question(StrEnum):
    """What is compared with what."""

    BUILD = "build"
    """What a build would change in an output folder."""
    BASELINE = "baseline"
    """Gray copies with what they are copies of."""
    REVISION = "revision"
    """An output folder at a revision with the one now."""
    STEP = "step"
    """One step of a rollout with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The answer.

    Attributes:
        before: what the old side is, in words.
        after: what the new side is.
        objects: that differ, the gravest first.
        folded: copies that differ as expected only, by identity.
        unchanged: how many objects are the same on both sides.
        moves: what of production is not as it was when the old side was built, by key.
    """

    question: Question
    before: str
    after: str
    objects: tuple[ObjectChange, ...] = ()
    folded: tuple[Folded, ...] = field(default=())
    unchanged: int = 0
    moves: tuple[Move, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether both sides are the same, and production is as it was."""
        return not self.objects and not self.moves

    def count(self, change: Change) -> int:
        """Return how many objects were changed so."""
        return sum(item.change is change for item in self.objects)

    def at_risk(self, risk: Risk) -> tuple[ObjectChange, ...]:
        """Return the objects with a change of this class."""
        return tuple(item for item in self.objects if risk in risks_of(item))


def risks_of(item: ObjectChange) -> frozenset[Risk]:
    """Return the classes of an object's changes."""
    return frozenset((item.risk, *(change.risk for change in item.fields)))


def identity_data(identity: ObjectIdentity) -> dict[str, object]:
    """Return an object's identity as plain data."""
    return {
        "apiVersion": identity.api_version,
        "kind": identity.kind,
        "namespace": identity.namespace or None,
        "name": identity.name,
    }
