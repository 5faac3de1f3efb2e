"""What the witness of a build says of the requests that do not go where the rules say."""

from collections.abc import Iterator, Sequence, Set

from grayc.analysis.routes import backends_of, is_canary
from grayc.diagnostics import Diagnostic, Note
from grayc.diagnostics.shell import word
from grayc.documents import Document
from grayc.driver.witness_model import MAX_LOOKS, MAX_REQUESTS, Failure, Lane
from grayc.routing.hops import lanes_of
from grayc.routing.matching import ref_of, shown_cookie, shown_header, shown_query
from grayc.routing.model import Candidate, ObjectRef, Request, Routed
from grayc.routing.shares import place
from grayc.spec.findings import at_spec
from grayc.spec.flags import asking_words

MAX_TOLD = 20
"""Requests of one release that are reported; of those with one cause, the first only."""

_MAX_OWN = 3


def told(lane: Lane, after: Sequence[Document]) -> Iterator[Diagnostic]:
    """Yield what was found of a release; of requests with one cause, the first."""
    own = {ref_of(document) for document in lane.release.documents}
    first: dict[tuple[object, bool, Candidate | None], list[Failure]] = {}
    for failure in lane.failures:
        cause = (failure.way.entry.document.place, failure.percent == 0, _winner(failure, own))
        first.setdefault(cause, []).append(failure)
    for (_, _, winner), failures in list(first.items())[:MAX_TOLD]:
        yield _elsewhere(lane, failures, winner, own, after)
    for (entry, holder), failures in list(lane.of_others.items())[:MAX_TOLD]:
        yield _of_others(lane, entry, holder, failures, after)
    if len(first) > MAX_TOLD:
        spec = lane.plan.spec
        yield at_spec(
            spec,
            ("spec", "traffic", "rules"),
            key=True,
            code="GC525",
            message=f"requests of {len(first) - MAX_TOLD} more causes do not go where the rules of release "
            f"`{spec.name}` say",
            help="mend these, and build again",
        )
    if lane.unproved:
        spec = lane.plan.spec
        reason = next(iter(lane.unproved))
        more = sum(lane.unproved.values()) - 1
        yield at_spec(
            spec,
            ("spec", "traffic", "rules"),
            key=True,
            code="GC540",
            message=f"that the rules of release `{spec.name}` enter its lane is not proved everywhere: {reason}"
            + (f", and {more} more like it" if more else ""),
            help="ask such a request of the lane itself once it is applied",
        )


def _winner(failure: Failure, own: Set[ObjectRef]) -> Candidate | None:
    """Return what has the request before the lane; None where nothing has it.

    Args:
        own: the objects of the lane.
    """
    answer, entry = failure.answer, ref_of(failure.way.entry.document)
    by = answer.decided_by
    decided = None if by is None else Candidate(object=by.object, rule=by.rule, outcome="won", won=True)
    if decided is None or decided.object != entry or failure.percent == 0:
        return decided
    # The entry's own path has it: another canary on it was asked, and the lane's was not.
    asked = (
        each
        for each in answer.candidates
        if each.object != entry and each.object not in own and not each.outcome.startswith("never read")
    )
    # Of one that lets nobody in, a simulator need not tell.
    idle = (
        Candidate(object=ref_of(document), rule="canary", outcome="has the route", won=True)
        for document in failure.way.part.before
        if document.identity.kind == "Ingress" and is_canary(document)
        for backend in backends_of(document)
        if (backend.host.lower(), backend.text) == failure.way.place
    )
    return next(asked, None) or next(idle, decided)


