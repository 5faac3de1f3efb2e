"""Make the plan: for every object of a service, what happens to it and why."""

from collections.abc import Iterator, Mapping

from grayc.diagnostics import Checked, Diagnostic, Note, did_you_mean, has_errors
from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text, show_path
from grayc.k8s.kinds import AUTOSCALING, CLUSTER_SCOPED, CORE, KEDA, NETWORKING, UNKNOWN, Policy, kind_row
from grayc.k8s.lane_labels import GRAY_TYPE, TYPE, gray_suffix
from grayc.k8s.references import REFERENCES
from grayc.k8s.removed_apis import REMOVED_APIS
from grayc.plan.entries import find_entries
from grayc.plan.graph import is_workload, rows_of_spec, sibling_target
from grayc.plan.isolate import choose_isolation
from grayc.plan.model import (
    Action,
    Copy,
    Decision,
    Entry,
    LoadedPatch,
    ObjectKey,
    ReleasePlan,
    group_kind_of,
    key_of,
)
from grayc.plan.services import BaselineIndex, Claim, claim_objects
from grayc.plan.ways import ENTRY_KINDS, INGRESS
from grayc.spec.model import CopyConfig, HeaderRule, ReleaseSpec, ServiceSpec

MAX_MATCHES = 50_000
"""Conditions of a release's rules times the paths that it opens: gateways have each written out. GC220."""

_CONFIG_KINDS = ((CORE, "ConfigMap"), (CORE, "Secret"))
_SCALERS = ((AUTOSCALING, "HorizontalPodAutoscaler"), (KEDA, "ScaledObject"))


def make_plan(
    spec: ReleaseSpec, baseline: tuple[Document, ...], patches: Mapping[str, tuple[LoadedPatch, ...]]
) -> Checked[ReleasePlan]:
    """Return what the release does to each object that it touches, after errors of what could be decided.

    Args:
        baseline: every object of production, in order of place.
        patches: service name → its patches.

    Diagnostics:
        GC3xx as `claim_objects`, `find_entries` and `_Planner` report them.
    """
    planner = _Planner(spec, baseline, patches)
    return planner.plan()


