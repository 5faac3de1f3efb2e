"""Make the plan: claims → decisions → entries → plan, each a function from values to values."""

from collections.abc import Iterable, Iterator, Mapping
from math import prod

from grayc.analysis.traffic import asks_of
from grayc.diagnostics import Checked, Diagnostic, has_errors
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import Action, Copy, Decision, Entry, LoadedPatch, ReleasePlan, key_of
from grayc.planning.added_references import check_added
from grayc.planning.claims import claim_objects
from grayc.planning.decisions import (
    attached_decisions,
    decide_objects,
    entry_decisions,
    left_routes,
    shared_decisions,
)
from grayc.planning.entries import find_entries
from grayc.planning.generated import with_generated_names
from grayc.planning.index import index_of
from grayc.planning.isolate import choose_isolation
from grayc.planning.named import class_named
from grayc.planning.namespaces import check_namespaces, place_baseline
from grayc.planning.provider import check_provider
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Part, ReleaseSpec

MAX_MATCHES = 50_000
"""Conditions of a release's rules times the paths that it opens: gateways have each written out. GC220."""

MAX_RULES = 5_000
"""Rules of a release: gateways have an object, or a match, for each. GC220."""


def make_plan(
    spec: ReleaseSpec, baseline: tuple[Document, ...], patches: Mapping[str, tuple[LoadedPatch, ...]]
) -> Checked[ReleasePlan]:
    """Return what the release does to each object that it touches, after errors of what could be decided.

    Args:
        baseline: every object of production, in order of place.
        patches: service name → its patches.

    Diagnostics:
        GC163: a chart makes up what the lane uses.
        GC220: there are more rules, or the rules and paths make more matches, than any gateway takes.
        And those that `check_provider`, `check_namespaces`, `check_added`, `claim_objects`, `decide_objects`,
        `find_entries`, `left_routes` and `class_named` report.
    """
    baseline = place_baseline(spec, baseline)
    index = index_of(spec, baseline)
    spec = with_generated_names(spec, index)
    placing = check_namespaces(spec, index)
    claims, claiming = claim_objects(spec, index)
    claiming = (*check_provider(spec, index), *placing, *check_added(spec, baseline), *claiming)
    decided, deciding = decide_objects(spec, index, claims, patches, is_whole=not has_errors(claiming))
    released = {key: claim.service for key, claim in decided.copied.items() if key.group_kind == (CORE, "Service")}
    copied = {key.name for key in decided.copied if key.group_kind == (CORE, "Service") or key.group_kind in WORKLOADS}
    # A service that was not found opens no entry: that is one mistake, not two.
    is_whole = not has_errors((*claiming, *deciding))
    found, opening = find_entries(spec, index, released, copied, is_whole=is_whole)
    entries = found.opened
    too_many = _too_many_matches(spec, entries)
    if too_many:
        return Checked(value=None, diagnostics=(*claiming, *deciding, *opening, *too_many))
    opening_rows = tuple(entry_decisions(spec, claims.claims, found))
    opening = (*opening, *left_routes(claims.claims, opening_rows, found))
    rows = (*decided.rows, *opening_rows)
    rows = (*rows, *attached_decisions(spec, index, rows, found))
    decisions = _in_order(spec, (*rows, *shared_decisions(spec, index, rows, decided.copied)))
    copies = _copies(spec, decisions)
    gray_names = {key_of(spec, copy.document.identity): copy.gray_name for copy in copies}
    named, naming = class_named(spec, index, copies, gray_names) if is_whole else ((), ())
    isolation, relabelled = choose_isolation(spec, baseline, copies)
    made_up = tuple(_made_up(decisions))
    plan = ReleasePlan(
        spec=spec,
        baseline=baseline,
        copies=copies,
        decisions=decisions,
        entries=entries,
        rules=spec.traffic.rules if spec.traffic else (),
        isolation=isolation,
        relabelled=relabelled,
        patches=patches,
        changed_config=claims.changed_config,
        named=named,
    )
    return Checked(value=plan, diagnostics=(*claiming, *deciding, *opening, *naming, *made_up))


def _made_up(decisions: Iterable[Decision]) -> Iterator[Diagnostic]:
    """Yield the objects that the lane uses and that a chart makes up anew each time: the output would never be done."""
    for document in made_up_objects(decisions):
        yield at_made_up(
            document,
            code="GC163",
            message=f"{show_made_up(document)}: it is not what is in production",
            help="give what the chart makes up (`randAlphaNum`, `genCA`, `now`, `uuidv4`) a fixed value in a values "
            "file, or let the chart take the name of a Secret that is there",
        )


def made_up_objects(decisions: Iterable[Decision]) -> Iterator[Document]:
    """Yield the objects that the lane uses and that a chart makes up anew each time, each once."""
    seen: set[object] = set()
    for decision in decisions:
        document = decision.document
        if document.is_made_up and decision.action is not Action.LEAVE_OUT and document.place not in seen:
            seen.add(document.place)
            yield document


def at_made_up(document: Document, *, code: str, message: str, help: str) -> Diagnostic:
    """Return a finding about an object that differs each time.

    It points at the name of the object: the line of a field that differs would be another one each time.
    """
    found = at_object(document, ("metadata", "name"), code=code, message=message, help=help)
    return replace(found, field=show_path(document.made_up[0]))


def show_made_up(document: Document) -> str:
    """Return in words that an object differs each time, and where; the values are made up, and none is shown."""
    named = ", ".join(f"`{show_path(path)}`" if path else "its fields" for path in document.made_up[:_MOST_NAMED])
    more = len(document.made_up) - _MOST_NAMED
    return (
        f"`{document.identity.ref}` differs each time that `{document.chunk.source.origin}` is rendered, in "
        f"{named}{f' and {more} more' if more > 0 else ''}"
    )


_MOST_NAMED = 3


def _too_many_matches(spec: ReleaseSpec, entries: Iterable[Entry]) -> tuple[Diagnostic, ...]:
    """Refuse rules on routes whose every pair is written out, where that is more than any gateway takes."""
    rules = spec.traffic.rules if spec.traffic is not None else ()
    asked = sum(prod(len(ask.values) or 1 for ask in asks_of(rule) if ask.part is not Part.COOKIE) for rule in rules)
    paths = sum(len(entry.paths) for entry in entries)
    is_many = len(rules) > MAX_RULES
    if not is_many and (asked * paths <= MAX_MATCHES or min(asked, paths) == 1):
        return ()
    refused = at_spec(
        spec,
        ("spec", "traffic", "rules"),
        code="GC220",
        message=f"there are {len(rules)} rules, more than {MAX_RULES}"
        if is_many
        else f"{asked} conditions of the rules on {paths} paths are {asked * paths} matches, more than {MAX_MATCHES}",
        help="ask for one header that all testers send, or open fewer paths with `entries`",
    )
    return (refused,)


def _in_order(spec: ReleaseSpec, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    order = {service.name: at for at, service in enumerate(spec.services)}
    return tuple(sorted(decisions, key=lambda decision: (order[decision.service], decision.document.place)))


def _copies(spec: ReleaseSpec, decisions: tuple[Decision, ...]) -> tuple[Copy, ...]:
    services = {service.name: service for service in spec.services}
    return tuple(
        Copy(document=decision.document, service=services[decision.service], gray_name=decision.gray_name)
        for decision in decisions
        if decision.action is Action.COPY and decision.gray_name is not None
    )