def _elsewhere(
    lane: Lane,
    failures: Sequence[Failure],
    winner: Candidate | None,
    own: Set[ObjectRef],
    after: Sequence[Document],
) -> Diagnostic:
    """Tell of the first of the requests that one winner has."""
    failure, more = failures[0], len(failures) - 1
    plan, way, answer = lane.plan, failure.way, failure.answer
    spec, request = plan.spec, way.shape.request(failure.carried)
    goes, went = _places(failure, after)
    by = f" by `{winner.rule}` of `{winner.object}`" if winner is not None else ""
    shown = _shown(request)
    if failure.percent == 100:
        message = f"{shown} meets a rule and does not enter the lane: it goes to {goes}{by}"
    elif failure.percent:
        message = f"{failure.percent} % of {shown} is to enter the lane, and {float(failure.gray):g} % does: {goes}{by}"
    else:
        message = (
            f"{shown} meets no rule and does not stay where it is: it goes to {goes}{by}, without the lane to {went}"
        )
    rule = failure.carried.rule
    path = rule.path if rule is not None else ("spec", "traffic", "rules")
    notes = [Note(message=f"ask it: {_command(lane, request)}")]
    if winner is not None and winner.object not in own:
        there = next((document for document in after if ref_of(document) == winner.object), None)
        if there is not None:
            notes.append(Note(message=f"`{winner.object}` has the request", span=there.span(("metadata", "name"))))
    notes += [
        Note(message=f"`{each.object}`, {each.rule}: {each.outcome}")
        for each in answer.candidates
        if each.object in own and not each.won
    ][:_MAX_OWN]
    if more:
        notes.append(Note(message=f"{more} more request{'' if more == 1 else 's'} for the same reason"))
    return at_spec(
        spec,
        path,
        key=rule is None,
        code="GC525",
        message=message,
        object=way.entry.document.identity.ref,
        notes=tuple(notes),
        help="take away what has the request before the lane, let the rules ask for something else, or open other "
        "entries with `spec.traffic.entries`",
    )


def _of_others(
    lane: Lane, entry: ObjectRef, holder: ObjectRef, failures: Sequence[Failure], after: Sequence[Document]
) -> Diagnostic:
    """Tell of requests that enter the lane by a path of an entry that has none of them in production."""
    failure, more = failures[0], len(failures) - 1
    goes, went = _places(failure, after)
    request = failure.way.shape.request(failure.carried)
    rule = failure.carried.rule
    there = next((document for document in after if ref_of(document) == holder), None)
    notes = [Note(message=f"ask it: {_command(lane, request)}")]
    if there is not None:
        notes.append(Note(message=f"`{holder}` has the request today", span=there.span(("metadata", "name"))))
    if more:
        notes.append(Note(message=f"{more} more request{'' if more == 1 else 's'} for the same reason"))
    return at_spec(
        lane.plan.spec,
        rule.path if rule is not None else ("spec", "traffic", "rules"),
        key=rule is None,
        code="GC542",
        message=f"{_shown(request)} does not come in by `{entry}` today: `{holder}` leads it to {went}, and with the "
        f"lane it goes to {goes}",
        object=failure.way.entry.document.identity.ref,
        notes=tuple(notes),
        help="give one of the two another host or path, open the entries that have such requests with "
        "`spec.traffic.entries`, or accept it",
    )


def _places(failure: Failure, after: Sequence[Document]) -> tuple[str, str]:
    """Return where a request goes with the lane, and without it, in words."""
    lanes, way = lanes_of(after), failure.way
    request = way.shape.request(failure.carried)
    goes, went = (
        place(
            Routed(
                gateway=way.part.gateway,
                request=request,
                answer=each,
                lanes=tuple(lanes.of(to) for to in each.destinations),
                hops=(),
                paths=(),
                why=(),
            )
        )
        for each in (failure.answer, failure.production)
    )
    return goes, went


def _shown(request: Request) -> str:
    """Return a request in words."""
    carried = [f"`{name}: {shown_header(name, value)}`" for name, value in request.headers]
    carried += [f"`cookie: {name}={shown_cookie(name, value)}`" for name, value in request.cookies]
    query = f"?{shown_query(request.query)}" if request.query else ""
    return f"`{request.method} {request.host}{request.path}{query}`" + (
        f" with {', '.join(carried)}" if carried else ""
    )


def _command(lane: Lane, request: Request) -> str:
    """Return the command that asks a request."""
    words = ["grayc route", *asking_words(lane.plan.spec)]
    words += [f"--host={word(request.host)}"]
    query = f"?{shown_query(request.query)}" if request.query else ""
    words.append(f"--path={word(request.path + query)}")
    if request.method != "GET":
        words.append(f"--method={word(request.method)}")
    words += [f"-H {word(f'{name}: {shown_header(name, value)}')}" for name, value in request.headers]
    words += [f"--cookie={word(f'{name}={shown_cookie(name, value)}')}" for name, value in request.cookies]
    return f"`{' '.join(words)}`"


def more_to_ask(lane: Lane, unasked: int) -> Diagnostic:
    """Tell how many requests are not asked."""
    return at_spec(
        lane.plan.spec,
        ("spec", "traffic", "rules"),
        key=True,
        code="GC541",
        message=f"{unasked} requests of the rules' proof are not asked: one run asks {MAX_REQUESTS}, of "
        f"{MAX_LOOKS} objects",
        help="every path is asked for the first value of each rule before any is for the second; build fewer releases "
        "at once to have all asked",
    )