class _Planner:
    """One run of `make_plan`: what it has found out so far."""

    def __init__(
        self, spec: ReleaseSpec, baseline: tuple[Document, ...], patches: Mapping[str, tuple[LoadedPatch, ...]]
    ) -> None:
        self.spec = spec
        self.baseline = baseline
        self.patches = patches
        self.index = BaselineIndex(spec, baseline)
        self.diagnostics: list[Diagnostic] = []
        self.decisions: list[Decision] = []
        self.copied: dict[ObjectKey, Claim] = {}
        self.changed_config: dict[ObjectKey, tuple[ServiceSpec, ...]] = {}
        self.suffix = gray_suffix(spec.tag)
        # Certificates of Ingresses: namespace and name of their Secrets.
        self.certificates = {
            (key_of(spec, ingress.identity).namespace, get_text(tls, ("secretName",)))
            for ingress in baseline
            if group_kind_of(ingress.identity) == (NETWORKING, "Ingress")
            for tls in get_list(ingress.data, ("spec", "tls"))
        }

    def plan(self) -> Checked[ReleasePlan]:
        """Decide on everything and return the plan."""
        self._refuse_gray_baseline()
        claims, diagnostics = claim_objects(self.spec, self.index)
        self.diagnostics += diagnostics
        claims = self._add_configured(claims)
        self._check_namespaces(claims)
        self._check_share(claims)
        pending: list[Claim] = []
        for claim in claims:
            if group_kind_of(claim.document.identity) in _CONFIG_KINDS:
                pending.append(claim)
            else:
                self._decide(claim)
        # Configuration comes last: whether it is copied depends on who is.
        for claim in pending:
            self._decide_config(claim)
        if not has_errors(self.diagnostics):
            self._check_workloads()
        released = {key: claim.service for key, claim in self.copied.items() if key.group_kind == (CORE, "Service")}
        entries, found = find_entries(self.spec, self.index, released)
        # A service that was not found opens no entry: that is one mistake, not two.
        lost = has_errors(self.diagnostics)
        self.diagnostics += (item for item in found if not (lost and item.code == "GC321"))
        if self._has_too_many_matches(entries):
            return Checked(value=None, diagnostics=tuple(self.diagnostics))
        self._decide_entries(claims, entries)
        self._add_shared()
        order = {service.name: at for at, service in enumerate(self.spec.services)}
        self.decisions.sort(key=lambda decision: (order[decision.service], decision.document.place))
        copies = tuple(
            Copy(
                document=decision.document,
                service=self.spec.services[order[decision.service]],
                gray_name=decision.gray_name,
            )
            for decision in self.decisions
            if decision.action is Action.COPY and decision.gray_name is not None
        )
        isolation, relabelled = choose_isolation(self.spec, self.baseline, copies)
        plan = ReleasePlan(
            spec=self.spec,
            baseline=self.baseline,
            copies=copies,
            decisions=tuple(self.decisions),
            entries=entries,
            rules=self.spec.traffic.rules if self.spec.traffic else (),
            isolation=isolation,
            relabelled=relabelled,
            patches=self.patches,
            changed_config=self.changed_config,
        )
        return Checked(value=plan, diagnostics=tuple(self.diagnostics))

    def _report(  # noqa: PLR0917 - in the order in which a finding is read
        self, code: str, message: str, document: Document, path: Path, help: str, notes: tuple[Note, ...] = ()
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                code=code,
                message=message,
                span=document.span(path),
                field=show_path(path),
                object=document.identity.ref,
                notes=notes,
                help=help,
            )
        )

    def _refuse_gray_baseline(self) -> None:
        for document in self.baseline:
            if get_text(document.data, ("metadata", "labels", TYPE)) == GRAY_TYPE:
                self._report(
                    "GC309",
                    f"the baseline holds a gray object, `{document.identity.ref}`",
                    document,
                    ("metadata", "labels", TYPE),
                    "keep the output folder of a release out of `spec.baseline`: a lane is made from production",
                )

    def _add_configured(self, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """Add the ConfigMaps and Secrets that `config` names; they are copied whoever else has them."""
        known = {key_of(self.spec, claim.document.identity) for claim in claims}
        added: list[Claim] = []
        choices = [
            document.identity.name for document in self.baseline if group_kind_of(document.identity) in _CONFIG_KINDS
        ]
        namespaces: dict[str, set[str]] = {service.name: set() for service in self.spec.services}
        for claim in claims:
            if is_workload(claim.document):
                namespaces[claim.service.name].add(key_of(self.spec, claim.document.identity).namespace)
        for service in self.spec.services:
            for name in service.config:
                found = [
                    document
                    for namespace in sorted(namespaces[service.name])
                    for kind in _CONFIG_KINDS
                    if (document := self.index.by_key.get(ObjectKey(group_kind=kind, namespace=namespace, name=name)))
                    is not None
                ]
                path = (*service.path, "config", name)
                field = f"spec.services[{service.path[-1]}].config.{name}"
                if len(found) == 1:
                    key = key_of(self.spec, found[0].identity)
                    self.changed_config[key] = (*self.changed_config.get(key, ()), service)
                    if key not in known:
                        known.add(key)
                        added.append(Claim(document=found[0], service=service, reason="`config` changes it"))
                elif namespaces[service.name]:
                    self.diagnostics.append(
                        Diagnostic(
                            code="GC310",
                            message=f"the baseline has no ConfigMap or Secret `{name}`"
                            if not found
                            else f"`{name}` names {len(found)} objects",
                            span=self.spec.span(path, key=True),
                            field=field,
                            notes=tuple(
                                Note(message=f"`{document.identity}`", span=document.span(("metadata", "name")))
                                for document in found
                            ),
                            help=did_you_mean(name, choices, noun="ConfigMap or Secret")
                            if not found
                            else "give the two different names in the baseline",
                        )
                    )
        return (*claims, *added)

    def _check_namespaces(self, claims: tuple[Claim, ...]) -> None:
        wanted = self.spec.namespace
        for claim in claims:
            identity = claim.document.identity
            if (
                wanted is not None
                and identity.namespace not in ("", wanted)
                and group_kind_of(identity) not in CLUSTER_SCOPED
            ):
                self._report(
                    "GC308",
                    f"`{identity.ref}` of service `{claim.service.name}` stands in namespace `{identity.namespace}`, "
                    f"the release in `{wanted}`",
                    claim.document,
                    ("metadata", "namespace"),
                    "release it with a spec of its own, or leave `spec.namespace` out: then objects keep theirs",
                    notes=(Note(message="the release's namespace", span=self.spec.span(("spec", "namespace"))),),
                )

    def _check_share(self, claims: tuple[Claim, ...]) -> None:
        choices_of: dict[str, set[str]] = {}
        for claim in claims:
            identity = claim.document.identity
            choices_of.setdefault(claim.service.name, set()).update((identity.kind, identity.ref))
        for service in self.spec.services:
            choices = choices_of.get(service.name, set())
            for at, shared in enumerate(service.share):
                if choices and shared not in choices:
                    self.diagnostics.append(
                        Diagnostic(
                            code="GC316",
                            message=f"service `{service.name}` has no `{shared}` to share",
                            span=self.spec.span((*service.path, "share", at)),
                            field=f"spec.services[{service.path[-1]}].share[{at}]",
                            help=did_you_mean(shared, choices, noun="kind or object"),
                        )
                    )

    def _copy(self, claim: Claim) -> None:
        self.copied[key_of(self.spec, claim.document.identity)] = claim
        self._record(claim, Action.COPY, claim.reason, claim.document.identity.name + self.suffix)

    def _record(self, claim: Claim, action: Action, reason: str, gray_name: str | None = None) -> None:
        self.decisions.append(
            Decision(
                document=claim.document,
                service=claim.service.name,
                action=action,
                reason=reason,
                gray_name=gray_name,
            )
        )

    def _decide(self, claim: Claim) -> None:
        document, service = claim.document, claim.service
        identity = document.identity
        row = kind_row(group_kind_of(identity))
        removed = REMOVED_APIS.get((identity.api_version, identity.kind))
        if removed is not None and (row is UNKNOWN or row.policy in (Policy.COPY, Policy.ENTRY)):
            self._report(
                "GC307",
                f"`{identity.api_version}` has no `{identity.kind}` since Kubernetes {removed.since}",
                document,
                ("apiVersion",),
                f"write `apiVersion: {removed.use}`, and the fields as that version has them",
            )
            return
        if identity.kind in service.share or identity.ref in service.share:
            self._record(claim, Action.SHARE, "`share` names it")
            return
        # Whoever adds rows for a kind knows it.
        if row is UNKNOWN and not any(rows_of_spec(self.spec, group_kind_of(identity))):
            stay = (
                "" if group_kind_of(identity) in REFERENCES else ", and names of other objects in it stay as they are"
            )
            self._report(
                "GC314",
                f"grayc does not know kind `{identity.kind}` of `{identity.api_version}`; it is copied{stay}",
                document,
                ("kind",),
                f"write `share: [{identity.kind}]` in service `{service.name}` where the baseline's should be used, or "
                "name the fields that follow the copies in `spec.references`",
            )
        match row.policy:
            case Policy.COPY:
                self._decide_copy(claim)
            case Policy.SHARE:
                self._record(claim, Action.SHARE, row.reason)
            case Policy.STAY:
                self._record(claim, Action.SHARE, f"stays with the baseline: {row.reason}")
                self._report(
                    "GC318",
                    f"`{identity.ref}` stays with the baseline: {row.reason}",
                    document,
                    ("kind",),
                    "nothing to do; release it on its own when its image changes",
                )
            case Policy.REFUSE:
                self._report(
                    "GC306",
                    f"`{identity.ref}` can have no gray copy: {row.reason}",
                    document,
                    ("kind",),
                    f"write `share: [{identity.kind}]` in service `{service.name}` to leave it to the baseline",
                )
            case Policy.ENTRY:
                pass  # `_decide_entries` tells.

    def _decide_copy(self, claim: Claim) -> None:
        document, service = claim.document, claim.service
        group_kind = group_kind_of(document.identity)
        if group_kind == (CORE, "Service"):
            if get_text(document.data, ("spec", "type")) == "ExternalName":
                reason = "it is an address outside the cluster (ExternalName)"
            elif not get_map(document.data, ("spec", "selector")):
                reason = "it selects no pods, so someone else sets its addresses"
            else:
                self._copy(claim)
                return
            self._record(claim, Action.SHARE, reason)
            self._report(
                "GC313",
                f"Service `{document.identity.name}` is shared: {reason}",
                document,
                ("spec",),
                "nothing to do; gray pods reach it under its baseline name",
            )
            return
        if group_kind in _SCALERS and service.autoscaling is not None and not service.autoscaling.enabled:
            self._record(claim, Action.LEAVE_OUT, "`autoscaling: none`")
            return
        self._copy(claim)

    def _decide_config(self, claim: Claim) -> None:
        document, service = claim.document, claim.service
        identity = document.identity
        key = key_of(self.spec, identity)
        changed_by = self.changed_config.get(key, ())
        users = [user for user in self.index.referrers.get(key, ()) if key_of(self.spec, user.identity) in self.copied]
        in_patch = any(
            identity.name in _strings(patch.merge) or identity.name in _strings(patch.operations)
            for patches in self.patches.values()
            for patch in patches
        )
        used = bool(users) or in_patch
        if changed_by and not used:
            changer = changed_by[0]
            self.diagnostics.append(
                Diagnostic(
                    code="GC311",
                    message=f"`config` changes `{identity.ref}`, but nothing gray refers to it",
                    span=self.spec.span((*changer.path, "config", identity.name), key=True),
                    field=f"spec.services[{changer.path[-1]}].config.{identity.name}",
                    object=identity.ref,
                    notes=(Note(message="the object", span=document.span(("metadata", "name"))),),
                    help="a change nobody reads has no effect: mount it or read it in a released workload, or take it "
                    "out of `config`",
                )
            )
        elif changed_by:
            self._copy(claim)
        elif identity.kind in service.share or identity.ref in service.share:
            self._record(claim, Action.SHARE, "`share` names it")
        elif used and service.copy is CopyConfig.CHANGED:
            self._record(claim, Action.SHARE, "`copy: changed`, and the release changes nothing in it")
        elif used:
            self._copy(claim)
        elif self._serves_tls(document):
            self._record(claim, Action.SHARE, "certificate of an Ingress: a canary serves the same host with it")
        elif self.index.referrers.get(key):
            user = self.index.referrers[key][0]
            self._record(claim, Action.SHARE, f"only {user.identity.ref} uses it, which is not copied")
        else:
            self._record(claim, Action.LEAVE_OUT, "nothing gray refers to it")
            self._report(
                "GC312",
                f"`{identity.ref}` is left out: nothing gray refers to it",
                document,
                ("metadata", "name"),
                "under a new name nobody would find it; mount it or read it in the workload, or write "
                f"`share: [{identity.ref}]` to say that the code reads it by name",
            )

    def _serves_tls(self, document: Document) -> bool:
        place = (key_of(self.spec, document.identity).namespace, document.identity.name)
        return get_text(document.data, ("type",)) == "kubernetes.io/tls" or place in self.certificates

    def _check_workloads(self) -> None:
        """Each service must have something that runs, and a scaler something that is copied to scale."""
        running = {claim.service.name for claim in self.copied.values() if is_workload(claim.document)}
        for service in self.spec.services:
            if service.name not in running:
                where = "from" if service.source is not None else "name"
                self.diagnostics.append(
                    Diagnostic(
                        code="GC303",
                        message=f"service `{service.name}` has no workload to copy",
                        span=self.spec.span((*service.path, where)),
                        field=f"spec.services[{service.path[-1]}].{where}",
                        notes=tuple(
                            Note(
                                message=f"`{decision.document.identity.ref}` is {decision.action}: {decision.reason}",
                                span=decision.document.span(("kind",)),
                            )
                            for decision in self.decisions
                            if decision.service == service.name and is_workload(decision.document)
                        ),
                        help="`from` must hold the service's Deployment or StatefulSet; or name it with `workload`",
                    )
                )
        for decision in list(self.decisions):
            if decision.action is not Action.COPY or group_kind_of(decision.document.identity) not in _SCALERS:
                continue
            path: Path = ("spec", "scaleTargetRef", "name")
            target = ObjectKey(
                group_kind=sibling_target(decision.document, path),
                namespace=key_of(self.spec, decision.document.identity).namespace,
                name=get_text(decision.document.data, path),
            )
            if target not in self.copied:
                self.decisions.remove(decision)
                del self.copied[key_of(self.spec, decision.document.identity)]
                self.decisions.append(
                    Decision(
                        document=decision.document,
                        service=decision.service,
                        action=Action.LEAVE_OUT,
                        reason=f"it scales {target.group_kind[1]}/{target.name}, which is not copied",
                    )
                )

    def _has_too_many_matches(self, entries: tuple[Entry, ...]) -> bool:
        """Refuse rules on routes whose every pair is written out, where that is more than any gateway takes."""
        rules = self.spec.traffic.rules if self.spec.traffic is not None else ()
        asked = sum(len(rule.values) or 1 if isinstance(rule, HeaderRule) else 1 for rule in rules)
        paths = sum(len(entry.paths) for entry in entries)
        if asked * paths <= MAX_MATCHES or min(asked, paths) == 1:
            return False
        self.diagnostics.append(
            Diagnostic(
                code="GC220",
                message=f"{asked} conditions of the rules on {paths} paths are {asked * paths} matches, more than "
                f"{MAX_MATCHES}",
                span=self.spec.span(("spec", "traffic", "rules")),
                field="spec.traffic.rules",
                help="ask for one header that all testers send, or open fewer paths with `entries`",
            )
        )
        return True

    def _decide_entries(self, claims: tuple[Claim, ...], entries: tuple[Entry, ...]) -> None:
        opened = {entry.document.place for entry in entries}
        for entry in entries:
            paths = ", ".join(f"{path.host}{path.text}" for path in entry.paths)
            self.decisions.append(
                Decision(
                    document=entry.document,
                    service=entry.owner.name,
                    action=Action.COLOUR if entry.coloured_only else Action.OPEN,
                    reason=f"rules colour {paths}; its service is not released"
                    if entry.coloured_only
                    else f"rules open {paths}",
                    gray_name=entry.document.identity.name + self.suffix,
                )
            )
        for claim in claims:
            row = kind_row(group_kind_of(claim.document.identity))
            if row.policy is not Policy.ENTRY or claim.document.place in opened:
                continue
            traffic = self.spec.traffic
            if group_kind_of(claim.document.identity) != (ENTRY_KINDS[traffic.gateway] if traffic else INGRESS):
                self._record(claim, Action.SHARE, row.reason)
            else:
                rules = traffic is not None and bool(traffic.rules)
                self._record(
                    claim,
                    Action.LEAVE_OUT,
                    "`entries` does not name it, or no path of it leads to a released service"
                    if rules
                    else "no rule opens it, and a second ordinary Ingress would take the baseline's place",
                )

    def _add_shared(self) -> None:
        """List what the copies use as it is, so that the plan shows the whole of what gray pods touch."""
        decided = {decision.document.place for decision in self.decisions}
        for key, referrers in self.index.referrers.items():
            document = self.index.by_key.get(key)
            if document is None or document.place in decided or key in self.copied:
                continue
            users = [user for user in referrers if key_of(self.spec, user.identity) in self.copied]
            if users:
                owner = self.copied[key_of(self.spec, users[0].identity)]
                row = kind_row(group_kind_of(document.identity))
                reason = row.reason if row.policy is Policy.SHARE else "others of the baseline use it too"
                self.decisions.append(
                    Decision(
                        document=document,
                        service=owner.service.name,
                        action=Action.SHARE,
                        reason=f"{users[0].identity.ref} uses it; {reason}",
                    )
                )


def _strings(value: object) -> Iterator[str]:
    """Yield every string in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
