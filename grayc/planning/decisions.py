"""Decide for every object of a service: copied, shared, left out or opened, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.analysis.attachments import names_of, way_of
from grayc.analysis.graph import is_workload, references_of, rows_of_spec, sibling_target
from grayc.analysis.removed import removed_api
from grayc.analysis.text_names import names_in_text
from grayc.analysis.work import scales_by_queue
from grayc.diagnostics import Diagnostic, Note, did_you_mean, has_errors
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object, note_at
from grayc.documents.sealed import object_sealed_by
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.alb_ingresses import gray_ingress_name
from grayc.k8s.gateways import GATEWAYS, INGRESS, GatewayName
from grayc.k8s.kinds import (
    ATTACHED,
    CLAIM_FIELDS,
    CLAIM_OF_A_CLOUD,
    CLUSTER_SCOPED,
    CONFIG_KINDS,
    CORE,
    KINDS,
    NETWORKING,
    UNKNOWN,
    KindRow,
    Policy,
    Rank,
    kind_row,
)
from grayc.k8s.profiles import gray_mark
from grayc.k8s.references import REFERENCES
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.k8s.scalers import SCALERS, TARGETS
from grayc.k8s.steering import TRAFFIC_ROUTING
from grayc.plan.model import Action, CopiedNames, Decision, Entry, LoadedPatch, key_of
from grayc.plan.reasons import Reason, Why, because
from grayc.planning.claims import Claim, Claims, service_path
from grayc.planning.entries import Entries
from grayc.planning.index import BaselineIndex
from grayc.planning.sealed import sealed_by_generators, sealed_config
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec, WorkMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What becomes of the objects that services claim, but for entries.

    Attributes:
        copied: object that gets a gray copy → its claim.
    """

    rows: tuple[Decision, ...]
    copied: Mapping[ObjectKey, Claim]


_KIND_NAMES = frozenset(kind for _, kind in KINDS)
"""Kinds that `share` may name whether or not the service has one."""

Decided = tuple[Decision | None, tuple[Diagnostic, ...]]
"""What becomes of one object, None where an error keeps it undecided or its gateway decides; and what is said of it."""


def decide_objects(
    spec: ReleaseSpec,
    index: BaselineIndex,
    claims: Claims,
    patches: Mapping[str, tuple[LoadedPatch, ...]],
    *,
    is_whole: bool,
) -> tuple[Decisions, tuple[Diagnostic, ...]]:
    """Return what becomes of each claimed object, but for entries: a gateway makes their gray side.

    Args:
        is_whole: every service was found.

    Diagnostics:
        GC303: a service has no workload that is copied.
        GC306: a kind can have no gray copy.
        GC307: an API version is gone.
        GC308: an object stands in another namespace than the release.
        GC309: the baseline holds gray objects.
        GC311: `config` changes what nothing gray refers to.
        GC312: a ConfigMap or Secret is left out.
        GC313: a Service is shared.
        GC314: a kind that nobody knows is copied.
        GC316: `share` names what the service does not have.
        GC407: the same, of a kind that others have.
        GC318: an object stays with the baseline.
        GC166: a copy names a Secret whose name has a hash of what is encrypted.
        GC623: `config` changes what is encrypted.
    """
    found = [
        *_gray_in(index.documents),
        *_in_other_namespaces(spec, claims.claims),
        *_unknown_shares(spec, index, claims),
    ]
    plain, scalers, config = _by_turn(claims.claims)
    # Scalers come after what they scale, and configuration last: whether it is copied depends on who is.
    decided, said = _unzip(_decide(spec, claim) for claim in plain)
    found += said
    copied = _copied(spec, claims.claims, decided)
    is_whole = is_whole and not has_errors(found)
    scaling, said = _unzip(_decide_scaler(spec, claim, copied if is_whole else None) for claim in scalers)
    found += said
    copied |= _copied(spec, claims.claims, scaling)
    named = names_in(patches)
    certificates = _certificates(spec, index.documents)
    configured, said = _unzip(
        _decide_config(spec, claim, index, claims, copied, named=named, certificates=certificates) for claim in config
    )
    found += said
    copied |= _copied(spec, claims.claims, configured)
    addressed = tuple(_with_addresses(spec, index, copied))
    copied |= {claim.document.identity.key: claim for claim in addressed}
    places = {claim.document.place for claim in addressed}
    found += sealed_by_generators(spec, index, copied)
    rows = (
        *(row for row in (*decided, *scaling, *configured) if row.document.place not in places),
        *(_copy(spec, claim) for claim in addressed),
    )
    if is_whole and not has_errors(found):
        found += _without_workload(spec, rows)
    return Decisions(rows=rows, copied=copied), tuple(found)


