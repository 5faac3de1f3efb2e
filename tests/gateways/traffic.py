"""What the gateway tests ask and what they are told: requests, and where they went.

Shares are exact: a gateway's weights are fractions, and the tests that count requests say so themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.manifests import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as a client sends it; a header may stand several times."""

    host: str = "h.test"
    path: str = "/x"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Answer:
    """How a request ended.

    Attributes:
        service: `namespace/name` of the Service that answered, empty where the gateway itself did.
        status: HTTP status; a Service always answers 200.
        seen: request headers as the Service received them, names in lower case, sorted, without those that every
            proxy adds; empty where no Service answered.
        path: the path as the Service received it, empty where no Service answered.
    """

    service: str
    status: int
    seen: tuple[tuple[str, str], ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that can happen to one request.

    Attributes:
        shares: answers and the share of requests that get them, sorted by answer; the shares sum to one.
        refused: the gateway's own words where it takes no configuration at all from these objects, else empty.
    """

    shares: tuple[tuple[Answer, Fraction], ...] = ()
    refused: str = ""

    def destinations(self) -> dict[str, Fraction]:
        """Return the share of every Service's short name, of a status such as `404` where no Service answers.

        A configuration that the gateway refuses is `{"REJECT": 1}`.
        """
        if self.refused:
            return {"REJECT": Fraction(1)}
        found: dict[str, Fraction] = {}
        for answer, share in self.shares:
            name = answer.service.rpartition("/")[2] or str(answer.status)
            found[name] = found.get(name, Fraction(0)) + share
        return found

    def only(self) -> Answer:
        """Return the answer that every such request gets; an error where there are several."""
        assert not self.refused, self.refused
        assert len(self.shares) == 1, self.shares
        return self.shares[0][0]

    def headers_of(self, service: str) -> dict[str, list[str]]:
        """Return the headers that the Service of this short name receives, its values in their order."""
        found: dict[str, list[str]] = {}
        answers = [answer for answer, _ in self.shares if answer.service.rpartition("/")[2] == service]
        assert len(answers) == 1, self.shares
        for name, value in answers[0].seen:
            found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Objects that make one gateway's whole configuration, and requests to it.

    Attributes:
        manifests: YAML text of all objects.
        requests: what to ask.
        without_endpoints: Services, `namespace/name`, that have no ready endpoint.
    """

    manifests: str
    requests: tuple[Request, ...]
    without_endpoints: frozenset[str] = frozenset()


def outcome_of(shares: Iterable[tuple[Answer, Fraction]]) -> Outcome:
    """Return the outcome of these shares, equal answers added up."""
    total: dict[Answer, Fraction] = {}
    for answer, share in shares:
        total[answer] = total.get(answer, Fraction(0)) + share
    return Outcome(shares=tuple(sorted((answer, share) for answer, share in total.items() if share)))


def by_age(objects: Iterable[Object], name: Callable[[Object], str]) -> list[Object]:
    """Return objects from the oldest to the youngest, those of one age by `name`.

    An object without a creation time is younger than all that have one, and younger than those before it.
    """

    def key(placed: tuple[int, Object]) -> tuple[str, str]:
        place, entry = placed
        return str(entry["metadata"].get("creationTimestamp") or f"~{place:06}"), name(entry)

    return [entry for _, entry in sorted(enumerate(objects), key=key)]


def identity(entry: Object) -> str:
    """Return `namespace/name` of an object."""
    return f"{entry['metadata'].get('namespace', 'default')}/{entry['metadata']['name']}"


def within_three_errors(counts: Mapping[str, int], shares: Mapping[str, Fraction]) -> bool:
    """Say whether counted answers agree with expected shares, each within three standard errors."""
    total = sum(counts.values())
    if set(counts) - {name for name, share in shares.items() if share}:
        return False
    for name, share in shares.items():
        error = (float(share) * (1 - float(share)) / total) ** 0.5
        if abs(counts.get(name, 0) / total - float(share)) > 3 * error:
            return False
    return True
