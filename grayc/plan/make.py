"""Make the plan: claims → decisions → entries → plan, each a function from values to values."""

from collections.abc import Mapping

from grayc.diagnostics import Checked, has_errors
from grayc.documents import Document
from grayc.k8s.kinds import CORE
from grayc.plan.claims import claim_objects
from grayc.plan.decisions import decide_objects, entry_decisions, shared_decisions
from grayc.plan.entries import find_entries
from grayc.plan.index import index_of
from grayc.plan.isolate import choose_isolation
from grayc.plan.model import Action, Copy, Decision, LoadedPatch, ReleasePlan
from grayc.spec.model import ReleaseSpec


def make_plan(
    spec: ReleaseSpec, baseline: tuple[Document, ...], patches: Mapping[str, tuple[LoadedPatch, ...]]
) -> Checked[ReleasePlan]:
    """Return what the release does to each object that it touches, after errors of what could be decided.

    Args:
        baseline: every object of production, in order of place.
        patches: service name → its patches.

    Diagnostics:
        As `claim_objects`, `decide_objects` and `find_entries` report them.
    """
    index = index_of(spec, baseline)
    claims, claiming = claim_objects(spec, index)
    decided, deciding = decide_objects(spec, index, claims, patches, is_whole=not has_errors(claiming))
    released = {key: claim.service for key, claim in decided.copied.items() if key.group_kind == (CORE, "Service")}
    # A service that was not found opens no entry: that is one mistake, not two.
    is_whole = not has_errors((*claiming, *deciding))
    entries, opening = find_entries(spec, index, released, is_whole=is_whole)
    rows = (*decided.rows, *entry_decisions(spec, claims.claims, entries))
    decisions = _in_order(spec, (*rows, *shared_decisions(spec, index, rows, decided.copied)))
    copies = _copies(spec, decisions)
    isolation, relabelled = choose_isolation(spec, baseline, copies)
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
    )
    return Checked(value=plan, diagnostics=(*claiming, *deciding, *opening))


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