def _with_addresses(spec: ReleaseSpec, index: BaselineIndex, copied: Mapping[ObjectKey, Claim]) -> Iterator[Claim]:
    """Yield the ConfigMaps and Secrets that are shared, and hold addresses that `rewriteText` makes the lane's own."""
    suffix = spec.suffix
    names = CopiedNames.of((claim.document, key.name + suffix) for key, claim in copied.items())
    seen: set[ObjectKey] = set()
    for claim in copied.values():
        if not claim.service.rewrite_text or not is_workload(claim.document):
            continue
        for reference in references_of(claim.document, spec):
            key = reference.target
            document = index.by_key.get(key) if key.group_kind in CONFIG_KINDS else None
            if document is None or key in copied or key in seen:
                continue
            found = Claim(document=document, service=claim.service, reason=because(Why.ADDRESSES))
            if not _is_shared(found) and not object_sealed_by(document) and any(names_in_text(document, names)):
                seen.add(key)
                yield found


def _by_turn(claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim], list[Claim]]:
    """Return all other claims, those of scalers, and those of ConfigMaps and Secrets."""
    plain: list[Claim] = []
    scalers: list[Claim] = []
    config: list[Claim] = []
    for claim in claims:
        group_kind = claim.document.identity.group_kind
        turn = scalers if group_kind in TARGETS else config if group_kind in CONFIG_KINDS else plain
        turn.append(claim)
    return plain, scalers, config


def _unzip(decided: Iterable[Decided]) -> tuple[tuple[Decision, ...], tuple[Diagnostic, ...]]:
    pairs = list(decided)
    return (
        tuple(decision for decision, _ in pairs if decision is not None),
        tuple(diagnostic for _, diagnostics in pairs for diagnostic in diagnostics),
    )


def _copied(spec: ReleaseSpec, claims: Iterable[Claim], decisions: Iterable[Decision]) -> dict[ObjectKey, Claim]:
    places = {decision.document.place for decision in decisions if decision.action is Action.COPY}
    return {key_of(spec, claim.document.identity): claim for claim in claims if claim.document.place in places}


def _row(claim: Claim, action: Action, reason: Reason, gray_name: str | None = None) -> Decision:
    return Decision(
        document=claim.document, service=claim.service.name, action=action, reason=reason, gray_name=gray_name
    )


def _copy(spec: ReleaseSpec, claim: Claim) -> Decision:
    is_routed = get(claim.document.data, TRAFFIC_ROUTING) is not None and is_workload(claim.document)
    reason = because(Why.WITHOUT_SHIFT, reason=claim.reason) if is_routed else claim.reason
    return _row(claim, Action.COPY, reason, claim.document.identity.name + spec.suffix)


def _gray_in(baseline: Iterable[Document]) -> Iterator[Diagnostic]:
    for document in baseline:
        label = gray_mark(get_map(document.data, ("metadata", "labels")))
        if label is not None:
            yield at_object(
                document,
                ("metadata", "labels", label),
                code="GC309",
                message=f"the baseline holds a gray object, `{document.identity.ref}`",
                help="keep the output folder of a release out of `spec.baseline`: a lane is made from production",
            )


