"""What the witness of a build asks and finds: ways into a lane, and the requests that do not go where rules say."""

from fractions import Fraction

from grayc.analysis.traffic import Meaning
from grayc.driver.model import Release
from grayc.driver.witness_requests import Asked, Carried, Shape
from grayc.k8s.gateways import GatewayName
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass, field
from grayc.routing.model import Answer, Circumstances, ObjectRef
from grayc.routing.slices import Slice

MAX_REQUESTS = 4_000
"""Requests that one run asks."""

MAX_LOOKS = 1_000_000
"""Objects and conditions that one run compares requests with; counted, so that every machine asks the same."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """One path of an entry, and the request that comes in by it.

    Attributes:
        place: its host in lower case, and its path as written.
        circumstances: by which servers the request comes in.
        answer: where the request goes in production when it meets no rule.
        base: names of the Services that it leads to.
        gray: names of the gray copies of the Services that it leads to; empty where requests are coloured only.
        is_by_itself: without a rule it goes there with the lane too.
        is_sure: the path is opened to this request; else another may come in by it.
        is_of_others: production leads it to Services that the path does not lead to, by an object that is not opened.
    """

    entry: Entry
    place: tuple[str, str]
    part: Slice
    shape: Shape
    circumstances: Circumstances
    answer: Answer
    base: frozenset[str] = frozenset()
    gray: frozenset[str] = frozenset()
    is_sure: bool = True
    is_of_others: bool = False
    is_by_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failure:
    """A request that does not go where the rules say."""

    way: Way
    carried: Carried
    percent: int
    gray: Fraction
    answer: Answer
    production: Answer


@dataclass(slots=True, kw_only=True, eq=False)
class Lane:
    """A release that is asked."""

    release: Release
    meaning: Meaning
    asked: Asked
    ways: list[Way] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    of_others: dict[tuple[ObjectRef, ObjectRef], list[Failure]] = field(default_factory=dict)
    unproved: dict[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> ReleasePlan:
        """Its plan."""
        return self.release.plan

    def opens(self, gateway: GatewayName) -> bool:
        """Tell whether it has an entry on a gateway."""
        return any(entry.gateway is gateway for entry in self.plan.entries)

    def is_unproved(self, reason: str) -> None:
        """Count what could not be asked."""
        self.unproved[reason] = self.unproved.get(reason, 0) + 1
