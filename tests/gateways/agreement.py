"""grayc's simulator beside a real gateway: the same cases, and every request on which the two differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from grayc.documents import parse_documents
from grayc.routing import model
from grayc.source import SourceFile
from tests.gateways.traffic import Case, Outcome, Request

Met = dict[tuple[str, tuple[tuple[str, str], ...]], Fraction]
"""Share of every Service's short name, or status, together with the request headers that it receives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One request on which the simulator and the gateway do not agree."""

    manifests: str
    request: Request
    simulated: Met
    real: Met
    why: tuple[str, ...]


def differences(
    simulator: model.Simulator, cases: Sequence[Case], outcomes: Sequence[Sequence[Outcome]]
) -> list[Difference]:
    """Return every request of the cases that the simulator sends elsewhere, or with other headers, than the gateway.

    Args:
        outcomes: what the real gateway did, as `outcomes` of the gateway's module returns it.
    """
    found: list[Difference] = []
    for case, listed in zip(cases, outcomes, strict=True):
        documents = parse_documents(SourceFile(name="case.yaml", text=case.manifests)).value
        assert documents is not None, case.manifests
        router = simulator(documents)
        names = frozenset(name.rpartition("/")[2] for name in case.without_endpoints)
        for request, outcome in zip(case.requests, listed, strict=True):
            answer = router.route(asked(request), model.Circumstances(no_endpoints=names))
            simulated, real = of_answer(answer, request), of_outcome(outcome)
            if simulated != real:
                difference = Difference(
                    manifests=case.manifests, request=request, simulated=simulated, real=real, why=answer.why
                )
                found.append(difference)
    return found


def asked(request: Request) -> model.Request:
    """Return the request as the simulator reads it."""
    path, _, query = request.path.partition("?")
    host = request.host.partition(":")[0].lower()
    return model.Request(method=request.method, host=host, path=path, query=query, headers=request.headers)


def of_outcome(outcome: Outcome) -> Met:
    """Return what the gateway did; a refused configuration is `REJECT`."""
    if outcome.refused:
        return {("REJECT", ()): Fraction(1)}
    found: Met = {}
    for answer, share in outcome.shares:
        name = answer.service.rpartition("/")[2] or str(answer.status)
        key = name, _joined(answer.seen)
        found[key] = found.get(key, Fraction(0)) + share
    return found


def of_answer(answer: model.Answer, request: Request) -> Met:
    """Return what the simulator says, in the gateway's terms."""
    if answer.refused:
        return {("REJECT", ()): Fraction(1)}
    if answer.status is not None:
        return {(str(answer.status), ()): Fraction(1)}
    found: Met = {}
    for destination in answer.destinations:
        key: tuple[str, tuple[tuple[str, str], ...]] = (str(destination.status), ())
        if destination.status is None:
            headers = dict(_joined(request.headers))
            for change in destination.changes:
                headers.pop(change.name, None)
                if change.value is not None:
                    headers[change.name] = change.value
            name = destination.service + (f"|{destination.subset}" if destination.subset else "")
            key = name, _joined(tuple(headers.items()))
        if destination.percent:
            found[key] = found.get(key, Fraction(0)) + destination.percent / 100
    return found


def _joined(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return headers by name in lower case, the values of one name as one with commas.

    The values are sorted: of a name that is sent in several spellings they do not reach a Service in one order.
    """
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).extend(value.split(","))
    return tuple(sorted((name, ",".join(sorted(values))) for name, values in found.items()))