def _in_other_namespaces(spec: ReleaseSpec, claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    if spec.namespace is None:
        return
    for claim in claims:
        identity = claim.document.identity
        if identity.namespace not in ("", spec.namespace) and identity.group_kind not in CLUSTER_SCOPED:
            yield at_object(
                claim.document,
                ("metadata", "namespace"),
                code="GC308",
                message=f"`{identity.ref}` of service `{claim.service.name}` stands in namespace "
                f"`{identity.namespace}`, the release in `{spec.namespace}`",
                notes=(Note(message="the release's namespace", span=spec.span(("spec", "namespace"))),),
                help="release it with a spec of its own, or leave `spec.namespace` out: then objects keep theirs",
            )


def _unknown_shares(spec: ReleaseSpec, index: BaselineIndex, claims: Claims) -> Iterator[Diagnostic]:
    choices_of: dict[str, set[str]] = {}
    for claim in claims.claims:
        identity = claim.document.identity
        choices = choices_of.setdefault(claim.service.name, set())
        choices.update((identity.kind, identity.ref))
        if claim.service.share and claim.service.rewrite_text and is_workload(claim.document):
            # What others use too is copied where `rewriteText` has something to do in it.
            for target in (reference.target for reference in references_of(claim.document, spec)):
                if target.group_kind in CONFIG_KINDS and target in index.by_key:
                    choices.update((target.group_kind[1], f"{target.group_kind[1]}/{target.name}"))
    for service in spec.services:
        choices = choices_of.get(service.name, set())
        for at, shared in enumerate(service.share):
            if not choices or shared in choices:
                continue
            if shared in _KIND_NAMES:
                yield at_spec(
                    spec,
                    (*service.path, "share", at),
                    code="GC407",
                    message=f"service `{service.name}` has no `{shared}` to share",
                    help="nothing to do; take it out of `share` where it was meant to find one",
                )
            else:
                yield at_spec(
                    spec,
                    (*service.path, "share", at),
                    code="GC316",
                    message=f"service `{service.name}` has no `{shared}` to share",
                    help=did_you_mean(shared, choices, noun="kind or object"),
                )


def _decide(spec: ReleaseSpec, claim: Claim) -> Decided:
    """Decide on an object that is neither a scaler nor configuration."""
    document, service = claim.document, claim.service
    identity, group_kind = document.identity, document.identity.group_kind
    row = _row_of(document)
    gone = removed_api(document)
    if gone is not None and (row is UNKNOWN or row.policy in (Policy.COPY, Policy.ENTRY)):
        return None, (gone,)
    if identity.kind in service.share or identity.ref in service.share:
        return _row(claim, Action.SHARE, because(Why.SHARE_NAMES_IT)), ()
    if row.policy is Policy.COPY and (tool := object_sealed_by(document)):
        return _row(claim, Action.SHARE, because(Why.SEALED, tool=tool)), ()
    if service.work is WorkMode.IDLE and scales_by_queue(document):
        return _row(claim, Action.LEAVE_OUT, because(Why.IDLE)), ()
    if row is UNKNOWN and way_of(document) is not None:
        return _row(claim, Action.SHARE, because(Why.OF_ITS_KIND, text=ATTACHED)), ()
    # Whoever adds rows for a kind knows it.
    said = () if row is not UNKNOWN or any(rows_of_spec(spec, group_kind)) else (_unknown_kind(claim),)
    match row.policy:
        case Policy.COPY if group_kind == (CORE, "Service"):
            return _decide_service(spec, claim)
        case Policy.COPY:
            return _copy(spec, claim), said
        case Policy.SHARE:
            return _row(claim, Action.SHARE, _of_its_kind(row)), said
        case Policy.STAY:
            stays = at_object(
                document,
                ("kind",),
                code="GC318",
                message=f"`{identity.ref}` stays with the baseline: {row.reason}",
                help="nothing to do; release it on its own when its image changes"
                if row.rank is Rank.WORKLOAD
                else "nothing to do; where the lane needs one of its own, write it beside the lane",
            )
            return _row(claim, Action.SHARE, because(Why.STAYS, reason=_of_its_kind(row))), (*said, stays)
        case Policy.REFUSE:
            refused = at_object(
                document,
                ("kind",),
                code="GC306",
                message=f"`{identity.ref}` can have no gray copy: {row.reason}",
                help=f"write `share: [{identity.kind}]` in service `{service.name}` to leave it to the baseline",
            )
            return None, (*said, refused)
        case Policy.ENTRY:
            return None, said


def _of_its_kind(row: KindRow) -> Reason:
    return because(Why.OF_ITS_KIND, text=row.reason)


def _row_of(document: Document) -> KindRow:
    row = kind_row(document.identity.group_kind)
    if row is UNKNOWN and any(get(document.data, field) is not None for field in CLAIM_FIELDS):
        return CLAIM_OF_A_CLOUD
    return row


def _unknown_kind(claim: Claim) -> Diagnostic:
    identity = claim.document.identity
    stay = "" if identity.group_kind in REFERENCES else ", and names of other objects in it stay as they are"
    return at_object(
        claim.document,
        ("kind",),
        code="GC314",
        message=f"grayc does not know kind `{identity.kind}` of `{identity.api_version}`; it is copied{stay}",
        help=f"write `share: [{identity.kind}]` in service `{claim.service.name}` where the baseline's should be used, "
        "or name the fields that follow the copies in `spec.references`",
    )


def _decide_service(spec: ReleaseSpec, claim: Claim) -> Decided:
    document = claim.document
    if get_text(document.data, ("spec", "type")) == "ExternalName":
        reason = because(Why.EXTERNAL_NAME)
    elif not get_map(document.data, ("spec", "selector")):
        reason = because(Why.SELECTS_NOTHING)
    else:
        return _copy(spec, claim), ()
    shared = at_object(
        document,
        ("spec",),
        code="GC313",
        message=f"Service `{document.identity.name}` is shared: {reason}",
        help="nothing to do; gray pods reach it under its baseline name",
    )
    return _row(claim, Action.SHARE, reason), (shared,)


def _decide_scaler(spec: ReleaseSpec, claim: Claim, copied: Mapping[ObjectKey, Claim] | None) -> Decided:
    """Decide on what sets the replicas of a workload.

    Args:
        copied: what else is copied; None where errors keep that open.
    """
    decision, said = _decide(spec, claim)
    if decision is None or decision.action is not Action.COPY:
        return decision, said
    autoscaling = claim.service.autoscaling
    group_kind = claim.document.identity.group_kind
    if autoscaling is not None and not autoscaling.enabled and group_kind in SCALERS:
        return _row(claim, Action.LEAVE_OUT, because(Why.NO_SCALER)), said
    named = TARGETS[group_kind]
    target = ObjectKey(
        group_kind=sibling_target(claim.document, named),
        namespace=key_of(spec, claim.document.identity).namespace,
        name=get_text(claim.document.data, named),
    )
    if copied is not None and target not in copied:
        reason = because(Why.SCALES_UNCOPIED, object=f"{target.group_kind[1]}/{target.name}")
        return _row(claim, Action.LEAVE_OUT, reason), said
    return decision, said


def names_in(patches: Mapping[str, tuple[LoadedPatch, ...]]) -> frozenset[str]:
    """Return every text that stands as a whole value in some patch of the release."""
    return frozenset(
        text
        for loaded in patches.values()
        for patch in loaded
        for content in (patch.merge, patch.operations)
        for text in _texts(content)
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _certificates(spec: ReleaseSpec, baseline: Iterable[Document]) -> frozenset[tuple[str, str]]:
    """Return namespace and name of the Secrets that Ingresses serve TLS with."""
    return frozenset(
        (key_of(spec, ingress.identity).namespace, get_text(tls, ("secretName",)))
        for ingress in baseline
        if ingress.identity.group_kind == (NETWORKING, "Ingress")
        for tls in get_list(ingress.data, ("spec", "tls"))
    )


def _decide_config(
    spec: ReleaseSpec,
    claim: Claim,
    index: BaselineIndex,
    claims: Claims,
    copied: Mapping[ObjectKey, Claim],
    *,
    named: frozenset[str],
    certificates: frozenset[tuple[str, str]],
) -> Decided:
    """Decide on a ConfigMap or Secret: it is copied where `config` changes it or something gray refers to it.

    Args:
        named: texts that stand in patches, which may name it.
        certificates: of Ingresses.
    """
    document, service = claim.document, claim.service
    identity = document.identity
    key = key_of(spec, identity)
    referrers = index.referrers.get(key, [])
    used = identity.name in named or any(key_of(spec, user.identity) in copied for user in referrers)
    changed_by = claims.changed_config.get(key, ())
    if tool := object_sealed_by(document):
        said = (sealed_config(spec, claim, changed_by[0], tool),) if changed_by else ()
        return None if said else _row(claim, Action.SHARE, because(Why.SEALED, tool=tool)), said
    if changed_by:
        if used:
            return _copy(spec, claim), ()
        unread = at_spec(
            spec,
            next(
                changes.config_path(identity.name)
                for changes in changed_by[0].changes
                if identity.name in changes.config
            ),
            key=True,
            code="GC311",
            message=f"`config` changes `{identity.ref}`, but nothing gray refers to it",
            object=identity.ref,
            notes=(note_at(document, ("metadata", "name"), "the object"),),
            help="a change nobody reads has no effect: mount it or read it in a released workload, or take it out of "
            "`config`",
        )
        return None, (unread,)
    if identity.kind in service.share or identity.ref in service.share:
        return _row(claim, Action.SHARE, because(Why.SHARE_NAMES_IT)), ()
    if used:
        return _copy(spec, claim), ()
    if get_text(document.data, ("type",)) == "kubernetes.io/tls" or (key.namespace, identity.name) in certificates:
        return _row(claim, Action.SHARE, because(Why.CERTIFICATE)), ()
    if referrers:
        reason = because(Why.ONLY_USER, object=referrers[0].identity.ref)
        return _row(claim, Action.SHARE, reason), ()
    unused = at_object(
        document,
        ("metadata", "name"),
        code="GC312",
        message=f"`{identity.ref}` is left out: nothing gray refers to it",
        help="under a new name nobody would find it; mount it or read it in the workload, or write "
        f"`share: [{identity.ref}]` to say that the code reads it by name",
    )
    return _row(claim, Action.LEAVE_OUT, because(Why.NOBODY_REFERS)), (unused,)


def _without_workload(spec: ReleaseSpec, rows: Sequence[Decision]) -> Iterator[Diagnostic]:
    """Each service must have something that runs."""
    workloads = [row for row in rows if is_workload(row.document)]
    running = {row.service for row in workloads if row.action is Action.COPY}
    for service in spec.services:
        if service.name not in running:
            yield at_spec(
                spec,
                service_path(spec, service),
                code="GC303",
                message=f"service `{service.name}` has no workload to copy",
                notes=tuple(
                    note_at(row.document, ("kind",), f"`{row.document.identity.ref}` is {row.action}: {row.reason}")
                    for row in workloads
                    if row.service == service.name
                ),
                help="a copy of what is encrypted could not be opened: keep the values that need it in a Secret of its "
                "own, and the workload in a file that is not encrypted"
                if any(row.service == service.name and object_sealed_by(row.document) for row in workloads)
                else "`from` must hold the service's Deployment or StatefulSet; or name it with `workload`",
            )


def _entry_name(entry: Entry, spec: ReleaseSpec) -> str:
    """Return what the lane's object of an entry is called, the first where there are several."""
    name = entry.document.identity.name
    before = gray_ingress_name(name, "-01", spec.suffix) if entry.gateway is GatewayName.ALIYUN_ALB else ""
    return before or name + spec.suffix


def entry_decisions(spec: ReleaseSpec, claims: Iterable[Claim], entries: Entries) -> Iterator[Decision]:
    """Yield what becomes of routes: those that the rules open, and those of the services that they do not."""
    opened = set()
    for entry in entries.opened:
        opened.add(entry.document.place)
        paths = ", ".join(f"{path.host}{path.text}" for path in entry.paths)
        is_own = not GATEWAYS[entry.gateway].opens_baseline
        if entry.coloured_only:
            why = Why.COLOURS if is_own else Why.COLOURS_BASELINE
        else:
            why = Why.OPENS if is_own else Why.OPENS_BASELINE
        yield Decision(
            document=entry.document,
            service=entry.owner.name,
            action=Action.COLOUR if entry.coloured_only else Action.OPEN,
            reason=because(why, paths=paths),
            gray_name=_entry_name(entry, spec) if is_own else None,
        )
    traffic = spec.traffic
    gateways = {traffic.gateway, *(entry.gateway for entry in entries.opened)} if traffic else set()
    kinds = {kind for gateway in gateways for kind in GATEWAYS[gateway].entry_kinds} or {INGRESS}
    left = {each.document.place: each.message for each in entries.left}
    for claim in claims:
        group_kind = claim.document.identity.group_kind
        row = kind_row(group_kind)
        if row.policy is not Policy.ENTRY or claim.document.place in opened or _is_shared(claim):
            continue
        if claim.document.place in left:
            yield _row(claim, Action.SHARE, because(Why.LEFT, text=left[claim.document.place]))
        elif group_kind not in kinds:
            yield _row(claim, Action.SHARE, _of_its_kind(row))
        else:
            yield _row(
                claim,
                Action.LEAVE_OUT,
                because(Why.NOT_NAMED_BY_ENTRIES if traffic is not None and traffic.rules else Why.NO_RULE),
            )


def left_routes(claims: Iterable[Claim], rows: Iterable[Decision], entries: Entries) -> Iterator[Diagnostic]:
    """Yield the routes of the services' own files that stay with the baseline and that nothing else names.

    A second one would answer for the same host as production's.

    Args:
        rows: what becomes of the routes.

    Diagnostics:
        GC318: an object stays with the baseline.
    """
    told = {left.document.place for left in entries.left}
    staying = {row.document.place for row in rows if row.action is Action.SHARE}
    for claim in claims:
        document = claim.document
        kind = document.identity.group_kind
        if kind not in ROUTING_KINDS or document.place not in staying or document.place in told or _is_shared(claim):
            continue
        yield at_object(
            document,
            ("kind",),
            code="GC318",
            message=f"`{document.identity.ref}` stays with the baseline: a second one would take the same requests",
            help="nothing to do; where the lane needs an entry of this kind, write it beside the lane"
            if not any(kind in gateway.entry_kinds for gateway in GATEWAYS.values())
            else "nothing to do; `spec.traffic` opens routes of this kind",
        )


def _is_shared(claim: Claim) -> bool:
    identity = claim.document.identity
    return identity.kind in claim.service.share or identity.ref in claim.service.share


def attached_decisions(
    spec: ReleaseSpec, index: BaselineIndex, rows: Iterable[Decision], entries: Entries
) -> Iterator[Decision]:
    """Yield what is attached by name to what has a gray side: the lane gets its own of it.

    Args:
        rows: what is decided already.
    """
    rows = tuple(rows)
    decided = {row.document.place for row in rows}
    owners = {
        key_of(spec, row.document.identity): row.service
        for row in rows
        if row.action is Action.COPY and row.document.identity.group_kind == (CORE, "Service")
    }
    for entry in entries.opened:
        if not GATEWAYS[entry.gateway].opens_baseline:
            owners[key_of(spec, entry.document.identity)] = entry.owner.name
    for document in index.documents if owners else ():
        if document.place in decided:
            continue
        target = next((named.target for named in names_of(document, spec) if named.target in owners), None)
        if target is not None:
            yield Decision(
                document=document,
                service=owners[target],
                action=Action.SHARE,
                reason=because(Why.NAMES, object=f"{target.group_kind[1]}/{target.name}"),
            )


def shared_decisions(
    spec: ReleaseSpec, index: BaselineIndex, rows: Iterable[Decision], copied: Mapping[ObjectKey, Claim]
) -> Iterator[Decision]:
    """Yield what the copies use as it is, so that the plan shows the whole of what gray pods touch.

    Args:
        rows: what is decided already.
    """
    decided = {row.document.place for row in rows}
    for key, referrers in index.referrers.items():
        document = index.by_key.get(key)
        if document is None or document.place in decided or key in copied:
            continue
        user = next((user for user in referrers if key_of(spec, user.identity) in copied), None)
        if user is None:
            continue
        row = kind_row(document.identity.group_kind)
        reason = (
            _of_its_kind(row)
            if row.policy in (Policy.SHARE, Policy.STAY, Policy.ENTRY)
            else _why_shared(spec, referrers, copied)
        )
        yield Decision(
            document=document,
            service=copied[key_of(spec, user.identity)].service.name,
            action=Action.SHARE,
            reason=because(Why.USED_BY, object=user.identity.ref, reason=reason),
        )


def _why_shared(spec: ReleaseSpec, referrers: Sequence[Document], copied: Mapping[ObjectKey, Claim]) -> Reason:
    """Return why what a copy names has no copy of its own."""
    others = list(dict.fromkeys(user.identity.ref for user in referrers if key_of(spec, user.identity) not in copied))
    if not others:
        return because(Why.UNTAKEN)
    if len(others) == 1:
        return because(Why.OTHER_USES, object=others[0])
    return because(Why.OTHERS_USE, object=others[0], more=str(len(others) - 1))
