"""Names of copied objects in texts that nothing follows.

When this speaks: a lane whose provider routes by the header (`mse`, `istio`) is meant to call baseline names, and the
agent or sidecar finds the gray pods; there a Service's name in a text is as it should be. With `none`, nobody does, so
the call stays on the baseline: worth a note. A ConfigMap that is read by name is never found by an agent, so its name
is worth one in any lane, and so are the names by which pods of a StatefulSet find each other. With `rewriteText: true`
the names are rewritten, and there is nothing to say but where the text is not the lane's to write, or a gray pod may
not read what it now asks for.
"""

from collections.abc import Iterable, Iterator

from grayc.analysis.graph import is_workload, reference_index
from grayc.analysis.text_names import TextName, names_in_text
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.tree import get_list, get_map, get_text, show_path
from grayc.k8s.kinds import CONFIG_KINDS, CORE, RBAC
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS, Provider
from grayc.plan.model import Action, Copy, ReleasePlan
from grayc.spec.model import ServiceSpec

_RESOURCES = {"ConfigMap": "configmaps", "Secret": "secrets"}


class _Leaving:
    """Which texts lead a call to another service of the lane out of it: there where nothing carries calls."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._provider = plan.spec.lane.provider
        copies = () if PROVIDERS[self._provider].carries_calls else plan.copies
        self._owners = {plan.key_of(copy.document.identity): copy.service.name for copy in copies}

    def told(self, found: Iterable[TextName], service: ServiceSpec) -> str:
        """Return what becomes of the calls, after what names the Services; "" where none is another service's."""
        return "; calls to production's Service leave the lane" if self._is_left(found, service) else ""

    def provider(self, found: Iterable[TextName], service: ServiceSpec) -> str:
        """Return the provider by which all gray copies name each other, before what else helps; "" where it is set."""
        is_none = self._provider is Provider.NONE
        return "`lane: {provider: address}`, or " if is_none and self._is_left(found, service) else ""

    def _is_left(self, found: Iterable[TextName], service: ServiceSpec) -> bool:
        owners = (self._owners.get(name.target) for name in found if name.target.group_kind == (CORE, "Service"))
        return any(owner not in (None, service.name) for owner in owners)


