"""What a lane of provider `mse` needs around its pods: the agent gets into them, and into those that call them."""

from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.agents import (
    Why,
    absence_of,
    is_disabled,
    namespaces_of,
)
from grayc.analysis.carried import Carrier, unseen_cause
from grayc.analysis.chain import CallGraph
from grayc.analysis.graph import has_own_pods, pod_labels
from grayc.analysis.registrations import config_texts, registrations_of
from grayc.diagnostics import Diagnostic, Note, shell
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_map, show_path
from grayc.k8s.lane_labels import APPLICATION
from grayc.k8s.mse_agent import (
    AGENT_OPTION,
    NAMESPACE_ENABLED,
    NAMESPACE_LABEL,
    SWITCH,
    SWITCH_OFF,
    SWITCH_ON,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import MSE_TAG, PROVIDERS
from grayc.plan.model import ReleasePlan
from grayc.plan.reasons import Reason
from grayc.source import Span


def check_agent(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what would keep the agent from seeing gray pods and their callers, or the lane's tag from being theirs.

    Only what the files prove is reported, and only for the lane provider `mse`.

    Diagnostics:
        GC470: the baseline's Namespace lacks the label that lets the agent in.
        GC471: the Namespace is not in the baseline; the label is left to the reader.
        GC472: the agent's switch is no text, so the cluster would refuse the pods.
        GC473: the switch of gray pods is off, or is not on any more.
        GC474: pods keep the injector out, and load no agent themselves.
        GC477: baseline pods carry the lane's tag.
        GC482: a label of the agent stands where the agent does not look for it.
        GC483: pods of the baseline on the lane's way get no agent.
    Source: `grayc.k8s.mse_agent`.
    """
    if not PROVIDERS[plan.spec.lane.provider].has_agent:
        return ()
    workloads = tuple(document for document in documents if has_own_pods(document) and plan.is_copy(document))
    namespaces = namespaces_of(plan.baseline)
    diagnostics = [*_namespaces(workloads, documents, namespaces, plan), *_tagged_baseline(plan)]
    for document in workloads:
        diagnostics += _switch(document, plan)
        diagnostics += _misplaced(plan.copy_of(document).document)
        diagnostics += _injection(document)
    diagnostics += _callers(workloads, namespaces, plan)
    return tuple(diagnostics)


def _namespaces(
    workloads: tuple[Document, ...],
    documents: tuple[Document, ...],
    namespaces: Mapping[str, Document],
    plan: ReleasePlan,
) -> Iterator[Diagnostic]:
    """Yield what is missing on the namespaces of the lane's pods and their baseline's, each once.

    Pods with a switch of their own need no label of their namespace. Where call paths are declared, GC391 tells of a
    Namespace that is not in the baseline.
    """
    routes = CallGraph(plan).routes(Carrier(plan, documents)) if plan.spec.calls else ()
    told = {hop.edge.cause for route in routes for hop in route.hops if hop.edge is not None and not hop.edge.told_by}
    first: dict[str, Document] = {}
    for document in workloads:
        both = (document, plan.copy_of(document).document)
        if any(pod_labels(each).get(SWITCH) not in (SWITCH_ON, SWITCH_OFF) for each in both):
            first.setdefault(plan.key_of(document.identity).namespace, document)
    for name in sorted(first):
        if not name:
            continue  # Whoever applies the output chooses the namespace.
        command = shell.command("kubectl", "label", f"namespace/{name}", f"{NAMESPACE_LABEL}={NAMESPACE_ENABLED}")
        namespace = namespaces.get(name)
        if namespace is None and unseen_cause(name) in told:
            continue
        if namespace is None:
            spec = plan.spec
            yield Diagnostic(
                code="GC471",
                message=f"namespace `{name}` is not in the baseline: whether it has the label "
                f"`{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}`, by which the MSE agent gets into its pods, cannot be seen",
                span=spec.span(("spec", "namespace"))
                if spec.namespace == name
                else first[name].span(("metadata", "namespace")),
                object=f"Namespace/{name}",
                help=f"run `{command}` once, or add the Namespace's manifest to `spec.baseline`",
            )
            continue
        if is_disabled(namespace):
            value = get(namespace.data, ("metadata", "labels", NAMESPACE_LABEL))
            yield Diagnostic(
                code="GC470",
                message=f"Namespace `{name}` "
                + (
                    f"lacks the label `{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}`"
                    if value is None
                    else f"has `{NAMESPACE_LABEL}: {_shown(value)}`, not `{NAMESPACE_ENABLED}`"
                )
                + f': the MSE agent gets only into pods with `{SWITCH}: "{SWITCH_ON}"` of their own',
                span=namespace.span(("metadata", "labels", NAMESPACE_LABEL))
                if value is not None
                else namespace.span(("metadata", "name")),
                field=show_path(("metadata", "labels", NAMESPACE_LABEL)),
                object=namespace.identity.ref,
                help=f"add the label to the manifest, or run `{command}`, and start the pods anew, since only new ones "
                f'get the agent; or give each application `{SWITCH}: "{SWITCH_ON}"`',
            )


def _tagged_baseline(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the workloads of production whose pods the agent would take for the lane's."""
    for document in plan.baseline:
        if has_own_pods(document) and pod_labels(document).get(MSE_TAG) == plan.spec.tag:
            path = _label_path(document, MSE_TAG)
            yield at_object(
                document,
                path,
                code="GC477",
                message=f"baseline pods of `{document.identity.ref}` carry the lane's own tag, `{MSE_TAG}: "
                f"{plan.spec.tag}`: requests of the lane would reach them",
                notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                help="take the label off the baseline, or give the release another tag",
            )


def _switch(document: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    copy = plan.copy_of(document)
    value, before = pod_labels(document).get(SWITCH), pod_labels(copy.document).get(SWITCH)
    path = _label_path(document, SWITCH)

    def span() -> Span:
        if value == before and SWITCH in pod_labels(copy.document):
            return copy.document.span(path)
        return plan.spec.span((*copy.service.path, "patches"), key=True)

    if SWITCH in pod_labels(document) and not isinstance(value, str):
        yield Diagnostic(
            code="GC472",
            message=f"`{SWITCH}` of `{document.identity.ref}` is {_shown(value)}, and a label is text: the "
            "cluster would refuse the pods",
            span=span(),
            field=show_path(path),
            object=document.identity.ref,
            help=f'write `{SWITCH}: "{SWITCH_OFF if value is False else SWITCH_ON}"`, with the quotes: without them, '
            "YAML reads on and off as true and false",
        )
    elif value not in (None, SWITCH_ON) or (value is None and before == SWITCH_ON):
        yield Diagnostic(
            code="GC473",
            message=f"gray pods of `{document.identity.ref}` have "
            + (
                f"no `{SWITCH}`, the baseline's have `{SWITCH_ON}`"
                if value is None
                else f"`{SWITCH}: {value}`, not `{SWITCH_ON}`"
            )
            + ": the MSE agent does not see them",
            span=span(),
            field=show_path(path),
            object=document.identity.ref,
            help=f'write `{SWITCH}: "{SWITCH_ON}"`; or accept the finding where the service needs no agent',
        )


def _label_path(document: Document, label: str) -> Path:
    return (*WORKLOADS[document.identity.group_kind].template, "metadata", "labels", label)


def _shown(value: object) -> str:
    """Return a value as YAML writes it, in backticks."""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _misplaced(workload: Document) -> Iterator[Diagnostic]:
    """Yield labels of the agent that stand on the workload itself, or among annotations, and not on its pods.

    Source: ack-onepilot reads labels of pods; that older injectors read annotations is why they are found there.
    """
    template = (*WORKLOADS[workload.identity.group_kind].template, "metadata")
    for label in (SWITCH, APPLICATION):
        if label in pod_labels(workload):
            continue
        for place in ((*template, "annotations"), ("metadata", "labels"), ("metadata", "annotations")):
            if label in get_map(workload.data, place):
                yield at_object(
                    workload,
                    (*place, label),
                    code="GC482",
                    message=f"`{label}` of `{workload.identity.ref}` stands in `{show_path(place)}`, and the agent "
                    "reads it from the labels of pods",
                    help=f"move it to `{show_path((*template, 'labels'))}`; only new pods get the agent",
                )
                break


def _injection(document: Document) -> Iterator[Diagnostic]:
    """Yield a pod that keeps the injector out of its options and loads no agent itself."""
    found = absence_of(document, {}, "")
    if found is not None and found.why is Why.INJECTION:
        yield at_object(
            document,
            found.path,
            code="GC474",
            message=f"gray pods of `{document.origin.ref}` {found.text}: the MSE agent does not get in",
            help=f"take the label away, or load MSE's agent by `{AGENT_OPTION}` in the image's options",
        )


def _callers(
    workloads: tuple[Document, ...], namespaces: Mapping[str, Document], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    """Yield the pods of the baseline on the lane's way that get no agent, by the path that they are on.

    Those are the callers on the paths of `spec.calls`, released workloads whose gray copies get the agent, and all that
    use a registry in which released workloads register.
    """
    told: set[tuple[str, int, Path]] = set()
    by_path: list[tuple[str, list[tuple[Document, Reason]], Note | None]] = []
    # Who selects whom is asked for paths alone.
    graph = CallGraph(plan) if plan.spec.calls else None
    for route in graph.routes(Carrier(plan)) if graph is not None else ():
        found = []
        for at, hop in enumerate(route.hops):
            # Where the lane's own requests pass a service of the baseline, GC486 tells.
            is_told = route.is_entered and not hop.service and bool(plan.entries)
            if graph is not None and not is_told and any(later.service for later in route.hops[at + 1 :]):
                found += _without_agent(graph.workloads_of(hop.name), namespaces, plan, told)
        shown = f"path `{' -> '.join(hop.name for hop in route.hops)}`"
        by_path.append((shown, found, Note(message="the path", span=plan.spec.span(route.call.path))))
    gray = [
        plan.copy_of(document).document
        for document in workloads
        if absence_of(document, namespaces, plan.key_of(document.identity).namespace) is None
    ]
    by_path.append(("the lane's services", _without_agent(gray, namespaces, plan, told), None))
    by_path += [
        (f"what uses {registry} too", _without_agent(found, namespaces, plan, told), None)
        for registry, found in _on_registries(workloads, plan)
    ]
    for shown, found, note in by_path:
        if found:
            document, _ = found[0]
            yield at_object(
                document,
                ("metadata", "name"),
                code="GC483",
                message=f"baseline pods of {shown} get no MSE agent: "
                + _by_reason(found)
                + ": they lead no call by its tag, and where a registry names instances, they take gray ones too",
                notes=(note,) if note else (),
                help="let the agent into them, and start them anew, since only new pods get it; or accept it where "
                "they call by Services and pass the header on themselves",
            )


def _by_reason(found: Iterable[tuple[Document, Reason]]) -> str:
    """Return workloads in words, those without an agent for the same reason together."""
    reasons: dict[Reason, list[str]] = {}
    for document, why in found:
        reasons.setdefault(why, []).append(f"`{document.identity.ref}`")
    return "; ".join(f"those of {', '.join(names)} {why}" for why, names in reasons.items())


def _on_registries(workloads: tuple[Document, ...], plan: ReleasePlan) -> Iterator[tuple[str, list[Document]]]:
    """Yield the registries of released workloads, in words, and who uses each of them in the baseline.

    A registry whose address a jar holds is not known to be that of another workload.
    """
    texts = config_texts(plan.baseline, plan.spec.namespace or "")
    used = {
        found.registry
        for document in workloads
        for found in registrations_of(plan.copy_of(document).document, texts)
        if found.server and found.is_registered
    }
    users: dict[str, list[Document]] = {}
    for document in plan.baseline if used else ():
        if has_own_pods(document):
            for found in registrations_of(document, texts):
                if found.registry in used:
                    users.setdefault(found.registry, []).append(document)
    yield from sorted(users.items())


def _without_agent(
    workloads: Iterable[Document],
    namespaces: Mapping[str, Document],
    plan: ReleasePlan,
    told: set[tuple[str, int, Path]],
) -> list[tuple[Document, Reason]]:
    found = []
    for document in workloads:
        absence = absence_of(document, namespaces, plan.key_of(document.identity).namespace)
        if absence is not None and document.place not in told:
            told.add(document.place)
            found.append((document, absence.text))
    return found