def check_text(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return one note for every object that gray pods are or read whose texts hold baseline names, places in its notes.

    Diagnostics:
        GC361: texts that `rewriteText` is to rewrite stand in a ConfigMap or Secret that `share` names.
        GC362: a Role lets pods read an object by name, and not its copy, which gray pods now ask for.
        GC462: texts of a gray copy, or of what it shares, hold the baseline name of an object that is copied.
    """
    copies = {copy.document.place: copy for copy in plan.copies if not copy.service.rewrite_text}
    leaving = _Leaving(plan)
    diagnostics = []
    for document in documents:
        copy = copies.get(document.place)
        if copy is None:
            continue
        found = list(_worth_a_note(document, plan))
        if found:
            diagnostics.append(_hint(document, copy, found, leaving))
    diagnostics += _shared(plan, leaving)
    diagnostics += _not_allowed(plan)
    return tuple(diagnostics)


def _worth_a_note(document: Document, plan: ReleasePlan) -> Iterator[TextName]:
    carries_calls = PROVIDERS[plan.spec.lane.provider].carries_calls
    for name in names_in_text(document, plan.copied):
        # Peers find each other by these, and no agent or sidecar stands between them.
        is_peer = name.target in plan.copied.peers
        if is_peer or name.target.group_kind != (CORE, "Service") or not carries_calls:
            yield name


def _named(found: Iterable[TextName]) -> str:
    return ", ".join(dict.fromkeys(f"{name.target.group_kind[1]} `{name.target.name}`" for name in found))


def _hint(document: Document, copy: Copy, found: list[TextName], leaving: _Leaving) -> Diagnostic:
    places = list(dict.fromkeys(name.path for name in found))
    return Diagnostic(
        code="GC462",
        message=f"texts of `{document.identity.ref}` name baseline objects that have gray copies: {_named(found)}"
        + leaving.told(found, copy.service),
        span=copy.document.span(places[0]),
        field=show_path(places[0]),
        object=document.identity.ref,
        names=tuple(dict.fromkeys(name.target.name for name in found)),
        notes=tuple(Note(message=f"`{show_path(path)}`", span=copy.document.span(path)) for path in places[1:]),
        help=f"nothing to do where the baseline's are meant; else write {leaving.provider(found, copy.service)}"
        f"`rewriteText: true` in service `{copy.service.name}`, or set the value with `env` or `config`",
    )


def _shared(plan: ReleasePlan, leaving: _Leaving) -> Iterator[Diagnostic]:
    """Yield what gray pods read of the baseline's own configuration, and finds the baseline by its text."""
    services = {service.name: service for service in plan.spec.services}
    for decision in plan.decisions:
        document = decision.document
        if decision.action is not Action.SHARE or document.identity.group_kind not in CONFIG_KINDS:
            continue
        found = list(_worth_a_note(document, plan))
        if not found:
            continue
        service = services[decision.service]
        places = list(dict.fromkeys(name.path for name in found))
        names = tuple(dict.fromkeys(name.target.name for name in found))
        notes = tuple(Note(message=f"`{show_path(path)}`", span=document.span(path)) for path in places[1:])
        if service.rewrite_text:
            yield at_object(
                document,
                places[0],
                code="GC361",
                message=f"gray pods of service `{service.name}` share `{document.identity.ref}`, whose texts name "
                f"baseline objects that have gray copies: {_named(found)}",
                names=names,
                notes=notes,
                help=f"take it out of `share` of service `{service.name}`, so that it is copied and rewritten; or "
                "accept the finding where the baseline's are meant",
            )
        else:
            yield at_object(
                document,
                places[0],
                code="GC462",
                message=f"texts of `{document.identity.ref}`, which gray pods of service `{service.name}` share, name "
                f"baseline objects that have gray copies: {_named(found)}" + leaving.told(found, service),
                names=names,
                notes=notes,
                help=f"nothing to do where the baseline's are meant; else write {leaving.provider(found, service)}"
                f"`rewriteText: true` in service `{service.name}`, which gives the lane a copy with gray names, or set "
                "the value with `env`",
            )


def _not_allowed(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the Roles by which pods read what they name in their texts, and no longer do under its gray name.

    Source: Kubernetes, "Using RBAC Authorization", "Referring to resources": `resourceNames` are exact names.
    """
    asked: dict[ObjectKey, list[Document]] = {}
    for copy in plan.copies:
        if copy.service.rewrite_text and is_workload(copy.document):
            for name in names_in_text(copy.document, plan.copied):
                if name.target.group_kind in CONFIG_KINDS:
                    asked.setdefault(name.target, []).append(copy.document)
    if not asked:
        return
    referrers = reference_index(plan.baseline, plan.spec)
    accounts = _accounts_of_roles(plan.baseline)
    for target, workloads in asked.items():
        gray = plan.gray_names[target]
        roles = [each for each in referrers.get(target, ()) if each.identity.group_kind[0] == RBAC]
        for role in roles:
            given = accounts.get((role.identity.kind, role.identity.namespace, role.identity.name), set())
            bound = [each for each in workloads if _account_of(each) in given]
            if bound and not _lets_read(role, target, gray):
                yield at_object(
                    role,
                    ("rules",),
                    code="GC362",
                    message=f"`{role.identity.ref}` lets pods read `{target.group_kind[1]}/{target.name}` by name, and "
                    f"not its copy `{gray}`, which gray pods of `{bound[0].identity.ref}` now ask for",
                    help=f"keep the baseline's name with `share: [{target.group_kind[1]}/{target.name}]`, or apply a "
                    f"Role for `{gray}` and its binding beside the lane, outside of what `spec.baseline` names",
                )


def _lets_read(role: Document, target: ObjectKey, gray: str) -> bool:
    """Tell whether a rule of a Role names an object's copy, or all of its kind."""
    resource = _RESOURCES[target.group_kind[1]]
    for rule in get_list(role.data, ("rules",)):
        if not {resource, "*"} & {str(item) for item in get_list(rule, ("resources",))}:
            continue
        names = get_list(rule, ("resourceNames",))
        if not names or gray in names:
            return True
    return False


_Account = tuple[str, str]
"""Namespace and name of a ServiceAccount."""


def _accounts_of_roles(baseline: Iterable[Document]) -> dict[tuple[str, str, str], set[_Account]]:
    """Return kind, namespace and name of a Role → the accounts that bindings give it to."""
    found: dict[tuple[str, str, str], set[_Account]] = {}
    for binding in baseline:
        if binding.identity.group_kind not in ((RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")):
            continue
        kind, name = (get_text(binding.data, ("roleRef", field)) for field in ("kind", "name"))
        home = binding.identity.namespace if kind == "Role" else ""
        accounts = found.setdefault((kind, home, name), set())
        for subject in get_list(binding.data, ("subjects",)):
            if get_text(subject, ("kind",)) == "ServiceAccount":
                namespace = get_text(subject, ("namespace",)) or binding.identity.namespace
                accounts.add((namespace, get_text(subject, ("name",))))
    return found


def _account_of(workload: Document) -> _Account:
    pod = get_map(workload.data, (*WORKLOADS[workload.identity.group_kind].template, "spec"))
    name = get_text(pod, ("serviceAccountName",)) or get_text(pod, ("serviceAccount",)) or "default"
    return workload.identity.namespace, name
